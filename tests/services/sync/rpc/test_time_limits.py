# Do not edit: produced by "nox -s generate" from
# tests/services/aio/rpc/test_time_limits.py
import math
import re
import time

import pytest

from tests.services.sync.helpers import QUESTION, collect, texts, until_error, wait_for_call
from tests.support import SECRET_KEY, refused_port
from xai import APIError, Client, DeadlineExceededError, StatusCode, Timeouts
from xai.options import RetryPolicy
from xai.proto.prompt_ide import sampler_public as pb
from xai.testing import LocalServer

TOKENIZE, SAMPLE = pb.SAMPLER_TOKENIZE, pb.SAMPLER_SAMPLE_TOKENS
#: Time enough for a call to arrive, even on a busy machine.
SHORT = 1.0
#: Guards against hangs; nothing here takes nearly as long.
LIMIT = 60.0
_UNITS = {"n": 1e-9, "u": 1e-6, "m": 1e-3, "S": 1.0, "M": 60.0, "H": 3600.0}


def seconds(header: str | None) -> float:
    """Return what a ``grpc-timeout`` header means."""
    assert header is not None
    assert re.fullmatch(r"\d{1,8}[numSMH]", header)
    return int(header[:-1]) * _UNITS[header[-1]]


def test_stalled_call_ends_in_time(server: LocalServer, client: Client) -> None:
    """A call that gets no answer ends with DeadlineExceededError, which is a TimeoutError."""
    client.sampler.list_models()
    server.stall(method=TOKENIZE)
    started = time.monotonic()
    with pytest.raises(DeadlineExceededError) as caught:
        client.with_options(timeout=SHORT).sampler.tokenize("text")
    assert SHORT * 0.9 <= time.monotonic() - started < LIMIT
    error = caught.value
    assert isinstance(error, TimeoutError)
    assert error.code is StatusCode.DEADLINE_EXCEEDED
    assert (error.method, error.attempts) == (TOKENIZE.path, 1)
    # The server is told, and the connection is as good as before.
    assert wait_for_call(server, TOKENIZE, "cancelled").reset_code == 8
    assert client.sampler.list_models()
    assert server.connections == 1


def test_stalled_stream_ends_in_time(server: LocalServer, client: Client) -> None:
    """The limit holds for a stream as a whole; the items before it came through."""
    client.sampler.list_models()
    server.stall(method=SAMPLE, after_messages=2)
    stream = client.with_options(timeout=SHORT).sampler.sample(QUESTION, temperature=0.0)
    found, error = until_error(stream)
    assert type(error) is DeadlineExceededError
    assert len(found) == 2
    assert texts(stream) == []
    wait_for_call(server, SAMPLE, "cancelled")
    assert client.sampler.list_models()


def test_time_of_a_stream_starts_with_its_first_iteration(
    server: LocalServer, client: Client
) -> None:
    """A stream that was made long before is not late: its time runs from the first iteration."""
    stream = client.with_options(timeout=60).sampler.sample(QUESTION, temperature=0.0, max_len=1)
    server.delay(SHORT, times=1, method=TOKENIZE)
    client.sampler.tokenize("text")
    started = time.monotonic()
    assert len(collect(stream)) == 1
    assert 60 - (time.monotonic() - started) <= seconds(server.calls[-1].timeout) <= 60


@pytest.mark.parametrize("timeout", [None, math.inf, Timeouts(total=None)])
def test_no_limit_sends_no_header(
    server: LocalServer, client: Client, timeout: float | Timeouts | None
) -> None:
    """None and infinity are no limit: no ``grpc-timeout`` is sent."""
    view = client.with_options(timeout=timeout)
    assert view.sampler.tokenize("text")
    assert len(collect(view.sampler.sample(QUESTION, temperature=0.0, max_len=1))) == 1
    assert [call.timeout for call in server.calls] == [None, None]


@pytest.mark.parametrize("timeout", [0, 0.0, 1e-12, Timeouts(total=0)])
def test_no_time_at_all_fails_at_once(
    server: LocalServer, client: Client, timeout: float | Timeouts
) -> None:
    """0 is a value: the call fails before anything is sent, and never means "no limit"."""
    view = client.with_options(timeout=timeout)
    with pytest.raises(DeadlineExceededError):
        view.sampler.tokenize("text")
    stream = view.sampler.sample(QUESTION, temperature=0.0)
    with pytest.raises(DeadlineExceededError):
        collect(stream)
    assert server.calls == []
    assert client.sampler.list_models()


@pytest.mark.parametrize(
    "timeout", [5, 9.5, 10.9, 59.99, 3600, 1e6, 1e9, 1e15, Timeouts(total=7.25)]
)
def test_server_is_told_the_limit(
    server: LocalServer, client: Client, timeout: float | Timeouts
) -> None:
    """The header has what is left, in at most eight digits, and is not cut to whole seconds."""
    started = time.monotonic()
    client.with_options(timeout=timeout).sampler.list_models()
    elapsed = time.monotonic() - started
    total = timeout.total if isinstance(timeout, Timeouts) else timeout
    assert total is not None
    told = seconds(server.calls[0].timeout)
    largest = 99_999_999 * 3600
    # Beyond eight digits of seconds the unit is the hour, rounded up.
    assert min(total - elapsed, largest) <= told <= min(total + 3600, largest)
    if total <= 1e6:
        assert told <= total


def test_limit_of_one_call_goes_before_the_clients(server: LocalServer, client: Client) -> None:
    """A stub's call has a limit of its own, None and 0 included."""
    stub = client.with_options(timeout=50).stubs.sampler
    request = pb.TokenizeRequest(text="a")
    stub.tokenize(request)
    stub.tokenize(request, timeout=20)
    stub.tokenize(request, timeout=None)
    with pytest.raises(DeadlineExceededError):
        stub.tokenize(request, timeout=0)
    first, second, third = (call.timeout for call in server.calls)
    assert 40 < seconds(first) <= 50
    assert 10 < seconds(second) <= 20
    assert third is None


def test_limit_covers_all_attempts(server: LocalServer, client: Client) -> None:
    """Each further attempt has what is left of the time, not the whole again."""
    server.delay(0.1, times=2, method=TOKENIZE)
    server.fail(StatusCode.UNAVAILABLE, times=2, method=TOKENIZE)
    retry = RetryPolicy(initial_backoff=0.001)
    assert client.with_options(timeout=30, retry=retry).sampler.tokenize("text")
    told = [seconds(call.timeout) for call in server.calls]
    assert len(told) == 3
    assert told[0] - told[1] >= 0.09
    assert told[1] - told[2] >= 0.09


def test_limit_covers_the_waits(server: LocalServer, client: Client) -> None:
    """No wait reaches past the deadline: the call ends in time, with the server's own error."""
    server.fail(StatusCode.UNAVAILABLE, "busy", times=None)
    retry = RetryPolicy(initial_backoff=3600, max_backoff=3600, max_attempts=100)
    started = time.monotonic()
    with pytest.raises(APIError) as caught:
        client.with_options(timeout=0.5, retry=retry).sampler.tokenize("text")
    assert time.monotonic() - started < LIMIT
    assert caught.value.code in (StatusCode.UNAVAILABLE, StatusCode.DEADLINE_EXCEEDED)
    assert len(server.calls) <= caught.value.attempts < 10


def test_limit_covers_connecting() -> None:
    """Attempts to connect end with the deadline of the call, not with the policy alone."""
    with refused_port() as holder:
        retry = RetryPolicy(initial_backoff=0.01, max_backoff=0.01, max_attempts=10_000)
        started = time.monotonic()
        with Client(
            SECRET_KEY,
            api_host=f"localhost:{holder.getsockname()[1]}",
            timeout=0.3,
            retry=retry,
        ) as client:
            with pytest.raises(APIError) as caught:
                client.sampler.list_models()
        assert time.monotonic() - started < LIMIT
    assert isinstance(caught.value, (TimeoutError, ConnectionError))


def test_silence_has_a_limit_of_its_own(server: LocalServer, client: Client) -> None:
    """A stream that falls silent for longer than ``idle`` ends, however long it may take."""
    client.sampler.list_models()
    server.stall(method=SAMPLE, after_messages=1)
    view = client.with_options(timeout=Timeouts(idle=SHORT, total=None))
    found, error = until_error(view.sampler.sample(QUESTION, temperature=0.0))
    assert type(error) is DeadlineExceededError
    assert "nothing" in error.message
    assert len(found) == 1
    wait_for_call(server, SAMPLE, "cancelled")


def test_silence_does_not_end_a_call_with_one_reply(server: LocalServer, client: Client) -> None:
    """``idle`` is for streams: a slow single reply is in time."""
    server.delay(0.3, method=TOKENIZE)
    assert client.with_options(timeout=Timeouts(idle=0.1)).sampler.tokenize("text")


def test_deadline_of_the_server_reads_the_same(server: LocalServer, client: Client) -> None:
    """DEADLINE_EXCEEDED told by the server is the same class as one of our own."""
    server.fail(StatusCode.DEADLINE_EXCEEDED, "the server's own")
    with pytest.raises(DeadlineExceededError, match="the server's own") as caught:
        client.sampler.tokenize("text")
    assert isinstance(caught.value, TimeoutError)


@pytest.mark.parametrize(
    ("timeout", "error"),
    [(-1, ValueError), (-1e-9, ValueError), (math.nan, ValueError), ("1", TypeError)],
)
def test_limit_that_is_bad_is_refused_by_the_call(
    server: LocalServer, client: Client, timeout: object, error: type[Exception]
) -> None:
    """A bad limit of one call is named by that call, and nothing is sent."""
    stub = client.stubs.sampler
    with pytest.raises(error, match=r"^timeout must be"):
        stub.tokenize(pb.TokenizeRequest(text="a"), timeout=timeout)  # type: ignore[arg-type]  # the point of the test
    with pytest.raises(error, match=r"^timeout must be"):
        stub.sample_tokens(pb.SampleTokensRequest(), timeout=timeout)  # type: ignore[arg-type]  # as above
    assert server.connections == 0
