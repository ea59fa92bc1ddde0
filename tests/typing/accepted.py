"""Programs that must pass ``mypy --strict``, with the types a user sees; never run."""

import ssl
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime

from betterproto.lib.google.protobuf import Empty
from typing_extensions import assert_type

import xai
import xai.testing
from xai.aio.prompt_ide.sampler import AsyncSampler
from xai.proto import xai_api as v1
from xai.proto.base import Method
from xai.proto.compat.chat.compat_chat import GetChatCompletionChunk, GetCompletionsRequest
from xai.proto.prompt_ide import chat, embedder_public, files, prod_search, stateless_chat
from xai.proto.prompt_ide import sampler_public as pb
from xai.sync.prompt_ide.sampler import Sampler


def clients(context: ssl.SSLContext) -> None:
    """Both clients take the same arguments."""
    assert_type(xai.Client(), xai.Client)
    assert_type(xai.Client("key"), xai.Client)
    assert_type(xai.AsyncClient(), xai.AsyncClient)
    assert_type(xai.AsyncClient("key"), xai.AsyncClient)
    xai.Client(
        api_key=None,
        initial_rng_seed=1,
        api_host="localhost:1",
        metadata=(("key", "value"),),
        timeout=xai.Timeouts(total=1),
        retry=xai.RetryPolicy.none(),
        ssl_context=context,
        max_message_bytes=2**20,
    )
    xai.AsyncClient(timeout=None, metadata=None, initial_rng_seed=None, ssl_context=None)
    xai.Client(timeout=1)
    xai.Client(timeout=xai.NOT_GIVEN, retry=xai.NOT_GIVEN)


def blocks() -> None:
    """A block gives the client itself, and hides no exception."""
    with xai.Client() as client:
        assert_type(client, xai.Client)
        assert_type(client.close(), None)
    with xai.Client() as client:
        raise ValueError


async def asynchronous_blocks() -> None:
    """As above."""
    async with xai.AsyncClient() as client:
        assert_type(client, xai.AsyncClient)
        await client.close()


class Mine(xai.Client):
    """A user's own client."""


class AsyncMine(xai.AsyncClient):
    """Its asynchronous twin."""


async def views() -> None:
    """A view has the type of what it is a view of, also for a subclass."""
    policy = xai.RetryPolicy(max_attempts=2)
    assert_type(xai.Client().with_options(timeout=1.0), xai.Client)
    assert_type(xai.AsyncClient().with_options(retry=policy), xai.AsyncClient)
    assert_type(Mine().with_options(timeout=xai.Timeouts(idle=None)), Mine)
    assert_type(AsyncMine().with_options(timeout=None, metadata=[("key", "value")]), AsyncMine)
    with Mine() as mine:
        assert_type(mine, Mine)
    async with AsyncMine() as other:
        assert_type(other, AsyncMine)


def sampling(client: xai.Client, tokens: list[xai.Token], image: bytes) -> Iterator[str]:
    """Tokens stream in."""
    assert_type(client.sampler, Sampler)
    stream = client.sampler.sample("In the beginning")
    assert_type(stream, xai.Stream[xai.Token])
    for token in stream:
        assert_type(token, xai.Token)
        yield token.token_str
    assert_type(iter(stream), Iterator[xai.Token])
    assert_type(next(stream), xai.Token)
    assert_type(list(stream), list[xai.Token])
    with stream as same:
        assert_type(same, xai.Stream[xai.Token])
    stream.close()
    client.sampler.sample([1, 2, 3])
    client.sampler.sample((1, 2, 3))
    client.sampler.sample(range(3))
    client.sampler.sample(tokens)
    client.sampler.sample(inputs=["What is this?", image, [1, 2]])
    client.sampler.sample(
        "The",
        model_name="m",
        max_len=3,
        temperature=1,
        nucleus_p=1,
        stop_tokens=["a"],
        stop_strings=("b",),
        rng_seed=4,
        return_attention=True,
        allowed_tokens=["a", 1],
        disallowed_tokens=None,
        augment_tokens=False,
    )


async def asynchronous_sampling(client: xai.AsyncClient) -> AsyncIterator[str]:
    """As above; `sample` itself is not awaited."""
    assert_type(client.sampler, AsyncSampler)
    stream = client.sampler.sample("In the beginning", max_len=3)
    assert_type(stream, xai.AsyncStream[xai.Token])
    async for token in stream:
        assert_type(token, xai.Token)
        yield token.token_str
    assert_type([token async for token in stream], list[xai.Token])
    async with stream as same:
        assert_type(same, xai.AsyncStream[xai.Token])
    await stream.close()


def sampler(client: xai.Client) -> None:
    """The other methods give values."""
    assert_type(client.sampler.tokenize("a"), list[xai.Token])
    assert_type(client.sampler.tokenize("a", model_name="m"), list[xai.Token])
    assert_type(client.sampler.list_models(), list[str])
    assert_type(client.sampler.get_token_budget(), xai.TokenBudget)
    assert_type(client.sampler.get_token_budget("kind"), xai.TokenBudget)
    assert_type(client.sampler.list_transactions(), list[xai.TokenTransaction])


async def asynchronous_sampler(client: xai.AsyncClient) -> None:
    """As above, awaited."""
    assert_type(await client.sampler.tokenize("a"), list[xai.Token])
    assert_type(await client.sampler.list_models(), list[str])
    assert_type(await client.sampler.get_token_budget(), xai.TokenBudget)
    assert_type(await client.sampler.list_transactions(), list[xai.TokenTransaction])


def values(token: xai.Token, budget: xai.TokenBudget) -> None:
    """Values have typed attributes, and can be made by hand for tests."""
    assert_type(token.token_id, int)
    assert_type(token.token_str, str)
    assert_type(token.prob, float)
    assert_type(token.top_k, list[xai.Token])
    assert_type(token.attn_weights, list[float])
    assert_type(token.token_type, xai.TokenType)
    assert_type(budget.token_limit - budget.tokens_spent, int)
    assert_type(budget.request_limit - budget.requests_spent, int)
    xai.Token(token_id=1, token_str="a")
    xai.TokenBudget(token_limit=1, tokens_spent=2, request_limit=3, requests_spent=4)


def errors(client: xai.Client) -> None:
    """Errors have typed attributes, and can be made by hand."""
    try:
        client.sampler.list_models()
    except xai.APIError as error:
        assert_type(error.code, xai.StatusCode)
        assert_type(error.message, str)
        assert_type(error.details, tuple[object, ...])
        assert_type(error.metadata, tuple[tuple[str, str], ...])
        assert_type(error.method, str)
        assert_type(error.attempts, int)
    raise xai.NotFoundError(xai.StatusCode.NOT_FOUND, "made by hand, for a test")


def error_classes() -> tuple[type[xai.XAIError], type[TimeoutError], type[ConnectionError]]:
    """Errors can be caught by their root, and two of them as builtins."""
    return xai.APIError, xai.DeadlineExceededError, xai.APIConnectionError


def options() -> None:
    """Options are values."""
    policy = xai.RetryPolicy(
        max_attempts=3,
        initial_backoff=1,
        max_backoff=2.5,
        multiplier=1.5,
        retry_on=[xai.StatusCode.UNAVAILABLE, xai.StatusCode.ABORTED],
    )
    assert_type(policy.retry_on, frozenset[xai.StatusCode])
    assert_type(xai.RetryPolicy.none(), xai.RetryPolicy)
    limits = xai.Timeouts(total=1, connect=None, idle=2.5)
    assert_type(limits.total, float | None)
    assert_type(limits.connect, float | None)
    assert_type(limits.idle, float | None)


def narrowing(timeout: float | xai.NotGiven | None) -> float | None:
    """The sentinel is told apart with ``is``."""
    if timeout is xai.NOT_GIVEN:
        return 1.0
    assert_type(timeout, float | None)
    return timeout


def stubs(client: xai.Client) -> None:
    """The generated services take and give generated messages."""
    stub = client.stubs.sampler
    assert_type(stub.tokenize(pb.TokenizeRequest(text="a")), pb.TokenizeResponse)
    assert_type(stub.list_models(Empty(), timeout=1), pb.ListModelsResponse)
    assert_type(stub.list_transactions(Empty(), timeout=None), pb.ListTransactionsResponse)
    assert_type(stub.get_token_budget(pb.GetTokenBudgetRequest()), pb.TokenBudget)
    with stub.sample_tokens(pb.SampleTokensRequest(), metadata=[("key", "value")]) as stream:
        assert_type(stream, xai.Stream[pb.SampleTokensResponse])
        for reply in stream:
            assert_type(reply.token.final_logit.string_token, str)
    both = stub.tokenize_and_sample_tokens(
        pb.TokenizeAndSampleTokensRequest(), timeout=xai.Timeouts(idle=1)
    )
    assert_type(both, xai.Stream[pb.SampleTokensResponse])


def other_stubs(client: xai.Client) -> None:
    """Every service is there."""
    all_of = client.stubs
    conversation = stateless_chat.StatelessConversation()
    request = chat.AddResponseRequest()
    assert_type(
        all_of.stateless_chat.add_response(conversation),
        xai.Stream[stateless_chat.StatelessResponse],
    )
    assert_type(all_of.stateless_chat.log_for_debugging(conversation), Empty)
    assert_type(all_of.chat.add_response(request), xai.Stream[chat.AddResponseResponse])
    assert_type(
        all_of.chat.list_conversations(chat.ListConversationsRequest()),
        chat.ListConversationsResponse,
    )
    assert_type(
        all_of.search.search(prod_search.SearchRequest()), xai.Stream[prod_search.SearchResponse]
    )
    assert_type(all_of.file.list_files(Empty()), files.ListFilesResponse)
    assert_type(
        all_of.embedder.embed(embedder_public.EmbedRequest()), embedder_public.EmbedResponse
    )
    assert_type(
        all_of.compat_chat.get_completion_chunk(GetCompletionsRequest()),
        xai.Stream[GetChatCompletionChunk],
    )


def stubs_of_v1s_api(client: xai.Client) -> None:
    """They are in a namespace of their own."""
    request = v1.GetCompletionsRequest(
        messages=[v1.Message(role=v1.MessageRole.ROLE_USER, content=[v1.Content(text="Hello")])],
        model="grok-4",
        temperature=0.0,
    )
    with client.stubs.v1.chat.get_completion_chunk(request, timeout=5) as stream:
        assert_type(stream, xai.Stream[v1.GetChatCompletionChunk])
        for chunk in stream:
            assert_type(chunk.outputs[0].finish_reason, v1.FinishReason)
    assert_type(request.temperature, float | None)
    assert_type(client.stubs.v1.models.list_language_models(Empty()), v1.ListLanguageModelsResponse)
    assert_type(client.stubs.v1.auth.get_api_key_info(Empty()).create_time, datetime)


async def asynchronous_stubs_of_v1s_api(client: xai.AsyncClient) -> None:
    """As above, awaited."""
    request = v1.TokenizeTextRequest(text="Hello", model="grok-4")
    assert_type(await client.stubs.v1.tokenize.tokenize_text(request), v1.TokenizeTextResponse)
    async with client.stubs.v1.files.retrieve_file_content(
        v1.RetrieveFileContentRequest()
    ) as stream:
        assert_type(stream, xai.AsyncStream[v1.FileContentChunk])


async def asynchronous_stubs(client: xai.AsyncClient) -> None:
    """As above, awaited."""
    stub = client.stubs.sampler
    assert_type(await stub.tokenize(pb.TokenizeRequest(text="a")), pb.TokenizeResponse)
    assert_type(await stub.list_models(Empty(), timeout=1.0), pb.ListModelsResponse)
    async with stub.sample_tokens(pb.SampleTokensRequest()) as stream:
        assert_type(stream, xai.AsyncStream[pb.SampleTokensResponse])
        async for reply in stream:
            assert_type(reply, pb.SampleTokensResponse)
    assert_type(await client.stubs.file.list_files(Empty()), files.ListFilesResponse)
    assert_type(
        client.stubs.compat_chat.get_completion_chunk(GetCompletionsRequest()),
        xai.AsyncStream[GetChatCompletionChunk],
    )


def method_table() -> None:
    """A method constant knows both of its types."""
    assert_type(pb.SAMPLER_TOKENIZE, Method[pb.TokenizeRequest, pb.TokenizeResponse])


def check() -> None:
    """With and without a client."""
    xai.does_it_work()
    xai.does_it_work(xai.Client())


def local_server(prompts: Sequence[str]) -> None:
    """The embedded server gives clients of both kinds."""
    with xai.testing.LocalServer(api_keys={"k": ["sampler:write"]}) as server:
        assert_type(server, xai.testing.LocalServer)
        assert_type(server.client(), xai.Client)
        assert_type(server.client(timeout=1.0, metadata=(("key", "value"),)), xai.Client)
        assert_type(server.async_client(), xai.AsyncClient)
        assert_type(server.v1_client(), xai.v1.Client)
        assert_type(server.async_v1_client(timeout=3.0), xai.v1.AsyncClient)
        assert_type(server.host, str)
        assert_type(server.port, int)
        assert_type(server.api_key, str)
        server.fail(xai.StatusCode.UNAVAILABLE, "restarting", times=2)
        with server.client() as client:
            assert_type([client.sampler.tokenize(text) for text in prompts], list[list[xai.Token]])
        assert_type(server.calls, list[xai.testing.Call])
        assert_type(server.wait_for_call("Tokenize"), xai.testing.Call)
