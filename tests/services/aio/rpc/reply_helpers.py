"""What the tests of streamed replies share."""

from typing import TypeVar

import pytest

from tests.services.aio.helpers import collect, happens
from tests.services.interop.server import SeenCall
from xai import AsyncStream
from xai.runtime.transport.asynchronous import AsyncReply

T = TypeVar("T")
E = TypeVar("E", bound=BaseException)


async def step(stream: AsyncStream[T]) -> T:
    """Wait for the next piece."""
    return await stream.__anext__()


async def outcome(reply: AsyncReply[T]) -> T:
    """Wait for the whole reply."""
    # twin: sync return reply.result()
    return await reply


async def both_fail(
    pair: tuple[AsyncStream[str], AsyncReply[T]], kind: type[E], match: str | None = None
) -> tuple[E, E]:
    """Assert that both parts of a pair fail alike, and return what they raise."""
    stream, reply = pair
    with pytest.raises(kind, match=match) as by_stream:
        await collect(stream)
    with pytest.raises(kind, match=match) as by_reply:
        await outcome(reply)
    assert type(by_stream.value) is type(by_reply.value)
    assert by_stream.value is not by_reply.value
    return by_stream.value, by_reply.value


async def given_up(call: SeenCall) -> bool:
    """Wait for the end of a call at the server, and tell whether the caller gave it up."""
    assert await happens(call.ended)
    return not call.answered
