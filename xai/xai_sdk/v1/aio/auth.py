"""The API key."""

from xai.proto.xai_api.auth import AUTH_GET_API_KEY_INFO
from xai.xai_sdk.v1.aio.connection import AsyncConnection
from xai.xai_sdk.v1.proto.messages import Message, class_named
from xai.xai_sdk.v1.telemetry.spans import span


class Client:
    """Tells about the API key.

    Args:
        connection: Makes the calls.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get_api_key_info(self) -> Message:
        """Return what the server knows about the key."""
        with span(__name__, "get_api_key_info"):
            empty = class_named("google.protobuf.Empty")()
            return await self._connection.call(AUTH_GET_API_KEY_INFO, empty)
