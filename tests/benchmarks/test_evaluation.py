"""From measured numbers to rows."""

import pytest

from tests.benchmarks.evaluation import Result, evaluate, spread
from tests.benchmarks.rows import LABELS, ROWS, Row
from tests.benchmarks.runner import Samples

CPU = Row("unary-cpu", "CPU", "unary", "cpu", "ms", 1e-3, target=2.0)
RATE = Row("threads", "rate", "threads", "rate", "/s", target=2.0, more=True)
FLAT = Row("flat-cpu", "flat", "flat", "cpu", "x", against="", limit=1.25)


def rounds(name: str, *values: float, server: float = 0.1) -> list[dict[str, float]]:
    """Return what a peer measured in each round."""
    return [{name: value, "server": server} for value in values]


def only(row: Row, samples: Samples) -> Result:
    """Return the one row there is."""
    (result,) = evaluate([row], samples)
    return result


def test_spread() -> None:
    """The spread of some numbers is their median, the least and the greatest."""
    found = spread([3.0, 9.0, 1.0, 4.0])
    assert (found.median, found.low, found.high) == (3.5, 1.0, 9.0)


def test_ratios_are_of_one_round() -> None:
    """A ratio compares numbers of the same round, so that a slow round is slow for both."""
    measured = {
        "xai_blocking": rounds("cpu", 100.0, 1000.0, 100.0),
        "xai_sdk": rounds("cpu", 300.0, 3000.0, 400.0),
    }
    result = only(CPU, {"unary": measured})
    other = result.entry("xai_sdk")
    assert other is not None
    ratio = (other.ratio.median, other.ratio.low, other.ratio.high)
    assert ratio == pytest.approx((3.0, 3.0, 4.0))
    assert other.value.median == pytest.approx(0.4)
    assert result.judged == pytest.approx(3.0)
    assert result.met is True


def test_more_is_better() -> None:
    """Where more is better, twice as much as the peer is a ratio of two."""
    samples = {"threads": {"xai_blocking": rounds("rate", 400.0), "xai_sdk": rounds("rate", 250.0)}}
    result = only(RATE, samples)
    assert result.judged == pytest.approx(1.6)
    assert result.met is False


def test_ours_come_first() -> None:
    """The numbers of this client are the first of a row, whoever was measured before."""
    samples = {"unary": {"xai_sdk": rounds("cpu", 2.0), "xai_blocking": rounds("cpu", 1.0)}}
    assert [entry.peer for entry in only(CPU, samples).entries] == ["xai_blocking", "xai_sdk"]


def test_a_missing_peer_is_no_success() -> None:
    """A target whose peer was not measured is neither met nor missed."""
    result = only(CPU, {"unary": {"xai_blocking": rounds("cpu", 1.0)}})
    assert (result.judged, result.met) == (None, None)


def test_without_ours_there_is_no_row() -> None:
    """A row in which only others were measured is left out."""
    assert evaluate([CPU], {"unary": {"xai_sdk": rounds("cpu", 1.0)}}) == []


@pytest.mark.parametrize(("many", "met"), [(11.0, True), (13.0, False)])
def test_flatness(many: float, *, met: bool) -> None:
    """A thousand streams may cost a little more than ten, each; not a third more."""
    before = [{"cpu": 10.0, "held": 5.0}]
    after = [{"cpu": many, "held": 5.0}]
    samples: Samples = {
        "streams-10": {"xai_blocking": before},
        "streams-1000": {"xai_blocking": after},
    }
    result = only(FLAT, samples)
    assert result.judged == pytest.approx(many / 10)
    assert result.met is met
    memory = Row("flat-memory", "flat", "flat", "held", "x", against="", limit=1.25)
    assert only(memory, samples).judged == pytest.approx(1.0)


def test_a_busy_server_is_flagged() -> None:
    """A number is marked when the server was busy for more than seven tenths of the time."""
    samples = {
        "unary": {
            "xai_blocking": rounds("cpu", 1.0, server=0.69),
            "xai_sdk": rounds("cpu", 1.0, server=0.71),
        }
    }
    entries = only(CPU, samples).entries
    assert [entry.flagged for entry in entries] == [False, True]


def test_the_rows_are_sound() -> None:
    """Rows have names of their own, and are measured against peers that have a label."""
    names = [row.name for row in ROWS]
    assert len(set(names)) == len(names)
    assert {row.against for row in ROWS} - {""} <= LABELS.keys()
    assert all((row.limit is not None) == (not row.against) for row in ROWS)
