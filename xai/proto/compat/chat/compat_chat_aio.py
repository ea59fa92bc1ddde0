# Generated from compat/chat/compat_chat.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The asynchronous services of compat/chat/compat_chat.proto."""

from xai._secrets import conceal
from xai._streams import AsyncStream
from xai.options import NOT_GIVEN, Metadata, NotGiven, Timeouts
from xai.proto.base import AsyncServiceStub
from xai.proto.compat.chat.compat_chat import (
    CHAT_GET_COMPLETION,
    CHAT_GET_COMPLETION_CHUNK,
    GetChatCompletionChunk,
    GetChatCompletionResponse,
    GetCompletionsRequest,
)


class AsyncChatStub(AsyncServiceStub):
    """Chat with models."""

    async def get_completion(
        self,
        request: GetCompletionsRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> GetChatCompletionResponse:
        """Sample a response to a conversation."""
        pairs, metadata = conceal(metadata), ()
        return await self._unary(CHAT_GET_COMPLETION, request, timeout=timeout, metadata=pairs)

    def get_completion_chunk(
        self,
        request: GetCompletionsRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> AsyncStream[GetChatCompletionChunk]:
        """Sample a response to a conversation and stream it."""
        pairs, metadata = conceal(metadata), ()
        return self._stream(CHAT_GET_COMPLETION_CHUNK, request, timeout=timeout, metadata=pairs)
