"""What a fork does to both of its sides when the client is the asynchronous one."""

import sys

import pytest

from tests.reliability.processes import Peer, Script

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")

#: What the scripts have in common: a client, and a child with an event loop of its own.
_TOOLS = """
import asyncio

def make():
    host, key, authority = sys.argv[1:4]
    context = None
    if authority:
        import ssl
        context = ssl.create_default_context(cafile=authority)
        context.set_alpn_protocols(["h2"])
    return xai.AsyncClient(key, api_host=host, ssl_context=context)

def run(function):
    loop = asyncio.SelectorEventLoop()
    try:
        loop.run_until_complete(function())
    finally:
        loop.close()

async def use():
    assert await client.sampler.list_models()
    tokens = [t async for t in client.sampler.sample("Does it work?", max_len=4, temperature=0.0)]
    assert len(tokens) == 4

async def use_and_close():
    await use()
    await client.close()
    gc.collect()

async def close():
    await client.close()

def forget():
    global client
    del client
    gc.collect()

client = make()
"""

_BETWEEN = """
loop = asyncio.SelectorEventLoop()
loop.run_until_complete(use())
for child in (lambda: run(use), lambda: run(use_and_close), lambda: run(close), forget, int):
    finished(in_fork(child, os._exit))
    loop.run_until_complete(use())
loop.run_until_complete(close())
loop.close()
"""


def test_fork_between_calls(peer: Peer) -> None:
    """Child and parent go on, whatever the child does; the parent's connection stays.

    Two of the five children make a connection of their own.
    """
    with Script(_TOOLS + _BETWEEN, peer.server, authority=peer.authority):
        pass
    parent = [call.connection for call in peer.server.calls if call.connection == 1]
    assert len(parent) == 2 * 6
    assert {call.connection for call in peer.server.calls} == {1, 2, 3}


_BEFORE = """
for number in range(2):
    finished(in_fork(lambda: run(use_and_close), (sys.exit, os._exit)[number]))
run(use_and_close)
"""


def test_fork_before_the_first_call(peer: Peer) -> None:
    """A client made before a fork has its first call on each side of it."""
    with Script(_TOOLS + _BEFORE, peer.server, authority=peer.authority):
        pass
    assert {call.state for call in peer.server.calls} == {"ok"}


_DURING = """
async def child_side():
    await use()
    for old in (stream, unread):
        for _ in range(2):
            with raises(RuntimeError, "parent process"):
                await old.__anext__()
    await stream.close()
    async with unread:
        pass
    call.cancel()
    await use_and_close()

def child():
    global stream, unread, call
    run(child_side)
    del stream, unread, call
    gc.collect()

async def parent():
    global stream, unread, call
    await client.sampler.list_models()
    call = asyncio.ensure_future(client.sampler.tokenize("Does it work?"))
    stream = client.sampler.sample("Does it work?", max_len=40, temperature=0.0)
    first = await stream.__anext__()
    unread = client.sampler.sample("Does it work?", max_len=4, temperature=0.0)
    say("open")
    await asyncio.to_thread(hear)
    for _ in range(2):
        finished(in_fork(child, os._exit))
        # A child that tears down what the parent's coroutines are amid, as an error there would.
        finished(in_fork(lambda: (call.get_coro().close(), gc.collect()), os._exit))
    assert await client.sampler.list_models()
    say("forked")
    assert len(await call) == 4
    rest = [token async for token in stream]
    again = client.sampler.sample("Does it work?", max_len=40, temperature=0.0)
    assert [first, *rest] == [token async for token in again]
    assert len([token async for token in unread]) == 4
    await client.close()

loop = asyncio.SelectorEventLoop()
loop.run_until_complete(parent())
loop.run_until_complete(loop.shutdown_default_executor())
loop.close()
"""


def test_fork_amid_a_call_and_a_stream(peer: Peer) -> None:
    """What was under way at the fork ends well in the parent, and not at all in the child.

    A stream of the parent's raises RuntimeError there, also for what had been read ahead.
    """
    peer.server.stall(method="SampleTokens", after_messages=3)
    peer.server.stall(method="Tokenize")
    with Script(_TOOLS + _DURING, peer.server, authority=peer.authority) as process:
        process.expect("open")
        peer.server.wait_for_call("Tokenize", "open")
        process.tell("go on")
        process.expect("forked")
        peer.server.release()
    assert {call.state for call in peer.server.calls} == {"ok"}


_CLOSED = """
def child():
    say("child")
    hear()

async def parent():
    await use()
    pid = in_fork(child, os._exit)
    await client.close()
    return pid

loop = asyncio.SelectorEventLoop()
pid = loop.run_until_complete(parent())
say("closed")
finished(pid)
loop.close()
"""


def test_child_does_not_hold_the_connection(peer: Peer) -> None:
    """The server sees the parent close its connection while the child still runs."""
    with Script(_TOOLS + _CLOSED, peer.server, authority=peer.authority) as process:
        assert {process.line(), process.line()} == {"child", "closed"}
        peer.server.wait_for_connections(0)
        process.tell("go")


_READ_AHEAD = """
async def parent():
    stream = client.sampler.sample("Does it work?", max_len=40, temperature=0.0)
    first = await stream.__anext__()
    while len(stream._batch) < 2:
        # What has come meanwhile is read with the next one, and waits in the parent's memory.
        say("next")
        await asyncio.to_thread(hear)
        first = await stream.__anext__()

    async def read():
        with raises(RuntimeError, "parent process"):
            await stream.__anext__()

    finished(in_fork(lambda: run(read), os._exit))
    assert [token async for token in stream]
    await client.close()

loop = asyncio.SelectorEventLoop()
loop.run_until_complete(parent())
loop.run_until_complete(loop.shutdown_default_executor())
loop.close()
"""


def test_what_was_read_ahead_is_the_parents(peer: Peer) -> None:
    """No token comes twice: the child gets none of those that the parent has not taken yet."""
    with Script(_TOOLS + _READ_AHEAD, peer.server, authority=peer.authority) as process:
        while process.line() == "next":
            peer.server.wait_for_call("SampleTokens", "ok")
            process.tell("go on")
