import dataclasses
import enum
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, NamedTuple, NewType, Optional, TypeVar, cast
from uuid import UUID

import attrs
import jsonschema  # type: ignore[import-untyped]  # it comes without types
import pydantic
import pytest
from typing_extensions import Doc, NotRequired, Required, TypeAliasType, TypedDict

from xai.v1.structured.json_value import JsonValue
from xai.v1.structured.schema import schema_of

T = TypeVar("T")


class Unit(enum.Enum):
    """Units of temperature."""

    CELSIUS = "C"
    FAHRENHEIT = "F"


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

    always: int
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
DESCRIBED = {"type": "string", "description": "a name"}
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
        (
            Unit,
            {
                "type": "string",
                "enum": ["C", "F"],
                "title": "Unit",
                "description": "Units of temperature.",
            },
        ),
        (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
        (Literal["a", 1, None], {"enum": ["a", 1, None]}),  # noqa: PYI061  # one form of two
        (Literal[Unit.CELSIUS], {"type": "string", "const": "C"}),
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
        (dict, {"type": "object", "additionalProperties": True}),
        (bytes, {"type": "string", "format": "binary"}),
        (time, {"type": "string", "format": "time"}),
        (timedelta, {"type": "string", "format": "duration"}),
        (Path, {"type": "string", "format": "path"}),
        (dict[int, str], {"type": "object", "additionalProperties": STRING}),
        (dict[str, int], {"type": "object", "additionalProperties": INTEGER}),
        (Mapping[str, int], {"type": "object", "additionalProperties": INTEGER}),
        (Optional[int], {"anyOf": [INTEGER, {"type": "null"}]}),  # noqa: UP045  # both forms
        (int | str, {"anyOf": [INTEGER, STRING]}),
        (Annotated[str, "a name"], {"type": "string", "description": "a name"}),
        (Annotated[str, Doc("a name")], {"type": "string", "description": "a name"}),
        (Annotated[str, 5], STRING),
        (list[Annotated[str, "a name"]], {"type": "array", "items": DESCRIBED}),
        (Annotated[str, "ours", pydantic.Field(description="a name")], DESCRIBED),
        (
            Annotated[int, pydantic.Field(ge=1, le=10, description="how many")],
            {"type": "integer", "minimum": 1, "maximum": 10, "description": "how many"},
        ),
        (pydantic.PositiveInt, {"type": "integer", "exclusiveMinimum": 0}),
        (
            Annotated[str, pydantic.Field(pattern="^[a-z]+$", max_length=3)],
            {"type": "string", "pattern": "^[a-z]+$", "maxLength": 3},
        ),
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
                    "twin": {
                        "anyOf": [{"$ref": "#/$defs/Town"}, {"type": "null"}],
                        "default": None,
                    },
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
        "unit": {"$ref": "#/$defs/Unit", "default": "C"},
        "note": {"type": "string", "default": ""},
    }
    assert schema["required"] == ["towns"]
    assert "description" not in schema
    assert "Unit" in cast("dict[str, JsonValue]", schema["$defs"])


def test_an_attrs_class_is_described_where_it_stands() -> None:
    """What an annotation says about a class of attrs is told beside the reference to it."""
    hint = Annotated[Trip, pydantic.Field(description="the way there")]
    properties = cast("dict[str, JsonValue]", schema_of(list[hint])["items"])
    assert properties == {"$ref": "#/$defs/Trip", "description": "the way there"}
    assert schema_of(hint)["description"] == "the way there"


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
        "properties": {"x": {"type": "number"}, "y": {"type": "number", "default": 0.0}},
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
    """Each gets a definition of its own, and every reference leads to one."""
    first = dataclasses.make_dataclass("Same", [("a", int)])
    second = dataclasses.make_dataclass("Same", [("b", str)])
    third = attrs.make_class("Same", {"c": attrs.field(type=int)})
    schema = schema_of(tuple[first, second, third, first])  # type: ignore[valid-type]  # at run time
    items = cast("list[dict[str, str]]", schema["prefixItems"])
    references = [item["$ref"] for item in items]
    assert references[0] == references[3]
    assert len(set(references)) == 3
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid([{"a": 1}, {"b": "x"}, {"c": 1}, {"a": 2}])
    assert not validator.is_valid([{"b": "x"}, {"a": 1}, {"c": 1}, {"a": 2}])


@dataclass
class Box(Generic[T]):
    """A class whose content is not known."""

    content: T


class Crate(pydantic.BaseModel, Generic[T]):
    """A model whose content is not known."""

    content: "list[T] | Crate[T]"


@attrs.define
class Bag(Generic[T]):
    """A class of attrs whose content is not known."""

    content: T
    inner: "Bag[T] | None" = None


@pytest.mark.parametrize("kind", [Box, Crate, Bag])
def test_names_of_definitions_are_plain(kind: Any) -> None:  # noqa: ANN401  # a generic class
    """The names of generic classes have no brackets where others refer to them."""
    schema = schema_of(list[kind[int] | kind[list[str]]])
    definitions = schema["$defs"]
    assert isinstance(definitions, dict)
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+", name) for name in definitions)
    assert len(definitions) == 2
    validator = jsonschema.Draft202012Validator(schema)
    content = [1] if kind is Crate else 1
    validator.validate([{"content": content}])
    assert not validator.is_valid([{"content": {}}])


@dataclass
class Hidden:
    """A class with something that is not given."""

    seed: dataclasses.InitVar[int]
    made: int = field(init=False, default=3)


def test_a_class_is_asked_for_what_it_takes() -> None:
    """What `__post_init__` needs is asked for, what it makes is not."""
    properties = schema_of(Hidden)["properties"]
    assert isinstance(properties, dict)
    assert list(properties) == ["seed"]


class Pet(pydantic.BaseModel):
    """A pet."""

    kind: Literal["cat"]


class Odd(pydantic.BaseModel):
    """A model with a default that JSON has no form for."""

    what: object = object()
    town: Town
    pet: Annotated[Pet, pydantic.Field(alias="thePet")]
    unit: Unit = Unit.CELSIUS


def test_a_model_with_anything_in_it_speaks_for_itself() -> None:
    """Warnings of pydantic about a schema are not shown, and the schema is pydantic's."""
    schema = schema_of(Odd)
    assert schema["title"] == "Odd"
    properties = cast("dict[str, JsonValue]", schema["properties"])
    assert list(properties) == ["what", "town", "thePet", "unit"]


def test_any_value_of_json_has_a_schema() -> None:
    """The library's own name for JSON values refers to itself."""
    schema = schema_of(dict[str, JsonValue])
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate({"a": [1, "b", None, {"c": [True, 0.5]}]})


def test_a_schema_is_the_callers_own() -> None:
    """Changing a schema changes no other one."""
    schema_of(Town)["title"] = "changed"
    assert "title" not in schema_of(Town)


class Unresolved(NamedTuple):
    """A class with a name in it that nobody knows."""

    what: "Missing"  # type: ignore[name-defined]  # noqa: F821  # what is tested


@attrs.define(slots=False)
class NoHints:
    """A class that says nothing about its field."""

    name = attrs.field()  # type: ignore[var-annotated]  # what is tested


class Foreign:
    """A class that nobody knows how to read."""


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (Foreign, r"shape: Foreign is not supported: Unable to generate .*Foreign"),
        (list[Foreign | None], r"shape: list.*Foreign.* is not supported: Unable to generate"),
        (Callable[[], int], r"shape: .*Callable.* is not supported: Cannot generate a JsonSchema"),
        (Unresolved, "shape: Unresolved is not supported: name 'Missing' is not defined"),
        (NoHints, "shape: NoHints is not supported: NoHints.name: the field has no annotation"),
        (list["Missing"], "shape: .* is not supported: name 'Missing' is not defined"),  # type: ignore[name-defined]  # noqa: F821
        (3, "shape must be a type, not 3"),
        ("int", "shape must be a type, not 'int'"),
        (len, "shape: <built-in function len> is not supported"),
        (object(), "shape: <object object at .*> is not supported"),
        ([int], r"shape must be a type, not \[<class 'int'>\]"),
    ],
    ids=range(11),
)
def test_what_json_cannot_express_is_named(shape: object, message: str) -> None:
    """The error says which type it is, and what is wrong with it."""
    with pytest.raises(TypeError, match=f"^{message}"):
        schema_of(shape)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the statement is newer")
def test_an_alias_may_contain_itself() -> None:
    """An alias that contains itself has a schema that refers to itself."""
    scope: dict[str, object] = {}
    exec("type Endless = list[Endless]", scope)  # noqa: S102  # syntax that 3.10 hasn't
    validator = jsonschema.Draft202012Validator(schema_of(scope["Endless"]))
    validator.validate([[], [[]]])
    assert not validator.is_valid([[1]])
