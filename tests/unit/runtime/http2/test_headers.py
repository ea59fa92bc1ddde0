"""Header blocks mean to any HPACK implementation what they mean here, and the other way round."""

import pytest
from hpack import Decoder, Encoder, HPACKError, NeverIndexedHeaderTuple
from hypothesis import given
from hypothesis import strategies as st

from xai.runtime.http2 import headers
from xai.runtime.http2.headers import (
    LIST_BYTES,
    CommonFields,
    HeaderBlockError,
    HeaderDecoder,
    HeaderListTooLargeError,
    RawHeaders,
    RequestEncoder,
)

CONSTANT = (("te", "trailers"), ("user-agent", "x" * 200))
TEXT = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=300)
PAIRS = st.lists(st.tuples(TEXT.map(str.lower), TEXT), max_size=6)
PATH = headers.fields(((":path", "/a/b"),))


def _decoded(decoder: Decoder, block: bytes) -> RawHeaders:
    return [(bytes(k), bytes(v)) for k, v in decoder.decode(block, raw=True)]


# -- requests --------------------------------------------------------------------------------------


@given(PAIRS)
def test_fields_decode_to_the_headers_and_are_never_indexed(pairs: list[tuple[str, str]]) -> None:
    """Any decoder reads them, its table stays empty, and it is told never to index them."""
    decoder = Decoder()
    found = decoder.decode(headers.fields(pairs), raw=True)
    assert [(bytes(k).decode(), bytes(v).decode()) for k, v in found] == pairs
    assert all(isinstance(header, NeverIndexedHeaderTuple) for header in found)
    assert not decoder.header_table.dynamic_entries


@given(TEXT, TEXT, PAIRS)
def test_every_form_of_the_common_fields_means_the_same(
    authority: str, path: str, rest: list[tuple[str, str]]
) -> None:
    """The first, the later and the plain form give the same headers, in the same order."""
    common = CommonFields("https", authority, CONSTANT)
    decoder = Decoder()
    wanted = [(":method", "POST"), (":scheme", "https"), (":authority", authority), (":path", path)]
    wanted += [*CONSTANT, *rest]
    tail = headers.fields(rest)
    for before, after in (common.first, common.later, common.later, common.plain, common.later):
        block = before + headers.fields(((":path", path),)) + after + tail
        found = decoder.decode(block, raw=True)
        assert [(bytes(k).decode(), bytes(v).decode()) for k, v in found] == wanted


SIZES = st.one_of(st.sampled_from([0, 100, 4095, 4096, 4097, 2**32 - 1]), st.integers(0, 5000))


@given(st.lists(st.lists(SIZES, max_size=6), max_size=6))
def test_requests_are_understood_whatever_the_size_of_the_table(changes: list[list[int]]) -> None:
    """A server that resizes its table reads each request, and is told of at most two sizes."""
    common = CommonFields("http", "localhost:1", CONSTANT)
    encoder, decoder = RequestEncoder(common), Decoder()
    wanted = [":method", ":scheme", ":authority", ":path", *dict(CONSTANT)]
    longest = max(len(b"".join(form)) for form in (common.first, common.plain)) + len(PATH)
    for sizes in changes:
        for size in sizes:
            encoder.resize(size)
            decoder.max_allowed_table_size = size
            # Nothing is left in a table that was made smaller in between.
            while sizes and decoder.header_table._current_size > min(sizes):
                decoder.header_table.maxsize = min(sizes)
        block = encoder.encode(PATH, b"")
        assert [name.decode() for name, _ in _decoded(decoder, block)] == wanted
        assert len(block) <= longest + 2 * 4


# -- responses -------------------------------------------------------------------------------------


NAMES = st.sampled_from([b"a", b"grpc-status", b"grpc-message", b"x-request-id"])
VALUES = st.sampled_from([b"", b"0", b"16", b"some text", b"v" * 1500])


@given(
    st.lists(
        st.tuples(
            st.lists(st.tuples(NAMES, VALUES, st.booleans()), max_size=4),
            st.sampled_from([None, None, None, 0, 100, 4096]),
            st.booleans(),
        ),
        max_size=30,
    )
)
def test_responses_are_read_as_by_hpack(
    blocks: list[tuple[list[tuple[bytes, bytes, bool]], int | None, bool]],
) -> None:
    """Whatever a server puts into its table or takes out, no old meaning of a block is given."""
    encoder, ours, theirs = Encoder(), HeaderDecoder(), Decoder()
    for pairs, size, huffman in blocks:
        if size is not None:
            encoder.header_table_size = size
        block = encoder.encode(pairs, huffman=huffman)
        assert ours.decode(block) == _decoded(theirs, block)


@given(st.lists(st.binary(max_size=40), max_size=5))
def test_garbage_is_refused_as_by_hpack(blocks: list[bytes]) -> None:
    """What hpack can't read can't be read here either, and the rest means the same."""
    ours, theirs = HeaderDecoder(), Decoder()
    for block in blocks:
        try:
            wanted = _decoded(theirs, block)
        except (HPACKError, IndexError):
            with pytest.raises(HeaderBlockError):
                ours.decode(block)
            return
        assert ours.decode(block) == wanted


def test_table_is_in_order_after_a_list_that_is_too_large() -> None:
    """Fields beyond the limit still go into the table, and the next block refers to them."""
    encoder, decoder = Encoder(), HeaderDecoder()
    large = [(f"x-{number}", "v" * 2000) for number in range(40)]
    with pytest.raises(HeaderListTooLargeError, match=r"take 81\d\d\d bytes"):
        decoder.decode(encoder.encode(large))
    block = encoder.encode(large[-1:])
    assert len(block) == 1
    assert decoder.decode(block) == [(b"x-39", b"v" * 2000)]


def test_decompression_bomb() -> None:
    """A block that stands for megabytes is refused after the first few of them."""
    decoder = HeaderDecoder()
    decoder.decode(b"\x40\x01x\x7f\x81\x1d" + b"v" * 3840)
    with pytest.raises(HeaderBlockError, match="bomb"):
        decoder.decode(b"\xbe" * 100_000)


def test_list_of_exactly_the_limit() -> None:
    """The limit counts names, values and 32 bytes a field, as its setting does."""
    decoder = HeaderDecoder()
    fields = [("x" * 68, "v" * 924)] * (LIST_BYTES // 1024)
    assert len(decoder.decode(headers.fields(fields))) == len(fields)
    with pytest.raises(HeaderListTooLargeError):
        decoder.decode(headers.fields([*fields, ("x", "")]))


def test_blocks_that_are_remembered_are_few() -> None:
    """However many different blocks come, only the last few are kept."""
    decoder = HeaderDecoder()
    for number in range(1000):
        decoder.decode(headers.fields([("x", f"{number}")]))
    assert len(decoder._known) <= 32
