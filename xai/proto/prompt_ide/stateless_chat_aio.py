# Generated from prompt_ide/stateless_chat.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The asynchronous services of prompt_ide/stateless_chat.proto."""

from betterproto.lib.google.protobuf import Empty

from xai._secrets import conceal
from xai._streams import AsyncStream
from xai.options import NOT_GIVEN, Metadata, NotGiven, Timeouts
from xai.proto.base import AsyncServiceStub
from xai.proto.prompt_ide.stateless_chat import (
    STATELESS_CHAT_ADD_RESPONSE,
    STATELESS_CHAT_DELETE_LOGGED_CONVERSATIONS,
    STATELESS_CHAT_LOG_FOR_DEBUGGING,
    DeleteLoggedConversationsRequest,
    StatelessConversation,
    StatelessResponse,
)


class AsyncStatelessChatStub(AsyncServiceStub):
    """Chat without server-side state: each request carries the whole conversation."""

    def add_response(
        self,
        request: StatelessConversation,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> AsyncStream[StatelessResponse]:
        """Sample a response to a conversation and stream it."""
        pairs, metadata = conceal(metadata), ()
        return self._stream(STATELESS_CHAT_ADD_RESPONSE, request, timeout=timeout, metadata=pairs)

    async def log_for_debugging(
        self,
        request: StatelessConversation,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> Empty:
        """Store a conversation so that it can be looked into."""
        pairs, metadata = conceal(metadata), ()
        return await self._unary(
            STATELESS_CHAT_LOG_FOR_DEBUGGING, request, timeout=timeout, metadata=pairs
        )

    async def delete_logged_conversations(
        self,
        request: DeleteLoggedConversationsRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> Empty:
        """Delete every conversation that was stored with an accounting key.

        Safe to repeat: it deletes what is left.
        """
        pairs, metadata = conceal(metadata), ()
        return await self._unary(
            STATELESS_CHAT_DELETE_LOGGED_CONVERSATIONS, request, timeout=timeout, metadata=pairs
        )
