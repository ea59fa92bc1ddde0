"""The service prompt_ide.File in its simplest form: a dict with the documented limits."""

from typing import TYPE_CHECKING, Any

import grpc

from tests.services.interop.protos import AnyMessage

if TYPE_CHECKING:
    from tests.services.interop.server import GrpcioServer

_SERVICE = "/prompt_ide.File"
MIB = 2**20
FILE_LIMIT, TOTAL_LIMIT = 5 * MIB, 50 * MIB
SECONDS = 1_700_000_000


class FileStore:
    """Keeps files in memory.

    Args:
        server: Where the service is served.
    """

    def __init__(self, server: "GrpcioServer") -> None:
        self.server = server
        self.files: dict[str, Any] = {}
        self._message = server.protos.message
        for name, method in (
            ("UploadFile", self._upload),
            ("DownloadFile", self._download),
            ("ListFiles", self._list),
            ("RenameFile", self._rename),
            ("DeleteFile", self._delete),
        ):
            server.answer(f"{_SERVICE}/{name}", method)

    def requests(self, method: str) -> list[Any]:
        """Return the requests of a method, as Google's messages."""
        return self.server.requests(f"{_SERVICE}/{method}")

    def _upload(self, request: AnyMessage, context: grpc.ServicerContext) -> AnyMessage:
        name, size = request.file_name, len(request.content)
        if name in self.files and not request.overwrite:
            context.abort(grpc.StatusCode.ALREADY_EXISTS, f"{name} exists")
        if size > FILE_LIMIT:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the file is too large")
        others = sum(item.metadata.size_bytes for key, item in self.files.items() if key != name)
        if others + size > TOTAL_LIMIT:
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "there is no space left")
        item: AnyMessage = self._message("prompt_ide.FileObject")(
            metadata={"file_name": name, "size_bytes": size, "mime_type": request.mime_type},
            content=request.content,
        )
        # The first one goes without: an unset time must not read as 1970.
        if self.files:
            item.metadata.create_time.seconds = SECONDS
        self.files[name] = item
        return item.metadata

    def _find(self, name: str, context: grpc.ServicerContext) -> AnyMessage:
        if name not in self.files:
            context.abort(grpc.StatusCode.NOT_FOUND, f"there is no {name}")
        return self.files[name]

    def _download(self, request: AnyMessage, context: grpc.ServicerContext) -> AnyMessage:
        return self._find(request.file_name, context)

    def _list(self, _: AnyMessage, __: grpc.ServicerContext) -> AnyMessage:
        found = [item.metadata for item in self.files.values()]
        return self._message("prompt_ide.ListFilesResponse")(
            storage_used=sum(item.size_bytes for item in found),
            storage_available_total=TOTAL_LIMIT,
            files=found,
        )

    def _rename(self, request: AnyMessage, context: grpc.ServicerContext) -> AnyMessage:
        item = self._find(request.file_name, context)
        if request.new_file_name in self.files:
            context.abort(grpc.StatusCode.ALREADY_EXISTS, f"{request.new_file_name} exists")
        del self.files[request.file_name]
        item.metadata.file_name = request.new_file_name
        self.files[request.new_file_name] = item
        return item.metadata

    def _delete(self, request: AnyMessage, context: grpc.ServicerContext) -> AnyMessage:
        self._find(request.file_name, context)
        del self.files[request.file_name]
        return self._message("google.protobuf.Empty")()
