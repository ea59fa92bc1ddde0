"""What one blocking client has on the background event loop: its channel."""

import asyncio
from typing import TYPE_CHECKING

from xai.runtime.http2.channel import Channel

if TYPE_CHECKING:
    import ssl

    from xai.runtime.net.config import ChannelConfig


class LoopChannel:
    """A channel that is made, used and closed on the background loop.

    Args:
        config: What it is made from.
        context: TLS settings; None only for a plaintext endpoint.
    """

    def __init__(self, config: "ChannelConfig", context: "ssl.SSLContext | None") -> None:
        self._config = config
        self._context = context
        self._channel: Channel | None = None
        self._closed = False
        self._closing: asyncio.Task[None] | None = None

    def get(self) -> Channel:
        """Return the channel; made here, since it belongs to the loop it is made on."""
        if self._channel is None:
            self._channel = Channel(self._config, self._context)
            if self._closed:
                self._channel.close()
        return self._channel

    def prepare(self, limit: float | None) -> None:
        """Begin to dial for a call that is about to come.

        Args:
            limit: Longest wait for a connection, in seconds; None for no limit.
        """
        self.get().prepare(limit)

    def close(self, closing: "set[LoopChannel]") -> None:
        """Close the channel; running calls fail.

        Args:
            closing: Holds this from now on, until its sockets are gone.
        """
        self._closed = True
        if self._channel is not None and not self._channel.closed:
            self._channel.close()
            closing.add(self)
            waiting = self._wait(self._channel, closing)
            self._closing = asyncio.get_running_loop().create_task(waiting)

    async def _wait(self, channel: Channel, closing: "set[LoopChannel]") -> None:
        await channel.wait_closed()
        closing.discard(self)

    async def wait_closed(self) -> None:
        """Wait until the sockets of a closed channel are gone."""
        if self._closing is not None:
            await self._closing

    def fresh(self) -> "LoopChannel":
        """Return another one of the same kind, for another loop."""
        return LoopChannel(self._config, self._context)

    def abandon(self) -> None:
        """Close the inherited descriptors in a forked child, and nothing above them."""
        if self._channel is not None:
            for protocol in self._channel.protocols:
                protocol.sock.close()
