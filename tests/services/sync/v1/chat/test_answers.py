# Do not edit: produced by "nox -s generate" from
# tests/services/aio/v1/chat/test_answers.py
"""Answers that a test puts into the mouth of the local server's model, by every kind of call."""

import dataclasses

import attrs
import pydantic
import pytest

import xai
from tests.support import SECRET_KEY
from xai import Client, v1
from xai.sync.v1.chat.chat import Chat
from xai.testing import LocalServer

#: Cut nowhere, although the model's own responses would be; each byte is sent.
TEXT = " Ünïcode 😀\nHuman: and a turn\n"


@dataclasses.dataclass
class Person:
    """A dataclass."""

    name: str
    age: int


@attrs.frozen
class Town:
    """A class of attrs."""

    name: str


class Country(pydantic.BaseModel):
    """A pydantic model, with a name of its own in JSON."""

    capital: str = pydantic.Field(alias="seat")


def chat(client: Client, text: str = "Hi", **options: object) -> Chat:
    """Return a chat with a question."""
    create = client.v1.chat.create
    return create("grok-4", messages=[v1.user(text)], **options)  # type: ignore[arg-type]  # any


def test_text_is_what_every_kind_of_call_returns(local_client: Client, server: LocalServer) -> None:
    """Whole, streamed, deferred or one of several choices, it comes as it was given."""
    server.answer(TEXT, times=4)
    asked = chat(local_client)
    response = asked.sample()
    assert (response.content, response.finish_reason) == (TEXT, v1.FinishReason.STOP)
    assert response.usage.completion_tokens > 0
    deltas = [chunk.content for _, chunk in asked.stream()]
    assert "".join(deltas) == TEXT
    assert len(deltas) > 5
    assert asked.defer(interval=0.01).content == TEXT
    assert [each.content for each in asked.sample_batch(2)] == [TEXT, TEXT]
    # Used up: the model speaks for itself again.
    assert asked.sample().content != TEXT


def test_settings_of_the_request_hold_for_an_answer(
    local_client: Client, server: LocalServer
) -> None:
    """Its limit of tokens and its stop strings cut it."""
    server.answer("one two three", times=3)
    short = chat(local_client, max_tokens=2).sample()
    assert short.finish_reason == v1.FinishReason.MAX_LEN
    assert "one two three".startswith(short.content)
    assert chat(local_client, stop="two").sample().content == "one "
    logged = chat(local_client, logprobs=True).sample()
    assert logged.logprobs is not None
    assert "".join(each.token for each in logged.logprobs.content) == "one two three"


def test_values_are_what_a_program_parses(local_client: Client, server: LocalServer) -> None:
    """Instances of classes and mappings come as JSON, in the order in which they were given."""
    server.answer([Person("Ada", 36), Town("Oslo"), Country(seat="Rome"), {"name": "Bergen"}])
    asked = chat(local_client)
    assert asked.parse(Person)[1] == Person("Ada", 36)
    with asked.stream_parse(Town) as stream:
        for _ in stream:
            pass
    assert stream.result == Town("Oslo")
    assert asked.parse(Country)[1].capital == "Rome"
    assert asked.parse(Town)[1] == Town("Bergen")


def test_value_of_another_shape_is_an_error_of_parse(
    local_client: Client, server: LocalServer
) -> None:
    """A test can find out what its program does with a broken response."""
    server.answer("no JSON")
    with pytest.raises(v1.ParseError) as caught:
        chat(local_client).parse(Town)
    assert caught.value.response.content == "no JSON"


def test_tools_are_called_as_they_were_given(local_client: Client, server: LocalServer) -> None:
    """A run calls the function with these arguments, and ends with the next answer."""

    def get_weather(city: str) -> str:
        """Tell the weather."""
        return f"12 degrees in {city}"

    server.answer(tool=("get_weather", {"city": "Paris"}), when="weather")
    server.answer("Mild.", when="12 degrees")
    asked = chat(local_client, "How is the weather?", tools=[get_weather])
    done = asked.run()
    assert done.response.content == "Mild."
    results = [message.content[0].text for message in asked.messages if message.tool_call_id]
    assert results == ["12 degrees in Paris"]
    server.answer(tool=[("get_weather", {"city": "Rome"}), ("other", "{no JSON")])
    response = asked.sample()
    assert response.finish_reason == v1.FinishReason.TOOL_CALLS
    calls = [(call.function.name, call.function.arguments) for call in response.tool_calls]
    assert calls == [("get_weather", '{"city": "Rome"}'), ("other", "{no JSON")]


def test_request_takes_the_answer_it_meets_the_condition_of(
    local_client: Client, server: LocalServer
) -> None:
    """Those with a condition come first, the oldest of several; what serves all serves the rest."""
    server.answer("other", times=None)
    server.answer("town", when="Oslo")
    server.answer("again", when="Oslo")
    server.answer("cold", when=lambda request: request.temperature == 0)
    said = [chat(local_client, text).sample().content for text in ("Hi", "Oslo", "Oslo", "Oslo")]
    assert said == ["other", "town", "again", "other"]
    assert chat(local_client, temperature=0).sample().content == "cold"


def test_batches_take_answers_and_are_among_the_requests(server: LocalServer) -> None:
    """What is processed in the background is answered by the same rules."""
    server.answer("the first", when="one")
    server.answer("the second", when="two")
    with Client(SECRET_KEY, api_host=server.host) as client:
        batch_id = client.v1.batch.create("mine").batch_id
        chats = [chat(client, text, batch_request_id=text) for text in ("two", "one")]
        client.v1.batch.add(batch_id, chats)
        client.v1.batch.wait(batch_id, interval=0.01)
        found = {
            each.batch_request_id: each.chat.content for each in client.v1.batch.results(batch_id)
        }
    assert found == {"one": "the first", "two": "the second"}
    assert [request.messages[0].content[0].text for request in server.requests] == ["two", "one"]


def test_requests_are_those_that_came_newest_last(
    local_client: Client, server: LocalServer
) -> None:
    """Failed ones are among them; other calls are not."""
    chat(local_client, "first").sample()
    local_client.v1.models.list_language_models()
    server.fail(xai.StatusCode.INVALID_ARGUMENT, method="GetCompletion")
    with pytest.raises(xai.InvalidArgumentError):
        chat(local_client, "second", temperature=0.5).sample()
    for _ in chat(local_client, "third").stream():
        pass
    texts = [request.messages[-1].content[0].text for request in server.requests]
    assert texts == ["first", "second", "third"]
    assert server.requests[1].temperature == 0.5
    server.clear_calls()
    assert server.requests == []


def test_answer_nobody_asked_for_fails_the_test() -> None:
    """Leaving the server names it; clearing the faults drops it."""
    with (
        pytest.raises(AssertionError, match=r"answer\('42', when='x'\), left for 1 request"),
        LocalServer() as server,
    ):
        server.answer("42", when="x")
    with LocalServer() as server:
        server.answer("42")
        server.clear_faults()
