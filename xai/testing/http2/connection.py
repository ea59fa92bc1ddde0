"""One connection of a client: what the local server builds on the classes of grpclib and h2."""

import asyncio
import functools
import logging
from collections.abc import Callable
from typing import Any, cast

import attrs
import h2.config
import h2.exceptions
from grpclib.config import Configuration
from grpclib.protocol import AbstractHandler, Connection, EventsProcessor, H2Protocol, Stream
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import ConnectionTerminated, DataReceived, Event, RequestReceived, StreamReset
from hyperframe.frame import Frame, GoAwayFrame

from xai.testing.control.calls import Call, describe
from xai.testing.control.faults import DropConnection, Fault, GoAway, Refuse
from xai.testing.http2.budget import ControlFrameBudget
from xai.testing.http2.exchange import Core, Exchange

_LOG = logging.getLogger("xai.testing")
_LINGER = 0.2
_READ_BYTES = 64 * 1024
#: What clients are told they may send of headers; a call with more fails.
_HEADER_BYTES = 64 * 1024
#: Headers of this size end the connection.
_MOST_HEADER_BYTES = 1024 * 1024
#: What each header counts besides its name and value, as in RFC 9113.
_HEADER_OVERHEAD = 32


@attrs.define(eq=False)
class _Running:
    """A call in progress."""

    call: Call
    task: "asyncio.Task[None]"


class ServerConnection(AbstractHandler):
    """One connection of a client: starts a task for each stream, and closes as told.

    Args:
        core: What it shares with the server's other connections.
    """

    def __init__(self, core: Core) -> None:
        self.core = core
        self.number = 0
        self.budget = ControlFrameBudget()
        self._connection: Connection | None = None
        self._transport: asyncio.Transport | None = None
        self._running: dict[Stream, _Running] = {}
        # Every task, until it has ended: also those whose stream is already gone.
        self.tasks: set[asyncio.Task[None]] = set()
        self._last_stream = 0
        # The last stream that will be served, once either side has sent GOAWAY.
        self._final_stream: int | None = None
        self._closing = False

    def made(self, connection: Connection, transport: asyncio.Transport) -> None:
        """Store the transport once it exists."""
        self.number = self.core.log.connected()
        self._connection = connection
        self._transport = transport

    # What grpclib's protocol calls.

    def accept(
        self, stream: Stream, headers: list[tuple[str, str]], release_stream: Callable[[], Any]
    ) -> None:
        """Start to serve a new stream, or refuse it."""
        stream_id = stream.id or 0
        if self._final_stream is not None and stream_id > self._final_stream:
            # The client will learn from the frame on its way that nobody looked at this one.
            release_stream()
            return
        if len(self._running) >= self.core.max_streams:
            reset(stream, ErrorCodes.REFUSED_STREAM)
            release_stream()
            return
        self._last_stream = stream_id
        call = describe(headers, self.number, stream_id)
        self.core.log.add(call)
        refusal = self.core.rates.refusal(call.method)
        faults: list[Fault] = self.core.faults.take(call.method) if refusal is None else [refusal]
        for fault in faults:
            # These act before anything else happens on the connection, hence not in the task.
            if isinstance(fault, Refuse):
                self.core.log.finish(call, "error")
                reset(stream, ErrorCodes.REFUSED_STREAM)
                release_stream()
                return
            if isinstance(fault, DropConnection) and fault.after_messages is None:
                self.core.log.finish(call, "error")
                release_stream()
                self.drop(flush=False)
                return
            if isinstance(fault, GoAway) and fault.after_messages is None and not fault.processed:
                self.core.log.finish(call, "error")
                release_stream()
                self._last_stream = stream_id - 2
                self.go_away(fault.error_code)
                return
        exchange = Exchange(self, stream, call, headers, faults)
        if (size := _header_bytes(headers)) > _HEADER_BYTES:
            serving = exchange.refuse_headers(size, _HEADER_BYTES)
        else:
            serving = exchange.serve()
        task = asyncio.get_running_loop().create_task(serving)
        self._running[stream] = _Running(call, task)
        self.tasks.add(task)
        # Not in the task itself: one that is cancelled before its first step does nothing.
        task.add_done_callback(functools.partial(self._ended, stream, release_stream))

    def _ended(
        self, stream: Stream, release_stream: Callable[[], Any], task: "asyncio.Task[None]"
    ) -> None:
        self.tasks.discard(task)
        self._running.pop(stream, None)
        try:
            release_stream()
        except h2.exceptions.H2Error:
            _LOG.debug("connection %d: closed before its stream %s", self.number, stream.id)
        self._close_if_done()
        if not task.cancelled() and (error := task.exception()) is not None:
            _LOG.error("The local server failed to end a call", exc_info=error)

    def reset(self, stream: Stream, error_code: int | None) -> None:
        """Cancel a call whose stream was reset by the client, or broke the protocol."""
        running = self._running.pop(stream, None)
        if running is not None:
            self.core.log.finish(running.call, "cancelled", error_code)
            running.task.cancel()

    def cancel(self, stream: Stream) -> None:
        """Cancel a call."""
        self.reset(stream, None)

    def close(self) -> None:
        """Cancel all calls, because the connection is gone."""
        for running in self._running.values():
            self.core.log.finish(running.call, "cancelled")
            running.task.cancel()
        self._running.clear()

    # What faults and the server call.

    def go_away(self, error_code: int = 0) -> None:
        """Send GOAWAY, and close when the open calls have ended.

        The frame is written past h2, which would refuse to serve the open streams after it.
        """
        if self._final_stream is not None or self._connection is None:
            return
        self._final_stream = max(self._last_stream, 0)
        self._connection.flush()
        frame = GoAwayFrame(0, last_stream_id=self._final_stream, error_code=error_code)
        self.write(frame.serialize())
        self._close_if_done()

    def finish(self) -> None:
        """Close when the open calls have ended, because the client has sent GOAWAY."""
        if self._final_stream is None:
            self._final_stream = self._last_stream
        self._close_if_done()

    def write(self, data: bytes) -> None:
        """Write bytes between two frames."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def drop(self, *, flush: bool = True) -> None:
        """Close the socket without a frame."""
        if self._transport is None:
            return
        if flush:
            self._transport.close()
        else:
            self._transport.abort()

    def progress(self) -> None:
        """Note that a call has got on, which allows the client more control frames."""
        self.budget.progress()

    def _close_if_done(self) -> None:
        if self._final_stream is None or self._running or self._closing:
            return
        # Closing at once could overtake the frame, if the client is still sending.
        self._closing = True
        asyncio.get_running_loop().call_later(_LINGER, self.drop)


def reset(stream: Stream, code: ErrorCodes) -> None:
    """Reset a stream, unless it is closed already."""
    if stream.closable:
        stream.reset_nowait(code)


def _header_bytes(headers: list[tuple[str, str]]) -> int:
    return sum(len(name) + len(value) + _HEADER_OVERHEAD for name, value in headers)


class _Events(EventsProcessor):
    """grpclib's processor, with the error codes of resets and mistakes that end one stream."""

    handler: ServerConnection

    def process(self, event: Event) -> None:
        # An event that grpclib has no name for is an exception there, which would end the
        # connection.
        processors = getattr(self, "processors", None)
        if processors is None or type(event) in processors:
            super().process(event)

    def process_request_received(self, event: RequestReceived) -> None:
        try:
            headers = [(_text(name), _text(value)) for name, value in event.headers or ()]
        except UnicodeDecodeError:
            reset(
                self.connection.create_stream(stream_id=event.stream_id), ErrorCodes.PROTOCOL_ERROR
            )
            return
        event.headers = cast("Any", headers)
        super().process_request_received(event)

    def process_data_received(self, event: DataReceived) -> None:
        # grpclib takes an empty frame for the end of the request.
        if event.data or event.flow_controlled_length:
            super().process_data_received(event)

    def process_stream_reset(self, event: StreamReset) -> None:
        stream = self.streams.get(event.stream_id or 0)
        if stream is not None:
            self.handler.reset(stream, int(event.error_code or 0))
        self.connection.streams_failed += 1

    def process_connection_terminated(self, event: ConnectionTerminated) -> None:
        if event.error_code:
            super().process_connection_terminated(event)
        else:
            self.handler.finish()


def _text(value: bytes | str) -> str:
    return value if isinstance(value, str) else value.decode("ascii")


class _H2(H2Connection):
    """h2's state of a connection, with limits of ours.

    Overridden: `open_inbound_streams`, by which h2 ends a connection that has too many of them
    (here the surplus streams are refused); `_receive_frame`, to count frames; and
    `_receive_goaway_frame`, after which h2 would refuse to send what the client still waits for.
    """

    def __init__(self, config: h2.config.H2Configuration, budget: ControlFrameBudget) -> None:
        super().__init__(config)
        self._budget = budget
        self.decoder.max_header_list_size = _MOST_HEADER_BYTES

    @property
    def open_inbound_streams(self) -> int:
        # Asked for all the same: h2 forgets closed streams when it counts the open ones.
        return min(super().open_inbound_streams, 0)

    def _receive_frame(self, frame: Frame) -> list[Event]:
        self._budget.spend(frame, len(self.streams))
        return super()._receive_frame(frame)

    def _receive_goaway_frame(self, frame: GoAwayFrame) -> tuple[list[Frame], list[Event]]:
        event = ConnectionTerminated()
        event.error_code = frame.error_code
        event.last_stream_id = frame.last_stream_id
        return [], [event]


# Headers stay bytes in h2: what is wrong with them is the matter of one stream.
_H2_CONFIG = h2.config.H2Configuration(
    client_side=False,
    header_encoding=None,
    validate_inbound_headers=False,
    validate_outbound_headers=False,
    normalize_inbound_headers=False,
    normalize_outbound_headers=False,
)


class ServerProtocol(H2Protocol, asyncio.BufferedProtocol):
    """Connects a socket of the event loop with grpclib's HTTP/2 and with our calls."""

    handler: ServerConnection

    def __init__(self, handler: ServerConnection, registry: "set[ServerProtocol]") -> None:
        super().__init__(handler, Configuration().__for_server__(), _H2_CONFIG)
        self._registry = registry
        self._space = memoryview(bytearray(_READ_BYTES))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the settings, and start to read frames."""
        self._registry.add(self)
        config = self.config
        state = _H2(self.h2_config, self.handler.budget)
        state.local_settings.max_concurrent_streams = self.handler.core.max_streams
        state.local_settings.initial_window_size = config.http2_stream_window_size
        state.local_settings.max_header_list_size = _HEADER_BYTES
        # They are in the first frame, and hold from the start.
        state.local_settings.acknowledge()
        state.initiate_connection()
        more = config.http2_connection_window_size - state.inbound_flow_control_window
        state.increment_flow_control_window(more)
        socket = cast("asyncio.Transport", transport)
        self.connection = Connection(state, socket, config=config)
        self.connection.flush()
        self.connection.initialize()
        self.processor = _Events(self.handler, self.connection)
        self.handler.made(self.connection, socket)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002  # asyncio's signature
        """Return the space for the next read."""
        return self._space

    def buffer_updated(self, nbytes: int) -> None:
        """Process what was read."""
        self.data_received(bytes(self._space[:nbytes]))

    def data_received(self, data: bytes) -> None:
        """Process frames of the client."""
        try:
            events = self.connection.feed(data)
            self.connection.flush()
            for event in events:
                self.processor.process(event)
            if not self.connection.is_closing():
                self.connection.flush()
        except h2.exceptions.ProtocolError as error:
            _LOG.info("connection %d: the client broke HTTP/2: %s", self.handler.number, error)
            # h2 has made the GOAWAY frame that says so.
            self.connection.flush()
            self.processor.close("protocol error")
            # A client that doesn't read would keep the socket open.
            drop = functools.partial(self.handler.drop, flush=False)
            asyncio.get_running_loop().call_later(_LINGER, drop)
        except Exception:  # noqa: BLE001 - one client must not hurt the others
            _LOG.exception("The local server failed to process frames")
            self.handler.drop(flush=False)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Cancel the open calls."""
        super().connection_lost(exc)
        self._registry.discard(self)
        self.handler.core.log.disconnected()
        # What is left is a cycle, which Python may collect much later.
        self._space = memoryview(b"")


def make_protocol(core: Core, registry: set[ServerProtocol]) -> ServerProtocol:
    """Return the protocol of a new connection, which keeps the registry of open ones up to date."""
    return ServerProtocol(ServerConnection(core), registry)
