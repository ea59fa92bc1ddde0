import contextlib
import logging
from collections.abc import Callable

import pytest

from tests.services.aio.helpers import QUESTION, texts, until_error
from tests.services.recorded import paths, requests
from tests.support import SECRET_KEY, refused_port
from xai import (
    APIConnectionError,
    APIError,
    AsyncClient,
    FailedPreconditionError,
    InternalServerError,
    ServiceUnavailableError,
    StatusCode,
)
from xai.options import RetryPolicy
from xai.proto.prompt_ide import sampler_public as pb
from xai.testing import ControlledRetries, LocalServer

TOKENIZE, SAMPLE = pb.SAMPLER_TOKENIZE, pb.SAMPLER_SAMPLE_TOKENS
UNAVAILABLE = StatusCode.UNAVAILABLE
QUICK = RetryPolicy(max_attempts=4, initial_backoff=0.001)
#: What differs from one attempt to the next: its number, and what is left of the time.
COUNTING = ("grpc-previous-rpc-attempts", "grpc-timeout")


def retry_lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the lines about retries."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name == "xai" and record.levelno == logging.WARNING
    ]


class OnRetry(logging.Handler):
    """Does something when a retry is announced."""

    def __init__(self, action: Callable[[], object]) -> None:
        super().__init__(logging.WARNING)
        self._action = action

    def emit(self, record: logging.LogRecord) -> None:
        """Do it."""
        if "trying again" in record.getMessage():
            self._action()

    def __enter__(self) -> None:
        """Listen to the library's logger."""
        logging.getLogger("xai").addHandler(self)

    def __exit__(self, *_: object) -> None:
        """Listen no more."""
        logging.getLogger("xai").removeHandler(self)


async def test_unavailable_is_tried_again(
    server: LocalServer, client: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """By default UNAVAILABLE is tried again, and a line for each retry says so."""
    server.fail(UNAVAILABLE, "in a moment", times=2)
    assert await client.sampler.tokenize("text")
    assert paths(server) == ["Tokenize"] * 3
    first, second = retry_lines(caplog)
    assert "/prompt_ide.Sampler/Tokenize" in first
    assert "UNAVAILABLE" in first
    assert "attempt 1" in first
    assert "attempt 2" in second


async def test_each_attempt_sends_the_same_request(
    server: LocalServer, client: AsyncClient
) -> None:
    """A retry has the request, the seed and the metadata of the first attempt."""
    server.fail(UNAVAILABLE, times=2, method=SAMPLE)
    view = client.with_options(retry=QUICK, metadata=(("x-a", "1"),))
    assert len(await texts(view.sampler.sample(QUESTION, temperature=0.0, max_len=2))) == 2
    first, second, third = requests(server, SAMPLE)
    assert first == second == third
    # All but the one header that counts the attempts.
    sent = [[pair for pair in call.headers if pair[0] not in COUNTING] for call in server.calls]
    assert sent[0] == sent[1] == sent[2]
    assert ("x-a", "1") in sent[0]


@pytest.mark.parametrize("attempts", [1, 2, 4])
async def test_attempts_are_limited(
    server: LocalServer, client: AsyncClient, attempts: int, caplog: pytest.LogCaptureFixture
) -> None:
    """A call is tried ``max_attempts`` times in all, and the error counts them."""
    server.fail(UNAVAILABLE, "never", times=None)
    view = client.with_options(retry=RetryPolicy(max_attempts=attempts, initial_backoff=0.001))
    with pytest.raises(ServiceUnavailableError, match="never") as caught:
        await view.sampler.tokenize("text")
    assert caught.value.attempts == attempts == len(server.calls)
    assert len(retry_lines(caplog)) == attempts - 1


async def test_default_is_five_attempts(server: LocalServer) -> None:
    """A client that was given no policy has the default one."""
    server.fail(UNAVAILABLE, times=None)
    async with AsyncClient(SECRET_KEY, api_host=server.host) as client:
        with ControlledRetries(client) as retries, pytest.raises(ServiceUnavailableError) as caught:
            await client.sampler.tokenize("text")
    assert caught.value.attempts == RetryPolicy().max_attempts == 5
    assert retries.waits == [0.1, 0.2, 0.4, 0.8]


async def test_policy_of_the_constructor_holds(server: LocalServer) -> None:
    """A policy given at construction is the client's."""
    server.fail(UNAVAILABLE, times=None)
    async with AsyncClient(SECRET_KEY, api_host=server.host, retry=RetryPolicy.none()) as client:
        with pytest.raises(ServiceUnavailableError) as caught:
            await client.sampler.tokenize("text")
    assert caught.value.attempts == 1
    assert len(server.calls) == 1


@pytest.mark.parametrize("code", sorted(set(StatusCode) - {StatusCode.OK} - RetryPolicy().retry_on))
async def test_other_statuses_are_not_tried_again(
    server: LocalServer, client: AsyncClient, code: StatusCode
) -> None:
    """What no other attempt can help, or may have been done, is told at once."""
    server.fail(code, "final", times=None)
    with pytest.raises(APIError, match="final") as caught:
        await client.sampler.tokenize("text")
    assert caught.value.attempts == 1
    assert len(server.calls) == 1


async def test_policy_chooses_the_statuses(server: LocalServer, client: AsyncClient) -> None:
    """``retry_on`` is what is tried again, in the place of UNAVAILABLE."""
    view = client.with_options(
        retry=RetryPolicy(retry_on=[StatusCode.INTERNAL], initial_backoff=0.001)
    )
    server.fail(StatusCode.INTERNAL, times=2)
    assert await view.sampler.tokenize("text")
    server.fail(UNAVAILABLE)
    with pytest.raises(ServiceUnavailableError):
        await view.sampler.tokenize("text")
    assert len(server.calls) == 4


async def test_last_error_is_the_one_that_is_told(server: LocalServer, client: AsyncClient) -> None:
    """After a retry the error is that of the last attempt, of whatever class."""
    server.fail(UNAVAILABLE, "first")
    server.fail(StatusCode.FAILED_PRECONDITION, "second", trailers=[("x-a", "2")])
    with pytest.raises(FailedPreconditionError, match="second") as caught:
        await client.with_options(retry=QUICK).sampler.tokenize("text")
    assert caught.value.attempts == 2
    assert caught.value.metadata == (("x-a", "2"),)


async def test_stream_is_tried_again_before_its_first_message(
    server: LocalServer, client: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """As long as no message came, a stream is as good as never started."""
    server.fail(UNAVAILABLE, method=SAMPLE)
    server.fail(UNAVAILABLE, method=SAMPLE, after_messages=0)
    view = client.with_options(retry=QUICK)
    assert len(await texts(view.sampler.sample(QUESTION, temperature=0.0, max_len=3))) == 3
    assert paths(server) == ["SampleTokens"] * 3
    assert len(retry_lines(caplog)) == 2


async def test_stream_is_never_tried_again_after_its_first_message(
    server: LocalServer, client: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """After a message the failure is told: a repeat would give tokens twice."""
    server.fail(UNAVAILABLE, "half-way", method=SAMPLE, after_messages=1)
    view = client.with_options(retry=QUICK)
    found, error = await until_error(view.sampler.sample(QUESTION, temperature=0.0))
    assert type(error) is ServiceUnavailableError
    assert (len(found), error.attempts, error.message) == (1, 1, "half-way")
    assert paths(server) == ["SampleTokens"]
    assert retry_lines(caplog) == []


async def test_untouched_calls_are_tried_again_whatever_the_policy(
    server: LocalServer, client: AsyncClient
) -> None:
    """A refused stream and a GOAWAY below the call are safe to repeat."""
    view = client.with_options(retry=RetryPolicy(retry_on=(), initial_backoff=0.001))
    server.refuse_streams(times=2)
    assert await view.sampler.tokenize("text")
    server.goaway(processed=False, method=SAMPLE)
    assert len(await texts(view.sampler.sample(QUESTION, temperature=0.0, max_len=2))) == 2
    assert server.connections == 2


async def test_untouched_calls_are_not_tried_again_without_retries(
    server: LocalServer, client: AsyncClient
) -> None:
    """With `RetryPolicy.none` even what is safe to repeat is told at once."""
    server.refuse_streams()
    with pytest.raises(ServiceUnavailableError) as caught:
        await client.with_options(retry=RetryPolicy.none()).sampler.tokenize("text")
    assert caught.value.attempts == 1


async def test_answer_that_is_not_valid_is_not_tried_again(
    server: LocalServer, client: AsyncClient
) -> None:
    """A broken answer is told: the server has done the call, and would break the next one too."""
    server.send_garbage(kind="protobuf", method=TOKENIZE)
    with pytest.raises(InternalServerError) as broken:
        await client.sampler.tokenize("text")
    assert broken.value.attempts == 1
    assert len(server.calls) == 1


async def test_server_that_comes_up_is_found(caplog: pytest.LogCaptureFixture) -> None:
    """A refused connection is tried again, and a server that has started meanwhile answers."""
    with refused_port() as holder:
        port = holder.getsockname()[1]
        server = LocalServer(api_keys={SECRET_KEY: ["*"]}, port=port)

        def start() -> None:
            if not server.running:
                server.start()

        try:
            with OnRetry(start):
                async with AsyncClient(SECRET_KEY, api_host=f"localhost:{port}") as client:
                    assert await client.sampler.list_models() == ["grok-local"]
        finally:
            server.stop()
    assert 1 <= len(retry_lines(caplog)) <= 4
    assert paths(server) == ["ListModels"]


async def test_server_that_was_restarted_is_found_again() -> None:
    """A client outlives its server: after a restart it connects anew, without being told."""
    with refused_port() as holder:
        port = holder.getsockname()[1]
        async with AsyncClient(SECRET_KEY, api_host=f"localhost:{port}") as client:
            with LocalServer(api_keys={SECRET_KEY: ["*"]}, port=port):
                assert await client.sampler.list_models()
            with LocalServer(api_keys={SECRET_KEY: ["*"]}, port=port) as other:
                # The first call may still go out on the old connection, and then is not repeated.
                with contextlib.suppress(APIConnectionError):
                    await client.sampler.list_models()
                assert await client.sampler.list_models()
                assert set(paths(other)) == {"ListModels"}
                assert other.connections == 1
