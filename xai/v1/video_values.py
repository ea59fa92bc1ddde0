"""The videos that were made."""

from typing import TypedDict

import attrs

from xai.proto.xai_api import video as pb
from xai.proto.xai_api.batch import BatchRequest
from xai.v1.chat.usage import Usage, usage_of
from xai.v1.images import no_media
from xai.v1.media_errors import MediaUnavailableError
from xai.v1.proto_value import ProtoValue
from xai.v1.storage import FileOutput, read_file_output
from xai.v1.validation import optional_non_empty


@attrs.frozen
class MadeVideoValue(ProtoValue):
    """A video that was made; each twin adds how its bytes are fetched.

    Attributes:
        url: Where it can be fetched for a day; None when there is none.
        duration: Its length in seconds.
        respect_moderation: Whether it keeps to the rules for content; when not, there is none.
        model: The model that made it.
        usage: What it cost.
        file_output: The file it was stored as; None when it was not.
        storage_error: Why storing it failed, although it was made; None otherwise.
        request_id: The ID of the request.
        proto: The protobuf message.
    """

    url: str | None
    duration: int
    respect_moderation: bool
    model: str
    usage: Usage
    file_output: FileOutput | None
    storage_error: str | None
    request_id: str
    proto: pb.VideoResponse = attrs.field(repr=False, eq=False)

    @property
    def cost_usd(self) -> float | None:
        """The cost in US dollars; None when the server did not say."""
        return self.usage.cost_usd

    @property
    def public_url(self) -> str | None:
        """The public URL of the file it was stored as; None without one."""
        return None if self.file_output is None else self.file_output.public_url

    @property
    def public_url_error(self) -> str | None:
        """Why the file has no public URL although one was asked for; None otherwise."""
        return None if self.file_output is None else self.file_output.public_url_error

    def _repr_html_(self) -> str | None:
        """Show it in a notebook, which fetches it from where it is; else only its fields."""
        from xai.v1.html import movie

        return movie(self.url or self.public_url)

    def missing(self) -> MediaUnavailableError:
        """Return the error that says why there is no video."""
        return no_media("video", respect_moderation=self.respect_moderation)


class VideoFields(TypedDict):
    """The fields of `MadeVideoValue`."""

    url: str | None
    duration: int
    respect_moderation: bool
    model: str
    usage: Usage
    file_output: FileOutput | None
    storage_error: str | None
    request_id: str
    proto: pb.VideoResponse


def video_fields(reply: pb.VideoResponse, request_id: str) -> VideoFields:
    """Return the fields of the video of a response.

    Args:
        reply: The response.
        request_id: The ID of the request.
    """
    video = reply.video if reply.is_set("video") else pb.GeneratedVideo()
    return {
        "url": video.url or None,
        "duration": video.duration,
        "respect_moderation": video.respect_moderation,
        "model": reply.model,
        "usage": usage_of(reply),
        "file_output": read_file_output(video.file_output),
        "storage_error": video.storage_error,
        "request_id": request_id,
        "proto": reply,
    }


def prepared_video(
    request: pb.GenerateVideoRequest | pb.ExtendVideoRequest, batch_request_id: str | None
) -> BatchRequest:
    """Return a request for a video as a part of a batch.

    Args:
        request: The request.
        batch_request_id: Its ID within the batch; the server's choice when None.

    Raises:
        TypeError: The ID is not a str.
        ValueError: It is empty.
    """
    prepared = BatchRequest(
        batch_request_id=optional_non_empty("batch_request_id", batch_request_id)
    )
    if isinstance(request, pb.GenerateVideoRequest):
        prepared.video_request = request
    else:
        prepared.video_extension_request = request
    return prepared
