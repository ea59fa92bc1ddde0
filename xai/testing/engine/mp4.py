"""MP4 files of videos that are made of scenes; pure.

Source: ISO/IEC 14496-12 (the boxes) and 14496-15 (H.264 in them).
"""

import struct
from collections.abc import Sequence
from typing import Final

from xai.testing.engine.h264 import first_frame, next_frame, picture_parameters, sequence_parameters
from xai.testing.engine.raster import Raster, unpacked

MP4: Final = "video/mp4"
#: Frames in a second, and how many of them a scene lasts: half a second.
FRAME_RATE: Final = 24
SCENE_FRAMES: Final = 12
#: Ticks in a second, and for a frame.
_SCALE: Final = 24_000
_FRAME: Final = _SCALE // FRAME_RATE
_MATRIX: Final = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
#: What the box with the scenes is known by.
_UUID: Final = b"xai-local-scenes"
_HEAD: Final = struct.Struct(">HHI")


def write_mp4(scenes: Sequence[Raster], width: int, height: int) -> bytes:
    """Return a video that shows scenes, each for half a second.

    Args:
        scenes: The scenes, at least one; all of the same size.
        width: The width in pixels, even; what the cells have beyond it is cut off.
        height: The height in pixels, even.
    """
    frames = []
    before = scenes[0]
    for number in range(len(scenes) * SCENE_FRAMES):
        scene = scenes[number // SCENE_FRAMES]
        unit = first_frame(scene) if not number else next_frame(scene, before, number)
        frames.append(struct.pack(">I", len(unit)) + unit)
        before = scene
    kept = b"".join(
        struct.pack(">I", len(packed)) + packed for packed in (scene.packed() for scene in scenes)
    )
    extra = _box(b"uuid", _UUID, _HEAD.pack(width, height, len(scenes)), kept)
    kind = _box(b"ftyp", b"isom", struct.pack(">I", 0x200), b"isomiso2avc1mp41")
    # The place of the frames is behind the table that names it, whose size does not depend on it.
    start = len(kind) + len(_movie(frames, width, height, 0)) + 8
    return kind + _movie(frames, width, height, start) + _box(b"mdat", *frames) + extra


def read_scenes(data: bytes) -> tuple[list[Raster], int, int] | None:
    """Return the scenes, the width and the height of a video that was made here; else None."""
    for name, body in _boxes(data):
        if name == b"uuid" and body.startswith(_UUID):
            try:
                width, height, count = _HEAD.unpack_from(body, len(_UUID))
                at, scenes = len(_UUID) + _HEAD.size, []
                for _ in range(count):
                    (size,) = struct.unpack_from(">I", body, at)
                    scene = unpacked(body[at + 4 : at + 4 + size])
                    if scene is None:
                        return None
                    scenes.append(scene)
                    at += 4 + size
            except struct.error:
                return None
            return (scenes, width, height) if scenes else None
    return None


def read_seconds(data: bytes) -> float | None:
    """Return how long an MP4 lasts, made here or not; None when it is none."""
    movie = next((body for name, body in _boxes(data) if name == b"moov"), b"")
    header = next((body for name, body in _boxes(movie) if name == b"mvhd"), b"")
    try:
        if header[:1] == b"\1":
            scale, duration = struct.unpack_from(">IQ", header, 20)
        else:
            scale, duration = struct.unpack_from(">II", header, 12)
    except struct.error:
        return None
    return duration / scale if scale else None


def _boxes(data: bytes) -> list[tuple[bytes, bytes]]:
    found = []
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        name, head = data[at + 4 : at + 8], 8
        if size == 1 and at + 16 <= len(data):
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        elif not size:
            size = len(data) - at
        if size < head or at + size > len(data):
            break
        found.append((name, data[at + head : at + size]))
        at += size
    return found


def _movie(frames: Sequence[bytes], width: int, height: int, start: int) -> bytes:
    count = len(frames)
    duration = count * _FRAME
    header = struct.pack(">4I", 0, 0, _SCALE, duration) + struct.pack(">IH10x", 0x10000, 0x100)
    track = struct.pack(">5I8x4h", 0, 0, 1, 0, duration, 0, 0, 0, 0) + _MATRIX
    # A language that is not determined: "und", five bits a letter.
    media = struct.pack(">4IHH", 0, 0, _SCALE, duration, 0x55C4, 0)
    table = _box(
        b"stbl",
        _full(b"stsd", struct.pack(">I", 1) + _sample_entry(width, height)),
        _full(b"stts", struct.pack(">3I", 1, count, _FRAME)),
        _full(b"stss", struct.pack(">2I", 1, 1)),
        _full(b"stsc", struct.pack(">4I", 1, 1, count, 1)),
        _full(b"stsz", struct.pack(f">{2 + count}I", 0, count, *map(len, frames))),
        _full(b"stco", struct.pack(">2I", 1, start)),
    )
    information = _box(
        b"minf",
        _full(b"vmhd", bytes(8), flags=1),
        _box(b"dinf", _full(b"dref", struct.pack(">I", 1) + _full(b"url ", b"", flags=1))),
        table,
    )
    return _box(
        b"moov",
        _full(b"mvhd", header + _MATRIX + bytes(24) + struct.pack(">I", 2)),
        _box(
            b"trak",
            _full(b"tkhd", track + struct.pack(">II", width << 16, height << 16), flags=3),
            _box(
                b"mdia",
                _full(b"mdhd", media),
                _full(b"hdlr", struct.pack(">I4s12x", 0, b"vide") + b"Video\0"),
                information,
            ),
        ),
    )


def _sample_entry(width: int, height: int) -> bytes:
    sequence, picture = sequence_parameters(width, height), picture_parameters()
    configuration = b"\1" + sequence[1:4] + b"\xff\xe1"
    configuration += struct.pack(">H", len(sequence)) + sequence
    configuration += b"\1" + struct.pack(">H", len(picture)) + picture
    head = struct.pack(">6xH16xHH", 1, width, height)
    resolution = struct.pack(">III", 0x480000, 0x480000, 0)
    rest = struct.pack(">H32xHh", 1, 24, -1)
    return _box(b"avc1", head, resolution, rest, _box(b"avcC", configuration))


def _box(name: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + name + body


def _full(name: bytes, body: bytes, flags: int = 0) -> bytes:
    return _box(name, struct.pack(">I", flags), body)
