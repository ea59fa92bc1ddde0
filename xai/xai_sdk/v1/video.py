"""Videos that were made, and the types of the arguments for them."""

from datetime import timedelta
from typing import Final, cast

from xai.v1.videos import VideoOptions, extension_request, video_request
from xai.xai_sdk.v1.failures import VideoGenerationError
from xai.xai_sdk.v1.files import StorageOptions, storage_options_message
from xai.xai_sdk.v1.image import Stored
from xai.xai_sdk.v1.proto.messages import Message, wrap
from xai.xai_sdk.v1.types.model import VideoGenerationModel
from xai.xai_sdk.v1.types.video import Keyframe, ReferenceAudio, VideoAspectRatio, VideoResolution
from xai.xai_sdk.v1.validators import checked

__all__ = [
    "DEFAULT_VIDEO_POLL_INTERVAL",
    "DEFAULT_VIDEO_TIMEOUT",
    "Keyframe",
    "ReferenceAudio",
    "StorageOptions",
    "VideoAspectRatio",
    "VideoGenerationError",
    "VideoGenerationModel",
    "VideoResolution",
    "VideoResponse",
    "extension_message",
    "video_message",
]

DEFAULT_VIDEO_POLL_INTERVAL: Final = timedelta(seconds=1)
DEFAULT_VIDEO_TIMEOUT: Final = timedelta(minutes=10)


class VideoResponse(Stored):
    """A video that was made."""

    @property
    def _result(self) -> Message:
        found: Message = self._proto.video
        return found

    @property
    def url(self) -> str:
        """Where it can be fetched for a day.

        Raises:
            ValueError: There is no URL.
        """
        found = str(self._result.url)
        if not found:
            reason = "is missing from the response"
            if not self.respect_moderation:
                reason = "did not respect moderation rules"
            raise ValueError(f"Video {reason}; URL is not available.")
        return found

    @property
    def duration(self) -> int:
        """Its length in seconds."""
        return int(self._result.duration)


def video_message(prompt: str, model: str, options: VideoOptions) -> Message:
    """Return the request for a video.

    Args:
        prompt: What to show.
        model: The model.
        options: The other arguments.

    Raises:
        ValidationError: A dictionary is not valid.
        ValueError: An argument is not valid, or two exclude each other.
    """
    stored = storage_options_message(options.get("storage_options"))
    given = cast("VideoOptions", {**options, "storage_options": None})
    for name, kind in (("keyframes", "keyframe"), ("reference_audios", "audio")):
        entries = options.get(name)
        if entries is not None:
            found = [checked(kind, entry) for entry in cast("list[object]", entries)]
            given[name] = found  # type: ignore[literal-required]  # one of two
    request = wrap(video_request(prompt, model, **given))
    if stored is not None:
        request.storage_options.CopyFrom(stored)
    return request


def extension_message(
    prompt: str,
    model: str,
    video_url: str | None,
    video_file_id: str | None,
    duration: int | None,
    storage_options: object,
) -> Message:
    """Return the request to continue a video.

    Args:
        prompt: How it goes on.
        model: The model.
        video_url: The URL of the video.
        video_file_id: The ID of its file.
        duration: The length of the continuation in seconds.
        storage_options: How the result is stored.

    Raises:
        ValidationError: A dictionary is not valid.
        ValueError: An argument is not valid, or there is not exactly one video.
    """
    stored = storage_options_message(storage_options)
    request = wrap(
        extension_request(
            prompt,
            model,
            video_url=video_url,
            video_file_id=video_file_id,
            video=None,
            duration=duration,
            storage_options=None,
        )
    )
    if stored is not None:
        request.storage_options.CopyFrom(stored)
    return request
