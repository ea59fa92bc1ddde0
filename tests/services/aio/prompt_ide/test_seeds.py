import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.services.aio.helpers import QUESTION, collect, texts
from tests.services.recorded import requests
from tests.support import SECRET_KEY
from tests.twin_helpers import AsyncBackground
from xai import AsyncClient
from xai.proto.prompt_ide.sampler_public import SAMPLER_SAMPLE_TOKENS
from xai.testing import LocalServer


def seeds(server: LocalServer) -> list[int]:
    """Return the seeds that arrived, in the order of the calls."""
    return [item.settings.rng_seed for item in requests(server, SAMPLER_SAMPLE_TOKENS)]


@pytest.mark.parametrize("initial", [0, 7, 100_000])
async def test_nth_call_uses_initial_seed_plus_n(server: LocalServer, initial: int) -> None:
    """The n-th call without a seed uses ``initial_rng_seed + n``, counted from 0."""
    async with AsyncClient(SECRET_KEY, api_host=server.host, initial_rng_seed=initial) as client:
        for _ in range(4):
            await collect(client.sampler.sample("text", max_len=1))
    assert seeds(server) == [initial, initial + 1, initial + 2, initial + 3]


async def test_given_seed_is_used_and_counts_nothing(server: LocalServer) -> None:
    """A call with its own seed, 0 included, sends it and takes none of the client's."""
    async with AsyncClient(SECRET_KEY, api_host=server.host, initial_rng_seed=10) as client:
        for seed in (None, 0, 2**64 - 1, None, 10, None):
            await collect(client.sampler.sample("text", max_len=1, rng_seed=seed))
    assert seeds(server) == [10, 0, 2**64 - 1, 11, 10, 12]


async def test_seed_is_taken_when_the_call_is_made(server: LocalServer) -> None:
    """The order of the calls decides about the seeds, not that of the first iterations."""
    async with AsyncClient(SECRET_KEY, api_host=server.host, initial_rng_seed=3) as client:
        streams = [client.sampler.sample("text", max_len=1) for _ in range(3)]
        for stream in reversed(streams):
            await collect(stream)
        await collect(client.sampler.sample("text", max_len=1))
    assert seeds(server) == [5, 4, 3, 6]


async def test_refused_call_takes_no_seed(server: LocalServer) -> None:
    """A call whose arguments are bad leaves the count as it was; so does another method."""
    async with AsyncClient(SECRET_KEY, api_host=server.host, initial_rng_seed=20) as client:
        refused: list[dict[str, Any]] = [{"max_len": -1}, {"stop_tokens": [1]}, {"inputs": [None]}]
        for bad in refused:
            with pytest.raises((TypeError, ValueError)):
                client.sampler.sample("text", **bad)
        await client.sampler.tokenize("text")
        await collect(client.sampler.sample("text", max_len=1))
    assert seeds(server) == [20]


async def test_calls_from_many_threads_get_a_seed_each(server: LocalServer) -> None:
    """Calls made in many threads at once use no seed twice and leave none out."""
    async with AsyncClient(SECRET_KEY, api_host=server.host, initial_rng_seed=100) as client:

        def make(_: int) -> object:
            return [client.sampler.sample("text", max_len=1) for _ in range(5)]

        with ThreadPoolExecutor(8) as pool:
            made = list(pool.map(make, range(16)))
        for streams in made:
            assert isinstance(streams, list)
            for stream in streams:
                await collect(stream)
    assert sorted(seeds(server)) == list(range(100, 180))


async def test_concurrent_calls_get_a_seed_each(server: LocalServer) -> None:
    """Calls that are under way at the same time have seeds of their own."""
    async with AsyncClient(SECRET_KEY, api_host=server.host, initial_rng_seed=50) as client:
        calls = [
            AsyncBackground(
                lambda: texts(client.sampler.sample(QUESTION, temperature=0.0, max_len=2))
            )
            for _ in range(16)
        ]
        for call in calls:
            assert len(await call.result()) == 2
    assert sorted(seeds(server)) == list(range(50, 66))


async def test_seed_of_a_new_client_is_random(server: LocalServer) -> None:
    """Without an initial seed each client starts somewhere in 0..100000 and counts up."""
    for _ in range(6):
        async with AsyncClient(SECRET_KEY, api_host=server.host) as client:
            for _ in range(2):
                await collect(client.sampler.sample("text", max_len=1))
    found = seeds(server)
    firsts, seconds = found[::2], found[1::2]
    assert all(0 <= seed <= 100_000 for seed in firsts)
    assert [seed + 1 for seed in firsts] == seconds
    assert len(set(firsts)) > 1


async def test_random_seed_reaches_both_ends(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The range from which a first seed is drawn is 0 to 100000, ends included."""
    asked: list[tuple[int, int]] = []

    def draw(low: int, high: int) -> int:
        asked.append((low, high))
        return high

    monkeypatch.setattr(random, "randint", draw)
    async with AsyncClient(SECRET_KEY, api_host=server.host) as client:
        await collect(client.sampler.sample("text", max_len=1))
    assert asked == [(0, 100_000)]
    assert seeds(server) == [100_000]


async def test_seed_counts_past_the_largest(server: LocalServer) -> None:
    """After the largest number a seed can be, the count goes on from 0."""
    async with AsyncClient(SECRET_KEY, api_host=server.host, initial_rng_seed=2**64 - 1) as client:
        for _ in range(2):
            await collect(client.sampler.sample("text", max_len=1))
    assert seeds(server) == [2**64 - 1, 0]


async def test_same_seed_gives_the_same_tokens(server: LocalServer) -> None:
    """Two clients with the same initial seed sample the same; another seed, something else."""

    async def sample(initial: int) -> list[list[str]]:
        async with AsyncClient(
            SECRET_KEY, api_host=server.host, initial_rng_seed=initial
        ) as client:
            options = {"max_len": 20, "temperature": 5.0, "nucleus_p": 1.0}
            return [
                await texts(client.sampler.sample("Once", **options))  # type: ignore[arg-type]  # of many types
                for _ in range(2)
            ]

    first = await sample(1)
    assert await sample(1) == first
    assert await sample(1000) != first
    assert first[0] != first[1]
