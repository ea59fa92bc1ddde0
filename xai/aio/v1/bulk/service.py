"""Bulk work: a task for each of many items."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from xai._annotations import resolve_lazily
from xai._sentinel import NOT_GIVEN, NotGiven
from xai._validation import given
from xai.aio.v1.bulk.item import AsyncItemWork, AsyncTask
from xai.aio.v1.bulk.run import AsyncBulkRun, AsyncItems
from xai.v1.bulk.progress import OnProgress
from xai.v1.bulk.settings import Concurrency, Via, check_settings, parts_of
from xai.v1.bulk.task import ChatTask

if TYPE_CHECKING:
    from xai.aio.rpc.caller import AsyncCaller
    from xai.options import RetryPolicy

I = TypeVar("I")  # noqa: E741  # an item
T = TypeVar("T")
C_co = TypeVar("C_co", covariant=True)


class ClientWith(Protocol[C_co]):
    """Makes a client with another policy of retries, on the same connection."""

    def __call__(self, retry: "RetryPolicy | NotGiven | None", /) -> "tuple[C_co, AsyncCaller]":
        """Return the client, and what makes its calls.

        Args:
            retry: The policy; the client's when it is not given, or None.
        """
        ...


class AsyncBulk(Generic[C_co]):
    """Does the same for many items, some of them at the same time.

    Args:
        client: Makes a client like the one this belongs to, on the same connection.
    """

    def __init__(self, client: ClientWith[C_co]) -> None:
        self._client = client

    def map(
        self,
        task: AsyncTask[C_co, I, T],
        items: AsyncItems[I],
        *,
        concurrency: Concurrency | None = "auto",
        ordered: bool | None = False,
        retry: "RetryPolicy | NotGiven | None" = NOT_GIVEN,
        budget_usd: float | None = None,
        max_errors: int | None = None,
        checkpoint: str | os.PathLike[str] | None = None,
        key: Callable[[I], str | int] | None = None,
        on_progress: OnProgress | None = None,
        via: Via | None = "calls",
    ) -> AsyncBulkRun[I, T]:
        """Do a task for each item, and return the results as they come.

        Nothing begins before the first iteration. An item that fails is no failure of the run: its
        result has the error. When the run is left early, what is under way is cancelled.

        Args:
            task: A function of a client and an item, or `xai.v1.ChatTask`. The functions of a
                blocking client run in threads, at most as many as items at the same time.
            items: The items. They are taken when there is room for them: no more are kept than are
                under way, and results that wait for those before them.
            concurrency: How many items at the same time; ``"auto"`` for as many as the server takes
                without refusing calls or becoming slower, for all runs of the client together.
            ordered: Whether the results come in the order of the items.
            retry: When a failed call of the task is retried; as the client's when not given.
            budget_usd: What the run may spend, in US dollars, as the server states it. No item
                begins that could pass it, at the highest cost of an item so far; the run ends
                then, and its ``stopped`` is ``"budget"``.
            max_errors: How many items may fail; any number when None.
            checkpoint: The path of a file that keeps the results of the items that succeeded. A
                run that finds it returns these results again, and does the rest. Without a shape
                or a `Response` values have to be what JSON has a form for.
            key: Returns what names an item, a str or an int; its position when None.
            on_progress: Called with the `xai.v1.bulk.Progress` after each result, before it is
                returned, and after each look at a batch; or a bar of tqdm, or the progress of rich.
            via: ``"batch"`` to send the items of a `xai.v1.ChatTask` as one batch, which takes
                longer and costs less; they are all taken at the beginning. A run that is left
                leaves the batch to the server; with a checkpoint the next run picks it up again.

        Returns:
            The results, as an iterator.

        Raises:
            TypeError: An argument is of the wrong type.
            ValueError: An argument is not valid.
            RuntimeError: The client is closed.
        """
        settings = check_settings(
            task,
            items,
            concurrency=given(concurrency, "auto"),
            ordered=given(ordered, default=False),
            budget_usd=budget_usd,
            max_errors=max_errors,
            checkpoint=checkpoint,
            key=key,
            on_progress=on_progress,
            via=given(via, "calls"),
        )
        client, caller = self._client(retry)
        work = AsyncItemWork(client, caller, task)
        parts = parts_of(task, key)
        if settings.via == "batch" and isinstance(task, ChatTask):
            from xai.aio.v1.bulk.batch_run import AsyncBatchRun

            return AsyncBatchRun(work, caller, items, settings, parts, task=task)
        return AsyncBulkRun(work, caller.context, items, settings, parts)


resolve_lazily(globals())
