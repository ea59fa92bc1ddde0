"""What differs between the twins of a run: coroutine functions, threads, and cancellation."""

import asyncio
import gc
import threading
import weakref

import pytest

from tests.services.aio.v1.chat import run_helpers as helpers
from tests.services.interop.official import OfficialServer, piece
from tests.support import SECRET_KEY
from tests.twin_helpers import LIMIT
from xai import AsyncClient, Client, v1
from xai.v1 import ToolStep


async def fetch(url: str) -> str:
    """Fetch a page."""
    await asyncio.sleep(0)
    return f"page of {url}"


class Fetcher:
    """An object that is called like a coroutine function."""

    async def __call__(self, url: str) -> str:
        """Fetch a page."""
        return await fetch(url)


def ask(official_server: OfficialServer, *calls: object) -> None:
    """Let the model ask for functions, and answer then, both at once and in pieces."""
    wanted = [helpers.call("fetch", {"url": "u"}, f"c{index}") for index in range(len(calls) or 1)]
    unary = official_server.script(helpers.COMPLETION)
    unary.says(helpers.asking(*wanted))
    unary.says(helpers.answering("done"))
    streamed = official_server.script(helpers.CHUNKS)
    streamed.says(helpers.asking_piece(*wanted))
    streamed.says(piece("done"))


TOOLS = [v1.tool(fetch), v1.FunctionTool(Fetcher(), name="fetch")]


@pytest.mark.parametrize("tool", TOOLS, ids=["function", "object"])
async def test_coroutine_functions_are_awaited(
    official_server: OfficialServer, tool: v1.FunctionTool[[str], object]
) -> None:
    """The asynchronous twin awaits coroutine functions, in the task of its caller."""
    ask(official_server)
    async with AsyncClient(SECRET_KEY, api_host=official_server.host) as client:
        chat = client.v1.chat.create("m").append(v1.user("Hi"))
        result = await chat.copy().run(tools=[tool])
        streamed = await chat.run_stream(tools=[tool]).until_done()
    for each in (result, streamed):
        step = each.steps[1]
        assert isinstance(step, ToolStep)
        assert (step.result, step.error) == ("page of u", None)


@pytest.mark.parametrize("tool", TOOLS, ids=["function", "object"])
def test_coroutine_functions_are_refused_by_the_blocking_twin(
    official_server: OfficialServer, tool: v1.FunctionTool[[str], object]
) -> None:
    """The blocking twin names the function before anything is sent, of the chat or of the run."""
    with Client(SECRET_KEY, api_host=official_server.host) as client:
        chat = client.v1.chat.create("m").append(v1.user("Hi"))
        with pytest.raises(TypeError, match="'fetch' is a coroutine function"):
            chat.run(tools=[tool])
        with pytest.raises(TypeError, match="'fetch' is a coroutine function"):
            chat.run_stream(tools=[tool])
        with pytest.raises(TypeError, match="'fetch' is a coroutine function"):
            client.v1.chat.create("m", tools=[tool]).append(v1.user("Hi")).run()
    assert official_server.calls == []


def test_blocking_twin_calls_functions_in_the_thread_of_its_caller(
    official_server: OfficialServer,
) -> None:
    """Functions see the thread, and with it the thread-local state, of whoever runs them."""
    threads: list[int] = []

    def fetch(url: str) -> str:
        """Fetch a page."""
        threads.append(threading.get_ident())
        return url

    ask(official_server)
    with Client(SECRET_KEY, api_host=official_server.host) as client:
        chat = client.v1.chat.create("m").append(v1.user("Hi"))
        chat.copy().run(tools=[fetch])
        chat.run_stream(tools=[fetch]).until_done()
    assert threads == [threading.get_ident()] * 2


@pytest.mark.parametrize("streamed", [False, True])
async def test_cancellation_passes_through(
    official_server: OfficialServer, *, streamed: bool
) -> None:
    """A cancelled task ends its run amid a function; the history has a result for each call."""
    begun = asyncio.Event()

    async def fetch(url: str) -> str:
        """Fetch a page, which takes for ever."""
        begun.set()
        await asyncio.Event().wait()
        return url

    ask(official_server, 1, 2)
    async with AsyncClient(SECRET_KEY, api_host=official_server.host) as client:
        chat = client.v1.chat.create("m").append(v1.user("Hi"))
        work = chat.run_stream(tools=[fetch]).until_done() if streamed else chat.run(tools=[fetch])
        task = asyncio.ensure_future(work)
        await asyncio.wait_for(begun.wait(), LIMIT)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        results = [part[1:] for part in helpers.said(chat.messages)[2:]]
        interrupted = "error: interrupted before there was a result"
        assert results == [(interrupted, "c0"), (interrupted, "c1")]


async def test_second_reader_is_refused(official_server: OfficialServer) -> None:
    """H17: a function that reads its own run gets an error instead of waiting for ever."""
    ask(official_server)
    async with AsyncClient(SECRET_KEY, api_host=official_server.host) as client:

        async def fetch(url: str) -> str:
            """Read the run from within."""
            step = await stream.__anext__()
            return f"{url} {step}"

        stream = client.v1.chat.create("m").append(v1.user("Hi")).run_stream(tools=[fetch])
        result = await stream.until_done()
    step = result.steps[1]
    assert isinstance(step, ToolStep)
    assert step.result == "error: RuntimeError: the run is being read already"


async def test_abandoned_stream_is_collected_and_cancels(official_server: OfficialServer) -> None:
    """H16: a run that nobody holds any more is gone at once, and its call with it."""
    script = official_server.script(helpers.CHUNKS)
    script.says(piece("Hm"), hold=True)
    async with AsyncClient(SECRET_KEY, api_host=official_server.host) as client:
        stream = client.v1.chat.create("m").append(v1.user("Hi")).run_stream(tools=[fetch])
        await stream.__anext__()
        gone = weakref.ref(stream)
        gc.disable()
        try:
            del stream
            assert gone() is None
            assert await asyncio.to_thread(script.calls[0].ended.wait, LIMIT)
        finally:
            gc.enable()
