"""Connections that end, break or carry what nobody asked for."""

import re
import struct
import threading
from collections.abc import Callable

import pytest
from betterproto.lib.google.protobuf import Empty
from h2.errors import ErrorCodes
from hyperframe.frame import AltSvcFrame, DataFrame, GoAwayFrame, PingFrame, PushPromiseFrame

from tests.reliability.links import Link, both, failure_of
from tests.reliability.peer import GOOD, LIMIT, Peer, Wire, framed
from tests.support import SECRET_KEY
from xai import AsyncClient, Client
from xai.errors import APIConnectionError, StatusCode
from xai.options import RetryPolicy
from xai.runtime.retry.controller import may_retry

# -- GOAWAY ---------------------------------------------------------------------------------


@both
def test_goaway_lets_running_calls_finish(connect: type[Link]) -> None:
    """A call the server has promised to finish does; the next one dials anew."""
    announced, go_on = threading.Event(), threading.Event()

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.headers(asked.stream)
        wire.data(asked.stream, framed(b"before"))
        wire.goaway(asked.stream)
        announced.set()
        assert go_on.wait(LIMIT)
        wire.data(asked.stream, framed(b"after"))
        wire.status(asked.stream)
        # It says goodbye when the last call is done.
        wire.expect(GoAwayFrame)
        wire.until_closed()

    with Peer(script) as peer, connect(peer) as link:
        stream = link.stream()
        assert list(stream.receive() or ()) == [b"before"]
        assert announced.wait(LIMIT)
        link.on_loop(lambda: None)
        link.works()
        assert len(peer.wires) == 2
        go_on.set()
        assert stream.collect() == [b"after"]
        peer.until(lambda: peer.wires[0].closed)
        link.works()
        assert len(peer.wires) == 2


@both
def test_goaway_gives_back_what_will_not_be_done(connect: type[Link]) -> None:
    """Streams above the last number fail as never processed; lower ones finish."""

    def script(wire: Wire) -> None:
        first, second = wire.request(), wire.request()
        wire.goaway(first.stream, ErrorCodes.ENHANCE_YOUR_CALM, b"too_many_pings")
        wire.reply(first)
        assert second.stream > first.stream

    with Peer(script) as peer, connect(peer) as link:
        calls = [link.start(b"one"), link.start(b"two")]
        errors = [call.exception(LIMIT) for call in calls]
        assert sorted(error is None for error in errors) == [False, True]
        lost = calls[errors.index(None) - 1]
        failure = failure_of(lost.result)
        assert (failure.code, failure.unprocessed) == (StatusCode.UNAVAILABLE, True)
        assert may_retry(failure, RetryPolicy())
        assert peer.host in failure.message
        assert "ENHANCE_YOUR_CALM (too_many_pings)" in failure.message
        link.works()
        assert len(peer.wires) == 2


@both
def test_goaway_on_an_idle_connection(connect: type[Link]) -> None:
    """An idle connection closes at once, and the next call dials anew without an error."""

    def script(wire: Wire) -> None:
        wire.reply(wire.request())
        wire.goaway(2**31 - 1)
        wire.until_closed()
        peer.tell(lambda: None)

    with Peer(script) as peer, connect(peer) as link:
        link.works()
        peer.until(lambda: peer.wires[0].closed)
        link.works()
        assert len(peer.wires) == 2


@both
def test_goaway_twice_with_a_lower_number(connect: type[Link]) -> None:
    """A shutdown in two steps, a warning and then the true last number, loses no call."""

    def script(wire: Wire) -> None:
        first, second = wire.request(), wire.request()
        wire.goaway(2**31 - 1)
        wire.goaway(first.stream)
        wire.reply(first)
        assert second.stream > first.stream

    with Peer(script) as peer, connect(peer) as link:
        calls = [link.start(b"one"), link.start(b"two")]
        failures = [call.exception(LIMIT) for call in calls]
        assert sorted(failure is None for failure in failures) == [False, True]
        link.works()


@both
def test_connection_lost_after_goaway_tells_the_reason(connect: type[Link]) -> None:
    """The server's reason is not overwritten by the loss that follows."""

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.goaway(asked.stream, 0xABC, b"\xffshutting down")
        wire.close()

    with Peer(script) as peer, connect(peer) as link:
        failure = failure_of(link.unary)
        assert re.search(r"was lost: .*after GOAWAY 2748 \(.shutting down\)", failure.message)
        assert not may_retry(failure, RetryPolicy())
        link.works()


def test_never_processed_call_is_retried_for_the_user() -> None:
    """The caller of a client notices nothing of a rolling restart."""

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.goaway(asked.stream - 1)
        wire.until_closed()

    with Peer(script) as peer, Client(SECRET_KEY, api_host=peer.host) as client:
        client.stubs.sampler.list_models(Empty())
        assert len(peer.wires) == 2


async def test_never_processed_call_is_retried_for_the_asynchronous_user() -> None:
    """As above."""

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.goaway(asked.stream - 1)
        wire.until_closed()

    with Peer(script) as peer:
        async with AsyncClient(SECRET_KEY, api_host=peer.host) as client:
            await client.stubs.sampler.list_models(Empty())
        assert len(peer.wires) == 2


# -- the connection goes -------------------------------------------------------------------------


def _cut_in_message(wire: Wire) -> None:
    asked = wire.request()
    wire.headers(asked.stream)
    wire.data(asked.stream, framed(b"reply")[:-1])
    wire.close()


def _close_after_headers(wire: Wire) -> None:
    wire.headers(wire.request().stream)
    wire.close()


def _close_after_message(wire: Wire) -> None:
    asked = wire.request()
    wire.headers(asked.stream)
    wire.data(asked.stream, framed(b"reply"))
    wire.close()


def _close(wire: Wire) -> None:
    wire.request()
    wire.close()


def _cut(wire: Wire) -> None:
    wire.request()
    wire.cut()


def _raw(data: bytes) -> Callable[[Wire], None]:
    def script(wire: Wire) -> None:
        wire.request()
        wire.raw(data)
        wire.until_closed()

    return script


def _many_headers(wire: Wire) -> None:
    asked = wire.request()
    wire.headers(asked.stream, [*GOOD, *((f"x-{n}", "v" * 1000) for n in range(100))])
    wire.until_closed()


def _bad_compression(wire: Wire) -> None:
    asked = wire.request()
    frame = wire.head(asked.stream)
    assert isinstance(frame, type(wire.head(1)))
    frame.data = b"\xff\xff\xff\xff\xff\xff"  # type: ignore[attr-defined]  # a HEADERS frame
    wire.send(frame)
    wire.until_closed()


def _push(wire: Wire) -> None:
    asked = wire.request()
    promise = PushPromiseFrame(asked.stream, 2, wire.encoder.encode(list(GOOD)))
    promise.flags.add("END_HEADERS")
    wire.send(promise)
    wire.until_closed()


def _http1(wire: Wire) -> None:
    wire.raw(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\n\r\nno!")
    wire.until_closed()


LOST = {
    "before headers": (_close, "the server closed it"),
    "after headers": (_close_after_headers, "the server closed it"),
    "in a message": (_cut_in_message, "the server closed it"),
    "after a message": (_close_after_message, "the server closed it"),
    "reset by the system": (_cut, "reset by peer"),
    "garbage": (_raw(bytes(range(256)) * 20), "broke the HTTP/2 protocol"),
    "frame that is too large": (_raw(DataFrame(1, bytes(20_000)).serialize()), "broke the HTTP"),
    "settings on a stream": (_raw(bytes([0, 0, 0, 4, 0, 0, 0, 0, 1])), "broke the HTTP"),
    "data on no stream": (_raw(DataFrame(99, b"x").serialize()), "broke the HTTP"),
    "huge header list": (_many_headers, "broke the HTTP"),
    "bad header compression": (_bad_compression, "broke the HTTP"),
    "pushed response": (_push, "broke the HTTP"),
    "window overflow": (_raw(bytes([0, 0, 4, 8, 0, 0, 0, 0, 0]) + b"\x7f\xff\xff\xff"), "broke"),
}


@both
@pytest.mark.parametrize("case", LOST.values(), ids=LOST.keys())
def test_lost_connection(connect: type[Link], case: tuple[Callable[[Wire], None], str]) -> None:
    """The call fails with the host and the reason, is not repeated, and the next one dials."""
    script, says = case
    with Peer(script) as peer, connect(peer) as link:
        failure = failure_of(link.unary)
        assert failure.connection
        assert failure.code is StatusCode.UNAVAILABLE
        assert peer.host in failure.message
        assert says in failure.message
        assert not may_retry(failure, RetryPolicy())
        link.works()
        assert len(peer.wires) == 2


@both
def test_http1_peer(connect: type[Link]) -> None:
    """A peer that answers in HTTP/1 is told apart from a lost connection."""

    def http2(wire: Wire) -> None:
        wire.hello()
        wire.serve()

    with Peer(_http1, http2, bare=True) as peer, connect(peer) as link:
        failure = failure_of(link.unary)
        assert failure.connection
        assert "the server speaks HTTP/1, not HTTP/2" in failure.message
        assert peer.host in failure.message
        link.works()


@both
def test_every_call_of_a_lost_connection_fails_once(connect: type[Link]) -> None:
    """All running calls end; those of the next connection are not touched."""

    def script(wire: Wire) -> None:
        for _ in range(10):
            wire.request()
        wire.close()

    with Peer(script) as peer, connect(peer) as link:
        calls = [link.start() for _ in range(10)]
        for call in calls:
            assert failure_of(lambda call=call: call.result(LIMIT)).connection  # type: ignore[misc]  # bound at once
        link.works()
        assert len(peer.wires) == 2


@both
def test_connection_lost_between_calls(connect: type[Link]) -> None:
    """A connection that goes while nobody uses it costs no call."""

    def script(wire: Wire) -> None:
        wire.reply(wire.request())
        wire.close()

    with Peer(script) as peer, connect(peer) as link:
        link.works()
        channel = link.channel()
        peer.until(lambda: not link.on_loop(lambda: bool(channel.protocols)) or _again(peer))
        link.works()
        assert len(peer.wires) == 2


def _again(peer: Peer) -> bool:
    """Have `Peer.until` look again soon."""
    threading.Timer(0.01, peer.tell, [lambda: None]).start()
    return False


def test_user_sees_the_host_and_the_attempts() -> None:
    """A lost connection is an APIConnectionError which names host, RPC and attempts."""
    twice = RetryPolicy(max_attempts=2, initial_backoff=0.0)
    with (
        Peer(_close, _close) as peer,
        Client(SECRET_KEY, api_host=peer.host, retry=twice) as client,
    ):
        with pytest.raises(APIConnectionError, match=f"connection to {peer.host} was") as caught:
            client.stubs.sampler.list_models(Empty())
        assert caught.value.attempts == 2
        assert caught.value.method == "/prompt_ide.Sampler/ListModels"
        assert SECRET_KEY not in "".join([str(caught.value), *vars(caught.value)["__notes__"]])
        client.stubs.sampler.list_models(Empty())


async def test_asynchronous_user_sees_the_host_and_the_attempts() -> None:
    """As above."""
    twice = RetryPolicy(max_attempts=2, initial_backoff=0.0)
    with Peer(_close, _close) as peer:
        async with AsyncClient(SECRET_KEY, api_host=peer.host, retry=twice) as client:
            with pytest.raises(APIConnectionError, match=f"connection to {peer.host} was"):
                await client.stubs.sampler.list_models(Empty())
            await client.stubs.sampler.list_models(Empty())


# -- what is not in the table ----------------------------------------------------------------


def _extension(kind: int, stream: int) -> bytes:
    return struct.pack("!IBI", 6 << 8 | kind, 0xFF, stream) + b"grease"


@both
def test_unknown_frames_are_ignored(connect: type[Link]) -> None:
    """ALTSVC, ORIGIN, GREASE, unknown settings and pings leave the connection alone."""

    def script(wire: Wire) -> None:
        wire.send(AltSvcFrame(0, origin=b"https://example", field=b'h2=":1"'))
        wire.raw(_extension(0x0C, 0) + _extension(0x1F * 3 + 0x21, 0))
        wire.settings({0x0A0A: 7, 0x5: 16384})
        asked = wire.request()
        wire.send(PingFrame(0, opaque_data=b"12345678"))
        wire.raw(_extension(0xF0, asked.stream))
        wire.headers(asked.stream)
        wire.send(AltSvcFrame(asked.stream, field=b"clear"))
        wire.data(asked.stream, framed(b"good"))
        wire.status(asked.stream)
        while not any(isinstance(f, PingFrame) and "ACK" in f.flags for f in wire.frames):
            wire.read()

    with Peer(script) as peer, connect(peer) as link:
        assert link.unary() == b"good"
        link.works()
        assert len(peer.wires) == 1


@both
@pytest.mark.parametrize("status", ["100", "102", "103"])
def test_informational_responses_are_ignored(connect: type[Link], status: str) -> None:
    """1xx answers come before the real one."""

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.headers(asked.stream, [(":status", status), ("link", "</style.css>")])
        wire.reply(asked)

    with Peer(script) as peer, connect(peer) as link:
        link.works()
        link.works()
        assert len(peer.wires) == 1
