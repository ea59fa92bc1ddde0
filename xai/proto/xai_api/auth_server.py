# Generated from xai/api/v1/auth.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The server's side of the services of xai/api/v1/auth.proto."""

from betterproto.lib.google.protobuf import Empty

from xai.proto.server_base import Handler, ServiceBase
from xai.proto.xai_api.auth import AUTH_GET_API_KEY_INFO, ApiKey


class AuthBase(ServiceBase):
    """Describes API keys."""

    async def get_api_key_info(self, request: Empty) -> ApiKey:
        """Describe the key that the call is made with."""
        raise self._unimplemented(AUTH_GET_API_KEY_INFO)

    def __mapping__(self) -> dict[str, Handler]:
        """Return what answers each path, as grpclib asks for it."""
        return {
            AUTH_GET_API_KEY_INFO.path: self._unary_handler(
                AUTH_GET_API_KEY_INFO, self.get_api_key_info
            ),
        }
