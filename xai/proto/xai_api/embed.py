# Generated from xai/api/v1/embed.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""Texts and images as vectors."""

from dataclasses import dataclass
from typing import Final

import betterproto

from xai.proto import base
from xai.proto.xai_api.image import ImageUrlContent
from xai.proto.xai_api.usage import EmbeddingUsage


class EmbedEncodingFormat(base.Enum):
    """How vectors can be sent."""

    FORMAT_INVALID = 0
    """The server decides."""

    FORMAT_FLOAT = 1
    """As numbers."""

    FORMAT_BASE64 = 2
    """In Base64."""


@dataclass(eq=False, repr=False)
class EmbedRequest(base.Message):
    """Inputs to turn into vectors."""

    input: "list[EmbedInput]" = betterproto.message_field(1)
    """The inputs, at most 128."""

    model: str = betterproto.string_field(2)
    """The model to use, by name or alias."""

    encoding_format: "EmbedEncodingFormat" = betterproto.enum_field(3)
    """How the numbers are sent."""

    user: str = betterproto.string_field(4)
    """The caller's identifier of the end user."""


@dataclass(eq=False, repr=False)
class EmbedInput(base.Message):
    """A text or an image."""

    string: str = betterproto.string_field(1, group="input")
    """A text."""

    image_url: "ImageUrlContent" = betterproto.message_field(2, group="input")
    """An image."""


@dataclass(eq=False, repr=False)
class EmbedResponse(base.Message):
    """The vectors of each input."""

    id: str = betterproto.string_field(1)
    """Its ID."""

    embeddings: "list[Embedding]" = betterproto.message_field(2)
    """The vectors, one entry for each input."""

    usage: "EmbeddingUsage" = betterproto.message_field(3)
    """Usage and cost."""

    model: str = betterproto.string_field(4)
    """The model that made them."""

    system_fingerprint: str = betterproto.string_field(5)
    """Fingerprint of the server's configuration."""


@dataclass(eq=False, repr=False)
class Embedding(base.Message):
    """The vectors of an input."""

    index: int = betterproto.int32_field(1)
    """Index of the input they belong to."""

    embeddings: "list[FeatureVector]" = betterproto.message_field(2)
    """The vectors: one for a text, possibly several for an image."""


@dataclass(eq=False, repr=False)
class FeatureVector(base.Message):
    """A vector."""

    float_array: "list[float]" = betterproto.float_field(1)
    """Its numbers."""

    base64_array: str = betterproto.string_field(2)
    """Its numbers in Base64, when that was asked for."""


EMBEDDER_EMBED: Final = base.Method(
    "/xai_api.Embedder/Embed",
    EmbedRequest,
    EmbedResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
