# Generated from prompt_ide/stateless_chat.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The blocking services of prompt_ide/stateless_chat.proto."""

from betterproto.lib.google.protobuf import Empty

from xai._secrets import conceal
from xai._streams import Stream
from xai.options import NOT_GIVEN, Metadata, NotGiven, Timeouts
from xai.proto.base import ServiceStub
from xai.proto.prompt_ide.stateless_chat import (
    STATELESS_CHAT_ADD_RESPONSE,
    STATELESS_CHAT_DELETE_LOGGED_CONVERSATIONS,
    STATELESS_CHAT_LOG_FOR_DEBUGGING,
    DeleteLoggedConversationsRequest,
    StatelessConversation,
    StatelessResponse,
)


class StatelessChatStub(ServiceStub):
    """Chat without server-side state: each request carries the whole conversation."""

    def add_response(
        self,
        request: StatelessConversation,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> Stream[StatelessResponse]:
        """Sample a response to a conversation and stream it."""
        pairs, metadata = conceal(metadata), ()
        return self._stream(STATELESS_CHAT_ADD_RESPONSE, request, timeout=timeout, metadata=pairs)

    def log_for_debugging(
        self,
        request: StatelessConversation,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> Empty:
        """Store a conversation so that it can be looked into."""
        pairs, metadata = conceal(metadata), ()
        return self._unary(
            STATELESS_CHAT_LOG_FOR_DEBUGGING, request, timeout=timeout, metadata=pairs
        )

    def delete_logged_conversations(
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
        return self._unary(
            STATELESS_CHAT_DELETE_LOGGED_CONVERSATIONS, request, timeout=timeout, metadata=pairs
        )
