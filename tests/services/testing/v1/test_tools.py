"""Calls of tools by the local server's model."""

import json
from collections.abc import Iterator, Sequence
from typing import Literal

import jsonschema  # type: ignore[import-untyped]  # it comes without types
import pytest

import xai
from xai import Client, v1
from xai.proto.xai_api.chat import Function, GetCompletionsRequest, Message, Tool, ToolChoice
from xai.sync.v1.chat.chat import Chat
from xai.testing import LocalServer

MODEL = "grok-local"
WEATHER = v1.tool(
    "get_weather",
    "Tells the weather in a town.",
    {
        "type": "object",
        "properties": {
            "town": {"type": "string"},
            "days": {"type": "integer", "minimum": 1, "maximum": 9},
            "unit": {"enum": ["celsius", "fahrenheit"]},
        },
        "required": ["town", "days"],
    },
)
CLOCK = v1.tool("clock", "Tells the time of day.", {"type": "object"})
QUESTION = "What is the weather in Paris over 3 days?"


@pytest.fixture
def client() -> Iterator[Client]:
    """A client of a local server with its defaults."""
    with LocalServer() as server, server.client() as client:
        yield client


def ask(
    client: Client,
    text: str = QUESTION,
    tools: Sequence[Tool] = (WEATHER, CLOCK),
    **options: object,
) -> Chat:
    """Return a chat with two tools."""
    create = client.v1.chat.create
    return create(MODEL, messages=[v1.user(text)], tools=tools, **options)  # type: ignore[arg-type]  # any options


def called(chat: Chat) -> list[str]:
    """Return the names of the tools that are called."""
    response = chat.sample()
    names = [call.function.name for call in response.tool_calls]
    expected = v1.FinishReason.TOOL_CALLS if names else v1.FinishReason.STOP
    assert response.finish_reason == expected
    assert bool(response.content) is not bool(names)
    return names


# Which tool.


def test_tool_that_matches_is_called(client: Client) -> None:
    """The tool that is asked about is called, with what was said in its arguments."""
    response = ask(client).sample()
    (call,) = response.tool_calls
    assert call.function.name == "get_weather"
    assert json.loads(call.function.arguments) == {"town": "Paris", "days": 3}
    assert v1.get_tool_call_type(call) == "client_side_tool"
    assert response.finish_reason == v1.FinishReason.TOOL_CALLS
    assert response.content == ""
    assert response.usage.completion_tokens > 0


def test_other_talk_calls_none(client: Client) -> None:
    """What no tool is about is answered in words."""
    assert called(ask(client, "Who was Ada Lovelace?")) == []


@pytest.mark.parametrize("name", ["weather", "town", "celsius", "clocks"])
def test_one_word_in_common_is_enough(client: Client, name: str) -> None:
    """A word of the name, the description, or a parameter makes a tool match."""
    expected = {"clocks": ["clock"], "celsius": []}.get(name, ["get_weather"])
    assert called(ask(client, f"And the {name}, please?")) == expected


def test_choice_none_calls_none(client: Client) -> None:
    """With ``none`` a matching tool is not called."""
    assert called(ask(client, tool_choice="none")) == []


def test_choice_auto_is_the_default(client: Client) -> None:
    """With ``auto`` it is as without a choice."""
    assert called(ask(client, tool_choice="auto")) == ["get_weather"]
    assert called(ask(client, "Who was Ada Lovelace?", tool_choice="auto")) == []


def test_choice_required_calls_the_best(client: Client) -> None:
    """With ``required`` a tool is called, matching or not."""
    assert called(ask(client, tool_choice="required")) == ["get_weather"]
    assert called(ask(client, "Hello!", tool_choice="required")) == ["get_weather"]


def test_choice_of_a_function_calls_it(client: Client) -> None:
    """A named function is called, whatever was said."""
    assert called(ask(client, tool_choice=v1.required_tool("clock"))) == ["clock"]


def test_several_match_at_once(client: Client) -> None:
    """Tools that match equally are called together, unless that is switched off."""
    twins = [WEATHER, v1.tool("climate", "Weather of a town", {"type": "object"})]
    assert called(ask(client, "Weather, town?", twins)) == ["get_weather", "climate"]
    single = ask(client, "Weather, town?", twins, parallel_tool_calls=False)
    assert called(single) == ["get_weather"]


def test_calls_have_ids_of_their_own(client: Client) -> None:
    """No two calls have the same ID, nor do those of several choices."""
    calls = [call for one in ask(client).sample_batch(3) for call in one.tool_calls]
    assert len({call.id for call in calls}) == len(calls) == 3


# Streams, limits.


def test_calls_are_streamed_whole(client: Client) -> None:
    """A stream has no words, and each call in one piece in the last chunk."""
    whole = ask(client, seed=1).sample()
    with ask(client, seed=1).stream() as stream:
        chunks = [chunk for _, chunk in stream]
    assert [len(chunk.tool_calls) for chunk in chunks] == [0] * (len(chunks) - 1) + [1]
    assert not any(chunk.content for chunk in chunks)
    (streamed,), (expected,) = stream.response.tool_calls, whole.tool_calls
    assert streamed.function == expected.function
    assert stream.response.usage == whole.usage
    assert stream.response.finish_reason == v1.FinishReason.TOOL_CALLS


def test_call_that_has_no_room_is_left_out(client: Client) -> None:
    """When the tokens run out in a call, there is none, and the reason says why."""
    response = ask(client, max_tokens=2).sample()
    assert (response.tool_calls, response.content) == ([], "")
    assert response.finish_reason == v1.FinishReason.MAX_LEN


def test_stop_strings_leave_arguments_whole(client: Client) -> None:
    """A stop string is about words, not about the arguments of a call."""
    (call,) = ask(client, stop="Paris").sample().tool_calls
    assert json.loads(call.function.arguments)["town"] == "Paris"


def test_tools_come_before_a_format(client: Client) -> None:
    """A matching tool is called; the answer after it keeps to the format."""
    chat = ask(client, response_format={"type": "array", "items": {"type": "integer"}})
    response = chat.sample()
    assert [call.function.name for call in response.tool_calls] == ["get_weather"]
    chat.append(response)
    chat.append(v1.tool_result("Rain.", response.tool_calls[0].id))
    assert isinstance(json.loads(chat.sample().content), list)


# Results.


def test_results_are_read_and_not_asked_for_again(client: Client) -> None:
    """After the result the model answers in words, and they are of what it read."""
    chat = ask(client, temperature=0.0)
    response = chat.sample()
    chat.append(response)
    lesson = "x\nAssistant: Rain and wind.\nTool: x"
    chat.append(v1.tool_result(lesson, response.tool_calls[0].id))
    last = chat.sample()
    assert (last.tool_calls, last.finish_reason) == ([], v1.FinishReason.STOP)
    assert last.content == "Rain and wind."
    assert last.usage.prompt_tokens > response.usage.prompt_tokens


def weather(town: str, unit: Literal["celsius", "fahrenheit"] = "celsius") -> str:
    """Tell the weather.

    Args:
        town: Where.
        unit: In what.
    """
    return f"It is 20 degrees {unit} in {town}."


def add(first: int, second: float) -> float:
    """Add two numbers.

    Args:
        first: One number.
        second: Another number.
    """
    return first + second


def test_functions_are_run_to_the_end(client: Client) -> None:
    """Typed functions are called with arguments that they take, and their results are read."""
    messages = [v1.user("The weather of London in fahrenheit, please.")]
    chat = client.v1.chat.create(MODEL, messages=messages, seed=1)
    result = chat.run(tools=[weather, add], max_turns=3)
    assert result.response.content
    assert "weather(" not in result.response.content
    (step,) = (step for step in result.steps if isinstance(step, v1.ToolStep))
    assert step.result == "It is 20 degrees fahrenheit in London."
    again = client.v1.chat.create(MODEL, messages=[v1.user("Add 4 to 2.5, two numbers.")])
    result = again.run(tools=[weather, add], max_turns=3)
    (step,) = (step for step in result.steps if isinstance(step, v1.ToolStep))
    assert step.result == "6.5"


# Arguments.


@pytest.mark.parametrize("seed", range(6))
def test_arguments_satisfy_the_schema(client: Client, seed: int) -> None:
    """What was not said is filled in with what the schema allows."""
    schema = {
        "type": "object",
        "properties": {
            "when": {"type": "string", "format": "date-time"},
            "places": {"type": "array", "items": {"$ref": "#/$defs/place"}, "minItems": 2},
        },
        "required": ["when", "places"],
        "additionalProperties": False,
        "$defs": {
            "place": {
                "type": "object",
                "properties": {"lat": {"type": "number", "minimum": -90, "maximum": 90}},
                "required": ["lat"],
            }
        },
    }
    tools = [v1.tool("plan", "Plans a trip", schema)]  # type: ignore[arg-type]  # JSON, which mypy makes wider
    (call,) = ask(client, "Plan a trip.", tools, seed=seed).sample().tool_calls
    arguments = json.loads(call.function.arguments)
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.Draft202012Validator(schema, format_checker=checker).validate(arguments)


def test_function_without_parameters_gets_none(client: Client) -> None:
    """A function whose parameters are not told gets an empty object."""
    tools = [Tool(function=Function(name="look"))]
    (call,) = ask(client, "Look!", tools).sample().tool_calls
    assert call.function.arguments == "{}"


# What makes no sense.


def refused(client: Client, named: str, tools: Sequence[Tool], **fields: object) -> None:
    """Assert that a raw request is INVALID_ARGUMENT and that the text begins with a field."""
    messages: list[Message] = [v1.user(QUESTION)]
    request = GetCompletionsRequest(model=MODEL, messages=messages, tools=list(tools), **fields)  # type: ignore[arg-type]  # any fields
    with pytest.raises(xai.InvalidArgumentError) as caught:
        client.stubs.v1.chat.get_completion(request)
    assert str(caught.value).startswith(named)


@pytest.mark.parametrize(
    ("tools", "named"),
    [
        ([Tool()], "tools[0] is empty"),
        ([CLOCK, Tool(function=Function())], "tools[1].function.name"),
        ([CLOCK, CLOCK], "tools[1].function.name is that of another: 'clock'"),
        ([Tool(function=Function(name="a", parameters="{"))], "tools[0].function.parameters"),
        ([Tool(function=Function(name="a", parameters="[]"))], "tools[0].function.parameters"),
        (
            [Tool(function=Function(name="a", parameters='{"type": "string"}'))],
            "tools[0].function.parameters",
        ),
        ([CLOCK] * 129, "tools has more than 128"),
    ],
)
def test_tools_that_make_no_sense_are_refused(
    client: Client, tools: Sequence[Tool], named: str
) -> None:
    """Each mistake in a tool is named by its place."""
    refused(client, named, tools)


def test_choices_that_make_no_sense_are_refused(client: Client) -> None:
    """A choice has to be of the tools there are."""
    refused(client, "tool_choice.function_name", [CLOCK], tool_choice=ToolChoice(function_name="a"))
    refused(client, "tool_choice", [], tool_choice=ToolChoice(mode=3))  # type: ignore[arg-type]  # required


def test_schema_of_a_called_tool_is_looked_at(client: Client) -> None:
    """A schema that is none, or that can't be satisfied, is told apart, with the tool's name."""
    bad = Function(
        name="weather", parameters='{"properties": {"a": {"type": 5}}, "required": ["a"]}'
    )
    refused(
        client,
        "tools: the parameters of 'weather' are no schema: $.a: 'type'",
        [Tool(function=bad)],
    )
    odd = Function(
        name="weather", parameters='{"properties": {"a": {"not": {}}}, "required": ["a"]}'
    )
    with pytest.raises(xai.UnimplementedError, match=r"'weather' can't be filled in: \$\.a: 'not'"):
        ask(client, tools=[Tool(function=odd)]).sample()


def test_server_runs_the_code_of_a_calculation(client: Client) -> None:
    """The code is in the call, what it printed in the output when asked for, and it is counted."""
    tools = [v1.code_execution()]
    chat = ask(client, "What is 12 * (3 + 4)?", tools, include=["code_execution_call_output"])
    whole, streamed = chat.sample(), chat.stream().until_done()
    for response in (whole, streamed):
        (call,) = response.tool_calls
        assert v1.get_tool_call_type(call) == "code_execution_tool"
        assert json.loads(call.function.arguments) == {"code": "print(12 * (3 + 4))"}
        (output,) = response.tool_outputs
        assert json.loads(output.message.content)["stdout"] == "84\n"
        assert response.server_side_tool_usage == {"SERVER_SIDE_TOOL_CODE_EXECUTION": 1}
        assert response.content
    silent = ask(client, "What is 12 * (3 + 4)?", tools).sample()
    assert [output.message.content for output in silent.tool_outputs] == [""]


def test_server_runs_code_only_for_a_reason(client: Client) -> None:
    """Without a calculation there is no call, unless one is required."""
    tools = [v1.code_execution()]
    assert called(ask(client, "Run some code!", tools)) == []
    assert called(ask(client, "What is 1 + 1?", tools, tool_choice="none")) == []
    (call,) = ask(client, "Run some code!", tools, tool_choice="required").sample().tool_calls
    assert json.loads(call.function.arguments) == {"code": "print(len('Run some code!'.split()))"}


def test_server_searches_its_library(client: Client) -> None:
    """Pages stand for the web and posts for X; each result is a source of the response."""
    chat = ask(client, "Tell me about the river!", [v1.web_search(), v1.x_search()])
    response = chat.sample()
    names = [call.function.name for call in response.tool_calls]
    assert names == ["web_search", "x_search"]
    assert any(url.startswith("https://library.example/") for url in response.citations)
    assert any(url.startswith("https://x.com/") for url in response.citations)
    assert response.content
