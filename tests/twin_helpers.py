"""Helpers in pairs: tests written with ``AsyncX`` are converted to use ``X``."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Final, Generic, TypeVar

T = TypeVar("T")

#: Nobody waits without a limit; no test depends on the figure.
LIMIT: Final = 60.0


class AsyncBackground(Generic[T]):
    """A call that goes on while the test does something else."""

    def __init__(self, function: Callable[[], Awaitable[T]]) -> None:
        async def run() -> T:
            return await function()

        self._task = asyncio.get_running_loop().create_task(run())

    async def result(self) -> T:
        """Wait for the call and return its result or raise its error."""
        return await asyncio.wait_for(asyncio.shield(self._task), LIMIT)


class Background(Generic[T]):
    """The same, in a thread."""

    def __init__(self, function: Callable[[], T]) -> None:
        self._future: Future[T] = Future()
        threading.Thread(target=self._run, args=(function,), daemon=True).start()

    def _run(self, function: Callable[[], T]) -> None:
        try:
            self._future.set_result(function())
        except BaseException as error:  # noqa: BLE001  # handed over to the thread of the test
            self._future.set_exception(error)

    def result(self) -> T:
        """Wait for the call and return its result or raise its error."""
        return self._future.result(LIMIT)


async def wait_for_nothing() -> None:
    """Be what has to be awaited."""
