# Generated from prompt_ide/embedder_public.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The server's side of the services of prompt_ide/embedder_public.proto."""

from xai.proto.prompt_ide.embedder_public import EMBEDDER_EMBED, EmbedRequest, EmbedResponse
from xai.proto.server_base import Handler, ServiceBase


class EmbedderBase(ServiceBase):
    """Turns texts into vectors."""

    async def embed(self, request: EmbedRequest) -> EmbedResponse:
        """Turn each text into a vector."""
        raise self._unimplemented(EMBEDDER_EMBED)

    def __mapping__(self) -> dict[str, Handler]:
        """Return what answers each path, as grpclib asks for it."""
        return {
            EMBEDDER_EMBED.path: self._unary_handler(EMBEDDER_EMBED, self.embed),
        }
