"""What differs between the twins of a run: coroutine functions, threads, and cancellation."""

import asyncio
import gc
import threading
import weakref
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.services.aio.v1.chat import run_helpers as helpers
from tests.services.interop.reference import ReferenceServer, piece
from tests.support import SECRET_KEY, run_child
from tests.twin_helpers import LIMIT
from xai import AsyncClient, Client, NotFoundError, StatusCode, v1
from xai.v1 import ToolStep

if TYPE_CHECKING:
    from collections.abc import Callable


async def fetch(url: str) -> str:
    """Fetch a page."""
    await asyncio.sleep(0)
    return f"page of {url}"


class Fetcher:
    """An object that is called like a coroutine function."""

    async def __call__(self, url: str) -> str:
        """Fetch a page."""
        return await fetch(url)


def ask(reference_server: ReferenceServer, *calls: object) -> None:
    """Let the model ask for functions, and answer then, both at once and in pieces."""
    wanted = [helpers.call("fetch", {"url": "u"}, f"c{index}") for index in range(len(calls) or 1)]
    unary = reference_server.script(helpers.COMPLETION)
    unary.says(helpers.asking(*wanted))
    unary.says(helpers.answering("done"))
    streamed = reference_server.script(helpers.CHUNKS)
    streamed.says(helpers.asking_piece(*wanted))
    streamed.says(piece("done"))


TOOLS = [v1.tool(fetch), v1.FunctionTool(Fetcher(), name="fetch")]


@pytest.mark.parametrize("tool", TOOLS, ids=["function", "object"])
async def test_coroutine_functions_are_awaited(
    reference_server: ReferenceServer, tool: v1.FunctionTool[[str], object]
) -> None:
    """The asynchronous twin awaits coroutine functions, in the task of its caller."""
    ask(reference_server)
    async with AsyncClient(SECRET_KEY, api_host=reference_server.host) as client:
        chat = client.v1.chat.create("m").append(v1.user("Hi"))
        result = await chat.copy().run(tools=[tool])
        streamed = await chat.run_stream(tools=[tool]).until_done()
    for each in (result, streamed):
        step = each.steps[1]
        assert isinstance(step, ToolStep)
        assert (step.result, step.error) == ("page of u", None)


@pytest.mark.parametrize("tool", TOOLS, ids=["function", "object"])
def test_coroutine_functions_are_refused_by_the_blocking_twin(
    reference_server: ReferenceServer, tool: v1.FunctionTool[[str], object]
) -> None:
    """The blocking twin names the function before anything is sent, of the chat or of the run."""
    with Client(SECRET_KEY, api_host=reference_server.host) as client:
        chat = client.v1.chat.create("m").append(v1.user("Hi"))
        with pytest.raises(TypeError, match="'fetch' is a coroutine function"):
            chat.run(tools=[tool])
        with pytest.raises(TypeError, match="'fetch' is a coroutine function"):
            chat.run_stream(tools=[tool])
        with pytest.raises(TypeError, match="'fetch' is a coroutine function"):
            client.v1.chat.create("m", tools=[tool]).append(v1.user("Hi")).run()
    assert reference_server.calls == []


def test_blocking_twin_calls_functions_in_the_thread_of_its_caller(
    reference_server: ReferenceServer,
) -> None:
    """Functions see the thread, and with it the thread-local state, of whoever runs them."""
    threads: list[int] = []

    def fetch(url: str) -> str:
        """Fetch a page."""
        threads.append(threading.get_ident())
        return url

    ask(reference_server)
    with Client(SECRET_KEY, api_host=reference_server.host) as client:
        chat = client.v1.chat.create("m").append(v1.user("Hi"))
        chat.copy().run(tools=[fetch])
        chat.run_stream(tools=[fetch]).until_done()
    assert threads == [threading.get_ident()] * 2


@pytest.mark.parametrize("streamed", [False, True])
async def test_cancellation_passes_through(
    reference_server: ReferenceServer, *, streamed: bool
) -> None:
    """A cancelled task ends its run amid a function; the history has a result for each call."""
    begun = asyncio.Event()

    async def fetch(url: str) -> str:
        """Fetch a page, which takes for ever."""
        begun.set()
        await asyncio.Event().wait()
        return url

    ask(reference_server, 1, 2)
    async with AsyncClient(SECRET_KEY, api_host=reference_server.host) as client:
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


async def test_second_reader_is_refused(reference_server: ReferenceServer) -> None:
    """A function that reads its own run gets an error instead of waiting for ever."""
    ask(reference_server)
    async with AsyncClient(SECRET_KEY, api_host=reference_server.host) as client:

        async def fetch(url: str) -> str:
            """Read the run from within."""
            step = await stream.__anext__()
            return f"{url} {step}"

        stream = client.v1.chat.create("m").append(v1.user("Hi")).run_stream(tools=[fetch])
        result = await stream.until_done()
    step = result.steps[1]
    assert isinstance(step, ToolStep)
    assert step.result == "error: RuntimeError: the run is being read already"


async def test_abandoned_stream_is_collected_and_cancels(reference_server: ReferenceServer) -> None:
    """A run that nobody holds any more is gone at once, and its call with it."""
    script = reference_server.script(helpers.CHUNKS)
    script.says(piece("Hm"), hold=True)
    async with AsyncClient(SECRET_KEY, api_host=reference_server.host) as client:
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


class Gate:
    """Lets coroutine functions through when enough of them wait."""

    def __init__(self, count: int) -> None:
        self._left = count
        self._open = asyncio.Event()

    async def pass_through(self) -> None:
        """Wait for the others."""
        self._left -= 1
        if not self._left:
            self._open.set()
        await asyncio.wait_for(self._open.wait(), LIMIT)


def ask_for(reference_server: ReferenceServer, *names: str) -> None:
    """Let the model ask for functions by name, and answer then, both at once and in pieces."""
    wanted = [helpers.call(name, {"at": at}, f"c{at}") for at, name in enumerate(names)]
    unary = reference_server.script(helpers.COMPLETION)
    unary.says(helpers.asking(*wanted))
    unary.says(helpers.answering("done"))
    streamed = reference_server.script(helpers.CHUNKS)
    streamed.says(helpers.asking_piece(*wanted))
    streamed.says(piece("done"))


def told(result: v1.RunResult[object]) -> list[str]:
    """Return the results of the functions of a run."""
    return [step.result for step in result.steps if isinstance(step, ToolStep)]


@pytest.mark.parametrize("streamed", [False, True])
async def test_coroutine_functions_of_a_turn_run_together(
    reference_server: ReferenceServer, *, streamed: bool
) -> None:
    """Each waits for the others; results, steps and messages have the order of the model."""
    gate = Gate(3)

    async def slow(at: int) -> str:
        """Wait for the others."""
        await gate.pass_through()
        for _ in range(5 - at):
            await asyncio.sleep(0)
        return f"slow {at}"

    def plain(at: int) -> str:
        """Do something."""
        return f"plain {at}"

    ask_for(reference_server, "slow", "plain", "slow", "plain", "slow")
    async with AsyncClient(SECRET_KEY, api_host=reference_server.host) as client:
        chat = client.v1.chat.create("m").append(v1.user("Hi"))
        shown: list[v1.Step] = []
        tools = [slow, plain]
        if streamed:
            result = await chat.run_stream(tools=tools, on_step=shown.append).until_done()
        else:
            result = await chat.run(tools=tools, on_step=shown.append)
    expected = ["slow 0", "plain 1", "slow 2", "plain 3", "slow 4"]
    assert told(result) == expected
    assert [step.result for step in shown if isinstance(step, ToolStep)] == expected
    results = [part[1:] for part in helpers.said(chat.messages) if part[0] == "ROLE_TOOL"]
    assert results == [(text, f"c{at}") for at, text in enumerate(expected)]


async def test_failures_of_some_leave_the_results_of_others(
    reference_server: ReferenceServer,
) -> None:
    """An error of one coroutine function is its result, or is raised when the others are done."""

    async def work(at: int) -> str:
        """Fail, perhaps."""
        await asyncio.sleep(0)
        if at == 1:
            raise OSError("no disk")
        return f"work {at}"

    async with AsyncClient(SECRET_KEY, api_host=reference_server.host) as client:
        chat = client.v1.chat.create("m").append(v1.user("Hi"))
        ask_for(reference_server, "work", "work", "work")
        result = await chat.copy().run(tools=[work])
        ask_for(reference_server, "work", "work", "work")
        with pytest.raises(v1.ToolError, match="no disk"):
            await chat.run(tools=[work], on_tool_error="raise")
    assert told(result) == ["work 0", "error: OSError: no disk", "work 2"]
    results = [part[1] for part in helpers.said(chat.messages) if part[0] == "ROLE_TOOL"]
    assert results == told(result)


async def test_failed_call_within_one_cancels_the_others(reference_server: ReferenceServer) -> None:
    """An error of the service ends the run; what still waits is cancelled and says so."""
    cancelled: list[int] = []
    begun = asyncio.Event()

    async def work(at: int) -> str:
        """Wait for ever, or fail."""
        if at == 1:
            await begun.wait()
            raise NotFoundError(StatusCode.NOT_FOUND, "gone")
        try:
            begun.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(at)
            raise
        return ""

    ask_for(reference_server, "work", "work")
    async with AsyncClient(SECRET_KEY, api_host=reference_server.host) as client:
        chat = client.v1.chat.create("m").append(v1.user("Hi"))
        with pytest.raises(NotFoundError):
            await chat.run(tools=[work])
    assert cancelled == [0]
    interrupted = "error: interrupted before there was a result"
    results = [part[1] for part in helpers.said(chat.messages) if part[0] == "ROLE_TOOL"]
    assert results == [interrupted, interrupted]


USER: ContextVar[str] = ContextVar("USER", default="nobody")


@pytest.mark.parametrize("in_thread", [True, False])
async def test_plain_functions_do_not_hold_up_the_loop(
    reference_server: ReferenceServer, *, in_thread: bool
) -> None:
    """They run in a thread, with the context of the run, unless they are to stay on the loop."""
    loop = asyncio.get_running_loop()
    threads: list[bool] = []

    @v1.tool(in_thread=in_thread)
    def work(at: int) -> str:
        """Wait for the loop, if that can go on."""
        threads.append(threading.current_thread() is threading.main_thread())
        if in_thread:
            asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result(LIMIT)
        return f"{USER.get()} {at}"

    ask_for(reference_server, "work", "work")
    USER.set("Anna")
    async with AsyncClient(SECRET_KEY, api_host=reference_server.host) as client:
        chat = client.v1.chat.create("m").append(v1.user("Hi"))
        result = await chat.copy().run(tools=[work])
        await chat.run_stream(tools=[work]).until_done()
    assert told(result) == ["Anna 0", "Anna 1"]
    assert threads == [not in_thread] * 4


async def test_what_a_plain_function_returns_is_awaited(reference_server: ReferenceServer) -> None:
    """A plain function may return a coroutine, and raise what a future can't hold."""

    def work(at: int) -> object:
        """Return something to be awaited, or raise."""
        if at:
            raise StopIteration(at)
        return fetch("u")

    ask_for(reference_server, "work", "work")
    async with AsyncClient(SECRET_KEY, api_host=reference_server.host) as client:
        result = await client.v1.chat.create("m").append(v1.user("Hi")).run(tools=[work])
    assert told(result) == ["page of u", "error: RuntimeError: coroutine raised StopIteration"]


class Watcher:
    """An observer that has to be awaited."""

    def __init__(self) -> None:
        self.seen: list[v1.Step] = []

    async def note(self, step: v1.Step) -> None:
        """Note a step."""
        await asyncio.sleep(0)
        self.seen.append(step)

    async def __call__(self, step: v1.Step) -> None:
        """Note a step."""
        await self.note(step)


@pytest.mark.parametrize("how", ["method", "object", "partial"])
async def test_coroutine_function_may_observe(reference_server: ReferenceServer, how: str) -> None:
    """An observer that returns a coroutine is awaited before the run goes on."""
    ask(reference_server)
    watcher = Watcher()
    observers: dict[str, Callable[[v1.Step], object]] = {
        "method": watcher.note,
        "object": watcher,
        "partial": partial(watcher),
    }
    on_step = observers[how]
    async with AsyncClient(SECRET_KEY, api_host=reference_server.host) as client:
        chat = client.v1.chat.create("m").append(v1.user("Hi"))
        result = await chat.copy().run(tools=[v1.tool(fetch)], on_step=on_step)
        assert watcher.seen == list(result.steps)
        await chat.run_stream(tools=[v1.tool(fetch)], on_step=on_step).until_done()
    assert len(watcher.seen) > 2 * len(result.steps)


def test_blocking_twin_refuses_what_has_to_be_awaited(reference_server: ReferenceServer) -> None:
    """Coroutine functions as observers are refused at once, others when they are seen."""
    ask(reference_server)
    watcher = Watcher()
    with Client(SECRET_KEY, api_host=reference_server.host) as client:
        chat = client.v1.chat.create("m").append(v1.user("Hi"))
        for on_step in (watcher, watcher.note):
            with pytest.raises(TypeError, match="on_step must be a plain function here"):
                chat.run(on_step=on_step)
            with pytest.raises(TypeError, match="on_step must be a plain function here"):
                chat.run_stream(on_step=on_step)
        assert reference_server.calls == []
        with pytest.raises(TypeError, match="on_step must be a plain function here"):
            chat.run(on_step=lambda step: watcher.note(step))  # noqa: PLW0108  # it hides what it is


async def test_interrupt_in_a_thread_ends_the_run(reference_server: ReferenceServer) -> None:
    """What is no error passes through from a thread, and the history stays valid."""

    def work(at: int) -> str:
        """Stop."""
        raise KeyboardInterrupt(at)

    ask_for(reference_server, "work", "work")
    async with AsyncClient(SECRET_KEY, api_host=reference_server.host) as client:
        chat = client.v1.chat.create("m").append(v1.user("Hi"))
        ended = False
        try:
            await chat.run(tools=[work])
        except KeyboardInterrupt:
            ended = True
    assert ended
    assert helpers.unanswered(chat.messages) == []


_SCRIPT = """
import sys
for name in {missing}:
    sys.modules[name] = None
import xai
from xai import v1
from dataclasses import dataclass

@dataclass
class Town:
    name: str

def look(text: str) -> str:
    return text

client = xai.Client("key", api_host="localhost:1")
chat = client.v1.chat.create("m", messages=[v1.user("Hi")], tools=[v1.tool("a", "b", {{}})])
client.v1.chat.create("m", response_format="json_object")
client.v1.chat.create("m", response_format={{"type": "object"}})
for use in (
    lambda: chat.parse(Town),
    lambda: chat.stream_parse(list[Town]),
    lambda: v1.schema_of(Town),
    lambda: v1.tool(look),
    lambda: chat.run(tools=[look]),
    lambda: client.v1.chat.create("m", tools=[look]),
    lambda: client.v1.chat.create("m", response_format=Town),
    lambda: chat.run(response_format=Town),
):
    try:
        use()
    except ImportError as error:
        assert 'pip install "xai-client[pydantic]"' in str(error), error
    else:
        raise AssertionError(use)
print("all named")
client.close()
"""


@pytest.mark.parametrize("missing", [["pydantic"], ["griffe"]])
def test_missing_extra_is_named(missing: list[str]) -> None:
    """Only types and functions need the extra, and say how to install it."""
    child = run_child(_SCRIPT.format(missing=missing))
    assert child.stdout.split("\n")[0] == "all named"
