"""How many functions a call runs through: exact, where a clock says something else each time.

A bound is what was counted when it was written, so that a change which makes calls slower has to
say so here. Functions written in Python count, of this package and of those it is built on; the
event loop's own are left out, and what it does for a wakeup.
"""

import asyncio
import gc
import logging
import sys
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from types import FrameType

import pytest

import xai
from tests.services.replay_peer import ReplayPeer
from xai.runtime.transport.loop_thread import registry
from xai.testing import LocalServer
from xai.v1 import user

#: Whether list comprehensions are part of the function around them, and none of their own.
NEW = sys.version_info >= (3, 12)
#: What is not counted: the machinery that differs between versions of Python, and this file.
LEFT_OUT = ("/asyncio/", "/selectors.py", "/enum.py", "/threading.py", "/logging/", __file__)
#: How often something is counted. A wakeup more or less of the loop is the system's doing, so the
#: lowest count is the one that says what the code does.
TIMES = 5
FEW, MANY = 50, 150


class Count:
    """Counts functions called in the threads that it watches."""

    def __init__(self) -> None:
        self.calls = Counter[int]()

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        """Take an event of the interpreter."""
        if event == "call" and not any(part in frame.f_code.co_filename for part in LEFT_OUT):
            self.calls[threading.get_ident()] += 1

    def take(self) -> tuple[int, int]:
        """Return how many this thread called since the last time, and how many all others did."""
        mine = self.calls.pop(threading.get_ident(), 0)
        others = sum(self.calls.values())
        self.calls.clear()
        return mine, others


def on_loop(function: Callable[[], object]) -> None:
    """Run a function on the loop of the blocking clients, and wait for it."""
    thread, done = registry.current, threading.Event()
    assert thread is not None
    assert thread.post(function)
    assert thread.post(done.set)
    assert done.wait(60)


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Keep the collector, whose hooks are functions, too, from running, and turn the log off."""
    caplog.set_level(logging.WARNING, "xai")
    earlier = sys.getprofile()
    gc.collect()
    gc.disable()
    yield
    sys.setprofile(earlier)
    gc.enable()


def blocking(work: Callable[[], object]) -> tuple[int, int]:
    """Return how many functions the caller's thread and the loop's run through."""
    for _ in range(3):
        work()
    count = Count()
    on_loop(lambda: sys.setprofile(count))
    found = []
    for _ in range(TIMES):
        # What the loop does after a reply belongs to the call before.
        on_loop(lambda: None)
        count.calls.clear()
        sys.setprofile(count)
        work()
        sys.setprofile(None)
        on_loop(lambda: None)
        found.append(count.take())
    on_loop(lambda: sys.setprofile(None))
    return min(mine for mine, _ in found), min(others for _, others in found)


async def looped(work: Callable[[], Awaitable[object]]) -> int:
    """Return how many functions a task and its loop run through."""
    for _ in range(3):
        await work()
    count = Count()
    found = []
    for _ in range(TIMES):
        await asyncio.sleep(0)
        count.calls.clear()
        sys.setprofile(count)
        await work()
        sys.setprofile(None)
        found.append(count.take()[0])
    return min(found)


def a_message(few: int, many: int) -> int:
    """Return what each message of a stream takes, without what does not depend on their number."""
    return round((many - few) / (MANY - FEW))


@pytest.mark.usefixtures("quiet")
def test_a_blocking_call_with_one_reply_runs_through_so_many_functions() -> None:
    """So many in the thread of the caller, and so many in the loop's."""
    with ReplayPeer("sdk-tokenize") as peer, xai.Client("key", api_host=peer.host) as client:
        tokenizer = client.v1.tokenize
        mine, others = blocking(lambda: tokenizer.tokenize_text("text", model="grok-4"))
    assert mine <= 84
    assert others <= 92 - NEW


@pytest.mark.usefixtures("quiet")
def test_a_message_of_a_blocking_stream_runs_through_so_many_functions() -> None:
    """So many with the accumulated response brought up to date, and its text read."""
    with ReplayPeer("sdk-chat") as peer, xai.Client("key", api_host=peer.host) as client:
        chats = client.v1.chat

        def read() -> None:
            for _, chunk in chats.create("grok-4", messages=[user("text")]).stream():
                assert chunk.content

        peer.answer(FEW)
        mine, others = blocking(read)
        peer.answer(MANY)
        mine_of_many, others_of_many = blocking(read)
    assert a_message(mine, mine_of_many) <= 36 - NEW
    assert a_message(others, others_of_many) <= 10


@pytest.mark.usefixtures("quiet")
async def test_a_call_with_one_reply_runs_through_so_many_functions_on_a_loop() -> None:
    """So many in all, since all of it happens there."""
    with ReplayPeer("sdk-tokenize") as peer:
        async with xai.AsyncClient("key", api_host=peer.host) as client:
            tokenizer = client.v1.tokenize
            count = await looped(lambda: tokenizer.tokenize_text("text", model="grok-4"))
    assert count <= 175 - NEW


@pytest.mark.usefixtures("quiet")
async def test_a_message_of_a_stream_runs_through_so_many_functions_on_a_loop() -> None:
    """So many in all."""
    with ReplayPeer("sdk-chat") as peer:
        async with xai.AsyncClient("key", api_host=peer.host) as client:
            chats = client.v1.chat

            async def read() -> None:
                async for _, chunk in chats.create("grok-4", messages=[user("text")]).stream():
                    assert chunk.content

            peer.answer(FEW)
            few = await looped(read)
            peer.answer(MANY)
            many = await looped(read)
    assert a_message(few, many) <= 46 - NEW


@pytest.mark.usefixtures("quiet")
def test_a_further_local_server_runs_through_so_many_functions() -> None:
    """What follows from the vocabulary is made once in a process, however many servers it has."""
    LocalServer()
    count = Count()
    sys.setprofile(count)
    LocalServer()
    sys.setprofile(None)
    assert count.take()[0] <= 2000
