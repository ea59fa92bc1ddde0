# Generated from prompt_ide/files.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The server's side of the services of prompt_ide/files.proto."""

from betterproto.lib.google.protobuf import Empty

from xai.proto.prompt_ide.files import (
    FILE_DELETE_FILE,
    FILE_DOWNLOAD_FILE,
    FILE_LIST_FILES,
    FILE_RENAME_FILE,
    FILE_UPLOAD_FILE,
    DeleteFileRequest,
    DownloadFileRequest,
    FileMetadata,
    FileObject,
    ListFilesResponse,
    RenameFileRequest,
    UploadFileRequest,
)
from xai.proto.server_base import Handler, ServiceBase


class FileBase(ServiceBase):
    """Keeps files, within limits of the server for one file and for all."""

    async def upload_file(self, request: UploadFileRequest) -> FileMetadata:
        """Store a file.

        Not safe to repeat: without overwrite the second time gets ALREADY_EXISTS.
        """
        raise self._unimplemented(FILE_UPLOAD_FILE)

    async def download_file(self, request: DownloadFileRequest) -> FileObject:
        """Return a file and its content."""
        raise self._unimplemented(FILE_DOWNLOAD_FILE)

    async def list_files(self, request: Empty) -> ListFilesResponse:
        """List all files and the space they take."""
        raise self._unimplemented(FILE_LIST_FILES)

    async def rename_file(self, request: RenameFileRequest) -> FileMetadata:
        """Give a file another name.

        Not safe to repeat: the second time may get NOT_FOUND.
        """
        raise self._unimplemented(FILE_RENAME_FILE)

    async def delete_file(self, request: DeleteFileRequest) -> Empty:
        """Delete a file.

        Not safe to repeat: the second time may get NOT_FOUND.
        """
        raise self._unimplemented(FILE_DELETE_FILE)

    def __mapping__(self) -> dict[str, Handler]:
        """Return what answers each path, as grpclib asks for it."""
        return {
            FILE_UPLOAD_FILE.path: self._unary_handler(FILE_UPLOAD_FILE, self.upload_file),
            FILE_DOWNLOAD_FILE.path: self._unary_handler(FILE_DOWNLOAD_FILE, self.download_file),
            FILE_LIST_FILES.path: self._unary_handler(FILE_LIST_FILES, self.list_files),
            FILE_RENAME_FILE.path: self._unary_handler(FILE_RENAME_FILE, self.rename_file),
            FILE_DELETE_FILE.path: self._unary_handler(FILE_DELETE_FILE, self.delete_file),
        }
