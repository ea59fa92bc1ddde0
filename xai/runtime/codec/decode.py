"""Reading messages: one table of small functions for each class, found by the tag on the wire.

What such a function, a reader, takes and returns is told in ``codec_scalars``.

No reader looks for the end of the message it is in. A slice past the end of the bytes is short, an
index fails, and `_read_fields` refuses a field that ends after its message. So this is checked
once for a field, and in one place.
"""

# ruff: noqa: ANN401, ARG001  # values can be anything, and all readers take the same arguments

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, TypeVar

import betterproto

from xai.runtime.codec.fields import (
    CURRENT,
    EPOCH,
    ON_WIRE,
    UNKNOWN,
    UNSET,
    Field,
    fields_of,
    set_values,
    span_parts,
    time_parts,
    values_of,
)
from xai.runtime.codec.scalars import Pieces, Reader, Values, scalar_reader
from xai.runtime.codec.wire import (
    DELIMITED,
    FIXED,
    MAX_DEPTH,
    PACKABLE,
    ZEROS,
    read_short,
    skip,
    unpack_fixed,
    unpack_varints,
    wire_type,
)

M = TypeVar("M", bound=betterproto.Message)

_new = object.__new__


class _Table:
    """How messages of a class are read.

    Args:
        cls: The class.
    """

    __slots__ = ("groups", "readers", "values")

    def __init__(self, cls: type[betterproto.Message]) -> None:
        fields = fields_of(cls)
        #: What reads a field, by its tag.
        self.readers: dict[int, Reader] = {}
        for field in fields:
            self.readers.update(_readers(field, fields))
        #: The oneofs, none of which is set. Where there are none, all messages of the class may
        #: have this one: it is never written to.
        self.groups: dict[str, str | None] = {f.group: None for f in fields if f.group}
        #: The values of a message in which nothing is set, to be copied.
        self.values: Values = {field.name: field.default for field in fields}
        self.values |= {ON_WIRE: True, UNKNOWN: b"", CURRENT: self.groups}


class _Tables(dict[type[betterproto.Message], _Table]):
    """The table of each class, made when it is first asked for.

    Threads that ask at the same time may make one each; they are alike, so any will do, and nobody
    gets one that is half filled. The tables are not attributes of the classes, as a subclass would
    find that of its base (B17).
    """

    def __missing__(self, cls: type[betterproto.Message]) -> _Table:
        table = self[cls] = _Table(cls)
        return table


_TABLES: Final = _Tables()


def read_into(message: betterproto.Message, data: bytes) -> None:
    """Add what is in the bytes to a message."""
    values = values_of(message)
    values[ON_WIRE] = True
    _read_all(_TABLES[type(message)], values, data)


def read_new(cls: type[M], data: bytes) -> M:
    """Return a new message with what is in the bytes."""
    # Not cls(): its constructor looks at every field, in Python, to find that none is set.
    message = _new(cls)
    table = _TABLES[cls]
    values = table.values.copy()
    if table.groups:
        values[CURRENT] = table.groups.copy()
    set_values(message, values)
    _read_all(table, values, data)
    return message


def _read_all(table: _Table, values: Values, data: bytes) -> None:
    pieces: Pieces = {}
    _read_fields(table.readers, values, data, 0, len(data), MAX_DEPTH, pieces)
    for owner, parts in pieces.values():
        owner[UNKNOWN] = b"".join(parts)


def _read_fields(  # noqa: PLR0917  # keywords take time, and this is the inner loop
    readers: dict[int, Reader],
    values: Values,
    data: bytes,
    pos: int,
    end: int,
    depth: int,
    pieces: Pieces,
) -> None:
    if depth < 0:
        raise ValueError(f"messages are nested more than {MAX_DEPTH} deep")
    unknown: list[bytes] = []
    while pos < end:
        start = pos
        tag = data[pos]
        pos += 1
        if tag > 127:
            tag, pos = read_short(data, pos, tag)
        try:
            # An exact dict, looked up without a method: this is done for every field.
            read = readers[tag]
        except KeyError:
            pos = skip(data, pos, tag, depth)
            unknown.append(data[start:pos])
            continue
        pos = read(values, data, pos, depth, pieces)
    if pos > end:
        raise ValueError("a field ends after its message")
    if unknown:
        _keep(values, unknown, pieces)


def _keep(values: Values, unknown: list[bytes], pieces: Pieces) -> None:
    # Not by += every time: what is unknown of a sub-message that comes in a million pieces would
    # be copied a million times.
    before = values[UNKNOWN]
    if before:
        pieces.setdefault(id(values), (values, [before]))[1].extend(unknown)
    else:
        values[UNKNOWN] = b"".join(unknown)


def _readers(field: Field, fields: list[Field]) -> dict[int, Reader]:
    """Return what reads a field, by its tags."""
    tag = field.number << 3
    if field.key:
        return {tag | DELIMITED: _map_reader(field)}
    if field.repeated:
        readers = {tag | wire_type(field.kind): _items_reader(field)}
        if field.kind in PACKABLE:
            readers[tag | DELIMITED] = _packed_reader(field)
        return readers
    read = _value_reader(field)
    if field.group:
        read = _member_reader(field, fields, read)
    return {tag | wire_type(field.kind): read}


def _value_reader(field: Field) -> Reader:
    """Return the reader of a field with one value, without regard to oneofs."""
    if field.kind == "message":
        return _message_reader(field.name, field.cls)
    if field.kind == "wrapper":
        return _wrapper_reader(field.name, field.wraps)
    if field.kind in ("timestamp", "duration"):
        return _time_reader(field.name, field.kind)
    return scalar_reader(field.name, field.kind, field.cls)


def _message_reader(name: str, cls: type[betterproto.Message]) -> Reader:
    def read(values: Values, data: bytes, pos: int, depth: int, pieces: Pieces) -> int:
        size = data[pos]
        pos += 1
        if size > 127:
            size, pos = read_short(data, pos, size)
        end = pos + size
        table = _TABLES[cls]
        message = values[name]
        if message is UNSET or message is None:
            values[name] = message = _new(cls)
            inner = table.values.copy()
            if table.groups:
                inner[CURRENT] = table.groups.copy()
            set_values(message, inner)
        else:
            # Pieces of a message are merged (B4).
            inner = values_of(message)
            inner[ON_WIRE] = True
        _read_fields(table.readers, inner, data, pos, end, depth - 1, pieces)
        return end

    return read


def _scratch_reader(
    readers: dict[int, Reader],
    start: Callable[[Values], Values],
    finish: Callable[[Values, Values], None],
) -> Reader:
    """Return a reader of messages which Python has other types for.

    Args:
        readers: The readers of its fields.
        start: Makes the values they begin with from those of the message around.
        finish: Stores the result in the message around.
    """

    def read(values: Values, data: bytes, pos: int, depth: int, pieces: Pieces) -> int:
        size = data[pos]
        pos += 1
        if size > 127:
            size, pos = read_short(data, pos, size)
        end = pos + size
        scratch = start(values)
        scratch[UNKNOWN] = b""
        _read_fields(readers, scratch, data, pos, end, depth - 1, pieces)
        finish(values, scratch)
        return end

    return read


def _wrapper_reader(name: str, wraps: str) -> Reader:
    zero = ZEROS[wraps]

    def start(values: Values) -> Values:
        before = values[name]
        return {"value": zero if before is UNSET or before is None else before}

    def finish(values: Values, scratch: Values) -> None:
        values[name] = scratch["value"]

    inner = Field("value", 1, wraps)
    return _scratch_reader(_readers(inner, []), start, finish)


def _time_reader(name: str, kind: str) -> Reader:
    span = kind == "duration"

    def start(values: Values) -> Values:
        before = values[name]
        if before is UNSET or before is None:
            return {"seconds": 0, "nanos": 0}
        # The second piece of a message that was split.
        seconds, nanos = span_parts(before) if span else time_parts(before)
        return {"seconds": seconds, "nanos": nanos}

    def finish(values: Values, scratch: Values) -> None:
        seconds, nanos = scratch["seconds"], scratch["nanos"]
        if span:
            values[name] = timedelta(seconds=seconds, microseconds=nanos / 1000)
        else:
            values[name] = EPOCH + timedelta(seconds=seconds, microseconds=nanos // 1000)

    inner = _readers(Field("seconds", 1, "int64"), [])
    inner.update(_readers(Field("nanos", 2, "int32"), []))
    return _scratch_reader(inner, start, finish)


def _map_reader(field: Field) -> Reader:
    name, kind, cls = field.name, field.kind, field.cls
    key_zero = ZEROS[field.key]

    def start(_: Values) -> Values:
        return {"key": key_zero, "value": UNSET}

    def finish(values: Values, scratch: Values) -> None:
        entries = values[name]
        if entries is UNSET or entries is None:
            entries = values[name] = {}
        value = scratch["value"]
        entries[scratch["key"]] = _absent(kind, cls) if value is UNSET else value

    inner = _readers(Field("key", 1, field.key), [])
    inner.update(_readers(Field("value", 2, kind, cls), []))
    return _scratch_reader(inner, start, finish)


def _absent(kind: str, cls: Any) -> Any:
    """Return what the value of an entry of a map is when only its key was sent."""
    if kind == "enum":
        return cls.try_value(0)
    if kind == "timestamp":
        return EPOCH
    return ZEROS[kind] if kind in ZEROS else cls()


def _items_reader(field: Field) -> Reader:
    """Return the reader of one item of a list."""
    name = field.name
    if field.kind == "message":
        return _messages_reader(name, field.cls)
    read_item = _value_reader(Field("item", 0, field.kind, field.cls, wraps=field.wraps))

    def read(values: Values, data: bytes, pos: int, depth: int, pieces: Pieces) -> int:
        item = {"item": UNSET}
        pos = read_item(item, data, pos, depth, pieces)
        items = values[name]
        if items is UNSET or items is None:
            values[name] = [item["item"]]
        else:
            items.append(item["item"])
        return pos

    return read


def _messages_reader(name: str, cls: type[betterproto.Message]) -> Reader:
    """Return the reader of one message of a list: like any other item, but faster."""

    def read(values: Values, data: bytes, pos: int, depth: int, pieces: Pieces) -> int:
        size = data[pos]
        pos += 1
        if size > 127:
            size, pos = read_short(data, pos, size)
        end = pos + size
        table = _TABLES[cls]
        inner = table.values.copy()
        if table.groups:
            inner[CURRENT] = table.groups.copy()
        _read_fields(table.readers, inner, data, pos, end, depth - 1, pieces)
        message = _new(cls)
        set_values(message, inner)
        messages = values[name]
        if messages is UNSET or messages is None:
            values[name] = [message]
        else:
            messages.append(message)
        return end

    return read


def _packed_reader(field: Field) -> Reader:
    """Return the reader of many items of a list, in one piece."""
    name, kind = field.name, field.kind
    letter = FIXED.get(kind)
    try_value = field.cls.try_value if kind == "enum" else None

    def read(values: Values, data: bytes, pos: int, depth: int, pieces: Pieces) -> int:
        size = data[pos]
        pos += 1
        if size > 127:
            size, pos = read_short(data, pos, size)
        end = pos + size
        chunk = data[pos:end]
        found = unpack_fixed(chunk, letter) if letter else unpack_varints(chunk, kind)
        if try_value:
            found = list(map(try_value, found))
        items = values[name]
        if items is UNSET or items is None:
            values[name] = found
        else:
            # They may come in several pieces (B4).
            items += found
        return end

    return read


def _member_reader(field: Field, fields: list[Field], read_value: Reader) -> Reader:
    """Return a reader that makes its field the one of its oneof that is set."""
    name, group = field.name, field.group
    others = [other.name for other in fields if other.group == group and other is not field]

    def read(values: Values, data: bytes, pos: int, depth: int, pieces: Pieces) -> int:
        current = values[CURRENT]
        if current[group] != name:
            current[group] = name
            for other in others:
                values[other] = UNSET
        return read_value(values, data, pos, depth, pieces)

    return read
