"""Downloads and files from coroutines; files are read and written beside the event loop."""

import asyncio
import functools
import weakref
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from xai.errors import StatusCode
from xai.runtime.download.files import FileSink, read_file, write_file
from xai.runtime.download.plan import Download, DownloadProgress, Plan, Sink, check_httpx
from xai.runtime.retry.policy import CallFailed, Failure, remaining
from xai.runtime.tasks import beside
from xai.runtime.waiting import settled, wait_for_any

if TYPE_CHECKING:
    import os


class AsyncDownloader:
    """Makes attempts of downloads, and reads and writes files."""

    async def fetch(
        self, download: Download, sink: Sink, on_progress: DownloadProgress | None = None
    ) -> None:
        """Make one attempt of a download.

        Args:
            download: What to fetch.
            sink: Where it goes.
            on_progress: Told the bytes so far, and how many there will be if that is known.

        Raises:
            CallFailed: It failed.
            ImportError: The extra ``xai-client[media]`` is not installed.
        """
        check_httpx()
        import httpx

        plan = Plan(download)
        task = asyncio.ensure_future(_follow(plan, sink, on_progress))
        try:
            await wait_for_any((task,), remaining(download.deadline))
        finally:
            late = not task.done()
            if late:
                task.cancel()
                await settled(task)
        if late:
            raise CallFailed(Failure(StatusCode.DEADLINE_EXCEEDED, plan.late()))
        try:
            task.result()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            failure = plan.translate(error)
        else:
            return
        raise CallFailed(failure)

    async def open(self, sink: FileSink) -> None:
        """Make the file of a download."""
        await beside(sink.open)

    async def commit(self, sink: FileSink) -> None:
        """Give the file of a download its name."""
        await beside(sink.commit)

    async def abandon(self, sink: FileSink) -> None:
        """Remove the file of a download that did not end."""
        await beside(sink.abandon)

    async def write_file(self, path: "str | os.PathLike[str]", data: bytes) -> Path:
        """Write a file that is complete or not there; see `files.write_file`."""
        return await beside(lambda: write_file(path, data))

    async def read_file(self, path: "os.PathLike[str]", argument: str, max_bytes: int) -> bytes:
        """Return the content of a file; see `files.read_file`."""
        return await beside(lambda: read_file(path, argument, max_bytes))


class AsyncMutex:
    """One task at a time on each event loop, for as long as a download takes."""

    def __init__(self) -> None:
        self._by_loop: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = (
            weakref.WeakKeyDictionary()
        )

    async def __aenter__(self) -> None:
        """Wait for the turn of this task."""
        await self._by_loop.setdefault(asyncio.get_running_loop(), asyncio.Lock()).acquire()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let the next one in."""
        self._by_loop[asyncio.get_running_loop()].release()


async def _follow(plan: Plan, sink: Sink, on_progress: DownloadProgress | None) -> None:
    while not await _followed(plan, sink, on_progress):
        pass


async def _followed(plan: Plan, sink: Sink, on_progress: DownloadProgress | None) -> bool:
    """Make one request; return whether it was the last one."""
    import httpx

    async with (
        httpx.AsyncClient(**plan.client_options()) as client,
        client.stream("GET", plan.url, timeout=plan.timeout()) as response,
    ):
        if plan.redirected(response.status_code, response.headers):
            return False
        sink.begin()
        async for chunk in response.aiter_bytes():
            done = plan.count(len(chunk))
            if isinstance(sink, FileSink):
                await beside(functools.partial(sink.write, chunk))
            else:
                sink.write(chunk)
            if on_progress is not None:
                on_progress(done, plan.total)
    return True
