"""A blocking call between its thread and the loop.

Numbers such as H7 name known hazards; each has a test which cites the same number.
"""

import sys
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Final

from xai.errors import StatusCode
from xai.runtime.retry.policy import Failure
from xai.runtime.transport.attempt import BUFFER_BYTES, BUFFER_MESSAGES, Attempt
from xai.runtime.transport.request import Request

if TYPE_CHECKING:
    from xai.runtime.transport.loop_thread import LoopChannel

#: Lock waits are cut into slices, in seconds. On Windows they ignore Ctrl-C (H9); elsewhere, a
#: signal that comes just before a thread goes to sleep is noticed when it wakes up, not before.
_SLICE: Final = 0.1 if sys.platform == "win32" else 1.0


class OneShotEvent:
    """What one thread waits for, and the loop does once.

    An interrupt can hit the waiter anywhere and leaves nothing that would stop the loop, which a
    `threading.Event` does when it hits its inner lock (H8).
    """

    __slots__ = ("_lock", "rung")

    def __init__(self) -> None:
        # By attribute at call time, so that a monkey-patched threading is respected (H33).
        self._lock = threading.Lock()
        self._lock.acquire()
        self.rung = False

    def ring(self) -> None:
        """Wake the waiter; only the first time counts."""
        if not self.rung:
            self.rung = True
            self._lock.release()

    def wait(self, limit: float) -> bool:
        """Wait, and tell whether it rang: by its state, never by an exception (H10)."""
        until = time.monotonic() + limit
        # In slices, for a Ctrl-C that does not interrupt the wait (H9).
        while not self._lock.acquire(timeout=min(max(0.0, until - time.monotonic()), _SLICE)):
            if time.monotonic() >= until:
                return self.rung
        return True


class PendingCall:
    """A blocking call between its thread and the loop; also the sink of its attempt.

    Its state changes under its own lock, on either side: new, running, done.
    """

    __slots__ = (
        "_bells",
        "_mutex",
        "_size",
        "_streaming",
        "attempt",
        "done",
        "failure",
        "items",
        "news",
        "orphaned",
    )

    def __init__(self, *, streaming: bool) -> None:
        # By attribute at call time, so that a monkey-patched threading is respected (H33).
        self._mutex = threading.Lock()
        # One for each waiting thread, used once: wherever an interrupt hits the waiter, what it
        # leaves behind does no harm (H8).
        self._bells: list[OneShotEvent] = []
        self._streaming = streaming
        self._size = 0
        self.items: deque[bytes] = deque()
        #: How far the call has come, for `Request.report`.
        self.news: dict[bool, tuple[int, int]] = {}
        self.failure: Failure | None = None
        self.done = False
        #: Whether the interpreter is shutting down under it: who waits for it now waits for the
        #: end of the process, as other waits in daemon threads do (H11).
        self.orphaned = False
        self.attempt: Attempt | None = None

    # -- on the loop -----------------------------------------------------------------------------

    def begin(self, side: "LoopChannel", request: Request) -> None:
        """Start the attempt, unless the call was given up before the loop saw it."""
        if self.done:
            return
        try:
            attempt = self.attempt = Attempt(side.channel(), request, self)
            attempt.start()
        except BaseException as error:
            # Whatever it is, the caller must not wait for an answer that can't come (H26).
            text = f"the call could not be started ({error!r})"
            self.on_done(Failure(StatusCode.INTERNAL, text, final=True, cause=error))
            if not isinstance(error, Exception):
                raise

    def cancel(self, failure: Failure | None = None) -> None:
        """Give the call up; the reset is on its way when this returns."""
        if self.attempt is not None:
            self.attempt.cancel(failure)
        if not self.done:
            self.on_done(failure or Failure(StatusCode.CANCELLED, "the call was given up"))

    def resume(self) -> None:
        """Read on after the buffer was full."""
        if self.attempt is not None:
            self.attempt.resume()

    def on_message(self, data: bytes) -> bool:
        """Buffer a message, and tell whether the buffer is full."""
        with self._mutex:
            if self.done:
                return False
            self.items.append(data)
            self._size += len(data)
            if self._streaming:
                self._ring()
            return self._size >= BUFFER_BYTES or len(self.items) >= BUFFER_MESSAGES

    def on_done(self, failure: Failure | None) -> None:
        """Note the end."""
        if not self.orphaned:
            self.finish(failure)

    def finish(self, failure: Failure | None) -> None:
        """Note the end, even of an orphan; in any thread."""
        with self._mutex:
            if not self.done:
                self.failure = failure
                self.done = True
                self._ring()

    def on_progress(self, done: int, total: int, *, received: bool) -> None:
        """Note how far the call has come."""
        with self._mutex:
            self.news[received] = (done, total)
            self._ring()

    def backlog(self) -> bool:
        """Return whether messages wait for the reader."""
        return bool(self.items)

    def _ring(self) -> None:
        bells, self._bells = self._bells, []
        for bell in bells:
            bell.ring()

    # -- in the caller's thread --------------------------------------------------------------------

    def take(self) -> tuple[deque[bytes], bool]:
        """Return what has arrived, and whether the loop may have stopped reading over it."""
        with self._mutex:
            items, size = self.items, self._size
            self.items, self._size = deque(), 0
            return items, size >= BUFFER_BYTES or len(items) >= BUFFER_MESSAGES

    def take_news(self) -> dict[bool, tuple[int, int]]:
        """Return how far the call has come since the last time."""
        with self._mutex:
            news, self.news = self.news, {}
            return news

    def wait(self, limit: float) -> bool:
        """Wait until there is something to take or the end; Ctrl-C interrupts it (H7).

        Returns:
            False when the limit passed first: told by the state, never by an exception (H10).
        """
        bell = OneShotEvent()
        with self._mutex:
            if self._news():
                return True
            self._bells.append(bell)
        if bell.wait(limit):
            return True
        with self._mutex:
            if bell in self._bells:
                self._bells.remove(bell)
            return self._news()

    def wait_done(self, limit: float) -> None:
        """Wait for the end, and drop what arrives until then."""
        until = time.monotonic() + limit
        while not self.done and time.monotonic() < until:
            self.take()
            self.wait(until - time.monotonic())
        self.take()

    def _news(self) -> bool:
        return self.done or bool(self.news) or (self._streaming and bool(self.items))
