"""SETTINGS of every kind, at any time: what RFC 9113 allows is followed, the rest is refused."""

import threading
from collections.abc import Callable
from typing import Final

import pytest
from h2.errors import ErrorCodes
from hpack import Decoder
from hyperframe.frame import GoAwayFrame, HeadersFrame, SettingsFrame

from tests.reliability.links import Link, both, failure_of
from tests.reliability.peer import LIMIT, Peer, Wire, framed

TABLE: Final = SettingsFrame.HEADER_TABLE_SIZE
PUSH: Final = SettingsFrame.ENABLE_PUSH
STREAMS: Final = SettingsFrame.MAX_CONCURRENT_STREAMS
WINDOW: Final = SettingsFrame.INITIAL_WINDOW_SIZE
FRAME: Final = SettingsFrame.MAX_FRAME_SIZE
HEADERS: Final = SettingsFrame.MAX_HEADER_LIST_SIZE
_UPDATE: Final = 0x20


def _settings(*pairs: tuple[int, int]) -> bytes:
    """Return a SETTINGS frame as bytes: its parameters may repeat, and have any value."""
    body = b"".join(key.to_bytes(2, "big") + value.to_bytes(4, "big") for key, value in pairs)
    return len(body).to_bytes(3, "big") + b"\4\0" + bytes(4) + body


class _Blocks:
    """Takes requests as a server does whose compression table has the size that it told.

    Args:
        wire: The connection.
    """

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.decoder = Decoder()
        wire._decoder = self.decoder
        self.last = b""

    def serve(self, settings: Callable[[], None], changed: threading.Event) -> list[int]:
        """Answer a call, change settings, answer another; return the sizes that one tells."""
        self.wire.reply(self.wire.request())
        settings()
        changed.set()
        self.decoder.max_allowed_table_size = 2**32
        asked = self.wire.request()
        frames = [frame for frame in self.wire.frames if isinstance(frame, HeadersFrame)]
        self.wire.reply(asked)
        return _sizes(frames[-1].data)


def _sizes(block: bytes) -> list[int]:
    """Return the dynamic table size updates that a header block begins with."""
    sizes, at = [], 0
    while block[at] & 0xE0 == _UPDATE:
        value, at = block[at] & 0x1F, at + 1
        if value == 0x1F:
            shift = 0
            while True:
                byte, at = block[at], at + 1
                value += (byte & 0x7F) << shift
                shift += 7
                if byte < 0x80:
                    break
        sizes.append(value)
    return sizes


@both
@pytest.mark.parametrize(
    ("sizes", "told"),
    [
        ([4096], []),
        ([8192], []),
        ([0], [0]),
        ([100], [100]),
        ([0, 4096], [0, 4096]),
        ([0, 0], [0]),
        ([2000, 1000, 3000], [1000, 3000]),
        ([3000, 1000], [1000]),
        ([0, 2**32 - 1], [0, 4096]),
        ([4000, 17] * 500, [17]),
    ],
    ids=lambda sizes: str(sizes[:4]),
)
@pytest.mark.parametrize("how", ["in one frame", "in one read", "one by one"])
def test_compression_table_is_resized(
    connect: type[Link], sizes: list[int], told: list[int], how: str
) -> None:
    """The next request tells the smallest size and the last (RFC 7541, 4.2), however they came."""
    found: list[list[int]] = []
    changed = threading.Event()

    def script(wire: Wire) -> None:
        def change() -> None:
            if how == "in one frame":
                wire.settle(_settings(*((TABLE, size) for size in sizes)))
            elif how == "in one read":
                wire.settle(*(_settings((TABLE, size)) for size in sizes))
            else:
                for size in sizes:
                    wire.settle(_settings((TABLE, size)))

        found.append(_Blocks(wire).serve(change, changed))

    with Peer(script) as peer, connect(peer) as link:
        link.works()
        assert changed.wait(LIMIT)
        for _ in range(3):
            link.works()
        assert len(peer.wires) == 1
    assert found == [told]


@both
def test_table_that_is_toggled_without_end(connect: type[Link]) -> None:
    """Thousands of changes between two requests make neither the next request nor memory larger."""
    count = 4000
    head: list[int] = []
    changed = threading.Event()

    def script(wire: Wire) -> None:
        wire.reply(wire.request())
        wire.settle(*(_settings((TABLE, number % 2 * 4096)) for number in range(count)))
        changed.set()
        asked = wire.request()
        head.extend(len(f.data) for f in wire.frames if isinstance(f, HeadersFrame))
        wire.reply(asked)

    with Peer(script) as peer, connect(peer) as link:
        link.works()
        assert changed.wait(LIMIT)
        link.works()
        assert len(peer.wires) == 1
    first, second = head
    assert second <= first + 8


@both
def test_settings_that_mean_nothing_to_a_client(connect: type[Link]) -> None:
    """Unknown ones, all of them, and those that are only announced change nothing."""

    def script(wire: Wire) -> None:
        wire.reply(wire.request())
        wire.settle(
            _settings(),
            _settings((PUSH, 0), (HEADERS, 0), (8, 7), (0, 5), (0xFFFF, 2**32 - 1)),
            _settings((HEADERS, 2**32 - 1), (STREAMS, 2**32 - 1), (PUSH, 0)),
            *(_settings(*((key, 1) for key in range(start, start + 500))) for start in (16, 516)),
        )

    with Peer(script) as peer, connect(peer) as link:
        for _ in range(3):
            link.works()
        assert len(peer.wires) == 1


@both
@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (_settings((PUSH, 1)), ErrorCodes.PROTOCOL_ERROR),
        (_settings((PUSH, 2)), ErrorCodes.PROTOCOL_ERROR),
        (_settings((WINDOW, 2**31)), ErrorCodes.FLOW_CONTROL_ERROR),
        (_settings((WINDOW, 2**32 - 1)), ErrorCodes.FLOW_CONTROL_ERROR),
        (_settings((FRAME, 16383)), ErrorCodes.PROTOCOL_ERROR),
        (_settings((FRAME, 2**24)), ErrorCodes.PROTOCOL_ERROR),
        (_settings((FRAME, 0)), ErrorCodes.PROTOCOL_ERROR),
        (b"\0\0\5\4\0" + bytes(4 + 5), ErrorCodes.FRAME_SIZE_ERROR),
        (b"\0\0\6\4\1" + bytes(4 + 6), ErrorCodes.FRAME_SIZE_ERROR),
        (b"\0\0\0\4\0\0\0\0\1", ErrorCodes.PROTOCOL_ERROR),
    ],
    ids=str,
)
def test_settings_that_are_illegal(connect: type[Link], frame: bytes, code: ErrorCodes) -> None:
    """They end the connection with the code of RFC 9113, and the next call dials anew."""
    found: list[int] = []

    def script(wire: Wire) -> None:
        wire.request()
        wire.raw(frame)
        found.append(wire.expect(GoAwayFrame).error_code)

    with Peer(script) as peer, connect(peer) as link:
        failure = failure_of(link.unary)
        assert failure.connection
        assert "the server broke the HTTP/2 protocol (SETTINGS " in failure.message
        link.works()
        assert len(peer.wires) == 2
    assert found == [code]


@both
@pytest.mark.parametrize(
    "windows", [[0, 10, 0, 1 << 20], [100, 100, 65535], [1, 2**31 - 1], [0, 0, 5, 5, 2**31 - 1]]
)
def test_window_of_streams_that_alternates(connect: type[Link], windows: list[int]) -> None:
    """However often the initial window changes, what was sent counts, and all of it arrives."""

    def script(wire: Wire) -> None:
        wire.polite = False
        first = wire.request_head()
        wire.grant(0, 1 << 20)
        wire.settle(*(_settings((WINDOW, size)) for size in windows))
        if windows[-1] < 2**30:
            wire.grant(first.stream, 1 << 20)
        while not first.complete:
            wire.read()
        wire.reply(first)
        wire.polite = True

    with Peer(script) as peer, connect(peer) as link:
        payload = bytes(range(256)) * 800
        assert link.unary(payload) == payload
        link.works()
        assert len(peer.wires) == 1


@both
def test_window_of_streams_that_overflows(connect: type[Link]) -> None:
    """A larger initial window may take a stream over 2**31 - 1: the connection ends (6.9.2)."""
    found: list[int] = []

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.grant(asked.stream, 2**31 - 1 - 65535)
        wire.settle({WINDOW: 65000})
        wire.settings({WINDOW: 65535 + 100})
        found.append(wire.expect(GoAwayFrame).error_code)

    with Peer(script) as peer, connect(peer) as link:
        assert "window over" in failure_of(lambda: link.unary(b"")).message
        link.works()
    assert found == [ErrorCodes.FLOW_CONTROL_ERROR]


@both
def test_frames_grow_and_shrink_with_their_setting(connect: type[Link]) -> None:
    """No frame of a request is larger than what the server allows at that time."""
    sizes: list[int] = []
    limits = (2**24 - 1, 20000, 16384)
    settled = [threading.Event() for _ in limits]

    def script(wire: Wire) -> None:
        wire.reply(wire.request())
        wire.settle({WINDOW: 2**30})
        wire.grant(0, 2**30)
        for limit, event in zip(limits, settled, strict=True):
            wire.settle({FRAME: limit})
            event.set()
            wire.frames.clear()
            wire.reply(wire.request())
            sizes.append(max(frame.body_len for frame in wire.frames))

    with Peer(script) as peer, connect(peer) as link:
        link.works()
        for event in settled:
            assert event.wait(LIMIT)
            payload = bytes(300_000)
            assert link.unary(payload) == payload
    assert sizes[0] > 20000
    assert sizes[1:] == [20000, 16384]


@both
def test_settings_while_responses_come(connect: type[Link]) -> None:
    """Settings between the frames of a response leave it alone."""
    sent = threading.Event()

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.headers(asked.stream)
        for number in range(50):
            wire.data(asked.stream, framed(b"%d" % number))
            wire.settle({TABLE: number % 3 * 1000, WINDOW: 65535 + number, STREAMS: number})
        wire.status(asked.stream)
        sent.set()

    with Peer(script) as peer, connect(peer) as link:
        assert link.stream().collect() == [b"%d" % number for number in range(50)]
        assert sent.wait(LIMIT)
        link.works()
