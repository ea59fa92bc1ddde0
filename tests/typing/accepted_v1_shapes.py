"""Types of one's own, there and back: nothing in this file may be an error, or of an unknown type.

It is checked by test_programs.py, never run.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

import attrs
from pydantic import BaseModel
from typing_extensions import TypedDict, assert_type

from xai import AsyncClient, Client
from xai.proto.xai_api import ResponseFormat, Tool
from xai.v1.chat.errors import ToolArgumentsError
from xai.v1.chat.functions import FunctionTool, result_text
from xai.v1.chat.response import Response
from xai.v1.chat.response_format import make_format
from xai.v1.structured.decode import read, read_json
from xai.v1.structured.partial import INCOMPLETE, partial
from xai.v1.structured.schema import JsonValue, describe, schema_of


@dataclass
class Town:
    """A dataclass that contains itself."""

    name: str
    twin: "Town | None" = None


@attrs.frozen  # type: ignore[misc]  # there is Any in the type of attrs' own decorator
class Trip:
    """A class of attrs."""

    towns: list[Town]


class Point(TypedDict):
    """A dictionary with known members."""

    x: float


class Row(NamedTuple):
    """A named tuple."""

    x: int


class Unit(Enum):
    """An enum."""

    CELSIUS = "C"


class Model(BaseModel):
    """A model of pydantic's."""

    legs: int


def schemas() -> None:
    """Types and unions of them have schemas."""
    assert_type(schema_of(Town), dict[str, JsonValue])
    schema_of(Town | None)
    schema_of(dict[str, Town])


def round_trips(text: str, data: JsonValue) -> None:
    """What is read is of the type that was asked for."""
    assert_type(read_json(Town, text), Town)
    assert_type(read_json(Trip, text), Trip)
    assert_type(read_json(Point, text), Point)
    assert_type(read_json(Row, text), Row)
    assert_type(read_json(Unit, text), Unit)
    assert_type(read_json(Model, text), Model)
    assert_type(read_json(list[Town], text), list[Town])
    assert_type(read(dict[str, int], data), dict[str, int])
    assert_type(read(Town, {"name": "Rome", "twin": None}), Town)
    assert_type(result_text(read(Trip, data).towns[0].twin), str)


def answers(client: Client) -> None:
    """Answers are read into every kind of type, whole and streamed."""
    chat = client.v1.chat.create("m")
    assert_type(chat.parse(Town), tuple[Response, Town])
    assert_type(chat.parse(Trip), tuple[Response, Trip])
    assert_type(chat.parse(Point), tuple[Response, Point])
    assert_type(chat.parse(Row), tuple[Response, Row])
    assert_type(chat.parse(Unit), tuple[Response, Unit])
    assert_type(chat.parse(Model), tuple[Response, Model])
    assert_type(chat.parse(dict[str, Trip])[1], dict[str, Trip])
    assert_type(chat.stream_parse(Trip).result, Trip)
    assert_type(chat.stream_parse(Point).until_done(), tuple[Response, Point])
    assert_type(chat.stream_parse(Model).result.legs, int)


async def awaited_answers(client: AsyncClient) -> None:
    """The same of the asynchronous client."""
    chat = client.v1.chat.create("m")
    assert_type(await chat.parse(Town), tuple[Response, Town])
    assert_type(await chat.parse(Trip), tuple[Response, Trip])
    assert_type(await chat.parse(Point), tuple[Response, Point])
    assert_type(await chat.parse(Model), tuple[Response, Model])
    assert_type(chat.stream_parse(Point).result, Point)
    assert_type(await chat.stream_parse(Model).until_done(), tuple[Response, Model])


def pieces(text: str) -> JsonValue:
    """The mark for nothing is told from values by identity."""
    value = partial(text)
    if value is INCOMPLETE:
        return None
    assert_type(value, JsonValue)
    return value


def forms(schema: dict[str, JsonValue], given: ResponseFormat) -> None:
    """Names, schemas, types and messages ask for a form."""
    for each in (make_format("text"), make_format(schema), make_format(Town), make_format(given)):
        assert_type(each, ResponseFormat)
    make_format(Model)
    make_format(list[int])


def weather(town: Town, days: int = 3) -> str:
    """Tell the weather."""
    return town.name * days


async def wait(seconds: float) -> None:
    """Wait."""


def functions() -> None:
    """A function that is offered to a model stays the function it was."""
    tool = FunctionTool(weather, name="forecast", strict=True)
    assert_type(tool(Town("Rome"), days=2), str)
    assert_type(tool.to_proto(), Tool)
    assert_type(tool.parameters, Mapping[str, JsonValue])
    assert_type(tool.is_async, bool)
    waiting: Awaitable[None] = FunctionTool(wait)(1.5)
    assert waiting
    try:
        assert_type(tool.arguments("{}"), dict[str, object])
    except ToolArgumentsError as error:
        assert_type(str(error), str)
    function: Callable[[Town, int], str] = tool
    schema, hints = describe(function)
    assert_type(schema, dict[str, JsonValue])
    assert_type(hints, Mapping[str, object])
