"""The connection: its streams, its windows, and what it writes."""

import asyncio
import os
import socket
import ssl
from collections import deque
from typing import TYPE_CHECKING, Final

from xai._clock import monotonic
from xai.errors import StatusCode
from xai.runtime.http2 import frames
from xai.runtime.http2.budget import STREAM_FRAMES, ControlBudget
from xai.runtime.http2.headers import CommonFields, RequestEncoder
from xai.runtime.http2.internals import (
    ErrorCodes,
    GrpclibConnection,
    GrpclibSettings,
    WindowManager,
    lowest_transport,
)
from xai.runtime.http2.keepalive import TOO_MANY_PINGS
from xai.runtime.http2.stream import STREAM_WINDOW, Stream, StreamListener
from xai.runtime.retry.policy import Failure
from xai.runtime.retry.throttle import ConnectionLoss

if TYPE_CHECKING:
    from xai.runtime.http2.keepalive import KeepaliveMonitor

#: Far above one stream's window, so that a stream that nobody reads can't stop the others.
CONNECTION_WINDOW: Final = 16 * STREAM_WINDOW
#: How many streams may be opened before the server has told its limit; RFC 9113, section 6.5.2,
#: advises servers to allow no fewer.
FIRST_STREAMS: Final = 100
#: How much of a body is written at once, in bytes.
_WRITE_BYTES: Final = 64 * 1024
#: How much each of those who wait for the same window sends before it is another's turn, in bytes.
_SHARE_BYTES: Final = 16 * 1024
#: A client's streams have odd numbers of 31 bits; a connection that used them up is done.
_LAST_STREAM: Final = 2**31 - 1
_LARGEST_WINDOW: Final = 2**31 - 1
_INITIAL_WINDOW: Final = 65535
#: How many streams that were cancelled are remembered, for what the server had already sent.
_REMEMBERED: Final = 1000


class Connection(GrpclibConnection):
    """grpclib's connection, with its streams as plain listeners.

    Instead of one object with three events and a queue for each stream, the events of a stream go
    straight to its listener: nothing here cancels a task to report a failure, and a request leaves
    in one write.

    Args:
        transport: The socket, or TLS on it.
        settings: Those of the channel.
        authority: The host, for the errors.
        common: The header fields of all requests.
        sock: The connection's own socket.
    """

    def __init__(
        self,
        transport: asyncio.Transport,
        settings: GrpclibSettings,
        *,
        authority: str,
        common: CommonFields,
        sock: socket.socket,
    ) -> None:
        super().__init__(transport, settings)
        self._out = bytearray(self.preface)
        self.authority = authority
        self.sock = sock
        #: Set as soon as the connection can be watched over.
        self.monitor: "KeepaliveMonitor | None" = None
        self.encoder = RequestEncoder(common)
        self.budget = ControlBudget(monotonic())
        #: Those that are open, by their number.
        self.streams: dict[int, Stream] = {}
        self.last_stream_id = -1
        #: Requests that wait for a stream, in order.
        self.queue: deque[StreamListener] = deque()
        #: How many at its head had a stream that the server has refused.
        self._returned = 0
        #: How many streams the server allows; not known before its SETTINGS.
        self._stream_limit: float = FIRST_STREAMS
        self.settings_received = False
        #: The last stream that was opened when the limit was not known to be so low.
        self._last_uninformed = -1
        self.receive_window = WindowManager(CONNECTION_WINDOW)
        self.send_window = _INITIAL_WINDOW
        self.send_frame_bytes = frames.FRAME_BYTES
        self._initial_window = _INITIAL_WINDOW
        #: The most that any stream's window was ever above the initial one.
        self._most_credit = 0
        #: Requests that wait for the socket or for the window of the connection, in order; and
        #: those that wait for the window of their own stream.
        self._waiting: dict[int, Stream] = {}
        self._stalled: dict[int, Stream] = {}
        self._windows_changed = False
        #: Whether they are being woken, and write together.
        self._waking = False
        #: How much the server may still have sent on streams that were cancelled, in bytes.
        self._cancelled: dict[int, int] = {}
        self.writable = True
        self.usable = True
        #: Whether the server has responded to a call.
        self.responded = False
        #: Whether the calls were told that the connection is gone.
        self._lost = False
        #: The last stream of which something was handed to the system. A write to a connection that
        #: is found broken closes it at once, and sends nothing.
        self.written = -1
        # A transport of TLS is told by the one below it that it has broken, and only later.
        self._lowest = lowest_transport(transport)
        #: What the server said in its GOAWAY frame, and why the connection is of no use any
        #: more, for the errors.
        self.goaway_reason = ""
        self.reason = ""

    # -- requests ------------------------------------------------------------------------------

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
        if not self._has_room():
            self.queue.append(listener)
            return None
        stream_id = self.last_stream_id = self.last_stream_id + 2
        self.streams[stream_id] = Stream(stream_id, listener)
        self.budget.left += STREAM_FRAMES
        block = self.encoder.encode(path, rest)
        self._out += frames.header_frames(stream_id, block, self.send_frame_bytes)
        if stream_id >= _LAST_STREAM:
            self.usable = False
        return stream_id

    def send_body(
        self, stream_id: int, body: bytes | memoryview, *, unfinished: bool = False
    ) -> int:
        """Send as much of a request's body as the flow control allows, and end it.

        Args:
            stream_id: The stream; its listener's `on_writable` is called when sending may go on.
            body: What is left to send.
            unfinished: Whether more of it will come: the stream stays open.

        Returns:
            How many bytes were sent.
        """
        stream = self.streams.get(stream_id)
        if stream is None or stream.ended_here:
            return 0
        sent, size = 0, len(body)
        rest = memoryview(body)
        # Not more than a share at once while others wait for the same window.
        share = _SHARE_BYTES if self._waiting else size
        while self.writable and not stream.ended_here and (sent < size or not unfinished):
            room = min(self.send_window, self._window(stream))
            if sent < size and (room <= 0 or sent >= share):
                break
            length = min(size - sent, max(0, room), max(share - sent, 0), _WRITE_BYTES)
            stream.ended_here = sent + length == size and not unfinished
            stream.send_credit -= length
            self.send_window -= length
            self._add_body(stream, rest[sent : sent + length])
            sent += length
            if len(self._out) >= _WRITE_BYTES:
                # So that a socket that takes no more is noticed before all of the body is here.
                self.flush()
        self.budget.left += sent
        if not self._waking:
            self.flush()
        waits = not stream.ended_here and (sent < size or not unfinished)
        if waits and stream_id in self.streams:
            stalled = self.writable and self._window(stream) <= 0
            (self._stalled if stalled else self._waiting)[stream_id] = stream
        return sent

    def _add_body(self, stream: Stream, data: memoryview) -> None:
        """Prepare frames with a part of a request's body, of as many bytes as they may have."""
        out, size, most, end = self._out, len(data), self.send_frame_bytes, 0
        while True:
            start, end = end, min(end + most, size)
            flags = frames.END_STREAM if stream.ended_here and end == size else 0
            length = end - start
            out += frames.HEAD.pack(
                length >> 16, length & 0xFFFF, frames.DATA, flags, stream.number
            )
            out += data[start:end]
            if end == size:
                return

    def _window(self, stream: Stream) -> int:
        return self._initial_window + stream.send_credit

    def _has_room(self) -> bool:
        return len(self.streams) < self._stream_limit

    def release(self, stream_id: int) -> None:
        """Forget a stream, and reset it when it has not ended.

        Args:
            stream_id: The stream.
        """
        stream = self._forget(stream_id)
        if self.is_closing():
            return
        if stream is not None:
            self._reset(stream, ErrorCodes.CANCEL)
        self.flush()
        self.admit()

    def _forget(self, stream_id: int) -> Stream | None:
        self._waiting.pop(stream_id, None)
        self._stalled.pop(stream_id, None)
        return self.streams.pop(stream_id, None)

    def _reset(self, stream: Stream, code: ErrorCodes) -> None:
        if stream.ended_here and stream.ended_there:
            return
        self._out += frames.rst_stream(stream.number, code)
        if not stream.ended_there:
            self._cancelled[stream.number] = stream.receive_window.current_window_size
            if len(self._cancelled) > _REMEMBERED:
                del self._cancelled[next(iter(self._cancelled))]

    def still_in_flight(self, stream_id: int, size: int, *, ended: bool) -> bool:
        """Return whether the server may have sent this before it knew that we left the stream.

        Args:
            stream_id: A stream that has ended.
            size: How much of its window is used, in bytes.
            ended: Whether nothing more comes after it.
        """
        left = self._cancelled.get(stream_id)
        if left is None or size > left:
            return False
        self._cancelled[stream_id] = left - size
        if ended:
            del self._cancelled[stream_id]
        return bool(size) or ended

    def admit(self) -> None:
        """Give free streams to those who wait longest; close when draining and empty."""
        # Asked before and not tried: who is turned away would have to queue at the end again.
        while self.queue and self.usable and self._has_room():
            self._returned = max(0, self._returned - 1)
            self.queue.popleft().on_stream_available()
        if not self.usable and not self.streams:
            self.shut()

    def wake_writers(self) -> None:
        """Let the requests that wait for room go on, each in its turn, while there is some."""
        waiting = self._waiting
        self._waking = True
        try:
            while waiting and self.writable and self.send_window > 0:
                stream_id = next(iter(waiting))
                # At the end of the line again when it can't finish.
                waiting.pop(stream_id).listener.on_writable()
        finally:
            self._waking = False
        self.flush()

    # -- what the server says ------------------------------------------------------------------

    def limit_streams(self, limit: int | None) -> None:
        """Take the server's SETTINGS_MAX_CONCURRENT_STREAMS.

        Args:
            limit: The limit; None when the SETTINGS don't name it.
        """
        if limit is None and self.settings_received:
            return
        allowed = float("inf") if limit is None else limit
        if len(self.streams) > allowed:
            self._last_uninformed = self.last_stream_id
        self._stream_limit = allowed
        self.settings_received = True

    def resize_windows(self, size: int) -> bool:
        """Take the server's SETTINGS_INITIAL_WINDOW_SIZE, which moves the windows of all streams.

        Args:
            size: The window of a new stream, in bytes.

        Returns:
            Whether all windows are within what HTTP/2 allows.
        """
        self._initial_window = size
        self._windows_changed = True
        if size + self._most_credit <= _LARGEST_WINDOW:
            return True
        above = [stream.send_credit for stream in self.streams.values()]
        self._most_credit = max(0, *above) if above else 0
        return size + self._most_credit <= _LARGEST_WINDOW

    def open_window(self, stream: Stream, increment: int) -> bool:
        """Take a WINDOW_UPDATE of a stream.

        Args:
            stream: The stream.
            increment: Bytes that may be sent in addition.

        Returns:
            Whether the window is within what HTTP/2 allows.
        """
        if self._window(stream) + increment > _LARGEST_WINDOW:
            return False
        stream.send_credit += increment
        self._most_credit = max(self._most_credit, stream.send_credit)
        if self._stalled.pop(stream.number, None) is not None:
            table = self._waiting if self._window(stream) > 0 else self._stalled
            table[stream.number] = stream
        return True

    def on_reset(self, stream: Stream, code: int) -> None:
        """Take a RST_STREAM.

        Args:
            stream: The stream.
            code: The HTTP/2 error code.
        """
        self._forget(stream.number)
        surplus = code == ErrorCodes.REFUSED_STREAM and stream.number <= self._last_uninformed
        if surplus and self.usable and not stream.headers_received:
            # It was opened before the server had told how many it allows: no fault of the call.
            stream.listener.on_surplus()
            self.queue.insert(self._returned, stream.listener)
            self._returned += 1
        else:
            stream.listener.on_reset(code)

    def on_goaway(self, last: int, code: int, data: bytes) -> None:
        """Take no new calls; fail those the server will not do, let the others finish.

        Args:
            last: The last stream that the server has worked on, or may work on.
            code: The HTTP/2 error code.
            data: What else the server says.
        """
        self.usable = False
        too_many = code == ErrorCodes.ENHANCE_YOUR_CALM and data == TOO_MANY_PINGS
        if too_many and self.monitor is not None and not self.goaway_reason:
            # Once for a connection, however often the server says so.
            self.monitor.slow_down()
        self.goaway_reason = f"GOAWAY {_name(code)}"
        text = data[:200].decode("utf-8", "replace")
        if text:
            self.goaway_reason += f" ({text})"
        reason = f"{self.authority} is closing the connection: {self.goaway_reason}"
        self.reason = reason
        refused = [stream for number, stream in self.streams.items() if number > last]
        for stream in refused:
            self._forget(stream.number)
        listeners = [stream.listener for stream in refused]
        for listener in (*listeners, *drain(self.queue)):
            listener.on_failure(
                Failure(StatusCode.UNAVAILABLE, reason, connection=True, unprocessed=True)
            )

    def fail_stream(self, stream: Stream, code: ErrorCodes, failure: Failure) -> None:
        """End one stream for what the server did on it.

        Args:
            stream: The stream.
            code: The HTTP/2 error code that the server is told.
            failure: What the call is told.
        """
        self._forget(stream.number)
        self._reset(stream, code)
        stream.listener.on_failure(failure)

    def after_read(self) -> None:
        """Act once on all that was read: wake those who wait, and write."""
        if self._windows_changed:
            self._windows_changed = False
            for stream in [one for one in self._stalled.values() if self._window(one) > 0]:
                del self._stalled[stream.number]
                self._waiting[stream.number] = stream
        if self._waiting and not self.is_closing():
            self.wake_writers()
        if self.queue or not self.usable:
            self.admit()
        self.flush()

    # -- flow control of responses ----------------------------------------------------------------

    def acknowledge(self, stream_id: int, size: int) -> None:
        """Return window to the server for data that was taken.

        Args:
            stream_id: The stream the data came on.
            size: Bytes, padding included.
        """
        self.acknowledge_connection(size)
        self.acknowledge_stream(stream_id, size)

    def acknowledge_connection(self, size: int) -> None:
        """Return the window of the connection, which all streams share, at once.

        Args:
            size: Bytes that were taken.
        """
        # Most of the many small chunks of a stream lead to no frame.
        increment = self.receive_window.process_bytes(size) if size else None
        if increment:
            self._out += frames.window_update(0, increment)

    def acknowledge_stream(self, stream_id: int, size: int) -> None:
        """Return the window of one stream.

        Args:
            stream_id: The stream.
            size: Bytes that were taken.
        """
        stream = self.streams.get(stream_id) if size else None
        if stream is not None and not stream.ended_there:
            increment = stream.receive_window.process_bytes(size)
            if increment:
                self._out += frames.window_update(stream_id, increment)

    # -- writing -------------------------------------------------------------------------------

    def send(self, frame: bytes) -> None:
        """Prepare a frame that is written with the next `flush`.

        Args:
            frame: The frame.
        """
        self._out += frame

    def unsent(self) -> int:
        """Return how many bytes are prepared and not written yet."""
        return len(self._out)

    def pause_writing(self) -> None:
        """Note that the socket takes no more for now."""
        self.writable = False

    def resume_writing(self) -> None:
        """Go on where `pause_writing` stopped."""
        self.writable = True
        self.wake_writers()

    def flush(self) -> None:
        """Write what is prepared; nothing once the transport is closing."""
        if self._out:
            # Not copied: from now on it is the transport's alone.
            data, self._out = self._out, bytearray()
            if not self.is_closing():
                self.transport.write(data)
                if not self._lowest.is_closing():
                    self.written = self.last_stream_id

    # -- the end -------------------------------------------------------------------------------

    def shut(self, code: ErrorCodes = ErrorCodes.NO_ERROR) -> None:
        """Send GOAWAY and close; what was written before is still sent.

        Args:
            code: The HTTP/2 error code that the server is told.
        """
        self.usable = False
        if not self.is_closing():
            self._out += frames.goaway(code)
            self.flush()
        self.close()

    def close(self) -> None:
        """Close the transport and watch over it no more."""
        self.usable = False
        self.transport.close()
        if self.monitor is not None:
            self.monitor.stop()

    def fail(self, reason: str) -> None:
        """Close, and fail every call: the connection is gone.

        Args:
            reason: Why, for the errors.
        """
        self.close()
        waiting = drain(self.queue)
        running = list(self.streams.items())
        text = f"the connection to {self.authority} was lost: {reason}"
        if self.goaway_reason:
            text = f"{text}, after {self.goaway_reason}"
        if not self._lost:
            # The first reason is the true one: closing for it makes asyncio tell another.
            self._lost = True
            self.reason = text
        loss = ConnectionLoss()
        for number, stream in running:
            stream.listener.on_failure(
                Failure(
                    StatusCode.UNAVAILABLE,
                    text,
                    connection=True,
                    unprocessed=number > self.written,
                    loss=loss,
                )
            )
        for listener in waiting:
            listener.on_failure(
                Failure(StatusCode.UNAVAILABLE, text, connection=True, unprocessed=True)
            )

    def stale(self) -> bool:
        """Return whether nothing was heard of the server for longer than keepalive allows."""
        return self.monitor is not None and self.monitor.stale()

    def ping(self) -> None:
        """Ask the other side for a sign of life."""
        if not self.is_closing():
            self._out += frames.frame(frames.PING, 0, 0, bytes(8))
            self.flush()

    def abort(self) -> None:
        """Close the transport without sending what is still to be sent."""
        self.transport.abort()

    def is_closing(self) -> bool:
        """Return whether the transport is closed or about to be."""
        return self.transport.is_closing()


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


def _name(code: int) -> str:
    try:
        return ErrorCodes(code).name
    except ValueError:
        return str(code)
