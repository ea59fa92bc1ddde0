"""Errors of v1 chat that are not the status of an RPC."""

from typing import TYPE_CHECKING

from xai._annotations import resolve_lazily
from xai.v1.detailed_error import DetailedError

if TYPE_CHECKING:
    from xai.proto.xai_api import ToolCall
    from xai.v1.chat.response import Response


class ParseError(DetailedError, ValueError):
    """The model's answer does not have the shape that was asked for.

    The cause (``__cause__``) says what is wrong with it.

    Args:
        message: What is wrong.
        response: The whole answer, which was paid for.
        text: Its content.
    """

    def __init__(self, message: str, *, response: "Response", text: str) -> None:
        super().__init__(message)
        self.response = response
        self.text = text


class ToolArgumentsError(DetailedError, ValueError):
    """The arguments the model chose for a function are not valid for it.

    Args:
        message: What is wrong, by the path of the argument.
        call: The model's call, where it is known.
    """

    def __init__(self, message: str, *, call: "ToolCall | None" = None) -> None:
        super().__init__(message)
        self.call = call


class ToolError(DetailedError):
    """A function that the model called raised; the cause is what it raised.

    Args:
        message: Which function, and what it raised.
        call: The model's call.
    """

    def __init__(self, message: str, *, call: "ToolCall") -> None:
        super().__init__(message)
        self.call = call


class _DeferredError(DetailedError):
    """The answer to a deferred request can't be had."""

    request_id: str

    def __init__(self, message: str, *, request_id: str) -> None:
        super().__init__(message)
        self.request_id = request_id


class DeferredExpiredError(_DeferredError):
    """The server no longer keeps the answer to a deferred request.

    Args:
        message: What happened.
        request_id: The server's name of the request.
    """


class DeferredFailedError(_DeferredError):
    """The server could not answer a deferred request.

    Args:
        message: What happened.
        request_id: The server's name of the request.
    """


class DeferredTimeoutError(_DeferredError, TimeoutError):
    """A deferred request was still pending at the end of the time allowed for waiting.

    Nothing is lost: waiting can go on later with the same ID.

    Args:
        message: How long was waited.
        request_id: The server's name of the request.
    """


# Users meet these classes as names of `xai.v1`; their reprs and pickles say so.
for _class in (
    ParseError,
    ToolArgumentsError,
    ToolError,
    DeferredExpiredError,
    DeferredFailedError,
    DeferredTimeoutError,
):
    _class.__module__ = "xai.v1"


resolve_lazily(globals())
