"""What a failed attempt was, whether another one may help, and when. Pure arithmetic.

Sources: gRPC proposals A6 (client retries) and the table of statuses in the gRPC documentation.
"""

import math
import re
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from xai.errors import CLASS_BY_STATUS, APIConnectionError, APIError, Metadata, StatusCode
from xai.options import RetryPolicy
from xai.runtime.retry.throttle import RetryState

if TYPE_CHECKING:
    from collections.abc import Callable

    import tenacity

    from xai._masking import Masker


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
    """Return what the reader of a stream meets when somebody else closes it (hazard H24)."""
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
#: What a reset in the middle of a call becomes; the call may have been done.
_CUT: Final = frozenset({StatusCode.INTERNAL, StatusCode.UNAVAILABLE})


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


def may_retry(
    failure: Failure, policy: RetryPolicy, *, idempotent: bool = False, named: bool = False
) -> bool:
    """Return whether another attempt makes sense after this failure, and does no harm.

    Args:
        failure: How the attempt failed.
        policy: The caller's policy.
        idempotent: Whether making the call twice is as good as once.
        named: Whether the server named a wait.

    Returns:
        True for what never reached the server's application; for a status of the policy when its
        condition holds; for a call that was cut when it is idempotent.
    """
    if failure.final or failure.closed:
        return False
    if failure.unprocessed:
        return True
    if not failure.from_server:
        return idempotent and (failure.connection or failure.code in _CUT)
    if failure.code not in policy.retry_on:
        return False
    if failure.code is StatusCode.UNAVAILABLE:
        return True
    return named if failure.code is StatusCode.RESOURCE_EXHAUSTED else idempotent


def longest_wait(policy: RetryPolicy, step: int) -> float:
    """Return the longest wait before a retry, in seconds.

    Args:
        policy: The caller's policy.
        step: How many retries there were before, without a wait the server named.

    Returns:
        ``initial_backoff * multiplier ** step``, at most ``max_backoff``.
    """
    try:
        longest = policy.initial_backoff * policy.multiplier**step
    except OverflowError:
        longest = math.inf if policy.initial_backoff else 0.0
    return min(longest, policy.max_backoff)


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
    stop: "Callable[[tenacity.RetryCallState], bool]"
    wait: "Callable[[tenacity.RetryCallState], float]"


class RetryController:
    """The retries of one call, from its first failure on.

    Args:
        failure: How the first attempt failed.
        policy: The caller's policy.
        state: What it shares with the client's other calls.
        idempotent: Whether making the call twice is as good as once.
        left: Seconds until the deadline of the whole call; None when there is none.
        retry_delay: Reads the wait that the details of a status name, in seconds.
    """

    __slots__ = (
        "_idempotent",
        "_named_wait",
        "_policy",
        "_state",
        "_step",
        "_until",
        "_verdict",
        "attempts",
        "failure",
        "reason",
        "wait",
    )

    def __init__(
        self,
        failure: Failure,
        policy: RetryPolicy,
        state: RetryState,
        *,
        idempotent: bool,
        left: float | None,
        retry_delay: "Callable[[bytes], float | None]",
    ) -> None:
        self._policy = policy
        self._state = state
        self._idempotent = idempotent
        self._named_wait = retry_delay
        self._until = None if left is None else state.clock.now() + left
        self._step = 0
        #: The last failure that was judged.
        self.failure = failure
        #: How many attempts have failed.
        self.attempts = 1
        #: How long to wait before the next one, in seconds.
        self.wait = 0.0
        #: Why there is no other attempt although the failure would allow one; for the error.
        self.reason = ""
        self._verdict = self._judge(failure)

    def left(self) -> float | None:
        """Return the seconds until the deadline, below 0 when it has passed; None without one."""
        return None if self._until is None else self._until - self._state.clock.now()

    def judge(self, failure: Failure) -> bool:
        """Count a failed attempt, and return whether another one is allowed by its kind.

        The same failure is judged once, however often it is asked about.
        """
        if failure is not self.failure:
            self.failure = failure
            self.attempts += 1
            self._verdict = self._judge(failure)
        return self._verdict

    def _judge(self, failure: Failure) -> bool:
        self.reason = ""
        told = pushback(failure)
        named = self._named_wait(failure.details) if failure.details else None
        said = told is not None or named is not None
        worth = may_retry(failure, self._policy, idempotent=self._idempotent, named=said)
        refused = told is not None and told < 0.0
        if not worth and not refused:
            # No sign that the service is overloaded: it costs no token.
            return False
        # Nobody worked on a call that was not processed, so it says nothing about the load: that
        # is a "transparent retry" of A6. Dialing again is slowed down by the channel itself.
        allowed = failure.unprocessed or self._state.bucket.failed()
        if refused:
            self.reason = "the server asked for no other attempt"
            return False
        if not allowed:
            if self.attempts < self._policy.max_attempts:
                self.reason = "too many calls of this client have failed of late"
            return False
        if told is not None:
            # The growth of the waits begins anew, as in gRPC's own clients.
            self.wait, self._step = told, 0
        else:
            longest = longest_wait(self._policy, self._step)
            self.wait = (named or 0.0) + self._state.clock.draw(longest)
            self._step += 1
        return True

    def over(self) -> bool:
        """Return whether the attempts are used up, or the wait would reach the deadline."""
        if self.attempts >= self._policy.max_attempts:
            return True
        left = self.left()
        if left is None or self.wait < left:
            return False
        self.reason = f"the next one, {self.wait:.3f} s later, would have come too late"
        return True

    def rules(self) -> RetryRules:
        """Express what may follow in tenacity's terms."""
        # Needed after a failure only: the import costs more than a call.
        import tenacity

        def allowed(error: BaseException) -> bool:
            return isinstance(error, CallFailed) and self.judge(error.failure)

        return RetryRules(
            retry=tenacity.retry_if_exception(allowed),
            stop=lambda _: self.over(),
            wait=lambda _: self.wait,
        )
