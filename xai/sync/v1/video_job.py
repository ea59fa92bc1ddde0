# Do not edit: produced by "nox -s generate" from
# xai/aio/v1/video_job.py
"""A video that is being made, and one that was made."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import attrs

from xai._annotations import resolve_lazily
from xai.proto.xai_api import video as pb
from xai.proto.xai_api.deferred import DeferredStatus
from xai.sync.rpc.caller import Caller
from xai.sync.v1.media import Media
from xai.sync.v1.polling import WaitTimeout, mark_resumable, poll
from xai.v1.media_errors import VideoExpiredError, VideoFailedError, VideoTimeoutError
from xai.v1.validation import check_callback, non_empty
from xai.v1.video_values import MadeVideoValue, video_fields

if TYPE_CHECKING:
    import os

    from xai.runtime.download.plan import DownloadProgress

#: What a video may have, in bytes, unless another limit is given.
MAX_VIDEO_BYTES: Final = 2 * 2**30
#: The longest pause between two polls, in seconds: a video takes a while.
LONGEST_PAUSE: Final = 2.0


@attrs.frozen
class VideoResponse(MadeVideoValue):
    """A video that was made.

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

    _media: Media = attrs.field(repr=False, eq=False)

    def download(
        self,
        path: "str | os.PathLike[str]",
        *,
        max_bytes: int = MAX_VIDEO_BYTES,
        on_progress: "DownloadProgress | None" = None,
    ) -> Path:
        """Fetch the video into a file, which is complete or not there.

        It is fetched over plain HTTP, without the API key, with the timeouts, the retries, the
        proxy and the trusted certificates of the client. It never is in memory as a whole.

        Args:
            path: The path of the file; one that is there is replaced.
            max_bytes: How large it may be, in bytes.
            on_progress: Called with the bytes that came, and how many there will be or None, in
                the thread or task of this call. A retry starts at 0 again.

        Returns:
            Where the file is.

        Raises:
            APIError: It could not be fetched.
            ImportError: The extra ``xai-client[media]`` is not installed.
            MediaUnavailableError: There is no video.
            OSError: The file can't be written.
            RuntimeError: The client is closed, or in another process.
            TypeError: An argument is of the wrong type.
            ValueError: The limit is less than 1.
        """
        if self.url is None:
            raise self.missing()
        return self._media.download(path, max_bytes, on_progress)


def read_video(caller: Caller | None, reply: pb.VideoResponse, request_id: str) -> VideoResponse:
    """Return the video of a response.

    Args:
        caller: Knows the settings for fetching it.
        reply: The response.
        request_id: The ID of the request; empty in a batch.
    """
    fields = video_fields(reply, request_id)
    return VideoResponse(**fields, media=Media(caller, fields["url"]))


class VideoJob:
    """A video that is being made, identified by the ID of its request.

    The ID can be stored, and the video be waited for in another process: see `Videos.job`.
    What is known of it changes by `refresh` and `wait` alone.

    Args:
        caller: Makes the calls.
        request_id: The ID.

    Attributes:
        status: ``"pending"``, ``"done"``, ``"expired"``, ``"failed"``, ``"unrecognized_N"`` for a
            status without a name here, or ``"unknown"`` before the first poll.
        progress: How much of it is done, in percent.
        response: The video; None before it is done.
        error: Why there will be none; None otherwise.

    Raises:
        TypeError: The ID is not a str.
        ValueError: The ID is empty.
    """

    def __init__(self, caller: Caller, request_id: str) -> None:
        self._request_id = non_empty("request_id", request_id)
        self._caller = caller
        self.status: str = "unknown"
        self.progress: int = 0
        self.response: VideoResponse | None = None
        self.error: VideoExpiredError | VideoFailedError | None = None

    @property
    def request_id(self) -> str:
        """The ID of the request."""
        return self._request_id

    def refresh(self) -> None:
        """Poll once; a video that is done or failed is not asked for again.

        Raises:
            APIError: The call failed.

        RPC: ``/xai_api.Video/GetDeferredVideo``.
        """
        self._ask(self._caller)

    def wait(
        self,
        *,
        timeout: float | timedelta | None = None,
        interval: float | timedelta | None = None,
        on_progress: Callable[[int], object] | None = None,
    ) -> VideoResponse:
        """Poll until the video is done.

        Args:
            timeout: Seconds to wait in total; 600 when None, no limit when infinite.
            interval: Seconds between polls; 0.1 at first, growing to 2, when None.
            on_progress: Called with the percentage that is done, whenever it has changed, in the
                thread or task of this call.

        Returns:
            The video.

        Raises:
            APIError: A call failed; its ``partial`` is this job, which can be waited for again.
            TypeError: An argument is of the wrong type.
            ValueError: An argument is not more than 0.
            VideoExpiredError: The server no longer has the video.
            VideoFailedError: The server could not make it.
            VideoTimeoutError: It is still being made; it can be waited for again.

        RPC: ``/xai_api.Video/GetDeferredVideo``.
        """
        limit = WaitTimeout(self._caller, timeout, interval, longest=LONGEST_PAUSE)
        return self.wait_within(limit, on_progress)

    def result(self) -> VideoResponse:
        """Return the video; poll until it is done, for up to 600 seconds.

        Raises:
            APIError: A call failed; its ``partial`` is this job, which can be waited for again.
            VideoExpiredError: The server no longer has the video.
            VideoFailedError: The server could not make it.
            VideoTimeoutError: It is still being made; it can be waited for again.

        RPC: ``/xai_api.Video/GetDeferredVideo``.
        """
        return self.wait()

    def wait_within(
        self, limit: WaitTimeout, on_progress: Callable[[int], object] | None
    ) -> VideoResponse:
        """Poll until the video is done, within a timeout that may have started before.

        Args:
            limit: How long, and how often.
            on_progress: As for `wait`.
        """
        check_callback("on_progress", on_progress)
        shown: int | None = None

        def ask(caller: Caller) -> VideoResponse | None:
            nonlocal shown
            self._ask(caller)
            if on_progress is not None and self.progress != shown:
                shown = self.progress
                on_progress(shown)
            if self.error is not None:
                raise _again(self.error)
            return self.response

        try:
            return poll(limit, ask, self._timed_out)
        except (VideoExpiredError, VideoFailedError, VideoTimeoutError):
            raise
        except BaseException as error:
            note = f"the video goes on as {self._request_id}; see client.video.job()"
            mark_resumable(error, self, note)
            raise

    def __repr__(self) -> str:
        """Return the ID and the status."""
        return f"<{type(self).__name__} {self._request_id} {self.status} {self.progress} %>"

    def _timed_out(self, seconds: float) -> VideoTimeoutError:
        text = f"the video {self._request_id} is not done after {seconds:g} s"
        return VideoTimeoutError(text, request_id=self._request_id, progress=self.progress)

    def _ask(self, caller: Caller) -> None:
        if self.response is not None or self.error is not None:
            return
        name = self._request_id
        request = pb.GetDeferredVideoRequest(request_id=name)
        found = caller.unary_of(pb.VIDEO_GET_DEFERRED_VIDEO, request, self._read)
        self.status, self.progress, self.response, self.error = found

    def _read(self, reply: pb.GetDeferredVideoResponse) -> "_State":
        """Return the state that a reply tells of; nothing is changed yet."""
        name, found = self._request_id, reply.response
        progress = self.progress if found is None else found.progress
        response: VideoResponse | None = None
        error: VideoExpiredError | VideoFailedError | None = None
        if reply.status == DeferredStatus.EXPIRED:
            text = f"the server has the video {name} no longer"
            error = VideoExpiredError(text, request_id=name)
        elif reply.status == DeferredStatus.FAILED:
            why = None if found is None else found.error
            code = "" if why is None else why.code
            text = ("" if why is None else why.message) or "the server did not say why"
            error = VideoFailedError(text, code=code or "UNKNOWN", request_id=name)
        elif reply.status == DeferredStatus.DONE and found is None:
            text = "the server says that the video is done, and has none"
            error = VideoFailedError(text, code="UNKNOWN", request_id=name)
        elif reply.status == DeferredStatus.DONE and found is not None:
            progress, response = 100, read_video(self._caller, found, name)
        return _State(status_name(reply.status), progress, response, error)


class _State(NamedTuple):
    """What a reply tells of a video."""

    status: str
    progress: int
    response: VideoResponse | None
    error: VideoExpiredError | VideoFailedError | None


def status_name(status: int) -> str:
    """Return the name of a status; one without a name here with its number."""
    name = DeferredStatus.try_value(int(status)).name
    return name.lower() if name else f"unrecognized_{int(status)}"


def _again(error: VideoExpiredError | VideoFailedError) -> VideoExpiredError | VideoFailedError:
    """Return an error made anew: one that was raised before has that traceback."""
    if isinstance(error, VideoFailedError):
        return VideoFailedError(error.message, code=error.code, request_id=error.request_id)
    return VideoExpiredError(str(error), request_id=error.request_id)


# Users meet them as names of `xai.v1`; their reprs and pickles say so.
for _class in (VideoJob, VideoResponse):
    _class.__module__ = "xai.v1"


resolve_lazily(globals())
