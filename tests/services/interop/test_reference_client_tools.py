"""The reference clients with the local server: tools, and answers in a form."""

import json
from typing import Literal

import jsonschema  # type: ignore[import-untyped]  # it comes without types
import pytest
from pydantic import BaseModel

from tests.services.interop.reference_client import (
    QUESTION,
    WEATHER,
    ReferenceClient,
    chat,
    chat_pb2,
    received,
    tools,
    weather,
)
from xai.testing import LocalServer

ABOUT_WEATHER = "What will the weather be in Paris over 3 days?"


class Person(BaseModel):
    """What structured answers are made of here."""

    name: str
    age: int
    mood: Literal["fine", "bad"]
    friends: list["Person"]
    note: str | None = None


# Tools.


def test_tool_is_called_and_answered(server: LocalServer, reference: ReferenceClient) -> None:
    """A tool is called with arguments of its schema; with the result the model answers in words."""
    asked = reference.ask(ABOUT_WEATHER, tools=[weather()])
    response = reference.wait(asked.sample())
    assert (response.content, response.finish_reason) == ("", "REASON_TOOL_CALLS")
    (call,) = response.tool_calls
    assert (call.function.name, bool(call.id)) == ("get_weather", True)
    assert call.type == chat_pb2.TOOL_CALL_TYPE_CLIENT_SIDE_TOOL
    arguments = json.loads(call.function.arguments)
    jsonschema.validate(arguments, WEATHER)
    assert (arguments["city"], arguments["days"]) == ("Paris", 3)
    asked.append(response).append(chat.tool_result("It will be sunny.", tool_call_id=call.id))
    answer = reference.wait(asked.sample())
    assert answer.content
    assert (list(answer.tool_calls), answer.finish_reason) == ([], "REASON_STOP")
    _, called, told = received(server).messages
    assert list(called.tool_calls) == [call]
    assert (told.role, told.tool_call_id) == (chat_pb2.ROLE_TOOL, call.id)


def test_tool_is_called_in_a_stream(reference: ReferenceClient) -> None:
    """A streamed call of a tool comes whole, and its answer can be streamed as well."""
    asked = reference.ask(ABOUT_WEATHER, tools=[weather()])
    steps = reference.watch(asked.stream(), lambda so_far, chunk: (so_far, list(chunk.tool_calls)))
    response = steps[-1][0]
    (call,) = [call for _, calls in steps for call in calls]
    assert list(response.tool_calls) == [call]
    assert response.finish_reason == "REASON_TOOL_CALLS"
    jsonschema.validate(json.loads(call.function.arguments), WEATHER)
    asked.append(response).append(chat.tool_result("It will be sunny.", call.id))
    pieces = reference.watch(asked.stream(), lambda _, chunk: chunk.content)
    assert "".join(pieces) == reference.wait(asked.sample()).content != ""


def test_choice_of_a_tool_is_obeyed(reference: ReferenceClient) -> None:
    """A tool is called when it has to be, or not at all; tools of the server are left alone."""
    other = chat.tool("get_time", "Tells the time.", {"type": "object", "properties": {}})

    def called(said: str, **settings: object) -> list[str]:
        response = reference.wait(reference.ask(said, **settings).sample())
        assert bool(response.content) is not bool(response.tool_calls)
        return [call.function.name for call in response.tool_calls]

    both = [weather(), other]
    assert called("What time is it?", tools=both) == ["get_time"]
    assert called(QUESTION, tools=both) == []
    assert len(called(QUESTION, tools=both, tool_choice="required")) == 1
    assert called(QUESTION, tools=both, tool_choice=chat.required_tool("get_time")) == ["get_time"]
    assert called(ABOUT_WEATHER, tools=both, tool_choice="none") == []
    assert called("Weather and time in Rome?", tools=both, parallel_tool_calls=True) == [
        "get_weather",
        "get_time",
    ]
    assert called(QUESTION, tools=[tools.web_search(), weather()]) == []


# Answers in a form.


def test_parse(server: LocalServer, reference: ReferenceClient) -> None:
    """An answer in the form of a pydantic model is read as one, with what the question says."""
    asked = reference.ask("Anna is 33 years old and feels fine.", seed=1)
    response, anna = reference.wait(asked.parse(Person))
    assert isinstance(anna, Person)
    assert (anna.name, anna.age, anna.mood) == ("Anna", 33, "fine")
    assert Person.model_validate_json(response.content) == anna
    assert json.loads(received(server).response_format.schema) == Person.model_json_schema()


@pytest.mark.parametrize("seed", range(3))
def test_response_format(reference: ReferenceClient, seed: int) -> None:
    """JSON is JSON, and that of a schema satisfies it: as a model, by hand, whole and streamed."""
    loose = reference.ask("Tell me something.", response_format="json_object", seed=seed)
    assert isinstance(json.loads(reference.wait(loose.sample()).content), dict)
    model = reference.ask("Tell me of Bob.", response_format=Person, seed=seed)
    text = reference.wait(model.sample()).content
    assert Person.model_validate_json(text).name == "Bob"
    assert "".join(reference.watch(model.stream(), lambda _, chunk: chunk.content)) == text
    form = chat_pb2.ResponseFormat(
        format_type=chat_pb2.FORMAT_TYPE_JSON_SCHEMA, schema=json.dumps(WEATHER)
    )
    by_hand = reference.ask("How is it in Rome?", response_format=form, seed=seed)
    jsonschema.validate(json.loads(reference.wait(by_hand.sample()).content), WEATHER)
