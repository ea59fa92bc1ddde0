"""Keepalive: silent connections are asked for a sign of life, and dead ones are given up."""

import asyncio
import contextlib
import math
import select
import socket
import threading
from typing import Any

import pytest
from hyperframe.frame import GoAwayFrame, PingFrame

from tests.reliability.links import Link, both, failure_of
from tests.reliability.peer import LIMIT, HungUp, Peer, Wire
from tests.support import SECRET_KEY, until
from xai import NOT_GIVEN, APIConnectionError, AsyncClient, Client, Keepalive, RetryPolicy, options
from xai.errors import StatusCode
from xai.runtime.http2.keepalive import LONGEST_INTERVAL, KeepaliveMonitor, KeepaliveState
from xai.testing import LocalServer

#: HTTP/2's code for a client that does too much of something.
ENHANCE_YOUR_CALM = 0xB


@pytest.fixture(autouse=True)
def _any_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let connections be asked more often than gRPC allows."""
    monkeypatch.setattr(options, "_SHORTEST_INTERVAL", 0.0)


def watched(link: Link, interval: float = 0.02, timeout: float = LIMIT) -> Link:
    """Set how often the connections of a link, which has none yet, are asked."""
    link.config.keepalive = Keepalive(interval=interval, timeout=timeout)
    return link


def give_up_after(link: Link, seconds: float) -> None:
    """Set how long the connections of a link have to answer; there must have been a call."""
    link.channel().keepalive.timeout = seconds


def arrived(link: Link, peer: Peer, count: int) -> None:
    """Wait until so many calls have come on the first connection."""
    while len(peer.wires[0].asked) < count:
        link.on_loop(lambda: None)


def _deaf(wire: Wire) -> None:
    """Answer the first request; read everything after it, and say nothing more."""
    wire.reply(wire.request())
    wire.polite = False
    wire.until_closed()


# -- asking --------------------------------------------------------------------------------------


@both
def test_idle_connection_is_asked_again_and_again(connect: type[Link]) -> None:
    """PINGs go on for as long as nothing happens, and the connection stays in use."""
    with Peer() as peer, connect(peer) as link:
        watched(link).works()
        (wire,) = peer.wires
        until(lambda: wire.count(PingFrame) >= 5)
        link.works()
        assert len(peer.wires) == 1
    assert all(not frame.flags for frame in wire.frames if isinstance(frame, PingFrame))


@both
def test_silent_stream_is_asked_too(connect: type[Link]) -> None:
    """A stream on which nothing comes is kept alive, and ends well."""

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.headers(asked.stream)
        for _ in range(5):
            wire.expect(PingFrame)
        wire.data(asked.stream, b"\0\0\0\0\1x")
        wire.status(asked.stream)

    with Peer(script) as peer, connect(peer) as link:
        assert watched(link).stream(b"").collect() == [b"x"]


@both
def test_anything_is_a_sign_of_life(connect: type[Link]) -> None:
    """A server that leaves PINGs unanswered and sends other things is not given up."""

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.polite = False
        wire.headers(asked.stream)
        for _ in range(5):
            wire.expect(PingFrame)
            wire.data(asked.stream, b"\0\0\0\0\1x")
        wire.status(asked.stream)

    with Peer(script) as peer, connect(peer) as link:
        # An answer that did not count would be the last one: there is one PING at a time.
        assert watched(link).stream(b"").collect() == [b"x"] * 5


@both
def test_nothing_is_asked_when_it_is_off(connect: type[Link]) -> None:
    """None turns it off: nothing waits to be sent."""
    with Peer() as peer, connect(peer) as link:
        link.config.keepalive = None
        link.works()
        watch = link.connection().monitor
        assert watch is not None
        assert watch._handle is None


@both
def test_close_stops_asking(connect: type[Link]) -> None:
    """Nothing of it is left behind by a connection that was closed, from either side."""
    with Peer(lambda wire: wire.reply(wire.request()) or wire.close()) as peer:  # type: ignore[func-returns-value]  # in one line
        with connect(peer) as link:
            link.config.keepalive = Keepalive()
            link.works()
            first = link.connection().monitor
            assert first is not None
            while first._handle is not None:
                link.on_loop(lambda: None)
            link.works()
            second = link.connection().monitor
            assert second is not None
            assert second._handle is not None
        assert second._handle is None


# -- dead peers ----------------------------------------------------------------------------------


@both
@pytest.mark.parametrize("kind", ["unary", "stream"])
def test_call_on_a_dead_connection(connect: type[Link], kind: str) -> None:
    """A call whose server has vanished fails within the bound; the next one dials anew."""
    with Peer(_deaf) as peer, connect(peer) as link:
        watched(link).works()
        call = link.background(link.unary if kind == "unary" else link.stream(b"").collect)
        arrived(link, peer, 2)
        give_up_after(link, 0.05)
        failure = failure_of(lambda: call.result(LIMIT))
        assert failure.message == (
            f"the connection to {peer.host} was lost: it has not answered a PING for 0.05 s"
        )
        assert (failure.code, failure.connection) == (StatusCode.UNAVAILABLE, True)
        # It may have been worked on.
        assert not failure.unprocessed
        give_up_after(link, LIMIT)
        link.works()
        assert len(peer.wires) == 2


@both
def test_every_call_on_a_dead_connection_fails(connect: type[Link]) -> None:
    """All calls of the connection fail at once, each with the same reason."""
    with Peer(_deaf) as peer, connect(peer) as link:
        watched(link).works()
        calls = [link.start(b"%d" % number) for number in range(10)]
        arrived(link, peer, 11)
        give_up_after(link, 0.05)
        failures = [failure_of(lambda call=call: call.result(LIMIT)) for call in calls]  # type: ignore[misc]  # bound at once
        assert len({failure.message for failure in failures}) == 1
        assert not link.channel().protocols or link.channel()._live() is None


@both
def test_dead_connection_is_found_while_idle(connect: type[Link]) -> None:
    """A connection that dies with nothing under way is closed, and no call meets it."""
    with Peer(_deaf) as peer, connect(peer) as link:
        watched(link).works()
        give_up_after(link, 0.05)
        peer.until(lambda: peer.wires[0].closed)
        give_up_after(link, LIMIT)
        link.works()
        assert len(peer.wires) == 2


@both
def test_dead_connection_with_unsent_data(connect: type[Link]) -> None:
    """What could not be sent does not keep a dead connection open."""

    def stuffed(wire: Wire) -> None:
        wire.settle({4: 2**30})
        wire.grant(0, 2**30)
        assert released.wait(LIMIT)
        with contextlib.suppress(HungUp):
            while True:
                wire.take(1)

    released = threading.Event()
    with Peer(stuffed) as peer, connect(peer) as link:
        watched(link, timeout=0.2)
        failure = failure_of(lambda: link.unary(bytes(2**25)))
        assert "has not answered a PING for 0.2 s" in failure.message
        while link.on_loop(lambda: bool(link.channel().protocols)):
            pass
        released.set()
        give_up_after(link, LIMIT)
        link.works()
        assert len(peer.wires) == 2


async def test_loop_that_stood_still() -> None:
    """An answer that has come and was not read yet counts, however late the loop is."""
    lost: list[str] = []
    pace = KeepaliveState(Keepalive(interval=0.01, timeout=0.01))
    here, there = socket.socketpair()
    asked, judged = asyncio.Event(), asyncio.Event()

    def give_up(reason: str) -> None:
        lost.append(reason)
        judged.set()

    with here, there:
        here.settimeout(0.0)
        watch = KeepaliveMonitor(pace, here, asked.set, give_up)
        there.send(b"an answer")
        await asyncio.wait_for(asked.wait(), LIMIT)
        watch.stop()
        watch._asked -= LIMIT
        watch.last_read -= LIMIT * 2
        for _ in range(3):
            watch._evaluate()
            assert not lost
            watch.stop()
        assert here.recv(100) == b"an answer"
        watch._evaluate()
        await asyncio.wait_for(judged.wait(), LIMIT)
    assert lost == ["it has not answered a PING for 0.01 s"]


# -- a server that wants fewer -------------------------------------------------------------------


@both
def test_too_many_pings(connect: type[Link]) -> None:
    """A server's "too_many_pings" doubles the interval, for its next connections as well."""
    looked = threading.Semaphore(0)

    def script(wire: Wire) -> None:
        wire.reply(wire.request())
        wire.expect(PingFrame)
        assert looked.acquire(timeout=LIMIT)
        wire.goaway(1, ENHANCE_YOUR_CALM, b"too_many_pings")
        wire.expect(GoAwayFrame)
        wire.until_closed()

    with Peer(script, script) as peer, connect(peer) as link:
        watched(link, interval=0.02)
        for interval in (0.02, 0.04, 0.08):
            link.works()
            assert link.channel().keepalive.interval == interval
            looked.release()
            if interval < 0.08:
                peer.until(lambda: peer.wires[-1].closed)
        assert len(peer.wires) == 3


@both
@pytest.mark.parametrize(
    ("code", "text"),
    [(ENHANCE_YOUR_CALM, b""), (ENHANCE_YOUR_CALM, b"too many requests"), (0, b"too_many_pings")],
)
def test_other_goodbyes_change_nothing(connect: type[Link], code: int, text: bytes) -> None:
    """Only both together mean PINGs (gRPC proposal A8)."""

    def script(wire: Wire) -> None:
        wire.reply(wire.request())
        wire.goaway(1, code, text)
        wire.until_closed()

    with Peer(script) as peer, connect(peer) as link:
        watched(link, interval=LIMIT).works()
        peer.until(lambda: peer.wires[0].closed)
        assert link.channel().keepalive.interval == LIMIT


@both
def test_too_many_pings_thousands_of_times(connect: type[Link]) -> None:
    """One connection doubles the interval once, however often its server complains."""

    def script(wire: Wire) -> None:
        asked = wire.request()
        for _ in range(2000):
            wire.goaway(asked.stream, ENHANCE_YOUR_CALM, b"too_many_pings")
        wire.reply(asked)

    with Peer(script, script) as peer, connect(peer) as link:
        link.config.keepalive = Keepalive(interval=20.0)
        for interval in (40.0, 80.0):
            link.works()
            assert link.channel().keepalive.interval == interval
        assert len(peer.wires) == 2


def test_interval_has_an_end() -> None:
    """However many connections end so, dead ones are still found; the user's own choice stays."""
    usual, long = KeepaliveState(Keepalive()), KeepaliveState(Keepalive(interval=7200.0))
    for _ in range(2000):
        usual.slow_down()
        long.slow_down()
    assert (usual.interval, long.interval) == (LONGEST_INTERVAL, 7200.0)


def test_slower_and_slower() -> None:
    """Each complaint doubles the interval; one about nothing changes nothing."""
    pace, off = KeepaliveState(Keepalive(interval=10.0)), KeepaliveState(None)
    for expected in (20.0, 40.0):
        pace.slow_down()
        off.slow_down()
        assert (pace.interval, off.interval) == (expected, None)


# -- the option ----------------------------------------------------------------------------------


def test_on_by_default() -> None:
    """30 s of silence, 10 s for the answer, for either client."""
    assert Keepalive() == Keepalive(interval=30.0, timeout=10.0)
    assert (KeepaliveState(NOT_GIVEN).interval, KeepaliveState(NOT_GIVEN).timeout) == (30.0, 10.0)
    with LocalServer() as server:
        for given, interval in ((NOT_GIVEN, 30.0), (Keepalive(interval=60), 60.0), (None, None)):
            with server.client(keepalive=given) as client:
                assert KeepaliveState(client._connections.config.keepalive).interval == interval
                assert client.sampler.list_models()


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"interval": 9.9}, ValueError, "interval must be finite and 10 or more, not 9.9"),
        ({"interval": math.inf}, ValueError, "interval must be finite"),
        ({"interval": math.nan}, ValueError, "interval must be 0 or more seconds, not nan"),
        ({"interval": -1}, ValueError, "interval"),
        ({"interval": None}, TypeError, "interval must be a number of seconds, not NoneType"),
        ({"interval": "30"}, TypeError, "interval must be a number of seconds, not str"),
        ({"interval": True}, TypeError, "interval must be a number of seconds, not bool"),
        ({"timeout": 0}, ValueError, "timeout must be finite and more than 0, not 0"),
        ({"timeout": math.inf}, ValueError, "timeout must be finite and more than 0, not inf"),
        ({"timeout": None}, TypeError, "timeout must be a number of seconds, not NoneType"),
    ],
)
def test_bad_options(
    monkeypatch: pytest.MonkeyPatch,
    arguments: dict[str, Any],
    error: type[Exception],
    text: str,
) -> None:
    """A value that can't be used is refused by name; gRPC proposal A8 has the shortest interval."""
    monkeypatch.setattr(options, "_SHORTEST_INTERVAL", 10.0)
    with pytest.raises(error) as caught:
        Keepalive(**arguments)
    assert text in str(caught.value)


@pytest.mark.parametrize("value", [30, True, "off", Keepalive])
@pytest.mark.parametrize("client", [Client, AsyncClient])
def test_client_takes_nothing_else(client: type[Client] | type[AsyncClient], value: Any) -> None:  # noqa: ANN401  # wrong types
    """The argument of a client is named in the error."""
    with pytest.raises(TypeError, match="keepalive must be a Keepalive or None, not "):
        client(SECRET_KEY, keepalive=value)


# -- the user ------------------------------------------------------------------------------------

_TEXT = r"connection to localhost:\d+ was lost: it has not answered a PING for 0\.05 s"
_OPTIONS: dict[str, Any] = {"retry": RetryPolicy.none()}


def _vanished(wire: Wire) -> None:
    wire.polite = False
    wire.until_closed()


def test_user_meets_a_dead_server() -> None:
    """With no deadline at all, calls to a server that has vanished end in one clear error."""
    with Peer(_vanished, _vanished) as peer:
        keepalive = Keepalive(interval=0.02, timeout=0.05)
        client = Client(
            SECRET_KEY, api_host=peer.host, keepalive=keepalive, timeout=None, **_OPTIONS
        )
        with client:
            with pytest.raises(APIConnectionError, match=_TEXT):
                client.sampler.list_models()
            with pytest.raises(APIConnectionError, match=_TEXT):
                list(client.sampler.sample("x"))


async def test_asynchronous_user_meets_a_dead_server() -> None:
    """As above."""
    with Peer(_vanished, _vanished) as peer:
        keepalive = Keepalive(interval=0.02, timeout=0.05)
        client = AsyncClient(
            SECRET_KEY, api_host=peer.host, keepalive=keepalive, timeout=None, **_OPTIONS
        )
        async with client:
            with pytest.raises(APIConnectionError, match=_TEXT):
                await client.sampler.list_models()
            with pytest.raises(APIConnectionError, match=_TEXT):
                async for _ in client.sampler.sample("x"):
                    pass


# -- a machine that slept ------------------------------------------------------------------------


def _sleep_through(link: Link, seconds: float) -> None:
    """Let a connection have been silent for longer, as if the machine had slept meanwhile."""

    def move() -> None:
        monitor = link.connection().monitor
        assert monitor is not None
        monitor.last_read -= seconds

    link.on_loop(move)


@both
def test_connection_is_not_used_after_a_sleep(connect: type[Link]) -> None:
    """Silent for longer than a PING may take, a connection gets no new call; one is dialed."""
    with Peer(_deaf) as peer, connect(peer) as link:
        link.config.keepalive = Keepalive(interval=30.0, timeout=10.0)
        link.works()
        _sleep_through(link, 40.5)
        link.works()
        assert len(peer.wires) == 2
        # The old one is closed: nobody needs it any more.
        peer.until(lambda: peer.wires[0].closed)


@both
def test_connection_is_used_after_a_short_sleep(connect: type[Link]) -> None:
    """Up to that time it is."""
    with Peer() as peer, connect(peer) as link:
        link.config.keepalive = Keepalive(interval=300.0, timeout=100.0)
        link.works()
        _sleep_through(link, 100.0)
        link.works()
        assert len(peer.wires) == 1


@both
def test_running_stream_goes_on_after_a_sleep(connect: type[Link]) -> None:
    """What runs on the old connection is left to keepalive; the new call has a new one."""
    go_on = threading.Event()

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.headers(asked.stream)
        wire.data(asked.stream, b"\0\0\0\0\1x")
        assert go_on.wait(LIMIT)
        wire.data(asked.stream, b"\0\0\0\0\1y")
        wire.status(asked.stream)
        wire.until_closed()

    with Peer(script) as peer, connect(peer) as link:
        link.config.keepalive = Keepalive(interval=30.0, timeout=10.0)
        stream = link.stream(b"")
        assert list(stream.receive() or ()) == [b"x"]
        _sleep_through(link, 40.5)
        link.works()
        assert len(peer.wires) == 2
        go_on.set()
        assert stream.collect() == [b"y"]
        # With its last call it is closed.
        peer.until(lambda: peer.wires[0].closed)
        link.works()
        assert len(peer.wires) == 2


@both
def test_news_that_nobody_has_read_count(connect: type[Link]) -> None:
    """What came while the loop stood still is a sign of life, too."""
    with Peer() as peer, connect(peer) as link:
        link.config.keepalive = Keepalive(interval=30.0, timeout=10.0)
        link.works()
        monitor = link.connection().monitor
        assert monitor is not None

        def stand_still() -> bool:
            monitor.last_read -= 50.0
            (wire,) = peer.wires
            wire.send(PingFrame(0, opaque_data=bytes(8)))
            while not select.select([monitor._sock], [], [], LIMIT)[0]:
                pass
            return monitor.stale()

        assert link.on_loop(stand_still) is False
        link.works()
        assert len(peer.wires) == 1


@both
def test_no_keepalive_no_judgement(connect: type[Link]) -> None:
    """Without keepalive a connection may be silent for as long as it likes."""
    with Peer() as peer, connect(peer) as link:
        link.config.keepalive = None
        link.works()
        _sleep_through(link, 1e6)
        link.works()
        assert len(peer.wires) == 1
