"""Requests for videos, and the videos that were made."""

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, TypedDict

from xai._annotations import resolve_lazily
from xai._validation import check_number, check_sequence, kind_of
from xai.proto.xai_api import image as image_pb
from xai.proto.xai_api import video as pb
from xai.v1.chat.enums import member
from xai.v1.mappings import checked_keys
from xai.v1.media_input import (
    FileId,
    ImageInput,
    file_source,
    input_source,
    known_options,
    several_sources,
    url_source,
)
from xai.v1.storage import FileOutput, StorageOptions, storage_message
from xai.v1.validation import non_empty, optional_bool, optional_int
from xai.v1.video_values import MadeVideoValue

if TYPE_CHECKING:
    from typing_extensions import Unpack

VideoAspectRatio: TypeAlias = Literal["1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3"]
"""Width to height of a video."""
VideoResolution: TypeAlias = Literal["480p", "720p", "1080p"]
"""The height of a video in pixels."""
VideoModelName: TypeAlias = Literal["grok-imagine-video", "grok-imagine-video-1.5"]
"""Names of models for videos."""
VideoModel: TypeAlias = VideoModelName | str
"""The listed ones are hints for editors; any name that the server knows will do."""

#: The limits of the service: seconds of a video and of a continuation, keyframes, voices.
MAX_DURATION: Final = 15
MAX_EXTENSION: Final = 10
DEFAULT_DURATION: Final = 8
MAX_KEYFRAMES: Final = 4
MAX_AUDIOS: Final = 3
_APART: Final = 1 / 3
#: A time that was written down as a third of a second may be a little less.
_TOLERANCE: Final = 1e-6
_RATIOS: Final = {
    "1:1": pb.VideoAspectRatio.VIDEO_ASPECT_RATIO_1_1,
    "16:9": pb.VideoAspectRatio.VIDEO_ASPECT_RATIO_16_9,
    "9:16": pb.VideoAspectRatio.VIDEO_ASPECT_RATIO_9_16,
    "4:3": pb.VideoAspectRatio.VIDEO_ASPECT_RATIO_4_3,
    "3:4": pb.VideoAspectRatio.VIDEO_ASPECT_RATIO_3_4,
    "3:2": pb.VideoAspectRatio.VIDEO_ASPECT_RATIO_3_2,
    "2:3": pb.VideoAspectRatio.VIDEO_ASPECT_RATIO_2_3,
}
_RESOLUTIONS: Final = {
    "480p": pb.VideoResolution.VIDEO_RESOLUTION_480P,
    "720p": pb.VideoResolution.VIDEO_RESOLUTION_720P,
    "1080p": pb.VideoResolution.VIDEO_RESOLUTION_1080P,
}


class Keyframe(TypedDict, total=False):
    """An image that a video shows at a moment; exactly one of the three forms of it.

    Attributes:
        image_url: The URL of the image, or the image as a data URL.
        image_file_id: The ID of its file.
        image: The image in any form but a path; see `ImageInput`.
        timestamp: The moment, in seconds from the start.
    """

    image_url: str
    image_file_id: str
    image: ImageInput
    timestamp: float


class ReferenceAudio(TypedDict):
    """A voice to go by.

    Attributes:
        voice_id: The ID of the voice, such as ``"ara"``.
    """

    voice_id: str


#: A video to start from: its URL, the ID of a file, an earlier result, or its file.
VideoInput: TypeAlias = str | FileId | FileOutput | MadeVideoValue


class VideoOptions(TypedDict, total=False):
    """The options of requests for videos; None stands for one that is not given.

    What is given decides what is done: a prompt alone, or with reference images, makes a video; an
    ``image`` is its first frame; a ``video`` is edited. These three exclude each other. A last
    frame and keyframes show exactly these images, and then the prompt may be empty.

    Attributes:
        image_url: The URL of the first frame, or the image as a data URL.
        image_file_id: The ID of the file of the first frame.
        image: The first frame in any form; see `ImageInput`.
        last_frame_url: The URL of the last frame.
        last_frame_file_id: The ID of the file of the last frame.
        last_frame: The last frame in any form.
        keyframes: At most 4 images at moments between 0 and the duration, at least a third of a
            second apart.
        video_url: The URL of the video to edit.
        video_file_id: The ID of the file of the video to edit.
        video: The video to edit: a URL, a `FileId`, an earlier result, or its `FileOutput`.
        duration: The length in seconds, from 1 to 15; the server's 8 when None.
        aspect_ratio: Width to height, such as ``"16:9"``, the server's default.
        resolution: ``"480p"``, the server's default, ``"720p"`` or ``"1080p"``.
        reference_image_urls: The URLs of images to go by.
        reference_image_file_ids: The IDs of files of images to go by, which come before the URLs.
        reference_images: Images to go by in any form, in place of the two lists.
        reference_audios: At most 3 voices to go by.
        generate_audio: Whether it has sound; the server's True when None.
        storage_options: Store the video as a file, and how.
    """

    image_url: str | None
    image_file_id: str | None
    image: ImageInput | None
    last_frame_url: str | None
    last_frame_file_id: str | None
    last_frame: ImageInput | None
    keyframes: Sequence[Keyframe] | None
    video_url: str | None
    video_file_id: str | None
    video: VideoInput | None
    duration: int | None
    aspect_ratio: VideoAspectRatio | None
    resolution: VideoResolution | None
    reference_image_urls: Sequence[str] | None
    reference_image_file_ids: Sequence[str] | None
    reference_images: Sequence[ImageInput] | None
    reference_audios: Sequence[ReferenceAudio] | None
    generate_audio: bool | None
    storage_options: StorageOptions | image_pb.StorageOptions | None


def video_request(
    prompt: str, model: str, **options: "Unpack[VideoOptions]"
) -> pb.GenerateVideoRequest:
    """Return a request for a video; paths among the images must have been read.

    Args:
        prompt: What to show.
        model: The model.
        options: The options.

    Raises:
        TypeError: An argument is of the wrong type, or an option is not known.
        ValueError: An argument is not valid, or some exclude each other.
    """
    given = known_options(options, VideoOptions.__annotations__)
    _check_modes(given)
    duration = optional_int("duration", options.get("duration"), 1, MAX_DURATION)
    request = pb.GenerateVideoRequest(
        model=non_empty("model", model),
        duration=duration,
        generate_audio=optional_bool("generate_audio", options.get("generate_audio")),
        storage_options=storage_message(options.get("storage_options")),
        keyframes=_keyframes(options.get("keyframes"), duration or DEFAULT_DURATION),
        reference_audios=_audios(options.get("reference_audios")),
        reference_images=_references(options),
    )
    _add_frames(request, options)
    pinned = bool(request.keyframes) or request.is_set("last_frame")
    request.prompt = "" if pinned and prompt == "" else non_empty("prompt", prompt)
    if any(given.get(name) is not None for name in ("video_url", "video_file_id", "video")):
        request.video = video_source(
            options.get("video_url"), options.get("video_file_id"), options.get("video")
        )
    if "aspect_ratio" in given:
        request.aspect_ratio = member(
            "aspect_ratio", given["aspect_ratio"], _RATIOS, pb.VideoAspectRatio
        )
    if "resolution" in given:
        request.resolution = member(
            "resolution", given["resolution"], _RESOLUTIONS, pb.VideoResolution
        )
    return request


def extension_request(
    prompt: str,
    model: str,
    *,
    video_url: str | None,
    video_file_id: str | None,
    video: VideoInput | None,
    duration: int | None,
    storage_options: StorageOptions | image_pb.StorageOptions | None,
) -> pb.ExtendVideoRequest:
    """Return a request to continue a video.

    Args:
        prompt: How it goes on.
        model: The model.
        video_url: The URL of the video.
        video_file_id: The ID of the file of the video.
        video: The video in any form.
        duration: The length of the continuation in seconds.
        storage_options: Store the result as a file, and how.

    Raises:
        TypeError: An argument is of the wrong type.
        ValueError: An argument is not valid, or there is not exactly one video.
    """
    return pb.ExtendVideoRequest(
        prompt=non_empty("prompt", prompt),
        model=non_empty("model", model),
        video=video_source(video_url, video_file_id, video),
        duration=optional_int("duration", duration, 1, MAX_EXTENSION),
        storage_options=storage_message(storage_options),
    )


def video_source(
    url: str | None, file_id: str | None, video: VideoInput | None
) -> pb.VideoUrlContent:
    """Return the message for a video, of which exactly one form is given.

    Args:
        url: The argument ``video_url``.
        file_id: The argument ``video_file_id``.
        video: The argument ``video``.

    Raises:
        MediaUnavailableError: An earlier result has no video.
        TypeError: An argument is of the wrong type.
        ValueError: There is none or more than one, or it is empty.
    """
    forms = {"video_url": url, "video_file_id": file_id, "video": video}
    names = [name for name, value in forms.items() if value is not None]
    if len(names) != 1:
        found = " and ".join(names) or "none of them"
        raise ValueError(f"exactly one of {', '.join(forms)} must be given, not {found}")
    if url is not None:
        return pb.VideoUrlContent(url=non_empty("video_url", url))
    if file_id is not None:
        return pb.VideoUrlContent(file_id=non_empty("video_file_id", file_id))
    if isinstance(video, MadeVideoValue):
        if video.file_output is not None and video.file_output.file_id:
            video = video.file_output
        elif video.url is None:
            raise video.missing()
        else:
            return pb.VideoUrlContent(url=video.url)
    if isinstance(video, (FileId, FileOutput)):
        return pb.VideoUrlContent(file_id=video.file_id)
    if not isinstance(video, str):
        raise TypeError(
            "video must be a URL, a FileId, a VideoResponse or the FileOutput of one, not"
            f" {kind_of(video)}; upload other videos with files.upload first"
        )
    if not video.startswith(("https://", "http://")):
        raise ValueError("video must begin with https:// or http:// when it is a str")
    return pb.VideoUrlContent(url=video)


def _check_modes(given: Mapping[str, object]) -> None:
    """Refuse what excludes each other."""
    forms = (
        ("image_url", "image_file_id", "image"),
        ("last_frame_url", "last_frame_file_id", "last_frame"),
        ("video_url", "video_file_id", "video"),
    )
    for form in forms:
        names = [name for name in form if name in given]
        if len(names) > 1:
            raise ValueError(f"{' and '.join(names)} can't be given together")
    lists = [n for n in ("reference_image_urls", "reference_image_file_ids") if n in given]
    if "reference_images" in given and lists:
        raise ValueError(f"{lists[0]} and reference_images can't be given together")
    references = [name for name in (*lists, "reference_images") if given.get(name)]
    first = [name for name in forms[0] if name in given]
    edited = [name for name in forms[2] if name in given]
    pinned = [name for name in (*forms[1], "keyframes") if given.get(name)]
    if edited and (others := [*first, *pinned, *references]):
        raise ValueError(
            f"{edited[0]} and {others[0]} can't be given together: a video that is edited has its"
            " frames already"
        )
    if first and references:
        raise ValueError(
            f"{first[0]} and {references[0]} can't be given together: a video starts from a first"
            " frame, or goes by reference images"
        )


def _add_frames(request: pb.GenerateVideoRequest, options: VideoOptions) -> None:
    image = _frame(
        "image", options.get("image_url"), options.get("image_file_id"), options.get("image")
    )
    if image is not None:
        request.image = image
    last = _frame(
        "last_frame",
        options.get("last_frame_url"),
        options.get("last_frame_file_id"),
        options.get("last_frame"),
    )
    if last is not None:
        request.last_frame = last


def _frame(
    name: str, url: str | None, file_id: str | None, image: ImageInput | None
) -> image_pb.ImageUrlContent | None:
    if url is not None:
        return url_source(f"{name}_url", url)
    if file_id is not None:
        return file_source(f"{name}_file_id", file_id)
    return None if image is None else input_source(name, image)


def _references(options: VideoOptions) -> list[image_pb.ImageUrlContent]:
    found = several_sources(
        ("reference_image_file_ids", options.get("reference_image_file_ids")),
        ("reference_image_urls", options.get("reference_image_urls")),
    )
    images = options.get("reference_images") or ()
    return found + [
        input_source(f"reference_images[{at}]", image) for at, image in enumerate(images)
    ]


def _keyframes(keyframes: Sequence[Keyframe] | None, duration: int) -> list[pb.VideoKeyframe]:
    if keyframes is None:
        return []
    check_sequence("keyframes", keyframes, "dicts")
    if len(keyframes) > MAX_KEYFRAMES:
        raise ValueError(f"keyframes must be at most {MAX_KEYFRAMES}, not {len(keyframes)}")
    found = []
    for at, keyframe in enumerate(keyframes):
        where = f"keyframes[{at}]"
        entry = checked_keys(
            where, keyframe, "mapping", ("timestamp",), ("image_url", "image_file_id", "image")
        )
        sources = [name for name in ("image_url", "image_file_id", "image") if name in entry]
        if len(sources) != 1:
            raise ValueError(f"{where} must have exactly one of image_url, image_file_id, image")
        moment = keyframe["timestamp"]
        check_number(f"{where}['timestamp']", moment, 0, float("inf"))
        if not 0 < moment < duration:
            raise ValueError(
                f"{where}['timestamp'] must be more than 0 and less than the duration, which is"
                f" {duration} s, not {moment!r}"
            )
        image = _image_of(where, keyframe, sources[0])
        found.append(pb.VideoKeyframe(image=image, timestamp_s=float(moment)))
    moments = sorted(keyframe["timestamp"] for keyframe in keyframes)
    for one, other in itertools.pairwise(moments):
        if other - one < _APART - _TOLERANCE:
            raise ValueError(
                f"keyframes must be at least 1/3 s apart; there are some at {one} s and {other} s"
            )
    return found


def _image_of(where: str, keyframe: Keyframe, source: str) -> image_pb.ImageUrlContent:
    if source == "image_url":
        return url_source(f"{where}['image_url']", keyframe["image_url"])
    if source == "image_file_id":
        return file_source(f"{where}['image_file_id']", keyframe["image_file_id"])
    return input_source(f"{where}['image']", keyframe["image"])


def _audios(audios: Sequence[ReferenceAudio] | None) -> list[pb.AudioUrlContent]:
    if audios is None:
        return []
    check_sequence("reference_audios", audios, "dicts")
    if len(audios) > MAX_AUDIOS:
        raise ValueError(f"reference_audios must be at most {MAX_AUDIOS}, not {len(audios)}")
    found = []
    for at, audio in enumerate(audios):
        where = f"reference_audios[{at}]"
        checked_keys(where, audio, "mapping", ("voice_id",), ())
        voice = audio["voice_id"]
        name = f"{where}['voice_id']"
        non_empty(name, voice)
        found.append(pb.AudioUrlContent(voice_id=non_empty(name, voice.strip())))
    return found


for _class in (Keyframe, ReferenceAudio, VideoOptions):
    _class.__module__ = "xai.v1"


resolve_lazily(globals())
