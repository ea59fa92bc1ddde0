"""Clients and streams that are dropped without having been closed."""

import gc
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

import xai
from tests.reliability.processes import Peer, Script
from xai.runtime.transport.loop_thread import registry
from xai.testing import LocalServer


@contextmanager
def _warned() -> Iterator[list[warnings.WarningMessage]]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield caught
        gc.collect()


def _client(peer: Peer) -> xai.Client:
    return peer.server.client(ssl_context=peer.context())


def _here(drop: Callable[[], object]) -> None:
    drop()


def _in_a_thread(drop: Callable[[], object]) -> None:
    thread = threading.Thread(target=drop)
    thread.start()
    thread.join()


def _on_the_loop(drop: Callable[[], object]) -> None:
    dropped = threading.Event()
    thread = registry.current
    assert thread is not None

    def run() -> None:
        drop()
        dropped.set()

    thread.post(run)
    assert dropped.wait(60.0)


class _Holder:
    """Holds a client and, when it is in a cycle, itself."""

    def __init__(self, client: xai.Client, *, cycle: bool) -> None:
        self.client: xai.Client | None = client
        self.stream: object = None
        self.me = self if cycle else None


def _drop(holders: list[_Holder]) -> None:
    holders.clear()
    gc.collect()


@pytest.mark.parametrize("where", [_here, _in_a_thread, _on_the_loop])
@pytest.mark.parametrize("cycle", [False, True], ids=["plain", "cycle"])
def test_idle_client_is_dropped(
    peer: Peer, where: Callable[[Callable[[], object]], None], *, cycle: bool
) -> None:
    """An idle client that is dropped closes its connection, without a warning.

    The background thread ends with it, which is checked for every test.
    """
    holders = [_Holder(_client(peer), cycle=cycle)]
    holders[0].client.sampler.list_models()  # type: ignore[union-attr]  # it has one
    with _warned() as caught:
        where(lambda: _drop(holders))
        peer.server.wait_for_connections(0)
    assert not caught


@pytest.mark.parametrize("where", [_here, _in_a_thread, _on_the_loop])
@pytest.mark.parametrize("cycle", [False, True], ids=["plain", "cycle"])
def test_client_is_dropped_with_an_open_stream(
    peer: Peer, where: Callable[[Callable[[], object]], None], *, cycle: bool
) -> None:
    """Dropped with an open stream, the call is cancelled and one warning has the host."""
    peer.server.stall(method="SampleTokens", after_messages=3)
    holders = [_Holder(_client(peer), cycle=cycle)]
    stream = holders[0].client.sampler.sample("Does it work?", max_len=40)  # type: ignore[union-attr]  # it has one
    next(iter(stream))
    holders[0].stream = stream
    del stream
    with _warned() as caught:
        where(lambda: _drop(holders))
        peer.server.wait_for_call("SampleTokens", "cancelled")
        peer.server.wait_for_connections(0)
    assert [warning.category for warning in caught] == [ResourceWarning]
    assert peer.server.host in str(caught[0].message)


def test_client_is_dropped_after_its_stream(server: LocalServer) -> None:
    """No warning when the stream was closed or read to its end before."""
    with _warned() as caught:
        client = server.client()
        list(client.sampler.sample("Does it work?", max_len=4))
        with client.sampler.sample("Does it work?", max_len=40) as stream:
            next(iter(stream))
        del client, stream
        server.wait_for_connections(0)
    assert not caught


def test_clients_never_used_or_closed_leave_nothing() -> None:
    """A client that never made a call has nothing to let go of."""
    with _warned() as caught:
        client = xai.Client("key", api_host="localhost:9")
        del client
        xai.Client("key", api_host="localhost:9").close()
    assert not caught
    assert registry.current is None or not registry.current.alive()


_ERROR = """
seen = []
sys.unraisablehook = lambda args: seen.append(str(args.exc_value))
client = make_client()
stream = client.sampler.sample("Does it work?", max_len=40)
next(stream)
del client, stream
gc.collect()
assert len(seen) == 1 and sys.argv[1] in seen[0], seen
single()
say("alone")
"""


def test_warning_that_is_an_error(server: LocalServer) -> None:
    """The connection and the thread are let go even when the warning is turned into an error.

    Python reports such an error and goes on; the finaliser has done its work by then.
    """
    server.stall(method="SampleTokens", after_messages=3)
    with Script(_ERROR, server) as process:
        process.expect("alone")
        server.wait_for_call("SampleTokens", "cancelled")
        server.wait_for_connections(0)


_CYCLES = """
from pathlib import Path

def used():
    with make_client() as client:
        client.sampler.list_models()
        list(client.sampler.sample("Does it work?", max_len=2))
        with client.sampler.sample("Does it work?", max_len=200) as stream:
            next(stream)

def dropped():
    client = make_client()
    client.sampler.list_models()

def count():
    single()
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir())), len(gc.get_objects())

for make in (used, dropped):
    for _ in range(20):
        make()
    files, objects = count()
    for _ in range({count}):
        make()
    later = count()
    assert later[0] == files, (files, later)
    # Some are cached along the way; one for each cycle would be a leak.
    assert later[1] < objects + {count}, (objects, later)
"""


def test_counts_stay_flat(peer: Peer) -> None:
    """Many clients made, used and closed or dropped leave no file, thread or object."""
    # A TLS handshake costs as much as ten cycles without.
    text = _CYCLES.format(count=20 if peer.authority else 100)
    with Script(text, peer.server, authority=peer.authority, limit=150.0):
        pass
    peer.server.wait_for_connections(0)
