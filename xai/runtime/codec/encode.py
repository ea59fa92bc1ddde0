"""Encode messages: one table of small functions for each class, in the order of the numbers.

A writer takes the bytes so far, a value, and how many more levels of nesting there may be; it adds
the whole field, or nothing for a zero that needs no sending. A value that does not fit makes it
raise TypeError, ValueError or OverflowError, which `_write_fields` turns into a text with the name
of the field.

Values are taken from an instance's ``__dict__``: reading attributes would put defaults in it.
"""

# ruff: noqa: ANN401, ARG001, FBT001  # values can be anything, writers take the same arguments

import struct
from collections.abc import Callable, Sequence
from datetime import timedelta
from operator import index, itemgetter
from typing import Any, Final, TypeAlias

import betterproto

from xai.runtime.codec.fields import (
    CURRENT,
    ON_WIRE,
    UNKNOWN,
    UNSET,
    Field,
    fields_of,
    keeps_books,
    values_of,
)
from xai.runtime.codec.times import EPOCH, NO_TIME, Real, span_parts, time_parts
from xai.runtime.codec.wire import (
    DELIMITED,
    FIXED,
    INTEGERS,
    MAX_DEPTH,
    PACKABLE,
    add_varint,
    pack_varints,
    varint,
    wire_type,
)

Values: TypeAlias = dict[str, Any]
Writer: TypeAlias = Callable[[bytearray, Any, int], None]

_first = itemgetter(0)
#: From how many bytes on a value is a part of its own.
_LARGE: Final = 2**14


class _InvalidValueError(Exception):
    """A value does not fit its field; on its way out through the messages around it."""


class _Table:
    """How messages of a class are encoded.

    Args:
        cls: The class.
    """

    __slots__ = ("blobs", "title", "writers")

    def __init__(self, cls: type[betterproto.Message]) -> None:
        self.title = cls.__name__
        books = keeps_books(cls)
        #: The name of a field, the oneof it is in, and what writes it. In classes that keep no
        #: books of oneofs no other member than the current one has a value.
        self.writers = [
            (field.name, field.group if books else None, _writer(field)) for field in fields_of(cls)
        ]
        #: The tags of single fields of bytes, by name.
        self.blobs = {
            field.name: varint(field.number << 3 | DELIMITED)
            for field in fields_of(cls)
            if field.kind == "bytes" and not field.repeated
        }


class _Tables(dict[type[betterproto.Message], _Table]):
    """The table of each class, made when it is first asked for; see the one for reading."""

    def __missing__(self, cls: type[betterproto.Message]) -> _Table:
        table = self[cls] = _Table(cls)
        return table


_TABLES: Final = _Tables()


def write(message: betterproto.Message) -> bytes:
    """Return the bytes of a message."""
    out = bytearray()
    try:
        _write_fields(_TABLES[type(message)], values_of(message), out, MAX_DEPTH)
    except _InvalidValueError as invalid:
        # As TypeError or ValueError, without the levels in between.
        raise invalid.args[0] from invalid.__cause__
    return bytes(out)


def write_parts(message: betterproto.Message) -> tuple[bytes, ...]:
    """Return parts that join to the bytes of a message.

    The one large value of a message, such as a chunk of a file, is a part, and is not copied.
    """
    values = values_of(message)
    if len(values) == 1:
        ((name, value),) = values.items()
        tag = _TABLES[type(message)].blobs.get(name)
        if tag and type(value) is bytes and len(value) >= _LARGE:
            return tag + varint(len(value)), value
    return (write(message),)


def _write_fields(table: _Table, values: Values, out: bytearray, depth: int) -> None:
    name = ""
    try:
        for name, group, write_field in table.writers:
            # Most are not set. Asking takes one step here, and a call as `values.get`.
            if name not in values:
                continue
            value = values[name]
            if value is None or value is UNSET or (group and values[CURRENT][group] != name):
                continue
            write_field(out, value, depth)
    except (TypeError, ValueError, OverflowError) as error:
        # Never with the value, which may be anything a user keeps secret.
        public = TypeError if isinstance(error, TypeError) else ValueError
        raise _InvalidValueError(public(f"{table.title}.{name}: {error}")) from error
    if UNKNOWN in values:
        out += values[UNKNOWN]


def _writer(field: Field) -> Writer:
    if field.key:
        return _map_writer(field)
    if field.repeated:
        return _packed_writer(field) if field.kind in PACKABLE else _items_writer(field)
    return _value_writer(field)


def _value_writer(field: Field) -> Writer:
    """Return the writer of a field with one value."""
    kind, explicit = field.kind, field.explicit
    tag = varint(field.number << 3 | wire_type(kind))
    if kind in INTEGERS:
        return _varint_writer(tag, kind, explicit)
    if kind in FIXED:
        return _fixed_writer(tag, kind, explicit)
    if kind == "message":
        return _message_writer(tag, field.cls, explicit)
    if kind == "wrapper":
        return _wrapper_writer(tag, field.wraps)
    others = {"bool": _bool_writer, "string": _string_writer, "bytes": _bytes_writer}
    return others[kind](tag, explicit) if kind in others else _time_writer(tag, kind, explicit)


def _bool_writer(tag: bytes, explicit: bool) -> Writer:
    def write(out: bytearray, value: Any, depth: int) -> None:
        if index(value):
            out += tag
            out.append(1)
        elif explicit:
            out += tag
            out.append(0)

    return write


def _varint_writer(tag: bytes, kind: str, explicit: bool) -> Writer:
    low, high = INTEGERS[kind]
    zigzag = kind in ("sint32", "sint64")

    def write(out: bytearray, value: Any, depth: int) -> None:
        number = index(value)
        if not low <= number <= high:
            raise OverflowError(f"the number is out of the range of {kind}")
        if zigzag:
            number = number << 1 ^ number >> 63
        if 0 < number < 128:
            out += tag
            out.append(number)
        elif number or explicit:
            out += tag
            add_varint(out, number)

    return write


def _fixed_writer(tag: bytes, kind: str, explicit: bool) -> Writer:
    pack = struct.Struct(f"<{FIXED[kind]}").pack
    # Compared as bytes, as a negative zero must be sent.
    zero = b"" if explicit else pack(0)

    def write(out: bytearray, value: Any, depth: int) -> None:
        try:
            data = pack(value)
        except struct.error:
            raise _invalid([value], kind) from None
        if data != zero:
            out += tag
            out += data

    return write


def _string_writer(tag: bytes, explicit: bool) -> Writer:
    def write(out: bytearray, value: Any, depth: int) -> None:
        if not isinstance(value, str):
            raise TypeError(f"str is expected, not {type(value).__name__}")
        data = value.encode()
        size = len(data)
        if size < 128:
            if size or explicit:
                out += tag
                out.append(size)
                out += data
        else:
            out += tag
            add_varint(out, size)
            out += data

    return write


def _bytes_writer(tag: bytes, explicit: bool) -> Writer:
    def write(out: bytearray, value: Any, depth: int) -> None:
        # Not bytes(value) alone, which takes a number for a length.
        data = value if isinstance(value, bytes) else bytes(memoryview(value))
        size = len(data)
        if size or explicit:
            out += tag
            add_varint(out, size)
            out += data

    return write


def _message_writer(tag: bytes, cls: type[betterproto.Message], explicit: bool) -> Writer:
    def write(out: bytearray, value: Any, depth: int) -> None:
        if not isinstance(value, cls):
            raise TypeError(f"{cls.__name__} is expected, not {type(value).__name__}")
        if depth < 1:
            raise ValueError(f"messages are nested more than {MAX_DEPTH} deep")
        values = values_of(value)
        data = bytearray()
        _write_fields(_TABLES[cls], values, data, depth - 1)
        size = len(data)
        # Without the mark it is a default that was made when someone read the field.
        if size or explicit or ON_WIRE not in values or values[ON_WIRE]:
            out += tag
            if size < 128:
                out.append(size)
            else:
                add_varint(out, size)
            out += data

    return write


def _wrapper_writer(tag: bytes, wraps: str) -> Writer:
    write_value = _value_writer(Field("value", 1, wraps))

    def write(out: bytearray, value: Any, depth: int) -> None:
        data = bytearray()
        # None is an item of a list; elsewhere it is not set.
        if value is not None:
            write_value(data, value, depth)
        out += tag
        add_varint(out, len(data))
        out += data

    return write


def _time_writer(tag: bytes, kind: str, explicit: bool) -> Writer:
    span = kind == "duration"
    parts_of: Callable[[Any], tuple[int, int]] = span_parts if span else time_parts
    default, expected = (NO_TIME, timedelta) if span else (EPOCH, Real.datetime)
    write_seconds = _value_writer(Field("seconds", 1, "int64"))
    write_nanos = _value_writer(Field("nanos", 2, "int32"))

    def write(out: bytearray, value: Any, depth: int) -> None:
        if type(value) is not expected and not isinstance(value, expected):
            raise TypeError(f"{expected.__name__} is expected, not {type(value).__name__}")
        seconds, nanos = parts_of(value)
        data = bytearray()
        write_seconds(data, seconds, depth)
        write_nanos(data, nanos, depth)
        # That very object is what reading an unset field leaves behind.
        if explicit or value is not default:
            out += tag
            out.append(len(data))
            out += data

    return write


def _items_writer(field: Field) -> Writer:
    """Return the writer of a list, one by one."""
    write_item = _value_writer(
        Field(field.name, field.number, field.kind, field.cls, explicit=True, wraps=field.wraps)
    )

    def write(out: bytearray, value: Any, depth: int) -> None:
        for item in _listed(value):
            write_item(out, item, depth)

    return write


def _packed_writer(field: Field) -> Writer:
    """Return the writer of a packed list of numbers."""
    tag = varint(field.number << 3 | DELIMITED)
    kind = field.kind
    letter = FIXED.get(kind)

    def write(out: bytearray, value: Any, depth: int) -> None:
        items = _listed(value)
        if not items:
            return
        data = _pack_fixed(items, kind, letter) if letter else pack_varints(items, kind)
        out += tag
        add_varint(out, len(data))
        out += data

    return write


def _pack_fixed(items: Sequence[Any], kind: str, letter: str) -> bytes:
    try:
        return struct.pack(f"<{len(items)}{letter}", *items)
    except struct.error:
        raise _invalid(items, kind) from None


def _invalid(items: Sequence[Any], kind: str) -> Exception:
    """Return the right error: `struct` has one for wrong types and for numbers out of range."""
    if all(hasattr(item, "__index__") for item in items):
        return OverflowError(f"the number is out of the range of {kind}")
    return TypeError(f"numbers for {kind} are expected")


def _listed(value: Any) -> list[Any] | tuple[Any, ...]:
    if not isinstance(value, (list, tuple)):
        raise TypeError(f"a list is expected, not {type(value).__name__}")
    return value


def _map_writer(field: Field) -> Writer:
    tag = varint(field.number << 3 | DELIMITED)
    write_key = _value_writer(Field("key", 1, field.key, explicit=True))
    write_value = _value_writer(Field("value", 2, field.kind, field.cls, explicit=True))

    def write(out: bytearray, value: Any, depth: int) -> None:
        if not isinstance(value, dict):
            raise TypeError(f"a dict is expected, not {type(value).__name__}")
        # Sorted, so that equal messages have equal bytes.
        for key, entry in sorted(value.items(), key=_first):
            data = bytearray()
            write_key(data, key, depth)
            write_value(data, entry, depth - 1)
            out += tag
            add_varint(out, len(data))
            out += data

    return write
