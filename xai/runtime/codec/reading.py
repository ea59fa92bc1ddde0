"""Making values of decoded messages, within the time that a call has."""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from xai.runtime.codec.wire import Check

T = TypeVar("T")
V = TypeVar("V")

#: After how many items the deadline is looked at: a few milliseconds.
ITEMS: Final = 256


def read_all(read: Callable[[T], V], items: Sequence[T], check: Check | None = None) -> list[V]:
    """Make a value of each item of a decoded list.

    Args:
        read: Makes one.
        items: The items.
        check: Called every few hundred items, to raise when this has to stop; None for a reply
            that is too small to take long.
    """
    if check is None:
        return [read(item) for item in items]
    found: list[V] = []
    for start in range(0, len(items), ITEMS):
        check()
        found += map(read, items[start : start + ITEMS])
    return found
