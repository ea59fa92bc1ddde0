"""The tokens that the calls of a client share: gRPC proposal A6, retry throttling."""

import pytest

from tests.services.aio.helpers import QUESTION, texts, until_error
from tests.support import SECRET_KEY
from tests.twin_helpers import AsyncBackground
from xai import AsyncClient, RetryPolicy, ServiceUnavailableError, StatusCode
from xai.proto.prompt_ide import sampler_public as pb
from xai.testing import ControlledRetries, LocalServer

SAMPLE = pb.SAMPLER_SAMPLE_TOKENS
UNAVAILABLE = StatusCode.UNAVAILABLE
PATIENT = RetryPolicy(max_attempts=100)
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
    """A6: at half the tokens nothing is tried again, whatever the policy, and the error says so."""
    server.fail(UNAVAILABLE, times=None)
    patient = client.with_options(retry=PATIENT)
    with ControlledRetries(client) as retries:
        assert await attempts(patient) == -5
        assert retries.tokens == 5.0
        # From now on one attempt a call; the bucket is empty then, and never below.
        assert [await attempts(patient) for _ in range(7)] == [-1] * 7
        assert retries.tokens == 0.0
        assert len(retries.waits) == 4
    assert len(server.calls) == 12


async def test_successes_allow_retries_again(server: LocalServer, client: AsyncClient) -> None:
    """A6: each success gives a tenth of a token back, and none beyond ten."""
    patient = client.with_options(retry=PATIENT)
    with ControlledRetries(client) as retries:
        server.fail(UNAVAILABLE, times=5)
        assert await attempts(patient) == -5
        for _ in range(10):
            await client.sampler.tokenize("text")
        assert retries.tokens == 6.0
        server.fail(UNAVAILABLE, times=1)
        assert await attempts(patient) == -1
        for _ in range(11):
            await client.sampler.tokenize("text")
        assert retries.tokens == 6.1
        server.fail(UNAVAILABLE, times=1)
        assert await client.sampler.tokenize("text")
        assert retries.tokens == 5.2
        for _ in range(60):
            await client.sampler.tokenize("text")
        assert retries.tokens == 10.0


async def test_views_and_services_share_the_tokens(
    server: LocalServer, client: AsyncClient
) -> None:
    """A6: the tokens are the channel's, so every view and every method counts."""
    server.fail(UNAVAILABLE, times=None)
    impatient = client.with_options(retry=RetryPolicy.none())
    with ControlledRetries(client) as retries:
        for _ in range(3):
            with pytest.raises(ServiceUnavailableError):
                await impatient.embedder.embed(["text"])
        _, error = await until_error(client.with_options(timeout=30).sampler.sample(QUESTION))
        assert retries.tokens == 5.0
    assert error.attempts == 2
    assert NOTE in notes(error)


async def test_clients_do_not_share_the_tokens(server: LocalServer, client: AsyncClient) -> None:
    """Another client of the same server has tokens of its own."""
    server.fail(UNAVAILABLE, times=5)
    with ControlledRetries(client):
        assert await attempts(client) == 5
    async with AsyncClient(SECRET_KEY, api_host=server.host) as other:
        server.fail(UNAVAILABLE)
        with ControlledRetries(other) as retries:
            assert await other.sampler.tokenize("text")
            assert retries.tokens == 9.1


async def test_calls_at_the_same_time_share_the_tokens(
    server: LocalServer, client: AsyncClient
) -> None:
    """H30: of calls that fail together, just as many are tried again as the tokens allow."""
    server.fail(UNAVAILABLE, times=None)
    patient = client.with_options(retry=PATIENT)
    with ControlledRetries(client) as retries:
        running = [AsyncBackground(lambda: attempts(patient)) for _ in range(8)]
        made = [await call.result() for call in running]
        # Four failures leave more than five tokens: only they are followed by another attempt.
        assert sum(abs(number) for number in made) == 8 + 4 == len(server.calls)
        assert len(retries.waits) == 4
        assert retries.tokens == 0.0


async def test_calls_that_never_reached_the_server_cost_nothing(
    server: LocalServer, client: AsyncClient
) -> None:
    """A6, G4, G13: a rolling restart that refuses many calls at once loses none of them."""
    server.fail(UNAVAILABLE, times=5)
    patient = client.with_options(retry=PATIENT)
    with ControlledRetries(client) as retries:
        assert await attempts(patient) == -5
        server.refuse_streams(times=20)
        running = [AsyncBackground(lambda: patient.sampler.tokenize("text")) for _ in range(10)]
        for call in running:
            assert await call.result()
        server.goaway(processed=False)
        assert await client.sampler.tokenize("text")
        # Eleven successes, and no failure that counts.
        assert retries.tokens == 6.1


async def test_streams_count_at_their_end(server: LocalServer, client: AsyncClient) -> None:
    """A stream is a success when it ended well, and a failure also after its first message."""
    with ControlledRetries(client) as retries:
        server.fail(UNAVAILABLE, method=SAMPLE, after_messages=1)
        found, _ = await until_error(client.sampler.sample(QUESTION, temperature=0.0))
        assert (len(found), retries.tokens) == (1, 9.0)
        stream = client.sampler.sample(QUESTION, temperature=0.0, max_len=2)
        async with stream:
            await stream.__anext__()
        assert retries.tokens == 9.0
        assert await texts(client.sampler.sample(QUESTION, temperature=0.0, max_len=2))
        assert retries.tokens == 9.1


async def test_mistakes_of_the_caller_cost_nothing(
    server: LocalServer, client: AsyncClient
) -> None:
    """A6: only what says something about the state of the service counts."""
    server.fail(StatusCode.INVALID_ARGUMENT, times=3)
    with ControlledRetries(client) as retries:
        for _ in range(3):
            with pytest.raises(Exception, match=r"^INVALID_ARGUMENT"):
                await client.sampler.tokenize("text")
        assert retries.tokens == 10.0
