"""Locks that a fork leaves usable, whoever forks."""

import operator
import os
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


def release_of(name: str) -> Any:  # noqa: ANN401  # type checkers want to see a method
    """Make an ``__exit__`` that is the own method of a lock in an attribute.

    No line of Python runs on the way, so no interrupt can come in between and leave the lock
    locked for ever.

    Args:
        name: The attribute.

    Returns:
        A property to assign to ``__exit__``.
    """
    return property(operator.attrgetter(f"{name}.__exit__"))


def this_thread() -> int:
    """Return the number of the calling thread, never 0."""
    # By attribute at call time, so that a monkey-patched threading is respected.
    return threading.get_ident()


class Lock:
    """A lock that outlives forks and interrupts.

    A thread that held it at the moment of a fork does not exist in the child, so each process has
    a lock of its own here; code in C may fork without running Python's hooks. The thread that has
    it may take it once more: a finalizer can run amid the section, and call.
    """

    __slots__ = ("__weakref__", "_by_process")

    def __init__(self) -> None:
        self._by_process: dict[int, threading.RLock] = {}

    def _own(self) -> "threading.RLock":
        process = os.getpid()
        lock = self._by_process.get(process)
        if lock is None:
            # One step, whoever else comes here at the same time. By attribute at call time, so
            # that a monkey-patched threading is respected.
            lock = self._by_process.setdefault(process, threading.RLock())
        return lock

    # The lock's own methods, looked up before the first of them is called: no line of Python runs
    # between that and the section, so no interrupt can leave the lock locked for ever.
    __enter__: Any = property(lambda self: self._own().__enter__)
    __exit__: Any = property(lambda self: self._own().__exit__)


class SharedUse:
    """Lets a thread use something, and any other one close it: at once, or after that use.

    Args:
        release: Releases it; once more does no harm.
    """

    def __init__(self, release: Callable[[], object]) -> None:
        self._release = release
        # Not for others to wait: who comes to close while it is held, leaves it to who holds it.
        self._lock = threading.Lock()
        self._closed = False

    def use(self, function: Callable[[], T]) -> T | None:
        """Call a function, and return what it returns; None when it is closed."""
        try:
            with self._lock:
                return None if self._closed else function()
        finally:
            if self._closed:
                self.close()

    def close(self) -> None:
        """Release it as soon as nobody uses it."""
        self._closed = True
        if self._lock.acquire(blocking=False):
            try:
                self._release()
            finally:
                self._lock.release()


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
