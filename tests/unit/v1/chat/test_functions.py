import functools
import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from ipaddress import IPv4Address
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

import attrs
import jsonschema  # type: ignore[import-untyped]  # it comes without types
import pydantic
import pytest

from xai.proto.xai_api import FunctionCall, Tool
from xai.v1 import image, tool
from xai.v1.chat.errors import ToolArgumentsError
from xai.v1.chat.functions import FunctionTool, as_tool, result_parts, result_text
from xai.v1.chat.steps import shown
from xai.v1.structured.errors import InvalidShapeError
from xai.v1.structured.json_value import JsonValue


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


class Texts(pydantic.BaseModel):
    """A model with a text in it."""

    text: Any
    day: date


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
    with pytest.raises(ToolArgumentsError, match="wait: seconds: expected a value, found nothing"):
        FunctionTool(wait).arguments(" ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "weather: the value: expected JSON, found"),
        ("[]", "weather: the value: expected an object, found a list of 0 items"),
        ("null", "weather: the value: expected an object, found null"),
        ("{}", "weather: place: expected a value, found nothing"),
        ('{"place": {"town": 1}}', "weather: place.town: expected a valid string, found 1"),
        (
            '{"place": {"town": "a"}, "unit": "K"}',
            "weather: unit: expected 'C' or 'F', found \"K\"",
        ),
        (
            '{"place": {"town": "a"}, "units": "C"}',
            "weather: units: expected what is accepted (Extra inputs are not permitted)",
        ),
        ('{"place": ' * 500, "weather: the value: expected JSON, found"),
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
        (10**30, "1000000000000000000000000000000"),
        (0.5, "0.5"),
        (float("nan"), "null"),
        ([float("inf")], "[null]"),
        (Unit.CELSIUS, '"C"'),
        (Level.LOW, "1"),
        (Decimal("1.50"), '"1.50"'),
        (date(2020, 1, 2), '"2020-01-02"'),
        (datetime(2020, 1, 2, tzinfo=timezone.utc), '"2020-01-02T00:00:00Z"'),
        (timedelta(hours=1), '"PT1H"'),
        (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        (PurePosixPath("/a/b"), '"/a/b"'),
        (IPv4Address("127.0.0.1"), '"127.0.0.1"'),
        (b"ab", '"ab"'),
        ([b"\xff\xfe"], '["__4="]'),
        ({1: 2, None: 3, date(2020, 1, 2): 4}, '{"1": 2, "None": 3, "2020-01-02": 4}'),
        ({(1, 2): (3,)}, '{"1,2": [3]}'),
        (["\xe9", ("b",)], '["\xe9", ["b"]]'),
        ({3}, "[3]"),
        ({"a": Place("Rome")}, '{"a": {"town": "Rome", "zone": 0, "seen": 7}}'),
        (Secretive(3), '{"inner": 3}'),
        ([Secretive(Place("a"))], '[{"inner": {"town": "a", "zone": 0, "seen": 7}}]'),  # type: ignore[arg-type]  # on purpose
        (Row(1, Row(2)), "[1, [2, null]]"),
        (Model(numberOfLegs=4), '{"numberOfLegs": 4, "day": "2020-01-01"}'),
        ([Root([1, 2])], "[[1, 2]]"),
        (FunctionCall(name="f"), '{"name": "f"}'),
        ([{"call": FunctionCall(name="f")}], '[{"call": {"name": "f"}}]'),
        ("a\ud83d", "a\ufffd"),
        ("\ud83d\ude00", "\N{GRINNING FACE}"),
        ({"a\ud83d": ["b\ude00"]}, '{"a\ufffd": ["b\ufffd"]}'),
        (Place("\ud83d"), '{"town": "\ufffd", "zone": 0, "seen": 7}'),
        (Secretive([Place("\ud83d")]), '{"inner": [{"town": "\ufffd", "zone": 0, "seen": 7}]}'),  # type: ignore[arg-type]  # on purpose
        (
            {"m": Texts(text="\ud83d", day=date(2020, 1, 2))},
            '{"m": {"text": "\ufffd", "day": "2020-01-02"}}',
        ),
    ],
    ids=range(38),
)
def test_results_become_text(value: object, text: str) -> None:
    """A string is sent as it is, everything else as the JSON that pydantic writes."""
    assert result_text(value) == text
    assert [part.text for part in result_parts(value)] == [text]
    text.encode()


def endless() -> list[object]:
    """Return a list that contains itself."""
    value: list[object] = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        ({"a": [1, object()]}, TypeError, "the result: object has no form in JSON"),
        (endless(), ValueError, "the result: it is too deep, or contains itself"),
        (wait, TypeError, "the result: function has no form in JSON"),
        (Place, TypeError, "the result: type has no form in JSON"),
        (Secretive(object()), TypeError, "the result: object has no form in JSON"),  # type: ignore[arg-type]  # on purpose
    ],
    ids=range(5),
)
def test_results_without_a_form_are_named(
    value: object, kind: type[Exception], message: str
) -> None:
    """Nothing is turned into its repr in silence."""
    with pytest.raises(kind, match=f"^{message}"):
        result_text(value)


def test_a_coroutine_is_no_result() -> None:
    """What nobody awaits is named, and closed without a warning."""
    with pytest.raises(TypeError, match="a coroutine can be awaited by the chat of an AsyncClient"):
        result_text(wait(1))


def test_parts_of_messages_stay_parts() -> None:
    """Images are sent as such, alone and among other values."""
    picture = image("https://example.com/a.png")
    assert result_parts(picture) == [picture]
    parts = result_parts(["see \ud83d", picture, {"a": 1}])
    assert [part.text for part in (parts[0], parts[2])] == ["see \ufffd", '{"a": 1}']
    assert parts[1] is picture
    assert shown(parts) == 'see \ufffd[image_url]{"a": 1}'


def test_every_kind_of_hint_a_tool_may_have() -> None:
    """Parameters may be anything, literals, and models of pydantic."""

    def all_of_it(anything: Any, mode: Literal["a", "b"], model: Model) -> None:  # noqa: ANN401
        """Take it."""

    tool = FunctionTool(all_of_it)
    text = '{"anything": [null], "mode": "b", "model": {"numberOfLegs": 2}}'
    model = Model(numberOfLegs=2)
    assert tool.arguments(text) == {"anything": [None], "mode": "b", "model": model}
    with pytest.raises(ToolArgumentsError, match=r"model.numberOfLegs: expected a value, found"):
        tool.arguments('{"anything": 1, "mode": "b", "model": {}}')


def test_json_values_may_be_parameters() -> None:
    """The library's own name for any JSON value is understood as an annotation."""

    def store(value: JsonValue, more: "dict[str, JsonValue]") -> None:
        """Store it."""

    tool = FunctionTool(store)
    text = '{"value": {"a": [[1, null], "b"]}, "more": {"c": {"d": [true]}}}'
    assert tool.arguments(text) == json.loads(text)
    jsonschema.validate(json.loads(text), tool.parameters)


def picked(
    days: Annotated[int, pydantic.Field(ge=1, le=10, description="How many days.")],
    hour: pydantic.PositiveInt = 1,
    *,
    zone: str = pydantic.Field(default="UTC", max_length=3),
    note: Annotated[str, pydantic.Field(alias="theNote")] = "",
    town: str = None,  # type: ignore[assignment]  # noqa: RUF013  # as many people write it
) -> None:
    """Pick."""


def test_bounds_of_parameters_are_offered_and_enforced() -> None:
    """Constraints, descriptions, aliases and defaults of pydantic's are those of the tool."""
    tool = FunctionTool(picked)
    assert tool.parameters == {
        "type": "object",
        "properties": {
            "days": {
                "type": "integer",
                "minimum": 1,
                "maximum": 10,
                "description": "How many days.",
            },
            "hour": {"type": "integer", "exclusiveMinimum": 0, "default": 1},
            "zone": {"type": "string", "maxLength": 3, "default": "UTC"},
            "theNote": {"type": "string", "default": ""},
            "town": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        },
        "required": ["days"],
        "additionalProperties": False,
    }
    assert tool.arguments('{"days": 3, "town": null}') == {"days": 3, "town": None, "zone": "UTC"}
    assert tool.arguments('{"days": 3, "theNote": "a"}')["note"] == "a"
    for text in ('{"days": 0}', '{"days": 11}', '{"days": 1, "hour": 0}', '{"days": 1, "a": 1}'):
        with pytest.raises(ToolArgumentsError):
            tool.arguments(text)


def orders(user_id: int, status: str, limit: int = 10) -> str:  # noqa: D417  # not everything
    """List orders.

    Args:
        user_id: Whose orders.
        status: Which.
    """
    return f"{user_id} {status} {limit}"


class Shop:
    """A class with tools."""

    def __init__(self, name: str) -> None:
        self.name = name

    @tool
    def find(self, text: str) -> str:
        """Find something in the shop.

        Args:
            text: What to look for.
        """
        return f"{self.name}: {text}"

    @tool(name="order_it", strict=True)
    async def order(self, count: int) -> str:
        """Order something."""
        return f"{self.name}: {count}"

    @classmethod
    @tool
    def make(cls, text: str) -> str:
        """Make a shop."""
        return f"{cls.__name__} {text}"

    @tool
    @classmethod
    def copy(cls, text: str) -> str:
        """Copy a shop."""
        return f"{cls.__name__} {text}"

    @staticmethod
    @tool
    def add(a: int, b: int = 1) -> int:
        """Add."""
        return a + b

    @tool
    @staticmethod
    def double(a: int) -> int:
        """Double."""
        return 2 * a

    def bound(self, text: str) -> str:
        """Take something."""
        return f"{self.name} {text}"


@pytest.mark.parametrize(
    "function",
    [
        functools.partial(orders, user_id=42),
        functools.partial(functools.partial(orders, user_id=42), limit=3),
        functools.partial(orders, 42),
        functools.partial(FunctionTool(orders), user_id=42),
        FunctionTool(functools.partial(orders, user_id=42), description="List orders."),
    ],
    ids=range(5),
)
def test_what_is_bound_is_neither_offered_nor_accepted(function: Callable[..., object]) -> None:
    """The model sees the parameters that are left, and can't give the others."""
    tool = as_tool(function)
    assert (tool.name, tool.description) == ("orders", "List orders.")
    assert "user_id" not in json.dumps(tool.parameters)
    properties = tool.parameters["properties"]
    assert isinstance(properties, dict)
    assert properties["status"] == {"type": "string", "description": "Which."}
    assert tool.parameters["required"] == ["status"]
    with pytest.raises(ToolArgumentsError, match=r"user_id: .*not permitted"):
        tool.arguments('{"user_id": 1, "status": "open"}')
    assert str(tool.function(**tool.arguments('{"status": "open"}'))).startswith("42 open ")


@pytest.mark.parametrize(
    ("function", "text", "result"),
    [
        (Shop("a").find, '{"text": "x"}', "a: x"),
        (Shop("a").bound, '{"text": "x"}', "a x"),
        (Shop.make, '{"text": "x"}', "Shop x"),
        (Shop("a").make, '{"text": "x"}', "Shop x"),
        (Shop.copy, '{"text": "x"}', "Shop x"),
        (Shop.add, '{"a": 1}', 2),
        (Shop("a").add, '{"a": 1}', 2),
        (Shop.double, '{"a": 1}', 2),
        (Shop("a").double, '{"a": 1}', 2),
    ],
    ids=range(9),
)
def test_methods_are_tools(function: Any, text: str, result: object) -> None:  # noqa: ANN401  # all kinds
    """Methods of every kind can be decorated, and are offered without what they are bound to."""
    tool = as_tool(function)
    schema = tool.to_proto().function.parameters
    assert "self" not in schema
    assert "cls" not in schema
    assert tool(**tool.arguments(text)) == result


def test_a_method_keeps_what_the_decorator_said() -> None:
    """Name, strictness and kind are those of the decorated function; the class has it as it is."""
    tool = Shop("a").order
    assert (tool.name, tool.strict, tool.is_async) == ("order_it", True, True)
    assert tool.description == "Order something."
    assert isinstance(Shop.find, FunctionTool)
    with pytest.raises(TypeError, match=r"Shop.find\(self\): the parameter has no annotation"):
        _ = Shop.find.parameters


def test_a_tool_of_a_free_function_is_no_method() -> None:
    """A tool that is kept in a class is not bound to it."""

    class Holder:
        """Has a tool."""

        add = FunctionTool(orders)

    found: object = Holder().add
    assert found is Holder.add


def google(days: int, hours: int = 1, *, zone: str = "") -> None:  # noqa: D417  # not everything
    """Tell the time.

    Really.

    Args:
        days (int): How many
            days.

    Keyword Args:
        zone: Which zone.

    Returns:
        hours: Not this.
    """


def numpy(days: int, hours: int = 1, *, zone: str = "") -> None:
    """Tell the time.

    Really.

    Parameters
    ----------
    days : int
        How many
        days.

    Other Parameters
    ----------------
    zone : str, optional
        Which zone.

    Returns:
    -------
    hours : int
        Not this.
    """


def sphinx(days: int, hours: int = 1, *, zone: str = "") -> None:
    """Tell the time.

    Really.

    :param days: How many
        days.
    :type days: int
    :keyword zone: Which zone.
    :returns: hours
    """


@pytest.mark.parametrize("function", [google, numpy, sphinx])
def test_docstrings_of_every_style_describe(function: Callable[..., None]) -> None:
    """Sections of Google's, NumPy's and Sphinx's style are understood."""
    tool = FunctionTool(function)
    assert tool.description == "Tell the time.\n\nReally."
    properties = tool.parameters["properties"]
    assert isinstance(properties, dict)
    assert properties["days"] == {"type": "integer", "description": "How many days."}
    assert properties["hours"] == {"type": "integer", "default": 1}
    assert properties["zone"] == {"type": "string", "default": "", "description": "Which zone."}


@dataclass
class Fussy:
    """A class that fails."""

    size: int

    def __post_init__(self) -> None:
        """Fail."""
        raise KeyError(self.size)


def test_whatever_a_class_raises_is_an_error_of_the_arguments() -> None:
    """The error is told by its type, and is the cause."""

    def measure(fussy: Fussy) -> int:
        return fussy.size

    with pytest.raises(ToolArgumentsError, match="measure: KeyError: 3") as caught:
        FunctionTool(measure).arguments('{"fussy": {"size": 3}}')
    assert isinstance(caught.value.__cause__, KeyError)


def test_half_a_character_in_arguments_is_replaced() -> None:
    """The function gets U+FFFD for what can't be sent back."""
    tool = FunctionTool(google)
    assert tool.arguments('{"days": 1, "zone": "\\ud83d"}') == {"days": 1, "zone": "\ufffd"}


def forecast(town: str, /) -> None:
    """Take what can't be given by name."""


class Unknown:
    """A class that nobody can read."""


def strange(town: str, unknown: Unknown) -> None:
    """Take what JSON has no form for."""


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (forecast, r"function: forecast\(town\): a positional-only parameter can't be given"),
        (
            lambda *rest: rest,
            r"function: .*<lambda>\(rest\): a variadic positional parameter can't be given",
        ),
        (lambda town: town, r"function: .*<lambda>\(town\): the parameter has no annotation"),
        (strange, r"function: strange\(unknown\): Unable to generate .*Unknown"),
    ],
    ids=range(4),
)
def test_parameters_a_model_cannot_give_are_named(function: Any, message: str) -> None:  # noqa: ANN401  # any callable
    """The error says which parameter of which function it is."""
    with pytest.raises(TypeError, match=message):
        FunctionTool(function, name="f")


def test_parameters_of_what_is_not_quite_a_function() -> None:
    """Classes and callable objects have the parameters of what they call."""

    class Station:
        def __call__(self, day: int) -> int:
            return day

    class Alarm:
        what: str

        def __init__(self, hour: int) -> None:
            self.what = str(hour)

    def properties(function: Any) -> object:  # noqa: ANN401  # any callable
        return FunctionTool(function, name="f").parameters["properties"]

    assert properties(Alarm) == {"hour": {"type": "integer"}}
    assert properties(Station()) == {"day": {"type": "integer"}}
    assert FunctionTool(Place).parameters["required"] == ["town"]
    assert FunctionTool(Row).parameters["required"] == ["x"]
    assert FunctionTool(Secretive).parameters["required"] == ["inner"]
