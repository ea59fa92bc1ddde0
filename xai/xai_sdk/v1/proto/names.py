"""Which file of the API a generated class is from, and what it is called there."""

from typing import Final

#: The modules of generated messages, by the names of the API's files.
HOMES: Final = {
    "auth": "xai.proto.xai_api.auth",
    "batch": "xai.proto.xai_api.batch",
    "chat": "xai.proto.xai_api.chat",
    "collections": "xai.proto.collections.collections",
    "deferred": "xai.proto.xai_api.deferred",
    "documents": "xai.proto.xai_api.documents",
    "embed": "xai.proto.xai_api.embed",
    "files": "xai.proto.xai_api.files",
    "image": "xai.proto.xai_api.image",
    "models": "xai.proto.xai_api.models",
    "sample": "xai.proto.xai_api.sample",
    "shared": "xai.proto.shared.shared",
    "tokenize": "xai.proto.xai_api.tokenize",
    "types": "xai.proto.rag.types",
    "usage": "xai.proto.xai_api.usage",
    "video": "xai.proto.xai_api.video",
}

#: The names that betterproto changes; nested ones have their message before a dot.
_RENAMED: Final = {
    "BatchRequestMetadataState": "BatchRequestMetadata.State",
    "HnswMetric": "HNSWMetric",
    "Mcp": "MCP",
}

#: What betterproto calls them, which is no name of the API.
HIDDEN: Final = frozenset(_RENAMED)

_LIBRARY: Final = "google.protobuf"


def name_of(cls: type) -> str:
    """Return what the API's file calls a generated class, without the package."""
    return _RENAMED.get(cls.__name__, cls.__name__)


def generated_name(name: str) -> str:
    """Return what the generated class is called that the API's file calls so."""
    return next((ours for ours, theirs in _RENAMED.items() if theirs == name), name)


def package_of(cls: type) -> str:
    """Return the protobuf package of a generated class."""
    if not cls.__module__.startswith("xai.proto."):
        # A well-known type, betterproto's or ours.
        return _LIBRARY
    return cls.__module__.removeprefix("xai.proto.").rpartition(".")[0]


def file_of(cls: type) -> str:
    """Return the path of the .proto file of a generated class."""
    stem = cls.__module__.rpartition(".")[2]
    package = package_of(cls)
    if package == _LIBRARY:
        return f"google/protobuf/{cls.__name__.lower()}.proto"
    return f"google/rpc/{stem}.proto" if package == "google.rpc" else f"xai/api/v1/{stem}.proto"
