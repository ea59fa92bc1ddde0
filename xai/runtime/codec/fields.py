"""What the codec knows about the fields of a message class, taken from betterproto's metadata.

Besides the other modules of the codec and ``xai.proto.base`` nothing may touch private names of
betterproto.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Final

import betterproto

#: What stands in an instance's ``__dict__`` for a field that was never set.
UNSET: Final = betterproto.PLACEHOLDER

# The three attributes by which betterproto keeps its books, in each instance's ``__dict__``.
ON_WIRE: Final = "_serialized_on_wire"
UNKNOWN: Final = "_unknown_fields"
CURRENT: Final = "_group_current"

#: Where timestamps count from.
EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND: Final = timedelta(microseconds=1)

# betterproto overrides attribute access with Python code that looks at oneofs and fills in
# defaults. The descriptor underneath gets at an instance's values without going through that.
_namespace = betterproto.Message.__dict__["__dict__"]
values_of: Final[Callable[[betterproto.Message], dict[str, Any]]] = _namespace.__get__
set_values: Final[Callable[[betterproto.Message, dict[str, Any]], None]] = _namespace.__set__


@dataclass(frozen=True)
class Field:
    """A field of a message.

    Attributes:
        name: What Python calls it.
        number: What the wire calls it.
        kind: betterproto's name of the type, or "timestamp", "duration" or "wrapper" for the
            messages which Python has types of its own for.
        cls: The class of a message or an enum.
        repeated: Whether it is a list.
        explicit: Whether zero is sent when it was set.
        group: The oneof it is a member of.
        wraps: The kind of the value in a wrapper.
        key: The kind of a map's key; the field itself describes the map's value.
        default: What stands in ``__dict__`` when it is not set.
    """

    name: str
    number: int
    kind: str
    cls: Any = None
    repeated: bool = False
    explicit: bool = False
    group: str | None = None
    wraps: str = ""
    key: str = ""
    default: object = UNSET


def fields_of(cls: type[betterproto.Message]) -> list[Field]:
    """Return the fields of a message class, sorted by number."""
    # A property of the class, which type checkers see on instances only.
    meta: betterproto.ProtoClassMetadata = vars(betterproto.Message)["_betterproto"].__get__(
        None, cls
    )
    return [_field(cls, meta, name) for name in meta.sorted_field_names]


def _field(
    cls: type[betterproto.Message], meta: betterproto.ProtoClassMetadata, name: str
) -> Field:
    entry = meta.meta_by_field_name[name]
    key, kind = entry.map_types or ("", entry.proto_type)
    value_cls: Any = meta.cls_by_field[f"{name}.value" if key else name]
    if entry.wraps:
        kind = "wrapper"
    elif kind == "message":
        kind = {datetime: "timestamp", timedelta: "duration"}.get(value_cls, kind)
        if kind == "message" and not isinstance(value_cls, type):
            # betterproto does not keep which wrapper it is, and fails on them as well.
            raise NotImplementedError(f"{cls.__name__}.{name}: wrappers as the values of a map")
    return Field(
        name,
        entry.number,
        kind,
        value_cls,
        repeated=meta.default_gen[name] is list,
        explicit=bool(entry.optional or entry.group),
        group=entry.group,
        wraps=entry.wraps or "",
        key=key,
        default=None if entry.optional else UNSET,
    )


def time_parts(moment: datetime) -> tuple[int, int]:
    """Return the seconds and nanoseconds of a timestamp; the latter are never negative."""
    seconds, micros = divmod((moment - EPOCH) // _MICROSECOND, 1_000_000)
    return seconds, micros * 1000


def span_parts(span: timedelta) -> tuple[int, int]:
    """Return the seconds and nanoseconds of a duration; both have its sign."""
    if span < timedelta(0):
        seconds, nanos = span_parts(-span)
        return -seconds, -nanos
    seconds, micros = divmod(span // _MICROSECOND, 1_000_000)
    return seconds, micros * 1000
