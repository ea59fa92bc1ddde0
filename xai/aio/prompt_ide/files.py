"""Files kept with the API: the service prompt_ide.File."""

import mimetypes
import os
from pathlib import Path

from betterproto.lib.google.protobuf import Empty

from xai._validation import check_bool, check_str
from xai.aio.rpc.caller import AsyncCaller
from xai.prompt_ide.types import FileMetadata, FileStorage
from xai.proto.prompt_ide import files as pb
from xai.proto.prompt_ide.files_aio import AsyncFileStub
from xai.runtime.transport.request import Progress


class AsyncFiles:
    """Files kept with the API, at most 5 MiB each and 50 MiB in all; the server holds the limits.

    Args:
        caller: Makes the calls.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller
        self._stub = AsyncFileStub(caller)

    async def download(self, file_name: str, *, progress: Progress | None = None) -> bytes:
        """Return the content of a file.

        Args:
            file_name: Its name on the server.
            progress: Told how many bytes of how many have travelled, in the thread or task of this
                call; of the message, which is a few bytes longer than the content. Another attempt
                begins at 0 again.

        Returns:
            The content.

        Raises:
            NotFoundError: There is no such file.
            APIError: The call failed.
            TypeError: An argument is of the wrong type.
            ValueError: The name is empty.

        RPC: ``/prompt_ide.File/DownloadFile``.
        """
        _check_name("file_name", file_name)
        _check_progress(progress)
        request = pb.DownloadFileRequest(file_name=file_name)
        reply = await self._caller.unary(pb.FILE_DOWNLOAD_FILE, request, on_received=progress)
        return reply.content

    async def upload(
        self,
        file_name: str,
        content: bytes,
        mime_type: str = "",
        *,
        overwrite: bool = False,
        progress: Progress | None = None,
    ) -> FileMetadata:
        """Store a file.

        Args:
            file_name: Its name on the server.
            content: The content.
            mime_type: What it is, such as ``text/plain``; the server decides when empty.
            overwrite: Whether a file of the same name is replaced.
            progress: Told how many bytes of how many have travelled, in the thread or task of this
                call; of the message, which is a few bytes longer than the content. Another attempt
                begins at 0 again.

        Returns:
            What the server keeps about the file.

        Raises:
            AlreadyExistsError: There is such a file, and it is not to be overwritten.
            APIError: The call failed, for instance over one of the limits.
            TypeError: An argument is of the wrong type.
            ValueError: The name is empty.

        RPC: ``/prompt_ide.File/UploadFile``.
        """
        _check_name("file_name", file_name)
        if not isinstance(content, (bytes, bytearray, memoryview)):
            raise TypeError(f"content must be bytes, not {type(content).__name__}")
        check_str("mime_type", mime_type)
        check_bool("overwrite", overwrite)
        _check_progress(progress)
        request = pb.UploadFileRequest(
            file_name=file_name, content=bytes(content), mime_type=mime_type, overwrite=overwrite
        )
        reply = await self._caller.unary(pb.FILE_UPLOAD_FILE, request, on_sent=progress)
        return _read_metadata(reply)

    async def upload_file(
        self,
        local_file_name: str | os.PathLike[str],
        remote_file_name: str,
        *,
        overwrite: bool = False,
        progress: Progress | None = None,
    ) -> FileMetadata:
        """Store a file from the disk; its MIME type is guessed from its name.

        Args:
            local_file_name: Path of the file to read.
            remote_file_name: Its name on the server.
            overwrite: Whether a file of the same name is replaced.
            progress: Told how many bytes of how many have travelled, in the thread or task of this
                call; of the message, which is a few bytes longer than the content. Another attempt
                begins at 0 again.

        Returns:
            What the server keeps about the file.

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
        _check_name("remote_file_name", remote_file_name)
        path = Path(local_file_name)
        guess = _guess_type(path.name)
        content = path.read_bytes()  # noqa: ASYNC240  # small: the server takes 5 MiB at most
        return await self.upload(
            remote_file_name, content, guess, overwrite=overwrite, progress=progress
        )

    async def list(self) -> "list[FileMetadata]":
        """Return what the server keeps about each file.

        Returns:
            One entry a file, in the server's order.

        Raises:
            APIError: The call failed.

        RPC: ``/prompt_ide.File/ListFiles``.
        """
        reply = await self._stub.list_files(Empty())
        return [_read_metadata(item) for item in reply.files]

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
        """Give a file another name.

        Args:
            file_name: Its name on the server.
            new_file_name: The name it is to have.

        Returns:
            What the server keeps about the file.

        Raises:
            NotFoundError: There is no such file.
            AlreadyExistsError: There is a file of the new name.
            APIError: The call failed.
            TypeError: An argument is not a str.
            ValueError: A name is empty.

        RPC: ``/prompt_ide.File/RenameFile``.
        """
        _check_name("file_name", file_name)
        _check_name("new_file_name", new_file_name)
        request = pb.RenameFileRequest(file_name=file_name, new_file_name=new_file_name)
        return _read_metadata(await self._stub.rename_file(request))

    async def delete(self, file_name: str) -> None:
        """Remove a file for good.

        Args:
            file_name: Its name on the server.

        Raises:
            NotFoundError: There is no such file.
            APIError: The call failed.
            TypeError: The argument is not a str.
            ValueError: The name is empty.

        RPC: ``/prompt_ide.File/DeleteFile``.
        """
        _check_name("file_name", file_name)
        await self._stub.delete_file(pb.DeleteFileRequest(file_name=file_name))


def _check_progress(progress: object) -> None:
    if progress is not None and not callable(progress):
        raise TypeError(f"progress must be callable or None, not {type(progress).__name__}")


def _check_name(name: str, value: object) -> None:
    check_str(name, value)
    if value == "":
        raise ValueError(f"{name} is empty")


def _guess_type(name: str) -> str:
    guess, compression = mimetypes.guess_type(name)
    if compression is None:
        return guess or ""
    # The guess is about what comes out of it, and the file is sent as it is.
    return "application/gzip" if compression == "gzip" else f"application/x-{compression}"


def _read_metadata(item: pb.FileMetadata) -> FileMetadata:
    return FileMetadata(
        file_name=item.file_name,
        size_bytes=item.size_bytes,
        mime_type=item.mime_type,
        create_time=item.create_time if item.is_set("create_time") else None,
    )
