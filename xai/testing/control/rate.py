"""How many calls in a second the local server takes; what is above it is refused."""

import threading
from typing import Final

import attrs

from xai._clock import monotonic
from xai.testing.control.calls import same_method
from xai.testing.control.faults import Fail

_RESOURCE_EXHAUSTED: Final = 8


@attrs.define
class _Limit:
    rate: float
    burst: int
    name_wait: bool
    room: float
    since: float = attrs.field(factory=monotonic)

    def wait(self) -> float:
        """Take room for a call; return the seconds until there is some, 0 when there was."""
        now = monotonic()
        self.room = min(float(self.burst), self.room + (now - self.since) * self.rate)
        self.since = now
        if self.room >= 1.0:
            self.room -= 1.0
            return 0.0
        return (1.0 - self.room) / self.rate


class RateLimits:
    """The limits by method; safe to change from every thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._limits: dict[str | None, _Limit] = {}

    def set(self, method: str | None, rate: float | None, burst: int, *, name_wait: bool) -> None:
        """Set or move a limit; calls that were taken before still count.

        Args:
            method: The path or name of the method; None for all of them together.
            rate: Calls in a second; None for no limit.
            burst: How many at once after a time without any.
            name_wait: Whether a refusal says when to come again.
        """
        with self._lock:
            before = self._limits.pop(method, None)
            if rate is not None:
                room = float(burst) if before is None else before.room + burst - before.burst
                self._limits[method] = _Limit(rate, burst, name_wait, max(0.0, room))

    def refusal(self, path: str) -> Fail | None:
        """Return how a call is refused; None when it is taken.

        Args:
            path: The method of the call.
        """
        with self._lock:
            for method, limit in self._limits.items():
                if same_method(method, path) and (seconds := limit.wait()):
                    wait = str(max(1, round(seconds * 1000)))
                    trailers = (("grpc-retry-pushback-ms", wait),) if limit.name_wait else ()
                    return Fail(
                        code=_RESOURCE_EXHAUSTED,
                        message=f"More than {limit.rate:g} calls in a second.",
                        trailers=trailers,
                    )
        return None

    def clear(self) -> None:
        """Lift all limits."""
        with self._lock:
            self._limits.clear()
