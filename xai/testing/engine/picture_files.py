"""PNG and JPEG files of drawings, written here; other pictures are read by Pillow."""

import functools
import io
import struct
import zlib
from typing import Final

from xai.testing.engine.raster import CELL, Colour, Raster, from_pixels, unpacked

PNG: Final = "image/png"
JPEG: Final = "image/jpeg"
#: Pictures with more pixels are not read: they could be bombs.
_MAX_PIXELS: Final = 64 * 2**20
#: The cells that a picture is read as, along its longer side.
_READ_CELLS: Final = 64
_BLOCK: Final = 8
#: The Huffman codes of the differences of DC values by their lengths, ISO/IEC 10918-1, table K.3,
#: which is used for all three components here, and of "end of block" in table K.5.
_DC_CODES: Final = ("00", "010", "011", "100", "101", "110", "1110", "11110", "111110")
_DC_COUNTS: Final = bytes([0, 1, 5, 1, 1, 1, *[0] * 10])
_END: Final = "0"


class PillowMissingError(Exception):
    """A picture can't be read without Pillow."""


def write_png(raster: Raster) -> bytes:
    """Return a PNG of a drawing."""
    lines = b"".join(
        # Each line begins with its filter: none.
        (b"\0" + b"".join(bytes(cell) * CELL for cell in row)) * CELL
        for row in raster.rows
    )
    header = struct.pack(">IIBBBBB", raster.width * CELL, raster.height * CELL, 8, 2, 0, 0, 0)
    text = b"Comment\0\0" + raster.packed()
    parts = ((b"IHDR", header), (b"zTXT", text), (b"IDAT", zlib.compress(lines, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_png_chunk(kind, body) for kind, body in parts)


def write_jpeg(raster: Raster) -> bytes:
    """Return a baseline JPEG of a drawing, exact but for the rounding of YCbCr.

    Cells are made of whole blocks, so each block has one colour: of its 64 coefficients only the
    first, DC, is not 0.
    """
    width, height = raster.width * CELL, raster.height * CELL
    # The Huffman table of AC values has one code, of one bit, for "end of block".
    huffman = b"\x00" + _DC_COUNTS + bytes(range(9)) + b"\x10" + bytes([1, *[0] * 15]) + b"\0"
    frame = struct.pack(">BHHB", 8, height, width, 3) + b"".join(
        bytes((component, 0x11, 0)) for component in (1, 2, 3)
    )
    scan = b"\x03" + bytes((1, 0, 2, 0, 3, 0)) + b"\x00\x3f\x00"
    return b"".join(
        (
            b"\xff\xd8",
            _jpeg_segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
            *(_jpeg_segment(0xE8, part) for part in [raster.packed()] if len(part) < 65_000),
            # A DC value of 8 is a step of 1 in brightness.
            _jpeg_segment(0xDB, b"\0" + bytes([8] * 64)),
            _jpeg_segment(0xC0, frame),
            _jpeg_segment(0xC4, huffman),
            _jpeg_segment(0xDA, scan),
            _jpeg_scan(raster),
            b"\xff\xd9",
        )
    )


def read_picture(data: bytes) -> Raster:
    """Return a picture as a drawing.

    Args:
        data: A PNG or JPEG that was written here, or with Pillow any picture.

    Raises:
        PillowMissingError: Pillow is needed and not installed.
        ValueError: It is no picture.
    """
    own = unpacked(data)
    if own is not None:
        return own
    try:
        from PIL import Image
    except ImportError as error:
        raise PillowMissingError from error
    try:
        with Image.open(io.BytesIO(data)) as picture:
            width, height = picture.size
            if width * height > _MAX_PIXELS:
                raise ValueError(f"it has {width} times {height} pixels")
            scale = _READ_CELLS / max(width, height)
            size = max(1, round(width * scale)), max(1, round(height * scale))
            small = picture.convert("RGB").resize(size)
            return from_pixels(small.tobytes(), *size)
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(str(error)) from error


def _png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _jpeg_segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _jpeg_scan(raster: Raster) -> bytes:
    per_cell = CELL // _BLOCK
    same = (_DC_CODES[0] + _END) * 3
    bits: list[str] = []
    last = (128, 128, 128)
    for row in raster.rows:
        for _ in range(per_cell):
            for cell in row:
                colour = ycbcr(cell)
                for now, before in zip(colour, last, strict=True):
                    bits.append(_dc(now - before))
                bits.append(same * (per_cell - 1))
                last = colour
    text = "".join(bits)
    text += "1" * (-len(text) % 8)
    data = int(text, 2).to_bytes(len(text) // 8, "big")
    return data.replace(b"\xff", b"\xff\0")


@functools.cache
def _dc(difference: int) -> str:
    """Return the bits of a block: the difference of its DC value, and nothing else."""
    length = abs(difference).bit_length()
    value = difference if difference > 0 else difference + (1 << length) - 1
    return _DC_CODES[length] + (f"{value:0{length}b}" if length else "") + _END


@functools.cache
def ycbcr(colour: Colour) -> Colour:
    """Return brightness and colour differences of a colour, each from 0 to 255 (ITU-T T.871)."""
    red, green, blue = colour
    return (
        round(0.299 * red + 0.587 * green + 0.114 * blue),
        min(255, round(128 - 0.168736 * red - 0.331264 * green + 0.5 * blue)),
        min(255, round(128 + 0.5 * red - 0.418688 * green - 0.081312 * blue)),
    )
