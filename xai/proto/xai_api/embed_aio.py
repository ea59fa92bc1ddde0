# Generated from xai/api/v1/embed.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The asynchronous services of xai/api/v1/embed.proto."""

from xai._secrets import conceal
from xai.options import NOT_GIVEN, Metadata, NotGiven, Timeouts
from xai.proto.base import AsyncServiceStub
from xai.proto.xai_api.embed import EMBEDDER_EMBED, EmbedRequest, EmbedResponse


class AsyncEmbedderStub(AsyncServiceStub):
    """Turns texts and images into vectors."""

    async def embed(
        self,
        request: EmbedRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> EmbedResponse:
        """Turn each input into vectors."""
        pairs, metadata = conceal(metadata), ()
        return await self._unary(EMBEDDER_EMBED, request, timeout=timeout, metadata=pairs)
