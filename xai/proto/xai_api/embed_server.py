# Generated from xai/api/v1/embed.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The server's side of the services of xai/api/v1/embed.proto."""

from xai.proto.server_base import Handler, ServiceBase
from xai.proto.xai_api.embed import EMBEDDER_EMBED, EmbedRequest, EmbedResponse


class EmbedderBase(ServiceBase):
    """Turns texts and images into vectors."""

    async def embed(self, request: EmbedRequest) -> EmbedResponse:
        """Turn each input into vectors."""
        raise self._unimplemented(EMBEDDER_EMBED)

    def __mapping__(self) -> dict[str, Handler]:
        """Return what answers each path, as grpclib asks for it."""
        return {
            EMBEDDER_EMBED.path: self._unary_handler(EMBEDDER_EMBED, self.embed),
        }
