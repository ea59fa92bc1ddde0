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
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from grpclib import client as grpclib_client
from grpclib import protocol as grpclib_protocol
from grpclib.config import Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
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
from h2.exceptions import TooManyStreamsError
from h2.settings import SettingCodes
from hyperframe.frame import GoAwayFrame

from xai.errors import StatusCode
from xai.runtime.retry import Failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from xai.runtime.channel import Channel

RawHeaders = list[tuple[bytes, bytes]]

STREAM_WINDOW: Final = 4 * 2**20
#: Far above one stream's window, so that a stream nobody reads can't stop the others (G6).
CONNECTION_WINDOW: Final = 16 * STREAM_WINDOW
#: A client's streams have odd numbers of 31 bits; a connection that used them up is done.
_LAST_STREAM: Final = 2**31 - 1


class StreamListener(Protocol):
    """What a connection tells about one stream; called on the loop, never blocks."""

    def on_slot(self) -> None:
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
    ) -> None:
        super().__init__(connection, transport, config=config)
        self.h2 = connection
        self.authority = authority
        self.listeners: dict[int, StreamListener] = {}
        self.queue: deque[StreamListener] = deque()
        self.blocked: set[StreamListener] = set()
        self.writable = True
        self.usable = True
        #: What the server said in its GOAWAY frame, and why the connection is of no use any
        #: more, for the errors.
        self.farewell = ""
        self.reason = ""

    def open_stream(self, listener: StreamListener, headers: list[tuple[str, str]]) -> int | None:
        """Send the headers of a request, or queue the listener for a free stream.

        Args:
            listener: Told about the stream's events.
            headers: The request's headers, pseudo-headers first.

        Returns:
            The stream's number; None when the server's limit of streams is reached, and the
            listener's `on_slot` will be called in its turn.
        """
        stream_id = self.h2.get_next_available_stream_id()
        try:
            self.h2.send_headers(stream_id, headers)
        except TooManyStreamsError:
            self.queue.append(listener)
            return None
        if stream_id >= _LAST_STREAM:
            self.usable = False
        self.listeners[stream_id] = listener
        return stream_id

    def send_body(self, stream_id: int, body: memoryview, listener: StreamListener) -> int:
        """Send as much of a request's body as the flow control allows, and end it.

        Args:
            stream_id: The stream.
            body: What is left to send.
            listener: Its `on_writable` is called when sending may go on.

        Returns:
            How many bytes were sent.
        """
        sent = 0
        stream = self.h2.streams.get(stream_id)
        if stream is None or stream.closed:
            # h2 has read a whole segment before its events are told one by one: the listener
            # is about to hear of the reset that came with the window.
            return 0
        while self.writable:
            left = len(body) - sent
            room = min(
                self.h2.local_flow_control_window(stream_id), self.h2.max_outbound_frame_size
            )
            if left > 0 and room <= 0:
                break
            size = min(left, room)
            last = size == left
            self.h2.send_data(stream_id, bytes(body[sent : sent + size]), end_stream=last)
            sent += size
            if last:
                self.flush()
                return sent
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
        self.blocked.discard(listener)
        if self.is_closing():
            return
        stream = self.h2.streams.get(stream_id)
        if stream is not None and not stream.closed:
            self.h2.reset_stream(stream_id, error_code=ErrorCodes.CANCEL)
        self.flush()
        self.admit()

    def admit(self) -> None:
        """Give free streams to those who wait longest; close when draining and empty."""
        # Asked before and not tried: who is turned away would have to queue at the end again.
        while self.queue and self.usable and self._has_room():
            self.queue.popleft().on_slot()
        if not self.usable and not self.listeners:
            self.shut()

    def _has_room(self) -> bool:
        most = self.h2.remote_settings.max_concurrent_streams
        return self.h2.open_outbound_streams < most

    def give_back(self, stream_id: int, size: int) -> None:
        """Return window to the server for data that was taken.

        Args:
            stream_id: The stream the data came on.
            size: Bytes, padding included.
        """
        if size and not self.is_closing():
            self.h2.acknowledge_received_data(size, stream_id)

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
        data = self.h2.data_to_send()
        if data and not self.is_closing():
            self._transport.write(data)

    def shut(self) -> None:
        """Say goodbye with a GOAWAY frame and close; what was written is still sent (G23)."""
        self.usable = False
        if not self.is_closing():
            self.h2.close_connection()
            self.flush()
        self.close()

    def close(self) -> None:
        """Close the transport and stop the keepalive timers."""
        self.usable = False
        self._transport.close()
        for handle in (self._ping_handle, self._close_by_ping_handler):
            if handle is not None:
                handle.cancel()

    def abort(self) -> None:
        """Close the transport without sending what is still to be sent."""
        self._transport.abort()

    def is_closing(self) -> bool:
        """Return whether the transport is closed or about to be."""
        return self._transport.is_closing()


class EventsProcessor(grpclib_protocol.EventsProcessor):
    """Hands h2's events to the listeners.

    Overridden: ``process`` (unknown events are left alone, G14), each ``process_*`` that grpclib
    answers by cancelling tasks, and ``close``.
    """

    connection: Connection
    handler: grpclib_client.Handler

    def process(self, event: Event) -> None:
        """Dispatch one event."""
        handlers = cast("dict[type[Event], Callable[[Event], None]]", self.processors)
        handle = handlers.get(type(event))
        if handle is not None:
            handle(event)

    def process_response_received(self, event: ResponseReceived) -> None:
        """Pass response headers on."""
        listener = self.connection.listeners.get(event.stream_id)
        if listener is not None:
            listener.on_headers(event.headers)

    def process_data_received(self, event: DataReceived) -> None:
        """Pass a piece of a body on, or return its window when nobody wants it."""
        listener = self.connection.listeners.get(event.stream_id)
        if listener is not None:
            listener.on_data(event.data, event.flow_controlled_length)
        else:
            self.connection.give_back(event.stream_id, event.flow_controlled_length)

    def process_trailers_received(self, event: TrailersReceived) -> None:
        """Pass trailers on."""
        listener = self.connection.listeners.get(event.stream_id)
        if listener is not None:
            listener.on_trailers(event.headers)

    def process_stream_ended(self, event: StreamEnded) -> None:
        """Pass the end of a stream on."""
        listener = self.connection.listeners.get(event.stream_id)
        if listener is not None:
            listener.on_end()

    def process_stream_reset(self, event: StreamReset) -> None:
        """Pass a reset on, with its code (G13)."""
        listener = self.connection.listeners.get(event.stream_id)
        if listener is not None:
            listener.on_reset(int(event.error_code))

    def process_window_updated(self, event: WindowUpdated) -> None:  # noqa: ARG002  # upstream's
        """Let requests that wait for window go on."""
        self.connection.wake_blocked()

    def process_remote_settings_changed(self, event: RemoteSettingsChanged) -> None:
        """Let requests that wait for window or for a stream go on."""
        self.connection.wake_blocked()
        if SettingCodes.MAX_CONCURRENT_STREAMS in event.changed_settings:
            self.connection.admit()

    def process_connection_terminated(self, event: ConnectionTerminated) -> None:
        """Take no new calls; fail those the server will not do, let the others finish."""
        connection = self.connection
        connection.usable = False
        code = event.error_code
        connection.farewell = f"GOAWAY {code.name if isinstance(code, ErrorCodes) else code}"
        text = bytes(event.additional_data or b"")[:200].decode("utf-8", "replace")
        if text:
            connection.farewell += f" ({text})"
        reason = f"{connection.authority} is closing the connection: {connection.farewell}"
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
        running = list(connection.listeners.values())
        text = f"the connection to {connection.authority} was lost: {reason}"
        if connection.farewell:
            text = f"{text}, after {connection.farewell}"
        if not self.handler.connection_lost:
            # The first reason is the true one: closing for it makes asyncio tell another.
            self.handler.close()
            connection.reason = text
        for listener in running:
            listener.on_failure(Failure(StatusCode.UNAVAILABLE, text, connection=True))
        for listener in waiting:
            listener.on_failure(
                Failure(StatusCode.UNAVAILABLE, text, connection=True, unprocessed=True)
            )


def drain(queue: deque[StreamListener]) -> list[StreamListener]:
    """Empty a queue, and return what was in it."""
    items = list(queue)
    queue.clear()
    return items


class H2Protocol(grpclib_protocol.H2Protocol):
    """grpclib's protocol with our connection, and with nothing escaping from it.

    Overridden: ``connection_made`` (whole), ``data_received``, ``connection_lost``.
    """

    connection: Connection
    processor: EventsProcessor

    def __init__(self, channel: "Channel", sock: socket.socket) -> None:
        super().__init__(grpclib_client.Handler(), channel._config, channel._h2_config)  # noqa: SLF001  # the seam's own arguments
        self.sock = sock
        self._channel = channel
        self._started = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send our settings and set the connection up."""
        h2 = H2Connection(config=self.h2_config)
        # Pushed responses have no meaning in gRPC.
        h2.local_settings.enable_push = 0
        h2.local_settings.initial_window_size = STREAM_WINDOW
        h2.local_settings.acknowledge()
        h2.initiate_connection()
        h2.increment_flow_control_window(CONNECTION_WINDOW - 65535)
        # A GOAWAY would put h2 into its closed state, where it refuses the frames of calls that
        # the server has promised to finish (G4).
        h2._frame_dispatch_table[GoAwayFrame] = _terminated  # noqa: SLF001  # no public hook
        self.connection = Connection(
            h2,
            cast("asyncio.Transport", transport),
            config=self.config,
            authority=self._channel.config.endpoint.authority,
        )
        self._channel.protocols.add(self)
        self.connection.flush()
        self.connection.initialize()
        self.processor = EventsProcessor(self.handler, self.connection)

    def data_received(self, data: bytes) -> None:
        """Feed h2, pass the events on, and write what they lead to in one go."""
        if not self._started:
            self._started = True
            if data.startswith(b"HTTP/1."):
                self.processor.close("the server speaks HTTP/1, not HTTP/2")
                return
        try:
            events = self.connection.feed(data)
        except Exception as error:  # noqa: BLE001  # h2 and hpack raise many kinds; all mean this
            # h2 has put a GOAWAY with the reason into its buffer.
            self.connection.flush()
            self.processor.close(f"the server broke the HTTP/2 protocol ({error!r})")
            return
        try:
            for event in events:
                self.processor.process(event)
        except Exception as error:  # noqa: BLE001  # asyncio would log it and tell no call
            self.processor.close(f"what the server sent could not be handled ({error!r})")
        self.connection.flush()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Fail what is still running."""
        self.processor.close("the server closed it" if exc is None else describe(exc))
        self._channel.forget(self)


def _terminated(frame: GoAwayFrame) -> tuple[list[Any], list[Event]]:
    event = ConnectionTerminated()
    event.error_code = _known_code(frame.error_code)
    event.last_stream_id = frame.last_stream_id
    event.additional_data = frame.additional_data or None
    return [], [event]


def _known_code(number: int) -> ErrorCodes | int:
    try:
        return ErrorCodes(number)
    except ValueError:
        return number


def describe(error: BaseException) -> str:
    """Return an error in the system's words."""
    if not isinstance(error, OSError) or isinstance(error, ssl.SSLError):
        return str(error) or type(error).__name__
    if error.errno is not None and error.errno > 0:
        # asyncio puts a text of its own, with the address, in the place of the system's.
        return os.strerror(error.errno)
    return error.strerror or str(error) or type(error).__name__
