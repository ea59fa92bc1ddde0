"""What a type says about JSON, as a tree of nodes: between types, schemas and reading."""

from collections.abc import Callable
from typing import Protocol

import attrs

JsonScalar = bool | int | float | str | None


class PydanticModel(Protocol):
    """What is used of a model class of pydantic, version 2."""

    @classmethod
    def model_json_schema(cls, *, ref_template: str = ...) -> dict[str, object]:
        """Return the schema."""
        ...

    @classmethod
    def model_validate_json(cls, json_data: str) -> object:
        """Return an instance made of the text."""
        ...


@attrs.frozen(eq=False)
class Anything:
    """Any JSON value."""


@attrs.frozen(eq=False)
class Scalar:
    """One of the types of JSON that contain nothing, or a class written as a string."""

    shape: type


@attrs.frozen(eq=False)
class Choices:
    """Some values, each behind what stands for it in JSON."""

    pairs: tuple[tuple[JsonScalar, object], ...]


@attrs.frozen(eq=False)
class Items:
    """Any number of items of one kind."""

    item: "Node"
    make: Callable[[list[object]], object]
    unique: bool


@attrs.frozen(eq=False)
class Fixed:
    """As many items as there are nodes."""

    items: "tuple[Node, ...]"


@attrs.frozen(eq=False)
class Table:
    """Values of one kind under any names."""

    value: "Node"


@attrs.frozen(eq=False)
class OneOf:
    """What fits one of the members."""

    members: "tuple[Node, ...]"


@attrs.frozen(eq=False)
class Described:
    """A node, and what a model should know about it."""

    inner: "Node"
    description: str


@attrs.frozen(eq=False)
class Model:
    """A model class of pydantic, which speaks for itself."""

    shape: type[PydanticModel]


@attrs.frozen(eq=False)
class Field:
    """A member of an object."""

    name: str
    node: "Node"
    required: bool
    description: str


@attrs.define(eq=False)
class Record:
    """An object with known members.

    It contains itself where its class does; so the fields are filled in after it is made.
    """

    name: str
    description: str
    make: Callable[..., object]
    hashable: bool
    fields: tuple[Field, ...] = ()


Node = Anything | Scalar | Choices | Items | Fixed | Table | OneOf | Described | Model | Record
