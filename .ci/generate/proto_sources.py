"""Compile the .proto files, and say where in the result each of their types goes."""

import inspect
import keyword
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import betterproto
from betterproto.casing import snake_case
from betterproto.compile.naming import pythonize_class_name
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    MethodDescriptorProto,
    MethodOptions,
)

#: Where the result belongs, as a folder and as a package.
FOLDER = "xai/proto"
PACKAGE = "xai.proto"

#: The well-known types, which betterproto brings along.
WELL_KNOWN = "betterproto.lib.google.protobuf"

#: Names of fields that would hide what a message or its module needs.
TAKEN_FIELDS = frozenset(dir(betterproto.Message)) | {
    *("base", "betterproto", "builtins", "dataclass", "datetime", "timedelta"),
    *("_group_current", "_serialized_on_wire", "_unknown_fields"),
}
#: The same for the members of an enum.
TAKEN_MEMBERS = frozenset(dir(betterproto.Enum)) | {"name", "value"}


class GenerateError(Exception):
    """The .proto files hold something that the result could not express."""


@dataclass(frozen=True)
class Rpc:
    """A method of a service, with Python's names for everything."""

    path: str
    name: str
    constant: str
    doc: str
    request: tuple[str, str]
    reply: tuple[str, str]
    #: Whether many requests are sent.
    upload: bool
    #: Whether many replies come back.
    streaming: bool
    idempotent: bool


@dataclass(frozen=True)
class Service:
    """A service of a .proto file."""

    name: str
    doc: str
    rpcs: Sequence[Rpc]


class Source:
    """A .proto file: where its types go, and what is written about them."""

    def __init__(self, file: FileDescriptorProto) -> None:
        if not file.package:
            raise GenerateError(f"{file.name}: a package is missing")
        self.file = file
        self.package = f"{PACKAGE}.{file.package}"
        self.module = f"{self.package}.{Path(file.name).stem}"
        self.types = dict(self._types())
        #: The members of each enum, by its name in Python.
        self.members = {
            self.types[self._full_name(scope, item)]: [entry.name for entry in item.value]
            for scope, item in nested(file.message_type, file.enum_type)
            if isinstance(item, EnumDescriptorProto)
        }
        #: The fields of each message that hold secrets, by its name in Python.
        self.secrets = {
            self.types[self._full_name(scope, item)]: [
                snake_case(entry.name) for entry in item.field if entry.options.debug_redact
            ]
            for scope, item in nested(file.message_type, file.enum_type)
            if isinstance(item, DescriptorProto)
        }
        self._comments = {tuple(place.path): place for place in file.source_code_info.location}

    def _types(self) -> Iterator[tuple[str, str]]:
        """Yield the full name of each message and enum, and its name in Python."""
        for scope, item in nested(self.file.message_type, self.file.enum_type):
            name = pythonize_class_name("_".join(["", *scope, item.name]))
            yield self._full_name(scope, item), name

    def _full_name(self, scope: Iterable[str], item: DescriptorProto | EnumDescriptorProto) -> str:
        return f".{self.file.package}.{'.'.join([*scope, item.name])}"

    @property
    def doc(self) -> str:
        """The comment at the head of the file."""
        head = self._comments.get((12,))
        texts = [*head.leading_detached_comments, head.leading_comments] if head else []
        return comment(next((text for text in texts if text.strip()), ""), self.file.name)

    def services(self, places: Mapping[str, tuple[str, str]]) -> list[Service]:
        """Return the services of the file.

        Args:
            places: Module and class of each message, by its full name.
        """
        return [
            Service(
                pythonize_class_name(service.name),
                self.comment(6, number, what=service.name),
                [
                    self._rpc(service.name, method, places, (6, number, 2, index))
                    for index, method in enumerate(service.method)
                ],
            )
            for number, service in enumerate(self.file.service)
        ]

    def _rpc(
        self,
        service: str,
        method: MethodDescriptorProto,
        places: Mapping[str, tuple[str, str]],
        position: tuple[int, ...],
    ) -> Rpc:
        path = f"/{self.file.package}.{service}/{method.name}"
        name = snake_case(method.name)
        if method.client_streaming and method.server_streaming:
            raise GenerateError(f"{path}: streams in both directions are not supported")
        if keyword.iskeyword(name):
            raise GenerateError(f"{path}: {name} can't be used as a name in Python")
        return Rpc(
            path=path,
            name=name,
            constant=f"{snake_case(service)}_{name}".upper(),
            doc=self.comment(*position, what=path),
            request=_place(method.input_type, places),
            reply=_place(method.output_type, places),
            upload=method.client_streaming,
            streaming=method.server_streaming,
            idempotent=method.options.idempotency_level != MethodOptions.IDEMPOTENCY_UNKNOWN,
        )

    def comment(self, *path: int, what: str) -> str:
        """Return what is written about something, which must not be nothing."""
        place = self._comments.get(path)
        return comment(place.leading_comments if place else "", f"{self.file.name}: {what}")


def _place(full_name: str, places: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    package, _, name = full_name.rpartition(".")
    return (WELL_KNOWN, name) if package == ".google.protobuf" else places[full_name]


def nested(
    messages: Iterable[DescriptorProto],
    enums: Iterable[EnumDescriptorProto],
    scope: tuple[str, ...] = (),
) -> Iterator[tuple[tuple[str, ...], DescriptorProto | EnumDescriptorProto]]:
    """Yield all messages and enums with the names of the messages they are in; no map entries."""
    for enum in enums:
        yield scope, enum
    for message in messages:
        if not message.options.map_entry:
            yield scope, message
            yield from nested(message.nested_type, message.enum_type, (*scope, message.name))


def comment(text: str, where: str) -> str:
    """Return a comment as it was meant."""
    text = inspect.cleandoc(text.strip())
    if not text or "\\" in text or '"""' in text:
        raise GenerateError(f"{where}: a comment is missing, or it has a backslash or quotes in it")
    return text


def protoc(*arguments: str) -> str:
    """Run protoc and return what it says."""
    command = [sys.executable, "-m", "grpc_tools.protoc", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise GenerateError(f"protoc: {done.stderr.strip()}")
    return done.stdout.strip()


TOOLS = f"betterproto {version('betterproto')}, protoc {protoc('--version').split()[-1]}"


def compile_protos(protos: Path, folder: Path) -> list[Source]:
    """Run protoc with betterproto into a folder, and describe each file that was compiled."""
    plugin = shutil.which("protoc-gen-python_betterproto", path=str(Path(sys.executable).parent))
    if plugin is None:
        raise GenerateError("betterproto's plugin is missing: pip install 'betterproto[compiler]'")
    names = sorted(path.relative_to(protos).as_posix() for path in protos.rglob("*.proto"))
    described = folder / "descriptors"
    protoc(
        f"-I{protos}",
        f"--plugin=protoc-gen-python_betterproto={plugin}",
        f"--python_betterproto_out={folder}",
        "--python_betterproto_opt=typing.310",
        f"--descriptor_set_out={described}",
        "--include_source_info",
        *names,
    )
    files = FileDescriptorSet.FromString(described.read_bytes()).file
    return [Source(file) for file in sorted(files, key=lambda file: file.name)]


def check_names(source: Source) -> None:
    """Refuse names that betterproto would change, or that would break a class."""
    for scope, item in nested(source.file.message_type, source.file.enum_type):
        where = f"{source.file.name}: {'.'.join([*scope, item.name])}"
        if isinstance(item, DescriptorProto):
            names = [snake_case(entry.name) for entry in item.field]
            taken = TAKEN_FIELDS
        else:
            names = [entry.name for entry in item.value]
            taken = TAKEN_MEMBERS
        for name in names:
            bad = name in taken or keyword.iskeyword(name) or not name.isidentifier()
            if bad or names.count(name) > 1:
                raise GenerateError(f"{where}: {name} can't be used as a name in Python")
