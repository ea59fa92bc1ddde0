"""The parts of the wire format: varints, numbers, packed numbers, fields to be left out.

What is malformed raises ValueError or IndexError. A position that is returned may be after the end
of the bytes; it is up to the caller to notice.
"""

import contextlib
import functools
import sys
from array import array
from collections.abc import Callable, Iterator, Sequence
from operator import index
from typing import Any, Final, TypeAlias

# The last three bits of a tag.
VARINT: Final = 0
FIXED64: Final = 1
DELIMITED: Final = 2
GROUP: Final = 3
GROUP_END: Final = 4
FIXED32: Final = 5

#: Called while something long is decoded; raises to stop it.
Check: TypeAlias = Callable[[], None]
#: After how many bytes that happens: a few thousand fields, or a few milliseconds.
STRIDE: Final = 1 << 15

#: How deep messages may be nested in each other, as in Google's implementations.
MAX_DEPTH: Final = 100

#: The lowest and the highest value of the kinds that are sent as varints.
INTEGERS: Final = {
    "int32": (-(1 << 31), (1 << 31) - 1),
    "int64": (-(1 << 63), (1 << 63) - 1),
    "uint32": (0, (1 << 32) - 1),
    "uint64": (0, (1 << 64) - 1),
    "sint32": (-(1 << 31), (1 << 31) - 1),
    "sint64": (-(1 << 63), (1 << 63) - 1),
    "enum": (-(1 << 31), (1 << 31) - 1),
}

#: The kinds of fixed width: the letter that `struct` and `array` have for them.
FIXED: Final = {
    "fixed32": "I",
    "sfixed32": "i",
    "float": "f",
    "fixed64": "Q",
    "sfixed64": "q",
    "double": "d",
}

#: Kinds of which many may share one tag and one length.
PACKABLE: Final = frozenset({*INTEGERS, *FIXED, "bool"})

#: What an unset field means; the other kinds are messages in one way or another.
ZEROS: Final[dict[str, Any]] = {
    **dict.fromkeys(INTEGERS, 0),
    **dict.fromkeys(FIXED, 0),
    "float": 0.0,
    "double": 0.0,
    "bool": False,
    "string": "",
    "bytes": b"",
}


def wire_type(kind: str) -> int:
    """Return the wire type of a kind of field."""
    if kind in FIXED:
        return FIXED64 if kind in ("fixed64", "sfixed64", "double") else FIXED32
    return VARINT if kind in PACKABLE else DELIMITED


def add_varint(out: bytearray, value: int) -> None:
    """Add a number of up to 64 bits as a varint; a negative one is sent as its complement."""
    value &= 0xFFFFFFFFFFFFFFFF
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)


def varint(value: int) -> bytes:
    """Return what `add_varint` adds."""
    out = bytearray()
    add_varint(out, value)
    return bytes(out)


def read_varint(data: bytes, pos: int, first: int) -> tuple[int, int]:
    """Read the rest of a varint after its first byte; return it and the position after it.

    It may have more than 64 bits by what is in its tenth byte; its meaning leaves them out.
    """
    value = first & 127
    for shift in (7, 14, 21, 28, 35, 42, 49, 56, 63):
        byte = data[pos]
        pos += 1
        if byte < 128:
            return value | byte << shift, pos
        value |= (byte & 127) << shift
    raise ValueError("a varint has more than 10 bytes")


def read_short(data: bytes, pos: int, first: int) -> tuple[int, int]:
    """Read the rest of a tag or of a length, which have up to 32 bits; as `read_varint`."""
    value = first & 127
    for shift in (7, 14, 21, 28):
        byte = data[pos]
        pos += 1
        if byte < 128:
            value |= byte << shift
            if value >> 32:
                break
            return value, pos
        value |= (byte & 127) << shift
    raise ValueError("a tag or a length has more than 32 bits")


def skip(data: bytes, pos: int, tag: int, depth: int, check: Check | None = None) -> int:
    """Return the position after a field, for one that is unknown or not in the form expected.

    Args:
        data: All the bytes.
        pos: The position after the tag.
        tag: The tag.
        depth: How deep groups may be nested in it.
        check: Called now and then within a long group.
    """
    if tag < 8:
        raise ValueError("a field has the number 0")
    kind = tag & 7
    if kind == VARINT:
        byte = data[pos]
        return read_varint(data, pos + 1, byte)[1] if byte > 127 else pos + 1
    if kind == DELIMITED:
        size = data[pos]
        pos += 1
        if size > 127:
            size, pos = read_short(data, pos, size)
        return pos + size
    if kind == FIXED64:
        return pos + 8
    if kind == FIXED32:
        return pos + 4
    if kind == GROUP:
        return _skip_group(data, pos, tag - GROUP + GROUP_END, depth - 1, check)
    raise ValueError("a group ends that did not begin, or there is no such wire type")


def _skip_group(data: bytes, pos: int, last: int, depth: int, check: Check | None) -> int:
    if depth < 0:
        raise ValueError(f"groups are nested more than {MAX_DEPTH} deep")
    next_check = pos + STRIDE
    while True:
        tag = data[pos]
        pos += 1
        if tag > 127:
            tag, pos = read_short(data, pos, tag)
        if tag == last:
            return pos
        pos = skip(data, pos, tag, depth, check)
        if pos > next_check:
            next_check = pos + STRIDE
            if check is not None:
                check()


def _int32(value: int) -> int:
    return ((value & 0xFFFFFFFF) ^ 0x80000000) - 0x80000000


def _int64(value: int) -> int:
    return ((value & 0xFFFFFFFFFFFFFFFF) ^ 0x8000000000000000) - 0x8000000000000000


def _sint32(value: int) -> int:
    value &= 0xFFFFFFFF
    return value >> 1 ^ -(value & 1)


def _sint64(value: int) -> int:
    value &= 0xFFFFFFFFFFFFFFFF
    return value >> 1 ^ -(value & 1)


def _bool(value: int) -> bool:
    return value & 0xFFFFFFFFFFFFFFFF != 0


#: What a varint means. What has too many bits for its kind is cut, as in Google's readers.
MEANINGS: Final[dict[str, Callable[[int], Any]]] = {
    "int32": _int32,
    "int64": _int64,
    "uint32": (0xFFFFFFFF).__and__,
    "uint64": (0xFFFFFFFFFFFFFFFF).__and__,
    "sint32": _sint32,
    "sint64": _sint64,
    "enum": _int32,
    "bool": _bool,
}

#: The meanings of the varints of one byte, which are most: a look-up is faster than a call.
SMALL: Final = {kind: tuple(map(meaning, range(128))) for kind, meaning in MEANINGS.items()}


def unpack_varints(chunk: bytes, kind: str) -> list[Any]:
    """Return packed numbers of a kind that is sent as varints."""
    plain = kind not in ("bool", "sint32", "sint64")
    if chunk.isascii():
        # No byte has its highest bit set, so each is a number of its own: no loop in Python.
        return list(chunk) if plain else list(map(SMALL[kind].__getitem__, chunk))
    numbers: list[Any] = []
    append = numbers.append
    value = shift = 0
    for byte in chunk:
        if byte > 127:
            value |= (byte & 127) << shift
            shift += 7
            if shift > 63:
                raise ValueError("a varint has more than 10 bytes")
        elif shift:
            append(value | byte << shift)
            value = shift = 0
        else:
            append(byte)
    if shift:
        raise IndexError("a varint is cut off")
    if not plain or max(numbers) > INTEGERS[kind][1]:
        return list(map(MEANINGS[kind], numbers))
    return numbers


def unpack_blocks(chunk: bytes, kind: str) -> Iterator[list[Any]]:
    """Yield very many packed numbers, a few thousand at a time."""
    letter = FIXED.get(kind)
    start, size = 0, len(chunk)
    while start < size:
        end = start + STRIDE
        if letter is None:
            while end < size and chunk[end - 1] > 127:
                # Not between the bytes of a number.
                end += 1
        block = chunk[start:end]
        yield unpack_fixed(block, letter) if letter else unpack_shared(block, kind)
        start = end


@functools.cache
def _two_byte_numbers(kind: str) -> list[Any]:
    return list(map(MEANINGS[kind], range(1 << 14)))


def unpack_shared(chunk: bytes, kind: str) -> list[Any]:
    """Return packed numbers; equal ones of one or two bytes are the same object.

    Python shares those below 257 only; each other one takes 20 times its two bytes. This takes a
    little longer than `unpack_varints`.
    """
    one, two, meaning = SMALL[kind], _two_byte_numbers(kind), MEANINGS[kind]
    if chunk.isascii():
        return list(map(one.__getitem__, chunk))
    numbers: list[Any] = []
    append = numbers.append
    value = shift = 0
    for byte in chunk:
        if byte > 127:
            value |= (byte & 127) << shift
            shift += 7
            if shift > 63:
                raise ValueError("a varint has more than 10 bytes")
        elif shift:
            value |= byte << shift
            append(two[value] if shift == 7 else meaning(value))
            value = shift = 0
        else:
            append(one[byte])
    if shift:
        raise IndexError("a varint is cut off")
    return numbers


def unpack_fixed(chunk: bytes, letter: str) -> list[Any]:
    """Return packed numbers of fixed width; the letter is one of `array`."""
    # A list is made by one call, from any number of them.
    numbers: array[Any] = array(letter, chunk)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tolist()


def pack_varints(numbers: Sequence[Any], kind: str) -> bytes | bytearray:
    """Return numbers of a kind that is sent as varints, at least one, all at once."""
    if kind == "bool":
        return bytes(map(bool, map(index, numbers)))
    zigzag = kind in ("sint32", "sint64")
    if not zigzag:
        with contextlib.suppress(ValueError):  # one is below 0 or above 255
            short = bytes(numbers)
            if short.isascii():
                # Each number is a byte of its own: no loop in Python.
                return short
    low, high = INTEGERS[kind]
    if min(numbers) < low or max(numbers) > high:
        raise OverflowError(f"a number is out of the range of {kind}")
    out = bytearray()
    append = out.append
    for number in map(index, numbers):
        rest = number << 1 ^ number >> 63 if zigzag else number & 0xFFFFFFFFFFFFFFFF
        while rest > 127:
            append(rest & 127 | 128)
            rest >>= 7
        append(rest)
    return out
