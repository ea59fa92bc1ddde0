"""What the server sends, on its way to the calls: frames, their events and their listeners.

Numbers such as G14 name known hazards; each has a test which cites the same number.
"""

from typing import TYPE_CHECKING, Final, NoReturn, cast

from grpclib import protocol as grpclib_protocol
from h2.errors import ErrorCodes
from h2.exceptions import FlowControlError, FrameTooLargeError, ProtocolError
from h2.settings import SettingCodes
from h2.stream import StreamInputs, StreamState

from xai.errors import StatusCode
from xai.runtime.http2.connection import drain
from xai.runtime.http2.frames import DATA, END_HEADERS, END_STREAM, HEAD, HEADERS, HeaderReader
from xai.runtime.http2.keepalive import TOO_MANY_PINGS
from xai.runtime.retry.policy import Failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from grpclib import client as grpclib_client
    from h2.events import (
        ConnectionTerminated,
        DataReceived,
        Event,
        RemoteSettingsChanged,
        ResponseReceived,
        StreamEnded,
        StreamReset,
        TrailersReceived,
        WindowUpdated,
    )

    from xai.runtime.http2.connection import Connection

_HEAD_BYTES: Final = 9
#: How many bytes of answers, such as those to PING, may wait for a server that does not read.
_UNREAD_ANSWERS: Final = 128 * 1024
#: Where a stream is while a reply comes in.
_READING: Final = (StreamState.OPEN, StreamState.HALF_CLOSED_LOCAL)


class EventsProcessor(grpclib_protocol.EventsProcessor):
    """Hands h2's events to the listeners.

    Overridden: ``process`` (unknown events are left alone, G14), each ``process_*`` that grpclib
    answers by cancelling tasks, and ``close``.
    """

    connection: "Connection"
    handler: "grpclib_client.Handler"

    def process(self, event: "Event") -> None:
        """Dispatch one event."""
        handlers = cast("dict[type[Event], Callable[[Event], None]]", self.processors)
        handle = handlers.get(type(event))
        if handle is not None:
            handle(event)

    def process_response_received(self, event: "ResponseReceived") -> None:
        """Pass response headers on."""
        listener = self.connection.listeners.get(event.stream_id)
        if listener is not None:
            listener.on_headers(event.headers)

    def process_data_received(self, event: "DataReceived") -> None:
        """Pass a piece of a body on, or return its window when nobody wants it."""
        listener = self.connection.listeners.get(event.stream_id)
        if listener is not None:
            listener.on_data(event.data, event.flow_controlled_length)
        else:
            self.connection.acknowledge(event.stream_id, event.flow_controlled_length)

    def process_trailers_received(self, event: "TrailersReceived") -> None:
        """Pass trailers on."""
        listener = self.connection.listeners.get(event.stream_id)
        if listener is not None:
            listener.on_trailers(event.headers)

    def process_stream_ended(self, event: "StreamEnded") -> None:
        """Pass the end of a stream on."""
        listener = self.connection.listeners.get(event.stream_id)
        if listener is not None:
            listener.on_end()

    def process_stream_reset(self, event: "StreamReset") -> None:
        """Pass a reset on, with its code (G13)."""
        listener = self.connection.listeners.get(event.stream_id)
        if listener is not None:
            listener.on_reset(int(event.error_code))

    def process_window_updated(self, event: "WindowUpdated") -> None:  # noqa: ARG002  # upstream's
        """Let requests that wait for window go on."""
        self.connection.wake_blocked()

    def process_remote_settings_changed(self, event: "RemoteSettingsChanged") -> None:
        """Let requests that wait for window or for a stream go on."""
        self.connection.wake_blocked()
        if SettingCodes.MAX_CONCURRENT_STREAMS in event.changed_settings:
            self.connection.admit()

    def process_connection_terminated(self, event: "ConnectionTerminated") -> None:
        """Take no new calls; fail those the server will not do, let the others finish."""
        connection = self.connection
        connection.usable = False
        code = event.error_code
        connection.goaway_reason = f"GOAWAY {code.name if isinstance(code, ErrorCodes) else code}"
        text = bytes(event.additional_data or b"")[:200].decode("utf-8", "replace")
        if text:
            connection.goaway_reason += f" ({text})"
        if (
            code == ErrorCodes.ENHANCE_YOUR_CALM
            and event.additional_data == TOO_MANY_PINGS
            and connection.watch is not None
        ):
            connection.watch.slow_down()
        reason = f"{connection.authority} is closing the connection: {connection.goaway_reason}"
        connection.reason = reason
        last = event.last_stream_id
        refused = [item for number, item in connection.listeners.items() if number > (last or 0)]
        for listener in (*refused, *drain(connection.queue)):
            listener.on_failure(
                Failure(StatusCode.UNAVAILABLE, reason, connection=True, unprocessed=True)
            )
        connection.admit()

    def close(self, reason: str = "it was closed") -> None:
        """Fail every call of a connection that is gone.

        Args:
            reason: Why, for the errors.
        """
        connection = self.connection
        connection.close()
        waiting = drain(connection.queue)
        running = list(connection.listeners.items())
        text = f"the connection to {connection.authority} was lost: {reason}"
        if connection.goaway_reason:
            text = f"{text}, after {connection.goaway_reason}"
        if not self.handler.connection_lost:
            # The first reason is the true one: closing for it makes asyncio tell another.
            self.handler.close()
            connection.reason = text
        for number, listener in running:
            unsent = number > connection.written
            listener.on_failure(
                Failure(StatusCode.UNAVAILABLE, text, connection=True, unprocessed=unsent)
            )
        for listener in waiting:
            listener.on_failure(
                Failure(StatusCode.UNAVAILABLE, text, connection=True, unprocessed=True)
            )


class BrokenProtocolError(Exception):
    """The server broke the HTTP/2 protocol; the cause says how."""


class FrameReader:
    """Reads the frames of ordinary replies itself, and gives all others to h2, one by one.

    h2 makes an object of each frame, of its flags and of what it means; for a message of a few
    bytes that is most of the work. Taken here are DATA frames without padding that don't end
    their stream, and header blocks in one frame, of streams that h2 holds open.

    Args:
        connection: Has the streams.
        processor: Takes the events of h2.
    """

    def __init__(self, connection: "Connection", processor: EventsProcessor) -> None:
        self._connection = connection
        self._processor = processor
        self._header_reader = HeaderReader(connection.h2.decoder)
        self._rest = b""
        self._unread = 0

    def feed(self, data: bytes) -> None:
        """Read all whole frames, and keep the rest for the next time.

        Args:
            data: What the server sent.

        Raises:
            BrokenProtocolError: The server broke the protocol.
        """
        if self._rest:
            data = self._rest + data
        connection = self._connection
        h2, replies = connection.h2, connection.replies
        window = h2._inbound_flow_control_window_manager  # noqa: SLF001  # h2 keeps its books by it
        incoming = h2.incoming_buffer
        start, size = 0, len(data)
        while size - start >= _HEAD_BYTES:
            high, low, kind, flags, stream_id = HEAD.unpack_from(data, start)
            length = high << 16 | low
            body, end = start + _HEAD_BYTES, start + _HEAD_BYTES + length
            if end > size:
                self._check_length(length)
                break
            if kind == DATA and not flags and not incoming._headers_buffer:  # noqa: SLF001  # a header block is not complete
                reply = replies.get(stream_id)
                if reply is not None:
                    listener, stream_window = reply
                    try:
                        window.window_consumed(length)
                        stream_window.window_consumed(length)
                    except FlowControlError as error:
                        self._refuse(error)
                    listener.on_data(data[body:end], length)
                    start = end
                    continue
            if (
                kind != HEADERS
                or flags & ~END_STREAM != END_HEADERS
                or incoming._headers_buffer  # noqa: SLF001  # as above
                or not self._read_headers(stream_id, flags & END_STREAM, data[body:end])
            ):
                self._pass_on(data[start:end])
            start = end
            if connection.is_closing():
                break
        self._rest = data[start:]
        self._count_answers()

    def _read_headers(self, stream_id: int, ended: int, block: bytes) -> bool:
        """Take headers or trailers, as `h2.stream.H2Stream.receive_headers`; or leave them."""
        connection = self._connection
        listener = connection.listeners.get(stream_id)
        stream = connection.h2.streams.get(stream_id)
        if listener is None or stream is None:
            return False
        machine = stream.state_machine
        first = not machine.headers_received
        if machine.state not in _READING or not (
            first or (ended and stream_id in connection.replies)
        ):
            return False
        try:
            headers = self._header_reader.read(block)
        except ProtocolError as error:
            self._refuse(error)
        if first and headers and headers[0][1].startswith(b"1") and headers[0][0] == b":status":
            # Nothing a call waits for; h2 knows what is allowed.
            try:
                stream.receive_headers(headers, bool(ended), header_encoding=None)
            except ProtocolError as error:
                self._refuse(error)
            return True
        machine.process_input(StreamInputs.RECV_HEADERS)
        if ended:
            machine.process_input(StreamInputs.RECV_END_STREAM)
        if first:
            if any(name == b"content-length" for name, _ in headers):
                # h2 holds the server to it, so h2 has to see the data as well.
                stream._initialize_content_length(headers)  # noqa: SLF001  # see above
            else:
                connection.replies[stream_id] = (listener, stream._inbound_window_manager)  # noqa: SLF001  # h2 keeps its books by it
            listener.on_headers(headers)
        else:
            listener.on_trailers(headers)
        if ended:
            connection.replies.pop(stream_id, None)
            listener.on_end()
        return True

    def _pass_on(self, whole_frame: bytes) -> None:
        try:
            events = self._connection.feed(whole_frame)
        except Exception as error:
            # h2, hpack and hyperframe raise many kinds; all mean this.
            raise BrokenProtocolError from error
        for event in events:
            self._processor.process(event)

    def _count_answers(self) -> None:
        # A request waits when the socket takes no more; an answer can't.
        connection = self._connection
        answers = len(connection.h2._data_to_send)  # noqa: SLF001  # there is no public way to ask
        self._unread = 0 if connection.writable else self._unread + answers
        if self._unread > _UNREAD_ANSWERS:
            # What is still to be written would never leave.
            connection.abort()
            raise BrokenProtocolError from ProtocolError("it asks for answers and reads none")

    def _check_length(self, length: int) -> None:
        # At once: h2 would first wait for all of a frame, which may claim to have 16 MiB.
        most = self._connection.h2.max_inbound_frame_size
        if length > most:
            self._refuse(FrameTooLargeError(f"a frame of {length} bytes, of {most} at most"))

    def _refuse(self, error: ProtocolError) -> NoReturn:
        self._connection.h2._terminate_connection(error.error_code)  # noqa: SLF001  # as it does itself
        raise BrokenProtocolError from error
