"""The service xai_api.Files of the local server."""

import base64
import binascii
import heapq
import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final

from grpclib.const import Status
from grpclib.exceptions import GRPCError

from xai.proto.base import which_one_of
from xai.proto.xai_api.files import (
    CreatePublicUrlRequest,
    CreatePublicUrlResponse,
    DeleteFileRequest,
    DeleteFileResponse,
    DownloadFormat,
    File,
    FileContentChunk,
    FilesSortBy,
    ListFilesRequest,
    ListFilesResponse,
    Ordering,
    RetrieveFileContentRequest,
    RetrieveFileRequest,
    RevokePublicUrlRequest,
    RevokePublicUrlResponse,
    UploadFileChunk,
)
from xai.proto.xai_api.files_server import FilesBase
from xai.testing.control.accounts import caller
from xai.testing.v1.file_store import FileStore, StoredFile, check_expiry, check_name, check_size
from xai.v1.file_filter import parse_filter

_PATH = "/xai_api.Files/"
_PAGE: Final = 100
_DOWNLOAD_CHUNK: Final = 1024 * 1024
_UPLOAD_CHUNK: Final = 5 * 1024 * 1024
_LONGEST_FILTER: Final = 4096

_Key = tuple[Any, int]
_SORT_KEYS: Final[Mapping[int, Callable[[StoredFile], _Key]]] = {
    FilesSortBy.FILES_SORT_BY_CREATED_AT: lambda file: (0, file.number),
    FilesSortBy.FILES_SORT_BY_FILENAME: lambda file: (file.name, file.number),
    FilesSortBy.FILES_SORT_BY_SIZE: lambda file: (len(file.data), file.number),
}


class LocalV1Files(FilesBase):
    """Serves ``xai_api.Files`` from memory.

    Args:
        store: Keeps the files.
    """

    acls: Mapping[str, str] = {
        _PATH + "UploadFile": "files:write",
        _PATH + "DeleteFile": "files:write",
        _PATH + "CreatePublicUrl": "files:write",
        _PATH + "RevokePublicUrl": "files:write",
        _PATH + "ListFiles": "files:read",
        _PATH + "RetrieveFile": "files:read",
        _PATH + "RetrieveFileContent": "files:read",
    }

    def __init__(self, store: FileStore) -> None:
        self._store = store

    async def upload_file(self, requests: AsyncIterator[UploadFileChunk]) -> File:
        """Store a file, whose name and expiry come first and are checked first."""
        kind, init = "", None
        async for request in requests:
            kind, init = which_one_of(request, "chunk")
            break
        if kind != "init" or init is None:
            raise _wrong("The first message of an upload must be init.")
        check_name(init.name)
        check_expiry(init.expires_after)
        parts: list[bytes] = []
        size = 0
        async for request in requests:
            kind, data = which_one_of(request, "chunk")
            if kind != "data" or data is None:
                raise _wrong("All messages of an upload but the first must be data.")
            if len(data) > _UPLOAD_CHUNK:
                raise _wrong(f"A chunk may have {_UPLOAD_CHUNK} bytes, not {len(data)}.")
            size += len(data)
            check_size(size)
            parts.append(data)
        content = b"".join(parts)
        file = self._store.add(caller(), init.name, content, expires_after=init.expires_after)
        return describe(file)

    async def list_files(self, request: ListFilesRequest) -> ListFilesResponse:
        """List files page by page."""
        sort_by = request.sort_by or FilesSortBy.FILES_SORT_BY_CREATED_AT
        key = _SORT_KEYS.get(sort_by)
        if key is None or request.order not in (Ordering.ASCENDING, Ordering.DESCENDING):
            raise _wrong("sort_by or order is unknown.")
        descending = request.order == Ordering.DESCENDING
        order = [int(sort_by), descending, request.filter or ""]
        files = self._store.all(caller())
        if request.filter:
            try:
                matches = parse_filter(request.filter, most=_LONGEST_FILTER)
            except ValueError as error:
                raise _wrong(f"{error}.") from None
            files = [file for file in files if matches(file.values())]
        if request.pagination_token:
            last = _read_token(request.pagination_token, order)
            files = [one for one in files if (key(one) < last if descending else key(one) > last)]
        size = min(max(request.limit or _PAGE, 1), _PAGE)
        pick = heapq.nlargest if descending else heapq.nsmallest
        page = pick(size, files, key=key)
        reply = ListFilesResponse(data=[describe(file) for file in page])
        if len(files) > len(page):
            reply.pagination_token = _write_token(order, key(page[-1]))
        return reply

    async def retrieve_file(self, request: RetrieveFileRequest) -> File:
        """Describe a file."""
        return describe(self._store.get(caller(), request.file_id))

    async def delete_file(self, request: DeleteFileRequest) -> DeleteFileResponse:
        """Delete a file."""
        self._store.delete(caller(), request.file_id)
        return DeleteFileResponse(id=request.file_id, deleted=True)

    async def retrieve_file_content(
        self, request: RetrieveFileContentRequest
    ) -> AsyncIterator[FileContentChunk]:
        """Send a file, or its text."""
        file = self._store.get(caller(), request.file_id)
        data = file.data
        if request.format == DownloadFormat.DOWNLOAD_FORMAT_TEXT:
            data = file.text().encode()
        for start in range(0, len(data), _DOWNLOAD_CHUNK):
            yield FileContentChunk(data=data[start : start + _DOWNLOAD_CHUNK])

    async def create_public_url(self, request: CreatePublicUrlRequest) -> CreatePublicUrlResponse:
        """Return the public URL of a file."""
        file = self._store.publish(caller(), request.file_id, request.expires_after)
        return CreatePublicUrlResponse(
            public_url=file.public_url, expires_at=file.public_url_expires_at
        )

    async def revoke_public_url(self, request: RevokePublicUrlRequest) -> RevokePublicUrlResponse:
        """End the public URL of a file."""
        url = self._store.revoke(caller(), request.file_id)
        return RevokePublicUrlResponse(
            file_id=request.file_id, revoked=bool(url), public_url=url or None
        )


def describe(file: StoredFile) -> File:
    """Return the message about a file."""
    return File(
        id=file.id,
        filename=file.name,
        size=len(file.data),
        created_at=file.created_at,
        expires_at=file.expires_at,
        public_url=file.public_url or None,
        public_url_expires_at=file.public_url_expires_at,
    )


def _wrong(text: str) -> GRPCError:
    return GRPCError(Status.INVALID_ARGUMENT, text)


def _write_token(order: list[object], last: _Key) -> str:
    return base64.urlsafe_b64encode(json.dumps([order, last]).encode()).decode()


def _read_token(token: str, order: list[object]) -> _Key:
    try:
        found, (value, number) = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, TypeError, binascii.Error):
        raise _wrong("pagination_token is not valid.") from None
    if found != order or type(value) not in (str, int) or not isinstance(number, int):
        raise _wrong("pagination_token belongs to another order, sort or filter.")
    return value, number
