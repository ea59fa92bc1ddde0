# Generated from xai/api/v1/auth.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The blocking services of xai/api/v1/auth.proto."""

from betterproto.lib.google.protobuf import Empty

from xai._secrets import conceal
from xai.options import NOT_GIVEN, Metadata, NotGiven, Timeouts
from xai.proto.base import ServiceStub
from xai.proto.xai_api.auth import AUTH_GET_API_KEY_INFO, ApiKey


class AuthStub(ServiceStub):
    """Describes API keys."""

    def get_api_key_info(
        self,
        request: Empty,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> ApiKey:
        """Describe the key that the call is made with."""
        pairs, metadata = conceal(metadata), ()
        return self._unary(AUTH_GET_API_KEY_INFO, request, timeout=timeout, metadata=pairs)
