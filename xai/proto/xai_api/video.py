# Generated from xai/api/v1/video.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""Videos made by a model."""

from dataclasses import dataclass
from typing import Final

import betterproto

from xai.proto import base
from xai.proto.xai_api.deferred import DeferredStatus, StartDeferredResponse
from xai.proto.xai_api.image import FileOutput, ImageUrlContent, StorageOptions
from xai.proto.xai_api.usage import SamplingUsage


class VideoAspectRatio(base.Enum):
    """Width to height of a video."""

    VIDEO_ASPECT_RATIO_UNSPECIFIED = 0
    """The server decides."""

    VIDEO_ASPECT_RATIO_1_1 = 1
    """1 to 1."""

    VIDEO_ASPECT_RATIO_16_9 = 2
    """16 to 9."""

    VIDEO_ASPECT_RATIO_9_16 = 3
    """9 to 16."""

    VIDEO_ASPECT_RATIO_4_3 = 4
    """4 to 3."""

    VIDEO_ASPECT_RATIO_3_4 = 5
    """3 to 4."""

    VIDEO_ASPECT_RATIO_3_2 = 6
    """3 to 2."""

    VIDEO_ASPECT_RATIO_2_3 = 7
    """2 to 3."""


class VideoResolution(base.Enum):
    """Sizes of videos."""

    VIDEO_RESOLUTION_UNSPECIFIED = 0
    """The server decides."""

    VIDEO_RESOLUTION_480P = 1
    """480 lines."""

    VIDEO_RESOLUTION_720P = 2
    """720 lines."""

    VIDEO_RESOLUTION_1080P = 3
    """1080 lines."""


@dataclass(eq=False, repr=False)
class VideoUrlContent(base.Message):
    """A video, by its URL or its file."""

    url: str = betterproto.string_field(1, group="source")
    """Its URL."""

    file_id: str = betterproto.string_field(2, group="source")
    """The ID of a file that was uploaded."""


@dataclass(eq=False, repr=False)
class AudioUrlContent(base.Message):
    """A sound to go by."""

    voice_id: str = betterproto.string_field(2, group="source")
    """A voice, by its ID."""


@dataclass(eq=False, repr=False)
class VideoKeyframe(base.Message):
    """An image that a video shows at a moment."""

    image: "ImageUrlContent" = betterproto.message_field(1)
    """The image."""

    timestamp_s: float = betterproto.float_field(2)
    """The moment, in seconds from the start."""


@dataclass(eq=False, repr=False)
class GenerateVideoRequest(base.Message):
    """Request for a video."""

    prompt: str = betterproto.string_field(1)
    """Prompt."""

    image: "ImageUrlContent" = betterproto.message_field(2)
    """An image to start from."""

    model: str = betterproto.string_field(3)
    """The model to use, by name or alias."""

    duration: "int | None" = betterproto.int32_field(4, optional=True)
    """Its length in seconds, from 1 to 15; 8 when unset."""

    video: "VideoUrlContent" = betterproto.message_field(6)
    """A video to change."""

    aspect_ratio: "VideoAspectRatio | None" = betterproto.enum_field(7, optional=True)
    """Width to height; the server's default when unset."""

    resolution: "VideoResolution | None" = betterproto.enum_field(8, optional=True)
    """The size; the server's default when unset."""

    reference_images: "list[ImageUrlContent]" = betterproto.message_field(13)
    """Images to go by."""

    storage_options: "StorageOptions | None" = betterproto.message_field(14, optional=True)
    """Store the result as a file, and how."""

    reference_audios: "list[AudioUrlContent]" = betterproto.message_field(16)
    """Voices to go by, at most 3."""

    generate_audio: "bool | None" = betterproto.bool_field(17, optional=True)
    """Generate audio; on when unset."""

    last_frame: "ImageUrlContent" = betterproto.message_field(18)
    """The image it ends with."""

    keyframes: "list[VideoKeyframe]" = betterproto.message_field(20)
    """Keyframes in between, at most 4."""


@dataclass(eq=False, repr=False)
class GetDeferredVideoRequest(base.Message):
    """Asks for a video."""

    request_id: str = betterproto.string_field(1)
    """Request ID of the deferred request."""


@dataclass(eq=False, repr=False)
class VideoResponse(base.Message):
    """Result of a video."""

    video: "GeneratedVideo" = betterproto.message_field(1)
    """The video."""

    model: str = betterproto.string_field(2)
    """The model that made it."""

    usage: "SamplingUsage" = betterproto.message_field(3)
    """Usage and cost."""

    error: "VideoError | None" = betterproto.message_field(6, optional=True)
    """Error."""

    progress: int = betterproto.int32_field(7)
    """Progress in percent."""


@dataclass(eq=False, repr=False)
class GeneratedVideo(base.Message):
    """A video that was made."""

    url: str = betterproto.string_field(1)
    """Where to fetch it, for a day."""

    duration: int = betterproto.int32_field(4)
    """Its length in seconds."""

    respect_moderation: bool = betterproto.bool_field(5)
    """It keeps to the rules for content; there is no video otherwise."""

    file_output: "FileOutput | None" = betterproto.message_field(6, optional=True)
    """The file it was stored as."""

    storage_error: "str | None" = betterproto.string_field(7, optional=True)
    """Why storing it failed, although it was made."""


@dataclass(eq=False, repr=False)
class GetDeferredVideoResponse(base.Message):
    """State of a deferred video."""

    status: "DeferredStatus" = betterproto.enum_field(1)
    """Whether it is there."""

    response: "VideoResponse | None" = betterproto.message_field(2, optional=True)
    """The video, or how far it is."""


@dataclass(eq=False, repr=False)
class VideoError(base.Message):
    """Why a video could not be made."""

    code: str = betterproto.string_field(1)
    """The kind of error."""

    message: str = betterproto.string_field(2)
    """Error message."""


@dataclass(eq=False, repr=False)
class ExtendVideoRequest(base.Message):
    """How to continue a video."""

    prompt: str = betterproto.string_field(1)
    """Prompt."""

    video: "VideoUrlContent" = betterproto.message_field(2)
    """The video to continue."""

    model: str = betterproto.string_field(3)
    """The model to use, by name or alias."""

    duration: "int | None" = betterproto.int32_field(4, optional=True)
    """The length of the continuation in seconds, from 1 to 10; 6 when unset."""

    storage_options: "StorageOptions | None" = betterproto.message_field(6, optional=True)
    """Store the result as a file, and how."""


VIDEO_GENERATE_VIDEO: Final = base.Method(
    "/xai_api.Video/GenerateVideo",
    GenerateVideoRequest,
    StartDeferredResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=False,
)
VIDEO_EXTEND_VIDEO: Final = base.Method(
    "/xai_api.Video/ExtendVideo",
    ExtendVideoRequest,
    StartDeferredResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=False,
)
VIDEO_GET_DEFERRED_VIDEO: Final = base.Method(
    "/xai_api.Video/GetDeferredVideo",
    GetDeferredVideoRequest,
    GetDeferredVideoResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
