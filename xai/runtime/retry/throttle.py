"""What the retries of all calls of one client share: a budget, a clock and the jitter."""

import random
import weakref
from typing import Final

from xai._clock import monotonic
from xai.runtime.locks import Lock

#: The budget is counted in tenths of a retry: sums of 0.1 would drift.
FULL: Final = 1000
_RETRY: Final = 10
_SUCCESS: Final = 1

#: Of its own: drawing from the shared source would disturb whoever seeded that one.
_random = random.SystemRandom()


class ConnectionLoss:
    """The loss of one connection, in common to all calls that it carried."""

    __slots__ = ("counted",)

    def __init__(self) -> None:
        #: Whether a retry of one of the calls was taken from the budget.
        self.counted = False


class RetryThrottle:
    """The budget of retries of one client; safe to use from any thread.

    It holds 100 retries. Each retry takes one, each call that succeeds gives a tenth of one back,
    and without a whole one left there is no retry: a service that is down or overloaded is not
    called more often for it. The calls of one lost connection take one retry in all, for they say
    no more about the service than one call does.

    Sources: gRPC proposal A6, "Throttling Retry Attempts and Hedged RPCs",
    https://github.com/grpc/proposal/blob/master/A6-client-retries.md, which stops at half of a
    budget; and for the size, the retry quota of the AWS clients.
    """

    __slots__ = ("_lock", "level")

    def __init__(self) -> None:
        self._lock = Lock()
        #: Tenths of retries. Read without the lock: a success that finds the budget full, as
        #: nearly all do, has nothing else to do here.
        self.level = FULL

    def take(self, loss: ConnectionLoss | None = None) -> bool:
        """Take a retry from the budget, and return whether there was one.

        Args:
            loss: The loss of the connection that makes the retry necessary, if that is why.
        """
        with self._lock:
            if loss is not None and loss.counted:
                return True
            if self.level < _RETRY:
                return False
            self.level -= _RETRY
            if loss is not None:
                loss.counted = True
            return True

    def succeeded(self) -> None:
        """Give back the share of a call that succeeded."""
        with self._lock:
            self.level = min(FULL, self.level + _SUCCESS)


class Clock:
    """The time and the jitter of retries; `xai.testing` has one that tests move."""

    def now(self) -> float:
        """Return the seconds since some moment; they never go backwards."""
        return monotonic()

    def draw(self, longest: float) -> float:
        """Draw a wait.

        Args:
            longest: The longest one, in seconds.

        Returns:
            Seconds from 0 to the longest wait, each as likely as the others (full jitter).
        """
        return _random.uniform(0.0, longest)

    def skip(self, seconds: float) -> None:
        """Let a wait be over at once, on a clock that can do so; this one can't.

        Args:
            seconds: How long the wait is.
        """


class RetryState:
    """What the retries of one client share."""

    __slots__ = ("clock", "throttle")

    def __init__(self) -> None:
        self.throttle = RetryThrottle()
        self.clock = Clock()


# Not kept by the transports themselves: they carry single attempts and know of no retries.
_states: "weakref.WeakKeyDictionary[object, RetryState]" = weakref.WeakKeyDictionary()


def state_of(transport: object) -> RetryState:
    """Return the state that goes with a transport, and so with a client and all of its views.

    Args:
        transport: The transport; the state goes with it.

    Returns:
        The same object for the same transport, in any thread.
    """
    # One operation of a dict, and no lock: a finaliser that makes a call may come in between.
    return _states.get(transport) or _states.setdefault(transport, RetryState())
