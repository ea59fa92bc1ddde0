# Generated from xai/api/v1/tokenize.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The server's side of the services of xai/api/v1/tokenize.proto."""

from xai.proto.server_base import Handler, ServiceBase
from xai.proto.xai_api.tokenize import (
    TOKENIZE_TOKENIZE_TEXT,
    TokenizeTextRequest,
    TokenizeTextResponse,
)


class TokenizeBase(ServiceBase):
    """Cuts texts into tokens."""

    async def tokenize_text(self, request: TokenizeTextRequest) -> TokenizeTextResponse:
        """Cut a text into tokens."""
        raise self._unimplemented(TOKENIZE_TOKENIZE_TEXT)

    def __mapping__(self) -> dict[str, Handler]:
        """Return what answers each path, as grpclib asks for it."""
        return {
            TOKENIZE_TOKENIZE_TEXT.path: self._unary_handler(
                TOKENIZE_TOKENIZE_TEXT, self.tokenize_text
            ),
        }
