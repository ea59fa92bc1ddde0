"""Errors of images and videos that are not the status of an RPC."""

from xai.v1.detailed_error import DetailedError


class MediaUnavailableError(DetailedError, ValueError):
    """A response has no image, or no video.

    Args:
        message: What happened.
        respect_moderation: Whether it keeps to the rules for content; False when that is why there
            is none.
    """

    def __init__(self, message: str, *, respect_moderation: bool) -> None:
        super().__init__(message)
        self.respect_moderation = respect_moderation


class _VideoError(DetailedError):
    """A video is not available."""

    request_id: str

    def __init__(self, message: str, *, request_id: str) -> None:
        super().__init__(message)
        self.request_id = request_id


class VideoExpiredError(_VideoError):
    """The server no longer has the video.

    Args:
        message: What happened.
        request_id: The ID of the request.
    """


class VideoFailedError(_VideoError):
    """The server could not make the video.

    Args:
        message: Why, as the server says.
        code: The kind of failure, as the server says; ``UNKNOWN`` when it does not.
        request_id: The ID of the request.
    """

    def __init__(self, message: str, *, code: str, request_id: str) -> None:
        super().__init__(message, request_id=request_id)
        self.message = message
        self.code = code


class VideoTimeoutError(_VideoError, TimeoutError):
    """The video was still being made when the timeout was reached.

    Nothing is lost: wait again with the same ID.

    Args:
        message: The ID and the timeout.
        request_id: The ID of the request.
        progress: How much of it was done, in percent.
    """

    def __init__(self, message: str, *, request_id: str, progress: int = 0) -> None:
        super().__init__(message, request_id=request_id)
        self.progress = progress


for _class in (MediaUnavailableError, VideoExpiredError, VideoFailedError, VideoTimeoutError):
    _class.__module__ = "xai.v1"
