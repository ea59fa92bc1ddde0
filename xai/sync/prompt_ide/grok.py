# Do not edit: produced by "nox -s generate" from
# xai/aio/prompt_ide/grok.py
"""Conversations stored on the server, for the user of the key: the service prompt_ide.Chat."""

from xai._validation import check_bool, check_str, given
from xai.prompt_ide.requests import (
    get_conversation_request,
    list_conversations_request,
    search_conversations_request,
)
from xai.proto.prompt_ide import chat as pb
from xai.proto.prompt_ide.chat_sync import ChatStub
from xai.sync.prompt_ide.grok_conversation import GrokConversation
from xai.sync.rpc.caller import Caller


class Grok:
    """Conversations stored on the server, as shown on grok.x.ai.

    Args:
        caller: Makes the calls.
    """

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._stub = ChatStub(caller)

    def create_conversation(
        self,
        model_name: str | None = "",
        fun_mode: bool | None = False,  # noqa: FBT001, FBT002  # a public signature
    ) -> GrokConversation:
        """Start a conversation; it is created on the server by its first message.

        Args:
            model_name: The model; the server's default when empty.
            fun_mode: Whether to use Grok's fun mode.

        Returns:
            The conversation.

        Raises:
            TypeError: An argument is of the wrong type.
        """
        model_name, fun_mode = given(model_name, ""), given(fun_mode, default=False)
        check_str("model_name", model_name)
        check_bool("fun_mode", fun_mode)
        return GrokConversation(self._caller, model_name, fun_mode=fun_mode)

    def get_conversation(
        self,
        conversation_id: str,
        model_name: str | None = "",
        fun_mode: bool | None = False,  # noqa: FBT001, FBT002  # a public signature
    ) -> GrokConversation:
        """Load a conversation.

        Args:
            conversation_id: The ID of the conversation.
            model_name: The model for new messages; the server's default when empty.
            fun_mode: Whether to use Grok's fun mode for new messages.

        Returns:
            The conversation with its responses.

        Raises:
            NotFoundError: There is no such conversation.
            APIError: The call failed.
            TypeError: An argument is of the wrong type.

        RPC: ``/prompt_ide.Chat/GetConversation``.
        """
        request = get_conversation_request(conversation_id)
        conversation = self.create_conversation(model_name, fun_mode)
        conversation.adopt(self._stub.get_conversation(request), whole=True)
        return conversation

    def list_conversations(
        self, *, page_size: int | None = None, next_page_token: str | None = None
    ) -> list[GrokConversation]:
        """Return the user's conversations, without their responses.

        Args:
            page_size: The maximum number of conversations to return; the server decides when None.
            next_page_token: The token of the page to return; the first page when None.

        Returns:
            Conversations; `GrokConversation.load` fetches the responses of one.

        Raises:
            APIError: The call failed.
            TypeError: An argument is of the wrong type.
            ValueError: The page size is not positive.

        RPC: ``/prompt_ide.Chat/ListConversations``.
        """
        request = list_conversations_request(page_size, next_page_token)
        reply = self._stub.list_conversations(request)
        return [self._listed(item) for item in reply.conversations]

    def search_conversations(
        self, query: str, *, page_size: int | None = None, next_page_token: str | None = None
    ) -> list[GrokConversation]:
        """Return the user's conversations that match a query, without their responses.

        Args:
            query: The search query.
            page_size: The maximum number of conversations to return; the server decides when None.
            next_page_token: The token of the page to return; the first page when None.

        Returns:
            Conversations; `GrokConversation.load` fetches the responses of one.

        Raises:
            APIError: The call failed.
            TypeError: An argument is of the wrong type.
            ValueError: The page size is not positive.

        RPC: ``/prompt_ide.Chat/SearchConversations``.
        """
        request = search_conversations_request(query, page_size, next_page_token)
        reply = self._stub.search_conversations(request)
        return [self._listed(item) for item in reply.conversations]

    def _listed(self, item: pb.Conversation) -> GrokConversation:
        conversation = self.create_conversation()
        conversation.adopt(item, whole=False)
        return conversation
