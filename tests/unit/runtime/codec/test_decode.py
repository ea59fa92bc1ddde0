# ruff: noqa: ANN401  # values can be anything

import struct
import sys
from datetime import datetime, timedelta, timezone
from typing import Any

import betterproto
import pytest
from betterproto import PLACEHOLDER, encode_varint

from tests.unit.runtime.codec.codec_support import (
    classes,
    delimited,
    google,
    metadata,
    raw,
    snapshot,
)
from tests.unit.runtime.codec.kitchen_sink import (
    Choice,
    Color,
    Maps,
    Nothing,
    Numbers,
    Optionals,
    Repeated,
    Scalars,
    Tree,
    WellKnown,
)
from xai.proto.prompt_ide.sampler_public import Token
from xai.runtime.codec import api as codec
from xai.runtime.codec import wire as codec_wire

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("f_int32", b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", -1),
        ("f_int32", b"\x08\xff\xff\xff\xff\x0f", -1),
        ("f_int32", b"\x08\x80\x80\x80\x80\x10", 0),
        ("f_int64", b"\x10\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", -(2**63)),
        ("f_int64", b"\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", -1),
        ("f_uint32", b"\x18\xff\xff\xff\xff\x7f", 2**32 - 1),
        ("f_uint64", b"\x20\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 2**64 - 1),
        ("f_sint32", b"\x28\xff\xff\xff\xff\xff\x01", -(2**31)),
        ("f_sint64", b"\x30\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", -(2**63)),
        ("f_bool", b"\x38\x80\x80\x80\x80\x80\x01", True),
        ("f_bool", b"\x38\x80\x80\x80\x80\x80\x80\x80\x80\x80\x02", False),
        ("f_bool", b"\x38\x80\x00", False),
        ("f_enum", b"\x40\xfd\xff\xff\xff\xff\xff\xff\xff\xff\x01", Color.COLOR_MINUS),
        ("f_enum", b"\x40\x80\x80\x80\x80\x10", Color.COLOR_NONE),
        ("f_enum", b"\x40\x63", 99),
    ],
)
def test_numbers_with_too_many_bits_are_cut_as_by_google(
    name: str, data: bytes, expected: Any
) -> None:
    """A number on the wire means what Google's reader takes it for, sign included."""
    value = getattr(codec.decode(Scalars, data), name)
    assert value == expected
    assert type(value) is (Color if name == "f_enum" else type(expected))
    assert getattr(google(Scalars).FromString(data), name) == expected


def test_packed_numbers_are_read_on_machines_of_the_other_byte_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Numbers of fixed width are little-endian on the wire, whatever the machine is."""
    data = struct.pack("=2f", 1.0, -2.5)
    there = "little" if sys.byteorder == "big" else "big"
    assert codec_wire.unpack_fixed(struct.pack("<2f", 1.0, -2.5), "f") == [1.0, -2.5]
    monkeypatch.setattr(sys, "byteorder", there)
    # What the other machine would find in its memory has its bytes the other way around.
    swapped = data[3::-1] + data[:3:-1]
    found = codec_wire.unpack_fixed(swapped if there == "big" else data, "f")
    assert found == [1.0, -2.5]


def test_unknown_number_of_an_enum_is_kept() -> None:
    """A number without a name is a member without a name, and is sent again."""
    message = codec.decode(Scalars, b"\x40\x63")
    assert int(message.f_enum) == 99
    assert message.f_enum.name is None
    assert codec.encode(message) == b"\x40\x63"


@pytest.mark.parametrize("wire_type", [0, 1, 2, 5])
@pytest.mark.parametrize(
    "name", ["Scalars", "Optionals", "Repeated", "Maps", "Choice", "WellKnown"]
)
def test_field_of_another_wire_type_is_unknown(name: str, wire_type: int) -> None:
    """A value in a form that its kind doesn't have is kept as unknown, and sent again."""
    cls, theirs = classes()[f"kitchen_sink.{name}"]
    value = {0: b"\x01", 1: b"\0" * 8, 2: b"\x00", 5: b"\0" * 4}[wire_type]
    for field in theirs.DESCRIPTOR.fields:
        data = encode_varint(field.number << 3 | wire_type) + value
        message, expected = codec.decode(cls, data), theirs.FromString(data)
        untouched = not expected.ListFields() and expected.ByteSize() == len(data)
        assert (raw(message, "_unknown_fields") == data) == untouched
        if untouched:
            assert codec.encode(message) == data


def test_unknown_fields_stay_in_order_and_come_last() -> None:
    """Unknown fields, groups among them, are sent again as they came, after the known ones."""
    unknown = [
        b"\xf8\x07\x01",
        b"\xfb\x07\x08\x01\x13\x14\xfc\x07",
        b"\xfa\x07\x02ab",
        b"\xfd\x07abcd",
    ]
    known = b"\x08\x05"
    data = unknown[0] + unknown[1] + known + unknown[2] + unknown[3]
    message = codec.decode(Tree, delimited(2, data))
    assert codec.encode(message) == delimited(2, known + b"".join(unknown))
    codec.decode_into(message, unknown[0] + unknown[3])
    codec.decode_into(message, unknown[1])
    assert raw(message, "_unknown_fields") == unknown[0] + unknown[3] + unknown[1]


def test_entry_of_a_map_may_lack_its_key_or_value() -> None:
    """What an entry lacks is zero, the last of equal keys wins, and both come in any order."""
    message = codec.decode(
        Maps,
        b"\x0a\x00"
        + delimited(1, b"\x12\x01x\x0a\x01k")
        + delimited(1, b"\x0a\x01k\x12\x01y\xf8\x07\x01")
        + delimited(7, b"\x08\x02")
        + delimited(8, b"\x0d\x01\0\0\0")
        + delimited(12, b"\x08\x01"),
    )
    assert message.by_string == {"": "", "k": "y"}
    assert (message.by_sint64, type(message.by_sint64[1])) == ({1: Color.COLOR_NONE}, Color)
    assert message.by_fixed32 == {1: Scalars()}
    assert message.by_bool == {True: Maps()}
    times = codec.decode(WellKnown, delimited(6, b"") + delimited(7, b"\x0a\x01k"))
    assert times.time_by_name == {"": EPOCH}
    assert times.span_by_name == {"k": timedelta()}


def test_nothing_is_set_in_a_message_of_no_bytes() -> None:
    """What was not sent stays on betterproto's placeholder, or None where it is optional."""
    for cls in (Scalars, Repeated, Maps, Choice, Numbers, WellKnown, Token):
        message = codec.decode(cls, b"")
        assert snapshot(message) == snapshot(cls().parse(b""))
        for name, entry in metadata(cls).meta_by_field_name.items():
            assert raw(message, name) is (None if entry.optional else PLACEHOLDER)
            assert not message.is_set(name)
        assert betterproto.serialized_on_wire(message)
    assert not any(codec.decode(Optionals, b"").is_set(f"f_{kind}") for kind in ("bool", "message"))


def test_optional_zero_is_set() -> None:
    """A zero that was sent for an optional field is present, and is sent again."""
    data = b"\x08\x00\x38\x00\x7a\x00\x8a\x01\x00"
    message = codec.decode(Optionals, data)
    assert [message.is_set(f"f_{kind}") for kind in ("int32", "bool", "string", "message")] == [
        True
    ] * 4
    assert not message.is_set("f_int64")
    assert codec.encode(message) == data


@pytest.mark.parametrize(
    ("data", "name", "value"),
    [
        (b"\x08\x00", "f_int32", 0),
        (b"\x08\x05\x10\x00", "f_bool", False),
        (b"\x10\x01\x1a\x00", "f_string", ""),
        (b"\x1a\x01x\x3a\x02\x08\x05", "f_message", Scalars(f_int32=5)),
        (b"\x3a\x02\x08\x05\x42\x00", "f_nothing", Nothing()),
        (b"\x3a\x02\x08\x05\x3a\x02\x10\x06", "f_message", Scalars(f_int32=5, f_int64=6)),
        (b"\x3a\x02\x08\x05\x08\x01\x3a\x02\x10\x06", "f_message", Scalars(f_int64=6)),
        (b"\x08\x05\x0d\0\0\0\0", "f_int32", 5),
    ],
)
def test_last_member_of_a_oneof_wins(data: bytes, name: str, value: Any) -> None:
    """One member is set, the others are not; a message is merged only with itself."""
    message = codec.decode(Choice, data)
    assert betterproto.which_one_of(message, "kind") == (name, value)
    assert betterproto.which_one_of(message, "other") == ("", None)
    set_names = [n for n in metadata(Choice).meta_by_field_name if message.is_set(n)]
    assert set_names == [name]
    with pytest.raises(AttributeError):
        _ = message.f_double
    assert google(Choice).FromString(data).WhichOneof("kind") == name


def test_decoding_into_a_message_moves_its_oneof() -> None:
    """Bytes take over a oneof that was set by hand."""
    message = codec.decode_into(Choice(f_string="x", f_sint64=3), b"\x08\x00")
    assert betterproto.which_one_of(message, "kind") == ("f_int32", 0)
    assert raw(message, "f_string") is PLACEHOLDER
    assert betterproto.which_one_of(message, "other") == ("f_sint64", 3)


def test_messages_do_not_share_their_bookkeeping() -> None:
    """Setting a member in one message changes no other of the class, nor the next ones."""
    first, second = codec.decode(Choice, b""), codec.decode(Choice, b"")
    first.f_int32 = 1
    assert betterproto.which_one_of(second, "kind") == ("", None)
    assert betterproto.which_one_of(codec.decode(Choice, b""), "kind") == ("", None)


def test_messages_with_all_defaults_are_there() -> None:
    """A message that is false and has no length is still a message that was sent."""
    tree = codec.decode(Tree, b"\x12\x00\x1a\x00\x2a\x00")
    assert tree.is_set("left")
    assert betterproto.serialized_on_wire(tree.left)
    assert not tree.left
    assert codec.encode(tree) == b"\x12\x00\x1a\x00\x2a\x00"


def test_absent_time_is_not_1970() -> None:
    """A time that was not sent is not set, one that was sent is, and microseconds are cut."""
    assert not codec.decode(WellKnown, b"").is_set("time")
    message = codec.decode(
        WellKnown, delimited(1, b"\x10" + encode_varint(1_999)) + delimited(3, b"")
    )
    assert message.time == EPOCH + timedelta(microseconds=1)
    assert (message.maybe_time, message.time.tzinfo) == (EPOCH, timezone.utc)


@pytest.mark.parametrize("seconds", [-62135596800, -1, 0, 253402300799])
def test_times_of_all_years_are_read(seconds: int) -> None:
    """The whole range of timestamps fits, its ends included."""
    data = delimited(1, b"\x08" + encode_varint(seconds) + b"\x10" + encode_varint(999_999_000))
    message = codec.decode(WellKnown, data)
    assert message.time == EPOCH + timedelta(seconds=seconds, microseconds=999_999)
