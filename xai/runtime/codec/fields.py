"""What the codec knows about the fields of a message class, taken from betterproto's metadata.

Besides the other modules of the codec and ``xai.proto.base`` nothing may touch private names of
betterproto.

The values of a message are in its ``__dict__``. A field that is not there is not set: the class has
its default as an attribute of the same name, `UNSET` or None. So has our base of messages for two
of betterproto's three bookkeeping attributes, and it finds the third, which member of each oneof is
set, by looking. Classes with betterproto's own base, such as the well-known types, need all three.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import betterproto

from xai.runtime.codec.times import Real

#: What a field that was never set reads as, beneath betterproto's attribute access.
UNSET: Final = betterproto.PLACEHOLDER

# The three attributes by which betterproto keeps its books.
ON_WIRE: Final = "_serialized_on_wire"
UNKNOWN: Final = "_unknown_fields"
CURRENT: Final = "_group_current"

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
        default: What it reads as when it is not set, beneath betterproto's attribute access.
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


def keeps_books(cls: type[betterproto.Message]) -> bool:
    """Return whether messages of a class need all bookkeeping in their ``__dict__``."""
    return not hasattr(cls, ON_WIRE)


def metadata_of(cls: type[betterproto.Message]) -> betterproto.ProtoClassMetadata:
    """Return what betterproto knows of the fields of a class."""
    # A property of the class, which type checkers see on instances only.
    metadata: betterproto.ProtoClassMetadata = cls._betterproto  # type: ignore[arg-type]
    return metadata


def fields_of(cls: type[betterproto.Message]) -> list[Field]:
    """Return the fields of a message class, sorted by number."""
    meta = metadata_of(cls)
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
        kind = _kind_of_message(value_cls)
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


def _kind_of_message(cls: object) -> str:
    if isinstance(cls, type) and issubclass(cls, (datetime, Real.datetime)):
        return "timestamp"
    return "duration" if cls is timedelta else "message"
