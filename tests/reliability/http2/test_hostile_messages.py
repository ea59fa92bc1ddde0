"""Replies meant to exhaust the reader: sizes announced, numbers, depth, texts and trailers."""

import asyncio
import itertools
import threading
import time
from collections.abc import Callable

import pytest

import xai
from tests.reliability.http2.hostile import DEADLINE, Caller, at_most, both_twins
from tests.reliability.links import Link, both
from tests.reliability.peer import LIMIT, Asked, Peer, Wire, framed
from tests.support import SECRET_KEY

Answer = Callable[[Wire, Asked], object]


def _ask(twin: type[Caller], answer: Answer, timeout: float = 20.0) -> xai.APIError:
    def script(wire: Wire) -> None:
        answer(wire, wire.request())
        wire.until_closed()

    with Peer(script) as peer:
        return twin(peer, timeout).failure()


def _replied(body: bytes, *trailers: tuple[str, str]) -> Answer:
    def answer(wire: Wire, asked: Asked) -> None:
        wire.headers(asked.stream)
        frames = [body[start : start + 16384] for start in range(0, len(body), 16384)]
        for piece in frames:
            wire.data(asked.stream, piece)
        wire.status(asked.stream, 0, *trailers)

    return answer


@both_twins
@pytest.mark.parametrize("size", [2**32 - 1, 20 * 2**20 + 1])
def test_message_announced_over_the_limit(twin: type[Caller], size: int) -> None:
    """What is announced as over 20 MiB is refused by its prefix, before any of it is kept."""

    def answer(wire: Wire, asked: Asked) -> None:
        wire.headers(asked.stream)
        wire.data(asked.stream, framed(b"", size=size))

    with at_most(4):
        error = _ask(twin, answer)
    assert isinstance(error, xai.InternalServerError)
    assert f"a message of {size} bytes is over the limit" in str(error)


@both_twins
def test_message_announced_and_not_sent(twin: type[Caller]) -> None:
    """An announcement takes no memory: only what has come is kept, up to the deadline."""

    def answer(wire: Wire, asked: Asked) -> None:
        wire.headers(asked.stream)
        wire.data(asked.stream, framed(b"x" * 10_000, size=20 * 2**20))

    with at_most(4):
        error = _ask(twin, answer, timeout=0.3)
    assert isinstance(error, xai.DeadlineExceededError)


@both
def test_million_tiny_messages_for_a_slow_reader(connect: type[Link]) -> None:
    """A reader that takes its time is sent what the window allows, and gets a million in the end.

    How much waits for it is bounded in bytes and in pieces: the server is held back.
    """
    total, messages = 1_000_000, 2000
    piece = framed(b"12") * messages
    counts: list[int] = []
    stalled = threading.Event()

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.headers(asked.stream)
        window, sent = 4 * 2**20, 0
        for _ in range(total // messages):
            while window < len(piece):
                stalled.set()
                window += _grant(wire, asked.stream)
            wire.data(asked.stream, piece)
            window -= len(piece)
            sent += messages
            counts.append(sent)
        wire.status(asked.stream)

    with Peer(script) as peer, connect(peer) as link, at_most(96):
        stream = link.stream()
        first = stream.receive()
        assert first
        assert stalled.wait(LIMIT)
        # Seven bytes each: the server was stopped at its window, with not a message more.
        assert counts[-1] <= 4 * 2**20 // 7
        number = len(first)
        while (batch := stream.receive()) is not None:
            number += len(batch)
        assert number == total


def _grant(wire: Wire, stream: int) -> int:
    from hyperframe.frame import WindowUpdateFrame

    return wire.expect(WindowUpdateFrame, stream).window_increment


# --- what a message says --------------------------------------------------------------------------

_GROUP = b"\x0b"
_DEPTHS = {
    "groups": framed(_GROUP * 3_000_000),
    "closed groups": framed(_GROUP * 100_000 + b"\x0c" * 100_000),
    "groups for a string": framed(b"\x0b" + _GROUP * 200),
}


@both_twins
@pytest.mark.parametrize("name", _DEPTHS)
def test_message_that_is_nested_too_deep(twin: type[Caller], name: str) -> None:
    """Depth costs neither the stack nor time: it is one typed error."""
    with at_most(32):
        error = _ask(twin, _replied(_DEPTHS[name]))
    assert isinstance(error, xai.InternalServerError)
    assert len(str(error)) < 1000


_MALFORMED = {
    "length past the end": b"\x0a\xff\xff\xff\xff\x07abc",
    "negative length": b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
    "endless number": b"\x08" + b"\x80" * 1_000_000,
    "packed without end": b"\x0a" + b"\xff\xff\xff\x1f" + b"\x80" * 1000,
}


@both_twins
@pytest.mark.parametrize("name", _MALFORMED)
def test_message_that_lies_about_its_parts(twin: type[Caller], name: str) -> None:
    """A length or a number in a message that leads nowhere is one typed error, at once."""
    with at_most(16):
        error = _ask(twin, _replied(framed(_MALFORMED[name])))
    assert isinstance(error, xai.InternalServerError)
    assert len(str(error)) < 1000


# --- trailers -------------------------------------------------------------------------------------


@both_twins
def test_longest_text_of_a_status(twin: type[Caller]) -> None:
    """A text as long as trailers may be is the error's text, whole and decoded."""
    said = "%41" * 20_000
    with at_most(8):
        error = _ask(twin, lambda w, a: w.refuse(a.stream, 3, said))
    assert isinstance(error, xai.InvalidArgumentError)
    assert error.message == "A" * 20_000


@both_twins
def test_many_trailers(twin: type[Caller]) -> None:
    """As many trailers as 64 KiB hold are kept, in order, and none makes the call fail."""
    pairs = [(f"x-{number}", "v") for number in range(1500)]

    def answer(wire: Wire, asked: Asked) -> None:
        # In three frames: the peer's own helper sends one.
        block = wire.encoder.encode([*_head(), ("grpc-status", "5"), *pairs])
        _send_block(wire, asked.stream, block)

    with at_most(8):
        error = _ask(twin, answer)
    assert isinstance(error, xai.NotFoundError)
    assert error.metadata == tuple(pairs)


def _head() -> list[tuple[str, str]]:
    return [(":status", "200"), ("content-type", "application/grpc")]


def _send_block(wire: Wire, stream: int, block: bytes) -> None:
    from hyperframe.frame import ContinuationFrame, HeadersFrame

    pieces = [block[start : start + 16000] for start in range(0, len(block), 16000)]
    kinds = itertools.chain([HeadersFrame], itertools.repeat(ContinuationFrame))
    frames = [kind(stream, piece) for kind, piece in zip(kinds, pieces, strict=False)]
    frames[0].flags.add("END_STREAM")
    frames[-1].flags.add("END_HEADERS")
    wire.send(*frames)


@both_twins
@pytest.mark.parametrize("status", ["9" * 50_000, "-1", "٣", "0x3", ""])
def test_status_that_is_no_number(twin: type[Caller], status: str) -> None:
    """A status that is not a small number ends the call with a short text; it is never computed."""

    def answer(wire: Wire, asked: Asked) -> None:
        fields = [*_head(), ("grpc-status", status)]
        _send_block(wire, asked.stream, wire.encoder.encode(fields))

    with at_most(8):
        error = _ask(twin, answer)
    assert error.code is xai.StatusCode.UNKNOWN
    assert len(str(error)) < 200


@both_twins
def test_details_within_details(twin: type[Caller]) -> None:
    """Details nested beyond all measure, and details of 40 KiB, leave the status as it was sent."""
    from base64 import b64encode

    deep = b64encode(_GROUP * 30_000).decode()
    with at_most(8):
        error = _ask(
            twin,
            lambda w, a: _send_block(
                w,
                a.stream,
                w.encoder.encode(
                    [*_head(), ("grpc-status", "8"), ("grpc-status-details-bin", deep)]
                ),
            ),
        )
    assert isinstance(error, xai.RateLimitError)
    assert error.details == ()


# --- an answer that is no answer ------------------------------------------------------------------


@both_twins
def test_endless_page_in_place_of_an_answer(twin: type[Caller]) -> None:
    """Of a page that never ends, 2 KiB are kept for the error, which comes at the deadline."""

    def answer(wire: Wire, asked: Asked) -> None:
        wire.headers(asked.stream, [(":status", "502"), ("content-type", "text/html")])
        try:
            while True:
                wire.sock.sendall(_page(asked.stream))
        except OSError:
            wire.closed = True

    began = time.monotonic()
    with at_most(8):
        error = _ask(twin, answer, timeout=DEADLINE)
    assert isinstance(error, xai.APIError)
    assert len(str(error)) < 4000
    assert time.monotonic() - began < LIMIT


def _page(stream: int) -> bytes:
    from hyperframe.frame import DataFrame

    return DataFrame(stream, b"<br>" * 4000).serialize()


@pytest.mark.parametrize(
    "said", [b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 100_000, b"\0" * 9_000_000]
)
def test_peer_that_speaks_something_else(said: bytes) -> None:
    """Megabytes of another protocol, before or instead of HTTP/2, end the connection at once."""

    def script(wire: Wire) -> None:
        wire.raw(said)
        wire.until_closed()

    async def ask(host: str) -> None:
        policy = xai.RetryPolicy(max_attempts=1)
        async with xai.AsyncClient(SECRET_KEY, api_host=host, retry=policy, timeout=20.0) as client:
            with pytest.raises(xai.APIConnectionError):
                await client.sampler.list_models()

    with Peer(script, bare=True) as peer, at_most(12):
        asyncio.run(ask(peer.host))
