"""One class of messages for each generated class, in protobuf's manner: views that change it.

What is read of a field that is not set, such as an empty message, is kept beside the values until
it is changed. Only then it gets its place among them.
"""

# ruff: noqa: SLF001, N802  # messages are one piece with their fields; names are protobuf's

import copy
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final
from weakref import WeakValueDictionary

import betterproto

from xai._annotations import resolve_lazily
from xai.proto.base import UNSET
from xai.runtime.codec import api as codec
from xai.runtime.codec.fields import ON_WIRE, UNKNOWN
from xai.runtime.codec.times import EPOCH, NO_TIME
from xai.xai_sdk.v1.proto import scalars, text
from xai.xai_sdk.v1.proto.accessors import PartField, ScalarField
from xai.xai_sdk.v1.proto.containers import Container, RepeatedMessage, RepeatedScalar, ScalarMap
from xai.xai_sdk.v1.proto.descriptors import FieldDescriptor, describe
from xai.xai_sdk.v1.proto.enums import EnumType
from xai.xai_sdk.v1.proto.owner import Owner

if TYPE_CHECKING:
    from typing_extensions import Self

#: The view of each generated message, as long as somebody has it.
_VIEWS: Final[WeakValueDictionary[int, "Message"]] = WeakValueDictionary()


#: What some well-known types can besides being messages.
BASES: Final[dict[str, "type[Message]"]] = {}


class DecodeError(ValueError):
    """The bytes are not a message of this type."""


def _decode_error(text: str) -> ValueError:
    """Return an error that is also protobuf's when the program has that."""
    theirs = getattr(sys.modules.get("google.protobuf.message"), "DecodeError", None)
    if theirs is None:
        return DecodeError(text)
    made: ValueError = type("DecodeError", (DecodeError, theirs), {})(text)
    return made


class Message(Owner):
    """A message in protobuf's manner.

    Args:
        **fields: Values of its fields. None means that one is not set; a message may be given as
            a dictionary of its fields, and a member of an enum by its label.

    Raises:
        ValueError: It has no such field, or a value does not fit.
        TypeError: A value is of the wrong type.
    """

    __slots__ = ("__weakref__", "_owner", "_place", "_raw", "_unset", "_values")

    #: The generated class.
    RAW: ClassVar[type[betterproto.Message]]

    #: The message that this is the empty part of, and the field, until it is changed.
    _owner: "Message | None"
    _place: FieldDescriptor | None
    #: The parts that were read of fields which are not set, and all timestamps and durations.
    _unset: "dict[str, Message | Container]"

    __hash__ = None  # type: ignore[assignment]  # object's is a method

    def __init__(self, /, *args: object, **fields: object) -> None:
        if args:
            raise TypeError("No positional arguments allowed")
        self._bind(_new_raw(self.RAW))
        for name, value in fields.items():
            field = self.DESCRIPTOR.fields_by_name.get(name)
            if field is None:
                raise self._no_field(name)
            if value is not None:
                self._initialize(field, value)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # of the field's type
            """Return a field."""

        def __setattr__(self, name: str, value: Any) -> None:  # noqa: ANN401  # as above
            """Set a field."""

    # --- Between the view and the generated message.

    def _bind(self, raw: betterproto.Message) -> None:
        self._raw = raw
        self._values = codec.values_of(raw)
        self._owner = self._place = None
        self._unset = {}
        _VIEWS[id(raw)] = self

    @classmethod
    def _of(cls, raw: betterproto.Message) -> "Self":
        """Return the view of a generated message."""
        found = _VIEWS.get(id(raw))
        if found is None or found._raw is not raw:
            found = object.__new__(cls)
            found._bind(raw)
        return found  # type: ignore[return-value]  # there is one class of views for each of those

    @classmethod
    def _same(cls, value: object) -> "Self":
        """Return a message of this class that was passed, of protobuf's own class maybe.

        Raises:
            TypeError: It is something else.
        """
        if isinstance(value, cls):
            return value
        described = getattr(value, "DESCRIPTOR", None)
        serialize = getattr(value, "SerializeToString", None)
        if (
            serialize is not None
            and not isinstance(value, type)
            and getattr(described, "full_name", None) == cls.DESCRIPTOR.full_name
        ):
            return cls.FromString(serialize())
        raise TypeError(f"a message {cls.DESCRIPTOR.full_name} is expected, not {kind_of(value)}")

    @classmethod
    def _made_of(cls, value: object) -> "Self":
        """Return a message for what may be passed in its place, dictionaries included."""
        return cls(**value) if isinstance(value, Mapping) else cls._same(value)

    def _copied(self) -> betterproto.Message:
        raw = copy.deepcopy(self._raw)
        _set_on_wire(codec.values_of(raw))
        return raw

    def _is_set(self, field: FieldDescriptor) -> bool:
        """Return whether a field has a value, of those without presence one that is sent."""
        value = self._values.get(field.entry.name)
        if value is None or value is UNSET:
            return False
        if field.time:
            # What reading a field of the generated message leaves there.
            return field.entry.explicit or (value is not EPOCH and value is not NO_TIME)
        if field.is_child:
            return field.entry.explicit or _on_wire(value)
        if field.is_repeated:
            return bool(value)
        if field.has_presence:
            return True
        # A negative zero is sent.
        return bool(value) or (isinstance(value, float) and str(value).startswith("-"))

    def _put(self, field: FieldDescriptor, value: object) -> None:
        """Give a field its value; the other members of its oneof are unset."""
        for rival in self.DESCRIPTOR.rivals.get(field.name, ()):
            # The empty part of one that was not set stays what will be set with it.
            if self._values.pop(rival.entry.name, None) is not None:
                self._unset.pop(rival.entry.name, None)
        self._values[field.entry.name] = value
        self._touch()

    def _touch(self) -> None:
        """Note that this is set, also where it is a part of another."""
        _set_on_wire(self._values)
        if self._owner is not None and self._place is not None:
            self._owner._changed(self._place, self)

    def _changed(self, field: FieldDescriptor, part: object) -> None:
        """Take over a part that was changed, unless it is no longer one."""
        name = field.entry.name
        mine = self._unset.get(name) is part
        if isinstance(part, Message):
            if not mine:
                return
            if not field.time:
                del self._unset[name]
                part._owner = part._place = None
            self._put(field, part._own_value())
        elif isinstance(part, Container):
            if mine:
                del self._unset[name]
                self._put(field, part._items)
            elif self._values.get(name) is part._items:
                self._touch()

    def _own_value(self) -> object:
        """Return what stands for this in the generated message around it."""
        return self._raw

    def _part(self, field: FieldDescriptor) -> "Message | Container":
        """Return the message, list or map of a field."""
        name = field.entry.name
        value = self._values.get(name)
        if field.time:
            return self._time(field)
        if value is not None and value is not UNSET:
            if field.is_child:
                if _on_wire(value) or field.entry.explicit:
                    return class_of(field.raw_class)._of(value)
            elif field.is_map:
                return ScalarMap(self, field, value)
            else:
                if not isinstance(value, list):
                    value = self._values[name] = list(value)
                return self._list(field, value)
        part = self._unset.get(name)
        if part is None:
            if field.is_child:
                part = class_of(field.raw_class)()
                part._owner, part._place = self, field
            else:
                part = ScalarMap(self, field, {}) if field.is_map else self._list(field, [])
            part = self._unset.setdefault(name, part)
        return part

    def _list(self, field: FieldDescriptor, items: list[Any]) -> "RepeatedScalar | RepeatedMessage":
        if field.kind == "message":
            return RepeatedMessage(self, field, items, class_of(field.raw_class))
        return RepeatedScalar(self, field, items)

    def _time(self, field: FieldDescriptor) -> "Message":
        value = self._values.get(field.entry.name)
        part = self._unset.get(field.entry.name)
        unset = value is None or value is UNSET
        if isinstance(part, Message) and part._stands_for(None if unset else value):
            return part
        made = class_of(field.raw_class)()
        if not unset:
            made._stand_for(value)
        made._owner, made._place = self, field
        self._unset[field.entry.name] = made
        return made

    def _stands_for(self, value: object) -> bool:
        """Return whether this was made of a value, or nothing when it is None."""
        raise NotImplementedError

    def _stand_for(self, value: object) -> None:
        """Take over a value of the generated message."""
        raise NotImplementedError

    def _initialize(self, field: FieldDescriptor, value: Any) -> None:  # noqa: ANN401  # as passed
        if not field.is_child and not field.is_repeated:
            self._put(field, scalars.check(field, value))
            return
        part = self._part(field)
        if isinstance(part, ScalarMap):
            part.update(value)
        elif isinstance(part, RepeatedMessage):
            part.extend(part._cls._made_of(item) for item in _iterated(field, value))
        elif isinstance(part, RepeatedScalar):
            part.extend(_iterated(field, value))
        elif isinstance(part, Message):
            if field.time and not (isinstance(value, Mapping) or hasattr(value, "DESCRIPTOR")):
                part._assign(value)
            else:
                part.MergeFrom(part._made_of(value))

    def _no_field(self, name: object) -> ValueError:
        return ValueError(f'Protocol message {self.DESCRIPTOR.name} has no "{name}" field.')

    def _named(self, name: object) -> list[FieldDescriptor]:
        """Return the field with a name, or the members of the oneof with it."""
        if not isinstance(name, str):
            # As protobuf, which has no TypeError here.
            raise ValueError(f"Expected a field name, but got non-string argument {name!r}.")  # noqa: TRY004
        field = self.DESCRIPTOR.fields_by_name.get(name)
        if field is not None:
            return [field]
        oneof = self.DESCRIPTOR.oneofs_by_name.get(name)
        if oneof is None:
            raise self._no_field(name)
        return oneof.fields

    def _renew(self) -> None:
        """Give the parts that were read before the values which the message has got."""
        for name, part in list(self._unset.items()):
            field = next(f for f in self.DESCRIPTOR.fields if f.entry.name == name)
            if not self._is_set(field):
                continue
            value = self._values[name]
            if not isinstance(part, Message):
                part._items = value
                del self._unset[name]
            elif field.time:
                part._stand_for(value)
            else:
                del self._unset[name]
                read, part._unset = part._unset, {}
                part._bind(value)
                part._unset = read
                part._renew()

    # --- What programs use.

    def HasField(self, field_name: str) -> bool:
        """Return whether a field, or a member of a oneof, is set.

        Args:
            field_name: Its name.

        Raises:
            ValueError: There is none, or it has no presence.
        """
        fields = self._named(field_name)
        for field in fields:
            if not field.has_presence:
                raise ValueError(f"Field {field.full_name} does not have presence.")
        return any(map(self._is_set, fields))

    def __contains__(self, field_name: str) -> bool:
        """Return what `HasField` does."""
        return self.HasField(field_name)

    def WhichOneof(self, oneof_group: str) -> str | None:
        """Return the name of the member of a oneof that is set; None when none is.

        Args:
            oneof_group: The name of the oneof.

        Raises:
            ValueError: There is none.
        """
        oneof = self.DESCRIPTOR.oneofs_by_name.get(oneof_group)
        if oneof is None:
            raise self._no_field(oneof_group)
        return next((field.name for field in oneof.fields if self._is_set(field)), None)

    def ClearField(self, field_name: str) -> None:
        """Unset a field, or the members of a oneof.

        Args:
            field_name: Its name.

        Raises:
            ValueError: There is none.
        """
        for field in self._named(field_name):
            self._values.pop(field.entry.name, None)
            self._unset.pop(field.entry.name, None)
        self._touch()

    def Clear(self) -> None:
        """Unset all fields, and drop what is unknown."""
        self._values.clear()
        self._unset.clear()
        self._values.update(codec.values_of(_new_raw(self.RAW)))
        self._touch()

    def ListFields(self) -> list[tuple[FieldDescriptor, Any]]:
        """Return the fields that are set with their values, sorted by number."""
        fields = self.DESCRIPTOR.sorted_fields
        return [(field, getattr(self, field.name)) for field in fields if self._is_set(field)]

    def CopyFrom(self, other: object) -> None:
        """Make this equal to another message.

        Args:
            other: A message of the same type.

        Raises:
            TypeError: It is of another.
        """
        if other is not self:
            source = self._same(other)
            self.Clear()
            self.MergeFrom(source)

    def MergeFrom(self, other: object) -> None:
        """Add what is set in another message.

        Args:
            other: A message of the same type.

        Raises:
            TypeError: It is of another.
        """
        self.MergeFromString(self._same(other).SerializeToString())

    def MergeFromString(self, serialized: bytes) -> int:
        """Add what bytes say.

        Args:
            serialized: Wire format of this type.

        Returns:
            How many bytes were read.

        Raises:
            ValueError: They are no such message; protobuf's DecodeError when that is loaded.
            TypeError: They are no bytes.
        """
        if not isinstance(serialized, (bytes, bytearray, memoryview)):
            raise TypeError(f"expected bytes, {type(serialized).__name__} found")
        try:
            codec.decode_into(self._raw, bytes(serialized))
        except codec.DecodeError as error:
            name = self.DESCRIPTOR.full_name
            raise _decode_error(f"Error parsing message with type '{name}': {error}") from error
        self._renew()
        self._touch()
        return len(serialized)

    def ParseFromString(self, serialized: bytes) -> int:
        """Set this to what bytes say; see `MergeFromString`.

        Args:
            serialized: Wire format of this type.
        """
        self.Clear()
        return self.MergeFromString(serialized)

    @classmethod
    def FromString(cls, s: bytes) -> "Self":
        """Return a new message of what bytes say; see `MergeFromString`.

        Args:
            s: Wire format of this type.
        """
        made = cls()
        made.MergeFromString(s)
        return made

    def SerializeToString(self, deterministic: bool | None = None) -> bytes:  # noqa: ARG002, FBT001  # protobuf's signature
        """Return the wire format, always deterministic.

        Args:
            deterministic: Makes no difference.
        """
        return codec.encode(self._raw)

    SerializePartialToString = SerializeToString

    def ByteSize(self) -> int:
        """Return how many bytes the wire format has."""
        return len(codec.encode(self._raw))

    def IsInitialized(self) -> bool:
        """Return True: there are no required fields."""
        return True

    def FindInitializationErrors(self) -> list[str]:
        """Return the required fields that are missing: none."""
        return []

    def SetInParent(self) -> None:
        """Make this set in the message that it is a part of."""
        self._touch()

    def DiscardUnknownFields(self) -> None:
        """Drop what is unknown, here and in all parts."""
        self._values.pop(UNKNOWN, None)
        for part in self._messages():
            part.DiscardUnknownFields()

    def _messages(self) -> "Iterator[Message]":
        for field, value in self.ListFields():
            if field.kind == "message" and not field.is_map:
                yield from value if field.is_repeated else (value,)

    def __eq__(self, other: object) -> bool:
        """Compare all that is set, unknown fields included."""
        if self is other:
            return True
        try:
            same = self._same(other)
        except TypeError:
            return NotImplemented
        return self.SerializeToString() == same.SerializeToString()

    def __str__(self) -> str:
        """Show it in protobuf's text format, but no secrets."""
        return text.shown(self)

    def __repr__(self) -> str:
        """Show it in protobuf's text format, but no secrets."""
        return text.shown(self)

    def __deepcopy__(self, _: object = None) -> "Self":
        """Return a copy, unknown fields included."""
        return self._of(self._copied())

    def __copy__(self) -> "Self":
        """Return a deep copy, as protobuf does."""
        return self._of(self._copied())

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as the name of the type and bytes."""
        return _unpickled, (self.RAW, self.SerializeToString())


def kind_of(value: object) -> str:
    """Return what to call a value in the text of an error.

    Args:
        value: The value.
    """
    described = getattr(value, "DESCRIPTOR", None)
    return str(getattr(described, "full_name", None) or type(value).__name__)


def _iterated(field: FieldDescriptor, value: Any) -> "Iterator[object]":  # noqa: ANN401  # as passed
    try:
        return iter(value)
    except TypeError:
        raise TypeError(f"Argument for field {field.full_name} is not iterable") from None


def _new_raw(cls: type[betterproto.Message]) -> betterproto.Message:
    raw = cls()
    _set_on_wire(codec.values_of(raw))
    return raw


def _set_on_wire(values: dict[str, Any]) -> None:
    if values.get(ON_WIRE) is False:
        values[ON_WIRE] = True


def _on_wire(raw: betterproto.Message) -> bool:
    """Return whether a part is set, and not merely what reading of the field has left there."""
    return codec.values_of(raw).get(ON_WIRE, True) is not False or bytes(raw) != b""


_CLASSES: Final[dict[type[betterproto.Message], type[Message]]] = {}


def class_of(raw: type[betterproto.Message]) -> type[Message]:
    """Return the class in protobuf's manner for a generated class.

    Args:
        raw: The generated class.
    """
    found = _CLASSES.get(raw)
    # Threads that come at the same time get the same one, whoever made it.
    return found if found is not None else _CLASSES.setdefault(raw, _made(raw))


def _made(raw: type[betterproto.Message]) -> type[Message]:
    described = describe(raw)
    base = BASES.get(described.full_name, Message)
    stem = described.file.name.rpartition("/")[2].removesuffix(".proto")
    namespace: dict[str, object] = {
        "__slots__": (),
        "__doc__": raw.__doc__,
        "__module__": f"xai_sdk.proto.{stem}_pb2",
        "DESCRIPTOR": described,
        "RAW": raw,
    }
    for field in described.fields:
        if any(inner.kind == "message" for inner in field.key_and_value):
            raise NotImplementedError(f"{field.full_name}: maps of messages")
        if field.is_repeated and field.time:
            raise NotImplementedError(f"{field.full_name}: lists of times")
        part = field.is_repeated or field.is_child
        namespace[field.name] = PartField(field) if part else ScalarField(field)
        namespace[f"{field.name.upper()}_FIELD_NUMBER"] = field.number
    for enum in described.enum_types:
        namespace[enum.name] = EnumType.of(enum)
        namespace.update((value.name, value.number) for value in enum.values)
    return type(described.name, (base,), namespace)


def _unpickled(raw: type[betterproto.Message], data: bytes) -> Message:
    return class_of(raw).FromString(data)


resolve_lazily(globals())
