"""The files that the local server keeps."""

import mimetypes
from collections.abc import Mapping
from datetime import datetime, timezone

import attrs
from betterproto.lib.google.protobuf import Empty
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from xai.proto.prompt_ide.files import (
    DeleteFileRequest,
    DownloadFileRequest,
    FileMetadata,
    FileObject,
    ListFilesResponse,
    RenameFileRequest,
    UploadFileRequest,
)
from xai.proto.prompt_ide.files_server import FileBase
from xai.testing.control.accounts import Account, caller

_PATH = "/prompt_ide.File/"
_MIB = 1024 * 1024
FILE_LIMIT = 5 * _MIB
STORAGE_LIMIT = 50 * _MIB
FILE_COUNT_LIMIT = 10_000
_LONGEST_NAME = 1_024
_UNKNOWN_TYPE = "application/octet-stream"
# Made here: the tables of the machine would give other answers on each.
_TYPES = mimetypes.MimeTypes()


@attrs.frozen
class _File:
    """A file; replaced as a whole, never changed."""

    content: bytes
    mime_type: str
    create_time: datetime


class LocalFiles(FileBase):
    """Serves ``prompt_ide.File`` from memory; each key has files of its own."""

    acls: Mapping[str, str] = {
        _PATH + "DownloadFile": "files:read",
        _PATH + "ListFiles": "files:read",
        _PATH + "UploadFile": "files:write",
        _PATH + "RenameFile": "files:write",
        _PATH + "DeleteFile": "files:write",
    }

    def __init__(self) -> None:
        self._folders: dict[Account, dict[str, _File]] = {}

    async def upload_file(self, request: UploadFileRequest) -> FileMetadata:
        """Store a file.

        A file that is too large will never fit, so the request is wrong (INVALID_ARGUMENT). When
        the storage is full the request is right and space has to be made (RESOURCE_EXHAUSTED).
        """
        files = self._files()
        name = _checked_name("file_name", request.file_name)
        size = len(request.content)
        if name in files and not request.overwrite:
            raise GRPCError(Status.ALREADY_EXISTS, f"There is a file {name!r} already.")
        if size > FILE_LIMIT:
            text = f"content has {size} bytes; a file may have {FILE_LIMIT}."
            raise GRPCError(Status.INVALID_ARGUMENT, text)
        # What is overwritten makes room.
        if name not in files and len(files) >= FILE_COUNT_LIMIT:
            text = f"There are {len(files)} files; a key may have {FILE_COUNT_LIMIT}."
            raise GRPCError(Status.RESOURCE_EXHAUSTED, text)
        used = sum(len(file.content) for other, file in files.items() if other != name)
        if used + size > STORAGE_LIMIT:
            text = f"{size} bytes do not fit: {used} of {STORAGE_LIMIT} bytes are used."
            raise GRPCError(Status.RESOURCE_EXHAUSTED, text)
        mime_type = request.mime_type or _TYPES.guess_type(name)[0] or _UNKNOWN_TYPE
        files[name] = _File(request.content, mime_type, datetime.now(timezone.utc))
        return _metadata(name, files[name])

    async def download_file(self, request: DownloadFileRequest) -> FileObject:
        """Return a file and its content."""
        file = self._file(request.file_name)
        return FileObject(metadata=_metadata(request.file_name, file), content=file.content)

    async def list_files(self, request: Empty) -> ListFilesResponse:  # noqa: ARG002 - has no fields
        """List all files by their names, and the space they take."""
        files = self._files()
        return ListFilesResponse(
            storage_used=sum(len(file.content) for file in files.values()),
            storage_available_total=STORAGE_LIMIT,
            files=[_metadata(name, files[name]) for name in sorted(files)],
        )

    async def rename_file(self, request: RenameFileRequest) -> FileMetadata:
        """Give a file another name; its time and type stay."""
        file = self._file(request.file_name)
        files = self._files()
        name = _checked_name("new_file_name", request.new_file_name)
        if name in files:
            raise GRPCError(Status.ALREADY_EXISTS, f"There is a file {name!r} already.")
        files[name] = files.pop(request.file_name)
        return _metadata(name, file)

    async def delete_file(self, request: DeleteFileRequest) -> Empty:
        """Delete a file."""
        self._file(request.file_name)
        del self._files()[request.file_name]
        return Empty()

    def _files(self) -> dict[str, _File]:
        return self._folders.setdefault(caller(), {})

    def _file(self, name: str) -> _File:
        file = self._files().get(_checked_name("file_name", name))
        if file is None:
            raise GRPCError(Status.NOT_FOUND, f"There is no file {name!r}.")
        return file


def _checked_name(field: str, name: str) -> str:
    if not name or "\0" in name:
        raise GRPCError(Status.INVALID_ARGUMENT, f"{field} must not be empty or have a NUL.")
    if len(name) > _LONGEST_NAME:
        text = f"{field} has {len(name)} characters; it may have {_LONGEST_NAME}."
        raise GRPCError(Status.INVALID_ARGUMENT, text)
    return name


def _metadata(name: str, file: _File) -> FileMetadata:
    return FileMetadata(
        file_name=name,
        size_bytes=len(file.content),
        mime_type=file.mime_type,
        create_time=file.create_time,
    )
