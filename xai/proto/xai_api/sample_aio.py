# Generated from xai/api/v1/sample.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The asynchronous services of xai/api/v1/sample.proto."""

from xai._secrets import conceal
from xai._streams import AsyncStream
from xai.options import NOT_GIVEN, Metadata, NotGiven, Timeouts
from xai.proto.base import AsyncServiceStub
from xai.proto.xai_api.sample import (
    SAMPLE_SAMPLE_TEXT,
    SAMPLE_SAMPLE_TEXT_STREAMING,
    SampleTextRequest,
    SampleTextResponse,
)


class AsyncSampleStub(AsyncServiceStub):
    """Raw completions of texts."""

    async def sample_text(
        self,
        request: SampleTextRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> SampleTextResponse:
        """Sample completions."""
        pairs, metadata = conceal(metadata), ()
        return await self._unary(SAMPLE_SAMPLE_TEXT, request, timeout=timeout, metadata=pairs)

    def sample_text_streaming(
        self,
        request: SampleTextRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> AsyncStream[SampleTextResponse]:
        """Sample completions and stream them."""
        pairs, metadata = conceal(metadata), ()
        return self._stream(SAMPLE_SAMPLE_TEXT_STREAMING, request, timeout=timeout, metadata=pairs)
