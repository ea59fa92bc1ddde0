"""How an attempt failed, and what the server said about another one; deadlines. Pure arithmetic.

Source: gRPC proposal A6, client retries.
"""

import math
import re
from typing import TYPE_CHECKING, Final

from xai._clock import monotonic
from xai.errors import CLASS_BY_STATUS, APIConnectionError, APIError, Metadata, StatusCode

if TYPE_CHECKING:
    from xai._masking import Masker
    from xai.runtime.retry.throttle import ConnectionLoss


class Failure:
    """Why an attempt failed: plain facts, made on the loop and read in the caller's thread.

    An exception object is built from it only where it is raised, so that no two threads ever
    raise the same one.

    Args:
        code: The gRPC status.
        message: The server's text, or ours.
        connection: Whether the connection failed, rather than the call.
        unprocessed: Whether the server provably did not start working on the call.
        final: Whether another attempt would fail in the same way.
        from_server: Whether the server itself answered with this status.
        closed: Whether the caller closed the client under the call.
        trailers: Trailing metadata.
        details: The bytes of ``grpc-status-details-bin``.
        cause: The exception that was translated, if there was one.
        loss: What it has in common with the other calls of a connection that was lost.
    """

    __slots__ = (
        "cause",
        "closed",
        "code",
        "connection",
        "details",
        "final",
        "from_server",
        "loss",
        "message",
        "trailers",
        "unprocessed",
    )

    def __init__(
        self,
        code: StatusCode,
        message: str,
        *,
        connection: bool = False,
        unprocessed: bool = False,
        final: bool = False,
        from_server: bool = False,
        closed: bool = False,
        trailers: Metadata = (),
        details: bytes = b"",
        cause: BaseException | None = None,
        loss: "ConnectionLoss | None" = None,
    ) -> None:
        self.code = code
        self.message = message
        self.connection = connection
        self.unprocessed = unprocessed
        self.final = final
        self.from_server = from_server
        self.closed = closed
        self.trailers = trailers
        self.details = details
        self.cause = cause
        self.loss = loss

    def mask(self, masker: "Masker") -> None:
        """Take out the credentials that a server or a gateway has quoted.

        Args:
            masker: Knows them.
        """
        before = self.message, self.trailers, self.details
        self.message = masker.text(self.message)
        self.trailers = tuple(
            (masker.text(key), masker.text(value)) for key, value in self.trailers
        )
        self.details = masker.data(self.details)
        quoted = before != (self.message, self.trailers, self.details)
        if self.cause is not None and (quoted or masker.finds_in_error(self.cause)):
            # Its text and its frames have what the server sent.
            self.cause = None

    def __repr__(self) -> str:
        """Return the status; the message may quote credentials, until they are masked."""
        return f"Failure({self.code.name})"


def stream_closed_failure() -> Failure:
    """Return what the reader of a stream meets when another thread closes it."""
    text = "the stream was closed while it was being read"
    return Failure(StatusCode.CANCELLED, text, closed=True)


class CallFailed(Exception):  # noqa: N818  # internal: never reaches a user, who meets xai's errors
    """Carries a `Failure` from the transport to the attempt loop."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


#: Tells the server which attempt this is; https://github.com/grpc/proposal, A6.
PREVIOUS_ATTEMPTS: Final = "grpc-previous-rpc-attempts"
_PUSHBACK: Final = "grpc-retry-pushback-ms"
_NUMBER: Final = re.compile(r"\d{1,10}", re.ASCII)
_INT32_MAX: Final = 2**31 - 1


def error_class(failure: Failure) -> type[APIError]:
    """Return the class of the error that a failure becomes.

    Args:
        failure: How an attempt failed.
    """
    return APIConnectionError if failure.connection else CLASS_BY_STATUS[failure.code]


def pushback(failure: Failure) -> float | None:
    """Return the wait that the server named in its trailers.

    Args:
        failure: How the attempt failed.

    Returns:
        Seconds; a negative number when the server wants no other attempt, which is also what a
        malformed value means; None when it said nothing.

    Source: gRPC proposal A6, "Pushback".
    """
    if not failure.from_server:
        return None
    for key, value in failure.trailers:
        if key == _PUSHBACK:
            if not _NUMBER.fullmatch(value) or int(value) > _INT32_MAX:
                return -1.0
            return int(value) / 1000.0
    return None


def deadline_after(seconds: float | None) -> float | None:
    """Return the moment some seconds from now, on the monotonic clock; None is never.

    Args:
        seconds: A duration in seconds; None or infinity for no limit.

    Returns:
        The moment, or None.
    """
    if seconds is None or math.isinf(seconds):
        return None
    return monotonic() + seconds


def remaining(deadline: float | None) -> float | None:
    """Return the seconds left until a moment, at least 0; None when there is no deadline.

    Args:
        deadline: A moment on the monotonic clock, or None.

    Returns:
        Seconds, or None.
    """
    return None if deadline is None else max(0.0, deadline - monotonic())


_MAX_TIMEOUT_DIGITS: Final = 99_999_999


def encode_timeout(seconds: float) -> str:
    """Write a duration as the value of a ``grpc-timeout`` header.

    Rounds up, keeps to eight digits, and takes the finest unit that fits.
    Source: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md

    Args:
        seconds: The duration, 0 or more.

    Returns:
        Digits and a unit.
    """
    seconds = min(seconds, _MAX_TIMEOUT_DIGITS * 3600.0)
    for unit, per_second in (("n", 10**9), ("u", 10**6), ("m", 10**3), ("S", 1)):
        amount = math.ceil(seconds * per_second)
        if amount <= _MAX_TIMEOUT_DIGITS:
            return f"{amount}{unit}"
    return f"{math.ceil(seconds / 3600)}H"
