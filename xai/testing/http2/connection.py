"""The HTTP/2 side of the local server: every class that builds on one of grpclib's."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, cast

import attrs
import h2.config
from grpclib.config import Configuration
from grpclib.protocol import AbstractHandler, Connection, EventsProcessor, H2Protocol, Stream
from h2.events import DataReceived, Event, StreamReset
from h2.settings import SettingCodes
from hyperframe.frame import GoAwayFrame

from xai.testing.control.calls import Call, describe
from xai.testing.control.faults import DropConnection, GoAway, Refuse
from xai.testing.http2.exchange import Core, Exchange, refuse

_LOG = logging.getLogger("xai.testing")
_LINGER = 0.2


@attrs.define(eq=False)
class _Running:
    """A call in progress."""

    call: Call
    task: "asyncio.Task[None]"


class ServerConnection(AbstractHandler):
    """One connection of a client: takes in streams, and ends as told.

    Args:
        core: What it shares with the server's other connections.
    """

    def __init__(self, core: Core) -> None:
        self.core = core
        self.number = 0
        self._connection: Connection | None = None
        self._transport: asyncio.Transport | None = None
        self._running: dict[Stream, _Running] = {}
        # Every task, until it has ended: also those whose stream is already gone.
        self.tasks: set[asyncio.Task[None]] = set()
        self._last_stream = 0
        # The last stream that will be served, once the client was told so.
        self._final_stream: int | None = None
        self._closing = False

    def made(self, connection: Connection, transport: asyncio.Transport) -> None:
        """Take note of the transport that now exists."""
        self.number = self.core.log.connected()
        self._connection = connection
        self._transport = transport

    # What grpclib's protocol calls.

    def accept(
        self, stream: Stream, headers: list[tuple[str, str]], release_stream: Callable[[], Any]
    ) -> None:
        """Start to serve a new stream."""
        stream_id = stream.id or 0
        if self._final_stream is not None and stream_id > self._final_stream:
            # The client will learn from the frame on its way that nobody looked at this one.
            release_stream()
            return
        self._last_stream = stream_id
        call = describe(headers, self.number, stream_id)
        self.core.log.add(call)
        faults = self.core.faults.take(call.method)
        for fault in faults:
            # These act before anything else happens on the connection, hence not in the task.
            if isinstance(fault, Refuse):
                self.core.log.finish(call, "error")
                refuse(stream)
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
        task = asyncio.get_running_loop().create_task(self._run(exchange, stream, release_stream))
        self._running[stream] = _Running(call, task)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _run(
        self, exchange: Exchange, stream: Stream, release_stream: Callable[[], Any]
    ) -> None:
        try:
            await exchange.serve()
        finally:
            self._running.pop(stream, None)
            release_stream()
            self._close_if_done()

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
        """Tell the client to send no more, and close when what is open has ended.

        The frame is written past h2, which would refuse to serve the open streams after it.
        """
        if self._final_stream is not None or self._connection is None:
            return
        self._final_stream = max(self._last_stream, 0)
        self._connection.flush()
        frame = GoAwayFrame(0, last_stream_id=self._final_stream, error_code=error_code)
        self.write(frame.serialize())
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

    def _close_if_done(self) -> None:
        if self._final_stream is None or self._running or self._closing:
            return
        # Closing at once could overtake the frame, if the client is still sending.
        self._closing = True
        asyncio.get_running_loop().call_later(_LINGER, self.drop)


class _Events(EventsProcessor):
    """Keeps the error code of resets and survives frames that grpclib has no name for."""

    handler: ServerConnection

    def process(self, event: Event) -> None:
        # An unknown event is an exception in grpclib, and that would end the connection.
        processors = getattr(self, "processors", None)
        if processors is None or type(event) in processors:
            super().process(event)

    def process_data_received(self, event: DataReceived) -> None:
        # grpclib takes an empty frame for the end of the request.
        if event.data or event.flow_controlled_length:
            super().process_data_received(event)

    def process_stream_reset(self, event: StreamReset) -> None:
        stream = self.streams.get(event.stream_id)
        if stream is not None:
            self.handler.reset(stream, int(event.error_code))
        self.connection.streams_failed += 1


_H2_CONFIG = h2.config.H2Configuration(
    client_side=False,
    header_encoding="ascii",
    validate_inbound_headers=False,
    validate_outbound_headers=False,
    normalize_inbound_headers=False,
    normalize_outbound_headers=False,
)


class ServerProtocol(H2Protocol):
    """Wires a connection of the loop to grpclib's HTTP/2 and to our calls."""

    handler: ServerConnection

    def __init__(self, handler: ServerConnection, registry: "set[ServerProtocol]") -> None:
        super().__init__(handler, Configuration().__for_server__(), _H2_CONFIG)
        self._registry = registry

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start HTTP/2."""
        self._registry.add(self)
        super().connection_made(transport)
        h2_connection = self.connection._connection  # noqa: SLF001 - the seam of this module
        streams: dict[SettingCodes | int, int] = {
            SettingCodes.MAX_CONCURRENT_STREAMS: self.handler.core.max_streams
        }
        h2_connection.update_settings(streams)
        self.connection.flush()
        self.processor = _Events(self.handler, self.connection)
        self.handler.made(self.connection, cast("asyncio.Transport", transport))

    def data_received(self, data: bytes) -> None:
        """Process bytes of the client."""
        try:
            super().data_received(data)
        except Exception:  # noqa: BLE001 - one client must not hurt the others
            _LOG.exception("A client broke the connection")
            self.handler.drop(flush=False)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Cancel what was open."""
        super().connection_lost(exc)
        self._registry.discard(self)
        self.handler.core.log.disconnected()


def make_protocol(core: Core, registry: set[ServerProtocol]) -> ServerProtocol:
    """Return the protocol of a new connection, which keeps the registry of open ones up to date."""
    return ServerProtocol(ServerConnection(core), registry)
