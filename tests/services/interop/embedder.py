"""The service prompt_ide.Embedder, scripted, and made for large replies."""

from typing import TYPE_CHECKING

import grpc

from tests.services.interop.protos import AnyMessage
from tests.services.interop.scripted import Scripted

if TYPE_CHECKING:
    from tests.services.interop.server import GrpcioServer

PATH = "/prompt_ide.Embedder/Embed"


class EmbedderScript(Scripted):
    """The one method of the service.

    Args:
        server: Where it is served.
    """

    def __init__(self, server: "GrpcioServer") -> None:
        super().__init__(server, PATH)

    def numbers(self, dimension: int) -> None:
        """Answer each text with as many numbers, which count on from its length."""
        embedding = self._server.protos.message("prompt_ide.Embedding")

        def answer(request: AnyMessage, _: grpc.ServicerContext) -> AnyMessage:
            return self._reply(
                embeddings=[
                    embedding(values=range(len(text), len(text) + dimension), shape=[dimension])
                    for text in request.texts
                ]
            )

        self._server.answer(PATH, answer)
