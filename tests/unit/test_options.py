import functools
import math
import pickle
from collections.abc import Callable

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xai import (
    NOT_GIVEN,
    Client,
    Keepalive,
    RetryEvent,
    RetryPolicy,
    ServiceUnavailableError,
    StatusCode,
    Timeouts,
)
from xai._sentinel import NotGiven
from xai._validation import check_number
from xai.options import DEFAULT_RETRY, DEFAULT_TIMEOUTS, resolve_timeouts

LIMITS = ["total", "connect", "idle"]


# Time limits.


def test_timeouts_have_defaults() -> None:
    """Without arguments each limit has a finite default."""
    limits = Timeouts()
    assert limits == DEFAULT_TIMEOUTS
    for name in LIMITS:
        assert 0 < getattr(limits, name) < math.inf


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("value", [None, 0, 0.0, 1, 1.5, 1e9, math.inf])
def test_limit_is_kept(name: str, value: float | None) -> None:
    """Numbers from 0 on and None are limits, and the other ones keep their defaults."""
    limits = Timeouts(**{name: value})
    assert getattr(limits, name) == value
    assert attrs.evolve(DEFAULT_TIMEOUTS, **{name: value}) == limits


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("value", [-1, -1e-9, -math.inf, math.nan])
def test_limit_below_zero_is_refused(name: str, value: float) -> None:
    """A negative limit, or one that is not a number, is a ValueError that names it."""
    with pytest.raises(ValueError, match=f"^{name} must be 0 or more seconds"):
        Timeouts(**{name: value})


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("value", ["1", True, False, [1], object(), NOT_GIVEN])
def test_limit_of_wrong_type_is_refused(name: str, value: object) -> None:
    """Anything but a number is a TypeError that names it."""
    with pytest.raises(TypeError, match=f"^{name} must be a number of seconds or None, not "):
        Timeouts(**{name: value})  # type: ignore[arg-type]  # the point of the test


def test_limits_go_by_name() -> None:
    """Three numbers in a row would be a riddle; names are required."""
    with pytest.raises(TypeError, match="positional"):
        Timeouts(1.0)  # type: ignore[call-arg]  # the point of the test
    with pytest.raises(TypeError, match="read"):
        Timeouts(read=1.0)  # type: ignore[call-arg]  # the point of the test


def test_nothing_given_is_the_default() -> None:
    """Only the sentinel stands for "not given"; None and 0 are values."""
    default = Timeouts(total=5, connect=6, idle=7)
    assert resolve_timeouts(NOT_GIVEN, default) is default
    assert resolve_timeouts(NOT_GIVEN) is DEFAULT_TIMEOUTS
    assert resolve_timeouts(None, default) == Timeouts(total=None, connect=6, idle=7)
    assert resolve_timeouts(0, default) == Timeouts(total=0.0, connect=6, idle=7)


def test_defaults() -> None:
    """27 minutes for a call, of which a stream may be silent for 10."""
    assert Timeouts() == Timeouts(total=1620.0, connect=20.0, idle=600.0)


@given(st.floats(0, allow_nan=False) | st.integers(0, 10**12))
def test_number_is_the_limit_of_the_whole_call(seconds: float) -> None:
    """A number limits the whole call, and its silence when that was limited to less."""
    resolved = resolve_timeouts(seconds)
    assert resolved.connect == DEFAULT_TIMEOUTS.connect
    if math.isinf(seconds):
        assert (resolved.total, resolved.idle) == (None, None)
    else:
        assert resolved.total == seconds
        assert resolved.idle == max(seconds, 600.0)


def test_silence_without_a_limit_stays_without_one() -> None:
    """A number takes no limit back that was lifted for good."""
    default = Timeouts(total=5, connect=6, idle=None)
    assert resolve_timeouts(3600, default) == Timeouts(total=3600, connect=6, idle=None)


_TOO_LARGE = [10**400, -(10**400), 10**5000, -(10**5000)]


@pytest.mark.parametrize("number", _TOO_LARGE, ids=["400", "-400", "5000", "-5000"])
@pytest.mark.parametrize(
    "make",
    [
        resolve_timeouts,
        lambda number: Timeouts(total=number),
        lambda number: Timeouts(connect=number),
        lambda number: Timeouts(idle=number),
        lambda number: Keepalive(interval=number),
        lambda number: Keepalive(timeout=number),
        lambda number: RetryPolicy(initial_backoff=number),
        lambda number: RetryPolicy(max_backoff=number),
        lambda number: RetryPolicy(multiplier=number),
        lambda number: Client("key", max_message_bytes=number),
        lambda number: Client("key", timeout=number),
        lambda number: Client("key", initial_rng_seed=number),
        lambda number: Client("key").with_options(timeout=number),
        lambda number: check_number("x", number, 0.0, math.inf),
    ],
)
def test_number_larger_than_any_float_is_refused(
    make: Callable[[int], object], number: int
) -> None:
    """An int that no float can hold is a ValueError like any other that is out of range."""
    with pytest.raises(ValueError, match=r"must be .* not an integer of more than 30 digits"):
        make(number)


def test_limits_are_taken_whole() -> None:
    """Given as `Timeouts`, all limits are replaced."""
    limits = Timeouts(total=1, connect=None, idle=None)
    assert resolve_timeouts(limits, Timeouts(total=5, connect=6, idle=7)) is limits


@pytest.mark.parametrize("value", [-1, -0.001, math.nan, -math.inf])
def test_bad_number_is_refused(value: float) -> None:
    """A negative number is a ValueError that names the argument."""
    with pytest.raises(ValueError, match=r"^timeout must be 0 or more seconds"):
        resolve_timeouts(value)


@pytest.mark.parametrize("value", ["5", True, b"5", (1, 2), RetryPolicy()])
def test_bad_type_is_refused(value: object) -> None:
    """Another type is a TypeError that names the argument."""
    with pytest.raises(TypeError, match=r"^timeout must be a number of seconds or None, not "):
        resolve_timeouts(value)  # type: ignore[arg-type]  # the point of the test


# Retries.


def test_policy_has_the_defaults_of_the_client() -> None:
    """By default what may be tried again is, a few times, with a growing wait, and no more."""
    policy = RetryPolicy()
    assert policy == DEFAULT_RETRY
    assert policy.retry_on == {
        StatusCode.UNAVAILABLE,
        StatusCode.RESOURCE_EXHAUSTED,
        StatusCode.ABORTED,
    }
    assert policy.resume_streams is False
    assert policy.on_retry is None
    assert policy.max_attempts > 1
    assert 0 < policy.initial_backoff < policy.max_backoff < math.inf
    assert policy.multiplier > 1


def test_policy_without_retries() -> None:
    """`RetryPolicy.none` tries each call once."""
    assert RetryPolicy.none().max_attempts == 1
    assert RetryPolicy.none() == RetryPolicy(max_attempts=1)


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("max_attempts", 0, ValueError),
        ("max_attempts", -1, ValueError),
        ("max_attempts", 1.0, TypeError),
        ("max_attempts", True, TypeError),
        ("max_attempts", None, TypeError),
        ("max_attempts", "3", TypeError),
        ("initial_backoff", -1, ValueError),
        ("initial_backoff", math.nan, ValueError),
        ("initial_backoff", math.inf, ValueError),
        ("initial_backoff", None, TypeError),
        ("initial_backoff", "1", TypeError),
        ("max_backoff", -1, ValueError),
        ("max_backoff", math.inf, ValueError),
        ("max_backoff", True, TypeError),
        ("multiplier", 0.9, ValueError),
        ("multiplier", 0, ValueError),
        ("multiplier", math.nan, ValueError),
        ("multiplier", math.inf, ValueError),
        ("multiplier", "2", TypeError),
        ("multiplier", False, TypeError),
        ("resume_streams", 1, TypeError),
        ("resume_streams", None, TypeError),
        ("resume_streams", "yes", TypeError),
        ("on_retry", "print", TypeError),
        ("on_retry", 1, TypeError),
        ("retry_on", "UNAVAILABLE", TypeError),
        ("retry_on", b"UNAVAILABLE", TypeError),
        ("retry_on", None, TypeError),
        ("retry_on", 14, TypeError),
        ("retry_on", ["UNAVAILABLE"], TypeError),
        ("retry_on", [None], TypeError),
        ("retry_on", [True], TypeError),
        ("retry_on", [14.0], TypeError),
        ("retry_on", [99], ValueError),
        ("retry_on", [-1], ValueError),
    ],
)
def test_policy_that_makes_no_sense_is_refused(
    name: str, value: object, error: type[Exception]
) -> None:
    """Each field of a policy is checked, and the error begins with its name."""
    with pytest.raises(error, match=f"^{name} must (be|hold) "):
        RetryPolicy(**{name: value})  # type: ignore[arg-type]  # the point of the test


@pytest.mark.parametrize("given", [[8, 14], (8, 14), {8, 14}, frozenset({8, 14}), iter((8, 14))])
def test_statuses_may_be_any_collection(given: object) -> None:
    """Numbers and members in any collection become a frozen set of members."""
    policy = RetryPolicy(retry_on=given)  # type: ignore[arg-type]  # the point of the test
    assert policy.retry_on == {StatusCode.RESOURCE_EXHAUSTED, StatusCode.UNAVAILABLE}
    assert isinstance(policy.retry_on, frozenset)
    assert all(type(code) is StatusCode for code in policy.retry_on)
    assert RetryPolicy(retry_on=()).retry_on == frozenset()


@pytest.mark.parametrize(
    "code",
    [
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
    ],
)
def test_statuses_that_no_retry_can_help_are_refused(code: StatusCode) -> None:
    """A policy that would repeat hopeless calls is refused, by the name of the status."""
    with pytest.raises(ValueError, match=f"retry_on can't hold {code.name}"):
        RetryPolicy(retry_on=frozenset({StatusCode.UNAVAILABLE, code}))


async def _hook(_event: RetryEvent) -> None:
    """Never run."""


class _CoroutineHook:
    async def __call__(self, _event: RetryEvent) -> None:
        """Never run."""


@pytest.mark.parametrize("hook", [_hook, _CoroutineHook(), functools.partial(_hook)])
def test_hook_that_nobody_would_await_is_refused(hook: object) -> None:
    """A coroutine function would never run, and is refused before it is relied on."""
    with pytest.raises(TypeError, match=r"^on_retry must be a plain function: nobody awaits"):
        RetryPolicy(on_retry=hook)  # type: ignore[arg-type]  # the point of the test


@pytest.mark.parametrize("hook", [print, [].append, lambda _: None, RetryEvent])
def test_hook_may_be_any_callable(hook: object) -> None:
    """Functions, methods and classes are taken as they are."""
    policy = RetryPolicy(on_retry=hook)  # type: ignore[arg-type]  # of many types
    assert policy.on_retry is hook


EVENT = RetryEvent(
    method="/s/M",
    attempt=1,
    error=ServiceUnavailableError,
    code=StatusCode.UNAVAILABLE,
    wait=0.5,
)


def test_event_says_all_there_is_to_know() -> None:
    """An event has the call's path, number, error and wait, and neither request nor metadata."""
    assert [field.name for field in attrs.fields(RetryEvent)] == [
        "method",
        "attempt",
        "error",
        "code",
        "wait",
    ]
    assert attrs.asdict(EVENT)["error"] is ServiceUnavailableError
    with pytest.raises(TypeError, match="positional"):
        RetryEvent("/s/M")  # type: ignore[call-arg]  # the point of the test


# Both.


@pytest.mark.parametrize(
    "options",
    [
        Timeouts(total=None),
        RetryPolicy(max_attempts=2),
        RetryPolicy(resume_streams=True, on_retry=print),
        EVENT,
    ],
)
def test_options_are_values(options: object) -> None:
    """Options are frozen, equal by value, hashable and picklable, and named as public ones."""
    other = pickle.loads(pickle.dumps(options))  # noqa: S301  # made right here
    assert other == options
    assert hash(other) == hash(options)
    assert type(options).__module__ == "xai"
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        options.total = 1  # type: ignore[attr-defined]  # the point of the test


def test_sentinel_is_one_and_says_what_it_is() -> None:
    """The sentinel is a single object, also after pickling, and its repr reads well."""
    assert isinstance(NOT_GIVEN, NotGiven)
    assert pickle.loads(pickle.dumps(NOT_GIVEN)) is NOT_GIVEN  # noqa: S301  # made right here
    assert "NOT_GIVEN" in repr(NOT_GIVEN)
