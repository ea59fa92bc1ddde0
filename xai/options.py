"""Options of a client: retries, timeouts and keepalive."""

import inspect
import math
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import attrs

from xai._sentinel import NOT_GIVEN, NotGiven
from xai._validation import shown
from xai.errors import APIError, StatusCode

__all__ = [
    "NOT_GIVEN",
    "Keepalive",
    "Metadata",
    "NotGiven",
    "RetryEvent",
    "RetryPolicy",
    "Timeouts",
]

#: Pairs of a key and a value, sent with a call.
Metadata = Sequence[tuple[str, str]]


def _seconds(name: str, value: object, *, optional: bool) -> float | None:
    if value is None and optional:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        expected = "a number of seconds or None" if optional else "a number of seconds"
        raise TypeError(f"{name} must be {expected}, not {type(value).__name__}")
    try:
        seconds = float(value)
    except OverflowError:
        # An int may be larger than any float.
        seconds = math.nan
    if math.isnan(seconds) or seconds < 0:
        raise ValueError(f"{name} must be 0 or more seconds, not {shown(value)}")
    # An infinite limit is no limit; it could not be written into a grpc-timeout header.
    return None if math.isinf(seconds) and optional else seconds


def _limit(_instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    _seconds(attribute.name, value, optional=True)


@attrs.frozen(kw_only=True)
class Timeouts:
    """Time limits of a call, in seconds; None is no limit.

    Attributes:
        total: The whole call: connecting, every attempt, the waits between them and the stream.
        connect: Making one connection, TLS included.
        idle: Silence between two messages of a stream. That a connection is dead is found by
            `Keepalive`, much earlier.
    """

    total: float | None = attrs.field(default=1620.0, validator=_limit)
    connect: float | None = attrs.field(default=20.0, validator=_limit)
    idle: float | None = attrs.field(default=600.0, validator=_limit)


DEFAULT_TIMEOUTS = Timeouts()


def resolve_timeouts(
    timeout: "float | Timeouts | NotGiven | None", default: Timeouts = DEFAULT_TIMEOUTS
) -> Timeouts:
    """Return the limits that an argument called ``timeout`` stands for.

    Args:
        timeout: A number of seconds (or None for no limit) for the whole call, or all limits. A
            number that is larger than the limit of silence lifts that one to it.
        default: What holds where nothing is given; also gives the other limits to a number.

    Returns:
        The limits.

    Raises:
        TypeError: It is neither a number, None nor `Timeouts`.
        ValueError: The number is negative or not a number.
    """
    if timeout is NOT_GIVEN:
        return default
    if isinstance(timeout, Timeouts):
        return timeout
    total, idle = _seconds("timeout", timeout, optional=True), default.idle
    if timeout is not None and idle is not None:
        idle = None if total is None else max(idle, total)
    return attrs.evolve(default, total=total, idle=idle)


#: gRPC proposal A8 lets no client ask more often; tests may.
_SHORTEST_INTERVAL = 10.0


def _interval(_instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    seconds = _seconds(attribute.name, value, optional=False)
    if seconds is not None and not _SHORTEST_INTERVAL <= seconds < math.inf:
        low = f"{_SHORTEST_INTERVAL:g}"
        raise ValueError(f"{attribute.name} must be finite and {low} or more, not {shown(value)}")


def _positive_seconds(_instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    seconds = _seconds(attribute.name, value, optional=False)
    if seconds is not None and not 0.0 < seconds < math.inf:
        raise ValueError(f"{attribute.name} must be finite and more than 0, not {value!r}")


@attrs.frozen(kw_only=True)
class Keepalive:
    """When a silent connection is checked by an HTTP/2 PING.

    This is done with and without calls in flight. A dead connection is found within ``interval +
    timeout`` seconds: calls on it fail with `APIConnectionError` at once, and the next one dials
    anew. A server that answers ``too_many_pings`` is asked half as often from then on, but at least
    every ten minutes.

    Source: gRPC proposal A8, https://github.com/grpc/proposal/blob/master/A8-client-side-keepalive.md

    Attributes:
        interval: Seconds of silence before a PING, 10 or more.
        timeout: Seconds to wait for its acknowledgement, more than 0.
    """

    interval: float = attrs.field(default=30.0, validator=_interval)
    timeout: float = attrs.field(default=10.0, validator=_positive_seconds)


def _positive_int(_instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{attribute.name} must be an int, not {type(value).__name__}")
    if value < 1:
        raise ValueError(f"{attribute.name} must be 1 or more, not {shown(value)}")


def _backoff(_instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    seconds = _seconds(attribute.name, value, optional=False)
    if seconds is not None and math.isinf(seconds):
        raise ValueError(f"{attribute.name} must be finite")


def _factor(_instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{attribute.name} must be a number, not {type(value).__name__}")
    if not 1.0 <= value <= sys.float_info.max:
        raise ValueError(f"{attribute.name} must be finite and 1 or more, not {shown(value)}")


#: A retry can't help with these: the caller is at fault, or gave the call up, or the time is over.
_NEVER_RETRIED = frozenset(
    {
        StatusCode.OK,
        StatusCode.CANCELLED,
        StatusCode.INVALID_ARGUMENT,
        StatusCode.DEADLINE_EXCEEDED,
        StatusCode.NOT_FOUND,
        StatusCode.ALREADY_EXISTS,
        StatusCode.PERMISSION_DENIED,
        StatusCode.FAILED_PRECONDITION,
        StatusCode.OUT_OF_RANGE,
        StatusCode.UNIMPLEMENTED,
        StatusCode.UNAUTHENTICATED,
    }
)


def _statuses(value: Collection[StatusCode]) -> frozenset[StatusCode]:
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise TypeError(f"retry_on must be a collection of StatusCode, not {type(value).__name__}")
    return frozenset(_status(code) for code in value)


def _status(value: object) -> StatusCode:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"retry_on must hold StatusCode, not {type(value).__name__}")
    try:
        return StatusCode(value)
    except ValueError:
        raise ValueError(f"retry_on must hold StatusCode, not {value!r}") from None


def _retryable(
    _instance: object, _attribute: "attrs.Attribute[Any]", value: frozenset[StatusCode]
) -> None:
    refused = sorted(code.name for code in value & _NEVER_RETRIED)
    if refused:
        raise ValueError(f"retry_on can't hold {', '.join(refused)}: a retry does not help there")


def _flag(_instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    if not isinstance(value, bool):
        raise TypeError(f"{attribute.name} must be a bool, not {type(value).__name__}")


def _hook(_instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    if value is None:
        return
    if not callable(value):
        raise TypeError(f"{attribute.name} must be a function or None, not {type(value).__name__}")
    if inspect.iscoroutinefunction(value) or inspect.iscoroutinefunction(type(value).__call__):
        raise TypeError(f"{attribute.name} must be a plain function: nobody awaits its result")


@attrs.frozen(kw_only=True)
class RetryEvent:
    """A failed attempt that is about to be retried, as passed to `RetryPolicy.on_retry`.

    Attributes:
        method: The path of the RPC, such as ``/prompt_ide.Sampler/Tokenize``.
        attempt: The number of the attempt that failed, from 1.
        error: The class of the error that would have been raised without a retry.
        code: The gRPC status of the failure.
        wait: The wait before the next attempt, in seconds.
    """

    method: str
    attempt: int
    error: type[APIError]
    code: StatusCode
    wait: float


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """When a failed call is retried, and after what wait.

    Whatever provably never reached the server's application is tried again, and so is a status of
    ``retry_on`` under its condition: UNAVAILABLE always; RESOURCE_EXHAUSTED unless its text says
    that a message is too large, or that the credits, the budget or the space of an account are used
    up; any other one when the RPC is idempotent. A connection or a stream that was lost under a
    call counts as the last kind. A stream is tried again only before its first message.

    The wait before attempt n+1 is drawn from 0 to ``initial_backoff * multiplier ** (n - 1)``
    seconds, at most ``max_backoff`` (full jitter). A wait that the server names is obeyed: as the
    trailer ``grpc-retry-pushback-ms``, exactly (a negative one stops the retries), as a
    ``google.rpc.RetryInfo``, at least. No wait reaches past the deadline of the call.

    All calls of a client share a budget of 100 retries: a retry of a call that reached the server
    takes one, or one for all the calls of a lost connection, and a call that succeeds gives back a
    tenth of one. With less than one left such calls are not tried again, whatever ``max_attempts``
    says, until calls succeed.

    Source: gRPC proposal A6, https://github.com/grpc/proposal/blob/master/A6-client-retries.md

    Attributes:
        max_attempts: Attempts in all, the first included; 1 turns retries off.
        initial_backoff: Longest wait before the second attempt, in seconds.
        max_backoff: Longest wait before any attempt, in seconds, unless the server names one. After
            RESOURCE_EXHAUSTED it is 20 while this is 5, the default: a rate limit takes longer to
            pass than an outage.
        multiplier: What the longest wait grows by from one attempt to the next.
        retry_on: Statuses of the server that may be tried again.
        resume_streams: Whether `sampler.sample` asks again, with the same seed, for a stream that
            was cut after its first message, and goes on after the tokens that are known. They are
            compared by ID and text; one that differs is an `InternalServerError` of DATA_LOSS.
            The server counts the repeated tokens as spent.
        on_retry: Called before each wait, in the caller's thread. An exception that it raises is
            logged and does not disturb the call.
    """

    max_attempts: int = attrs.field(default=5, validator=_positive_int)
    initial_backoff: float = attrs.field(default=0.1, validator=_backoff)
    max_backoff: float = attrs.field(default=5.0, validator=_backoff)
    multiplier: float = attrs.field(default=2.0, validator=_factor)
    retry_on: frozenset[StatusCode] = attrs.field(
        default=frozenset(
            {StatusCode.UNAVAILABLE, StatusCode.RESOURCE_EXHAUSTED, StatusCode.ABORTED}
        ),
        converter=_statuses,
        validator=_retryable,
    )
    resume_streams: bool = attrs.field(default=False, validator=_flag)
    on_retry: Callable[[RetryEvent], None] | None = attrs.field(default=None, validator=_hook)

    @classmethod
    def none(cls) -> "RetryPolicy":
        """Return the policy that tries each call once.

        Returns:
            A policy of one attempt.
        """
        return cls(max_attempts=1)


DEFAULT_RETRY = RetryPolicy()


def check_retry(retry: RetryPolicy) -> RetryPolicy:
    """Return a policy.

    Args:
        retry: The policy.

    Returns:
        The same policy.

    Raises:
        TypeError: It is not a `RetryPolicy`.
    """
    if not isinstance(retry, RetryPolicy):
        raise TypeError(f"retry must be a RetryPolicy, not {type(retry).__name__}")
    return retry


for _class in (Keepalive, Timeouts, RetryEvent, RetryPolicy):
    _class.__module__ = "xai"
