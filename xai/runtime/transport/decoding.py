"""What stops the decoding of a large reply: its call's deadline, or that nobody waits any more."""

from xai.errors import StatusCode
from xai.runtime.retry.policy import CallFailed, Failure, remaining


class DecodingStoppedError(Exception):
    """Nobody waits for the message any more."""


class DecodeCheck:
    """Called by the codec every few thousand fields.

    Args:
        deadline: When the call ends, on the monotonic clock; None is never.
    """

    __slots__ = ("_deadline", "_stopped")

    def __init__(self, deadline: float | None) -> None:
        self._deadline = deadline
        self._stopped = False

    def stop(self) -> None:
        """Let the next check raise; from any thread."""
        self._stopped = True

    def __call__(self) -> None:
        """Raise when decoding has to stop.

        Raises:
            CallFailed: The deadline has passed.
            DecodingStoppedError: `stop` was called.
        """
        if self._stopped:
            raise DecodingStoppedError
        left = remaining(self._deadline)
        if left is not None and left <= 0.0:
            raise CallFailed(late())


def late() -> Failure:
    """Return what stands for a call that ended while its reply was decoded."""
    text = "the time allowed for the call was over while the reply was decoded"
    return Failure(StatusCode.DEADLINE_EXCEEDED, text)
