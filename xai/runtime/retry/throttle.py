"""What the retries of all calls of one client share: a token bucket, a clock and the chance.

Source: gRPC proposal A6, "Throttling Retry Attempts and Hedged RPCs",
https://github.com/grpc/proposal/blob/master/A6-client-retries.md
"""

import random
import time
import weakref
from typing import Final

from xai.runtime.locks import Lock

#: The bucket counts tenths of tokens: sums of 0.1 would drift.
FULL: Final = 100
_FAILURE: Final = 10
_SUCCESS: Final = 1

#: Of its own: drawing from the shared source would disturb whoever seeded that one.
_chance = random.SystemRandom()


class TokenBucket:
    """Tokens that failures take and successes give back; safe to use from any thread."""

    __slots__ = ("_lock", "level")

    def __init__(self) -> None:
        self._lock = Lock()
        #: Tenths of tokens. Read without the lock: a success that finds the bucket full, as
        #: nearly all do, has nothing else to do here.
        self.level = FULL

    def failed(self) -> bool:
        """Take a token for a failed attempt, and return whether another attempt is allowed."""
        with self._lock:
            self.level = max(0, self.level - _FAILURE)
            return self.level > FULL // 2

    def succeeded(self) -> None:
        """Give back the share of a call that succeeded."""
        with self._lock:
            self.level = min(FULL, self.level + _SUCCESS)


class Clock:
    """The time and the chance by which retries go; `xai.testing` has one that tests move."""

    def now(self) -> float:
        """Return the seconds since some moment; they never go backwards."""
        return time.monotonic()

    def draw(self, longest: float) -> float:
        """Draw a wait.

        Args:
            longest: The longest one, in seconds.

        Returns:
            Seconds from 0 to the longest wait, each as likely as the others (full jitter).
        """
        return _chance.uniform(0.0, longest)

    def skip(self, seconds: float) -> None:
        """Let a wait be over at once, on a clock that can do so; this one can't.

        Args:
            seconds: How long the wait is.
        """


class RetryState:
    """What the retries of one client share."""

    __slots__ = ("bucket", "clock")

    def __init__(self) -> None:
        self.bucket = TokenBucket()
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
