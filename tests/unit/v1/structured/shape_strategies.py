"""Random types, with values of them, for the tests of schemas and reading."""

import dataclasses
import enum
import functools
import types
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Literal, NamedTuple, Optional

import attrs
from hypothesis import strategies as st
from typing_extensions import NotRequired, TypedDict

from xai.v1.structured.json_value import JsonValue


class Colour(enum.Enum):
    """An enum with values of two types."""

    RED = "red"
    GREEN = 7


@dataclass(frozen=True)
class Drawn:
    """A type and a strategy for values of it."""

    shape: object
    values: st.SearchStrategy[object]


ZONES = st.none() | st.integers(-23 * 60, 23 * 60).map(
    lambda minutes: timezone(timedelta(minutes=minutes))
)
LEAVES = [
    Drawn(str, st.text(max_size=5)),
    Drawn(int, st.integers()),
    Drawn(float, st.floats(allow_nan=False, allow_infinity=False)),
    Drawn(bool, st.booleans()),
    Drawn(type(None), st.none()),
    Drawn(date, st.dates()),
    Drawn(uuid.UUID, st.uuids()),
    Drawn(Colour, st.sampled_from(Colour)),
    Drawn(Literal["a", 2], st.sampled_from(["a", 2])),
]
MOMENTS = Drawn(datetime, st.datetimes(timezones=ZONES))


def _list(item: Drawn) -> Drawn:
    shape = list[item.shape]  # type: ignore[name-defined]  # a type made at run time
    return Drawn(shape, st.lists(item.values, max_size=3))


def _tuple(items: tuple[Drawn, Drawn]) -> Drawn:
    shapes = tuple(item.shape for item in items)
    return Drawn(types.GenericAlias(tuple, shapes), st.tuples(*(item.values for item in items)))


def _many(item: Drawn) -> Drawn:
    shape = tuple[item.shape, ...]  # type: ignore[name-defined]  # a type made at run time
    return Drawn(shape, st.lists(item.values, max_size=3).map(tuple))


def _set(item: Drawn) -> Drawn:
    shape = set[item.shape]  # type: ignore[name-defined]  # a type made at run time
    return Drawn(shape, st.sets(item.values, max_size=3))


def _table(item: Drawn) -> Drawn:
    shape = dict[str, item.shape]  # type: ignore[name-defined]  # a type made at run time
    return Drawn(shape, st.dictionaries(st.text(max_size=3), item.values, max_size=3))


def _optional(item: Drawn) -> Drawn:
    return Drawn(Optional[item.shape], st.none() | item.values)  # noqa: UP045  # made at run time


@dataclass(frozen=True)
class Member:
    """A field of a class to be made, with a default or without."""

    name: str
    drawn: Drawn
    default: tuple[object, ...]


MemberList = list[Member]


@st.composite
def _members(draw: st.DrawFn, shapes: st.SearchStrategy[Drawn]) -> MemberList:
    names = draw(st.lists(st.sampled_from("abcde"), max_size=4, unique=True))
    members = []
    for name in names:
        drawn = draw(shapes)
        default = (draw(drawn.values),) if draw(st.booleans()) else ()
        members.append(Member(name, drawn, default))
    # Where the order counts, those without a default come first.
    return sorted(members, key=lambda member: bool(member.default))


def _values(members: MemberList, make: Callable[..., object]) -> st.SearchStrategy[object]:
    required = {member.name: member.drawn.values for member in members if not member.default}
    optional = {member.name: member.drawn.values for member in members if member.default}
    return st.fixed_dictionaries(required, optional=optional).map(lambda found: make(**found))


def _dataclass(members: MemberList) -> Drawn:
    shape = dataclasses.make_dataclass("Data", [_field(member) for member in members])
    return Drawn(shape, _values(members, shape))


def _field(member: Member) -> tuple[str, type, "dataclasses.Field[object]"]:
    settings = dataclasses.field()
    if member.default:
        settings = dataclasses.field(default_factory=functools.partial(_default, member))
    return member.name, _as_type(member.drawn.shape), settings


def _default(member: Member) -> object:
    return member.default[0]


def _as_type(shape: object) -> type:
    return shape  # type: ignore[return-value]  # a hint, which the library takes


def _attrs(members: MemberList) -> Drawn:
    fields = {
        member.name: attrs.field(
            type=_as_type(member.drawn.shape),
            default=attrs.Factory(functools.partial(_default, member))
            if member.default
            else attrs.NOTHING,
        )
        for member in members
    }
    shape = attrs.make_class("Attributes", fields)
    return Drawn(shape, _values(members, shape))


def _typed_dict(members: MemberList) -> Drawn:
    hints = {
        member.name: NotRequired[member.drawn.shape] if member.default else member.drawn.shape
        for member in members
    }
    shape = TypedDict("Members", hints)  # type: ignore[misc]  # made at run time
    return Drawn(shape, _values(members, dict))


def _named_tuple(members: MemberList) -> Drawn:
    fields = [(member.name, _as_type(member.drawn.shape)) for member in members]
    shape = NamedTuple("Row", fields)  # type: ignore[misc]  # made at run time
    defaults = [member.default[0] for member in members if member.default]
    shape.__new__.__defaults__ = tuple(defaults)
    shape._field_defaults = {member.name: member.default[0] for member in members if member.default}
    return Drawn(shape, _values(members, shape))


def _extended(
    kinds: Sequence[Callable[[MemberList], Drawn]], *, sets: bool
) -> Callable[[st.SearchStrategy[Drawn]], st.SearchStrategy[Drawn]]:
    def extend(inner: st.SearchStrategy[Drawn]) -> st.SearchStrategy[Drawn]:
        containers = [
            inner.map(_list),
            inner.map(_many),
            st.tuples(inner, inner).map(_tuple),
            inner.map(_table),
            inner.map(_optional),
            *(st.builds(kind, _members(inner)) for kind in kinds),
        ]
        if sets:
            containers.append(st.sampled_from(LEAVES).map(_set))
        return st.one_of(containers)

    return extend


def all_shapes() -> st.SearchStrategy[Drawn]:
    """Return types of every kind, inside each other."""
    kinds = [_dataclass, _attrs, _typed_dict, _named_tuple]
    leaves = st.sampled_from([*LEAVES, MOMENTS])
    return st.recursive(leaves, _extended(kinds, sets=True), max_leaves=6)


def plain_shapes() -> st.SearchStrategy[Drawn]:
    """Return types of the kinds whose reading has only one sensible rule."""
    kinds = [_dataclass, _typed_dict]
    return st.recursive(st.sampled_from(LEAVES), _extended(kinds, sets=False), max_leaves=6)


#: Data of every kind, none of it close to the borders where readers differ by their own rules.
JSON: st.SearchStrategy[JsonValue] = st.recursive(
    st.sampled_from([None, True, False, 3, -4, 0.5, "", "a", "red", "x", "2024-02-30"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcz"), inner),
    max_leaves=4,
)


@st.composite
def changed(draw: st.DrawFn, data: JsonValue) -> JsonValue:
    """Return data with one change somewhere, or with none."""
    how = draw(st.sampled_from(["keep", "replace", "inside", "inside", "inside", "drop", "add"]))
    if isinstance(data, dict) and data and how in ("inside", "drop"):
        name = draw(st.sampled_from(sorted(data)))
        rest = {key: value for key, value in data.items() if key != name}
        return rest if how == "drop" else {**rest, name: draw(changed(data[name]))}
    if isinstance(data, dict) and how == "add":
        return {**data, "another": draw(JSON)}
    if isinstance(data, list) and data and how in ("inside", "drop"):
        index = draw(st.integers(0, len(data) - 1))
        middle = [] if how == "drop" else [draw(changed(data[index]))]
        return [*data[:index], *middle, *data[index + 1 :]]
    if isinstance(data, list) and how == "add":
        return [*data, draw(JSON)]
    return data if how == "keep" else draw(JSON)
