import functools
import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from enum import Enum, IntEnum
from typing import Any, Literal, NamedTuple, cast
from uuid import UUID

import attrs
import jsonschema  # type: ignore[import-untyped]  # it comes without types
import pydantic
import pytest

from xai.proto.xai_api import FunctionCall, Tool
from xai.v1.chat.errors import ToolArgumentsError
from xai.v1.chat.functions import FunctionTool, json_value, result_text
from xai.v1.structured.decode import read
from xai.v1.structured.errors import InvalidShapeError
from xai.v1.structured.schema import JsonValue


class Unit(Enum):
    """Units of temperature."""

    CELSIUS = "C"
    FAHRENHEIT = "F"


class Level(IntEnum):
    """Levels, which are numbers."""

    LOW = 1


@dataclass
class Place:
    """Where something is."""

    town: str
    zone: int = 0
    seen: int = field(init=False, default=7)


@attrs.frozen
class Secretive:
    """A class with a private field."""

    _inner: int


class Row(NamedTuple):
    """A row of a table."""

    x: int
    y: "Row | None" = None


class Model(pydantic.BaseModel):
    """A model of pydantic's."""

    legs: int = pydantic.Field(alias="numberOfLegs")
    day: date = date(2020, 1, 1)


class Root(pydantic.RootModel[list[int]]):
    """A model that is not an object."""


def weather(  # noqa: D417  # not everything has a description
    place: Place, unit: Unit = Unit.CELSIUS, *, day: date | None = None
) -> str:
    """Tell the weather of a place.

    In short:
    clear.

    Args:
        place: Where.
        day: When; today by default.
    """
    return f"{place.town} {unit.name} {day}"


async def wait(seconds: float) -> float:
    """Wait."""
    return seconds


def test_a_function_with_what_a_model_needs_to_know() -> None:
    """Name, description and schema follow from the function; calling it calls the function."""
    tool = FunctionTool(weather)
    assert (tool.name, tool.strict, tool.is_async) == ("weather", False, False)
    assert tool.description == "Tell the weather of a place.\n\nIn short: clear."
    assert tool(Place("Rome"), day=date(2020, 1, 2)) == "Rome CELSIUS 2020-01-02"
    assert inspect.signature(tool) == inspect.signature(weather)
    assert repr(tool).startswith("FunctionTool(function=<function weather")
    assert len(repr(tool)) < 250


def test_the_message_says_the_same() -> None:
    """Everything is in the message, the parameters as the text of a valid schema."""
    tool = FunctionTool(weather, name="forecast", description="Look ahead.", strict=True)
    message = Tool().parse(bytes(tool.to_proto()))
    assert message.function.name == "forecast"
    assert message.function.description == "Look ahead."
    assert message.function.strict
    schema = json.loads(message.function.parameters)
    assert schema == tool.parameters
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate({"place": {"town": "Rome"}, "day": None}, schema)
    assert schema["properties"]["day"]["description"] == "When; today by default."


def test_arguments_are_converted_to_what_the_function_takes() -> None:
    """Classes, enums and dates are made; what the model leaves out is left to the function."""
    tool = FunctionTool(weather)
    arguments = tool.arguments('{"place": {"town": "Rome"}, "unit": "F", "day": "2020-01-02"}')
    assert arguments == {
        "place": Place("Rome"),
        "unit": Unit.FAHRENHEIT,
        "day": date(2020, 1, 2),
    }
    assert tool.arguments(' {"place": {"town": "Rome", "zone": 2}}') == {"place": Place("Rome", 2)}
    assert weather(**tool.arguments('{"place": {"town": "Bern"}}')) == "Bern CELSIUS None"  # type: ignore[arg-type]  # checked just before


def test_no_text_is_no_arguments() -> None:
    """Models write nothing at all for functions that need nothing."""

    def now(zone: str = "UTC") -> str:
        return zone

    assert FunctionTool(now).arguments("") == {}
    with pytest.raises(ToolArgumentsError, match="wait: seconds: expected a number, found nothi"):
        FunctionTool(wait).arguments(" ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "weather: the value: expected JSON, found"),
        ("[]", "weather: the value: expected an object, found a list of 0 items"),
        ("null", "weather: the value: expected an object, found null"),
        ("{}", "weather: place: expected an object, found nothing"),
        ('{"place": {"town": 1}}', "weather: place.town: expected a string, found 1"),
        (
            '{"place": {"town": "a"}, "unit": "K"}',
            'weather: unit: expected one of "C", "F", found "K"',
        ),
        (
            '{"place": {"town": "a"}, "units": "C"}',
            'weather: the value: expected only the members place, unit, day, found "units"',
        ),
        ('{"place": ' * 200, "weather: the value: expected JSON at most 100 levels deep"),
    ],
    ids=range(8),
)
def test_arguments_that_do_not_fit_are_named(text: str, message: str) -> None:
    """The error names function and argument; its cause has the path, and no call is known yet."""
    with pytest.raises(ToolArgumentsError) as caught:
        FunctionTool(weather).arguments(text)
    assert str(caught.value).startswith(message)
    assert caught.value.call is None
    assert isinstance(caught.value.__cause__, InvalidShapeError)


def test_coroutine_functions_are_known() -> None:
    """Also bound, partly applied, and as a method of an object that is called."""

    class Caller:
        async def __call__(self, seconds: float) -> float:
            return seconds

        async def method(self, seconds: float) -> float:
            return seconds

    assert FunctionTool(wait).is_async
    assert FunctionTool(functools.partial(wait, seconds=1)).is_async
    assert FunctionTool(Caller().method).is_async
    assert FunctionTool(Caller(), name="caller").is_async
    assert not FunctionTool(weather).is_async


def test_a_partial_function_keeps_its_name() -> None:
    """Name and description are those of the function inside."""
    tool = FunctionTool(functools.partial(weather, unit=Unit.CELSIUS))
    assert tool.name == "weather"
    assert tool.description.startswith("Tell the weather")


def wrong(value: object) -> Any:  # noqa: ANN401  # what a type checker would refuse
    """Return a value for an argument that takes no such thing."""
    return value


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: FunctionTool(wrong(3)), TypeError, "function must be callable, not int"),
        (lambda: FunctionTool(lambda: 1), ValueError, "name must be given for a function with"),
        (lambda: FunctionTool(weather, name=""), ValueError, "name must not be empty"),
        (lambda: FunctionTool(weather, name=wrong(3)), TypeError, "name must be a str, not int"),
        (
            lambda: FunctionTool(weather, description=wrong(3)),
            TypeError,
            "description must be a str",
        ),
        (
            lambda: FunctionTool(weather, strict=wrong("no")),
            TypeError,
            "strict must be a bool, not str",
        ),
        (lambda: FunctionTool(dict), TypeError, "function: dict: its parameters are not known"),
    ],
)
def test_what_is_no_tool_is_refused(
    make: Callable[[], object], kind: type[Exception], message: str
) -> None:
    """The error names the argument, or the parameter of the function."""
    with pytest.raises(kind, match=message):
        make()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("as it is", "as it is"),
        ("", ""),
        (None, "null"),
        (True, "true"),
        (3, "3"),
        (0.5, "0.5"),
        (Unit.CELSIUS, '"C"'),
        (Level.LOW, "1"),
        (date(2020, 1, 2), '"2020-01-02"'),
        (datetime(2020, 1, 2, tzinfo=timezone.utc), '"2020-01-02T00:00:00+00:00"'),
        (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        (["é", ("b",)], '["é", ["b"]]'),
        ({"b", "a"}, '["a", "b"]'),
        (frozenset({3, 20}), "[20, 3]"),
        ({"a": Place("Rome")}, '{"a": {"town": "Rome", "zone": 0, "seen": 7}}'),
        (Secretive(3), '{"inner": 3}'),
        (Row(1, Row(2)), '{"x": 1, "y": {"x": 2, "y": null}}'),
        (Model(numberOfLegs=4), '{"numberOfLegs": 4, "day": "2020-01-01"}'),
        ([Root([1, 2])], "[[1, 2]]"),
        (FunctionCall(name="f"), '{"name": "f"}'),
    ],
)
def test_results_become_text(value: object, text: str) -> None:
    """A string is sent as it is, everything else as JSON."""
    assert result_text(value) == text


def endless() -> list[object]:
    """Return a list that contains itself."""
    value: list[object] = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (b"a", "the result: bytes has no form in JSON"),
        (float("nan"), "the result: nan has no form in JSON"),
        ({"a": [1, object()]}, r"the result.a\[1\]: object has no form in JSON"),
        (Row(1, b"x"), "the result.y: bytes has no form in JSON"),  # type: ignore[arg-type]  # on purpose
        ({1: 2}, "the result: names must be str, not int"),
        (endless(), r"the result(\[0\])+: it is more than 100 levels deep, or contains itself"),
        (wait, "the result: function has no form in JSON"),
        (Place, "the result: type has no form in JSON"),
    ],
    ids=range(8),
)
def test_results_without_a_form_are_named_with_their_path(value: object, message: str) -> None:
    """Nothing is turned into its repr in silence."""
    with pytest.raises(TypeError, match=f"^{message}"):
        result_text(value)


def test_a_string_inside_another_value_is_json() -> None:
    """Only the result itself is sent without quotes."""
    assert json_value("a") == "a"
    assert result_text(["a"]) == '["a"]'


def test_every_kind_of_hint_a_tool_may_have() -> None:
    """Parameters may be anything, literals, and models of pydantic."""

    def all_of_it(anything: Any, mode: Literal["a", "b"], model: Model) -> None:  # noqa: ANN401
        """Take it."""

    tool = FunctionTool(all_of_it)
    text = '{"anything": [null], "mode": "b", "model": {"numberOfLegs": 2}}'
    model = Model(numberOfLegs=2)
    assert tool.arguments(text) == {"anything": [None], "mode": "b", "model": model}
    with pytest.raises(ToolArgumentsError, match=r"model.numberOfLegs: expected what Model acce"):
        tool.arguments('{"anything": 1, "mode": "b", "model": {}}')


def test_json_values_may_be_parameters() -> None:
    """The library's own name for any JSON value is understood as an annotation."""

    def store(value: JsonValue, more: "dict[str, JsonValue]") -> None:
        """Store it."""

    tool = FunctionTool(store)
    text = '{"value": {"a": [[1, null], "b"]}, "more": {"c": {"d": [true]}}}'
    assert tool.arguments(text) == json.loads(text)
    jsonschema.validate(json.loads(text), tool.parameters)
    assert read(cast("type[object]", JsonValue), [[{}]]) == [[{}]]
