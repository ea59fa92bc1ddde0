"""The images that the local server makes: small, real and the same for the same words; pure."""

import base64
import hashlib
import re
import struct
import zlib

CONTENT_TYPE = "image/png"

_WANTED = re.compile(
    r"\b(?:draw|paint|sketch)\b|\b(?:drawing|image|painting|photo|picture)s? of\b", re.IGNORECASE
)
_CELLS, _SCALE = 8, 8
_SIZE = _CELLS * _SCALE


def wants_image(message: str) -> bool:
    """Tell whether a message asks for an image."""
    return _WANTED.search(message) is not None


def make_image(message: str) -> bytes:
    """Return a PNG of 64 by 64 pixels: a pattern, the same left and right, from a message's hash.

    Args:
        message: What asks for the image.
    """
    data = hashlib.shake_256(message.encode("utf-8", "surrogatepass")).digest(6 + _CELLS**2 // 2)
    colours = (data[:3], data[3:6])
    half = _CELLS // 2
    rows = bytearray()
    for row in range(_CELLS):
        cells = [value & 1 for value in data[6 + row * half :][:half]]
        # Each line begins with its filter: none.
        line = b"\0" + b"".join(colours[cell] * _SCALE for cell in [*cells, *reversed(cells)])
        rows += line * _SCALE
    header = struct.pack(">IIBBBBB", _SIZE, _SIZE, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def image_url(image: bytes) -> str:
    """Return an address that holds an image itself."""
    return f"data:{CONTENT_TYPE};base64,{base64.b64encode(image).decode()}"


def _chunk(kind: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)
