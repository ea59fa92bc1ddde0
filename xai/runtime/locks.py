"""Locks that a fork leaves usable."""

import os
import threading
import weakref
from types import TracebackType


class Lock:
    """A lock for short sections of plain code, never held across a wait.

    A thread that held it at the moment of a fork does not exist in the child, so the child gets
    a new one (hazard H4). It costs the same in both twins.
    """

    def __init__(self) -> None:
        # By attribute at call time, so that a monkey-patched threading is respected (H33).
        self._lock = threading.Lock()
        _all.add(self)

    def __enter__(self) -> None:
        """Take the lock."""
        self._lock.acquire()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Give the lock back."""
        self._lock.release()

    def _renew(self) -> None:
        self._lock = threading.Lock()


class Counter:
    """Counts up from a start, one number for each caller, from any thread.

    Args:
        start: The first number; None for one drawn at random from 0 to 100,000 at the first use.
        limit: The numbers start again from 0 at this one.
    """

    def __init__(self, start: int | None, *, limit: int) -> None:
        self._next = start
        self._limit = limit
        self._lock = Lock()

    def take(self) -> int:
        """Return the next number."""
        with self._lock:
            if self._next is None:
                # Not at the top: constructing a client stays cheap.
                import random

                self._next = random.randint(0, 100_000)  # noqa: S311  # a seed, not a secret
            value = self._next
            self._next = (value + 1) % self._limit
            return value


_all: "weakref.WeakSet[Lock]" = weakref.WeakSet()


def _renew_all() -> None:
    for lock in list(_all):
        lock._renew()  # noqa: SLF001  # this module's own


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)
