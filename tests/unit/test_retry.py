import math
import random
import re
import time

import pytest
import tenacity
from hypothesis import given
from hypothesis import strategies as st

from xai import RetryPolicy, StatusCode
from xai.runtime.retry import (
    CallFailed,
    Failure,
    deadline_after,
    encode_timeout,
    may_retry,
    remaining,
    retry_rules,
)

UNITS = {"n": 10**9, "u": 10**6, "m": 10**3, "S": 1}
UNAVAILABLE = StatusCode.UNAVAILABLE
CODES = sorted(set(StatusCode) - {StatusCode.OK})


def seconds(header: str) -> float:
    """Return what a header means."""
    match = re.fullmatch(r"(\d{1,8})([numSMH])", header)
    assert match, header
    amount, unit = int(match[1]), match[2]
    return amount * {"M": 60, "H": 3600}[unit] if unit in "MH" else amount / UNITS[unit]


# The header.


@given(st.floats(0, 1e300) | st.integers(0, 10**30))
def test_any_duration_can_be_written(duration: float) -> None:
    """G9: at most eight digits and a unit, never less than what was meant, and close to it."""
    told = seconds(encode_timeout(duration))
    largest = 99_999_999 * 3600
    if duration >= largest:
        assert told == largest
        return
    assert told >= duration * (1 - 1e-12)
    # The units are a factor of 1000 apart, so that five digits at least are exact.
    assert told <= duration * (1 + 1e-4) + 1e-9


@pytest.mark.parametrize(
    ("duration", "header"),
    [
        (0, "0n"),
        (1e-12, "1n"),
        (0.05, "50000000n"),
        (0.1, "100000u"),
        (10.9, "10900000u"),
        (99.999999, "99999999u"),
        (100, "100000m"),
        (900.0, "900000m"),
        (1e5, "100000S"),
        (99_999_999, "99999999S"),
        (1e9, "277778H"),
        (1e15, "99999999H"),
    ],
)
def test_durations_take_the_finest_unit(duration: float, header: str) -> None:
    """G9: nothing is cut to whole seconds, and nothing has nine digits."""
    assert encode_timeout(duration) == header


# Deadlines.


@pytest.mark.parametrize("duration", [None, math.inf])
def test_no_limit_is_no_deadline(duration: float | None) -> None:
    """None and infinity are no deadline, of which nothing remains either."""
    assert deadline_after(duration) is None
    assert remaining(None) is None


@pytest.mark.parametrize("duration", [0, 0.5, 1e9])
def test_deadline_is_a_moment(duration: float) -> None:
    """A deadline is on the monotonic clock, and what remains is never below 0."""
    before = time.monotonic()
    deadline = deadline_after(duration)
    assert deadline is not None
    assert before + duration <= deadline <= time.monotonic() + duration
    left = remaining(deadline)
    assert left is not None
    assert 0.0 <= left <= duration
    assert remaining(before - 10) == 0.0


# Which failures.


@pytest.mark.parametrize("code", CODES)
def test_answer_of_the_server_is_judged_by_the_policy(code: StatusCode) -> None:
    """A status the server gave is tried again when the policy holds it, and only then."""
    failure = Failure(code, "text", from_server=True)
    assert may_retry(failure, RetryPolicy()) is (code is UNAVAILABLE)
    assert not may_retry(failure, RetryPolicy(retry_on=frozenset()))


@pytest.mark.parametrize("code", CODES)
def test_what_never_reached_the_server_is_tried_again(code: StatusCode) -> None:
    """A call the server provably did not touch is safe to repeat, whatever the policy holds."""
    failure = Failure(code, "text", unprocessed=True)
    assert may_retry(failure, RetryPolicy(retry_on=frozenset()))


@pytest.mark.parametrize("code", CODES)
def test_what_the_server_may_have_done_is_not_tried_again(code: StatusCode) -> None:
    """A failure of our own side, or of the connection under the call, is told."""
    assert not may_retry(Failure(code, "text"), RetryPolicy())
    assert not may_retry(Failure(code, "text", connection=True), RetryPolicy())


@pytest.mark.parametrize("state", ["final", "closed"])
def test_what_another_attempt_can_not_change_is_told(state: str) -> None:
    """Hopeless failures and closed clients are never tried again."""
    failure = Failure(
        UNAVAILABLE,
        "text",
        unprocessed=True,
        from_server=True,
        final=state == "final",
        closed=state == "closed",
    )
    assert not may_retry(failure, RetryPolicy())


def test_failure_shows_status_and_text() -> None:
    """A failure reads well in a debugger, and shows no trailers."""
    failure = Failure(UNAVAILABLE, "text", trailers=(("x-secret", "1"),))
    assert repr(failure) == "Failure(UNAVAILABLE, 'text')"
    assert str(CallFailed(failure)) == "text"


# How often, and when.


def run(policy: RetryPolicy, deadline: float | None, failures: int) -> tuple[int, list[float]]:
    """Run a call that fails so often; return the number of attempts and the waits."""
    waits: list[float] = []
    attempts = 0

    def attempt() -> None:
        nonlocal attempts
        attempts += 1
        if attempts <= failures:
            raise CallFailed(Failure(UNAVAILABLE, f"failure {attempts}", from_server=True))

    rules = retry_rules(policy, deadline)
    retrying = tenacity.Retrying(
        sleep=waits.append, retry=rules.retry, stop=rules.stop, wait=rules.wait, reraise=True
    )
    retrying(attempt)
    return attempts, waits


@pytest.mark.parametrize("failures", [0, 1, 4])
def test_call_is_tried_until_it_succeeds(failures: int) -> None:
    """As many failures as the policy allows are overcome, with one wait for each."""
    attempts, waits = run(RetryPolicy(max_attempts=5), None, failures)
    assert attempts == failures + 1
    assert len(waits) == failures


@pytest.mark.parametrize("limit", [1, 2, 7])
def test_last_failure_is_raised_after_the_last_attempt(limit: int) -> None:
    """When the attempts are used up, the last failure comes out itself."""
    with pytest.raises(CallFailed, match=f"^failure {limit}$"):
        run(RetryPolicy(max_attempts=limit), None, 100)


@given(
    st.floats(0, 10),
    st.floats(0, 10),
    st.floats(1, 5),
    st.integers(1, 12),
    st.randoms(use_true_random=False),
)
def test_waits_are_within_their_bounds(
    initial: float, longest: float, multiplier: float, attempts: int, source: random.Random
) -> None:
    """Each wait is drawn from 0 to ``initial * multiplier**n``, at most ``max_backoff``."""
    policy = RetryPolicy(
        max_attempts=attempts,
        initial_backoff=initial,
        max_backoff=longest,
        multiplier=multiplier,
    )
    state = random.getstate()
    random.seed(source.random())
    try:
        _, waits = run(policy, None, attempts - 1)
    finally:
        random.setstate(state)
    assert len(waits) == attempts - 1
    for number, wait in enumerate(waits):
        assert 0.0 <= wait <= min(initial * multiplier**number, longest) * (1 + 1e-9)


def test_waits_are_spread_over_their_range() -> None:
    """Full jitter: callers that failed together do not come back together."""
    policy = RetryPolicy(max_attempts=2, initial_backoff=1.0)
    waits = [run(policy, None, 1)[1][0] for _ in range(200)]
    assert min(waits) < 0.2
    assert max(waits) > 0.8
    assert len(set(waits)) > 190


def test_no_wait_reaches_past_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the wait would end after the deadline, the last failure is told at once."""
    monkeypatch.setattr(random, "uniform", lambda _, high: high)
    policy = RetryPolicy(initial_backoff=100, max_backoff=100)
    with pytest.raises(CallFailed, match=r"^failure 1$"):
        run(policy, time.monotonic() + 50, 1)
    attempts, waits = run(policy, time.monotonic() + 150, 1)
    assert (attempts, waits) == (2, [100])


def test_other_exceptions_are_not_tried_again() -> None:
    """A mistake in the code is no failed attempt."""
    rules = retry_rules(RetryPolicy(), None)
    retrying = tenacity.Retrying(retry=rules.retry, stop=rules.stop, wait=rules.wait, reraise=True)

    def broken() -> None:
        raise KeyError("a bug")

    with pytest.raises(KeyError, match="a bug"):
        retrying(broken)
