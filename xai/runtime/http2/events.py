"""What the server sends: its frames, and what each means for the connection and its streams.

RFC 9113 tells faults of a stream from faults of the connection (section 5.4), and so does this
module: what concerns one stream ends one stream. Frames for streams that have ended are read for
what they do to the connection, and dropped (section 5.1).
"""

from struct import Struct
from typing import TYPE_CHECKING, Final, NoReturn

from xai.errors import StatusCode
from xai.runtime.http2 import frames
from xai.runtime.http2.frames import FRAME_BYTES, HEAD, HEAD_BYTES
from xai.runtime.http2.headers import (
    LIST_BYTES,
    HeaderBlockError,
    HeaderDecoder,
    HeaderListTooLargeError,
)
from xai.runtime.http2.internals import ErrorCodes, FlowControlError
from xai.runtime.retry.policy import Failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from xai.runtime.http2.connection import Connection
    from xai.runtime.http2.headers import RawHeaders
    from xai.runtime.http2.stream import Stream

#: Frames that are read before other connections of the loop get their turn; and of those that get
#: nothing done, how many are read before other threads get theirs.
FRAMES_PER_TURN: Final = 500
USELESS_PER_TURN: Final = 100
#: How many bytes of acknowledgements, such as those of PING, may wait for a server that does not
#: read.
_UNREAD_ACKS: Final = 128 * 1024
#: How long a header block may be, in bytes, and in how many more frames than it has KiB.
_BLOCK_BYTES: Final = 2**20
_BLOCK_FRAMES: Final = 64
#: A header block that leads to nothing costs one control frame for so many bytes.
_BYTES_PER_COST: Final = 64
#: The header of the acknowledgement of a PING, and the whole one of SETTINGS.
_PING_ACK: Final = HEAD.pack(0, 8, frames.PING, frames.ACK, 0)
_SETTINGS_ACK: Final = frames.frame(frames.SETTINGS, frames.ACK, 0, b"")
_NUMBER: Final = 0x7FFFFFFF
_LARGEST_WINDOW: Final = 2**31 - 1
_LARGEST_FRAME: Final = 2**24 - 1
_SETTING: Final = Struct(">HL")
_LONG: Final = Struct(">L")
_TWO_LONGS: Final = Struct(">LL")

# SETTINGS parameters: RFC 9113, section 6.5.2.
_HEADER_TABLE_SIZE: Final = 1
_ENABLE_PUSH: Final = 2
_MAX_CONCURRENT_STREAMS: Final = 3
_INITIAL_WINDOW_SIZE: Final = 4
_MAX_FRAME_SIZE: Final = 5


class BrokenProtocolError(Exception):
    """The server broke the protocol for the whole connection.

    Args:
        code: The HTTP/2 error code that the server is told.
        text: What it did.
    """

    def __init__(self, code: ErrorCodes, text: str) -> None:
        super().__init__(text)
        self.code = code


class FloodError(BrokenProtocolError):
    """The server sends control frames without end, and nothing gets done."""


class _HeaderBlock:
    """A header block that has begun in HEADERS and goes on in CONTINUATION."""

    __slots__ = ("ended", "fragments", "size", "stream_id")

    def __init__(self, stream_id: int, fragment: bytes, *, ended: bool) -> None:
        self.stream_id = stream_id
        self.ended = ended
        self.fragments = [fragment]
        self.size = len(fragment)


class FrameReader:
    """Reads the frames of one connection.

    Args:
        connection: Has the streams, and writes what the frames lead to.
    """

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._decoder = HeaderDecoder()
        self._budget = connection.budget
        self._rest = b""
        #: Whether the last turn ended for the number of frames that got nothing done.
        self.useless = False
        self._unread = 0
        self._block: _HeaderBlock | None = None
        self._handlers: dict[int, Callable[[int, int, bytes], None]] = {
            frames.DATA: self._on_data,
            frames.HEADERS: self._on_headers,
            frames.PRIORITY: self._on_priority,
            frames.RST_STREAM: self._on_rst_stream,
            frames.SETTINGS: self._on_settings,
            frames.PUSH_PROMISE: self._on_push_promise,
            frames.PING: self._on_ping,
            frames.GOAWAY: self._on_goaway,
            frames.WINDOW_UPDATE: self._on_window_update,
            frames.CONTINUATION: self._on_continuation,
        }

    def feed(self, data: bytes, now: float) -> bool:  # noqa: C901  # calls take time here
        """Read whole frames, and keep the rest for the next time.

        Args:
            data: What the server sent.
            now: The monotonic clock, in seconds.

        Returns:
            Whether frames are left for another turn of the loop.

        Raises:
            BrokenProtocolError: The server broke the protocol.
        """
        if self._rest:
            data = self._rest + data
        connection, budget = self._connection, self._budget
        streams, is_closing = connection.streams, connection.transport.is_closing
        start, size, count, received = 0, len(data), 0, 0
        before, over = budget.left, False
        self.useless = False
        while size - start >= HEAD_BYTES and not over:
            high, low, kind, flags, stream_id = HEAD.unpack_from(data, start)
            length = high << 16 | low
            if length > FRAME_BYTES:
                self._check_size(kind, length)
            body = start + HEAD_BYTES
            end = body + length
            if end > size:
                break
            start = end
            count += 1
            over = count == FRAMES_PER_TURN
            if kind == frames.DATA and not flags and length and self._block is None:
                # The usual frame of a response.
                stream = streams.get(stream_id)
                if stream is not None and stream.plain:
                    received += length
                    self._on_chunk(stream, data[body:end], length)
                    continue
            if self._block is not None and kind != frames.CONTINUATION:
                self._break("another frame within a header block")
            if kind in self._handlers:
                self._handlers[kind](stream_id & _NUMBER, flags, data[body:end])
            else:
                # RFC 9113, section 5.5: what is not known is ignored.
                budget.left -= 1
            if is_closing():
                break
            if before - budget.left >= USELESS_PER_TURN:
                self.useless = over = True
        self._rest = data[start:]
        budget.left += received
        self._count_unread()
        connection.after_read()
        # Not before that: what was woken may have got something done.
        if budget.exhausted(now):
            text = "it sends control frames without end, and nothing gets done"
            raise FloodError(ErrorCodes.ENHANCE_YOUR_CALM, text)
        return over and not is_closing()

    # -- responses -----------------------------------------------------------------------------

    def _on_chunk(self, stream: "Stream", data: bytes, flow: int) -> None:
        try:
            self._connection.receive_window.window_consumed(flow)
            stream.receive_window.window_consumed(flow)
        except FlowControlError:
            self._exceeded(stream, flow)
        else:
            stream.listener.on_data(data, flow)

    def _on_data(self, stream_id: int, flags: int, payload: bytes) -> None:
        connection = self._connection
        flow = len(payload)
        stream = self._stream(stream_id, "DATA")
        ended = bool(flags & frames.END_STREAM)
        data = _unpadded(payload) if flags & frames.PADDED else payload
        if data is None:
            self._break("a DATA frame with more padding than content")
        try:
            connection.receive_window.window_consumed(flow)
        except FlowControlError:
            self._exceeded(None, flow)
        if stream is None:
            if not connection.still_in_flight(stream_id, flow, ended=ended):
                self._ignore()
            connection.acknowledge_connection(flow)
            return
        stream.ended_there = ended
        try:
            stream.receive_window.window_consumed(flow)
        except FlowControlError:
            self._exceeded(stream, flow)
            return
        wrong = stream.take(len(data))
        if wrong:
            self._malformed(stream, flow, wrong)
            return
        self._ignore(0 if ended else 1 - len(data))
        stream.listener.on_data(data, flow)
        if ended and stream_id in connection.streams:
            stream.listener.on_end()

    def _on_headers(self, stream_id: int, flags: int, payload: bytes) -> None:
        if not stream_id:
            self._break("HEADERS on stream 0")
        fragment: bytes | None = payload
        if flags & frames.PADDED:
            fragment = _unpadded(payload)
        if fragment is not None and flags & frames.HAS_PRIORITY:
            fragment = fragment[5:] if len(fragment) >= 5 else None
        if fragment is None:
            self._break("a HEADERS frame with more padding than content")
        ended = bool(flags & frames.END_STREAM)
        if flags & frames.END_HEADERS:
            self._on_block(stream_id, fragment, ended=ended)
        else:
            self._block = _HeaderBlock(stream_id, fragment, ended=ended)

    def _on_continuation(self, stream_id: int, flags: int, payload: bytes) -> None:
        block = self._block
        if block is None or block.stream_id != stream_id:
            self._break("CONTINUATION without a header block")
        block.fragments.append(payload)
        block.size += len(payload)
        self._ignore()
        if block.size > _BLOCK_BYTES or len(block.fragments) > _BLOCK_FRAMES + (block.size >> 10):
            self._break("a header block without end", ErrorCodes.ENHANCE_YOUR_CALM)
        if flags & frames.END_HEADERS:
            self._block = None
            self._on_block(stream_id, b"".join(block.fragments), ended=block.ended)

    def _on_block(self, stream_id: int, block: bytes, *, ended: bool) -> None:
        stream = self._stream(stream_id, "HEADERS")
        headers: RawHeaders | None = None
        too_large = ""
        try:
            headers = self._decoder.decode(block)
        except HeaderListTooLargeError as error:
            too_large = str(error)
        except HeaderBlockError as error:
            raise BrokenProtocolError(ErrorCodes.COMPRESSION_ERROR, str(error)) from error
        if stream is None:
            if not (ended and self._connection.still_in_flight(stream_id, 0, ended=True)):
                self._ignore(1 + len(block) // _BYTES_PER_COST)
            return
        stream.ended_there = ended
        if headers is None:
            failure = Failure(StatusCode.RESOURCE_EXHAUSTED, too_large, final=True)
            self._connection.fail_stream(stream, ErrorCodes.ENHANCE_YOUR_CALM, failure)
        elif stream.headers_received:
            self._on_trailers(stream, headers)
        elif headers and headers[0][0] == b":status" and headers[0][1].startswith(b"1"):
            # An informational response: nothing a call waits for.
            self._ignore(1 + len(block) // _BYTES_PER_COST)
            if ended:
                self._malformed(stream, 0, "it ended with an informational status")
        else:
            self._on_response(stream, headers)

    def _on_response(self, stream: "Stream", headers: "RawHeaders") -> None:
        # A response without a body may name the length that it would have.
        wrong = "" if stream.ended_there else stream.expect(headers)
        if wrong:
            self._malformed(stream, 0, wrong)
            return
        stream.begin()
        self._connection.responded = True
        stream.listener.on_headers(headers)
        if stream.ended_there and stream.number in self._connection.streams:
            stream.listener.on_end()

    def _on_trailers(self, stream: "Stream", headers: "RawHeaders") -> None:
        if not stream.ended_there:
            self._malformed(stream, 0, "headers came twice")
        elif stream.length_left:
            self._malformed(stream, 0, "its body is not as long as its content-length")
        else:
            stream.listener.on_trailers(headers)
            if stream.number in self._connection.streams:
                stream.listener.on_end()

    def _on_rst_stream(self, stream_id: int, _: int, payload: bytes) -> None:
        if len(payload) != _LONG.size:
            self._break("RST_STREAM of a wrong size", ErrorCodes.FRAME_SIZE_ERROR)
        stream = self._stream(stream_id, "RST_STREAM")
        if stream is None:
            self._budget.left -= 1
        else:
            self._connection.on_reset(stream, _LONG.unpack(payload)[0])

    # -- the connection ------------------------------------------------------------------------

    def _on_settings(self, stream_id: int, flags: int, payload: bytes) -> None:
        connection = self._connection
        if stream_id:
            self._break("SETTINGS on a stream")
        if len(payload) % _SETTING.size or (flags & frames.ACK and payload):
            self._break("SETTINGS of a wrong size", ErrorCodes.FRAME_SIZE_ERROR)
        self._ignore(1 + len(payload) // _BYTES_PER_COST)
        if flags & frames.ACK:
            return
        limit: int | None = None
        # In order: each of several values of the same parameter counts (RFC 9113, 6.5.3).
        for identifier, value in _SETTING.iter_unpack(payload):
            if identifier == _MAX_CONCURRENT_STREAMS:
                limit = value
            else:
                self._apply(identifier, value)
        connection.limit_streams(limit)
        connection.send(_SETTINGS_ACK)

    def _apply(self, identifier: int, value: int) -> None:
        connection = self._connection
        if identifier == _HEADER_TABLE_SIZE:
            connection.encoder.resize(value)
        elif identifier == _ENABLE_PUSH and value:
            self._break("SETTINGS that allow pushing, sent by a server")
        elif identifier == _INITIAL_WINDOW_SIZE:
            if value > _LARGEST_WINDOW or not connection.resize_windows(value):
                text = "SETTINGS with a window over 2**31 - 1"
                self._break(text, ErrorCodes.FLOW_CONTROL_ERROR)
        elif identifier == _MAX_FRAME_SIZE:
            if not FRAME_BYTES <= value <= _LARGEST_FRAME:
                self._break(f"SETTINGS with a largest frame of {value} bytes")
            connection.send_frame_bytes = value

    def _on_push_promise(self, *_: object) -> None:
        # Our settings forbid it: pushed responses have no meaning in gRPC.
        self._break("PUSH_PROMISE, which was not allowed")

    def _on_ping(self, stream_id: int, flags: int, payload: bytes) -> None:
        if stream_id:
            self._break("PING on a stream")
        if len(payload) != 8:
            self._break("PING of a wrong size", ErrorCodes.FRAME_SIZE_ERROR)
        self._budget.left -= 1
        if not flags & frames.ACK:
            self._connection.send(_PING_ACK + payload)

    def _on_goaway(self, stream_id: int, _: int, payload: bytes) -> None:
        if stream_id:
            self._break("GOAWAY on a stream")
        if len(payload) < _TWO_LONGS.size:
            self._break("GOAWAY of a wrong size", ErrorCodes.FRAME_SIZE_ERROR)
        last, code = _TWO_LONGS.unpack_from(payload)
        self._ignore()
        self._connection.on_goaway(last & _NUMBER, code, payload[_TWO_LONGS.size :])

    def _on_window_update(self, stream_id: int, _: int, payload: bytes) -> None:
        connection = self._connection
        if len(payload) != _LONG.size:
            self._break("WINDOW_UPDATE of a wrong size", ErrorCodes.FRAME_SIZE_ERROR)
        increment = _LONG.unpack(payload)[0] & _NUMBER
        self._budget.left -= 1
        if not stream_id:
            if not increment:
                self._break("WINDOW_UPDATE by 0")
            if connection.send_window + increment > _LARGEST_WINDOW:
                text = "WINDOW_UPDATE beyond 2**31 - 1"
                self._break(text, ErrorCodes.FLOW_CONTROL_ERROR)
            connection.send_window += increment
            return
        stream = self._stream(stream_id, "WINDOW_UPDATE")
        if stream is None:
            return
        if not increment:
            self._malformed(stream, 0, "WINDOW_UPDATE by 0")
        elif not connection.open_window(stream, increment):
            self._malformed(
                stream, 0, "WINDOW_UPDATE beyond 2**31 - 1", ErrorCodes.FLOW_CONTROL_ERROR
            )

    def _on_priority(self, stream_id: int, _: int, payload: bytes) -> None:
        if not stream_id:
            self._break("PRIORITY on stream 0")
        self._budget.left -= 1
        stream = self._connection.streams.get(stream_id)
        if stream is not None and len(payload) != 5:
            self._malformed(stream, 0, "PRIORITY of a wrong size", ErrorCodes.FRAME_SIZE_ERROR)

    # -- faults --------------------------------------------------------------------------------

    def _stream(self, stream_id: int, what: str) -> "Stream | None":
        """Return a stream, or None when it has ended."""
        connection = self._connection
        stream = connection.streams.get(stream_id)
        if stream is None and (stream_id % 2 == 0 or stream_id > connection.last_stream_id):
            # Stream 0, one that only a server could open, or one that was never opened.
            self._break(f"{what} on stream {stream_id}, which was never opened")
        return stream

    def _check_size(self, kind: int, length: int) -> None:
        # At once: the frame may claim to have 16 MiB. Headers have a limit of their own.
        if kind != frames.HEADERS or length > LIST_BYTES:
            text = f"a frame of {length} bytes, of {FRAME_BYTES} at most"
            self._break(text, ErrorCodes.FRAME_SIZE_ERROR)

    def _ignore(self, cost: int = 1) -> None:
        """Count a frame that gets nothing done."""
        self._budget.left -= cost

    def _malformed(
        self,
        stream: "Stream",
        flow: int,
        text: str,
        code: ErrorCodes = ErrorCodes.PROTOCOL_ERROR,
    ) -> None:
        """End one stream: RFC 9113, sections 5.4.2 and 8.1.1."""
        self._connection.acknowledge_connection(flow)
        failure = Failure(
            StatusCode.INTERNAL, f"the response broke the HTTP/2 protocol: {text}", final=True
        )
        self._connection.fail_stream(stream, code, failure)

    def _exceeded(self, stream: "Stream | None", flow: int) -> None:
        """End what was sent more than its window: the connection, or one stream."""
        code = ErrorCodes.FLOW_CONTROL_ERROR
        if stream is None or self._connection.receive_window.current_window_size < 0:
            self._break("more data than the window of the connection", code)
        self._malformed(stream, flow, "more data than its window", code)

    def _break(self, text: str, code: ErrorCodes = ErrorCodes.PROTOCOL_ERROR) -> NoReturn:
        raise BrokenProtocolError(code, text)

    def _count_unread(self) -> None:
        connection = self._connection
        # A request waits when the socket takes no more; an acknowledgement can't.
        self._unread = 0 if connection.writable else self._unread + connection.unsent()
        if self._unread > _UNREAD_ACKS:
            # What is still to be written would never leave.
            connection.abort()
            text = "it asks for acknowledgements and reads none"
            raise FloodError(ErrorCodes.ENHANCE_YOUR_CALM, text)


def _unpadded(payload: bytes) -> bytes | None:
    """Return what a padded frame carries; None when the padding is longer than the frame."""
    if not payload or payload[0] >= len(payload):
        return None
    return payload[1 : len(payload) - payload[0]]
