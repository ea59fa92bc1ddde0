"""A server built on the message classes of xai_sdk, for the v1 API."""

from typing import TYPE_CHECKING, Any, Final

from tests.reference import chat_pb2
from tests.services.interop.protos import Protos
from tests.services.interop.scripted import Scripted
from tests.services.interop.server import GrpcioServer

if TYPE_CHECKING:
    from google.protobuf.descriptor import MethodDescriptor

#: The services that have methods in ``client.v1``.
_SERVICES: Final = (
    *("Auth", "BatchMgmt", "Chat", "Documents", "Embedder", "Image", "Models", "Sample"),
    *("Files", "Tokenize", "Video"),
)

#: The service that another host has, with another key; here it is the same host.
_MANAGEMENT: Final = "collections.Collections"


class ReferenceProtos(Protos):
    """The messages and methods of xai_sdk."""

    def __init__(self) -> None:
        self._pool = chat_pb2.DESCRIPTOR.pool
        self.methods: dict[str, MethodDescriptor] = {}
        for name in (*(f"xai_api.{service}" for service in _SERVICES), _MANAGEMENT):
            found = self._pool.FindServiceByName(name)
            for method in found.methods:
                self.methods[f"/{name}/{method.name}"] = method


class ReferenceServer(GrpcioServer):
    """Serves the v1 API as tests write it down."""

    def __init__(self) -> None:
        super().__init__(ReferenceProtos())

    def forget(self) -> None:
        """Forget the calls and all answers."""
        self.calls = []
        self._answers = {}

    def script(self, method: str) -> Scripted:
        """Return a method, such as ``Chat/GetCompletion``, that does what it is told."""
        package = "collections" if method.startswith("Collections/") else "xai_api"
        return Scripted(self, f"/{package}.{method}")


def output(content: str, index: int = 0, **more: object) -> dict[str, Any]:
    """Return an output of an answer, by its fields."""
    said: dict[str, Any] = {"role": "ROLE_ASSISTANT", "content": content, **more}
    return {"index": index, "finish_reason": "REASON_STOP", "message": said}


def answer(*outputs: dict[str, Any], **more: object) -> dict[str, Any]:
    """Return an answer, by its fields."""
    return {"id": "r-1", "model": "m", "outputs": list(outputs), **more}


def piece(content: str, index: int = 0, **more: object) -> dict[str, Any]:
    """Return a chunk with one piece of an output, by its fields."""
    delta = {"role": "ROLE_ASSISTANT", "content": content}
    return {"id": "r-1", "model": "m", "outputs": [{"index": index, "delta": delta, **more}]}
