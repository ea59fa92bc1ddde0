"""Files of the v1 API: the service xai_api.Files."""

import functools
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import TypeVar

from xai._streams import AsyncStream
from xai._validation import given
from xai.aio.rpc.caller import AsyncCaller
from xai.aio.v1.paging import AsyncPage
from xai.aio.v1.transfer import AsyncFileSource, note_uploaded, upload
from xai.proto.xai_api import files as pb
from xai.runtime.codec.reading import checked
from xai.v1.file_target import FileTarget, make_target
from xai.v1.files import (
    DownloadFormat,
    File,
    OnProgress,
    Order,
    PublicUrl,
    RevokedUrl,
    SortBy,
    Upload,
    check_concurrency,
    check_on_progress,
    content_request,
    list_request,
    read_file,
    read_revoked,
    read_url,
    upload_items,
    url_request,
)
from xai.v1.validation import check_callback, non_empty

S = TypeVar("S", bound=AsyncFileSource | Upload[AsyncFileSource])


class AsyncFiles:
    """Files kept by the server, up to 512 MB each.

    Args:
        caller: Makes the calls.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def upload(
        self,
        file: AsyncFileSource,
        *,
        filename: str | None = None,
        expires_after: int | timedelta | None = None,
        on_progress: OnProgress | None = None,
    ) -> File:
        """Upload a file, in chunks of at most 1 MiB, each read when the one before was sent.

        A path, bytes, a file that can seek and an iterable that can be iterated again are sent
        anew by a retry; a pipe and an iterator are not, once the first chunk was read. Of a path or
        a file that grows meanwhile, what was there at the beginning is uploaded; one that
        shrinks is an OSError. A pipe where nothing comes is waited for, without a limit of time,
        in the blocking client; a task that waits for one can be cancelled.

        Args:
            file: A path, bytes, a binary file, which is read from where it stands and not closed,
                or an iterable of bytes.
            filename: Its name on the server, with at most 255 characters; that of the path or of
                the file when None.
            expires_after: When the server deletes it: seconds, or a `timedelta`, from 1 hour to
                30 days; None for never.
            on_progress: Called with the bytes that were sent and those there are (None when
                nobody knows), in the thread or task of this call; or a progress bar with a method
                ``update`` that takes the bytes more, such as those of tqdm; or a
                `rich.progress.Progress`, which gets a bar. What it raises ends the upload.

        Returns:
            The file.

        Raises:
            OSError: The file can't be read; nothing was sent when it was so from the start.
            APIError: The call failed.
            TypeError: An argument is of the wrong type, or the file is open in text mode.
            ValueError: An argument is not valid, or the file has no name or is too large.

        RPC: ``/xai_api.Files/UploadFile``.
        """
        tell = check_on_progress(on_progress)
        item = Upload(file, filename=filename, expires_after=expires_after)
        return await upload(self._caller, item.source, item.filename, item.expires_after, tell)

    async def upload_many(
        self,
        files: Iterable[S],
        *,
        concurrency: int | None = None,
        on_complete: Callable[[int, S, File | Exception], object] | None = None,
    ) -> list[File | Exception]:
        """Upload many files at the same time.

        A file that fails is no failure of the call: its exception is its result. When the callback
        raises, or the call is interrupted, uploads that run are cancelled, and the error has a
        note with the IDs of the files that are on the server.

        Args:
            files: What `upload` takes, or `xai.v1.Upload` for a file with a name or an expiry of
                its own.
            concurrency: How many at once, 1 to 100; 8 when None. The blocking client reads each
                in a thread.
            on_complete: Called once for each file when it has ended, with its place in ``files``,
                the item itself, and the file or the exception; in the thread or task of this
                call. What it raises is raised.

        Returns:
            The file or the exception of each, in the order of ``files``.

        Raises:
            TypeError: An argument is of the wrong type.
            ValueError: The concurrency is out of range.

        RPC: ``/xai_api.Files/UploadFile``, for each.
        """
        items: Sequence[S] = upload_items(files)
        limit = check_concurrency(given(concurrency, 8))
        check_callback("on_complete", on_complete)
        jobs = [functools.partial(self._upload_item, item) for item in items]
        running = self._caller.context.transport.run_many(jobs, limit)
        outcomes: dict[int, File | Exception] = {}
        try:
            async for place, outcome in running:
                outcomes[place] = outcome
                if on_complete is not None:
                    on_complete(place, items[place], outcome)
        except BaseException as error:
            outcomes.update(await running.close())
            note_uploaded(error, outcomes)
            raise
        return [outcomes[place] for place in range(len(items))]

    async def _upload_item(self, item: object) -> File:
        one = item if isinstance(item, Upload) else Upload(item)
        return await upload(self._caller, one.source, one.filename, one.expires_after)

    async def list(
        self,
        *,
        limit: int | None = None,
        order: Order | None = None,
        sort_by: SortBy | None = None,
        filter: str | None = None,  # noqa: A002  # the API's own word
        pagination_token: str | None = None,
    ) -> "AsyncPage[File]":
        """List the files; iterate over the page to go on with all that follow.

        Args:
            limit: The most files of all pages together; None for all there are.
            order: ``"asc"`` or ``"desc"``; the server decides (ascending) when None.
            sort_by: ``"created_at"``, ``"filename"`` or ``"size"``; the server decides (when it was
                created) when None.
            filter: An expression, such as ``size_bytes > 1000 AND NOT expires_at = null``.
            pagination_token: Where to begin: the ``next_page_token`` of another page that was
                asked for with the same order and filter.

        Returns:
            The first page.

        Raises:
            APIError: The call failed.
            TypeError: An argument is of the wrong type.
            ValueError: An argument is not valid.

        RPC: ``/xai_api.Files/ListFiles``.
        """
        return await AsyncPage.listed(
            self._caller,
            pb.FILES_LIST_FILES,
            list_request(order, sort_by, filter),
            lambda reply: [read_file(one) for one in checked(reply.data)],
            limit=limit,
            pagination_token=pagination_token,
        )

    async def get(self, file_id: str) -> File:
        """Return a file, without its content.

        Args:
            file_id: The ID of the file.

        Raises:
            NotFoundError: There is no such file.
            APIError: The call failed.
            TypeError: The ID is not a str.
            ValueError: The ID is empty.

        RPC: ``/xai_api.Files/RetrieveFile``.
        """
        request = pb.RetrieveFileRequest(file_id=non_empty("file_id", file_id))
        return await self._caller.unary_of(pb.FILES_RETRIEVE_FILE, request, read_file)

    async def delete(self, file_id: str) -> str:
        """Delete a file, and with it its public URL.

        Args:
            file_id: The ID of the file.

        Returns:
            The ID of what was deleted.

        Raises:
            NotFoundError: There is no such file.
            APIError: The call failed.
            TypeError: The ID is not a str.
            ValueError: The ID is empty.

        RPC: ``/xai_api.Files/DeleteFile``.
        """
        request = pb.DeleteFileRequest(file_id=non_empty("file_id", file_id))
        return (await self._caller.unary(pb.FILES_DELETE_FILE, request)).id

    async def download(
        self,
        file_id: str,
        target: FileTarget,
        *,
        format: DownloadFormat | None = None,  # noqa: A002  # the API's own word
    ) -> int:
        """Download a file to a path or into a binary file.

        What goes to a path is written beside it first, and takes its place when all of it is
        there; of a download that fails nothing is left.

        Args:
            file_id: The ID of the file.
            target: The path, or a file that is open for writing.
            format: ``"original"``, which None stands for, or ``"text"`` for its text.

        Returns:
            How many bytes were written.

        Raises:
            OSError: The target can't be written.
            NotFoundError: There is no such file.
            APIError: The call failed.
            TypeError: An argument is of the wrong type.
            ValueError: An argument is not valid.

        RPC: ``/xai_api.Files/RetrieveFileContent``.
        """
        chunks = self.iter_content(file_id, format=format)
        place = make_target(target)
        beside = self._caller.context.transport.beside
        size = 0
        try:
            held_up = await beside(place.held_up)
            await beside(place.open, abandon=held_up)
            async with chunks:
                async for data in chunks:
                    await beside(functools.partial(place.write, data), abandon=held_up)
                    size += len(data)
            await beside(place.commit)
        finally:
            await beside(place.discard)
        return size

    async def content(
        self,
        file_id: str,
        *,
        format: DownloadFormat | None = None,  # noqa: A002  # the API's own word
    ) -> bytes:
        """Return the content of a file; see `download` for one that is large.

        Args:
            file_id: The ID of the file.
            format: ``"original"``, which None stands for, or ``"text"`` for its text.

        Raises:
            NotFoundError: There is no such file.
            APIError: The call failed.
            TypeError: An argument is of the wrong type.
            ValueError: An argument is not valid.

        RPC: ``/xai_api.Files/RetrieveFileContent``.
        """
        parts: list[bytes] = []
        async with self.iter_content(file_id, format=format) as chunks:
            async for data in chunks:
                parts += (data,)
        return b"".join(parts)

    def iter_content(
        self,
        file_id: str,
        *,
        format: DownloadFormat | None = None,  # noqa: A002  # the API's own word
    ) -> AsyncStream[bytes]:
        """Return the content of a file as a stream of chunks, which is sent when it is read.

        Args:
            file_id: The ID of the file.
            format: ``"original"``, which None stands for, or ``"text"`` for its text.

        Returns:
            The chunks, of the sizes in which the server sends them. Leaving the stream early
            (`close`, the end of a ``with`` block, garbage collection) cancels the call.

        Raises:
            TypeError: An argument is of the wrong type.
            ValueError: An argument is not valid.

        RPC: ``/xai_api.Files/RetrieveFileContent``.
        """
        request = content_request(file_id, format)
        return self._caller.stream_of(
            pb.FILES_RETRIEVE_FILE_CONTENT, request, lambda reply: reply.data or None
        )

    async def create_public_url(
        self, file_id: str, *, expires_after: int | timedelta | None = None
    ) -> PublicUrl:
        """Return a URL under which anybody can read a file: an image, a video or a PDF.

        A file has one; to ask again returns it, with the new expiry if there is one.

        Args:
            file_id: The ID of the file.
            expires_after: When the URL ends: seconds, or a `timedelta`; with the file when None.

        Raises:
            NotFoundError: There is no such file.
            APIError: The call failed.
            TypeError: An argument is of the wrong type.
            ValueError: An argument is not valid.

        RPC: ``/xai_api.Files/CreatePublicUrl``.
        """
        request = url_request(file_id, expires_after)
        return await self._caller.unary_of(pb.FILES_CREATE_PUBLIC_URL, request, read_url)

    async def revoke_public_url(self, file_id: str) -> RevokedUrl:
        """End the public URL of a file, possibly with a short delay.

        Args:
            file_id: The ID of the file.

        Returns:
            What became of it; that there was none is no failure.

        Raises:
            NotFoundError: There is no such file.
            APIError: The call failed.
            TypeError: The ID is not a str.
            ValueError: The ID is empty.

        RPC: ``/xai_api.Files/RevokePublicUrl``.
        """
        request = pb.RevokePublicUrlRequest(file_id=non_empty("file_id", file_id))
        return await self._caller.unary_of(pb.FILES_REVOKE_PUBLIC_URL, request, read_revoked)
