# Do not edit: produced by "nox -s generate" from
# tests/services/aio/v1/video_helpers.py
"""What tests of videos need."""

import io
from pathlib import Path

import attrs
import av

MODEL = "grok-imagine-video"


@attrs.frozen
class Played:
    """What another program finds in a video, every frame of which it decodes."""

    codec: str
    size: tuple[int, int]
    seconds: float
    #: The brightness of a place a quarter from the left and the top, frame by frame.
    brightness: tuple[int, ...]


def play(path: Path) -> Played:
    """Decode a video."""
    with av.open(io.BytesIO(path.read_bytes())) as container:
        stream = container.streams.video[0]
        brightness = []
        for frame in container.decode(stream):
            plane = frame.planes[0]
            place = frame.height // 4 * plane.line_size + frame.width // 4
            brightness.append(bytes(plane)[place])
        return Played(
            codec=stream.codec_context.name,
            size=(stream.width, stream.height),
            seconds=(container.duration or 0) / 1_000_000,
            brightness=tuple(brightness),
        )
