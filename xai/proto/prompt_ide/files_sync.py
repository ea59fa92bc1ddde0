# Generated from prompt_ide/files.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The blocking services of prompt_ide/files.proto."""

from betterproto.lib.google.protobuf import Empty

from xai._secrets import conceal
from xai.options import NOT_GIVEN, Metadata, NotGiven, Timeouts
from xai.proto.base import ServiceStub
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


class FileStub(ServiceStub):
    """Keeps files, within limits of the server for one file and for all."""

    def upload_file(
        self,
        request: UploadFileRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> FileMetadata:
        """Store a file.

        Not safe to repeat: without overwrite the second time gets ALREADY_EXISTS.
        """
        pairs, metadata = conceal(metadata), ()
        return self._unary(FILE_UPLOAD_FILE, request, timeout=timeout, metadata=pairs)

    def download_file(
        self,
        request: DownloadFileRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> FileObject:
        """Return a file and its content."""
        pairs, metadata = conceal(metadata), ()
        return self._unary(FILE_DOWNLOAD_FILE, request, timeout=timeout, metadata=pairs)

    def list_files(
        self,
        request: Empty,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> ListFilesResponse:
        """List all files and the space they take."""
        pairs, metadata = conceal(metadata), ()
        return self._unary(FILE_LIST_FILES, request, timeout=timeout, metadata=pairs)

    def rename_file(
        self,
        request: RenameFileRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> FileMetadata:
        """Give a file another name.

        Not safe to repeat: the second time may get NOT_FOUND.
        """
        pairs, metadata = conceal(metadata), ()
        return self._unary(FILE_RENAME_FILE, request, timeout=timeout, metadata=pairs)

    def delete_file(
        self,
        request: DeleteFileRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> Empty:
        """Delete a file.

        Not safe to repeat: the second time may get NOT_FOUND.
        """
        pairs, metadata = conceal(metadata), ()
        return self._unary(FILE_DELETE_FILE, request, timeout=timeout, metadata=pairs)
