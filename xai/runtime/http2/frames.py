"""The frames and header blocks that an ordinary call is made of, as bytes.

A request is a header block that hardly changes, and a reply is a row of DATA frames: h2 would take
both apart into an object for each frame, flag and event. What is written or read here is a
special case of what h2 does, never something that it would not accept.
"""

from struct import Struct
from typing import TYPE_CHECKING, Final

from h2.connection import _decode_headers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hpack import Decoder

RawHeaders = list[tuple[bytes, bytes]]

# RFC 9113, section 6: types and flags.
DATA: Final = 0x0
HEADERS: Final = 0x1
WINDOW_UPDATE: Final = 0x8
_CONTINUATION: Final = 0x9
END_STREAM: Final = 0x1
END_HEADERS: Final = 0x4

#: Length (8 high bits, 16 low bits), type, flags, stream: RFC 9113, section 4.1.
HEAD: Final = Struct(">BHBBL")
_PREFIX: Final = Struct(">BL")
_INCREMENT: Final = Struct(">BHBBLL")

# RFC 7541, appendix A: whole fields of the static table.
_METHOD_POST: Final = b"\x83"
_SCHEMES: Final = {"http": b"\x86", "https": b"\x87"}
#: RFC 7541, section 6.2.3: a literal that no table on the way may keep, with a name of its own.
_NEVER_INDEXED: Final = b"\x10"
#: Section 6.2.1: one that goes into the table.
_INDEXED: Final = b"\x40"
#: Section 2.3.3: the number of the newest entry.
_FIRST_DYNAMIC: Final = 62

#: How many header blocks are remembered, and how long one of them may be.
_REMEMBERED: Final = 32
_REMEMBERED_BYTES: Final = 512


def frame(kind: int, flags: int, stream_id: int, payload: bytes) -> bytes:
    """Return a frame.

    Args:
        kind: Its type.
        flags: Its flags.
        stream_id: Its stream.
        payload: What it carries, less than 16 MiB.
    """
    size = len(payload)
    return HEAD.pack(size >> 16, size & 0xFFFF, kind, flags, stream_id) + payload


def window_update(stream_id: int, increment: int) -> bytes:
    """Return a WINDOW_UPDATE frame.

    Args:
        stream_id: The stream; 0 is the connection.
        increment: Bytes the peer may send in addition.
    """
    return _INCREMENT.pack(0, 4, WINDOW_UPDATE, 0, stream_id, increment)


def header_frames(stream_id: int, block: bytes, largest: int) -> bytes:
    """Return a header block as one HEADERS frame, and CONTINUATION frames if it is long.

    Args:
        stream_id: The stream.
        block: The header block.
        largest: Bytes that a frame may carry.
    """
    if len(block) <= largest:
        return frame(HEADERS, END_HEADERS, stream_id, block)
    pieces = [block[start : start + largest] for start in range(0, len(block), largest)]
    frames = [frame(HEADERS, 0, stream_id, pieces[0])]
    frames += [frame(_CONTINUATION, 0, stream_id, piece) for piece in pieces[1:-1]]
    return b"".join([*frames, frame(_CONTINUATION, END_HEADERS, stream_id, pieces[-1])])


def message(payload: bytes) -> bytes:
    """Return a message with its prefix: not compressed, and the length.

    https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md, "Length-Prefixed-Message".

    Args:
        payload: The encoded message, less than 4 GiB.
    """
    return _PREFIX.pack(0, len(payload)) + payload


class CommonFields:
    """The header fields that all requests of a channel share, around the path.

    Each form is a pair, what stands before the path and what follows it: pseudo-headers come
    first. A connection's first request puts the fields into the server's compression table, those
    after it refer to them there; the plain form does without a table.

    Args:
        scheme: ``http`` or ``https``.
        authority: The host, with its port.
        fixed: The other headers, in order.
    """

    __slots__ = ("first", "later", "plain")

    def __init__(self, scheme: str, authority: str, fixed: "Sequence[tuple[str, str]]") -> None:
        head = _METHOD_POST + _SCHEMES[scheme]
        target = ((":authority", authority),)
        self.plain = head + fields(target), fields(fixed)
        self.first = head + _fields(target, _INDEXED), _fields(fixed, _INDEXED)
        # RFC 7541, section 2.3.3: the newest entry has the lowest number.
        newest = range(_FIRST_DYNAMIC + len(fixed), _FIRST_DYNAMIC - 1, -1)
        numbers = bytes(0x80 | number for number in newest)
        self.later = head + numbers[:1], numbers[1:]


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
    # RFC 7541, sections 5.1 and 5.2, without the Huffman code: it would cost more than it saves.
    size = len(data)
    if size < 0x7F:
        return bytes((size,)) + data
    size -= 0x7F
    head = bytearray((0x7F,))
    while size >= 0x80:
        head.append(size & 0x7F | 0x80)
        size >>= 7
    head.append(size)
    return bytes(head) + data


class HeaderReader:
    """Decodes header blocks, and remembers those that leave the compression table alone.

    A server that keeps to the table sends the same few bytes with every reply.

    Args:
        decoder: Has the compression table of the connection.
    """

    __slots__ = ("_decoder", "_known", "_newest", "_sizes")

    def __init__(self, decoder: "Decoder") -> None:
        self._decoder = decoder
        self._known: dict[bytes, RawHeaders] = {}
        self._newest: tuple[bytes, bytes] | None = None
        self._sizes = (0, 0)

    def read(self, block: bytes) -> RawHeaders:
        """Return the headers of a block.

        Args:
            block: A whole header block.

        Raises:
            ProtocolError: It is malformed, or its headers are too long.
        """
        if self._unchanged():
            found = self._known.get(block)
            if found is not None:
                return found
        decoded = _decode_headers(self._decoder, block)
        headers = [(bytes(name), bytes(value)) for name, value in decoded]
        if self._unchanged() and len(block) <= _REMEMBERED_BYTES:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[block] = headers
        return headers

    def _unchanged(self) -> bool:
        """Return whether the table is as it was at the last call; forget all when it isn't.

        An entry that is added is the newest from then on, one that leaves makes the table
        shorter, and a block may change how long it can be: together they tell.
        """
        table = self._decoder.header_table
        entries = table.dynamic_entries
        newest = entries[0] if entries else None
        sizes = (len(entries), table.maxsize)
        if newest is self._newest and sizes == self._sizes:
            return True
        self._newest, self._sizes = newest, sizes
        self._known.clear()
        return False
