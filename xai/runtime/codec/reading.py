"""Making values of decoded messages, within the time that a call has."""

import contextvars
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from xai.runtime.codec.wire import Check

T = TypeVar("T")
R = TypeVar("R")
V = TypeVar("V")

#: After how many items the deadline is looked at: a few milliseconds.
_ITEMS: Final = 256
#: Raises when the time is over. None for a reply that is too small to take long.
_check: Final = contextvars.ContextVar[Check | None]("xai_reading", default=None)


def read_within(check: Check, read: Callable[[R], V], reply: R) -> V:
    """Make a value of a large reply, and stop when there is no more time for it.

    Args:
        check: Raises when this has to stop. Whatever goes through `checked` calls it.
        read: Makes the value.
        reply: The decoded message.
    """

    def run() -> V:
        _check.set(check)
        return read(reply)

    # A copy, so that nothing is left of the check, whatever interrupts this.
    return contextvars.copy_context().run(run)


def checked(items: Iterable[T]) -> Iterable[T]:
    """Return the items of a list in a reply, for the loop that makes values of them.

    Args:
        items: The items; the call's time is looked at every few hundred of them.
    """
    check = _check.get()
    return items if check is None else _checking(items, check)


def _checking(items: Iterable[T], check: Check) -> Iterable[T]:
    for index, item in enumerate(items):
        if not index % _ITEMS:
            check()
        yield item
