"""What setting, reading and comparing the fields of a message has to know of its class."""

# ruff: noqa: ANN401  # values can be anything

import math
import struct
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import attrs
import betterproto

from xai.runtime.codec.fields import Field, fields_of, metadata_of
from xai.runtime.codec.times import Real, is_naive, span_parts, time_parts


@attrs.frozen
class Shape:
    """What setting and reading attributes has to know of the fields of a class.

    Attributes:
        others: Of each field the other members of its oneof; none when it is in no oneof.
        groups: The members of each oneof.
        optional: The fields with presence, of which None means that they are not set.
        messages: The messages that are neither in lists nor in maps.
        times: The timestamps, single, in lists and in maps.
        defaults: What makes the default of each field that is not a member of a oneof.
        constants: Those of them that cannot be changed, which are shared.
        comparers: Compares two values, of fields for which == is not enough.
    """

    others: dict[str, tuple[str, ...]]
    groups: dict[str, tuple[str, ...]]
    optional: frozenset[str]
    messages: frozenset[str]
    times: frozenset[str]
    defaults: dict[str, Callable[[], object]]
    constants: dict[str, object]
    comparers: dict[str, Callable[[Any, Any], bool]]

    @classmethod
    def of(cls, message: type[betterproto.Message]) -> "Shape":
        """Return the shape of a class."""
        fields = fields_of(message)
        defaults = metadata_of(message).default_gen
        groups: dict[str, tuple[str, ...]] = {}
        for field in fields:
            if field.group:
                groups[field.group] = (*groups.get(field.group, ()), field.name)
        return cls(
            others={
                field.name: tuple(n for n in groups.get(field.group or "", ()) if n != field.name)
                for field in fields
            },
            groups=groups,
            optional=frozenset(f.name for f in fields if f.default is None),
            messages=frozenset(
                f.name for f in fields if f.kind == "message" and not (f.repeated or f.key)
            ),
            times=frozenset(f.name for f in fields if f.kind == "timestamp"),
            defaults={f.name: defaults[f.name] for f in fields if not f.group},
            constants={
                f.name: defaults[f.name]()
                for f in fields
                if not (f.group or f.repeated or f.key or f.kind in _MADE_EACH_TIME)
            },
            comparers={f.name: _comparer(f) for f in fields if f.kind in _INEXACT},
        )


#: The kinds of which a default can be changed, or may be of a type that a test has put in the place
#: of Python's.
_MADE_EACH_TIME: Final = ("message", "timestamp", "duration")


class _Shapes(dict[type[betterproto.Message], Shape]):
    """The shape of each class, made when it is first asked for."""

    def __missing__(self, cls: type[betterproto.Message]) -> Shape:
        shape = self[cls] = Shape.of(cls)
        return shape


SHAPES: Final = _Shapes()

_FLOAT = struct.Struct("<f")


def _narrow(value: Any) -> Any:
    """Return a number as it is after 32 bits of the wire; NaN as None, for NaN equals NaN here."""
    try:
        (value,) = _FLOAT.unpack(_FLOAT.pack(value))
    except (struct.error, OverflowError):
        # Not a number, or too large for the field: encoding will say so.
        return value
    return None if math.isnan(value) else value


def _wide(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value


def _is_moment(value: Any) -> bool:
    return isinstance(value, Real.datetime) and not is_naive(value)


#: The kinds of which values that are the same on the wire may be unequal in Python, or the other
#: way around, and what makes them comparable.
_INEXACT: Final[dict[str, Callable[[Any], Any]]] = {
    "float": _narrow,
    "double": _wide,
    "timestamp": lambda value: time_parts(value) if _is_moment(value) else value,
    "duration": lambda value: span_parts(value) if isinstance(value, timedelta) else value,
}


def _comparer(field: Field) -> Callable[[Any, Any], bool]:
    comparable = _INEXACT[field.kind]

    def of_all(value: Any) -> Any:
        if field.repeated and isinstance(value, (list, tuple)):
            return list(map(comparable, value))
        if field.key and isinstance(value, dict):
            return {key: comparable(item) for key, item in value.items()}
        return comparable(value)

    def equal(one: Any, other: Any) -> bool:
        # Short of == for itself: a list with NaN in it equals itself and no other.
        return one is other or of_all(one) == of_all(other)

    return equal
