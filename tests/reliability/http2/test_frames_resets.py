"""Streams that end early: resets from either side."""

import threading
from typing import TYPE_CHECKING

import pytest
from h2.errors import ErrorCodes
from hyperframe.frame import RstStreamFrame, WindowUpdateFrame

from tests.reliability.links import Link, both, failure_of
from tests.reliability.peer import GOOD, LIMIT, Asked, Peer, Wire, framed
from tests.support import growing
from xai.errors import StatusCode
from xai.options import RetryPolicy
from xai.runtime.retry.controller import may_retry
from xai.runtime.transport.attempt import Attempt

if TYPE_CHECKING:
    from collections.abc import Callable

CANCEL = int(ErrorCodes.CANCEL)
#: Codes that mean something in gRPC; all others are INTERNAL.
STATUSES = {
    ErrorCodes.REFUSED_STREAM: StatusCode.UNAVAILABLE,
    ErrorCodes.CANCEL: StatusCode.CANCELLED,
    ErrorCodes.ENHANCE_YOUR_CALM: StatusCode.RESOURCE_EXHAUSTED,
    ErrorCodes.INADEQUATE_SECURITY: StatusCode.PERMISSION_DENIED,
}


def status_of(code: int) -> StatusCode:
    """Return the status that a reset means."""
    return {int(known): status for known, status in STATUSES.items()}.get(code, StatusCode.INTERNAL)


@both
@pytest.mark.parametrize("code", [*map(int, ErrorCodes), 0xDEAD], ids=hex)
def test_reset_before_headers(connect: type[Link], code: int) -> None:
    """Each code has its status; only REFUSED_STREAM is provably safe to repeat."""

    def script(wire: Wire) -> None:
        wire.reset(wire.request().stream, code)

    with Peer(script) as peer, connect(peer) as link:
        failure = failure_of(link.unary)
        assert failure.code is status_of(code)
        assert f"error code {code}" in failure.message
        assert failure.unprocessed == (code == ErrorCodes.REFUSED_STREAM)
        assert may_retry(failure, RetryPolicy()) == failure.unprocessed
        link.works()
        assert len(peer.wires) == 1


@both
@pytest.mark.parametrize("code", [0, 2, *map(int, STATUSES)], ids=hex)
@pytest.mark.parametrize(
    "message",
    [b"", framed(b"reply")[:-1], framed(b"reply")],
    ids=["nothing", "a piece", "a message"],
)
def test_reset_after_headers(connect: type[Link], code: int, message: bytes) -> None:
    """A call the server has begun to answer is not safe to repeat, whatever the code."""

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.headers(asked.stream)
        if message:
            wire.data(asked.stream, message)
        wire.reset(asked.stream, code)

    with Peer(script) as peer, connect(peer) as link:
        failure = failure_of(link.unary)
        assert failure.code is status_of(code)
        assert not may_retry(failure, RetryPolicy())
        link.works()
        assert len(peer.wires) == 1


@both
def test_messages_before_a_reset_are_delivered(connect: type[Link]) -> None:
    """A stream yields what came before its reset, then fails."""

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.headers(asked.stream)
        wire.data(asked.stream, framed(b"first"))
        wire.reset(asked.stream, ErrorCodes.INTERNAL_ERROR)

    with Peer(script) as peer, connect(peer) as link:
        stream = link.stream()
        assert list(stream.receive() or ()) == [b"first"]
        assert failure_of(stream.receive).code is StatusCode.INTERNAL
        link.works()


@both
def test_reset_after_the_end_is_nothing(connect: type[Link]) -> None:
    """A server that ends a call and resets its stream (NO_ERROR) has answered."""

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.send(
            wire.head(asked.stream),
            wire.head(asked.stream, [("grpc-status", "3")], end=True),
            RstStreamFrame(asked.stream, error_code=0),
        )

    with Peer(script) as peer, connect(peer) as link:
        assert failure_of(link.unary).code is StatusCode.INVALID_ARGUMENT
        link.works()
        assert len(peer.wires) == 1


@both
def test_answer_before_the_request_is_complete(connect: type[Link]) -> None:
    """A server may answer while the client waits for window; the rest is not sent but reset."""

    def script(wire: Wire) -> None:
        wire.polite = False
        while sum(len(asked.body) for asked in wire.asked.values()) < 65535:
            wire.read()
        (asked,) = wire.asked.values()
        wire.refuse(asked.stream, 8, "too much")
        assert wire.expect(RstStreamFrame).error_code == CANCEL
        wire.polite = True
        wire.grant(0, 65535)

    with Peer(script) as peer, connect(peer) as link:
        failure = failure_of(lambda: link.unary(bytes(100_000)))
        assert (failure.code, failure.message) == (StatusCode.RESOURCE_EXHAUSTED, "too much")
        assert link.unary(bytes(100_000)) == bytes(100_000)
        assert len(peer.wires) == 1


@both
def test_window_and_reset_in_one_segment(connect: type[Link]) -> None:
    """A request that waits for window hears of both at once: one failure, no broken connection."""

    def script(wire: Wire) -> None:
        wire.polite = False
        while sum(len(asked.body) for asked in wire.asked.values()) < 65535:
            wire.read()
        (asked,) = wire.asked.values()
        wire.send(
            WindowUpdateFrame(asked.stream, window_increment=65535),
            WindowUpdateFrame(0, window_increment=65535),
            RstStreamFrame(asked.stream, error_code=2),
        )
        wire.polite = True

    with Peer(script) as peer, connect(peer) as link:
        failure = failure_of(lambda: link.unary(bytes(100_000)))
        assert (failure.code, failure.connection) == (StatusCode.INTERNAL, False)
        link.works()
        assert len(peer.wires) == 1


@both
def test_deadline_resets_with_cancel(connect: type[Link]) -> None:
    """At its deadline a call is cancelled on the wire, as CANCEL and not as NO_ERROR."""
    reset: set[bytes] = set()

    def script(wire: Wire) -> None:
        def stop(asked: Asked) -> None:
            wire.headers(asked.stream)
            wire.data(asked.stream, framed(b"first"))
            assert wire.expect(RstStreamFrame, asked.stream).error_code == CANCEL
            reset.add(asked.message)

        wire.serve_but(stop)

    with Peer(script) as peer, connect(peer) as link:
        for limit in growing(0.1):
            unary = failure_of(lambda limit=limit: link.unary(b"unary", timeout=limit))  # type: ignore[misc]  # bound at once
            stream = failure_of(link.stream(b"stream", timeout=limit).collect)
            assert {unary.code, stream.code} == {StatusCode.DEADLINE_EXCEEDED}
            link.works()
            if reset == {b"unary", b"stream"}:
                break
        assert len(peer.wires) == 1


@both
@pytest.mark.parametrize("pieces", [0, 1, 400])
def test_leaving_a_stream_early_cancels_it(connect: type[Link], pieces: int) -> None:
    """Leaving resets with CANCEL at once; it waits for no trailers and no window."""
    asked_for, left = threading.Event(), threading.Event()

    def script(wire: Wire) -> None:
        asked = wire.request()
        asked_for.set()
        wire.headers(asked.stream)
        for _ in range(pieces):
            wire.data(asked.stream, framed(bytes(10_000)))
        assert wire.expect(RstStreamFrame, asked.stream).error_code == CANCEL
        # Only now, so that leaving can't have waited for it.
        assert left.wait(LIMIT)

    with Peer(script) as peer, connect(peer) as link:
        stream = link.stream()
        assert asked_for.wait(LIMIT)
        if pieces:
            stream.receive()
        stream.close()
        left.set()
        link.works()
        assert len(peer.wires) == 1


@both
def test_stream_that_is_collected_is_cancelled(connect: type[Link]) -> None:
    """A stream nobody holds any more is reset with CANCEL."""

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.headers(asked.stream)
        wire.data(asked.stream, framed(b"first"))
        assert wire.expect(RstStreamFrame, asked.stream).error_code == CANCEL

    with Peer(script) as peer, connect(peer) as link:
        stream = link.stream()
        stream.receive()
        del stream
        link.works()
        assert len(peer.wires) == 1


@both
def test_finished_calls_send_no_reset(connect: type[Link]) -> None:
    """A stream that ended is left alone: no RST_STREAM after a good call."""
    with Peer() as peer, connect(peer) as link:
        link.works()
        link.stream(b"x").collect()
        link.works()
        assert peer.wires[0].count(RstStreamFrame) == 0


@both
def test_frames_for_a_call_that_was_given_up(connect: type[Link]) -> None:
    """What was on its way when a call was reset disturbs nothing."""
    answered: set[bytes] = set()

    def script(wire: Wire) -> None:
        def answer_late(asked: Asked) -> None:
            wire.expect(RstStreamFrame, asked.stream)
            if asked.message == b"messages":
                wire.headers(asked.stream)
                wire.data(asked.stream, framed(b"late"))
                wire.grant(asked.stream, 10)
                wire.status(asked.stream)
            else:
                wire.headers(asked.stream, [*GOOD, ("grpc-status", "0")], end=True)
                wire.reset(asked.stream, 2)
            answered.add(asked.message)

        wire.serve_but(answer_late)

    with Peer(script) as peer, connect(peer) as link:
        for limit in growing(0.1):
            for payload in (b"messages", b"reset"):
                failure_of(lambda limit=limit, payload=payload: link.unary(payload, timeout=limit))  # type: ignore[misc]  # bound at once
            link.works()
            link.works()
            if answered == {b"messages", b"reset"}:
                break
        assert len(peer.wires) == 1


@both
def test_error_of_our_own_in_an_event_fails_the_calls(
    connect: type[Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing escapes from the protocol: the connection fails its calls, the next one dials."""
    original: Callable[[Attempt, bytes, int], None] = Attempt.on_data

    def broken(self: Attempt, data: bytes, flow: int) -> None:
        if data == framed(b"boom"):
            raise ZeroDivisionError("planted")
        original(self, data, flow)

    monkeypatch.setattr(Attempt, "on_data", broken)
    with Peer() as peer, connect(peer) as link:
        failure = failure_of(lambda: link.unary(b"boom"))
        assert failure.connection
        assert "planted" in failure.message
        link.works()
        assert len(peer.wires) == 2
