"""The few HTTP/2 frames of a gRPC call, written and read without a library."""

import struct

DATA, HEADERS, RST_STREAM, SETTINGS, PING, WINDOW_UPDATE = 0, 1, 3, 4, 6, 8
END_STREAM = ACK = 0x1
END_HEADERS = 0x4
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEADER_SIZE = 9
FRAME_SIZE = 16384
DEFAULT_WINDOW = 65535
LARGEST_WINDOW = 2**31 - 1
_INITIAL_WINDOW_SIZE = 0x4

# HPACK without Huffman codes and without the table that both sides would have to keep: the same
# bytes stand for the same headers in every reply.
#: ``:method POST``, ``:scheme http``, ``:path /``.
REQUEST_BLOCK = b"\x83\x86\x84"
#: ``:status 200``, ``content-type application/grpc``.
REPLY_BLOCK = b"\x88\x0f\x10\x10application/grpc"
#: ``grpc-status 0``.
TRAILERS_BLOCK = b"\x00\x0bgrpc-status\x010"


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """Return a frame."""
    return (
        struct.pack(">HBBBL", len(payload) >> 8, len(payload) & 255, kind, flags, stream) + payload
    )


def window_update(stream: int, size: int) -> bytes:
    """Return a frame that lets the other side send more."""
    return frame(WINDOW_UPDATE, 0, stream, struct.pack(">L", size))


def wide_settings() -> bytes:
    """Return the frames that let the other side send as much as it likes."""
    settings = struct.pack(">HL", _INITIAL_WINDOW_SIZE, LARGEST_WINDOW)
    return frame(SETTINGS, 0, 0, settings) + window_update(0, LARGEST_WINDOW - DEFAULT_WINDOW)


def initial_window(settings: bytes) -> int | None:
    """Return the window for new streams that a SETTINGS frame speaks of, or None."""
    pairs = dict(struct.iter_unpack(">HL", settings))
    return pairs.get(_INITIAL_WINDOW_SIZE)


def prefixed(message: bytes) -> bytes:
    """Return a gRPC message with its flag and its length."""
    return struct.pack(">BL", 0, len(message)) + message


def request(stream: int, message: bytes = b"") -> bytes:
    """Return the frames of a whole call, for a server that does not look at the headers."""
    head = frame(HEADERS, END_HEADERS, stream, REQUEST_BLOCK)
    return head + frame(DATA, END_STREAM, stream, prefixed(message))
