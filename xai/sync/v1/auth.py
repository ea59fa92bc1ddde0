# Do not edit: produced by "nox -s generate" from
# xai/aio/v1/auth.py
"""The API key: the service xai_api.Auth."""

from betterproto.lib.google.protobuf import Empty

from xai.proto.xai_api.auth import AUTH_GET_API_KEY_INFO
from xai.sync.rpc.caller import Caller
from xai.v1.auth import ApiKeyInfo, read_key


class Auth:
    """Describes the API key of the client.

    Args:
        caller: Makes the calls.
    """

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def get_api_key_info(self) -> ApiKeyInfo:
        """Describe the API key that the client sends; never the management key.

        Raises:
            AuthenticationError: The server does not know the key.
            APIError: The call failed.

        RPC: ``/xai_api.Auth/get_api_key_info``.
        """
        return self._caller.unary_of(AUTH_GET_API_KEY_INFO, Empty(), read_key)
