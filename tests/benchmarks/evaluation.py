"""From measured numbers to medians, spreads and ratios."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from tests.benchmarks.rows import LABELS, OURS, Row
from tests.benchmarks.runner import Samples

#: The largest part of the time in which the server may be busy, if the client is what is measured.
BUSY = 0.7


@dataclass(frozen=True)
class Spread:
    """Some numbers in short."""

    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Entry:
    """What one peer got in one row.

    Args:
        peer: The peer.
        value: The measured numbers, in the unit of the row.
        ratio: How many times better than it the client of this repository was in the same round.
        server: The part of the time in which the common server was busy; None for a program.
    """

    peer: str
    value: Spread
    ratio: Spread
    server: float | None

    @property
    def label(self) -> str:
        """What the table calls the peer."""
        return LABELS[self.peer]

    @property
    def flagged(self) -> bool:
        """Whether the server was too busy for the numbers to be the client's."""
        return self.server is not None and self.server > BUSY


@dataclass(frozen=True)
class Result:
    """A row with its numbers; ours come first."""

    row: Row
    entries: tuple[Entry, ...]

    def entry(self, peer: str) -> Entry | None:
        """Return the numbers of a peer."""
        return next((entry for entry in self.entries if entry.peer == peer), None)

    @property
    def judged_spread(self) -> Spread | None:
        """The numbers that target and baseline speak of, if they were measured."""
        if not self.row.against:
            return self.entries[0].value
        other = self.entry(self.row.against)
        return None if other is None else other.ratio

    @property
    def judged(self) -> float | None:
        """Their median."""
        found = self.judged_spread
        return None if found is None else found.median

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without a target or without its peer."""
        judged = self.judged
        if judged is None:
            return None
        if self.row.limit is not None:
            return judged <= self.row.limit
        return None if self.row.target is None else judged >= self.row.target


def spread(numbers: Sequence[float]) -> Spread:
    """Return median, least and greatest of at least one number."""
    return Spread(median(numbers), min(numbers), max(numbers))


def with_flatness(samples: Samples) -> Samples:
    """Add the scenarios ``flat``: what one of a thousand streams costs by one of ten.

    Args:
        samples: What was measured; a ratio is made of two numbers of the same round.
    """
    return samples | {
        f"{prefix}flat": found for prefix in ("", "v1-") if (found := _flatness(samples, prefix))
    }


def _flatness(samples: Samples, prefix: str) -> dict[str, list[dict[str, float]]]:
    few, many = samples.get(f"{prefix}streams-10", {}), samples.get(f"{prefix}streams-1000", {})
    return {
        peer: [
            {name: after[name] / before[name] for name in ("cpu", "held") if before[name] > 0}
            for before, after in zip(few[peer], many[peer], strict=False)
        ]
        for peer in few
        if peer in many
    }


def evaluate(rows: Sequence[Row], samples: Samples) -> list[Result]:
    """Return the rows of which there are numbers of ours.

    Args:
        rows: The rows.
        samples: What was measured.
    """
    complete = with_flatness(samples)
    found = (_evaluate(row, complete.get(row.scenario, {})) for row in rows)
    return [result for result in found if result is not None]


def _evaluate(row: Row, measured: dict[str, list[dict[str, float]]]) -> Result | None:
    ours = next((peer for peer in OURS if peer in measured), None)
    if ours is None:
        return None
    # A peer that has nothing to do with what is measured is left out, such as Python's imports.
    numbers = {
        peer: [metrics[row.metric] * row.scale for metrics in rounds if metrics.get(row.metric)]
        for peer, rounds in measured.items()
    }
    if not numbers[ours]:
        return None
    entries = []
    for peer in sorted((peer for peer in numbers if numbers[peer]), key=list(LABELS).index):
        pairs = list(zip(numbers[ours], numbers[peer], strict=False))
        ratios = [own / other if row.more else other / own for own, other in pairs]
        busy = [metrics["server"] for metrics in measured[peer] if "server" in metrics]
        server = spread(busy).median if busy else None
        entries.append(Entry(peer, spread(numbers[peer]), spread(ratios), server))
    return Result(row, tuple(entries))
