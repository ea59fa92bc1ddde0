from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypeVar
from uuid import UUID

import attrs
import pydantic
import pytest
from typing_extensions import NotRequired, TypedDict

from tests.support import run_child
from xai.v1.structured.adapter import adapter_of, show
from xai.v1.structured.errors import InvalidShapeError
from xai.v1.structured.json_value import JsonValue

T = TypeVar("T")


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
class Cat:
    """A class that another one has all members of."""

    name: str


@dataclass
class Dog:
    """The other one."""

    name: str
    tricks: list[str] = field(default_factory=list)


@pydantic.dataclasses.dataclass
class Bounded:
    """A dataclass of pydantic's."""

    legs: int = pydantic.Field(alias="numberOfLegs", ge=1)


class Row(NamedTuple):
    """A named tuple."""

    x: int
    y: "Row | None" = None


class Form(TypedDict):
    """A dictionary with known members."""

    name: str
    when: NotRequired[date]


class Checked(pydantic.BaseModel):
    """A model with rules of its own."""

    model_config = pydantic.ConfigDict(populate_by_name=True)

    legs: int = pydantic.Field(alias="numberOfLegs")
    name: Annotated[str, pydantic.AfterValidator(str.upper)] = "x"

    @pydantic.computed_field  # type: ignore[prop-decorator]  # pydantic's own way
    @property
    def pairs(self) -> int:
        """Half of the legs."""
        return self.legs // 2


class Crate(pydantic.BaseModel, Generic[T]):
    """A generic model."""

    content: T
    more: "Crate[T] | None" = None


@dataclass
class Wheel:
    """A dataclass in a class of attrs."""

    size: int


def stripped(text: str) -> str:
    """Return a text without the spaces around it."""
    return text.strip()


@attrs.frozen
class Cart:
    """A class of attrs, with all that these have."""

    wheels: list[Wheel]
    load: Annotated[int, pydantic.Field(ge=0, alias="theLoad")] = attrs.field(
        default=0, validator=attrs.validators.lt(100)
    )
    name: str = attrs.field(default="cart", converter=stripped)
    _next: "Cart | None" = None
    made: int = attrs.field(init=False, default=7)


@attrs.define
class Bag(Generic[T]):
    """A generic class of attrs."""

    content: T
    inner: "Bag[T] | None" = None


@attrs.define
class Purse(Bag[int]):
    """A class of attrs that says what its base left open."""

    owner: str = ""


@dataclass
class Garage:
    """A dataclass with a class of attrs in it."""

    carts: "dict[str, Cart | None]"


class Shed(TypedDict):
    """A dictionary with a class of attrs in it."""

    cart: Cart


class Yard(pydantic.BaseModel):
    """A model with a class of attrs in it."""

    model_config = pydantic.ConfigDict(arbitrary_types_allowed=True)

    carts: list[Cart]


class Stall(NamedTuple):
    """A named tuple with a class of attrs in it."""

    cart: Cart


def utc(hours: int, minutes: int) -> timezone:
    """Return the zone that is so far from UTC."""
    return timezone(timedelta(hours=hours, minutes=minutes))


CART = Cart([Wheel(1)])
CART_TEXT = '{"wheels": [{"size": 1}]}'


def read(shape: object, text: str) -> object:
    """Return the value of a type that a JSON text stands for."""
    return adapter_of(shape).read_json(text)


@pytest.mark.parametrize(
    ("shape", "text", "value"),
    [
        (int, "3.0", 3),
        (float, "3", 3.0),
        (Any, '{"a": [1]}', {"a": [1]}),
        (None, "null", None),
        (int | float, "1", 1),
        (float | int, "1", 1),
        (int | float, "1.5", 1.5),
        (Decimal, '"1.50"', Decimal("1.50")),
        (date | str, '"2020-02-29"', date(2020, 2, 29)),
        (Kind, "2", Kind.TWO),
        (Literal["a", 2], "2", 2),
        (UUID, '"12345678-1234-5678-1234-56781234ABCD"', UUID("1234567812345678123456781234abcd")),
        (
            datetime,
            '"2020-01-02T03:04:05.1-02:30"',
            datetime(2020, 1, 2, 3, 4, 5, 100_000, utc(-2, -30)),
        ),
        (tuple[int, str], '[1, "a"]', (1, "a")),
        (set[tuple[int, str]], '[[1, "a"]]', {(1, "a")}),
        (dict[int, str], '{"1": "a"}', {1: "a"}),
        (bytes, '"ab"', b"ab"),
        (timedelta, '"P1D"', timedelta(days=1)),
        (list[JsonValue], '[{"a": [1, null]}]', [{"a": [1, None]}]),
        (Row, '{"x": 1, "y": {"x": 2}}', Row(1, Row(2))),
        (Row, "[1, [2]]", Row(1, Row(2))),
        (Form, '{"name": "a", "when": "2020-01-02"}', {"name": "a", "when": date(2020, 1, 2)}),
        (Cat | Dog, '{"name": "a", "tricks": ["sit"]}', Dog("a", ["sit"])),
        (Cat | Dog, '{"name": "a"}', Cat("a")),
        (Bounded, '{"numberOfLegs": 2}', Bounded(numberOfLegs=2)),
        (Checked, '{"numberOfLegs": 4, "name": "x"}', Checked(numberOfLegs=4, name="X")),
        (Checked, '{"legs": 4}', Checked(numberOfLegs=4)),
        (
            Crate[int],
            '{"content": 1, "more": {"content": 2}}',
            Crate[int](content=1, more=Crate[int](content=2)),
        ),
        (
            Person,
            '{"name": "a", "friends": [{"name": "b", "friends": []}]}',
            Person("a", [Person("b", [])]),
        ),
        (Cart, CART_TEXT, CART),
        (
            Cart,
            '{"wheels": [], "theLoad": 3, "name": " a ", "next": {"wheels": []}}',
            Cart([], 3, "a", Cart([])),
        ),
        (list[Cart], f"[{CART_TEXT}]", [CART]),
        (Cart | None, CART_TEXT, CART),
        (Cart | Wheel, '{"size": 2}', Wheel(2)),
        (Annotated[Cart, "with wheels"], CART_TEXT, CART),
        (Bag[int], '{"content": 1, "inner": {"content": 2}}', Bag(1, Bag(2))),
        (dict[str, Bag[Cart]], f'{{"a": {{"content": {CART_TEXT}}}}}', {"a": Bag(CART)}),
        (Bag[Bag[date]], '{"content": {"content": "2020-01-02"}}', Bag(Bag(date(2020, 1, 2)))),
        (Bag, '{"content": [1]}', Bag([1])),
        (Purse, '{"content": 1, "owner": "a"}', Purse(1, None, "a")),
        (Garage, f'{{"carts": {{"a": {CART_TEXT}, "b": null}}}}', Garage({"a": CART, "b": None})),
        (Shed, f'{{"cart": {CART_TEXT}}}', {"cart": CART}),
        (Yard, f'{{"carts": [{CART_TEXT}]}}', Yard(carts=[CART])),
        (Stall, f'{{"cart": {CART_TEXT}}}', Stall(CART)),
    ],
    ids=range(44),
)
def test_json_is_read_as_the_type_says(shape: object, text: str, value: object) -> None:
    """The value is of the type, and equal to what the text stands for."""
    found = read(shape, text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("shape", "text", "message"),
    [
        (
            int,
            "1.5",
            "the value: expected a valid integer, got a number with a fractional part, fo",
        ),
        (str, "1", "the value: expected a valid string, found 1"),
        (Kind, "3", "the value: expected 1 or 2, found 3"),
        (list[int], "{}", "the value: expected a valid array, found an object of 0 members"),
        (Person, '{"friends": []}', "name: expected a value, found nothing"),
        (
            Person,
            '{"name": "a", "friends": [{"name": "b", "friends": [], "age": "x"}]}',
            "friends[0].age: expected a valid integer, unable to parse string as an integer, found",
        ),
        (Checked, "{}", "numberOfLegs: expected a value, found nothing"),
        (Bounded, '{"numberOfLegs": 0}', "numberOfLegs: expected greater than or equal to 1, fou"),
        (Cart, '{"wheels": [], "theLoad": -1}', "theLoad: expected greater than or equal to 0"),
        (Cart, '{"wheels": [], "theLoad": 500}', "the value: expected what is accepted (Value err"),
        (Bag[int], '{"content": "x"}', "content: expected a valid integer"),
        (tuple[int, int], '["a", "b"]', "[0]: expected a valid integer, unable to parse"),
        (bool, f'"{"x" * 100}"', f'found "{"x" * 64}"...'),
        (int, "{", 'the value: expected JSON, found "{" (Invalid JSON: EOF while parsing'),
        (Any, "nan", 'the value: expected JSON, found "nan"'),
    ],
    ids=range(15),
)
def test_json_that_does_not_fit_is_refused_by_its_path(
    shape: object, text: str, message: str
) -> None:
    """The error names the place, what should be there and what is there."""
    with pytest.raises(InvalidShapeError) as caught:
        read(shape, text)
    assert message in str(caught.value)
    assert str(caught.value).startswith(caught.value.path or "the value")
    assert isinstance(caught.value.__cause__, pydantic.ValidationError)


def test_other_mistakes_are_counted() -> None:
    """The error has the first mistake, and the number of the others."""
    with pytest.raises(InvalidShapeError, match=r"found nothing \(and 1 more mistakes\)$"):
        read(Person, "{}")


@attrs.define
class Typed:
    """A class of attrs that looks at the types of what it is given."""

    value: Any = attrs.field(validator=attrs.validators.instance_of(str))


def test_a_validator_of_attrs_decides_in_a_union() -> None:
    """The TypeError of a validator means that the value is another member's."""
    assert read(Typed | Wheel, '{"size": 3}') == Wheel(3)
    assert read(list[Typed | Bag[int]], '[{"value": "a"}, {"content": 1}]') == [Typed("a"), Bag(1)]
    with pytest.raises(InvalidShapeError, match="must be <class 'str'>"):
        read(Typed, '{"value": 1}')


@pytest.mark.parametrize("shape", [Any, Person, Checked, list, Crate[int]])
@pytest.mark.parametrize(
    "text", ["[" * 1_000_000, '{"more":' * 1_000_000, '{"a":[' * 50_000], ids=["[", "more", "a"]
)
def test_deep_texts_are_refused(shape: object, text: str) -> None:
    """A text of brackets costs an error, neither the stack nor a crash."""
    with pytest.raises(InvalidShapeError):
        read(shape, text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'"\ud83d"', "\ufffd"),
        (r'"a\ude00b"', "a\ufffdb"),
        (r'"\ud83d\ude00"', "\N{GRINNING FACE}"),
        (r'"\ud83d\ud83d\ude00"', "\ufffd\N{GRINNING FACE}"),
        (r'"\\ud83d"', r"\ud83d"),
        (r'"\\\ud83d"', "\\\ufffd"),
        ('"\ud83d"', "\ufffd"),
        ('"\ud83d\ude00"', "\N{GRINNING FACE}"),
    ],
)
def test_half_a_character_is_replaced(text: str, value: str) -> None:
    """Escapes for what UTF-8 has no bytes for become U+FFFD, and pairs what they are."""
    assert read(str, text) == value


def test_adapters_are_made_once() -> None:
    """The same type has one adapter; unions in another order are other types."""
    assert adapter_of(Person) is adapter_of(Person)
    assert adapter_of(int | str) is not adapter_of(str | int)
    assert adapter_of(Annotated[int, []]).schema == {"type": "integer"}


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (None, "null"),
        (True, "true"),
        (-7, "-7"),
        (0.5, "0.5"),
        ("\xe9", '"\xe9"'),
        ([[1]] * 7, "a list of 7 items"),
        ({"a": "secret"}, "an object of 1 members"),
        (b"a", "bytes"),
        pytest.param(10**100_000, "a very large integer", id="large"),
    ],
)
def test_what_is_shown_of_data_is_short(data: object, shown: str) -> None:
    """Errors stay short, whatever was found."""
    assert show(data) == shown


_SCRIPT = """
import sys
import xai.v1.chat.functions, xai.v1.chat.response_format, xai.v1.structured.incremental
import xai.v1.structured.schema, xai.aio.v1.chat.run, xai.sync.v1.chat.parse

xai.v1.tool("name", "description", {})
xai.v1.chat.response_format.make_format({"type": "object"})
print(*[name for name in ("pydantic", "pydantic_core", "griffe") if name in sys.modules])
"""


def test_nothing_is_loaded_before_it_is_used() -> None:
    """Importing these modules and using schemas as they are loads neither pydantic nor griffe."""
    assert run_child(_SCRIPT).stdout.split() == []
