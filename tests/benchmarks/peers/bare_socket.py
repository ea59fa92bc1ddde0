"""A floor: the same bytes over a bare socket of asyncio, without HTTP/2."""

import asyncio
from collections.abc import AsyncIterator

from tests.benchmarks import frames
from tests.benchmarks.orders import Server
from tests.benchmarks.payloads import LARGE, SMALL
from tests.benchmarks.peer import AsyncCall, AsyncFlow, AsyncPeer

#: About the request of the others, with its headers.
_MESSAGE = bytes(200)
_GRPC_PREFIX = 5
#: What surrounds the messages of a stream.
_HEAD = len(frames.frame(frames.HEADERS, 0, 0, frames.REPLY_BLOCK))
_TAIL = len(frames.TRAILERS_BLOCK)


class Bytes(asyncio.Protocol):
    """Counts what arrives."""

    def __init__(self) -> None:
        self.received = 0
        self.last = b""
        self.arrived: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note the transport."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Wake whoever waits."""
        self.received += len(data)
        # The trailers may come in pieces.
        self.last = (data if len(data) > _TAIL else self.last + data)[-_TAIL:]
        if not self.arrived.done():
            self.arrived.set_result(None)

    async def wait(self) -> None:
        """Wait for more bytes."""
        await self.arrived
        self.arrived = asyncio.get_running_loop().create_future()


async def connect(server: Server) -> AsyncPeer:
    """Return the peer."""
    loop = asyncio.get_running_loop()
    _, echo = await loop.create_connection(Bytes, "127.0.0.1", server.ports["echo"])
    _, calls = await loop.create_connection(Bytes, "127.0.0.1", server.ports["grpc"])
    calls.transport.write(frames.PREFACE + frames.wide_settings())
    greeting = frames.wide_settings() + frames.frame(frames.SETTINGS, frames.ACK, 0)
    while calls.received < len(greeting):
        await calls.wait()
    last = -1

    async def run() -> int:
        echo.received = 0
        echo.transport.write(_MESSAGE)
        while echo.received < len(_MESSAGE):
            await echo.wait()
        return echo.received

    async def stream(size: int) -> AsyncIterator[None]:
        nonlocal last
        last += 2
        calls.received = 0
        calls.transport.write(frames.request(last))
        whole = frames.HEADER_SIZE + _GRPC_PREFIX + size
        seen = 0
        ended = False
        while not ended:
            await calls.wait()
            ended = calls.last.endswith(frames.TRAILERS_BLOCK)
            arrived = (calls.received - _HEAD) // whole
            for _ in range(seen, arrived):
                yield None
            seen = arrived

    async def close() -> None:
        echo.transport.close()
        calls.transport.close()

    return AsyncPeer(
        calls={"unary": AsyncCall("tokenize", run, len(_MESSAGE))},
        flows={
            "stream": AsyncFlow("token", lambda: stream(SMALL), lambda _: "text"),
            "stream-large": AsyncFlow("token", lambda: stream(LARGE), lambda _: "text"),
        },
        close=close,
    )
