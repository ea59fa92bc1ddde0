# Generated from prompt_ide/embedder_public.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""Texts as vectors."""

from dataclasses import dataclass
from typing import Final

import betterproto

from xai.proto import base


@dataclass(eq=False, repr=False)
class EmbedRequest(base.Message):
    """Texts to turn into vectors."""

    texts: "list[str]" = betterproto.string_field(1)
    """The texts."""

    model_name: str = betterproto.string_field(2)
    """The model to use; the server chooses one when empty."""


@dataclass(eq=False, repr=False)
class EmbedResponse(base.Message):
    """One vector for each text."""

    embeddings: "list[Embedding]" = betterproto.message_field(1)
    """The vectors, in the order of the texts."""


@dataclass(eq=False, repr=False)
class Embedding(base.Message):
    """A vector, or numbers of some other shape."""

    values: "list[float]" = betterproto.float_field(1)
    """The numbers."""

    shape: "list[int]" = betterproto.int32_field(2)
    """The length of each dimension."""


EMBEDDER_EMBED: Final = base.Method(
    "/prompt_ide.Embedder/Embed",
    EmbedRequest,
    EmbedResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
