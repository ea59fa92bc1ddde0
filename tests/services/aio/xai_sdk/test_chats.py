"""Chats in the shape of xai-sdk 1.x, on this package."""

import pickle
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import timedelta
from unittest import mock

import pytest
from pydantic import BaseModel, ValidationError

import xai
from tests.services.xai_sdk.grpc_errors import RpcError, facts
from tests.support import SECRET_KEY
from xai.proto import xai_api as pb
from xai.proto.xai_api.chat import CHAT_GET_COMPLETION as COMPLETION
from xai.proto.xai_api.chat import CHAT_GET_COMPLETION_CHUNK as CHUNKS
from xai.proto.xai_api.chat import CHAT_GET_DEFERRED_COMPLETION as DEFERRED
from xai.testing import LocalServer
from xai.xai_sdk.v1.aio.client import Client
from xai.xai_sdk.v1.chat import BaseChat, Chunk, Response, assistant, chat_pb2, system, tool, user
from xai.xai_sdk.v1.tools import get_tool_call_type, web_search


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A local server that knows the secret key."""
    with LocalServer(api_keys={SECRET_KEY: ["*"]}) as server:
        yield server


@pytest.fixture
def sdk(server: LocalServer) -> Client:
    """A client of the local server; each test enters and leaves it."""
    return Client(SECRET_KEY, api_host=server.host)


async def test_conversation(sdk: Client, server: LocalServer) -> None:
    """Responses have names of enums and naive times, and are replayed by ``append``."""
    async with sdk:
        chat = sdk.chat.create("grok-4", messages=[system("Be brief.")], temperature=0.0)
        assert chat.append(user("Does it work?")) is chat
        response = await chat.sample()
        assert (response.role, response.finish_reason) == ("ROLE_ASSISTANT", "REASON_STOP")
        assert response.content
        assert response.created.tzinfo is None
        assert response.usage.total_tokens == response.proto.usage.total_tokens > 0
        assert response.cost_usd == pytest.approx(response.usage.cost_in_usd_ticks * 1e-10)
        chat.append(response)
        assert [message.role for message in chat.messages] == [3, 1, 2]
        (call,) = server.calls
        assert isinstance(call.request, pb.GetCompletionsRequest)
        assert call.request.n == 1
        assert chat.proto.HasField("temperature")
        assert not chat.proto.HasField("n")


async def test_stream_is_the_same_as_a_sample(sdk: Client) -> None:
    """The same response grows, and in the end has all of it."""
    async with sdk:
        chat = sdk.chat.create("grok-4", messages=[user("Does it work?")], temperature=0.0)
        whole = await chat.sample()
        seen, text = set(), ""
        async for response, chunk in chat.stream():
            seen.add(id(response))
            text += chunk.content
        assert len(seen) == 1
        assert response.content == text == whole.content
        assert response.finish_reason == whole.finish_reason
        assert response.usage.total_tokens == whole.usage.total_tokens


async def test_stream_that_is_left_early_ends_on_the_wire(sdk: Client, server: LocalServer) -> None:
    """The server learns of it, and the client goes on."""
    server.stall(method=CHUNKS, after_messages=1)
    async with sdk:
        chat = sdk.chat.create("grok-4", messages=[user("Tell a long story")], max_tokens=500)
        stream = chat.stream()
        await anext(stream)
        await stream.aclose()  # type: ignore[attr-defined]  # it is a generator
        server.wait_for_call(CHUNKS, state="cancelled")
        assert (await chat.sample()).content


async def read_last(
    stream: AsyncIterator[tuple[Sequence[Response], Sequence[Chunk]]],
) -> list[str]:
    """Return the texts of the choices of a stream, after its end, the last one read first."""
    responses: Sequence[Response] = ()
    async for now, chunks in stream:
        assert len(chunks) == len(now) == 3
        responses = now
    return [response.content for response in reversed(responses)]


async def test_choices_are_read_apart(sdk: Client) -> None:
    """Each of several responses has its own text, streamed or not."""
    async with sdk:
        chat = sdk.chat.create("grok-4", messages=[user("Say something")], temperature=1.0)
        with pytest.warns(PendingDeprecationWarning):
            sampled = await chat.sample_batch(3)
        with pytest.warns(PendingDeprecationWarning):
            texts = await read_last(chat.stream_batch(3))
        # Each is as far as the others, whichever is read first.
        assert len(texts) == 3
        assert all((*texts, *(response.content for response in sampled)))


async def test_usage_of_a_stream_outlives_chunks_without_it(
    sdk: Client, server: LocalServer
) -> None:
    """What a chunk does not have takes nothing away of what others had."""
    delta = pb.Delta(content="a", role=pb.MessageRole.ROLE_ASSISTANT)
    first = pb.GetChatCompletionChunk(
        id="r-1",
        outputs=[pb.CompletionOutputChunk(delta=delta)],
        usage=pb.SamplingUsage(total_tokens=7),
    )
    last = pb.GetChatCompletionChunk(
        outputs=[pb.CompletionOutputChunk(delta=pb.Delta(content="b"))]
    )
    server.reply(CHUNKS, [first, last])
    async with sdk:
        pairs = [pair async for pair in sdk.chat.create("m", messages=[user("x")]).stream()]
        response = pairs[-1][0]
        assert (response.id, response.content, response.usage.total_tokens) == ("r-1", "ab", 7)
        assert response.role == "ROLE_ASSISTANT"


async def test_response_survives_what_this_version_does_not_know(
    sdk: Client, server: LocalServer
) -> None:
    """Numbers without a name are shown as numbers; arguments that are not JSON do no harm."""
    call = pb.ToolCall(id="c", function=pb.FunctionCall(name="f", arguments="{"))
    message = pb.CompletionMessage(role=pb.MessageRole.ROLE_ASSISTANT, tool_calls=[call])
    output = pb.CompletionOutput(message=message, finish_reason=pb.FinishReason.try_value(99))
    server.reply(COMPLETION, pb.GetChatCompletionResponse(outputs=[output]), times=2)
    async with sdk:
        chat = sdk.chat.create("m", messages=[user("x")], tools=[tool("f", "", {})])
        response = await chat.sample()
        assert response.finish_reason == "99"
        assert get_tool_call_type(response.tool_calls[0]) == "invalid"
        chat.append(response)
        assert (await chat.sample()).tool_calls[0].function.arguments == "{"


class Answer(BaseModel):
    """What a response is read as."""

    number: int


async def test_parse_keeps_its_form_and_its_response(sdk: Client, server: LocalServer) -> None:
    """As there, later responses have the form too; a response that has it not is not lost."""
    async with sdk:
        chat = sdk.chat.create("grok-4", messages=[user("A number")])
        response, answer = await chat.parse(Answer)
        assert isinstance(answer, Answer)
        assert isinstance(Answer.model_validate_json((await chat.sample()).content), Answer)
        assert Answer.model_validate_json(response.content) == answer
        message = pb.CompletionMessage(role=pb.MessageRole.ROLE_ASSISTANT, content="no")
        reply = pb.GetChatCompletionResponse(outputs=[pb.CompletionOutput(message=message)])
        server.reply(COMPLETION, [reply])
        with pytest.raises(ValidationError) as caught:
            await chat.parse(Answer)
        kept = getattr(caught.value, "response", None)
        notes = "".join(getattr(caught.value, "__notes__", ()))
        assert getattr(kept, "content", "") == "no" or notes.endswith("was: no")


async def test_stored_deferred_and_compacted(sdk: Client) -> None:
    """Stored responses are lists; a compaction takes the place of all messages."""
    async with sdk:
        chat = sdk.chat.create("grok-4", messages=[user("Does it work?")], store_messages=True)
        response = await chat.sample()
        (stored,) = await sdk.chat.get_stored_completion(response.id)
        assert stored.content == response.content
        assert await sdk.chat.delete_stored_completion(response.id) == response.id
        deferred = await chat.defer(interval=timedelta(seconds=0.01))
        assert deferred.content
        compaction = await chat.compact()
        assert compaction.encrypted_content
        (left,) = chat.messages
        assert left.encrypted_content == compaction.encrypted_content
        assert (await chat.append(user("And now?")).sample()).content


async def test_deferred_response_is_waited_for_no_longer_than_allowed(
    sdk: Client, server: LocalServer
) -> None:
    """The error is the built-in one, and has the ID with which it can be fetched later."""
    pending = pb.GetDeferredCompletionResponse(status=pb.DeferredStatus.PENDING)
    gone = pb.GetDeferredCompletionResponse(status=pb.DeferredStatus.EXPIRED)
    async with sdk:
        chat = sdk.chat.create("grok-4", messages=[user("Does it work?")])
        server.reply(DEFERRED, pending, times=None)
        with pytest.raises(TimeoutError, match="timed out") as caught:
            await chat.defer(timeout=timedelta(seconds=0.1))
        assert getattr(caught.value, "request_id", "")
        server.clear_faults()
        server.reply(DEFERRED, gone)
        with pytest.raises(RuntimeError, match="expired"):
            await chat.defer()


async def test_what_is_wrong_is_refused_before_a_call(sdk: Client, server: LocalServer) -> None:
    """Names that do not exist, messages of no kind, and chats without one."""
    async with sdk:
        create: Callable[..., BaseChat] = sdk.chat.create
        for name, value in (
            ("tool_choice", "maybe"),
            ("response_format", "yaml"),
            ("reasoning_effort", "some"),
            ("include", ["all"]),
            ("agent_count", 5),
            ("service_tier", "best"),
        ):
            with pytest.raises(ValueError, match="Must be one of"):
                create("m", **{name: value})
        for message in ("text", {"role": 1}, None, 5):
            with pytest.raises(ValueError, match="Unrecognized message type"):
                create("m").append(message)  # type: ignore[arg-type]  # refused
        with pytest.raises(ValueError, match="no messages"):
            await sdk.chat.create("m").sample()
        assert server.calls == []


async def test_steps_of_tools_of_the_server_are_read_and_replayed(
    sdk: Client, server: LocalServer
) -> None:
    """Content is that of the last step; each step becomes a message, with the call it answers."""
    role = pb.MessageRole
    call = pb.ToolCall(id="c-1", type=pb.ToolCallType.TOOL_CALL_TYPE_WEB_SEARCH_TOOL)
    outputs = [
        pb.CompletionOutput(index=at, message=message)
        for at, message in enumerate(
            (
                pb.CompletionMessage(role=role.ROLE_ASSISTANT, tool_calls=[call]),
                pb.CompletionMessage(role=role.ROLE_TOOL, tool_calls=[call], content="found"),
                pb.CompletionMessage(role=role.ROLE_ASSISTANT, content="It works."),
            )
        )
    ]
    server.reply(COMPLETION, [pb.GetChatCompletionResponse(outputs=outputs)])
    async with sdk:
        chat = sdk.chat.create("m", messages=[user("x")], tools=[web_search()])
        response = await chat.sample()
        assert response.content == "It works."
        assert [output.message.content for output in response.tool_outputs] == ["found"]
        assert [get_tool_call_type(each) for each in response.tool_calls] == ["web_search_tool"]
        chat.append(response)
        assert [message.role for message in chat.messages] == [1, 2, 5, 2]
        assert chat.messages[2].tool_call_id == "c-1"


async def test_errors_are_those_of_both_libraries(sdk: Client, server: LocalServer) -> None:
    """With status, text and metadata, as grpcio has them, and as this package has them."""
    server.fail(xai.StatusCode.RESOURCE_EXHAUSTED, "slow down", times=None, trailers=(("a", "b"),))
    async with sdk:
        with pytest.raises(RpcError) as caught:
            await sdk.chat.create("m", messages=[user("x")]).sample()
        error = caught.value
        assert isinstance(error, xai.RateLimitError)
        code, text, metadata = facts(error)
        assert (code, text, metadata["a"]) == ("RESOURCE_EXHAUSTED", "slow down", "b")
        assert (error.message, error.attempts) == ("slow down", 5)
        assert error.code == xai.StatusCode.RESOURCE_EXHAUSTED
        assert facts(pickle.loads(pickle.dumps(error))) == (code, text, metadata)  # noqa: S301  # made here


async def test_failures_without_an_answer_are_worded_as_grpc_does(server: LocalServer) -> None:
    """Libraries tell connects that failed, lost sockets and deadlines apart by these texts."""
    async with Client(SECRET_KEY, api_host="localhost:1", timeout=0.5) as nobody:
        with pytest.raises(RpcError) as caught:
            await nobody.auth.get_api_key_info()
        connects = ("failed to connect to all addresses", "Deadline Exceeded")
        assert facts(caught.value)[1].startswith(connects)
    server.stall(method=COMPLETION)
    async with Client(SECRET_KEY, api_host=server.host, timeout=0.05) as impatient:
        with pytest.raises(RpcError) as caught:
            await impatient.chat.create("m", messages=[user("x")]).sample()
        assert facts(caught.value)[:2] == ("DEADLINE_EXCEEDED", "Deadline Exceeded")
    server.clear_faults()
    server.drop_connection(method=COMPLETION)
    async with Client(SECRET_KEY, api_host=server.host) as client:
        with pytest.raises(RpcError) as caught:
            await client.chat.create("m", messages=[user("x")]).sample()
        assert facts(caught.value)[:2] == ("UNAVAILABLE", "Socket closed")
    server.fail(xai.StatusCode.DEADLINE_EXCEEDED, "the server's own", method=COMPLETION)
    async with Client(SECRET_KEY, api_host=server.host) as client:
        with pytest.raises(RpcError) as caught:
            await client.chat.create("m", messages=[user("x")]).sample()
        assert facts(caught.value)[:2] == ("DEADLINE_EXCEEDED", "the server's own")


async def test_services_can_be_patched(sdk: Client) -> None:
    """They are the same objects each time, so tests of programs can replace their methods."""
    async with sdk:
        assert sdk.chat is sdk.chat
        with mock.patch.object(sdk.chat, "create", return_value="patched"):
            assert str(sdk.chat.create("m")) == "patched"
        assert sdk._api_channel is not None
        assert sdk._management_channel is None
        sdk._api_channel._channel.close()
        reply = await sdk.chat.create("grok-4", messages=[user("x"), assistant("y")]).sample()
        assert isinstance(reply.proto, chat_pb2.GetChatCompletionResponse)
