# Generated from compat/chat/compat_chat.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""Chat in the shape of a widespread HTTP interface."""

import builtins
from dataclasses import dataclass
from typing import Final

import betterproto

from xai.proto import base


@dataclass(eq=False, repr=False)
class GetCompletionsRequest(base.Message):
    """A conversation and how to answer it."""

    messages: "list[Message]" = betterproto.message_field(1)
    """What was said, in order."""

    model: str = betterproto.string_field(2)
    """The model to use; the server chooses one when empty."""

    frequency_penalty: float = betterproto.float_field(3)
    """How much a token loses for each time it was used."""

    logit_bias: "dict[int, float]" = betterproto.map_field(
        4, betterproto.TYPE_INT32, betterproto.TYPE_FLOAT
    )
    """What to add to the score of a token, by its ID."""

    logprobs: bool = betterproto.bool_field(5)
    """Send the probability of each token."""

    top_logprobs: int = betterproto.int32_field(6)
    """How many of the likeliest tokens to send with each token."""

    max_tokens: int = betterproto.int32_field(7)
    """How many tokens to sample at most."""

    n: int = betterproto.int32_field(8)
    """How many answers to give."""

    presence_penalty: float = betterproto.float_field(9)
    """How much a token loses for having been used."""

    response_format: "ResponseFormat" = betterproto.message_field(10)
    """The form of the answer."""

    seed: int = betterproto.int32_field(11)
    """The seed of the random choice."""

    stop: "list[str]" = betterproto.string_field(12)
    """Stop at any of these strings."""

    temperature: float = betterproto.float_field(14)
    """How bold the choice of tokens is; 0 always takes the likeliest."""

    top_p: float = betterproto.float_field(15)
    """Choose only among the likeliest tokens that together have this probability."""

    user: str = betterproto.string_field(16)
    """The caller's own name for the end user."""


@dataclass(eq=False, repr=False)
class GetChatCompletionChunk(base.Message):
    """One piece of a streamed answer."""

    id: str = betterproto.string_field(1)
    """The ID of the answer, the same in all pieces."""

    choices: "list[ChoiceChunk]" = betterproto.message_field(2)
    """A piece of each answer."""

    created: int = betterproto.uint32_field(3)
    """When the answer began, in Unix time."""

    model: str = betterproto.string_field(4)
    """The model that answers."""

    system_fingerprint: str = betterproto.string_field(5)
    """The set-up of the server."""

    object: str = betterproto.string_field(6)
    """The kind of object this is."""


@dataclass(eq=False, repr=False)
class GetChatCompletionResponse(base.Message):
    """A whole answer."""

    id: str = betterproto.string_field(1)
    """The ID of the answer."""

    choices: "list[Choice]" = betterproto.message_field(2)
    """The answers."""

    created: int = betterproto.uint32_field(5)
    """When the answer was given, in Unix time."""

    model: str = betterproto.string_field(6)
    """The model that answered."""

    system_fingerprint: str = betterproto.string_field(7)
    """The set-up of the server."""

    object: str = betterproto.string_field(8)
    """The kind of object this is."""

    usage: "Usage" = betterproto.message_field(9)
    """What the answer cost."""


@dataclass(eq=False, repr=False)
class ChoiceChunk(base.Message):
    """A piece of one of the answers."""

    delta: "Delta" = betterproto.message_field(1)
    """What is new."""

    logprobs: "LogProbs" = betterproto.message_field(2)
    """The probabilities of its tokens."""

    finish_reason: str = betterproto.string_field(3)
    """Why the answer ends here; empty before the end."""

    index: int = betterproto.int32_field(4)
    """Which of the answers it belongs to."""


@dataclass(eq=False, repr=False)
class Delta(base.Message):
    """What a piece adds to an answer."""

    content: str = betterproto.string_field(1)
    """More text."""

    role: str = betterproto.string_field(2)
    """Who speaks."""


@dataclass(eq=False, repr=False)
class Choice(base.Message):
    """One of the answers."""

    finish_reason: str = betterproto.string_field(1)
    """Why it ends."""

    index: int = betterproto.int32_field(2)
    """Which of the answers it is."""

    message: "CompletionMessage" = betterproto.message_field(3)
    """The answer itself."""

    logprobs: "LogProbs" = betterproto.message_field(4)
    """The probabilities of its tokens."""


@dataclass(eq=False, repr=False)
class CompletionMessage(base.Message):
    """What the model said."""

    content: str = betterproto.string_field(1)
    """Its text."""

    role: str = betterproto.string_field(2)
    """Who said it."""


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
    """The likeliest tokens in its place."""


@dataclass(eq=False, repr=False)
class Usage(base.Message):
    """What an answer cost."""

    completion_tokens: int = betterproto.int32_field(1)
    """How many tokens the model produced."""

    prompt_tokens: int = betterproto.int32_field(2)
    """How many tokens the conversation has."""

    total_tokens: int = betterproto.int32_field(3)
    """Both together."""


@dataclass(eq=False, repr=False)
class TopLogProb(base.Message):
    """One of the likeliest tokens."""

    token: str = betterproto.string_field(1)
    """The text of the token."""

    logprob: float = betterproto.float_field(2)
    """The logarithm of its probability."""

    bytes: builtins.bytes = betterproto.bytes_field(3)
    """The text of the token in UTF-8."""


@dataclass(eq=False, repr=False)
class ResponseFormat(base.Message):
    """The form of an answer."""

    type: str = betterproto.string_field(1)
    """The name of the form."""


@dataclass(eq=False, repr=False)
class ImageUrl(base.Message):
    """An image by its address."""

    url: str = betterproto.string_field(1)
    """Where the image is; a data URL holds the image itself."""

    detail: str = betterproto.string_field(2)
    """How closely to look at it."""


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
    """Something said in a conversation."""

    content_legacy: str = betterproto.string_field(1)
    """What was said, as one text; replaced by the field content."""

    content: "list[Content]" = betterproto.message_field(4)
    """What was said, in parts."""

    role: str = betterproto.string_field(2)
    """Who said it."""

    name: str = betterproto.string_field(3)
    """The name of who said it."""


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
