import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

import grpc
import pytest

import xai
from tests.services.aio.helpers import collect, happens
from tests.services.aio.rpc.reply_helpers import both_fail, given_up, outcome, step
from tests.services.interop.grok import ID, GrokScript, conversation, human, model, token
from tests.support import SECRET_KEY
from tests.twin_helpers import AsyncBackground
from xai import AsyncClient, GeneratedImage, StatusCode, WebSearchResult, XPost

if TYPE_CHECKING:
    from tests.services.interop.server import GrpcioServer

USER = {"user_response": human("h1")}
REPLY = {"model_response": model("m1", "h1", "Hello")}
GONE = (grpc.StatusCode.DATA_LOSS, "it is gone")
SECONDS = 1_700_000_000


@pytest.fixture
def script(grpcio_server: "GrpcioServer") -> GrokScript:
    """The service; every conversation is a new one."""
    script = GrokScript(grpcio_server)
    script.create.says(conversation())
    return script


@pytest.fixture
def remote(grpcio_server: "GrpcioServer") -> Iterator[AsyncClient]:
    """A client of the server made with grpcio; the hook that runs the test enters it."""
    client = AsyncClient(SECRET_KEY, api_host=grpcio_server.host)
    yield client
    # twin: sync client.close()
    assert "closed" in repr(client)


async def test_user_message_is_registered(script: GrokScript, remote: AsyncClient) -> None:
    """The user's message is known as soon as the server tells of it, the reply at the end."""
    script.add_response.says(USER, token("Hel"), token("lo"), REPLY)
    talk = remote.grok.create_conversation()
    stream, response = talk.add_response("Hi")
    assert await step(stream) == "Hel"
    said = talk.get_response("h1")
    assert (said.sender, said.message) == ("human", "text of h1")
    assert not response.done()
    assert await collect(stream) == ["lo"]
    reply = await outcome(response)
    assert reply is talk.get_response("m1")
    assert (reply.message, reply.sender) == ("Hello", "grok-interop")
    assert reply.parent_response is said
    assert list(said.children) == [reply]


async def test_only_text_is_passed_on(script: GrokScript, remote: AsyncClient) -> None:
    """Pieces are the texts of tokens, unchanged; empty ones and other messages are none."""
    script.add_response.says(
        token("\u2581He", token_id=7, prob=0.5), token(""), {}, token("\n"), {"token": {}}, REPLY
    )
    stream, _ = remote.grok.create_conversation().add_response("Hi")
    assert await collect(stream) == ["\u2581He", "\n"]


async def test_results_are_kept_on_the_response(script: GrokScript, remote: AsyncClient) -> None:
    """Posts, pages and images that came on the way, before or after it, are on the response."""
    script.add_response.says(
        USER,
        {"x_search_results": {"results": [{"post_id": "1"}, {"post_id": "2", "text": "hi"}]}},
        {"web_search_results": {"results": [{"url": "https://x.ai", "title": "t"}]}},
        {
            "image_generation_response": {
                "generated_image_bytes": b"\x89PNG",
                "content_type": "image/png",
            }
        },
        token("Hello"),
        {"model_response": model("m1", "h1", xposts=[{"post_id": "0"}])},
        {"cached_image_generation_response": {"image_url": "https://x.ai/a.png"}},
        {"x_search_results": {"results": [{"post_id": "3"}]}},
        {"web_search_results": {"results": [{"url": "https://x.ai/b"}]}},
    )
    stream, response = remote.grok.create_conversation().add_response("Hi")
    assert await collect(stream) == ["Hello"]
    reply = await outcome(response)
    assert reply.x_posts == [
        XPost(post_id="0"),
        XPost(post_id="1"),
        XPost(post_id="2", text="hi"),
        XPost(post_id="3"),
    ]
    assert reply.web_search_results == [
        WebSearchResult(url="https://x.ai", title="t"),
        WebSearchResult(url="https://x.ai/b"),
    ]
    assert reply.images == [
        GeneratedImage(image_bytes=b"\x89PNG", content_type="image/png"),
        GeneratedImage(image_url="https://x.ai/a.png"),
    ]


async def test_results_told_twice_are_kept_once(script: GrokScript, remote: AsyncClient) -> None:
    """What comes on the way and again with the response, or in two messages, is there once."""
    posts = {"x_search_results": {"results": [{"post_id": "1", "citation_id": "post:0"}, {}]}}
    pages = {"web_search_results": {"results": [{"url": "https://x.ai"}, {"url": "https://b"}]}}
    image = {"image_generation_response": {"generated_image_bytes": b"1", "content_type": "a/b"}}
    cached = {"cached_image_generation_response": {"image_url": "https://x.ai/a.png"}}
    reply = model(
        "m1",
        "h1",
        xposts=[{"post_id": "2"}, {"post_id": "1"}],
        generated_image_urls=["https://x.ai/a.png"],
    )
    more = {"web_search_results": {"results": [{"url": "https://b"}, {"url": "https://c"}]}}
    script.add_response.says(
        *(posts, pages, image, cached, posts, image, {"model_response": reply}, more)
    )
    stream, response = remote.grok.create_conversation().add_response("Hi")
    await collect(stream)
    found = await outcome(response)
    assert found.x_posts == [XPost(post_id="2"), XPost(post_id="1"), XPost()]
    assert [page.url for page in found.web_search_results] == [
        "https://x.ai",
        "https://b",
        "https://c",
    ]
    assert found.images == [
        GeneratedImage(image_url="https://x.ai/a.png"),
        GeneratedImage(image_bytes=b"1", content_type="a/b"),
    ]


async def test_every_field_of_a_post_is_read(script: GrokScript, remote: AsyncClient) -> None:
    """A post has all its fields, and the posts it answers and quotes."""
    post = {
        "username": "u",
        "name": "n",
        "text": "t",
        "create_time": {"seconds": SECONDS},
        "profile_image_url": "p",
        "post_id": "1",
        "citation_id": "c",
        "parent": {"post_id": "0", "quote": {"post_id": "q"}},
        "parent_post_id": "0",
        "quote_post_id": "2",
        "quote": {"post_id": "2"},
    }
    script.add_response.says({"x_search_results": {"results": [post]}}, REPLY)
    stream, response = remote.grok.create_conversation().add_response("Hi")
    await collect(stream)
    (found,) = (await outcome(response)).x_posts
    assert found.create_time is not None
    assert found.create_time.timestamp() == SECONDS
    assert found.create_time.tzinfo is not None
    assert found == XPost(
        username="u",
        name="n",
        text="t",
        create_time=found.create_time,
        profile_image_url="p",
        post_id="1",
        citation_id="c",
        parent=XPost(post_id="0", quote=XPost(post_id="q")),
        parent_post_id="0",
        quote_post_id="2",
        quote=XPost(post_id="2"),
    )


async def test_stream_without_a_reply_is_an_error(script: GrokScript, remote: AsyncClient) -> None:
    """A stream that ends well without the model's response fails in both parts."""
    script.add_response.says(USER, token("Hello"))
    talk = remote.grok.create_conversation()
    for error in await both_fail(talk.add_response("Hi"), xai.InternalServerError, "without"):
        assert error.code is StatusCode.INTERNAL
        assert error.method == script.add_response.path
    await both_fail(talk.add_response("Hi"), xai.InternalServerError, "without")
    assert "parent_response_id" not in script.add_response.seen[1]


async def test_budget_and_transaction_are_logged(
    script: GrokScript, remote: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """A budget is one INFO line and a transaction one DEBUG line of ``xai``; no text of either."""
    script.add_response.says(
        {"token": {"budget": {"token_limit": 200, "tokens_spent": 50}}},
        {"token": {"budget": {"token_limit": 0, "tokens_spent": 5}}},
        {"token": {"transaction": {"transaction_id": "t-0815"}}},
        token("Hello"),
        REPLY,
    )
    stream, _ = remote.grok.create_conversation().add_response("Hi")
    assert await collect(stream) == ["Hello"]
    lines = [record for record in caplog.records if record.name == "xai"]
    assert [line.levelno for line in lines] == [logging.INFO, logging.INFO, logging.DEBUG]
    assert all(part in lines[0].getMessage() for part in ("50", "200", "25"))
    assert "t-0815" in lines[2].getMessage()


async def test_searching_is_logged_without_the_query(
    script: GrokScript, remote: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """That the model searches is a DEBUG line; what for is the user's own matter."""
    script.add_response.says(
        {"query_action": {"query": "my secret plans", "type": "web-search"}}, REPLY
    )
    stream, _ = remote.grok.create_conversation().add_response("Hi")
    assert await collect(stream) == []
    (line,) = [record for record in caplog.records if record.name == "xai"]
    assert line.levelno == logging.DEBUG
    assert "web-search" in line.getMessage()
    assert "secret plans" not in line.getMessage()


async def test_failed_stream_leaves_the_leaf(script: GrokScript, remote: AsyncClient) -> None:
    """After a failure, even behind the reply, the next message goes under the old leaf."""
    script.add_response.says(USER, token("Hel"), status=GONE)
    script.add_response.says(USER, token("Hel"), REPLY, status=GONE)
    script.add_response.says(USER, token("Hel"), {"model_response": model("m2", "h1", "Hello")})
    talk = remote.grok.create_conversation()
    await both_fail(talk.add_response("Hi"), xai.InternalServerError, "gone")
    await both_fail(talk.add_response("Hi"), xai.InternalServerError, "gone")
    await collect(talk.add_response("Hi")[0])
    assert [request.parent_response_id for request in script.add_response.requests] == [""] * 3
    await collect(talk.add_response("Hi")[0])
    assert script.add_response.requests[3].parent_response_id == "m2"
    assert script.paths.count("CreateConversation") == 1


async def test_garbage_is_an_error_for_both(script: GrokScript, remote: AsyncClient) -> None:
    """A message that can't be read fails both parts, and the RPC is cancelled."""
    script.add_response.says(token("Hel"), b"\x0a\xff\xff", hold=True)
    talk = remote.grok.create_conversation()
    await both_fail(talk.add_response("Hi"), xai.InternalServerError)
    assert await given_up(script.add_response.calls[0])


async def test_abandoned_stream_is_cancelled(script: GrokScript, remote: AsyncClient) -> None:
    """Leaving early cancels the RPC and the future; the leaf stays."""
    script.add_response.says(USER, token("Hel"), hold=True)
    script.add_response.says(token("lo"), REPLY)
    talk = remote.grok.create_conversation()
    stream, response = talk.add_response("Hi")
    async with stream:
        assert await step(stream) == "Hel"
    assert await given_up(script.add_response.calls[0])
    with pytest.raises(xai.CancelledError):
        await outcome(response)
    await collect(talk.add_response("Hi")[0])
    assert script.add_response.seen[1] == {"conversation_id": ID, "message": "Hi"}


async def test_closed_before_it_was_opened_sends_nothing(
    script: GrokScript, remote: AsyncClient
) -> None:
    """A pair that is closed at once makes no conversation and no response."""
    talk = remote.grok.create_conversation()
    stream, response = talk.add_response("Hi")
    await stream.close()
    with pytest.raises(xai.CancelledError):
        await outcome(response)
    assert await collect(stream) == []
    assert script.paths == []


async def test_closed_while_it_was_being_opened_sends_no_message(
    script: GrokScript, remote: AsyncClient
) -> None:
    """Closed during the creation, the stream sends no message afterwards; the reply ends."""
    script.create.says(conversation(), hold=True)
    script.create.says(conversation())
    script.answers(1)
    talk = remote.grok.create_conversation()
    await collect(talk.add_response("Hi")[0])
    other = remote.grok.create_conversation()
    stream, response = other.add_response("Hi")
    reading = AsyncBackground(lambda: collect(stream))
    assert await happens(script.create.held)
    await stream.close()
    with pytest.raises(xai.CancelledError):
        await outcome(response)
    script.create.release()
    with pytest.raises(RuntimeError, match="closed"):
        await reading.result()
    assert await collect(stream) == []
    assert len(script.add_response.calls) == 1
    assert await collect(other.add_response("Hi")[0]) == ["Hel", "lo"]
    assert script.paths.count("CreateConversation") == 2


async def test_two_streams_at_once_make_two_branches(
    script: GrokScript, remote: AsyncClient
) -> None:
    """Two messages under the same leaf are two branches; the later reply is the leaf."""
    script.add_response.says({"model_response": model("m0")})
    for number in (1, 2):
        script.answers(number, "m0")
    script.answers(3, "m1")
    talk = remote.grok.create_conversation()
    await collect(talk.add_response("Hi")[0])
    first, _ = talk.add_response("one")
    second, _ = talk.add_response("two")
    assert [await step(first), await step(second)] == ["Hel"] * 2
    await collect(second)
    await collect(first)
    assert [item.response_id for item in talk.get_children("m0")] == ["h1", "h2"]
    await collect(talk.add_response("three")[0])
    parents = [request.parent_response_id for request in script.add_response.requests]
    assert parents == ["", "m0", "m0", "m1"]


async def test_closed_client_refuses_at_once(script: GrokScript, remote: AsyncClient) -> None:
    """After the client was closed a message is a RuntimeError, and so is every call."""
    script.add_response.says(REPLY)
    talk = remote.grok.create_conversation()
    await collect(talk.add_response("Hi")[0])
    reply = talk.get_response("m1")
    await remote.close()
    with pytest.raises(RuntimeError, match="closed"):
        talk.add_response("Hi")
    with pytest.raises(RuntimeError, match="closed"):
        reply.resample()
    with pytest.raises(RuntimeError, match="closed"):
        reply.replace("x")
    with pytest.raises(RuntimeError, match="closed"):
        await talk.load()
