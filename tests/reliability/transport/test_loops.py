"""Event loops that come and go, other event loops, other interpreters, and hectic switching."""

import asyncio
import gc
import importlib.util
import sys
import threading
import warnings

import pytest

import xai
from tests.reliability.processes import Peer, Script
from xai.testing import LocalServer


def _client(peer: Peer) -> xai.AsyncClient:
    server = peer.server
    return xai.AsyncClient(server.api_key, api_host=server.host, ssl_context=peer.context())


async def _use(client: xai.AsyncClient) -> None:
    assert await client.sampler.list_models()
    assert (
        len(
            [
                token
                async for token in client.sampler.sample(
                    "Does it work?", max_len=3, temperature=0.0
                )
            ]
        )
        == 3
    )


def test_one_client_in_many_loops(peer: Peer) -> None:
    """One client serves three `asyncio.run` in turn; what a dead loop left harms nobody."""
    if sys.version_info < (3, 11) and peer.authority:
        pytest.skip("asyncio of 3.10 can't let go of a TLS connection whose loop is closed")
    client = _client(peer)
    with warnings.catch_warnings():
        # Loops that end with a connection open leave its socket to the collector.
        warnings.simplefilter("ignore", ResourceWarning)
        for _ in range(3):
            asyncio.run(_use(client))
        gc.collect()

        async def last() -> None:
            await _use(client)
            await client.close()

        asyncio.run(last())
        gc.collect()
    assert [call.connection for call in peer.server.calls] == [1, 1, 2, 2, 3, 3, 4, 4]
    peer.server.wait_for_connections(0)


def test_two_loops_at_the_same_time(peer: Peer) -> None:
    """Two loops in two threads share a client and no connection; closing it ends both."""
    client = _client(peer)
    meet = threading.Barrier(2, timeout=60.0)
    failures: list[BaseException] = []

    async def work(*, closes: bool) -> None:
        await _use(client)
        await asyncio.to_thread(meet.wait)
        await _use(client)
        await asyncio.to_thread(meet.wait)
        if closes:
            await client.close()
        await asyncio.to_thread(meet.wait)
        with pytest.raises(RuntimeError, match="the client is closed"):
            await client.sampler.list_models()
        # Not in the loop's own thread: a TLS connection says goodbye there.
        await asyncio.to_thread(peer.server.wait_for_connections, 0)

    def run(*, closes: bool) -> None:
        try:
            asyncio.run(work(closes=closes))
        except BaseException as error:
            meet.abort()
            failures.append(error)
            raise

    other = threading.Thread(target=run, kwargs={"closes": False})
    other.start()
    run(closes=True)
    other.join()
    assert not failures
    assert peer.server.connections == 2


def test_blocking_client_in_worker_threads_of_a_loop(peer: Peer) -> None:
    """Synchronous views run in worker threads of a loop: they need nothing special there."""
    with xai.Client(
        peer.server.api_key, api_host=peer.server.host, ssl_context=peer.context()
    ) as client:

        async def view() -> int:
            calls = [asyncio.to_thread(client.sampler.tokenize, "So it is") for _ in range(8)]
            return len(await asyncio.gather(*calls))

        assert [asyncio.run(view()) for _ in range(3)] == [8, 8, 8]
    assert peer.server.connections == 1


_UVLOOP = """
import asyncio, uvloop

context = make_client()._connections.config.ssl_context

def make():
    return xai.AsyncClient(sys.argv[2], api_host=sys.argv[1], ssl_context=context)

async def use(client):
    assert await client.sampler.list_models()
    whole = client.sampler.sample("Does it work?", max_len=30, temperature=0.0)
    assert len([token async for token in whole]) == 30
    async with client.sampler.sample("Does it work?", max_len=200, temperature=0.0) as stream:
        await stream.__anext__()
    task = asyncio.ensure_future(client.sampler.tokenize("Does it work?"))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    with raises(xai.DeadlineExceededError):
        await client.with_options(timeout=0.000001).sampler.list_models()

async def main():
    assert type(asyncio.get_running_loop()).__module__.startswith("uvloop")
    async with make() as client:
        await use(client)
        # The blocking twin has a loop of its own, of asyncio's kind, whatever the policy says.
        with make_client() as blocking:
            assert await asyncio.to_thread(blocking.sampler.list_models)
        # uvloop runs the hooks of a fork for subprocesses as well.
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
        assert await process.wait() == 0
        await use(client)

loop = uvloop.new_event_loop()
loop.run_until_complete(main())
loop.run_until_complete(loop.shutdown_default_executor())
loop.close()
# Threads that the kernel sees, and Python doesn't, are those of uvloop's own pool.
alone()
"""


@pytest.mark.skipif(importlib.util.find_spec("uvloop") is None, reason="uvloop is not installed")
def test_uvloop(peer: Peer) -> None:
    """The asynchronous client works under uvloop, with TLS too, beside a blocking one."""
    with Script(_UVLOOP, peer.server, authority=peer.authority):
        pass
    peer.server.wait_for_connections(0)


_SUB_INTERPRETER = """
import _interpreters

code = '''
import sys
sys.path[:0] = [%r]
import asyncio, xai
host, key = %r, %r
client = xai.Client(key, api_host=host)
try:
    client.sampler.list_models()
except RuntimeError as error:
    assert "AsyncClient" in str(error), error
else:
    raise AssertionError("a daemon thread was started")
client.close()
async def main():
    async with xai.AsyncClient(key, api_host=host) as client:
        assert await client.sampler.list_models()
asyncio.run(main())
''' % (os.getcwd(), sys.argv[1], sys.argv[2])
number = _interpreters.create("isolated")
failure = _interpreters.exec(number, code)
said = failure and failure.formatted
_interpreters.destroy(number)
say(said or "well")
with make_client() as client:
    assert client.sampler.list_models()
"""


@pytest.mark.skipif(sys.version_info < (3, 13), reason="isolated ones came with Python 3.13")
def test_sub_interpreter(server: LocalServer) -> None:
    """An isolated interpreter can't have the thread; the error says what to use there."""
    with Script(_SUB_INTERPRETER, server, options=()) as process:
        process.expect("well")


_HECTIC = """
sys.setswitchinterval(1e-6)
seeds, failures = [], []

def work():
    try:
        for _ in range(15):
            with shared.sampler.sample("Does it work?", max_len=3, temperature=0.0) as stream:
                assert len(list(stream)) == 3
            seeds.append(shared._seeds.take())
            with make_client() as own:
                assert len(own.sampler.tokenize("Does it work?")) == 4
            left = shared.sampler.sample("Does it work?", max_len=40, temperature=0.0)
            next(left)
            closer = start(left.close)
            with contextlib.suppress(RuntimeError, StopIteration):
                while True:
                    next(left)
            closer.join()
    except BaseException as error:
        failures.append(error)
        raise

shared = make_client(initial_rng_seed=0)
threads = [start(work) for _ in range(8)]
for thread in threads:
    thread.join()
assert not failures
assert len(set(seeds)) == len(seeds) == 120
shared.close()
single()
"""


def test_threads_that_are_switched_all_the_time(server: LocalServer) -> None:
    """Nothing depends on how long a thread runs before another one does.

    The nearest to a build without the global lock that every Python offers: threads are switched
    a thousand times more often than usual.
    """
    with Script(_HECTIC, server, limit=150.0):
        pass
    server.wait_for_connections(0)
