"""Clocks of the real time, whatever a test has put in the place of the standard library's.

Tools that freeze the time for a test (freezegun, for one) replace the functions of the module
`time`, and every reference to them that they find in a module. A server on the other side of a
socket goes on as before, so a deadline, a wait between two attempts or the search for a dead
connection must not stand still. The clocks here are objects that such tools don't recognize.
No other module of the package may use `time`.
"""

import functools
import time
from collections.abc import Callable
from typing import Final


def _steady() -> Callable[[], float]:
    # The system call of that name is replaced by no tool, even if this is first imported while
    # the time is frozen. On Linux it is what `time.monotonic` reads.
    clock = getattr(time, "CLOCK_MONOTONIC", None)
    if clock is None:
        return functools.partial(time.monotonic)
    return functools.partial(time.clock_gettime, clock)


def _with_suspend() -> Callable[[], float]:
    # On Linux CLOCK_MONOTONIC stands still while the machine sleeps. That of macOS goes on, and so
    # does the clock behind `time.monotonic` on Windows.
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    if clock is None:
        return monotonic
    try:
        time.clock_gettime(clock)
    except OSError:
        return monotonic
    return functools.partial(time.clock_gettime, clock)


#: Seconds since some moment; never goes backwards. Deadlines are moments on this clock.
monotonic: Final = _steady()
#: As `monotonic`, with the time in it that the machine was suspended.
monotonic_with_suspend: Final = _with_suspend()
