from datetime import timezone

import pytest

import xai
from tests.services.aio.helpers import QUESTION, collect
from tests.services.aio.rpc.reply_helpers import outcome
from tests.services.recorded import paths
from xai import AsyncClient
from xai.testing import LocalServer


async def test_conversation_is_found_again(server: LocalServer, client: AsyncClient) -> None:
    """Created by its first message, kept by the server, and loaded whole by its ID."""
    talk = client.grok.create_conversation()
    assert server.calls == []
    stream, response = talk.add_response("Hello!")
    assert "".join(await collect(stream)) == (await outcome(response)).message
    await collect(talk.add_response(QUESTION)[0])
    assert paths(server) == ["CreateConversation", "AddResponse", "AddResponse"]
    again = await client.grok.get_conversation(talk.conversation_id)
    (root,) = again.root_responses
    line = [root]
    while line[-1].children:
        (child,) = line[-1].children
        line.append(child)
    assert [item.sender for item in line] == ["human", "grok-local"] * 2
    assert [item.message for item in line[::2]] == ["Hello!", QUESTION]
    assert line[1].message == (await outcome(response)).message
    assert all(item.create_time is not None for item in line)
    assert line[3].parent_response is line[2]
    assert again.create_time == talk.create_time
    assert again.create_time is not None
    assert again.create_time.tzinfo is timezone.utc


async def test_conversation_goes_on_where_it_was(client: AsyncClient) -> None:
    """Loaded or listed, the next message goes under the newest response."""
    talk = client.grok.create_conversation()
    stream, response = talk.add_response("Hello!")
    await collect(stream)
    last = (await outcome(response)).response_id
    loaded = await client.grok.get_conversation(talk.conversation_id)
    (listed,) = await client.grok.list_conversations()
    for other in (loaded, listed):
        stream, response = other.add_response(QUESTION)
        await collect(stream)
        said = (await outcome(response)).parent_response
        assert said is not None
        assert said.parent_response_id == last
        last = (await outcome(response)).response_id


async def test_branches_are_kept(client: AsyncClient) -> None:
    """Sampling again, replacing and selecting grow the forest that the server has."""
    talk = client.grok.create_conversation()
    stream, response = talk.add_response("Hello!")
    await collect(stream)
    first = await outcome(response)
    stream, response = first.resample()
    await collect(stream)
    second = await outcome(response)
    stream, response = second.replace("Good day.")
    assert await collect(stream) == ["Good day."]
    third = await outcome(response)
    assert third.manual
    root = talk.root_responses[0]
    assert list(root.children) == [first, second, third]
    stream, response = root.replace(QUESTION)
    await collect(stream)
    assert [item.message for item in talk.root_responses] == ["Hello!", QUESTION]
    first.select()
    stream, response = talk.add_response("And now?")
    await collect(stream)
    again = await client.grok.get_conversation(talk.conversation_id)
    assert len(again.root_responses) == 2
    names = [item.response_id for item in again.root_responses[0].children]
    assert names == [first.response_id, second.response_id, third.response_id]
    (said,) = again.get_response(first.response_id).children
    assert said.message == "And now?"
    with pytest.raises(KeyError):
        again.get_response("nothing")
    with pytest.raises(ValueError, match="only a response of the model"):
        said.resample()


async def test_title_and_star_are_kept(client: AsyncClient) -> None:
    """What was set is there when the conversation is loaded."""
    talk = client.grok.create_conversation()
    await collect(talk.add_response("Hello!")[0])
    await talk.set_title("Greetings")
    await talk.star()
    again = await client.grok.get_conversation(talk.conversation_id)
    assert (again.title, again.starred) == ("Greetings", True)
    await again.unstar()
    await talk.load()
    assert (talk.title, talk.starred) == ("Greetings", False)
    found = await talk.generate_title()
    assert found
    await again.load()
    assert again.title == talk.title == found


async def test_response_is_shared_once(server: LocalServer, client: AsyncClient) -> None:
    """The URL has the response's ID; the server remembers, and no second call is made."""
    talk = client.grok.create_conversation()
    stream, response = talk.add_response("Hello!")
    await collect(stream)
    reply = await outcome(response)
    url = f"https://share.x.ai/conversations/{reply.response_id}"
    assert [await reply.share(), await reply.share()] == [url, url]
    again = await client.grok.get_conversation(talk.conversation_id)
    assert await again.get_response(reply.response_id).share() == url
    assert paths(server).count("ShareConversation") == 1


async def test_conversations_are_listed_and_searched(client: AsyncClient) -> None:
    """Pages hold as many as were asked for; a search finds titles and messages."""
    talks = []
    for title in ("one", "two", "three"):
        talk = client.grok.create_conversation()
        await collect(talk.add_response("Hello!")[0])
        await talk.set_title(title)
        talks.append(talk)
    listed = await client.grok.list_conversations()
    assert sorted(item.title for item in listed) == ["one", "three", "two"]
    page = await client.grok.list_conversations(page_size=2)
    assert [item.title for item in page] == [item.title for item in listed[:2]]
    rest = await client.grok.list_conversations(
        page_size=2, next_page_token=page[-1].conversation_id
    )
    assert [item.title for item in rest] == [listed[2].title]
    found = await client.grok.search_conversations("three")
    assert [item.conversation_id for item in found] == [talks[2].conversation_id]
    assert await client.grok.search_conversations("nowhere to be found") == []
    with pytest.raises(xai.InvalidArgumentError):
        await client.grok.list_conversations(next_page_token="no such page")


async def test_deleted_conversation_is_gone(client: AsyncClient) -> None:
    """It can't be used, loaded or listed any more."""
    talk = client.grok.create_conversation()
    await collect(talk.add_response("Hello!")[0])
    name = talk.conversation_id
    other = await client.grok.get_conversation(name)
    await talk.delete()
    with pytest.raises(RuntimeError, match="deleted"):
        talk.add_response(QUESTION)
    with pytest.raises(xai.NotFoundError):
        await client.grok.get_conversation(name)
    with pytest.raises(xai.NotFoundError):
        await other.delete()
    with pytest.raises(xai.NotFoundError):
        await collect(other.add_response(QUESTION)[0])
    assert await client.grok.list_conversations() == []


async def test_search_results_are_on_the_response(client: AsyncClient) -> None:
    """Pages and posts the model was shown come with the reply."""
    stream, response = client.grok.create_conversation().add_response(
        "How does the keeper start the horn?"
    )
    await collect(stream)
    reply = await outcome(response)
    assert reply.query
    assert reply.query_type
    assert reply.web_search_results
    assert all(page.url for page in reply.web_search_results)
    assert reply.x_posts
    assert all(post.post_id for post in reply.x_posts)
