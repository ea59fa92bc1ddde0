"""Which failures are tried again: the table of gRPC proposal A6 and of the wire's own promises."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs
import pytest
from betterproto.lib.google.protobuf import Any as PackedAny

from tests.services.aio.helpers import collect
from xai import NOT_GIVEN, APIError, AsyncClient, RateLimitError, RetryPolicy, StatusCode
from xai.proto.google import rpc
from xai.proto.prompt_ide import chat as chat_pb
from xai.proto.prompt_ide import sampler_public as pb
from xai.testing import ControlledRetries, LocalServer

SAMPLE = attrs.evolve(pb.SAMPLER_SAMPLE_TOKENS, idempotent=False)
REPEATABLE_SAMPLE = attrs.evolve(pb.SAMPLER_SAMPLE_TOKENS, idempotent=True)
REQUEST = pb.SampleTokensRequest(
    inputs=[pb.PromptInput(text="Does it work?")], settings=pb.SampleSettings(max_len=2)
)
PUSHBACK = "grpc-retry-pushback-ms"


def informed(code: StatusCode, seconds: float) -> list[tuple[str, str | bytes]]:
    """Return trailers in which the server names a wait."""
    info = rpc.RetryInfo(retry_delay=timedelta(seconds=seconds))
    packed = PackedAny(type_url="type.googleapis.com/google.rpc.RetryInfo", value=bytes(info))
    status = rpc.Status(code=int(code), message="busy", details=[packed])
    return [("grpc-status-details-bin", bytes(status))]


Fault = Callable[[LocalServer], None]
ABORTED, EXHAUSTED = StatusCode.ABORTED, StatusCode.RESOURCE_EXHAUSTED

#: Name, how the server fails once, whether any method is tried again, whether an idempotent one.
FAULTS: list[tuple[str, Fault, bool, bool]] = [
    ("UNAVAILABLE", lambda s: s.fail(StatusCode.UNAVAILABLE, "busy"), True, True),
    ("an HTTP 502", lambda s: s.send_garbage(kind="http"), True, True),
    ("REFUSED_STREAM", lambda s: s.refuse_streams(), True, True),
    ("GOAWAY below it", lambda s: s.goaway(processed=False), True, True),
    (
        "exhausted, named wait",
        lambda s: s.fail(EXHAUSTED, "busy", trailers=informed(EXHAUSTED, 1)),
        True,
        True,
    ),
    ("exhausted", lambda s: s.fail(EXHAUSTED, "busy"), True, True),
    (
        "exhausted, too large",
        lambda s: s.fail(EXHAUSTED, "Received message larger than max (5 vs. 4)"),
        False,
        False,
    ),
    (
        "exhausted, no credits",
        lambda s: s.fail(EXHAUSTED, "Your team has used all available credits."),
        False,
        False,
    ),
    ("ABORTED", lambda s: s.fail(ABORTED, "busy"), False, True),
    (
        "ABORTED, named wait",
        lambda s: s.fail(ABORTED, "busy", trailers=informed(ABORTED, 1)),
        False,
        True,
    ),
    ("connection lost", lambda s: s.drop_connection(), False, True),
    ("connection lost after headers", lambda s: s.drop_connection(after_messages=0), False, True),
    ("INTERNAL_ERROR reset", lambda s: s.reset(0x2), False, True),
    ("REFUSED_STREAM after headers", lambda s: s.reset(0x7, after_messages=0), False, True),
    ("CANCEL reset", lambda s: s.reset(0x8), False, False),
    ("ENHANCE_YOUR_CALM reset", lambda s: s.reset(0xB), False, False),
    ("INADEQUATE_SECURITY reset", lambda s: s.reset(0xC), False, False),
    ("a cut message", lambda s: s.send_garbage(kind="cut"), False, False),
    ("INTERNAL", lambda s: s.fail(StatusCode.INTERNAL), False, False),
    ("UNKNOWN", lambda s: s.fail(StatusCode.UNKNOWN), False, False),
    ("DEADLINE_EXCEEDED", lambda s: s.fail(StatusCode.DEADLINE_EXCEEDED), False, False),
    ("CANCELLED", lambda s: s.fail(StatusCode.CANCELLED), False, False),
    ("INVALID_ARGUMENT", lambda s: s.fail(StatusCode.INVALID_ARGUMENT), False, False),
]


def notes(error: BaseException) -> list[str]:
    """Return what was added to an error."""
    return [str(note) for note in vars(error).get("__notes__", [])]


async def make_call(client: AsyncClient, kind: str) -> object:
    """Make a call of a kind."""
    stubs = client.stubs
    if kind == "unary, idempotent":
        return await stubs.sampler.tokenize(pb.TokenizeRequest(text="text"))
    if kind == "unary":
        return await stubs.chat.create_conversation(chat_pb.CreateConversationRequest())
    method = REPEATABLE_SAMPLE if "idempotent" in kind else SAMPLE
    stream = stubs.sampler._stream(method, REQUEST, timeout=NOT_GIVEN, metadata=())
    replies = await collect(stream)
    assert replies
    return replies


@pytest.mark.parametrize("kind", ["unary", "unary, idempotent", "stream", "stream, idempotent"])
@pytest.mark.parametrize(
    ("fault", "any_method", "idempotent"), [item[1:] for item in FAULTS], ids=[f[0] for f in FAULTS]
)
async def test_failure_is_tried_again_if_that_is_safe(
    server: LocalServer,
    client: AsyncClient,
    kind: str,
    fault: Fault,
    *,
    any_method: bool,
    idempotent: bool,
) -> None:
    """What may have been done is repeated for idempotent methods only."""
    fault(server)
    again = any_method or (idempotent and "idempotent" in kind)
    caught: list[APIError] = []
    with ControlledRetries(client) as retries:
        try:
            await make_call(client, kind)
        except APIError as error:
            caught.append(error)
    assert bool(caught) is not again, caught
    assert [error.attempts for error in caught] == ([] if again else [1])
    assert len(retries.waits) == len(server.calls) - 1 == int(again)


@pytest.mark.parametrize("kind", ["stream", "stream, idempotent"])
@pytest.mark.parametrize(
    "fault",
    [
        lambda s: s.fail(StatusCode.UNAVAILABLE, "busy", after_messages=1),
        lambda s: s.drop_connection(after_messages=1),
        lambda s: s.reset(0x7, after_messages=1),
    ],
    ids=["UNAVAILABLE", "connection lost", "REFUSED_STREAM"],
)
async def test_stream_is_not_tried_again_after_its_first_message(
    server: LocalServer, client: AsyncClient, kind: str, fault: Fault
) -> None:
    """Whatever the failure and the method: a repeat would deliver messages twice."""
    fault(server)
    with ControlledRetries(client) as retries, pytest.raises(APIError) as caught:
        await make_call(client, kind)
    assert (caught.value.attempts, retries.waits, len(server.calls)) == (1, [], 1)


@pytest.mark.parametrize("kind", ["unary", "unary, idempotent", "stream"])
@pytest.mark.parametrize("value", ["2500", "0"])
async def test_wait_of_exhaustion_is_the_one_that_is_named(
    server: LocalServer, client: AsyncClient, kind: str, value: str
) -> None:
    """After RESOURCE_EXHAUSTED with a wait in the trailers, that one is made."""
    server.fail(EXHAUSTED, "busy", trailers=[(PUSHBACK, value)])
    with ControlledRetries(client) as retries:
        await make_call(client, kind)
    assert retries.waits == [int(value) / 1000]
    assert len(server.calls) == 2


@pytest.mark.parametrize("kind", ["unary, idempotent", "unary", "stream"])
async def test_wait_of_exhaustion_grows_to_twenty_seconds(
    server: LocalServer, client: AsyncClient, kind: str
) -> None:
    """A rate limit that names no wait is waited for longer and longer, by whatever method."""
    server.fail(EXHAUSTED, "slow down", times=10)
    view = client.with_options(retry=RetryPolicy(max_attempts=11))
    with ControlledRetries(client) as retries:
        await make_call(view, kind)
    assert retries.waits == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 20.0, 20.0]


async def test_wait_of_exhaustion_stays_within_the_deadline(
    server: LocalServer, client: AsyncClient
) -> None:
    """The error of the last attempt comes when the next one would be too late."""
    server.fail(EXHAUSTED, "slow down", times=None)
    view = client.with_options(retry=RetryPolicy(max_attempts=1000), timeout=60.0)
    with ControlledRetries(client) as retries, pytest.raises(RateLimitError) as caught:
        await view.sampler.tokenize("text")
    assert 40.0 < retries.now < 60.0
    assert any("would have come too late" in note for note in notes(caught.value))


@pytest.mark.parametrize("code", [StatusCode.UNAVAILABLE, EXHAUSTED, ABORTED])
@pytest.mark.parametrize("value", ["-1", "soon", "", "99999999999"])
async def test_pushback_that_says_no_is_obeyed(
    server: LocalServer, client: AsyncClient, code: StatusCode, value: str
) -> None:
    """A negative or malformed wait means that no other attempt is wanted."""
    trailers: list[Any] = [(PUSHBACK, value), *informed(code, 1)]
    server.fail(code, "busy", trailers=trailers)
    with ControlledRetries(client) as retries, pytest.raises(APIError, match="busy") as caught:
        await client.sampler.tokenize("text")
    assert (caught.value.attempts, caught.value.code, retries.waits) == (1, code, [])
    assert retries.tokens == 100.0
    assert "not tried again: the server asked for no other attempt" in notes(caught.value)


async def test_pushback_does_not_make_a_mistake_worth_a_retry(
    server: LocalServer, client: AsyncClient
) -> None:
    """A wait does not turn a failure that is final into one that is not."""
    server.fail(StatusCode.NOT_FOUND, trailers=[(PUSHBACK, "1")])
    with ControlledRetries(client) as retries, pytest.raises(APIError) as caught:
        await client.sampler.tokenize("text")
    assert (caught.value.attempts, retries.waits) == (1, [])


async def test_growth_begins_anew_after_pushback(server: LocalServer, client: AsyncClient) -> None:
    """The waits after one that the server named are as at the beginning."""
    for trailers in ([], [], [(PUSHBACK, "7000")], []):
        server.fail(StatusCode.UNAVAILABLE, trailers=trailers)
    with ControlledRetries(client) as retries:
        assert await client.sampler.tokenize("text")
    assert retries.waits == [0.1, 0.2, 7.0, 0.1]


async def test_wait_of_the_details_is_the_least(server: LocalServer, client: AsyncClient) -> None:
    """``google.rpc.RetryInfo`` names the least wait, before which no jitter makes a call return."""
    code = StatusCode.UNAVAILABLE
    server.fail(code, trailers=informed(code, 12.5))
    server.fail(code, trailers=informed(code, -3))
    server.fail(code, trailers=[("grpc-status-details-bin", b"\xff\xff")])
    with ControlledRetries(client, jitter=0.5) as retries:
        assert await client.sampler.tokenize("text")
    assert retries.waits == [12.55, 0.1, 0.2]
