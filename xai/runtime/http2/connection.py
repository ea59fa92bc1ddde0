"""The connection: grpclib's protocol objects with plain listeners in the place of tasks.

grpclib 0.4.9 is extended at the seams named in the class docstrings; a test compares a hash of
each overridden function with the one that was read, so that an upgrade can't pass unread.
Numbers such as G3 or H1 name known hazards; each has a test which cites the same number.
"""

import asyncio
import os
import socket
import ssl
from collections import deque
from typing import TYPE_CHECKING, Final, Protocol

from grpclib import protocol as grpclib_protocol
from grpclib.config import Configuration
from h2.connection import AllowedStreamIDs, ConnectionInputs, H2Connection
from h2.errors import ErrorCodes
from h2.stream import StreamInputs

from xai.runtime.http2.frames import (
    DATA,
    END_STREAM,
    CommonFields,
    RawHeaders,
    frame,
    header_frames,
    window_update,
)
from xai.runtime.retry.policy import Failure

if TYPE_CHECKING:
    from h2.windows import WindowManager

    from xai.runtime.http2.keepalive import KeepaliveMonitor

STREAM_WINDOW: Final = 4 * 2**20
#: Far above one stream's window, so that a stream nobody reads can't stop the others (G6).
CONNECTION_WINDOW: Final = 16 * STREAM_WINDOW
#: How much of a body is written at once.
_WRITE_BYTES: Final = 64 * 1024
#: A client's streams have odd numbers of 31 bits; a connection that used them up is done.
_LAST_STREAM: Final = 2**31 - 1


class StreamListener(Protocol):
    """What a connection tells about one stream; called on the loop, never blocks."""

    def on_stream_available(self) -> None:
        """Open the stream now: another one made room."""

    def on_headers(self, headers: RawHeaders) -> None:
        """Take the response headers."""

    def on_data(self, data: bytes, flow: int) -> None:
        """Take a piece of the body; ``flow`` bytes of window are owed for it."""

    def on_trailers(self, headers: RawHeaders) -> None:
        """Take the trailers."""

    def on_end(self) -> None:
        """Note that the server sends nothing more."""

    def on_reset(self, code: int) -> None:
        """Note that the server reset the stream, with an HTTP/2 error code."""

    def on_writable(self) -> None:
        """Go on sending: there may be room again."""

    def on_failure(self, failure: Failure) -> None:
        """Note that the connection is of no use to this stream any more."""


class Connection(grpclib_protocol.Connection):
    """grpclib's connection, with its streams as plain listeners.

    Instead of one object with three events and a queue for each stream, the events of a stream go
    straight to its listener: nothing here cancels a task to report a failure (G10, G13), and
    a request leaves in one write.
    """

    def __init__(
        self,
        connection: H2Connection,
        transport: asyncio.Transport,
        *,
        config: Configuration,
        authority: str,
        common: CommonFields,
        sock: socket.socket,
    ) -> None:
        super().__init__(connection, transport, config=config)
        self.h2 = connection
        self.authority = authority
        self.sock = sock
        #: Set as soon as the connection can be watched over.
        self.watch: "KeepaliveMonitor | None" = None
        self._common = common
        self._form = common.first
        self.listeners: dict[int, StreamListener] = {}
        #: The streams whose reply has begun in the ordinary way, by their number: who listens, and
        #: the window of the stream. What is here may take DATA frames past h2's own machinery.
        self.replies: dict[int, tuple[StreamListener, "WindowManager"]] = {}
        self.queue: deque[StreamListener] = deque()
        self.blocked: set[StreamListener] = set()
        self.writable = True
        self.usable = True
        #: The last stream of which something was handed to the system. A write to a connection that
        #: is found broken closes it at once, and sends nothing.
        self.written = 0
        # A transport of TLS is told by the one below it that it has broken, and only later. Other
        # loops have other transports: there nothing counts as unsent.
        below = getattr(getattr(transport, "_ssl_protocol", None), "_transport", None)
        self._lowest: asyncio.BaseTransport = below or transport
        #: What the server said in its GOAWAY frame, and why the connection is of no use any
        #: more, for the errors.
        self.goaway_reason = ""
        self.reason = ""

    def open_stream(self, listener: StreamListener, path: bytes, rest: bytes) -> int | None:
        """Prepare the headers of a request, or queue the listener for a free stream.

        Args:
            listener: Told about the stream's events.
            path: The header field of the path.
            rest: The header fields of this call alone.

        Returns:
            The stream's number; None when the server's limit of streams is reached, and the
            listener's `on_stream_available` will be called in its turn.
        """
        h2 = self.h2
        if not self._has_room():
            self.queue.append(listener)
            return None
        stream_id = h2.get_next_available_stream_id()
        # What H2Connection.send_headers does, but for encoding and checking headers that never
        # change: that is most of its work.
        stream = h2._begin_new_stream(stream_id, AllowedStreamIDs.ODD)  # noqa: SLF001  # see above
        h2.state_machine.process_input(ConnectionInputs.SEND_HEADERS)
        stream.state_machine.process_input(StreamInputs.SEND_HEADERS)
        update = b""
        if h2.encoder.header_table.resized:
            # The server changed the size of its table, and must hear of it. Ours fits into what
            # it is at first; what becomes of it when the size is changed is not worth following.
            update = h2.encoder.encode(())
            self._form = self._common.plain
        head, tail = self._form
        if self._form is self._common.first:
            self._form = self._common.later
        block = b"".join((update, head, path, tail, rest))
        h2._data_to_send += header_frames(stream_id, block, h2.max_outbound_frame_size)  # noqa: SLF001  # see above
        if stream_id >= _LAST_STREAM:
            self.usable = False
        self.listeners[stream_id] = listener
        return stream_id

    def send_body(self, stream_id: int, body: bytes | memoryview, listener: StreamListener) -> int:
        """Send as much of a request's body as the flow control allows, and end it.

        Args:
            stream_id: The stream.
            body: What is left to send.
            listener: Its `on_writable` is called when sending may go on.

        Returns:
            How many bytes were sent.
        """
        h2 = self.h2
        stream = h2.streams.get(stream_id)
        if stream is None or stream.closed:
            return 0
        sent, size = 0, len(body)
        while self.writable:
            room = min(
                h2.outbound_flow_control_window,
                stream.outbound_flow_control_window,
                h2.max_outbound_frame_size,
            )
            left = size - sent
            if left > 0 and room <= 0:
                break
            piece = min(left, room)
            last = piece == left
            # As H2Connection.send_data; both windows were just looked at.
            stream.state_machine.process_input(StreamInputs.SEND_DATA)
            if last:
                stream.state_machine.process_input(StreamInputs.SEND_END_STREAM)
            stream.outbound_flow_control_window -= piece
            h2.outbound_flow_control_window -= piece
            data = bytes(body[sent : sent + piece])
            h2._data_to_send += frame(DATA, END_STREAM if last else 0, stream_id, data)  # noqa: SLF001  # as in open_stream
            sent += piece
            if last:
                self.flush()
                return sent
            if len(h2._data_to_send) >= _WRITE_BYTES:  # noqa: SLF001  # as in open_stream
                # So that a socket that takes no more is noticed before all of the body is here.
                self.flush()
        self.flush()
        self.blocked.add(listener)
        return sent

    def release(self, stream_id: int, listener: StreamListener) -> None:
        """Forget a stream, and reset it when it is still open (G11, G12).

        Args:
            stream_id: The stream.
            listener: Its listener.
        """
        self.listeners.pop(stream_id, None)
        self.replies.pop(stream_id, None)
        self.blocked.discard(listener)
        if self.is_closing():
            return
        h2 = self.h2
        stream = h2.streams.get(stream_id)
        if stream is not None:
            if not stream.closed:
                h2.reset_stream(stream_id, error_code=ErrorCodes.CANCEL)
            # h2 would do so at the next look at all of its streams, which takes a time that
            # grows with their number.
            del h2.streams[stream_id]
            h2._closed_streams[stream_id] = stream.closed_by  # noqa: SLF001  # see above
        self.flush()
        if self.queue or not self.usable:
            self.admit()

    def admit(self) -> None:
        """Give free streams to those who wait longest; close when draining and empty."""
        # Asked before and not tried: who is turned away would have to queue at the end again.
        while self.queue and self.usable and self._has_room():
            self.queue.popleft().on_stream_available()
        if not self.usable and not self.listeners:
            self.shut()

    def _has_room(self) -> bool:
        # Each listener has one stream from its opening to its end. h2 would count its streams.
        return len(self.listeners) < self.h2.remote_settings.max_concurrent_streams

    def acknowledge(self, stream_id: int, size: int) -> None:
        """Return window to the server for data that was taken.

        Args:
            stream_id: The stream the data came on.
            size: Bytes, padding included.
        """
        self.give_back_shared(size)
        self.give_back_own(stream_id, size)

    def give_back_shared(self, size: int) -> None:
        """Return the window of the connection, which all streams share: at once (G6).

        Args:
            size: Bytes that were taken.
        """
        if not size or self.is_closing():
            return
        # As H2Connection.acknowledge_received_data, for the many small pieces of a stream; most
        # of them lead to no frame.
        h2 = self.h2
        increment = h2._inbound_flow_control_window_manager.process_bytes(size)  # noqa: SLF001  # see above
        if increment:
            h2._data_to_send += window_update(0, increment)  # noqa: SLF001  # see above

    def give_back_own(self, stream_id: int, size: int) -> None:
        """Return the window of one stream.

        Args:
            stream_id: The stream.
            size: Bytes that were taken.
        """
        h2 = self.h2
        stream = None if not size or self.is_closing() else h2.streams.get(stream_id)
        if stream is not None and stream.open:
            increment = stream._inbound_window_manager.process_bytes(size)  # noqa: SLF001  # see above
            if increment:
                h2.state_machine.process_input(ConnectionInputs.SEND_WINDOW_UPDATE)
                h2._data_to_send += window_update(stream_id, increment)  # noqa: SLF001  # see above

    def wake_blocked(self) -> None:
        """Let every request that waits for room try again."""
        blocked, self.blocked = self.blocked, set()
        for listener in blocked:
            listener.on_writable()

    def pause_writing(self) -> None:
        """Note that the socket takes no more for now."""
        self.writable = False

    def resume_writing(self) -> None:
        """Go on where `pause_writing` stopped."""
        self.writable = True
        self.wake_blocked()

    def flush(self) -> None:
        """Write what h2 has to send; nothing once the transport is closing."""
        if self.h2._data_to_send:  # noqa: SLF001  # asked with each reply, when it is mostly empty
            data = self.h2.data_to_send()
            if not self.is_closing():
                self._transport.write(data)
                if not self._lowest.is_closing():
                    self.written = self.h2.highest_outbound_stream_id

    def shut(self) -> None:
        """Say goodbye with a GOAWAY frame and close; what was written is still sent (G23)."""
        self.usable = False
        if not self.is_closing():
            self.h2.close_connection()
            self.flush()
        self.close()

    def close(self) -> None:
        """Close the transport and watch over it no more."""
        self.usable = False
        self._transport.close()
        if self.watch is not None:
            self.watch.stop()

    def ping(self) -> None:
        """Ask the other side for a sign of life."""
        if not self.is_closing():
            self.h2.ping(bytes(8))
            self.flush()

    def abort(self) -> None:
        """Close the transport without sending what is still to be sent."""
        self._transport.abort()

    def is_closing(self) -> bool:
        """Return whether the transport is closed or about to be."""
        return self._transport.is_closing()


def drain(queue: deque[StreamListener]) -> list[StreamListener]:
    """Empty a queue, and return what was in it."""
    items = list(queue)
    queue.clear()
    return items


def describe(error: BaseException) -> str:
    """Return an error in the system's words."""
    if not isinstance(error, OSError) or isinstance(error, ssl.SSLError):
        return str(error) or type(error).__name__
    if error.errno is not None and error.errno > 0:
        # asyncio puts a text of its own, with the address, in the place of the system's.
        return os.strerror(error.errno)
    return error.strerror or str(error) or type(error).__name__
