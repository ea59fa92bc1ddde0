# Do not edit: produced by "nox -s generate" from
# tests/services/aio/v1/chat/test_chat_parse.py
import json
from dataclasses import dataclass
from typing import Any

import attrs
import pydantic
import pytest
from typing_extensions import TypedDict

from tests.services.interop.official import OfficialServer, answer, output, piece
from tests.services.sync.helpers import collect
from xai import Client, v1
from xai.sync.v1.chat.chat import Chat

COMPLETION = "Chat/GetCompletion"
CHUNKS = "Chat/GetCompletionChunk"


@dataclass
class City:
    """A city."""

    name: str
    people: int


@attrs.frozen
class AttrsCity:
    """A city."""

    name: str
    people: int


class TypedCity(TypedDict):
    """A city."""

    name: str
    people: int


class ModelCity(pydantic.BaseModel):
    """A city."""

    name: str
    people: int


def create(client: Client, **settings: Any) -> Chat:  # noqa: ANN401  # of all kinds
    """Return a chat in which something was said."""
    return client.v1.chat.create("m", messages=[v1.user("Hi")], **settings)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (City, City("Rome", 3)),
        (AttrsCity, AttrsCity("Rome", 3)),
        (TypedCity, {"name": "Rome", "people": 3}),
        (ModelCity, ModelCity(name="Rome", people=3)),
    ],
)
def test_parse_reads_the_answer_into_the_shape(
    official_server: OfficialServer, client: Client, shape: type[object], expected: object
) -> None:
    """The schema is sent with this call, and the value has the type that was asked for."""
    script = official_server.script(COMPLETION)
    script.says(answer(output('{"name": "Rome", "people": 3}')))
    chat = create(client)
    response, value = chat.parse(shape)
    assert value == expected
    assert type(value) is type(expected)
    assert response.id == "r-1"
    form = script.requests[0].response_format
    assert form.format_type == 3
    assert json.loads(form.schema)["required"] == ["name", "people"]


def test_parse_leaves_the_chat_as_it_was(official_server: OfficialServer, client: Client) -> None:
    """The next call has the format that the chat was created with, or none."""
    script = official_server.script(COMPLETION)
    script.says(answer(output("[1]")))
    chat = create(client)
    assert chat.parse(list[int])[1] == [1]
    chat.sample()
    assert not script.requests[1].HasField("response_format")
    chat = create(client, response_format="json_object")
    chat.parse(list[int])
    chat.sample()
    assert [request.response_format.format_type for request in script.requests[2:]] == [3, 2]


def test_answer_of_another_shape_is_in_the_error(
    official_server: OfficialServer, client: Client
) -> None:
    """A ParseError has the answer that was paid for, and says why it ended; it is not appended."""
    script = official_server.script(COMPLETION)
    text = '{"name": "Rome"'
    script.says(answer({**output(text), "finish_reason": "REASON_MAX_LEN"}))
    chat = create(client, auto_append=True)
    for shape in (City, ModelCity):
        with pytest.raises(v1.ParseError, match="REASON_MAX_LEN, is no") as caught:
            chat.parse(shape)
        assert caught.value.text == text
        assert caught.value.response.content == text
        assert isinstance(caught.value.__cause__, ValueError)
    assert len(chat.messages) == 1


@pytest.mark.parametrize("shape", ["text", 5, {"type": "object"}, Chat])
def test_shape_without_a_form_in_json_is_refused(
    official_server: OfficialServer,
    client: Client,
    shape: Any,  # noqa: ANN401  # the point of the test
) -> None:
    """A TypeError comes before anything is sent."""
    chat = create(client)
    with pytest.raises(TypeError):
        chat.parse(shape)
    with pytest.raises(TypeError):
        chat.stream_parse(shape)
    assert official_server.calls == []


def test_stream_parse_shows_the_value_growing(
    official_server: OfficialServer, client: Client
) -> None:
    """The items have what is readable; the result has the shape, after the end only."""
    script = official_server.script(CHUNKS)
    script.says(*map(piece, ["", '{"name": "Ro', 'me", ', '"people": 3', "}"]))
    chat = create(client, auto_append=True)
    stream = chat.stream_parse(City)
    with pytest.raises(RuntimeError, match="no result before the end"):
        _ = stream.result
    items = collect(stream)
    assert [value for _, value in items][:2] == [{"name": "Ro"}, {"name": "Rome"}]
    assert items[-1][1] == {"name": "Rome", "people": 3}
    assert stream.result == City("Rome", 3)
    assert stream.until_done() == (stream.response, City("Rome", 3))
    assert script.requests[0].response_format.format_type == 3
    assert len(chat.messages) == 2


def test_streamed_answer_of_another_shape_is_in_the_error(
    official_server: OfficialServer, client: Client
) -> None:
    """Reading to the end works; the result raises a ParseError with the answer."""
    official_server.script(CHUNKS).says(piece('{"name": 1}'))
    stream = create(client).stream_parse(City)
    with pytest.raises(v1.ParseError, match="City: name") as caught:
        stream.until_done()
    assert caught.value.response is stream.response
