"""What counts as worse than the committed ratios."""

from pathlib import Path

import pytest

from tests.benchmarks import baseline
from tests.benchmarks.evaluation import Result, evaluate
from tests.benchmarks.rows import ROWS, Row

CPU = Row("unary-cpu", "CPU", "unary", "cpu", "µs", tolerance=0.2)
FLAT = Row("flat-cpu", "flat", "flat", "cpu", "x", against="", limit=1.25)
KNOWN: dict[str, baseline.Known] = {
    "unary-cpu": {"value": 2.0, "tolerance": 0.2},
    "flat-cpu": {"value": 1.0, "tolerance": 0.2},
}


def unary(ratio: float) -> list[Result]:
    """Return a row in which xai-sdk costs so many times as much."""
    samples = {"unary": {"xai_blocking": [{"cpu": 10.0}], "xai_sdk": [{"cpu": 10.0 * ratio}]}}
    return evaluate([CPU], samples)


def flat(growth: float) -> list[Result]:
    """Return a row in which a thousand streams cost so many times as much as ten."""
    few = {"xai_blocking": [{"cpu": 10.0, "held": 1.0}]}
    many = {"xai_blocking": [{"cpu": 10.0 * growth, "held": 1.0}]}
    samples = {"streams-10": few, "streams-1000": many}
    return evaluate([FLAT], samples)


@pytest.mark.parametrize("ratio", [1.61, 2.0, 5.0])
def test_within_the_tolerance(ratio: float) -> None:
    """A ratio that fell by less than the tolerance, or rose, is not worse."""
    assert baseline.worse(KNOWN, unary(ratio)) == []


def test_below_the_tolerance() -> None:
    """A ratio that fell by more is named, with what it was and what is allowed."""
    (line,) = baseline.worse(KNOWN, unary(1.5))
    assert line.startswith("unary-cpu: 1.50 ")
    assert "xai-sdk" in line
    assert "2.00" in line
    assert "1.60" in line


def test_a_bare_number_is_worse_when_it_grows() -> None:
    """A number without a peer is named when it grew by more than the tolerance."""
    assert baseline.worse(KNOWN, flat(1.1)) == []
    assert baseline.worse(KNOWN, flat(0.5)) == []
    (line,) = baseline.worse(KNOWN, flat(1.3))
    assert line.startswith("flat-cpu: 1.30, ")


@pytest.mark.parametrize(
    ("ratios", "worse", "noisy"),
    [
        ((1.2, 1.3, 1.4, 1.5, 1.59), 1, 0),
        ((1.2, 1.3, 1.4, 1.5, 1.7), 0, 1),
        ((1.2, 1.3, 1.7, 1.8, 1.9), 0, 0),
    ],
)
def test_what_the_spread_covers_is_noisy(ratios: tuple[float, ...], worse: int, noisy: int) -> None:
    """A ratio that is worse by its median, and allowed in one of the rounds, is called noisy."""
    ours = [{"cpu": 10.0} for _ in ratios]
    theirs = [{"cpu": 10.0 * ratio} for ratio in ratios]
    results = evaluate([CPU], {"unary": {"xai_blocking": ours, "xai_sdk": theirs}})
    assert len(baseline.worse(KNOWN, results)) == worse
    assert len(baseline.noisy(KNOWN, results)) == noisy


def test_a_bare_number_can_be_noisy() -> None:
    """So is a number without a peer, which is worse when it grows."""
    few = {"xai_blocking": [{"cpu": 10.0, "held": 1.0}] * 3}
    many = {"xai_blocking": [{"cpu": cpu, "held": 1.0} for cpu in (11.0, 13.0, 14.0)]}
    results = evaluate([FLAT], {"streams-10": few, "streams-1000": many})
    assert baseline.worse(KNOWN, results) == []
    (line,) = baseline.noisy(KNOWN, results)
    assert line.startswith("flat-cpu: 1.30, from 1.10 to 1.40;")


def test_a_missing_peer_is_worse() -> None:
    """A row of the baseline whose peer could not be measured is named."""
    results = evaluate([CPU], {"unary": {"xai_blocking": [{"cpu": 1.0}]}})
    assert baseline.worse(KNOWN, results) == ["unary-cpu: xai-sdk was not measured"]


def test_a_new_row_is_not_worse() -> None:
    """A row that the baseline doesn't know can't be worse than it."""
    assert baseline.worse({}, unary(0.1)) == []


def test_renewing_keeps_what_was_not_measured(tmp_path: Path) -> None:
    """A new baseline has the new ratios, the old tolerances and the rows not measured now."""
    path = tmp_path / "baseline.json"
    assert baseline.load(path) == {}
    known: dict[str, baseline.Known] = {**KNOWN, "unary-cpu": {"value": 2.0, "tolerance": 0.05}}
    baseline.save(path, baseline.renew(known, unary(3.0)))
    assert baseline.load(path) == {
        "unary-cpu": {"value": 3.0, "tolerance": 0.05},
        "flat-cpu": {"value": 1.0, "tolerance": 0.2},
    }
    assert baseline.renew({}, unary(3.0)) == {"unary-cpu": {"value": 3.0, "tolerance": 0.2}}


def test_the_committed_baseline_is_of_the_rows_there_are() -> None:
    """The baseline beside this file names only rows that exist, with tolerances below one."""
    known = baseline.load(Path(__file__).parent / "baseline.json")
    assert known
    assert known.keys() <= {row.name for row in ROWS}
    assert all(0 < row["tolerance"] < 1 for row in known.values())
