"""Header blocks: those of requests, written without an encoder, and those of responses.

A request's headers hardly change from call to call, so they are encoded once (RFC 7541); a server
that keeps to its compression table sends the same few bytes with each response, so the last few
blocks are remembered.
"""

from typing import TYPE_CHECKING, Final

from xai.runtime.http2.internals import CompressionTable, HPACKError, decode_huffman

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

RawHeaders = list[tuple[bytes, bytes]]

#: The size of a compression table before SETTINGS change it, in bytes; ours is never larger.
TABLE_BYTES: Final = 4096

# RFC 7541, appendix A: whole fields of the static table.
_METHOD_POST: Final = b"\x83"
_SCHEMES: Final = {"http": b"\x86", "https": b"\x87"}
#: RFC 7541, section 6.2.3: a literal that no table on the way may keep, with a name of its own.
_NEVER_INDEXED: Final = b"\x10"
#: Section 6.2.1: one that goes into the table.
_INDEXED: Final = b"\x40"
#: Section 6.3: the prefix of a dynamic table size update, and the bits of its number.
_SIZE_UPDATE: Final = 0x20
_SIZE_UPDATE_BITS: Final = 5
_LENGTH_BITS: Final = 7
#: Section 2.3.3: the number of the newest entry.
_FIRST_DYNAMIC: Final = 62
#: RFC 9113, section 6.5.2: what each field counts in addition to its bytes.
_FIELD_BYTES: Final = 32
#: The largest header list that is taken, and the largest whose block is read to its end so that
#: the connection stays of use. In bytes.
LIST_BYTES: Final = 64 * 1024
_BOMB_BYTES: Final = 4 * 2**20
#: Numbers up to 2**35: far more than any length or size here.
_LONGEST_SHIFT: Final = 28

#: How many header blocks are remembered, and how long one of them may be.
_REMEMBERED: Final = 32
_REMEMBERED_BYTES: Final = 512


class CommonFields:
    """The header fields that all requests of a channel share, around the path.

    Each form is a pair, what stands before the path and what follows it: pseudo-headers come
    first. A connection's first request puts the fields into the server's compression table, those
    after it refer to them there; the plain form does without a table.

    Args:
        scheme: ``http`` or ``https``.
        authority: The host, with its port.
        constant: The other headers, in order.
    """

    __slots__ = ("first", "later", "plain")

    def __init__(self, scheme: str, authority: str, constant: "Sequence[tuple[str, str]]") -> None:
        head = _METHOD_POST + _SCHEMES[scheme]
        target = ((":authority", authority),)
        self.plain = head + fields(target), fields(constant)
        self.first = head + _fields(target, _INDEXED), _fields(constant, _INDEXED)
        # RFC 7541, section 2.3.3: the newest entry has the lowest number.
        newest = range(_FIRST_DYNAMIC + len(constant), _FIRST_DYNAMIC - 1, -1)
        numbers = bytes(0x80 | number for number in newest)
        self.later = head + numbers[:1], numbers[1:]


class RequestEncoder:
    """Writes the header blocks of the requests of one connection.

    Args:
        common: The fields that all of them share.
    """

    __slots__ = ("_common", "_form", "_size", "_smallest")

    def __init__(self, common: CommonFields) -> None:
        self._common = common
        self._form = common.first
        self._size = TABLE_BYTES
        self._smallest: int | None = None

    def resize(self, limit: int) -> None:
        """Take the server's SETTINGS_HEADER_TABLE_SIZE.

        However often it changes before the next header block, that one says only what was the
        smallest size and what is the last one (RFC 7541, section 4.2).

        Args:
            limit: How large the server lets the table be, in bytes.
        """
        size = min(limit, TABLE_BYTES)
        if size != self._size:
            self._size = size
            self._smallest = size if self._smallest is None else min(size, self._smallest)
            # What is left in the table is not worth following: it is not used any more.
            self._form = self._common.plain

    def encode(self, path: bytes, rest: bytes) -> bytes:
        """Return the header block of a request.

        Args:
            path: The header field of the path.
            rest: The header fields of this call alone.
        """
        update = b""
        if self._smallest is not None:
            sizes = {self._smallest: None, self._size: None}
            update = b"".join(_integer(size, _SIZE_UPDATE_BITS, _SIZE_UPDATE) for size in sizes)
            self._smallest = None
        head, tail = self._form
        if self._form is self._common.first:
            self._form = self._common.later
        return b"".join((update, head, path, tail, rest))


def fields(headers: "Iterable[tuple[str, str]]") -> bytes:
    """Return headers as part of a header block.

    They mean the same on every connection and at any time; and no compression table, nor the
    log of one, ever holds what is in them.

    Args:
        headers: Names and values, in order.
    """
    return _fields(headers, _NEVER_INDEXED)


def _fields(headers: "Iterable[tuple[str, str]]", kind: bytes) -> bytes:
    return b"".join(
        kind + _string(name.encode()) + _string(value.encode()) for name, value in headers
    )


def _string(data: bytes) -> bytes:
    # RFC 7541, section 5.2, without the Huffman code: it would cost more than it saves.
    return _integer(len(data), _LENGTH_BITS, 0) + data


def _integer(value: int, bits: int, first: int) -> bytes:
    # RFC 7541, section 5.1.
    most = (1 << bits) - 1
    if value < most:
        return bytes((first | value,))
    value -= most
    encoded = bytearray((first | most,))
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


class HeaderBlockError(Exception):
    """A header block is malformed or out of all proportion: the compression table is lost."""


class HeaderListTooLargeError(Exception):
    """A header list is over the limit, but was decoded to its end: the table is in order.

    Args:
        size: Its size as SETTINGS_MAX_HEADER_LIST_SIZE counts it, in bytes.
    """

    def __init__(self, size: int) -> None:
        super().__init__(f"the headers take {size} bytes, over the limit of {LIST_BYTES} bytes")


class HeaderDecoder:
    """Decodes the header blocks of one connection, and remembers those that repeat.

    hpack's own decoder stops where a header list gets too large, which leaves the compression
    table half updated and the connection of no use; and it copies what is left of a block with
    each literal, which takes a time that grows with the square of the size.
    """

    __slots__ = ("_known", "_table")

    def __init__(self) -> None:
        self._table = CompressionTable()
        #: Blocks that mean the same as long as the table stays as it is.
        self._known: dict[bytes, RawHeaders] = {}

    def decode(self, block: bytes) -> RawHeaders:
        """Return the headers of a block.

        Args:
            block: A whole header block.

        Raises:
            HeaderListTooLargeError: The headers are over `LIST_BYTES`; others may still be decoded.
            HeaderBlockError: The block is malformed, or a decompression bomb.
        """
        found = self._known.get(block)
        if found is not None:
            return found
        try:
            return self._decode(block)
        except IndexError as error:
            raise HeaderBlockError("a header block was cut off in the middle of a field") from error
        except HPACKError as error:
            raise HeaderBlockError(f"a header block is malformed: {error}") from error

    def _decode(self, block: bytes) -> RawHeaders:
        headers: RawHeaders = []
        size, at, changed = 0, 0, False
        while at < len(block):
            if block[at] & 0xE0 == _SIZE_UPDATE:
                most, at = _read_integer(block, at, _SIZE_UPDATE_BITS)
                if size or most > TABLE_BYTES:
                    raise HeaderBlockError("a compression table is resized beyond what is allowed")
                self._table.maxsize = most
                changed = True
                continue
            name, value, added, at = self._read_field(block, at)
            changed = changed or added
            size += len(name) + len(value) + _FIELD_BYTES
            if size <= LIST_BYTES:
                headers.append((name, value))
            elif size > _BOMB_BYTES:
                raise HeaderBlockError("a header block is a decompression bomb")
        if changed:
            self._known.clear()
        if size > LIST_BYTES:
            raise HeaderListTooLargeError(size)
        if not changed and len(block) <= _REMEMBERED_BYTES:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[block] = headers
        return headers

    def _read_field(self, block: bytes, at: int) -> tuple[bytes, bytes, bool, int]:
        """Return name, value, whether the table has them now, and where the next one begins."""
        # RFC 7541, section 6.
        first, table = block[at], self._table
        if first & 0x80:
            index, at = _read_integer(block, at, 7)
            return *table.get_by_index(index), False, at
        indexed = bool(first & 0x40)
        index, at = _read_integer(block, at, 6 if indexed else 4)
        if index:
            name = table.get_by_index(index)[0]
        else:
            name, at = _read_string(block, at)
        value, at = _read_string(block, at)
        if indexed:
            table.add(name, value)
        return name, value, indexed, at


def _read_integer(block: bytes, at: int, bits: int) -> tuple[int, int]:
    """Return a number, and where what follows it begins: RFC 7541, section 5.1."""
    most = (1 << bits) - 1
    value = block[at] & most
    at += 1
    if value == most:
        shift = 0
        while True:
            byte = block[at]
            at += 1
            value += (byte & 0x7F) << shift
            if byte < 0x80:
                break
            shift += 7
            if shift > _LONGEST_SHIFT:
                raise HeaderBlockError("a header block has a number that is too large")
    return value, at


def _read_string(block: bytes, at: int) -> tuple[bytes, int]:
    """Return a string, and where what follows it begins: RFC 7541, section 5.2."""
    huffman = block[at] & 0x80
    size, at = _read_integer(block, at, _LENGTH_BITS)
    end = at + size
    if end > len(block):
        raise HeaderBlockError("a header block was cut off in the middle of a field")
    raw = block[at:end]
    return (bytes(decode_huffman(raw)) if huffman else raw), end
