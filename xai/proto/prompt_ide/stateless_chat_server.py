# Generated from prompt_ide/stateless_chat.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The server's side of the services of prompt_ide/stateless_chat.proto."""

from collections.abc import AsyncIterator

from betterproto.lib.google.protobuf import Empty

from xai.proto.prompt_ide.stateless_chat import (
    STATELESS_CHAT_ADD_RESPONSE,
    STATELESS_CHAT_DELETE_LOGGED_CONVERSATIONS,
    STATELESS_CHAT_LOG_FOR_DEBUGGING,
    DeleteLoggedConversationsRequest,
    StatelessConversation,
    StatelessResponse,
)
from xai.proto.server_base import Handler, ServiceBase


class StatelessChatBase(ServiceBase):
    """Chat without server-side state: each request carries the whole conversation."""

    def add_response(self, request: StatelessConversation) -> AsyncIterator[StatelessResponse]:
        """Sample a response to a conversation and stream it."""
        raise self._unimplemented(STATELESS_CHAT_ADD_RESPONSE)

    async def log_for_debugging(self, request: StatelessConversation) -> Empty:
        """Store a conversation so that it can be looked into."""
        raise self._unimplemented(STATELESS_CHAT_LOG_FOR_DEBUGGING)

    async def delete_logged_conversations(self, request: DeleteLoggedConversationsRequest) -> Empty:
        """Delete every conversation that was stored with an accounting key.

        Safe to repeat: it deletes what is left.
        """
        raise self._unimplemented(STATELESS_CHAT_DELETE_LOGGED_CONVERSATIONS)

    def __mapping__(self) -> dict[str, Handler]:
        """Return what answers each path, as grpclib asks for it."""
        return {
            STATELESS_CHAT_ADD_RESPONSE.path: self._stream_handler(
                STATELESS_CHAT_ADD_RESPONSE, self.add_response
            ),
            STATELESS_CHAT_LOG_FOR_DEBUGGING.path: self._unary_handler(
                STATELESS_CHAT_LOG_FOR_DEBUGGING, self.log_for_debugging
            ),
            STATELESS_CHAT_DELETE_LOGGED_CONVERSATIONS.path: self._unary_handler(
                STATELESS_CHAT_DELETE_LOGGED_CONVERSATIONS, self.delete_logged_conversations
            ),
        }
