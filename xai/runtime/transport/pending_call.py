"""A blocking call, between the thread that made it and the event loop that carries it out.

The two sides share no lock. An interrupt can come between any two steps of the caller's thread,
and a lock that is left locked there would stop the loop of all clients. So each step that the
other side may see is a single operation on a built-in container, or the store of an attribute.
"""

import contextlib
import sys
import threading
from collections import deque
from typing import TYPE_CHECKING, Final

from xai._clock import monotonic
from xai.errors import StatusCode
from xai.runtime.retry.policy import Failure
from xai.runtime.transport.attempt import BUFFER_BYTES, BUFFER_MESSAGES, Attempt

if TYPE_CHECKING:
    from xai.runtime.transport.loop_channel import LoopChannel
    from xai.runtime.transport.request import Request

#: Lock waits are cut into slices, in seconds. On Windows they ignore Ctrl-C; elsewhere, a signal
#: that comes just before a thread goes to sleep is noticed when it wakes up, not before.
_SLICE: Final = 0.1 if sys.platform == "win32" else 1.0


class OneShotEvent:
    """What one thread waits for, and another one sets once.

    An interrupt can hit the waiter anywhere and leaves nothing that would stop who sets it, which
    a `threading.Event` does when it hits its inner lock.
    """

    __slots__ = ("_lock", "is_set")

    def __init__(self) -> None:
        # By attribute at call time, so that a monkey-patched threading is respected.
        self._lock = threading.Lock()
        self._lock.acquire()
        self.is_set = False

    def set(self) -> None:
        """Wake the waiter; only the first time counts."""
        if not self.is_set:
            self.is_set = True
            self._lock.release()

    def wait(self, limit: float) -> bool:
        """Wait, and return whether it was set: told by its state, never by an exception.

        Args:
            limit: Seconds after which to give up.
        """
        until = monotonic() + limit
        # In slices, for a Ctrl-C that does not interrupt the wait.
        while not self._lock.acquire(timeout=min(max(0.0, until - monotonic()), _SLICE)):
            if monotonic() >= until:
                return self.is_set
        return True


class PendingCall:
    """A blocking call that is under way; also the sink of its attempt.

    Args:
        calls: The unfinished calls of the loop; this one leaves them when it ends.
        streaming: Whether the reply is a stream.
    """

    __slots__ = (
        "_calls",
        "_ends",
        "_paused",
        "_progress",
        "_received",
        "_streaming",
        "_taken",
        "_waiters",
        "attempt",
        "detached",
        "done",
        "failure",
        "items",
    )

    def __init__(self, calls: "set[PendingCall]", *, streaming: bool) -> None:
        self._calls = calls
        self._streaming = streaming
        # One for each waiting thread, used once: wherever an interrupt hits the waiter, what it
        # leaves behind does no harm.
        self._waiters: deque[OneShotEvent] = deque()
        #: Bytes that came in, counted by the loop, and bytes that were taken, by the reader.
        self._received = 0
        self._taken = 0
        self._paused = False
        self._progress: dict[bool, tuple[int, int]] = {}
        #: How it ended; the first one counts.
        self._ends: list[Failure | None] = []
        self.items: deque[bytes] = deque()
        self.failure: Failure | None = None
        self.done = False
        #: Whether the interpreter is shutting down under it: who waits for it now waits for the
        #: end of the process, as other waits in daemon threads do.
        self.detached = False
        self.attempt: Attempt | None = None

    #: What carries the call out.
    _make = Attempt

    # -- on the loop -----------------------------------------------------------------------------

    def begin(self, channel: "LoopChannel", request: "Request") -> None:
        """Start the attempt, unless the call was given up before the loop saw it."""
        if self.done:
            return
        try:
            attempt = self.attempt = self._make(channel.get(), request, self)
            attempt.start()
        except BaseException as error:
            # Whatever it is, the caller must not wait for a reply that can't come.
            text = f"the call could not be started ({error!r})"
            self.on_done(Failure(StatusCode.INTERNAL, text, final=True, cause=error))
            if not isinstance(error, Exception):
                raise

    def cancel(self, failure: Failure | None = None) -> None:
        """Give the call up; the reset is on its way when this returns."""
        if self.attempt is not None:
            self.attempt.cancel(failure)
        self.on_done(failure or Failure(StatusCode.CANCELLED, "the call was given up"))

    def resume(self) -> None:
        """Read on after the buffer was full."""
        if self.attempt is not None:
            self.attempt.resume()

    def on_message(self, data: bytes) -> bool:
        """Buffer a message, and return whether the buffer is full."""
        self.items.append(data)
        self._received += len(data)
        if self._streaming:
            self._wake()
        if not self._full():
            return False
        self._paused = True
        # The reader may have taken everything in between, before it could see that.
        self._paused = self._full()
        return self._paused

    def _full(self) -> bool:
        buffered = self._received - self._taken
        return buffered >= BUFFER_BYTES or len(self.items) >= BUFFER_MESSAGES

    def on_done(self, failure: Failure | None) -> None:
        """Note the end."""
        self._calls.discard(self)
        if not self.detached:
            self.finish(failure)

    def finish(self, failure: Failure | None) -> None:
        """Note the end, even of a detached call; any thread."""
        self._ends.append(failure)
        self.failure = self._ends[0]
        self.done = True
        self._wake()

    def on_progress(self, done: int, total: int, *, received: bool) -> None:
        """Note how far the call has come."""
        self._progress[received] = (done, total)
        self._wake()

    def backlog(self) -> bool:
        """Return whether messages wait for the reader."""
        return bool(self.items)

    def _wake(self) -> None:
        waiters = self._waiters
        while waiters:
            try:
                event = waiters.popleft()
            except IndexError:
                # The last one gave up in this very moment.
                return
            event.set()

    # -- in the caller's thread --------------------------------------------------------------------

    def take(self) -> tuple[deque[bytes], bool]:
        """Return what has arrived, and whether the loop has stopped reading over it."""
        take = self.items.popleft
        items = deque([take() for _ in range(len(self.items))])
        self._taken += sum(map(len, items))
        if self._paused:
            self._paused = False
            return items, True
        return items, False

    def take_progress(self) -> dict[bool, tuple[int, int]]:
        """Return how far the call has come since the last time."""
        return {key: self._progress.pop(key) for key in tuple(self._progress)}

    def wait(self, limit: float) -> bool:
        """Wait until there is something to take or the end; Ctrl-C interrupts it.

        Args:
            limit: Seconds after which to give up.

        Returns:
            False when the limit passed first: told by the state, never by an exception.
        """
        event = OneShotEvent()
        self._waiters.append(event)
        if self._is_ready() or event.wait(limit):
            return True
        with contextlib.suppress(ValueError):
            self._waiters.remove(event)
        return self._is_ready()

    def wait_done(self, limit: float) -> None:
        """Wait for the end, and drop what arrives until then.

        Args:
            limit: Seconds after which to give up.
        """
        until = monotonic() + limit
        while not self.done and monotonic() < until:
            self.take()
            self.wait(until - monotonic())
        self.take()

    def _is_ready(self) -> bool:
        return self.done or bool(self._progress) or (self._streaming and bool(self.items))
