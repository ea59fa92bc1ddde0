"""Reading numbers, strings and bytes: what makes the readers of such fields.

A reader takes the values of the message that is being read, all the bytes, the position after its
tag, how many more levels of nesting there may be, and what is unknown of messages that came in
pieces; it stores what it read and returns the position after it, which may be after the end. Any
ValueError, OverflowError, IndexError or struct.error says that the bytes are malformed.
"""

# ruff: noqa: ANN401, ARG001  # values can be anything, and all readers take the same arguments

import struct
from collections.abc import Callable
from typing import Any, TypeAlias

from xai.runtime.codec.wire import FIXED, MEANINGS, SMALL, read_short, read_varint

Values: TypeAlias = dict[str, Any]
#: By the identity of a message's values: these, and the pieces of its unknown fields.
Pieces: TypeAlias = dict[int, tuple[Values, list[bytes]]]
Reader: TypeAlias = Callable[[Values, bytes, int, int, Pieces], int]


def scalar_reader(name: str, kind: str, cls: Any) -> Reader:
    """Return the reader of a field.

    Args:
        name: What it is called.
        kind: The kind of its value.
        cls: Its class when it is an enum.
    """
    if kind == "enum":
        return _enum_reader(name, cls)
    if kind in MEANINGS:
        return _varint_reader(name, kind)
    if kind in FIXED:
        return _fixed_reader(name, FIXED[kind])
    return _string_reader(name) if kind == "string" else _bytes_reader(name)


def _varint_reader(name: str, kind: str) -> Reader:
    small = SMALL[kind]
    meaning = MEANINGS[kind]

    def read(values: Values, data: bytes, pos: int, depth: int, pieces: Pieces) -> int:
        byte = data[pos]
        pos += 1
        if byte < 128:
            values[name] = small[byte]
            return pos
        value, pos = read_varint(data, pos, byte)
        values[name] = meaning(value)
        return pos

    return read


def _enum_reader(name: str, cls: Any) -> Reader:
    members: dict[int, Any] = cls._value_map_
    meaning = MEANINGS["enum"]

    def read(values: Values, data: bytes, pos: int, depth: int, pieces: Pieces) -> int:
        value = data[pos]
        pos += 1
        if value > 127:
            value, pos = read_varint(data, pos, value)
            value = meaning(value)
        member = members.get(value)
        # A number without a name is kept as well.
        values[name] = cls.try_value(value) if member is None else member
        return pos

    return read


def _fixed_reader(name: str, letter: str) -> Reader:
    form = struct.Struct(f"<{letter}")
    unpack, size = form.unpack_from, form.size

    def read(values: Values, data: bytes, pos: int, depth: int, pieces: Pieces) -> int:
        (values[name],) = unpack(data, pos)
        return pos + size

    return read


def _string_reader(name: str) -> Reader:
    def read(values: Values, data: bytes, pos: int, depth: int, pieces: Pieces) -> int:
        size = data[pos]
        pos += 1
        if size > 127:
            size, pos = read_short(data, pos, size)
        end = pos + size
        values[name] = data[pos:end].decode()
        return end

    return read


def _bytes_reader(name: str) -> Reader:
    def read(values: Values, data: bytes, pos: int, depth: int, pieces: Pieces) -> int:
        size = data[pos]
        pos += 1
        if size > 127:
            size, pos = read_short(data, pos, size)
        end = pos + size
        values[name] = data[pos:end]
        return end

    return read
