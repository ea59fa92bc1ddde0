# Generated from prompt_ide/files.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The files of a user."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import betterproto
from betterproto.lib.google.protobuf import Empty

from xai.proto import base


@dataclass(eq=False, repr=False)
class UploadFileRequest(base.Message):
    """A file to store."""

    file_name: str = betterproto.string_field(1)
    """Its name."""

    content: bytes = betterproto.bytes_field(2)
    """Its content."""

    mime_type: str = betterproto.string_field(3)
    """Its media type."""

    overwrite: bool = betterproto.bool_field(4)
    """Replace a file of the same name."""


@dataclass(eq=False, repr=False)
class FileMetadata(base.Message):
    """What is known about a file."""

    file_name: str = betterproto.string_field(1)
    """Its name."""

    size_bytes: int = betterproto.int32_field(2)
    """Number of bytes."""

    mime_type: str = betterproto.string_field(3)
    """Its media type."""

    create_time: datetime = betterproto.message_field(4)
    """When it was stored."""


@dataclass(eq=False, repr=False)
class RenameFileRequest(base.Message):
    """Names a file and gives its new name."""

    file_name: str = betterproto.string_field(1)
    """The name it has."""

    new_file_name: str = betterproto.string_field(2)
    """The name it gets."""


@dataclass(eq=False, repr=False)
class DownloadFileRequest(base.Message):
    """Names a file to return."""

    file_name: str = betterproto.string_field(1)
    """Its name."""


@dataclass(eq=False, repr=False)
class FileObject(base.Message):
    """A file with its content."""

    metadata: "FileMetadata" = betterproto.message_field(1)
    """What is known about it."""

    content: bytes = betterproto.bytes_field(2)
    """Its content."""


@dataclass(eq=False, repr=False)
class ListFilesResponse(base.Message):
    """All files and the space they take."""

    storage_used: int = betterproto.int32_field(1)
    """Storage used in bytes."""

    storage_available_total: int = betterproto.int32_field(2)
    """Storage limit in bytes."""

    files: "list[FileMetadata]" = betterproto.message_field(3)
    """The files."""


@dataclass(eq=False, repr=False)
class DeleteFileRequest(base.Message):
    """Names a file to delete."""

    file_name: str = betterproto.string_field(1)
    """Its name."""


FILE_UPLOAD_FILE: Final = base.Method(
    "/prompt_ide.File/UploadFile",
    UploadFileRequest,
    FileMetadata,
    client_streaming=False,
    server_streaming=False,
    idempotent=False,
)
FILE_DOWNLOAD_FILE: Final = base.Method(
    "/prompt_ide.File/DownloadFile",
    DownloadFileRequest,
    FileObject,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
FILE_LIST_FILES: Final = base.Method(
    "/prompt_ide.File/ListFiles",
    Empty,
    ListFilesResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
FILE_RENAME_FILE: Final = base.Method(
    "/prompt_ide.File/RenameFile",
    RenameFileRequest,
    FileMetadata,
    client_streaming=False,
    server_streaming=False,
    idempotent=False,
)
FILE_DELETE_FILE: Final = base.Method(
    "/prompt_ide.File/DeleteFile",
    DeleteFileRequest,
    Empty,
    client_streaming=False,
    server_streaming=False,
    idempotent=False,
)
