"""Tokens of a text, and the estimated cost of a prompt."""

from collections.abc import Iterator, Sequence
from typing import Final, overload

import attrs

from xai.proto.xai_api import tokenize as tokenize_pb
from xai.runtime.codec.reading import checked
from xai.v1.models import LanguageModel
from xai.v1.proto_value import ProtoValue

_MILLION: Final = 1_000_000


@attrs.frozen
class Token:
    """A token of a text.

    Attributes:
        token_id: The ID in the vocabulary of the model.
        string_token: The text; incomplete where a character spans several tokens.
        token_bytes: The bytes, which need not be valid UTF-8 on their own.
        start: The offset of its first byte in the UTF-8 encoded text.
        end: The offset after its last byte.
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
        model: The model that was used to tokenize, as the server names it.
        proto: The protobuf message.
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
    """The estimated cost of a prompt.

    Attributes:
        prompt_tokens: The number of tokens of its texts; the server's template adds some.
        prompt_usd: The price of these tokens in US dollars, as if none were cached.
        uncounted_parts: The number of parts, such as images and files, that are not counted.
        model: The model, as the server names it.
    """

    prompt_tokens: int
    prompt_usd: float
    uncounted_parts: int
    model: str


def read_tokens(proto: tokenize_pb.TokenizeTextResponse) -> TokenizedText:
    """Return the tokens in a message, each with its offsets in the text."""
    tokens: list[Token] = []
    end = 0
    for token in checked(proto.tokens):
        start, end = end, end + len(token.token_bytes)
        found = Token(token.token_id, token.string_token, token.token_bytes, start, end)
        tokens.append(found)
    return TokenizedText(tuple(tokens), proto.model, proto)


def estimate(tokens: TokenizedText, model: LanguageModel, uncounted: int) -> Estimate:
    """Return the cost of a prompt.

    Args:
        tokens: The number of its tokens.
        model: The model.
        uncounted: The number of parts that are not counted.
    """
    price = len(tokens) * model.prompt_text_usd_per_million / _MILLION
    return Estimate(len(tokens), price, uncounted, model.name)


for _class in (Estimate, Token, TokenizedText):
    _class.__module__ = "xai.v1"
