# Generated from prompt_ide/stateless_chat.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""Conversations that the client keeps."""

from dataclasses import dataclass
from typing import Final

import betterproto
from betterproto.lib.google.protobuf import Empty

from xai.proto import base
from xai.proto.prompt_ide.chat import AdditionalOptions, ResponseDebugLog
from xai.proto.prompt_ide.prod_search import WebSearchResults


class StatelessResponseSender(base.Enum):
    """Roles of messages."""

    UNKNOWN = 0
    """It is not known."""

    HUMAN = 1
    """The user."""

    ASSISTANT = 2
    """The model."""


@dataclass(eq=False, repr=False)
class StatelessConversation(base.Message):
    """A conversation with everything that was said so far."""

    stateless_conversation_id: str = betterproto.string_field(5)
    """The ID the client gave to the conversation."""

    responses: "list[StatelessResponse]" = betterproto.message_field(1)
    """Messages, in order."""

    system_prompt_name: str = betterproto.string_field(2)
    """The system prompt, by its name."""

    name: str = betterproto.string_field(3)
    """The name of the user."""

    username: str = betterproto.string_field(4)
    """The handle of the user."""

    expose_username_to_grok: bool = betterproto.bool_field(6)
    """Tell the model the handle of the user."""

    disable_search: bool = betterproto.bool_field(7)
    """Respond without searching."""

    enable_image_generation: bool = betterproto.bool_field(8)
    """Allow image generation."""

    model_name: str = betterproto.string_field(9)
    """The model to use; the server chooses one when empty."""

    x_posts_as_field: bool = betterproto.bool_field(10)
    """Send posts in a field of their own, not in the text."""

    additional_options: "AdditionalOptions" = betterproto.message_field(11)
    """Rarely used settings."""

    include_x_posts: bool = betterproto.bool_field(12)
    """Allow posts in the response."""


@dataclass(eq=False, repr=False)
class StatelessResponse(base.Message):
    """A response of a conversation, or a delta of it."""

    sender: "StatelessResponseSender" = betterproto.enum_field(1)
    """Role of the author."""

    message: str = betterproto.string_field(2)
    """Content of the message."""

    query: str = betterproto.string_field(3)
    """What was searched for."""

    query_type: str = betterproto.string_field(5)
    """Where it was searched for."""

    image_attachment: "ImageAttachment | None" = betterproto.message_field(6, optional=True)
    """An image that was made for it."""

    x_post_ids: "list[str]" = betterproto.string_field(7)
    """The IDs of posts it refers to."""

    debug_log: "ResponseDebugLog" = betterproto.message_field(8)
    """Debug information."""

    image_inputs: "list[str]" = betterproto.string_field(9)
    """Images the user sent with it."""

    web_search_results: "WebSearchResults" = betterproto.message_field(10)
    """Web pages that were found."""


@dataclass(eq=False, repr=False)
class ImageAttachment(base.Message):
    """An image that belongs to a response."""

    image_bytes: bytes = betterproto.bytes_field(1)
    """The image."""

    content_type: str = betterproto.string_field(2)
    """Its media type."""


@dataclass(eq=False, repr=False)
class DeleteLoggedConversationsRequest(base.Message):
    """Names the stored conversations to delete."""

    accounting_key: str = betterproto.string_field(1)
    """The key they were stored with."""


STATELESS_CHAT_ADD_RESPONSE: Final = base.Method(
    "/prompt_ide.StatelessChat/AddResponse",
    StatelessConversation,
    StatelessResponse,
    client_streaming=False,
    server_streaming=True,
    idempotent=False,
)
STATELESS_CHAT_LOG_FOR_DEBUGGING: Final = base.Method(
    "/prompt_ide.StatelessChat/LogForDebugging",
    StatelessConversation,
    Empty,
    client_streaming=False,
    server_streaming=False,
    idempotent=False,
)
STATELESS_CHAT_DELETE_LOGGED_CONVERSATIONS: Final = base.Method(
    "/prompt_ide.StatelessChat/DeleteLoggedConversations",
    DeleteLoggedConversationsRequest,
    Empty,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
