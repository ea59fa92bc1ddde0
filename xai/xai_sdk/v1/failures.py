"""Failures of what the server does in the background, as programs of that package catch them."""

from collections.abc import Iterator
from contextlib import contextmanager

from xai.v1.detailed_error import DetailedError


class ExpiredError(RuntimeError):
    """A deferred response has expired on the server.

    Args:
        text: What happened.
        request_id: The ID of the request.
    """

    def __init__(self, text: str, request_id: str = "") -> None:
        super().__init__(text)
        self.request_id = request_id


class FailedError(ExpiredError, ValueError):
    """The server failed to make a deferred response."""


class VideoGenerationError(Exception):
    """The server failed to make a video.

    Args:
        code: Which kind of failure it is.
        message: What happened.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"Video generation failed [{code}]: {message}")
        self.code = code
        self.message = message

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle both arguments."""
        return type(self), (self.code, self.message)


class WaitedTooLongError(TimeoutError):
    """What was waited for did not come in time; it can be asked for again.

    Args:
        text: What was waited for, and how long.
        request_id: The ID of the request.
    """

    def __init__(self, text: str, request_id: str = "") -> None:
        super().__init__(text)
        self.request_id = request_id


@contextmanager
def translated() -> Iterator[None]:
    """Raise what that package raises, for what our services raise in a block."""
    try:
        yield
    except DetailedError as error:
        raise _translate(error) from error


def _translate(error: DetailedError) -> Exception:
    from xai.v1 import media_errors as media
    from xai.v1.chat import errors as chat
    from xai.v1.collections import errors as collections

    text, request_id = str(error), str(getattr(error, "request_id", ""))
    made: Exception = error
    if isinstance(error, media.VideoFailedError):
        made = VideoGenerationError(error.code, error.message)
    elif isinstance(error, (chat.DeferredExpiredError, media.VideoExpiredError)):
        made = ExpiredError(text, request_id)
    elif isinstance(error, chat.DeferredFailedError):
        made = FailedError(text, request_id)
    elif isinstance(error, collections.IndexingFailedError):
        made = ValueError(text)
    elif isinstance(error, TimeoutError):
        made = WaitedTooLongError(f"Polling timed out: {text}", request_id)
    return made
