"""How long something is polled for."""

from datetime import timedelta

from xai._clock import monotonic


class PollTimer:
    """Counts the time of a loop that polls, from its construction on.

    Args:
        timeout: How long to poll; ten minutes when it is None or nothing.
        interval: The pause between two polls; a second when it is None or nothing.
        context: What is waited for, for the error.
    """

    def __init__(
        self,
        timeout: timedelta | None = None,
        interval: timedelta | None = None,
        context: str | None = None,
    ) -> None:
        self._start = monotonic()
        self._timeout = (timeout or timedelta(minutes=10)).total_seconds()
        self._interval = (interval or timedelta(seconds=1)).total_seconds()
        self._context = context

    def sleep_interval_or_raise(self) -> float:
        """Return the seconds to sleep before the next poll.

        Raises:
            TimeoutError: The time is over.
        """
        passed = monotonic() - self._start
        if passed > self._timeout:
            raise TimeoutError(timed_out(passed, self._context))
        return min(self._timeout - passed, self._interval)


def timed_out(seconds: float, context: str | None) -> str:
    """Return the text of the error for a wait that was in vain."""
    text = f"Polling timed out after {seconds:.1f}s"
    return f"{text}: {context}" if context else text
