"""What the tests of the codec share: classes of both libraries, random messages, comparisons."""

# ruff: noqa: ANN401  # values can be anything

import contextlib
import math
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import betterproto
import grpc_tools
from betterproto import encode_varint
from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message as GoogleMessage
from google.protobuf.message_factory import GetMessageClass
from hypothesis import strategies as st

from tests.support import ROOT
from tests.unit.runtime.codec import kitchen_sink
from xai.proto import base

M = TypeVar("M", bound=betterproto.Message)

KITCHEN = "kitchen_sink"


@cache
def descriptors() -> FileDescriptorSet:
    """Return the descriptors of all our .proto files and of the kitchen sink."""
    kitchen = Path(__file__).parent
    ours = ROOT / "proto"
    names = [path.relative_to(ours).as_posix() for path in sorted(ours.rglob("*.proto"))]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "set")
        subprocess.run(
            [
                *(sys.executable, "-m", "grpc_tools.protoc", f"-I{ours}", f"-I{kitchen}"),
                f"-I{Path(grpc_tools.__file__).parent / '_proto'}",
                *("--include_imports", f"--descriptor_set_out={out}"),
                *(*names, f"{KITCHEN}.proto"),
            ],
            check=True,
        )
        return FileDescriptorSet.FromString(out.read_bytes())


@cache
def classes() -> dict[str, tuple[type[betterproto.Message], type[GoogleMessage]]]:
    """Return our class and Google's of every message, by its full name on the wire."""
    # A pool of its own: other tests may have put the same files in the default one.
    pool = DescriptorPool()
    for file in descriptors().file:
        pool.Add(file)
    found = {}
    for file in descriptors().file:
        if file.package == "google.protobuf":
            continue
        module = module_of(file.package, Path(file.name).stem)
        ours = {
            name.lower(): value
            for name, value in vars(module).items()
            if isinstance(value, type)
            and issubclass(value, betterproto.Message)
            and value.__module__ == module.__name__
        }
        for message in pool.FindFileByName(file.name).message_types_by_name.values():
            for descriptor in _nested(message):
                nested = descriptor.full_name.removeprefix(f"{file.package}.")
                cls = ours.pop(nested.replace(".", "").replace("_", "").lower())
                found[descriptor.full_name] = cls, GetMessageClass(descriptor)
        assert not ours, f"not in {file.name}: {sorted(ours)}"
    return found


def module_of(package: str, stem: str) -> ModuleType:
    """Return the module with the generated classes of a .proto file."""
    return kitchen_sink if package == KITCHEN else import_module(f"xai.proto.{package}.{stem}")


def _nested(descriptor: Descriptor) -> Iterator[Descriptor]:
    if not descriptor.GetOptions().map_entry:
        yield descriptor
        for inner in descriptor.nested_types:
            yield from _nested(inner)


def metadata(cls: type[betterproto.Message]) -> betterproto.ProtoClassMetadata:
    """Return what betterproto knows of the fields of a class."""
    return cls._betterproto  # type: ignore[arg-type]  # typed as a property of no class at all


def google(cls: type[betterproto.Message]) -> Any:
    """Return Google's class for one of ours."""
    return next(theirs for ours, theirs in classes().values() if ours is cls)


def accepted(cls: type[betterproto.Message], data: bytes) -> Any:
    """Return what Google's reader makes of bytes, None when it refuses them."""
    from google.protobuf.message import DecodeError

    try:
        return google(cls).FromString(data)
    except DecodeError:
        return None


def deterministic(message: Any) -> bytes:
    """Return the bytes of a message of Google's."""
    data: bytes = message.SerializeToString(deterministic=True)
    return data


@contextlib.contextmanager
def plain_betterproto() -> Iterator[None]:
    """Take our codec out of the generated classes, for a comparison with betterproto's own."""
    names = ("parse", "load", "dump", "__bytes__", "__len__", "_postprocess_single")
    ours = {name: vars(base.Message)[name] for name in names if name in vars(base.Message)}
    for name in ours:
        delattr(base.Message, name)
    try:
        yield
    finally:
        for name, method in ours.items():
            setattr(base.Message, name, method)


def plain_load(cls: type[M], data: bytes) -> M:
    """Read a message with betterproto's own reader, at every level."""
    with plain_betterproto(), BytesIO(data) as stream:
        return betterproto.Message.load(cls(), stream)


def snapshot(value: Any) -> Any:
    """Return all there is to know of a message, without changing it by looking."""
    if isinstance(value, betterproto.Message):
        names = metadata(type(value)).sorted_field_names
        groups = {name: betterproto.which_one_of(value, name)[0] for name in groups_of(type(value))}
        return (
            type(value),
            {name: snapshot(raw(value, name)) for name in names},
            (betterproto.serialized_on_wire(value), raw(value, "_unknown_fields"), groups),
        )
    if value is betterproto.PLACEHOLDER:
        return "unset"
    if isinstance(value, list):
        return [snapshot(item) for item in value]
    if isinstance(value, dict):
        return [(snapshot(key), snapshot(item)) for key, item in value.items()]
    if isinstance(value, float):
        # Tells zeros apart and takes any NaN for any other.
        return "nan" if math.isnan(value) else struct.pack("d", value)
    return type(value), value


def groups_of(cls: type[betterproto.Message]) -> list[str]:
    """Return the names of the oneofs of a class."""
    return sorted(metadata(cls).oneof_field_by_group)


def delimited(number: int, data: bytes) -> bytes:
    """Return a field with a length."""
    return encode_varint(number << 3 | 2) + encode_varint(len(data)) + data


def raw(message: betterproto.Message, name: str) -> Any:
    """Return what is stored for a field, without making a default."""
    return object.__getattribute__(message, name)


def nested(levels: int, wrap: Callable[[bytes], bytes]) -> bytes:
    """Return the bytes of messages in messages."""
    data = b""
    for _ in range(levels):
        data = wrap(data)
    return data


_TEXT = st.text(max_size=8) | st.sampled_from(["", "a" * 127, "ü" * 64, "\U0010ffff", "\0"])
_BYTES = st.binary(max_size=8) | st.sampled_from([b"", b"\0" * 127, b"\xff" * 128])


def _integers(bits: int, *, signed: bool) -> st.SearchStrategy[int]:
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    edges = [low, low + 1, 0, 1, 127, 128, 16383, 16384, 2097151, 2097152, high - 1, high]
    return st.sampled_from(edges) | st.integers(low, high)


def _floats(width: int) -> st.SearchStrategy[float]:
    # Of the many NaNs only the usual one: what passes through Python may lose its payload.
    some = st.floats(width=32) if width == 32 else st.floats()
    return (some | st.just(-0.0)).map(lambda value: math.nan if math.isnan(value) else value)


F = FieldDescriptor
SCALARS: dict[int, st.SearchStrategy[Any]] = {
    F.TYPE_INT32: _integers(32, signed=True),
    F.TYPE_INT64: _integers(64, signed=True),
    F.TYPE_UINT32: _integers(32, signed=False),
    F.TYPE_UINT64: _integers(64, signed=False),
    F.TYPE_SINT32: _integers(32, signed=True),
    F.TYPE_SINT64: _integers(64, signed=True),
    F.TYPE_FIXED32: _integers(32, signed=False),
    F.TYPE_FIXED64: _integers(64, signed=False),
    F.TYPE_SFIXED32: _integers(32, signed=True),
    F.TYPE_SFIXED64: _integers(64, signed=True),
    F.TYPE_BOOL: st.booleans(),
    # betterproto reads negative ones as large ones; they have a test of their own.
    F.TYPE_ENUM: st.sampled_from([0, 1, 2, 3, 127, 128, 200, 2**31 - 1]),
    F.TYPE_FLOAT: _floats(32),
    F.TYPE_DOUBLE: _floats(64),
    F.TYPE_STRING: _TEXT,
    F.TYPE_BYTES: _BYTES,
}
#: Every kind of value that JSON has, within each kind that holds others.
_STRUCT = {"map": {"a": 0.5, "b": "c", "d": True, "e": None}, "list": [1.5, "f", False, None, {}]}
#: One value of each kind that takes as many bytes, or characters, as any.
_LARGE: dict[int, Any] = {
    F.TYPE_INT32: -(2**31),
    F.TYPE_INT64: -(2**63),
    F.TYPE_UINT32: 2**32 - 1,
    F.TYPE_UINT64: 2**64 - 1,
    F.TYPE_SINT32: -(2**31),
    F.TYPE_SINT64: -(2**63),
    F.TYPE_FIXED32: 2**32 - 1,
    F.TYPE_FIXED64: 2**64 - 1,
    F.TYPE_SFIXED32: -(2**31),
    F.TYPE_SFIXED64: -(2**63),
    F.TYPE_BOOL: True,
    F.TYPE_FLOAT: 0.1,
    F.TYPE_DOUBLE: 0.1,
    F.TYPE_STRING: "\U0010ffff",
    F.TYPE_BYTES: b"\xff\x00",
}

_MICROS = st.integers(0, 999_999).map(lambda micros: micros * 1000)
_MOMENTS = st.tuples(st.integers(-62_135_596_800, 253_402_300_799), _MICROS)
_SPANS = st.tuples(st.integers(0, 315_576_000_000), _MICROS)


@st.composite
def google_messages(draw: st.DrawFn, cls: type[GoogleMessage], depth: int = 3) -> Any:
    """Return a message of Google's with random fields."""
    message = cls()
    fields: list[Any] = list(cls.DESCRIPTOR.fields)
    if fields:
        for field in draw(st.lists(st.sampled_from(fields), max_size=6, unique=True)):
            if depth or field.type != F.TYPE_MESSAGE:
                _set(draw, message, field, depth)
    return message


def _set(draw: st.DrawFn, message: Any, field: FieldDescriptor, depth: int) -> None:
    target = getattr(message, field.name)
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        key, value = field.message_type.fields
        for item in draw(st.lists(SCALARS[key.type], max_size=3, unique=True)):
            if value.type == F.TYPE_MESSAGE:
                target[item].CopyFrom(_message(draw, value, depth))
            else:
                target[item] = draw(SCALARS[value.type])
    elif field.is_repeated:
        count = draw(st.integers(0, 3))
        make = _message if field.type == F.TYPE_MESSAGE else _scalar
        target.extend([make(draw, field, depth) for _ in range(count)])
    elif field.type == F.TYPE_MESSAGE:
        target.CopyFrom(_message(draw, field, depth))
        target.SetInParent()
    else:
        setattr(message, field.name, _scalar(draw, field, depth))


def _scalar(draw: st.DrawFn, field: FieldDescriptor, _: int) -> Any:
    if field.enum_type is not None and field.enum_type.full_name == "google.protobuf.NullValue":
        # JSON has one null only.
        return 0
    return draw(SCALARS[field.type])


def _message(draw: st.DrawFn, field: FieldDescriptor, depth: int) -> Any:
    descriptor: Any = field.message_type
    inner, name = GetMessageClass(descriptor), descriptor.full_name
    if name not in ("google.protobuf.Timestamp", "google.protobuf.Duration"):
        return draw(google_messages(inner, depth - 1))
    sign = 1
    if name.endswith("Timestamp"):
        seconds, nanos = draw(_MOMENTS)
    else:
        seconds, nanos = draw(_SPANS)
        sign = draw(st.sampled_from([1, -1]))
    # Zero in a field without presence has a test of its own.
    return inner(seconds=sign * seconds, nanos=sign * (nanos or 1000))


def full_messages(cls: type[GoogleMessage]) -> list[Any]:
    """Return messages of Google's with every field set, each member of a oneof in one of them."""
    oneofs: list[Any] = list(cls.DESCRIPTOR.oneofs)
    return [_full(cls, turn, 2) for turn in range(max([1, *(len(one.fields) for one in oneofs)]))]


def _full(cls: type[GoogleMessage], turn: int, depth: int) -> Any:
    message: Any = cls()
    descriptor: Any = cls.DESCRIPTOR
    for field in descriptor.fields:
        group = field.containing_oneof
        if group is not None and group.fields[turn % len(group.fields)].name != field.name:
            continue
        target = getattr(message, field.name)
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            key, value = field.message_type.fields
            if value.type != F.TYPE_MESSAGE:
                target[_LARGE[key.type]] = _full_value(value, turn, depth)
            elif depth:
                target[_LARGE[key.type]].CopyFrom(_full_value(value, turn, depth))
        elif field.type == F.TYPE_MESSAGE and not depth:
            continue
        elif field.is_repeated:
            target.extend([_full_value(field, turn + number, depth) for number in range(2)])
        elif field.type == F.TYPE_MESSAGE:
            target.CopyFrom(_full_value(field, turn, depth))
            target.SetInParent()
        else:
            setattr(message, field.name, _full_value(field, turn, depth))
    return message


def _full_value(field: FieldDescriptor, turn: int, depth: int) -> Any:
    if field.type == F.TYPE_MESSAGE:
        descriptor: Any = field.message_type
        inner = GetMessageClass(descriptor)
        if descriptor.full_name in ("google.protobuf.Timestamp", "google.protobuf.Duration"):
            return inner(seconds=1_700_000_000, nanos=123_456_000)
        if descriptor.full_name == "google.protobuf.Struct":
            return json_format.ParseDict(_STRUCT, inner())
        if descriptor.full_name == "google.protobuf.Value":
            return inner(string_value="text")
        return _full(inner, turn, depth - 1)
    if field.enum_type is not None:
        return field.enum_type.values[-1].number
    return _LARGE[field.type]


@st.composite
def unknown_fields(draw: st.DrawFn, cls: type[GoogleMessage], depth: int = 0) -> bytes:
    """Return fields that the class doesn't know, with groups nested so deep."""
    taken = {field.number for field in cls.DESCRIPTOR.fields}
    numbers = st.sampled_from([3, 15, 16, 99, 2047, 2048, 123_456, 2**29 - 1])
    count = draw(st.integers(0, 3))
    numbers = numbers.filter(lambda number: number not in taken)
    return b"".join(field_bytes(draw, draw(numbers), depth) for _ in range(count))


def field_bytes(draw: st.DrawFn, number: int, depth: int) -> bytes:
    """Return a random field of any wire type."""
    wire_type = draw(st.sampled_from([0, 1, 2, 5, 3] if depth else [0, 1, 2, 5]))
    tag = encode_varint(number << 3 | wire_type)
    if wire_type == 0:
        return tag + encode_varint(draw(_integers(64, signed=False)))
    if wire_type in (1, 5):
        size = 8 if wire_type == 1 else 4
        return tag + draw(st.binary(min_size=size, max_size=size))
    if wire_type == 2:
        data = draw(_BYTES)
        return tag + encode_varint(len(data)) + data
    inner = [
        field_bytes(draw, n, depth - 1) for n in draw(st.lists(st.integers(1, 20), max_size=2))
    ]
    return tag + b"".join(inner) + encode_varint(number << 3 | 4)
