"""Ten thousand clients, and calls by the thousand: nothing of them stays."""

import pytest

from tests.reliability.processes import Script
from xai.testing import LocalServer

_TOOLS = """
import asyncio, tracemalloc
from pathlib import Path

def memory():
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024

def tidy(number):
    # What is garbage is no leak, whenever Python thinks of it.
    if number % 200 == 0:
        gc.collect()

def counts():
    gc.collect()
    ours = ("xai.", "grpclib", "h2.", "hpack", "hyperframe", "betterproto", "asyncio.", "_asyncio")
    kinds = {}
    for item in gc.get_objects():
        kind = type(item)
        if kind.__module__.startswith(ours) or kind.__module__ == "_asyncio":
            name = f"{kind.__module__}.{kind.__qualname__}"
            kinds[name] = kinds.get(name, 0) + 1
    files = len(list(Path("/proc/self/fd").iterdir()))
    return kinds, files, threading.active_count()

def same(before, after, spare=0):
    for name, number in after[0].items():
        # asyncio keeps up to a hundred timers that were cancelled, and clears them all together.
        more = 100 if name.endswith("TimerHandle") else spare
        assert number <= before[0].get(name, 0) + more, (name, before[0].get(name, 0), number)
    assert after[1:] == before[1:], (before[1:], after[1:])
"""

_BLOCKING = """
def cycle(number):
    with make_client() as client:
        if number % 20 == 0:
            assert client.sampler.list_models()
        elif number % 20 == 1:
            client.with_options(timeout=1.0).sampler, client.chat, client.stubs
        elif number % 20 == 2:
            client.sampler.sample("Does it work?").close()

def cycles(count):
    for number in range(count):
        cycle(number)
        tidy(number)
    single()
"""

_ASYNCHRONOUS = """
def make():
    return xai.AsyncClient(sys.argv[2], api_host=sys.argv[1])

async def cycle(number):
    async with make() as client:
        if number % 20 == 0:
            assert await client.sampler.list_models()
        elif number % 20 == 1:
            client.with_options(timeout=1.0).sampler, client.chat, client.stubs
        elif number % 20 == 2:
            await client.sampler.sample("Does it work?").close()

async def run(count):
    for number in range(count):
        await cycle(number)
        tidy(number)
    assert asyncio.all_tasks() == {asyncio.current_task()}

def cycles(count):
    asyncio.run(run(count))
"""

_MEASURED = """
cycles(2_000)
before, size = counts(), memory()
cycles(10_000)
same(before, counts())
# What grows with each client, by a KiB as little as that is, would be 10 MiB.
assert memory() < size + 8.0, (size, memory())
"""


@pytest.mark.parametrize("twin", [_BLOCKING, _ASYNCHRONOUS], ids=["blocking", "asynchronous"])
def test_ten_thousand_clients(server: LocalServer, twin: str) -> None:
    """10,000 clients made and closed, 500 of them used, leave no thread, file, task or memory."""
    with Script(_TOOLS + twin + _MEASURED, server, limit=150.0):
        pass
    server.wait_for_connections(0)


_CALLS = {
    "blocking": """
def calls(count):
    for number in range(count):
        assert len(client.sampler.tokenize("Does it work?")) == 4
        assert len(list(client.sampler.sample("Does it work?", max_len=2, temperature=0.0))) == 2
        with raises(xai.FailedPreconditionError):
            client.sampler.list_transactions()
        with client.sampler.sample("Does it work?", max_len=50, temperature=0.0) as stream:
            next(stream)
        left = client.sampler.sample("Does it work?", max_len=50, temperature=0.0)
        next(left)
        del left

client = make_client()
calls(30)
before, size = counts(), memory()
calls(400)
same(before, counts(), spare=8)
assert memory() < size + 8.0, (size, memory())
client.close()
""",
    "asynchronous": """
async def calls(count):
    for number in range(count):
        assert len(await client.sampler.tokenize("Does it work?")) == 4
        whole = client.sampler.sample("Does it work?", max_len=2, temperature=0.0)
        assert len([token async for token in whole]) == 2
        del whole
        with raises(xai.FailedPreconditionError):
            await client.sampler.list_transactions()
        async with client.sampler.sample("Does it work?", max_len=50, temperature=0.0) as stream:
            await stream.__anext__()
        left = client.sampler.sample("Does it work?", max_len=50, temperature=0.0)
        await left.__anext__()
        del left
        abandoned = asyncio.ensure_future(client.sampler.tokenize("Does it work?"))
        await asyncio.sleep(0)
        abandoned.cancel()
        await asyncio.wait([abandoned])

async def main():
    global client
    client = xai.AsyncClient(sys.argv[2], api_host=sys.argv[1])
    await calls(30)
    before, size = counts(), memory()
    await calls(400)
    same(before, counts(), spare=8)
    assert memory() < size + 8.0, (size, memory())
    await client.close()

asyncio.run(main())
""",
}


@pytest.mark.parametrize("twin", _CALLS)
def test_calls_leave_no_objects(server: LocalServer, twin: str) -> None:
    """Calls that end well, fail, are left or are cancelled leave no object and no memory.

    Counted by type: one more of any for each call would be 400.
    """
    server.fail(9, "not today", times=None, method="ListTransactions")
    with Script(_TOOLS + _CALLS[twin], server, limit=150.0):
        pass


_REFUSED = """
# Nobody listens there; a port that was let go may be another test's by now.
host = "localhost:1"
once = xai.RetryPolicy(max_attempts=1)

def fail(count):
    for _ in range(count):
        with xai.Client("none", api_host=host, retry=once) as client:
            with raises(xai.APIConnectionError, "localhost"):
                client.sampler.list_models()
            with raises(xai.APIConnectionError, "localhost"):
                list(client.sampler.sample("Does it work?"))
    single()

fail(10)
before = counts()
fail(40)
same(before, counts(), spare=4)
"""


def test_connections_that_fail_leave_nothing() -> None:
    """Clients that never get a connection leave no socket, thread or object behind either."""
    with Script(_TOOLS + _REFUSED, limit=150.0):
        pass
