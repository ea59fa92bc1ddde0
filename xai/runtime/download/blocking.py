"""Downloads and files from threads."""

from pathlib import Path
from typing import TYPE_CHECKING

from xai.runtime.download.files import FileSink, read_file, write_file
from xai.runtime.download.plan import Download, DownloadProgress, Plan, Sink, check_httpx
from xai.runtime.locks import Lock
from xai.runtime.retry.policy import CallFailed
from xai.runtime.transport.blocking import warn_in_event_loop

if TYPE_CHECKING:
    import os


class Downloader:
    """Makes attempts of downloads, and reads and writes files."""

    def fetch(
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

        warn_in_event_loop()
        plan = Plan(download)
        try:
            while not _followed(plan, sink, on_progress):
                pass
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            failure = plan.translate(error)
        else:
            return
        raise CallFailed(failure)

    def open(self, sink: FileSink) -> None:
        """Make the file of a download."""
        sink.open()

    def commit(self, sink: FileSink) -> None:
        """Give the file of a download its name."""
        sink.commit()

    def abandon(self, sink: FileSink) -> None:
        """Remove the file of a download that did not end."""
        sink.abandon()

    def write_file(self, path: "str | os.PathLike[str]", data: bytes) -> Path:
        """Write a file that is complete or not there; see `files.write_file`."""
        return write_file(path, data)

    def read_file(self, path: "os.PathLike[str]", argument: str, max_bytes: int) -> bytes:
        """Return the content of a file; see `files.read_file`."""
        return read_file(path, argument, max_bytes)


#: One thread at a time, for as long as a download takes.
Mutex = Lock


def _followed(plan: Plan, sink: Sink, on_progress: DownloadProgress | None) -> bool:
    """Make one request; return whether it was the last one."""
    import httpx

    with (
        httpx.Client(**plan.client_options()) as client,
        client.stream("GET", plan.url, timeout=plan.timeout()) as response,
    ):
        if plan.redirected(response.status_code, response.headers):
            return False
        sink.begin()
        for chunk in response.iter_bytes():
            done = plan.count(len(chunk))
            sink.write(chunk)
            if on_progress is not None:
                on_progress(done, plan.total)
    return True
