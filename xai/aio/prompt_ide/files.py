"""Files stored with the API: the service prompt_ide.File."""

import os
from pathlib import Path

from betterproto.lib.google.protobuf import Empty

from xai.aio.rpc.caller import AsyncCaller
from xai.prompt_ide.requests import (
    check_file_name,
    check_progress,
    delete_request,
    download_request,
    guess_mime_type,
    rename_request,
    upload_request,
)
from xai.prompt_ide.types import FileMetadata, FileStorage
from xai.prompt_ide.values import read_file_metadata, read_files
from xai.proto.prompt_ide import files as pb
from xai.proto.prompt_ide.files_aio import AsyncFileStub
from xai.runtime.transport.request import Progress


class AsyncFiles:
    """Files stored with the API, at most 5 MiB each and 50 MiB in total; the server enforces this.

    Args:
        caller: Makes the calls.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller
        self._stub = AsyncFileStub(caller)

    async def download(self, file_name: str, *, progress: Progress | None = None) -> bytes:
        """Return the content of a file.

        Args:
            file_name: The name of the file on the server.
            progress: Called with the bytes transferred and the total bytes, in the thread or task
                of this call. They count the message, which is a few bytes longer than the content.
                A retry starts at 0 again.

        Returns:
            The content.

        Raises:
            NotFoundError: There is no such file.
            APIError: The call failed.
            TypeError: An argument is of the wrong type.
            ValueError: The name is empty.

        RPC: ``/prompt_ide.File/DownloadFile``.
        """
        request = download_request(file_name)
        check_progress(progress)
        reply = await self._caller.unary(pb.FILE_DOWNLOAD_FILE, request, on_received=progress)
        return reply.content

    async def upload(
        self,
        file_name: str,
        content: bytes,
        mime_type: str | None = "",
        *,
        overwrite: bool | None = False,
        progress: Progress | None = None,
    ) -> FileMetadata:
        """Upload a file.

        Args:
            file_name: The name of the file on the server.
            content: The content.
            mime_type: The MIME type, such as ``text/plain``; the server decides when empty.
            overwrite: Whether a file of the same name is replaced.
            progress: Called with the bytes transferred and the total bytes, in the thread or task
                of this call. They count the message, which is a few bytes longer than the content.
                A retry starts at 0 again.

        Returns:
            The metadata of the file.

        Raises:
            AlreadyExistsError: There is such a file, and it is not to be overwritten.
            APIError: The call failed, for instance over one of the limits.
            TypeError: An argument is of the wrong type.
            ValueError: The name is empty.

        RPC: ``/prompt_ide.File/UploadFile``.
        """
        request = upload_request(file_name, content, mime_type, overwrite=overwrite)
        check_progress(progress)
        reply = await self._caller.unary(pb.FILE_UPLOAD_FILE, request, on_sent=progress)
        return read_file_metadata(reply)

    async def upload_file(
        self,
        local_file_name: str | os.PathLike[str],
        remote_file_name: str,
        *,
        overwrite: bool | None = False,
        progress: Progress | None = None,
    ) -> FileMetadata:
        """Upload a file from the disk; its MIME type is guessed from its name.

        Args:
            local_file_name: Path of the file to read.
            remote_file_name: The name of the file on the server.
            overwrite: Whether a file of the same name is replaced.
            progress: Called with the bytes transferred and the total bytes, in the thread or task
                of this call. They count the message, which is a few bytes longer than the content.
                A retry starts at 0 again.

        Returns:
            The metadata of the file.

        Raises:
            OSError: The file can't be read.
            AlreadyExistsError: There is such a file, and it is not to be overwritten.
            APIError: The call failed, for instance over one of the limits.
            TypeError: An argument is of the wrong type.
            ValueError: The name is empty.

        RPC: ``/prompt_ide.File/UploadFile``.
        """
        if not isinstance(local_file_name, (str, os.PathLike)):
            found = type(local_file_name).__name__
            raise TypeError(f"local_file_name must be a str or a path, not {found}")
        check_file_name("remote_file_name", remote_file_name)
        path = Path(local_file_name)
        guess = guess_mime_type(path.name)
        content = path.read_bytes()  # noqa: ASYNC240  # small: the server takes 5 MiB at most
        return await self.upload(
            remote_file_name, content, guess, overwrite=overwrite, progress=progress
        )

    async def list(self) -> "list[FileMetadata]":
        """Return the metadata of all files.

        Returns:
            One entry a file, in the server's order.

        Raises:
            APIError: The call failed.

        RPC: ``/prompt_ide.File/ListFiles``.
        """
        return await self._caller.unary_of(pb.FILE_LIST_FILES, Empty(), read_files)

    async def storage(self) -> FileStorage:
        """Return how much space is used, and how much there is.

        Returns:
            Both, in bytes.

        Raises:
            APIError: The call failed.

        RPC: ``/prompt_ide.File/ListFiles``.
        """
        reply = await self._stub.list_files(Empty())
        return FileStorage(used=reply.storage_used, total=reply.storage_available_total)

    async def rename(self, file_name: str, new_file_name: str) -> FileMetadata:
        """Rename a file.

        Args:
            file_name: The name of the file on the server.
            new_file_name: The new name.

        Returns:
            The metadata of the file.

        Raises:
            NotFoundError: There is no such file.
            AlreadyExistsError: There is a file of the new name.
            APIError: The call failed.
            TypeError: An argument is not a str.
            ValueError: A name is empty.

        RPC: ``/prompt_ide.File/RenameFile``.
        """
        reply = await self._stub.rename_file(rename_request(file_name, new_file_name))
        return read_file_metadata(reply)

    async def delete(self, file_name: str) -> None:
        """Delete a file.

        Args:
            file_name: The name of the file on the server.

        Raises:
            NotFoundError: There is no such file.
            APIError: The call failed.
            TypeError: The argument is not a str.
            ValueError: The name is empty.

        RPC: ``/prompt_ide.File/DeleteFile``.
        """
        await self._stub.delete_file(delete_request(file_name))
