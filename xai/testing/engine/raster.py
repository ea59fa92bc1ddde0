"""Drawings of the local server: mosaics of coloured cells, the same for the same words; pure.

A cell is 16 by 16 pixels, which is what the codecs of pictures and videos here have in common. The
cells of a drawing travel within its file, so that another request can start from it.
"""

import hashlib
import re
import struct
import zlib
from typing import Final

import attrs

#: The side of a cell in pixels.
CELL: Final = 16
Colour = tuple[int, int, int]

_COLOURS: Final[dict[str, Colour]] = {
    "black": (16, 16, 16),
    "blue": (40, 80, 220),
    "brown": (130, 80, 40),
    "gold": (230, 180, 30),
    "gray": (128, 128, 128),
    "green": (40, 160, 70),
    "grey": (128, 128, 128),
    "orange": (240, 140, 30),
    "pink": (240, 140, 180),
    "purple": (130, 60, 180),
    "red": (215, 40, 40),
    "silver": (190, 190, 200),
    "white": (245, 245, 245),
    "yellow": (245, 220, 50),
}
_ROUND: Final = re.compile(
    r"\b(?:ball|circle|moon|planet|sun|sunset|sunrise|eye|wheel|coin|bubble)s?\b", re.IGNORECASE
)
_POINTED: Final = re.compile(
    r"\b(?:mountain|triangle|pyramid|tent|roof|tree|volcano|hill)s?\b", re.IGNORECASE
)
_MAGIC: Final = b"xai-local-raster\0"
_HEAD: Final = struct.Struct(">HH")


@attrs.frozen
class Raster:
    """A drawing.

    Attributes:
        rows: Its cells, row by row from the top; of each the red, green and blue.
    """

    rows: tuple[tuple[Colour, ...], ...]

    @property
    def width(self) -> int:
        """How many cells there are in a row."""
        return len(self.rows[0])

    @property
    def height(self) -> int:
        """How many rows there are."""
        return len(self.rows)

    def scaled(self, width: int, height: int) -> "Raster":
        """Return the drawing with another number of cells, the nearest ones of this one."""
        columns = [at * self.width // width for at in range(width)]
        return Raster(
            tuple(
                tuple(self.rows[at * self.height // height][column] for column in columns)
                for at in range(height)
            )
        )

    def edited(self, text: str, seed: int) -> "Raster":
        """Return the drawing with a frame, and a line through it, that an edit adds."""
        bits = _digest(text, seed, 8 + self.width)
        colour = _palette(text, bits)[0]
        middle = 1 + bits[7] % max(1, self.height - 2)
        rows = []
        for y, row in enumerate(self.rows):
            if y in (0, self.height - 1):
                rows.append((colour,) * self.width)
                continue
            cells = [colour, *row[1:-1], colour][: self.width]
            if y == middle:
                cells = [colour if bits[8 + x] & 1 else cell for x, cell in enumerate(cells)]
            rows.append(tuple(cells))
        return Raster(tuple(rows))

    def with_inset(self, other: "Raster", index: int) -> "Raster":
        """Return the drawing with another one, small, at the top; each index has its place."""
        width, height = max(1, self.width // 5), max(1, self.height // 5)
        left = min(1 + index * (width + 1), self.width - width)
        small = other.scaled(width, height).rows
        rows = [list(row) for row in self.rows]
        for y, line in enumerate(small):
            if 1 + y < self.height:
                rows[1 + y][left : left + width] = line
        return Raster(tuple(map(tuple, rows)))

    def packed(self) -> bytes:
        """Return the cells as bytes, for `unpacked`."""
        cells = bytes(value for row in self.rows for cell in row for value in cell)
        return _MAGIC + _HEAD.pack(self.width, self.height) + zlib.compress(cells)


def unpacked(data: bytes) -> Raster | None:
    """Return the drawing whose cells are in a file; None when it is none of these."""
    at = data.find(_MAGIC)
    if at < 0:
        return None
    start = at + len(_MAGIC)
    try:
        width, height = _HEAD.unpack_from(data, start)
        cells = zlib.decompressobj().decompress(data[start + _HEAD.size :], 3 * width * height)
    except (struct.error, zlib.error):
        return None
    if not width or not height or len(cells) != 3 * width * height:
        return None
    return from_pixels(cells, width, height)


def from_pixels(data: bytes, width: int, height: int) -> Raster:
    """Return a drawing from its cells as bytes: red, green and blue, row by row."""
    size = 3 * width
    return Raster(
        tuple(
            tuple((line[at], line[at + 1], line[at + 2]) for at in range(0, size, 3))
            for line in (data[y * size : (y + 1) * size] for y in range(height))
        )
    )


def draw(text: str, seed: int, width: int, height: int) -> Raster:
    """Draw what a text asks for.

    Colours that the text names are used, round things become a disc and pointed ones a triangle;
    all else follows from a hash of the text.

    Args:
        text: The text.
        seed: Makes different drawings of one text.
        width: How many cells wide.
        height: How many cells high.
    """
    half = 8
    bits = _digest(text, seed, 32 + half * 16)
    front, low, high = _palette(text, bits)
    side = min(width, height)
    middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
    size = side * (0.25 + bits[9] / 255 * 0.15)
    round_thing = _ROUND.search(text) is not None
    pointed_thing = _POINTED.search(text) is not None
    rows = []
    for y in range(height):
        back = _between(high, low, y / max(1, height - 1))
        row = []
        for x in range(width):
            dx, dy = (x - middle_x) / size, (y - middle_y) / size
            if round_thing:
                inside = dx * dx + dy * dy <= 1
            elif pointed_thing:
                inside = abs(dy) <= 1 and abs(dx) <= (dy + 1) / 2
            else:
                # A pattern that is the same left and right.
                column = min(half - 1, int(abs(dx) * half / 1.5))
                line = int((dy / 1.5 + 1) * half)
                inside = (
                    abs(dx) <= 1.5 and 0 <= line < 16 and bool(bits[32 + line * half + column] & 1)
                )
            row.append(front if inside else back)
        rows.append(tuple(row))
    return Raster(tuple(rows))


def _palette(text: str, bits: bytes) -> tuple[Colour, Colour, Colour]:
    named = [_COLOURS[word] for word in re.findall(r"[a-z]+", text.lower()) if word in _COLOURS]
    drawn: list[Colour] = [(bits[0], bits[1], bits[2]), (bits[3], bits[4], bits[5])]
    found = [*named, *drawn]
    third = named[2] if len(named) > 2 else _between(found[1], (255, 255, 255), 0.5)
    return found[0], found[1], third


def _between(one: Colour, other: Colour, part: float) -> Colour:
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _digest(text: str, seed: int, size: int) -> bytes:
    data = f"{seed}\0{text}".encode("utf-8", "surrogatepass")
    return hashlib.shake_256(data).digest(size)
