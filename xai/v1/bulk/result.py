"""What came of an item of bulk work."""

from typing import Generic, TypeVar

import attrs

from xai.errors import XAIError
from xai.v1.chat.usage import Usage

I_co = TypeVar("I_co", covariant=True)
T_co = TypeVar("T_co", covariant=True)


@attrs.frozen(kw_only=True)
class Result(Generic[I_co, T_co]):
    """What came of an item: a value, or an error.

    Attributes:
        key: What names the item: what ``key`` returned for it, or its position, from 0.
        item: The item.
        value: What the task returned; None when it failed.
        error: Why the task failed; None when it did not.
        usage: The token usage of its calls together; None when no reply told.
        attempts: How many attempts its calls took; 0 when it made none.
        seconds: How long it took.
        restored: Whether it comes from the checkpoint, and cost nothing this time.
    """

    key: str | int
    item: I_co
    value: T_co | None = None
    error: Exception | None = None
    usage: Usage | None = None
    attempts: int = 0
    seconds: float = 0.0
    restored: bool = False

    def unwrap(self) -> T_co:
        """Return the value, or raise the error.

        Raises:
            Exception: What the task raised.
        """
        if self.error is not None:
            raise self.error
        return self.value  # type: ignore[return-value]  # it is the task's, without an error


class TooManyErrorsError(XAIError):
    """More items failed than ``max_errors`` allows.

    Attributes:
        result: That of the item that was one too many; its error is the cause.
    """

    def __init__(self, message: str, *, result: "Result[object, object] | None" = None) -> None:
        super().__init__(message)
        self.result = result


class CheckpointError(XAIError):
    """A checkpoint can't be used: it is of other work, of another program, or in use."""
