"""Stored chats and responses that can't be read, and what is not stored."""

import json
from collections.abc import Iterator

import pytest

from xai import v1
from xai.proto import xai_api as pb
from xai.v1.structured.json_value import JsonValue

TOKEN = "token-of-an-mcp-server"
CHAT: dict[str, JsonValue] = {"kind": "chat", "version": 1, "request": {"model": "grok-4"}}
RESPONSE = v1.Response(pb.GetChatCompletionResponse(id="r-1")).to_dict()


@pytest.fixture
def client() -> Iterator[v1.Client]:
    """A client that is never used for a call."""
    with v1.Client("k") as client:
        yield client


def test_secrets_of_a_tool_are_not_stored_and_must_be_given_again(client: v1.Client) -> None:
    """Nobody calls a server without its authorization because a chat was stored in between."""
    tool = v1.mcp("https://a.example/mcp", server_label="mine", authorization=TOKEN)
    stored = client.chat.create("grok-4", tools=[tool], messages=[v1.user("Hi")]).to_dict()
    assert TOKEN not in json.dumps(stored)
    with pytest.raises(ValueError, match=r"tools\[0\] of the stored chat, the MCP server 'mine'"):
        client.chat.from_dict(stored)
    again = client.chat.from_dict(stored, tools=[tool])
    assert [each.mcp.authorization for each in again.proto.tools] == [TOKEN]


def test_function_that_is_given_takes_the_place_of_the_stored_one(client: v1.Client) -> None:
    """Its schema of today is sent; a tool without one that is given stays as it was."""
    old = v1.tool("add", "Add.", {"type": "object"})
    other = v1.tool("other", "Other.", {"type": "object"})
    stored = client.chat.create("grok-4", tools=[old, other]).to_dict()

    def add(left: int, right: int) -> int:
        """Add two numbers."""
        return left + right

    again = client.chat.from_dict(stored, tools=[add])
    assert [tool.function.name for tool in again.proto.tools] == ["add", "other"]
    assert "left" in again.proto.tools[0].function.parameters
    assert list(again.functions) == ["add"]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (None, "TypeError: data must be what to_dict.* returned, not NoneType"),
        (RESPONSE, "ValueError: data is no stored chat: its kind is 'response'"),
        ({**CHAT, "version": 2}, "ValueError: data is a chat of version 2, .* reads 1"),
        ({**CHAT, "request": 3}, "ValueError: data is no stored chat: it has no request"),
        ({**CHAT, "request": {"model": 3}}, "ValueError: .*GetCompletionsRequest.model: str is"),
        ({**CHAT, "request": {"tools": [3]}}, "ValueError: data is no stored chat: a dict is"),
        ({**CHAT, "auto_append": 3}, r"TypeError: data\['auto_append'\] must be a bool, not int"),
        ({**CHAT, "conversation_name": 3}, r"TypeError: data\['conversation_name'\] must be a str"),
    ],
)
def test_chat_that_can_not_be_read(client: v1.Client, data: object, error: str) -> None:
    """The error says what is wrong with it."""
    kind, _, text = error.partition(": ")
    with pytest.raises((TypeError, ValueError), match=text) as caught:
        client.chat.from_dict(data)  # type: ignore[arg-type]  # what is tested
    assert type(caught.value).__name__ == kind


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ("{}", "TypeError: data must be what to_dict.* returned, not str"),
        (CHAT, "ValueError: data is no stored response: its kind is 'chat'"),
        ({**RESPONSE, "version": None}, "ValueError: data is a response of version None"),
        ({**RESPONSE, "index": "0"}, "ValueError: data is no stored response: its index is '0'"),
        ({**RESPONSE, "outputs": [3]}, "ValueError: .*GetChatCompletionResponse.outputs"),
    ],
)
def test_response_that_can_not_be_read(data: object, error: str) -> None:
    """As with a chat."""
    kind, _, text = error.partition(": ")
    with pytest.raises((TypeError, ValueError), match=text) as caught:
        v1.Response.from_dict(data)  # type: ignore[arg-type]  # what is tested
    assert type(caught.value).__name__ == kind


def test_what_the_server_did_not_say_stays_unsaid() -> None:
    """Numbers without a name are kept; no time is not 1970."""
    proto = pb.GetChatCompletionResponse(
        service_tier=pb.ServiceTier.try_value(77),
        outputs=[
            pb.CompletionOutput(
                finish_reason=pb.FinishReason.try_value(99),
                message=pb.CompletionMessage(role=pb.MessageRole.ROLE_ASSISTANT, content="a"),
            )
        ],
    )
    again = v1.Response.from_dict(json.loads(json.dumps(v1.Response(proto).to_dict())))
    assert (again.service_tier, again.finish_reason) == (77, 99)
    assert not again.proto.is_set("created")
    assert not again.proto.is_set("usage")
