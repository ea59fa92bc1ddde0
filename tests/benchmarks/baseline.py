"""The committed ratios, and what has become worse since."""

import json
from collections.abc import Mapping, Sequence
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
    """Return a sentence for each row that is worse than the baseline allows.

    A row of the baseline that was to be measured and has no number is worse, too.

    Args:
        known: The baseline.
        results: What was measured.
    """
    found = []
    for result in results:
        row = result.row
        before = known.get(row.name)
        if before is None:
            continue
        judged, value, tolerance = result.judged, before["value"], before["tolerance"]
        if judged is None:
            found.append(f"{row.name}: {LABELS[row.against]} was not measured")
        elif row.against and judged < value * (1 - tolerance):
            found.append(
                f"{row.name}: {judged:.2f} times better than {LABELS[row.against]}; "
                f"it was {value:.2f}, and at least {value * (1 - tolerance):.2f} is allowed"
            )
        elif not row.against and judged > value * (1 + tolerance):
            found.append(
                f"{row.name}: {judged:.2f}; it was {value:.2f}, "
                f"and at most {value * (1 + tolerance):.2f} is allowed"
            )
    return found
