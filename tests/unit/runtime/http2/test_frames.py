"""The frames that are read and written without h2 mean what they mean to h2 and hpack."""

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from grpclib.client import Handler
from grpclib.config import Configuration
from h2.config import H2Configuration
from h2.connection import H2Connection
from hpack import Decoder, Encoder, HPACKError, NeverIndexedHeaderTuple
from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    ExtensionFrame,
    Frame,
    HeadersFrame,
    PingFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)
from hypothesis import given
from hypothesis import strategies as st

from xai.runtime.http2 import frames
from xai.runtime.http2.connection import Connection
from xai.runtime.http2.events import BrokenProtocolError, EventsProcessor, FrameReader
from xai.runtime.http2.frames import CommonFields, HeaderReader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xai.runtime.retry.policy import Failure

FIXED = (("te", "trailers"), ("user-agent", "x" * 200))
TEXT = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=300)
PAIRS = st.lists(st.tuples(TEXT.map(str.lower), TEXT), max_size=6)


def test_whole_frames_are_those_of_hyperframe() -> None:
    """A frame has the same bytes as from the library that h2 uses."""
    data = DataFrame(7, b"abc", flags=["END_STREAM"])
    assert frames.frame(frames.DATA, frames.END_STREAM, 7, b"abc") == data.serialize()
    update = WindowUpdateFrame(3, window_increment=2**31 - 1)
    assert frames.window_update(3, 2**31 - 1) == update.serialize()


@given(PAIRS)
def test_fields_decode_to_the_headers_and_are_never_indexed(pairs: list[tuple[str, str]]) -> None:
    """Any decoder reads them, its table stays empty, and it is told never to index them."""
    decoder = Decoder()
    found = decoder.decode(frames.fields(pairs), raw=True)
    assert [(bytes(k).decode(), bytes(v).decode()) for k, v in found] == pairs
    assert all(isinstance(header, NeverIndexedHeaderTuple) for header in found)
    assert not decoder.header_table.dynamic_entries


@given(TEXT, TEXT, PAIRS)
def test_every_form_of_the_common_fields_means_the_same(
    authority: str, path: str, rest: list[tuple[str, str]]
) -> None:
    """The first, the later and the plain form give the same headers, in the same order."""
    common = CommonFields("https", authority, FIXED)
    decoder = Decoder()
    wanted = [(":method", "POST"), (":scheme", "https"), (":authority", authority), (":path", path)]
    wanted += [*FIXED, *rest]
    tail = frames.fields(rest)
    for before, after in (common.first, common.later, common.later, common.plain, common.later):
        block = before + frames.fields(((":path", path),)) + after + tail
        found = decoder.decode(block, raw=True)
        assert [(bytes(k).decode(), bytes(v).decode()) for k, v in found] == wanted


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


NAMES = st.sampled_from([b"a", b"grpc-status", b"grpc-message", b"x-request-id"])
VALUES = st.sampled_from([b"", b"0", b"16", b"some text", b"v" * 1500])


@given(
    st.lists(
        st.tuples(
            st.lists(st.tuples(NAMES, VALUES, st.booleans()), max_size=4),
            st.sampled_from([None, None, None, 0, 100, 4096]),
        ),
        max_size=30,
    )
)
def test_remembered_header_blocks_are_read_as_by_the_decoder(
    blocks: list[tuple[list[tuple[bytes, bytes, bool]], int | None]],
) -> None:
    """Whatever a server puts into its table or takes out, no old meaning of a block is given."""
    encoder, reader, plain = Encoder(), HeaderReader(Decoder()), Decoder()
    for headers, size in blocks:
        if size is not None:
            encoder.header_table_size = size
        block = encoder.encode(headers)
        expected = [(bytes(k), bytes(v)) for k, v in plain.decode(block, raw=True)]
        assert reader.read(block) == expected


# -- reading, compared with h2 --------------------------------------------------------------------


class Listener:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []
        self.connection: Connection | None = None
        self.stream_id = 0

    def on_stream_available(self) -> None:
        """Be told of a free stream, which does not happen here."""
        raise AssertionError

    def on_headers(self, headers: frames.RawHeaders) -> None:
        """Note headers."""
        self.told.append(("headers", [(bytes(k), bytes(v)) for k, v in headers]))

    def on_data(self, data: bytes, flow: int) -> None:
        """Note data."""
        self.told.append(("data", bytes(data), flow))
        assert self.connection is not None
        self.connection.acknowledge(self.stream_id, flow)

    def on_trailers(self, headers: frames.RawHeaders) -> None:
        """Note trailers."""
        self.told.append(("trailers", [(bytes(k), bytes(v)) for k, v in headers]))

    def on_end(self) -> None:
        """Note the end, and leave as a call does."""
        self.told.append(("end",))
        self._leave()

    def on_reset(self, code: int) -> None:
        """Note a reset, and leave as a call does."""
        self.told.append(("reset", code))
        self._leave()

    def on_writable(self) -> None:
        """Have nothing to send."""

    def on_failure(self, failure: "Failure") -> None:
        """Note a failure."""
        self.told.append(("failure", failure.code))

    def _leave(self) -> None:
        assert self.connection is not None
        self.connection.release(self.stream_id, self)


class Pipe:
    """Takes the place of a transport."""

    def __init__(self) -> None:
        self.written = bytearray()

    def write(self, data: bytes) -> None:
        """Keep what is written."""
        self.written += data

    def is_closing(self) -> bool:
        """Stay open."""
        return False

    def close(self) -> None:
        """Stay open."""


@attrs.define
class Side:
    """A connection with three calls, whose requests are sent."""

    pipe: Pipe
    connection: Connection
    processor: EventsProcessor
    listeners: list[Listener]


def _side() -> Side:
    config = H2Configuration(
        client_side=True,
        header_encoding=None,
        validate_inbound_headers=False,
        validate_outbound_headers=False,
        normalize_inbound_headers=False,
        normalize_outbound_headers=False,
    )
    h2 = H2Connection(config=config)
    h2.initiate_connection()
    pipe = Pipe()
    settings = Configuration().__for_test__()
    common = CommonFields("http", "localhost:1", FIXED)
    connection = Connection(
        h2,
        pipe,  # type: ignore[arg-type]  # as much of a transport as is used here
        config=settings,
        authority="localhost:1",
        common=common,
        sock=None,  # type: ignore[arg-type]  # there is none
    )
    processor = EventsProcessor(Handler(), connection)
    listeners = []
    for _ in range(3):
        listener = Listener()
        listener.connection = connection
        stream_id = connection.open_stream(listener, frames.fields(((":path", "/a/b"),)), b"")
        assert stream_id is not None
        listener.stream_id = stream_id
        connection.send_body(stream_id, b"\0\0\0\0\0", listener)
        listeners.append(listener)
    pipe.written.clear()
    return Side(pipe, connection, processor, listeners)


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
        [(":status", "200"), ("content-length", "3")],
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
PIECES = st.one_of(
    st.tuples(st.just("headers"), STREAMS, HEADERS, HOW),
    st.tuples(st.just("data"), STREAMS, st.binary(max_size=30), HOW),
    st.tuples(st.just("data"), STREAMS, st.binary(max_size=30), st.just(set())),
    st.tuples(st.just("data"), STREAMS, st.just(bytes(16384)), st.just(set())),
    st.tuples(st.just("raw"), st.just(0), st.binary(min_size=9, max_size=20), st.just(set())),
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
                ExtensionFrame(0xBE, 1, 0x1, body=b"grease").serialize(),
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


def _by_h2(side: Side, written: list[bytes]) -> str:
    """Give everything to h2, and return how it broke, if it did."""
    data = b"".join(written)
    while len(data) >= 9:
        size = 9 + int.from_bytes(data[:3], "big")
        if size > len(data):
            return "too long" if size - 9 > 16384 else ""
        try:
            for event in side.connection.feed(data[:size]):
                side.processor.process(event)
        except Exception as error:  # noqa: BLE001  # compared with what ours makes of it
            return type(error).__name__
        data = data[size:]
    return ""


def _by_us(side: Side, written: list[bytes], cuts: list[int]) -> str:
    reader = FrameReader(side.connection, side.processor)
    data = b"".join(written)
    places = sorted({cut % (len(data) + 1) for cut in cuts} | {0, len(data)})
    try:
        for start, end in pairwise(places):
            reader.feed(data[start:end])
    except BrokenProtocolError as error:
        found = type(error.__cause__).__name__
        claimed = int.from_bytes(reader._rest[:3], "big") if reader._rest else 0
        return "too long" if found == "FrameTooLargeError" and claimed > 16384 else found
    except NotImplementedError as error:
        # A stream that the server opens, which grpclib has no place for.
        return type(error).__name__
    return ""


@given(st.lists(PIECES, max_size=25), st.lists(st.integers(0, 10**6), max_size=5))
def test_calls_are_told_the_same_as_by_h2(pieces: "Sequence[Any]", cuts: list[int]) -> None:
    """Whatever is sent, in whatever segments: the same events, the same answer, the same end."""
    written = _write(pieces)
    theirs, ours = _side(), _side()
    ends = _by_h2(theirs, written), _by_us(ours, written, cuts)
    if "too long" not in ends:
        assert ends[0] == ends[1]
        told = [[listener.told for listener in side.listeners] for side in (theirs, ours)]
        assert told[0] == told[1]
        for side in (theirs, ours):
            side.connection.flush()
        assert bytes(theirs.pipe.written) == bytes(ours.pipe.written)


def test_frame_that_claims_too_much_is_refused_at_its_header() -> None:
    """Nine bytes are enough to refuse a frame of 16 MiB; nothing is kept for it."""
    side = _side()
    with pytest.raises(BrokenProtocolError):
        FrameReader(side.connection, side.processor).feed(b"\xff\xff\xff" + bytes(6))
    side.connection.flush()
    assert b"\x00\x00\x00\x06" in side.pipe.written, "the GOAWAY says FRAME_SIZE_ERROR"


def test_malformed_header_block_breaks_the_protocol() -> None:
    """What hpack can't decode is the server's fault, and says so."""
    side = _side()
    frame = HeadersFrame(1, b"\xff\xff\xff\xff\xff", flags=["END_HEADERS"])
    with pytest.raises(BrokenProtocolError) as caught:
        FrameReader(side.connection, side.processor).feed(frame.serialize())
    assert caught.value.__cause__ is not None
    assert isinstance(caught.value.__cause__.__cause__, HPACKError)


def test_window_that_is_exceeded_breaks_the_protocol() -> None:
    """A server that sends more than it may is refused, as by h2."""
    side = _side()
    block = Encoder().encode(HEAD)
    reader = FrameReader(side.connection, side.processor)
    reader.feed(HeadersFrame(1, block, flags=["END_HEADERS"]).serialize())
    side.listeners[0].connection = _side().connection
    many = DataFrame(1, bytes(16000)).serialize() * 10
    with pytest.raises(BrokenProtocolError):
        reader.feed(many)
    assert len(side.listeners[0].told) == 1 + 65535 // 16000
