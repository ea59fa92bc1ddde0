"""The values that calls return; the same for the blocking and the asynchronous client."""

import enum
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from types import TracebackType
from typing import Protocol, TypeVar

import attrs

T_co = TypeVar("T_co", covariant=True)


class Stream(Protocol[T_co]):
    """The messages of a streamed reply, in order; iterate over it once.

    Leaving it early (`close`, the end of a ``with`` block, garbage collection) cancels the RPC.
    """

    def __iter__(self) -> Iterator[T_co]:
        """Return the stream itself."""
        ...

    def __next__(self) -> T_co:
        """Wait for the next message and return it."""
        ...

    def close(self) -> None:
        """Cancel what is left of the RPC; a second call does nothing."""
        ...

    def __enter__(self) -> "Stream[T_co]":
        """Return the stream itself."""
        ...

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the stream."""
        ...


class AsyncStream(Protocol[T_co]):
    """The messages of a streamed reply, in order; iterate over it once.

    Leaving it early (`close`, the end of an ``async with`` block, garbage collection) cancels
    the RPC. A ``break`` alone leaves it to the garbage collector: prefer the block.
    """

    def __aiter__(self) -> AsyncIterator[T_co]:
        """Return the stream itself."""
        ...

    async def __anext__(self) -> T_co:
        """Wait for the next message and return it."""
        ...

    async def close(self) -> None:
        """Cancel what is left of the RPC; a second call does nothing."""
        ...

    async def __aenter__(self) -> "AsyncStream[T_co]":
        """Return the stream itself."""
        ...

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the stream."""
        ...


class TokenType(enum.IntEnum):
    """Who a token comes from; the numbers are those of ``prompt_ide.Token.TokenType``."""

    UNKNOWN = 0
    USER = 1
    MODEL = 2

    @classmethod
    def _missing_(cls, value: object) -> "TokenType | None":
        # A newer server may send a number this version has no name for; losing the token over
        # it would be worse than a member without a documented meaning.
        if not isinstance(value, int):
            return None
        member = int.__new__(cls, value)
        member._name_ = f"UNRECOGNIZED_{value}"
        member._value_ = value
        return member


@attrs.frozen
class Token:
    """One token, as the tokenizer or the model produced it.

    Attributes:
        token_id: The number of the token in the model's vocabulary.
        token_str: Its text; a leading ``▁`` stands for the start of a word.
        prob: The probability the model gave to it, 0 to 1.
        top_k: The likeliest tokens at this position, each without a list of its own.
        attn_weights: Attention over the earlier positions, when it was asked for.
        token_type: Whether the token is the user's or the model's.
    """

    token_id: int
    token_str: str
    prob: float = 0.0
    top_k: "list[Token]" = attrs.field(factory=list)
    attn_weights: list[float] = attrs.field(factory=list)
    token_type: TokenType = TokenType.UNKNOWN


@attrs.frozen
class TokenBudget:
    """What the key may still spend.

    Attributes:
        token_limit: Tokens allowed in all; 0 where the server names none.
        tokens_spent: Tokens spent so far.
        request_limit: Requests allowed in all; 0 where the server names none.
        requests_spent: Requests made so far.
    """

    token_limit: int
    tokens_spent: int
    request_limit: int
    requests_spent: int


@attrs.frozen
class TokenTransaction:
    """One spending of tokens.

    Attributes:
        transaction_id: The server's name for it.
        transaction_type: The kind of budget it was taken from.
        model_name: The model that was used.
        num_prompt_tokens: Tokens of the prompt.
        num_generated_tokens: Tokens the model produced.
        cost_multiplier: What one token counts.
        create_time: When it was booked, in UTC; None when the server did not say.
        confirmed: Whether the booking is final.
    """

    transaction_id: str
    transaction_type: str
    model_name: str
    num_prompt_tokens: int
    num_generated_tokens: int
    cost_multiplier: int
    create_time: datetime | None
    confirmed: bool


for _class in (Stream, AsyncStream, TokenType, Token, TokenBudget, TokenTransaction):
    _class.__module__ = "xai"
