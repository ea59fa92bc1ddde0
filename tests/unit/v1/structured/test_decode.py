import json
import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import Enum
from typing import Annotated, Any, Literal, cast
from uuid import UUID

import attrs
import pydantic
import pytest

from tests.support import run_child
from xai.v1.chat.functions import json_value
from xai.v1.structured.decode import MAX_DEPTH, nesting, read, read_json, show
from xai.v1.structured.errors import InvalidShapeError
from xai.v1.structured.schema import JsonValue


class Kind(Enum):
    """Kinds, by number."""

    ONE = 1
    TWO = 2


@dataclass
class Person:
    """Somebody."""

    name: str
    friends: "list[Person]"
    age: int | None = None


@dataclass
class Chain:
    """A list made of links."""

    next: "Chain | None"


@dataclass
class Leaf:
    """One of two classes that only their innermost part tells apart."""

    inner: "Leaf | Twig | int"


@dataclass
class Twig:
    """The other of them."""

    inner: "Leaf | Twig | int"


@attrs.frozen
class Picky:
    """A class that looks at what it is given."""

    size: int = attrs.field(validator=attrs.validators.ge(3))


@attrs.frozen
class Holder:
    """A frozen class which can't be in a set because of what it holds."""

    items: list[int]


@dataclass
class Cat:
    """One of two classes that say what they are."""

    kind: Literal["cat"]
    lives: int


@dataclass
class Dog:
    """The other of them."""

    kind: Literal["dog"]
    tricks: list[str]


class Model(pydantic.BaseModel):
    """A model of pydantic's."""

    name: str
    day: date = date(2020, 1, 1)


class Table(pydantic.BaseModel):
    """A model with a name of its own in JSON."""

    legs: int = pydantic.Field(alias="numberOfLegs")


def any_type(shape: object) -> type[object]:
    """Return a hint as what `read` declares to take."""
    return cast("type[object]", shape)


def utc(hours: int, minutes: int) -> timezone:
    """Return the zone that is so far from UTC."""
    return timezone(timedelta(hours=hours, minutes=minutes))


@pytest.mark.parametrize(
    ("shape", "data", "value"),
    [
        (int, 3.0, 3),
        (float, 3, 3.0),
        (Any, {"a": [1]}, {"a": [1]}),
        (None, None, None),
        (int | float, 1, 1),
        (float | int, 1, 1),
        (int | float, 1.0, 1.0),
        (Annotated[int, "a number"] | float, 1, 1),
        (date | str, "2020-02-29", date(2020, 2, 29)),
        (date | str, "2021-02-29", "2021-02-29"),
        (Kind, 2, Kind.TWO),
        (Literal["a", 2], 2.0, 2),
        (Literal[Kind.ONE], 1, Kind.ONE),
        (UUID, "12345678-1234-5678-1234-56781234ABCD", UUID("1234567812345678123456781234abcd")),
        (datetime, "2020-01-02T03:04:05", datetime(2020, 1, 2, 3, 4, 5)),  # noqa: DTZ001  # as written
        (datetime, "2020-01-02t03:04:05z", datetime(2020, 1, 2, 3, 4, 5, tzinfo=timezone.utc)),
        (
            datetime,
            "2020-01-02 03:04:05.1-02:30",
            datetime(2020, 1, 2, 3, 4, 5, 100_000, tzinfo=utc(-2, -30)),
        ),
        (
            datetime,
            "2020-01-02T03:04:05.123456789+00:30",
            datetime(2020, 1, 2, 3, 4, 5, 123_456, tzinfo=utc(0, 30)),
        ),
        (tuple[int, str], [1, "a"], (1, "a")),
        (tuple[()], [], ()),
        (frozenset[int], [1, 2], frozenset({1, 2})),
        (set[tuple[int, str]], [[1, "a"]], {(1, "a")}),
        (set[int | str], [1, "a"], {1, "a"}),
        (set[Annotated[int, "a number"]], [1], {1}),
        (frozenset[tuple[int, ...]], [[1], []], frozenset({(1,), ()})),
        (Picky, {"size": 3}, Picky(3)),
        (Model, {"name": "a", "day": "2021-01-01"}, Model(name="a", day=date(2021, 1, 1))),
        (list[Model], [{"name": "a"}], [Model(name="a")]),
        (Table, {"numberOfLegs": 4}, Table(numberOfLegs=4)),
        (Cat | Dog, {"kind": "cat", "lives": 9}, Cat("cat", 9)),
        (Cat | Dog, {"kind": "dog", "tricks": ["sit"]}, Dog("dog", ["sit"])),
    ],
)
def test_data_is_read_as_the_type_says(shape: object, data: JsonValue, value: object) -> None:
    """The value is of the type, and equal to what the data stands for."""
    found = read(any_type(shape), data)
    assert (found, type(found)) == (value, type(value))
    text = read_json(any_type(shape), json.dumps(data))
    assert (text, type(text)) == (value, type(value))


@pytest.mark.parametrize(
    ("shape", "data", "message"),
    [
        (int, 1.5, "the value: expected an integer, found 1.5"),
        (int, True, "the value: expected an integer, found true"),
        (int, "1", 'the value: expected an integer, found "1"'),
        (float, True, "the value: expected a number, found true"),
        (float, float("nan"), "the value: expected a number, found NaN"),
        (float, int("9" * 400), "the value: expected a number, found a very large integer"),
        (str, 1, "the value: expected a string, found 1"),
        (bool, 1, "the value: expected true or false, found 1"),
        (None, False, "the value: expected null, found false"),
        (date, "20200101", 'the value: expected a date (YYYY-MM-DD), found "20200101"'),
        (datetime, "2020-01-01", "the value: expected a date and time (RFC 3339), found"),
        (datetime, "2020-01-01T00:00:00+00:60", "the value: expected a date and time (RFC 3339)"),
        (datetime, "2020-01-01T00:00:00+24:00", "the value: expected a date and time (RFC 3339)"),
        (datetime, "2020-01-01T24:00:00Z", "the value: expected a date and time (RFC 3339)"),
        (UUID, "{12345678-1234-5678-1234-567812345678}", "the value: expected a UUID, found"),
        (Kind, True, "the value: expected one of 1, 2, found true"),
        (Literal["a", 1], "b", 'the value: expected one of "a", 1, found "b"'),
        (list[int], {}, "the value: expected a list, found an object of 0 members"),
        (dict[str, int], [1], "the value: expected an object, found a list of 1 items"),
        (dict[str, int], {"a b": "x"}, '["a b"]: expected an integer, found "x"'),
        (dict[str, int], {3: 1}, "the value: expected names that are strings, found 3"),
        (tuple[int, int], [1], "the value: expected a list of 2 items, found a list of 1 items"),
        (set[int], [1, 1], "the value: expected items that differ, found a list of 2 items"),
        (set[Holder], [{"items": []}], "expected items that can be in a set, found unhashable"),
        (Person, [], "the value: expected an object, found a list of 0 items"),
        (Person, {"friends": []}, "name: expected a string, found nothing"),
        (
            Person,
            {"name": "a", "friends": [{"name": "b", "friends": [], "age": "x"}]},
            'friends[0].age: expected an integer or null, found "x"',
        ),
        (
            Person,
            {"name": "a", "friends": [], "nick": 1},
            'the value: expected only the members name, friends, age, found "nick"',
        ),
        (int | None, "x", 'the value: expected an integer or null, found "x"'),
        (Person | None, {"friends": []}, "name: expected a string, found nothing"),
        (list[Picky], [{"size": 1}], "[0]: expected what Picky accepts, found an object of 1"),
        (Model, {"name": 1}, "name: expected what Model accepts, found 1 (Input should be a "),
        (list[Model], [{}], "[0].name: expected what Model accepts, found an object of 0"),
        (str | None, {"a": 1}, "the value: expected a string or null, found an object of 1"),
        (Annotated[int, "n"] | None, "x", 'the value: expected an integer or null, found "x"'),
        (Cat | Dog, {"kind": "cow"}, 'kind: expected one of "cat" or one of "dog", found "cow"'),
        (Cat | Dog, {"kind": "dog", "tricks": [1]}, "tricks[0]: expected a string, found 1"),
        (Cat | Dog, {"kind": "dog"}, "tricks: expected a list, found nothing"),
        (Cat | Dog, 3, "the value: expected an object, found 3"),
        (bool, "x" * 100, f'the value: expected true or false, found "{"x" * 64}"...'),
        (int, b"a", "the value: expected an integer, found bytes"),
    ],
)
def test_data_that_does_not_fit_is_refused_by_its_path(
    shape: object,
    data: Any,  # noqa: ANN401  # also what is not JSON
    message: str,
) -> None:
    """The error names the place, what should be there and what is there."""
    with pytest.raises(InvalidShapeError) as caught:
        read(any_type(shape), data)
    assert message in str(caught.value)
    assert str(caught.value).startswith(caught.value.path or "the value")
    assert caught.value.expected in message or message in str(caught.value)


def test_a_given_path_comes_first() -> None:
    """What the caller calls the data begins the path of every error."""
    with pytest.raises(InvalidShapeError, match=r"^answer\.friends\[0\]: expected an object"):
        read(Person, {"name": "a", "friends": [3]}, "answer")


def test_errors_of_a_class_are_chained() -> None:
    """What a class or a model raised itself is the cause."""
    with pytest.raises(InvalidShapeError) as caught:
        read(Picky, {"size": 1})
    assert isinstance(caught.value.__cause__, ValueError)
    with pytest.raises(InvalidShapeError) as caught:
        read_json(Model, "{}")
    assert isinstance(caught.value.__cause__, pydantic.ValidationError)
    assert caught.value.path == "name"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1,]", "nan", "NaN", "[Infinity]", '{"a": -Infinity}', "'a'", "1 2", "9" * 9000],
    ids=lambda text: text[:20],
)
def test_text_that_is_not_json_is_refused(text: str) -> None:
    """The error says so, also for the numbers that Python's reader takes and JSON hasn't."""
    with pytest.raises(InvalidShapeError, match="the value: expected JSON, found") as caught:
        read_json(any_type(Any), text)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("shape", [Any, Chain, Model, list])
@pytest.mark.parametrize(
    "text", ["[" * 1_000_000, '{"next":' * 1_000_000, '{"a":[' * 50_000], ids=["[", "next", "a"]
)
def test_deep_texts_are_refused(shape: object, text: str) -> None:
    """A text of brackets costs an error, neither the stack nor a crash."""
    with pytest.raises(InvalidShapeError):
        read_json(any_type(shape), text)


def chained(depth: int) -> JsonValue:
    """Return the data of a chain of so many links."""
    data: JsonValue = None
    for _ in range(depth):
        data = {"next": data}
    return data


def test_depth_is_allowed_up_to_the_limit() -> None:
    """A value as deep as the limit is read, one level more is refused, as text and as data."""
    deepest = read(Chain, chained(MAX_DEPTH))
    assert read_json(Chain, json.dumps(chained(MAX_DEPTH))) == deepest
    assert json_value(deepest) == chained(MAX_DEPTH)
    with pytest.raises(InvalidShapeError, match="expected JSON at most 100 levels deep"):
        read_json(Chain, json.dumps(chained(MAX_DEPTH + 1)))
    with pytest.raises(InvalidShapeError, match="expected at most 100 levels"):
        read(Chain, chained(5000))


def test_overlapping_unions_take_no_exponential_time() -> None:
    """Where every level fits two classes, each level is read once all the same."""
    data: JsonValue = "neither"
    for _ in range(60):
        data = {"inner": data}
    start = time.process_time()
    with pytest.raises(InvalidShapeError, match=r'inner: expected .*, found "neither"'):
        read(Leaf, data)
    assert time.process_time() - start < 10


@pytest.mark.parametrize(
    ("text", "depth"),
    [
        ("", 0),
        ("1", 0),
        ("[]", 1),
        ('{"a": [1, {}], "b": []}', 3),
        ('"[[["', 0),
        ('["\\"[[", "]"]', 1),
        ("]]]", 0),
        ('"[[[', 0),
        ("[" * 9 + '"\\', 9),
    ],
)
def test_nesting_counts_brackets_outside_of_strings(text: str, depth: int) -> None:
    """Escapes are understood, and unfinished or wrong texts are no problem."""
    assert nesting(text) == depth


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (None, "null"),
        (True, "true"),
        (-7, "-7"),
        (0.5, "0.5"),
        ("é", '"é"'),
        ([[1]] * 7, "a list of 7 items"),
        ({"a": "secret"}, "an object of 1 members"),
        pytest.param(10**100_000, "a very large integer", id="large"),
    ],
)
def test_what_is_shown_of_data_is_short(data: object, shown: str) -> None:
    """Errors stay short, whatever was found."""
    assert show(data) == shown


_SCRIPT = """
import sys
from dataclasses import dataclass
import xai.v1.chat.errors, xai.v1.structured.partial, xai.v1.structured.decode

@dataclass
class Point:
    x: int

heavy = ("pydantic", "pydantic_core", "annotated_types", "betterproto", "asyncio", "grpclib", "ssl")
assert xai.v1.structured.decode.read_json(Point, '{"x": 1}') == Point(1)
assert xai.v1.structured.schema.schema_of(Point)["required"] == ["x"]
print(*[name for name in heavy if name in sys.modules])

# The messages need betterproto, and with it asyncio.
import xai.v1.chat.response_format, xai.v1.chat.functions

assert xai.v1.chat.functions.result_text(Point(2)) == '{"x": 2}'
assert xai.v1.chat.functions.FunctionTool(Point).arguments('{"x": 2}') == {"x": 2}
assert xai.v1.chat.response_format.make_format(Point).schema
print(*[name for name in heavy[:3] if name in sys.modules])
"""


def test_shapes_are_read_without_pydantic() -> None:
    """Importing and using these modules never loads pydantic, and reading nothing heavy at all."""
    assert run_child(_SCRIPT).stdout.split() == []
