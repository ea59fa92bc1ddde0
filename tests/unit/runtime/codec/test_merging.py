import struct
from datetime import datetime, timedelta, timezone
from typing import Any

import betterproto
import pytest
from betterproto import encode_varint

from tests.unit.runtime.codec.codec_support import delimited, raw
from tests.unit.runtime.codec.kitchen_sink import Color, Repeated, Tree, Unpacked, WellKnown
from xai.runtime.codec import api as codec

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("number", "name", "chunk", "expected"),
    [
        (1, "f_int32", b"\x01\x7f", [1, 127]),
        (1, "f_int32", b"\x80\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", [128, -1]),
        (3, "f_uint32", b"\xff\xff\xff\xff\x1f\x01", [2**32 - 1, 1]),
        (4, "f_uint64", b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", [2**63]),
        (5, "f_sint32", b"\x01\x02", [-1, 1]),
        (6, "f_sint64", b"\xff\x01\x02", [-128, 1]),
        (7, "f_bool", b"\x01\x00\x02", [True, False, True]),
        (7, "f_bool", b"\x80\x01\x00", [True, False]),
        (8, "f_enum", b"\x01\x07", [Color.COLOR_RED, 7]),
        (9, "f_fixed32", b"\x01\0\0\0\xff\xff\xff\xff", [1, 2**32 - 1]),
        (12, "f_sfixed64", b"\xff" * 8, [-1]),
        (13, "f_float", struct.pack("<3f", 1.5, -2.5, float("inf")), [1.5, -2.5, float("inf")]),
        (14, "f_double", struct.pack("<d", 0.1), [0.1]),
    ],
)
def test_packed_numbers_in_two_pieces_are_all_there(
    number: int, name: str, chunk: bytes, expected: list[Any]
) -> None:
    """Each piece adds to the list, and one that is empty adds nothing."""
    piece = delimited(number, chunk)
    message = codec.decode(Repeated, piece + delimited(number, b"") + piece)
    assert raw(message, name) == expected * 2
    assert (
        list(map(type, raw(message, name))) == [type(item) for item in expected * 2]
        or name == "f_enum"
    )
    assert all(isinstance(item, Color) for item in message.f_enum)


def test_packed_and_single_numbers_mix() -> None:
    """A list may be sent in both forms, whatever the .proto file says."""
    data = b"\x08\x01" + delimited(1, b"\x02\x03") + b"\x08\x80\x01"
    assert codec.decode(Repeated, data).f_int32 == [1, 2, 3, 128]
    assert codec.decode(Unpacked, data).f_int32 == [1, 2, 3, 128]
    floats = b"\x6d\0\0\x80\x3f" + delimited(13, b"\0\0\0\x40")
    assert codec.decode(Unpacked, floats).f_float == [1.0, 2.0]


def test_pieces_of_a_sub_message_are_merged() -> None:
    """The second piece of a message changes what it has, appends to lists and adds to maps."""
    first = b"\x08\x01" + delimited(3, b"\x08\x05") + delimited(4, b"\x0a\x01a\x12\x00")
    second = delimited(3, b"") + delimited(4, b"\x0a\x01b\x12\x00") + delimited(2, b"\x08\x02")
    tree = codec.decode(Tree, delimited(2, first) + delimited(2, second))
    assert tree.left.value == 1
    assert [child.value for child in tree.left.children] == [5, 0]
    assert sorted(tree.left.named) == ["a", "b"]
    assert tree.left.left.value == 2


def test_pieces_of_wrappers_and_times_are_merged() -> None:
    """A second piece without a value leaves the value of the first."""
    data = b"".join(
        delimited(number, piece)
        for number, pieces in {
            1: (b"\x08\x05", b"\x10\xe8\x07"),
            2: (b"\x08\x05\x10\xe8\x07", b"\x08\x06"),
            22: (b"\x08\x07", b""),
        }.items()
        for piece in pieces
    )
    message = codec.decode(WellKnown, data)
    assert message.time == EPOCH + timedelta(seconds=5, microseconds=1)
    assert message.span == timedelta(seconds=6, microseconds=1)
    assert message.w_int64 == 7
    negative = b"\x08" + encode_varint(-1) + b"\x10" + encode_varint(-500_000_000)
    split = delimited(2, negative) + delimited(2, b"\x08" + encode_varint(-3))
    assert codec.decode(WellKnown, split).span == timedelta(seconds=-3.5)


def test_decoding_into_a_message_merges() -> None:
    """What a message has stays, unless the bytes say otherwise."""
    tree = Tree(value=1, left=Tree(value=2), children=[Tree(value=3)])
    assert codec.decode_into(tree, b"\x12\x00" + delimited(3, b"\x08\x04")) is tree
    assert (tree.value, tree.left.value) == (1, 2)
    assert [child.value for child in tree.children] == [3, 4]
    assert betterproto.serialized_on_wire(tree.left)
    none: Any = {"left": None, "children": None, "named": None}
    tree = codec.decode_into(Tree(**none), b"\x12\x00\x1a\x00\x22\x00")
    assert (tree.left, tree.children, tree.named) == (Tree(), [Tree()], {"": Tree()})


def test_unknown_fields_of_a_message_in_a_million_pieces_take_no_ages() -> None:
    """The time for unknown fields grows with their size, not with its square."""
    piece = b"\x12\x03\xf8\x01\x01"
    tree = codec.decode(Tree, piece * 200_000)
    assert len(raw(tree.left, "_unknown_fields")) == 3 * 200_000
