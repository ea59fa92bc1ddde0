"""The service xai_api.Video of the local server: videos that are made in the background."""

import re
import uuid
from collections.abc import Callable, Mapping
from typing import Final, get_args

import attrs
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from xai.proto.xai_api.deferred import DeferredStatus, StartDeferredResponse
from xai.proto.xai_api.image import StorageOptions
from xai.proto.xai_api.usage import SamplingUsage
from xai.proto.xai_api.video import (
    ExtendVideoRequest,
    GeneratedVideo,
    GenerateVideoRequest,
    GetDeferredVideoRequest,
    GetDeferredVideoResponse,
    VideoError,
    VideoResponse,
)
from xai.proto.xai_api.video_server import VideoBase
from xai.testing.control.accounts import Account, caller
from xai.testing.engine.bounded import AccountStore
from xai.testing.engine.dialogue import Backend
from xai.testing.engine.mp4 import MP4
from xai.testing.engine.steps import finish_in_turns
from xai.testing.v1.chat_request import require
from xai.testing.v1.image import WITHHELD
from xai.testing.v1.media_source import MediaFiles, check_storage
from xai.testing.v1.models import Names
from xai.testing.v1.video_scenes import Film, continued, filmed
from xai.v1.videos import VideoModelName

_PATH: Final = "/xai_api.Video/"
_KIND: Final = "video"
VIDEO_MODELS: Final[tuple[str, ...]] = ("video-local", *get_args(VideoModelName))
#: How far a video is at each look, in percent; then it is done.
_STEPS: Final = (0, 40, 80)
_MAX_JOBS: Final = 1_000
#: The cost of a second.
_TICKS_PER_SECOND: Final = 500_000_000
#: A prompt with one of these words makes the job fail.
_REFUSED: Final = re.compile(r"\bviolence\b", re.IGNORECASE)


@attrs.define(eq=False)
class _Job:
    """A video that is being made.

    Attributes:
        make: Makes it.
        looks: How often somebody has asked for it.
        result: The answer, once there is one.
    """

    make: Callable[[], GetDeferredVideoResponse]
    model: str
    looks: int = 0
    result: GetDeferredVideoResponse | None = None


class LocalVideos(VideoBase):
    """Serves ``xai_api.Video``.

    A video is done at the fourth look. One whose prompt has a word that is not allowed fails, or
    is withheld.

    Args:
        backend: The model, which counts the tokens of prompts.
        files: Where inputs come from and results go.
    """

    acls: Mapping[str, str] = {
        _PATH + "GenerateVideo": "video:write",
        _PATH + "ExtendVideo": "video:write",
        _PATH + "GetDeferredVideo": "video:read",
    }

    def __init__(self, backend: Backend, files: MediaFiles) -> None:
        self._backend = backend
        self._files = files
        self._names = Names(VIDEO_MODELS)
        self._jobs: AccountStore[_Job] = AccountStore("video", max_count=_MAX_JOBS)

    async def generate_video(self, request: GenerateVideoRequest) -> StartDeferredResponse:
        """Start to make a video."""
        account = caller()
        film = filmed(request, self._files, account)
        pinned = bool(request.keyframes) or request.is_set("last_frame")
        require(bool(request.prompt) or pinned, "prompt is empty.")
        return await self._start(request.prompt, request.model, request.storage_options, film)

    async def extend_video(self, request: ExtendVideoRequest) -> StartDeferredResponse:
        """Start to continue a video."""
        require(bool(request.prompt), "prompt is empty.")
        film = continued(request, self._files, caller())
        return await self._start(request.prompt, request.model, request.storage_options, film)

    async def get_deferred_video(
        self, request: GetDeferredVideoRequest
    ) -> GetDeferredVideoResponse:
        """Return how far a video is, or the video."""
        job = self._jobs.get(caller(), request.request_id)
        if job.result is None and job.looks < len(_STEPS):
            job.looks += 1
            return GetDeferredVideoResponse(
                status=DeferredStatus.PENDING,
                response=VideoResponse(model=job.model, progress=_STEPS[job.looks - 1]),
            )
        if job.result is None:
            job.result = job.make()
        return job.result

    async def _start(
        self,
        prompt: str,
        model_name: str,
        options: StorageOptions | None,
        film: Film,
    ) -> StartDeferredResponse:
        account = caller()
        model = self._names.resolve(model_name)
        check_storage(options)
        tokens = await finish_in_turns(self._backend.model.tokenizer.steps(prompt))
        transaction = self._backend.open(_KIND, model, tokens)
        transaction.confirmed = True
        usage = SamplingUsage(
            prompt_tokens=len(tokens),
            prompt_text_tokens=len(tokens),
            total_tokens=len(tokens),
            cost_in_usd_ticks=film.new_seconds * _TICKS_PER_SECOND,
        )

        def make() -> GetDeferredVideoResponse:
            return self._made(
                account, prompt, options, film, VideoResponse(model=model, usage=usage)
            )

        request_id = str(uuid.uuid4())
        self._jobs.put(account, request_id, _Job(make, model))
        return StartDeferredResponse(request_id=request_id)

    def _made(
        self,
        account: Account,
        prompt: str,
        options: StorageOptions | None,
        film: Film,
        response: VideoResponse,
    ) -> GetDeferredVideoResponse:
        if _REFUSED.search(prompt):
            response.error = VideoError(
                code="content_moderation", message="The prompt does not keep to the rules."
            )
            response.usage = SamplingUsage(cost_in_usd_ticks=0)
            return GetDeferredVideoResponse(status=DeferredStatus.FAILED, response=response)
        response.progress = 100
        if WITHHELD.search(prompt):
            response.video = GeneratedVideo(respect_moderation=False)
            response.usage = SamplingUsage(cost_in_usd_ticks=0)
            return GetDeferredVideoResponse(status=DeferredStatus.DONE, response=response)
        data = film.mp4()
        name = "video.mp4" if options is None else options.filename
        video = GeneratedVideo(
            url=self._files.publish(data, MP4, name),
            duration=film.seconds,
            respect_moderation=True,
        )
        if options is not None:
            try:
                video.file_output = self._files.store(account, data, MP4, options)
            except GRPCError as error:
                if error.status is Status.CANCELLED:
                    raise
                video.storage_error = error.message or error.status.name
        response.video = video
        return GetDeferredVideoResponse(status=DeferredStatus.DONE, response=response)
