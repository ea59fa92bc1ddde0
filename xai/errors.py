"""Every exception a call can raise, and how a gRPC status becomes one of them.

The tree is `XAIError` > `APIError` > one class for each kind of failure. Mistakes in the
arguments of a call raise builtins (`ValueError`, `TypeError`, `RuntimeError`) instead.
"""

import enum
import sys
from collections.abc import Sequence
from typing import Final

from xai._text import escape_controls

Metadata = tuple[tuple[str, str], ...]


class StatusCode(enum.IntEnum):
    """The status codes of gRPC, with their numbers.

    Source: https://github.com/grpc/grpc/blob/master/doc/statuscodes.md
    """

    OK = 0
    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16


class XAIError(Exception):
    """The base class of all errors of this library."""

    def __str__(self) -> str:
        """Return the text, with control and bidirectional formatting characters escaped."""
        return escape_controls(super().__str__(), keep_lines=True)


class APIError(XAIError):
    """A call that failed, with everything that is known about the failure.

    Args:
        code: The gRPC status of the failure.
        message: The server's own text, or ours when the failure is local.
        details: Decoded ``google.rpc`` messages the server attached; a type this library does
            not know is kept as a pair of its type name and its bytes.
        metadata: The trailing metadata of the response, as pairs.
        method: The path of the RPC, such as ``/prompt_ide.Sampler/Tokenize``.
        attempts: How many times the call was tried.

    Attributes:
        partial: What a stream had brought before it failed, where its service adds the chunks up;
            None elsewhere. It is the data of the call as it came, also where that quotes a
            credential. So neither the error's text and repr nor its pickle have it, and its own
            repr shows nothing of what was said.
        file_ids: The IDs of the files that the same method had uploaded before it failed.
        file_id: The first of them; None when there are none.
    """

    code: StatusCode
    message: str
    details: tuple[object, ...]
    metadata: Metadata
    method: str
    attempts: int
    partial: object = None
    file_ids: tuple[str, ...] = ()
    file_id: str | None = None

    def __init__(
        self,
        code: StatusCode,
        message: str,
        *,
        details: Sequence[object] = (),
        metadata: Metadata = (),
        method: str = "",
        attempts: int = 1,
    ) -> None:
        # Exactly one argument goes up: the classes that are also an OSError would take two
        # for errno and strerror.
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = tuple(details)
        self.metadata = metadata
        self.method = method
        self.attempts = attempts

    def __str__(self) -> str:
        """Return the message on one line, or the name of the status when there is none.

        The text is often the server's: its control and bidirectional formatting characters are
        escaped. `message` has it as it came.
        """
        return escape_controls(self.message) or self.code.name

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle with every field: the default would call the class with the message alone."""
        fields = {name: value for name, value in self.__dict__.items() if name != "partial"}
        return _rebuild, (type(self), self.code, self.message), fields

    if sys.version_info < (3, 11):

        def add_note(self, note: str) -> None:
            """Keep a note where Python 3.11 and later keep it."""
            add_note(self, note)


def add_note(error: BaseException, note: str) -> None:
    """Add a note to any exception, an interrupt included."""
    if sys.version_info >= (3, 11):
        error.add_note(note)
    else:
        # Python 3.10 shows no notes, but keeps them for whoever looks.
        error.__dict__.setdefault("__notes__", []).append(note)


def _rebuild(cls: type[APIError], code: StatusCode, message: str) -> APIError:
    return cls(code, message)


class InvalidArgumentError(APIError):
    """The server refused an argument of the request."""


class AuthenticationError(APIError):
    """The API key is missing or not known to the server."""


class PermissionDeniedError(APIError):
    """The API key is valid and not allowed to do this."""


class NotFoundError(APIError):
    """What the request names does not exist."""


class AlreadyExistsError(APIError):
    """What the request would create exists already."""


class FailedPreconditionError(APIError):
    """The system is not in the state that the request needs."""


class RateLimitError(APIError):
    """A quota or a rate limit is used up."""


class AbortedError(APIError):
    """The server gave the operation up, often for a conflict with another one."""


class OutOfRangeError(APIError):
    """The request reaches past a valid range."""


class UnimplementedError(APIError):
    """The server does not know the method."""


class InternalServerError(APIError):
    """The server failed, or sent something that is not a valid response."""


class ServiceUnavailableError(APIError):
    """The service is not available at the moment; a retry may succeed."""


class CancelledError(APIError):
    """The server cancelled the call."""


class DeadlineExceededError(APIError, TimeoutError):
    """The time allowed for the call ran out."""


class APIConnectionError(APIError, ConnectionError):
    """No connection could be made, or it was lost; the message names the host."""


class BlockingCallWarning(RuntimeWarning):
    """A blocking call was made in a thread that runs an event loop, which stands still for it."""


CLASS_BY_STATUS: Final[dict[StatusCode, type[APIError]]] = {
    StatusCode.CANCELLED: CancelledError,
    StatusCode.UNKNOWN: InternalServerError,
    StatusCode.INVALID_ARGUMENT: InvalidArgumentError,
    StatusCode.DEADLINE_EXCEEDED: DeadlineExceededError,
    StatusCode.NOT_FOUND: NotFoundError,
    StatusCode.ALREADY_EXISTS: AlreadyExistsError,
    StatusCode.PERMISSION_DENIED: PermissionDeniedError,
    StatusCode.RESOURCE_EXHAUSTED: RateLimitError,
    StatusCode.FAILED_PRECONDITION: FailedPreconditionError,
    StatusCode.ABORTED: AbortedError,
    StatusCode.OUT_OF_RANGE: OutOfRangeError,
    StatusCode.UNIMPLEMENTED: UnimplementedError,
    StatusCode.INTERNAL: InternalServerError,
    StatusCode.UNAVAILABLE: ServiceUnavailableError,
    StatusCode.DATA_LOSS: InternalServerError,
    StatusCode.UNAUTHENTICATED: AuthenticationError,
}


def make_error(
    code: StatusCode,
    message: str,
    *,
    details: Sequence[object] = (),
    metadata: Metadata = (),
    method: str = "",
    attempts: int = 1,
    host: str = "",
    connection: bool = False,
) -> APIError:
    """Build the one error that stands for a failed call.

    Args:
        code: The gRPC status of the failure; anything but OK.
        message: The server's text, or ours.
        details: Decoded details of the status.
        metadata: Trailing metadata.
        method: The path of the RPC.
        attempts: How many times the call was tried.
        host: Where the call went, for the note.
        connection: Whether the failure is one of the connection rather than a status.

    Returns:
        A new instance; the same object is never raised twice.
    """
    cls = APIConnectionError if connection else CLASS_BY_STATUS[code]
    error = cls(code, message, details=details, metadata=metadata, method=method, attempts=attempts)
    tries = "1 attempt" if attempts == 1 else f"{attempts} attempts"
    error.add_note(f"{method} on {host} failed with {code.name} after {tries}")
    return error


# Users meet these classes as names of `xai`; their reprs and pickles say so.
for _class in (
    StatusCode,
    XAIError,
    APIError,
    APIConnectionError,
    BlockingCallWarning,
    *CLASS_BY_STATUS.values(),
):
    _class.__module__ = "xai"
