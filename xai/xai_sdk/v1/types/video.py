"""Types of the arguments of videos, and the numbers that some of them stand for."""

from typing import Final, Literal, TypeAlias

from typing_extensions import TypedDict

from xai.xai_sdk.v1.proto.modules import load

video_pb2 = load("video_pb2")

VideoAspectRatio: TypeAlias = Literal["1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3"]
VideoResolution: TypeAlias = Literal["480p", "720p", "1080p"]

VideoAspectRatioMap: Final[dict[VideoAspectRatio, int]] = {
    "1:1": video_pb2.VIDEO_ASPECT_RATIO_1_1,
    "16:9": video_pb2.VIDEO_ASPECT_RATIO_16_9,
    "9:16": video_pb2.VIDEO_ASPECT_RATIO_9_16,
    "4:3": video_pb2.VIDEO_ASPECT_RATIO_4_3,
    "3:4": video_pb2.VIDEO_ASPECT_RATIO_3_4,
    "3:2": video_pb2.VIDEO_ASPECT_RATIO_3_2,
    "2:3": video_pb2.VIDEO_ASPECT_RATIO_2_3,
}
VideoResolutionMap: Final[dict[VideoResolution, int]] = {
    "480p": video_pb2.VIDEO_RESOLUTION_480P,
    "720p": video_pb2.VIDEO_RESOLUTION_720P,
    "1080p": video_pb2.VIDEO_RESOLUTION_1080P,
}


class VoiceAudioRef(TypedDict):
    """A voice to speak with."""

    voice_id: str


class UrlKeyframe(TypedDict):
    """A picture at a moment of a video, by its URL."""

    image_url: str
    timestamp: float


class FileIdKeyframe(TypedDict):
    """A picture at a moment of a video, by the ID of its file."""

    image_file_id: str
    timestamp: float


ReferenceAudio: TypeAlias = VoiceAudioRef
Keyframe: TypeAlias = UrlKeyframe | FileIdKeyframe
