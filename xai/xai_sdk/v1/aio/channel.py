"""Channels, as far as programs use them: to close them, and to make stubs on them."""

from xai.xai_sdk.v1.aio.connection import AsyncConnection


class AsyncChannel:
    """Stands for the channel of a client, which has one for each event loop it is used from.

    Args:
        connection: Makes the calls of the client.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    @property
    def _channel(self) -> "_Unowned":
        """What libraries close when the event loop of a channel is gone."""
        return _Unowned()

    async def close(self, grace: float | None = None) -> None:  # noqa: ARG002  # theirs
        """Close the connections of the client."""
        await self._connection.client.close()


class _Unowned:
    """Nothing: the sockets of an event loop are closed with it."""

    def close(self) -> None:
        """Do nothing; the client is as good as new in another event loop."""
