"""Faults, scripted replies and the record of the local server, with the methods of v1."""

import asyncio
from collections.abc import Callable, Iterator

import pytest

import xai
from xai import AsyncClient, Client, RetryPolicy, v1
from xai.proto.xai_api.auth import AUTH_GET_API_KEY_INFO, ApiKey
from xai.proto.xai_api.chat import (
    CHAT_COMPACT_CONTEXT,
    CHAT_GET_COMPLETION,
    CHAT_GET_COMPLETION_CHUNK,
    CHAT_GET_STORED_COMPLETION,
    CHAT_START_DEFERRED_COMPLETION,
    CompletionMessage,
    CompletionOutput,
    CompletionOutputChunk,
    Delta,
    GetChatCompletionChunk,
    GetChatCompletionResponse,
    GetCompletionsRequest,
    MessageRole,
)
from xai.proto.xai_api.models import MODELS_LIST_LANGUAGE_MODELS
from xai.proto.xai_api.tokenize import TOKENIZE_TOKENIZE_TEXT, TokenizeTextRequest
from xai.sync.v1.chat.chat import Chat
from xai.testing import LocalServer
from xai.testing.control.accounts import Account, set_caller
from xai.testing.control.calls import CallLog
from xai.testing.control.faults import FaultPlan
from xai.testing.engine.dialogue import Backend
from xai.testing.engine.library import default_library
from xai.testing.engine.model import default_model
from xai.testing.http_files import HttpFiles
from xai.testing.v1.answers import AnswerPlan
from xai.testing.v1.chat import LocalV1Chat
from xai.testing.v1.collection_state import CollectionStore
from xai.testing.v1.file_store import FileStore
from xai.testing.v1.models import Names, fingerprint
from xai.testing.v1.server_tools import ServerTools

MODEL = "grok-local"
ONCE = RetryPolicy(max_attempts=1)
ROLE = MessageRole.ROLE_ASSISTANT
LIMIT = 30.0


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A local server with its defaults."""
    with LocalServer() as server:
        yield server


@pytest.fixture
def client(server: LocalServer) -> Iterator[Client]:
    """A client of it that tries once."""
    with server.client(retry=ONCE) as client:
        yield client


def story(client: Client, **options: object) -> Chat:
    """Return a chat whose answer is long."""
    messages = [v1.user("Tell me a long story.")]
    return client.v1.chat.create(MODEL, messages=messages, **options)  # type: ignore[arg-type]  # any options


USES: list[tuple[object, Callable[[Client], object]]] = [
    (CHAT_GET_COMPLETION, lambda client: story(client).sample()),
    (CHAT_GET_COMPLETION_CHUNK, lambda client: story(client).stream().until_done()),
    (CHAT_START_DEFERRED_COMPLETION, lambda client: story(client).defer(interval=0.01)),
    ("GetDeferredCompletion", lambda client: story(client).defer(interval=0.01)),
    (CHAT_GET_STORED_COMPLETION, lambda client: client.v1.chat.get_stored_completion("a")),
    ("DeleteStoredCompletion", lambda client: client.v1.chat.delete_stored_completion("a")),
    (CHAT_COMPACT_CONTEXT, lambda client: story(client).compact()),
    (MODELS_LIST_LANGUAGE_MODELS, lambda client: client.v1.models.list_language_models()),
    ("GetEmbeddingModel", lambda client: client.v1.models.get_embedding_model("a")),
    (TOKENIZE_TOKENIZE_TEXT, lambda client: client.v1.tokenize.tokenize_text("a", MODEL)),
    (AUTH_GET_API_KEY_INFO, lambda client: client.v1.auth.get_api_key_info()),
]


@pytest.mark.parametrize(("method", "use"), USES, ids=map(str, range(len(USES))))
def test_every_method_can_be_made_to_fail(
    server: LocalServer, client: Client, method: object, use: Callable[[Client], object]
) -> None:
    """A scripted status reaches the caller, by a method's constant or by its name, and once."""
    server.fail(xai.StatusCode.DATA_LOSS, "made up", method=method)
    with pytest.raises(xai.APIError, match="made up") as caught:
        use(client)
    assert caught.value.code == xai.StatusCode.DATA_LOSS
    assert server.calls[-1].code == xai.StatusCode.DATA_LOSS


def test_failure_is_tried_again(server: LocalServer) -> None:
    """A status that may pass is met once, and the answer comes with the next attempt."""
    server.fail(xai.StatusCode.UNAVAILABLE, method=CHAT_GET_COMPLETION)
    quick = RetryPolicy(initial_backoff=0.001, max_backoff=0.001)
    with server.client(retry=quick) as client:
        assert story(client).sample().content
    assert [call.code for call in server.calls] == [xai.StatusCode.UNAVAILABLE, xai.StatusCode.OK]


def test_stream_can_be_broken_in_the_middle(server: LocalServer, client: Client) -> None:
    """After so many chunks the stream fails, and what arrived is kept."""
    whole = story(client, temperature=0.0).sample().content
    server.fail(xai.StatusCode.DATA_LOSS, method=CHAT_GET_COMPLETION_CHUNK, after_messages=3)
    with story(client, temperature=0.0).stream() as stream, pytest.raises(xai.APIError):
        stream.until_done()
    assert stream.response.content
    assert whole.startswith(stream.response.content)
    assert server.calls[-1].messages_sent == 3


def test_reply_can_be_scripted(server: LocalServer, client: Client) -> None:
    """A scripted answer is what the caller gets, in one piece or in chunks."""
    message = CompletionMessage(role=ROLE, content="As I was told.")
    whole = GetChatCompletionResponse(id="r", outputs=[CompletionOutput(message=message)])
    server.reply(CHAT_GET_COMPLETION, whole)
    assert story(client).sample().content == "As I was told."
    chunks = [
        GetChatCompletionChunk(
            id="r", outputs=[CompletionOutputChunk(delta=Delta(role=ROLE, content=text))]
        )
        for text in ("As ", "told.")
    ]
    server.reply(CHAT_GET_COMPLETION_CHUNK, chunks)
    with story(client).stream() as stream:
        assert [chunk.content for _, chunk in stream] == ["As ", "told."]
    server.reply(AUTH_GET_API_KEY_INFO, ApiKey(name="mine"))
    assert client.v1.auth.get_api_key_info().name == "mine"


def test_fault_that_nothing_met_is_told() -> None:
    """Leaving the server with a fault for a method that was not called is a failed assertion."""
    with pytest.raises(AssertionError, match="CompactContext"), LocalServer() as server:
        server.fail(xai.StatusCode.INTERNAL, method=CHAT_COMPACT_CONTEXT)


def test_calls_are_recorded_with_their_requests(server: LocalServer, client: Client) -> None:
    """The record has the path, the decoded request, and how each call ended."""
    story(client, seed=7, max_tokens=3).sample()
    with story(client, max_tokens=3, logprobs=True).stream() as stream:
        count = len(list(stream))
    client.v1.tokenize.tokenize_text("a", MODEL)
    first, second, third = server.calls
    assert first.method == CHAT_GET_COMPLETION.path
    assert isinstance(first.request, GetCompletionsRequest)
    assert (first.request.seed, first.request.max_tokens) == (7, 3)
    assert second.method == CHAT_GET_COMPLETION_CHUNK.path
    assert second.messages_sent == count
    assert isinstance(third.request, TokenizeTextRequest)
    assert {(call.state, call.code) for call in server.calls} == {("ok", 0)}


# Many callers at once.


async def test_long_answers_do_not_block_others() -> None:
    """While one caller waits for answers that never end, another one is served."""
    with LocalServer(token_delay=3600.0) as server, server.client(timeout=LIMIT) as other:
        async with server.async_client() as client:
            waiting = asyncio.create_task(streamed(client, 1))
            await server.wait_for_call_async(CHAT_GET_COMPLETION_CHUNK)
            job = await asyncio.to_thread(story(other).start_deferred)
            models = await asyncio.to_thread(other.v1.models.list_language_models)
            assert MODEL in [model.name for model in models]
            assert await asyncio.to_thread(job.get) is None
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)


async def test_costly_requests_take_turns() -> None:
    """Making ready and answering many choices leaves a turn to others for each of them."""
    tokenizer = default_model().tokenizer
    names = Names([MODEL])
    backend = Backend(default_model(), [MODEL], token_limit=0, token_delay=0.0)
    files = FileStore(HttpFiles("127.0.0.1", FaultPlan(), CallLog(0), asyncio.Event))
    tools = ServerTools(CollectionStore(), default_library(), tokenizer)
    chat = LocalV1Chat(backend, names, fingerprint(tokenizer), files, tools, answers=AnswerPlan())
    set_caller(Account(frozenset()))
    request = GetCompletionsRequest(model=MODEL, messages=[v1.user("Hello!")], n=50, max_tokens=1)
    answer = asyncio.create_task(chat.get_completion(request))
    turns = 0
    while not answer.done():
        await asyncio.sleep(0)
        turns += 1
    assert len(answer.result().outputs) == 50
    # For each choice one turn when it is made, one for its token, and one for its end.
    assert turns >= 150


async def test_streams_run_side_by_side() -> None:
    """Many streams of one asynchronous client advance together and get the right answers."""
    with LocalServer() as server:
        async with server.async_client() as client:
            texts = await asyncio.gather(*(streamed(client, seed % 4) for seed in range(12)))
            whole = [await sampled(client, seed) for seed in range(4)]
    assert texts == whole * 3
    assert len(set(whole)) > 1


async def streamed(client: AsyncClient, seed: int) -> str:
    """Return the text of a stream."""
    chat = client.v1.chat.create(
        MODEL, messages=[v1.user("Tell me a long story.")], seed=seed, temperature=1.2
    )
    async with chat.stream() as stream:
        pieces = [chunk.content async for _, chunk in stream]
    return "".join(pieces)


async def sampled(client: AsyncClient, seed: int) -> str:
    """Return the text of an answer in one piece."""
    chat = client.v1.chat.create(
        MODEL, messages=[v1.user("Tell me a long story.")], seed=seed, temperature=1.2
    )
    return (await chat.sample()).content


def test_caller_that_leaves_early_ends_the_work() -> None:
    """A stream that is left is cancelled at the server, and nothing of it is stored."""
    with LocalServer(token_delay=0.001) as server, server.client() as client:
        with story(client, store_messages=True).stream() as stream:
            next(iter(stream))
            response_id = stream.response.id
        server.wait_for_call(CHAT_GET_COMPLETION_CHUNK, "cancelled")
        with pytest.raises(xai.NotFoundError):
            client.v1.chat.get_stored_completion(response_id)
