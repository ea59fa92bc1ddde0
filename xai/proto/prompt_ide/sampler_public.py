# Generated from prompt_ide/sampler_public.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""Sampling raw text from a model."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import betterproto
from betterproto.lib.google.protobuf import Empty

from xai.proto import base


class TokenTokenType(base.Enum):
    """Who a token comes from."""

    UNKNOWN = 0
    """It is not known."""

    USER = 1
    """It is part of the prompt."""

    MODEL = 2
    """The model chose it."""


@dataclass(eq=False, repr=False)
class SampleTokensRequest(base.Message):
    """What to continue, and how."""

    prompt: "list[int]" = betterproto.uint32_field(1)
    """The prompt as token IDs; replaced by the field inputs."""

    inputs: "list[PromptInput]" = betterproto.message_field(7)
    """The parts of the prompt, in order."""

    settings: "SampleSettings" = betterproto.message_field(2)
    """How to sample."""

    return_attention: bool = betterproto.bool_field(4)
    """Send the attention weights with each token."""

    model_name: str = betterproto.string_field(5)
    """The model to use; the server chooses one when empty."""


@dataclass(eq=False, repr=False)
class PromptInput(base.Message):
    """One part of a prompt."""

    text: str = betterproto.string_field(1, group="payload")
    """Text, which the server splits into tokens."""

    image_bytes: bytes = betterproto.bytes_field(2, group="payload")
    """An image as bytes."""

    image_base64: str = betterproto.string_field(3, group="payload")
    """An image as a data URL."""

    token_ids: "TokenIds" = betterproto.message_field(4, group="payload")
    """Text that was split into tokens already."""


@dataclass(eq=False, repr=False)
class TokenIds(base.Message):
    """Text as tokens of a model."""

    tokens: "list[int]" = betterproto.uint32_field(1)
    """The ID of each token."""


@dataclass(eq=False, repr=False)
class SampleTokensResponse(base.Message):
    """One message of a stream of samples."""

    token: "Token" = betterproto.message_field(1, group="response")
    """The next token."""

    budget: "TokenBudget" = betterproto.message_field(2, group="response")
    """Remaining token budget."""

    transaction: "TokenTransaction" = betterproto.message_field(4, group="response")
    """Usage of this request."""


@dataclass(eq=False, repr=False)
class TokenizeAndSampleTokensRequest(base.Message):
    """A text to continue, and how."""

    text: str = betterproto.string_field(1)
    """The text to continue."""

    settings: "SampleSettings" = betterproto.message_field(2)
    """How to sample."""

    return_attention: bool = betterproto.bool_field(4)
    """Send the attention weights with each token."""

    model_name: str = betterproto.string_field(5)
    """The model to use; the server chooses one when empty."""


@dataclass(eq=False, repr=False)
class SampleSettings(base.Message):
    """How tokens are chosen, and when to stop."""

    max_len: int = betterproto.int32_field(1)
    """Maximum number of tokens to sample."""

    temperature: float = betterproto.float_field(2)
    """Sampling temperature; 0 always takes the most likely token."""

    nucleus_p: float = betterproto.float_field(3)
    """Nucleus sampling: only the most likely tokens whose probabilities add up to this."""

    stop_tokens: "list[str]" = betterproto.string_field(4)
    """Stop before any of these tokens."""

    stop_strings: "list[str]" = betterproto.string_field(7)
    """Stop after any of these strings came up."""

    rng_seed: int = betterproto.uint64_field(5)
    """The seed of the random choice."""

    allowed_tokens: "list[InputToken]" = betterproto.message_field(6)
    """Sample only these tokens."""

    disallowed_tokens: "list[InputToken]" = betterproto.message_field(8)
    """Never sample these tokens."""


@dataclass(eq=False, repr=False)
class InputToken(base.Message):
    """A token named by its text or by its ID."""

    string_token: str = betterproto.string_field(1, group="token")
    """The text of the token."""

    token_id: int = betterproto.uint32_field(2, group="token")
    """The ID of the token."""


@dataclass(eq=False, repr=False)
class Token(base.Message):
    """A token in its place in a text."""

    final_logit: "Logit" = betterproto.message_field(1)
    """The token itself."""

    top_k: "list[Logit]" = betterproto.message_field(4)
    """The most likely tokens in its place."""

    attention: "list[float]" = betterproto.float_field(5)
    """Attention weights of the earlier tokens."""

    token_type: "TokenTokenType" = betterproto.enum_field(3)
    """Role of the author."""


@dataclass(eq=False, repr=False)
class Logit(base.Message):
    """A token and its probability."""

    token_id: int = betterproto.uint32_field(1)
    """The ID of the token."""

    string_token: str = betterproto.string_field(2)
    """The text of the token."""

    prob: float = betterproto.float_field(3)
    """Its probability, 0 to 1."""


@dataclass(eq=False, repr=False)
class TokenizeRequest(base.Message):
    """A text to split into tokens."""

    text: str = betterproto.string_field(1)
    """The text."""

    model_name: str = betterproto.string_field(2)
    """The model whose tokens to use; the server chooses one when empty."""


@dataclass(eq=False, repr=False)
class TokenizeResponse(base.Message):
    """A text as tokens."""

    tokens: "list[Token]" = betterproto.message_field(1)
    """The tokens, in order."""


@dataclass(eq=False, repr=False)
class ListTransactionsResponse(base.Message):
    """Token transactions of the key."""

    transactions: "list[TokenTransaction]" = betterproto.message_field(1)
    """The transactions."""


@dataclass(eq=False, repr=False)
class TokenTransaction(base.Message):
    """A token transaction."""

    num_prompt_tokens: int = betterproto.int32_field(1)
    """Number of tokens."""

    num_generated_tokens: int = betterproto.int32_field(2)
    """Number of sampled tokens."""

    cost_multiplier: int = betterproto.int32_field(3)
    """What one token counts."""

    create_time: datetime = betterproto.message_field(4)
    """Time of the transaction."""

    transaction_type: str = betterproto.string_field(5)
    """The kind of budget it was taken from."""

    transaction_id: str = betterproto.string_field(6)
    """The ID of the transaction."""

    model_name: str = betterproto.string_field(7)
    """The model that was used."""

    confirmed: bool = betterproto.bool_field(8)
    """Whether the transaction is final."""


@dataclass(eq=False, repr=False)
class GetTokenBudgetRequest(base.Message):
    """Asks for a budget."""

    transaction_type: str = betterproto.string_field(1)
    """The kind of budget."""


@dataclass(eq=False, repr=False)
class TokenBudget(base.Message):
    """A token budget."""

    token_limit: int = betterproto.int32_field(1)
    """Tokens allowed in all."""

    tokens_spent: int = betterproto.int32_field(2)
    """Tokens spent so far."""

    request_limit: int = betterproto.int32_field(3)
    """Requests allowed in all."""

    requests_spent: int = betterproto.int32_field(4)
    """Requests made so far."""


@dataclass(eq=False, repr=False)
class ListModelsResponse(base.Message):
    """The models the key may use."""

    model_names: "list[str]" = betterproto.string_field(1)
    """The name of each model."""


SAMPLER_SAMPLE_TOKENS: Final = base.Method(
    "/prompt_ide.Sampler/SampleTokens",
    SampleTokensRequest,
    SampleTokensResponse,
    client_streaming=False,
    server_streaming=True,
    idempotent=False,
)
SAMPLER_TOKENIZE: Final = base.Method(
    "/prompt_ide.Sampler/Tokenize",
    TokenizeRequest,
    TokenizeResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
SAMPLER_TOKENIZE_AND_SAMPLE_TOKENS: Final = base.Method(
    "/prompt_ide.Sampler/TokenizeAndSampleTokens",
    TokenizeAndSampleTokensRequest,
    SampleTokensResponse,
    client_streaming=False,
    server_streaming=True,
    idempotent=False,
)
SAMPLER_LIST_TRANSACTIONS: Final = base.Method(
    "/prompt_ide.Sampler/ListTransactions",
    Empty,
    ListTransactionsResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
SAMPLER_GET_TOKEN_BUDGET: Final = base.Method(
    "/prompt_ide.Sampler/GetTokenBudget",
    GetTokenBudgetRequest,
    TokenBudget,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
SAMPLER_LIST_MODELS: Final = base.Method(
    "/prompt_ide.Sampler/ListModels",
    Empty,
    ListModelsResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
