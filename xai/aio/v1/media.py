"""The bytes of images and videos that the API names by URLs."""

import contextlib
import functools
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from xai._annotations import resolve_lazily
from xai._instrumentation import observe_call
from xai._masking import Masker
from xai._validation import check_int
from xai.aio.rpc.call import AsyncRetryLoop
from xai.aio.rpc.context import AsyncCallContext
from xai.errors import APIError, make_error
from xai.runtime.download.asynchronous import AsyncDownloader, AsyncMutex
from xai.runtime.download.files import FileSink
from xai.runtime.download.plan import Download, MemorySink, Sink, host_of, shown_url
from xai.runtime.retry.policy import Failure, deadline_after
from xai.v1.images import decode_base64
from xai.v1.validation import check_callback

if TYPE_CHECKING:
    import os

    from xai.aio.rpc.caller import AsyncCaller
    from xai.runtime.download.plan import DownloadProgress

#: What an image may have, in bytes.
MAX_IMAGE_BYTES: Final = 64 * 2**20


class AsyncMedia:
    """Bytes that came with a response, or that can be fetched from a URL.

    They are fetched over plain HTTP, without the API key, with the timeouts, the retries, the
    proxy and the trusted certificates of the client.

    Args:
        caller: Knows the settings of the client; None when that is somewhere else.
        url: Where the bytes are; None when there are none or they came with the response.
        base64: The bytes in Base64, if they came with the response.
        data: The bytes, if they are known.
    """

    def __init__(
        self,
        caller: "AsyncCaller | None",
        url: str | None,
        base64: str | None = None,
        data: bytes | None = None,
    ) -> None:
        self._caller = caller
        self._url = url
        self._base64 = base64
        self._data = data
        self._mutex = AsyncMutex()
        self._downloader = AsyncDownloader()

    def ready(self) -> bytes | None:
        """Return the bytes as far as that takes no call; None before they were fetched.

        Raises:
            ValueError: They came with the response, and are not Base64.
        """
        if self._data is None and self._base64 is not None:
            self._data = decode_base64(self._base64)
        return self._data

    def shown(self) -> bytes | None:
        """Return the bytes for a notebook, which asks for them while it shows a value.

        Nothing may be lost over that, so it never raises.
        """
        with contextlib.suppress(Exception):
            # twin: sync return self.read()
            return self.ready()
        return None

    async def read(self) -> bytes:
        """Return the bytes, fetched the first time.

        Raises:
            APIError: They could not be fetched.
            ImportError: The extra ``xai-client[media]`` is not installed.
            RuntimeError: The client is closed, or in another process.
            ValueError: They came with the response, and are not Base64.
        """
        if (found := self.ready()) is not None:
            return found
        async with self._mutex:
            if self._data is None:
                sink = MemorySink()
                await self._fetch(sink, MAX_IMAGE_BYTES, None)
                self._data = sink.data()
            return self._data

    async def save(self, path: "str | os.PathLike[str]") -> Path:
        """Write the bytes to a file, which is complete or not there; return where it is.

        Args:
            path: The path of the file; one that is there is replaced.

        Raises:
            APIError: They could not be fetched.
            ImportError: The extra ``xai-client[media]`` is not installed.
            OSError: The file can't be written.
            RuntimeError: The client is closed, or in another process.
            TypeError: The path is not a path.
        """
        FileSink(path)  # a path that is none is refused before anything is fetched
        return await self._downloader.write_file(path, await self.read())

    async def download(
        self,
        path: "str | os.PathLike[str]",
        max_bytes: int,
        on_progress: "DownloadProgress | None",
    ) -> Path:
        """Fetch the bytes into a file, which is complete or not there; return where it is.

        Args:
            path: The path of the file; one that is there is replaced.
            max_bytes: How large it may be.
            on_progress: Called with the bytes that came, and how many there will be or None, in
                the thread or task of this call. A retry starts at 0 again.

        Raises:
            APIError: They could not be fetched.
            ImportError: The extra ``xai-client[media]`` is not installed.
            OSError: The file can't be written.
            RuntimeError: The client is closed, or in another process.
            TypeError: An argument is of the wrong type.
            ValueError: The limit is less than 1.
        """
        check_int("max_bytes", max_bytes, 1, 2**63 - 1)
        check_callback("on_progress", on_progress)
        sink = FileSink(path)
        try:
            await self._downloader.open(sink)
            await self._fetch(sink, max_bytes, on_progress)
            await self._downloader.commit(sink)
        finally:
            await self._downloader.abandon(sink)
        return sink.target

    async def _fetch(
        self, sink: Sink, max_bytes: int, on_progress: "DownloadProgress | None"
    ) -> None:
        """Fetch the bytes, in as many attempts as it takes."""
        if self._caller is None:
            raise RuntimeError("the client is in another process; fetch the url there")
        context = self._caller.context
        context.transport.check_open()
        config = context.transport.config
        download = Download(
            url=self._url or "",
            max_bytes=max_bytes,
            deadline=deadline_after(context.timeouts.total),
            connect=context.timeouts.connect,
            idle=context.timeouts.idle,
            proxy=config.proxy,
            ssl_context=config.ssl_context,
        )
        fetch = functools.partial(self._downloader.fetch, download, sink, on_progress)
        await _AsyncFetch(context, download.url, fetch).watched()

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the URL and the bytes: the client has the API key, and stays here."""
        return type(self), (None, self._url, self._base64, self._data)


class _AsyncFetch(AsyncRetryLoop[None]):
    """The attempts of one download."""

    path = "GET"
    idempotent = True

    def __init__(
        self, context: AsyncCallContext, url: str, fetch: Callable[[], Awaitable[None]]
    ) -> None:
        self.context = context
        self._timeouts = context.timeouts
        self._url = url
        self._fetch = fetch
        # Of the URL they are told the host: its path and query may be what gives access.
        if host := host_of(url):
            from betterproto.lib.google.protobuf import Empty

            self.observer = observe_call(self.path, host, Empty(), self._masker)

    async def watched(self) -> None:
        """Make attempts as `run`, and tell the observers of their end."""
        ended: BaseException | None = None
        try:
            await self.run()
        except BaseException as error:
            ended = error
            raise
        finally:
            if self.observer is not None:
                self.observer.end(ended, None, self.attempts)

    def _masker(self) -> Masker:
        return Masker(self.context.transport.config.secrets())

    async def attempt(self) -> None:
        """Make one attempt."""
        await self._fetch()

    def error(self, failure: Failure) -> APIError:
        """Return the error of a failure."""
        failure.mask(self._masker())
        return make_error(
            failure.code,
            failure.message,
            method=self.path,
            attempts=self.attempts,
            host=shown_url(self._url),
            connection=failure.connection,
        )


resolve_lazily(globals())
