# Generated from xai/api/v1/chat.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The asynchronous services of xai/api/v1/chat.proto."""

from xai._secrets import conceal
from xai._streams import AsyncStream
from xai.options import NOT_GIVEN, Metadata, NotGiven, Timeouts
from xai.proto.base import AsyncServiceStub
from xai.proto.xai_api.chat import (
    CHAT_COMPACT_CONTEXT,
    CHAT_DELETE_STORED_COMPLETION,
    CHAT_GET_COMPLETION,
    CHAT_GET_COMPLETION_CHUNK,
    CHAT_GET_DEFERRED_COMPLETION,
    CHAT_GET_STORED_COMPLETION,
    CHAT_START_DEFERRED_COMPLETION,
    CompactContextRequest,
    CompactContextResponse,
    DeleteStoredCompletionRequest,
    DeleteStoredCompletionResponse,
    GetChatCompletionChunk,
    GetChatCompletionResponse,
    GetCompletionsRequest,
    GetDeferredCompletionResponse,
    GetStoredCompletionRequest,
)
from xai.proto.xai_api.deferred import GetDeferredRequest, StartDeferredResponse


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

    async def start_deferred_completion(
        self,
        request: GetCompletionsRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> StartDeferredResponse:
        """Start a deferred completion and return its request ID."""
        pairs, metadata = conceal(metadata), ()
        return await self._unary(
            CHAT_START_DEFERRED_COMPLETION, request, timeout=timeout, metadata=pairs
        )

    async def get_deferred_completion(
        self,
        request: GetDeferredRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> GetDeferredCompletionResponse:
        """Get the result of a deferred completion."""
        pairs, metadata = conceal(metadata), ()
        return await self._unary(
            CHAT_GET_DEFERRED_COMPLETION, request, timeout=timeout, metadata=pairs
        )

    async def get_stored_completion(
        self,
        request: GetStoredCompletionRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> GetChatCompletionResponse:
        """Fetch a response that was stored."""
        pairs, metadata = conceal(metadata), ()
        return await self._unary(
            CHAT_GET_STORED_COMPLETION, request, timeout=timeout, metadata=pairs
        )

    async def delete_stored_completion(
        self,
        request: DeleteStoredCompletionRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> DeleteStoredCompletionResponse:
        """Delete a response that was stored.

        Not to be repeated unasked: a repeat gets NOT_FOUND, which reads as a failure.
        """
        pairs, metadata = conceal(metadata), ()
        return await self._unary(
            CHAT_DELETE_STORED_COMPLETION, request, timeout=timeout, metadata=pairs
        )

    async def compact_context(
        self,
        request: CompactContextRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> CompactContextResponse:
        """Compact a conversation."""
        pairs, metadata = conceal(metadata), ()
        return await self._unary(CHAT_COMPACT_CONTEXT, request, timeout=timeout, metadata=pairs)
