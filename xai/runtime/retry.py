"""What a failed attempt was, whether another one may help, and when. Pure arithmetic.

Sources: gRPC proposals A6 (client retries) and the table of statuses in the gRPC documentation.
"""

import math
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from xai.errors import Metadata, StatusCode
from xai.options import RetryPolicy

if TYPE_CHECKING:
    import tenacity


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
    """

    __slots__ = (
        "cause",
        "closed",
        "code",
        "connection",
        "details",
        "final",
        "from_server",
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

    def __repr__(self) -> str:
        """Return the status and the message."""
        return f"Failure({self.code.name}, {self.message!r})"


def stream_closed_failure() -> Failure:
    """Return what the reader of a stream meets when somebody else closes it (hazard H24)."""
    text = "the stream was closed while it was being read"
    return Failure(StatusCode.CANCELLED, text, closed=True)


class CallFailed(Exception):  # noqa: N818  # internal: never reaches a user, who meets xai's errors
    """Carries a `Failure` from the transport to the attempt loop."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


def may_retry(failure: Failure, policy: RetryPolicy) -> bool:
    """Return whether another attempt is allowed after this failure.

    Args:
        failure: How the attempt failed.
        policy: The caller's policy.

    Returns:
        True for what never reached the server's application, and for statuses the policy names.
    """
    if failure.final or failure.closed:
        return False
    if failure.unprocessed:
        return True
    return failure.from_server and failure.code in policy.retry_on


def deadline_after(seconds: float | None) -> float | None:
    """Return the moment some seconds from now, on the monotonic clock; None is never.

    Args:
        seconds: A duration in seconds; None or infinity for no limit.

    Returns:
        The moment, or None.
    """
    if seconds is None or math.isinf(seconds):
        return None
    return time.monotonic() + seconds


def remaining(deadline: float | None) -> float | None:
    """Return the seconds left until a moment, at least 0; None when there is no deadline.

    Args:
        deadline: A moment on the monotonic clock, or None.

    Returns:
        Seconds, or None.
    """
    return None if deadline is None else max(0.0, deadline - time.monotonic())


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


class RetryRules(NamedTuple):
    """What tenacity's ``Retrying`` and ``AsyncRetrying`` are built from, equal for both."""

    retry: "tenacity.retry_base"
    stop: "tenacity.stop.stop_base"
    wait: "tenacity.wait.wait_base"


def retry_rules(policy: RetryPolicy, deadline: float | None) -> RetryRules:
    """Express a policy in tenacity's terms.

    Args:
        policy: The caller's policy.
        deadline: When the whole call ends; no wait reaches past it.

    Returns:
        The rules.
    """
    # Needed after a failure only: the import costs more than a call.
    import tenacity

    def allowed(error: BaseException) -> bool:
        return isinstance(error, CallFailed) and may_retry(error.failure, policy)

    class TooLate(tenacity.stop.stop_base):
        """Stops when the wait would reach past the deadline: the last real error is told."""

        def __call__(self, retry_state: tenacity.RetryCallState) -> bool:
            wake = time.monotonic() + retry_state.upcoming_sleep
            return deadline is not None and wake >= deadline

    return RetryRules(
        retry=tenacity.retry_if_exception(allowed),
        stop=tenacity.stop_after_attempt(policy.max_attempts) | TooLate(),
        wait=tenacity.wait_random_exponential(
            multiplier=policy.initial_backoff,
            max=policy.max_backoff,
            exp_base=policy.multiplier,
        ),
    )
