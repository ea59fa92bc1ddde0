# Do not edit: produced by "nox -s generate" from
# tests/services/aio/v1/chat/test_shapes_local.py
"""Answers in the form of every kind of type, from a model that writes what its schema asks for."""

import enum
import json
from dataclasses import asdict, dataclass, field
from typing import Literal

import attrs
import pydantic
import pytest
from typing_extensions import NotRequired, TypedDict

from xai import Client, v1
from xai.sync.v1.chat.chat import Chat
from xai.v1.chat.functions import result_text


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
