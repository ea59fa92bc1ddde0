import copy
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal, Optional

import attrs
import jsonschema  # type: ignore[import-untyped]  # it comes without types
import pydantic
import pytest
from typing_extensions import TypedDict

from tests.services.aio.helpers import collect
from tests.services.interop.reference import ReferenceServer, answer, output, piece
from xai import AsyncClient, v1
from xai.aio.v1.chat.chat import AsyncChat

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


def create(client: AsyncClient, **settings: Any) -> AsyncChat:  # noqa: ANN401  # of all kinds
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
async def test_parse_reads_the_answer_into_the_shape(
    reference_server: ReferenceServer, client: AsyncClient, shape: type[object], expected: object
) -> None:
    """The schema is sent with this call, and the value has the type that was asked for."""
    script = reference_server.script(COMPLETION)
    script.says(answer(output('{"name": "Rome", "people": 3}')))
    chat = create(client)
    response, value = await chat.parse(shape)
    assert value == expected
    assert type(value) is type(expected)
    assert response.id == "r-1"
    form = script.requests[0].response_format
    assert form.format_type == 3
    assert json.loads(form.schema)["required"] == ["name", "people"]


async def test_parse_leaves_the_chat_as_it_was(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """The next call has the format that the chat was created with, or none."""
    script = reference_server.script(COMPLETION)
    script.says(answer(output("[1]")))
    chat = create(client)
    assert (await chat.parse(list[int]))[1] == [1]
    await chat.sample()
    assert not script.requests[1].HasField("response_format")
    chat = create(client, response_format="json_object")
    await chat.parse(list[int])
    await chat.sample()
    assert [request.response_format.format_type for request in script.requests[2:]] == [3, 2]


async def test_answer_of_another_shape_is_in_the_error(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """A ParseError has the answer that was paid for, and says why it ended; it is not appended."""
    script = reference_server.script(COMPLETION)
    text = '{"name": "Rome"'
    script.says(answer({**output(text), "finish_reason": "REASON_MAX_LEN"}))
    chat = create(client, auto_append=True)
    for shape in (City, ModelCity):
        with pytest.raises(v1.ParseError, match="REASON_MAX_LEN, is no") as caught:
            await chat.parse(shape)
        assert caught.value.text == text
        assert caught.value.response.content == text
        assert isinstance(caught.value.__cause__, ValueError)
    assert len(chat.messages) == 1


@pytest.mark.parametrize("shape", ["text", 5, {"type": "object"}, AsyncChat])
async def test_shape_without_a_form_in_json_is_refused(
    reference_server: ReferenceServer,
    client: AsyncClient,
    shape: Any,  # noqa: ANN401  # the point of the test
) -> None:
    """A TypeError comes before anything is sent."""
    chat = create(client)
    with pytest.raises(TypeError):
        await chat.parse(shape)
    with pytest.raises(TypeError):
        chat.stream_parse(shape)
    assert reference_server.calls == []


async def test_stream_parse_shows_the_value_growing(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """The items have what is readable; the result has the shape, after the end only."""
    script = reference_server.script(CHUNKS)
    script.says(*map(piece, ["", '{"name": "Ro', 'me", ', '"people": 3', "}"]))
    chat = create(client, auto_append=True)
    stream = chat.stream_parse(City)
    with pytest.raises(RuntimeError, match="no result before the end"):
        _ = stream.result
    items = await collect(stream)
    assert [value for _, value in items][:2] == [{"name": "Ro"}, {"name": "Rome"}]
    assert items[-1][1] == {"name": "Rome", "people": 3}
    assert stream.result == City("Rome", 3)
    assert (await stream.until_done()) == (stream.response, City("Rome", 3))
    assert script.requests[0].response_format.format_type == 3
    assert len(chat.messages) == 2


async def test_streamed_answer_of_another_shape_is_in_the_error(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """Reading to the end works; the result raises a ParseError with the answer."""
    reference_server.script(CHUNKS).says(piece('{"name": 1}'))
    stream = create(client).stream_parse(City)
    with pytest.raises(v1.ParseError, match="City: name") as caught:
        await stream.until_done()
    assert caught.value.response is stream.response


@dataclass
class Angry:
    """A class that raises something else than a ValueError."""

    name: str

    def __post_init__(self) -> None:
        """Fail."""
        raise KeyError(self.name)


@attrs.frozen
class Fussy:
    """A class of attrs with a validator."""

    name: str = attrs.field(validator=attrs.validators.min_len(10))


class Strict(pydantic.BaseModel):
    """A model whose validator has a fault."""

    name: str

    @pydantic.field_validator("name")
    @classmethod
    def check(cls, name: str) -> str:
        """Fail."""
        raise RuntimeError(name)


@dataclass
class Adult:
    """A class that raises a ValueError."""

    name: str

    def __post_init__(self) -> None:
        """Fail."""
        raise ValueError(f"too young: {self.name}")


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        (Angry, "KeyError: 'Anna'"),
        (Fussy, "Length of 'name' must be >= 10"),
        (Strict, "RuntimeError: Anna"),
        (Adult, "too young: Anna"),
        (list[int], "expected a valid array"),
    ],
)
async def test_whatever_a_shape_raises_is_in_the_error(
    reference_server: ReferenceServer, client: AsyncClient, shape: type[object], said: str
) -> None:
    """No error of a class or a validator loses the response; each is chained."""
    text = '{"name": "Anna"}'
    reference_server.script(COMPLETION).says(answer(output(text)))
    reference_server.script(CHUNKS).says(piece(text))
    with pytest.raises(v1.ParseError) as caught:
        await create(client).parse(shape)
    stream = create(client).stream_parse(shape)
    with pytest.raises(v1.ParseError) as streamed:
        await stream.until_done()
    for error in (caught.value, streamed.value):
        assert said in str(error)
        assert error.response.content == error.text == text
        assert error.__cause__ is not None


@dataclass
class Cat:
    """A class that another one has all members of."""

    name: str


@attrs.frozen
class Dog:
    """The other one."""

    name: str
    tricks: list[str] = attrs.Factory(list)


class Wheel(pydantic.BaseModel):
    """A model with a bound."""

    size: Annotated[int, pydantic.Field(ge=1, le=10, description="How big.")]


@pytest.mark.parametrize(
    ("shape", "text", "expected"),
    [
        (Cat | Dog, '{"name": "Rex", "tricks": ["sit"]}', Dog("Rex", ["sit"])),
        (Cat | Dog, '{"name": "Tom"}', Cat("Tom")),
        (Optional[Cat], "null", None),  # noqa: UP045  # both forms
        (list[Dog | Wheel], '[{"name": "Rex"}, {"size": 3}]', [Dog("Rex"), Wheel(size=3)]),
        (dict[str, tuple[int, Cat]], '{"a": [1, {"name": "b"}]}', {"a": (1, Cat("b"))}),
        (Literal["yes", "no"], '"no"', "no"),
        (Annotated[int, pydantic.Field(gt=3)], "4", 4),
        (Decimal, '"0.10"', Decimal("0.10")),
        (str, r'"a\ud83d"', "a\ufffd"),
        (None, "null", None),
    ],
    ids=range(10),
)
async def test_shapes_need_not_be_classes(
    reference_server: ReferenceServer,
    client: AsyncClient,
    shape: Any,  # noqa: ANN401  # types of all kinds
    text: str,
    expected: object,
) -> None:
    """Unions, literals, containers and annotated types are read as pydantic reads them."""
    script = reference_server.script(COMPLETION)
    script.says(answer(output(text)))
    _, value = await create(client).parse(shape)
    assert (value, type(value)) == (expected, type(expected))
    schema = json.loads(script.requests[0].response_format.schema)
    jsonschema.Draft202012Validator.check_schema(schema)
    if "ud83d" not in text:
        jsonschema.validate(json.loads(text), schema)


async def test_bounds_are_asked_for_and_enforced(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """What annotations say is in the schema, and a response beyond it is an error."""
    script = reference_server.script(COMPLETION)
    script.says(answer(output('{"size": 11}')))
    with pytest.raises(v1.ParseError, match="size: expected less than or equal to 10, found 11"):
        await create(client).parse(Wheel)
    size = json.loads(script.requests[0].response_format.schema)["properties"]["size"]
    assert (size["minimum"], size["maximum"], size["description"]) == (1, 10, "How big.")


async def test_deep_copy_of_a_chat_goes_on_by_itself(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """A copy has the messages and the functions, on the same connection."""
    script = reference_server.script(COMPLETION)
    script.says(answer(output("yes")))

    def look(text: str) -> str:
        """Look."""
        return text

    chat = create(client, tools=[look])
    other = copy.deepcopy({"chat": chat})["chat"]
    other.append(v1.user("More"))
    assert (len(chat.messages), len(other.messages)) == (1, 2)
    assert list(other.functions) == ["look"]
    assert (await other.sample()).content == "yes"
    assert len(script.requests[0].tools) == 1
