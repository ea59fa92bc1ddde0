"""The retries of one call: after which failures, how often, when, and what ends them."""

import itertools
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xai import RetryPolicy, StatusCode
from xai.runtime.retry.controller import RetryController, may_retry
from xai.runtime.retry.policy import Failure
from xai.runtime.retry.throttle import Clock, ConnectionLoss, RetryState

UNAVAILABLE = StatusCode.UNAVAILABLE
CODES = sorted(set(StatusCode) - {StatusCode.OK})


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


def controller(
    policy: RetryPolicy,
    state: RetryState,
    *,
    left: float | None = None,
    idempotent: bool = False,
) -> RetryController:
    """Return the retries of a call; details of a failure name their length in seconds."""
    return RetryController(
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
) -> tuple[list[float], str | None]:
    """Let attempts fail one after the other; return the waits, and why there was no other one."""
    clock = state.clock
    assert isinstance(clock, Hours)
    waits: list[float] = []
    end = math.inf if left is None else clock.time + left
    retries = controller(policy, state, left=left)
    for number, item in enumerate(failures, 1):
        decision = retries.evaluate(item)
        assert (retries.attempts, retries.failure) == (number, item)
        if decision.delay is None:
            return waits, decision.reason
        assert retries.next_attempt_at == clock.time + decision.delay
        waits.append(decision.delay)
        clock.time += decision.delay
        # Within what a float can tell apart.
        assert clock.time <= end
        clock.time += takes
    return waits, None


def failures(count: int) -> list[Failure]:
    """Return so many failures."""
    return [failure(number + 1) for number in range(count)]


# Which failures. The table is that of gRPC proposal A6 and of the documentation's statuses.

ABORTED, EXHAUSTED = StatusCode.ABORTED, StatusCode.RESOURCE_EXHAUSTED
INTERNAL = StatusCode.INTERNAL
EITHER = [False, True]


@pytest.mark.parametrize(("idempotent", "named"), [*itertools.product(EITHER, EITHER)], ids=str)
@pytest.mark.parametrize("code", CODES)
def test_answer_of_the_server_is_evaluated_by_status_and_method(
    code: StatusCode, *, idempotent: bool, named: bool
) -> None:
    """UNAVAILABLE and RESOURCE_EXHAUSTED always, ABORTED when idempotent, no other one."""
    failure = Failure(code, "text", from_server=True)
    expected = {UNAVAILABLE: True, EXHAUSTED: True, ABORTED: idempotent}.get(code, False)
    assert may_retry(failure, RetryPolicy(), idempotent=idempotent, named=named) is expected
    none = RetryPolicy(retry_on=())
    assert not may_retry(failure, none, idempotent=idempotent, named=named)


@pytest.mark.parametrize("code", [INTERNAL, StatusCode.UNKNOWN, StatusCode.DATA_LOSS])
def test_status_that_the_policy_adds_is_for_idempotent_methods(code: StatusCode) -> None:
    """The server may have begun with such a call, so a policy can't allow to do it twice."""
    failure = Failure(code, "text", from_server=True)
    policy = RetryPolicy(retry_on=[code])
    assert may_retry(failure, policy, idempotent=True)
    assert not may_retry(failure, policy, idempotent=False, named=True)


@pytest.mark.parametrize("idempotent", EITHER)
@pytest.mark.parametrize("code", CODES)
def test_what_never_reached_the_server_is_tried_again(
    code: StatusCode, *, idempotent: bool
) -> None:
    """What the server did not touch is safe to repeat, whatever the policy holds."""
    failure = Failure(code, "text", unprocessed=True)
    assert may_retry(failure, RetryPolicy(retry_on=()), idempotent=idempotent)


@pytest.mark.parametrize("idempotent", EITHER)
@pytest.mark.parametrize("code", CODES)
def test_what_the_server_may_have_done_is_for_idempotent_methods(
    code: StatusCode, *, idempotent: bool
) -> None:
    """A connection or a stream lost under a call is repeated only if twice is as good as once."""
    policy = RetryPolicy(retry_on=())
    reset = Failure(code, "the server reset the call")
    lost = Failure(code, "the connection was lost", connection=True)
    cut = code in (INTERNAL, UNAVAILABLE)
    assert may_retry(reset, policy, idempotent=idempotent) is (idempotent and cut)
    assert may_retry(lost, policy, idempotent=idempotent) is idempotent


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
    assert not may_retry(failure, RetryPolicy(), idempotent=True, named=True)


# RESOURCE_EXHAUSTED: what passes with time, and what does not.


def exhausted(text: str = "", *, pushback: str | None = None, details: bytes = b"") -> Failure:
    """Return an answer of RESOURCE_EXHAUSTED."""
    trailers = () if pushback is None else (("grpc-retry-pushback-ms", pushback),)
    return Failure(EXHAUSTED, text, from_server=True, trailers=trailers, details=details)


@pytest.mark.parametrize(
    "text",
    [
        # grpcio, and C++ below it.
        "Received message larger than max (5242880 vs. 4194304)",
        "CLIENT: Received message larger than max (5242880 vs. 4194304)",
        "Sent message larger than max (5 vs. 4)",
        "received initial metadata size exceeds hard limit (20000 vs. 16384)",
        # grpc-go.
        "grpc: received message larger than max (5242880 vs. 4194304)",
        "trying to send message larger than max (5 vs. 4)",
        "grpc: received message after decompression larger than max 4194304",
        # grpc-java.
        "gRPC message exceeds maximum size 4194304: 5242880",
        "Compressed gRPC message exceeds maximum size 4194304: 4194305 bytes read",
        # grpc-dotnet.
        "Received message exceeds the maximum configured message size.",
        "Sending message exceeds the maximum configured message size.",
        # grpc-js.
        "Received message larger than max (5 vs 4)",
        "Received message that decompresses to a size larger than 4194304",
        # tonic.
        "Error, decoded message length too large: found 5 bytes, the limit is: 4 bytes",
        # Proxies, and whoever else.
        "header list too large",
        "The header list of the trailers is too large",
        "Header size exceeded max allowed size (8192)",
        "Request body too large",
        "Payload Too Large",
        "request too large",
        "Message size exceeds limit",
        # An account, not a moment.
        "Your team has either used all available credits or reached its monthly spending limit.",
        "The token budget of 100 tokens is spent.",
        "8 bytes do not fit: 5 of 10 bytes are used.",
        "there is no space left",
    ],
)
def test_exhaustion_that_time_does_not_end_is_final(text: str) -> None:
    """A message that is too large is so the next time; and no retry brings credits."""
    assert not may_retry(exhausted(text), RetryPolicy(), idempotent=True)
    # The same words elsewhere mean nothing.
    assert may_retry(Failure(UNAVAILABLE, text, from_server=True), RetryPolicy())
    # A server that names a wait knows better.
    assert may_retry(exhausted(text), RetryPolicy(), named=True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "busy",
        "Too many requests",
        "Rate limit exceeded, please slow down",
        "Requests per minute over the limit",
        "The request exceeds the rate limit of 60 requests per minute",
        "Message rate exceeds the limit",
        "Resource has been exhausted (e.g. check quota).",
        "Quota exceeded for quota metric 'Requests' and limit 'Requests per minute'",
        "The size of the request queue exceeds its limit",
        "too many concurrent streams",
        "bandwidth exhausted",
        "larger load than usual",
        "message " * 100_000,
        "header list " * 100_000 + "too large",
    ],
)
def test_exhaustion_that_may_pass_is_tried_again(text: str) -> None:
    """A rate limit says something about the moment; texts of any length are read quickly."""
    assert may_retry(exhausted(text), RetryPolicy())


@pytest.mark.parametrize("pushback", [None, "500", "0", "-1"])
def test_exhaustion_waits_as_long_as_the_server_says(pushback: str | None) -> None:
    """A wait that is named is kept; without one the backoff holds."""
    decision = controller(RetryPolicy(), state_with(Hours())).evaluate(exhausted(pushback=pushback))
    assert decision.delay == {None: 0.1, "500": 0.5, "0": 0.0, "-1": None}[pushback]
    informed = controller(RetryPolicy(), state_with(Hours())).evaluate(exhausted(details=b"12"))
    assert informed.delay == 2.1


@pytest.mark.parametrize(
    ("policy", "longest"),
    [
        (RetryPolicy(max_attempts=12), 20.0),
        (RetryPolicy(max_attempts=12, max_backoff=5.0), 20.0),
        (RetryPolicy(max_attempts=12, max_backoff=2.0), 2.0),
        (RetryPolicy(max_attempts=12, max_backoff=60.0), 51.2),
    ],
)
def test_wait_after_exhaustion_grows_further(policy: RetryPolicy, longest: float) -> None:
    """A rate limit takes longer to pass than an outage: 20 s, unless the policy says otherwise."""
    waits, _ = run(policy, state_with(Hours()), [exhausted() for _ in range(11)])
    assert waits == [min(0.1 * 2**step, longest) for step in range(10)] + [min(102.4, *waits[-1:])]
    assert max(waits) == pytest.approx(max(longest, waits[-1]))


def test_wait_after_exhaustion_ends_with_the_deadline() -> None:
    """However long it grows, it is not begun when it would reach the deadline."""
    policy = RetryPolicy(max_attempts=100)
    waits, reason = run(policy, state_with(Hours()), [exhausted() for _ in range(100)], left=60.0)
    assert waits[-1] == 20.0
    assert sum(waits) < 60.0
    assert reason == "the next one, 20.000 s later, would have come too late"


# How often and when.


@pytest.mark.parametrize("count", [1, 2, 4])
def test_call_is_tried_until_it_succeeds(count: int) -> None:
    """As many failures as the policy allows are overcome, with one wait for each."""
    waits, reason = run(RetryPolicy(max_attempts=5), state_with(Hours()), failures(count))
    assert (waits, reason) == ([0.1, 0.2, 0.4, 0.8][:count], None)


@pytest.mark.parametrize("limit", [1, 2, 4])
def test_attempts_are_limited(limit: int) -> None:
    """When the attempts are used up the failure speaks for itself: no reason is added."""
    waits, reason = run(RetryPolicy(max_attempts=limit), state_with(Hours()), failures(100))
    assert (len(waits), reason) == (limit - 1, "")


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
    waits, _ = run(policy, state_with(Hours(chance)), failures(count))
    assert len(waits) == count
    for number, wait in enumerate(waits):
        assert 0.0 <= wait <= min(initial * multiplier**number, longest) * (1 + 1e-9)


@given(
    st.floats(0, 1e300),
    st.floats(0, 1e300),
    st.floats(1, 1e300) | st.integers(1, 10**30),
    st.integers(2, 1500),
)
def test_longest_wait_grows_up_to_its_limit(
    initial: float, longest: float, multiplier: float, count: int
) -> None:
    """The bound is never negative, never over ``max_backoff``, and never shrinks."""
    policy = RetryPolicy(
        max_attempts=2000, initial_backoff=initial, max_backoff=longest, multiplier=multiplier
    )
    state = state_with(Hours())
    # Unprocessed: not bounded by the budget.
    items = [Failure(UNAVAILABLE, "refused", unprocessed=True) for _ in range(count)]
    waits, _ = run(policy, state, items)
    assert len(waits) == count
    assert waits[0] == pytest.approx(min(initial, longest))
    for before, after in itertools.pairwise(waits):
        assert 0.0 <= before <= after * (1 + 1e-9)
        assert after <= longest


def test_wait_without_end_is_not_made() -> None:
    """A policy of huge numbers waits ``max_backoff``, not for ever."""
    policy = RetryPolicy(initial_backoff=1e300, multiplier=1e300, max_backoff=7.0)
    waits, _ = run(policy, state_with(Hours()), failures(4))
    assert waits == [7.0] * 4


def test_waits_are_spread_over_their_range() -> None:
    """Full jitter: callers that failed together do not come back together."""
    waits = [Clock().draw(1.0) for _ in range(200)]
    assert min(waits) < 0.2
    assert max(waits) > 0.8
    assert len(set(waits)) > 190


def test_jitter_leaves_the_random_numbers_of_the_program_alone() -> None:
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
    given = [
        failure(number + 1, pushback=None if wait is None else str(wait))
        for number, wait in zip(range(count), told, strict=False)
    ]
    policy = RetryPolicy(initial_backoff=2.0)
    # It looks at the end of each wait itself.
    waits, reason = run(policy, state_with(Hours(chance)), given, left=left, takes=takes)
    assert len(waits) == count if reason is None else "too late" in reason


def test_wait_that_would_reach_the_deadline_is_not_begun() -> None:
    """When the wait would end at the deadline or after it, there is no other attempt."""
    policy = RetryPolicy(initial_backoff=100, max_backoff=100)
    late = "the next one, 100.000 s later, would have come too late"
    assert run(policy, state_with(Hours()), failures(1), left=100.0) == ([], late)
    assert run(policy, state_with(Hours()), failures(1), left=100.1) == ([100], None)


def test_time_left_counts_down() -> None:
    """What is left is the deadline less the waits and attempts, and nothing without a deadline."""
    clock = Hours()
    state = state_with(clock)
    assert controller(RetryPolicy(), state).left() is None
    limited = controller(RetryPolicy(), state, left=5.0)
    clock.time += 7.0
    assert limited.left() == -2.0


# What the server names.


def test_pushback_is_the_wait_and_begins_the_growth_anew() -> None:
    """The server's wait is kept to the millisecond, past ``max_backoff``, then as at first."""
    told = [failure(1), failure(2), failure(3, pushback="12345"), failure(4)]
    waits, _ = run(RetryPolicy(max_backoff=1.0), state_with(Hours()), told)
    assert waits == [0.1, 0.2, 12.345, 0.1]


@pytest.mark.parametrize("value", ["-1", "later"])
def test_pushback_that_stops(value: str) -> None:
    """The server wants no other attempt; the budget is not asked."""
    state = state_with(Hours())
    decision = controller(RetryPolicy(), state, idempotent=True).evaluate(failure(pushback=value))
    assert decision == (None, "the server asked for no other attempt")
    assert state.throttle.level == 1000


def test_named_wait_is_the_least() -> None:
    """``google.rpc.RetryInfo`` names the least wait; the jitter comes on top of it."""
    told = [failure(1, details=b"123"), failure(2, details=b"12345")]
    waits, _ = run(RetryPolicy(), state_with(Hours()), told)
    assert waits == [3.1, 5.2]


def test_pushback_goes_before_a_named_wait() -> None:
    """Where both are there, the trailer holds."""
    told = failure(pushback="250", details=b"123")
    assert controller(RetryPolicy(), state_with(Hours())).evaluate(told).delay == 0.25


# The budget.

SPENT = "too many calls of this client have failed of late"


def test_retries_stop_with_the_budget() -> None:
    """After a hundred retries without a success there is none, whatever the policy allows."""
    state = state_with(Hours())
    waits, reason = run(RetryPolicy(max_attempts=1000), state, failures(1000))
    assert (len(waits), reason) == (100, SPENT)
    assert state.throttle.level == 0
    assert controller(RetryPolicy(), state).evaluate(failure()) == (None, SPENT)


@pytest.mark.parametrize("code", [StatusCode.NOT_FOUND, StatusCode.ABORTED, StatusCode.UNKNOWN])
def test_failure_without_a_retry_costs_nothing(code: StatusCode) -> None:
    """Only retries are counted: not mistakes, nor the last failure of a call."""
    state = state_with(Hours())
    assert controller(RetryPolicy(), state).evaluate(Failure(code, "", from_server=True)) == (
        None,
        "",
    )
    assert controller(RetryPolicy.none(), state).evaluate(failure()).delay is None
    assert controller(RetryPolicy(), state, left=0.0).evaluate(failure()).delay is None
    assert state.throttle.level == 1000


def test_call_that_was_not_processed_costs_nothing_and_needs_nothing() -> None:
    """What the server did not touch is tried again even where retries are throttled."""
    state = state_with(Hours())
    while state.throttle.take():
        pass
    policy = RetryPolicy(max_attempts=8)
    refused = [Failure(UNAVAILABLE, "refused", unprocessed=True) for _ in range(7)]
    assert len(run(policy, state, refused)[0]) == 7
    assert state.throttle.level == 0


def test_calls_of_one_connection_cost_one_retry() -> None:
    """However many calls a lost connection carried: its loss says no more than that of one."""
    state = state_with(Hours())
    for level in (990, 980):
        loss = ConnectionLoss()
        for _ in range(300):
            lost = Failure(UNAVAILABLE, "lost", connection=True, loss=loss)
            retries = controller(RetryPolicy(), state, idempotent=True)
            assert retries.evaluate(lost).delay == 0.1
        assert state.throttle.level == level


def test_loss_is_not_counted_for_those_who_are_not_tried_again() -> None:
    """A call that is not idempotent leaves the budget alone, and the others pay for themselves."""
    state = state_with(Hours())
    loss = ConnectionLoss()
    lost = Failure(UNAVAILABLE, "lost", connection=True, loss=loss)
    assert controller(RetryPolicy(), state).evaluate(lost) == (None, "")
    assert (state.throttle.level, loss.counted) == (1000, False)
