"""Parameters and results of ``client.compat``, with the names of the OpenAI Python client."""

from collections.abc import Sequence
from typing import TypedDict

import attrs


class _ImageUrlRequired(TypedDict):
    url: str


class ImageUrl(_ImageUrlRequired, total=False):
    """The URL of an image, and the detail at which to look at it."""

    detail: str


class TextPart(TypedDict):
    """A content part: a text, or the text of a file."""

    type: str
    text: str


class ImagePart(TypedDict):
    """A content part: an image."""

    type: str
    image_url: ImageUrl


class _MessageRequired(TypedDict):
    role: str
    content: str | Sequence[TextPart | ImagePart]


class MessageParam(_MessageRequired, total=False):
    """A message of the conversation."""

    name: str


class ResponseFormat(TypedDict):
    """The format of the reply: ``text`` or ``json_object``."""

    type: str


@attrs.frozen
class TopLogprob:
    """An alternative to a token."""

    token: str
    logprob: float
    bytes: list[int]


@attrs.frozen
class TokenLogprob:
    """A token of the reply, with its alternatives."""

    token: str
    logprob: float
    bytes: list[int]
    top_logprobs: list[TopLogprob]


@attrs.frozen
class ChoiceLogprobs:
    """The log probabilities of a choice's tokens."""

    content: list[TokenLogprob]


@attrs.frozen
class ChoiceMessage:
    """The text of a choice."""

    content: str
    role: str


@attrs.frozen
class Choice:
    """One of the continuations that were requested."""

    finish_reason: str
    index: int
    message: ChoiceMessage
    logprobs: ChoiceLogprobs | None


@attrs.frozen
class CompletionUsage:
    """The token usage of a completion."""

    completion_tokens: int
    prompt_tokens: int
    total_tokens: int


@attrs.frozen
class ChatCompletion:
    """A whole completion.

    Attributes:
        created: When it was created, in seconds since 1970.
    """

    id: str
    choices: list[Choice]
    created: int
    model: str
    object: str
    system_fingerprint: str
    usage: CompletionUsage


@attrs.frozen
class ChoiceDelta:
    """What a chunk adds to a choice."""

    content: str
    role: str


@attrs.frozen
class ChunkChoice:
    """The part of a chunk that belongs to one choice.

    Attributes:
        finish_reason: Why sampling finished; None until it has.
    """

    delta: ChoiceDelta
    finish_reason: str | None
    index: int
    logprobs: ChoiceLogprobs | None


@attrs.frozen
class ChatCompletionChunk:
    """A chunk of a streamed completion.

    Attributes:
        created: When it was created, in seconds since 1970.
    """

    id: str
    choices: list[ChunkChoice]
    created: int
    model: str
    object: str
    system_fingerprint: str
