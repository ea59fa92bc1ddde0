"""Whether, when and how often a call is tried again: one decision after each failed attempt."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from xai.errors import StatusCode
from xai.options import RetryPolicy
from xai.runtime.retry.backoff import backoff
from xai.runtime.retry.policy import Failure, pushback
from xai.runtime.retry.throttle import RetryState

if TYPE_CHECKING:
    import tenacity

#: What a reset in the middle of a call becomes; the call may have been done.
_CUT: Final = frozenset({StatusCode.INTERNAL, StatusCode.UNAVAILABLE})

# gRPC implementations use RESOURCE_EXHAUSTED for two kinds of failure: a limit that passes with
# time, and a message that is too large, and will be so the next time. Only the text tells them
# apart. It is "Received message larger than max (5 vs. 4)", "Sent message larger than max" or
# "received initial metadata size exceeds hard limit" in grpcio, "trying to send message larger than
# max" in grpc-go, "gRPC message exceeds maximum size 4: 5" in grpc-java, "Received message exceeds
# the maximum configured message size" in grpc-dotnet, "received message that decompresses to a size
# larger than 4" in grpc-js, "decoded message length too large" in tonic; "header list too large"
# and "request body too large" come from proxies.
_THING: Final = r"\b(?:message|payload|body|entity|headers?|header (?:list|block)|metadata)"
_OVER: Final = r"(?:larger than|too (?:large|big|long)|over the limit)\b"
_TOO_LARGE: Final = re.compile(
    rf"{_THING}\b[^.:;]{{0,60}}\b{_OVER}"
    rf"|\blarger than max\b"
    rf"|\brequest (?:is |was )?too (?:large|big|long)\b"
    rf"|{_THING} exceeds\b[^.:;]{{0,40}}\b(?:size|length|limit)\b"
    rf"|{_THING} (?:size|length) exceed",
    re.IGNORECASE,
)
# What an account has used up: nothing that a call could wait for gives it credits or space.
_USED_UP: Final = re.compile(
    r"\b(?:credits|spending limit|billing|budget|no space|not fit)\b", re.IGNORECASE
)
#: How much of a text is searched.
_SEARCHED: Final = 1000


class RetryDecision(NamedTuple):
    """What follows on a failed attempt: another one after a delay, or the end for a reason.

    Attributes:
        delay: Seconds until the next attempt; None for no other attempt.
        reason: Why there is none, for the error; empty where the failure itself says it.
    """

    delay: float | None
    reason: str = ""


_STOP: Final = RetryDecision(None)


def is_final(failure: Failure) -> bool:
    """Return whether RESOURCE_EXHAUSTED is about something that waiting does not change.

    Args:
        failure: How the attempt failed.
    """
    text = failure.message[:_SEARCHED]
    return bool(_TOO_LARGE.search(text) or _USED_UP.search(text))


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
    if failure.code is StatusCode.RESOURCE_EXHAUSTED:
        # A server refuses such a call before it works on it.
        return named or not is_final(failure)
    return idempotent or failure.code is StatusCode.UNAVAILABLE


class RetryController:
    """Decides after each failed attempt of one call; made at its first failure.

    Args:
        policy: The caller's policy.
        state: What it shares with the client's other calls.
        idempotent: Whether making the call twice is as good as once.
        left: Seconds until the deadline of the whole call; None when there is none.
        retry_delay: Reads the delay that the details of a status name, in seconds.
    """

    __slots__ = (
        "_deadline",
        "_idempotent",
        "_policy",
        "_progress",
        "_retry_delay",
        "_state",
        "_step",
        "attempts",
        "failure",
        "next_attempt_at",
        "server_wait",
    )

    #: How the last attempt failed.
    failure: Failure

    def __init__(
        self,
        policy: RetryPolicy,
        state: RetryState,
        *,
        idempotent: bool,
        left: float | None,
        retry_delay: Callable[[bytes], float | None],
    ) -> None:
        self._policy = policy
        self._state = state
        self._idempotent = idempotent
        self._deadline = None if left is None else state.clock.now() + left
        self._retry_delay = retry_delay
        #: How many attempts have failed.
        self.attempts = 0
        #: When the next attempt begins, by the clock of retries; None when it is under way.
        self.next_attempt_at: float | None = None
        #: The seconds to wait that the server named with the last failure; None when it did not.
        self.server_wait: float | None = None
        #: How many delays there were before, since one that the server named.
        self._step = 0
        #: The same in tenacity's terms, as soon as it is needed.
        self._progress: tenacity.RetryCallState | None = None

    def left(self) -> float | None:
        """Return the seconds until the deadline, below 0 when it has passed; None without one."""
        return None if self._deadline is None else self._deadline - self._state.clock.now()

    def evaluate(self, failure: Failure) -> RetryDecision:
        """Count a failed attempt, and decide what follows on it.

        Args:
            failure: How it failed.
        """
        self.attempts += 1
        self.failure = failure
        pushed = pushback(failure)
        self.server_wait = None
        if pushed is not None and pushed < 0.0:
            return RetryDecision(None, "the server asked for no other attempt")
        named = self._retry_delay(failure.details) if failure.details else None
        self.server_wait = named if pushed is None else pushed
        if not may_retry(
            failure,
            self._policy,
            idempotent=self._idempotent,
            named=pushed is not None or named is not None,
        ):
            return _STOP
        progress = self._progress
        if progress is None:
            progress = self._progress = self._begin()
        if pushed is not None:
            # The growth of the delays begins anew, as in gRPC's own clients.
            delay, self._step = pushed, 0
        else:
            self._step += 1
            progress.attempt_number = self._step
            longest = backoff(self._policy, failure.code)(progress)
            delay = (named or 0.0) + self._state.clock.draw(longest)
        progress.attempt_number = self.attempts
        progress.outcome_timestamp = now = self._state.clock.now()
        progress.upcoming_sleep = delay
        if progress.retry_object.stop(progress):
            if self.attempts >= self._policy.max_attempts:
                return _STOP
            text = f"the next one, {delay:.3f} s later, would have come too late"
            return RetryDecision(None, text)
        # Nobody worked on a call that was not processed, so it says nothing about the load: that is
        # a "transparent retry" of A6. Dialing again is slowed down by the channel itself.
        if not failure.unprocessed and not self._state.throttle.take(failure.loss):
            return RetryDecision(None, "too many calls of this client have failed of late")
        # Counted from here: the time that a hook takes is part of the delay.
        self.next_attempt_at = now + delay
        return RetryDecision(delay)

    def _begin(self) -> "tenacity.RetryCallState":
        # Needed after a failure only: the import costs more than a call.
        import tenacity

        limit = tenacity.stop_after_attempt(self._policy.max_attempts)
        left = self.left()
        stop = limit if left is None else limit | tenacity.stop_before_delay(left)
        progress = tenacity.RetryCallState(tenacity.Retrying(stop=stop), None, (), {})
        progress.start_time = self._state.clock.now()
        return progress
