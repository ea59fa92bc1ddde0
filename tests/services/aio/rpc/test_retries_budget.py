"""How long the attempts of one call may take together, and what they say of themselves."""

import logging
import random

import pytest

from tests.services.aio.helpers import QUESTION, collect, texts
from tests.support import SECRET_MARKER
from xai import (
    APIConnectionError,
    AsyncClient,
    DeadlineExceededError,
    RetryEvent,
    RetryPolicy,
    ServiceUnavailableError,
    StatusCode,
)
from xai.proto.prompt_ide import sampler_public as pb
from xai.testing import ControlledRetries, LocalServer

SAMPLE = pb.SAMPLER_SAMPLE_TOKENS
UNAVAILABLE = StatusCode.UNAVAILABLE
#: With the longest waits: 4 s, and then 4 s again and again.
STEADY = RetryPolicy(initial_backoff=4.0, max_backoff=4.0)
UNITS = {"n": 1e-9, "u": 1e-6, "m": 1e-3, "S": 1.0}


def seconds(header: str | None) -> float:
    """Return what a ``grpc-timeout`` header means."""
    assert header is not None
    return int(header[:-1]) * UNITS[header[-1]]


def notes(error: BaseException) -> list[str]:
    """Return what was added to an error."""
    return [str(note) for note in vars(error).get("__notes__", [])]


def counted(server: LocalServer) -> list[str | None]:
    """Return what the header that counts the earlier attempts said, call by call."""
    return [dict(call.headers).get("grpc-previous-rpc-attempts") for call in server.calls]


async def make_call(client: AsyncClient, *, streamed: bool) -> object:
    """Make a call, and return what it gives."""
    if streamed:
        return await collect(client.sampler.sample(QUESTION))
    return await client.sampler.tokenize("text")


async def test_each_attempt_has_what_is_left(server: LocalServer, client: AsyncClient) -> None:
    """The time limit is that of the whole call, so each attempt is told the rest of it."""
    server.fail(UNAVAILABLE, times=2)
    view = client.with_options(retry=STEADY, timeout=20.0)
    with ControlledRetries(client) as retries:
        assert await view.sampler.tokenize("text")
    assert retries.waits == [4.0, 4.0]
    first, second, third = (seconds(call.timeout) for call in server.calls)
    # The controlled clock does not count what the attempts themselves take.
    assert 16.0 < first <= 20.0
    assert 12.0 < second <= 16.0
    assert second - third == pytest.approx(4.0, abs=2.0)


@pytest.mark.parametrize("streamed", [False, True])
async def test_wait_that_would_reach_the_deadline_is_not_begun(
    server: LocalServer, client: AsyncClient, *, streamed: bool
) -> None:
    """The last real failure is told instead of a deadline that nothing more can happen before."""
    server.fail(UNAVAILABLE, "still busy", times=None)
    view = client.with_options(retry=STEADY, timeout=10.0)
    with ControlledRetries(client) as retries, pytest.raises(ServiceUnavailableError) as caught:
        await make_call(view, streamed=streamed)
    assert (caught.value.message, caught.value.attempts) == ("still busy", 3)
    assert retries.waits == [4.0, 4.0]
    assert any("would have come too late" in note for note in notes(caught.value))


async def test_time_of_the_hook_counts(server: LocalServer, client: AsyncClient) -> None:
    """When the time is over before the next attempt could begin, the last real failure is told."""
    server.fail(UNAVAILABLE, "still busy", times=None)
    with ControlledRetries(client) as retries:
        policy = RetryPolicy(on_retry=lambda _: retries.advance(60.0))
        view = client.with_options(retry=policy, timeout=30.0)
        with pytest.raises(ServiceUnavailableError, match="still busy") as caught:
            await view.sampler.tokenize("text")
    assert (caught.value.attempts, len(server.calls)) == (1, 1)
    assert retries.waits == []


async def test_without_a_limit_only_the_attempts_count(
    server: LocalServer, client: AsyncClient
) -> None:
    """No deadline: the header is left out, and no wait is too long."""
    server.fail(UNAVAILABLE, times=4)
    policy = RetryPolicy(initial_backoff=1e6, max_backoff=1e6)
    with ControlledRetries(client) as retries:
        assert await client.with_options(retry=policy, timeout=None).sampler.tokenize("text")
    assert retries.waits == [1e6] * 4
    assert {call.timeout for call in server.calls} == {None}


async def test_attempt_that_runs_into_the_deadline_is_the_last(
    server: LocalServer, client: AsyncClient
) -> None:
    """DEADLINE_EXCEEDED is not tried again: there is no time for it."""
    await client.sampler.list_models()
    server.clear_calls()
    server.fail(UNAVAILABLE)
    server.stall()
    view = client.with_options(retry=RetryPolicy(initial_backoff=0.0), timeout=1.0)
    with pytest.raises(DeadlineExceededError) as caught:
        await view.sampler.tokenize("text")
    assert caught.value.attempts == 2
    assert seconds(server.calls[1].timeout) <= 1.0


async def test_waits_have_full_jitter(server: LocalServer, client: AsyncClient) -> None:
    """Each wait is drawn from 0 up to a bound that doubles."""
    server.fail(UNAVAILABLE, times=4)
    seeded = random.Random(7)  # noqa: S311  # jitter, not a secret
    with ControlledRetries(client, jitter=seeded) as retries:
        assert await client.sampler.tokenize("text")
    expected = random.Random(7)  # noqa: S311  # the same
    assert retries.waits == [expected.uniform(0.0, longest) for longest in (0.1, 0.2, 0.4, 0.8)]
    assert retries.now == pytest.approx(sum(retries.waits))


async def test_server_is_told_the_number_of_the_attempt(
    server: LocalServer, client: AsyncClient
) -> None:
    """``grpc-previous-rpc-attempts`` counts from the second attempt on."""
    server.fail(UNAVAILABLE, times=2)
    server.refuse_streams(method=SAMPLE)
    with ControlledRetries(client):
        assert await client.sampler.tokenize("text")
        assert await texts(client.sampler.sample(QUESTION, temperature=0.0, max_len=1))
    assert counted(server) == [None, "1", "2", None, "1"]
    for call in server.calls:
        names = [name for name, _ in call.headers]
        own = [name.startswith((":", "grpc-")) for name in names if name in KNOWN]
        assert own == sorted(own, reverse=True)


#: In the order in which the protocol wants them: its own before the caller's.
KNOWN = (":path", "grpc-timeout", "x-a")


# Told.


async def test_each_retry_is_logged_with_its_facts(
    server: LocalServer, client: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """One warning a retry, as text and as fields: method, attempt, status and wait."""
    server.fail(UNAVAILABLE, "x" * 50)
    server.fail(StatusCode.ABORTED)
    with ControlledRetries(client):
        assert await client.sampler.tokenize("a private text")
    found = [record for record in caplog.records if record.name == "xai"]
    path = "/prompt_ide.Sampler/Tokenize"
    assert [record.getMessage() for record in found] == [
        f"{path}: attempt 1 failed with UNAVAILABLE, trying again in 0.100 s",
        f"{path}: attempt 2 failed with ABORTED, trying again in 0.200 s",
    ]
    assert {record.levelno for record in found} == {logging.WARNING}
    facts = [
        {name: value for name, value in vars(record).items() if name.startswith("xai_")}
        for record in found
    ]
    assert facts == [
        {
            "xai_method": path,
            "xai_attempt": number,
            "xai_status": status,
            "xai_wait": wait,
        }
        for number, status, wait in ((1, "UNAVAILABLE", 0.1), (2, "ABORTED", 0.2))
    ]


async def test_hook_is_told_of_each_retry(server: LocalServer, client: AsyncClient) -> None:
    """The hook gets what the log says, and the class of the error, before the wait."""
    server.fail(UNAVAILABLE)
    server.drop_connection()
    events: list[tuple[RetryEvent, int]] = []
    with ControlledRetries(client) as retries:
        policy = RetryPolicy(on_retry=lambda event: events.append((event, len(retries.waits))))
        view = client.with_options(retry=policy, metadata=[("x-a", SECRET_MARKER)])
        assert await view.sampler.tokenize("a private text")
    path = "/prompt_ide.Sampler/Tokenize"
    assert events == [
        (
            RetryEvent(
                method=path, attempt=1, error=ServiceUnavailableError, code=UNAVAILABLE, wait=0.1
            ),
            0,
        ),
        (
            RetryEvent(
                method=path, attempt=2, error=APIConnectionError, code=UNAVAILABLE, wait=0.2
            ),
            1,
        ),
    ]
    assert "private" not in repr(events)
    assert SECRET_MARKER not in repr(events)


async def test_hook_is_told_of_retries_only(server: LocalServer, client: AsyncClient) -> None:
    """A failure that nothing follows is the error's to tell."""
    server.fail(StatusCode.NOT_FOUND)
    server.fail(UNAVAILABLE, times=2)
    events: list[RetryEvent] = []
    view = client.with_options(retry=RetryPolicy(max_attempts=2, on_retry=events.append))
    with ControlledRetries(client):
        for _ in range(2):
            with pytest.raises(Exception, match=r"^(NOT_FOUND|UNAVAILABLE)"):
                await view.sampler.tokenize("text")
        assert await view.sampler.tokenize("text")
    assert [event.attempt for event in events] == [1]


async def test_hook_that_fails_is_logged(
    server: LocalServer, client: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """An exception of the hook is not the call's: it is logged with its traceback, no more."""

    def broken(event: RetryEvent) -> None:
        raise KeyError(f"a bug at attempt {event.attempt}")

    server.fail(UNAVAILABLE, times=2)
    with ControlledRetries(client):
        view = client.with_options(retry=RetryPolicy(on_retry=broken))
        assert await view.sampler.tokenize("text")
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == 2
    assert errors[0].getMessage() == "/prompt_ide.Sampler/Tokenize: the hook on_retry failed"
    assert errors[0].exc_info is not None
    assert isinstance(errors[0].exc_info[1], KeyError)


async def test_interrupt_in_the_hook_ends_the_call(
    server: LocalServer, client: AsyncClient
) -> None:
    """What is no `Exception`, such as Ctrl-C, goes through to the caller."""

    class Interrupt(BaseException):
        """Stands for KeyboardInterrupt, which would end the test run."""

    def interrupt(_event: RetryEvent) -> None:
        raise Interrupt

    server.fail(UNAVAILABLE)
    with ControlledRetries(client):
        view = client.with_options(retry=RetryPolicy(on_retry=interrupt))
        with pytest.raises(Interrupt):
            await view.sampler.tokenize("text")
    assert len(server.calls) == 1
