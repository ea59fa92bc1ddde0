"""The retries of one call: how often, when, and what ends them."""

import contextlib
import math
import random

import pytest
import tenacity
from hypothesis import given
from hypothesis import strategies as st

from xai import RetryPolicy, StatusCode
from xai.runtime.retry.policy import CallFailed, Failure, RetryController
from xai.runtime.retry.throttle import Clock, RetryState

UNAVAILABLE = StatusCode.UNAVAILABLE


class Hours(Clock):
    """A clock that waits move, with a chance of one's own."""

    def __init__(self, chance: "random.Random | float" = 1.0) -> None:
        self._chance = chance
        self.time = 1_000.0

    def now(self) -> float:
        """Return what the waits have come to."""
        return self.time

    def draw(self, longest: float) -> float:
        """Draw as told."""
        if isinstance(self._chance, random.Random):
            return self._chance.uniform(0.0, longest)
        return self._chance * longest


def state_with(clock: Clock) -> RetryState:
    """Return the state of a client that goes by a clock."""
    state = RetryState()
    state.clock = clock
    return state


def failure(number: int = 1, *, pushback: str | None = None, details: bytes = b"") -> Failure:
    """Return an answer of UNAVAILABLE."""
    trailers = () if pushback is None else (("grpc-retry-pushback-ms", pushback),)
    return Failure(
        UNAVAILABLE, f"failure {number}", from_server=True, trailers=trailers, details=details
    )


def trial(
    first: Failure,
    policy: RetryPolicy,
    state: RetryState,
    *,
    left: float | None = None,
    idempotent: bool = False,
) -> RetryController:
    """Return the retries of a call; details of a failure name their length in seconds."""
    return RetryController(
        first,
        policy,
        state,
        idempotent=idempotent,
        left=left,
        retry_delay=lambda details: float(len(details)),
    )


def run(
    policy: RetryPolicy,
    state: RetryState,
    failures: list[Failure],
    *,
    left: float | None = None,
    takes: float = 0.0,
) -> tuple[int, list[float]]:
    """Run a call with tenacity that fails so often; return the number of attempts and the waits."""
    clock = state.clock
    assert isinstance(clock, Hours)
    waits: list[float] = []
    end = math.inf if left is None else clock.time + left
    rest = iter(failures)
    first = next(rest)
    retries = trial(first, policy, state, left=left)
    attempts = 0

    def attempt() -> None:
        nonlocal attempts
        attempts += 1
        found = first if attempts == 1 else next(rest, None)
        if attempts > 1:
            clock.time += takes
        if found is not None:
            raise CallFailed(found)

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        clock.time += seconds
        # Within what a float can tell apart.
        assert clock.time <= end

    rules = retries.rules()
    tenacity.Retrying(
        sleep=sleep, retry=rules.retry, stop=rules.stop, wait=rules.wait, reraise=True
    )(attempt)
    return attempts, waits


def failures(count: int) -> list[Failure]:
    """Return so many failures."""
    return [failure(number + 1) for number in range(count)]


@pytest.mark.parametrize("count", [1, 2, 4])
def test_call_is_tried_until_it_succeeds(count: int) -> None:
    """As many failures as the policy allows are overcome, with one wait for each."""
    attempts, waits = run(RetryPolicy(max_attempts=5), state_with(Hours()), failures(count))
    assert attempts == count + 1
    assert waits == [0.1, 0.2, 0.4, 0.8][:count]


@pytest.mark.parametrize("limit", [1, 2, 4])
def test_last_failure_is_raised_after_the_last_attempt(limit: int) -> None:
    """When the attempts are used up, the last failure comes out itself."""
    with pytest.raises(CallFailed, match=f"^failure {limit}$"):
        run(RetryPolicy(max_attempts=limit), state_with(Hours()), failures(100))


@given(
    st.floats(0, 10),
    st.floats(0, 10),
    st.floats(1, 5),
    st.integers(1, 4),
    st.randoms(use_true_random=False),
)
def test_waits_are_within_their_bounds(
    initial: float, longest: float, multiplier: float, count: int, chance: random.Random
) -> None:
    """Full jitter: each wait is from 0 to ``initial * multiplier**n``, at most ``max_backoff``."""
    policy = RetryPolicy(
        max_attempts=count + 1,
        initial_backoff=initial,
        max_backoff=longest,
        multiplier=multiplier,
    )
    _, waits = run(policy, state_with(Hours(chance)), failures(count))
    assert len(waits) == count
    for number, wait in enumerate(waits):
        assert 0.0 <= wait <= min(initial * multiplier**number, longest) * (1 + 1e-9)


def test_waits_are_spread_over_their_range() -> None:
    """Full jitter: callers that failed together do not come back together."""
    waits = [Clock().draw(1.0) for _ in range(200)]
    assert min(waits) < 0.2
    assert max(waits) > 0.8
    assert len(set(waits)) > 190


def test_chance_leaves_the_one_of_the_program_alone() -> None:
    """A program that has seeded its random numbers gets the same ones with and without retries."""
    before = random.getstate()
    Clock().draw(1.0)
    assert random.getstate() == before


@given(
    st.floats(0, 10),
    st.floats(0, 3),
    st.integers(1, 4),
    st.randoms(use_true_random=False),
    st.lists(st.none() | st.integers(0, 20_000), min_size=4, max_size=4),
)
def test_no_wait_goes_past_the_deadline(
    left: float, takes: float, count: int, chance: random.Random, told: list[int | None]
) -> None:
    """Whatever is drawn or named, no wait ends after the deadline: it is not begun."""
    state = state_with(Hours(chance))
    given = [
        failure(number + 1, pushback=None if wait is None else str(wait))
        for number, wait in zip(range(count), told, strict=False)
    ]
    policy = RetryPolicy(initial_backoff=2.0)
    found: tuple[int, list[float]] | None = None
    # It looks at the end of each wait itself.
    with contextlib.suppress(CallFailed):
        found = run(policy, state, given, left=left, takes=takes)
    if found is not None:
        attempts, waits = found
        assert (attempts, len(waits)) == (count + 1, count)


def test_wait_that_would_reach_the_deadline_is_not_begun() -> None:
    """When the wait would end at the deadline or after it, the last failure is told at once."""
    policy = RetryPolicy(initial_backoff=100, max_backoff=100)
    with pytest.raises(CallFailed, match=r"^failure 1$"):
        run(policy, state_with(Hours()), failures(1), left=100.0)
    assert run(policy, state_with(Hours()), failures(1), left=100.1) == (2, [100])
    late = trial(failure(), policy, state_with(Hours()), left=50.0)
    assert late.over()
    assert late.reason == "the next one, 100.000 s later, would have come too late"


def test_time_left_counts_down() -> None:
    """What is left is the deadline less the waits and attempts, and nothing without a deadline."""
    clock = Hours()
    state = state_with(clock)
    assert trial(failure(), RetryPolicy(), state).left() is None
    limited = trial(failure(), RetryPolicy(), state, left=5.0)
    clock.time += 7.0
    assert limited.left() == -2.0


def test_other_exceptions_are_not_tried_again() -> None:
    """A mistake in the code is no failed attempt."""
    rules = trial(failure(), RetryPolicy(), state_with(Hours())).rules()
    retrying = tenacity.Retrying(retry=rules.retry, stop=rules.stop, wait=rules.wait, reraise=True)

    def broken() -> None:
        raise KeyError("a bug")

    with pytest.raises(KeyError, match="a bug"):
        retrying(broken)


def test_same_failure_is_judged_once() -> None:
    """Asked about twice, a failure counts as one attempt and costs one token."""
    state = state_with(Hours())
    first = failure()
    retries = trial(first, RetryPolicy(), state)
    for _ in range(3):
        assert retries.judge(first)
    assert (retries.attempts, state.bucket.level, retries.wait) == (1, 90, 0.1)
    assert retries.judge(failure(2))
    assert (retries.attempts, state.bucket.level, retries.wait) == (2, 80, 0.2)


# What the server names.


def test_pushback_is_the_wait_and_begins_the_growth_anew() -> None:
    """A6: the server's wait is kept to the millisecond, past ``max_backoff``, then as at first."""
    told = [failure(1), failure(2), failure(3, pushback="12345"), failure(4)]
    attempts, waits = run(RetryPolicy(max_backoff=1.0), state_with(Hours()), told)
    assert (attempts, waits) == (5, [0.1, 0.2, 12.345, 0.1])


@pytest.mark.parametrize("value", ["-1", "later"])
def test_pushback_that_stops(value: str) -> None:
    """A6: the server wants no other attempt; that costs a token as a failure does."""
    state = state_with(Hours())
    retries = trial(failure(pushback=value), RetryPolicy(), state, idempotent=True)
    assert not retries.judge(retries.failure)
    assert retries.reason == "the server asked for no other attempt"
    assert state.bucket.level == 90


def test_named_wait_is_the_least() -> None:
    """``google.rpc.RetryInfo`` names the least wait; the jitter comes on top of it."""
    told = [failure(1, details=b"123"), failure(2, details=b"12345")]
    _, waits = run(RetryPolicy(), state_with(Hours()), told)
    assert waits == [3.1, 5.2]


def test_pushback_goes_before_a_named_wait() -> None:
    """Where both are there, the trailer holds."""
    told = failure(pushback="250", details=b"123")
    assert trial(told, RetryPolicy(), state_with(Hours())).wait == 0.25


@pytest.mark.parametrize("pushback", [None, "500", "0", "-1"])
def test_exhaustion_is_tried_again_only_with_a_named_wait(pushback: str | None) -> None:
    """RESOURCE_EXHAUSTED without a wait is told: when it would help is not known."""
    trailers = () if pushback is None else (("grpc-retry-pushback-ms", pushback),)
    spent = Failure(StatusCode.RESOURCE_EXHAUSTED, "", from_server=True, trailers=trailers)
    state = state_with(Hours())
    assert trial(spent, RetryPolicy(), state).judge(spent) is (pushback in ("500", "0"))
    informed = Failure(StatusCode.RESOURCE_EXHAUSTED, "", from_server=True, details=b"12")
    retries = trial(informed, RetryPolicy(), state)
    assert retries.judge(informed)
    assert retries.wait == 2.1


# Throttling.


def test_retries_stop_at_half_a_bucket() -> None:
    """A6: with five of ten tokens left nothing is tried again, whatever the policy allows."""
    state = state_with(Hours())
    with pytest.raises(CallFailed, match=r"^failure 5$"):
        run(RetryPolicy(max_attempts=100), state, failures(100))
    assert state.bucket.level == 50
    retries = trial(failure(), RetryPolicy(), state)
    assert not retries.judge(retries.failure)
    assert retries.reason == "too many calls of this client have failed of late"


@pytest.mark.parametrize("code", [StatusCode.NOT_FOUND, StatusCode.ABORTED, StatusCode.UNKNOWN])
def test_failure_that_says_nothing_about_the_load_costs_no_token(code: StatusCode) -> None:
    """A6: only failures of the kind that is tried again, and pushback, count."""
    state = state_with(Hours())
    found = Failure(code, "", from_server=True)
    retries = trial(found, RetryPolicy(), state)
    assert not retries.judge(found)
    assert (retries.reason, state.bucket.level) == ("", 100)


def test_call_that_was_not_processed_costs_no_token_and_needs_none() -> None:
    """A6: what the server did not touch is tried again even where retries are throttled."""
    state = state_with(Hours())
    while state.bucket.level:
        state.bucket.failed()
    policy = RetryPolicy(max_attempts=8)
    refused = [Failure(UNAVAILABLE, "refused", unprocessed=True) for _ in range(7)]
    assert run(policy, state, refused)[0] == 8
    assert state.bucket.level == 0


def test_failure_without_retries_costs_a_token() -> None:
    """A6: every failed call of the channel counts, also one that is tried once only."""
    state = state_with(Hours())
    retries = trial(failure(), RetryPolicy.none(), state)
    assert retries.over()
    assert state.bucket.level == 90


def test_wait_without_end_is_not_made() -> None:
    """A policy of huge numbers waits ``max_backoff``, not for ever."""
    policy = RetryPolicy(initial_backoff=1e300, multiplier=1e300, max_backoff=7.0)
    _, waits = run(policy, state_with(Hours()), failures(4))
    assert waits == [7.0] * 4
    assert all(math.isfinite(wait) for wait in waits)
