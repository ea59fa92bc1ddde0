"""Errors of v1 chat that are not the status of an RPC."""

from typing import TYPE_CHECKING

from xai._annotations import resolve_lazily
from xai.v1.detailed_error import DetailedError

if TYPE_CHECKING:
    from xai.proto.xai_api import ToolCall
    from xai.v1.chat.response import Response


class ParseError(DetailedError, ValueError):
    """The response of the model is not valid for the type that was asked for.

    The cause (``__cause__``) says what is wrong with it.

    Args:
        message: What is wrong.
        response: The whole response, which was paid for.
        text: The text that was parsed.
    """

    def __init__(self, message: str, *, response: "Response", text: str) -> None:
        super().__init__(message)
        self.response = response
        self.text = text


class ToolArgumentsError(DetailedError, ValueError):
    """The model called a function with arguments that are not valid for it.

    Args:
        message: What is wrong, with the path of the argument.
        call: The tool call, where it is known.
    """

    def __init__(self, message: str, *, call: "ToolCall | None" = None) -> None:
        super().__init__(message)
        self.call = call


class ToolError(DetailedError):
    """A function that the model called raised an exception, which is the cause.

    Args:
        message: The function and the exception.
        call: The tool call.
    """

    def __init__(self, message: str, *, call: "ToolCall") -> None:
        super().__init__(message)
        self.call = call


class _DeferredError(DetailedError):
    """The response to a deferred request is not available."""

    request_id: str

    def __init__(self, message: str, *, request_id: str) -> None:
        super().__init__(message)
        self.request_id = request_id


class DeferredExpiredError(_DeferredError):
    """The response to a deferred request has expired on the server.

    Args:
        message: What happened.
        request_id: The ID of the request.
    """


class DeferredFailedError(_DeferredError):
    """The server failed to process a deferred request.

    Args:
        message: What happened.
        request_id: The ID of the request.
    """


class DeferredTimeoutError(_DeferredError, TimeoutError):
    """A deferred request was still pending when the timeout was reached.

    Nothing is lost: wait again with the same ID.

    Args:
        message: The ID and the timeout.
        request_id: The ID of the request.
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
