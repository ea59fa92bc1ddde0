# Generated from xai/api/v1/files.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The server's side of the services of xai/api/v1/files.proto."""

from collections.abc import AsyncIterator

from xai.proto.server_base import Handler, ServiceBase
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


class FilesBase(ServiceBase):
    """Keeps files."""

    async def upload_file(self, requests: AsyncIterator[UploadFileChunk]) -> File:
        """Upload a file: its name first, then its content in chunks."""
        raise self._unimplemented(FILES_UPLOAD_FILE)

    async def list_files(self, request: ListFilesRequest) -> ListFilesResponse:
        """List the files of the team, page by page."""
        raise self._unimplemented(FILES_LIST_FILES)

    async def retrieve_file(self, request: RetrieveFileRequest) -> File:
        """Describe a file."""
        raise self._unimplemented(FILES_RETRIEVE_FILE)

    async def delete_file(self, request: DeleteFileRequest) -> DeleteFileResponse:
        """Delete a file.

        Not to be repeated unasked: a repeat gets NOT_FOUND, which reads as a failure.
        """
        raise self._unimplemented(FILES_DELETE_FILE)

    def retrieve_file_content(
        self, request: RetrieveFileContentRequest
    ) -> AsyncIterator[FileContentChunk]:
        """Download a file in chunks."""
        raise self._unimplemented(FILES_RETRIEVE_FILE_CONTENT)

    async def create_public_url(self, request: CreatePublicUrlRequest) -> CreatePublicUrlResponse:
        """Create a public URL of a file.

        Safe to repeat: a file keeps the URL it has.
        """
        raise self._unimplemented(FILES_CREATE_PUBLIC_URL)

    async def revoke_public_url(self, request: RevokePublicUrlRequest) -> RevokePublicUrlResponse:
        """Revoke the public URL of a file.

        Safe to repeat: it succeeds for a file that has none.
        """
        raise self._unimplemented(FILES_REVOKE_PUBLIC_URL)

    def __mapping__(self) -> dict[str, Handler]:
        """Return what answers each path, as grpclib asks for it."""
        return {
            FILES_UPLOAD_FILE.path: self._upload_handler(FILES_UPLOAD_FILE, self.upload_file),
            FILES_LIST_FILES.path: self._unary_handler(FILES_LIST_FILES, self.list_files),
            FILES_RETRIEVE_FILE.path: self._unary_handler(FILES_RETRIEVE_FILE, self.retrieve_file),
            FILES_DELETE_FILE.path: self._unary_handler(FILES_DELETE_FILE, self.delete_file),
            FILES_RETRIEVE_FILE_CONTENT.path: self._stream_handler(
                FILES_RETRIEVE_FILE_CONTENT, self.retrieve_file_content
            ),
            FILES_CREATE_PUBLIC_URL.path: self._unary_handler(
                FILES_CREATE_PUBLIC_URL, self.create_public_url
            ),
            FILES_REVOKE_PUBLIC_URL.path: self._unary_handler(
                FILES_REVOKE_PUBLIC_URL, self.revoke_public_url
            ),
        }
