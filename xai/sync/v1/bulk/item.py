# Do not edit: produced by "nox -s generate" from
# xai/aio/v1/bulk/item.py
"""One item of bulk work: the task is done for it, and what its calls tell is noted."""

from collections.abc import Callable
from functools import partial
from typing import Any, Generic, TypeVar, cast

from xai._clock import monotonic
from xai._instrumentation import call_scope
from xai.runtime.retry.concurrency import limit_of
from xai.sync.rpc.caller import Caller
from xai.sync.v1.chat.service import Chats
from xai.v1.bulk.checkpoint import Checkpoint
from xai.v1.bulk.identity import digest
from xai.v1.bulk.result import Result
from xai.v1.bulk.scope import ItemScope, attempts_of, usage_from
from xai.v1.bulk.stored import line_of, restore
from xai.v1.bulk.task import ChatTask, WrongTaskError, expect_value

I = TypeVar("I")  # noqa: E741  # an item
T = TypeVar("T")
C = TypeVar("C")

#: What is done for each item.
Task = Callable[[C, I], T] | ChatTask[I, T]


class ItemWork(Generic[I, T]):
    """Does the task for one item after the other, in whatever task or thread.

    It knows nothing of who takes the results: what is left in the middle of them can be collected
    while items are under way.

    Args:
        client: What the task is given.
        caller: Makes the client's calls.
        task: What is done.
    """

    def __init__(self, client: C, caller: Caller, task: Task[C, I, T]) -> None:
        context = caller.context
        self._chats = Chats(caller)
        self._do = task if isinstance(task, ChatTask) else partial(task, client)
        self._task = task
        self._retry_state = context.retry_state
        self._beside = context.transport.beside
        self.limit = limit_of(context.transport)
        self.checkpoint: Checkpoint | None = None

    def open(self, path: str, parts: dict[str, str]) -> None:
        """Open the checkpoint.

        Raises:
            CheckpointError: It is of other work, or in use.
            OSError: It can't be read or written.
        """
        self.checkpoint = self._beside(lambda: Checkpoint(path, parts))

    def find(self, key: str | int, item: I) -> Result[I, T] | None:
        """Return the result of an item from the checkpoint, if it is there."""
        checkpoint = self.checkpoint
        if checkpoint is None or key not in checkpoint:
            return None
        line = self._beside(lambda: checkpoint.find(key, digest(item)))
        return None if line is None else restore(line, key, item, self._task)

    def perform(self, place: int, key: str | int, item: I) -> tuple[int, Result[I, T]]:
        """Do the task for an item, and return its place and the result, an error included.

        Raises:
            OSError: The checkpoint can't be written.
            TypeError: The task is of the wrong kind, or its value can't be written.
        """
        scope = ItemScope(self.limit, self._retry_state)
        began = monotonic()
        token = call_scope.set(scope)
        value: T | None = None
        text: str | None = None
        failed: Exception | None = None
        try:
            value, text = self._value(item)
        except WrongTaskError:
            raise
        except Exception as error:  # noqa: BLE001  # it is the result
            failed = error
        finally:
            call_scope.reset(token)
        result: Result[I, T] = Result(
            key=key,
            item=item,
            value=value,
            error=failed,
            usage=usage_from(value, scope.usage),
            attempts=attempts_of(scope, failed),
            seconds=monotonic() - began,
        )
        if failed is None:
            self.keep(result, text)
        try:
            return place, result
        finally:
            # The traceback of the error has this frame, and would have the error.
            del failed, result

    def note_batch(self, batch_id: str, *, done: bool = False) -> None:
        """Note in the checkpoint, if there is one, that a batch is under way or over.

        Args:
            batch_id: The ID of the batch.
            done: Whether it is over.

        Raises:
            OSError: It can't be written.
        """
        checkpoint = self.checkpoint
        if checkpoint is not None:
            self._beside(lambda: checkpoint.note_batch(batch_id, done=done))

    def close(self) -> None:
        """Close the checkpoint."""
        if self.checkpoint is not None:
            self._beside(self.checkpoint.close)

    def keep(self, result: Result[I, T], text: str | None) -> None:
        """Write a result of an item that succeeded into the checkpoint, if there is one.

        Args:
            result: The result.
            text: The JSON that the value was read from, if it was.

        Raises:
            OSError: It can't be written.
            TypeError: The value has no form in JSON.
        """
        checkpoint = self.checkpoint
        if checkpoint is None:
            return
        line = line_of(result, digest(result.item), text)
        self._beside(lambda: checkpoint.write(line))

    def _value(self, item: I) -> tuple[T, str | None]:
        if isinstance(self._do, ChatTask):
            return _chat(self._chats, self._do, item)
        made = self._do(item)
        return expect_value(made), None


def _chat(chats: Chats, task: ChatTask[I, T], item: I) -> tuple[T, str | None]:
    """Return the value of a chat about an item, and the JSON it was read from, if it was."""
    settings = cast("dict[str, Any]", task.settings)
    chat = chats.create(task.model, messages=task.messages(item), **settings)
    shape = cast("type[T] | None", task.shape)
    if chat.functions:
        run = chat.run(response_format=shape)
        if shape is None:
            return cast("T", run.response), None
        return cast("T", run.value), run.response.content
    if shape is None:
        return cast("T", chat.sample()), None
    response, value = chat.parse(shape)
    return value, response.content
