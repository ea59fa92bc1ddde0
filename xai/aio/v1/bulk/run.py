"""A run of bulk work: its results, as they come."""

import weakref
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from xai._annotations import resolve_lazily
from xai._log import log
from xai.aio.rpc.context import AsyncCallContext
from xai.aio.v1.bulk.item import AsyncItemWork
from xai.v1.bulk.progress import Meter, Progress
from xai.v1.bulk.result import CheckpointError, Result, TooManyErrorsError
from xai.v1.bulk.settings import MapSettings, check_key

if TYPE_CHECKING:
    from typing_extensions import Self

    from xai.runtime.transport.workers import AsyncWorkers

I = TypeVar("I")  # noqa: E741  # an item
T = TypeVar("T")

#: Where items come from.
# twin: sync Items = Iterable[I]
AsyncItems = Iterable[I] | AsyncIterable[I]
# twin: sync _Taken = Iterator[I]
_AsyncTaken = Iterator[I] | AsyncIterator[I]


class AsyncBulkRun(Generic[I, T]):
    """The results of a run, an iterator; leaving it early cancels what is under way.

    It is made by `AsyncBulk.map`, and begins with the first iteration. Leave it early with
    `close`, or use it in an ``async with`` block. Items are taken when there is room for them, and
    none once it was left.
    """

    def __init__(
        self,
        work: AsyncItemWork[I, T],
        context: AsyncCallContext,
        items: AsyncItems[I],
        settings: MapSettings,
        parts: dict[str, str],
    ) -> None:
        self._work = work
        self._transport = context.transport
        self._items = _AsyncSource(items)
        self._settings = settings
        self._parts = parts
        self._meter = Meter(settings.total, settings.on_progress, settings.budget_usd)
        self._lock = context.transport.read_lock()
        self._over = False
        #: Whether it has begun, and counts among those that share the level.
        self._begun, joined = False, [False]
        self._joined = joined
        self._stopped: Literal["budget"] | None = None
        #: Results that wait: for those before them, or to be taken.
        self._ready: deque[Result[I, T]] = deque()
        self._early: dict[int, Result[I, T]] = {}
        self._next = 0
        self._keys: set[str | int] = set()
        self._workers: AsyncWorkers[tuple[int, Result[I, T]]] = context.transport.workers()
        #: What was taken and has not begun: its place, itself and its name.
        self._pending: tuple[int, I] | None = None
        self._named: str | int = 0
        #: The seconds until another item may begin.
        self._pause = 0.0
        self._left = weakref.finalize(self, _leave, work, self._workers, joined)
        self._left.atexit = False

    def __aiter__(self) -> "Self":
        """Return the run itself."""
        return self

    async def __anext__(self) -> Result[I, T]:
        """Wait for the next result and return it.

        Raises:
            TooManyErrorsError: More items failed than ``max_errors``.
            CheckpointError: The checkpoint can't be used.
            OSError: The checkpoint can't be read or written.
            TypeError: The task is of the wrong kind, or ``key`` returned no name.
            ValueError: Two items have the same name, or ``budget_usd`` can't be kept.
            RuntimeError: The client is closed.
        """
        async with self._lock:
            if self._over:
                raise StopAsyncIteration
            try:
                found = await self._take()
                if found is not None:
                    return found
            except BaseException:
                await self.close()
                raise
            await self.close()
        raise StopAsyncIteration

    @property
    def progress(self) -> Progress:
        """How far the run has come."""
        return self._meter.progress(self._running())

    @property
    def stopped(self) -> Literal["budget"] | None:
        """Why items were left out: ``"budget"`` when the next one could have passed it."""
        return self._stopped

    @property
    def batch_id(self) -> str | None:
        """The ID of the batch that has the items; None without one."""
        return None

    async def close(self) -> None:
        """Cancel what is under way, and close the checkpoint; a second call does nothing."""
        self._over = True
        if self._left.detach() is None:
            return
        self._ready.clear()
        self._early.clear()
        try:
            await self._workers.close()
        finally:
            if self._joined[0]:
                self._work.limit.leave()
            await self._work.close()

    async def __aenter__(self) -> "Self":
        """Return the run itself."""
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the run."""
        await self.close()

    async def _take(self) -> Result[I, T] | None:
        if not self._begun:
            await self._begin()
        while not self._ready:
            if not await self._more():
                return None
        result = self._ready.popleft()
        self._meter.add(result, self._running())
        most = self._settings.max_errors
        if result.error is not None and most is not None and self._meter.errors > most:
            raise TooManyErrorsError(
                f"{self._meter.errors} items failed, and max_errors is {most}; the last of them"
                f" is {result.key!r}",
                result=result,
            ) from result.error
        return result

    async def _more(self) -> bool:
        """Wait for something to happen; return False when nothing will any more."""
        await self._fill()
        if self._ready:
            return True
        if not len(self._workers) and not self._pause:
            return False
        ended = await self._workers.next(self._pause or None)
        if ended is not None:
            self._arrived(*ended)
        return True

    def _running(self) -> int:
        return len(self._workers)

    async def _begin(self) -> None:
        self._begun = True
        if self._settings.checkpoint is not None:
            await self._work.open(self._settings.checkpoint, self._parts)
        checkpoint = self._work.checkpoint
        if checkpoint is not None and checkpoint.batch_id and self._settings.via == "calls":
            raise CheckpointError(
                f"{self._settings.checkpoint}: the batch {checkpoint.batch_id} has items of it: go"
                " on with via='batch', or they are paid for twice"
            )
        if self._settings.concurrency is None:
            self._work.limit.join()
            self._joined[0] = True

    async def _fill(self) -> None:
        """Begin with items as long as there is room, and put restored ones among the results."""
        self._pause = 0.0
        while not self._ready and not self._stopped:
            if len(self._workers) + len(self._early) >= self._room():
                return
            self._transport.check_open()
            if self._pending is None:
                self._pending = await self._items.take()
                if self._pending is None:
                    return
                self._named = self._key(*self._pending)
            place, item = self._pending
            restored = await self._work.find(self._named, item)
            if restored is not None:
                self._arrived(place, restored)
            elif not self._affords():
                return
            elif self._settings.concurrency is None and (pause := self._work.limit.pause()):
                self._pause = pause
                return
            else:
                self._workers.start(_Job(self._work, place, self._named, item))
            self._pending = None

    def _affords(self) -> bool:
        """Tell whether another item may begin now; note when none may begin any more."""
        affords = self._meter.affords(len(self._workers))
        if affords is False:
            self._stopped = "budget"
            cost, budget = self.progress.cost_usd, self._settings.budget_usd
            log.warning("bulk.map stops at $%.4f: the next item could pass $%s", cost, budget)
        return bool(affords)

    def _room(self) -> int:
        fixed = self._settings.concurrency
        return self._work.limit.share() if fixed is None else fixed

    def _key(self, place: int, item: I) -> str | int:
        if self._settings.key is None:
            return place
        key = check_key(self._settings.key(item), place)
        if self._settings.checkpoint is not None or self._settings.via == "batch":
            if key in self._keys:
                raise ValueError(f"key must name each item once, but two items are {key!r}")
            self._keys.add(key)
        return key

    def _arrived(self, place: int, result: Result[I, T]) -> None:
        if not self._settings.ordered:
            self._ready.append(result)
            return
        self._early[place] = result
        while self._next in self._early:
            self._ready.append(self._early.pop(self._next))
            self._next += 1


class _Job(Generic[I, T]):
    """The work on one item, without anything else of the run."""

    __slots__ = ("_given",)

    def __init__(self, work: AsyncItemWork[I, T], place: int, key: str | int, item: I) -> None:
        self._given = work, place, key, item

    async def __call__(self) -> tuple[int, Result[I, T]]:
        """Do it."""
        work, place, key, item = self._given
        return await work.perform(place, key, item)


class _AsyncSource(Generic[I]):
    """Items, taken one after the other."""

    def __init__(self, items: AsyncItems[I]) -> None:
        self._items = items
        self._iterator: _AsyncTaken[I] | None = None
        self._place = 0

    async def take(self) -> tuple[int, I] | None:
        """Return the next item and its place; None at the end."""
        items = self._items
        if self._iterator is None:
            # twin: sync self._iterator = iter(items)
            self._iterator = aiter(items) if isinstance(items, AsyncIterable) else iter(items)
        found = self._iterator
        try:
            # twin: sync item = next(found)
            item = await anext(found) if isinstance(found, AsyncIterator) else next(found)
        # twin: sync except StopIteration:
        except (StopIteration, StopAsyncIteration):
            return None
        self._place += 1
        return self._place - 1, item


def _leave(
    work: AsyncItemWork[I, T], workers: "AsyncWorkers[tuple[int, Result[I, T]]]", joined: list[bool]
) -> None:
    """Cancel what is under way of a run that was forgotten."""
    workers.abandon()
    if joined[0]:
        work.limit.leave()
    if work.checkpoint is not None:
        work.checkpoint.close()


resolve_lazily(globals())
