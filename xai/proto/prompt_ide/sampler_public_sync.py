# Generated from prompt_ide/sampler_public.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The blocking services of prompt_ide/sampler_public.proto."""

from betterproto.lib.google.protobuf import Empty

from xai._secrets import conceal
from xai._streams import Stream
from xai.options import NOT_GIVEN, Metadata, NotGiven, Timeouts
from xai.proto.base import ServiceStub
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


class SamplerStub(ServiceStub):
    """Raw sampling from a model, token by token."""

    def sample_tokens(
        self,
        request: SampleTokensRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> Stream[SampleTokensResponse]:
        """Continue a prompt, and stream the tokens as they are sampled."""
        pairs, metadata = conceal(metadata), ()
        return self._stream(SAMPLER_SAMPLE_TOKENS, request, timeout=timeout, metadata=pairs)

    def tokenize(
        self,
        request: TokenizeRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> TokenizeResponse:
        """Split a text into tokens."""
        pairs, metadata = conceal(metadata), ()
        return self._unary(SAMPLER_TOKENIZE, request, timeout=timeout, metadata=pairs)

    def tokenize_and_sample_tokens(
        self,
        request: TokenizeAndSampleTokensRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> Stream[SampleTokensResponse]:
        """Split a text into tokens and continue it; the tokens of the text come first."""
        pairs, metadata = conceal(metadata), ()
        return self._stream(
            SAMPLER_TOKENIZE_AND_SAMPLE_TOKENS, request, timeout=timeout, metadata=pairs
        )

    def list_transactions(
        self,
        request: Empty,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> ListTransactionsResponse:
        """List the token transactions of the key."""
        pairs, metadata = conceal(metadata), ()
        return self._unary(SAMPLER_LIST_TRANSACTIONS, request, timeout=timeout, metadata=pairs)

    def get_token_budget(
        self,
        request: GetTokenBudgetRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> TokenBudget:
        """Return the remaining token budget of the key."""
        pairs, metadata = conceal(metadata), ()
        return self._unary(SAMPLER_GET_TOKEN_BUDGET, request, timeout=timeout, metadata=pairs)

    def list_models(
        self,
        request: Empty,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> ListModelsResponse:
        """List the models the key may use."""
        pairs, metadata = conceal(metadata), ()
        return self._unary(SAMPLER_LIST_MODELS, request, timeout=timeout, metadata=pairs)
