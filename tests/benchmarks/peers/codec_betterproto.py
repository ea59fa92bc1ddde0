"""betterproto's own codec, on messages with no more fields than the chunk has."""

# ruff: noqa: RUF009  # betterproto declares fields by calls

from dataclasses import dataclass
from datetime import datetime

import betterproto

from tests.benchmarks.codec import codec
from tests.benchmarks.orders import Server
from tests.benchmarks.peer import Peer


@dataclass(eq=False, repr=False)
class Delta(betterproto.Message):
    """What is new."""

    content: str = betterproto.string_field(1)
    role: int = betterproto.int32_field(2)


@dataclass(eq=False, repr=False)
class Output(betterproto.Message):
    """What is new in one output."""

    delta: Delta = betterproto.message_field(1)
    index: int = betterproto.int32_field(2)


@dataclass(eq=False, repr=False)
class Chunk(betterproto.Message):
    """A chunk of a response."""

    id: str = betterproto.string_field(1)
    outputs: list[Output] = betterproto.message_field(2)
    created: datetime = betterproto.message_field(3)
    model: str = betterproto.string_field(4)


def connect(server: Server) -> Peer:
    """Return the peer."""
    del server
    return codec(
        read=lambda data: Chunk().parse(data),
        write=bytes,
        text=lambda chunk: chunk.outputs[0].delta.content,
    )
