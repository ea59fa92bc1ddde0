"""Many threads with one client."""

import sys
import threading
from collections.abc import Callable, Iterator

import pytest

import xai
from tests.reliability.processes import Peer
from tests.support import until
from xai.proto.prompt_ide import sampler_public as pb
from xai.testing import LocalServer

_COUNT = 32


@pytest.fixture
def _rapid_switches() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def _in_threads(count: int, work: Callable[[int], None]) -> None:
    failures: list[BaseException] = []
    barrier = threading.Barrier(count)

    def run(number: int) -> None:
        try:
            barrier.wait(60.0)
            work(number)
        except BaseException as error:  # noqa: BLE001  # raised below
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(100.0)
        assert not thread.is_alive()
    if failures:
        raise failures[0]


@pytest.mark.usefixtures("_rapid_switches")
def test_many_threads_use_one_client(peer: Peer) -> None:
    """32 threads get their own replies over one connection, and every seed is used once."""
    with peer.server.client(ssl_context=peer.context(), initial_rng_seed=1000) as client:

        def work(number: int) -> None:
            text = "Does it work? " * (number % 4 + 1)
            expected = None
            for _ in range(6):
                said = [token.token_str for token in client.sampler.tokenize(text)]
                assert expected in (None, said)
                expected = said
                assert len(said) > 4 * (number % 4)
                tokens = list(client.sampler.sample(text, max_len=number % 5))
                assert len(tokens) <= number % 5
            assert client.sampler.list_models()

        _in_threads(_COUNT, work)
    seeds = [
        call.request.settings.rng_seed
        for call in peer.server.calls
        if isinstance(call.request, pb.SampleTokensRequest)
    ]
    assert sorted(seeds) == list(range(1000, 1000 + 6 * _COUNT))
    assert {call.state for call in peer.server.calls} == {"ok"}
    assert peer.server.connections == 1


def test_first_calls_at_the_same_time(peer: Peer) -> None:
    """The first calls of many threads share one start, one thread and one connection."""

    def check(client: xai.Client) -> None:
        assert client.sampler.list_models()

    for _ in range(5):
        before = peer.server.connections
        with peer.server.client(ssl_context=peer.context()) as client:
            _in_threads(16, lambda _: check(client))
            # That of the client before may still be ending.
            until(lambda: [thread.name for thread in threading.enumerate()].count("xai-io") == 1)
        assert peer.server.connections == before + 1


def test_clients_come_and_go_in_many_threads(server: LocalServer) -> None:
    """Starts and stops of the loop's thread do not get into each other's way."""

    def work(_: int) -> None:
        for _ in range(15):
            with server.client() as client:
                assert client.sampler.list_models()

    _in_threads(8, work)
    server.wait_for_connections(0)
    assert len(server.calls) == 8 * 15


def test_calls_race_with_close(server: LocalServer) -> None:
    """A call that meets a close is answered or raises RuntimeError, and nothing else."""
    for _ in range(10):
        client = server.client()
        ends: list[str] = []

        def work(number: int, client: xai.Client = client, ends: list[str] = ends) -> None:
            if number == 0:
                client.sampler.list_models()
                client.close()
                return
            try:
                while True:
                    client.sampler.list_models()
                    list(client.sampler.sample("Does it work?", max_len=1))
            except RuntimeError as error:
                ends.append(str(error))

        _in_threads(6, work)
        assert len(ends) == 5
        assert all("closed" in end for end in ends)


def test_streams_of_many_threads(server: LocalServer) -> None:
    """Streams that are read, left and closed at the same time stay apart."""
    with server.client() as client:
        whole = list(client.sampler.sample("Does it work?", max_len=30, temperature=0.0))

        def work(number: int) -> None:
            for turn in range(6):
                stream = client.sampler.sample("Does it work?", max_len=30, temperature=0.0)
                if (number + turn) % 2:
                    assert list(stream) == whole
                else:
                    with stream as entered:
                        assert next(iter(entered)) == whole[0]

        _in_threads(16, work)
        assert client.sampler.list_models()
    assert server.connections == 1
