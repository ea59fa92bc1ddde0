# Generated from compat/chat/compat_chat.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The server's side of the services of compat/chat/compat_chat.proto."""

from collections.abc import AsyncIterator

from xai.proto.compat.chat.compat_chat import (
    CHAT_GET_COMPLETION,
    CHAT_GET_COMPLETION_CHUNK,
    GetChatCompletionChunk,
    GetChatCompletionResponse,
    GetCompletionsRequest,
)
from xai.proto.server_base import Handler, ServiceBase


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

    def __mapping__(self) -> dict[str, Handler]:
        """Return what answers each path, as grpclib asks for it."""
        return {
            CHAT_GET_COMPLETION.path: self._unary_handler(CHAT_GET_COMPLETION, self.get_completion),
            CHAT_GET_COMPLETION_CHUNK.path: self._stream_handler(
                CHAT_GET_COMPLETION_CHUNK, self.get_completion_chunk
            ),
        }
