"""Signal handlers that call the client, and that end the process, in each phase of a call."""

import signal
import sys

import pytest

from tests.reliability.processes import Script
from xai.testing import LocalServer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGTERM to handle")

_PHASES = {
    "unary": 'client.sampler.tokenize("Does it work?")',
    "stream": 'list(client.sampler.sample("Does it work?", max_len=40, temperature=0.0))',
    "opening": 'next(client.sampler.sample("Does it work?", max_len=40, temperature=0.0))',
}
_METHODS = {"unary": "Tokenize", "stream": "SampleTokens", "opening": "SampleTokens"}


def _stall(server: LocalServer, phase: str) -> str:
    method = _METHODS[phase]
    server.stall(method=method, after_messages=3 if phase == "stream" else None)
    return method


_CALLING = """
handled = []

def handle(number, frame):
    # The very client that the main thread is amid a call of, in the same thread.
    assert client.sampler.list_models()
    with client.sampler.sample("Does it work?", max_len=20) as stream:
        next(stream)
    with make_client() as own:
        assert own.sampler.list_models()
    handled.append(number)
    say("handled")

client = make_client()
client.sampler.list_models()
signal.signal(signal.{name}, handle)
say("calling")
answer = {call}
assert answer
assert handled == [signal.{name}] * 2
client.close()
single()
"""


@pytest.mark.parametrize("phase", _PHASES)
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGUSR1"])
def test_handler_that_calls(server: LocalServer, name: str, phase: str) -> None:
    """A handler may use the client its thread is waiting for; that call then goes on."""
    method = _stall(server, phase)
    text = _CALLING.format(name=name, call=_PHASES[phase])
    with Script(text, server) as process:
        process.expect("calling")
        server.wait_for_call(method, "open")
        for _ in range(2):
            process._process.send_signal(getattr(signal, name))
            process.expect("handled")
        server.release()


_ENDING = """
def handle(number, frame):
    {end}

client = make_client()
client.sampler.list_models()
signal.signal(signal.SIGTERM, handle)
say("calling")
{call}
"""


@pytest.mark.parametrize("phase", _PHASES)
@pytest.mark.parametrize(
    "end",
    ["sys.exit(7)", "client.close(); sys.exit(7)", "os._exit(7)"],
    ids=["exit", "close", "_exit"],
)
def test_handler_that_ends_the_process(server: LocalServer, end: str, phase: str) -> None:
    """SIGTERM ends a process in any phase, silently, and the server sees the call go."""
    method = _stall(server, phase)
    text = _ENDING.format(end=end, call=_PHASES[phase])
    with Script(text, server, rc=7) as process:
        process.expect("calling")
        server.wait_for_call(method, "open")
        process._process.send_signal(signal.SIGTERM)
    server.wait_for_call(method, "cancelled")
    server.wait_for_connections(0)


_KILLED = """
client = make_client()
client.sampler.list_models()
say("calling")
{call}
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_process_that_is_killed(server: LocalServer, number: int) -> None:
    """Without a handler the process is gone at once, and its calls with it."""
    method = _stall(server, "stream")
    text = _KILLED.format(call=_PHASES["stream"])
    with Script(text, server, rc=-number) as process:
        process.expect("calling")
        server.wait_for_call(method, "open")
        process._process.send_signal(number)
    server.wait_for_connections(0)


_ASYNCHRONOUS = """
import asyncio

async def main():
    client = xai.AsyncClient(sys.argv[2], api_host=sys.argv[1])
    await client.sampler.list_models()
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    loop.add_signal_handler(signal.SIGTERM, task.cancel)
    stream = client.sampler.sample("Does it work?", max_len=40, temperature=0.0)
    try:
        await stream.__anext__()
        say("calling")
        async for _ in stream:
            pass
    except asyncio.CancelledError:
        task.uncancel() if hasattr(task, "uncancel") else None
    assert await client.sampler.list_models()
    say("cancelled")
    {end}

try:
    asyncio.run(main())
except SystemExit:
    say("left")
"""


@pytest.mark.parametrize("end", ["await client.close()", "sys.exit(3)", "pass"])
def test_asynchronous_client_is_told_to_stop(server: LocalServer, end: str) -> None:
    """A task that SIGTERM cancels resets its call; the client works on, closed or not."""
    method = _stall(server, "stream")
    options = (
        ("-W", "error") if "close" in end else ("-W", "error", "-W", "ignore::ResourceWarning")
    )
    with Script(_ASYNCHRONOUS.format(end=end), server, options=options) as process:
        process.expect("calling")
        process._process.send_signal(signal.SIGTERM)
        process.expect("cancelled")
        server.wait_for_call(method, "cancelled")
        if "exit" in end:
            process.expect("left")
    server.wait_for_connections(0)
