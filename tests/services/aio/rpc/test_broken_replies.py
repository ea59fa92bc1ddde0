from collections.abc import Callable

import pytest

from tests.services.aio.helpers import QUESTION, texts, until_error
from tests.support import SECRET_KEY
from xai import (
    APIConnectionError,
    APIError,
    AsyncClient,
    InternalServerError,
    RateLimitError,
    ServiceUnavailableError,
    StatusCode,
)
from xai.options import RetryPolicy
from xai.proto.prompt_ide import sampler_public as pb
from xai.testing import LocalServer

TOKENIZE, SAMPLE = pb.SAMPLER_TOKENIZE, pb.SAMPLER_SAMPLE_TOKENS
ONCE = RetryPolicy.none()

#: What goes wrong, what is raised, and a part of its text.
FAULTS = [
    pytest.param(
        lambda server, **at: server.send_garbage(kind="protobuf", **at),
        InternalServerError,
        "not a valid",
        id="protobuf",
    ),
    pytest.param(
        lambda server, **at: server.send_garbage(kind="cut", **at),
        InternalServerError,
        "cut off",
        id="cut",
    ),
    pytest.param(
        lambda server, **at: server.send_garbage(kind="frame", **at),
        APIConnectionError,
        "localhost:",
        id="frame",
    ),
    pytest.param(
        lambda server, **at: server.drop_connection(**at), APIConnectionError, "lost", id="drop"
    ),
    pytest.param(
        lambda server, **at: server.reset(2, **at), InternalServerError, "reset", id="internal"
    ),
    pytest.param(
        lambda server, **at: server.reset(11, **at), RateLimitError, "reset", id="calm down"
    ),
    pytest.param(
        lambda server, **at: server.reset(0, **at), InternalServerError, "reset", id="no error"
    ),
    pytest.param(
        lambda server, **at: server.reset(4711, **at), InternalServerError, "4711", id="strange"
    ),
]
Script = Callable[..., None]


@pytest.mark.parametrize(("break_it", "error", "text"), FAULTS)
async def test_broken_reply_is_one_clear_error(
    server: LocalServer,
    client: AsyncClient,
    break_it: Script,
    error: type[APIError],
    text: str,
) -> None:
    """Whatever the server sends, the call raises one of our errors, and the next call works."""
    break_it(server, method=TOKENIZE)
    with pytest.raises(error, match=text) as caught:
        await client.with_options(retry=ONCE).sampler.tokenize("text")
    assert type(caught.value) is error
    assert (caught.value.method, caught.value.attempts) == (TOKENIZE.path, 1)
    assert await client.sampler.tokenize("text")


@pytest.mark.parametrize(("break_it", "error", "text"), FAULTS)
async def test_broken_stream_is_one_clear_error(
    server: LocalServer,
    client: AsyncClient,
    break_it: Script,
    error: type[APIError],
    text: str,
) -> None:
    """In a stream the items before come through, then the error; the next stream works."""
    break_it(server, method=SAMPLE, after_messages=2)
    found, raised = await until_error(client.sampler.sample(QUESTION, temperature=0.0))
    assert type(raised) is error
    assert text in raised.message
    # What breaks HTTP/2 itself takes along whatever came in the same piece of data.
    assert len(found) == 2 or break_it is FAULTS[2].values[0]
    assert len(await texts(client.sampler.sample(QUESTION, temperature=0.0, max_len=3))) == 3


async def test_message_that_does_not_decode_has_its_cause(
    server: LocalServer, client: AsyncClient
) -> None:
    """What was wrong about a message is chained, and named in the text."""
    server.send_garbage(kind="protobuf", method=TOKENIZE)
    with pytest.raises(InternalServerError, match="TokenizeResponse") as caught:
        await client.sampler.tokenize("text")
    assert isinstance(caught.value.__cause__, ValueError)
    assert caught.value.code is StatusCode.INTERNAL


async def test_page_of_a_proxy_is_told(server: LocalServer, client: AsyncClient) -> None:
    """An answer that is not gRPC has its HTTP status and its text in the error."""
    server.send_garbage(kind="http", method=TOKENIZE)
    with pytest.raises(ServiceUnavailableError, match="502") as caught:
        await client.with_options(retry=ONCE).sampler.tokenize("text")
    assert "Bad Gateway" in caught.value.message
    assert "text/html" in caught.value.message
    assert await client.sampler.tokenize("text")


async def test_page_of_a_proxy_is_tried_again(server: LocalServer, client: AsyncClient) -> None:
    """A 502 is UNAVAILABLE, so another attempt is made."""
    server.send_garbage(kind="http", method=TOKENIZE)
    assert await client.sampler.tokenize("text")
    assert len(server.calls) == 2


async def test_message_over_the_limit_is_refused(server: LocalServer) -> None:
    """A message over ``max_message_bytes`` is one clear error, and the client goes on."""
    async with AsyncClient(SECRET_KEY, api_host=server.host, max_message_bytes=1000) as client:
        fitting = pb.ListModelsResponse(model_names=["a" * 996])
        assert len(bytes(fitting)) == 999
        server.reply("ListModels", fitting)
        assert await client.sampler.list_models() == ["a" * 996]
        server.reply("ListModels", pb.ListModelsResponse(model_names=["a" * 998]))
        with pytest.raises(InternalServerError, match=r"1001 bytes .* limit of 1000 bytes"):
            await client.sampler.list_models()
        token = pb.Token(final_logit=pb.Logit(string_token="b" * 5000))
        reply = pb.SampleTokensResponse(token=token)
        server.reply(SAMPLE, [pb.SampleTokensResponse(token=pb.Token()), reply])
        with pytest.raises(InternalServerError, match="over the limit"):
            await texts(client.sampler.sample(QUESTION, temperature=0.0))
        assert await client.sampler.tokenize("text")
    assert server.connections == 1


async def test_large_messages_go_both_ways(server: LocalServer, client: AsyncClient) -> None:
    """Messages of several megabytes, far above a window, are sent and received."""
    text = "word " * 1_000_000
    name = "n" * 9_000_000
    server.reply(TOKENIZE, pb.TokenizeResponse())
    assert await client.sampler.tokenize(text) == []
    assert server.calls[0].request == pb.TokenizeRequest(text=text)
    server.reply("ListModels", pb.ListModelsResponse(model_names=[name]))
    assert await client.sampler.list_models() == [name]


@pytest.mark.parametrize("messages", [[], [b"", b""]])
async def test_wrong_number_of_replies_is_an_error(
    server: LocalServer, client: AsyncClient, messages: list[bytes]
) -> None:
    """OK with no reply, or with two, to a call that has one is INTERNAL, not a crash."""
    server.reply(TOKENIZE, messages)
    with pytest.raises(InternalServerError) as caught:
        await client.sampler.tokenize("text")
    assert caught.value.code is StatusCode.INTERNAL
    assert await client.sampler.tokenize("text")


async def test_many_failures_cost_one_client(server: LocalServer, client: AsyncClient) -> None:
    """One client survives every kind of failure, one after the other."""
    view = client.with_options(retry=ONCE, timeout=10.0)
    for parameters in FAULTS * 2:
        break_it = parameters.values[0]
        assert callable(break_it)
        break_it(server, method=TOKENIZE)
        with pytest.raises(APIError):
            await view.sampler.tokenize("text")
        assert await view.sampler.tokenize("text")
