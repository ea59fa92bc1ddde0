"""An attempt whose request is a stream: messages are taken one by one, as the server takes them."""

from typing import TYPE_CHECKING, Final, Protocol

from xai._clock import monotonic
from xai.errors import StatusCode
from xai.runtime.http2.channel import Channel
from xai.runtime.http2.connection import Connection
from xai.runtime.http2.frames import message_parts
from xai.runtime.retry.policy import Failure
from xai.runtime.transport.attempt import Attempt, Sink
from xai.runtime.transport.pending_call import PendingCall
from xai.runtime.transport.request import Request

if TYPE_CHECKING:
    from xai.runtime.transport.loop_thread import LoopThread

_NOTHING: Final = memoryview(b"")


class UploadSink(Sink, Protocol):
    """Where an upload delivers."""

    def on_room(self) -> None:
        """Give the next message to `UploadAttempt.feed`, or call `UploadAttempt.end`."""


class UploadAttempt(Attempt):
    """One try of one call with a stream of requests.

    It holds one message at a time: the next one is asked for when all of it has been written. So
    an upload takes the same memory whatever its size, and a server that takes nothing holds it up.

    Args:
        channel: The channel to use, dialed if needed.
        request: What to send, without a message.
        sink: Asked for messages; takes the reply.
    """

    __slots__ = ("_asked", "_ending", "_fed", "_rest", "_room")

    _idle_text = "neither took anything nor answered"

    def __init__(self, channel: Channel, request: Request, sink: UploadSink) -> None:
        super().__init__(channel, request, sink)
        self._room = sink.on_room
        #: Whether a message was asked for and has not come, and whether any has come at all.
        self._asked = False
        self._fed = False
        #: What is sent after the body: the part of the message that was not copied.
        self._rest = _NOTHING
        self._ending = False

    def feed(self, parts: tuple[bytes, ...]) -> None:
        """Send a message, which was asked for.

        Args:
            parts: The encoded message, in parts.
        """
        if not self._done:
            self._asked = False
            self._fed = True
            begin, self._rest = message_parts(parts)
            self._body = memoryview(begin)
            self._write()

    def end(self) -> None:
        """End the request, instead of another message."""
        if not self._done:
            self._asked = False
            self._ending = True
            self._write()

    def _begin_upload(self, connection: Connection) -> None:
        # The headers go ahead: a server that refuses the call does so before anything is read.
        connection.send_body(self._stream_id, _NOTHING, unfinished=True)
        self._write()

    def _write(self) -> None:
        connection = self._connection
        if connection is None or not self._stream_id:
            # The stream was refused for the server's limit, and waits for another one.
            return
        sent = connection.send_body(self._stream_id, self._body, unfinished=not self._ending)
        self._body = self._body[sent:]
        if sent:
            self._last_data = monotonic()
        if self._rest and not self._body:
            # Not kept beyond its sending.
            self._body, self._rest = self._rest, _NOTHING
            self._write()
            return
        if not (self._body or self._ending or self._asked or self._done):
            # What was sent is not kept while the caller makes the next one.
            self._body = _NOTHING
            self._asked = True
            self._room()

    def on_writable(self) -> None:
        """Send what there is room for."""
        if not self._done:
            self._write()

    def on_surplus(self) -> None:
        """Start over, unless messages were sent already: nobody has them any more."""
        if not self._fed:
            super().on_surplus()
            return
        text = "the server refused the call for its limit of calls at once"
        self._finish(Failure(StatusCode.UNAVAILABLE, text, unprocessed=True))

    def _waits_for_caller(self) -> bool:
        return self._asked


class PendingUpload(PendingCall):
    """A blocking call with a stream of requests.

    Args:
        calls: The unfinished calls of the loop.
    """

    __slots__ = ("_ended", "_rooms", "_used")

    _make = UploadAttempt  # type: ignore[assignment]  # its sink is this, which can do more

    def __init__(self, calls: set[PendingCall]) -> None:
        super().__init__(calls, streaming=False)
        #: How many messages were asked for, counted by the loop, and given, by the caller.
        self._rooms = 0
        self._used = 0
        self._ended = False

    # -- on the loop -----------------------------------------------------------------------------

    def on_room(self) -> None:
        """Ask the caller for a message."""
        self._rooms += 1
        self._wake()

    def _feed(self, parts: tuple[bytes, ...]) -> None:
        if isinstance(self.attempt, UploadAttempt):
            self.attempt.feed(parts)

    def _end(self) -> None:
        if isinstance(self.attempt, UploadAttempt):
            self.attempt.end()

    # -- in the caller's thread --------------------------------------------------------------------

    def feed(self, thread: "LoopThread", parts: tuple[bytes, ...]) -> None:
        """Give a message that was asked for.

        Args:
            thread: Where the call runs.
            parts: The encoded message, in parts.
        """
        self._used += 1
        thread.post(self._feed, parts)

    def end(self, thread: "LoopThread") -> None:
        """End the request.

        Args:
            thread: Where the call runs.
        """
        self._ended = True
        thread.post(self._end)

    def wait_done(self, limit: float) -> None:
        """Wait for the end; nothing more will be given."""
        self._ended = True
        super().wait_done(limit)

    @property
    def asks(self) -> bool:
        """Whether a message is asked for."""
        return self._rooms > self._used

    def _is_ready(self) -> bool:
        return self.done or (self.asks and not self._ended)
