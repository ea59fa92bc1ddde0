# Generated from xai/api/v1/sample.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The server's side of the services of xai/api/v1/sample.proto."""

from collections.abc import AsyncIterator

from xai.proto.server_base import Handler, ServiceBase
from xai.proto.xai_api.sample import (
    SAMPLE_SAMPLE_TEXT,
    SAMPLE_SAMPLE_TEXT_STREAMING,
    SampleTextRequest,
    SampleTextResponse,
)


class SampleBase(ServiceBase):
    """Raw completions of texts."""

    async def sample_text(self, request: SampleTextRequest) -> SampleTextResponse:
        """Sample completions."""
        raise self._unimplemented(SAMPLE_SAMPLE_TEXT)

    def sample_text_streaming(
        self, request: SampleTextRequest
    ) -> AsyncIterator[SampleTextResponse]:
        """Sample completions and stream them."""
        raise self._unimplemented(SAMPLE_SAMPLE_TEXT_STREAMING)

    def __mapping__(self) -> dict[str, Handler]:
        """Return what answers each path, as grpclib asks for it."""
        return {
            SAMPLE_SAMPLE_TEXT.path: self._unary_handler(SAMPLE_SAMPLE_TEXT, self.sample_text),
            SAMPLE_SAMPLE_TEXT_STREAMING.path: self._stream_handler(
                SAMPLE_SAMPLE_TEXT_STREAMING, self.sample_text_streaming
            ),
        }
