# Generated from xai/api/v1/tokenize.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""Texts as tokens."""

from dataclasses import dataclass
from typing import Final

import betterproto

from xai.proto import base


@dataclass(eq=False, repr=False)
class TokenizeTextRequest(base.Message):
    """A text to cut into tokens."""

    text: str = betterproto.string_field(1)
    """The text."""

    model: str = betterproto.string_field(2)
    """The model whose tokens they are."""

    user: str = betterproto.string_field(3)
    """The caller's identifier of the end user."""


@dataclass(eq=False, repr=False)
class Token(base.Message):
    """A token."""

    token_id: int = betterproto.uint32_field(1)
    """Its number in the model's vocabulary."""

    string_token: str = betterproto.string_field(2)
    """Its text."""

    token_bytes: bytes = betterproto.bytes_field(4)
    """Its bytes, which need not be UTF-8 on their own."""


@dataclass(eq=False, repr=False)
class TokenizeTextResponse(base.Message):
    """The tokens of a text."""

    tokens: "list[Token]" = betterproto.message_field(1)
    """The tokens, in order."""

    model: str = betterproto.string_field(2)
    """The model whose tokens they are."""


TOKENIZE_TOKENIZE_TEXT: Final = base.Method(
    "/xai_api.Tokenize/TokenizeText",
    TokenizeTextRequest,
    TokenizeTextResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
