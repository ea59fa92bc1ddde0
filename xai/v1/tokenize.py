"""Tokens of a text, and the estimated cost of a prompt."""

from collections.abc import Iterator, Sequence
from typing import Final, overload

import attrs

from xai.proto.xai_api import tokenize as tokenize_pb
from xai.v1.models import LanguageModel
from xai.v1.proto_value import ProtoValue

_MILLION: Final = 1_000_000


@attrs.frozen
class Token:
    """A piece of a text, as a model sees it.

    Attributes:
        token_id: Its number in the model's vocabulary.
        string_token: Its text; where a character is cut in two, not all of it.
        token_bytes: Its bytes, which need not be UTF-8 on their own.
        start: Where it begins in the UTF-8 of the text, in bytes.
        end: Where it ends; the position behind it.
    """

    token_id: int
    string_token: str
    token_bytes: bytes
    start: int
    end: int


@attrs.frozen
class TokenizedText(Sequence[Token], ProtoValue):
    """The tokens of a text, in order; a sequence.

    Attributes:
        tokens: The tokens.
        model: The model whose tokens they are, as the server calls it.
        proto: The message of the server.
    """

    tokens: tuple[Token, ...]
    model: str
    proto: tokenize_pb.TokenizeTextResponse = attrs.field(repr=False, eq=False)

    @overload
    def __getitem__(self, index: int) -> Token: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Token, ...]: ...

    def __getitem__(self, index: int | slice) -> Token | tuple[Token, ...]:
        """Return a token, or some of them."""
        return self.tokens[index]

    def __len__(self) -> int:
        """Return how many tokens there are."""
        return len(self.tokens)

    def __iter__(self) -> Iterator[Token]:
        """Return an iterator over the tokens."""
        return iter(self.tokens)


@attrs.frozen
class Estimate:
    """What a prompt will cost, about.

    Attributes:
        prompt_tokens: The tokens of its texts; what the server puts around them comes on top.
        prompt_usd: The price of these tokens in US dollars, as if none was seen before.
        uncounted_parts: How many parts of the prompt, such as images and files, are not in it.
        model: The model, as the server calls it.
    """

    prompt_tokens: int
    prompt_usd: float
    uncounted_parts: int
    model: str


def read_tokens(proto: tokenize_pb.TokenizeTextResponse) -> TokenizedText:
    """Return the tokens in a message, each with its place in the text."""
    tokens: list[Token] = []
    end = 0
    for token in proto.tokens:
        start, end = end, end + len(token.token_bytes)
        found = Token(token.token_id, token.string_token, token.token_bytes, start, end)
        tokens.append(found)
    return TokenizedText(tuple(tokens), proto.model, proto)


def estimate(tokens: TokenizedText, model: LanguageModel, uncounted: int) -> Estimate:
    """Return what a prompt of so many tokens costs.

    Args:
        tokens: Its tokens.
        model: Who reads it.
        uncounted: How many of its parts are not among the tokens.
    """
    price = len(tokens) * model.prompt_text_usd_per_million / _MILLION
    return Estimate(len(tokens), price, uncounted, model.name)


for _class in (Estimate, Token, TokenizedText):
    _class.__module__ = "xai.v1"
