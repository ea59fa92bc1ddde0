"""Compressed messages of a reply: the header ``grpc-encoding``.

https://github.com/grpc/grpc/blob/master/doc/compression.md
"""

import zlib
from typing import Final

#: What a client can read, for the header ``grpc-accept-encoding``.
ACCEPTED: Final = "identity,deflate,gzip"

#: Where zlib has to look for which wrapping of the same format: RFC 1952 and RFC 1950.
_WINDOW_BITS: Final = {b"gzip": zlib.MAX_WBITS | 16, b"deflate": zlib.MAX_WBITS}
#: What is given to zlib at once. It copies what follows the end of a gzip member.
_CHUNK: Final = 16 * 1024
#: How many gzip members a message may have. One is usual; a million would fit into a few MiB.
_MEMBERS: Final = 1000


class CompressedMessage(bytes):
    """A message as the server has compressed it.

    It is decompressed where it is read, one at a time: what a stream buffers would otherwise be a
    thousand times as much as its limit.
    """

    __slots__ = ()


class CompressionError(Exception):
    """A message that can't be decompressed."""


class TooLargeError(CompressionError):
    """A message that is larger than allowed when it is decompressed."""


def check_encoding(encoding: bytes) -> None:
    """Raise when messages with an encoding can't be read.

    Args:
        encoding: The value of the header ``grpc-encoding``; empty when there was none.

    Raises:
        CompressionError: It names no known compression.
    """
    if encoding in (b"", b"identity"):
        raise CompressionError("the server compressed a message without naming the encoding")
    if encoding not in _WINDOW_BITS:
        name = encoding[:50].decode("latin-1")
        raise CompressionError(
            f"the server compressed a message with an unknown encoding, {name!r}"
        )


def decompress(data: bytes, encoding: bytes, limit: int) -> bytes:
    """Decompress a message.

    Args:
        data: The compressed message. An empty one stands for an empty message, as in gRPC's own
            implementations.
        encoding: One that `check_encoding` accepts.
        limit: The largest message allowed, in bytes; no more than that is ever decompressed.

    Returns:
        The message.

    Raises:
        TooLargeError: It is larger than the limit.
        CompressionError: It is not what the encoding says, or it is cut off.
    """
    if not data:
        return b""
    bits = _WINDOW_BITS[encoding]
    message = bytearray()
    start, members, member = 0, 1, zlib.decompressobj(bits)
    while start < len(data):
        if member.eof:
            # RFC 1952, section 2.2: a file may be a series of members.
            members += 1
            if encoding != b"gzip" or members > _MEMBERS:
                raise CompressionError("bytes follow the end of a compressed message")
            member = zlib.decompressobj(bits)
        chunk = data[start : start + _CHUNK]
        try:
            message += member.decompress(chunk, limit - len(message) + 1)
        except zlib.error as error:
            name = encoding.decode()
            raise CompressionError(f"a compressed message is not valid {name}: {error}") from None
        if len(message) > limit:
            text = f"a compressed message has more than the limit of {limit} bytes"
            raise TooLargeError(text)
        start += len(chunk) - len(member.unused_data)
    if not member.eof:
        raise CompressionError("a compressed message is cut off")
    return bytes(message)
