"""Decode messages: one table of small functions for each class, found by the tag on the wire.

What such a function, a reader, takes and returns is told in ``scalars``.

No reader looks for the end of the message it is in. A slice past the end of the bytes is short, an
index fails, and `_read_fields` refuses a field that ends after its message. So this is checked
once for a field, and in one place.
"""

# ruff: noqa: ANN401, ARG001  # values can be anything, and all readers take the same arguments

from collections.abc import Callable
from typing import Any, Final, TypeVar

import betterproto

from xai.runtime.codec.fields import (
    CURRENT,
    ON_WIRE,
    UNKNOWN,
    UNSET,
    Field,
    fields_of,
    keeps_books,
    set_values,
    values_of,
)
from xai.runtime.codec.scalars import Members, Reader, State, Values, members_of, scalar_reader
from xai.runtime.codec.times import EPOCH, NO_TIME, span_of, span_parts, time_of, time_parts
from xai.runtime.codec.wire import (
    DELIMITED,
    FIXED,
    MAX_DEPTH,
    PACKABLE,
    STRIDE,
    ZEROS,
    read_short,
    skip,
    unpack_blocks,
    unpack_fixed,
    unpack_varints,
    wire_type,
)

M = TypeVar("M", bound=betterproto.Message)

TOO_DEEP: Final = f"messages are nested more than {MAX_DEPTH} deep"

_new = object.__new__


class _Table:
    """How messages of a class are decoded.

    Args:
        cls: The class.
    """

    __slots__ = ("groups", "readers", "values")

    def __init__(self, cls: type[betterproto.Message]) -> None:
        fields = fields_of(cls)
        #: What reads a field, by its tag.
        self.readers: dict[int, Reader] = {}
        #: The oneofs of a class that keeps books of them, none of which is set.
        self.groups: dict[str, str | None] = {}
        #: The bookkeeping of such a class in a message in which nothing is set, to be copied.
        self.values: Values = {}
        if keeps_books(cls):
            self.groups = {field.group: None for field in fields if field.group}
            self.values = {ON_WIRE: True, UNKNOWN: b"", CURRENT: self.groups}
        for field in fields:
            self.readers.update(_readers(field, fields, books=bool(self.groups)))

    def start(self) -> Values:
        """Return the values of a message in which nothing is set."""
        values = self.values.copy()
        if self.groups:
            values[CURRENT] = self.groups.copy()
        return values


class _Tables(dict[type[betterproto.Message], _Table]):
    """The table of each class, made when it is first asked for.

    Threads that ask at the same time may make one each; they are alike, so any will do, and nobody
    gets one that is half filled. The tables are not attributes of the classes, as a subclass would
    find that of its base.
    """

    def __missing__(self, cls: type[betterproto.Message]) -> _Table:
        table = self[cls] = _Table(cls)
        return table


_TABLES: Final = _Tables()


def read_into(message: betterproto.Message, data: bytes) -> None:
    """Add what is in the bytes to a message."""
    values = values_of(message)
    values[ON_WIRE] = True
    state = State()
    _read_fields(_TABLES[type(message)].readers, values, data, 0, len(data), MAX_DEPTH, state)
    if state.unknown is not None:
        _keep_all(state.unknown)


def read_new(cls: type[M], data: bytes, state: State) -> M:
    """Return a new message with what is in the bytes."""
    # Not cls(): its constructor looks at every field, in Python, to find that none is set.
    message = _new(cls)
    table = _TABLES[cls]
    values = table.start() if table.values else {}
    set_values(message, values)
    _read_fields(table.readers, values, data, 0, len(data), MAX_DEPTH, state)
    if state.unknown is not None:
        _keep_all(state.unknown)
    return message


def _keep_all(found: dict[int, tuple[Values, bytearray]]) -> None:
    for owner, unknown in found.values():
        owner[UNKNOWN] = bytes(unknown)


def _read_fields(  # noqa: C901, PLR0917  # calls and keywords take time, and this is the inner loop
    readers: dict[int, Reader],
    values: Values,
    data: bytes,
    pos: int,
    end: int,
    depth: int,
    state: State,
) -> None:
    if depth < 0:
        raise ValueError(TOO_DEEP)
    unknown: bytes | bytearray = b""
    while pos < end:
        stop = end
        if end - pos > STRIDE:
            stop = pos + STRIDE
            if state.check is not None:
                state.check()
        while pos < stop:
            start = pos
            tag = data[pos]
            pos += 1
            if tag > 127:
                tag, pos = read_short(data, pos, tag)
            try:
                # An exact dict, looked up without a method: this is done for every field.
                read = readers[tag]
            except KeyError:
                pos = _skip_unknown(readers, data, start, stop, depth, state)
                if unknown:
                    if type(unknown) is bytes:
                        unknown = bytearray(unknown)
                    unknown += data[start:pos]
                else:
                    unknown = data[start:pos]
                continue
            pos = read(values, data, pos, depth, state)
    if pos > end:
        raise ValueError("a field ends after its message")
    if unknown:
        _keep(values, unknown, state)


def _skip_unknown(  # noqa: PLR0917  # as `_read_fields`
    readers: dict[int, Reader], data: bytes, pos: int, stop: int, depth: int, state: State
) -> int:
    """Return the position after all unknown fields that follow each other."""
    while pos < stop:
        start = pos
        tag = data[pos]
        pos += 1
        if tag > 127:
            tag, pos = read_short(data, pos, tag)
        if tag in readers:
            return start
        pos = skip(data, pos, tag, depth, state.check)
    return pos


def _keep(values: Values, unknown: bytes | bytearray, state: State) -> None:
    # Not by += every time: what is unknown of a sub-message that comes in a million parts would
    # be copied a million times.
    before = values.get(UNKNOWN)
    if before:
        if state.unknown is None:
            state.unknown = {}
        state.unknown.setdefault(id(values), (values, bytearray(before)))[1].extend(unknown)
    else:
        values[UNKNOWN] = bytes(unknown)


def _readers(field: Field, fields: list[Field], *, books: bool = False) -> dict[int, Reader]:
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
        read = _member_reader(field, fields, read, books=books)
    return {tag | wire_type(field.kind): read}


def _value_reader(field: Field) -> Reader:
    """Return the reader of a field with one value, without regard to oneofs."""
    if field.kind == "message":
        return _message_reader(field.name, field.cls)
    if field.kind == "wrapper":
        return _wrapper_reader(field.name, field.wraps)
    if field.kind in ("timestamp", "duration"):
        return _time_reader(field.name, field.kind, explicit=field.explicit)
    return scalar_reader(field.name, field.kind, field.cls)


def _message_reader(name: str, cls: type[betterproto.Message]) -> Reader:
    def read(values: Values, data: bytes, pos: int, depth: int, state: State) -> int:
        size = data[pos]
        pos += 1
        if size > 127:
            size, pos = read_short(data, pos, size)
        end = pos + size
        table = _TABLES[cls]
        message = values.get(name)
        if message is UNSET or message is None:
            values[name] = message = _new(cls)
            inner = table.start() if table.values else {}
            set_values(message, inner)
            _read_fields(table.readers, inner, data, pos, end, depth - 1, state)
            if len(inner) < 2:
                state.room -= 1
                if state.room < 0:
                    state.overflow()
            if size < state.small:
                state.weigh(inner, size)
        else:
            # The parts of a message are merged.
            inner = values_of(message)
            inner[ON_WIRE] = True
            _read_fields(table.readers, inner, data, pos, end, depth - 1, state)
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

    def read(values: Values, data: bytes, pos: int, depth: int, state: State) -> int:
        size = data[pos]
        pos += 1
        if size > 127:
            size, pos = read_short(data, pos, size)
        end = pos + size
        scratch = start(values)
        _read_fields(readers, scratch, data, pos, end, depth - 1, state)
        finish(values, scratch)
        return end

    return read


def _wrapper_reader(name: str, wraps: str) -> Reader:
    zero = ZEROS[wraps]

    def start(values: Values) -> Values:
        before = values.get(name)
        return {"value": zero if before is UNSET or before is None else before}

    def finish(values: Values, scratch: Values) -> None:
        values[name] = scratch["value"]

    inner = Field("value", 1, wraps)
    return _scratch_reader(_readers(inner, []), start, finish)


def _time_reader(name: str, kind: str, *, explicit: bool) -> Reader:
    parts_of: Callable[[Any], tuple[int, int]] = span_parts if kind == "duration" else time_parts
    make: Callable[[int, int], Any] = span_of if kind == "duration" else time_of
    default = NO_TIME if kind == "duration" else EPOCH

    readers = _readers(Field("seconds", 1, "int64"), [])
    readers.update(_readers(Field("nanos", 2, "int32"), []))

    # As `_scratch_reader`, in one: nearly every message has a time.
    def read(values: Values, data: bytes, pos: int, depth: int, state: State) -> int:
        size = data[pos]
        pos += 1
        if size > 127:
            size, pos = read_short(data, pos, size)
        end = pos + size
        before = values.get(name)
        scratch = {"seconds": 0, "nanos": 0}
        if before is not UNSET and before is not None:
            # The second part of a message that was split.
            scratch["seconds"], scratch["nanos"] = parts_of(before)
        _read_fields(readers, scratch, data, pos, end, depth - 1, state)
        seconds, nanos = scratch["seconds"], scratch["nanos"]
        # Where a zero can't be taken for a default that nobody sent, all share one.
        zero = explicit and seconds == nanos == 0
        values[name] = default if zero else make(seconds, nanos)
        return end

    return read


def _map_reader(field: Field) -> Reader:
    name, kind, cls = field.name, field.kind, field.cls
    key_zero = ZEROS[field.key]

    def start(_: Values) -> Values:
        return {"key": key_zero}

    def finish(values: Values, scratch: Values) -> None:
        entries = values.get(name)
        if entries is UNSET or entries is None:
            entries = values[name] = {}
        value = scratch.get("value", UNSET)
        entries[scratch["key"]] = _absent(kind, cls) if value is UNSET else value

    inner = _readers(Field("key", 1, field.key), [])
    inner.update(_readers(Field("value", 2, kind, cls), []))
    return _scratch_reader(inner, start, finish)


def _absent(kind: str, cls: Any) -> Any:
    """Return what the value of an entry of a map is when only its key was sent."""
    if kind == "enum":
        return cls.try_value(0)
    if kind in ("timestamp", "duration"):
        return EPOCH if kind == "timestamp" else NO_TIME
    if kind in ZEROS:
        return ZEROS[kind]
    message = _new(cls)
    values = _TABLES[cls].start()
    if values:
        set_values(message, values)
    return message


def _items_reader(field: Field) -> Reader:
    """Return the reader of one item of a list."""
    name = field.name
    if field.kind == "message":
        return _messages_reader(name, field.cls)
    read_item = _value_reader(
        Field("item", 0, field.kind, field.cls, explicit=True, wraps=field.wraps)
    )

    def read(values: Values, data: bytes, pos: int, depth: int, state: State) -> int:
        item: Values = {}
        pos = read_item(item, data, pos, depth, state)
        items = values.get(name)
        if items is UNSET or items is None:
            values[name] = [item["item"]]
        else:
            items.append(item["item"])
        return pos

    return read


def _messages_reader(  # noqa: C901  # as `_read_fields`
    name: str, cls: type[betterproto.Message]
) -> Reader:
    """Return the reader of one message of a list: like any other item, but faster."""

    def read(values: Values, data: bytes, pos: int, depth: int, state: State) -> int:
        size = data[pos]
        pos += 1
        if size > 127:
            size, pos = read_short(data, pos, size)
        end = pos + size
        table = _TABLES[cls]
        message = _new(cls)
        if size or table.values:
            inner = table.start() if table.values else {}
            _read_fields(table.readers, inner, data, pos, end, depth - 1, state)
            set_values(message, inner)
            if len(inner) < 2:
                state.room -= 1
                if state.room < 0:
                    state.overflow()
            if size < state.small:
                state.weigh(inner, size)
        elif depth < 1:
            raise ValueError(TOO_DEEP)
        else:
            # Without a dict of its own, until someone sets a field.
            state.room -= 1
            if state.room < 0:
                state.overflow()
        if name in values:
            messages = values[name]
            if messages is not UNSET and messages is not None:
                messages.append(message)
                return end
        values[name] = [message]
        return end

    return read


def _packed_reader(field: Field) -> Reader:
    """Return the reader of many items of a list that share a tag and a length."""
    name, kind = field.name, field.kind
    letter = FIXED.get(kind)
    members: Members | None = members_of(field.cls) if kind == "enum" else None

    def read(values: Values, data: bytes, pos: int, depth: int, state: State) -> int:
        size = data[pos]
        pos += 1
        if size > 127:
            size, pos = read_short(data, pos, size)
        end = pos + size
        chunk = data[pos:end]
        items: list[Any] | None = values.get(name)
        if items is UNSET or items is None:
            items = values[name] = []
        if size > STRIDE:
            _read_many(items, chunk, kind, members, state)
            return end
        found = unpack_fixed(chunk, letter) if letter else unpack_varints(chunk, kind)
        # They may come in several parts.
        items += found if members is None else map(members.__getitem__, found)
        return end

    return read


def _read_many(
    items: list[Any], chunk: bytes, kind: str, members: Members | None, state: State
) -> None:
    for found in unpack_blocks(chunk, kind):
        if members is None:
            items += found
        else:
            made = members.made
            items += map(members.__getitem__, found)
            state.room -= members.made - made
            if state.room < 0:
                state.overflow()
        if state.check is not None:
            state.check()


def _member_reader(field: Field, fields: list[Field], read_value: Reader, *, books: bool) -> Reader:
    """Return a reader that makes its field the one of its oneof that is set."""
    name, group = field.name, field.group
    others = [other.name for other in fields if other.group == group and other is not field]

    def read(values: Values, data: bytes, pos: int, depth: int, state: State) -> int:
        if (
            name not in values
            or values[name] is UNSET
            or (books and values[CURRENT][group] != name)
        ):
            for other in others:
                if other in values:
                    before = values.pop(other)
                    if isinstance(before, betterproto.Message) and len(values_of(before)) < 2:
                        state.room += 1
            if books:
                values[CURRENT][group] = name
        return read_value(values, data, pos, depth, state)

    return read
