# Generated from xai/api/v1/chat.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The server's side of the services of xai/api/v1/chat.proto."""

from collections.abc import AsyncIterator

from xai.proto.server_base import Handler, ServiceBase
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


class ChatBase(ServiceBase):
    """Chat with models."""

    async def get_completion(self, request: GetCompletionsRequest) -> GetChatCompletionResponse:
        """Sample a response to a conversation."""
        raise self._unimplemented(CHAT_GET_COMPLETION)

    def get_completion_chunk(
        self, request: GetCompletionsRequest
    ) -> AsyncIterator[GetChatCompletionChunk]:
        """Sample a response to a conversation and stream it."""
        raise self._unimplemented(CHAT_GET_COMPLETION_CHUNK)

    async def start_deferred_completion(
        self, request: GetCompletionsRequest
    ) -> StartDeferredResponse:
        """Start a deferred completion and return its request ID."""
        raise self._unimplemented(CHAT_START_DEFERRED_COMPLETION)

    async def get_deferred_completion(
        self, request: GetDeferredRequest
    ) -> GetDeferredCompletionResponse:
        """Get the result of a deferred completion."""
        raise self._unimplemented(CHAT_GET_DEFERRED_COMPLETION)

    async def get_stored_completion(
        self, request: GetStoredCompletionRequest
    ) -> GetChatCompletionResponse:
        """Fetch a response that was stored."""
        raise self._unimplemented(CHAT_GET_STORED_COMPLETION)

    async def delete_stored_completion(
        self, request: DeleteStoredCompletionRequest
    ) -> DeleteStoredCompletionResponse:
        """Delete a response that was stored.

        Not to be repeated unasked: a repeat gets NOT_FOUND, which reads as a failure.
        """
        raise self._unimplemented(CHAT_DELETE_STORED_COMPLETION)

    async def compact_context(self, request: CompactContextRequest) -> CompactContextResponse:
        """Compact a conversation."""
        raise self._unimplemented(CHAT_COMPACT_CONTEXT)

    def __mapping__(self) -> dict[str, Handler]:
        """Return what answers each path, as grpclib asks for it."""
        return {
            CHAT_GET_COMPLETION.path: self._unary_handler(CHAT_GET_COMPLETION, self.get_completion),
            CHAT_GET_COMPLETION_CHUNK.path: self._stream_handler(
                CHAT_GET_COMPLETION_CHUNK, self.get_completion_chunk
            ),
            CHAT_START_DEFERRED_COMPLETION.path: self._unary_handler(
                CHAT_START_DEFERRED_COMPLETION, self.start_deferred_completion
            ),
            CHAT_GET_DEFERRED_COMPLETION.path: self._unary_handler(
                CHAT_GET_DEFERRED_COMPLETION, self.get_deferred_completion
            ),
            CHAT_GET_STORED_COMPLETION.path: self._unary_handler(
                CHAT_GET_STORED_COMPLETION, self.get_stored_completion
            ),
            CHAT_DELETE_STORED_COMPLETION.path: self._unary_handler(
                CHAT_DELETE_STORED_COMPLETION, self.delete_stored_completion
            ),
            CHAT_COMPACT_CONTEXT.path: self._unary_handler(
                CHAT_COMPACT_CONTEXT, self.compact_context
            ),
        }
