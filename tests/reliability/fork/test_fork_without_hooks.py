"""A process that is forked by code in C, which runs none of the hooks that `os.fork` runs."""

import sys

import pytest

from tests.reliability.processes import Peer, Script
from xai.testing import LocalServer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")

_TOOLS = """
import ctypes

fork = ctypes.PyDLL(None).fork

def forked(function, leave=os._exit):
    pid = fork()
    if pid:
        finished(pid)
        return
    try:
        signal.alarm(20)
        function()
        gc.collect()
    except BaseException:
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    leave(0)
    raise AssertionError
"""

_IDLE = """
client = make_client()
client.sampler.tokenize("before")

def use():
    assert client.sampler.tokenize("in the child")
    assert list(client.sampler.sample("Does it work?", max_len=4))
    assert [thread.name for thread in threading.enumerate()].count("xai-io") >= 1

def use_and_close():
    use()
    client.close()
    gc.collect()

def drop():
    global client
    client.close()
    del client
    gc.collect()

def grandchild():
    use()
    forked(use)
    use()

for child in (use, use_and_close, drop, grandchild):
    forked(child)
    assert client.sampler.tokenize("after"), "the parent's connection is gone"
# As a worker of a server does: it leaves by the interpreter's own end.
forked(use, sys.exit)
assert client.sampler.tokenize("after")
client.close()
"""


def test_child_with_an_idle_connection_calls(peer: Peer) -> None:
    """Both sides call after a fork that Python does not know of, each on its own connection."""
    with Script(_TOOLS + _IDLE, peer.server, authority=peer.authority):
        pass
    parent = [call for call in peer.server.calls if call.connection == 1]
    assert len(parent) == 1 + 5
    assert peer.server.connections == 1 + 5


_STREAM = """
client = make_client()
stream = client.sampler.sample("Does it work?", max_len=40, temperature=0.0)
first = next(stream)
unread = client.sampler.sample("Does it work?", max_len=40)
future = client.chat.create_conversation().add_response_no_stream
say("open")
hear()

def child():
    for old in (stream, unread):
        for _ in range(2):
            with raises(RuntimeError, "parent process"):
                next(old)
    stream.close()
    assert client.sampler.list_models()
    tokens = list(client.sampler.sample("Does it work?", max_len=4, temperature=0.0))
    assert tokens[0] == first

forked(child)
assert client.sampler.list_models()
say("forked")
assert list(stream)
client.close()
"""


@pytest.mark.parametrize("after", [1, 3])
def test_stream_of_the_parent_fails_in_the_child(peer: Peer, after: int) -> None:
    """A stream that began in the parent is an error in the child, read ahead or not."""
    peer.server.stall(method="SampleTokens", after_messages=after)
    with Script(_TOOLS + _STREAM, peer.server, authority=peer.authority) as process:
        process.expect("open")
        peer.server.wait_for_call("SampleTokens", "open")
        process.tell("go on")
        process.expect("forked")
        peer.server.release()
    assert {call.state for call in peer.server.calls} == {"ok"}


_LOCKS = """
from xai.runtime.transport.loop_thread import registry

client, other = make_client(), make_client()
client.sampler.list_models()
other.sampler.list_models()
held, go = threading.Event(), threading.Event()

def hold():
    # All that a call may take on its way.
    core = client._connections
    with core._lock, client._seeds._lock, core._transport._mutex, registry.gate:
        held.set()
        go.wait()

thread = start(hold)
held.wait()

def child():
    assert client.sampler.list_models()
    assert list(client.sampler.sample("Does it work?", max_len=4))
    client.close()
    with make_client() as new:
        assert new.sampler.list_models()

forked(child)
go.set()
thread.join()
assert client.sampler.list_models()
client.close()
other.close()
"""


def test_locks_that_are_held_at_the_fork(server: LocalServer) -> None:
    """A lock that another thread held at the fork is free in the child."""
    with Script(_TOOLS + _LOCKS, server):
        pass


_ASYNC = """
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
    # What `os.fork` would have reset.
    asyncio._set_running_loop(None)
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

async def child_side():
    for old in (stream, unread):
        for _ in range(2):
            with raises(RuntimeError, "parent process"):
                await old.__anext__()
    await stream.close()
    await use_and_close()

async def parent():
    global stream, unread
    stream = client.sampler.sample("Does it work?", max_len=40, temperature=0.0)
    await stream.__anext__()
    unread = client.sampler.sample("Does it work?", max_len=4, temperature=0.0)
    say("open")
    await asyncio.to_thread(hear)
    forked(lambda: run(child_side))
    # The child goes on with a loop that has called before, too.
    await use()
    say("forked")
    assert [token async for token in stream]
    await client.close()

client = make()
loop = asyncio.SelectorEventLoop()
loop.run_until_complete(use())
forked(lambda: run(use_and_close))
forked(lambda: run(client.close))
loop.run_until_complete(use())
loop.run_until_complete(parent())
loop.close()
"""


def test_asynchronous_client(peer: Peer) -> None:
    """The asynchronous client goes on on both sides; the parent's streams fail in the child."""
    with Script(_TOOLS + _ASYNC, peer.server, authority=peer.authority) as process:
        process.expect("open")
        process.tell("go on")
        process.expect("forked")


_AMID = """
import asyncio

client = make_client()
client.sampler.list_models()

async def call():
    async with xai.AsyncClient(sys.argv[2], api_host=sys.argv[1]) as other:
        assert await other.sampler.tokenize("amid")

threads = [
    start(function)
    for function in (
        lambda: client.sampler.tokenize("amid"),
        lambda: list(client.sampler.sample("Does it work?", max_len=4)),
        lambda: asyncio.run(call()),
    )
    for _ in range(2)
]
say("started")
hear()

def child():
    assert client.sampler.list_models()
    assert list(client.sampler.sample("Does it work?", max_len=4))
    with make_client() as new:
        assert new.sampler.list_models()
    client.close()

for _ in range(3):
    forked(child)
say("forked")
for thread in threads:
    thread.join()
client.close()
"""


def test_other_threads_are_amid_calls(server: LocalServer) -> None:
    """A child forked while other threads wait for their calls makes calls of its own.

    They wait: a thread that wants the interpreter's own lock at the moment of such a fork leaves
    it broken in the child, whatever runs there, for nobody resets it.
    """
    server.stall(method="Tokenize", times=4)
    server.stall(method="SampleTokens", times=2, after_messages=1)
    with Script(_TOOLS + _AMID, server) as process:
        process.expect("started")
        server.wait_for_call("Tokenize", "open", count=4)
        server.wait_for_call("SampleTokens", "open", count=2)
        process.tell("go on")
        process.expect("forked")
        server.release()
