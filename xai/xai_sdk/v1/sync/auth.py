# Do not edit: produced by "nox -s generate" from
# xai/xai_sdk/v1/aio/auth.py
"""The API key."""

from xai.proto.xai_api.auth import AUTH_GET_API_KEY_INFO
from xai.xai_sdk.v1.proto.messages import Message, class_named
from xai.xai_sdk.v1.sync.connection import Connection
from xai.xai_sdk.v1.telemetry.spans import span


class Client:
    """Tells about the API key.

    Args:
        connection: Makes the calls.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get_api_key_info(self) -> Message:
        """Return what the server knows about the key."""
        with span(__name__, "get_api_key_info"):
            empty = class_named("google.protobuf.Empty")()
            return self._connection.call(AUTH_GET_API_KEY_INFO, empty)
