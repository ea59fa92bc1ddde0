import dataclasses
import enum
import functools
import json
import sys
from collections import namedtuple
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Generic, Literal, NamedTuple, NewType, Optional, TypeVar
from uuid import UUID

import attrs
import jsonschema  # type: ignore[import-untyped]  # it comes without types
import pydantic
import pytest
from typing_extensions import Doc, NotRequired, ReadOnly, Required, TypeAliasType, TypedDict

from xai.v1.structured.schema import describe, schema_of

T = TypeVar("T")


class Unit(enum.Enum):
    """Units of temperature."""

    CELSIUS = "C"
    FAHRENHEIT = "F"


class Strange(enum.Enum):
    """An enum with a value that JSON has no form for."""

    PAIR = (1, 2)


@dataclass
class Town:
    """A place with people.

    More about
    places.

    Attributes:
        name: What it is
            called.
        people: How many live there.
    """

    name: str
    people: Annotated[int, "the count of the last census"]
    twin: "Town | None" = None
    code: int = field(init=False, default=0)


@attrs.define
class Trip:  # noqa: D101  # it has none on purpose
    towns: list[Town]
    unit: Unit = Unit.CELSIUS
    _note: str = ""
    length: int = attrs.field(init=False, default=0)


class Base(TypedDict, total=False):
    """One member that may be missing, and one that may not."""

    kept: Required[str]
    maybe: int


class Extended(Base):
    """The same with members of the other default."""

    always: ReadOnly[int]
    never: Annotated[NotRequired[str], "seldom there"]
    quoted: "NotRequired[int]"


class Point(NamedTuple):  # noqa: D101  # it has none on purpose
    x: float
    y: float = 0.0


class Node(pydantic.BaseModel):
    """A node of pydantic's."""

    children: "list[Node]" = []
    at: date


STRING = {"type": "string"}
INTEGER = {"type": "integer"}
Tags = TypeAliasType("Tags", list[str])
UserId = NewType("UserId", int)


@pytest.mark.parametrize(
    ("shape", "schema"),
    [
        (str, STRING),
        (int, INTEGER),
        (float, {"type": "number"}),
        (bool, {"type": "boolean"}),
        (None, {"type": "null"}),
        (date, {"type": "string", "format": "date"}),
        (datetime, {"type": "string", "format": "date-time"}),
        (UUID, {"type": "string", "format": "uuid"}),
        (Any, {}),
        (object, {}),
        (UserId, INTEGER),
        (Tags, {"type": "array", "items": STRING}),
        (Unit, {"type": "string", "enum": ["C", "F"]}),
        (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
        (Literal["a", 1, None], {"enum": ["a", 1, None]}),  # noqa: PYI061  # one form of two
        (Literal[Unit.CELSIUS], {"type": "string", "enum": ["C"]}),
        (list, {"type": "array", "items": {}}),
        (list[int], {"type": "array", "items": INTEGER}),
        (Sequence[int], {"type": "array", "items": INTEGER}),
        (Iterable[int], {"type": "array", "items": INTEGER}),
        (set[int], {"type": "array", "items": INTEGER, "uniqueItems": True}),
        (frozenset[int], {"type": "array", "items": INTEGER, "uniqueItems": True}),
        (tuple, {"type": "array", "items": {}}),
        (tuple[int, ...], {"type": "array", "items": INTEGER}),
        (tuple[()], {"type": "array", "minItems": 0, "maxItems": 0}),
        (
            tuple[int, str],
            {"type": "array", "minItems": 2, "maxItems": 2, "prefixItems": [INTEGER, STRING]},
        ),
        (dict, {"type": "object", "additionalProperties": {}}),
        (dict[str, int], {"type": "object", "additionalProperties": INTEGER}),
        (Mapping[str, int], {"type": "object", "additionalProperties": INTEGER}),
        (Optional[int], {"anyOf": [INTEGER, {"type": "null"}]}),  # noqa: UP045  # both forms
        (int | str, {"anyOf": [INTEGER, STRING]}),
        (Annotated[str, "a name"], {"type": "string", "description": "a name"}),
        (Annotated[str, Doc("a name")], {"type": "string", "description": "a name"}),
        (Annotated[str, 5], STRING),
    ],
    ids=str,
)
def test_schema_of_a_type(shape: object, schema: dict[str, object]) -> None:
    """Each kind of type has its schema, and that is one by the meta schema."""
    assert schema_of(shape) == schema
    jsonschema.Draft202012Validator.check_schema(schema)


def test_a_class_says_what_its_author_said() -> None:
    """Docstrings and annotations describe; a class with itself inside is a definition."""
    assert schema_of(Town) == {
        "$ref": "#/$defs/Town",
        "$defs": {
            "Town": {
                "type": "object",
                "description": "A place with people.\n\nMore about places.",
                "properties": {
                    "name": {"type": "string", "description": "What it is called."},
                    "people": {"type": "integer", "description": "the count of the last census"},
                    "twin": {"anyOf": [{"$ref": "#/$defs/Town"}, {"type": "null"}]},
                },
                "required": ["name", "people"],
                "additionalProperties": False,
            }
        },
    }


def test_an_attrs_class_has_the_names_its_constructor_knows() -> None:
    """Fields with defaults may be missing, and a private one has its public name."""
    schema = schema_of(Trip)
    assert schema["properties"] == {
        "towns": {"type": "array", "items": {"$ref": "#/$defs/Town"}},
        "unit": {"type": "string", "enum": ["C", "F"]},
        "note": STRING,
    }
    assert schema["required"] == ["towns"]
    assert "description" not in schema
    assert list(schema["$defs"]) == ["Town"]  # type: ignore[arg-type]  # an object


def test_a_typed_dict_knows_what_it_needs() -> None:
    """`total`, `Required`, `NotRequired` decide, also inherited, quoted, inside `Annotated`."""
    schema = schema_of(Extended)
    assert schema["required"] == ["kept", "always"]
    assert schema["properties"] == {
        "kept": STRING,
        "maybe": INTEGER,
        "always": INTEGER,
        "never": {"type": "string", "description": "seldom there"},
        "quoted": INTEGER,
    }
    assert schema["additionalProperties"] is False


def test_a_named_tuple_is_an_object() -> None:
    """Its fields go by name; the docstring Python makes for it is not a description."""
    assert schema_of(Point) == {
        "type": "object",
        "properties": {"x": {"type": "number"}, "y": {"type": "number"}},
        "required": ["x"],
        "additionalProperties": False,
    }


def test_a_pydantic_model_speaks_for_itself() -> None:
    """Its own schema is the schema, unchanged."""
    assert schema_of(Node) == Node.model_json_schema()


def test_a_pydantic_model_inside_another_type_keeps_its_definitions() -> None:
    """All references lead somewhere, and what the model refuses the schema refuses."""
    validator = jsonschema.Draft202012Validator(schema_of(dict[str, Node]))
    validator.validate({"a": {"at": "2020-01-01", "children": [{"at": "2020-01-02"}]}})
    assert not validator.is_valid({"a": {"at": "2020-01-01", "children": [{}]}})


def test_classes_of_one_name_are_told_apart() -> None:
    """Each gets a definition of its own."""
    first = dataclasses.make_dataclass("Same", [("a", int)])
    second = dataclasses.make_dataclass("Same", [("b", str)])
    schema = schema_of(tuple[first, second, first])  # type: ignore[valid-type]  # at run time
    assert schema["prefixItems"] == [
        {"$ref": "#/$defs/Same"},
        {"$ref": "#/$defs/Same2"},
        {"$ref": "#/$defs/Same"},
    ]
    assert list(schema["$defs"]) == ["Same", "Same2"]  # type: ignore[arg-type]  # an object


@dataclass
class Bad:
    """A class with something in it that JSON has no form for."""

    friends: list[dict[str, tuple[int, bytes]]]


@dataclass
class Box(Generic[T]):
    """A class whose content is not known."""

    content: T


@dataclass
class WithInitVar:
    """A class that is made with more than it keeps."""

    seed: dataclasses.InitVar[int]


class Unresolved(NamedTuple):
    """A class with a name in it that nobody knows."""

    what: "Missing"  # type: ignore[name-defined]  # noqa: F821  # what is tested


@attrs.define(slots=False)
class NoHints:
    """A class that says nothing about its field."""

    name = attrs.field()  # type: ignore[var-annotated]  # what is tested


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (bytes, "shape: bytes is not supported"),
        (time, "shape: time is not supported"),
        (timedelta | None, "shape: timedelta is not supported"),
        (list[complex], r"shape\[\]: complex is not supported"),
        (Bad, r"shape: Bad.friends\[\]\{\}\[1\]: bytes is not supported"),
        (list[Bad], r"shape\[\].friends\[\]\{\}\[1\]: bytes is not supported"),
        (dict[int, str], "shape: names of members are strings, not int"),
        (Strange, r"shape: the value \(1, 2\) is not supported"),
        (Literal[b"a"], "shape: the value b'a' is not supported"),
        (enum.Enum, "shape: Enum is not supported"),
        (Box, "shape: Box.content: ~T is not supported"),
        (Box[int], r"shape: .*Box\[int\] is not supported"),
        (WithInitVar, "shape: WithInitVar.seed: InitVar is not supported"),
        (Unresolved, "shape: Unresolved: an annotation can't be resolved: name 'Missing'"),
        (NoHints, "shape: NoHints.name: the field has no annotation"),
        (namedtuple("Old", "a"), "shape: Old.a: the field has no annotation"),  # noqa: PYI024
        (set[list[int]], "shape: the items of a set must be hashable"),
        (set[tuple[int, list[int]]], "shape: the items of a set must be hashable"),
        (set[Town], "shape: the items of a set must be hashable"),
        (3, "shape: 3 is not supported"),
        ("int", "shape must be a type, not the string 'int'"),
        (len, "shape: <built-in function len> is not supported"),
        (object(), "shape: <object object at .*> is not supported"),
        ([int], r"shape: \[<class 'int'>\] is not supported"),
    ],
)
def test_what_json_cannot_express_is_named_with_its_path(shape: object, message: str) -> None:
    """The error says where in the type the unsupported part is."""
    with pytest.raises(TypeError, match=f"^{message}"):
        schema_of(shape)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the statement is newer")
def test_an_alias_that_contains_itself_is_refused() -> None:
    """Where the alias has no class in it to refer to, there is an error and no endless loop."""
    scope: dict[str, object] = {}
    exec("type Endless = list[Endless]", scope)  # noqa: S102  # syntax that 3.10 hasn't
    with pytest.raises(TypeError, match=r"an alias that contains itself .Endless. is not supp"):
        schema_of(scope["Endless"])


def forecast(town: str, /) -> None:
    """Take what can't be given by name."""


def weather(town: Town, days: int = 3, *, unit: Annotated[Unit, "how to count"]) -> str:
    """Tell the weather.

    Args:
        town: Where, in
            words: any language.
        days (int): How many days.
        unit: Not this.

    Returns:
        town: Not this either.
    """
    return f"{town}{days}{unit}"


def test_parameters_of_a_function() -> None:
    """Lines of the docstring describe them, annotations more so; defaults make them optional."""
    schema, hints = describe(weather)
    properties = schema["properties"]
    assert isinstance(properties, dict)
    assert properties["town"] == {
        "$ref": "#/$defs/Town",
        "description": "Where, in words: any language.",
    }
    assert properties["days"] == {"type": "integer", "description": "How many days."}
    assert properties["unit"] == {
        "type": "string",
        "enum": ["C", "F"],
        "description": "how to count",
    }
    assert schema["required"] == ["town", "unit"]
    assert schema["additionalProperties"] is False
    assert hints["days"] is int
    json.dumps(schema)


def test_parameters_of_what_is_not_quite_a_function() -> None:
    """Classes, partial functions, methods and callable objects have the parameters left to give."""

    class Station:
        def report(self, town: str) -> str:
            return town

        def __call__(self, day: int) -> int:
            return day

    class Alarm:
        what: str

        def __init__(self, hour: int) -> None:
            self.what = str(hour)

    assert describe(Alarm)[0]["properties"] == {"hour": INTEGER}
    assert describe(Point)[0]["required"] == ["x"]
    partly = functools.partial(weather, unit=Unit.CELSIUS)
    assert describe(partly)[0]["required"] == ["town"]
    assert describe(Station().report)[0]["properties"] == {"town": STRING}
    assert describe(Station())[0]["properties"] == {"day": INTEGER}


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (forecast, r"function: forecast\(town\): a positional-only parameter can't be given"),
        (
            lambda *rest: rest,
            r"function: .*<lambda>\(rest\): a variadic positional parameter can't be given",
        ),
        (lambda town: town, r"function: .*<lambda>\(town\): the parameter has no annotation"),
        (Bad, r"function: Bad\(friends\)\[\]\{\}\[1\]: bytes is not supported"),
    ],
)
def test_parameters_a_model_cannot_give_are_named(function: Any, message: str) -> None:  # noqa: ANN401  # any callable
    """The error says which parameter of which function it is."""
    with pytest.raises(TypeError, match=message):
        describe(function)
