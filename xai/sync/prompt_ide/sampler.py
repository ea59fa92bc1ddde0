# Do not edit: produced by "nox -s generate" from
# xai/aio/prompt_ide/sampler.py
"""Raw access to the language models: the service prompt_ide.Sampler."""

import math
from collections.abc import Sequence
from typing import cast

from betterproto.lib.google.protobuf import Empty

from xai._log import log
from xai._streams import Stream
from xai._validation import (
    check_bool,
    check_int,
    check_number,
    check_sequence,
    check_str,
    check_strings,
)
from xai.prompt_ide.types import Token, TokenBudget, TokenTransaction, TokenType
from xai.proto.base import which_one_of
from xai.proto.prompt_ide import sampler_public as pb
from xai.proto.prompt_ide.sampler_public_sync import SamplerStub
from xai.runtime.locks import Counter
from xai.sync.rpc.caller import Caller

#: Calling the enum looks the member up as well, in four times the time.
_TOKEN_TYPES = {int(kind): kind for kind in TokenType}

_WORD_START = "▁"
_INT32_MAX = 2**31 - 1
_UINT32_MAX = 2**32 - 1
_UINT64_MAX = 2**64 - 1
#: Sequences of numbers to Python, and images to this service.
_BYTES = (bytes, bytearray, memoryview)
#: Names of the oneofs this module reads.
RESPONSE = "response"


class Sampler:
    """Raw access to the language models: tokens in, tokens out.

    Args:
        caller: Makes the calls.
        seeds: Gives the seed of each sampling call that brings none.
    """

    def __init__(self, caller: Caller, seeds: Counter) -> None:
        self._caller = caller
        self._seeds = seeds
        self._stub = SamplerStub(caller)

    def tokenize(self, prompt: str, model_name: str = "") -> list[Token]:
        """Split a text into the tokens of a model.

        Args:
            prompt: The text; an empty one has no tokens and needs no call.
            model_name: The model; the server's default when empty.

        Returns:
            The tokens, in order.

        Raises:
            APIError: The call failed.
            TypeError: An argument is not a str.

        RPC: ``/prompt_ide.Sampler/Tokenize``.
        """
        check_str("prompt", prompt)
        check_str("model_name", model_name)
        self._caller.context.transport.check_open()
        if prompt == "":
            return []
        request = pb.TokenizeRequest(text=prompt, model_name=model_name)
        reply = self._stub.tokenize(request)
        return [_read_token(token) for token in reply.tokens]

    def sample(
        self,
        prompt: str | Sequence[int] | Sequence[Token] = "",
        *,
        inputs: Sequence[str | bytes | Sequence[int]] = (),
        model_name: str = "",
        max_len: int = 256,
        temperature: float = 0.7,
        nucleus_p: float = 0.95,
        stop_tokens: Sequence[str] | None = None,
        stop_strings: Sequence[str] | None = None,
        rng_seed: int | None = None,
        return_attention: bool = False,
        allowed_tokens: Sequence[str | int] | None = None,
        disallowed_tokens: Sequence[str | int] | None = None,
        augment_tokens: bool = True,
    ) -> Stream[Token]:
        """Continue a prompt, one token at a time.

        Arguments are checked by this call; the RPC is sent by the first iteration. Exactly one
        of ``prompt`` and ``inputs`` is given. A stream that is cut on the way goes on if
        `RetryPolicy.resume_streams` says so.

        Args:
            prompt: A text, a sequence of token IDs or a sequence of tokens.
            inputs: The parts of a prompt: texts (one that starts with ``data:image`` is an
                image), images as bytes, sequences of token IDs.
            model_name: The model; the server's default when empty.
            max_len: Most tokens to sample, 0 or more.
            temperature: 0 takes the likeliest token each time; more is more random.
            nucleus_p: Only the likeliest tokens that make up this probability are candidates,
                0 to 1.
            stop_tokens: Tokens that end the sampling and are not part of the result.
            stop_strings: Strings that end the sampling; what completed one is part of the result.
            rng_seed: Makes the result reproducible; the next seed of the client when None.
            return_attention: Whether tokens come with attention weights.
            allowed_tokens: The only tokens that may be sampled, as strings or IDs.
            disallowed_tokens: Tokens that must not be sampled, as strings or IDs.
            augment_tokens: Whether each string among the tokens stands for its word-initial form
                (with a leading ``▁``) as well.

        Returns:
            The stream of sampled tokens.

        Raises:
            ValueError: Neither or both of prompt and inputs are given, or both of allowed and
                disallowed tokens, or a number is out of its range.
            TypeError: An argument, or an item of one, is of the wrong type.

        RPC: ``/prompt_ide.Sampler/SampleTokens``. While iterating: `APIError`.
        """
        if allowed_tokens is not None and disallowed_tokens is not None:
            raise ValueError("only one of allowed_tokens and disallowed_tokens can be given")
        check_str("model_name", model_name)
        check_bool("return_attention", return_attention)
        check_bool("augment_tokens", augment_tokens)
        if rng_seed is not None:
            check_int("rng_seed", rng_seed, 0, _UINT64_MAX)
        check_int("max_len", max_len, 0, _INT32_MAX)
        check_number("temperature", temperature, 0.0, math.inf)
        check_number("nucleus_p", nucleus_p, 0.0, 1.0)
        parts = _read_inputs(prompt, inputs)
        settings = pb.SampleSettings(
            max_len=max_len,
            temperature=temperature,
            nucleus_p=nucleus_p,
            stop_tokens=_augment(_strings("stop_tokens", stop_tokens), augment=augment_tokens),
            stop_strings=_strings("stop_strings", stop_strings),
            allowed_tokens=_tokens("allowed_tokens", allowed_tokens, augment=augment_tokens),
            disallowed_tokens=_tokens(
                "disallowed_tokens", disallowed_tokens, augment=augment_tokens
            ),
        )
        # Taken last: a call that was refused must not use a seed up.
        settings.rng_seed = self._seeds.take() if rng_seed is None else rng_seed
        request = pb.SampleTokensRequest(
            inputs=parts,
            settings=settings,
            return_attention=return_attention,
            model_name=model_name,
        )
        if self._caller.context.retry.resume_streams:
            from xai.sync.prompt_ide.resume import ResumedStream

            return ResumedStream(self._caller, request)
        return self._caller.stream_of(pb.SAMPLER_SAMPLE_TOKENS, request, read_sampled)

    def list_models(self) -> list[str]:
        """Return the names of the models this key can use.

        Returns:
            Names for the argument ``model_name``.

        Raises:
            APIError: The call failed.

        RPC: ``/prompt_ide.Sampler/ListModels``.
        """
        return list(self._stub.list_models(Empty()).model_names)

    def get_token_budget(self, transaction_type: str = "") -> TokenBudget:
        """Return what this key may spend, and has spent.

        Args:
            transaction_type: The kind of budget; the default one when empty.

        Returns:
            The budget.

        Raises:
            APIError: The call failed.
            TypeError: The argument is not a str.

        RPC: ``/prompt_ide.Sampler/GetTokenBudget``.
        """
        check_str("transaction_type", transaction_type)
        request = pb.GetTokenBudgetRequest(transaction_type=transaction_type)
        return _read_budget(self._stub.get_token_budget(request))

    def list_transactions(self) -> list[TokenTransaction]:
        """Return what was spent, call by call.

        Returns:
            The transactions, in the server's order.

        Raises:
            APIError: The call failed.

        RPC: ``/prompt_ide.Sampler/ListTransactions``.
        """
        reply = self._stub.list_transactions(Empty())
        return [_read_transaction(item) for item in reply.transactions]


def read_sampled(reply: pb.SampleTokensResponse) -> Token | None:
    """Return the token of a reply; log what is not a token and return None."""
    kind, value = which_one_of(reply, RESPONSE)
    if kind == "token":
        return _read_token(cast("pb.Token", value))
    if kind == "budget":
        budget = cast("pb.TokenBudget", value)
        spent, limit = budget.tokens_spent, budget.token_limit
        share = f"{spent / limit:.1%}" if limit else "no limit"
        log.info("token budget: %d of %d tokens spent (%s)", spent, limit, share)
    elif kind == "transaction":
        booked = _read_transaction(cast("pb.TokenTransaction", value))
        log.debug(
            "token transaction %s: %d prompt and %d generated tokens of %s",
            booked.transaction_id,
            booked.num_prompt_tokens,
            booked.num_generated_tokens,
            booked.model_name,
        )
    return None


def _read_token(token: pb.Token) -> Token:
    # In the order of the fields: keywords take a third of the time of all this, for each token.
    logit, number = token.final_logit, int(token.token_type)
    return Token(
        logit.token_id,
        logit.string_token,
        logit.prob,
        [Token(item.token_id, item.string_token, item.prob) for item in token.top_k],
        list(token.attention),
        _TOKEN_TYPES.get(number) or TokenType(number),
    )


def _read_budget(budget: pb.TokenBudget) -> TokenBudget:
    return TokenBudget(
        token_limit=budget.token_limit,
        tokens_spent=budget.tokens_spent,
        request_limit=budget.request_limit,
        requests_spent=budget.requests_spent,
    )


def _read_transaction(item: pb.TokenTransaction) -> TokenTransaction:
    return TokenTransaction(
        transaction_id=item.transaction_id,
        transaction_type=item.transaction_type,
        model_name=item.model_name,
        num_prompt_tokens=item.num_prompt_tokens,
        num_generated_tokens=item.num_generated_tokens,
        cost_multiplier=item.cost_multiplier,
        # Asked before it is read: an unset time would read as 1970.
        create_time=item.create_time if item.is_set("create_time") else None,
        confirmed=item.confirmed,
    )


def _read_inputs(
    prompt: str | Sequence[int] | Sequence[Token],
    inputs: Sequence[str | bytes | Sequence[int]],
) -> list[pb.PromptInput]:
    if isinstance(inputs, (str, *_BYTES)) or not isinstance(inputs, Sequence):
        raise TypeError(f"inputs must be a sequence of parts, not {type(inputs).__name__}")
    if isinstance(prompt, _BYTES) or not isinstance(prompt, (str, Sequence)):
        raise TypeError(f"prompt must be a str, token IDs or tokens, not {type(prompt).__name__}")
    if len(prompt) and len(inputs):
        raise ValueError("only one of prompt and inputs can be given")
    if len(inputs):
        return [_read_input(f"inputs[{index}]", item) for index, item in enumerate(inputs)]
    if not len(prompt):
        raise ValueError("one of prompt and inputs must be given")
    if isinstance(prompt, str):
        return [pb.PromptInput(text=prompt)]
    ids = [item.token_id if isinstance(item, Token) else item for item in prompt]
    return [pb.PromptInput(token_ids=_read_ids("prompt", ids))]


def _read_input(name: str, item: object) -> pb.PromptInput:
    if isinstance(item, str):
        if item.startswith("data:image"):
            return pb.PromptInput(image_base64=item)
        return pb.PromptInput(text=item)
    if isinstance(item, _BYTES):
        return pb.PromptInput(image_bytes=bytes(item))
    if isinstance(item, Sequence):
        return pb.PromptInput(token_ids=_read_ids(name, item))
    raise TypeError(f"{name} must be str, bytes or token IDs, not {type(item).__name__}")


def _read_ids(name: str, ids: Sequence[object]) -> pb.TokenIds:
    for index, number in enumerate(ids):
        check_int(f"{name}[{index}]", number, 0, _UINT32_MAX)
    return pb.TokenIds(tokens=cast("list[int]", list(ids)))


def _strings(name: str, values: Sequence[str] | None) -> list[str]:
    return [] if values is None else check_strings(name, values)


def _augment(values: list[str], *, augment: bool) -> list[str]:
    if not augment:
        return values
    found = []
    for value in values:
        found.append(value)
        if not value.startswith(_WORD_START):
            found.append(_WORD_START + value)
    return found


def _tokens(name: str, values: Sequence[str | int] | None, *, augment: bool) -> list[pb.InputToken]:
    if values is None:
        return []
    check_sequence(name, values, "str or int")
    found = []
    for index, value in enumerate(values):
        if isinstance(value, str):
            found += [pb.InputToken(string_token=s) for s in _augment([value], augment=augment)]
        else:
            check_int(f"{name}[{index}]", value, 0, _UINT32_MAX)
            found.append(pb.InputToken(token_id=value))
    return found
