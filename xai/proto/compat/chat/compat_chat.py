# Generated from compat/chat/compat_chat.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""Chat completions in the shape of the OpenAI API."""

import builtins
from dataclasses import dataclass
from typing import Final

import betterproto

from xai.proto import base


@dataclass(eq=False, repr=False)
class GetCompletionsRequest(base.Message):
    """A conversation and the sampling settings of its response."""

    messages: "list[Message]" = betterproto.message_field(1)
    """Messages, in order."""

    model: str = betterproto.string_field(2)
    """The model to use; the server chooses one when empty."""

    frequency_penalty: float = betterproto.float_field(3)
    """Frequency penalty."""

    logit_bias: "dict[int, float]" = betterproto.map_field(
        4, betterproto.TYPE_INT32, betterproto.TYPE_FLOAT
    )
    """What to add to the score of a token, by its ID."""

    logprobs: bool = betterproto.bool_field(5)
    """Return the log probability of each token."""

    top_logprobs: int = betterproto.int32_field(6)
    """Number of most likely tokens to return at each position."""

    max_tokens: int = betterproto.int32_field(7)
    """Maximum number of tokens to sample."""

    n: int = betterproto.int32_field(8)
    """Number of responses to sample."""

    presence_penalty: float = betterproto.float_field(9)
    """Presence penalty."""

    response_format: "ResponseFormat" = betterproto.message_field(10)
    """Response format."""

    seed: int = betterproto.int32_field(11)
    """The seed of the random choice."""

    stop: "list[str]" = betterproto.string_field(12)
    """Stop at any of these strings."""

    temperature: float = betterproto.float_field(14)
    """Sampling temperature; 0 always takes the most likely token."""

    top_p: float = betterproto.float_field(15)
    """Nucleus sampling: only the most likely tokens whose probabilities add up to this."""

    user: str = betterproto.string_field(16)
    """The caller's identifier of the end user."""


@dataclass(eq=False, repr=False)
class GetChatCompletionChunk(base.Message):
    """A chunk of a streamed response."""

    id: str = betterproto.string_field(1)
    """The ID of the response, the same in all chunks."""

    choices: "list[ChoiceChunk]" = betterproto.message_field(2)
    """Chunks of the responses."""

    created: int = betterproto.uint32_field(3)
    """When the response began, in Unix time."""

    model: str = betterproto.string_field(4)
    """The model to use."""

    system_fingerprint: str = betterproto.string_field(5)
    """Fingerprint of the server's configuration."""

    object: str = betterproto.string_field(6)
    """The kind of object this is."""


@dataclass(eq=False, repr=False)
class GetChatCompletionResponse(base.Message):
    """A complete response."""

    id: str = betterproto.string_field(1)
    """The ID of the response."""

    choices: "list[Choice]" = betterproto.message_field(2)
    """The responses."""

    created: int = betterproto.uint32_field(5)
    """When the response was given, in Unix time."""

    model: str = betterproto.string_field(6)
    """The model that was used."""

    system_fingerprint: str = betterproto.string_field(7)
    """Fingerprint of the server's configuration."""

    object: str = betterproto.string_field(8)
    """The kind of object this is."""

    usage: "Usage" = betterproto.message_field(9)
    """Usage and cost of the response."""


@dataclass(eq=False, repr=False)
class ChoiceChunk(base.Message):
    """A chunk of one of the responses."""

    delta: "Delta" = betterproto.message_field(1)
    """The delta."""

    logprobs: "LogProbs" = betterproto.message_field(2)
    """The probabilities of its tokens."""

    finish_reason: str = betterproto.string_field(3)
    """Finish reason; empty before the end."""

    index: int = betterproto.int32_field(4)
    """Which of the responses it belongs to."""


@dataclass(eq=False, repr=False)
class Delta(base.Message):
    """The delta of a response in a chunk."""

    content: str = betterproto.string_field(1)
    """Delta of the text."""

    role: str = betterproto.string_field(2)
    """Role."""


@dataclass(eq=False, repr=False)
class Choice(base.Message):
    """One of the responses."""

    finish_reason: str = betterproto.string_field(1)
    """Finish reason."""

    index: int = betterproto.int32_field(2)
    """Which of the responses it is."""

    message: "CompletionMessage" = betterproto.message_field(3)
    """The response itself."""

    logprobs: "LogProbs" = betterproto.message_field(4)
    """The probabilities of its tokens."""


@dataclass(eq=False, repr=False)
class CompletionMessage(base.Message):
    """What the model said."""

    content: str = betterproto.string_field(1)
    """Its text."""

    role: str = betterproto.string_field(2)
    """Role of the author."""


@dataclass(eq=False, repr=False)
class LogProbs(base.Message):
    """The probabilities of the tokens of a text."""

    content: "list[LogProb]" = betterproto.message_field(1)
    """Each token."""


@dataclass(eq=False, repr=False)
class LogProb(base.Message):
    """A token and its probability."""

    token: str = betterproto.string_field(1)
    """The text of the token."""

    logprob: float = betterproto.float_field(2)
    """The logarithm of its probability."""

    bytes: builtins.bytes = betterproto.bytes_field(3)
    """The text of the token in UTF-8."""

    top_logprobs: "list[TopLogProb]" = betterproto.message_field(4)
    """The most likely tokens in its place."""


@dataclass(eq=False, repr=False)
class Usage(base.Message):
    """Usage and cost of a response."""

    completion_tokens: int = betterproto.int32_field(1)
    """Number of sampled tokens."""

    prompt_tokens: int = betterproto.int32_field(2)
    """Number of tokens."""

    total_tokens: int = betterproto.int32_field(3)
    """Both budgets together."""


@dataclass(eq=False, repr=False)
class TopLogProb(base.Message):
    """One of the most likely tokens."""

    token: str = betterproto.string_field(1)
    """The text of the token."""

    logprob: float = betterproto.float_field(2)
    """The logarithm of its probability."""

    bytes: builtins.bytes = betterproto.bytes_field(3)
    """The text of the token in UTF-8."""


@dataclass(eq=False, repr=False)
class ResponseFormat(base.Message):
    """A response format."""

    type: str = betterproto.string_field(1)
    """The name of the form."""


@dataclass(eq=False, repr=False)
class ImageUrl(base.Message):
    """An image by its URL."""

    url: str = betterproto.string_field(1)
    """Where the image is; a data URL holds the image itself."""

    detail: str = betterproto.string_field(2)
    """Level of detail."""


@dataclass(eq=False, repr=False)
class Content(base.Message):
    """One part of what was said."""

    type: str = betterproto.string_field(1)
    """The kind of part, which says where to look for it."""

    text: str = betterproto.string_field(2)
    """Text."""

    image_url: "ImageUrl | None" = betterproto.message_field(3, optional=True)
    """An image."""


@dataclass(eq=False, repr=False)
class Message(base.Message):
    """A response of a conversation."""

    content_legacy: str = betterproto.string_field(1)
    """What was said, as one text; replaced by the field content."""

    content: "list[Content]" = betterproto.message_field(4)
    """What was said, in parts."""

    role: str = betterproto.string_field(2)
    """Role of the author."""

    name: str = betterproto.string_field(3)
    """Name of the author."""


CHAT_GET_COMPLETION: Final = base.Method(
    "/compat.chat.Chat/GetCompletion",
    GetCompletionsRequest,
    GetChatCompletionResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=False,
)
CHAT_GET_COMPLETION_CHUNK: Final = base.Method(
    "/compat.chat.Chat/GetCompletionChunk",
    GetCompletionsRequest,
    GetChatCompletionChunk,
    client_streaming=False,
    server_streaming=True,
    idempotent=False,
)
