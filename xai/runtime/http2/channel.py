"""The channel: one connection to one host, dialed when it is needed, and its end."""

import asyncio
import contextvars
import functools
import ipaddress
import math
import random
import socket
import ssl
from collections.abc import Callable
from typing import Final, NoReturn

from xai._clock import monotonic
from xai._version import __version__
from xai.errors import StatusCode
from xai.runtime.compression import ACCEPTED as ACCEPTED_ENCODINGS
from xai.runtime.http2.connection import CONNECTION_WINDOW, Connection, describe, drain
from xai.runtime.http2.headers import CommonFields, fields
from xai.runtime.http2.internals import GrpclibChannel
from xai.runtime.http2.keepalive import KeepaliveState, unread
from xai.runtime.http2.protocol import H2Protocol
from xai.runtime.http2.stream import STREAM_WINDOW
from xai.runtime.net.config import ChannelConfig
from xai.runtime.net.happy_eyeballs import NoAddressError, dial, explain
from xai.runtime.net.proxy import ProxyError, on_loopback, tunnel
from xai.runtime.net.resolver import resolve
from xai.runtime.retry.policy import Failure
from xai.runtime.timers import call_later
from xai.runtime.waiting import sleep, wait_for_any

#: How long a closed TLS connection may wait for the server's close_notify, in seconds.
_LINGER: Final = 0.25
_CONSTANT: Final = (
    ("te", "trailers"),
    ("content-type", "application/grpc"),
    ("user-agent", f"xai-client/{__version__}"),
    ("grpc-accept-encoding", ACCEPTED_ENCODINGS),
)
#: How many turns of the loop may pass until what an idle connection was told has been read.
_LOOKS: Final = 8
#: How long a call may take from being announced to being made, in seconds, before a failed dialing
#: is too old for it.
_KEPT: Final = 1.0
#: Of its own: drawing from the shared source would disturb whoever seeded that one.
_chance = random.SystemRandom()
_BACKOFF_FIRST: Final = 0.05
_BACKOFF_LIMIT: Final = 5.0
#: What OpenSSL calls an answer that is not TLS; servers that speak HTTP/2 alone send either.
_NOT_TLS: Final = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE")
_NO_HTTP2: Final = (
    "the TLS handshake did not agree on HTTP/2 (a custom ssl_context needs "
    "set_alpn_protocols(['h2']))"
)


class RefusedError(Exception):
    """A connection that must not be used, and would not be better at the next try."""


class Channel(GrpclibChannel):
    """grpclib's channel: one connection to one host, dialed when first needed.

    It lives on one event loop, and has to be built while that runs: older Pythons would make a
    loop of their own otherwise.

    Args:
        config: Host, credentials and limits.
        context: TLS settings; None only for a plaintext endpoint.
    """

    def __init__(self, config: ChannelConfig, context: ssl.SSLContext | None) -> None:
        super().__init__(
            config.endpoint.host,
            config.endpoint.port,
            context,
            stream_window=STREAM_WINDOW,
            connection_window=CONNECTION_WINDOW,
        )
        self.config = config
        self.target = config.endpoint.authority
        self.keepalive = KeepaliveState(config.keepalive)
        #: The header fields of the client's metadata and of its key.
        self.metadata = fields(config.headers)
        self.common = CommonFields(self.scheme, config.endpoint.authority, _CONSTANT)
        self._paths: dict[str, bytes] = {}
        #: Every protocol whose transport is not closed yet, draining ones included.
        self.protocols: set[H2Protocol] = set()
        self._all_gone: asyncio.Future[None] | None = None
        self._connection: Connection | None = None
        self._dialing: asyncio.Task[Connection | Failure] | None = None
        self._dial_limit = 0.0
        #: Whether no call has asked for what is being dialed, and until when its failure is kept
        #: for one.
        self._unclaimed = False
        self._kept_until = 0.0
        self._closed = False
        self._failures = 0
        self._not_before = 0.0
        self._distrusted = False

    def ready(self) -> Connection | None:
        """Return the connection when it can take a call at once."""
        connection = self._live()
        # What an idle connection was told in the meantime may be that it is closed.
        if connection is None or connection.streams or not unread(connection.sock):
            return connection
        return None

    def _live(self) -> Connection | None:
        connection = self._connection
        if connection is None or not connection.usable or connection.is_closing():
            return None
        if connection.stale():
            # The machine slept, or this loop stood still: the way there may have forgotten the
            # connection meanwhile. Its calls are looked after by keepalive; it gets no new ones.
            connection.usable = False
            connection.admit()
            return None
        return connection

    def path(self, path: str) -> bytes:
        """Return the header field of a path.

        Args:
            path: The path of the RPC.
        """
        known = self._paths.get(path)
        if known is None:
            # Paths are those of the generated methods: there are only so many.
            known = self._paths[path] = fields(((":path", path),))
        return known

    def connect(
        self, limit: float | None, callback: Callable[[Connection | Failure], None]
    ) -> None:
        """Dial, or join the dialing that is under way: however many calls wait, one dials.

        Args:
            limit: The longest the dialing may take, in seconds; the most patient caller's
                counts.
            callback: Told the connection or the failure.
        """
        dialing = self._dialing
        if dialing is None or (dialing.done() and monotonic() >= self._kept_until):
            dialing = self._dialing = self._start_dialing(limit)
        self._dial_limit = max(self._dial_limit, math.inf if limit is None else limit)
        self._unclaimed = False
        if dialing.done() and not math.isinf(self._kept_until):
            # Its failure is for the one call that it was made for.
            self._dialing = None

        def done(task: "asyncio.Task[Connection | Failure]") -> None:
            callback(closed_failure() if task.cancelled() else task.result())

        dialing.add_done_callback(done)

    def prepare(self, limit: float | None) -> None:
        """Begin to dial for a call that is about to come, unless there is a connection.

        Args:
            limit: As for `connect`.
        """
        if self._closed or self._dialing is not None or self._live() is not None:
            return
        self._unclaimed = True
        self._dialing = self._start_dialing(limit)

    def _start_dialing(self, limit: float | None) -> "asyncio.Task[Connection | Failure]":
        # Before the task: on a loop with an eager task factory it runs at once.
        self._dial_limit = math.inf if limit is None else limit
        # The connection outlives the call that wanted it first: it must not keep that caller's
        # context variables for its whole life.
        dialing = contextvars.Context().run(self.loop.create_task, self._dial())
        # Until its end is noted, which is a moment after it: who comes in between joins it, too.
        self._kept_until = math.inf
        dialing.add_done_callback(self._dialed)
        return dialing

    def _dialed(self, task: "asyncio.Task[Connection | Failure]") -> None:
        failed = not task.cancelled() and isinstance(task.result(), Failure)
        if failed and self._unclaimed:
            # The call is still being prepared; to dial again for it would be one try too many.
            self._kept_until = monotonic() + _KEPT
        else:
            self._dialing = None
        if task.cancelled():
            return
        result = task.result()
        if isinstance(result, Failure):
            self.dial_failed()
        else:
            self._connection = result
            if self._closed:
                # Closed in the very moment the dialing succeeded.
                result.shut()

    def dial_failed(self) -> None:
        """Let the next dialing wait, the longer the more of them have failed in a row.

        A connection that ends before the server has said anything counts as a failure too: what
        accepts connections and closes them is not dialed without a pause.
        Source: https://github.com/grpc/grpc/blob/master/doc/connection-backoff.md
        """
        self._failures += 1
        self._not_before = monotonic() + dial_pause(self._failures)

    def distrust(self) -> None:
        """Let the next dialing wait, too, until a call succeeds: the server broke the protocol.

        A server that floods each connection anew, or breaks it otherwise, speaks well at first.
        """
        self._distrusted = True
        self.dial_failed()

    def reset_backoff(self, *, responded: bool = False) -> None:
        """Note that a server is there.

        Args:
            responded: Whether it has even responded to a call.
        """
        if responded or not self._distrusted:
            self._distrusted = False
            self._failures = 0
            self._not_before = 0.0

    def opened(self, protocol: H2Protocol) -> None:
        """Note that a protocol has a transport."""
        self.protocols.add(protocol)

    async def _settled(self) -> Connection | None:
        """Let the loop read what an idle connection was told; return it when it is still good."""
        for _ in range(_LOOKS):
            connection = self.ready()
            if connection is not None or self._live() is None:
                return connection
            await asyncio.sleep(0)
        # It is told things all the time, which is a sign of life.
        return self._live()

    async def _dial(self) -> Connection | Failure:
        known = await self._settled()
        if known is not None:
            return known
        pause = self._not_before - monotonic()
        if pause > 0.0:
            await sleep(pause)
        try:
            protocol = await self._within_limit()
        except Exception as error:  # noqa: BLE001  # DNS, sockets, ssl: whatever it is, no connection
            proxy = self.config.proxy
            way = self.target if proxy is None else f"{self.target} through {proxy.shown}"
            return _dial_failure(error, way)
        return protocol.connection

    async def _within_limit(self) -> H2Protocol:
        """Create a connection for as long as the most patient caller waits."""
        began = monotonic()
        work = self.loop.create_task(self._create_connection())
        try:
            while not work.done():
                # Looked at again each time: whoever joins may be more patient.
                left = began + self._dial_limit - monotonic()
                if left <= 0.0:
                    raise OSError(f"no connection within {self._dial_limit:g} s")  # noqa: TRY301  # the work is given up below, as for the rest
                await wait_for_any([work], None if math.isinf(left) else left)
        except BaseException:
            work.cancel()
            await asyncio.wait({work})
            if not work.cancelled() and work.exception() is None:
                # It was there in the very moment of giving up.
                work.result().connection.shut()
            raise
        return work.result()

    async def _create_connection(self) -> H2Protocol:
        # Anew for each dialing: names move.
        proxy = self.config.proxy
        host, port = (self.host, self.port) if proxy is None else (proxy.host, proxy.port)
        return await dial(await resolve(host, port), self._open)

    async def _open(self, sock: socket.socket) -> H2Protocol:
        try:
            if self.config.proxy is not None:
                await tunnel(self.config.proxy, sock, self.host, self.port)
            endpoint = self.config.endpoint
            refused = endpoint.plaintext and not endpoint.anywhere
            if refused and not _is_loopback(sock.getpeername()[0]):
                raise RefusedError(  # noqa: TRY301  # the socket is closed below, as for the rest
                    "plaintext is allowed to the loopback interface only"
                )
            transport, protocol = await self.loop.create_connection(
                # The socket is kept for a fork: the child closes it, and nothing above it, which
                # would reach into the parent.
                functools.partial(H2Protocol, self, sock),
                sock=sock,
                ssl=self.context,
                server_hostname=self.config.endpoint.tls_name if self.context else None,
            )
        except BaseException:
            sock.close()
            raise
        if self.context:
            chosen = transport.get_extra_info("ssl_object").selected_alpn_protocol()
            if chosen != "h2":
                transport.abort()
                raise RefusedError(_NO_HTTP2)
        return protocol

    async def __connect__(self) -> NoReturn:
        """Refuse: calls go through `connect`, which many of them share."""
        raise RuntimeError("use Channel.connect")

    def request(self, *_args: object, **_kwargs: object) -> NoReturn:
        """Refuse: a call is an `Attempt` of `xai.runtime.transport`, not a grpclib stream."""
        raise RuntimeError("use xai.runtime.transport.attempt.Attempt")

    def close(self) -> None:
        """Close the connection, or stop making it; a closed channel never dials again."""
        self._closed = True
        if self._dialing is not None:
            self._dialing.cancel()
        for connection in [protocol.connection for protocol in self.protocols]:
            # First of all, or the streams given back below would go to those in the queue.
            connection.usable = False
            waiting = drain(connection.queue)
            running = [stream.listener for stream in connection.streams.values()]
            for listener in (*waiting, *running):
                listener.on_failure(closed_failure())
            connection.shut()

    def forget(self, protocol: H2Protocol) -> None:
        """Note that a protocol's transport is closed."""
        self.protocols.discard(protocol)
        if not self.protocols and self._all_gone is not None and not self._all_gone.done():
            self._all_gone.set_result(None)

    async def wait_closed(self) -> None:
        """Wait until every transport of a closed channel is gone; abort what lingers.

        A TLS connection waits for the server's close_notify, which may never come.
        """
        if self.protocols:
            if self._all_gone is None:
                self._all_gone = self.loop.create_future()
                call_later(self.loop, _LINGER, self._abort)
            await asyncio.shield(self._all_gone)

    async def aclose(self) -> None:
        """Close, and wait until every transport is gone; see `asynchronous._close_with_loop`."""
        self.close()
        await self.wait_closed()

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
        end the parent's TLS connection.
        """


def dial_pause(failures: int) -> float:
    """Return how long to wait before dialing again, in seconds.

    Args:
        failures: How many dials in a row have failed, 1 or more.

    Returns:
        A time that doubles with each failure up to a limit, and up to a half less at random.
    """
    longest = min(_BACKOFF_LIMIT, _BACKOFF_FIRST * 2.0 ** min(failures - 1, 10))
    return longest * _chance.uniform(0.5, 1.0)


def closed_failure() -> Failure:
    """Return the failure of a call whose client was closed."""
    return Failure(StatusCode.CANCELLED, "the client was closed during the call", closed=True)


def _dial_failure(error: Exception, host: str) -> Failure:
    cause, final = error, isinstance(error, (ssl.SSLCertVerificationError, RefusedError))
    text = f"can't connect to {host}: {describe(error)}"
    if isinstance(error, ssl.SSLCertVerificationError):
        text = f"the certificate of {host} was refused: {error.verify_message}"
    elif isinstance(error, ssl.SSLError):
        # The ssl module has no name for this alert, only OpenSSL's text.
        final = "no application protocol" in str(error)
        text = f"no TLS connection to {host}: {error.reason or error}"
        if final:
            text = f"can't connect to {host}: {_NO_HTTP2}"
        elif error.reason in _NOT_TLS and on_loopback(host.rpartition(":")[0].strip("[]")):
            text += f"; a server without TLS is reached as localhost:{host.rpartition(':')[2]}"
    elif isinstance(error, ProxyError):
        final = error.final
    elif isinstance(error, NoAddressError):
        text = f"can't connect to {host}: {explain(error.misses)}"
        cause = error.misses[-1].error if error.misses else error
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
