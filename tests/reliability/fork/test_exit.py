"""The end of the interpreter, with calls, streams and clients still there."""

import time

import pytest

from tests.reliability.processes import Peer, Script
from xai.testing import LocalServer

#: Generous: the loop thread is given 2 s, and what hangs would hang for much longer.
_LIMIT = 60.0


def _leaves_quickly(process: Script) -> None:
    process.expect("leaving")
    began = time.monotonic()
    with process:
        pass
    assert time.monotonic() - began < _LIMIT


_OPEN_STREAM = """
client = make_client()
stream = client.sampler.sample("Does it work?", max_len=40)
next(stream)
say("leaving")
"""

_IDLE = """
client = make_client()
client.sampler.list_models()
say("leaving")
"""

_UNREAD = """
client = make_client()
stream = client.sampler.sample("Does it work?", max_len=40)
say("leaving")
"""


@pytest.mark.parametrize("text", [_OPEN_STREAM, _IDLE, _UNREAD], ids=["stream", "idle", "unread"])
def test_exit_with_what_was_never_closed(peer: Peer, text: str) -> None:
    """A process ends at once, with status 0 and not a word, whatever was left open."""
    if text is _OPEN_STREAM:
        peer.server.stall(method="SampleTokens", after_messages=3)
    _leaves_quickly(Script(text, peer.server, authority=peer.authority))
    peer.server.wait_for_connections(0)
    peer.server.clear_faults()


_DAEMON = """
client = make_client()
client.sampler.list_models()
start({call})
hear()
say("leaving")
"""


@pytest.mark.parametrize(
    ("method", "call"),
    [
        ("Tokenize", "client.sampler.tokenize, 'Does it work?'"),
        ("SampleTokens", "list, client.sampler.sample('Does it work?', max_len=40)"),
    ],
)
def test_exit_while_a_daemon_thread_waits(peer: Peer, method: str, call: str) -> None:
    """A daemon thread in a call neither delays the exit nor prints an error of its own."""
    peer.server.stall(method=method, after_messages=3 if method == "SampleTokens" else None)
    process = Script(_DAEMON.format(call=call), peer.server, authority=peer.authority)
    peer.server.wait_for_call(method, "open")
    process.tell("it is in the call")
    _leaves_quickly(process)
    peer.server.wait_for_call(method, "cancelled")


_EXCEPTION = """
with make_client() as client:
    for token in client.sampler.sample("Does it work?", max_len=40):
        say("leaving")
        sys.exit(7)
"""


def test_exit_from_within_a_stream(server: LocalServer) -> None:
    """Sys.exit in the body of a loop over a stream cancels the call and ends."""
    server.stall(method="SampleTokens", after_messages=3)
    _leaves_quickly(Script(_EXCEPTION, server, rc=7))
    server.wait_for_call("SampleTokens", "cancelled")


_STUCK = """
from xai.runtime.transport.loop_thread import registry

client = make_client()
client.sampler.list_models()
held = threading.Event()
registry.current.post(lambda: (held.set(), threading.Event().wait()))
held.wait()
say("leaving")
"""


def test_exit_while_the_loop_is_stuck(server: LocalServer) -> None:
    """The exit waits 2 s for a loop that does not answer, and not for ever."""
    _leaves_quickly(Script(_STUCK, server))


_ATEXIT = """
import atexit

stream = None

def late():
    for attempt in (client.sampler.list_models, other.sampler.list_models, lambda: list(stream)):
        with raises(RuntimeError, "shut"):
            attempt()
    with raises(RuntimeError, "shutting down"):
        list(client.sampler.sample("Does it work?"))
    client.close()
    other.close()
    stream.close()
    say("late")

def early():
    assert client.sampler.list_models()
    say("early")

# Handlers run in reverse order: one of them after ours, which the import registers.
atexit.register(late)
import xai.runtime.transport.blocking
atexit.register(early)
client = make_client()
client.sampler.list_models()
other = make_client()
stream = client.sampler.sample("Does it work?", max_len=40)
for _ in range({read}):
    next(stream)
say("leaving")
"""


@pytest.mark.parametrize("read", [0, 1])
def test_calls_in_exit_handlers(server: LocalServer, read: int) -> None:
    """An exit handler that comes before ours may call; a later one gets RuntimeError."""
    if read:
        server.stall(method="SampleTokens", after_messages=3)
    process = Script(_ATEXIT.format(read=read), server)
    process.expect("leaving")
    began = time.monotonic()
    with process:
        process.expect("early")
        process.expect("late")
    assert time.monotonic() - began < _LIMIT


_FINALISERS = """
import builtins

class Caller:
    def __init__(self, client, name):
        self.client, self.sampler, self.name = client, client.sampler, name
        self.stream = client.sampler.sample("Does it work?", max_len=40)
        next(self.stream)

    def __del__(self, write=os.write):
        try:
            self.sampler.list_models()
        except RuntimeError as error:
            self.stream.close()
            self.client.close()
            write(1, f"{self.name}: {'shutting down' in str(error)}\\n".encode())

client = make_client()
# One goes with the module, one in a cycle, one with what is torn down last.
plain = Caller(client, "plain")
cycle = Caller(make_client(), "cycle")
cycle.me = cycle
abandoned = make_client().sampler.sample("Does it work?", max_len=40)
next(abandoned)
builtins.abandoned = abandoned
del abandoned, cycle
say("leaving")
"""


def test_calls_in_finalisers_at_the_end(server: LocalServer) -> None:
    """A call from a finaliser during the exit gets RuntimeError, and nothing waits."""
    server.stall(times=3, method="SampleTokens", after_messages=3)
    process = Script(_FINALISERS, server, options=("-W", "error", "-X", "faulthandler"))
    process.expect("leaving")
    began = time.monotonic()
    with process:
        assert sorted((process.line(), process.line())) == ["cycle: True", "plain: True"]
    assert time.monotonic() - began < _LIMIT


_RESOLVER = """
import socket

asked = threading.Event()

def hang(*args, **kwargs):
    asked.set()
    threading.Event().wait()

socket.getaddrinfo = hang
client = xai.Client("none", api_host="localhost:9", timeout={timeout} or None)
if not {timeout}:
    start(client.sampler.list_models)
    asked.wait()
else:
    with raises(xai.APIError, "localhost:9"):
        client.sampler.list_models()
if {close}:
    client.close()
say("leaving")
"""


@pytest.mark.parametrize(("timeout", "close"), [(0, False), (1.0, False), (1.0, True)])
def test_exit_during_a_name_lookup(timeout: float, close: bool) -> None:  # noqa: FBT001
    """A lookup that hangs delays neither the deadline, nor close, nor the exit."""
    _leaves_quickly(Script(_RESOLVER.format(timeout=timeout, close=close)))
