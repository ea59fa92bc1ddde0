"""Jobs that are given one after the other, some of them done at the same time."""

import asyncio
import contextvars
import queue
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

from xai._clock import monotonic
from xai.runtime.tasks import Outcome, outcome
from xai.runtime.timers import call_later
from xai.runtime.transport.completions import CANCEL_LIMIT, SLICE, Group, current

T = TypeVar("T")

_CLOSED: Final = "the run was closed while its next result was waited for"


class AsyncWorkers(Generic[T]):
    """Does each job in a task of its own, and returns the outcomes as they come."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[T]] = set()
        self._ended: deque[asyncio.Task[T]] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._closed = False

    def __len__(self) -> int:
        """Return how many jobs were started, and their outcomes not taken."""
        return len(self._running) + len(self._ended)

    def start(self, job: Callable[[], Awaitable[T]]) -> None:
        """Begin with a job."""
        task = asyncio.ensure_future(_awaited(job))
        self._running.add(task)
        task.add_done_callback(self._end)

    def _end(self, task: "asyncio.Task[T]") -> None:
        self._running.discard(task)
        if not self._closed:
            self._ended.append(task)
        elif not task.cancelled():
            # Looked at: else it says later that nobody did.
            task.exception()
        if self._waiter is not None:
            _wake(self._waiter)

    async def next(self, limit: float | None = None) -> T | None:
        """Wait for the next outcome: return what a job returned, or raise what it raised.

        Args:
            limit: Seconds to wait at most; None for no limit.

        Returns:
            What a job returned; None when the time was over before.

        Raises:
            RuntimeError: Another task gave the jobs up meanwhile.
        """
        if not self._ended and not self._closed:
            await self._wait(limit)
        if self._closed:
            raise RuntimeError(_CLOSED)
        return self._ended.popleft().result() if self._ended else None

    async def _wait(self, limit: float | None) -> None:
        loop = asyncio.get_running_loop()
        waiter = self._waiter = loop.create_future()
        timer = None if limit is None else call_later(loop, limit, _wake, waiter)
        try:
            await waiter
        finally:
            self._waiter = None
            if timer is not None:
                timer.cancel()

    async def close(self) -> None:
        """Cancel what has not ended, and wait for its end."""
        self.abandon()
        if self._running:
            await asyncio.wait(self._running)

    def abandon(self) -> None:
        """Cancel what has not ended, from any thread."""
        self._closed = True
        for task in tuple(self._running):
            loop = task.get_loop()
            if not loop.is_closed():
                # Who is collected may be so in any thread.
                loop.call_soon_threadsafe(task.cancel)
        while self._ended:
            self._end(self._ended.popleft())


def _wake(waiter: "asyncio.Future[None]") -> None:
    if not waiter.done():
        waiter.set_result(None)


async def _awaited(job: Callable[[], Awaitable[T]]) -> T:
    return await job()


class Workers(Generic[T]):
    """The same with threads: as many as there are jobs at the same time, made when needed."""

    def __init__(self) -> None:
        self._shared: _Shared[T] = _Shared()
        self._threads: list[threading.Thread] = []
        self._started = 0

    def __len__(self) -> int:
        """Return how many jobs were started, and their outcomes not taken."""
        return self._started

    def start(self, job: Callable[[], T]) -> None:
        """Begin with a job."""
        self._started += 1
        self._shared.jobs.put(job)
        if len(self._threads) < self._started:
            context = contextvars.copy_context()
            # It knows of the jobs, and not of who waits for them: who is forgotten is closed.
            thread = threading.Thread(
                target=context.run, args=(self._shared.work,), name="xai-job", daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def next(self, limit: float | None = None) -> T | None:
        """Wait for the next outcome: return what a job returned, or raise what it raised.

        Args:
            limit: Seconds to wait at most; None for no limit.

        Returns:
            What a job returned; None when the time was over before.

        Raises:
            RuntimeError: Another thread gave the jobs up meanwhile.
        """
        while True:
            try:
                ended = self._shared.ended.get(timeout=SLICE if limit is None else limit)
            except queue.Empty:
                if limit is None:
                    continue
                return None
            if ended is None or self._shared.group.cancelled:
                raise RuntimeError(_CLOSED)
            self._started -= 1
            return ended.value()

    def close(self) -> None:
        """Cancel what has not ended, and wait for its end, though not for ever."""
        self.abandon()
        end = monotonic() + CANCEL_LIMIT
        for thread in self._threads:
            if thread.ident is not None and thread is not threading.current_thread():
                thread.join(max(0.0, end - monotonic()))
        self._threads.clear()
        self._started = 0

    def abandon(self) -> None:
        """Cancel what has not ended."""
        self._shared.group.cancel()
        self._shared.ended.put(None)
        for _ in self._threads:
            self._shared.jobs.put(None)


class _Shared(Generic[T]):
    """What the threads of one `Workers` have in common with it."""

    def __init__(self) -> None:
        self.group = Group()
        self.jobs: queue.SimpleQueue[Callable[[], T] | None] = queue.SimpleQueue()
        self.ended: queue.SimpleQueue[Outcome[T] | None] = queue.SimpleQueue()

    def work(self) -> None:
        """Do jobs until there are no more."""
        current.group = self.group
        while True:
            job = self.jobs.get()
            if job is None or self.group.cancelled:
                return
            self.ended.put(outcome(job))
            # Nothing of a job outlives it while the thread waits for the next one.
            del job
