"""Completions by the language models, token by token: the service prompt_ide.Sampler."""

from collections.abc import Sequence

from betterproto.lib.google.protobuf import Empty

from xai._streams import AsyncStream
from xai.aio.rpc.caller import AsyncCaller
from xai.prompt_ide.sampler_request import sample_request, token_budget_request, tokenize_request
from xai.prompt_ide.types import Token, TokenBudget, TokenTransaction
from xai.prompt_ide.values import read_budget, read_sampled, read_tokens, read_transactions
from xai.proto.prompt_ide import sampler_public as pb
from xai.proto.prompt_ide.sampler_public_aio import AsyncSamplerStub
from xai.runtime.locks import Counter


class AsyncSampler:
    """Completions by the language models, token by token.

    Args:
        caller: Makes the calls.
        seeds: Gives the seed of each sampling call that brings none.
    """

    def __init__(self, caller: AsyncCaller, seeds: Counter) -> None:
        self._caller = caller
        self._seeds = seeds
        self._stub = AsyncSamplerStub(caller)

    async def tokenize(self, prompt: str, model_name: str | None = "") -> list[Token]:
        """Tokenize a text.

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
        request = tokenize_request(prompt, model_name)
        self._caller.context.transport.check_open()
        if prompt == "":
            return []
        return await self._caller.unary_of(pb.SAMPLER_TOKENIZE, request, read_tokens)

    def sample(
        self,
        prompt: str | Sequence[int] | Sequence[Token] | None = "",
        *,
        inputs: Sequence[str | bytes | Sequence[int]] | None = (),
        model_name: str | None = "",
        max_len: int | None = 256,
        temperature: float | None = 0.7,
        nucleus_p: float | None = 0.95,
        stop_tokens: Sequence[str] | None = None,
        stop_strings: Sequence[str] | None = None,
        rng_seed: int | None = None,
        return_attention: bool | None = False,
        allowed_tokens: Sequence[str | int] | None = None,
        disallowed_tokens: Sequence[str | int] | None = None,
        augment_tokens: bool | None = True,
    ) -> AsyncStream[Token]:
        """Continue a prompt, one token at a time.

        Arguments are checked by this call; the RPC is sent by the first iteration. Exactly one
        of ``prompt`` and ``inputs`` is given. A stream that is cut on the way goes on if
        `RetryPolicy.resume_streams` says so.

        Args:
            prompt: A text, a sequence of token IDs or a sequence of tokens.
            inputs: The parts of a prompt: texts (one that starts with ``data:image`` is an
                image), images as bytes, sequences of token IDs.
            model_name: The model; the server's default when empty.
            max_len: The maximum number of tokens to sample, 0 or more.
            temperature: Sampling temperature; 0 always takes the most probable token.
            nucleus_p: Nucleus sampling: the probability mass of the tokens to sample from, 0 to 1.
            stop_tokens: Tokens that end the sampling and are not part of the result.
            stop_strings: Strings that end the sampling; what completed one is part of the result.
            rng_seed: The seed for sampling; the next seed of the client when None.
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
        request = sample_request(
            prompt,
            inputs=inputs,
            model_name=model_name,
            max_len=max_len,
            temperature=temperature,
            nucleus_p=nucleus_p,
            stop_tokens=stop_tokens,
            stop_strings=stop_strings,
            rng_seed=rng_seed,
            return_attention=return_attention,
            allowed_tokens=allowed_tokens,
            disallowed_tokens=disallowed_tokens,
            augment_tokens=augment_tokens,
        )
        if rng_seed is None:
            # Taken last: a call that was refused must not use a seed up.
            request.settings.rng_seed = self._seeds.take()
        if self._caller.context.retry.resume_streams:
            from xai.aio.prompt_ide.resume import AsyncResumedStream

            return AsyncResumedStream(self._caller, request)
        return self._caller.stream_of(pb.SAMPLER_SAMPLE_TOKENS, request, read_sampled)

    async def list_models(self) -> list[str]:
        """Return the names of the models this key can use.

        Returns:
            Names for the argument ``model_name``.

        Raises:
            APIError: The call failed.

        RPC: ``/prompt_ide.Sampler/ListModels``.
        """
        return list((await self._stub.list_models(Empty())).model_names)

    async def get_token_budget(self, transaction_type: str | None = "") -> TokenBudget:
        """Return the token budget of the key.

        Args:
            transaction_type: The kind of budget; the default when empty.

        Returns:
            The budget.

        Raises:
            APIError: The call failed.
            TypeError: The argument is not a str.

        RPC: ``/prompt_ide.Sampler/GetTokenBudget``.
        """
        request = token_budget_request(transaction_type)
        return read_budget(await self._stub.get_token_budget(request))

    async def list_transactions(self) -> list[TokenTransaction]:
        """Return the transactions of the key: the tokens of each call.

        Returns:
            The transactions, in the server's order.

        Raises:
            APIError: The call failed.

        RPC: ``/prompt_ide.Sampler/ListTransactions``.
        """
        return await self._caller.unary_of(pb.SAMPLER_LIST_TRANSACTIONS, Empty(), read_transactions)
