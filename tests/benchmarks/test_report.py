"""The results as text."""

import pytest

from tests.benchmarks.evaluation import evaluate
from tests.benchmarks.report import everything, number, report, table, targets
from tests.benchmarks.rows import Row

ROW = Row("unary-cpu", "a call", "unary", "cpu", "µs", target=2.0)
PLAIN = Row("unary", "its latency", "unary", "wall", "µs")
SAMPLES = {
    "unary": {
        "xai_blocking": [{"cpu": 100.0, "wall": 80.0, "server": 0.1}],
        "xai_sdk": [{"cpu": 150.0, "wall": 90.0, "server": 0.9}],
        "bare_socket": [{"cpu": 25.0, "wall": 30.0, "server": 0.2}],
    }
}


def cells(line: str) -> list[str]:
    """Return the cells of a line of a table."""
    return [cell.strip() for cell in line.strip("|").split("|")]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0456, "0.05"), (4.567, "4.57"), (45.67, "45.7"), (456.7, "457"), (45678.9, "45,679")],
)
def test_numbers(value: float, text: str) -> None:
    """Numbers have about three digits, and big ones a comma."""
    assert number(value) == text


def test_a_table_is_aligned() -> None:
    """All lines of a table are equally long, and texts and numbers are aligned differently."""
    lines = table([["name", "value"], ["long name", "1"]], right=1)
    assert lines == [
        "| name      | value |",
        "|-----------|------:|",
        "| long name |     1 |",
    ]


def test_a_missed_target_is_shown() -> None:
    """A target has the two numbers, the ratio, whether it is met, and the floor."""
    lines = targets(evaluate([ROW, PLAIN], SAMPLES))
    assert len(lines) == 3
    assert cells(lines[2]) == [
        "unary-cpu",
        "a call",
        "100 µs",
        "xai-sdk",
        "150 µs",
        "1.50 x",
        "[1.50 1.50]",
        "2 x",
        "NO",
        "asyncio, bare socket 25.0",
    ]


def test_a_missing_peer_is_shown() -> None:
    """A target whose peer is missing is said to be not measured, not to be met."""
    samples = {"unary": {"xai_blocking": SAMPLES["unary"]["xai_blocking"]}}
    (line,) = targets(evaluate([ROW], samples))[2:]
    assert cells(line)[-2] == "not measured"


def test_everything_is_shown() -> None:
    """The long table has a line for each peer, and marks those the server was too busy for."""
    lines = [cells(line) for line in everything(evaluate([ROW], SAMPLES))[2:]]
    assert [line[1] for line in lines] == ["xai", "xai-sdk", "floor: asyncio, bare socket"]
    assert [line[-1] for line in lines] == ["10%", "90% !", "20%"]
    assert lines[0][0] == "a call, µs"


def test_the_report_names_what_failed() -> None:
    """The report says which peers are missing and why, and how often each was measured."""
    text = report(evaluate([ROW], SAMPLES), ["unary: openai_client: not installed"], 7)
    assert "- unary: openai_client: not installed\n" in text
    assert "rounds: 7" in text
    assert "xai-client" in text
