"""Forks in unusual places: in a thread, in a forked child, by a terminal, by process pools."""

import sys

import pytest

from tests.reliability.processes import Peer, Script
from xai.testing import LocalServer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")

_THREAD = """
client = make_client()
client.sampler.list_models()
stream = client.sampler.sample("Does it work?", max_len=40, temperature=0.0)
first = next(stream)

def child():
    # The forking thread is the main thread of the child, and the only one.
    assert threading.active_count() == 1
    with raises(RuntimeError, "parent process"):
        next(stream)
    assert client.sampler.list_models()
    client.close()
    single()

def fork():
    for leave in (sys.exit, os._exit):
        finished(in_fork(child, leave))
    assert client.sampler.list_models()
    done.append(True)

done = []
threads = [start(fork) for _ in range(3)]
for thread in threads:
    thread.join()
assert len(done) == 3
assert len(list(stream)) == 39
client.close()
single()
"""


def test_fork_in_a_thread(peer: Peer) -> None:
    """Threads may fork, several at a time, amid a stream of the main thread's."""
    with Script(_THREAD, peer.server, authority=peer.authority):
        pass
    assert "cancelled" not in {call.state for call in peer.server.calls}


_NESTED = """
client = make_client()

def generation(number):
    assert client.sampler.list_models()
    if number:
        for _ in range(2):
            # Not by sys.exit: the parent of this one would catch it.
            finished(in_fork(lambda: generation(number - 1), os._exit))
        assert client.sampler.list_models()
    if number % 2:
        client.close()
        single()

generation(3)
client.close()
single()
"""


def test_nested_forks(peer: Peer) -> None:
    """Children fork in their turn, and each process has a connection of its own."""
    with Script(_NESTED, peer.server, authority=peer.authority):
        pass
    # 1 + 2 + 4 + 8 processes; all but the last generation call twice.
    assert len(peer.server.calls) == 8 + 2 * 7
    assert peer.server.connections == 15


_TERMINAL = """
client = make_client()
client.sampler.list_models()
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    pid, descriptor = os.forkpty()
if not pid:
    try:
        assert client.sampler.list_models()
        client.close()
        print("well", flush=True)
    except BaseException:
        os._exit(1)
    os._exit(0)
said = b""
with contextlib.suppress(OSError):
    while piece := os.read(descriptor, 100):
        said += piece
os.close(descriptor)
finished(pid)
assert said.strip() == b"well", said
assert client.sampler.list_models()
client.close()
"""


@pytest.mark.skipif(not hasattr(__import__("os"), "forkpty"), reason="there is no forkpty")
def test_fork_with_a_terminal(peer: Peer) -> None:
    """`os.forkpty` is a fork as well; nothing but the child's own line is written."""
    with Script(_TERMINAL, peer.server, authority=peer.authority):
        pass
    assert [call.connection for call in peer.server.calls] == [1, 2, 1]


# --- process pools --------------------------------------------------------------------------------

_POOL = """
import concurrent.futures, multiprocessing, pickle

kept = make_client()

def fails(number):
    # An inherited client under "fork", and one made by the import of this module otherwise.
    try:
        kept.with_options(timeout=20.0).sampler.list_transactions()
    except xai.APIError as error:
        error.add_note(f"in worker {number}")
        assert error.__notes__
        raise
    raise AssertionError

def works(number):
    return len(kept.sampler.tokenize("Does it work?")) + number

def takes(_):
    raise AssertionError("it never arrives")

def main():
    warnings.simplefilter("ignore", DeprecationWarning)
    assert kept.sampler.list_models()
    context = multiprocessing.get_context(METHOD)
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
        assert list(pool.map(works, range(6))) == [number + 4 for number in range(6)]
        for number in range(2):
            with raises(xai.FailedPreconditionError, "not today"):
                pool.submit(fails, number).result(60.0)
        # What can't be pickled is refused on this side, and the pool goes on.
        for unsuitable in (kept, kept.sampler, kept.with_options(timeout=1.0)):
            with raises(TypeError, "a client can't be pickled"):
                pool.submit(takes, unsuitable).result(60.0)
        assert pool.submit(works, 1).result(60.0) == 5
    process = context.Process(target=works, args=(1,))
    process.start()
    process.join(60.0)
    assert process.exitcode == 0
    process.close()
    assert not multiprocessing.active_children()
    if METHOD == "fork":
        with contextlib.suppress(ChildProcessError):
            assert os.waitpid(-1, os.WNOHANG) == (0, 0), "a zombie is left"
    assert kept.sampler.list_models()
    kept.close()
    alone()
"""

#: Workers that are started anew find the functions in a module that can be imported.
_IMPORTED = """
import pathlib, tempfile

with tempfile.TemporaryDirectory() as folder:
    sys.path.insert(0, folder)
    arguments = "sys.argv[1:] = %r\\n" % sys.argv[1:4]
    text = "from tests.reliability.script import *\\n" + arguments + {script!r}
    pathlib.Path(folder, "pooled_work.py").write_text(text)
    os.environ["PYTHONPATH"] = os.pathsep.join([folder, os.getcwd()])
    import pooled_work
    pooled_work.main()
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_process_pools(server: LocalServer, method: str) -> None:
    """Workers of every kind call by a client of their module, and send typed errors back.

    No process, thread or word of either side is left.
    """
    server.fail(9, "not today", times=None, method="ListTransactions")
    with Script(
        _IMPORTED.format(script=f"METHOD = {method!r}\n" + _POOL),
        server,
        options=("-W", "error", "-W", "ignore::DeprecationWarning"),
        limit=150.0,
    ):
        pass
    server.wait_for_connections(0)
