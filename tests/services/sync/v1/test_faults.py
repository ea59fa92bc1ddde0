# Do not edit: produced by "nox -s generate" from
# tests/services/aio/v1/test_faults.py
"""the v1 API against a server that fails: what is tried again, what is raised, what is kept."""

import time
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from tests.services.sync.helpers import until_error, wait_for_call
from tests.support import SECRET_KEY
from xai import (
    AbortedError,
    APIConnectionError,
    APIError,
    CancelledError,
    Client,
    DeadlineExceededError,
    InternalServerError,
    NotFoundError,
    RateLimitError,
    ServiceUnavailableError,
    StatusCode,
    Timeouts,
    v1,
)
from xai.options import RetryPolicy
from xai.proto import xai_api as pb
from xai.proto.base import Method
from xai.proto.xai_api import auth, batch, chat, embed, models, sample, tokenize
from xai.sync.v1.chat.chat import Chat
from xai.testing import ControlledRetries, LocalServer

ONCE = RetryPolicy.none()
#: Time enough for a call to arrive, even on a busy machine.
SHORT = 1.0
#: Guards against hangs; nothing here takes nearly as long.
LIMIT = 20.0
PUSHBACK = [("grpc-retry-pushback-ms", "0")]
SAMPLE, CHUNKS = chat.CHAT_GET_COMPLETION, chat.CHAT_GET_COMPLETION_CHUNK
START, POLL = chat.CHAT_START_DEFERRED_COMPLETION, chat.CHAT_GET_DEFERRED_COMPLETION


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


def add_to_batch(client: Client, conversation: Chat) -> object:
    """Add a chat to a new batch."""
    created = client.v1.batch.create("mine")
    return client.v1.batch.add(created.batch_id, [conversation])


@attrs.frozen
class Kind:
    """A way to call the service.

    Attributes:
        method: The method that is called, and that fails.
        make: Makes the call.
    """

    method: Method[Any, Any]
    make: Callable[[Client, Chat], Any]


KINDS = {
    "sample": Kind(SAMPLE, lambda _, chat: chat.sample()),
    "sample_batch": Kind(SAMPLE, lambda _, chat: chat.sample_batch(2)),
    "ask": Kind(SAMPLE, lambda _, chat: chat.ask("Surely?")),
    "parse": Kind(SAMPLE, lambda _, chat: chat.parse(list[int])),
    "run": Kind(SAMPLE, lambda _, chat: chat.run(tools=[add])),
    "stream": Kind(CHUNKS, lambda _, chat: chat.stream().until_done()),
    "stream_batch": Kind(CHUNKS, lambda _, chat: chat.stream_batch(2).until_done()),
    "stream_parse": Kind(CHUNKS, lambda _, chat: chat.stream_parse(list[int]).until_done()),
    "run_stream": Kind(CHUNKS, lambda _, chat: chat.run_stream(tools=[add]).until_done()),
    "start_deferred": Kind(START, lambda _, chat: chat.start_deferred()),
    "defer": Kind(POLL, lambda _, chat: chat.defer(interval=0.01)),
    "models": Kind(
        models.MODELS_LIST_LANGUAGE_MODELS,
        lambda client, _: client.v1.models.list_language_models(),
    ),
    "tokenize": Kind(
        tokenize.TOKENIZE_TOKENIZE_TEXT,
        lambda client, _: client.v1.tokenize.tokenize_text("text", "grok-local"),
    ),
    "batch_create": Kind(
        batch.BATCH_MGMT_CREATE_BATCH, lambda client, _: client.v1.batch.create("mine")
    ),
    "batch_add": Kind(batch.BATCH_MGMT_ADD_BATCH_REQUESTS, add_to_batch),
    "batch_list": Kind(batch.BATCH_MGMT_LIST_BATCHES, lambda client, _: client.v1.batch.list()),
    "embed": Kind(
        embed.EMBEDDER_EMBED,
        lambda client, _: client.v1.embedder.embed("text", model="embedder-local"),
    ),
    "sampler": Kind(
        sample.SAMPLE_SAMPLE_TEXT,
        lambda client, _: client.v1.sampler.sample("It", model="grok-local", max_tokens=3),
    ),
    "sampler_stream": Kind(
        sample.SAMPLE_SAMPLE_TEXT_STREAMING,
        lambda client, _: client.v1.sampler.stream(
            "It", model="grok-local", max_tokens=3
        ).until_done(),
    ),
    "auth": Kind(auth.AUTH_GET_API_KEY_INFO, lambda client, _: client.v1.auth.get_api_key_info()),
}
#: The streams of a conversation, by the kinds of the table above.
STREAMS: dict[str, Callable[[Chat], Any]] = {
    "stream": lambda chat: chat.stream(),
    "stream_batch": lambda chat: chat.stream_batch(2),
    "stream_parse": lambda chat: chat.stream_parse(list[int]),
    "run_stream": lambda chat: chat.run_stream(tools=[add]),
}

Fault = Callable[..., None]
UNAVAILABLE, EXHAUSTED = StatusCode.UNAVAILABLE, StatusCode.RESOURCE_EXHAUSTED
ABORTED = StatusCode.ABORTED

#: How the server fails once; what is raised where it is not tried again; whether any call is.
FAULTS: dict[str, tuple[Fault, type[APIError] | None, bool]] = {
    "UNAVAILABLE": (lambda s, **at: s.fail(UNAVAILABLE, "busy", **at), None, True),
    "refused stream": (lambda s, **at: s.refuse_streams(**at), None, True),
    "GOAWAY below it": (lambda s, **at: s.goaway(processed=False, **at), None, True),
    "page of a proxy": (lambda s, **at: s.send_garbage(kind="http", **at), None, True),
    "throttled, named wait": (
        lambda s, **at: s.fail(EXHAUSTED, "busy", trailers=PUSHBACK, **at),
        None,
        True,
    ),
    "throttled": (lambda s, **at: s.fail(EXHAUSTED, "busy", **at), None, True),
    "message too large": (
        lambda s, **at: s.fail(EXHAUSTED, "Sent message larger than max (5 vs. 4)", **at),
        RateLimitError,
        False,
    ),
    "aborted": (lambda s, **at: s.fail(ABORTED, "busy", **at), AbortedError, True),
    "dies before headers": (lambda s, **at: s.drop_connection(**at), APIConnectionError, True),
    "dies after headers": (
        lambda s, **at: s.drop_connection(after_messages=0, **at),
        APIConnectionError,
        True,
    ),
    "reset": (lambda s, **at: s.reset(2, **at), InternalServerError, True),
    "reset, cancel": (lambda s, **at: s.reset(8, **at), CancelledError, False),
    "no protobuf": (lambda s, **at: s.send_garbage(**at), InternalServerError, False),
    "cut message": (lambda s, **at: s.send_garbage(kind="cut", **at), InternalServerError, False),
}


def create(client: Client, **settings: Any) -> Chat:  # noqa: ANN401  # of all kinds
    """Return a chat in which something was said, to which the local model answers surely."""
    settings = {"temperature": 0.0, "auto_append": True, **settings}
    return client.v1.chat.create("grok-local", messages=[v1.user("Does it work?")], **settings)


def calls_of(server: LocalServer, method: Method[Any, Any]) -> int:
    """Return how often a method was called."""
    return sum(call.method == method.path for call in server.calls)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", KINDS)
def test_failure_is_tried_again_if_that_is_safe(
    server: LocalServer, local_client: Client, kind: str, fault: str
) -> None:
    """Answers are paid for: only what was surely not begun is repeated, unless idempotent."""
    method, make = KINDS[kind].method, KINDS[kind].make
    break_it, error, repeatable = FAULTS[fault]
    again = error is None or (repeatable and method.idempotent)
    break_it(server, method=method)
    conversation = create(local_client)
    before = bytes(conversation.proto)
    caught: list[APIError] = []
    with ControlledRetries(local_client):
        try:
            make(local_client, conversation)
        except APIError as raised:
            caught.append(raised)
    assert bool(caught) is not again, caught
    if not again:
        assert error is not None
        assert type(caught[0]) is error
        assert (caught[0].method, caught[0].attempts) == (method.path, 1)
        assert bytes(conversation.proto) == before
    assert calls_of(server, method) >= 1 + again
    assert make(local_client, create(local_client))


def test_only_what_makes_nothing_is_idempotent() -> None:
    """No method that an answer is paid for with may be repeated blindly."""
    repeatable = {kind for kind, each in KINDS.items() if each.method.idempotent}
    assert repeatable == {"defer", "models", "tokenize", "batch_list", "embed", "auth"}


@pytest.mark.parametrize("kind", KINDS)
def test_server_that_stays_away_is_one_clear_error(
    server: LocalServer, local_client: Client, kind: str
) -> None:
    """After the last attempt the server's own status is raised, and nothing was appended."""
    method, make = KINDS[kind].method, KINDS[kind].make
    server.fail(UNAVAILABLE, "down for good", times=None, method=method)
    conversation = create(local_client)
    before = bytes(conversation.proto)
    with (
        ControlledRetries(local_client),
        pytest.raises(ServiceUnavailableError, match="down") as caught,
    ):
        make(local_client, conversation)
    assert caught.value.attempts == calls_of(server, method) > 1
    assert bytes(conversation.proto) == before


@pytest.mark.parametrize("kind", KINDS)
def test_stalled_call_ends_in_time(server: LocalServer, local_client: Client, kind: str) -> None:
    """Silence ends with DeadlineExceededError, the server is told, and the client goes on."""
    method, make = KINDS[kind].method, KINDS[kind].make
    server.stall(method=method)
    view = local_client.with_options(timeout=SHORT)
    conversation = create(view)
    before = bytes(conversation.proto)
    started = time.monotonic()
    with pytest.raises(DeadlineExceededError) as caught:
        make(view, conversation)
    assert time.monotonic() - started < LIMIT
    assert isinstance(caught.value, TimeoutError)
    assert (caught.value.method, caught.value.attempts) == (method.path, 1)
    assert bytes(conversation.proto) == before
    wait_for_call(server, method, "cancelled")
    assert local_client.v1.models.list_language_models()
    assert server.connections == 1


@pytest.mark.parametrize("kind", ["sample", "stream", "start_deferred"])
def test_large_requests_are_tried_again_as_well(
    server: LocalServer, local_client: Client, kind: str
) -> None:
    """A request of a megabyte is sent again whole, as a small one is."""
    method, make = KINDS[kind].method, KINDS[kind].make
    server.fail(UNAVAILABLE, "busy", method=method)
    server.fail(StatusCode.NOT_FOUND, "enough", method=method)
    conversation = create(local_client).append(v1.user("word " * 250_000))
    with ControlledRetries(local_client), pytest.raises(NotFoundError) as caught:
        make(local_client, conversation)
    assert caught.value.attempts == 2
    first, second = (call.request for call in server.calls)
    assert first == second
    assert len(bytes(conversation.proto)) > 1_000_000


#: What goes wrong amid a stream, and what is raised.
AMID: dict[str, tuple[Fault, type[APIError]]] = {
    "UNAVAILABLE": (lambda s, **at: s.fail(UNAVAILABLE, "busy", **at), ServiceUnavailableError),
    "throttled": (
        lambda s, **at: s.fail(EXHAUSTED, "busy", trailers=PUSHBACK, **at),
        RateLimitError,
    ),
    "connection lost": (lambda s, **at: s.drop_connection(**at), APIConnectionError),
    "reset": (lambda s, **at: s.reset(2, **at), InternalServerError),
    "refused": (lambda s, **at: s.reset(7, **at), ServiceUnavailableError),
    "no protobuf": (lambda s, **at: s.send_garbage(**at), InternalServerError),
    "cut message": (lambda s, **at: s.send_garbage(kind="cut", **at), InternalServerError),
    "silence": (lambda s, **at: s.stall(**at), DeadlineExceededError),
}


@pytest.mark.parametrize("fault", AMID)
@pytest.mark.parametrize("kind", STREAMS)
def test_failure_amid_a_stream_keeps_what_came(
    server: LocalServer, local_client: Client, kind: str, fault: str
) -> None:
    """The items come through, the error has the answer so far, and nothing is asked twice."""
    break_it, error = AMID[fault]
    break_it(server, method=CHUNKS, after_messages=3)
    # A short silence is a fault only where it is the one that the server was told.
    idle = SHORT if fault == "silence" else LIMIT
    view = local_client.with_options(timeout=Timeouts(idle=idle))
    conversation = create(view)
    before = bytes(conversation.proto)
    with ControlledRetries(view) as retries:
        items, raised = until_error(STREAMS[kind](conversation))
    assert type(raised) is error
    assert (raised.method, raised.attempts, retries.waits) == (CHUNKS.path, 1, [])
    assert len(items) == 3
    partial = raised.partial
    answers = partial if isinstance(partial, list) else [partial]
    assert len(answers) == (2 if kind == "stream_batch" else 1)
    assert any(isinstance(each, v1.Response) and each.content for each in answers)
    assert bytes(conversation.proto) == before
    assert calls_of(server, CHUNKS) == 1
    assert create(local_client).stream().until_done().content


@pytest.mark.parametrize("kind", ["sample", "stream"])
def test_answer_over_the_limit_is_refused(server: LocalServer, kind: str) -> None:
    """The error names size and limit, the chunks before are kept, and the client goes on."""
    method, make = KINDS[kind].method, KINDS[kind].make
    fits = bytes(method.reply(id="r-1"))
    large = bytes(method.reply(id="r" * 40_000))
    with Client(SECRET_KEY, api_host=server.host, max_message_bytes=30_000) as client:
        server.reply(method, [large] if kind == "sample" else [fits, large])
        with pytest.raises(InternalServerError, match=r"limit of 30000 bytes") as caught:
            make(client, create(client))
        partial = caught.value.partial
        assert partial is None or (isinstance(partial, v1.Response) and partial.id == "r-1")
        assert (partial is None) is (kind == "sample")
        assert client.v1.models.list_language_models()
    assert server.connections == 1


#: An answer of a newer server: field 999 is unknown, and so are the numbers 77.
NEWER = b"\xba\x3e\x03new"


def test_unknown_fields_and_numbers_of_an_answer_are_kept(
    server: LocalServer, local_client: Client
) -> None:
    """What a newer server adds neither fails the call nor is lost."""
    message = pb.CompletionMessage(content="Hello", role=pb.MessageRole.ROLE_ASSISTANT)
    first = pb.CompletionOutput(
        index=0, finish_reason=pb.FinishReason.try_value(77), message=message
    )
    usage = pb.SamplingUsage(server_side_tools_used=[pb.ServerSideTool.try_value(77)])
    reply = pb.GetChatCompletionResponse(id="r-1", outputs=[first], usage=usage)
    server.reply(SAMPLE, bytes(reply) + NEWER)
    response = create(local_client).sample()
    assert response.content == "Hello"
    assert (int(response.finish_reason), response.finish_reason.wire_name) == (77, "REASON_77")
    assert response.server_side_tool_usage == {"SERVER_SIDE_TOOL_77": 1}
    assert NEWER in bytes(response.proto)


def test_unknown_fields_and_numbers_of_chunks_are_kept(
    server: LocalServer, local_client: Client
) -> None:
    """Each chunk has what it came with, and the complete response the numbers."""
    delta = pb.Delta(content="Hello", role=pb.MessageRole.ROLE_ASSISTANT)
    piece = pb.CompletionOutputChunk(
        index=0, delta=delta, finish_reason=pb.FinishReason.try_value(77)
    )
    server.reply(CHUNKS, [bytes(pb.GetChatCompletionChunk(id="r-1", outputs=[piece])) + NEWER])
    stream = create(local_client).stream()
    for response, chunk in stream:
        assert int(response.finish_reason) == 77
        assert int(chunk.choices[0].finish_reason) == 77
        assert NEWER in bytes(chunk.proto)
    assert stream.response.content == "Hello"


@pytest.mark.parametrize("arguments", ["", "{", "[1]", '{"a": 1e999}'])
def test_calls_of_tools_with_bad_arguments_are_answers(
    server: LocalServer,
    local_client: Client,
    caplog: pytest.LogCaptureFixture,
    arguments: str,
) -> None:
    """With every line of the log on, an answer that was paid for arrives, and is gone on from."""
    caplog.set_level("DEBUG", "xai")
    function = pb.FunctionCall(name="add", arguments=arguments)
    call = pb.ToolCall(id="c-1", function=function)
    message = pb.CompletionMessage(role=pb.MessageRole.ROLE_ASSISTANT, tool_calls=[call])
    reply = pb.GetChatCompletionResponse(id="r-1", outputs=[pb.CompletionOutput(message=message)])
    server.reply(SAMPLE, reply)
    server.reply(SAMPLE, reply)
    conversation = create(local_client)
    response = conversation.sample()
    assert [call.function.arguments for call in response.tool_calls] == [arguments]
    conversation.append(v1.tool_result("no", tool_call_id="c-1"))
    assert conversation.sample().tool_calls == response.tool_calls
    assert calls_of(server, SAMPLE) == 2


@pytest.mark.parametrize(
    "fault",
    [
        lambda s, **at: s.drop_connection(**at),
        lambda s, **at: s.reset(2, **at),
        lambda s, **at: s.fail(UNAVAILABLE, "busy", times=3, **at),
    ],
    ids=["connection lost", "reset", "busy"],
)
def test_failing_polls_do_not_lose_the_answer(
    server: LocalServer, local_client: Client, fault: Fault
) -> None:
    """Asking again costs nothing, so the answer that is being made is started only once."""
    fault(server, method=POLL)
    with ControlledRetries(local_client):
        assert create(local_client).defer(interval=0.01).content
    assert calls_of(server, START) == 1


def test_failed_poll_leaves_the_request_to_go_on_with(
    server: LocalServer, local_client: Client
) -> None:
    """After an error of a poll the same request can be waited for again."""
    deferred = create(local_client).start_deferred()
    server.fail(StatusCode.INTERNAL, "broken", method=POLL)
    with pytest.raises(InternalServerError, match="broken"):
        deferred.wait(interval=0.01)
    resumed = local_client.v1.chat.deferred(deferred.request_id)
    assert resumed.wait(interval=0.01).content
    assert calls_of(server, START) == 1


def test_many_failures_cost_one_client(server: LocalServer, local_client: Client) -> None:
    """One conversation survives every kind of failure, one after the other."""
    conversation = create(local_client.with_options(retry=ONCE, timeout=LIMIT))
    for break_it, _, _ in FAULTS.values():
        break_it(server, method=SAMPLE)
        said = len(conversation.messages)
        with pytest.raises(APIError):
            conversation.sample()
        assert len(conversation.messages) == said
        assert conversation.sample().content
        assert len(conversation.messages) == said + 1
        conversation.messages.pop()
