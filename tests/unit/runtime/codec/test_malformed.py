# ruff: noqa: ANN401  # values can be anything

import inspect
import sys
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import betterproto
import pytest

from tests.unit.runtime.codec.codec_support import accepted, delimited, nested
from tests.unit.runtime.codec.kitchen_sink import Maps, Nothing, Repeated, Scalars, Tree, WellKnown
from xai.runtime.codec import api as codec

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


MALFORMED = [
    ("cut-off string", Scalars, b"\x7a\x05ab"),
    ("cut-off length", Scalars, b"\x7a\x85"),
    ("no length", Scalars, b"\x7a"),
    ("cut-off varint", Scalars, b"\x08\x80"),
    ("no varint", Scalars, b"\x08"),
    ("cut-off tag", Scalars, b"\x80"),
    ("cut-off fixed32", Scalars, b"\x4d\0\0\0"),
    ("cut-off fixed64", Scalars, b"\x51\0\0\0\0\0\0\0"),
    ("cut-off unknown fixed32", Nothing, b"\x4d\0\0\0"),
    ("cut-off unknown fixed64", Nothing, b"\x51\0\0\0\0\0\0\0"),
    ("cut-off unknown string", Nothing, b"\x7a\x05ab"),
    ("cut-off unknown varint", Nothing, b"\x08\x80"),
    ("varint of 11 bytes", Scalars, b"\x08" + b"\xff" * 10 + b"\x01"),
    ("unknown varint of 11 bytes", Nothing, b"\x08" + b"\xff" * 10 + b"\x01"),
    ("packed varint of 11 bytes", Repeated, delimited(1, b"\xff" * 10 + b"\x01")),
    ("cut-off packed varint", Repeated, delimited(1, b"\x01\x80")),
    ("half a packed float", Repeated, delimited(13, b"\0\0\0\0\0\0")),
    ("tag of 6 bytes", Nothing, b"\x88\x80\x80\x80\x80\x00\x00"),
    ("tag of 33 bits", Nothing, b"\x88\x80\x80\x80\x10\x00"),
    ("length of 6 bytes", Scalars, b"\x7a\x80\x80\x80\x80\x80\x00"),
    ("length of 4 GiB", Scalars, b"\x7a\xff\xff\xff\xff\x0f"),
    ("field number 0", Nothing, b"\x00\x00"),
    ("field number 0 in a group", Nothing, b"\x0b\x00\x00\x0c"),
    ("wire type 6", Scalars, b"\x0e\x00"),
    ("wire type 7", Nothing, b"\x0f\x00"),
    ("group without an end", Nothing, b"\x0b\x08\x01"),
    ("end without a group", Nothing, b"\x0c"),
    ("group with the end of another", Nothing, b"\x0b\x14"),
    ("group that ends in its message's surroundings", Tree, b"\x12\x01\x3b\x3c"),
    ("message longer than its surroundings", Tree, b"\x12\x02\x12\x02\x08\x01"),
    ("string longer than its message", Tree, b"\x12\x03\x32\x04ab" + b"\x08\x01" * 3),
    ("number longer than its message", Tree, b"\x12\x01\x08\x01"),
    ("no UTF-8", Scalars, b"\x7a\x01\xff"),
    ("surrogate", Scalars, b"\x7a\x03\xed\xa0\x80"),
    ("overlong UTF-8", Scalars, b"\x7a\x02\xc0\x80"),
    ("key that is no UTF-8", Maps, b"\x0a\x03\x0a\x01\xff"),
    ("wrapper that is no UTF-8", WellKnown, delimited(27, b"\x0a\x01\xff")),
]


@pytest.mark.parametrize(
    ("cls", "data"), [case[1:] for case in MALFORMED], ids=[case[0] for case in MALFORMED]
)
def test_malformed_bytes_give_the_one_error(cls: type[betterproto.Message], data: bytes) -> None:
    """What is not a message is refused with the name of its class, by both entry points."""
    with pytest.raises(codec.DecodeError, match=rf"^malformed {cls.__name__} \(") as caught:
        codec.decode(cls, data)
    assert caught.value.__cause__ is not None
    with pytest.raises(codec.DecodeError):
        codec.decode_into(cls(), data)


@pytest.mark.parametrize("levels", [100, 101, 5000])
@pytest.mark.parametrize(
    ("cls", "wrap"),
    [
        (Tree, lambda data: delimited(2, data)),
        (Tree, lambda data: delimited(3, data)),
        (Tree, lambda data: delimited(5, data)),
        (Nothing, lambda data: b"\xfb\x01" + data + b"\xfc\x01"),
    ],
    ids=["single", "repeated", "oneof", "unknown group"],
)
def test_depth_is_limited_as_by_google(
    cls: type[betterproto.Message], wrap: Callable[[bytes], bytes], levels: int
) -> None:
    """A hundred levels are read and written, one more is refused, by Google's reader as well."""
    data = nested(levels, wrap)
    assert (accepted(cls, data) is not None) == (levels == 100)
    if levels > 100:
        with pytest.raises(codec.DecodeError, match="nested more than 100 deep"):
            codec.decode(cls, data)
    else:
        assert codec.encode(codec.decode(cls, data)) == data


@pytest.mark.parametrize("levels", [50, 51])
def test_depth_of_maps_counts_their_entries(levels: int) -> None:
    """A map of messages adds two levels, as in Google's reader."""
    data = nested(levels, lambda data: delimited(4, b"\x0a\x01k" + delimited(2, data)))
    assert (accepted(Tree, data) is not None) == (levels == 50)
    if levels > 50:
        with pytest.raises(codec.DecodeError, match="nested more than 100 deep"):
            codec.decode(Tree, data)
    else:
        assert codec.encode(codec.decode(Tree, data)) == data


def test_deep_message_in_a_deep_stack_is_refused() -> None:
    """Someone whose own stack is almost used up gets the same error, not a RecursionError."""
    data = nested(100, lambda data: delimited(2, data))
    found: list[Exception] = []

    def descend(levels: int) -> None:
        if levels:
            descend(levels - 1)
            return
        try:
            codec.decode(Tree, data)
        except codec.DecodeError as error:
            found.append(error)

    descend(sys.getrecursionlimit() - len(inspect.stack(0)) - 100)
    assert isinstance(found[0].__cause__, RecursionError)


@pytest.mark.parametrize("bad", ["text", 5, None, [1, 2]])
def test_what_is_not_bytes_is_a_type_error(bad: Any) -> None:
    """A caller's mistake is not taken for malformed data; a number is not taken for a length."""
    with pytest.raises(TypeError):
        codec.decode(Nothing, bad)
    with pytest.raises(TypeError):
        codec.decode_into(Nothing(), bad)


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_other_buffers_are_read(kind: Callable[[bytes], Any]) -> None:
    """Any buffer will do, and what is kept from it are bytes."""
    message = codec.decode(Scalars, kind(b"\x82\x01\x02hi\xf8\x07\x01"))
    assert (message.f_bytes, type(message.f_bytes)) == (b"hi", bytes)
    assert codec.encode(message) == b"\x82\x01\x02hi\xf8\x07\x01"
