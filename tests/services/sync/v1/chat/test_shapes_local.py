# Do not edit: produced by "nox -s generate" from
# tests/services/aio/v1/chat/test_shapes_local.py
"""Answers in the form of every kind of type, from a model that writes what its schema asks for."""

import enum
import json
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Generic, Literal, NamedTuple, Optional, TypeVar, cast
from uuid import UUID

import attrs
import pydantic
import pytest
from typing_extensions import NotRequired, TypedDict

from xai import Client, v1
from xai.sync.v1.chat.chat import Chat
from xai.v1.chat.functions import result_text

T = TypeVar("T")


class Colour(enum.Enum):
    """One of few."""

    RED = "red"
    BLUE = "blue"


@dataclass
class Wheel:
    """A part."""

    size: int
    colour: Colour
    maker: str | None = None


@dataclass
class Cart:
    """A dataclass with others in it."""

    name: str
    wheels: list[Wheel] = field(default_factory=list)
    kind: Literal["hand", "ox"] = "hand"


@attrs.frozen
class Sledge:
    """A class of attrs."""

    name: str
    price: float
    wheel: Wheel


class Boat(TypedDict):
    """A dictionary with known members."""

    name: str
    oars: int
    sail: NotRequired[bool]


class Plane(pydantic.BaseModel):
    """A model of pydantic's."""

    name: str
    seats: int
    colour: Colour


def create(client: Client, seed: int) -> Chat:
    """Return a chat whose answers are the same each time."""
    question = v1.user("Describe something called Anna with 4 wheels.")
    return client.v1.chat.create("grok-local", messages=[question], seed=seed)


def holds(form: object, said: object) -> bool:
    """Tell whether a value is what was said; it may have defaults for what was not."""
    if isinstance(said, dict):
        return isinstance(form, dict) and all(
            key in form and holds(form[key], value) for key, value in said.items()
        )
    if isinstance(said, list):
        same = isinstance(form, list) and len(form) == len(said)
        return same and all(map(holds, form if isinstance(form, list) else [], said))
    return form == said


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("shape", [Cart, Sledge, Boat, Plane, list[Wheel], dict[str, int]])
def test_value_is_what_the_answer_says(
    local_client: Client, shape: type[object], seed: int
) -> None:
    """Whole and streamed, the value has its type, and its form in JSON is that of the answer."""
    response, value = create(local_client, seed).parse(shape)
    kind = getattr(shape, "__origin__", dict if shape is Boat else shape)
    assert isinstance(value, kind)
    assert holds(json.loads(result_text(value)), json.loads(response.content))
    streamed, again = create(local_client, seed).stream_parse(shape).until_done()
    assert (streamed.content, again) == (response.content, value)


def test_members_are_of_their_own_types(local_client: Client) -> None:
    """What is inside is read as well: enums, and classes in classes."""
    chat = create(local_client, 4)
    _, sledge = chat.parse(Sledge)
    assert isinstance(sledge.wheel, Wheel)
    assert isinstance(sledge.wheel.colour, Colour)
    assert set(asdict(sledge.wheel)) == {"size", "colour", "maker"}
    _, plane = chat.parse(Plane)
    assert isinstance(plane.colour, Colour)
    _, cart = chat.parse(Cart)
    assert all(isinstance(wheel, Wheel) for wheel in cart.wheels)


class Cat(pydantic.BaseModel):
    """One of two models that say what they are."""

    kind: Literal["cat"]
    lives: Annotated[int, pydantic.Field(ge=1, le=9)]


class Dog(pydantic.BaseModel):
    """The other one."""

    kind: Literal["dog"]
    tricks: list[Annotated[str, pydantic.Field(max_length=20)]]


class Tree(pydantic.BaseModel, Generic[T]):
    """A generic model that contains itself."""

    content: T
    inner: "list[Tree[T]]" = []


class Report(pydantic.BaseModel):
    """A model with everything."""

    model_config = pydantic.ConfigDict(extra="forbid")

    number: UUID = pydantic.Field(alias="reportNumber")
    price: Decimal
    code: Annotated[str, pydantic.Field(pattern=r"^[A-Z]{3}-\d{4}$")]
    share: Annotated[float, pydantic.Field(gt=0, lt=1)]
    pet: Annotated[Cat | Dog, pydantic.Field(discriminator="kind")]
    trip: tuple[date, timedelta]
    tags: set[str]
    address: IPv4Address
    nested: pydantic.Json[list[int]]

    @pydantic.computed_field  # type: ignore[prop-decorator]  # pydantic's own way
    @property
    def half(self) -> Decimal:
        """Half of the price."""
        return self.price / 2


class Point(NamedTuple):
    """A named tuple."""

    x: int
    y: float = 0.0


@attrs.define
class Pair(Generic[T]):
    """A generic class of attrs."""

    first: T
    second: "T | None" = None


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    "shape",
    [
        *(Report, Cat | Dog, Tree[int], Point, Pair[Point], Sledge | Cart, Optional[Boat]),  # noqa: UP045  # both forms
        *(Decimal, date, time, datetime, timedelta, UUID, Colour, bytes, IPv4Network),
        *(Literal["a", 2], tuple[int, str], frozenset[int], dict[int, Colour]),
        *(pydantic.PositiveInt, pydantic.HttpUrl, pydantic.UUID4, pydantic.Base64Bytes),
        *(Annotated[list[int], pydantic.Field(min_length=2, max_length=3)], v1.JsonValue, None),
        Annotated[str, pydantic.StringConstraints(pattern=r"^(?:v\d+\.)+x$", min_length=9)],
    ],
    ids=lambda shape: str(shape)[:40],
)
def test_every_shape_of_pydantic_is_answered(
    local_client: Client, shape: object, seed: int
) -> None:
    """The local server satisfies what pydantic asks for, and pydantic reads it."""
    response, value = create(local_client, seed).parse(cast("type[object]", shape))
    try:
        adapter = pydantic.TypeAdapter(cast("type[object]", shape))
    except pydantic.PydanticSchemaGenerationError:
        assert isinstance(value, (Pair, Sledge, Cart))
    else:
        assert adapter.validate_json(response.content) == value
