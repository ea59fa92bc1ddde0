"""The frames of HTTP/2 as bytes: RFC 9113, sections 4 and 6."""

from struct import Struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

# Types and flags: RFC 9113, section 6.
DATA: Final = 0x0
HEADERS: Final = 0x1
PRIORITY: Final = 0x2
RST_STREAM: Final = 0x3
SETTINGS: Final = 0x4
PUSH_PROMISE: Final = 0x5
PING: Final = 0x6
GOAWAY: Final = 0x7
WINDOW_UPDATE: Final = 0x8
CONTINUATION: Final = 0x9
ACK: Final = 0x1
END_STREAM: Final = 0x1
END_HEADERS: Final = 0x4
PADDED: Final = 0x8
HAS_PRIORITY: Final = 0x20

#: The length of a frame's header, in bytes.
HEAD_BYTES: Final = 9
#: The largest payload of a frame before the peer allows more; we never do. In bytes.
FRAME_BYTES: Final = 16384

#: Length (8 high bits, 16 low bits), type, flags, stream: RFC 9113, section 4.1.
HEAD: Final = Struct(">BHBBL")
_MESSAGE_PREFIX: Final = Struct(">BL")
_HEAD_AND_NUMBER: Final = Struct(">BHBBLL")
_GOAWAY: Final = Struct(">LL")


def frame(kind: int, flags: int, stream_id: int, payload: bytes) -> bytes:
    """Return a frame.

    Args:
        kind: Its type.
        flags: Its flags.
        stream_id: Its stream; 0 is the connection.
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
    return _HEAD_AND_NUMBER.pack(0, 4, WINDOW_UPDATE, 0, stream_id, increment)


def rst_stream(stream_id: int, code: int) -> bytes:
    """Return a RST_STREAM frame.

    Args:
        stream_id: The stream.
        code: The HTTP/2 error code.
    """
    return _HEAD_AND_NUMBER.pack(0, 4, RST_STREAM, 0, stream_id, code)


def goaway(code: int) -> bytes:
    """Return a GOAWAY frame of a client, on which no server has opened a stream.

    Args:
        code: The HTTP/2 error code.
    """
    return frame(GOAWAY, 0, 0, _GOAWAY.pack(0, code))


def header_frames(stream_id: int, block: bytes, largest: int) -> bytes:
    """Return a header block as one HEADERS frame, and CONTINUATION frames if it is long.

    Args:
        stream_id: The stream.
        block: The header block.
        largest: Bytes that a frame may carry.
    """
    if len(block) <= largest:
        return frame(HEADERS, END_HEADERS, stream_id, block)
    parts = [block[start : start + largest] for start in range(0, len(block), largest)]
    frames = [frame(HEADERS, 0, stream_id, parts[0])]
    frames += [frame(CONTINUATION, 0, stream_id, part) for part in parts[1:-1]]
    return b"".join([*frames, frame(CONTINUATION, END_HEADERS, stream_id, parts[-1])])


def message_parts(parts: "Sequence[bytes]") -> tuple[bytes, memoryview]:
    """Return a message as two parts: the beginning with the prefix, and what is not copied of it.

    The first fills a frame, if there is enough.

    Args:
        parts: The encoded message, in any parts, less than 4 GiB together.
    """
    *first, last = parts
    head = b"".join((_MESSAGE_PREFIX.pack(0, sum(map(len, parts))), *first))
    rest = memoryview(last)
    room = max(0, FRAME_BYTES - len(head))
    return b"".join((head, rest[:room])), rest[room:]


def message(payload: bytes) -> bytes:
    """Return a message with its prefix: not compressed, and the length.

    https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md, "Length-Prefixed-Message".

    Args:
        payload: The encoded message, less than 4 GiB.
    """
    return _MESSAGE_PREFIX.pack(0, len(payload)) + payload
