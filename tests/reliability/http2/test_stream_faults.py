"""What concerns one stream ends one stream: the others on its connection go on."""

import threading
from collections.abc import Callable
from typing import Final

import attrs
import grpc
import pytest
from h2.errors import ErrorCodes
from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    Frame,
    HeadersFrame,
    PriorityFrame,
    RstStreamFrame,
    WindowUpdateFrame,
)

import xai
from tests.reliability.links import UNARY, BlockingLink, Link, both, failure_of
from tests.reliability.peer import GOOD, LIMIT, Asked, Peer, Wire, framed
from tests.support import SECRET_KEY
from xai.errors import StatusCode
from xai.runtime.http2.headers import LIST_BYTES
from xai.runtime.http2.stream import STREAM_WINDOW
from xai.runtime.retry.policy import CallFailed

Fields = list[tuple[str, str]]


def _blocks(wire: Wire, stream: int, fields: Fields, *, end: bool, size: int = 16000) -> None:
    """Send headers in as many frames as they take."""
    block = wire.encoder.encode(fields)
    parts = [block[start : start + size] for start in range(0, len(block), size)]
    flags = ["END_STREAM"] if end else []
    frames: list[Frame] = [HeadersFrame(stream, parts[0], flags=flags)]
    frames += [ContinuationFrame(stream, part) for part in parts[1:]]
    frames[-1].flags.add("END_HEADERS")
    wire.send(*frames)


def _large(size: int) -> Fields:
    """Return headers of so many bytes, that pass through the compression table."""
    return [(f"x-{number}", "v" * 960) for number in range(size // 1000)]


def _begin(wire: Wire, asked: Asked, *fields: tuple[str, str]) -> None:
    wire.headers(asked.stream, [*GOOD, *fields])


def _trailers(size: int, part: int = 16000) -> Callable[[Wire, Asked], None]:
    def send(wire: Wire, asked: Asked) -> None:
        _begin(wire, asked)
        wire.data(asked.stream, framed(b""))
        fields = [("grpc-status", "0"), *_large(size)]
        _blocks(wire, asked.stream, fields, end=True, size=part)

    return send


def _huge_headers(wire: Wire, asked: Asked) -> None:
    _blocks(wire, asked.stream, [*GOOD, *_large(100_000)], end=False)


def _huge_refusal(wire: Wire, asked: Asked) -> None:
    _blocks(wire, asked.stream, [*GOOD, ("grpc-status", "5"), *_large(70_000)], end=True)


def _repeated_field(wire: Wire, asked: Asked) -> None:
    """Send a field of 3 KB once, and then refer to it in the table."""
    _begin(wire, asked, ("x", "v" * 3000))
    fields = [("grpc-status", "0"), *[("x", "v" * 3000)] * 40]
    wire.headers(asked.stream, fields, end=True)


def _length(*values: str) -> Callable[[Wire, Asked], None]:
    def send(wire: Wire, asked: Asked) -> None:
        _begin(wire, asked, *(("content-length", value) for value in values))

    return send


def _too_long(wire: Wire, asked: Asked) -> None:
    _begin(wire, asked, ("content-length", "3"))
    wire.data(asked.stream, framed(b"four"))


def _too_short(wire: Wire, asked: Asked) -> None:
    _begin(wire, asked, ("content-length", "30"))
    wire.data(asked.stream, framed(b""), end=True)


def _too_short_with_trailers(wire: Wire, asked: Asked) -> None:
    _begin(wire, asked, ("content-length", "30"))
    wire.data(asked.stream, framed(b""))
    wire.status(asked.stream)


def _body_first(wire: Wire, asked: Asked) -> None:
    wire.data(asked.stream, framed(b""))


def _headers_twice(wire: Wire, asked: Asked) -> None:
    _begin(wire, asked)
    _begin(wire, asked)


def _informational_end(wire: Wire, asked: Asked) -> None:
    wire.headers(asked.stream, [(":status", "103")], end=True)


def _informational_late(wire: Wire, asked: Asked) -> None:
    _begin(wire, asked)
    wire.headers(asked.stream, [(":status", "103")])


def _no_increment(wire: Wire, asked: Asked) -> None:
    frame = WindowUpdateFrame(asked.stream, window_increment=1).serialize()
    wire.raw(frame[:-4] + bytes(4))


def _overflow(wire: Wire, asked: Asked) -> None:
    for _ in range(2):
        wire.grant(asked.stream, 2**31 - 1)


def _priority(wire: Wire, asked: Asked) -> None:
    frame = PriorityFrame(asked.stream, depends_on=0, stream_weight=1).serialize()
    wire.raw(b"\0\0\4" + frame[3:-1])


@attrs.frozen
class Fault:
    """What a server does on one stream, and how its call ends."""

    send: Callable[[Wire, Asked], None]
    text: str
    code: StatusCode = StatusCode.INTERNAL
    #: What the client resets the stream with; None when it had ended on both sides.
    reset: ErrorCodes | None = ErrorCodes.PROTOCOL_ERROR


_TOO_LARGE: Final = "over the limit of 65536 bytes"
_EXHAUSTED: Final = StatusCode.RESOURCE_EXHAUSTED
_LENGTH: Final = "content-length is malformed"
_MISMATCH: Final = "not as long as its content-length"

FAULTS: Final = {
    "trailers of 66 KB": Fault(_trailers(70_000), _TOO_LARGE, _EXHAUSTED, None),
    "trailers of 300 KB": Fault(_trailers(300_000), _TOO_LARGE, _EXHAUSTED, None),
    "trailers in small parts": Fault(_trailers(100_000, 1024), _TOO_LARGE, _EXHAUSTED, None),
    "trailers that refer to the table": Fault(_repeated_field, _TOO_LARGE, _EXHAUSTED, None),
    "a status with large headers": Fault(_huge_refusal, _TOO_LARGE, _EXHAUSTED, None),
    "large headers": Fault(_huge_headers, _TOO_LARGE, _EXHAUSTED, ErrorCodes.ENHANCE_YOUR_CALM),
    "a length that is a word": Fault(_length("long"), _LENGTH),
    "a negative length": Fault(_length("-1"), _LENGTH),
    "a length with a sign": Fault(_length("+5"), _LENGTH),
    "an endless length": Fault(_length("9" * 5000), _LENGTH),
    "two lengths": Fault(_length("5", "6"), _LENGTH),
    "a body that is too long": Fault(_too_long, _MISMATCH),
    "a body that is too short": Fault(_too_short, _MISMATCH, reset=None),
    "a body that is too short for its trailers": Fault(
        _too_short_with_trailers, _MISMATCH, reset=None
    ),
    "a body before headers": Fault(_body_first, "a body came before the headers"),
    "headers twice": Fault(_headers_twice, "headers came twice"),
    "an informational end": Fault(_informational_end, "informational", reset=None),
    "informational after final": Fault(_informational_late, "headers came twice"),
    "WINDOW_UPDATE by 0": Fault(_no_increment, "WINDOW_UPDATE by 0"),
    "WINDOW_UPDATE that overflows": Fault(
        _overflow, "WINDOW_UPDATE beyond", reset=ErrorCodes.FLOW_CONTROL_ERROR
    ),
    "PRIORITY of a wrong size": Fault(
        _priority, "PRIORITY of a wrong size", reset=ErrorCodes.FRAME_SIZE_ERROR
    ),
}


@both
@pytest.mark.parametrize("name", FAULTS)
def test_fault_of_one_stream(connect: type[Link], name: str) -> None:
    """The call fails with a clear error; one beside it and one after it succeed."""
    fault = FAULTS[name]

    def script(wire: Wire) -> None:
        both_calls = {asked.message: asked for asked in (wire.request(), wire.request())}
        stream = both_calls[b"faulty"].stream
        fault.send(wire, both_calls[b"faulty"])
        if fault.reset is not None:
            assert wire.expect(RstStreamFrame, stream).error_code == fault.reset
        wire.reply(both_calls[b"good"])

    with Peer(script) as peer, connect(peer) as link:
        good = link.start(b"good")
        failure = failure_of(lambda: link.unary(b"faulty"))
        assert failure.code is fault.code
        assert fault.text in failure.message
        assert failure.final
        assert not failure.connection
        assert good.result(LIMIT) == b"good"
        link.works()
        assert len(peer.wires) == 1
        assert peer.wires[0].count(RstStreamFrame) == (fault.reset is not None)


@both
def test_stream_that_is_sent_more_than_its_window(connect: type[Link]) -> None:
    """A stream over its window ends; what it took of the connection's window is given back."""

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.headers(asked.stream)
        for _ in range(STREAM_WINDOW // 16000 + 1):
            wire.data(asked.stream, framed(bytes(16000 - 5)))
        frame = wire.expect(RstStreamFrame, asked.stream)
        assert frame.error_code == ErrorCodes.FLOW_CONTROL_ERROR

    with Peer(script) as peer, connect(peer) as link:
        stream = link.stream()
        link.works()
        assert "more data than its window" in failure_of(stream.collect).message
        assert len(peer.wires) == 1


# -- frames for streams that have ended -----------------------------------------------------------


def _late_data(wire: Wire, stream: int) -> None:
    wire.data(stream, framed(b"late"))
    wire.data(stream, b"", end=True)
    padded = DataFrame(stream, b"late", flags=["PADDED"], pad_length=5)
    wire.send(padded)


def _late_headers(wire: Wire, stream: int) -> None:
    # What it adds to the compression table counts for all streams.
    wire.headers(stream, [*GOOD, ("x-new", "in the table")])
    wire.status(stream, 0, ("x-other", "in the table, too"))
    wire.headers(stream, [(":status", "103")])


def _late_huge_headers(wire: Wire, stream: int) -> None:
    _blocks(wire, stream, [*GOOD, *_large(100_000)], end=True)


def _late_reset(wire: Wire, stream: int) -> None:
    wire.reset(stream, 0)
    wire.reset(stream, 8)


def _late_windows(wire: Wire, stream: int) -> None:
    for _ in range(3):
        wire.grant(stream, 2**31 - 1)
    frame = WindowUpdateFrame(stream, window_increment=1).serialize()
    wire.raw(frame[:-4] + bytes(4))


def _late_priority(wire: Wire, stream: int) -> None:
    wire.send(PriorityFrame(stream, depends_on=stream, stream_weight=3, exclusive=True))


_LATE: Final = [
    _late_data,
    _late_headers,
    _late_huge_headers,
    _late_reset,
    _late_windows,
    _late_priority,
]


@both
@pytest.mark.parametrize("end", ["finished", "reset", "cancelled", "failed"])
@pytest.mark.parametrize("late", _LATE)
def test_frames_after_the_end_of_a_stream(
    connect: type[Link], late: Callable[[Wire, int], None], end: str
) -> None:
    """However a stream has ended, frames that come for it later are nothing to the others."""
    left = threading.Event()

    def script(wire: Wire) -> None:
        asked = wire.request()
        if end == "finished":
            wire.reply(asked)
        elif end == "reset":
            wire.reset(asked.stream, 2)
        elif end == "failed":
            wire.data(asked.stream, b"before the headers")
            wire.expect(RstStreamFrame, asked.stream)
        else:
            wire.headers(asked.stream)
            left.set()
            wire.expect(RstStreamFrame, asked.stream)
        second = wire.request()
        late(wire, asked.stream)
        wire.reply(second)

    with Peer(script) as peer, connect(peer) as link:
        if end == "cancelled":
            stream = link.stream()
            assert left.wait(LIMIT)
            stream.close()
        elif end == "finished":
            link.works()
        else:
            failure_of(link.unary)
        link.works()
        link.works()
        assert len(peer.wires) == 1


def test_user_meets_trailers_that_are_too_large() -> None:
    """The user gets a RateLimitError, which is not tried again."""

    def script(wire: Wire) -> None:
        _trailers(70_000)(wire, wire.request())

    with Peer(script) as peer, xai.Client(SECRET_KEY, api_host=peer.host) as client:
        with pytest.raises(xai.RateLimitError, match=_TOO_LARGE) as caught:
            client.sampler.list_models()
        assert caught.value.attempts == 1
        assert client.sampler.list_models() == []
        assert len(peer.wires) == 1


# -- beside grpcio ---------------------------------------------------------------------------------


def _by_grpcio(peer: Peer) -> list[bytes | str]:
    """Make two calls with grpcio; return the responses, or the statuses."""
    options = [
        ("grpc.max_metadata_size", LIST_BYTES),
        ("grpc.absolute_max_metadata_size", LIST_BYTES),
        ("grpc.enable_retries", 0),
    ]
    with grpc.insecure_channel(peer.host, options=options) as channel:
        call = channel.unary_unary(
            UNARY, request_serializer=lambda data: data, response_deserializer=lambda data: data
        )
        found: list[bytes | str] = []
        for _ in range(2):
            try:
                found.append(call(b"all is well", timeout=LIMIT))
            except grpc.RpcError as error:  # noqa: PERF203  # each call may fail
                found.append(error.code().name)
    return found


def _by_us(peer: Peer) -> list[bytes | str]:
    """Make the same two calls with our own transport."""
    found: list[bytes | str] = []
    with BlockingLink(peer) as link:
        for _ in range(2):
            try:
                found.append(link.unary(b"all is well"))
            except CallFailed as error:  # noqa: PERF203  # each call may fail
                found.append(error.failure.code.name)
    return found


_LARGE: Final = [name for name, fault in FAULTS.items() if fault.code is _EXHAUSTED]


@pytest.mark.parametrize("name", [*_LARGE, *(late.__name__ for late in _LATE)])
def test_grpcio_does_the_same(name: str) -> None:
    """Large headers end their call in grpcio, too, and late frames do nothing there either."""

    def script(wire: Wire) -> None:
        if name in FAULTS:
            FAULTS[name].send(wire, wire.request())
        else:
            asked = wire.request()
            wire.reply(asked)
            next(late for late in _LATE if late.__name__ == name)(wire, asked.stream)

    outcomes = []
    for make in (_by_grpcio, _by_us):
        with Peer(script) as peer:
            outcomes.append((make(peer), len(peer.wires)))
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][0][1] == b"all is well"
