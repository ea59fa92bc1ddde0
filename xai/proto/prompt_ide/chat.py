# Generated from prompt_ide/chat.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""Conversations that the server keeps."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import betterproto
from betterproto.lib.google.protobuf import Empty

from xai.proto import base
from xai.proto.prompt_ide.prod_search import WebSearchResults, XSearchResults
from xai.proto.prompt_ide.sampler_public import PromptInput, SampleTokensResponse
from xai.proto.prompt_ide.x_entities import XPost


@dataclass(eq=False, repr=False)
class RegenerateResponseRequest(base.Message):
    """Names a response to sample anew."""

    conversation_id: str = betterproto.string_field(1)
    """The conversation."""

    response_id: str = betterproto.string_field(2)
    """The response."""


@dataclass(eq=False, repr=False)
class CreateConversationRequest(base.Message):
    """How a new conversation starts."""

    system_prompt_name: str = betterproto.string_field(1)
    """The system prompt, by its name."""


@dataclass(eq=False, repr=False)
class GetConversationRequest(base.Message):
    """Names a conversation to return."""

    conversation_id: str = betterproto.string_field(1)
    """The conversation."""


@dataclass(eq=False, repr=False)
class DeleteConversationRequest(base.Message):
    """Names a conversation to delete."""

    conversation_id: str = betterproto.string_field(1)
    """The conversation."""


@dataclass(eq=False, repr=False)
class ListConversationsRequest(base.Message):
    """Asks for one page of the conversations."""

    page_size: "int | None" = betterproto.int64_field(1, optional=True)
    """Maximum number of conversations to return."""

    next_page_token: "str | None" = betterproto.string_field(2, optional=True)
    """Pagination token."""


@dataclass(eq=False, repr=False)
class ListConversationsResponse(base.Message):
    """One page of the conversations."""

    conversations: "list[Conversation]" = betterproto.message_field(1)
    """The conversations."""


@dataclass(eq=False, repr=False)
class GenerateTitleRequest(base.Message):
    """Names a conversation that needs a title."""

    conversation_id: str = betterproto.string_field(1)
    """The conversation."""

    leaf_response_id: str = betterproto.string_field(2)
    """The last response to take into account."""


@dataclass(eq=False, repr=False)
class GenerateTitleResponse(base.Message):
    """A title the model found."""

    new_title: str = betterproto.string_field(1)
    """The title."""


@dataclass(eq=False, repr=False)
class AddModelResponseRequest(base.Message):
    """A text to store as if the model had said it."""

    conversation_id: str = betterproto.string_field(1)
    """The conversation."""

    message: str = betterproto.string_field(2)
    """The text."""

    partial: bool = betterproto.bool_field(3)
    """Whether the text is only the beginning of a response."""

    parent_response_id: str = betterproto.string_field(4)
    """The response it follows."""


@dataclass(eq=False, repr=False)
class UpdateConversationRequest(base.Message):
    """What to change about a conversation."""

    conversation_id: str = betterproto.string_field(1)
    """The conversation."""

    title: str = betterproto.string_field(2)
    """Its title."""

    starred: bool = betterproto.bool_field(3)
    """Whether it is starred."""


@dataclass(eq=False, repr=False)
class SearchContext(base.Message):
    """What a search contributed to a response."""

    web_search_query: str = betterproto.string_field(1)
    """What was searched for on the web."""

    web_formatted_chunks: str = betterproto.string_field(2)
    """What was found there, as the model saw it."""

    x_search_query: str = betterproto.string_field(3)
    """What was searched for on X."""

    x_formatted_chunks: str = betterproto.string_field(4)
    """What was found there, as the model saw it."""

    date: str = betterproto.string_field(5)
    """The date of the search."""


@dataclass(eq=False, repr=False)
class ResponseDebugLog(base.Message):
    """Debug information about a response."""

    system_prompt_name: str = betterproto.string_field(1)
    """The system prompt, by its name."""

    disable_search: bool = betterproto.bool_field(2)
    """Whether search was off."""

    web_query: str = betterproto.string_field(3)
    """What was searched for on the web."""

    x_query: str = betterproto.string_field(4)
    """What was searched for on X."""

    image_query: str = betterproto.string_field(5)
    """What an image was made from."""

    prompt: str = betterproto.string_field(7)
    """The prompt as the model saw it, as text."""

    inputs: "list[PromptInput]" = betterproto.message_field(9)
    """The prompt as the model saw it, in parts."""

    search_context: "SearchContext" = betterproto.message_field(8)
    """What search contributed."""


@dataclass(eq=False, repr=False)
class AdditionalOptions(base.Message):
    """Rarely used settings of a response."""

    injected_search_context: "SearchContext" = betterproto.message_field(1)
    """Take this instead of searching."""

    temperature: "float | None" = betterproto.float_field(2, optional=True)
    """Sampling temperature."""

    seed: "int | None" = betterproto.uint64_field(3, optional=True)
    """The seed of the random choice."""

    ignore_time_location: bool = betterproto.bool_field(4)
    """Do not tell the model when and where the user is."""

    max_len: "int | None" = betterproto.int32_field(5, optional=True)
    """Maximum number of tokens to sample."""


@dataclass(eq=False, repr=False)
class AddResponseRequest(base.Message):
    """A message of the user and the settings of the response."""

    conversation_id: str = betterproto.string_field(1)
    """The conversation."""

    message: str = betterproto.string_field(2)
    """What the user says; empty to sample another response to the parent."""

    model_name: str = betterproto.string_field(3)
    """The model to use; the server chooses one when empty."""

    parent_response_id: str = betterproto.string_field(5)
    """The response it follows."""

    system_prompt_name: str = betterproto.string_field(7)
    """The system prompt, by its name."""

    disable_search: bool = betterproto.bool_field(8)
    """Respond without searching."""

    enable_image_generation: bool = betterproto.bool_field(9)
    """Allow image generation."""

    force_rust: bool = betterproto.bool_field(10)
    """Use the Rust backend."""

    image_attachments: "list[str]" = betterproto.string_field(16)
    """Images that belong to the message."""

    additional_options: "AdditionalOptions" = betterproto.message_field(15)
    """Rarely used settings."""


@dataclass(eq=False, repr=False)
class AddResponseResponse(base.Message):
    """One message of a stream of responses."""

    user_response: "Response" = betterproto.message_field(1, group="response")
    """What the user said, as it was stored."""

    token: "SampleTokensResponse" = betterproto.message_field(2, group="response")
    """The next token of the response."""

    model_response: "Response" = betterproto.message_field(3, group="response")
    """The whole response, as it was stored."""

    query_action: "QueryAction" = betterproto.message_field(4, group="response")
    """A search that was made."""

    image_generation_response: "ImageGenerationResponse" = betterproto.message_field(
        5, group="response"
    )
    """An image that was made."""

    x_search_results: "XSearchResults" = betterproto.message_field(6, group="response")
    """Posts that were found."""

    cached_image_generation_response: "CachedImageGenerationResponse" = betterproto.message_field(
        7, group="response"
    )
    """An image that had been made before."""

    web_search_results: "WebSearchResults" = betterproto.message_field(8, group="response")
    """Web pages that were found."""


@dataclass(eq=False, repr=False)
class QueryAction(base.Message):
    """A search made for a response."""

    query: str = betterproto.string_field(1)
    """What was searched for."""

    type: str = betterproto.string_field(2)
    """Where it was searched for."""


@dataclass(eq=False, repr=False)
class Conversation(base.Message):
    """A conversation of a user with a model."""

    conversation_id: str = betterproto.string_field(1)
    """The ID of the conversation."""

    title: str = betterproto.string_field(2)
    """Its title."""

    starred: bool = betterproto.bool_field(6)
    """Whether it is starred."""

    create_time: datetime = betterproto.message_field(3)
    """When it began."""

    modify_time: datetime = betterproto.message_field(4)
    """When it was changed last."""

    responses: "list[Response]" = betterproto.message_field(5)
    """What was said, where the call asks for it."""

    system_prompt_name: "str | None" = betterproto.string_field(7, optional=True)
    """The system prompt, by its name."""


@dataclass(eq=False, repr=False)
class Response(base.Message):
    """A response of a conversation."""

    response_id: str = betterproto.string_field(1)
    """The ID of the response."""

    message: str = betterproto.string_field(2)
    """Content of the message."""

    sender: str = betterproto.string_field(3)
    """Who said it: "human", or a model."""

    create_time: datetime = betterproto.message_field(4)
    """When it was said."""

    parent_response_id: str = betterproto.string_field(5)
    """The response it follows."""

    manual: bool = betterproto.bool_field(6)
    """Whether a person wrote it in the place of the model."""

    partial: bool = betterproto.bool_field(7)
    """Whether it is only the beginning of a response."""

    shared: bool = betterproto.bool_field(8)
    """Whether it was published."""

    query: str = betterproto.string_field(9)
    """What was searched for."""

    query_type: str = betterproto.string_field(10)
    """Where it was searched for."""

    xpost_ids: "list[str]" = betterproto.string_field(11)
    """The IDs of posts it refers to."""

    xposts: "list[XPost]" = betterproto.message_field(12)
    """The posts it refers to."""

    generated_image_urls: "list[str]" = betterproto.string_field(13)
    """Where the images made for it are."""

    debug_log: "ResponseDebugLog" = betterproto.message_field(14)
    """Debug information."""

    image_attachments: "list[str]" = betterproto.string_field(15)
    """Images that belong to it."""


@dataclass(eq=False, repr=False)
class ImageGenerationResponse(base.Message):
    """An image that was made for a response."""

    generated_image_bytes: bytes = betterproto.bytes_field(1)
    """The image."""

    content_type: str = betterproto.string_field(2)
    """Its media type."""


@dataclass(eq=False, repr=False)
class CachedImageGenerationResponse(base.Message):
    """An image that had been made before."""

    image_url: str = betterproto.string_field(1)
    """Where the image is."""


@dataclass(eq=False, repr=False)
class ShareConversationRequest(base.Message):
    """Names what to publish."""

    conversation_id: str = betterproto.string_field(1)
    """The conversation."""

    response_id: str = betterproto.string_field(2)
    """The last response to publish."""


@dataclass(eq=False, repr=False)
class ShareConversationResponse(base.Message):
    """What was published."""

    shared_id: str = betterproto.string_field(1)
    """The public ID."""


@dataclass(eq=False, repr=False)
class SearchConversationsRequest(base.Message):
    """Asks for one page of the conversations that match."""

    query: str = betterproto.string_field(1)
    """What to look for."""

    page_size: "int | None" = betterproto.int64_field(2, optional=True)
    """Maximum number of conversations to return."""

    next_page_token: "str | None" = betterproto.string_field(3, optional=True)
    """Pagination token."""


@dataclass(eq=False, repr=False)
class SearchConversationsResponse(base.Message):
    """One page of the conversations that match."""

    conversations: "list[Conversation]" = betterproto.message_field(1)
    """The conversations."""


CHAT_CREATE_CONVERSATION: Final = base.Method(
    "/prompt_ide.Chat/CreateConversation",
    CreateConversationRequest,
    Conversation,
    client_streaming=False,
    server_streaming=False,
    idempotent=False,
)
CHAT_GET_CONVERSATION: Final = base.Method(
    "/prompt_ide.Chat/GetConversation",
    GetConversationRequest,
    Conversation,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
CHAT_LIST_CONVERSATIONS: Final = base.Method(
    "/prompt_ide.Chat/ListConversations",
    ListConversationsRequest,
    ListConversationsResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
CHAT_ADD_RESPONSE: Final = base.Method(
    "/prompt_ide.Chat/AddResponse",
    AddResponseRequest,
    AddResponseResponse,
    client_streaming=False,
    server_streaming=True,
    idempotent=False,
)
CHAT_DELETE_CONVERSATION: Final = base.Method(
    "/prompt_ide.Chat/DeleteConversation",
    DeleteConversationRequest,
    Empty,
    client_streaming=False,
    server_streaming=False,
    idempotent=False,
)
CHAT_GENERATE_TITLE: Final = base.Method(
    "/prompt_ide.Chat/GenerateTitle",
    GenerateTitleRequest,
    GenerateTitleResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=False,
)
CHAT_UPDATE_CONVERSATION: Final = base.Method(
    "/prompt_ide.Chat/UpdateConversation",
    UpdateConversationRequest,
    Conversation,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
CHAT_ADD_MODEL_RESPONSE: Final = base.Method(
    "/prompt_ide.Chat/AddModelResponse",
    AddModelResponseRequest,
    Response,
    client_streaming=False,
    server_streaming=False,
    idempotent=False,
)
CHAT_SHARE_CONVERSATION: Final = base.Method(
    "/prompt_ide.Chat/ShareConversation",
    ShareConversationRequest,
    ShareConversationResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=False,
)
CHAT_SEARCH_CONVERSATIONS: Final = base.Method(
    "/prompt_ide.Chat/SearchConversations",
    SearchConversationsRequest,
    SearchConversationsResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
