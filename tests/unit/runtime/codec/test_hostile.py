"""Bytes that were made to take time and memory: both grow with their number, and are bounded."""

import gc
import itertools
import tracemalloc
from collections.abc import Callable
from typing import Any

import betterproto
import pytest
from betterproto import encode_varint

from tests.unit.runtime.codec.codec_support import delimited
from tests.unit.runtime.codec.kitchen_sink import (
    Choice,
    Color,
    Maps,
    Nothing,
    Repeated,
    Scalars,
    Tree,
    WellKnown,
)
from xai.proto.xai_api.models import ListLanguageModelsResponse
from xai.runtime.codec import api as codec
from xai.runtime.codec import scalars
from xai.runtime.codec.scalars import ROOM, Members

#: How many bytes each case has: enough to be decoded with checks, and for memory to be theirs.
SIZE = 2**17
#: The same for those that are refused.
LARGE = 3 * 2**18
#: What the bytes may become, and what decoding may need on its way there.
TIMES = 20


def repeated(unit: bytes, size: int = SIZE) -> bytes:
    """Return something over and over."""
    return unit * (size // len(unit))


def counted(make: Callable[[int], bytes], size: int = SIZE) -> bytes:
    """Return something for one number after the other."""
    found = bytearray()
    for number in itertools.count():
        found += make(number)
        if len(found) > size:
            return bytes(found)
    raise AssertionError


def chain() -> bytes:
    """Return messages nested as deep as is allowed, over and over."""
    data = b""
    for _ in range(98):
        data = delimited(2, data)
    return repeated(delimited(3, data), LARGE)


PACKED = {
    f"packed {kind}": (Repeated, lambda number=number, unit=unit: delimited(number, repeated(unit)))
    for kind, number, unit in [
        ("int32", 1, b"\x80\x01"),
        ("int32 of one byte", 1, b"\x05"),
        ("int32 of three bytes", 1, b"\x80\x80\x01"),
        ("int32, negative", 1, b"\xff" * 9 + b"\x01"),
        ("int64", 2, b"\xff\x7f"),
        ("uint32", 3, b"\x80\x01"),
        ("uint64", 4, b"\xff" * 9 + b"\x01"),
        ("sint32", 5, b"\xff\x01"),
        ("sint64", 6, b"\x81\x01"),
        ("bool", 7, b"\x01"),
        ("bool of two bytes", 7, b"\x81\x01"),
        ("enum", 8, b"\x63"),
        ("enum of two bytes", 8, b"\x80\x01"),
        ("enum, negative", 8, b"\xff" * 9 + b"\x01"),
        ("fixed32", 9, b"\x01\x02\x03\x04"),
        ("fixed64", 10, b"\x01\x02\x03\x04" * 2),
        ("sfixed32", 11, b"\x01\x02\x03\xff"),
        ("sfixed64", 12, b"\x01\x02\x03\xff" * 2),
        ("float", 13, b"\x01\x02\x03\x04"),
        ("double", 14, b"\x01\x02\x03\x04" * 2),
    ]
}
CASES: dict[str, tuple[type[betterproto.Message], Callable[[], bytes]]] = {
    **PACKED,
    "enum numbers one by one": (Repeated, lambda: repeated(b"\x40\x63")),
    "numbers one by one": (Repeated, lambda: repeated(b"\x08\x05")),
    "empty strings": (Repeated, lambda: repeated(b"\x7a\x00")),
    "empty bytes": (Repeated, lambda: repeated(b"\x82\x01\x00")),
    "short strings": (Repeated, lambda: counted(lambda n: b"\x7a\x03" + b"%03d" % (n % 1000))),
    "entries without anything": (Maps, lambda: repeated(b"\x0a\x00")),
    "entries of numbers": (
        Maps,
        lambda: counted(lambda number: delimited(3, b"\x08" + encode_varint(number))),
    ),
    "times": (WellKnown, lambda: repeated(b"\x22\x02\x08\x01")),
    "empty times": (WellKnown, lambda: repeated(b"\x22\x00")),
    "empty wrappers": (WellKnown, lambda: repeated(b"\xea\x01\x00")),
    "parts of a message": (Tree, lambda: repeated(b"\x12\x02\x08\x01")),
    "empty parts of a message": (Tree, lambda: repeated(b"\x12\x00")),
    "parts of a message with unknown fields": (Tree, lambda: repeated(b"\x12\x03\xf8\x01\x01")),
    "members of a oneof in turn": (Choice, lambda: repeated(b"\x08\x01\x10\x01")),
    "messages of a oneof in turn": (Choice, lambda: repeated(b"\x3a\x00\x42\x00")),
    "one field again and again": (Scalars, lambda: repeated(b"\x08\x01")),
    "unknown fields": (Nothing, lambda: repeated(b"\x08\x01")),
    "unknown fields among others": (Scalars, lambda: repeated(b"\x08\x01\xf8\x07\x01")),
    "unknown groups": (Nothing, lambda: repeated(b"\x0b\x0c")),
    "a long unknown group": (Nothing, lambda: b"\x0b" + repeated(b"\x08\x01") + b"\x0c"),
    "groups in an unknown group": (Nothing, lambda: b"\x0b" + repeated(b"\x13\x14") + b"\x0c"),
}
#: What is bounded by being refused, and how often.
REFUSED: dict[str, tuple[type[betterproto.Message], Callable[[], bytes]]] = {
    "empty messages": (Repeated, lambda: repeated(b"\x92\x01\x00", LARGE)),
    "messages of one field": (Tree, lambda: repeated(b"\x1a\x02\x08\x01", LARGE)),
    "messages in messages": (Tree, chain),
    "each enum number once": (
        Repeated,
        lambda: delimited(8, counted(lambda number: encode_varint(number + 2_000_000), LARGE)),
    ),
}


class Checks:
    """Counts how often decoding could have been stopped."""

    count = 0

    def __call__(self) -> None:
        """Count."""
        self.count += 1


@pytest.mark.parametrize("name", CASES)
def test_memory_is_at_most_twenty_times_the_bytes(name: str) -> None:
    """What is decoded and what is needed meanwhile, together; and every few thousand fields."""
    cls, make = CASES[name]
    data, checks = make(), Checks()
    # The tables of the classes, which are made once.
    codec.decode(cls, data, checks)
    checks.count = 0
    gc.collect()
    tracemalloc.start()
    try:
        message = codec.decode(cls, data, checks)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < TIMES * len(data)
    assert checks.count >= len(data) // (2 * codec.STRIDE)
    assert type(message) is cls


class StoppedError(Exception):
    """The check said so."""


@pytest.mark.parametrize("name", [*CASES, *REFUSED])
def test_decoding_stops_when_the_check_says_so(name: str) -> None:
    """Its error comes out as it is."""
    cls, make = {**CASES, **REFUSED}[name]

    def check() -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        codec.decode(cls, make(), check)


@pytest.mark.parametrize("name", REFUSED)
def test_too_many_messages_that_are_nearly_empty_are_refused(name: str) -> None:
    """With a text that names the limit; those who decode bytes of their own have none."""
    cls, make = REFUSED[name]
    data = make()
    with pytest.raises(codec.OverflowingError, match=r"^it holds more than 1\d\d,\d\d\d messages"):
        codec.decode(cls, data, Checks())
    assert type(codec.decode(cls, data)) is cls


SMALL = {
    "two numbers": b"\x48\x01\x68\x01",
    "five numbers": b"\x28\x01\x30\x01\x60\x01\x38\x01\x68\x01",
    "six numbers": b"\x28\x01\x30\x01\x60\x01\x38\x01\x68\x01\x48\x01",
    "lists": b"\x5a\x01a\x18\x01\x20\x01",
    "lists and numbers": b"\x5a\x01a\x18\x01\x20\x01\x28\x01\x30\x01\x60\x01\x38\x01\x68\x01",
}


@pytest.mark.parametrize("name", SMALL)
def test_memory_of_small_messages_is_bounded(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond what a long text's tokens take, they may take twenty times their bytes, not more."""
    monkeypatch.setattr(scalars, "MEMORY", 0)
    data = repeated(delimited(1, SMALL[name]))
    with pytest.raises(codec.OverflowingError, match="more than 20 times its bytes of memory"):
        codec.decode(ListLanguageModelsResponse, data, Checks())
    gc.collect()
    tracemalloc.start()
    try:
        with pytest.raises(codec.OverflowingError):
            codec.decode(ListLanguageModelsResponse, data, Checks())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Where the dictionaries of a class have their own keys, which depends on what was decoded
    # before, each takes half as much again.
    assert peak < 1.6 * TIMES * len(data)
    monkeypatch.undo()
    assert codec.decode(ListLanguageModelsResponse, data, Checks()).models


def test_message_of_many_small_messages_is_not_refused() -> None:
    """As a text's tokens are: two messages for each, of which one has a single field."""
    token = delimited(3, b"\x08\x05" + delimited(2, b"\x08\x05"))
    data = token * (2 * ROOM)
    tree = codec.decode(Tree, data, Checks())
    assert len(tree.children) == 2 * ROOM
    some = codec.decode(Repeated, b"\x92\x01\x00" * ROOM, Checks())
    assert len(some.f_nothing) == ROOM
    with pytest.raises(codec.OverflowingError):
        codec.decode(Repeated, b"\x92\x01\x00" * (ROOM + 1), Checks())


def test_members_of_an_enum_without_a_name_are_shared_up_to_a_limit() -> None:
    """The same number is the same object, and nobody can fill the memory with others."""
    twice = codec.decode(Repeated, delimited(8, b"\x63\x63")).f_enum
    again = codec.decode(Scalars, b"\x40\x63").f_enum
    assert twice[0] is twice[1] is again
    assert (again.value, type(again)) == (99, Color)
    members = Members(Color)
    for number in range(1000, 1000 + 3 * Members.SHARED):
        assert members[number] is members[number]
        assert len(members) <= len(Color) + Members.SHARED
    assert members[1] is Color.COLOR_RED


def test_messages_without_a_field_do_not_share_what_is_set_later() -> None:
    """Each of a list of empty messages is a message of its own."""
    tree: Any = codec.decode(Tree, b"\x1a\x00" * 3)
    tree.children[0].value = 5
    assert [child.value for child in tree.children] == [5, 0, 0]
    tree.children[1].children.append(Tree(value=7))
    assert [len(child.children) for child in tree.children] == [0, 1, 0]
    assert codec.encode(tree) == b"\x1a\x02\x08\x05\x1a\x04\x1a\x02\x08\x07\x1a\x00"
