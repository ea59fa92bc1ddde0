# Do not edit: produced by "nox -s generate" from
# xai/aio/v1/video.py
"""Videos made by a model: the service xai_api.Video."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from xai._annotations import resolve_lazily
from xai.proto.xai_api import image as image_pb
from xai.proto.xai_api import video as pb
from xai.proto.xai_api.batch import BatchRequest
from xai.runtime.download.blocking import Downloader
from xai.runtime.download.files import read_file
from xai.sync.rpc.caller import Caller
from xai.sync.v1.polling import WaitTimeout
from xai.sync.v1.video_job import LONGEST_PAUSE, VideoJob, VideoResponse
from xai.v1.media_errors import VideoFailedError
from xai.v1.media_input import MAX_INPUT_BYTES
from xai.v1.storage import StorageOptions
from xai.v1.validation import check_callback
from xai.v1.video_paths import paths_of, with_data
from xai.v1.video_values import prepared_video
from xai.v1.videos import VideoInput, VideoModel, VideoOptions, extension_request, video_request

if TYPE_CHECKING:
    from typing_extensions import Unpack


class Videos:
    """Makes videos from prompts, images and other videos; a video takes a while.

    Args:
        caller: Makes the calls.
    """

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._downloader = Downloader()

    def start(self, prompt: str, model: VideoModel, **options: "Unpack[VideoOptions]") -> VideoJob:
        """Start to make a video.

        Args:
            prompt: What to show; may be empty with ``last_frame`` or ``keyframes``.
            model: The model, such as ``"grok-imagine-video"``.
            options: As in `VideoOptions`: ``image_url``, ``image_file_id``, ``image``,
                ``last_frame_url``, ``last_frame_file_id``, ``last_frame``, ``keyframes``,
                ``video_url``, ``video_file_id``, ``video``, ``duration``, ``aspect_ratio``,
                ``resolution``, ``reference_image_urls``, ``reference_image_file_ids``,
                ``reference_images``, ``reference_audios``, ``generate_audio``,
                ``storage_options``.

        Returns:
            The job, which can be waited for.

        Raises:
            APIError: The call failed.
            OSError: A path among the images can't be read.
            TypeError: An argument is of the wrong type, or an option is not known.
            ValueError: An argument is not valid, or some exclude each other.
            VideoFailedError: The server gave the request no ID.

        RPC: ``/xai_api.Video/GenerateVideo``.
        """
        request = video_request(prompt, model, **self._loaded(options))
        return self._start(self._caller, request)

    def generate(
        self,
        prompt: str,
        model: VideoModel,
        *,
        timeout: float | timedelta | None = None,
        interval: float | timedelta | None = None,
        on_progress: Callable[[int], object] | None = None,
        **options: "Unpack[VideoOptions]",
    ) -> VideoResponse:
        """Make a video, and wait for it.

        Args:
            prompt: As for `start`.
            model: As for `start`.
            timeout: Seconds to wait in total; 600 when None, no limit when infinite.
            interval: Seconds between polls; 0.1 at first, growing to 2, when None.
            on_progress: Called with the percentage that is done, whenever it has changed.
            options: As for `start`.

        Returns:
            The video.

        Raises:
            APIError: A call failed; its ``partial`` is the job once there is one.
            OSError: A path among the images can't be read.
            TypeError: An argument is of the wrong type, or an option is not known.
            ValueError: An argument is not valid, or some exclude each other.
            VideoExpiredError: The server no longer has the video.
            VideoFailedError: The server could not make it.
            VideoTimeoutError: It is still being made; its ID is in the error.

        RPC: ``/xai_api.Video/GenerateVideo``, then ``/xai_api.Video/GetDeferredVideo``.
        """
        check_callback("on_progress", on_progress)
        limit = WaitTimeout(self._caller, timeout, interval, longest=LONGEST_PAUSE)
        request = video_request(prompt, model, **self._loaded(options))
        job = self._start(limit.limited(), request)
        return job.wait_within(limit, on_progress)

    def extend_start(
        self,
        prompt: str,
        model: VideoModel,
        video_url: str | None = None,
        *,
        video_file_id: str | None = None,
        video: VideoInput | None = None,
        duration: int | None = None,
        storage_options: StorageOptions | image_pb.StorageOptions | None = None,
    ) -> VideoJob:
        """Start to continue a video of 2 to 30 seconds.

        Args:
            prompt: How it goes on.
            model: The model, such as ``"grok-imagine-video"``.
            video_url: The URL of the video.
            video_file_id: The ID of the file of the video, in place of the URL.
            video: An earlier result, a URL, a `FileId` or a `FileOutput`, in place of both.
            duration: The length of the continuation in seconds, from 1 to 10; the server's 6 when
                None.
            storage_options: Store the result as a file, and how.

        Returns:
            The job, which can be waited for.

        Raises:
            APIError: The call failed.
            TypeError: An argument is of the wrong type.
            ValueError: An argument is not valid, or there is not exactly one video.
            VideoFailedError: The server gave the request no ID.

        RPC: ``/xai_api.Video/ExtendVideo``.
        """
        request = extension_request(
            prompt,
            model,
            video_url=video_url,
            video_file_id=video_file_id,
            video=video,
            duration=duration,
            storage_options=storage_options,
        )
        return self._start_extension(self._caller, request)

    def extend(
        self,
        prompt: str,
        model: VideoModel,
        video_url: str | None = None,
        *,
        video_file_id: str | None = None,
        video: VideoInput | None = None,
        duration: int | None = None,
        storage_options: StorageOptions | image_pb.StorageOptions | None = None,
        timeout: float | timedelta | None = None,
        interval: float | timedelta | None = None,
        on_progress: Callable[[int], object] | None = None,
    ) -> VideoResponse:
        """Continue a video of 2 to 30 seconds, and wait for it.

        Args:
            prompt: As for `extend_start`.
            model: As for `extend_start`.
            video_url: As for `extend_start`.
            video_file_id: As for `extend_start`.
            video: As for `extend_start`.
            duration: As for `extend_start`.
            storage_options: As for `extend_start`.
            timeout: As for `generate`.
            interval: As for `generate`.
            on_progress: As for `generate`.

        Returns:
            The video.

        Raises:
            APIError: A call failed; its ``partial`` is the job once there is one.
            TypeError: An argument is of the wrong type.
            ValueError: An argument is not valid, or there is not exactly one video.
            VideoExpiredError: The server no longer has the video.
            VideoFailedError: The server could not make it.
            VideoTimeoutError: It is still being made; its ID is in the error.

        RPC: ``/xai_api.Video/ExtendVideo``, then ``/xai_api.Video/GetDeferredVideo``.
        """
        check_callback("on_progress", on_progress)
        limit = WaitTimeout(self._caller, timeout, interval, longest=LONGEST_PAUSE)
        request = extension_request(
            prompt,
            model,
            video_url=video_url,
            video_file_id=video_file_id,
            video=video,
            duration=duration,
            storage_options=storage_options,
        )
        job = self._start_extension(limit.limited(), request)
        return job.wait_within(limit, on_progress)

    def job(self, request_id: str) -> VideoJob:
        """Return the job of a request that was started before, maybe by another process.

        Args:
            request_id: The ID of the request.

        Raises:
            TypeError: The ID is not a str.
            ValueError: The ID is empty.
        """
        return VideoJob(self._caller, request_id)

    def get(self, request_id: str) -> VideoJob:
        """Return the job of a request with its current status, after one poll.

        Args:
            request_id: The ID of the request.

        Raises:
            APIError: The call failed.
            TypeError: The ID is not a str.
            ValueError: The ID is empty.

        RPC: ``/xai_api.Video/GetDeferredVideo``.
        """
        job = self.job(request_id)
        job.refresh()
        return job

    def prepare(
        self,
        prompt: str,
        model: VideoModel,
        *,
        batch_request_id: str | None = None,
        **options: "Unpack[VideoOptions]",
    ) -> BatchRequest:
        """Return a request for a video as a part of a batch; nothing is sent.

        Paths among the images are read here.

        Args:
            prompt: As for `start`.
            model: As for `start`.
            batch_request_id: The ID of the request within the batch; the server's choice when
                None.
            options: As for `start`.

        Returns:
            The request.

        Raises:
            OSError: A path among the images can't be read.
            TypeError: An argument is of the wrong type, or an option is not known.
            ValueError: An argument is not valid, or some exclude each other.
        """
        data = {
            name: read_file(path, name, MAX_INPUT_BYTES) for name, path in paths_of(options).items()
        }
        request = video_request(prompt, model, **with_data(options, data))
        return prepared_video(request, batch_request_id)

    def prepare_extension(
        self,
        prompt: str,
        model: VideoModel,
        video_url: str | None = None,
        *,
        video_file_id: str | None = None,
        video: VideoInput | None = None,
        batch_request_id: str | None = None,
        duration: int | None = None,
        storage_options: StorageOptions | image_pb.StorageOptions | None = None,
    ) -> BatchRequest:
        """Return a request to continue a video as a part of a batch; nothing is sent.

        Args:
            prompt: As for `extend_start`.
            model: As for `extend_start`.
            video_url: As for `extend_start`.
            video_file_id: As for `extend_start`.
            video: As for `extend_start`.
            batch_request_id: As for `prepare`.
            duration: As for `extend_start`.
            storage_options: As for `extend_start`.

        Returns:
            The request.

        Raises:
            TypeError: An argument is of the wrong type.
            ValueError: An argument is not valid, or there is not exactly one video.
        """
        request = extension_request(
            prompt,
            model,
            video_url=video_url,
            video_file_id=video_file_id,
            video=video,
            duration=duration,
            storage_options=storage_options,
        )
        return prepared_video(request, batch_request_id)

    def _start(self, caller: Caller, request: pb.GenerateVideoRequest) -> VideoJob:
        return self._job(caller.unary(pb.VIDEO_GENERATE_VIDEO, request).request_id)

    def _start_extension(self, caller: Caller, request: pb.ExtendVideoRequest) -> VideoJob:
        return self._job(caller.unary(pb.VIDEO_EXTEND_VIDEO, request).request_id)

    def _job(self, request_id: str) -> VideoJob:
        if not request_id:
            text = "the server began to make a video, and gave the request no ID"
            raise VideoFailedError(text, code="UNKNOWN", request_id="")
        job = self.job(request_id)
        job.status = "pending"
        return job

    def _loaded(self, options: VideoOptions) -> VideoOptions:
        """Return options in which paths have become what is there."""
        data = {}
        for name, path in paths_of(options).items():
            data[name] = self._downloader.read_file(path, name, MAX_INPUT_BYTES)
        return with_data(options, data)


resolve_lazily(globals())
