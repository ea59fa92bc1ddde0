"""Timers that go by real time, even where the clock of an event loop is frozen by a test.

Cheap to import: asyncio is not loaded.
"""

import functools
import sys
import threading
import time
from collections.abc import Callable
from types import BuiltinFunctionType
from typing import TYPE_CHECKING, Any, Final, Protocol

from xai._clock import monotonic

if TYPE_CHECKING:
    import asyncio


#: How far the clock of an event loop may be from `monotonic`: that of uvloop stands still while a
#: callback runs.
_TOLERANCE: Final = 0.5
#: Timers of an event loop may fire so much too early: some count in milliseconds.
_EARLY: Final = 0.002
#: By what the two differ where they are different clocks of the system.
_OFFSET: Final = 0.0 if sys.platform == "linux" else time.monotonic() - monotonic()


class Timer(Protocol):
    """A callback that is due later."""

    def cancel(self) -> None:
        """Don't call it."""


def call_later(
    loop: "asyncio.AbstractEventLoop",
    delay: float,
    callback: Callable[..., object],
    *args: Any,  # noqa: ANN401  # passed through
) -> Timer:
    """Call a function on an event loop after a real time, even if the loop's clock is frozen.

    Args:
        loop: The event loop; called on its thread.
        delay: Seconds.
        callback: The function.
        *args: Its arguments.

    Returns:
        What cancels it.
    """
    if getattr(loop, "keeps_real_time", False):
        return loop.call_later(delay, callback, *args)
    return _RealTimer(loop, delay, functools.partial(callback, *args))


def _keeps_time(loop: "asyncio.AbstractEventLoop") -> bool:
    """Return whether the clock of a loop can be trusted at the moment."""
    # What replaces a clock is a function of Python's, or a mock.
    return (
        isinstance(time.monotonic, BuiltinFunctionType)
        and abs(loop.time() - monotonic() - _OFFSET) < _TOLERANCE
    )


class _RealTimer:
    """A timer on a loop whose clock may be replaced at any moment."""

    __slots__ = ("_callback", "_handle", "_loop", "_when")

    def __init__(
        self, loop: "asyncio.AbstractEventLoop", delay: float, callback: Callable[[], object]
    ) -> None:
        self._loop = loop
        self._callback = callback
        self._when = monotonic() + delay
        self._handle: Timer
        self._arm(delay)

    def _arm(self, delay: float) -> None:
        if _keeps_time(self._loop):
            self._handle = self._loop.call_later(delay, self._fire)
            return
        # Tests alone get here, so a thread for each timer is good enough.
        timer = threading.Timer(min(delay, threading.TIMEOUT_MAX), self._fire_from_thread)
        timer.daemon = True
        timer.start()
        self._handle = timer

    def _fire_from_thread(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._fire)
        except RuntimeError:
            # The loop was closed in between: there is nobody left to tell.
            return

    def _fire(self) -> None:
        left = self._when - monotonic()
        if left > _EARLY:
            # The loop's clock was moved, or its like was put in its place.
            self._arm(left)
        else:
            self._callback()

    def cancel(self) -> None:
        """Don't call it."""
        # A thread may have posted it already.
        self._callback = _nothing
        self._handle.cancel()


def _nothing() -> None:
    """Stand for what was cancelled."""
