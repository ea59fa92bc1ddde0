"""What the tests of this twin share."""

import asyncio  # twin: async-only
import threading
from typing import Final, TypeVar

from tests.twin_helpers import LIMIT
from xai import APIError, AsyncStream, Token
from xai.testing import Call, LocalServer

T = TypeVar("T")

#: With a temperature of 0 the local model continues this with five tokens at least, surely.
QUESTION: Final = "Does it work?"


async def collect(stream: AsyncStream[T]) -> list[T]:
    """Read a stream to its end."""
    items: list[T] = []
    async for item in stream:
        items += (item,)
    return items


async def texts(stream: AsyncStream[Token]) -> list[str]:
    """Read a stream of tokens to its end, and return their texts."""
    return [token.token_str async for token in stream]


async def until_error(stream: AsyncStream[T]) -> tuple[list[T], APIError]:
    """Read a stream that fails, and return what came before and the error."""
    items: list[T] = []
    try:
        async for item in stream:
            items += (item,)
    except APIError as error:
        return items, error
    raise AssertionError(f"the stream ended well, after {len(items)} items")


async def wait_for_call(
    server: LocalServer, method: object, state: str | None = None, *, count: int = 1
) -> Call:
    """Wait until so many calls of a method are in a state, and return the last of them."""
    # twin: sync return server.wait_for_call(method, state, count=count)
    return await server.wait_for_call_async(method, state, count=count)


async def happens(event: threading.Event) -> bool:
    """Wait until a server's thread sets an event; tell whether it did in time."""
    # twin: sync return event.wait(LIMIT)
    return await asyncio.to_thread(event.wait, LIMIT)
