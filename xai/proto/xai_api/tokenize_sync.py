# Generated from xai/api/v1/tokenize.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The blocking services of xai/api/v1/tokenize.proto."""

from xai._secrets import conceal
from xai.options import NOT_GIVEN, Metadata, NotGiven, Timeouts
from xai.proto.base import ServiceStub
from xai.proto.xai_api.tokenize import (
    TOKENIZE_TOKENIZE_TEXT,
    TokenizeTextRequest,
    TokenizeTextResponse,
)


class TokenizeStub(ServiceStub):
    """Cuts texts into tokens."""

    def tokenize_text(
        self,
        request: TokenizeTextRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> TokenizeTextResponse:
        """Cut a text into tokens."""
        pairs, metadata = conceal(metadata), ()
        return self._unary(TOKENIZE_TOKENIZE_TEXT, request, timeout=timeout, metadata=pairs)
