"""What the calls of a client share: the budget of their retries, and its clock."""

import gc
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.support import run_child
from xai.runtime.retry.throttle import FULL, Clock, ConnectionLoss, RetryThrottle, state_of


class ThrottleMachine(RuleBasedStateMachine):
    """The budget beside its words: 100 retries, one for a retry, 0.1 back, none above 100."""

    def __init__(self) -> None:
        super().__init__()
        self.throttle = RetryThrottle()
        self.left = Fraction(100)
        self.losses: list[ConnectionLoss] = []

    @rule()
    def retry(self) -> None:
        """A retry takes one if there is one."""
        allowed = self.left >= 1
        self.left -= int(allowed)
        assert self.throttle.take() is allowed

    @rule(count=st.integers(1, 150))
    def retry_after_loss(self, count: int) -> None:
        """The calls of a lost connection take one together, or are all refused."""
        allowed = self.left >= 1
        self.left -= int(allowed)
        self.losses.append(ConnectionLoss())
        assert {self.throttle.take(self.losses[-1]) for _ in range(count)} == {allowed}

    @rule(number=st.integers(0, 100))
    def retry_after_old_loss(self, number: int) -> None:
        """A call of a connection whose loss was counted is tried again for nothing, at any time."""
        counted = [loss for loss in self.losses if loss.counted]
        if counted:
            assert self.throttle.take(counted[number % len(counted)])

    @rule(count=st.integers(1, 30))
    def succeed(self, count: int) -> None:
        """A success gives a tenth back; callers skip it when the budget is full."""
        for _ in range(count):
            self.left = min(Fraction(100), self.left + Fraction(1, 10))
            if self.throttle.level < FULL:
                self.throttle.succeeded()

    @rule()
    def succeed_full(self) -> None:
        """One success too many does not overflow it."""
        self.left = min(Fraction(100), self.left + Fraction(1, 10))
        self.throttle.succeeded()

    @rule()
    def spend(self) -> None:
        """An outage uses up what is there."""
        while self.left >= 1:
            self.retry()

    @invariant()
    def agrees(self) -> None:
        """It holds what the model holds: never below 0, never above 100."""
        assert Fraction(self.throttle.level, 10) == self.left
        assert 0 <= self.throttle.level <= FULL


ThrottleMachine.TestCase.settings = settings(deadline=None, max_examples=60)
test_throttle_does_as_the_model = ThrottleMachine.TestCase


def test_full_budget_is_one_comparison_away() -> None:
    """What a successful call asks for is an attribute that says "full" from the start."""
    assert RetryThrottle().level == FULL


@pytest.fixture
def fast_switching() -> Iterator[None]:
    """Let threads take turns often."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("fast_switching")
def test_budget_loses_nothing_between_threads() -> None:
    """What many threads give back and take is counted to the last tenth."""
    throttle = RetryThrottle()
    for _ in range(80):
        assert throttle.take()
    barrier = threading.Barrier(8)
    loss = ConnectionLoss()

    def work() -> None:
        barrier.wait()
        for _ in range(5):
            throttle.succeeded()
        throttle.take(loss)
        barrier.wait()
        throttle.take()
        for _ in range(10):
            throttle.succeeded()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # 200 tenths, 8 * 5 back, one retry for the loss; then for each one out and ten tenths back.
    assert throttle.level == 200 + 40 - 10


class Carrier:
    """Stands for a transport."""


def test_state_belongs_to_its_transport() -> None:
    """Each transport has a state of its own, the same one each time, and takes it along."""
    one, other = Carrier(), Carrier()
    state = state_of(one)
    assert state_of(one) is state
    assert state_of(other) is not state
    gone = weakref.ref(state.throttle._lock)
    del one, state
    gc.collect()
    assert gone() is None


def test_state_is_one_for_all_threads() -> None:
    """Threads that ask first at the same moment get the same object."""
    for _ in range(50):
        carrier = Carrier()
        barrier = threading.Barrier(4)
        found: list[object] = []

        def ask(
            carrier: Carrier = carrier,
            barrier: threading.Barrier = barrier,
            found: list[object] = found,
        ) -> None:
            barrier.wait()
            found.append(state_of(carrier))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 4
        assert len({id(item) for item in found}) == 1


def test_clock_is_monotonic() -> None:
    """Time is that of the monotonic clock, and a skipped wait does not move it."""
    before = time.monotonic()
    clock = Clock()
    clock.skip(1_000.0)
    assert before <= clock.now() <= time.monotonic()


_FORK = """
import os, sys, threading
from xai.runtime.retry.throttle import RetryThrottle

throttle = RetryThrottle()
held = threading.Event()
go = threading.Event()

def hold():
    with throttle._lock:
        held.set()
        go.wait()

thread = threading.Thread(target=hold)
thread.start()
held.wait()
child = os.fork()
if not child:
    throttle.take()
    os._exit(100 - throttle.level // 10)
_, status = os.waitpid(child, 0)
go.set()
thread.join()
print(os.waitstatus_to_exitcode(status), throttle.level)
"""


@pytest.mark.skipif(not hasattr(sys, "getdlopenflags"), reason="there is no fork on Windows")
def test_fork_leaves_the_budget_usable() -> None:
    """A budget locked by another thread at the fork is free in the child, with its level."""
    arguments = ("-W", "error", "-W", "ignore::DeprecationWarning")
    assert run_child(_FORK, python_args=arguments).stdout == "1 1000\n"
