"""Jobs that are done at the same time, and their outcomes as they come."""

import asyncio
import contextvars
import queue
import sys
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from xai._annotations import resolve_lazily
from xai._clock import monotonic
from xai.runtime.tasks import Outcome, outcome

if TYPE_CHECKING:
    from typing_extensions import Self

T = TypeVar("T")

#: On Windows a wait in a queue ignores Ctrl-C.
SLICE: Final = 0.1 if sys.platform == "win32" else 60.0
#: How long the threads of cancelled jobs are waited for, in seconds.
CANCEL_LIMIT: Final = 5.0
_GIVEN_UP: Final = "the job was given up"


class AsyncCompletions(Generic[T]):
    """The outcomes of jobs in the order in which they end, each with the place of its job.

    An exception is an outcome; what is none (an interrupt, a cancellation) is raised.

    Args:
        jobs: The jobs.
        concurrency: How many are done at the same time.
    """

    def __init__(self, jobs: Sequence[Callable[[], Awaitable[T]]], concurrency: int) -> None:
        self._waiting = deque(enumerate(jobs))
        self._concurrency = concurrency
        self._running: dict[asyncio.Task[T], int] = {}

    def __aiter__(self) -> "Self":
        """Return the outcomes themselves."""
        return self

    async def __anext__(self) -> tuple[int, T | Exception]:
        """Wait for the next outcome."""
        while self._waiting and len(self._running) < self._concurrency:
            place, job = self._waiting.popleft()
            self._running[asyncio.ensure_future(_awaited(job))] = place
        if not self._running:
            raise StopAsyncIteration
        done, _ = await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
        # The others are taken by the next rounds.
        task = min(done, key=self._running.__getitem__)
        return self._running.pop(task), _result(task)

    async def close(self) -> list[tuple[int, T | Exception]]:
        """Cancel what has not ended, wait for it, and return the outcomes not taken yet."""
        self._waiting.clear()
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running)
        ended = [(place, task) for task, place in self._running.items() if not task.cancelled()]
        self._running.clear()
        return [(place, _result(task)) for place, task in ended]


async def _awaited(job: Callable[[], Awaitable[T]]) -> T:
    return await job()


def _result(task: "asyncio.Task[T]") -> T | Exception:
    try:
        return task.result()
    except Exception as error:  # noqa: BLE001  # it is the outcome
        return error


class Group:
    """Threads that do jobs for somebody, and what cancels the calls they have under way."""

    def __init__(self) -> None:
        self.cancelled = False
        self.cancels: set[Callable[[], object]] = set()

    def check(self) -> None:
        """Raise when the jobs were given up."""
        if self.cancelled:
            raise RuntimeError(_GIVEN_UP)

    def join(self, cancel: Callable[[], object]) -> None:
        """Note how a call of this thread is cancelled.

        Args:
            cancel: Cancels the call, from any thread.

        Raises:
            RuntimeError: The jobs were given up.
        """
        self.cancels.add(cancel)
        # After it was noted: who gives the jobs up sees one of the two.
        self.check()

    def leave(self, cancel: Callable[[], object]) -> None:
        """Note the end of a call, whether it was noted or not."""
        self.cancels.discard(cancel)

    def cancel(self) -> None:
        """Give the jobs up."""
        self.cancelled = True
        for cancel in list(self.cancels):
            cancel()


class _Current(threading.local):
    #: What this thread does jobs for; None for every other thread.
    group: Group | None = None


#: Asked by each blocking call: an attribute costs no call of a function.
current: Final = _Current()


class Completions(Generic[T]):
    """The same as `AsyncCompletions`, with a thread for each job that is done at the same time.

    Args:
        jobs: The jobs.
        concurrency: How many are done at the same time.
    """

    def __init__(self, jobs: Sequence[Callable[[], T]], concurrency: int) -> None:
        self._waiting = deque(enumerate(jobs))
        self._left = len(jobs)
        self._concurrency = concurrency
        self._group = Group()
        self._done: queue.SimpleQueue[tuple[int, Outcome[T]]] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    def __iter__(self) -> "Self":
        """Return the outcomes themselves."""
        return self

    def __next__(self) -> tuple[int, T | Exception]:
        """Wait for the next outcome."""
        if not self._left:
            self._join()
            raise StopIteration
        while len(self._threads) < min(self._concurrency, self._left):
            context = contextvars.copy_context()
            thread = threading.Thread(
                target=context.run, args=(self._work,), name="xai-job", daemon=True
            )
            self._threads.append(thread)
            thread.start()
        while True:
            try:
                place, ended = self._done.get(timeout=SLICE)
            except queue.Empty:
                continue
            self._left -= 1
            return place, ended.settled()

    def _work(self) -> None:
        current.group = self._group
        while not self._group.cancelled:
            try:
                place, job = self._waiting.popleft()
            except IndexError:
                return
            self._done.put((place, outcome(job)))

    def close(self) -> list[tuple[int, T | Exception]]:
        """Cancel what has not ended, wait for it, and return the outcomes not taken yet."""
        self._waiting.clear()
        self._group.cancel()
        # A thread that reads from a pipe where nothing comes can't be ended; it sends no more.
        self._join(CANCEL_LIMIT)
        found: list[tuple[int, T | Exception]] = []
        while True:
            try:
                place, ended = self._done.get_nowait()
            except queue.Empty:
                return found
            if ended.raised is None or isinstance(ended.raised, Exception):
                found += ((place, ended.settled()),)

    def _join(self, limit: float | None = None) -> None:
        end = None if limit is None else monotonic() + limit
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(None if end is None else max(0.0, end - monotonic()))


resolve_lazily(globals())
