"""Every subclass of a grpclib class: dialing, the connection, its events, and closing it.

grpclib 0.4.9 is extended at the seams named in the class docstrings; a test compares a hash of
each overridden function with the one that was read, so that an upgrade can't pass unread.
Numbers such as G3 or H1 name known hazards; each has a test which cites the same number.
"""

import asyncio
import contextvars
import functools
import ipaddress
import math
import os
import random
import socket
import ssl
from collections import deque
from collections.abc import Callable
from typing import Any, Final, NoReturn, Protocol, cast

from grpclib import client as grpclib_client
from grpclib import protocol as grpclib_protocol
from grpclib.config import Configuration
from grpclib.encoding.base import CodecBase
from h2.config import H2Configuration
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
from hpack import NeverIndexedHeaderTuple
from hyperframe.frame import GoAwayFrame

from xai.errors import StatusCode
from xai.runtime.endpoint import ChannelConfig
from xai.runtime.resolver import Address, resolve
from xai.runtime.retry import Failure

RawHeaders = list[tuple[bytes, bytes]]

STREAM_WINDOW: Final = 4 * 2**20
#: Far above one stream's window, so that a stream nobody reads can't stop the others (G6).
CONNECTION_WINDOW: Final = 16 * STREAM_WINDOW
#: How long a closed TLS connection may wait for the other side's goodbye, in seconds.
_LINGER: Final = 0.25
_BACKOFF_FIRST: Final = 0.05
_BACKOFF_LIMIT: Final = 5.0
#: A client's streams have odd numbers of 31 bits; a connection that used them up is done.
_LAST_STREAM: Final = 2**31 - 1
_NO_HTTP2: Final = (
    "the TLS handshake did not agree on HTTP/2 (a custom ssl_context needs "
    "set_alpn_protocols(['h2']))"
)


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
        for listener in (*refused, *_drain(connection.queue)):
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
        waiting = _drain(connection.queue)
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


def _drain(queue: deque[StreamListener]) -> list[StreamListener]:
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
        self.processor.close("the server closed it" if exc is None else _describe(exc))
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


def _describe(error: BaseException) -> str:
    if not isinstance(error, OSError) or isinstance(error, ssl.SSLError):
        return str(error) or type(error).__name__
    if error.errno is not None and error.errno > 0:
        # asyncio puts a text of its own, with the address, in the place of the system's.
        return os.strerror(error.errno)
    return error.strerror or str(error) or type(error).__name__


class _BytesCodec(CodecBase):
    """Messages are bytes on both sides of the channel; ``runtime/codec.py`` makes them."""

    __content_subtype__ = "proto"

    def encode(self, message: bytes, message_type: type[bytes]) -> bytes:  # noqa: ARG002  # upstream's
        """Return the bytes as they are."""
        return message

    def decode(self, data: bytes, message_type: type[bytes]) -> bytes:  # noqa: ARG002  # upstream's
        """Return the bytes as they are."""
        return data


class RefusedError(Exception):
    """A connection that must not be used, and would not be better at the next try."""


class Channel(grpclib_client.Channel):
    """grpclib's channel: one connection to one host, dialed when first needed.

    Overridden: ``_create_connection``, ``__connect__``, ``request``,
    ``close``, ``__del__``. It lives on one event loop and must be built on it (G24).

    Args:
        config: Host, credentials and limits.
        context: TLS settings; None only for a plaintext endpoint.
    """

    def __init__(self, config: ChannelConfig, context: ssl.SSLContext | None) -> None:
        super().__init__(
            config.endpoint.host,
            config.endpoint.port,
            codec=_BytesCodec(),
            ssl=context,
            config=Configuration(
                http2_connection_window_size=CONNECTION_WINDOW,
                http2_stream_window_size=STREAM_WINDOW,
            ),
        )
        # Bytes, not text: a header that is not ASCII must fail one call, not the connection.
        self._h2_config = H2Configuration(
            client_side=True,
            header_encoding=None,
            validate_inbound_headers=False,
            validate_outbound_headers=False,
            normalize_inbound_headers=False,
            normalize_outbound_headers=False,
        )
        self.config = config
        self.head: tuple[tuple[str, str], ...] = (
            (":method", "POST"),
            (":scheme", self._scheme),
            (":authority", self._authority),
        )
        # Never indexed: hpack writes what it puts into its table into its own DEBUG log, and the
        # key is among these.
        self.credentials: tuple[tuple[str, str], ...] = tuple(
            cast("tuple[str, str]", NeverIndexedHeaderTuple(*pair)) for pair in config.headers
        )
        #: Every protocol whose transport is not closed yet, draining ones included.
        self.protocols: set[H2Protocol] = set()
        self._all_gone: asyncio.Future[None] | None = None
        self._connection: Connection | None = None
        self._dialing: asyncio.Task[Connection | Failure] | None = None
        self._dial_limit = 0.0
        self._closed = False
        self._failures = 0
        self._not_before = 0.0

    def ready(self) -> Connection | None:
        """Return the connection when it can take a call at once."""
        connection = self._connection
        if connection is not None and connection.usable and not connection.is_closing():
            return connection
        return None

    def connect(
        self, limit: float | None, callback: Callable[[Connection | Failure], None]
    ) -> None:
        """Dial, or join the dialing that is under way (G3).

        Args:
            limit: The longest the dialing may take, in seconds; the most patient caller's
                counts.
            callback: Told the connection or the failure.
        """
        patience = math.inf if limit is None else limit
        if self._dialing is None:
            self._dial_limit = patience
            # The connection outlives the call that wanted it first: it must not keep that
            # caller's context variables for its whole life (H22).
            self._dialing = contextvars.Context().run(self._loop.create_task, self._dial())
            self._dialing.add_done_callback(self._dialed)
        self._dial_limit = max(self._dial_limit, patience)

        def done(task: "asyncio.Task[Connection | Failure]") -> None:
            callback(closed_failure() if task.cancelled() else task.result())

        self._dialing.add_done_callback(done)

    def _dialed(self, task: "asyncio.Task[Connection | Failure]") -> None:
        self._dialing = None
        if task.cancelled():
            return
        result = task.result()
        if isinstance(result, Failure):
            self._failures += 1
            self._not_before = self._loop.time() + dial_pause(self._failures)
        else:
            self._failures = 0
            self._not_before = 0.0
            self._connection = result
            if self._closed:
                # Closed in the very moment the dialing succeeded.
                result.shut()

    async def _dial(self) -> Connection | Failure:
        pause = self._not_before - self._loop.time()
        if pause > 0.0:
            await asyncio.sleep(pause)
        host = self._authority
        try:
            protocol = await self._within_limit()
        except ssl.SSLCertVerificationError as error:
            text = f"the certificate of {host} was refused: {error.verify_message}"
            return _connect_failure(text, error, final=True)
        except RefusedError as error:
            return _connect_failure(f"can't connect to {host}: {error}", error, final=True)
        except ssl.SSLError as error:
            # The ssl module has no name for this alert, only OpenSSL's text.
            if "no application protocol" in str(error):
                return _connect_failure(f"can't connect to {host}: {_NO_HTTP2}", error, final=True)
            text = f"no TLS connection to {host}: {error.reason or error}"
            return _connect_failure(text, error)
        except Exception as error:  # noqa: BLE001  # DNS, sockets, ssl: whatever it is, no connection
            return _connect_failure(f"can't connect to {host}: {_describe(error)}", error)
        return protocol.connection

    async def _within_limit(self) -> H2Protocol:
        """Create a connection for as long as the most patient caller waits."""
        began = self._loop.time()
        work = self._loop.create_task(self._create_connection())
        try:
            while not work.done():
                # Looked at again each time: whoever joins may be more patient.
                left = began + self._dial_limit - self._loop.time()
                if left <= 0.0:
                    raise OSError(f"no connection within {self._dial_limit:g} s")  # noqa: TRY301  # the work is given up below, as for the rest
                await asyncio.wait({work}, timeout=None if math.isinf(left) else left)
        except BaseException:
            work.cancel()
            await asyncio.wait({work})
            if not work.cancelled() and work.exception() is None:
                # It was there in the very moment of giving up.
                work.result().connection.shut()
            raise
        return work.result()

    async def _create_connection(self) -> H2Protocol:
        error: OSError | None = None
        for address in await resolve(self._host, self._port):
            try:
                return await self._open(address)
            except ssl.SSLError:  # noqa: PERF203  # few addresses, and each may fail
                raise
            except OSError as failed:
                error = failed
        raise error or OSError("the name has no address")

    async def _open(self, address: Address) -> H2Protocol:
        family, target = address
        sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            sock.setblocking(False)  # noqa: FBT003  # the standard library's signature
            await self._loop.sock_connect(sock, target)
            if self.config.endpoint.plaintext and not _is_loopback(sock.getpeername()[0]):
                raise RefusedError(  # noqa: TRY301  # the socket is closed below, as for the rest
                    "plaintext is allowed to the loopback interface only"
                )
            transport, protocol = await self._loop.create_connection(
                # The socket is kept for a fork: the child closes it, and touches nothing above
                # it (H1, H2).
                functools.partial(H2Protocol, self, sock),
                sock=sock,
                ssl=self._ssl,
                server_hostname=self._host if self._ssl else None,
            )
        except BaseException:
            sock.close()
            raise
        if self._ssl:
            chosen = transport.get_extra_info("ssl_object").selected_alpn_protocol()
            if chosen != "h2":
                transport.abort()
                raise RefusedError(_NO_HTTP2)
        return protocol

    async def __connect__(self) -> NoReturn:
        """Refuse: calls go through `connect`, which many of them share."""
        raise RuntimeError("use Channel.connect")

    def request(self, *_args: object, **_kwargs: object) -> NoReturn:
        """Refuse: a call is an `xai.runtime.call.Attempt`, not a grpclib stream."""
        raise RuntimeError("use xai.runtime.call.Attempt")

    def close(self) -> None:
        """Close the connection, or stop making it; a closed channel never dials again (G23)."""
        self._closed = True
        if self._dialing is not None:
            self._dialing.cancel()
        for connection in [protocol.connection for protocol in self.protocols]:
            # First of all, or the streams given back below would go to those in the queue.
            connection.usable = False
            waiting = _drain(connection.queue)
            for listener in (*waiting, *list(connection.listeners.values())):
                listener.on_failure(closed_failure())
            connection.shut()

    def forget(self, protocol: H2Protocol) -> None:
        """Note that a protocol's transport is closed."""
        self.protocols.discard(protocol)
        if not self.protocols and self._all_gone is not None and not self._all_gone.done():
            self._all_gone.set_result(None)

    async def wait_closed(self) -> None:
        """Wait until every transport of a closed channel is gone; abort what lingers.

        A TLS connection waits for the other side's goodbye, which may never come.
        """
        if self.protocols:
            if self._all_gone is None:
                self._all_gone = self._loop.create_future()
                self._loop.call_later(_LINGER, self._abort)
            await asyncio.shield(self._all_gone)

    def _abort(self) -> None:
        for protocol in list(self.protocols):
            protocol.connection.abort()

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def __del__(self) -> None:
        """Do nothing: grpclib would close the transport.

        In a forked child that would take the parent's socket out of the epoll set they share, or
        end the parent's TLS connection (H1).
        """


def dial_pause(failures: int) -> float:
    """Return how long to wait before dialing again, in seconds.

    Args:
        failures: How many dials in a row have failed, 1 or more.

    Returns:
        A time that doubles with each failure up to a limit, and up to a half less at random.
    """
    longest = min(_BACKOFF_LIMIT, _BACKOFF_FIRST * 2.0 ** min(failures - 1, 10))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311  # jitter, not a secret


def closed_failure() -> Failure:
    """Return the failure of a call whose client was closed."""
    return Failure(StatusCode.CANCELLED, "the client was closed during the call", closed=True)


def _connect_failure(text: str, cause: BaseException, *, final: bool = False) -> Failure:
    return Failure(
        StatusCode.UNAVAILABLE,
        text,
        connection=True,
        unprocessed=not final,
        final=final,
        cause=cause,
    )


def _is_loopback(host: str) -> bool:
    address = ipaddress.ip_address(host)
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
