"""Files kept by the server."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, BinaryIO, cast

from xai._annotations import resolve_lazily
from xai.aio.v1.files import AsyncFiles
from xai.proto.xai_api import files as pb
from xai.v1.files import File, list_request
from xai.xai_sdk.v1.aio.connection import AsyncConnection
from xai.xai_sdk.v1.files import whole_seconds
from xai.xai_sdk.v1.proto.messages import Message, wrap
from xai.xai_sdk.v1.proto.modules import load
from xai.xai_sdk.v1.telemetry.spans import sensitive, span
from xai.xai_sdk.v1.upload_source import progress_of, source_of

if TYPE_CHECKING:
    from xai.xai_sdk.v1.files import BatchUploadCallback, Order, ProgressCallback, SortBy

files_pb2 = load("files_pb2")


class Client:
    """Uploads, lists, reads and deletes files.

    Args:
        connection: Makes the calls.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def upload(
        self,
        file: str | bytes | BinaryIO,
        *,
        filename: str | None = None,
        on_progress: "ProgressCallback" = None,
        expires_after: timedelta | int | None = None,
    ) -> Message:
        """Upload a file.

        Args:
            file: A path, bytes, or a binary file.
            filename: Its name on the server; for bytes it must be given.
            on_progress: Called with the bytes that were sent and those there are, or with the
                bytes more; or a progress bar with a method ``update``.
            expires_after: When the server deletes it.

        Raises:
            FileNotFoundError: There is no such file.
            ValueError: It is nothing that can be uploaded, or has no name.
        """
        source, name = source_of(file, filename)
        with span(__name__, "file.upload", lambda: _attributes("upload_file")) as recorded:
            uploaded = await self._files.upload(
                source,
                filename=name,
                expires_after=whole_seconds(expires_after),
                on_progress=progress_of(on_progress),
            )
            recorded.set(lambda: _named(uploaded) if sensitive() else {})
            return wrap(uploaded.proto)

    async def batch_upload(
        self,
        files: Sequence[str | BinaryIO],
        *,
        batch_size: int = 50,
        on_file_complete: "BatchUploadCallback | None" = None,
    ) -> dict[int, Message | BaseException]:
        """Upload several files at once.

        Args:
            files: Paths and binary files.
            batch_size: How many at once.
            on_file_complete: Called once for each with its place, the item, and what came of it.
                What it raises ends the uploads.

        Returns:
            By the place of each, the file or the error, in the order in which they ended.

        Raises:
            ValueError: There are no files, or none could be uploaded at once.
        """
        if not files:
            raise ValueError("files must not be empty")
        results: dict[int, Message | BaseException] = {}

        def complete(at: int, item: object, outcome: File | Exception) -> None:
            found = wrap(outcome.proto) if isinstance(outcome, File) else outcome
            results[at] = found
            if on_file_complete is not None:
                on_file_complete(at, cast("str | BinaryIO", item), found)

        await self._files.upload_many(files, concurrency=min(batch_size, 100), on_complete=complete)
        return results

    async def list(
        self,
        *,
        limit: int | None = None,
        order: "Order | None" = None,
        sort_by: "SortBy | None" = None,
        pagination_token: str | None = None,
        filter: str | None = None,  # noqa: A002  # the API's own word
    ) -> Message:
        """Return a page of the files.

        Args:
            limit: The most files of a page.
            order: ``"asc"`` or ``"desc"``.
            sort_by: ``"created_at"``, ``"filename"`` or ``"size"``.
            pagination_token: Where the page begins.
            filter: An expression that says which files.

        Raises:
            ValueError: A name is not known.
        """
        request = wrap(list_request(order, sort_by, filter or None))
        if limit is not None:
            request.limit = limit
        if pagination_token is not None:
            request.pagination_token = pagination_token
        return await self._connection.call(pb.FILES_LIST_FILES, request)

    async def get(self, file_id: str) -> Message:
        """Return a file without its content.

        Args:
            file_id: The ID of the file.
        """
        request = files_pb2.RetrieveFileRequest(file_id=file_id)
        return await self._connection.call(pb.FILES_RETRIEVE_FILE, request)

    async def delete(self, file_id: str) -> Message:
        """Delete a file.

        Args:
            file_id: The ID of the file.
        """
        with span(__name__, "file.delete", lambda: _attributes("delete")) as recorded:
            request = files_pb2.DeleteFileRequest(file_id=file_id)
            reply = await self._connection.call(pb.FILES_DELETE_FILE, request)
            recorded.set(lambda: {"file.id": reply.id} if sensitive() else {})
            return reply

    async def content(self, file_id: str) -> bytes:
        """Return the content of a file.

        Args:
            file_id: The ID of the file.
        """
        return await self._files.content(file_id)

    async def create_public_url(
        self, file_id: str, *, expires_after: timedelta | int | None = None
    ) -> Message:
        """Return a URL under which anybody can read a file.

        Args:
            file_id: The ID of the file.
            expires_after: When the URL ends.
        """
        request = files_pb2.CreatePublicUrlRequest(
            file_id=file_id, expires_after=whole_seconds(expires_after)
        )
        return await self._connection.call(pb.FILES_CREATE_PUBLIC_URL, request)

    async def revoke_public_url(self, file_id: str) -> Message:
        """End the public URL of a file.

        Args:
            file_id: The ID of the file.
        """
        request = files_pb2.RevokePublicUrlRequest(file_id=file_id)
        return await self._connection.call(pb.FILES_REVOKE_PUBLIC_URL, request)

    @property
    def _files(self) -> AsyncFiles:
        return self._connection.client.files


def _attributes(operation: str) -> dict[str, str]:
    return {"operation.name": operation, "provider.name": "xai"}


def _named(file: File) -> dict[str, str]:
    return {"file.id": file.id, "file.name": file.filename}


resolve_lazily(globals())
