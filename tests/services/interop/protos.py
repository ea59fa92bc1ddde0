"""The protobuf classes of Google's own library, made from the ``.proto`` sources at test time."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeAlias

import grpc_tools
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from grpc_tools import protoc

from tests.support import ROOT

_PROTO = ROOT / "proto"
_INCLUDED = Path(grpc_tools.__file__).parent / "_proto"


class Protos:
    """Every message and method of the documented wire, apart from the classes under test.

    Args:
        folder: Where the compiler may write.
    """

    def __init__(self, folder: Path) -> None:
        compiled = folder / "wire.pb"
        sources = sorted(str(path) for path in _PROTO.rglob("*.proto"))
        code = protoc.main(
            [
                "protoc",
                f"--proto_path={_PROTO}",
                f"--proto_path={_INCLUDED}",
                f"--descriptor_set_out={compiled}",
                "--include_imports",
                *sources,
            ]
        )
        assert code == 0, "protoc refused the sources"
        # A pool of its own: the default one is shared with whatever else was imported.
        self._pool = descriptor_pool.DescriptorPool()
        files = descriptor_pb2.FileDescriptorSet.FromString(compiled.read_bytes())
        self.methods: dict[str, MethodDescriptor] = {}
        for file in files.file:
            self._pool.Add(file)
        for file in files.file:
            for service in file.service:
                name = f"{file.package}.{service.name}"
                found = self._pool.FindServiceByName(name)
                for method in found.methods:
                    self.methods[f"/{name}/{method.name}"] = method

    def message(self, name: str) -> type[Message]:
        """Return the class of a message, by its full name."""
        return self.of(self._pool.FindMessageTypeByName(name))

    def of(self, descriptor: Descriptor) -> type[Message]:
        """Return the class of a message, by its descriptor."""
        return message_factory.GetMessageClass(descriptor)

    @property
    def sampler(self) -> Any:  # noqa: ANN401  # classes that are known at run time only
        """The messages of ``prompt_ide/sampler_public.proto`` as attributes."""
        file = self._pool.FindFileByName("prompt_ide/sampler_public.proto")
        names = file.message_types_by_name
        return SimpleNamespace(**{name: self.of(names[name]) for name in names})


#: A message, or a part of a description, whose attributes are known at run time only.
AnyMessage: TypeAlias = Any

#: Sample values that survive every encoding unchanged.
_NUMBERS = {
    FieldDescriptor.CPPTYPE_INT32: -7,
    FieldDescriptor.CPPTYPE_INT64: -(2**40),
    FieldDescriptor.CPPTYPE_UINT32: 2**32 - 1,
    FieldDescriptor.CPPTYPE_UINT64: 2**64 - 1,
    FieldDescriptor.CPPTYPE_DOUBLE: 0.1,
    FieldDescriptor.CPPTYPE_FLOAT: 0.375,
    FieldDescriptor.CPPTYPE_BOOL: True,
}


def fill(message: AnyMessage, variant: int, depth: int = 3) -> AnyMessage:
    """Give every field of a message a value; of each oneof, one member chosen by the variant."""
    if message.DESCRIPTOR.full_name == "google.protobuf.Timestamp":
        # A time that datetime can hold to the last digit, and no random numbers.
        message.seconds, message.nanos = 1_700_000_000 + variant, 250_000_000
        return message
    oneofs = {
        oneof.name: oneof.fields[variant % len(oneof.fields)].name
        for oneof in message.DESCRIPTOR.oneofs
    }
    for field in message.DESCRIPTOR.fields:
        oneof = field.containing_oneof
        if oneof is not None and oneofs[oneof.name] != field.name:
            continue
        _fill_field(message, field, variant, depth)
    return message


def _fill_field(message: AnyMessage, field: AnyMessage, variant: int, depth: int) -> None:
    target = getattr(message, field.name)
    if field.message_type is not None:
        if not depth:
            return
        if _is_map(field):
            key, value = field.message_type.fields
            target[_value(key, variant)] = _value(value, variant)
        elif field.is_repeated:
            for _ in range(2):
                fill(target.add(), variant, depth - 1)
        else:
            fill(target, variant, depth - 1)
            target.SetInParent()
    elif field.is_repeated:
        target.extend([_value(field, variant), _value(field, variant)])
    else:
        setattr(message, field.name, _value(field, variant))


def _is_map(field: AnyMessage) -> bool:
    return bool(field.message_type.GetOptions().map_entry)


def _value(field: AnyMessage, variant: int) -> object:
    if field.cpp_type == FieldDescriptor.CPPTYPE_ENUM:
        numbers = [value.number for value in field.enum_type.values]
        return numbers[(variant + 1) % len(numbers)]
    if field.type == FieldDescriptor.TYPE_BYTES:
        return b"\0\xff" + bytes([variant])
    if field.type == FieldDescriptor.TYPE_STRING:
        return f"{field.name} {variant} \u2581é\N{GRINNING FACE}"
    return _NUMBERS[field.cpp_type]
