# Generated from prompt_ide/chat.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The server's side of the services of prompt_ide/chat.proto."""

from collections.abc import AsyncIterator

from betterproto.lib.google.protobuf import Empty

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
from xai.proto.server_base import Handler, ServiceBase


class ChatBase(ServiceBase):
    """Keeps the conversations of a user; the responses of each form a forest."""

    async def create_conversation(self, request: CreateConversationRequest) -> Conversation:
        """Begin an empty conversation."""
        raise self._unimplemented(CHAT_CREATE_CONVERSATION)

    async def get_conversation(self, request: GetConversationRequest) -> Conversation:
        """Return a conversation with all its responses."""
        raise self._unimplemented(CHAT_GET_CONVERSATION)

    async def list_conversations(
        self, request: ListConversationsRequest
    ) -> ListConversationsResponse:
        """List the conversations of the user."""
        raise self._unimplemented(CHAT_LIST_CONVERSATIONS)

    def add_response(self, request: AddResponseRequest) -> AsyncIterator[AddResponseResponse]:
        """Add a message and stream the model's response."""
        raise self._unimplemented(CHAT_ADD_RESPONSE)

    async def delete_conversation(self, request: DeleteConversationRequest) -> Empty:
        """Delete a conversation.

        Not safe to repeat: the second time may get NOT_FOUND.
        """
        raise self._unimplemented(CHAT_DELETE_CONVERSATION)

    async def generate_title(self, request: GenerateTitleRequest) -> GenerateTitleResponse:
        """Generate a title for a conversation."""
        raise self._unimplemented(CHAT_GENERATE_TITLE)

    async def update_conversation(self, request: UpdateConversationRequest) -> Conversation:
        """Set the title of a conversation and whether it is starred.

        Safe to repeat: it sets the same values again.
        """
        raise self._unimplemented(CHAT_UPDATE_CONVERSATION)

    async def add_model_response(self, request: AddModelResponseRequest) -> Response:
        """Store a text as if the model had said it."""
        raise self._unimplemented(CHAT_ADD_MODEL_RESPONSE)

    async def share_conversation(
        self, request: ShareConversationRequest
    ) -> ShareConversationResponse:
        """Publish a conversation up to one of its responses.

        Not safe to repeat: the server may publish a second copy.
        """
        raise self._unimplemented(CHAT_SHARE_CONVERSATION)

    async def search_conversations(
        self, request: SearchConversationsRequest
    ) -> SearchConversationsResponse:
        """Find conversations by their text."""
        raise self._unimplemented(CHAT_SEARCH_CONVERSATIONS)

    def __mapping__(self) -> dict[str, Handler]:
        """Return what answers each path, as grpclib asks for it."""
        return {
            CHAT_CREATE_CONVERSATION.path: self._unary_handler(
                CHAT_CREATE_CONVERSATION, self.create_conversation
            ),
            CHAT_GET_CONVERSATION.path: self._unary_handler(
                CHAT_GET_CONVERSATION, self.get_conversation
            ),
            CHAT_LIST_CONVERSATIONS.path: self._unary_handler(
                CHAT_LIST_CONVERSATIONS, self.list_conversations
            ),
            CHAT_ADD_RESPONSE.path: self._stream_handler(CHAT_ADD_RESPONSE, self.add_response),
            CHAT_DELETE_CONVERSATION.path: self._unary_handler(
                CHAT_DELETE_CONVERSATION, self.delete_conversation
            ),
            CHAT_GENERATE_TITLE.path: self._unary_handler(CHAT_GENERATE_TITLE, self.generate_title),
            CHAT_UPDATE_CONVERSATION.path: self._unary_handler(
                CHAT_UPDATE_CONVERSATION, self.update_conversation
            ),
            CHAT_ADD_MODEL_RESPONSE.path: self._unary_handler(
                CHAT_ADD_MODEL_RESPONSE, self.add_model_response
            ),
            CHAT_SHARE_CONVERSATION.path: self._unary_handler(
                CHAT_SHARE_CONVERSATION, self.share_conversation
            ),
            CHAT_SEARCH_CONVERSATIONS.path: self._unary_handler(
                CHAT_SEARCH_CONVERSATIONS, self.search_conversations
            ),
        }
