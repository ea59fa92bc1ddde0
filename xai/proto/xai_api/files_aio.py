# Generated from xai/api/v1/files.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The asynchronous services of xai/api/v1/files.proto."""

from collections.abc import AsyncIterable

from xai._secrets import conceal
from xai._streams import AsyncStream
from xai.options import NOT_GIVEN, Metadata, NotGiven, Timeouts
from xai.proto.base import AsyncServiceStub
from xai.proto.xai_api.files import (
    FILES_CREATE_PUBLIC_URL,
    FILES_DELETE_FILE,
    FILES_LIST_FILES,
    FILES_RETRIEVE_FILE,
    FILES_RETRIEVE_FILE_CONTENT,
    FILES_REVOKE_PUBLIC_URL,
    FILES_UPLOAD_FILE,
    CreatePublicUrlRequest,
    CreatePublicUrlResponse,
    DeleteFileRequest,
    DeleteFileResponse,
    File,
    FileContentChunk,
    ListFilesRequest,
    ListFilesResponse,
    RetrieveFileContentRequest,
    RetrieveFileRequest,
    RevokePublicUrlRequest,
    RevokePublicUrlResponse,
    UploadFileChunk,
)


class AsyncFilesStub(AsyncServiceStub):
    """Keeps files."""

    async def upload_file(
        self,
        requests: AsyncIterable[UploadFileChunk],
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> File:
        """Upload a file: its name first, then its content in chunks."""
        pairs, metadata = conceal(metadata), ()
        return await self._upload(FILES_UPLOAD_FILE, requests, timeout=timeout, metadata=pairs)

    async def list_files(
        self,
        request: ListFilesRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> ListFilesResponse:
        """List the files of the team, page by page."""
        pairs, metadata = conceal(metadata), ()
        return await self._unary(FILES_LIST_FILES, request, timeout=timeout, metadata=pairs)

    async def retrieve_file(
        self,
        request: RetrieveFileRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> File:
        """Describe a file."""
        pairs, metadata = conceal(metadata), ()
        return await self._unary(FILES_RETRIEVE_FILE, request, timeout=timeout, metadata=pairs)

    async def delete_file(
        self,
        request: DeleteFileRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> DeleteFileResponse:
        """Delete a file.

        Not to be repeated unasked: a repeat gets NOT_FOUND, which reads as a failure.
        """
        pairs, metadata = conceal(metadata), ()
        return await self._unary(FILES_DELETE_FILE, request, timeout=timeout, metadata=pairs)

    def retrieve_file_content(
        self,
        request: RetrieveFileContentRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> AsyncStream[FileContentChunk]:
        """Download a file in chunks."""
        pairs, metadata = conceal(metadata), ()
        return self._stream(FILES_RETRIEVE_FILE_CONTENT, request, timeout=timeout, metadata=pairs)

    async def create_public_url(
        self,
        request: CreatePublicUrlRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> CreatePublicUrlResponse:
        """Create a public URL of a file.

        Safe to repeat: a file keeps the URL it has.
        """
        pairs, metadata = conceal(metadata), ()
        return await self._unary(FILES_CREATE_PUBLIC_URL, request, timeout=timeout, metadata=pairs)

    async def revoke_public_url(
        self,
        request: RevokePublicUrlRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> RevokePublicUrlResponse:
        """Revoke the public URL of a file.

        Safe to repeat: it succeeds for a file that has none.
        """
        pairs, metadata = conceal(metadata), ()
        return await self._unary(FILES_REVOKE_PUBLIC_URL, request, timeout=timeout, metadata=pairs)
