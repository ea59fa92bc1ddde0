"""What a user configures: retries and time limits."""

import math
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import attrs

from xai._sentinel import NOT_GIVEN, NotGiven
from xai.errors import StatusCode

__all__ = ["NOT_GIVEN", "Metadata", "NotGiven", "RetryPolicy", "Timeouts"]

#: Pairs of a key and a value, sent with a call.
Metadata = Sequence[tuple[str, str]]


def _seconds(name: str, value: object, *, optional: bool) -> float | None:
    if value is None and optional:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        expected = "a number of seconds or None" if optional else "a number of seconds"
        raise TypeError(f"{name} must be {expected}, not {type(value).__name__}")
    if math.isnan(value) or value < 0:
        raise ValueError(f"{name} must be 0 or more seconds, not {value!r}")
    # An infinite limit is no limit; it could not be written into a grpc-timeout header.
    return None if math.isinf(value) and optional else float(value)


def _limit(_instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    _seconds(attribute.name, value, optional=True)


@attrs.frozen(kw_only=True)
class Timeouts:
    """How long a call may take, in seconds; None is no limit.

    Attributes:
        total: The whole call: connecting, every attempt, the waits between them and the stream.
        connect: Making one connection, TLS included.
        idle: Silence between two messages of a stream.
    """

    total: float | None = attrs.field(default=900.0, validator=_limit)
    connect: float | None = attrs.field(default=20.0, validator=_limit)
    idle: float | None = attrs.field(default=300.0, validator=_limit)


DEFAULT_TIMEOUTS = Timeouts()


def resolve_timeouts(
    timeout: "float | Timeouts | NotGiven | None", default: Timeouts = DEFAULT_TIMEOUTS
) -> Timeouts:
    """Return the limits that an argument called ``timeout`` stands for.

    Args:
        timeout: A number of seconds (or None for no limit) for the whole call, or all limits.
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
    return attrs.evolve(default, total=_seconds("timeout", timeout, optional=True))


def _positive_int(_instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{attribute.name} must be an int, not {type(value).__name__}")
    if value < 1:
        raise ValueError(f"{attribute.name} must be 1 or more, not {value!r}")


def _backoff(_instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    seconds = _seconds(attribute.name, value, optional=False)
    if seconds is not None and math.isinf(seconds):
        raise ValueError(f"{attribute.name} must be finite")


def _factor(_instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{attribute.name} must be a number, not {type(value).__name__}")
    if not 1.0 <= value < math.inf:
        raise ValueError(f"{attribute.name} must be finite and 1 or more, not {value!r}")


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
    return frozenset(StatusCode(code) for code in value)


def _retryable(
    _instance: object, _attribute: "attrs.Attribute[Any]", value: frozenset[StatusCode]
) -> None:
    refused = sorted(code.name for code in value & _NEVER_RETRIED)
    if refused:
        raise ValueError(f"retry_on can't hold {', '.join(refused)}: a retry does not help there")


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """When a failed call is tried again, and how long it waits before that.

    The wait before attempt n+1 is drawn from 0 to ``initial_backoff * multiplier ** (n - 1)``
    seconds, at most ``max_backoff`` (full jitter). A call that provably never reached the server
    is tried again whatever ``retry_on`` holds; a stream only before its first message.

    Attributes:
        max_attempts: Attempts in all, the first included; 1 turns retries off.
        initial_backoff: Longest wait before the second attempt, in seconds.
        max_backoff: Longest wait before any attempt, in seconds.
        multiplier: What the longest wait grows by from one attempt to the next.
        retry_on: Statuses that are tried again, from the server's own answer.
    """

    max_attempts: int = attrs.field(default=5, validator=_positive_int)
    initial_backoff: float = attrs.field(default=0.1, validator=_backoff)
    max_backoff: float = attrs.field(default=5.0, validator=_backoff)
    multiplier: float = attrs.field(default=2.0, validator=_factor)
    retry_on: frozenset[StatusCode] = attrs.field(
        default=frozenset({StatusCode.UNAVAILABLE}), converter=_statuses, validator=_retryable
    )

    @classmethod
    def none(cls) -> "RetryPolicy":
        """Return the policy that tries each call once.

        Returns:
            A policy of one attempt.
        """
        return cls(max_attempts=1)


DEFAULT_RETRY = RetryPolicy()

for _class in (Timeouts, RetryPolicy):
    _class.__module__ = "xai"
