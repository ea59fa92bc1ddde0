# Generated from prompt_ide/sampler_public.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The server's side of the services of prompt_ide/sampler_public.proto."""

from collections.abc import AsyncIterator

from betterproto.lib.google.protobuf import Empty

from xai.proto.prompt_ide.sampler_public import (
    SAMPLER_GET_TOKEN_BUDGET,
    SAMPLER_LIST_MODELS,
    SAMPLER_LIST_TRANSACTIONS,
    SAMPLER_SAMPLE_TOKENS,
    SAMPLER_TOKENIZE,
    SAMPLER_TOKENIZE_AND_SAMPLE_TOKENS,
    GetTokenBudgetRequest,
    ListModelsResponse,
    ListTransactionsResponse,
    SampleTokensRequest,
    SampleTokensResponse,
    TokenBudget,
    TokenizeAndSampleTokensRequest,
    TokenizeRequest,
    TokenizeResponse,
)
from xai.proto.server_base import Handler, ServiceBase


class SamplerBase(ServiceBase):
    """Raw sampling from a model, token by token."""

    def sample_tokens(self, request: SampleTokensRequest) -> AsyncIterator[SampleTokensResponse]:
        """Continue a prompt, and stream the tokens as they are sampled."""
        raise self._unimplemented(SAMPLER_SAMPLE_TOKENS)

    async def tokenize(self, request: TokenizeRequest) -> TokenizeResponse:
        """Split a text into tokens."""
        raise self._unimplemented(SAMPLER_TOKENIZE)

    def tokenize_and_sample_tokens(
        self, request: TokenizeAndSampleTokensRequest
    ) -> AsyncIterator[SampleTokensResponse]:
        """Split a text into tokens and continue it; the tokens of the text come first."""
        raise self._unimplemented(SAMPLER_TOKENIZE_AND_SAMPLE_TOKENS)

    async def list_transactions(self, request: Empty) -> ListTransactionsResponse:
        """List the token transactions of the key."""
        raise self._unimplemented(SAMPLER_LIST_TRANSACTIONS)

    async def get_token_budget(self, request: GetTokenBudgetRequest) -> TokenBudget:
        """Return the remaining token budget of the key."""
        raise self._unimplemented(SAMPLER_GET_TOKEN_BUDGET)

    async def list_models(self, request: Empty) -> ListModelsResponse:
        """List the models the key may use."""
        raise self._unimplemented(SAMPLER_LIST_MODELS)

    def __mapping__(self) -> dict[str, Handler]:
        """Return what answers each path, as grpclib asks for it."""
        return {
            SAMPLER_SAMPLE_TOKENS.path: self._stream_handler(
                SAMPLER_SAMPLE_TOKENS, self.sample_tokens
            ),
            SAMPLER_TOKENIZE.path: self._unary_handler(SAMPLER_TOKENIZE, self.tokenize),
            SAMPLER_TOKENIZE_AND_SAMPLE_TOKENS.path: self._stream_handler(
                SAMPLER_TOKENIZE_AND_SAMPLE_TOKENS, self.tokenize_and_sample_tokens
            ),
            SAMPLER_LIST_TRANSACTIONS.path: self._unary_handler(
                SAMPLER_LIST_TRANSACTIONS, self.list_transactions
            ),
            SAMPLER_GET_TOKEN_BUDGET.path: self._unary_handler(
                SAMPLER_GET_TOKEN_BUDGET, self.get_token_budget
            ),
            SAMPLER_LIST_MODELS.path: self._unary_handler(SAMPLER_LIST_MODELS, self.list_models),
        }
