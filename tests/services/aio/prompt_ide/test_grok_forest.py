from collections.abc import Iterator
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import grpc
import pytest

import xai
from tests.services.aio.helpers import collect
from tests.services.aio.rpc.reply_helpers import both_fail, outcome
from tests.services.interop.grok import ID, GrokScript, conversation, human, model
from tests.support import SECRET_KEY
from xai import AsyncClient

if TYPE_CHECKING:
    from tests.services.interop.server import GrpcioServer

NOON = datetime(2024, 5, 1, 12, tzinfo=timezone.utc)

#: Two roots; h1 has two answers, the second of which goes on.
FOREST = (
    human("h1"),
    model("m1", "h1"),
    model("m2", "h1"),
    human("h2", "m2"),
    model("m3", "h2"),
    human("h9"),
)


@pytest.fixture
def script(grpcio_server: "GrpcioServer") -> GrokScript:
    """The service; a loaded conversation is the forest above."""
    script = GrokScript(grpcio_server)
    script.get.says(conversation(*FOREST))
    return script


@pytest.fixture
def remote(grpcio_server: "GrpcioServer") -> Iterator[AsyncClient]:
    """A client of the server made with grpcio; the hook that runs the test enters it."""
    client = AsyncClient(SECRET_KEY, api_host=grpcio_server.host)
    yield client
    # twin: sync client.close()
    assert "closed" in repr(client)


async def test_forest_can_be_walked(script: GrokScript, remote: AsyncClient) -> None:
    """Roots, parents and children lead through all branches."""
    talk = await remote.grok.get_conversation(ID)
    assert [item.response_id for item in talk.root_responses] == ["h1", "h9"]
    first = talk.root_responses[0]
    assert first.parent_response is None
    assert [item.response_id for item in first.children] == ["m1", "m2"]
    assert all(item.parent_response is first for item in first.children)
    assert [item.response_id for item in talk.get_children("m2")] == ["h2"]
    assert talk.get_children("m1") == talk.get_children("unknown") == ()
    assert talk.get_children("") == talk.root_responses
    last = talk.get_response("m3")
    assert last.parent_response is talk.get_response("h2")
    assert list(last.children) == []
    assert script.paths == ["GetConversation"]


async def test_unknown_response_is_a_key_error(script: GrokScript, remote: AsyncClient) -> None:
    """A response that is not there is a KeyError with its name."""
    talk = await remote.grok.get_conversation(ID)
    with pytest.raises(KeyError, match="m77"):
        talk.get_response("m77")
    assert script.paths == ["GetConversation"]


async def test_every_field_of_a_response_is_read(script: GrokScript, remote: AsyncClient) -> None:
    """Each field is an attribute; a time that is not there is None."""
    seconds = int(NOON.timestamp())
    full = model(
        "m1",
        "h1",
        "text",
        create_time={"seconds": seconds},
        manual=True,
        partial=True,
        shared=True,
        query="cats",
        query_type="web",
        xposts=[{"post_id": "1", "parent": {"post_id": "0"}, "quote_post_id": ""}],
        generated_image_urls=["https://x.ai/a.png"],
    )
    script.get.says(conversation(human("h1"), full))
    await remote.grok.get_conversation(ID)
    talk = await remote.grok.get_conversation(ID)
    found = talk.get_response("m1")
    assert (found.response_id, found.parent_response_id) == ("m1", "h1")
    assert (found.message, found.sender) == ("text", "grok-interop")
    assert found.create_time == NOON
    assert found.create_time is not None
    assert found.create_time.tzinfo is not None
    assert (found.manual, found.partial, found.shared) == (True, True, True)
    assert (found.query, found.query_type) == ("cats", "web")
    assert found.x_posts == [
        xai.XPost(post_id="1", parent=xai.XPost(post_id="0"), quote_post_id="")
    ]
    assert found.images == [xai.GeneratedImage(image_url="https://x.ai/a.png")]
    assert found.web_search_results == []
    assert repr(found) == "<response m1 of grok-interop>"
    plain = talk.get_response("h1")
    assert (plain.manual, plain.partial, plain.shared) == (False, False, False)
    assert (plain.sender, plain.create_time, plain.parent_response_id) == ("human", None, "")


async def test_replacing_a_human_message_branches(script: GrokScript, remote: AsyncClient) -> None:
    """The new message goes under the old one's parent, and its answer is the leaf."""
    script.answers(5, "m2", query="q")
    talk = await remote.grok.get_conversation(ID)
    stream, response = talk.get_response("h2").replace("better")
    assert await collect(stream) == ["Hel", "lo"]
    answer = await outcome(response)
    assert answer is talk.get_response("m5")
    assert answer.query == "q"
    assert [item.response_id for item in talk.get_children("m2")] == ["h2", "h5"]
    assert talk.get_response("h2").message == "text of h2"
    await collect(talk.add_response("more")[0])
    assert script.add_response.seen == [
        {"conversation_id": ID, "message": "better", "parent_response_id": "m2"},
        {"conversation_id": ID, "message": "more", "parent_response_id": "m5"},
    ]


async def test_replacing_a_root_makes_a_root(script: GrokScript, remote: AsyncClient) -> None:
    """A root's parent is nothing, so its replacement is a root as well."""
    script.answers(5)
    talk = await remote.grok.get_conversation(ID)
    await collect(talk.get_response("h1").replace("better")[0])
    assert script.add_response.seen == [{"conversation_id": ID, "message": "better"}]
    assert [item.response_id for item in talk.root_responses] == ["h1", "h9", "h5"]


async def test_replacing_an_answer_stores_the_text(script: GrokScript, remote: AsyncClient) -> None:
    """The text is stored beside the old answer and becomes the leaf; nothing is sampled."""
    script.add_model_response.says(model("m8", "h2", "mine", manual=True))
    script.answers(5, "m8")
    talk = await remote.grok.get_conversation(ID)
    stream, response = talk.get_response("m3").replace("mine")
    assert script.paths == ["GetConversation"]
    assert await collect(stream) == ["mine"]
    stored = await outcome(response)
    assert stored is talk.get_response("m8")
    assert (stored.message, stored.manual, stored.parent_response_id) == ("mine", True, "h2")
    assert [item.response_id for item in talk.get_children("h2")] == ["m3", "m8"]
    assert script.add_model_response.seen == [
        {"conversation_id": ID, "message": "mine", "parent_response_id": "h2"}
    ]
    await collect(talk.add_response("more")[0])
    assert script.add_response.requests[0].parent_response_id == "m8"
    assert await collect(stream) == []


async def test_failed_replacement_reaches_both(script: GrokScript, remote: AsyncClient) -> None:
    """When the text can't be stored, both parts fail and the leaf stays."""
    script.add_model_response.says(status=(grpc.StatusCode.NOT_FOUND, "gone"))
    script.answers(5, "m3")
    talk = await remote.grok.get_conversation(ID)
    talk.get_response("m3").select()
    await both_fail(talk.get_response("m3").replace("mine"), xai.NotFoundError, "gone")
    await collect(talk.add_response("more")[0])
    assert script.add_response.requests[0].parent_response_id == "m3"


async def test_abandoned_replacement_stores_nothing(
    script: GrokScript, remote: AsyncClient
) -> None:
    """A replacement that is closed before it is read is never sent."""
    talk = await remote.grok.get_conversation(ID)
    stream, response = talk.get_response("m3").replace("mine")
    await stream.close()
    with pytest.raises(xai.CancelledError):
        await outcome(response)
    async with stream:
        assert await collect(stream) == []
    assert script.paths == ["GetConversation"]


async def test_answer_is_sampled_again(script: GrokScript, remote: AsyncClient) -> None:
    """An empty message under the parent makes another answer, which is the leaf."""
    script.add_response.says({"model_response": model("m7", "h2", "other")})
    talk = await remote.grok.get_conversation(ID)
    stream, response = talk.get_response("m3").resample()
    assert await collect(stream) == []
    assert (await outcome(response)).response_id == "m7"
    assert [item.response_id for item in talk.get_children("h2")] == ["m3", "m7"]
    await collect(talk.add_response("more")[0])
    assert script.add_response.seen == [
        {"conversation_id": ID, "parent_response_id": "h2"},
        {"conversation_id": ID, "message": "more", "parent_response_id": "m7"},
    ]


async def test_human_message_is_never_sampled_again(
    script: GrokScript, remote: AsyncClient
) -> None:
    """That is a ValueError, at once."""
    talk = await remote.grok.get_conversation(ID)
    with pytest.raises(ValueError, match="only a response of the model"):
        talk.get_response("h2").resample()
    assert script.paths == ["GetConversation"]


async def test_selected_response_is_answered_next(script: GrokScript, remote: AsyncClient) -> None:
    """The leaf is what was selected last, and what is sent then is under it."""
    script.answers(5, "m1")
    talk = await remote.grok.get_conversation(ID)
    late = talk.add_response("late")
    talk.get_response("m1").select()
    await collect(late[0])
    assert script.add_response.requests[0].parent_response_id == "m1"
    assert [item.response_id for item in talk.get_children("m1")] == ["h5"]


async def test_sharing_happens_once(script: GrokScript, remote: AsyncClient) -> None:
    """The first call publishes, the next ones know; the URL has the response's ID."""
    script.share.says({"shared_id": "s-1"})
    talk = await remote.grok.get_conversation(ID)
    found = talk.get_response("m3")
    for _ in range(2):
        assert await found.share() == "https://share.x.ai/conversations/m3"
    assert found.shared
    assert script.share.seen == [{"conversation_id": ID, "response_id": "m3"}]


async def test_shared_response_needs_no_call(script: GrokScript, remote: AsyncClient) -> None:
    """One that the server says is shared has its URL without a call."""
    script.get.says(conversation(model("m1", shared=True)))
    await remote.grok.get_conversation(ID)
    talk = await remote.grok.get_conversation(ID)
    url = await talk.get_response("m1").share()
    assert url == "https://share.x.ai/conversations/m1"
    assert "ShareConversation" not in script.paths


async def test_failed_sharing_can_be_repeated(script: GrokScript, remote: AsyncClient) -> None:
    """A response the server did not publish is not taken for shared."""
    script.share.says(status=(grpc.StatusCode.PERMISSION_DENIED, "no"))
    script.share.says({"shared_id": "s-1"})
    found = (await remote.grok.get_conversation(ID)).get_response("m3")
    with pytest.raises(xai.PermissionDeniedError):
        await found.share()
    assert not found.shared
    assert await found.share() == "https://share.x.ai/conversations/m3"


async def test_wrong_messages_are_refused_at_once(script: GrokScript, remote: AsyncClient) -> None:
    """A message that is no text is a TypeError, before anything is sent."""
    talk = await remote.grok.get_conversation(ID)
    wrong: Any = 5
    with pytest.raises(TypeError, match="user_message must be a str, not int"):
        talk.add_response(wrong)
    for name in ("h1", "m1"):
        with pytest.raises(TypeError, match="new_message must be a str, not int"):
            talk.get_response(name).replace(wrong)
    with pytest.raises(TypeError, match="conversation_id must be a str"):
        await remote.grok.get_conversation(wrong)
    with pytest.raises(TypeError, match="query must be a str"):
        await remote.grok.search_conversations(wrong)
    with pytest.raises(TypeError, match="model_name must be a str"):
        remote.grok.create_conversation(wrong)
    with pytest.raises(TypeError, match="fun_mode must be a bool"):
        remote.grok.create_conversation(fun_mode=wrong)
    assert script.paths == ["GetConversation"]
