"""What the generated messages, enums and services are built on.

Besides ``xai.runtime.codec.api`` this is the only module that touches private names of betterproto.
"""

import copy
import functools
import sys
import typing
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import attrs
import betterproto

from xai.runtime.codec import api as codec

if TYPE_CHECKING:
    import enum

    from _typeshed import SupportsRead, SupportsWrite
    from typing_extensions import Self

    from xai._secrets import Secret
    from xai._streams import AsyncStream, Stream
    from xai.options import Metadata, NotGiven, Timeouts

Q = TypeVar("Q", bound=betterproto.Message)
R = TypeVar("R", bound=betterproto.Message)

# Where betterproto keeps the number of a length prefix apart from a length.
_DELIMITED = betterproto.SIZE_DELIMITED


#: What the value of a field is that was never set, in `fields_of`.
UNSET: typing.Final = betterproto.PLACEHOLDER
_UNSET = UNSET
_raw_get = object.__getattribute__


_ON_WIRE = "_serialized_on_wire"
_CURRENT = "_group_current"
#: Kinds of values that need no second look when they are set.
_PLAIN = frozenset({str, bytes, int, float, bool, list, dict, type(None), type(_UNSET)})


@attrs.frozen
class _Shape:
    """What there is to know of the fields of a class.

    Attributes:
        fields: Of each its name, its oneof and whether it has presence as ``optional``.
        groups: The oneofs, none of which is set.
        members: The oneof of each field that is in one.
    """

    fields: list[tuple[str, str | None, bool]]
    groups: dict[str, str | None]
    members: dict[str, str]


@functools.cache
def _shape(cls: type[betterproto.Message]) -> _Shape:
    meta = cls._betterproto  # type: ignore[arg-type]  # typed as a property of no class at all
    found = meta.meta_by_field_name.items()
    members = {name: field.group for name, field in found if field.group}
    return _Shape(
        fields=[(name, field.group, bool(field.optional)) for name, field in found],
        groups=dict.fromkeys(members.values()),
        members=members,
    )


@functools.cache
def _defaults(cls: type[betterproto.Message]) -> dict[str, Callable[[], object]]:
    """Return what makes the default of each field that is not a member of a oneof."""
    meta = cls._betterproto  # type: ignore[arg-type]  # typed as a property of no class at all
    return {k: v for k, v in meta.default_gen.items() if k not in meta.oneof_group_by_field}


def _read_unset(message: betterproto.Message, name: str) -> object:
    """Return the default of a field, and keep it; raise AttributeError for one of a oneof."""
    default = _defaults(type(message)).get(name)
    if default is None:
        return betterproto.Message.__getattribute__(message, name)
    value = default()
    _raw_get(message, "__dict__")[name] = value
    return value


def _field_default(message: betterproto.Message, field_name: str) -> Any:  # noqa: ANN401  # of the field's type
    # betterproto enters warnings.catch_warnings here, which swaps the filters of the whole
    # process under the feet of other threads (B1). The hooks it guards against are generated
    # without (B10).
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
    name = values["_group_current"][group]
    return (name, getattr(message, name)) if name else ("", None)


def fields_of(message: betterproto.Message) -> Mapping[str, Any]:
    """Return what is in a message, for those who read many of them.

    Unlike reading an attribute, this makes no values for fields that were never set, and is a
    single step for all of them.

    Args:
        message: The message.

    Returns:
        The values by the names of the fields; `UNSET` for a field that was never set, though a
        field without presence may have its default as well.
    """
    return codec.values_of(message)


@functools.cache
def _type_hints(cls: type[betterproto.Message]) -> dict[str, Any]:
    # betterproto evaluates those of the whole class twice for each of its fields, which is most of
    # what the first use of a class takes.
    return typing.get_type_hints(cls, vars(sys.modules[cls.__module__]), {})


class Message(betterproto.Message):
    """A protobuf message.

    Build it with keywords only: the order of the fields is not part of the interface. A field
    that was never set reads as the default of its type, except for a member of a oneof, which
    raises AttributeError. Reading stores the default, so ask for presence before, and don't share
    a message between threads.
    """

    # No annotations here: betterproto evaluates those of every base in the namespace of the
    # generated module (B17).

    _get_field_default = _field_default

    if not TYPE_CHECKING:

        def __getattribute__(self, name: str) -> object:
            """Return an attribute; a field that was never set gets its default."""
            # betterproto's looks at the oneofs before each read of anything, which takes five
            # times as long. A member of a oneof that is not the current one always holds the
            # placeholder: see __post_init__, and betterproto's __setattr__.
            value = _raw_get(self, name)
            return value if value is not _UNSET else _read_unset(self, name)

    def __post_init__(self) -> None:
        """Note which members of oneofs are set; the last one counts where there are many."""
        # As betterproto's, which asks for what it needs to know of each field again and again.
        values = _raw_get(self, "__dict__")
        shape = _shape(type(self))
        found = False
        current = dict(shape.groups)
        for name, group, optional in shape.fields:
            value = values[name]
            if value is not _UNSET and not (optional and value is None):
                found = True
                if group:
                    current[group] = name
        for name, group in shape.members.items():
            if current[group] != name:
                values[name] = _UNSET
        values[_ON_WIRE] = found
        values["_unknown_fields"] = b""
        values[_CURRENT] = current

    def __setattr__(self, name: str, value: object) -> None:
        """Set a field; the other members of its oneof are unset."""
        # The constructor sets each field, with or without a value, and betterproto asks for the
        # kind of the value and for the oneofs each time.
        if type(value) in _PLAIN and name not in _shape(type(self)).members and name[0] != "_":
            values = _raw_get(self, "__dict__")
            values[_ON_WIRE] = True
            values[name] = value
        else:
            super().__setattr__(name, value)

    #: Fields that hold secrets: those with the option debug_redact in the .proto file.
    _secrets = frozenset[str]()

    def __repr__(self) -> str:
        """Show what is set, but no secrets."""
        meta = self._betterproto  # type: ignore[arg-type]  # typed as a property of no class at all
        found = [(name, self.__dict__[name]) for name in meta.sorted_field_names]
        shown = [
            f"{name}={'<redacted>' if value and name in self._secrets else repr(value)}"
            for name, value in found
            if value is not betterproto.PLACEHOLDER
        ]
        return f"{type(self).__name__}({', '.join(shown)})"

    @classmethod
    def _type_hints(cls) -> dict[str, Any]:
        return _type_hints(cls)

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

    def __copy__(self, _: object = None) -> "Self":
        """Copy this message, unknown fields included; the values are shared (B9)."""
        return self._copied(lambda value: value)

    def __deepcopy__(self, _: Any = None) -> "Self":  # noqa: ANN401  # betterproto's signature
        """Copy this message and its values, unknown fields included (B9)."""
        return self._copied(lambda value: copy.deepcopy(value, _))

    def _copied(self, copied: Callable[[Any], Any]) -> "Self":
        other = type(self).__new__(type(self))
        for name, value in self.__dict__.items():
            # What stands for "not set" is known by its identity.
            other.__dict__[name] = value if value is _UNSET else copied(value)
        other.__dict__["_group_current"] = dict(self._group_current)
        return other


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

    class Enum(betterproto.Enum):
        """A protobuf enum: equal to its number, and open to numbers that have no name.

        The name of a number without one is None.
        """

        def __reduce__(self) -> tuple[Any, ...]:
            """Pickle as class and number; the default fails from protocol 2 on (B8)."""
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
    the client's. Each raises `xai.APIError` when the call fails.

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

    def _stream(
        self,
        method: Method[Q, R],
        request: Q,
        *,
        timeout: "float | Timeouts | NotGiven | None",
        metadata: "Metadata | Secret[Metadata]",
    ) -> "AsyncStream[R]":
        # A closable object, not an async generator around another one: those are released
        # late (B15).
        return self._caller.stream(method, request, timeout=timeout, metadata=metadata)


class ServiceStub:
    """The methods of a service.

    Each method takes its request, and two keywords: ``timeout``, the seconds for the whole call
    (None for no limit, the client's when not given), and ``metadata``, pairs that are sent after
    the client's. Each raises `xai.APIError` when the call fails.

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

    def _stream(
        self,
        method: Method[Q, R],
        request: Q,
        *,
        timeout: "float | Timeouts | NotGiven | None",
        metadata: "Metadata | Secret[Metadata]",
    ) -> "Stream[R]":
        return self._caller.stream(method, request, timeout=timeout, metadata=metadata)
