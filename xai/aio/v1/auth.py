"""The API key: the service xai_api.Auth."""

from betterproto.lib.google.protobuf import Empty

from xai.aio.rpc.caller import AsyncCaller
from xai.proto.xai_api.auth import AUTH_GET_API_KEY_INFO
from xai.v1.auth import ApiKeyInfo, read_key


class AsyncAuth:
    """Describes the API key of the client.

    Args:
        caller: Makes the calls.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def get_api_key_info(self) -> ApiKeyInfo:
        """Describe the API key that the client sends; never the management key.

        Raises:
            AuthenticationError: The server does not know the key.
            APIError: The call failed.

        RPC: ``/xai_api.Auth/get_api_key_info``.
        """
        return await self._caller.unary_of(AUTH_GET_API_KEY_INFO, Empty(), read_key)
