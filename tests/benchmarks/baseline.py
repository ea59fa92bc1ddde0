"""The committed ratios, and what has become worse since."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypedDict

from tests.benchmarks.evaluation import Result
from tests.benchmarks.rows import LABELS


class Known(TypedDict):
    """What a row was when the baseline was made.

    Args:
        value: The ratio to the peer; for a row without one, the number itself.
        tolerance: By which part it may be worse.
    """

    value: float
    tolerance: float


def load(path: Path) -> dict[str, Known]:
    """Return a baseline; an empty one if there is no file."""
    if not path.exists():
        return {}
    found: dict[str, Known] = json.loads(path.read_text(encoding="utf-8"))
    return found


def renew(known: Mapping[str, Known], results: Sequence[Result]) -> dict[str, Known]:
    """Return a baseline with what was measured now.

    Tolerances that are there stay, and so do rows that were not measured.

    Args:
        known: The baseline so far.
        results: What was measured.
    """
    renewed = dict(known)
    for result in results:
        name, judged = result.row.name, result.judged
        if judged is not None:
            tolerance = known[name]["tolerance"] if name in known else result.row.tolerance
            renewed[name] = {"value": round(judged, 3), "tolerance": tolerance}
    return renewed


def save(path: Path, known: Mapping[str, Known]) -> None:
    """Write a baseline, each row on a line of its own."""
    lines = (f"  {json.dumps(name)}: {json.dumps(row)}" for name, row in known.items())
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def worse(known: Mapping[str, Known], results: Sequence[Result]) -> list[str]:
    """Return a sentence for each row that is worse than the baseline allows, in every round.

    A row of the baseline that was to be measured and has no number is worse, too.

    Args:
        known: The baseline.
        results: What was measured.
    """
    return [line for line, noisy in _compare(known, results) if not noisy]


def noisy(known: Mapping[str, Known], results: Sequence[Result]) -> list[str]:
    """Return a sentence for each row that is worse by its median, but not in every round.

    What some of the rounds allow, chance may have brought about in the others.

    Args:
        known: The baseline.
        results: What was measured.
    """
    return [line for line, noisy in _compare(known, results) if noisy]


def _compare(known: Mapping[str, Known], results: Sequence[Result]) -> Iterator[tuple[str, bool]]:
    """Yield what is to be said of rows that are worse, and whether the spread covers it."""
    for result in results:
        row, found = result.row, result.judged_spread
        before = known.get(row.name)
        if before is None:
            continue
        value, tolerance = before["value"], before["tolerance"]
        if found is None:
            yield f"{row.name}: {LABELS[row.against]} was not measured", False
        elif row.against:
            least = value * (1 - tolerance)
            if found.median < least:
                text = (
                    f"{row.name}: {found.median:.2f} times better than {LABELS[row.against]}, "
                    f"from {found.low:.2f} to {found.high:.2f}; "
                    f"it was {value:.2f}, and at least {least:.2f} is allowed"
                )
                yield text, found.high >= least
        else:
            most = value * (1 + tolerance)
            if found.median > most:
                text = (
                    f"{row.name}: {found.median:.2f}, from {found.low:.2f} to {found.high:.2f}; "
                    f"it was {value:.2f}, and at most {most:.2f} is allowed"
                )
                yield text, found.low <= most
