"""Conversations and responses that are stored as JSON, and go on in another client."""

import json

from tests.support import SECRET_KEY
from xai import AsyncClient, v1
from xai.testing import LocalServer


async def test_conversation_goes_on_in_another_client(
    local_client: AsyncClient, server: LocalServer
) -> None:
    """What is sent next is what the first client would have sent, functions included."""

    def get_weather(city: str) -> str:
        """Tell the weather."""
        return f"12 degrees in {city}"

    server.answer("Noted.")
    server.answer(tool=("get_weather", {"city": "Oslo"}), when="weather")
    server.answer("Mild.", when="12 degrees")
    chat = local_client.v1.chat.create(
        "grok-4",
        messages=[v1.system("Be brief."), v1.user("A picture:", v1.image("https://a.example/b"))],
        tools=[get_weather, v1.web_search()],
        temperature=0.5,
        stop=["x"],
        auto_append=True,
        conversation_name="mine",
    )
    first = await chat.sample()
    stored = json.dumps(chat.to_dict(), allow_nan=False)
    async with AsyncClient(SECRET_KEY, api_host=server.host) as other:
        again = other.v1.chat.from_dict(json.loads(stored), tools=[get_weather])
        assert bytes(again.proto) == bytes(chat.proto)
        assert again.conversation_name == "mine"
        again.append(v1.user("How is the weather?"))
        assert (await again.run()).response.content == "Mild."
    assert server.requests[1].messages[:3] == chat.messages[:3]
    assert len(again.messages) == len(chat.messages) + 4
    assert first.content == "Noted."


async def test_response_is_the_same_after_it_was_stored(local_client: AsyncClient) -> None:
    """With one choice of several, with steps of tools on the server, with log probabilities."""
    chats = local_client.v1.chat
    ask = [v1.user("What is new about the river?")]
    steps = await chats.create(
        "grok-4", messages=ask, tools=[v1.web_search()], include=["inline_citations"]
    ).sample()
    several = chats.create("grok-4", messages=ask, logprobs=True, top_logprobs=1)
    second = (await several.sample_batch(2))[1]
    for response in (steps, second):
        stored = response.to_dict()
        again = v1.Response.from_dict(json.loads(json.dumps(stored, allow_nan=False)))
        assert again.to_dict() == stored
        assert (again.content, again.index) == (response.content, response.index)
        chat = chats.create("grok-4", messages=ask).append(again)
        assert chat.messages == chats.create("grok-4", messages=ask).append(response).messages
