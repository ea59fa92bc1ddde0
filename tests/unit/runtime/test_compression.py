import contextlib
import gzip
import tracemalloc
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xai.runtime.compression import CompressionError, TooLargeError, check_encoding, decompress

_LIMIT = 2**20
_PACK: dict[bytes, Callable[[bytes], bytes]] = {b"gzip": gzip.compress, b"deflate": zlib.compress}


@pytest.mark.parametrize("encoding", sorted(_PACK))
@given(data=st.binary(max_size=300), repeated=st.integers(0, 3000))
def test_compressed_message_is_read(encoding: bytes, data: bytes, repeated: int) -> None:
    """Whatever was compressed comes out again, an empty message included."""
    message = data * repeated
    assert decompress(_PACK[encoding](message), encoding, _LIMIT) == message


@pytest.mark.parametrize("encoding", sorted(_PACK))
def test_empty_data_is_an_empty_message(encoding: bytes) -> None:
    """A message without a byte, compressed or not, is an empty one, as for grpcio."""
    assert decompress(b"", encoding, _LIMIT) == b""


@pytest.mark.parametrize("encoding", sorted(_PACK))
def test_limit_is_exact(encoding: bytes) -> None:
    """A message of just the limit is read, one of a byte more is not."""
    data = _PACK[encoding](bytes(1000))
    assert decompress(data, encoding, 1000) == bytes(1000)
    with pytest.raises(TooLargeError, match="more than the limit of 999 bytes"):
        decompress(data, encoding, 999)


@pytest.mark.parametrize("encoding", sorted(_PACK))
def test_bomb_takes_no_more_memory_than_the_limit(encoding: bytes) -> None:
    """Of a message that is 1,000 times as large as its data only the limit is decompressed."""
    bomb = _PACK[encoding](bytes(64 * 2**20))
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError):
            decompress(bomb, encoding, _LIMIT)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * _LIMIT


@pytest.mark.parametrize("encoding", sorted(_PACK))
@given(data=st.data())
def test_cut_off_message_is_an_error(encoding: bytes, data: st.DataObject) -> None:
    """Every beginning of a compressed message but the empty one is told to be cut off."""
    whole = _PACK[encoding](b"some text, some text" * 9)
    cut = whole[: data.draw(st.integers(1, len(whole) - 1))]
    with pytest.raises(CompressionError, match="cut off"):
        decompress(cut, encoding, _LIMIT)


@pytest.mark.parametrize("encoding", sorted(_PACK))
@given(junk=st.binary(min_size=1))
def test_junk_is_an_error(encoding: bytes, junk: bytes) -> None:
    """What is not compressed leads to the one error, or by chance to a message, never to else."""
    with contextlib.suppress(CompressionError):
        decompress(junk, encoding, _LIMIT)


def test_concatenated_gzip_members_are_one_message() -> None:
    """RFC 1952: a series of members is one message, and its limit is that of all of them."""
    data = gzip.compress(b"ab") + gzip.compress(b"") + gzip.compress(b"c" * 100)
    assert decompress(data, b"gzip", 102) == b"ab" + b"c" * 100
    with pytest.raises(TooLargeError):
        decompress(data, b"gzip", 101)
    with pytest.raises(CompressionError, match="cut off"):
        decompress(data[:-1], b"gzip", 102)


def test_endless_members_are_an_error() -> None:
    """A message of very many empty members is refused before it costs much."""
    with pytest.raises(CompressionError, match="follow the end"):
        decompress(gzip.compress(b"") * 20_000, b"gzip", _LIMIT)


@pytest.mark.parametrize(("encoding", "rest"), [(b"gzip", b"x" * 20), (b"deflate", b"x")])
def test_bytes_after_the_message_are_an_error(encoding: bytes, rest: bytes) -> None:
    """What follows a compressed message and is no gzip member is not passed over."""
    with pytest.raises(CompressionError):
        decompress(_PACK[encoding](b"abc") + rest, encoding, _LIMIT)


def test_raw_deflate_is_not_deflate() -> None:
    """As for gRPC's own implementations, the encoding "deflate" has the header of RFC 1950."""
    raw = zlib.compressobj(wbits=-15)
    with pytest.raises(CompressionError, match="not valid deflate"):
        decompress(raw.compress(b"abc" * 50) + raw.flush(), b"deflate", _LIMIT)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        (b"", "without naming"),
        (b"identity", "without naming"),
        (b"br", "encoding, 'br'"),
        (b"x" * 500, "'" + "x" * 50 + "'"),
        (b"\x1b[31m\n", r"'\\x1b\[31m\\n'"),
        (b"GZIP", "'GZIP'"),
    ],
)
def test_unknown_encoding_is_named(encoding: bytes, text: str) -> None:
    """The error names the encoding that can't be read, without its control characters."""
    with pytest.raises(CompressionError, match=text):
        check_encoding(encoding)


@pytest.mark.parametrize("encoding", sorted(_PACK))
def test_known_encodings_are_accepted(encoding: bytes) -> None:
    """No error for gzip and deflate."""
    check_encoding(encoding)
