"""Videos made from prompts, images and other videos."""

from datetime import timedelta
from typing import TYPE_CHECKING

from xai._annotations import resolve_lazily
from xai.aio.v1.polling import WaitTimeout
from xai.aio.v1.video_job import AsyncVideoJob
from xai.proto.xai_api import video as pb
from xai.xai_sdk.v1.aio.connection import AsyncConnection
from xai.xai_sdk.v1.failures import VideoGenerationError, translated
from xai.xai_sdk.v1.media_spans import video_request_attributes, video_response_attributes
from xai.xai_sdk.v1.proto.messages import Message, wrap
from xai.xai_sdk.v1.proto.modules import load
from xai.xai_sdk.v1.telemetry.spans import span
from xai.xai_sdk.v1.video import VideoResponse, extension_message, video_message

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from xai.v1.videos import VideoOptions
    from xai.xai_sdk.v1.files import StorageOptions

batch_pb2 = load("batch_pb2")
video_pb2 = load("video_pb2")


class Client:
    """Makes videos.

    Args:
        connection: Makes the calls.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def start(self, prompt: str, model: str, **options: "Unpack[VideoOptions]") -> Message:
        """Begin to make a video, and return the message with the ID of the request.

        Args:
            prompt: What to show.
            model: The model.
            options: As in `xai.v1.VideoOptions`.

        Raises:
            ValueError: An argument is not valid, or two exclude each other.
        """
        request = video_message(prompt, model, options)
        with self._span("start", request):
            return await self._connection.call(pb.VIDEO_GENERATE_VIDEO, request)

    async def generate(
        self,
        prompt: str,
        model: str,
        *,
        timeout: timedelta | None = None,
        interval: timedelta | None = None,
        **options: "Unpack[VideoOptions]",
    ) -> VideoResponse:
        """Make a video.

        Args:
            prompt: What to show.
            model: The model.
            timeout: How long to wait; ten minutes when None.
            interval: The pause between two polls; a tenth of a second, growing to two, when None.
            options: As for `start`.

        Raises:
            RuntimeError: The server no longer has the video.
            TimeoutError: It was not there in time; ``error.request_id`` names it.
            ValueError: An argument is not valid, or two exclude each other.
            VideoGenerationError: The server could not make it.
        """
        request = video_message(prompt, model, options)
        with self._span("generate", request) as recorded:
            wait = self._wait(timeout, interval)
            reply = await self._connection.call(pb.VIDEO_GENERATE_VIDEO, request)
            video = await self._waited(reply.request_id, wait)
            recorded.set(lambda: video_response_attributes(request, video))
            return video

    async def extend_start(
        self,
        prompt: str,
        model: str,
        video_url: str | None = None,
        *,
        video_file_id: str | None = None,
        duration: int | None = None,
        storage_options: "StorageOptions | Message | None" = None,
    ) -> Message:
        """Begin to continue a video, and return the message with the ID of the request.

        Args:
            prompt: How it goes on.
            model: The model.
            video_url: The URL of the video.
            video_file_id: The ID of its file.
            duration: The length of the continuation in seconds.
            storage_options: How the result is stored.

        Raises:
            ValueError: An argument is not valid, or there is not exactly one video.
        """
        request = extension_message(
            prompt, model, video_url, video_file_id, duration, storage_options
        )
        with self._span("extend_start", request):
            return await self._connection.call(pb.VIDEO_EXTEND_VIDEO, request)

    async def extend(
        self,
        prompt: str,
        model: str,
        video_url: str | None = None,
        *,
        video_file_id: str | None = None,
        duration: int | None = None,
        storage_options: "StorageOptions | Message | None" = None,
        timeout: timedelta | None = None,
        interval: timedelta | None = None,
    ) -> VideoResponse:
        """Continue a video.

        Args:
            prompt: How it goes on.
            model: The model.
            video_url: The URL of the video.
            video_file_id: The ID of its file.
            duration: The length of the continuation in seconds.
            storage_options: How the result is stored.
            timeout: As for `generate`.
            interval: As for `generate`.

        Raises:
            RuntimeError: The server no longer has the video.
            TimeoutError: It was not there in time; ``error.request_id`` names it.
            ValueError: An argument is not valid, or there is not exactly one video.
            VideoGenerationError: The server could not make it.
        """
        request = extension_message(
            prompt, model, video_url, video_file_id, duration, storage_options
        )
        with self._span("extend", request) as recorded:
            wait = self._wait(timeout, interval)
            reply = await self._connection.call(pb.VIDEO_EXTEND_VIDEO, request)
            video = await self._waited(reply.request_id, wait)
            recorded.set(lambda: video_response_attributes(request, video))
            return video

    async def get(self, request_id: str) -> Message:
        """Return the state of a video.

        Args:
            request_id: The ID of the request.
        """
        request = video_pb2.GetDeferredVideoRequest(request_id=request_id)
        return await self._connection.call(pb.VIDEO_GET_DEFERRED_VIDEO, request)

    def prepare(
        self,
        prompt: str,
        model: str,
        *,
        batch_request_id: str | None = None,
        **options: "Unpack[VideoOptions]",
    ) -> Message:
        """Return a request for a video as a part of a batch; nothing is sent.

        Args:
            prompt: What to show.
            model: The model.
            batch_request_id: The ID of the request in the batch.
            options: As for `start`.

        Raises:
            ValueError: An argument is not valid, or two exclude each other.
        """
        request = video_message(prompt, model, options)
        found: Message = batch_pb2.BatchRequest(
            batch_request_id=batch_request_id, video_request=request
        )
        return found

    def prepare_extension(
        self,
        prompt: str,
        model: str,
        video_url: str | None = None,
        *,
        video_file_id: str | None = None,
        batch_request_id: str | None = None,
        duration: int | None = None,
        storage_options: "StorageOptions | Message | None" = None,
    ) -> Message:
        """Return a request to continue a video as a part of a batch; nothing is sent.

        Args:
            prompt: How it goes on.
            model: The model.
            video_url: The URL of the video.
            video_file_id: The ID of its file.
            batch_request_id: The ID of the request in the batch.
            duration: The length of the continuation in seconds.
            storage_options: How the result is stored.

        Raises:
            ValueError: An argument is not valid, or there is not exactly one video.
        """
        request = extension_message(
            prompt, model, video_url, video_file_id, duration, storage_options
        )
        found: Message = batch_pb2.BatchRequest(
            batch_request_id=batch_request_id, video_extension_request=request
        )
        return found

    def _wait(self, timeout: timedelta | None, interval: timedelta | None) -> WaitTimeout:
        # No time at all stands for the default, as there.
        caller = self._connection.caller
        return WaitTimeout(caller, timeout or None, interval or None, longest=2.0)

    async def _waited(self, request_id: str, wait: WaitTimeout) -> VideoResponse:
        if not request_id:
            raise VideoGenerationError("UNKNOWN", "the server gave the request no ID")
        with translated():
            job = AsyncVideoJob(self._connection.caller, request_id)
            return VideoResponse(wrap((await job.wait_within(wait, None)).proto))

    def _span(self, method: str, request: Message) -> span:
        operation = "extend_video" if method.startswith("extend") else "generate_video"
        return span(
            __name__,
            f"video.{method} {request.model}",
            lambda: video_request_attributes(operation, request),
        )


resolve_lazily(globals())
