# Generated from prompt_ide/chat.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The blocking services of prompt_ide/chat.proto."""

from betterproto.lib.google.protobuf import Empty

from xai._secrets import conceal
from xai._streams import Stream
from xai.options import NOT_GIVEN, Metadata, NotGiven, Timeouts
from xai.proto.base import ServiceStub
from xai.proto.prompt_ide.chat import (
    CHAT_ADD_MODEL_RESPONSE,
    CHAT_ADD_RESPONSE,
    CHAT_CREATE_CONVERSATION,
    CHAT_DELETE_CONVERSATION,
    CHAT_GENERATE_TITLE,
    CHAT_GET_CONVERSATION,
    CHAT_LIST_CONVERSATIONS,
    CHAT_SEARCH_CONVERSATIONS,
    CHAT_SHARE_CONVERSATION,
    CHAT_UPDATE_CONVERSATION,
    AddModelResponseRequest,
    AddResponseRequest,
    AddResponseResponse,
    Conversation,
    CreateConversationRequest,
    DeleteConversationRequest,
    GenerateTitleRequest,
    GenerateTitleResponse,
    GetConversationRequest,
    ListConversationsRequest,
    ListConversationsResponse,
    Response,
    SearchConversationsRequest,
    SearchConversationsResponse,
    ShareConversationRequest,
    ShareConversationResponse,
    UpdateConversationRequest,
)


class ChatStub(ServiceStub):
    """Keeps the conversations of a user; the responses of each form a forest."""

    def create_conversation(
        self,
        request: CreateConversationRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> Conversation:
        """Begin an empty conversation."""
        pairs, metadata = conceal(metadata), ()
        return self._unary(CHAT_CREATE_CONVERSATION, request, timeout=timeout, metadata=pairs)

    def get_conversation(
        self,
        request: GetConversationRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> Conversation:
        """Return a conversation with all its responses."""
        pairs, metadata = conceal(metadata), ()
        return self._unary(CHAT_GET_CONVERSATION, request, timeout=timeout, metadata=pairs)

    def list_conversations(
        self,
        request: ListConversationsRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> ListConversationsResponse:
        """List the conversations of the user."""
        pairs, metadata = conceal(metadata), ()
        return self._unary(CHAT_LIST_CONVERSATIONS, request, timeout=timeout, metadata=pairs)

    def add_response(
        self,
        request: AddResponseRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> Stream[AddResponseResponse]:
        """Add a message and stream the model's response."""
        pairs, metadata = conceal(metadata), ()
        return self._stream(CHAT_ADD_RESPONSE, request, timeout=timeout, metadata=pairs)

    def delete_conversation(
        self,
        request: DeleteConversationRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> Empty:
        """Delete a conversation.

        Not safe to repeat: the second time may get NOT_FOUND.
        """
        pairs, metadata = conceal(metadata), ()
        return self._unary(CHAT_DELETE_CONVERSATION, request, timeout=timeout, metadata=pairs)

    def generate_title(
        self,
        request: GenerateTitleRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> GenerateTitleResponse:
        """Generate a title for a conversation."""
        pairs, metadata = conceal(metadata), ()
        return self._unary(CHAT_GENERATE_TITLE, request, timeout=timeout, metadata=pairs)

    def update_conversation(
        self,
        request: UpdateConversationRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> Conversation:
        """Set the title of a conversation and whether it is starred.

        Safe to repeat: it sets the same values again.
        """
        pairs, metadata = conceal(metadata), ()
        return self._unary(CHAT_UPDATE_CONVERSATION, request, timeout=timeout, metadata=pairs)

    def add_model_response(
        self,
        request: AddModelResponseRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> Response:
        """Store a text as if the model had said it."""
        pairs, metadata = conceal(metadata), ()
        return self._unary(CHAT_ADD_MODEL_RESPONSE, request, timeout=timeout, metadata=pairs)

    def share_conversation(
        self,
        request: ShareConversationRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> ShareConversationResponse:
        """Publish a conversation up to one of its responses.

        Not safe to repeat: the server may publish a second copy.
        """
        pairs, metadata = conceal(metadata), ()
        return self._unary(CHAT_SHARE_CONVERSATION, request, timeout=timeout, metadata=pairs)

    def search_conversations(
        self,
        request: SearchConversationsRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> SearchConversationsResponse:
        """Find conversations by their text."""
        pairs, metadata = conceal(metadata), ()
        return self._unary(CHAT_SEARCH_CONVERSATIONS, request, timeout=timeout, metadata=pairs)
