# Generated from prompt_ide/embedder_public.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The asynchronous services of prompt_ide/embedder_public.proto."""

from xai._secrets import conceal
from xai.options import NOT_GIVEN, Metadata, NotGiven, Timeouts
from xai.proto.base import AsyncServiceStub
from xai.proto.prompt_ide.embedder_public import EMBEDDER_EMBED, EmbedRequest, EmbedResponse


class AsyncEmbedderStub(AsyncServiceStub):
    """Turns texts into vectors."""

    async def embed(
        self,
        request: EmbedRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> EmbedResponse:
        """Turn each text into a vector."""
        pairs, metadata = conceal(metadata), ()
        return await self._unary(EMBEDDER_EMBED, request, timeout=timeout, metadata=pairs)
