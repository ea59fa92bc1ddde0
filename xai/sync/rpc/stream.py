# Do not edit: produced by "nox -s generate" from
# xai/aio/rpc/stream.py
"""Calls with a streamed reply."""

import os
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Generic, TypeVar

import betterproto

from xai._annotations import resolve_lazily
from xai.runtime.locks import this_thread
from xai.runtime.retry.policy import CallFailed, Failure, stream_closed_failure
from xai.runtime.transport.blocking import ByteStream
from xai.runtime.transport.request import WaitTimeoutError
from xai.sync.rpc.call import LARGE_REPLY, Call

if TYPE_CHECKING:
    from typing_extensions import Self

R_co = TypeVar("R_co", bound=betterproto.Message, covariant=True)
T = TypeVar("T")


class StreamCall(Call[ByteStream, R_co]):
    """A streamed call up to its first message; until then it may be tried again."""

    #: The first messages; None when the stream ended without one.
    first: deque[bytes] | None = None
    #: The stream of the current attempt.
    wire: ByteStream | None = None
    closed = False

    def attempt(self) -> ByteStream:
        """Make one attempt, or go on with one that a reader had no more time for.

        Returns:
            The stream, with its first messages in `first`.
        """
        self.check()
        wire = self.wire
        if wire is None:
            wire = self.wire = self.context.transport.stream(self._request)
        try:
            # Again: a thread that closed in between could not see what to close.
            self.check()
            self.first = wire.receive()
        except WaitTimeoutError:
            # The next reader waits on from here.
            raise
        except BaseException:
            self.wire = None
            wire.close()
            raise
        return wire

    def check(self) -> None:
        """Raise when the stream was closed meanwhile, by another thread."""
        if self.closed:
            raise CallFailed(stream_closed_failure())

    def __del__(self) -> None:
        """Tell the observers that the stream was left early."""
        if getattr(self, "observer", None) is not None:
            self.finished(None)

    def close(self) -> None:
        """Cancel the attempt that is under way, and let no other one start."""
        self.closed = True
        self.finished(None)
        if self.wire is not None:
            self.wire.close()


class ReplyStream(Generic[T]):
    """The items of a streamed reply, in order; iterate over it once.

    The call is sent by the first iteration. Leaving the stream early (`close`, the end of an
    ``with`` block, garbage collection) cancels it on the wire.
    """

    #: Whether how a message is read depends on those before it.
    _in_order = False

    def __init__(self, call: StreamCall[R_co], read: Callable[[bytes], T | None]) -> None:
        self._call = call
        self._read = read
        self._pid = os.getpid()
        self._reader = 0
        self._read_lock = call.context.transport.read_lock()
        self._wire: ByteStream | None = None
        self._batch: deque[bytes] = deque()
        self._over = False

    def __iter__(self) -> "Self":
        """Return the stream itself."""
        return self

    def __next__(self) -> T:
        """Wait for the next item and return it.

        Raises:
            APIError: The call failed; the items before that were returned.
            RuntimeError: The stream or the client was closed while this waited.
        """
        me = this_thread()
        if self._reader == me:
            # From a logging handler, say, which runs amid the reading of an item.
            raise RuntimeError("the stream is being read by this very thread already")
        # Most items are here already. To take one from the deque is a single step, so it needs no
        # lock, which costs as much as all the rest of this. In a forked child they are not to be
        # taken: the lock says so.
        try:
            while self._batch and not self._in_order and self._pid == os.getpid():
                try:
                    if len(self._batch[0]) > LARGE_REPLY:
                        # That is not a single step.
                        break
                    data = self._batch.popleft()
                except IndexError:
                    # Another thread was faster.
                    break
                self._reader = me
                item = self._read(data)
                self._reader = 0
                if item is not None:
                    return item
        except BaseException as error:
            self._reader = 0
            data = b""
            self._call.finished(error)
            self.close()
            if self._call.reply_is_malformed:
                # The frames hold it.
                raise error.with_traceback(None) from error.__cause__
            raise
        return self._wait_for_next(me)

    def _wait_for_next(self, me: int) -> T:
        with self._read_lock:
            try:
                while not self._over:
                    if not self._batch:
                        self._fill()
                        continue
                    data = self._batch.popleft()
                    if len(data) > LARGE_REPLY:
                        self._call.decode_large(data)
                    # A read that begins within this one, in a logging handler, say, is refused.
                    self._reader = me
                    item = self._read(data)
                    self._reader = 0
                    if item is not None:
                        return item
            except WaitTimeoutError:
                raise
            except BaseException as error:
                # Whatever came up, an interrupt included: nobody will read the rest.
                self._reader = 0
                data = b""
                self._call.finished(error)
                self.close()
                if self._call.reply_is_malformed:
                    raise error.with_traceback(None) from error.__cause__
                raise
        raise StopIteration

    def _fill(self) -> None:
        failure = None
        try:
            if self._wire is None:
                self._wire = self._call.run()
                batch = self._call.first
            else:
                batch = self._wire.receive()
        except CallFailed as failed:
            failure = failed.failure
        if failure is not None:
            if self._call.closed:
                raise RuntimeError("the stream was closed while it was being read")
            self._wire = None
            self._resume(failure)
            return
        if batch is None:
            self._over = True
            self._call.succeeded()
            self._ended()
            self._call.finished(None)
        else:
            self._batch = batch
            if self._call.observer is not None:
                self._call.observer.arrived()

    def _resume(self, failure: Failure) -> None:
        """Prepare to go on after a failure amid the stream; here, raise its error."""
        self._call.fail(failure)

    def _ended(self) -> None:
        """Note that the server ended the stream well."""

    def close(self) -> None:
        """Cancel what is left of the call; a second call does nothing."""
        self._over = True
        self._batch = deque()
        self._call.close()

    def __enter__(self) -> "Self":
        """Return the stream itself."""
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the stream."""
        self.close()


resolve_lazily(globals())
