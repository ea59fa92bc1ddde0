"""A floor: grpclib alone, which leaves the messages as the bytes they are."""

from collections.abc import AsyncIterator

from grpclib.client import Channel, UnaryStreamMethod, UnaryUnaryMethod
from grpclib.encoding.base import CodecBase

from tests.benchmarks.orders import Server
from tests.benchmarks.peer import KEY, AsyncCall, AsyncFlow, AsyncPeer

_METADATA = {"authorization": f"Bearer {KEY}"}
_TIMEOUT = 900.0
#: A request of the usual size.
_REQUEST = b"\x0a\x10In the beginning"


class Untouched(CodecBase):
    """Leaves messages as they are."""

    __content_subtype__ = "proto"

    def encode(self, message: bytes, message_type: object) -> bytes:  # noqa: ARG002  # inherited
        """Return the message."""
        return message

    def decode(self, data: bytes, message_type: object) -> bytes:  # noqa: ARG002  # inherited
        """Return the message."""
        return data


async def connect(server: Server) -> AsyncPeer:
    """Return the peer."""
    channel = Channel("127.0.0.1", server.ports["grpc"], codec=Untouched())
    unary = UnaryUnaryMethod(channel, "/prompt_ide.Sampler/Tokenize", bytes, bytes)
    sample = UnaryStreamMethod(channel, "/prompt_ide.Sampler/SampleTokens", bytes, bytes)

    async def run() -> int:
        return bool(await unary(_REQUEST, timeout=_TIMEOUT, metadata=_METADATA))

    async def open_sample() -> AsyncIterator[bytes]:
        async with sample.open(timeout=_TIMEOUT, metadata=_METADATA) as stream:
            await stream.send_message(_REQUEST, end=True)
            async for reply in stream:
                yield reply

    async def close() -> None:
        channel.close()

    return AsyncPeer(
        calls={"unary": AsyncCall("tokenize", run, 1), "embed": AsyncCall("embed", run, 1)},
        flows={"stream": AsyncFlow("token", open_sample, lambda _: "text")},
        close=close,
    )
