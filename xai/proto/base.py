"""What the generated messages, enums and services are built on.

Besides ``xai.runtime.codec`` this is the only module that touches private names of betterproto.
"""

import copy
import functools
import importlib
import json
import sys
import typing
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import attrs
import betterproto
from betterproto.utils import hybridmethod

from xai._annotations import resolve_lazily
from xai.runtime.codec import api as codec
from xai.runtime.codec import mapping, shapes
from xai.runtime.codec.fields import ON_WIRE, UNSET
from xai.runtime.codec.times import EPOCH, NAIVE, NO_TIME, Real, is_naive

if TYPE_CHECKING:
    import enum

    from _typeshed import SupportsRead, SupportsWrite
    from typing_extensions import Self

    from xai._secrets import Secret
    from xai._streams import AsyncStream, Stream
    from xai.options import Metadata, NotGiven, Timeouts
else:
    # What has a method `read`, or `write`, of these: type checkers know, and nobody else.
    SupportsRead = SupportsWrite = typing.IO

__all__ = ["UNSET", "fields_of", "which_one_of"]

Q = TypeVar("Q", bound=betterproto.Message)
R = TypeVar("R", bound=betterproto.Message)

# Where betterproto keeps the number of a length prefix apart from a length.
_DELIMITED = betterproto.SIZE_DELIMITED

_UNSET = UNSET
_raw_get = object.__getattribute__
_ON_WIRE = ON_WIRE


class _Metadata(betterproto.ProtoClassMetadata):
    """What betterproto knows of the fields of a class.

    Args:
        cls: The class.
    """

    __slots__ = ("__objclass__",)

    def __init__(self, cls: "type[Message]") -> None:
        super().__init__(cls)
        # Whose attribute this is: `help` would look for it in all bases, and betterproto's own
        # message has no metadata to give.
        self.__objclass__ = cls


class _MetadataOf:
    """Descriptor for the metadata of a class of messages, made when it is first asked for."""

    def __init__(self) -> None:
        self._made: dict[type[Message], _Metadata] = {}

    def __get__(self, instance: "Message | None", cls: "type[Message]") -> _Metadata:
        """Return the metadata.

        Raises:
            AttributeError: The class is not a generated one.
        """
        made = self._made.get(cls)
        if made is None:
            if cls is Message:
                raise AttributeError("the base of all messages has no fields")
            made = self._made[cls] = _Metadata(cls)
        return made


def _read_unset(message: betterproto.Message, name: str) -> object:
    """Return the default of a field; raise AttributeError for one of a oneof.

    What its reader may change is kept, and nothing else: it would take memory in each message.
    """
    shape = shapes.SHAPES[type(message)]
    try:
        return shape.constants[name]
    except KeyError:
        default = shape.defaults.get(name)
    if default is None:
        return betterproto.Message.__getattribute__(message, name)
    value = default()
    _raw_get(message, "__dict__")[name] = value
    return value


def _has_fields(message: betterproto.Message) -> bool:
    meta = message._betterproto  # type: ignore[arg-type]  # noqa: SLF001  # typed as a property of no class at all
    return bool(meta.meta_by_field_name)


def _field_default(message: betterproto.Message, field_name: str) -> Any:  # noqa: ANN401  # of the field's type
    # betterproto enters warnings.catch_warnings here, which swaps the filters of the whole
    # process under the feet of other threads. The hooks it guards against are generated without.
    meta = message._betterproto  # type: ignore[arg-type]  # noqa: SLF001  # typed as a property of no class at all
    return meta.default_gen[field_name]()


def which_one_of(message: betterproto.Message, group: str) -> tuple[str, Any]:
    """Return which member of a oneof is set, as `betterproto.which_one_of`, in less time.

    Args:
        message: The message.
        group: The name of the oneof.

    Returns:
        The name of the field and its value; an empty name and None when none is set.

    Raises:
        KeyError: The message has no such oneof.
    """
    values = codec.values_of(message)
    for name in shapes.SHAPES[type(message)].groups[group]:
        if name in values:
            value = values[name]
            if value is not _UNSET:
                return name, value
    return "", None


#: Returns what is set in a message, for those who read many of them: the values of the fields that
#: are set, by name, and of others possibly `UNSET`, None or their default. Unlike reading an
#: attribute, this makes no values for fields that were never set, and is a single step for all of
#: them.
fields_of: typing.Final[Callable[[betterproto.Message], Mapping[str, Any]]] = codec.values_of


@functools.cache
def _type_hints(cls: type[betterproto.Message]) -> dict[str, Any]:
    # betterproto evaluates those of the whole class twice for each of its fields, which is most of
    # what the first use of a class takes. The module's own `datetime` may be that of a tool which
    # has frozen time at the moment.
    names: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        names |= vars(sys.modules[base.__module__])
    names["datetime"] = Real.datetime
    return typing.get_type_hints(cls, names, {})


class Message(betterproto.Message):
    """A protobuf message.

    Build it with keywords only: the order of the fields is not part of the interface. A field
    that was never set reads as the default of its type, except for a member of a oneof, which
    raises AttributeError. Reading stores the default, so ask for presence before, and don't share
    a message between threads.

    Numbers in fields of 32-bit floats are compared as they are on the wire. A timestamp or duration
    that Python's datetime or timedelta cannot hold reads as the nearest one that it can; the
    message keeps all of it.
    """

    # No annotations here: betterproto evaluates those of every base in the namespace of the
    # generated module. Of these two, instances have their own when it is another one.
    _serialized_on_wire = True
    _unknown_fields = b""
    if not TYPE_CHECKING:
        _betterproto = _MetadataOf()

        @property
        def _group_current(self) -> dict[str, str | None]:
            """The member of each oneof that is set."""
            return {g: which_one_of(self, g)[0] or None for g in shapes.SHAPES[type(self)].groups}

        def __getattribute__(self, name: str) -> object:
            """Return an attribute; a field that was never set gets its default."""
            # betterproto's looks at the oneofs before each read of anything, which takes five
            # times as long. A member of a oneof that is not the current one is never set.
            value = _raw_get(self, name)
            return value if value is not _UNSET else _read_unset(self, name)

    _get_field_default = _field_default

    def __post_init__(self) -> None:
        """Note whether anything was set."""
        values = _raw_get(self, "__dict__")
        if not values:
            values[_ON_WIRE] = False

    def __setattr__(self, name: str, value: object) -> None:
        """Set a field; the other members of its oneof are unset.

        Raises:
            ValueError: A datetime has no time zone.
        """
        shape = shapes.SHAPES[type(self)]
        if name not in shape.others:
            object.__setattr__(self, name, value)
            return
        values = _raw_get(self, "__dict__")
        if value is _UNSET or (value is None and name in shape.optional):
            # The constructor sets each field, with or without a value.
            if name in values:
                del values[name]
        else:
            if name in shape.times:
                self._check_times(name, value)
            elif (
                name in shape.messages
                and isinstance(value, betterproto.Message)
                and not _has_fields(value)
            ):
                # Nothing in it could say that it was set.
                value._serialized_on_wire = True  # noqa: SLF001  # of betterproto's base
            for other in shape.others[name]:
                values.pop(other, None)
            values[name] = value
        if _ON_WIRE in values:
            del values[_ON_WIRE]

    def _check_times(self, name: str, value: object) -> None:
        items = value.values() if isinstance(value, dict) else value
        for item in items if isinstance(items, typing.Iterable) else (items,):
            if isinstance(item, datetime) and is_naive(item):
                raise ValueError(f"{type(self).__name__}.{name}: {NAIVE}")

    def __eq__(self, other: object) -> bool:
        """Compare the fields, as they are on the wire; unknown ones don't count."""
        if type(self) is not type(other):
            return NotImplemented
        comparers = shapes.SHAPES[type(self)].comparers
        for name in self._betterproto.meta_by_field_name:  # type: ignore[arg-type]  # typed as a property of no class at all
            mine, theirs = _raw_get(self, name), _raw_get(other, name)
            if mine is theirs:
                continue
            if mine is _UNSET:
                mine = self._get_field_default(name)
            elif theirs is _UNSET:
                theirs = self._get_field_default(name)
            compare = comparers.get(name)
            if mine != theirs if compare is None else not compare(mine, theirs):
                return False
        return True

    # As betterproto's: messages can be changed.
    __hash__ = None  # type: ignore[assignment]  # object's is a method

    #: Fields that hold secrets: those with the option debug_redact in the .proto file.
    _secrets = frozenset[str]()

    def __repr__(self) -> str:
        """Show what is set, but no secrets."""
        shown = [f"{name}={value!r}" for name, value in self._shown()]
        return f"{type(self).__name__}({', '.join(shown)})"

    def __rich_repr__(self) -> Iterator[tuple[str, Any, Any]]:
        """Show the same in rich's tracebacks and consoles."""
        return ((name, value, _UNSET) for name, value in self._shown())

    def _shown(self) -> Iterator[tuple[str, Any]]:
        meta = self._betterproto  # type: ignore[arg-type]  # typed as a property of no class at all
        for name in meta.sorted_field_names:
            value = _raw_get(self, name)
            if value is not _UNSET:
                yield name, _REDACTED if value and name in self._secrets else value

    @classmethod
    def _type_hints(cls) -> dict[str, Any]:
        return _type_hints(cls)

    @classmethod
    def _get_field_default_gen(cls, field: Any) -> Any:  # noqa: ANN401  # betterproto's signature
        kind = cls._type_hint(field.name)
        if kind is Real.datetime:
            return lambda: EPOCH
        return (lambda: NO_TIME) if kind is timedelta else super()._get_field_default_gen(field)

    @classmethod
    def FromString(cls, data: bytes) -> "Self":  # noqa: N802  # betterproto's name
        """Read bytes into a new message.

        Args:
            data: Wire format of this type.

        Returns:
            The message.

        Raises:
            ValueError: The bytes are not a valid message.
        """
        return codec.decode(cls, data)

    def parse(self, data: bytes) -> "Self":
        """Read bytes into this message.

        Args:
            data: Wire format of this type.

        Returns:
            The message itself.

        Raises:
            ValueError: The bytes are not a valid message.
        """
        return codec.decode_into(self, data)

    def load(self, stream: "SupportsRead[bytes]", size: int | None = None) -> "Self":
        """Read this message from a file.

        Args:
            stream: The file.
            size: How many bytes the message has; everything there is when None, and what a prefix
                says when it is `betterproto.SIZE_DELIMITED`.

        Returns:
            The message itself.

        Raises:
            ValueError: The bytes are not a valid message, or too few.
            EOFError: There is no length prefix.
        """
        if size == _DELIMITED:
            size, _ = betterproto.load_varint(stream)
        data = stream.read() if size is None else stream.read(size)
        if size is not None and len(data) < size:
            raise codec.DecodeError(f"{size} bytes were expected, {len(data)} are there")
        return self.parse(data)

    def __bytes__(self) -> bytes:
        """Return the wire format of this message."""
        return codec.encode(self)

    def __len__(self) -> int:
        """Return how many bytes the wire format has."""
        return len(codec.encode(self))

    def dump(self, stream: "SupportsWrite[bytes]", delimit: bool = False) -> None:  # noqa: FBT001, FBT002  # betterproto's signature
        """Write this message into a file.

        Args:
            stream: The file.
            delimit: Write the length first.
        """
        data = codec.encode(self)
        if delimit:
            betterproto.dump_varint(len(data), stream)
        stream.write(data)

    def to_dict(  # type: ignore[override]  # betterproto calls the functions members
        self,
        casing: Callable[..., str] = betterproto.Casing.CAMEL,
        include_default_values: bool = False,  # noqa: FBT001, FBT002  # betterproto's signature
    ) -> dict[str, Any]:
        """Return this message as protobuf's JSON mapping has it.

        Numbers of 64 bits are strings, bytes are Base64, members of enums are names, and numbers
        where they have none; see https://protobuf.dev/programming-guides/json.

        Args:
            casing: Makes keys from the names of fields: as in JSON, or with
                `betterproto.Casing.SNAKE` as in the .proto file.
            include_default_values: Return fields without presence also when they are not set.
        """
        return _writer(casing, include_default_values).to_json(self)

    def to_json(  # type: ignore[override]  # as `to_dict`
        self,
        indent: int | str | None = None,
        include_default_values: bool = False,  # noqa: FBT001, FBT002  # betterproto's signature
        casing: Callable[..., str] = betterproto.Casing.CAMEL,
    ) -> str:
        """Return this message as JSON; see `to_dict`.

        Args:
            indent: As for `json.dumps`.
            include_default_values: Return fields without presence also when they are not set.
            casing: Makes keys from the names of fields.
        """
        return json.dumps(self.to_dict(casing, include_default_values), indent=indent)

    def to_pydict(  # type: ignore[override]  # as `to_dict`
        self,
        casing: Callable[..., str] = betterproto.Casing.CAMEL,
        include_default_values: bool = False,  # noqa: FBT001, FBT002  # betterproto's signature
    ) -> dict[str, Any]:
        """Return this message as a dictionary of Python's own values; messages are dictionaries.

        Args:
            casing: Makes keys from the names of fields.
            include_default_values: Return fields without presence also when they are not set.
        """
        return _writer(casing, include_default_values).to_python(self)

    if not TYPE_CHECKING:

        @hybridmethod
        def from_dict(cls, value: Mapping[str, Any]) -> "Message":  # noqa: N805  # of the class
            """Return a message from what `to_dict` returns; on an instance, add to that one.

            Keys may be names as in JSON or as in the .proto file; those that no field has are left
            out.

            Args:
                value: The dictionary.

            Raises:
                ValueError: A value does not fit its field; the text names the field.
                TypeError: It is of the wrong type.
            """
            return _READER.from_json(cls(), value)

        @from_dict.instancemethod
        def from_dict(self, value: Mapping[str, Any]) -> "Message":
            """Add what `to_dict` returns to this message, and return it."""
            return _READER.from_json(self, value)

    def from_json(self, value: str | bytes) -> "Self":
        """Add what JSON says to this message; see `from_dict`.

        Args:
            value: The JSON of an object.

        Returns:
            The message itself.

        Raises:
            ValueError: It is no JSON, or a value does not fit its field.
            TypeError: A value is of the wrong type; the text names the field.
        """
        return _READER.from_json(self, json.loads(value, object_pairs_hook=mapping.unique))

    def from_pydict(self, value: Mapping[str, Any]) -> "Self":
        """Add what `to_pydict` returns to this message.

        Args:
            value: The dictionary.

        Returns:
            The message itself.
        """
        return _READER.from_python(self, value)

    def __copy__(self, _: object = None) -> "Self":
        """Copy this message, unknown fields included; the values are shared."""
        return self._copied(lambda value: value)

    def __deepcopy__(self, _: Any = None) -> "Self":  # noqa: ANN401  # betterproto's signature
        """Copy this message and its values, unknown fields included."""
        return self._copied(lambda value: copy.deepcopy(value, _))

    def _copied(self, copied: Callable[[Any], Any]) -> "Self":
        other = type(self).__new__(type(self))
        values = codec.values_of(other)
        for name, value in codec.values_of(self).items():
            # What stands for "not set" is known by its identity.
            values[name] = value if value is EPOCH or value is NO_TIME else copied(value)
        return other


#: The packages of which messages may be in a ``google.protobuf.Any``.
_PACKAGES: typing.Final = frozenset(
    {"collections", "compat.chat", "google.rpc", "prompt_ide", "rag", "shared", "xai_api"}
)


def _message_named(full_name: str) -> type[betterproto.Message] | None:
    """Return the class of a message by its full name, which may come from the wire."""
    package, _, name = full_name.rpartition(".")
    if package not in _PACKAGES:
        return None
    module = importlib.import_module(f"xai.proto.{package}")
    found = getattr(module, name) if name in module.__all__ else None
    return found if isinstance(found, type) and issubclass(found, Message) else None


def _writer(casing: Callable[..., str], defaults: bool) -> mapping.Writer:  # noqa: FBT001  # of this file
    return mapping.Writer(casing, _message_named, defaults=defaults)


_READER: typing.Final = mapping.Reader(_message_named)


class _Redacted:
    """Stands for a secret where a message is shown."""

    def __repr__(self) -> str:
        return "<redacted>"


_REDACTED: typing.Final = _Redacted()


if TYPE_CHECKING:

    class Enum(enum.IntEnum):
        """A protobuf enum: equal to its number, and open to numbers that have no name.

        The name of a number without one is None.
        """

        # Type checkers see this one, because betterproto's has a base they can't follow: each
        # member would be an int to them.

        @classmethod
        def try_value(cls, value: int = 0) -> Self:
            """Return the member with a number; a nameless one if there is none."""
            ...

        @classmethod
        def from_string(cls, name: str) -> Self:
            """Return the member with a name.

            Raises:
                ValueError: There is none.
            """
            ...

else:

    class _Nameless:
        """The name of a member that has none; others have their own."""

        def __get__(self, member: object, cls: type) -> object:
            return None

    class _OwnValue:
        """The value of such a member: itself."""

        def __get__(self, member: object, cls: type) -> object:
            return int(member) if member is not None else self

    class Enum(betterproto.Enum):
        """A protobuf enum: equal to its number, and open to numbers that have no name.

        The name of a number without one is None.
        """

        # Not in each member, as betterproto has it: a reply may hold very many.
        name = _Nameless()
        value = _OwnValue()

        @classmethod
        def try_value(cls, value: int = 0) -> "Enum":
            """Return the member with a number; a nameless one if there is none."""
            try:
                return cls._value_map_[value]
            except (KeyError, TypeError):
                return int.__new__(cls, value)

        def __reduce__(self) -> tuple[Any, ...]:
            """Pickle as class and number; the default fails from protocol 2 on."""
            return _member, (type(self), int(self))


def _member(cls: type[Enum], number: int) -> Enum:
    return cls.try_value(number)


@attrs.frozen
class Method(Generic[Q, R]):
    """An RPC: where it is, what it takes and what it gives.

    Attributes:
        path: What names it on the wire, such as ``/prompt_ide.Sampler/Tokenize``.
        request: The class of what is sent.
        reply: The class of what comes back.
        client_streaming: Whether many requests are sent.
        server_streaming: Whether many replies come back.
        idempotent: Whether making the call twice is as good as once.
    """

    path: str
    request: type[Q]
    reply: type[R]
    client_streaming: bool = attrs.field(kw_only=True)
    server_streaming: bool = attrs.field(kw_only=True)
    idempotent: bool = attrs.field(kw_only=True)


class AsyncRpcCaller(Protocol):
    """What carries out the calls of an asynchronous service."""

    def unary(
        self,
        method: Method[Q, R],
        request: Q,
        *,
        timeout: "float | Timeouts | NotGiven | None",
        metadata: "Metadata | Secret[Metadata]",
    ) -> Awaitable[R]:
        """Make a call with one reply."""
        ...

    def upload(
        self,
        method: Method[Q, R],
        requests: AsyncIterable[Q],
        *,
        timeout: "float | Timeouts | NotGiven | None",
        metadata: "Metadata | Secret[Metadata]",
    ) -> Awaitable[R]:
        """Make a call with a stream of requests and one reply."""
        ...

    def stream(
        self,
        method: Method[Q, R],
        request: Q,
        *,
        timeout: "float | Timeouts | NotGiven | None",
        metadata: "Metadata | Secret[Metadata]",
    ) -> "AsyncStream[R]":
        """Make a call with a stream of replies."""
        ...


class RpcCaller(Protocol):
    """What carries out the calls of a blocking service."""

    def unary(
        self,
        method: Method[Q, R],
        request: Q,
        *,
        timeout: "float | Timeouts | NotGiven | None",
        metadata: "Metadata | Secret[Metadata]",
    ) -> R:
        """Make a call with one reply."""
        ...

    def upload(
        self,
        method: Method[Q, R],
        requests: Iterable[Q],
        *,
        timeout: "float | Timeouts | NotGiven | None",
        metadata: "Metadata | Secret[Metadata]",
    ) -> R:
        """Make a call with a stream of requests and one reply."""
        ...

    def stream(
        self,
        method: Method[Q, R],
        request: Q,
        *,
        timeout: "float | Timeouts | NotGiven | None",
        metadata: "Metadata | Secret[Metadata]",
    ) -> "Stream[R]":
        """Make a call with a stream of replies."""
        ...


class AsyncServiceStub(betterproto.ServiceStub):
    """The methods of a service.

    Each method takes its request, and two keywords: ``timeout``, the seconds for the whole call
    (None for no limit, the client's when not given), and ``metadata``, pairs that are sent after
    the client's. Each raises `xai.APIError` when the call fails. Where an RPC takes a stream of
    requests, its method takes an iterable of them; an iterator can be read only once, so a call
    with one is not retried after its first request.

    Args:
        caller: Carries out the calls.
    """

    def __init__(self, caller: AsyncRpcCaller) -> None:
        # Not betterproto's: that one keeps a grpclib channel and defaults, and the caller has both.
        self._caller = caller

    async def _unary(
        self,
        method: Method[Q, R],
        request: Q,
        *,
        timeout: "float | Timeouts | NotGiven | None",
        metadata: "Metadata | Secret[Metadata]",
    ) -> R:
        return await self._caller.unary(method, request, timeout=timeout, metadata=metadata)

    async def _upload(
        self,
        method: Method[Q, R],
        requests: AsyncIterable[Q],
        *,
        timeout: "float | Timeouts | NotGiven | None",
        metadata: "Metadata | Secret[Metadata]",
    ) -> R:
        return await self._caller.upload(method, requests, timeout=timeout, metadata=metadata)

    def _stream(
        self,
        method: Method[Q, R],
        request: Q,
        *,
        timeout: "float | Timeouts | NotGiven | None",
        metadata: "Metadata | Secret[Metadata]",
    ) -> "AsyncStream[R]":
        # A closable object, not an async generator around another one: those are released
        # late.
        return self._caller.stream(method, request, timeout=timeout, metadata=metadata)


class ServiceStub:
    """The methods of a service.

    Each method takes its request, and two keywords: ``timeout``, the seconds for the whole call
    (None for no limit, the client's when not given), and ``metadata``, pairs that are sent after
    the client's. Each raises `xai.APIError` when the call fails. Where an RPC takes a stream of
    requests, its method takes an iterable of them; an iterator can be read only once, so a call
    with one is not retried after its first request.

    Args:
        caller: Carries out the calls.
    """

    def __init__(self, caller: RpcCaller) -> None:
        self._caller = caller

    def _unary(
        self,
        method: Method[Q, R],
        request: Q,
        *,
        timeout: "float | Timeouts | NotGiven | None",
        metadata: "Metadata | Secret[Metadata]",
    ) -> R:
        return self._caller.unary(method, request, timeout=timeout, metadata=metadata)

    def _upload(
        self,
        method: Method[Q, R],
        requests: Iterable[Q],
        *,
        timeout: "float | Timeouts | NotGiven | None",
        metadata: "Metadata | Secret[Metadata]",
    ) -> R:
        return self._caller.upload(method, requests, timeout=timeout, metadata=metadata)

    def _stream(
        self,
        method: Method[Q, R],
        request: Q,
        *,
        timeout: "float | Timeouts | NotGiven | None",
        metadata: "Metadata | Secret[Metadata]",
    ) -> "Stream[R]":
        return self._caller.stream(method, request, timeout=timeout, metadata=metadata)


resolve_lazily(globals())
