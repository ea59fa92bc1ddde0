"""The budget of retries that the calls of a client share."""

import pytest

from tests.services.aio.helpers import QUESTION, texts, until_error
from tests.support import SECRET_KEY
from tests.twin_helpers import AsyncBackground
from xai import AsyncClient, RetryPolicy, ServiceUnavailableError, StatusCode
from xai.proto.prompt_ide import sampler_public as pb
from xai.testing import ControlledRetries, LocalServer

SAMPLE = pb.SAMPLER_SAMPLE_TOKENS
UNAVAILABLE = StatusCode.UNAVAILABLE
#: More attempts than the budget has retries.
PATIENT = RetryPolicy(max_attempts=1000)
NOTE = "not tried again: too many calls of this client have failed of late"


def notes(error: BaseException) -> list[str]:
    """Return what was added to an error."""
    return [str(note) for note in vars(error).get("__notes__", [])]


async def attempts(client: AsyncClient) -> int:
    """Make a call that fails, and return how often it was tried."""
    with pytest.raises(ServiceUnavailableError) as caught:
        await client.sampler.tokenize("text")
    if NOTE in notes(caught.value):
        return -caught.value.attempts
    return caught.value.attempts


async def test_client_whose_calls_fail_stops_trying_again(
    server: LocalServer, client: AsyncClient
) -> None:
    """After a hundred retries nothing is tried again, whatever the policy; the error says so."""
    server.fail(UNAVAILABLE, times=None)
    patient = client.with_options(retry=PATIENT)
    with ControlledRetries(client) as retries:
        assert await attempts(patient) == -101
        assert retries.tokens == 0.0
        # From now on one attempt a call.
        assert [await attempts(patient) for _ in range(7)] == [-1] * 7
        assert retries.tokens == 0.0
        assert len(retries.waits) == 100
    assert len(server.calls) == 108


async def test_successes_allow_retries_again(server: LocalServer, client: AsyncClient) -> None:
    """Each success gives a tenth of a retry back, and none beyond a hundred."""
    patient = client.with_options(retry=PATIENT)
    with ControlledRetries(client) as retries:
        server.fail(UNAVAILABLE, times=101)
        assert await attempts(patient) == -101
        for _ in range(9):
            await client.sampler.tokenize("text")
        assert retries.tokens == 0.9
        server.fail(UNAVAILABLE, times=1)
        assert await attempts(patient) == -1
        await client.sampler.tokenize("text")
        server.fail(UNAVAILABLE, times=1)
        assert await client.sampler.tokenize("text")
        assert retries.tokens == 0.1


async def test_budget_is_never_more_than_full(server: LocalServer, client: AsyncClient) -> None:
    """A client that worked well for a long time has no more retries than a new one."""
    with ControlledRetries(client) as retries:
        server.fail(UNAVAILABLE)
        assert await client.sampler.tokenize("text")
        assert retries.tokens == 99.1
        for _ in range(12):
            await client.sampler.tokenize("text")
        assert retries.tokens == 100.0


async def test_views_and_services_share_the_budget(
    server: LocalServer, client: AsyncClient
) -> None:
    """The budget is the client's, so every view and every method counts."""
    server.fail(UNAVAILABLE, times=None)
    with ControlledRetries(client) as retries:
        for _ in range(3):
            with pytest.raises(ServiceUnavailableError):
                await client.embedder.embed(["text"])
        assert retries.tokens == 88.0
        _, error = await until_error(client.with_options(timeout=30).sampler.sample(QUESTION))
        assert retries.tokens == 84.0
        assert error.attempts == 5
        with pytest.raises(ServiceUnavailableError):
            await client.with_options(retry=RetryPolicy.none()).embedder.embed(["text"])
        assert retries.tokens == 84.0


async def test_clients_do_not_share_the_budget(server: LocalServer, client: AsyncClient) -> None:
    """Another client of the same server has a budget of its own."""
    server.fail(UNAVAILABLE, times=5)
    with ControlledRetries(client):
        assert await attempts(client) == 5
    async with AsyncClient(SECRET_KEY, api_host=server.host) as other:
        server.fail(UNAVAILABLE)
        with ControlledRetries(other) as retries:
            assert await other.sampler.tokenize("text")
            assert retries.tokens == 99.1


async def test_calls_at_the_same_time_share_the_budget(
    server: LocalServer, client: AsyncClient
) -> None:
    """Of calls that fail together, just as many are tried again as the budget allows."""
    server.fail(UNAVAILABLE, times=None)
    patient = client.with_options(retry=PATIENT)
    with ControlledRetries(client) as retries:
        running = [AsyncBackground(lambda: attempts(patient)) for _ in range(8)]
        made = [await call.result() for call in running]
        assert all(number < 0 for number in made)
        assert -sum(made) == 8 + 100 == len(server.calls)
        assert len(retries.waits) == 100
        assert retries.tokens == 0.0


async def test_calls_that_never_reached_the_server_cost_nothing(
    server: LocalServer, client: AsyncClient
) -> None:
    """A rolling restart that refuses many calls at once loses none of them."""
    server.fail(UNAVAILABLE, times=101)
    patient = client.with_options(retry=PATIENT)
    with ControlledRetries(client) as retries:
        assert await attempts(patient) == -101
        server.refuse_streams(times=20)
        running = [AsyncBackground(lambda: patient.sampler.tokenize("text")) for _ in range(10)]
        for call in running:
            assert await call.result()
        server.goaway(processed=False)
        assert await client.sampler.tokenize("text")
        # Eleven successes, and no retry that counts.
        assert retries.tokens == 1.1


async def test_streams_count_at_their_end(server: LocalServer, client: AsyncClient) -> None:
    """A stream is a success when it ended well; one that is cut or left costs nothing."""
    with ControlledRetries(client) as retries:
        server.fail(UNAVAILABLE, times=2)
        assert await client.sampler.tokenize("text")
        assert retries.tokens == 98.1
        server.fail(UNAVAILABLE, method=SAMPLE, after_messages=1)
        found, _ = await until_error(client.sampler.sample(QUESTION, temperature=0.0))
        assert (len(found), retries.tokens) == (1, 98.1)
        stream = client.sampler.sample(QUESTION, temperature=0.0, max_len=2)
        async with stream:
            await stream.__anext__()
        assert retries.tokens == 98.1
        assert await texts(client.sampler.sample(QUESTION, temperature=0.0, max_len=2))
        assert retries.tokens == 98.2


async def test_mistakes_of_the_caller_cost_nothing(
    server: LocalServer, client: AsyncClient
) -> None:
    """Only retries are counted."""
    server.fail(StatusCode.INVALID_ARGUMENT, times=3)
    with ControlledRetries(client) as retries:
        for _ in range(3):
            with pytest.raises(Exception, match=r"^INVALID_ARGUMENT"):
                await client.sampler.tokenize("text")
        assert retries.tokens == 100.0
