# Generated from xai/api/v1/files.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""Files kept by the service."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import betterproto

from xai.proto import base


class Ordering(base.Enum):
    """Which end comes first."""

    ASCENDING = 0
    """The lowest."""

    DESCENDING = 1
    """The highest."""


class FilesSortBy(base.Enum):
    """What files can be sorted by."""

    FILES_SORT_BY_CREATED_AT = 0
    """When they were uploaded."""

    FILES_SORT_BY_FILENAME = 1
    """Their names."""

    FILES_SORT_BY_SIZE = 2
    """Their sizes."""


class DownloadFormat(base.Enum):
    """Forms of a download."""

    DOWNLOAD_FORMAT_UNKNOWN = 0
    """The server decides."""

    DOWNLOAD_FORMAT_ORIGINAL = 1
    """As it was uploaded."""

    DOWNLOAD_FORMAT_TEXT = 2
    """Its text."""


@dataclass(eq=False, repr=False)
class UploadFileInit(base.Message):
    """Describes a file before its content comes."""

    name: str = betterproto.string_field(1)
    """Its name."""

    expires_after: "int | None" = betterproto.int64_field(2, optional=True)
    """After how many seconds it is deleted; never when unset."""


@dataclass(eq=False, repr=False)
class UploadFileChunk(base.Message):
    """A chunk of an upload."""

    init: "UploadFileInit" = betterproto.message_field(1, group="chunk")
    """What comes first: a description of the file."""

    data: bytes = betterproto.bytes_field(2, group="chunk")
    """What follows: a part of the content."""


@dataclass(eq=False, repr=False)
class File(base.Message):
    """A file."""

    size: int = betterproto.int64_field(1)
    """Its size in bytes."""

    created_at: datetime = betterproto.message_field(2)
    """When it was uploaded."""

    expires_at: "datetime | None" = betterproto.message_field(3, optional=True)
    """When it will be deleted, if ever."""

    filename: str = betterproto.string_field(4)
    """Its name."""

    id: str = betterproto.string_field(5)
    """Its ID."""

    public_url: "str | None" = betterproto.string_field(7, optional=True)
    """Its public URL, if it has one."""

    public_url_expires_at: "datetime | None" = betterproto.message_field(8, optional=True)
    """When the public URL ends, if ever."""


@dataclass(eq=False, repr=False)
class ListFilesRequest(base.Message):
    """Asks for a page of files."""

    limit: int = betterproto.int32_field(1)
    """Maximum number of entries of the page; the server decides when unset."""

    order: "Ordering" = betterproto.enum_field(2)
    """Which end comes first."""

    pagination_token: "str | None" = betterproto.string_field(3, optional=True)
    """Pagination token of the previous page."""

    sort_by: "FilesSortBy | None" = betterproto.enum_field(4, optional=True)
    """What they are sorted by."""

    filter: "str | None" = betterproto.string_field(5, optional=True)
    """An expression that entries have to match."""


@dataclass(eq=False, repr=False)
class ListFilesResponse(base.Message):
    """A page of files."""

    data: "list[File]" = betterproto.message_field(1)
    """The files."""

    pagination_token: "str | None" = betterproto.string_field(2, optional=True)
    """Token of the next page; unset on the last one."""


@dataclass(eq=False, repr=False)
class RetrieveFileRequest(base.Message):
    """Names a file."""

    file_id: str = betterproto.string_field(1)
    """The ID of the file."""


@dataclass(eq=False, repr=False)
class DeleteFileRequest(base.Message):
    """Names the file to delete."""

    file_id: str = betterproto.string_field(1)
    """The ID of the file."""


@dataclass(eq=False, repr=False)
class DeleteFileResponse(base.Message):
    """Tells what was deleted."""

    id: str = betterproto.string_field(1)
    """The ID of the file."""

    deleted: bool = betterproto.bool_field(2)
    """It is gone."""


@dataclass(eq=False, repr=False)
class RetrieveFileContentRequest(base.Message):
    """Names the file to download."""

    file_id: str = betterproto.string_field(1)
    """The ID of the file."""

    format: "DownloadFormat | None" = betterproto.enum_field(2, optional=True)
    """In which form; the original when unset."""


@dataclass(eq=False, repr=False)
class FileContentChunk(base.Message):
    """A chunk of a download."""

    data: bytes = betterproto.bytes_field(1)
    """A part of the content."""


@dataclass(eq=False, repr=False)
class CreatePublicUrlRequest(base.Message):
    """Asks for a public URL."""

    file_id: str = betterproto.string_field(1)
    """The ID of the file."""

    expires_after: "int | None" = betterproto.int64_field(2, optional=True)
    """After how many seconds it ends; with the file when unset."""


@dataclass(eq=False, repr=False)
class CreatePublicUrlResponse(base.Message):
    """A public URL."""

    public_url: str = betterproto.string_field(1)
    """The URL."""

    expires_at: "datetime | None" = betterproto.message_field(2, optional=True)
    """When it ends, if ever."""


@dataclass(eq=False, repr=False)
class RevokePublicUrlRequest(base.Message):
    """Names the file that loses its public URL."""

    file_id: str = betterproto.string_field(1)
    """The ID of the file."""


@dataclass(eq=False, repr=False)
class RevokePublicUrlResponse(base.Message):
    """Tells what was revoked."""

    file_id: str = betterproto.string_field(1)
    """The ID of the file."""

    revoked: bool = betterproto.bool_field(2)
    """There was a URL, and it is gone."""

    public_url: "str | None" = betterproto.string_field(3, optional=True)
    """The URL."""


FILES_UPLOAD_FILE: Final = base.Method(
    "/xai_api.Files/UploadFile",
    UploadFileChunk,
    File,
    client_streaming=True,
    server_streaming=False,
    idempotent=False,
)
FILES_LIST_FILES: Final = base.Method(
    "/xai_api.Files/ListFiles",
    ListFilesRequest,
    ListFilesResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
FILES_RETRIEVE_FILE: Final = base.Method(
    "/xai_api.Files/RetrieveFile",
    RetrieveFileRequest,
    File,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
FILES_DELETE_FILE: Final = base.Method(
    "/xai_api.Files/DeleteFile",
    DeleteFileRequest,
    DeleteFileResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=False,
)
FILES_RETRIEVE_FILE_CONTENT: Final = base.Method(
    "/xai_api.Files/RetrieveFileContent",
    RetrieveFileContentRequest,
    FileContentChunk,
    client_streaming=False,
    server_streaming=True,
    idempotent=True,
)
FILES_CREATE_PUBLIC_URL: Final = base.Method(
    "/xai_api.Files/CreatePublicUrl",
    CreatePublicUrlRequest,
    CreatePublicUrlResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
FILES_REVOKE_PUBLIC_URL: Final = base.Method(
    "/xai_api.Files/RevokePublicUrl",
    RevokePublicUrlRequest,
    RevokePublicUrlResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
