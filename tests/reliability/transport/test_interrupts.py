"""Ctrl-C, and other exceptions that signals raise, at every point of a call."""

import sys

import pytest

from tests.reliability.processes import Script
from xai.testing import LocalServer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the signals are sent to a group")

_CANCEL = 8

_CALL = """
client = make_client()
client.sampler.list_models()

class Raised(BaseException):
    pass

def stop():
    raise {error}

# Not before that: asyncio itself would swallow a TimeoutError on the way there.
trigger_in("wait", stop)
say("ready")
try:
    {call}
except {kind} as caught:
    {kept}
else:
    raise AssertionError("not interrupted")
from xai.runtime.transport.loop_thread import registry
assert not registry.current.calls
assert client.sampler.list_models()
say("alive")
hear()
client.close()
"""

_UNARY = "client.sampler.tokenize('Does it work?')"
_STREAM = "list(client.sampler.sample('Does it work?', max_len=40, temperature=0.0))"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("KeyboardInterrupt", "KeyboardInterrupt"),
        ("SystemExit(3)", "SystemExit"),
        ("TimeoutError('mine')", "TimeoutError"),
        ("Raised", "Raised"),
    ],
)
@pytest.mark.parametrize("call", ["unary", "stream"])
def test_interrupt_resets_the_call(server: LocalServer, call: str, error: str, kind: str) -> None:
    """An exception from a signal handler comes out as it is, and the call is reset.

    The server sees the reset while the client lives on, and the next call works.
    """
    method = "Tokenize" if call == "unary" else "SampleTokens"
    server.stall(method=method, after_messages=None if call == "unary" else 3)
    text = _CALL.format(
        call=_UNARY if call == "unary" else _STREAM,
        error=error,
        kind=kind,
        kept="assert not hasattr(caught, 'code') or caught.code == 3",
    )
    with Script(text, server) as process:
        process.expect("ready")
        server.wait_for_call(method, "open")
        process.interrupt()
        process.expect("alive")
        assert server.wait_for_call(method, "cancelled").reset_code == _CANCEL
        process.tell("end")
    assert server.connections == 1


_SILENT = """
import socket

listener = socket.create_server(("127.0.0.1", 0))
port = listener.getsockname()[1]
context = ssl.create_default_context()
context.set_alpn_protocols(["h2"])
client = xai.Client("none", api_host=f"127.0.0.1:{port}", ssl_context=context)

def accept():
    connection, _ = listener.accept()
    say("connecting")
    # The greeting, and then the end of a connection that was given up.
    while connection.recv(65536):
        pass
    connection.close()
    say("gone")

thread = start(accept)
before = None
try:
    client.sampler.list_models()
except KeyboardInterrupt:
    before = time.monotonic()
client.close()
assert time.monotonic() - before < 30.0
thread.join()
listener.close()
single()
"""


def test_interrupt_while_connecting() -> None:
    """Ctrl-C ends a call whose server never answers the TLS handshake; so does close."""
    with Script("import ssl\n" + _SILENT) as process:
        process.expect("connecting")
        process.interrupt()
        process.expect("gone")


_BACKOFF = """
import logging

class Tell(logging.Handler):
    def emit(self, record):
        say("waiting")

logging.getLogger("xai").addHandler(Tell())
policy = xai.RetryPolicy(initial_backoff=1e6, max_backoff=1e6)
with make_client(timeout=None, retry=policy) as client:
    {before}
    try:
        {call}
    except KeyboardInterrupt:
        say("interrupted")
    assert client.sampler.list_models()
"""


@pytest.mark.parametrize("call", [_UNARY, _STREAM])
def test_interrupt_between_two_attempts(server: LocalServer, call: str) -> None:
    """Ctrl-C ends the wait before the next attempt, which is then never made."""
    server.fail(14)
    with Script(_BACKOFF.format(before="", call=call), server) as process:
        process.expect("waiting")
        process.interrupt()
        process.expect("interrupted")
    assert [call.state for call in server.calls] == ["error", "ok"]


_SECOND = """
from xai.runtime.transport import blocking, loop_thread

blocking._CANCEL_LIMIT = 1000.0
client = make_client()
client.sampler.list_models()
stuck, go_on = threading.Event(), threading.Event()
seen = []

def stop():
    seen.append(1)
    if len(seen) == 1:
        trigger_in("wait_done", stop)
    say(f"interrupt {{len(seen)}}")
    raise KeyboardInterrupt

def hold():
    stuck.set()
    go_on.wait()

def block():
    server_has_it.wait()
    loop.post(hold)
    stuck.wait()
    say("stuck")

server_has_it = threading.Event()
loop = loop_thread.registry.current
trigger_in("wait", stop)
listener = start(lambda: (hear(), server_has_it.set()))
blocker = start(block)
try:
    {call}
except KeyboardInterrupt:
    assert len(seen) == 2, seen
go_on.set()
assert client.sampler.list_models()
blocker.join()
say("alive")
hear()
client.close()
"""


@pytest.mark.parametrize("call", ["unary", "stream"])
def test_second_interrupt_does_not_wait(server: LocalServer, call: str) -> None:
    """The first Ctrl-C waits for the reset to be queued, a second one leaves at once.

    The reset is sent all the same, as soon as the loop gets to it.
    """
    method = "Tokenize" if call == "unary" else "SampleTokens"
    server.stall(method=method, after_messages=None if call == "unary" else 3)
    with Script(_SECOND.format(call=_UNARY if call == "unary" else _STREAM), server) as process:
        server.wait_for_call(method, "open")
        process.tell("server has it")
        process.expect("stuck")
        process.interrupt()
        process.expect("interrupt 1")
        process.interrupt()
        process.expect("interrupt 2")
        process.expect("alive")
        server.wait_for_call(method, "cancelled")
        process.tell("end")


_STORM = """
from xai.runtime.transport.loop_thread import registry

client = make_client(timeout=20.0)
client.sampler.list_models()
armed = False
# A handler that raises in a finaliser, or in a callback of a weak reference, is reported there.
sys.unraisablehook = lambda _: None

def trigger(*_):
    if armed:
        raise KeyboardInterrupt

def call():
    {call}

def tried(delay):
    global armed
    try:
        armed = True
        signal.setitimer(signal.ITIMER_REAL, delay)
        call()
    finally:
        armed = False

signal.signal(signal.SIGALRM, trigger)
began = time.perf_counter()
for _ in range(20):
    call()
span = (time.perf_counter() - began) / 20 * 1.2
hits, number = 0, 0
# However fast it goes: once or twice at every point of a call.
while number < 1000 or hits < 50:
    number += 1
    try:
        tried(1e-6 + span * (number % 487) / 487)
    except KeyboardInterrupt:
        hits += 1
    armed = False
    signal.setitimer(signal.ITIMER_REAL, 0)
assert len(client.sampler.tokenize("Does it work?")) == 4
gc.collect()
assert client.sampler.list_models()
assert not registry.current.calls
say("alive")
hear()
client.close()
{after}
"""

_WITH_BLOCK = """with make_client(timeout=20.0) as own:
        own.sampler.list_models()"""


@pytest.mark.parametrize("call", [_UNARY, _STREAM])
def test_interrupts_between_submit_and_wait(server: LocalServer, call: str) -> None:
    """Wherever an interrupt hits a call, the call ends on the wire and no lock stays locked."""
    text = _STORM.format(call=call, after="single()")
    with Script(text, server, limit=150.0) as process:
        process.expect("alive")
        none_open = server._core.log.wait(lambda log: not log.find(None, "open"), 60.0)
        assert none_open, server._core.log.find(None, "open")
        process.tell("end")


def test_interrupts_while_the_loop_starts_and_stops(server: LocalServer) -> None:
    """An interrupted start or stop leaves a process in which the next one works."""
    text = _STORM.format(call=_WITH_BLOCK, after="")
    with Script(text, server, limit=150.0) as process:
        process.expect("alive")
        process.tell("end")
