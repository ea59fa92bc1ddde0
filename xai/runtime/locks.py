"""Locks that a fork leaves usable."""

import operator
import os
import threading
import weakref
from typing import Any


def acquire_of(name: str) -> Any:  # noqa: ANN401  # a property; see below
    """Return what `release_of` does, for ``__enter__``."""
    return property(operator.attrgetter(f"{name}.__enter__"))


def release_of(name: str) -> Any:  # noqa: ANN401  # type checkers want to see a method
    """Make an ``__exit__`` that is the own method of a lock in an attribute.

    No line of Python runs on the way, so no interrupt can come in between and leave the lock
    locked for ever (hazard H8).

    Args:
        name: The attribute.

    Returns:
        A property to assign to ``__exit__``.
    """
    return property(operator.attrgetter(f"{name}.__exit__"))


class _Process:
    """Which process this is, counted in forks: cheaper to ask for than its number."""

    generation = 0


process = _Process()


def this_thread() -> int:
    """Return the number of the calling thread, never 0."""
    # By attribute at call time, so that a monkey-patched threading is respected (H33).
    return threading.get_ident()


class Lock:
    """A lock for short sections of plain code, never held across a wait.

    A thread that held it at the moment of a fork does not exist in the child, so the child gets
    a new one (hazard H4). It costs the same in both twins.
    """

    def __init__(self) -> None:
        # By attribute at call time, so that a monkey-patched threading is respected (H33).
        self._lock = threading.Lock()
        _all.add(self)

    __enter__ = acquire_of("_lock")
    __exit__ = release_of("_lock")

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
    process.generation += 1
    for lock in list(_all):
        lock._renew()  # noqa: SLF001  # this module's own


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)
