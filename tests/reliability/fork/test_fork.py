"""What a fork does to both of its sides."""

import sys

import pytest

from tests.reliability.processes import Peer, Script
from xai.testing import LocalServer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")

_IDLE = """
client = make_client()
client.sampler.tokenize("before")

def child():
    global client
    gc.collect()
    assert client.sampler.tokenize("in the child")
    if %r == "drop":
        del client
        gc.collect()

for leave in (sys.exit, os._exit):
    finished(in_fork(child, leave))
    assert client.sampler.tokenize("after", ), "the parent's connection is gone"

# A child that never uses the client, and collects it.
def forget():
    global client
    del client
    gc.collect()

for leave in (sys.exit, os._exit):
    finished(in_fork(forget, leave))
    assert client.sampler.tokenize("after")
client.close()
"""


@pytest.mark.parametrize("how", ["keep", "drop"])
def test_fork_with_an_idle_connection(peer: Peer, how: str) -> None:
    """After a fork both sides call, whatever the child collects and however it ends.

    The parent goes on with the connection it had; each child that calls makes its own.
    """
    with Script(_IDLE % how, peer.server, authority=peer.authority):
        pass
    assert [call.connection for call in peer.server.calls] == [1, 2, 1, 3, 1, 1, 1]


_IN_FLIGHT = """
client = make_client()
client.sampler.list_models()
answers = []
thread = start(lambda: answers.append(client.sampler.tokenize("Does it work?")))
say("calling")
hear()

def child():
    global client
    gc.collect()
    assert client.sampler.list_models()
    del client
    gc.collect()

finished(in_fork(child, sys.exit))
finished(in_fork(child, os._exit))
assert client.sampler.list_models()
say("forked")
thread.join()
assert len(answers[0]) == 4, answers
assert client.sampler.list_models()
client.close()
"""


def test_fork_with_a_call_in_flight(peer: Peer) -> None:
    """A call that was under way at the fork ends well in the parent."""
    peer.server.stall(method="Tokenize")
    with Script(_IN_FLIGHT, peer.server, authority=peer.authority) as process:
        process.expect("calling")
        peer.server.wait_for_call("Tokenize", "open")
        process.tell("go on")
        process.expect("forked")
        peer.server.release()
    assert peer.server.connections == 3


_STREAM = """
client = make_client()
stream = client.sampler.sample("Does it work?", max_len=40, temperature=0.0)
first = next(stream)
unread = client.sampler.sample("Does it work?", max_len=40)

def child():
    global client, stream, unread
    for old in (stream, unread):
        with raises(RuntimeError, "parent process"):
            next(old)
    stream.close()
    assert client.sampler.list_models()
    tokens = list(client.sampler.sample("Does it work?", max_len=40, temperature=0.0))
    assert tokens[0] == first
    del stream, unread, old, client
    gc.collect()

finished(in_fork(child, sys.exit))
finished(in_fork(child, os._exit))
# Not a word of it: the child ends with the stream as it was.
finished(in_fork(gc.collect, sys.exit))
assert client.sampler.list_models()
say("forked")
rest = list(stream)
assert rest
again = list(client.sampler.sample("Does it work?", max_len=40, temperature=0.0))
assert [first, *rest] == again, (len(rest), len(again))
client.close()
"""


def test_fork_with_an_open_stream(peer: Peer) -> None:
    """A stream goes on in the parent, and raises RuntimeError in the child."""
    peer.server.stall(method="SampleTokens", after_messages=3)
    with Script(_STREAM, peer.server, authority=peer.authority) as process:
        process.expect("forked")
        peer.server.release()
    assert {call.state for call in peer.server.calls} == {"ok"}


_STORM = """
over = threading.Event()
failures = []

def churn():
    try:
        while not over.is_set():
            with make_client() as client:
                client.sampler.list_models()
    except BaseException as error:
        failures.append(error)
        raise

def child():
    with make_client() as client:
        assert client.sampler.list_models()
    assert shared.sampler.list_models()

shared = make_client()
shared.sampler.list_models()
threads = [start(churn) for _ in range(3)]
for number in range(30):
    finished(in_fork(child, (sys.exit, os._exit)[number % 2]))
    assert shared.sampler.list_models()
over.set()
for thread in threads:
    thread.join()
assert not failures
shared.close()
"""


def test_forks_while_clients_start_and_stop(server: LocalServer) -> None:
    """30 forks find no lock held for ever, while threads make and close clients."""
    with Script(_STORM, server, limit=150.0):
        pass


_STARTING = """
over = threading.Event()

def churn():
    while not over.is_set():
        with make_client() as client:
            client.sampler.list_models()

def child():
    with make_client() as client:
        assert client.sampler.list_models()

with make_client() as client:
    # Loads what a call needs: that a fork amid an import blocks is Python's own affair.
    client.sampler.list_models()
# No client stays open: the thread starts and stops all the time.
thread = start(churn)
for number in range(30):
    finished(in_fork(child, (sys.exit, os._exit)[number % 2]))
over.set()
thread.join()
"""


def test_forks_while_the_loop_starts_and_stops(server: LocalServer) -> None:
    """A fork never finds a loop between created and running."""
    with Script(_STARTING, server, limit=150.0):
        pass


_LOCKS = """
from xai.runtime.locks import Counter, Lock

lock, counter = Lock(), Counter(5, limit=10)
held, go = threading.Event(), threading.Event()

def hold():
    with lock, counter._lock:
        held.set()
        go.wait()

thread = start(hold)
held.wait()

def child():
    with lock:
        assert counter.take() == 5

finished(in_fork(child))
go.set()
thread.join()
with lock:
    assert counter.take() == 5
"""


def test_locks_held_by_others_at_a_fork(server: LocalServer) -> None:
    """A lock that another thread held at the fork is free in the child."""
    with Script(_LOCKS, server):
        pass


_PREFORK = """
warnings.simplefilter("error")

def work():
    assert client.sampler.list_models()
    client.close()

# Constructed before, called after: as a prefork server does.
client = make_client()
assert threading.active_count() == 1
for _ in range(3):
    pid = os.fork()
    if not pid:
        work()
        sys.exit(0)
    finished(pid)
work()
single()
assert threading.active_count() == 1
pid = os.fork()
if not pid:
    os._exit(0)
finished(pid)
"""


def test_no_thread_before_the_first_call_or_after_the_last_close(server: LocalServer) -> None:
    """No warning about a fork with threads before the first call or after the last close."""
    with Script(_PREFORK, server):
        pass


_MULTIPROCESSING = """
import multiprocessing

def work(number):
    with make_client() as own:
        return len(own.sampler.tokenize("Does it work?")) + number

def main():
    warnings.simplefilter("ignore", DeprecationWarning)
    client = make_client()
    assert client.sampler.list_models()
    context = multiprocessing.get_context(%r)
    pool = context.Pool(2)
    try:
        assert pool.map(work, [1, 2, 3]) == [5, 6, 7]
    finally:
        pool.close()
        pool.join()
    assert client.sampler.list_models()
    client.close()
"""

_SPAWN = """
import runpy, tempfile, pathlib

with tempfile.TemporaryDirectory() as folder:
    sys.path.insert(0, folder)
    path = pathlib.Path(folder, "spawned_work.py")
    path.write_text("from tests.reliability.script import *\\n" + {script!r})
    os.environ["PYTHONPATH"] = os.pathsep.join([folder, os.getcwd()])
    import spawned_work
    spawned_work.main()
"""


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_multiprocessing(server: LocalServer, method: str) -> None:
    """The workers of a multiprocessing pool make calls of their own."""
    text = _SPAWN.format(script=_MULTIPROCESSING % method)
    with Script(text, server, options=()):
        pass


_HOOK = """
import logging

from xai.runtime.transport import loop_thread as background

logged = []
logging.getLogger().addHandler(type("H", (logging.Handler,), {"emit": logged.append})())
client = make_client()
client.sampler.list_models()

def child():
    assert background.registry.current is None, "the child still has the parent's loop"
    assert not logged, logged
    assert background.registry.gate._own().acquire(blocking=False), "the gate is locked"

logged.clear()
finished(in_fork(child, os._exit))
assert not logged, logged
client.close()
"""


def test_fork_hook_only_drops_references(server: LocalServer) -> None:
    """The hook logs nothing and leaves no lock taken; the child starts with no loop at all."""
    with Script(_HOOK, server):
        pass
