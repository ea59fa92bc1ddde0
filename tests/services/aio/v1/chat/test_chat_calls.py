from collections.abc import Callable
from typing import Any

import grpc
import pytest

from tests import reference
from tests.services.interop.reference import ReferenceServer, answer, output
from tests.support import SECRET_KEY
from xai import AsyncClient, RateLimitError, v1
from xai.aio.v1.chat.chat import AsyncChat
from xai.proto import xai_api as pb
from xai.v1.chat.history import Compaction

COMPLETION = "Chat/GetCompletion"

#: A setting as both packages take it.
SETTINGS: list[dict[str, Any]] = [
    {"user": "u-1"},
    {"safety_identifier": "hash"},
    {"max_tokens": 0},
    {"max_tokens": 7},
    {"seed": -3},
    {"stop": ["a", "b"]},
    {"temperature": 0.0},
    {"temperature": 0.7},
    {"top_p": 0.25},
    {"logprobs": True},
    {"logprobs": True, "top_logprobs": 8},
    {"tool_choice": "none"},
    {"tool_choice": "required"},
    {"parallel_tool_calls": False},
    {"response_format": "text"},
    {"response_format": "json_object"},
    {"frequency_penalty": -2.0},
    {"presence_penalty": 1.5},
    {"reasoning_effort": "xhigh"},
    {"store_messages": True},
    {"previous_response_id": "r-0"},
    {"use_encrypted_content": True},
    {"max_turns": 3},
    {"include": ["inline_citations", "verbose_streaming"]},
    {"agent_count": 16},
    {"service_tier": "priority"},
    {"guidelines": [{"type": "policy", "category": "profanity", "behavior": "decline"}]},
]


def create(client: AsyncClient, **settings: Any) -> AsyncChat:  # noqa: ANN401  # of all kinds
    """Return a chat in which something was said."""
    chat = client.v1.chat.create("grok-4.3", **settings)
    return chat.append(v1.user("Hi"))


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
async def test_setting_is_sent_as_the_reference_package_sends_it(
    reference_server: ReferenceServer, client: AsyncClient, settings: dict[str, Any]
) -> None:
    """The request of `sample` is equal, field by field, to that of xai_sdk."""
    script = reference_server.script(COMPLETION)
    script.says(answer(output("Hello")))
    await create(client, **settings).sample()
    expected = reference.request("grok-4.3", messages=[reference.chat.user("Hi")], **settings)
    expected.n = 1
    assert script.requests == [expected]


async def test_conversation_of_every_kind_of_message_is_sent(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """Messages, parts and tools arrive equal, field by field, to xai_sdk's."""
    script = reference_server.script(COMPLETION)
    script.says(answer(output("Hello")))
    schema: dict[str, v1.JsonValue] = {"type": "object", "properties": {}}

    def said(package: Any) -> list[Any]:  # noqa: ANN401  # ours or the one of xai_sdk
        return [
            package.system("Be brief."),
            package.developer("In verse."),
            package.user("See", package.image("https://x.ai/a.png", detail="low")),
            package.user(package.file("f-1"), package.text("!")),
            package.assistant("Fine."),
            package.tool_result("42", tool_call_id="c-1"),
        ]

    chat = client.v1.chat.create("m", messages=said(v1), tools=[v1.tool("t", "d", schema)])
    await chat.sample()
    expected = reference.request(
        "m", messages=said(reference.chat), tools=[reference.chat.tool("t", "d", schema)]
    )
    expected.n = 1
    assert script.requests == [expected]


async def test_sample_returns_the_answer(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """Content, finish reason, usage and metadata are there, and nothing is appended."""
    script = reference_server.script(COMPLETION)
    usage = {"total_tokens": 9, "cost_in_usd_ticks": 20_000}
    script.says(answer(output("Hello"), usage=usage), trailers=(("request-id", "q-1"),))
    chat = create(client)
    response = await chat.sample()
    assert (response.id, response.content) == ("r-1", "Hello")
    assert response.finish_reason is v1.FinishReason.STOP
    assert response.usage.total_tokens == 9
    assert response.cost_usd == pytest.approx(2e-6)
    assert ("request-id", "q-1") in response.metadata
    assert len(chat.messages) == 1


async def test_steps_of_tools_on_the_server_are_one_answer(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """With a tool that the server runs, and without when outputs tell, all steps are read."""
    script = reference_server.script(COMPLETION)
    call = {"id": "c-1", "type": "TOOL_CALL_TYPE_WEB_SEARCH_TOOL"}
    steps = answer(
        output("", tool_calls=[call]),
        output("found", 1, role="ROLE_TOOL", tool_calls=[call]),
        output("Done", 2),
    )
    script.says(steps)
    for tools in ([v1.web_search()], []):
        chat = create(client, tools=tools)
        response = await chat.sample()
        assert (response.index, response.content) == (None, "Done")
        chat.append(response)
        roles = [message.role for message in chat.messages[1:]]
        kinds = pb.MessageRole
        assert roles == [kinds.ROLE_ASSISTANT, kinds.ROLE_TOOL, kinds.ROLE_ASSISTANT]
        assert chat.messages[2].tool_call_id == "c-1"


async def test_sample_batch_returns_the_alternatives(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """The number is sent on a copy of the request; each answer reads its own output."""
    script = reference_server.script(COMPLETION)
    calls = [[{"id": f"c-{index}"}] for index in range(2)]
    outputs = [output(f"a{index}", index, tool_calls=calls[index]) for index in range(2)]
    script.says(answer(*outputs))
    chat = create(client, auto_append=True)
    found = await chat.sample_batch(3)
    assert [response.content for response in found] == ["a0", "a1"]
    assert script.requests[0].n == 3
    assert chat.proto.n is None
    assert len(chat.messages) == 1
    chat.append(found[1])
    assert [call.id for call in chat.messages[-1].tool_calls] == ["c-1"]


@pytest.mark.parametrize("n", [0, 129, True, "2", 1.0])
async def test_number_of_answers_is_checked(client: AsyncClient, n: Any) -> None:  # noqa: ANN401
    """A wrong n is named before anything is sent, by every method that takes one."""
    chat = create(client)
    with pytest.raises((TypeError, ValueError), match=r"^n must be"):
        await chat.sample_batch(n)
    with pytest.raises((TypeError, ValueError), match=r"^n must be"):
        chat.stream_batch(n)
    with pytest.raises((TypeError, ValueError), match=r"^n must be"):
        await chat.defer_batch(n)
    with pytest.raises((TypeError, ValueError), match=r"^n must be"):
        await chat.start_deferred(n)


async def test_empty_conversation_is_refused(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """Without messages nothing is sent, unless an earlier answer is gone on from."""
    script = reference_server.script(COMPLETION)
    script.says(answer(output("Hello")))
    chat = client.v1.chat.create("m")
    for method in (chat.sample, chat.defer, chat.start_deferred, chat.compact):
        with pytest.raises(ValueError, match=r"^messages must not be empty"):
            await method()
    with pytest.raises(ValueError, match=r"^messages must not be empty"):
        chat.stream()
    assert reference_server.calls == []
    going_on = client.v1.chat.create("m", previous_response_id="r-0")
    assert (await going_on.sample()).content == "Hello"


async def test_answers_are_appended_when_asked(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """With auto_append the next request has the answer of the one before."""
    script = reference_server.script(COMPLETION)
    script.says(answer(output("Hello", reasoning_content="thoughts")))
    chat = create(client, auto_append=True)
    await chat.sample()
    chat.append(v1.user("Again"))
    await chat.sample()
    sent = script.requests[1].messages
    assert [part.text for message in sent for part in message.content] == ["Hi", "Hello", "Again"]
    assert sent[1].reasoning_content == "thoughts"
    assert len(chat.messages) == 4


async def test_answer_without_outputs_appends_nothing(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """The history stays valid when the server says nothing at all."""
    reference_server.script(COMPLETION).says(answer())
    chat = create(client, auto_append=True)
    assert (await chat.sample()).content == ""
    assert len(chat.messages) == 1


async def test_ask_keeps_the_history(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """Question and answer are appended together, and neither when the call fails."""
    script = reference_server.script(COMPLETION)
    script.says(answer(output("Hello")))
    script.says(status=(grpc.StatusCode.RESOURCE_EXHAUSTED, "slow down"))
    chat = client.v1.chat.create("m")
    assert (await chat.ask("Hi", v1.text("there"))).content == "Hello"
    before = list(chat.messages)
    assert [message.role for message in before] == [1, 2]
    with pytest.raises(RateLimitError, match="slow down"):
        await chat.ask("Again")
    assert chat.messages == before
    assert len(script.requests[1].messages) == 3
    with pytest.raises(ValueError, match=r"^content must have at least one part$"):
        await chat.ask()


@pytest.mark.parametrize("item", [["Hi"], "Hi", None, pb.Content(text="Hi")], ids=str)
async def test_what_is_no_message_is_not_appended(
    client: AsyncClient,
    item: Any,  # noqa: ANN401  # the point of the test
) -> None:
    """Lists, strings and parts are refused by a TypeError that says what is expected."""
    chat = client.v1.chat.create("m")
    with pytest.raises(TypeError, match=r"^item must be a Message"):
        chat.append(item)
    assert chat.messages == []


async def test_copy_goes_its_own_way(client: AsyncClient) -> None:
    """What is appended to a copy, or changed in it, is not in the original."""
    chat = create(client, batch_request_id="b-1", conversation_name="Mine")
    other = chat.copy().append(v1.user("More"))
    other.messages[0].content[0].text = "Changed"
    assert (len(chat.messages), len(other.messages)) == (1, 2)
    assert chat.messages[0].content[0].text == "Hi"
    assert (other.batch_request_id, other.conversation_name) == ("b-1", "Mine")
    assert other.model == chat.model == "grok-4.3"


async def test_proto_is_the_live_request(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """What is changed in `proto` is sent."""
    script = reference_server.script(COMPLETION)
    script.says(answer(output("Hello")))
    chat = create(client)
    chat.proto.model = "other"
    chat.messages.clear()
    chat.append(v1.system("Be brief."))
    await chat.sample()
    assert script.seen[0]["model"] == "other"
    assert [message["role"] for message in script.seen[0]["messages"]] == ["ROLE_SYSTEM"]


async def test_chat_shows_nothing_of_what_was_said(client: AsyncClient) -> None:
    """The repr has the model and counts, but neither words nor keys."""
    chat = client.v1.chat.create("m", messages=[v1.user(SECRET_KEY)])
    assert repr(chat).endswith("Chat with m, 1 messages>")


@pytest.mark.parametrize(
    "make",
    [
        lambda chats: chats.create("m", temperature=3),
        lambda chats: chats.create("m", messages="Hi"),
        lambda chats: chats.create("m", auto_append=1),
        lambda chats: chats.create(""),
        lambda chats: chats.create("m", tools=["web_search"]),
    ],
)
async def test_bad_settings_are_refused_at_once(
    client: AsyncClient, make: Callable[[Any], object]
) -> None:
    """`create` names the argument."""
    with pytest.raises((TypeError, ValueError), match=r"^(temperature|messages|auto|model|tools)"):
        make(client.v1.chat)


async def test_compaction_replaces_all_but_the_instructions(client: AsyncClient) -> None:
    """Appending one keeps the system prompt, and puts what is opaque after it."""
    chat = client.v1.chat.create("m", messages=[v1.system("S"), v1.user("a"), v1.system("late")])
    chat.append(Compaction(pb.CompactContextResponse(encrypted_content="xyz")))
    assert [message.encrypted_content for message in chat.messages] == ["", "xyz"]
    assert chat.messages[0].content[0].text == "S"
