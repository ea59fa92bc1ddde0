"""H.264 of mosaics: each macroblock has one colour, and is coded exactly; pure.

Constrained baseline profile, CAVLC. A macroblock is predicted from the one beside it, which is of
one colour too, so all that is left is one DC coefficient for each component. With the quantisers
chosen here a coefficient of 1 is a step of 1 in the picture. Macroblocks that stay as they were in
the frame before are skipped, and so are whole frames.

Source: ITU-T H.264 (08/2021); sections are named where the values come from.
"""

import functools
from typing import Final

from xai.testing.engine.raster import CELL, Colour, Raster

#: Steps of 1: section 8.5.10 with a luma QP of 28, section 8.5.11 with a chroma QP of 22.
_QP: Final = 28
_CHROMA_OFFSET: Final = -6
_GREY: Final = (128, 128, 128)
#: Prediction modes: tables 8-4 and 8-5.
_LUMA_MODES: Final = {"above": 0, "left": 1, "none": 2}
_CHROMA_MODES: Final = {"none": 0, "left": 1, "above": 2}
#: Level 4: 1920 times 1088 fits.
_LEVEL: Final = 40
_FRAME_NUMBERS: Final = 16


def sequence_parameters(width: int, height: int) -> bytes:
    """Return the sequence parameter set of a video (section 7.3.2.1.1).

    Args:
        width: The width in pixels; even.
        height: The height in pixels; even.
    """
    cells_wide, cells_high = -(-width // CELL), -(-height // CELL)
    right, bottom = (cells_wide * CELL - width) // 2, (cells_high * CELL - height) // 2
    head = f"{66:08b}{0xC0:08b}{_LEVEL:08b}"
    # The last but one: pictures are shown in the order in which they are decoded.
    numbers = _ue(0) + _ue(0) + _ue(2) + _ue(1) + "0"
    size = _ue(cells_wide - 1) + _ue(cells_high - 1) + "11"
    crop = "0" if not right and not bottom else "1" + _ue(0) + _ue(right) + _ue(0) + _ue(bottom)
    return _unit(0x67, head + numbers + size + crop + "0")


def picture_parameters() -> bytes:
    """Return the picture parameter set (section 7.3.2.2)."""
    start = _ue(0) + _ue(0) + "00" + _ue(0) + _ue(0) + _ue(0) + "000"
    quantisers = _se(_QP - 26) + _se(0) + _se(_CHROMA_OFFSET)
    return _unit(0x68, start + quantisers + "100")


def first_frame(raster: Raster) -> bytes:
    """Return the frame that a video begins with, which needs no other one.

    Args:
        raster: What it shows.
    """
    # I slices only, frame 0, no deblocking: it would blur the cells.
    header = _ue(0) + _ue(7) + _ue(0) + "0000" + _ue(0) + "00" + _se(0) + _ue(1)
    return _unit(0x65, header + _macroblocks(_ycbcr(raster), None))


def next_frame(raster: Raster, before: Raster, number: int) -> bytes:
    """Return a frame, coded as what differs from the one before.

    Args:
        raster: What it shows.
        before: What the frame before shows.
        number: Which frame it is, the first being 0.
    """
    count = f"{number % _FRAME_NUMBERS:04b}"
    header = _ue(0) + _ue(5) + _ue(0) + count + "000" + _se(0) + _ue(1)
    if raster is before:
        return _unit(0x41, header + _ue(raster.width * raster.height))
    return _unit(0x41, header + _macroblocks(_ycbcr(raster), _ycbcr(before)))


def _macroblocks(rows: list[list[Colour]], before: list[list[Colour]] | None) -> str:
    bits: list[str] = []
    skipped = 0
    for y, row in enumerate(rows):
        for x, colour in enumerate(row):
            if before is not None:
                if before[y][x] == colour:
                    skipped += 1
                    continue
                bits.append(_ue(skipped))
                skipped = 0
            if x:
                source, predicted = "left", row[x - 1]
            elif y:
                source, predicted = "above", rows[y - 1][x]
            else:
                source, predicted = "none", _GREY
            difference = (
                colour[0] - predicted[0],
                colour[1] - predicted[1],
                colour[2] - predicted[2],
            )
            bits.append(_macroblock(source, difference, inter=before is not None))
    if skipped:
        bits.append(_ue(skipped))
    return "".join(bits)


@functools.lru_cache(maxsize=16384)
def _macroblock(source: str, difference: Colour, *, inter: bool) -> str:
    """Return a macroblock of the type Intra 16x16 (section 7.3.5 and table 7-11)."""
    luma, blue, red = difference
    chroma = bool(blue or red)
    kind = 1 + _LUMA_MODES[source] + (4 if chroma else 0) + (5 if inter else 0)
    bits = _ue(kind) + _ue(_CHROMA_MODES[source]) + _se(0) + _dc(luma, "1", "01", "000101")
    if chroma:
        bits += _dc(blue, "01", "1", "000111") + _dc(red, "01", "1", "000111")
    return bits


def _dc(level: int, none: str, one: str, more: str) -> str:
    """Return a block of DC coefficients, of which only the first may not be 0 (section 9.2).

    Args:
        level: The coefficient.
        none: The token for no coefficient (table 9-5).
        one: The token for a coefficient of 1 or -1.
        more: The token for another one.
    """
    if not level:
        return none
    # The last bit says that no zeros stand before it (tables 9-7 and 9-9).
    if abs(level) == 1:
        return one + ("1" if level < 0 else "0") + "1"
    code = 2 * abs(level) - 2 + (level < 0) - 2
    if code < 14:
        return more + "0" * code + "1" + "1"
    if code < 30:
        return more + "0" * 14 + "1" + f"{code - 14:04b}" + "1"
    return more + "0" * 15 + "1" + f"{code - 30:012b}" + "1"


def _ycbcr(raster: Raster) -> list[list[Colour]]:
    return [[_video_colour(cell) for cell in row] for row in raster.rows]


@functools.lru_cache(maxsize=16384)
def _video_colour(colour: Colour) -> Colour:
    """Return brightness and colour differences in the range of videos (ITU-R BT.601)."""
    red, green, blue = colour
    return (
        round(16 + (65.481 * red + 128.553 * green + 24.966 * blue) / 255),
        round(128 + (-37.797 * red - 74.203 * green + 112.0 * blue) / 255),
        round(128 + (112.0 * red - 93.786 * green - 18.214 * blue) / 255),
    )


def _ue(value: int) -> str:
    """Return an unsigned number in an Exp-Golomb code (section 9.1)."""
    text = f"{value + 1:b}"
    return "0" * (len(text) - 1) + text


def _se(value: int) -> str:
    """Return a signed number in an Exp-Golomb code (section 9.1.1)."""
    return _ue(2 * value - 1 if value > 0 else -2 * value)


def _unit(kind: int, bits: str) -> bytes:
    """Return a NAL unit, in which no start code occurs (section 7.4.1)."""
    bits += "1"
    bits += "0" * (-len(bits) % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8, "big")
    escaped = bytearray([kind])
    zeros = 0
    for byte in data:
        if zeros >= 2 and byte <= 3:
            escaped.append(3)
            zeros = 0
        escaped.append(byte)
        zeros = zeros + 1 if not byte else 0
    return bytes(escaped)
