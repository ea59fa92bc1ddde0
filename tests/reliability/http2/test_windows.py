"""Requests that wait for window: each goes on when there is some, and none before the others."""

import threading
from typing import TYPE_CHECKING, Final

import pytest
from h2.errors import ErrorCodes
from hyperframe.frame import DataFrame, Frame, GoAwayFrame, RstStreamFrame, WindowUpdateFrame

from tests.reliability.links import Link, both, failure_of
from tests.reliability.peer import LIMIT, Peer, Wire

if TYPE_CHECKING:
    from concurrent.futures import Future

    from tests.reliability.links import LinkStream

SIZE: Final = 100_000
_UPLOADS: Final = 60


def _uploads(wire: Wire, count: int) -> list[int]:
    """Take what uploads send while they have window; return their streams."""
    streams = [wire.request_head().stream for _ in range(count)]
    size = sum(len(wire.asked[stream].body) for stream in streams)
    while size < 65535:
        frame = wire.read()
        size += len(frame.data) if isinstance(frame, DataFrame) else 0
    return streams


def _update(stream: int, increment: int) -> bytes:
    """Return a WINDOW_UPDATE frame with any increment, 0 included."""
    frame = WindowUpdateFrame(stream, window_increment=1).serialize()
    return frame[:-4] + increment.to_bytes(4, "big")


@both
@pytest.mark.parametrize("how", ["one by one", "in one read"])
def test_uploads_share_the_window_of_the_connection(connect: type[Link], how: str) -> None:
    """Many uploads that wait for the same window each get a share, in turn, of a few updates."""
    shares: list[int] = []

    def script(wire: Wire) -> None:
        wire.polite = False
        streams = _uploads(wire, _UPLOADS)
        before = len(wire.frames)
        grant = _update(0, 1000)
        if how == "one by one":
            for _ in range(_UPLOADS):
                wire.raw(grant)
                wire.expect(DataFrame)
        else:
            wire.raw(grant * _UPLOADS)
            taken = 0
            while taken < 1000 * _UPLOADS:
                taken += len(wire.expect(DataFrame).data)
        new = [f for f in wire.frames[before:] if isinstance(f, DataFrame)]
        shares.append(len({frame.stream_id for frame in new}))
        wire.polite = True
        wire.grant(0, 2**30)
        for stream in streams:
            wire.grant(stream, 2**30)
        for _ in streams:
            wire.reply(wire.request())

    with Peer(script) as peer, connect(peer) as link:
        calls: list[LinkStream] = [link.stream(bytes(SIZE)) for _ in range(_UPLOADS)]
        assert [call.collect() for call in calls] == [[bytes(SIZE)]] * _UPLOADS
    # The first has used up its own window. One by one, each update goes to the next in line; in one
    # read, the first few share all of it, a frame each.
    assert shares[0] == (_UPLOADS - 1 if how == "one by one" else 4)


@both
def test_writers_are_woken_once_a_read(connect: type[Link]) -> None:
    """A thousand updates in a row cost the uploads that wait no more than one does."""
    woken: list[int] = []
    updates = 1000

    def script(wire: Wire) -> None:
        wire.polite = False
        streams = _uploads(wire, _UPLOADS)
        wire.raw(_update(0, 1) * updates)
        taken = 0
        while taken < updates:
            taken += len(wire.expect(DataFrame).data)
        woken.append(sum(isinstance(frame, DataFrame) for frame in wire.frames))
        wire.polite = True
        wire.grant(0, 2**30)
        for stream in streams:
            wire.grant(stream, 2**30)
        for _ in streams:
            wire.reply(wire.request())

    with Peer(script) as peer, connect(peer) as link:
        calls = [link.stream(bytes(SIZE)) for _ in range(_UPLOADS)]
        assert [call.collect() for call in calls] == [[bytes(SIZE)]] * _UPLOADS
    # The first window of the connection took a few frames of its own.
    assert woken[0] < _UPLOADS + 50


@both
def test_stream_that_has_no_window_does_not_hold_the_others_up(connect: type[Link]) -> None:
    """An upload whose own stream has no window stands in nobody's way."""
    full = threading.Event()

    def script(wire: Wire) -> None:
        wire.polite = False
        wire.grant(0, 2**30)
        first = wire.request_head()
        while len(first.body) < 65535:
            wire.read()
        wire.polite = True
        full.set()
        wire.reply(wire.request())
        wire.grant(first.stream, SIZE)
        while not first.complete:
            wire.read()

    with Peer(script) as peer, connect(peer) as link:
        stalled: Future[bytes] = link.start(bytes(SIZE))
        assert full.wait(LIMIT)
        assert link.unary(b"small") == b"small"
        assert stalled.result(LIMIT) == bytes(SIZE)
        assert len(peer.wires) == 1


@both
@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (_update(0, 0), ErrorCodes.PROTOCOL_ERROR),
        (_update(0, 2**31 - 1), ErrorCodes.FLOW_CONTROL_ERROR),
        (_update(0, 2**31 - 65530), ErrorCodes.FLOW_CONTROL_ERROR),
        (_update(99, 1), ErrorCodes.PROTOCOL_ERROR),
        (_update(2, 1), ErrorCodes.PROTOCOL_ERROR),
        (_update(0, 1)[:2] + b"\3" + _update(0, 1)[3:-1], ErrorCodes.FRAME_SIZE_ERROR),
        (RstStreamFrame(99).serialize(), ErrorCodes.PROTOCOL_ERROR),
        (DataFrame(99, b"x").serialize(), ErrorCodes.PROTOCOL_ERROR),
        (DataFrame(2, b"x").serialize(), ErrorCodes.PROTOCOL_ERROR),
    ],
    ids=str,
)
def test_updates_that_concern_the_connection(
    connect: type[Link], frame: bytes, code: ErrorCodes
) -> None:
    """What RFC 9113 calls an error of the connection ends it, with the code that it names."""
    found: list[int] = []

    def script(wire: Wire) -> None:
        wire.request()
        wire.raw(frame)
        found.append(wire.expect(GoAwayFrame).error_code)

    with Peer(script) as peer, connect(peer) as link:
        # So small a request leaves all of the window but a few bytes.
        failure = failure_of(lambda: link.unary(b""))
        assert "the server broke the HTTP/2 protocol" in failure.message
        link.works()
        assert len(peer.wires) == 2
    assert found == [code]


@both
@pytest.mark.parametrize("increment", [1, 2, 1000, 65535, 2**30, 2**31 - 1 - 65535])
def test_updates_of_every_size(connect: type[Link], increment: int) -> None:
    """A window may be as large as 2**31 - 1, and grow by any amount until then."""

    def script(wire: Wire) -> None:
        asked = wire.request()
        frames: list[Frame] = [
            WindowUpdateFrame(stream, window_increment=increment) for stream in (0, asked.stream)
        ]
        wire.send(*frames)
        wire.reply(asked)

    with Peer(script) as peer, connect(peer) as link:
        for _ in range(3):
            link.works()
        assert len(peer.wires) == 1
