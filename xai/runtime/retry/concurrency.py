"""How many calls a client makes at the same time: a level that follows what the server takes."""

import math
import weakref
from typing import Final

from xai._clock import monotonic
from xai.runtime.locks import Lock

#: Where the level begins, and its limits. Above it a client would keep more threads than it uses.
START: Final = 8.0
_LEAST: Final = 1.0
MOST: Final = 1000.0
#: After a refusal: out of the first, doubling growth; soon after another one; else.
_OUT_OF_START: Final = 0.5
_SOON: Final = 0.88
_SETTLED: Final = 0.95
#: Growth in a round trip: a constant, and a part of the level.
_STEP: Final = 0.1
_PART: Final = 0.007
#: After so many round trips without a refusal the growth itself grows.
_PATIENCE: Final = 30.0
#: Latency: how many calls make a window, what is a rise, and how the best one is forgotten.
_WINDOW: Final = 20
_RISE: Final = 2.0
_FORGET: Final = 1.05
_SLOWER: Final = 0.9
#: Over which part of the time that a call takes items are spread, and how that time is averaged.
_SPREAD: Final = 0.9
_SMOOTHING: Final = 0.05


class ConcurrencyLimit:
    """The level of one client, for all of its runs in all threads.

    Additive increase and multiplicative decrease, as in TCP: each success raises the level a
    little, a refusal lowers it by a part, once for all calls that were under way. So does latency
    that rises to twice of what it was, which is how an overloaded server shows that it queues.

    Sources: Chiu and Jain, "Analysis of the Increase and Decrease Algorithms for Congestion
    Avoidance in Computer Networks"; RFC 9438 (CUBIC) for the growth that accelerates.
    """

    __slots__ = (
        "__weakref__",
        "_best",
        "_calls",
        "_counted",
        "_fell",
        "_in_start",
        "_lock",
        "_mean",
        "_next",
        "_peak",
        "_runs",
        "_seconds",
        "_since",
        "_under_way",
        "level",
        "not_before",
    )

    def __init__(self) -> None:
        self.level = START
        #: When calls may begin again, by the clock of retries, after the server named a wait.
        self.not_before = -math.inf
        self._lock = Lock()
        self._runs = 0
        self._under_way = 0
        #: The most that were under way at a time of late, and the successes since that was asked.
        self._peak = self._counted = 0
        self._in_start = True
        self._fell = -math.inf
        self._since = 0
        self._best = math.inf
        self._seconds, self._calls = 0.0, 0
        #: How long a call takes, and when the next item may begin.
        self._mean = 0.0
        self._next = -math.inf

    def join(self) -> None:
        """Count a run in: the level is divided among the runs."""
        with self._lock:
            self._runs += 1

    def leave(self) -> None:
        """Count a run out."""
        with self._lock:
            self._runs -= 1

    def share(self) -> int:
        """Return how many items one run may have under way: at least one."""
        return max(1, math.ceil(int(self.level) / max(1, self._runs)))

    def pause(self) -> float:
        """Return the seconds until another item may begin; when that is 0.0, count it as begun.

        Once a server has refused calls, they are spread over the time that a call takes. What
        began together ends together, and would begin together for ever: a burst is refused where
        the same number, spread, is not.
        """
        if self._in_start:
            return 0.0
        with self._lock:
            now = monotonic()
            if now < self._next:
                return self._next - now
            # What was missed is made up for in part: else no wait could ever be too long.
            spacing = _SPREAD * self._mean / self.level
            self._next = max(self._next, now - spacing) + spacing
            return 0.0

    def hold(self, until: float) -> None:
        """Let no call begin before a moment.

        Args:
            until: The moment, by the clock of retries.
        """
        with self._lock:
            self.not_before = max(self.not_before, until)

    def begin(self) -> float:
        """Count a call in, and return when that was."""
        with self._lock:
            self._under_way += 1
            self._peak = max(self._peak, self._under_way)
        return monotonic()

    def end(self, began: float, *, succeeded: bool) -> None:
        """Count a call out.

        Args:
            began: What `begin` returned.
            succeeded: Whether its first attempt did; its time says something then.
        """
        seconds = monotonic() - began
        with self._lock:
            self._under_way -= 1
            if succeeded:
                self._since += 1
                self._mean += (seconds - self._mean) * (_SMOOTHING if self._mean else 1.0)
                self._look_at(seconds, began)
                # A level that nobody reaches has not been tried.
                if self._peak >= 0.8 * int(self.level):
                    self._grow()
                self._counted += 1
                if self._counted >= self.level:
                    self._counted, self._peak = 0, self._under_way

    def refuse(self, began: float) -> None:
        """Lower the level: the server refused a call for want of room.

        Args:
            began: When the attempt or the call began.
        """
        with self._lock:
            if began <= self._fell:
                # It was under way when the level fell last.
                return
            soon = self._since < 2 * self.level
            self._fall(_OUT_OF_START if self._in_start else _SOON if soon else _SETTLED)

    def _grow(self) -> None:
        if self._in_start:
            step = 1.0
        else:
            trips = self._since / self.level
            step = (_STEP + _PART * self.level) * max(1.0, trips / _PATIENCE) / self.level
        self.level = min(MOST, self.level + min(step, 1.0))

    def _fall(self, factor: float) -> None:
        self._in_start = False
        self._fell = monotonic()
        self._since = 0
        self._seconds, self._calls = 0.0, 0
        self.level = max(_LEAST, self.level * factor)

    def _look_at(self, seconds: float, began: float) -> None:
        if began <= self._fell:
            return
        self._seconds += seconds
        self._calls += 1
        if self._calls < max(_WINDOW, self.level):
            return
        mean = self._seconds / self._calls
        self._seconds, self._calls = 0.0, 0
        if mean > _RISE * self._best:
            self._fall(_OUT_OF_START if self._in_start else _SLOWER)
        self._best = min(mean, self._best * _FORGET)


_limits: "weakref.WeakKeyDictionary[object, ConcurrencyLimit]" = weakref.WeakKeyDictionary()


def limit_of(transport: object) -> ConcurrencyLimit:
    """Return the limit that goes with a transport, and so with a client and all of its views.

    Args:
        transport: The transport; the limit goes with it.

    Returns:
        The same object for the same transport, in any thread.
    """
    return _limits.get(transport) or _limits.setdefault(transport, ConcurrencyLimit())
