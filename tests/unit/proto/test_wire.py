"""The wire, pinned: what the .proto files and the generated code say is what the service speaks.

``wire_prompt_ide.json`` and ``wire_v1.json`` hold one line for each fact, written as in a .proto
file.
"""

import dataclasses
import importlib
import json
import subprocess
import sys
import typing
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import betterproto
import pytest
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)

from tests.support import ROOT
from xai.proto import base

TABLES = [
    json.loads(Path(__file__).with_name(name).read_text("utf-8"))
    for name in ("wire_prompt_ide.json", "wire_v1.json")
]
PINNED: Final[dict[str, dict[str, Any]]] = {
    kind: {name: fact for table in TABLES for name, fact in table[kind].items()}
    for kind in ("messages", "reserved", "enums", "methods")
}
PACKAGES = ("collections", "compat.chat", "google.rpc", "prompt_ide", "rag", "shared", "xai_api")

#: The RPCs that may be repeated after the server may have seen them. Reviewed by hand: whoever
#: changes this has to know that the second call does no harm and gives the same answer, or
#: NOT_FOUND where the v1 API deletes something.
REPEATABLE = {
    "/prompt_ide.Chat/GetConversation",
    "/prompt_ide.Chat/ListConversations",
    "/prompt_ide.Chat/SearchConversations",
    "/prompt_ide.Chat/UpdateConversation",
    "/prompt_ide.Embedder/Embed",
    "/prompt_ide.File/DownloadFile",
    "/prompt_ide.File/ListFiles",
    "/prompt_ide.Sampler/GetTokenBudget",
    "/prompt_ide.Sampler/ListModels",
    "/prompt_ide.Sampler/ListTransactions",
    "/prompt_ide.Sampler/Tokenize",
    "/prompt_ide.Search/CompleteQuery",
    "/prompt_ide.Search/GetMostRecentSearchQuery",
    "/prompt_ide.Search/GetXCuratedTrends",
    "/prompt_ide.Search/GetXTrendById",
    "/prompt_ide.StatelessChat/DeleteLoggedConversations",
    "/collections.Collections/BatchGetDocuments",
    "/collections.Collections/GetCollectionMetadata",
    "/collections.Collections/GetDocumentMetadata",
    "/collections.Collections/ListCollections",
    "/collections.Collections/ListDocuments",
    "/collections.Collections/UpdateDocument",
    "/xai_api.Auth/get_api_key_info",
    "/xai_api.BatchMgmt/CancelBatch",
    "/xai_api.BatchMgmt/GetBatch",
    "/xai_api.BatchMgmt/GetBatchRequestResult",
    "/xai_api.BatchMgmt/ListBatchRequestMetadata",
    "/xai_api.BatchMgmt/ListBatchResults",
    "/xai_api.BatchMgmt/ListBatches",
    "/xai_api.Chat/GetDeferredCompletion",
    "/xai_api.Chat/GetStoredCompletion",
    "/xai_api.Documents/Search",
    "/xai_api.Embedder/Embed",
    "/xai_api.Files/CreatePublicUrl",
    "/xai_api.Files/ListFiles",
    "/xai_api.Files/RetrieveFile",
    "/xai_api.Files/RetrieveFileContent",
    "/xai_api.Files/RevokePublicUrl",
    "/xai_api.Models/GetEmbeddingModel",
    "/xai_api.Models/GetImageGenerationModel",
    "/xai_api.Models/GetLanguageModel",
    "/xai_api.Models/ListEmbeddingModels",
    "/xai_api.Models/ListImageGenerationModels",
    "/xai_api.Models/ListLanguageModels",
    "/xai_api.Tokenize/TokenizeText",
    "/xai_api.Video/GetDeferredVideo",
}


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> list[FileDescriptorProto]:
    """What protoc makes of the .proto files."""
    out = tmp_path_factory.mktemp("wire") / "descriptors"
    protos = ROOT / "proto"
    names = sorted(path.relative_to(protos).as_posix() for path in protos.rglob("*.proto"))
    command = ["-m", "grpc_tools.protoc", f"-I{protos}", f"--descriptor_set_out={out}", *names]
    subprocess.run([sys.executable, *command], check=True, timeout=150)
    return list(FileDescriptorSet.FromString(out.read_bytes()).file)


def all_messages(file: FileDescriptorProto) -> Iterator[tuple[str, DescriptorProto]]:
    """Yield the full name of each message, and the message; no map entries."""
    waiting = [(f"{file.package}.{message.name}", message) for message in file.message_type]
    while waiting:
        name, message = waiting.pop()
        if not message.options.map_entry:
            yield name, message
            waiting += [(f"{name}.{inner.name}", inner) for inner in message.nested_type]


def all_enums(file: FileDescriptorProto) -> Iterator[tuple[str, EnumDescriptorProto]]:
    """Yield the full name of each enum, and the enum."""
    for enum in file.enum_type:
        yield f"{file.package}.{enum.name}", enum
    for name, message in all_messages(file):
        for enum in message.enum_type:
            yield f"{name}.{enum.name}", enum


def described(message: DescriptorProto, field: FieldDescriptorProto) -> str:
    """Return a field as one line."""
    kind = type_name(field)
    repeated = field.label == FieldDescriptorProto.LABEL_REPEATED
    for entry in message.nested_type:
        if entry.options.map_entry and kind.endswith(f"{message.name}.{entry.name}"):
            kind, repeated = f"map<{type_name(entry.field[0])}, {type_name(entry.field[1])}>", False
    if repeated:
        kind = f"repeated {kind}"
    if field.proto3_optional:
        kind = f"optional {kind}"
    elif field.HasField("oneof_index"):
        kind = f"{message.oneof_decl[field.oneof_index].name}: {kind}"
    options = [name for name in ("deprecated", "packed") if getattr(field.options, name)]
    return f"{kind} {field.name} = {field.number}" + (f" [{', '.join(options)}]" if options else "")


def type_name(field: FieldDescriptorProto) -> str:
    """Return the type of a field, as it is written in a .proto file."""
    scalar = FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()
    return field.type_name.lstrip(".") or scalar


def test_messages_of_the_proto_files_are_the_documented_ones(
    compiled: list[FileDescriptorProto],
) -> None:
    """Numbers, types, labels, oneofs and options of all fields are as documented, none is new."""
    found = {
        name: [described(message, field) for field in sorted(message.field, key=lambda f: f.number)]
        for file in compiled
        for name, message in all_messages(file)
    }
    assert found == PINNED["messages"]


def test_retired_numbers_stay_reserved(compiled: list[FileDescriptorProto]) -> None:
    """No field can get a number that meant something else once."""
    found = {
        name: [n for part in message.reserved_range for n in range(part.start, part.end)]
        for file in compiled
        for name, message in all_messages(file)
        if message.reserved_range
    }
    # The last number of a range belongs to it in an enum, and does not in a message.
    found |= {
        name: [n for part in enum.reserved_range for n in range(part.start, part.end + 1)]
        for file in compiled
        for name, enum in all_enums(file)
        if enum.reserved_range
    }
    assert found == PINNED["reserved"]


def test_enums_of_the_proto_files_are_the_documented_ones(
    compiled: list[FileDescriptorProto],
) -> None:
    """Names and numbers of all enum members are as documented."""
    found = {
        name: [f"{value.name} = {value.number}" for value in enum.value]
        for file in compiled
        for name, enum in all_enums(file)
    }
    assert found == PINNED["enums"]


def test_methods_of_the_proto_files_are_the_documented_ones(
    compiled: list[FileDescriptorProto],
) -> None:
    """Path, types and cardinality of all methods are as documented."""
    found = {
        f"/{file.package}.{service.name}/{method.name}": (
            f"{'stream ' if method.client_streaming else ''}{method.input_type.lstrip('.')} -> "
            f"{'stream ' if method.server_streaming else ''}{method.output_type.lstrip('.')}"
        )
        for file in compiled
        for service in file.service
        for method in service.method
    }
    assert found == PINNED["methods"]


def proto_modules() -> list[ModuleType]:
    """Return the generated modules with messages in them."""
    names = {
        f"xai.proto.{name}.{home}"
        for name in PACKAGES
        for home in importlib.import_module(f"xai.proto.{name}")._HOMES.values()
    }
    return [importlib.import_module(name) for name in sorted(names)]


def class_of(full_name: str) -> Any:  # noqa: ANN401  # a class of messages or enums
    """Return the class that stands for a message or an enum."""
    package = next(name for name in PACKAGES if full_name.startswith(f"{name}."))
    name = full_name.removeprefix(package).replace(".", "").lower()
    module = importlib.import_module(f"xai.proto.{package}")
    # Abbreviations are words in Python's names: Mcp, HnswMetric.
    return next(getattr(module, other) for other in module.__all__ if other.lower() == name)


NAMES: Final[dict[Any, str]] = {
    **{class_of(name): name for name in (*PINNED["messages"], *PINNED["enums"])},
    datetime: "google.protobuf.Timestamp",
    timedelta: "google.protobuf.Duration",
}


def name_of(cls: type) -> str:
    """Return the full name of the message or enum that a class stands for."""
    return NAMES.get(cls) or f"google.protobuf.{cls.__name__}"


def known_to_class(cls: type[base.Message]) -> list[str]:
    """Return the fields of a class as lines, from what betterproto encodes and decodes by."""
    hints = typing.get_type_hints(cls, vars(sys.modules[cls.__module__]))
    lines = {}
    fields = dataclasses.fields(cls)  # type: ignore[arg-type]  # all but the base are dataclasses
    for field in fields:
        meta = betterproto.FieldMetadata.get(field)
        hint = hints[field.name]
        kind = meta.proto_type
        if kind in (betterproto.TYPE_MESSAGE, betterproto.TYPE_ENUM):
            arguments = [part for part in typing.get_args(hint) if part is not type(None)]
            kind = name_of(arguments[0] if arguments else hint)
        elif meta.map_types:
            kind = f"map<{', '.join(meta.map_types)}>"
        if typing.get_origin(hint) is list:
            kind = f"repeated {kind}"
        if meta.optional:
            kind = f"optional {kind}"
        if meta.group:
            kind = f"{meta.group}: {kind}"
        lines[meta.number] = f"{kind} {field.name} = {meta.number}"
    return [lines[number] for number in sorted(lines)]


@pytest.mark.parametrize("name", PINNED["messages"])
def test_generated_message_is_the_documented_one(name: str) -> None:
    """Numbers, types, labels and oneofs by which the class is coded are as documented."""
    pinned = [line.partition(" [")[0] for line in PINNED["messages"][name]]
    assert known_to_class(class_of(name)) == pinned


@pytest.mark.parametrize("name", PINNED["enums"])
def test_generated_enum_is_the_documented_one(name: str) -> None:
    """The members of the class have the documented names and numbers."""
    assert [f"{item.name} = {item.value}" for item in class_of(name)] == PINNED["enums"][name]


def table() -> list[base.Method[Any, Any]]:
    """Return the methods of all services."""
    modules = proto_modules()
    return [item for module in modules for item in vars(module).values() if is_method(item)]


def is_method(item: object) -> bool:
    """Tell whether a name of a module stands for an RPC."""
    return isinstance(item, base.Method)


def test_secrets_are_marked(compiled: list[FileDescriptorProto]) -> None:
    """The fields that hold keys for other servers are marked, and the classes know them."""
    marked = {
        (name, field.name)
        for file in compiled
        for name, message in all_messages(file)
        for field in message.field
        if field.options.debug_redact
    }
    assert marked == {("xai_api.MCP", "authorization"), ("xai_api.MCP", "extra_headers")}
    known = {(name, field) for name in PINNED["messages"] for field in class_of(name)._secrets}
    assert known == marked


def test_generated_method_table_is_the_documented_one() -> None:
    """Path, types and cardinality in the table are as documented, none is missing."""
    found = {
        method.path: (
            f"{'stream ' if method.client_streaming else ''}{name_of(method.request)} -> "
            f"{'stream ' if method.server_streaming else ''}{name_of(method.reply)}"
        )
        for method in table()
    }
    assert found == PINNED["methods"]


def test_repeatable_methods_are_the_reviewed_ones() -> None:
    """Only RPCs that were looked at one by one are marked as safe to repeat."""
    assert {method.path for method in table() if method.idempotent} == REPEATABLE


def test_every_class_and_method_is_in_a_module_once() -> None:
    """No message, enum or method is defined in two modules, and none is left out of the pins."""
    defined = [
        value
        for module in proto_modules()
        for value in vars(module).values()
        if isinstance(value, type) and value.__module__ == module.__name__
    ]
    assert sorted(map(name_of, defined)) == sorted([*PINNED["messages"], *PINNED["enums"]])
    paths = [method.path for method in table()]
    assert len(paths) == len(set(paths))
