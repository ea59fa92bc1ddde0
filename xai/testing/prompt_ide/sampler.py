"""The service prompt_ide.Sampler of the local server."""

import asyncio
import base64
import binascii
import functools
import struct
from collections.abc import AsyncIterator, Generator, Mapping, Sequence
from typing import Any, cast

import betterproto
from betterproto import encode_varint
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from xai.proto.prompt_ide.sampler_public import (
    GetTokenBudgetRequest,
    InputToken,
    ListModelsResponse,
    ListTransactionsResponse,
    Logit,
    PromptInput,
    SampleSettings,
    SampleTokensRequest,
    SampleTokensResponse,
    Token,
    TokenBudget,
    TokenizeAndSampleTokensRequest,
    TokenizeRequest,
    TokenizeResponse,
    TokenTokenType,
    TokenTransaction,
)
from xai.proto.prompt_ide.sampler_public_server import SamplerBase
from xai.testing.control.accounts import Transaction, caller
from xai.testing.engine.dialogue import check_length, checked_text
from xai.testing.engine.model import LanguageModel, SampledToken, SampleOptions
from xai.testing.engine.model_names import missing_model
from xai.testing.engine.steps import finish_in_turns
from xai.testing.engine.tokenizer import IMAGE

_PATH = "/prompt_ide.Sampler/"
_TRANSACTION_TYPE = "sampler"
# Type checkers take the members of generated enums for numbers.
_USER = TokenTokenType(TokenTokenType.USER)
_FLOAT = struct.Struct("<f")


class LocalSampler(SamplerBase):
    """Serves ``prompt_ide.Sampler`` from memory.

    Args:
        model: The language model behind every model name.
        model_names: The names that callers may ask for; the first is the default.
        listed_names: Those among them that ``ListModels`` returns.
        token_limit: How many tokens a key may spend; 0 is no limit.
        token_delay: Seconds between two tokens.
    """

    acls: Mapping[str, str] = {
        _PATH + "Tokenize": "sampler:read",
        _PATH + "ListModels": "sampler:read",
        _PATH + "GetTokenBudget": "sampler:read",
        _PATH + "ListTransactions": "sampler:read",
        _PATH + "SampleTokens": "sampler:write",
        _PATH + "TokenizeAndSampleTokens": "sampler:write",
    }

    def __init__(
        self,
        model: LanguageModel,
        *,
        model_names: Sequence[str],
        listed_names: Sequence[str],
        token_limit: int,
        token_delay: float,
    ) -> None:
        self._model = model
        self._tokenizer = model.tokenizer
        self._writer = _writer(model.tokenizer.strings)
        self._tokens = _tokens(model.tokenizer.strings)
        self._model_names = list(model_names)
        self._listed_names = list(listed_names)
        self._token_limit = token_limit
        self._token_delay = token_delay

    async def tokenize(self, tokenize_request: TokenizeRequest) -> TokenizeResponse:
        """Split a text into tokens."""
        self._model_name(tokenize_request.model_name)
        ids = await finish_in_turns(self._tokenizer.steps(checked_text(tokenize_request.text)))
        # The stream takes encoded messages as well; a million of them one by one take seconds.
        return cast("TokenizeResponse", b"".join([self._tokens[token_id] for token_id in ids]))

    async def sample_tokens(
        self, sample_tokens_request: SampleTokensRequest
    ) -> AsyncIterator[SampleTokensResponse]:
        """Continue a prompt made of texts, images and token IDs."""
        request = sample_tokens_request
        prompt = await finish_in_turns(self._prompt(request))
        stream = self._sample(
            prompt, request.settings, request.model_name, attention=request.return_attention
        )
        async for response in stream:
            yield response

    async def tokenize_and_sample_tokens(
        self, tokenize_and_sample_tokens_request: TokenizeAndSampleTokensRequest
    ) -> AsyncIterator[SampleTokensResponse]:
        """Continue a text."""
        request = tokenize_and_sample_tokens_request
        prompt = await finish_in_turns(self._tokenizer.steps(request.text))
        stream = self._sample(
            prompt, request.settings, request.model_name, attention=request.return_attention
        )
        async for response in stream:
            yield response

    async def list_transactions(self, _: object) -> ListTransactionsResponse:
        """List what the key has spent tokens on, the oldest first."""
        transactions = [_transaction_pb(transaction) for transaction in caller().transactions]
        return ListTransactionsResponse(transactions=transactions)

    async def get_token_budget(
        self,
        get_token_budget_request: GetTokenBudgetRequest,  # noqa: ARG002 - one budget for all types
    ) -> TokenBudget:
        """Tell what the key has spent and may spend."""
        return self._budget()

    async def list_models(self, _: object) -> ListModelsResponse:
        """List the names of the models."""
        return ListModelsResponse(model_names=self._listed_names)

    async def _sample(
        self, prompt: list[int], settings: SampleSettings, model_name: str, *, attention: bool
    ) -> AsyncIterator[SampleTokensResponse]:
        name = self._model_name(model_name)
        check_length(prompt)
        account = caller()
        try:
            generation = self._model.sample(prompt, _options(settings, attention=attention))
        except ValueError as error:
            raise GRPCError(Status.INVALID_ARGUMENT, str(error)) from error
        if 0 < self._token_limit <= account.tokens_spent:
            text = f"The token budget of {self._token_limit} tokens is spent."
            raise GRPCError(Status.RESOURCE_EXHAUSTED, text)
        transaction = account.open(_TRANSACTION_TYPE, name, len(prompt))
        for token in generation:
            # Also without a delay: other calls of the server must get their turn.
            await asyncio.sleep(self._token_delay)
            account.spend(transaction)
            # The stream takes encoded messages as well.
            yield cast("SampleTokensResponse", self._writer.write(token))
        transaction.confirmed = True
        yield SampleTokensResponse(budget=self._budget())
        yield SampleTokensResponse(transaction=_transaction_pb(transaction))

    def _model_name(self, name: str) -> str:
        name = name or self._model_names[0]
        if name not in self._model_names:
            raise missing_model(name, self._model_names)
        return name

    def _prompt(self, request: SampleTokensRequest) -> Generator[None, None, list[int]]:
        inputs = request.inputs
        old = request.prompt
        if not inputs and not old:
            raise GRPCError(Status.INVALID_ARGUMENT, "The request has no prompt.")
        ids = list(old)
        for index, part in enumerate(inputs):
            ids += yield from self._part(index, part)
        return ids

    def _part(self, index: int, part: PromptInput) -> Generator[None, None, list[int]]:
        value: Any
        kind, value = betterproto.which_one_of(part, "payload")
        if kind == "text":
            return (yield from self._tokenizer.steps(value))
        if kind == "token_ids":
            return list(value.tokens)
        if kind == "image_bytes" and value:
            return [IMAGE]
        if kind == "image_base64":
            try:
                if base64.b64decode(value.rpartition(",")[2], validate=True):
                    return [IMAGE]
            except binascii.Error:
                pass
        text = f"Input {index} is neither a text, nor an image, nor a list of token IDs."
        raise GRPCError(Status.INVALID_ARGUMENT, text)

    def _budget(self) -> TokenBudget:
        account = caller()
        return TokenBudget(
            token_limit=self._token_limit,
            tokens_spent=account.tokens_spent,
            requests_spent=account.transaction_count,
        )


class TokenWriter:
    """Writes sampled tokens as ``SampleTokensResponse`` messages.

    Eight alternatives make ten messages of each token; built and encoded one by one they would cost
    more than everything else the server does. All but the numbers is prepared here.

    Args:
        strings: The vocabulary.
    """

    def __init__(self, strings: Sequence[str]) -> None:
        self._logits = [_logit_head(number, string) for number, string in enumerate(strings)]

    def write(self, token: SampledToken) -> bytes:
        """Return the message of a token."""
        parts = [b"\x0a", self._logit(token.token_id, token.prob), b"\x18\x02"]
        for token_id, prob in token.top_k:
            parts += (b"\x22", self._logit(token_id, prob))
        if token.attention:
            weights = struct.pack(f"<{len(token.attention)}f", *token.attention)
            parts += (b"\x2a", encode_varint(len(weights)), weights)
        body = b"".join(parts)
        return b"\x0a" + encode_varint(len(body)) + body

    def _logit(self, token_id: int, prob: float) -> bytes:
        return self._logits[token_id] + _FLOAT.pack(prob)


# Programs and tests start many servers in one process, and all have the same vocabulary.
@functools.lru_cache(1)
def _writer(strings: tuple[str, ...]) -> TokenWriter:
    return TokenWriter(strings)


@functools.lru_cache(1)
def _tokens(strings: tuple[str, ...]) -> tuple[bytes, ...]:
    """Return the response that holds each token of a vocabulary on its own."""
    heads = [Logit(token_id=number, string_token=text) for number, text in enumerate(strings)]
    tokens = [Token(final_logit=head, token_type=_USER) for head in heads]
    return tuple(bytes(TokenizeResponse(tokens=[token])) for token in tokens)


def _logit_head(token_id: int, string: str) -> bytes:
    """Return a Logit with its size in front, up to the value of its last field."""
    text = string.encode()
    head = b"\x08" + encode_varint(token_id) if token_id else b""
    head += b"\x12" + encode_varint(len(text)) + text + b"\x1d"
    return encode_varint(len(head) + _FLOAT.size) + head


def _options(settings: SampleSettings, *, attention: bool) -> SampleOptions:
    return SampleOptions(
        max_len=settings.max_len,
        temperature=settings.temperature,
        nucleus_p=settings.nucleus_p,
        rng_seed=settings.rng_seed,
        stop_tokens=settings.stop_tokens,
        stop_strings=settings.stop_strings,
        allowed_tokens=_input_tokens(settings.allowed_tokens),
        disallowed_tokens=_input_tokens(settings.disallowed_tokens),
        return_attention=attention,
    )


def _input_tokens(tokens: Sequence[InputToken]) -> list[str | int]:
    members = [betterproto.which_one_of(token, "token") for token in tokens]
    return [value for _, value in members if isinstance(value, (str, int))]


def _transaction_pb(transaction: Transaction) -> TokenTransaction:
    return TokenTransaction(
        num_prompt_tokens=transaction.num_prompt_tokens,
        num_generated_tokens=transaction.num_generated_tokens,
        cost_multiplier=1,
        create_time=transaction.create_time,
        transaction_type=transaction.transaction_type,
        transaction_id=transaction.transaction_id,
        model_name=transaction.model_name,
        confirmed=transaction.confirmed,
    )
