"""A server that ends a call at its deadline in a way of its own, before the timer here fires."""

import threading
import time
from collections.abc import Callable

import pytest
from h2.errors import ErrorCodes

from tests.reliability.links import Link, both, failure_of
from tests.reliability.peer import GOOD, LIMIT, Asked, Peer, Wire, framed
from xai.errors import StatusCode

_LIMIT = 0.2


def _wait_out(link: Link, then: Callable[[], object]) -> None:
    """Keep the loop from its timers until the deadline has passed and something was sent."""

    def hold() -> None:
        time.sleep(_LIMIT)
        then()
        # It is in the socket's buffer when the loop looks.
        time.sleep(0.02)

    link.on_loop(hold)


_ENDS: dict[str, Callable[[Wire, Asked], object]] = {
    "RST_STREAM CANCEL": lambda wire, asked: wire.reset(asked.stream, int(ErrorCodes.CANCEL)),
    "RST_STREAM NO_ERROR": lambda wire, asked: wire.reset(asked.stream, 0),
    "RST_STREAM INTERNAL_ERROR": lambda wire, asked: wire.reset(asked.stream, 2),
    "RST_STREAM REFUSED_STREAM": lambda wire, asked: wire.reset(asked.stream, 7),
    "CANCELLED": lambda wire, asked: wire.refuse(asked.stream, 1, "context canceled"),
    "UNKNOWN": lambda wire, asked: wire.refuse(asked.stream, 2, "context deadline exceeded"),
    "INTERNAL": lambda wire, asked: wire.refuse(asked.stream, 13),
    "UNAVAILABLE": lambda wire, asked: wire.refuse(asked.stream, 14),
    "DEADLINE_EXCEEDED": lambda wire, asked: wire.refuse(asked.stream, 4, "too slow"),
    "no status": lambda wire, asked: wire.headers(asked.stream, GOOD, end=True),
    "HTTP 504": lambda wire, asked: wire.headers(asked.stream, [(":status", "504")], end=True),
    "closed connection": lambda wire, _: wire.close(),
    "cut connection": lambda wire, _: wire.cut(),
}


@both
@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize("end", _ENDS)
def test_end_after_the_deadline_is_the_deadline(
    connect: type[Link],
    end: str,
    streaming: bool,  # noqa: FBT001
) -> None:
    """Whatever ends a call whose deadline has passed, the caller is told of the deadline."""
    wires: list[tuple[Wire, Asked]] = []
    over = threading.Event()

    def script(wire: Wire) -> None:
        wire.reply(wire.request())
        asked = wire.request()
        if streaming:
            wire.headers(asked.stream)
            wire.data(asked.stream, framed(b"one"))
        peer.tell(lambda: wires.append((wire, asked)))
        # The test writes what follows.
        assert over.wait(LIMIT)

    with Peer(script) as peer, connect(peer) as link:
        link.works()
        if streaming and end in ("no status", "HTTP 504"):
            pytest.skip("the headers are sent already")
        call = link.background(
            lambda: (
                failure_of(link.stream(timeout=_LIMIT).collect)
                if streaming
                else failure_of(lambda: link.unary(timeout=_LIMIT))
            )
        )
        peer.until(lambda: wires)
        _wait_out(link, lambda: _ENDS[end](*wires[0]))
        failure = call.result()
        over.set()
        assert failure.code is StatusCode.DEADLINE_EXCEEDED, failure
        assert not failure.connection
        assert "too slow" in failure.message or "time allowed" in failure.message


@both
@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("RST_STREAM CANCEL", StatusCode.CANCELLED),
        ("CANCELLED", StatusCode.CANCELLED),
        ("UNKNOWN", StatusCode.UNKNOWN),
        ("INTERNAL", StatusCode.INTERNAL),
    ],
)
def test_end_before_the_deadline_is_what_it_is(
    connect: type[Link], end: str, code: StatusCode
) -> None:
    """While there is time left the server's own status counts."""

    def script(wire: Wire) -> None:
        _ENDS[end](wire, wire.request())

    with Peer(script) as peer, connect(peer) as link:
        assert failure_of(link.unary).code is code
        link.works()


@both
def test_caller_at_fault_is_told_so_after_the_deadline(connect: type[Link]) -> None:
    """A status that time has nothing to do with is not replaced."""
    wires: list[tuple[Wire, Asked]] = []
    over = threading.Event()

    def script(wire: Wire) -> None:
        wire.reply(wire.request())
        asked = wire.request()
        peer.tell(lambda: wires.append((wire, asked)))
        # The test writes what follows.
        assert over.wait(LIMIT)

    with Peer(script) as peer, connect(peer) as link:
        link.works()
        call = link.background(lambda: failure_of(lambda: link.unary(timeout=_LIMIT)))
        peer.until(lambda: wires)
        _wait_out(link, lambda: wires[0][0].refuse(wires[0][1].stream, 3, "no"))
        failure = call.result()
        over.set()
        assert failure.code is StatusCode.INVALID_ARGUMENT


@both
def test_own_cancellation_after_the_deadline_stays_one(connect: type[Link]) -> None:
    """A stream that its reader closes is closed, whatever the time."""

    def script(wire: Wire) -> None:
        wire.reply(wire.request())
        asked = wire.request()
        wire.headers(asked.stream)
        wire.data(asked.stream, framed(b"one"))

    with Peer(script) as peer, connect(peer) as link:
        link.works()
        stream = link.stream(timeout=_LIMIT)
        assert list(stream.receive() or ()) == [b"one"]
        link.on_loop(lambda: time.sleep(_LIMIT))
        stream.close()
        link.works()
