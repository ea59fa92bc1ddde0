"""What the calls of a client share: gRPC proposal A6, retry throttling."""

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
from xai.runtime.retry.throttle import FULL, Clock, TokenBucket, state_of


class BucketMachine(RuleBasedStateMachine):
    """The bucket beside the words of A6: 10 tokens, 1 for a failure, 0.1 back, none above 10."""

    def __init__(self) -> None:
        super().__init__()
        self.bucket = TokenBucket()
        self.tokens = Fraction(10)

    @rule()
    def fail(self) -> None:
        """A failure takes one, and above half another attempt is allowed."""
        self.tokens = max(Fraction(0), self.tokens - 1)
        assert self.bucket.failed() is (self.tokens > 5)

    @rule(count=st.integers(1, 30))
    def succeed(self, count: int) -> None:
        """A success gives a tenth back; callers skip it when the bucket is full."""
        for _ in range(count):
            self.tokens = min(Fraction(10), self.tokens + Fraction(1, 10))
            if self.bucket.level < FULL:
                self.bucket.succeeded()

    @rule()
    def succeed_full(self) -> None:
        """One success too many does not overflow it."""
        self.tokens = min(Fraction(10), self.tokens + Fraction(1, 10))
        self.bucket.succeeded()

    @invariant()
    def agrees(self) -> None:
        """It holds what the model holds: never below 0, never above 10."""
        assert Fraction(self.bucket.level, 10) == self.tokens
        assert 0 <= self.bucket.level <= FULL


BucketMachine.TestCase.settings = settings(deadline=None, max_examples=60)
test_bucket_does_as_the_model = BucketMachine.TestCase


def test_full_bucket_is_one_comparison_away() -> None:
    """What a successful call asks for is an attribute that says "full" from the start."""
    assert TokenBucket().level == FULL == 100


@pytest.fixture
def fast_switching() -> Iterator[None]:
    """Let threads take turns often."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("fast_switching")
def test_bucket_loses_nothing_between_threads() -> None:
    """H30, H31: what many threads give back and take is counted to the last tenth."""
    bucket = TokenBucket()
    for _ in range(8):
        bucket.failed()
    assert bucket.level == 20
    barrier = threading.Barrier(8)

    def work() -> None:
        barrier.wait()
        for _ in range(5):
            bucket.succeeded()
        barrier.wait()
        bucket.failed()
        for _ in range(10):
            bucket.succeeded()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # 8 * 5 back, then for each a token out and back: the bounds were never met.
    assert bucket.level == 60


class Carrier:
    """Stands for a transport."""


def test_state_belongs_to_its_transport() -> None:
    """Each transport has a state of its own, the same one each time, and takes it along."""
    one, other = Carrier(), Carrier()
    state = state_of(one)
    assert state_of(one) is state
    assert state_of(other) is not state
    gone = weakref.ref(state.bucket._lock)
    del one, state
    gc.collect()
    assert gone() is None


def test_state_is_one_for_all_threads() -> None:
    """H30: threads that ask first at the same moment get the same object."""
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
    """H35: time is that of the monotonic clock, and a skipped wait does not move it."""
    before = time.monotonic()
    clock = Clock()
    clock.skip(1_000.0)
    assert before <= clock.now() <= time.monotonic()


_FORK = """
import os, sys, threading
from xai.runtime.retry.throttle import TokenBucket

bucket = TokenBucket()
held = threading.Event()
go = threading.Event()

def hold():
    with bucket._lock:
        held.set()
        go.wait()

thread = threading.Thread(target=hold)
thread.start()
held.wait()
child = os.fork()
if not child:
    bucket.failed()
    os._exit(bucket.level)
_, status = os.waitpid(child, 0)
go.set()
thread.join()
print(os.waitstatus_to_exitcode(status), bucket.level)
"""


@pytest.mark.skipif(not hasattr(sys, "getdlopenflags"), reason="there is no fork on Windows")
def test_fork_leaves_the_bucket_usable() -> None:
    """H4: a bucket locked by another thread at the fork is free in the child, with its level."""
    arguments = ("-W", "error", "-W", "ignore::DeprecationWarning")
    assert run_child(_FORK, python_args=arguments).stdout == "90 100\n"
