"""Floods of control frames: the connection ends after a budget, and others notice nothing."""

import threading
import time
from collections.abc import Callable
from typing import Any, Final

import pytest
from h2.errors import ErrorCodes
from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    PriorityFrame,
    PushPromiseFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

import xai
from tests.reliability.http2.hostile import Caller, both_twins
from tests.reliability.links import BlockingLink, Link, both, failure_of
from tests.reliability.peer import LIMIT, HungUp, Peer, Wire, framed
from xai.runtime.http2 import protocol
from xai.runtime.http2.budget import CONTROL_FRAMES
from xai.runtime.http2.events import USELESS_PER_TURN
from xai.runtime.timers import call_later

#: The frame of an open stream that a flood is made of, and whether the response has to begin.
_FLOODS: Final[dict[str, Callable[[int], bytes]]] = {
    "PING": lambda _: PingFrame(0, opaque_data=bytes(8)).serialize(),
    "PING answer": lambda _: PingFrame(0, opaque_data=bytes(8), flags=["ACK"]).serialize(),
    "SETTINGS": lambda _: SettingsFrame(0).serialize(),
    "SETTINGS with a table": lambda _: (
        SettingsFrame(0, settings={1: 0}).serialize()
        + SettingsFrame(0, settings={1: 4096}).serialize()
    ),
    "SETTINGS with a window": lambda _: (
        SettingsFrame(0, settings={4: 0}).serialize()
        + SettingsFrame(0, settings={4: 2**31 - 1}).serialize()
    ),
    "SETTINGS answer": lambda _: SettingsFrame(0, flags=["ACK"]).serialize(),
    "PRIORITY": lambda stream: PriorityFrame(stream, depends_on=0, stream_weight=1).serialize(),
    "PRIORITY of idle streams": lambda stream: PriorityFrame(
        stream + 100, depends_on=0, stream_weight=1
    ).serialize(),
    "unknown": lambda stream: b"\0\0\1\xee\xff" + stream.to_bytes(4, "big") + b"x",
    "ALTSVC": lambda _: b"\0\0\5\x0a\0\0\0\0\0\0\3abc",
    "empty DATA": lambda stream: DataFrame(stream).serialize(),
    "padded DATA": lambda stream: DataFrame(stream, flags=["PADDED"], pad_length=9).serialize(),
    "WINDOW_UPDATE": lambda _: WindowUpdateFrame(0, window_increment=1).serialize(),
    "WINDOW_UPDATE of a stream": lambda stream: WindowUpdateFrame(
        stream, window_increment=1
    ).serialize(),
    "GOAWAY": lambda _: GoAwayFrame(0, last_stream_id=2**31 - 1).serialize(),
    "RST_STREAM of a closed stream": lambda _: RstStreamFrame(1, error_code=8).serialize(),
    "empty DATA of a closed stream": lambda _: DataFrame(1).serialize(),
    "DATA of a closed stream": lambda _: DataFrame(1, b"x").serialize(),
    "empty HEADERS of a closed stream": lambda _: HeadersFrame(
        1, flags=["END_HEADERS"]
    ).serialize(),
    "HEADERS of a closed stream": lambda _: HeadersFrame(
        1, b"\x88" * 100, flags=["END_HEADERS", "END_STREAM"]
    ).serialize(),
    "WINDOW_UPDATE of a closed stream": lambda _: WindowUpdateFrame(
        1, window_increment=1
    ).serialize(),
}

#: Those that come before a response.
_INFORMATIONAL: Final = "informational"
_BLOCKS: Final = {
    "CONTINUATION": ContinuationFrame(3, b"\x88").serialize(),
    "empty CONTINUATION": ContinuationFrame(3).serialize(),
}


def _pour(wire: Wire, frames: bytes) -> int:
    """Send frames until the client closes, and read the code of its GOAWAY."""
    codes: list[int] = []

    def read() -> None:
        try:
            codes.append(wire.expect(GoAwayFrame).error_code)
            wire.until_closed()
        except HungUp:
            pass

    wire.polite = False
    reader = threading.Thread(target=read)
    reader.start()
    data = frames * (1 + 16000 // len(frames))
    limit = time.monotonic() + LIMIT
    try:
        while time.monotonic() < limit:
            wire.sock.sendall(data)
    except OSError:
        pass
    reader.join(LIMIT)
    assert codes, "the client took all of it"
    return codes[0]


def _script(name: str, codes: list[int]) -> Callable[[Wire], None]:
    def script(wire: Wire) -> None:
        wire.reply(wire.request())
        asked = wire.request()
        if name == _INFORMATIONAL:
            frames = HeadersFrame(3, b"\x08\x03103", flags=["END_HEADERS"]).serialize()
        elif name in _BLOCKS:
            wire.send(HeadersFrame(3, b"\x88"))
            frames = _BLOCKS[name]
        else:
            wire.headers(asked.stream)
            frames = _FLOODS[name](asked.stream)
        codes.append(_pour(wire, frames))

    return script


@both
@pytest.mark.parametrize("name", [*_FLOODS, *_BLOCKS, _INFORMATIONAL])
def test_flood_ends_the_connection(connect: type[Link], name: str) -> None:
    """Whatever gets nothing done is taken thousands of times, and not for ever."""
    codes: list[int] = []
    with Peer(_script(name, codes)) as peer, connect(peer) as link:
        link.works()
        failure = failure_of(link.unary)
        assert failure.code is xai.StatusCode.UNAVAILABLE
        assert failure.connection
        assert not failure.unprocessed
        how = "a header block without end" if name in _BLOCKS else "the server floods it"
        assert how in failure.message
        # A new connection, whose server behaves.
        link.works()
        assert len(peer.wires) == 2
    assert codes == [ErrorCodes.ENHANCE_YOUR_CALM]


@both
@pytest.mark.parametrize("name", ["PING", "SETTINGS", "unknown", "RST_STREAM of a closed stream"])
def test_flood_of_an_idle_connection(connect: type[Link], name: str) -> None:
    """A connection without a call is watched, too."""
    codes: list[int] = []

    def script(wire: Wire) -> None:
        wire.reply(wire.request())
        codes.append(_pour(wire, _FLOODS[name](3)))

    with Peer(script) as peer, connect(peer) as link:
        link.works()
        peer.until(lambda: codes)
        link.works()
        assert len(peer.wires) == 2
    assert codes == [ErrorCodes.ENHANCE_YOUR_CALM]


@both
def test_flood_leaves_time_for_other_threads(
    connect: type[Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between its turns the loop rests: its thread would hardly let go of the interpreter else."""
    rests: list[float] = []

    def noted(*arguments: Any) -> object:  # noqa: ANN401  # those of the function
        if arguments[1] == protocol.PAUSE:
            rests.append(arguments[1])
        return call_later(*arguments)

    monkeypatch.setattr(protocol, "call_later", noted)
    codes: list[int] = []
    with Peer(_script("PING", codes)) as peer, connect(peer) as link:
        link.works()
        assert "the server floods it" in failure_of(link.unary).message
    # Not in each turn: what a read has brought may be less than a turn takes.
    assert len(rests) > CONTROL_FRAMES / USELESS_PER_TURN / 4


@both
def test_others_are_served_during_a_flood(connect: type[Link]) -> None:
    """Calls to another server go on, however much comes from the one that floods."""
    codes: list[int] = []
    script = _script("PING", codes)
    with (
        Peer(*[script] * 5) as hostile,
        Peer() as friendly,
        connect(hostile) as victim,
        connect(friendly) as healthy,
    ):
        healthy.works()
        for _ in range(5):
            victim.works()
            flooded = victim.start()
            while not flooded.done():
                healthy.works()
            assert "floods" in failure_of(lambda: flooded.result(LIMIT)).message  # noqa: B023  # called at once
        assert len(friendly.wires) == 1
    assert codes == [ErrorCodes.ENHANCE_YOUR_CALM] * 5


@both
def test_push_promise_is_refused(connect: type[Link]) -> None:
    """Our settings forbid pushing: one such frame is one too many."""
    codes: list[int] = []

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.send(PushPromiseFrame(asked.stream, 2, b"\x88", flags=["END_HEADERS"]))
        codes.append(wire.expect(GoAwayFrame).error_code)

    with Peer(script) as peer, connect(peer) as link:
        assert "PUSH_PROMISE" in failure_of(link.unary).message
        link.works()
    assert codes == [ErrorCodes.PROTOCOL_ERROR]


@both
def test_hostile_server_is_not_dialed_without_a_pause(connect: type[Link]) -> None:
    """Each connection that ends for a flood makes the pause before the next dialing longer."""
    codes: list[int] = []

    def script(wire: Wire) -> None:
        wire.request()
        codes.append(_pour(wire, _FLOODS["PING"](1)))

    with Peer(script, script, script) as peer, connect(peer) as link:
        failures = []
        for _ in range(3):
            failure_of(link.unary)
            failures.append(link.on_loop(lambda: link.channel()._failures))
        assert failures == [1, 2, 3]
        # One call that succeeds, and it is trusted again.
        link.works()
        assert link.on_loop(lambda: link.channel()._failures) == 0


def test_frames_beside_progress_are_no_flood() -> None:
    """A server that sends twice the budget while it answers calls is a busy one."""
    frames = 12
    calls = CONTROL_FRAMES * 2 // frames

    def script(wire: Wire) -> None:
        busy = b"".join(_FLOODS[name](1) for name in ("PING", "SETTINGS", "WINDOW_UPDATE")) * 4
        for _ in range(calls):
            asked = wire.request()
            wire.raw(busy)
            wire.reply(asked)

    with Peer(script) as peer, BlockingLink(peer) as link:
        for _ in range(calls + 1):
            link.works()
        assert len(peer.wires) == 1


@both
def test_stream_that_is_left_early_is_no_flood(connect: type[Link]) -> None:
    """What a server had sent before it learned that nobody reads it is not held against it."""
    left = threading.Event()
    count = CONTROL_FRAMES * 2

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.headers(asked.stream)
        wire.data(asked.stream, framed(b"first"))
        wire.expect(RstStreamFrame, asked.stream)
        frame = DataFrame(asked.stream, framed(b"x")).serialize()
        wire.raw(frame * count)
        wire.status(asked.stream)
        left.set()

    with Peer(script) as peer, connect(peer) as link:
        stream = link.stream()
        assert stream.receive()
        stream.close()
        assert left.wait(LIMIT)
        link.works()
        assert len(peer.wires) == 1


@both_twins
def test_user_meets_a_flood(twin: type[Caller]) -> None:
    """The user gets an APIConnectionError that says what the server did."""
    codes: list[int] = []

    def script(wire: Wire) -> None:
        wire.request()
        codes.append(_pour(wire, _FLOODS["SETTINGS"](1)))

    with Peer(script) as peer:
        error, outcome = twin(peer)(2)
        assert isinstance(error, xai.APIConnectionError)
        assert "the server floods it" in str(error)
        assert outcome == []
