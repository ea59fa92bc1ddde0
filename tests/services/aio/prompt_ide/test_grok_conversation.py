from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from functools import partial
from typing import TYPE_CHECKING, Any

import grpc
import pytest

import xai
from tests.services.aio.helpers import collect
from tests.services.aio.rpc.reply_helpers import both_fail, outcome
from tests.services.interop.grok import ID, GrokScript, conversation, human, model
from tests.support import SECRET_KEY
from tests.twin_helpers import AsyncBackground
from xai import AsyncClient

if TYPE_CHECKING:
    from tests.services.interop.server import GrpcioServer

CREATED = datetime(2023, 11, 14, 22, 13, 20, tzinfo=timezone.utc)
MODIFIED = datetime(2023, 11, 14, 22, 15, 0, 250_000, tzinfo=timezone.utc)
PROPERTIES = ("conversation_id", "title", "create_time", "modify_time", "starred")
MISSING = (grpc.StatusCode.NOT_FOUND, "no such conversation")


@pytest.fixture
def script(grpcio_server: "GrpcioServer") -> GrokScript:
    """The service; a new conversation is empty, and a loaded one has two responses."""
    script = GrokScript(grpcio_server)
    script.create.says(conversation())
    script.get.says(conversation(human("h1"), model("m1", "h1")))
    return script


@pytest.fixture
def remote(grpcio_server: "GrpcioServer") -> Iterator[AsyncClient]:
    """A client of the server made with grpcio; the hook that runs the test enters it."""
    client = AsyncClient(SECRET_KEY, api_host=grpcio_server.host)
    yield client
    # twin: sync client.close()
    assert "closed" in repr(client)


async def test_conversation_is_created_by_its_first_response(
    script: GrokScript, remote: AsyncClient
) -> None:
    """No RPC is made before the first piece is asked for; then one creates, one answers."""
    script.answers(1)
    script.answers(2, "m1")
    talk = remote.grok.create_conversation()
    stream, response = talk.add_response("Hi")
    assert script.paths == []
    assert await collect(stream) == ["Hel", "lo"]
    assert (await outcome(response)).response_id == "m1"
    assert script.paths == ["CreateConversation", "AddResponse"]
    await collect(talk.add_response("And now?")[0])
    assert script.paths == ["CreateConversation", "AddResponse", "AddResponse"]
    assert script.create.seen == [{}]
    assert script.add_response.seen == [
        {"conversation_id": ID, "message": "Hi"},
        {"conversation_id": ID, "message": "And now?", "parent_response_id": "m1"},
    ]


async def test_options_reach_their_fields(script: GrokScript, remote: AsyncClient) -> None:
    """The model goes with each message, fun mode with the creation and each message."""
    script.answers(1)
    talk = remote.grok.create_conversation("grok-9", True)  # noqa: FBT003  # the documented form
    await collect(talk.add_response("Hi")[0])
    assert script.create.seen == [{"system_prompt_name": "fun"}]
    assert script.add_response.seen == [
        {
            "conversation_id": ID,
            "message": "Hi",
            "model_name": "grok-9",
            "system_prompt_name": "fun",
        }
    ]


async def test_properties_before_the_creation(script: GrokScript, remote: AsyncClient) -> None:
    """What the server has to tell is a ValueError before, and so is what needs its name."""
    talk = remote.grok.create_conversation()
    for name in PROPERTIES:
        with pytest.raises(ValueError, match="not created yet"):
            getattr(talk, name)
    for action in (talk.load, talk.delete, talk.star, talk.unstar, talk.generate_title):
        with pytest.raises(ValueError, match="not created yet"):
            await action()
    with pytest.raises(ValueError, match="not created yet"):
        await talk.set_title("T")
    assert list(talk.root_responses) == []
    with pytest.raises(KeyError):
        talk.get_response("m1")
    assert script.paths == []


async def test_properties_after_the_creation(script: GrokScript, remote: AsyncClient) -> None:
    """Afterwards they are what the server said; times are in UTC and know it."""
    script.answers(1)
    talk = remote.grok.create_conversation()
    await collect(talk.add_response("Hi")[0])
    assert [getattr(talk, name) for name in PROPERTIES] == [ID, "A title", CREATED, MODIFIED, False]
    assert talk.create_time is not None
    assert talk.create_time.utcoffset() == timezone.utc.utcoffset(None)


async def test_time_the_server_left_out_is_none(script: GrokScript, remote: AsyncClient) -> None:
    """A time that is not there is None, not 1970."""
    script.get.says({"conversation_id": ID})
    script.get.says({"conversation_id": ID})
    await remote.grok.get_conversation(ID)
    talk = await remote.grok.get_conversation(ID)
    assert talk.create_time is None
    assert talk.modify_time is None
    assert (talk.title, talk.starred) == ("", False)


async def test_failed_creation_reaches_both(script: GrokScript, remote: AsyncClient) -> None:
    """When the creation fails so do stream and future; the next message tries it again."""
    script.create.says(status=(grpc.StatusCode.PERMISSION_DENIED, "not you"))
    script.answers(1)
    talk = remote.grok.create_conversation()
    await collect(talk.add_response("Hi")[0])
    other = remote.grok.create_conversation()
    await both_fail(other.add_response("Hi"), xai.PermissionDeniedError, "not you")
    with pytest.raises(ValueError, match="not created yet"):
        _ = other.conversation_id
    script.create.says(conversation(conversation_id="c-2"))
    await both_fail(other.add_response("Hi"), xai.PermissionDeniedError)
    await collect(other.add_response("Hi")[0])
    assert other.conversation_id == "c-2"


async def test_two_first_messages_create_one_conversation(
    script: GrokScript, remote: AsyncClient
) -> None:
    """Messages sent at the same moment wait for one creation."""
    script.create.says(conversation(), hold=True)
    script.create.says(conversation(), hold=True)
    script.answers(1)
    talk = remote.grok.create_conversation()
    running = [AsyncBackground(lambda: collect(talk.add_response("Hi")[0])) for _ in range(3)]
    script.create.release()
    for one in running:
        assert await one.result() == ["Hel", "lo"]
    assert script.paths.count("CreateConversation") == 1
    assert script.paths.count("AddResponse") == 3


async def test_get_conversation_loads(script: GrokScript, remote: AsyncClient) -> None:
    """A conversation is fetched by its ID, with responses; the newest is the leaf."""
    script.answers(2, "m1")
    talk = await remote.grok.get_conversation(ID, "grok-9", fun_mode=True)
    assert script.get.seen == [{"conversation_id": ID}]
    assert [item.response_id for item in talk.root_responses] == ["h1"]
    assert [getattr(talk, name) for name in PROPERTIES] == [ID, "A title", CREATED, MODIFIED, False]
    await collect(talk.add_response("Hi")[0])
    assert script.add_response.seen == [
        {
            "conversation_id": ID,
            "message": "Hi",
            "model_name": "grok-9",
            "system_prompt_name": "fun",
            "parent_response_id": "m1",
        }
    ]
    assert script.paths == ["GetConversation", "AddResponse"]


async def test_missing_conversation_is_not_found(script: GrokScript, remote: AsyncClient) -> None:
    """An unknown ID is the server's NOT_FOUND."""
    script.get.says(status=MISSING)
    script.get.says(status=MISSING)
    await remote.grok.get_conversation(ID)
    with pytest.raises(xai.NotFoundError, match="no such conversation"):
        await remote.grok.get_conversation("other")


async def test_newest_response_is_the_leaf_in_any_order(
    script: GrokScript, remote: AsyncClient
) -> None:
    """Responses are sorted by their times, whatever order the server sends them in."""
    times = {"h1": 10, "m1": 20, "h2": 30, "m2": 40}
    found = {
        name: (human if name[0] == "h" else model)(name, create_time={"seconds": seconds})
        for name, seconds in times.items()
    }
    script.get.says(conversation(*(found[name] for name in ("m2", "h1", "h2", "m1"))))
    script.answers(3, "m2")
    await remote.grok.get_conversation(ID)
    talk = await remote.grok.get_conversation(ID)
    assert [item.response_id for item in talk.root_responses] == ["h1", "m1", "h2", "m2"]
    await collect(talk.add_response("Hi")[0])
    assert script.add_response.requests[0].parent_response_id == "m2"


async def test_load_fetches_anew(script: GrokScript, remote: AsyncClient) -> None:
    """`load` replaces what was known, the leaf included."""
    script.answers(2, "m1")
    talk = await remote.grok.get_conversation(ID)
    talk.get_response("h1").select()
    script.get.says(conversation(human("h9"), title="New", starred=True))
    await talk.load()
    await talk.load()
    assert (talk.title, talk.starred) == ("New", True)
    assert [item.response_id for item in talk.root_responses] == ["h9"]
    with pytest.raises(KeyError):
        talk.get_response("m1")
    await collect(talk.add_response("Hi")[0])
    assert script.add_response.requests[0].parent_response_id == "h9"


async def test_list_sends_its_page(script: GrokScript, remote: AsyncClient) -> None:
    """Size and token are sent only when given; the result has titles and names."""
    script.list.says({"conversations": [conversation(), conversation(conversation_id="c-2")]})
    found = await remote.grok.list_conversations()
    assert [item.conversation_id for item in found] == [ID, "c-2"]
    assert [item.title for item in found] == ["A title"] * 2
    await remote.grok.list_conversations(page_size=5, next_page_token="t")
    await remote.grok.list_conversations(page_size=2**63 - 1)
    await remote.grok.list_conversations(next_page_token="")
    assert script.list.seen == [
        {},
        {"page_size": "5", "next_page_token": "t"},
        {"page_size": str(2**63 - 1)},
        {"next_page_token": ""},
    ]


async def test_search_sends_query_and_page(script: GrokScript, remote: AsyncClient) -> None:
    """As listing, with the query."""
    script.search.says({"conversations": [conversation()]})
    assert [item.title for item in await remote.grok.search_conversations("cats")] == ["A title"]
    await remote.grok.search_conversations("", page_size=1, next_page_token="t")
    assert script.search.seen == [{"query": "cats"}, {"page_size": "1", "next_page_token": "t"}]


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"page_size": 0}, ValueError, "page_size must be from 1 to"),
        ({"page_size": -1}, ValueError, "page_size must be from 1 to"),
        ({"page_size": 2**63}, ValueError, "page_size must be from 1 to"),
        ({"page_size": "5"}, TypeError, "page_size must be an int, not str"),
        ({"page_size": True}, TypeError, "page_size must be an int, not bool"),
        ({"next_page_token": 5}, TypeError, "next_page_token must be a str, not int"),
    ],
)
async def test_wrong_pages_are_refused(
    script: GrokScript,
    remote: AsyncClient,
    options: dict[str, Any],
    kind: type[Exception],
    message: str,
) -> None:
    """A page that can't be is refused before anything is sent."""
    with pytest.raises(kind, match=message):
        await remote.grok.list_conversations(**options)
    with pytest.raises(kind, match=message):
        await remote.grok.search_conversations("q", **options)
    assert script.paths == []


async def test_listed_conversation_is_loaded_by_its_next_message(
    script: GrokScript, remote: AsyncClient
) -> None:
    """Only its ID is known: the first message loads it and goes under its leaf."""
    script.list.says({"conversations": [conversation()]})
    script.answers(2, "m1")
    (talk,) = await remote.grok.list_conversations()
    await collect(talk.add_response("Hi")[0])
    await collect(talk.add_response("Hi")[0])
    assert script.paths == [*("ListConversations", "GetConversation", "AddResponse", "AddResponse")]
    assert script.add_response.requests[0].parent_response_id == "m1"
    assert [item.response_id for item in talk.get_children("m1")] == ["h2"]


async def test_responses_that_are_not_loaded_are_not_taken_for_none(
    script: GrokScript, remote: AsyncClient
) -> None:
    """Listed or found, a conversation says that it has to be loaded, until it is."""
    script.list.says({"conversations": [conversation()]})
    script.search.says({"conversations": [conversation()]})
    script.update.says(conversation(title="Mine"))
    for talk in (
        *await remote.grok.list_conversations(),
        *await remote.grok.search_conversations("title"),
    ):
        await talk.set_title("Mine")
        reads: list[Callable[[], object]] = [
            partial(getattr, talk, "root_responses"),
            partial(talk.get_response, "h1"),
            partial(talk.get_children, ""),
        ]
        for read in reads:
            with pytest.raises(ValueError, match=r"not loaded: call load\(\) first"):
                read()
        await talk.load()
        assert [item.response_id for item in talk.root_responses] == ["h1"]
        assert talk.get_response("m1").parent_response is talk.get_response("h1")


async def test_new_conversation_has_no_responses(script: GrokScript, remote: AsyncClient) -> None:
    """Nothing is unknown about what does not exist yet: there are no responses."""
    talk = remote.grok.create_conversation()
    assert list(talk.root_responses) == list(talk.get_children("h1")) == []
    with pytest.raises(KeyError, match="h1"):
        talk.get_response("h1")
    assert script.paths == []


async def test_title_and_star_are_set(script: GrokScript, remote: AsyncClient) -> None:
    """Each sends title and star together, and takes over what the server answers."""
    talk = await remote.grok.get_conversation(ID)
    script.update.says(conversation(title="Mine"))
    script.update.says(conversation(title="Mine", starred=True))
    script.update.says(conversation(title="Theirs"))
    await talk.set_title("Mine")
    assert talk.title == "Mine"
    await talk.star()
    assert talk.starred
    await talk.unstar()
    assert (talk.title, talk.starred) == ("Theirs", False)
    assert script.update.seen == [
        {"conversation_id": ID, "title": "Mine"},
        {"conversation_id": ID, "title": "Mine", "starred": True},
        {"conversation_id": ID, "title": "Mine"},
    ]
    assert [item.response_id for item in talk.root_responses] == ["h1"]


async def test_failed_update_changes_nothing(script: GrokScript, remote: AsyncClient) -> None:
    """What the server refused is not taken over."""
    talk = await remote.grok.get_conversation(ID)
    script.update.says(status=MISSING)
    with pytest.raises(xai.NotFoundError):
        await talk.set_title("Mine")
    with pytest.raises(xai.NotFoundError):
        await talk.star()
    assert (talk.title, talk.starred) == ("A title", False)
    wrong: Any = 5
    with pytest.raises(TypeError, match="title must be a str"):
        await talk.set_title(wrong)


async def test_title_is_generated(script: GrokScript, remote: AsyncClient) -> None:
    """The model finds a title for the talk up to the leaf; it is returned and kept."""
    talk = await remote.grok.get_conversation(ID)
    script.generate_title.says({"new_title": "About cats"})
    assert await talk.generate_title() == "About cats"
    assert (talk.title, talk.conversation_id) == ("About cats", ID)
    assert script.generate_title.seen == [{"conversation_id": ID, "leaf_response_id": "m1"}]


async def test_nothing_is_left_after_delete(script: GrokScript, remote: AsyncClient) -> None:
    """Anything done with a deleted conversation, or a response of it, is a RuntimeError."""
    script.delete.says()
    script.answers(2, "m1")
    talk = await remote.grok.get_conversation(ID)
    said, reply = talk.get_response("h1"), talk.get_response("m1")
    late = talk.add_response("before")
    await talk.delete()
    assert script.delete.seen == [{"conversation_id": ID}]
    for name in (*PROPERTIES, "root_responses"):
        with pytest.raises(RuntimeError, match="deleted"):
            getattr(talk, name)
    for action in (talk.load, talk.delete, talk.star, talk.unstar, talk.generate_title):
        with pytest.raises(RuntimeError, match="deleted"):
            await action()
    with pytest.raises(RuntimeError, match="deleted"):
        await talk.set_title("T")
    with pytest.raises(RuntimeError, match="deleted"):
        await reply.share()
    calls: list[Any] = [
        *(lambda: talk.add_response("Hi"), lambda: talk.get_response("h1")),
        *(lambda: talk.get_children("h1"), lambda: said.replace("x"), lambda: reply.replace("x")),
        *(reply.resample, reply.select, lambda: reply.parent_response, lambda: said.children),
    ]
    for call in calls:
        with pytest.raises(RuntimeError, match="deleted"):
            call()
    await both_fail(late, RuntimeError, "deleted")
    assert script.paths == ["GetConversation", "DeleteConversation"]


async def test_failed_delete_leaves_the_conversation(
    script: GrokScript, remote: AsyncClient
) -> None:
    """A conversation the server did not delete can still be used."""
    script.delete.says(status=(grpc.StatusCode.INTERNAL, "no"))
    talk = await remote.grok.get_conversation(ID)
    with pytest.raises(xai.InternalServerError):
        await talk.delete()
    assert talk.title == "A title"
