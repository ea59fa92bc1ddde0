"""Types of one's own, there and back: nothing in this file may be an error, or of an unknown type.

It is checked by test_programs.py, never run.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Literal, NamedTuple, Optional, Union

import attrs
from pydantic import BaseModel
from typing_extensions import TypedDict, assert_type

from xai import AsyncClient, Client
from xai.proto.xai_api import ResponseFormat, Tool
from xai.v1 import FunctionTool, RunResult, tool
from xai.v1.chat.errors import ToolArgumentsError
from xai.v1.chat.response import Response
from xai.v1.chat.response_format import make_format
from xai.v1.structured.json_value import JsonValue
from xai.v1.structured.schema import schema_of


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


def unions(client: Client) -> None:
    """Shapes need not be classes: unions, literals and annotated types are read, too."""
    chat = client.v1.chat.create("m", response_format=Town | Trip)
    assert_type(chat.parse(Town | Trip), tuple[Response, Town | Trip])
    assert_type(chat.parse(Union[Town, Model]), tuple[Response, Town | Model])  # noqa: UP007  # both forms
    assert_type(chat.parse(Optional[Town]), tuple[Response, Town | None])  # noqa: UP045  # both forms
    assert_type(chat.parse(Literal["a", "b"])[1], Literal["a", "b"])
    assert_type(chat.parse(Annotated[int, "how many"])[1], int)
    assert_type(chat.parse(list[Town] | None)[1], list[Town] | None)
    assert_type(chat.parse(None)[1], None)
    assert_type(chat.stream_parse(Town | None).result, Town | None)
    assert_type(chat.stream_parse(Literal[1]).until_done()[1], Literal[1])


async def awaited_unions(client: AsyncClient) -> None:
    """The same of the asynchronous client."""
    chat = client.v1.chat.create("m")
    assert_type(await chat.parse(Town | Trip), tuple[Response, Town | Trip])
    assert_type(await chat.parse(Optional[Town]), tuple[Response, Town | None])  # noqa: UP045  # both forms
    assert_type((await chat.parse(Literal["a", "b"]))[1], Literal["a", "b"])
    assert_type(chat.stream_parse(Annotated[Town, "where"]).result, Town)


def runs(client: Client) -> None:
    """The value of a run has the type of its form; without one it is None."""
    chat = client.v1.chat.create("m")
    assert_type(chat.run(tools=[weather]), RunResult[None])
    assert_type(chat.run(response_format="json_object").value, None)
    assert_type(chat.run(response_format={"type": "object"}).value, None)
    assert_type(chat.run(tools=[weather], response_format=Town).value, Town)
    assert_type(chat.run(response_format=Town | None).value, Town | None)
    assert_type(chat.run_stream(response_format=Model).until_done().value, Model)
    assert_type(chat.run_stream(response_format=Literal["a"]).result.value, Literal["a"])
    bare: RunResult = chat.run_stream().result
    assert bare


async def awaited_runs(client: AsyncClient) -> None:
    """The same of the asynchronous client."""
    chat = client.v1.chat.create("m")
    assert_type(await chat.run(tools=[weather]), RunResult[None])
    assert_type((await chat.run(response_format=Town | Trip)).value, Town | Trip)
    assert_type((await chat.run_stream(response_format=Town).until_done()).value, Town)


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
    forecast = FunctionTool(weather, name="forecast", strict=True)
    assert_type(forecast(Town("Rome"), days=2), str)
    assert_type(forecast.to_proto(), Tool)
    assert_type(forecast.parameters, Mapping[str, JsonValue])
    assert_type(forecast.is_async, bool)
    waiting: Awaitable[None] = FunctionTool(wait)(1.5)
    assert waiting
    try:
        assert_type(forecast.arguments("{}"), dict[str, object])
    except ToolArgumentsError as error:
        assert_type(str(error), str)
    function: Callable[[Town, int], str] = forecast
    assert_type(function(Town("Rome"), 2), str)


class Station:
    """A class with a tool."""

    @tool
    def report(self, town: Town) -> str:
        """Report."""
        return town.name


def methods(station: Station) -> None:
    """A method that is a tool is called like one."""
    assert_type(station.report(Town("Rome")), str)
    report: FunctionTool[[Town], str] = station.report
    assert_type(report.name, str)
