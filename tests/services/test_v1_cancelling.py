"""Cancelled tasks and calls of the v1 API: the server is told, and nothing is half done."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest

from tests.support import SECRET_KEY
from xai import AsyncClient, v1
from xai.aio.v1.chat.chat import AsyncChat
from xai.proto.xai_api import chat as pb
from xai.testing import LocalServer


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A local server that knows the secret key."""
    with LocalServer(api_keys={SECRET_KEY: ["*"]}) as server:
        yield server


@pytest.fixture
def client(server: LocalServer) -> AsyncClient:
    """A client of the local server; the hook that runs the test enters and leaves it."""
    return AsyncClient(SECRET_KEY, api_host=server.host)


def create(client: AsyncClient) -> AsyncChat:
    """Return a chat in which something was said."""
    messages = [v1.user("Does it work?")]
    return client.v1.chat.create("grok-local", messages=messages, temperature=0.0, auto_append=True)


SAMPLE, CHUNKS = pb.CHAT_GET_COMPLETION, pb.CHAT_GET_COMPLETION_CHUNK
START, POLL = pb.CHAT_START_DEFERRED_COMPLETION, pb.CHAT_GET_DEFERRED_COMPLETION
CALLS: list[tuple[object, int | None, Callable[[AsyncChat], Awaitable[object]]]] = [
    (SAMPLE, None, lambda chat: chat.sample()),
    (SAMPLE, None, lambda chat: chat.ask("Surely?")),
    (SAMPLE, None, lambda chat: chat.parse(list[int])),
    (SAMPLE, None, lambda chat: chat.run(tools=[add])),
    (CHUNKS, None, lambda chat: chat.stream().until_done()),
    (CHUNKS, 2, lambda chat: chat.stream().until_done()),
    (CHUNKS, 2, lambda chat: chat.stream_batch(2).until_done()),
    (CHUNKS, 2, lambda chat: chat.run_stream(tools=[add]).until_done()),
    (START, None, lambda chat: chat.defer()),
    (POLL, None, lambda chat: chat.defer()),
]


@pytest.mark.parametrize(("method", "after", "make"), CALLS)
async def test_cancelled_task_cancels_its_call(
    server: LocalServer,
    client: AsyncClient,
    method: object,
    after: int | None,
    make: Callable[[AsyncChat], Awaitable[object]],
) -> None:
    """The cancellation comes out as itself, the call is reset, and nothing was appended."""
    server.stall(method=method, after_messages=after)
    chat = create(client)
    before = bytes(chat.proto)
    task = asyncio.ensure_future(make(chat))
    await server.wait_for_call_async(method)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    call = await server.wait_for_call_async(method, "cancelled")
    assert call.reset_code == 8
    assert bytes(chat.proto) == before
    assert (await chat.sample()).content
    assert server.connections == 1
