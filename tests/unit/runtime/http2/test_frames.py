"""The frames that are read and written without h2 mean what they mean to h2."""

import contextlib
import time
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    DataReceived,
    Event,
    RequestReceived,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from h2.exceptions import ProtocolError
from hpack import Encoder
from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    Frame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.runtime.http2.client_side import Told, make_side
from xai.runtime.http2 import frames
from xai.runtime.http2.events import FRAMES_PER_TURN, BrokenProtocolError

if TYPE_CHECKING:
    from collections.abc import Sequence


def test_whole_frames_are_those_of_hyperframe() -> None:
    """A frame has the same bytes as from the library that h2 uses."""
    data = DataFrame(7, b"abc", flags=["END_STREAM"])
    assert frames.frame(frames.DATA, frames.END_STREAM, 7, b"abc") == data.serialize()
    update = WindowUpdateFrame(3, window_increment=2**31 - 1)
    assert frames.window_update(3, 2**31 - 1) == update.serialize()
    assert frames.rst_stream(5, 8) == RstStreamFrame(5, error_code=8).serialize()
    assert frames.goaway(11) == GoAwayFrame(0, error_code=11).serialize()


@given(st.binary(max_size=100), st.integers(1, 40))
def test_long_header_block_is_split(block: bytes, largest: int) -> None:
    """The pieces are a HEADERS frame and CONTINUATION frames, and add up to the block."""
    data = frames.header_frames(5, block, largest)
    found: list[HeadersFrame | ContinuationFrame] = []
    while data:
        frame, size = Frame.parse_frame_header(memoryview(data[:9]))
        frame.parse_body(memoryview(data[9 : 9 + size]))
        assert size <= largest
        assert isinstance(frame, (HeadersFrame, ContinuationFrame))
        found.append(frame)
        data = data[9 + size :]
    assert [type(one) for one in found] == [HeadersFrame] + [ContinuationFrame] * (len(found) - 1)
    assert ["END_HEADERS" in one.flags for one in found] == [False] * (len(found) - 1) + [True]
    assert b"".join(one.data for one in found) == block


# -- reading, compared with h2 --------------------------------------------------------------------

CONFIG = H2Configuration(
    client_side=True,
    header_encoding=None,
    validate_inbound_headers=False,
    validate_outbound_headers=False,
    normalize_inbound_headers=False,
    normalize_outbound_headers=False,
)


class Reference:
    """The same calls with h2 alone."""

    def __init__(self) -> None:
        self.h2 = H2Connection(config=CONFIG)
        self.h2.local_settings.initial_window_size = 4 * 2**20
        self.h2.local_settings.acknowledge()
        self.h2.initiate_connection()
        self.calls: dict[int, Told] = {}
        for stream in (1, 3, 5):
            self.h2.send_headers(stream, [(":method", "POST")])
            self.h2.send_data(stream, b"\0\0\0\0\0", end_stream=True)
            self.calls[stream] = []
        self.open = set(self.calls)

    def told(self) -> list[Told]:
        """Return what each call was told."""
        return [list(told) for told in self.calls.values()]

    def feed(self, data: bytes) -> bool:
        """Read a frame; return False when h2 finds fault with it."""
        try:
            events = self.h2.receive_data(data)
        except ProtocolError:
            return False
        return all(self._note(event) for event in events)

    def _note(self, event: Event) -> bool:
        stream = getattr(event, "stream_id", None)
        if isinstance(event, RequestReceived):
            # A stream that a server opens: that makes no sense in gRPC.
            return False
        if stream not in self.open:
            return True
        told = self.calls[stream]
        if isinstance(event, (ResponseReceived, TrailersReceived)):
            kind = "headers" if isinstance(event, ResponseReceived) else "trailers"
            told.append((kind, [(bytes(k), bytes(v)) for k, v in event.headers or []]))
        elif isinstance(event, DataReceived) and event.data:
            told.append(("data", event.data))
        elif isinstance(event, StreamEnded):
            told.append(("end",))
            self.open.discard(stream)
        elif isinstance(event, StreamReset):
            told.append(("reset", int(event.error_code or 0)))
            self.open.discard(stream)
        return True


STREAMS = st.sampled_from([1, 1, 1, 3, 3, 5, 7, 2])
HEAD = [(":status", "200"), ("content-type", "application/grpc")]
HEADERS = st.sampled_from(
    [
        HEAD,
        HEAD,
        [(":status", "103"), ("link", "x")],
        [("grpc-status", "0")],
        [("grpc-status", "0")],
        [("grpc-status", "5"), ("grpc-message", "gone"), ("x", "y" * 600)],
        [],
    ]
)


def _headers(stream: int, headers: Any, how: set[str], encoder: Encoder) -> bytes:  # noqa: ANN401  # as hpack takes them
    block = encoder.encode(headers)
    flags = ["END_STREAM"] if "end" in how else []
    if "split" in how:
        whole = HeadersFrame(stream, block[:2], flags=flags).serialize()
        return whole + ContinuationFrame(stream, block[2:], flags=["END_HEADERS"]).serialize()
    frame = HeadersFrame(stream, block, flags=[*flags, "END_HEADERS"])
    if "padded" in how:
        frame.flags.add("PADDED")
        frame.pad_length = 3
    if "urgent" in how:
        frame.flags.add("PRIORITY")
        frame.stream_weight, frame.depends_on = 5, 0
    return frame.serialize()


def _data(stream: int, data: bytes, how: set[str]) -> bytes:
    frame = DataFrame(stream, data, flags=["END_STREAM"] if "end" in how else [])
    if "padded" in how:
        frame.flags.add("PADDED")
        frame.pad_length = 2
    return frame.serialize()


HOW = st.sets(st.sampled_from(["end", "end", "split", "padded", "urgent"]), max_size=2)
PIECES: st.SearchStrategy[tuple[str, int, Any, set[str]]] = st.one_of(
    st.tuples(st.just("headers"), STREAMS, HEADERS, HOW),
    st.tuples(st.just("data"), STREAMS, st.binary(max_size=30), HOW),
    st.tuples(st.just("data"), STREAMS, st.binary(max_size=30), st.just(set())),
    st.tuples(st.just("data"), STREAMS, st.just(bytes(16384)), st.just(set())),
    st.builds(
        lambda frame: ("frame", 0, frame, set()),
        st.sampled_from(
            [
                PingFrame(0, opaque_data=b"12345678").serialize(),
                SettingsFrame(0, settings={4: 100}).serialize(),
                WindowUpdateFrame(0, window_increment=10).serialize(),
                WindowUpdateFrame(1, window_increment=10).serialize(),
                RstStreamFrame(1, error_code=8).serialize(),
                RstStreamFrame(3, error_code=7).serialize(),
                b"\0\0\6\xbe\1\0\0\0\1grease",
            ]
        ),
    ),
)


def _write(pieces: "Sequence[Any]") -> list[bytes]:
    encoder, written = Encoder(), []
    for kind, stream, what, how in pieces:
        if kind == "headers":
            written.append(_headers(stream, what, how, encoder))
        elif kind == "data":
            written.append(_data(stream, what, how))
        else:
            written.append(what)
    return written


@given(st.lists(PIECES, max_size=25), st.lists(st.integers(0, 10**6), max_size=5))
def test_calls_are_told_the_same_as_by_h2(pieces: "Sequence[Any]", cuts: list[int]) -> None:
    """Whatever h2 finds no fault with means the same here, in whatever segments it comes."""
    reference, allowed = Reference(), b""
    wanted = reference.told()
    for whole in _write(pieces):
        if not reference.feed(whole):
            break
        allowed += whole
        wanted = reference.told()
    side = make_side()
    places = sorted({cut % (len(allowed) + 1) for cut in cuts} | {0, len(allowed)})
    for start, end in pairwise(places):
        side.feed(allowed[start:end])
    assert side.told() == wanted


@given(st.lists(st.binary(min_size=1, max_size=30), max_size=10))
def test_garbage_is_the_servers_fault(parts: list[bytes]) -> None:
    """Nothing but an error of the protocol comes out, whatever comes in."""
    side = make_side()
    with contextlib.suppress(BrokenProtocolError):
        for part in parts:
            side.feed(len(part).to_bytes(3, "big") + part + bytes(20))


def test_frame_that_claims_too_much_is_refused_at_its_header() -> None:
    """Nine bytes are enough to refuse a frame of 16 MiB; nothing is kept for it."""
    with pytest.raises(BrokenProtocolError) as caught:
        make_side().feed(b"\xff\xff\xff" + bytes(6))
    assert caught.value.code == ErrorCodes.FRAME_SIZE_ERROR


def test_malformed_header_block_breaks_the_protocol() -> None:
    """What can't be decoded leaves no compression table that could be used."""
    frame = HeadersFrame(1, b"\xff\xff\xff\xff\xff", flags=["END_HEADERS"])
    with pytest.raises(BrokenProtocolError) as caught:
        make_side().feed(frame.serialize())
    assert caught.value.code == ErrorCodes.COMPRESSION_ERROR


def test_window_of_the_connection_that_is_exceeded_breaks_the_protocol() -> None:
    """A server that sends more on all streams than it may is refused."""
    side = make_side()
    side.connection.receive_window.window_consumed(60 * 2**20)
    for listener in side.listeners:
        listener.connection = make_side().connection
        frame = HeadersFrame(listener.stream_id, b"\x88", flags=["END_HEADERS"])
        side.feed(frame.serialize())
    many = b"".join(DataFrame(one.stream_id, bytes(16000)).serialize() for one in side.listeners)
    with pytest.raises(BrokenProtocolError) as caught:
        side.feed(many * 120)
    assert caught.value.code == ErrorCodes.FLOW_CONTROL_ERROR


def test_turn_ends_after_some_frames() -> None:
    """However many frames are there, only some are read at once, and the rest later."""
    side = make_side()
    side.feed(HeadersFrame(1, b"\x88", flags=["END_HEADERS"]).serialize())
    many = DataFrame(1, b"x").serialize() * (3 * FRAMES_PER_TURN - 1)
    heard = side.listeners[0].told
    assert side.reader.feed(many, time.monotonic())
    assert len(heard) == 1 + FRAMES_PER_TURN
    assert side.reader.feed(b"", time.monotonic())
    assert not side.reader.feed(b"", time.monotonic())
    assert len(heard) == 3 * FRAMES_PER_TURN
