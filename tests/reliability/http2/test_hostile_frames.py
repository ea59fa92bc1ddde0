"""Floods of frames: each call ends in a typed error or its answer, in bounded memory and time."""

import socket
import time
from collections.abc import Callable

import pytest
from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    Frame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    PriorityFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

import xai
from tests.reliability.http2.hostile import DEADLINE, Blocking, Caller, Flood, at_most, both_twins
from tests.reliability.peer import LIMIT, Asked, Peer, Wire

#: Of the embedded server's reply there is nothing here: an empty message is a list of no models.
_EMPTY = b"\0\0\0\0\0"
_PIECE = 32 * 1024


def _repeated(*frames: Frame) -> bytes:
    """Return frames often enough to fill a piece."""
    data = b"".join(frame.serialize() for frame in frames)
    return data * max(1, _PIECE // len(data))


def _answer(wire: Wire, asked: Asked) -> None:
    wire.headers(asked.stream)
    wire.data(asked.stream, _EMPTY)
    wire.status(asked.stream)


# --- answers that the server asks for and never reads ---------------------------------------------


def _finished_stream(wire: Wire) -> int:
    asked = wire.request()
    _answer(wire, asked)
    wire.request()
    return asked.stream


def _ping(wire: Wire) -> bytes:
    wire.request()
    return _repeated(PingFrame(0, opaque_data=b"12345678"))


def _settings(wire: Wire) -> bytes:
    wire.request()
    return _repeated(SettingsFrame(0, settings={SettingsFrame.INITIAL_WINDOW_SIZE: 70_000}))


def _dead_stream(wire: Wire) -> bytes:
    # h2 alone would answer each with a reset.
    return _repeated(DataFrame(_finished_stream(wire), b"x"))


@both_twins
@pytest.mark.parametrize("flood", [_ping, _settings, _dead_stream])
def test_answers_that_nobody_reads(twin: type[Caller], flood: Callable[[Wire], bytes]) -> None:
    """Who demands answers and reads none loses the connection.

    PING and SETTINGS demand an answer each; unread, all of them would be kept (CVE-2019-9512 and
    CVE-2019-9515). Frames of finished streams, which some stacks answer, are dropped.
    """
    floods = []

    def script(wire: Wire) -> None:
        floods.append(Flood(flood(wire), 10_000))
        assert not floods[0].to(wire.sock.sendall), "the client took everything"
        wire.closed = True

    with Peer(script) as peer, at_most(24):
        # The kernel would keep megabytes for the two sides: by small buffers it keeps little.
        peer._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
        error = twin(peer)(2)[-1] if flood is _dead_stream else twin(peer).failure()
    assert isinstance(error, xai.APIConnectionError)
    assert "the server floods it" in str(error)


def _settings_by_the_dozen(wire: Wire) -> bytes:
    wire.request_head()
    return _repeated(SettingsFrame(0, settings=dict.fromkeys(range(0x50, 0x60), 7)))


@both_twins
@pytest.mark.parametrize("flood", [_ping, _settings, _settings_by_the_dozen])
def test_answers_that_are_read(twin: type[Caller], flood: Callable[[Wire], bytes]) -> None:
    """As long as the server reads, thousands of PING and SETTINGS are answered, and the call."""

    def script(wire: Wire) -> None:
        data = flood(wire)
        (asked,) = wire.asked.values()
        kind = PingFrame if flood is _ping else SettingsFrame
        before = wire.count(kind)
        frames = data.count(bytes((kind.type,)) + b"\0" * 5)
        writer = Flood(data, 1).beside(wire.sock.sendall)
        while wire.count(kind) < before + frames:
            wire.read()
        writer.join(LIMIT)
        _answer(wire, asked)

    with Peer(script) as peer:
        assert twin(peer)() == [[]]


# --- frames that mean nothing ---------------------------------------------------------------------


def _number(wire: Wire, asked: Asked) -> bytes:
    """Begin the reply, and return the stream's number as a frame has it."""
    wire.headers(asked.stream)
    wire.data(asked.stream, _EMPTY)
    return asked.stream.to_bytes(4, "big")


def _for_open_stream(*frames: Callable[[int], Frame]) -> Callable[[Wire, Asked], bytes]:
    def make(wire: Wire, asked: Asked) -> bytes:
        _number(wire, asked)
        return _repeated(*(frame(asked.stream) for frame in frames))

    return make


_MEANINGLESS: dict[str, Callable[[Wire, Asked], bytes]] = {
    "empty DATA": _for_open_stream(DataFrame),
    "padded DATA": _for_open_stream(
        lambda stream: DataFrame(stream, flags=["PADDED"], pad_length=0)
    ),
    "WINDOW_UPDATE": _for_open_stream(
        lambda stream: WindowUpdateFrame(stream, window_increment=1),
        lambda _: WindowUpdateFrame(0, window_increment=1),
    ),
    "PRIORITY": _for_open_stream(
        lambda stream: PriorityFrame(stream + 100, depends_on=0, stream_weight=1)
    ),
    "unknown": lambda wire, asked: b"\0\x3e\x80\xee\xff" + _number(wire, asked) + b"x" * 16000,
    "GOAWAY": _for_open_stream(
        lambda _: GoAwayFrame(0, last_stream_id=2**31 - 1, additional_data=b"x" * 16000)
    ),
    "PING answer": _for_open_stream(lambda _: PingFrame(0, opaque_data=bytes(8), flags=["ACK"])),
    "SETTINGS answer": _for_open_stream(lambda _: SettingsFrame(0, flags=["ACK"])),
}


def _informational(_: Wire, asked: Asked) -> bytes:
    return _repeated(HeadersFrame(asked.stream, b"\x08\x03103", flags=["END_HEADERS"]))


def _resets(_: Wire, asked: Asked) -> bytes:
    # Of a stream that has ended before; of this one, the first would be the end.
    return _repeated(RstStreamFrame(asked.stream - 2, error_code=8))


@both_twins
@pytest.mark.parametrize("name", [*_MEANINGLESS, "103", "RST_STREAM"])
def test_floods_without_meaning(twin: type[Caller], name: str) -> None:
    """Thousands of frames that say nothing cost no memory, and the response is read after them."""
    first = name == "RST_STREAM"
    make = {"103": _informational, "RST_STREAM": _resets}.get(name) or _MEANINGLESS[name]

    def script(wire: Wire) -> None:
        if first:
            _answer(wire, wire.request())
        asked = wire.request()
        assert Flood(make(wire, asked), 1).to(wire.sock.sendall)
        if name in _MEANINGLESS:
            wire.status(asked.stream)
        else:
            _answer(wire, asked)
        if name == "GOAWAY":
            wire.until_closed()

    with Peer(script) as peer, at_most(8):
        assert twin(peer)(2 if first else 1) == [[]] * (2 if first else 1)


@both_twins
@pytest.mark.parametrize("name", ["empty DATA", "unknown", "103"])
def test_flood_without_end(twin: type[Caller], name: str) -> None:
    """However busy a server keeps the connection, the call ends: at its deadline, or before."""
    make = {"103": _informational}.get(name) or _MEANINGLESS[name]

    def script(wire: Wire) -> None:
        data = make(wire, wire.request())
        Flood(data, 10**9).to(wire.sock.sendall)
        wire.closed = True

    began = time.monotonic()
    with Peer(script) as peer, at_most(8):
        error = twin(peer, DEADLINE).failure()
    assert isinstance(error, (xai.DeadlineExceededError, xai.APIConnectionError))
    assert time.monotonic() - began < LIMIT


# --- header blocks --------------------------------------------------------------------------------


def _bomb(wire: Wire, asked: Asked) -> bytes:
    """One long header in the table, and then one byte for each time it is repeated."""
    value = b"v" * 3800
    wire.send(
        HeadersFrame(asked.stream, wire.encoder.encode([(b":status", b"200"), (b"x", value)])),
    )
    return ContinuationFrame(asked.stream, b"\xbe" * 16000, flags=["END_HEADERS"]).serialize()


def _without_end(piece: bytes) -> Callable[[Wire, Asked], bytes]:
    def make(wire: Wire, asked: Asked) -> bytes:
        wire.send(HeadersFrame(asked.stream, b"\x88"))
        return ContinuationFrame(asked.stream, piece).serialize() * 200

    return make


def _large(wire: Wire, asked: Asked, *, trailers: bool = False) -> bytes:
    """Headers of 100 KiB."""
    head = [("grpc-status", "0")] if trailers else [(":status", "200")]
    if trailers:
        wire.headers(asked.stream)
        wire.data(asked.stream, _EMPTY)
    block = wire.encoder.encode([*head, *((f"x-{n}", "v" * 1000) for n in range(100))])
    flags = ["END_STREAM"] if trailers else []
    pieces = [block[start : start + 16000] for start in range(0, len(block), 16000)]
    frames: list[Frame] = [HeadersFrame(asked.stream, pieces[0], flags=flags)]
    frames += [ContinuationFrame(asked.stream, piece) for piece in pieces[1:]]
    frames[-1].flags.add("END_HEADERS")
    return b"".join(frame.serialize() for frame in frames)


def _large_trailers(wire: Wire, asked: Asked) -> bytes:
    return _large(wire, asked, trailers=True)


def _table(_: Wire, asked: Asked) -> bytes:
    """A block that makes the compression table larger than was allowed."""
    block = b"\x3f\xe1\xff\x7f\x88"
    return HeadersFrame(asked.stream, block, flags=["END_HEADERS"]).serialize()


_BLOCKS: dict[str, Callable[[Wire, Asked], bytes]] = {
    "bomb": _bomb,
    "continuations": _without_end(b"\x10\x01x\x01v" * 3000),
    "empty continuations": _without_end(b""),
    "large table": _table,
}
_LISTS: dict[str, Callable[[Wire, Asked], bytes]] = {
    "large headers": _large,
    "large trailers": _large_trailers,
}


@both_twins
@pytest.mark.parametrize("name", _BLOCKS)
def test_header_blocks_that_are_too_much(twin: type[Caller], name: str) -> None:
    """Header blocks that can't be read to their end, or have none, end the connection."""

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.raw(_BLOCKS[name](wire, asked))
        wire.until_closed()

    with Peer(script) as peer, at_most(10):
        error = twin(peer).failure()
    assert isinstance(error, xai.APIConnectionError)
    assert "the server broke the HTTP/2 protocol" in str(error)
    assert len(str(error)) < 1000


@both_twins
@pytest.mark.parametrize("name", _LISTS)
def test_header_lists_that_are_too_large(twin: type[Caller], name: str) -> None:
    """Headers over 64 KiB end their call, typed; the next one uses the same connection."""

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.raw(_LISTS[name](wire, asked))

    with Peer(script) as peer, at_most(10):
        error, outcome = twin(peer)(2)
        assert isinstance(error, xai.RateLimitError)
        assert error.code is xai.StatusCode.RESOURCE_EXHAUSTED
        assert "over the limit of 65536 bytes" in str(error)
        assert outcome == []
        assert len(peer.wires) == 1


@both_twins
def test_frame_that_announces_too_much(twin: type[Caller]) -> None:
    """A frame header that announces 16 MiB ends the connection before any of that has come."""

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.raw(b"\xff\xff\xff\0\0" + asked.stream.to_bytes(4, "big"))
        wire.until_closed()

    with Peer(script) as peer, at_most(4):
        error = twin(peer).failure()
    assert isinstance(error, xai.APIConnectionError)
    assert "a frame of 16777215 bytes, of 16384 at most" in str(error)


def test_header_blocks_that_are_all_different() -> None:
    """What the reader of header blocks remembers stays small, however many blocks it has read."""

    def script(wire: Wire) -> None:
        for number in range(1000):
            asked = wire.request()
            wire.headers(asked.stream)
            wire.data(asked.stream, _EMPTY)
            # Each in the static table's terms alone, so that it could be remembered.
            note = b"\x10\x01x" + bytes((100,)) + b"%0100d" % number
            block = note * 3 + b"\x10\x0bgrpc-status\x010"
            flags = ["END_HEADERS", "END_STREAM"]
            wire.send(HeadersFrame(asked.stream, block, flags=flags))

    with Peer(script) as peer, at_most(6):
        assert Blocking(peer)(1000) == [[]] * 1000
