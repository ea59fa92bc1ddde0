"""A server that goes away while a connection is idle: the next call does not pay for it.

An event loop that was not running, or was busy, has not seen the end of its connections. A call
that was sent on one of them would be lost, and could not be repeated safely.
"""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

import pytest
import trustme
from hyperframe.frame import GoAwayFrame, PingFrame

from tests.reliability.links import UNARY, Link, both, failure_of
from tests.reliability.peer import LIMIT, Peer, Wire
from tests.support import refused_port
from xai import RetryPolicy
from xai.runtime.http2 import channel
from xai.runtime.http2.keepalive import unread
from xai.runtime.retry.controller import may_retry
from xai.runtime.retry.policy import Failure
from xai.runtime.transport.attempt import Attempt
from xai.runtime.transport.request import Request
from xai.testing import LocalServer

T = TypeVar("T")


def _end(wire: Wire) -> None:
    # Over TLS it says goodbye, and does not wait for an answer.
    wire.sock.settimeout(0.0)
    wire.close()


def _hang_up(wire: Wire) -> None:
    """Go without a goodbye, as a process does that is killed."""
    wire.closed = True
    wire.sock.close()


def _goaway(wire: Wire) -> None:
    wire.goaway(0)
    _end(wire)


def _last_words(wire: Wire) -> None:
    """Say something that means nothing, then go."""
    wire.send(PingFrame(0, opaque_data=b"last one"))
    _end(wire)


WAYS = {
    "end": _end,
    "killed": _hang_up,
    "reset": Wire.cut,
    "goaway": _goaway,
    "ping": _last_words,
}


def _certified(issuer: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["h2"])
    issuer.issue_cert("127.0.0.1").configure_cert(context)
    return context


def _trusting(issuer: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["h2"])
    issuer.configure_trust(context)
    return context


class _Departure:
    """A script that answers one request and, when it is told, goes away."""

    def __init__(self, way: Callable[[Wire], None]) -> None:
        self.go = threading.Event()
        self.left = threading.Event()
        self._way = way

    def __call__(self, wire: Wire) -> None:
        wire.reply(wire.request())
        assert self.go.wait(LIMIT)
        self._way(wire)
        self.left.set()

    def happens(self) -> None:
        """Let it happen, and wait until it has."""
        self.go.set()
        assert self.left.wait(LIMIT)


@both
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("way", WAYS)
def test_end_that_the_loop_has_not_seen(
    connect: type[Link], issuer: trustme.CA, way: str, *, tls: bool
) -> None:
    """The first call after the end goes to a new connection, with no failed attempt before it."""
    departure = _Departure(WAYS[way])
    with Peer(departure, tls=_certified(issuer) if tls else None) as peer:
        options: dict[str, Any] = {}
        if tls:
            options = {"ssl_context": _trusting(issuer), "host": f"127.0.0.1:{peer.port}"}
        with connect(peer, **options) as link:
            link.works()
            busy, free = threading.Event(), threading.Event()

            def occupy() -> None:
                busy.set()
                assert free.wait(LIMIT)

            occupied = link.background(lambda: link.on_loop(occupy))
            assert busy.wait(LIMIT)
            call = link.start(b"next")
            departure.happens()
            free.set()
            assert call.result(LIMIT) == b"next"
            occupied.result(LIMIT)
            assert len(peer.wires) == 2


class _Sink:
    """Takes how a call ends."""

    def __init__(self) -> None:
        self.ended = threading.Event()
        self.failure: Failure | None = None

    def on_message(self, _data: bytes) -> bool:
        return False

    def on_done(self, failure: Failure | None) -> None:
        self.failure = failure
        self.ended.set()

    def on_progress(self, _done: int, _total: int, *, received: bool) -> None:
        pass

    def backlog(self) -> bool:
        return False


class _Stopped:
    """A loop that runs only while something is awaited, as in a script."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(coroutine)


@pytest.fixture
def stopped() -> Iterator[_Stopped]:
    """Return a loop that does not run between calls."""
    found = _Stopped()
    yield found
    found.loop.close()


_ONCE = RetryPolicy.none()


@pytest.fixture
def fixed_port() -> Iterator[int]:
    """Hold a port for a server that comes back to it."""
    with refused_port() as holder:
        yield holder.getsockname()[1]


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_restart_between_two_calls(
    stopped: _Stopped, issuer: trustme.CA, fixed_port: int, *, tls: bool
) -> None:
    """An asynchronous client whose loop stood still calls a restarted server at the first try."""
    context = _certified(issuer) if tls else None
    with LocalServer(port=fixed_port, ssl_context=context) as server:
        trusting = _trusting(issuer) if tls else None
        client = server.async_client(retry=_ONCE, ssl_context=trusting)
        assert stopped.run(client.sampler.list_models())
        server.stop()
        server.start()
        assert stopped.run(client.sampler.list_models())
        stopped.run(client.close())


def test_restarts_under_a_blocking_client(fixed_port: int) -> None:
    """A blocking client calls a server that was just restarted at the first try, many times."""
    with LocalServer(port=fixed_port) as server, server.client(retry=_ONCE) as client:
        for _ in range(20):
            assert client.sampler.list_models()
            server.stop()
            server.start()
        assert client.sampler.list_models()


async def test_restarts_under_an_asynchronous_client(fixed_port: int) -> None:
    """As above; the loop stands still while the server restarts."""
    with LocalServer(port=fixed_port) as server:
        async with server.async_client(retry=_ONCE) as client:
            for _ in range(20):
                assert await client.sampler.list_models()
                server.stop()
                server.start()
            assert await client.sampler.list_models()


@both
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_write_that_fails_has_sent_nothing(
    connect: type[Link], monkeypatch: pytest.MonkeyPatch, issuer: trustme.CA, *, tls: bool
) -> None:
    """A connection that breaks in the moment of writing: the call was never sent, and may be."""
    departure = _Departure(Wire.cut)
    with Peer(departure, tls=_certified(issuer) if tls else None) as peer:
        options: dict[str, Any] = {}
        if tls:
            options = {"ssl_context": _trusting(issuer), "host": f"127.0.0.1:{peer.port}"}
        with connect(peer, **options) as link:
            link.works()
            dialed = link.channel()
            sink = _Sink()

            def call() -> None:
                departure.happens()
                with monkeypatch.context() as patch:
                    patch.setattr(channel, "unread", lambda _: False)
                    Attempt(dialed, Request(UNARY, b"next"), sink).start()

            link.on_loop(call)
            assert sink.ended.wait(LIMIT)
            assert sink.failure is not None
            assert "was lost" in sink.failure.message
            assert (sink.failure.connection, sink.failure.unprocessed) == (True, True)
            assert may_retry(sink.failure, RetryPolicy())
            link.works()
            assert len(peer.wires) == 2


# -- what is not an end --------------------------------------------------------------------------


@both
def test_news_on_an_idle_connection_do_not_end_it(connect: type[Link]) -> None:
    """What a server sends to an idle connection is read first; the connection stays in use."""

    def talk(wire: Wire) -> None:
        wire.reply(wire.request())
        assert go.wait(LIMIT)
        wire.settings({})
        sent.set()
        wire.serve()

    go, sent, busy, free = (threading.Event() for _ in range(4))

    def occupy() -> None:
        busy.set()
        assert free.wait(LIMIT)

    with Peer(talk) as peer, connect(peer) as link:
        link.works()
        occupied = link.background(lambda: link.on_loop(occupy))
        assert busy.wait(LIMIT)
        call = link.start(b"next")
        go.set()
        assert sent.wait(LIMIT)
        free.set()
        assert call.result(LIMIT) == b"next"
        occupied.result(LIMIT)
        assert len(peer.wires) == 1


@both
def test_connection_that_is_always_told_things(
    connect: type[Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that never stops sending PINGs does not keep calls from being sent."""
    with Peer() as peer, connect(peer) as link:
        link.works()
        monkeypatch.setattr(channel, "unread", lambda _: True)
        link.works()
        assert len(peer.wires) == 1


def test_unread() -> None:
    """What counts as news: data, the end, a reset and a closed socket; not silence."""
    here, there = socket.socketpair()
    with here, there:
        here.settimeout(0.0)
        assert not unread(here)
        there.send(b"x")
        assert unread(here)
        assert here.recv(2) == b"x"
        assert not unread(here)
        there.close()
        assert unread(here)
    assert unread(here)


# -- reconnecting --------------------------------------------------------------------------------


@both
def test_server_that_hangs_up_at_once_is_not_hammered(connect: type[Link]) -> None:
    """A connection that ends before the server has spoken counts as a failed dialing."""
    with Peer(_end, _end, bare=True) as peer, connect(peer) as link:
        for failures in (1, 2):
            assert failure_of(link.unary).connection
            while link.on_loop(lambda: bool(link.channel().protocols)):
                pass
            assert link.channel()._failures == failures
            assert link.channel()._not_before > 0.0


@both
def test_goaway_and_a_new_connection_side_by_side(connect: type[Link]) -> None:
    """After a GOAWAY calls under way finish on the old connection, new ones use another."""

    def leave(wire: Wire) -> None:
        asked = wire.request()
        wire.goaway(asked.stream)
        assert proceed.wait(LIMIT)
        wire.reply(asked)
        goodbye.append(wire.expect(GoAwayFrame))
        wire.until_closed()

    proceed, goodbye = threading.Event(), list[GoAwayFrame]()
    with Peer(leave) as peer, connect(peer) as link:
        old = link.start(b"old")
        peer.connections(1)
        while link.on_loop(lambda: not link.channel()._connection or link.connection().usable):
            pass
        assert link.unary(b"new") == b"new"
        assert not old.done()
        proceed.set()
        assert old.result(LIMIT) == b"old"
        peer.until(lambda: goodbye)
        assert len(peer.wires) == 2
