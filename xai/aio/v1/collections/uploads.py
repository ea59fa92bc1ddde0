"""Uploads of documents: a file is uploaded, attached to a collection, and indexed there."""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TypeVar

from xai._validation import check_bool, given
from xai.aio.rpc.caller import AsyncCaller
from xai.aio.v1.collections.documents import AsyncCollectionDocuments
from xai.aio.v1.collections.indexing import LONGEST_PAUSE, AsyncIndexing
from xai.aio.v1.polling import WaitTimeout
from xai.aio.v1.transfer import AsyncFileSource, upload
from xai.errors import APIError
from xai.proto.collections import collections as pb
from xai.v1.collections.errors import IndexingTimeoutError, mark_uploaded
from xai.v1.collections.requests import add_request
from xai.v1.collections.results import Document, read_document
from xai.v1.collections.uploads import DocumentUpload
from xai.v1.files import OnProgress, check_concurrency, check_on_progress, upload_items
from xai.v1.validation import check_callback, non_empty, optional_non_empty

S = TypeVar("S", bound=AsyncFileSource | DocumentUpload[AsyncFileSource])


class AsyncDocumentUploads(AsyncCollectionDocuments):
    """Uploads documents.

    Args:
        caller: Makes the calls of the API.
        management: Returns what makes the calls of the management API, or raises a ValueError
            when there is no management key.
    """

    async def upload_document(
        self,
        source: AsyncFileSource,
        *,
        collection_id: str,
        name: str | None = None,
        fields: Mapping[str, str] | None = None,
        wait_for_indexing: bool = False,
        timeout: float | timedelta | None = None,
        interval: float | timedelta | None = None,
        on_progress: OnProgress | None = None,
        on_status: Callable[[Document], object] | None = None,
        expires_after: int | timedelta | None = None,
        team_id: str | None = None,
    ) -> Document:
        """Upload a file, and attach it to a collection, which begins to index it.

        Whatever is raised once the file was uploaded, an interrupt included, has its ID as the
        attribute ``file_id`` and in a note: attach it with `add_existing_document`, wait for it
        with `wait_for_indexing`, or delete it.

        Args:
            source: A path, bytes, a binary file or an iterable of bytes: see `AsyncFiles.upload`.
            collection_id: The ID of the collection.
            name: The name of the document; that of the path or the file when None.
            fields: The values of the collection's fields.
            wait_for_indexing: Whether to wait until searches find the document.
            timeout: Seconds to wait for that in total, after the upload; 600 when None, no limit
                when infinite.
            interval: Seconds between polls; 0.1 at first, growing to 5, when None.
            on_progress: Told of the upload, as for `AsyncFiles.upload`.
            on_status: Called with the document whenever its state has changed, while it is waited
                for.
            expires_after: When the server deletes the file: seconds, or a `timedelta`; None for
                never.
            team_id: The team; that of the key when None.

        Returns:
            The document, with the state of its indexing.

        Raises:
            OSError: The file can't be read.
            APIError: A call failed.
            IndexingFailedError: The document could not be indexed.
            IndexingTimeoutError: It is not indexed yet; it can be waited for again.
            TypeError: An argument is of the wrong type.
            ValueError: There is no management key, or an argument is not valid.

        RPC: ``/xai_api.Files/UploadFile``, then
        ``/collections.Collections/AddDocumentToCollection``, then
        ``/collections.Collections/GetDocumentMetadata``.
        """
        uploads = self._uploads(collection_id, team_id)
        options = _WaitOptions(wait_for_indexing, timeout, interval, on_status)
        options.begin(uploads.management)
        item = DocumentUpload(source, name=name, fields=fields, expires_after=expires_after)
        try:
            file_id = await uploads.attach(0, item, on_progress)
            if not options.wanted:
                return await uploads.look(file_id)
            indexing = uploads.indexing([file_id], on_status)
            await indexing.wait(options.begin(uploads.management))
        except BaseException as error:
            uploads.mark(error)
            raise
        outcome = indexing.outcome(file_id)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def upload_documents(
        self,
        sources: Iterable[S],
        *,
        collection_id: str,
        concurrency: int | None = None,
        wait_for_indexing: bool = False,
        timeout: float | timedelta | None = None,
        interval: float | timedelta | None = None,
        on_complete: Callable[[int, S, Document | Exception], object] | None = None,
        on_status: Callable[[Document], object] | None = None,
        team_id: str | None = None,
    ) -> list[Document | Exception]:
        """Upload many files at the same time, as `upload_document` does one.

        A file that fails is no failure of the call: its exception is its result, with the
        attribute ``file_id`` if it was uploaded. When a callback raises, or the call is
        interrupted, the error has the IDs of all that were uploaded as ``file_ids``.

        Args:
            sources: What `upload_document` takes, or `xai.v1.DocumentUpload` for a file with
                a name, fields or an expiry of its own.
            collection_id: The ID of the collection.
            concurrency: How many at once, 1 to 100; 8 when None.
            wait_for_indexing: Whether to wait until searches find the documents. All are asked
                for in one call each time, once all were uploaded.
            timeout: Seconds to wait for that in total, after the uploads; 600 when None, no limit
                when infinite.
            interval: Seconds between polls; 0.1 at first, growing to 5, when None.
            on_complete: Called once for each file when it is done or has failed, with its place
                in ``sources``, the item itself, and the document or the exception.
            on_status: Called with each document whose state has changed, while they are waited
                for.
            team_id: The team; that of the key when None.

        Returns:
            The document or the exception of each, in the order of ``sources``.

        Raises:
            TypeError: An argument is of the wrong type.
            ValueError: There is no management key, or an argument is not valid.

        RPC: as for `upload_document`, and ``/collections.Collections/BatchGetDocuments``.
        """
        uploads = self._uploads(collection_id, team_id)
        items: Sequence[S] = upload_items(sources, "sources")
        limit = check_concurrency(given(concurrency, 8))
        check_callback("on_complete", on_complete)
        options = _WaitOptions(wait_for_indexing, timeout, interval, on_status)
        options.begin(uploads.management)
        found: dict[int, Document | Exception] = {}

        def complete(place: int, outcome: Document | Exception) -> None:
            found[place] = outcome
            if on_complete is not None:
                on_complete(place, items[place], outcome)

        try:
            waiting = await self._upload_all(uploads, items, limit, options.wanted, complete)
            if waiting:
                indexing = uploads.indexing(
                    list(waiting),
                    on_status,
                    lambda file_id: complete(waiting[file_id], indexing.outcome(file_id)),
                )
                try:
                    await indexing.wait(options.begin(uploads.management))
                except (APIError, IndexingTimeoutError) as error:
                    for file_id in indexing.pending:
                        complete(waiting[file_id], indexing.unfinished(error, file_id))
        except BaseException as error:
            uploads.mark(error)
            raise
        return [found[place] for place in range(len(items))]

    def _uploads(self, collection_id: str, team_id: str | None) -> "_AsyncUploads":
        return _AsyncUploads(
            self._caller,
            self._management(),
            non_empty("collection_id", collection_id),
            optional_non_empty("team_id", team_id),
        )

    async def _upload_all(
        self,
        uploads: "_AsyncUploads",
        items: Sequence[AsyncFileSource | DocumentUpload[AsyncFileSource]],
        limit: int,
        wait: bool,  # noqa: FBT001  # one of the method's own arguments
        complete: Callable[[int, Document | Exception], None],
    ) -> dict[str, int]:
        """Upload files and attach them; return the places of those that are to be waited for."""
        waiting: dict[str, int] = {}
        jobs = [
            functools.partial(uploads.perform, place, item, wait)
            for place, item in enumerate(items)
        ]
        running = self._caller.context.transport.run_many(jobs, limit)
        try:
            async for place, outcome in running:
                if isinstance(outcome, str):
                    waiting[outcome] = place
                else:
                    complete(place, outcome)
        finally:
            await running.close()
        return waiting


class _WaitOptions:
    """How long documents are waited for, and whether at all."""

    def __init__(
        self,
        wanted: bool | None,  # noqa: FBT001  # one of the method's own arguments
        timeout: float | timedelta | None,
        interval: float | timedelta | None,
        on_status: Callable[[Document], object] | None,
    ) -> None:
        self.wanted = given(wanted, False)  # noqa: FBT003  # the default
        check_bool("wait_for_indexing", self.wanted)
        check_callback("on_status", on_status)
        given_options = {"timeout": timeout, "interval": interval, "on_status": on_status}
        for name, value in given_options.items():
            if value is not None and not self.wanted:
                raise ValueError(f"{name} makes no sense without wait_for_indexing")
        self._timeout = timeout
        self._interval = interval

    def begin(self, caller: AsyncCaller) -> WaitTimeout:
        """Return what limits the waiting from now on; raise for what makes no sense."""
        return WaitTimeout(caller, self._timeout, self._interval, longest=LONGEST_PAUSE)


class _AsyncUploads:
    """Uploads for one collection, and the IDs of those that were made."""

    def __init__(
        self,
        caller: AsyncCaller,
        management: AsyncCaller,
        collection_id: str,
        team_id: str | None,
    ) -> None:
        self.management = management
        self._caller = caller
        self._collection_id = collection_id
        self._team_id = team_id
        self._file_ids: dict[int, str] = {}

    async def perform(
        self,
        place: int,
        item: AsyncFileSource | DocumentUpload[AsyncFileSource],
        wait: bool,  # noqa: FBT001  # one of the caller's own arguments
    ) -> Document | str:
        """Upload a file and attach it; return its ID, or the document if nobody waits for it."""
        one = item if isinstance(item, DocumentUpload) else DocumentUpload(item)
        try:
            file_id = await self.attach(place, one, None)
            return file_id if wait else await self.look(file_id)
        except Exception as error:
            if place in self._file_ids:
                mark_uploaded(error, [self._file_ids[place]])
            raise

    async def attach(
        self, place: int, item: DocumentUpload[AsyncFileSource], on_progress: OnProgress | None
    ) -> str:
        """Upload a file and attach it; return its ID."""
        file = await upload(
            self._caller,
            item.source,
            item.name,
            item.expires_after,
            check_on_progress(on_progress),
            arguments=("source", "name"),
        )
        self._file_ids[place] = file.id
        request = add_request(self._collection_id, file.id, item.fields, self._team_id)
        await self.management.unary(pb.COLLECTIONS_ADD_DOCUMENT_TO_COLLECTION, request)
        return file.id

    async def look(self, file_id: str) -> Document:
        """Return a document."""
        request = pb.GetDocumentMetadataRequest(
            file_id=file_id, team_id=self._team_id, collection_id=self._collection_id
        )
        method = pb.COLLECTIONS_GET_DOCUMENT_METADATA
        return await self.management.unary_of(method, request, read_document)

    def indexing(
        self,
        file_ids: Sequence[str],
        on_status: Callable[[Document], object] | None,
        on_end: Callable[[str], object] | None = None,
    ) -> AsyncIndexing:
        """Return the indexing of documents."""
        return AsyncIndexing(
            self.management,
            self._collection_id,
            file_ids,
            team_id=self._team_id,
            on_status=on_status,
            on_end=on_end,
        )

    def mark(self, error: BaseException) -> None:
        """Give an exception the IDs of the files that were uploaded before it, if any."""
        if self._file_ids:
            mark_uploaded(error, [file_id for _, file_id in sorted(self._file_ids.items())])
