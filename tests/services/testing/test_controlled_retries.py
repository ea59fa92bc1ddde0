"""The retries of one client in the hands of a test."""

import asyncio
import random
import time
from collections.abc import Iterator

import pytest

from tests.support import SECRET_KEY
from xai import AsyncClient, Client, RetryPolicy, StatusCode
from xai.testing import ControlledRetries, LocalServer

UNAVAILABLE = StatusCode.UNAVAILABLE


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A local server that knows the secret key."""
    with LocalServer(api_keys={SECRET_KEY: ["*"]}) as server:
        yield server


@pytest.fixture
def client(server: LocalServer) -> Iterator[Client]:
    """A client of the local server."""
    with Client(SECRET_KEY, api_host=server.host) as client:
        yield client


@pytest.mark.parametrize(("jitter", "waits"), [(1.0, [100, 200]), (0.5, [50, 100]), (0, [0, 0])])
def test_waits_are_recorded_and_not_made(
    server: LocalServer, client: Client, jitter: float, waits: list[float]
) -> None:
    """The waits are those that would have been made, and take no time."""
    server.fail(UNAVAILABLE, times=2)
    view = client.with_options(retry=RetryPolicy(initial_backoff=100, max_backoff=1000))
    began = time.monotonic()
    with ControlledRetries(client, jitter=jitter) as retries:
        assert view.sampler.tokenize("text")
    assert retries.waits == waits
    assert retries.now == sum(waits)
    assert time.monotonic() - began < 40


def test_view_controls_its_client(server: LocalServer, client: Client) -> None:
    """A client and its views have their retries in common."""
    server.fail(UNAVAILABLE)
    with ControlledRetries(client.with_options(timeout=5)) as retries:
        assert client.sampler.tokenize("text")
    assert retries.waits == [0.1]


def test_other_clients_are_left_alone(server: LocalServer, client: Client) -> None:
    """The control is of one client, not of the process."""
    server.fail(UNAVAILABLE)
    with Client(SECRET_KEY, api_host=server.host) as other, ControlledRetries(client) as retries:
        assert other.sampler.tokenize("text")
    assert retries.waits == []


def test_control_ends_with_the_block(server: LocalServer, client: Client) -> None:
    """After the block, also one that failed, the client's own clock holds again."""
    with pytest.raises(KeyError), ControlledRetries(client) as retries:
        raise KeyError
    server.fail(UNAVAILABLE)
    quick = client.with_options(retry=RetryPolicy(initial_backoff=0.001))
    assert quick.sampler.tokenize("text")
    assert retries.waits == []
    with retries:
        assert client.sampler.tokenize("text")


def test_control_within_control(server: LocalServer, client: Client) -> None:
    """The inner one holds within its block; the same one can't be entered twice."""
    with ControlledRetries(client) as outer:
        with ControlledRetries(client) as inner:
            server.fail(UNAVAILABLE)
            assert client.sampler.tokenize("text")
        with pytest.raises(RuntimeError, match="controlled already"), outer:
            pass
        server.fail(UNAVAILABLE)
        assert client.sampler.tokenize("text")
    assert (inner.waits, outer.waits) == ([0.1], [0.1])


def test_asynchronous_client_is_controlled_in_the_same_way(server: LocalServer) -> None:
    """One class controls either kind of client."""

    async def main() -> list[float]:
        async with AsyncClient(SECRET_KEY, api_host=server.host) as client:
            server.fail(UNAVAILABLE)
            with ControlledRetries(client) as retries:
                assert await client.sampler.tokenize("text")
            return retries.waits

    assert asyncio.run(main()) == [0.1]


def test_time_moves_as_told(client: Client) -> None:
    """The clock begins at 0 and moves forward only."""
    with ControlledRetries(client) as retries:
        assert (retries.now, retries.tokens) == (0.0, 100.0)
        retries.advance(5)
        retries.advance(0.5)
        assert retries.now == 5.5
        for bad in (-1.0, float("nan")):
            with pytest.raises(ValueError, match="seconds must be 0 or more"):
                retries.advance(bad)


def test_bad_arguments_are_refused(client: Client) -> None:
    """Each argument is checked, and the error names it."""
    for nobody in (None, "client", LocalServer):
        with pytest.raises(TypeError, match="client must be a Client or an AsyncClient"):
            ControlledRetries(nobody)  # type: ignore[arg-type]  # the point of the test
    for text in ("1", None, True):
        with pytest.raises(TypeError, match=r"jitter must be a number or a random\.Random"):
            ControlledRetries(client, jitter=text)  # type: ignore[arg-type]  # the point of the test
    for number in (-0.1, 1.1, float("nan")):
        with pytest.raises(ValueError, match="jitter must be from 0 to 1"):
            ControlledRetries(client, jitter=number)


def test_same_source_gives_the_same_waits(server: LocalServer, client: Client) -> None:
    """With a seeded source a test of jitter comes out the same each time."""
    found = []
    for _ in range(2):
        server.fail(UNAVAILABLE, times=2)
        source = random.Random(3)  # noqa: S311  # jitter, not a secret
        with ControlledRetries(client, jitter=source) as retries:
            assert client.sampler.tokenize("text")
        found.append(retries.waits)
    assert found[0] == found[1]
    assert len(set(found[0])) == 2
