"""What messages, fields and enums tell about themselves, in the manner of protobuf's descriptors.

They have the attributes that programs and protobuf's own ``json_format`` and ``text_format`` read.
The tables behind them are those of the codec.
"""

# ruff: noqa: D102  # each attribute is what protobuf documents under its name

import functools
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

import attrs
import betterproto

from xai._annotations import resolve_lazily
from xai.proto.base import Enum, Message
from xai.runtime.codec.fields import Field, fields_of, metadata_of
from xai.xai_sdk.v1.proto import names, well_known

if TYPE_CHECKING:
    from collections.abc import Iterator

#: protobuf's number of each type, and of the type that C++ has for it.
_TYPES: Final = {
    "double": (1, 5),
    "float": (2, 6),
    "int64": (3, 2),
    "uint64": (4, 4),
    "int32": (5, 1),
    "fixed64": (6, 4),
    "fixed32": (7, 3),
    "bool": (8, 7),
    "string": (9, 9),
    "message": (11, 10),
    "bytes": (12, 9),
    "uint32": (13, 3),
    "enum": (14, 8),
    "sfixed32": (15, 1),
    "sfixed64": (16, 2),
    "sint32": (17, 1),
    "sint64": (18, 2),
}
_DEFAULTS: Final[dict[str, object]] = {
    "double": 0.0,
    "float": 0.0,
    "bool": False,
    "string": "",
    "bytes": b"",
    "message": None,
}
_TIMES: Final = {
    "timestamp": well_known.Timestamp,
    "duration": well_known.Duration,
}


class _Options:
    """Options of which only this one is ever set."""

    def __init__(self, *, map_entry: bool) -> None:
        self.map_entry = map_entry


class _BaseDescriptor:
    """What all descriptors have."""

    has_options = False

    def GetOptions(self) -> _Options:  # noqa: N802  # protobuf's name
        return _Options(map_entry=self.has_options)


class EnumDescriptor(_BaseDescriptor):
    """An enum.

    Args:
        raw: The generated enum.
    """

    is_closed = False

    def __init__(self, raw: type[Enum]) -> None:
        self.raw = raw
        path = names.name_of(raw)
        self.name = path.rpartition(".")[2]
        self.full_name = f"{names.package_of(raw)}.{path}"
        self.values = [
            EnumValueDescriptor(str(member.name), int(member), index, self)
            for index, member in enumerate(raw)
        ]
        self.values_by_name = {value.name: value for value in self.values}
        self.values_by_number = {value.number: value for value in self.values}

    @property
    def file(self) -> "FileDescriptor":
        return file_of(self.raw)

    @property
    def containing_type(self) -> "Descriptor | None":
        parent = names.name_of(self.raw).rpartition(".")[0]
        return self.file.message_types_by_name[parent] if parent else None


@attrs.frozen(eq=False, repr=False)
class EnumValueDescriptor(_BaseDescriptor):
    """A name of an enum."""

    name: str
    number: int
    index: int
    type: EnumDescriptor


class FieldDescriptor(_BaseDescriptor):
    """A field of a message.

    Args:
        entry: What the codec knows of it.
        index: Its place in the message.
        containing_type: The message.
        name: Its name in the API's file.
    """

    LABEL_OPTIONAL, LABEL_REQUIRED, LABEL_REPEATED = 1, 2, 3
    is_extension = is_required = has_default_value = False
    extension_scope = None

    def __init__(self, entry: Field, index: int, containing_type: "Descriptor", name: str) -> None:
        self.entry = entry
        self.index = index
        self.containing_type = containing_type
        self.name = name
        self.number = entry.number
        self.full_name = f"{containing_type.full_name}.{name}"
        first, *others = name.split("_")
        self.json_name = self.camelcase_name = first + "".join(map(_capitalized, others))
        self.is_map = bool(entry.key)
        #: "timestamp" and "duration" of the codec are messages here.
        self.time = entry.kind if entry.kind in _TIMES else ""
        self.kind = "message" if self.is_map or self.time else entry.kind
        self.is_repeated = self.is_map or entry.repeated
        self.label = self.LABEL_REPEATED if self.is_repeated else self.LABEL_OPTIONAL
        self.type, self.cpp_type = _TYPES[self.kind]
        self.is_packed = entry.repeated and self.kind not in ("message", "string", "bytes")
        #: Whether it is a single message.
        self.is_child = self.kind == "message" and not self.is_repeated
        self.has_presence = self.is_child or (entry.explicit and not self.is_repeated)
        self.containing_oneof: OneofDescriptor | None = None
        self.default_value = [] if self.is_repeated else _DEFAULTS.get(self.kind, 0)

    @property
    def raw_class(self) -> type[betterproto.Message]:
        """The generated class of the messages in it."""
        found: type[betterproto.Message] = _TIMES.get(self.entry.kind) or self.entry.cls
        return found

    @property
    def file(self) -> "FileDescriptor":
        return self.containing_type.file

    @functools.cached_property
    def message_type(self) -> "Descriptor | None":
        if self.is_map:
            return Descriptor.of_entry(self)
        return describe(self.raw_class) if self.kind == "message" else None

    @property
    def key_and_value(self) -> "list[FieldDescriptor]":
        """The fields of the entries of a map; none of another field."""
        entry = self.message_type
        return entry.fields if self.is_map and entry is not None else []

    @functools.cached_property
    def enum_type(self) -> EnumDescriptor | None:
        return describe_enum(self.entry.cls) if self.kind == "enum" else None


def _capitalized(word: str) -> str:
    return word[:1].upper() + word[1:]


for _kind, _numbers in _TYPES.items():
    setattr(FieldDescriptor, f"TYPE_{_kind.upper()}", _numbers[0])
for _name, _number in {
    "INT32": 1,
    "INT64": 2,
    "UINT32": 3,
    "UINT64": 4,
    "DOUBLE": 5,
    "FLOAT": 6,
    "BOOL": 7,
    "ENUM": 8,
    "STRING": 9,
    "BYTES": 9,
    "MESSAGE": 10,
}.items():
    setattr(FieldDescriptor, f"CPPTYPE_{_name}", _number)


class Descriptor(_BaseDescriptor):
    """A type of messages.

    Args:
        raw: The generated class.
        full_name: Its name, with the package.
        entries: What the codec knows of its fields, as they are declared.
    """

    is_extendable = False

    def __init__(
        self, raw: type[betterproto.Message], full_name: str, entries: "list[Field]"
    ) -> None:
        self.raw = raw
        self.full_name = full_name
        self.name = full_name.rpartition(".")[2]
        self.containing_type: Descriptor | None = None
        self.fields = [
            # betterproto puts a line behind the names that Python keeps for itself.
            FieldDescriptor(entry, index, self, entry.name.rstrip("_"))
            for index, entry in enumerate(entries)
        ]
        self.oneofs = list(self._oneofs())
        self.fields_by_name = {field.name: field for field in self.fields}
        self.fields_by_number = {field.number: field for field in self.fields}
        self.fields_by_camelcase_name = {field.json_name: field for field in self.fields}
        self.oneofs_by_name = {oneof.name: oneof for oneof in self.oneofs}
        #: As they are on the wire.
        self.sorted_fields = sorted(self.fields, key=lambda field: field.number)
        #: The fields of oneofs, each with the other members of its own.
        self.rivals = {
            field.name: [other for other in oneof.fields if other is not field]
            for oneof in self.oneofs
            for field in oneof.fields
        }
        #: The fields that are never shown.
        self.secrets: frozenset[str] = getattr(raw, "_secrets", frozenset())

    def _oneofs(self) -> "Iterator[OneofDescriptor]":
        found: dict[str, OneofDescriptor] = {}
        # Those that are declared come first.
        for field in sorted(self.fields, key=lambda field: not field.entry.group):
            name = field.entry.group
            if name is None and field.has_presence and field.entry.explicit:
                name = f"_{field.name}"
            if name is None:
                continue
            if name not in found:
                found[name] = OneofDescriptor(name, len(found), self)
            found[name].fields.append(field)
            field.containing_oneof = found[name]
        return iter(found.values())

    @classmethod
    def of_entry(cls, field: FieldDescriptor) -> "Descriptor":
        """Describe the entries of a map."""
        name = "".join(map(_capitalized, field.name.split("_")))
        entry = field.entry
        made = cls(
            field.containing_type.raw,
            f"{field.containing_type.full_name}.{name}Entry",
            [Field("key", 1, entry.key), Field("value", 2, entry.kind, entry.cls)],
        )
        made.has_options = True
        made.containing_type = field.containing_type
        return made

    @property
    def file(self) -> "FileDescriptor":
        return file_of(self.raw)

    @property
    def enum_types(self) -> list[EnumDescriptor]:
        """The enums that are declared in it."""
        return [e for e in self.file.enums if e.full_name.startswith(f"{self.full_name}.")]

    @property
    def enum_types_by_name(self) -> dict[str, EnumDescriptor]:
        return {enum.name: enum for enum in self.enum_types}

    @property
    def nested_types(self) -> "list[Descriptor]":
        return [f.message_type for f in self.fields if f.is_map and f.message_type is not None]

    @property
    def nested_types_by_name(self) -> "dict[str, Descriptor]":
        return {nested.name: nested for nested in self.nested_types}


@attrs.frozen(eq=False, repr=False)
class OneofDescriptor(_BaseDescriptor):
    """A oneof; also the one that protobuf makes of each optional scalar."""

    name: str
    index: int
    containing_type: Descriptor
    fields: list[FieldDescriptor] = attrs.field(factory=list)

    @property
    def full_name(self) -> str:
        return f"{self.containing_type.full_name}.{self.name}"


class FileDescriptor(_BaseDescriptor):
    """A file of the API.

    Args:
        name: Its path.
        package: The package of what is in it.
        module: The generated module.
    """

    def __init__(self, name: str, package: str, module: ModuleType) -> None:
        self.name = name
        self.package = package
        self._module = module

    def _declared(self, base: type) -> "list[Any]":
        return [
            value
            for value in vars(self._module).values()
            if isinstance(value, type)
            and issubclass(value, base)
            and value.__module__ == self._module.__name__
        ]

    @functools.cached_property
    def message_types_by_name(self) -> Mapping[str, Descriptor]:
        return {names.name_of(cls): describe(cls) for cls in self._declared(Message)}

    @functools.cached_property
    def enums(self) -> list[EnumDescriptor]:
        """All its enums, also those that are declared in messages."""
        return [describe_enum(cls) for cls in self._declared(Enum)]

    @property
    def enum_types_by_name(self) -> Mapping[str, EnumDescriptor]:
        return {e.name: e for e in self.enums if "." not in names.name_of(e.raw)}


_MESSAGES: Final[dict[type[betterproto.Message], Descriptor]] = {}
_ENUMS: Final[dict[type[Enum], EnumDescriptor]] = {}


# In both, threads that come at the same time get the same one, whoever made it.
def describe(raw: type[betterproto.Message]) -> Descriptor:
    """Return the descriptor of a generated class."""
    found = _MESSAGES.get(raw)
    if found is None:
        entries = {entry.name: entry for entry in fields_of(raw)}
        declared = [entries[name] for name in metadata_of(raw).meta_by_field_name]
        full_name = f"{names.package_of(raw)}.{names.name_of(raw)}"
        found = _MESSAGES.setdefault(raw, Descriptor(raw, full_name, declared))
    return found


def describe_enum(raw: type[Enum]) -> EnumDescriptor:
    """Return the descriptor of a generated enum."""
    return _ENUMS.get(raw) or _ENUMS.setdefault(raw, EnumDescriptor(raw))


@functools.cache
def _file(name: str, package: str, module: str) -> FileDescriptor:
    return FileDescriptor(name, package, import_module(module))


def file_of(raw: type) -> FileDescriptor:
    """Return the descriptor of the file that a generated class is from."""
    return _file(names.file_of(raw), names.package_of(raw), raw.__module__)


resolve_lazily(globals())
