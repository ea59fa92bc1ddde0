"""Decode numbers, strings and bytes: what makes the readers of such fields.

A reader takes the values of the message that is being decoded, all the bytes, the position after
the field's tag, how many more levels of nesting there may be, and the state of the whole decoding;
it stores the value and returns the position after it, which may be after the end. Any ValueError,
OverflowError, IndexError or struct.error says that the bytes are malformed.
"""

# ruff: noqa: ANN401, ARG001  # values can be anything, and all readers take the same arguments

import struct
import sys
from collections.abc import Callable
from typing import Any, Final, NoReturn, TypeAlias

from xai.runtime.codec.wire import FIXED, MEANINGS, SMALL, Check, read_short, read_varint

Values: TypeAlias = dict[str, Any]

#: How many messages that are nearly empty a reply may hold, however small it is.
ROOM: Final = 100_000
#: A larger reply may hold one for each so many bytes.
ROOM_BYTES: Final = 8
#: A reply may take so many times its bytes of memory,
TIMES: Final = 20
#: or as much as this, in bytes: a text of 400,000 tokens, each of them two messages,
MEMORY: Final = 400_000 * 2 * 270
#: if it has fewer bytes than this.
LARGE: Final = 8 * 2**20
#: Messages of so many bytes, and more, take less than `TIMES` their bytes.
SMALL_MESSAGE: Final = 48
#: About what a message with so many fields takes besides their values, which is what its
#: dictionary does: at most so many fields, so many bytes.
_COSTS: Final = ((5, 270), (10, 430), (21, 720))
_COST_OF_LIST: Final = 100
_COST_OF_MAP: Final = 240


class OverflowingError(Exception):
    """The message would take far more memory than it has bytes; the text says what is too much."""


class State:
    """The state of one decoding.

    Attributes:
        check: Called every few thousand fields; raises to stop.
        limit: How many nearly empty messages there may be.
        room: How many of them there still may be.
        small: Messages of fewer bytes are weighed.
        memory: How many bytes of memory they may still take.
        unknown: The unknown fields of messages that are sent in parts: by the identity of a
            message's values these, and the bytes.
    """

    # As attributes of the class, where most messages leave them: there is one for each decoding.
    check: Check | None = None
    limit = room = sys.maxsize
    small = memory = 0
    unknown: dict[int, tuple[Values, bytearray]] | None = None

    @classmethod
    def bounded(cls, check: Check, size: int) -> "State":
        """Return the state of a decoding that is checked and bounded.

        Args:
            check: Called every few thousand fields; raises to stop.
            size: How many bytes are decoded.
        """
        state = cls()
        state.check = check
        state.limit = state.room = max(ROOM, size // ROOM_BYTES)
        state.small = SMALL_MESSAGE
        state.memory = size * TIMES if size >= LARGE else max(MEMORY, size * TIMES)
        return state

    def overflow(self) -> NoReturn:
        """Raise the error of a message for which there is no room.

        Whoever makes an object that takes much more memory than bytes takes it from the room, and
        calls this when there is none left. It does so itself: there may be one for each byte.

        Raises:
            OverflowingError: Always.
        """
        raise OverflowingError(
            f"it holds more than {self.limit:,} messages with at most one field, or enum"
            " numbers without a name, which would take far more memory than bytes"
        )

    def weigh(self, values: Values, size: int) -> None:
        """Take the memory of a small message into account.

        Args:
            values: Its values.
            size: How many bytes it has.

        Raises:
            OverflowingError: All of them together take too much.
        """
        fields = len(values)
        cost = next((cost for most, cost in _COSTS if fields <= most), 0)
        for value in values.values():
            kind = type(value)
            if kind is list:
                cost += _COST_OF_LIST
            elif kind is dict:
                cost += _COST_OF_MAP
        if cost > TIMES * (size + 2):
            self.memory -= cost
            if self.memory < 0:
                raise OverflowingError(
                    f"its small messages would take more than {TIMES} times its bytes of memory"
                )


Reader: TypeAlias = Callable[[Values, bytes, int, int, State], int]


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

    def read(values: Values, data: bytes, pos: int, depth: int, state: State) -> int:
        byte = data[pos]
        pos += 1
        if byte < 128:
            values[name] = small[byte]
            return pos
        value, pos = read_varint(data, pos, byte)
        values[name] = meaning(value)
        return pos

    return read


class Members(dict[int, Any]):
    """The members of an enum by number, and those without a name that were met lately.

    Args:
        cls: The enum.

    Attributes:
        made: How many without a name were made so far.
    """

    #: How many members without a name are kept at most: all those that two bytes can say.
    SHARED: Final = 1 << 14

    def __init__(self, cls: Any) -> None:
        super().__init__(cls._value_map_)
        self._named = cls._value_map_
        self._make = cls.try_value
        self.made = 0

    def __missing__(self, number: int) -> Any:
        """Make a member without a name."""
        if len(self) >= self.SHARED + len(self._named):
            # Nobody who has sent very many gets in the way of those that come now.
            self.clear()
            self.update(self._named)
        member = self[number] = self._make(number)
        self.made += 1
        return member


_MEMBERS: Final[dict[Any, Members]] = {}


def members_of(cls: Any) -> Members:
    """Return the members of an enum, by number."""
    found = _MEMBERS.get(cls)
    return _MEMBERS.setdefault(cls, Members(cls)) if found is None else found


def _enum_reader(name: str, cls: Any) -> Reader:
    members = members_of(cls)
    meaning = MEANINGS["enum"]

    def read(values: Values, data: bytes, pos: int, depth: int, state: State) -> int:
        value = data[pos]
        pos += 1
        if value > 127:
            value, pos = read_varint(data, pos, value)
            value = meaning(value)
        values[name] = members[value]
        return pos

    return read


def _fixed_reader(name: str, letter: str) -> Reader:
    form = struct.Struct(f"<{letter}")
    unpack, size = form.unpack_from, form.size

    def read(values: Values, data: bytes, pos: int, depth: int, state: State) -> int:
        (values[name],) = unpack(data, pos)
        return pos + size

    return read


def _string_reader(name: str) -> Reader:
    def read(values: Values, data: bytes, pos: int, depth: int, state: State) -> int:
        size = data[pos]
        pos += 1
        if size > 127:
            size, pos = read_short(data, pos, size)
        end = pos + size
        values[name] = data[pos:end].decode()
        return end

    return read


def _bytes_reader(name: str) -> Reader:
    def read(values: Values, data: bytes, pos: int, depth: int, state: State) -> int:
        size = data[pos]
        pos += 1
        if size > 127:
            size, pos = read_short(data, pos, size)
        end = pos + size
        values[name] = data[pos:end]
        return end

    return read
