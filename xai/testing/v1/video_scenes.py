"""What the videos of the local server show: scenes that begin with the pictures they are given."""

from collections.abc import Sequence
from typing import Final

import attrs

from xai.proto.xai_api.video import (
    ExtendVideoRequest,
    GenerateVideoRequest,
    VideoAspectRatio,
    VideoResolution,
    VideoUrlContent,
)
from xai.testing.control.accounts import Account
from xai.testing.engine.mp4 import FRAME_RATE, SCENE_FRAMES, read_scenes, read_seconds, write_mp4
from xai.testing.engine.raster import CELL, Raster, draw
from xai.testing.v1.chat_request import require
from xai.testing.v1.media_source import MediaFiles
from xai.v1.videos import DEFAULT_DURATION, MAX_AUDIOS, MAX_DURATION, MAX_EXTENSION, MAX_KEYFRAMES

_DEFAULT_EXTENSION: Final = 6
_SHORTEST_INPUT, _LONGEST_INPUT = 2, 30
_SCENES_A_SECOND: Final = FRAME_RATE // SCENE_FRAMES
_LINES: Final[dict[int, int]] = {
    VideoResolution.VIDEO_RESOLUTION_480P: 480,
    VideoResolution.VIDEO_RESOLUTION_720P: 720,
    VideoResolution.VIDEO_RESOLUTION_1080P: 1080,
}
_RATIOS: Final[dict[int, tuple[int, int]]] = {
    VideoAspectRatio.VIDEO_ASPECT_RATIO_1_1: (1, 1),
    VideoAspectRatio.VIDEO_ASPECT_RATIO_16_9: (16, 9),
    VideoAspectRatio.VIDEO_ASPECT_RATIO_9_16: (9, 16),
    VideoAspectRatio.VIDEO_ASPECT_RATIO_4_3: (4, 3),
    VideoAspectRatio.VIDEO_ASPECT_RATIO_3_4: (3, 4),
    VideoAspectRatio.VIDEO_ASPECT_RATIO_3_2: (3, 2),
    VideoAspectRatio.VIDEO_ASPECT_RATIO_2_3: (2, 3),
}


@attrs.frozen
class Film:
    """A video before it is written.

    Attributes:
        scenes: Its scenes, each half a second.
        width: The width in pixels.
        height: The height in pixels.
        new_seconds: How many of its seconds are new.
    """

    scenes: Sequence[Raster]
    width: int
    height: int
    new_seconds: int

    @property
    def seconds(self) -> int:
        """How long it lasts."""
        return len(self.scenes) // _SCENES_A_SECOND

    def mp4(self) -> bytes:
        """Return it as an MP4."""
        return write_mp4(self.scenes, self.width, self.height)


def filmed(request: GenerateVideoRequest, files: MediaFiles, account: Account) -> Film:
    """Return the video that a request asks for.

    Args:
        request: The request.
        files: Where inputs come from.
        account: The key that asks.

    Raises:
        GRPCError: The request is not valid, or an input can't be read.
    """
    duration = _seconds("duration", request.duration, DEFAULT_DURATION, MAX_DURATION)
    count = len(request.keyframes)
    require(count <= MAX_KEYFRAMES, f"keyframes are more than {MAX_KEYFRAMES}.")
    audios = len(request.reference_audios)
    require(audios <= MAX_AUDIOS, f"reference_audios are more than {MAX_AUDIOS}.")
    edited = request.is_set("video")
    require(not (edited and request.is_set("image")), "image and video exclude each other.")
    if edited:
        before = _read(request.video, files, account)
        scenes = [scene.edited(request.prompt, 0) for scene in before.scenes]
        return Film(scenes, before.width, before.height, before.seconds)
    width, height = _size(request.aspect_ratio, request.resolution)
    cells = -(-width // CELL), -(-height // CELL)
    if request.is_set("image"):
        first = files.picture(account, request.image, "image").scaled(*cells)
    else:
        first = draw(request.prompt, 0, *cells)
        for at, reference in enumerate(request.reference_images):
            picture = files.picture(account, reference, f"reference_images[{at}]")
            first = first.with_inset(picture, at)
    scenes = _moving(first, request.prompt, duration * _SCENES_A_SECOND)
    for at, keyframe in enumerate(request.keyframes):
        moment = keyframe.timestamp_s
        where = f"keyframes[{at}]"
        require(0 < moment < duration, f"{where}.timestamp_s is not within the video.")
        place = min(len(scenes) - 1, int(moment * _SCENES_A_SECOND))
        scenes[place] = files.picture(account, keyframe.image, f"{where}.image").scaled(*cells)
    if request.is_set("last_frame"):
        scenes[-1] = files.picture(account, request.last_frame, "last_frame").scaled(*cells)
    return Film(scenes, width, height, duration)


def continued(request: ExtendVideoRequest, files: MediaFiles, account: Account) -> Film:
    """Return a video with the continuation that a request asks for.

    Args:
        request: The request.
        files: Where the video comes from.
        account: The key that asks.

    Raises:
        GRPCError: The request is not valid, or the video can't be read.
    """
    duration = _seconds("duration", request.duration, _DEFAULT_EXTENSION, MAX_EXTENSION)
    require(request.is_set("video"), "video is missing.")
    before = _read(request.video, files, account)
    seconds = before.seconds
    require(
        _SHORTEST_INPUT <= seconds <= _LONGEST_INPUT,
        f"video must last from {_SHORTEST_INPUT} to {_LONGEST_INPUT} s, not {seconds}.",
    )
    # The last scene is what the continuation starts from.
    more = _moving(before.scenes[-1], request.prompt, duration * _SCENES_A_SECOND + 1)[1:]
    return Film([*before.scenes, *more], before.width, before.height, duration)


def _read(content: VideoUrlContent, files: MediaFiles, account: Account) -> Film:
    data = files.video(account, content, "video")
    width, height = _size(None, None)
    cells = -(-width // CELL), -(-height // CELL)
    if data is None:
        # Nothing is fetched from the network: another video is made up from the URL.
        scenes = _moving(draw(content.url, 0, *cells), content.url, 6 * _SCENES_A_SECOND)
        return Film(scenes, width, height, 6)
    own = read_scenes(data)
    if own is not None:
        return Film(own[0], own[1], own[2], len(own[0]) // _SCENES_A_SECOND)
    seconds = read_seconds(data)
    require(seconds is not None, "video is no MP4.")
    length = max(1, min(round(seconds or 0), 2 * _LONGEST_INPUT))
    name = f"{len(data)} bytes"
    scenes = _moving(draw(name, 0, *cells), name, length * _SCENES_A_SECOND)
    return Film(scenes, width, height, length)


def _moving(first: Raster, text: str, count: int) -> list[Raster]:
    """Return scenes in which a band moves from the top to the bottom of a picture."""
    scenes = [first]
    colour = draw(text, 0, 1, 1).rows[0][0]
    for at in range(1, count):
        line = at * first.height // count
        rows = list(first.rows)
        rows[line] = (colour,) * first.width
        scenes.append(Raster(tuple(rows)))
    return scenes


def _seconds(name: str, value: int | None, default: int, most: int) -> int:
    seconds = default if value is None else value
    require(1 <= seconds <= most, f"{name} must be from 1 to {most}, not {seconds}.")
    return seconds


def _size(ratio: VideoAspectRatio | None, resolution: VideoResolution | None) -> tuple[int, int]:
    wide, high = _RATIOS.get(ratio or 0, (16, 9))
    lines = _LINES.get(resolution or 0, 480)
    # Widths of videos are even: colours have half of the resolution.
    longer = round(lines * max(wide, high) / min(wide, high) / 2) * 2
    return (longer, lines) if wide >= high else (lines, longer)
