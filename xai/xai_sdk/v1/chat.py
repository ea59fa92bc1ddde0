"""Messages, their parts, tools, and responses of chats."""

from importlib import import_module
from typing import TYPE_CHECKING, Final

from xai.xai_sdk.v1.proto.modules import load

if TYPE_CHECKING:
    from xai.xai_sdk.v1.chats.base import BaseChat, BaseClient
    from xai.xai_sdk.v1.chats.chunk import Chunk, CompletionOutputChunk, ImageGenerationOutput
    from xai.xai_sdk.v1.chats.constructors import (
        assistant,
        developer,
        file,
        image,
        required_tool,
        system,
        text,
        tool,
        tool_result,
        user,
    )
    from xai.xai_sdk.v1.chats.response import CompactContextResponse, Response
    from xai.xai_sdk.v1.cost import cost_usd_from_usage
    from xai.xai_sdk.v1.meta import ProtoDecorator
    from xai.xai_sdk.v1.search import SearchParameters
    from xai.xai_sdk.v1.types.chat import (
        AgentCount,
        AgentCountMap,
        Content,
        Guideline,
        ImageDetail,
        IncludeOption,
        IncludeOptionMap,
        ReasoningEffort,
        ResponseFormat,
        ToolMode,
    )
    from xai.xai_sdk.v1.types.common import ServiceTier
    from xai.xai_sdk.v1.types.model import ChatModel

# Programs reach them through this module.
chat_pb2 = load("chat_pb2")
image_pb2 = load("image_pb2")
sample_pb2 = load("sample_pb2")
usage_pb2 = load("usage_pb2")

__all__ = [
    "AgentCount",
    "AgentCountMap",
    "BaseChat",
    "BaseClient",
    "ChatModel",
    "Chunk",
    "CompactContextResponse",
    "CompletionOutputChunk",
    "Content",
    "Guideline",
    "ImageDetail",
    "ImageGenerationOutput",
    "IncludeOption",
    "IncludeOptionMap",
    "ProtoDecorator",
    "ReasoningEffort",
    "Response",
    "ResponseFormat",
    "SearchParameters",
    "ServiceTier",
    "ToolMode",
    "assistant",
    "chat_pb2",
    "cost_usd_from_usage",
    "developer",
    "file",
    "image",
    "image_pb2",
    "required_tool",
    "sample_pb2",
    "system",
    "text",
    "tool",
    "tool_result",
    "usage_pb2",
    "user",
]

#: Where each name is; it is loaded when it is first used.
_HOMES: Final = {
    **dict.fromkeys(
        (
            "BaseChat",
            "BaseClient",
        ),
        "chats.base",
    ),
    **dict.fromkeys(
        (
            "Chunk",
            "CompletionOutputChunk",
            "ImageGenerationOutput",
        ),
        "chats.chunk",
    ),
    **dict.fromkeys(
        (
            "assistant",
            "developer",
            "file",
            "image",
            "required_tool",
            "system",
            "text",
            "tool",
            "tool_result",
            "user",
        ),
        "chats.constructors",
    ),
    **dict.fromkeys(
        (
            "CompactContextResponse",
            "Response",
        ),
        "chats.response",
    ),
    "cost_usd_from_usage": "cost",
    "ProtoDecorator": "meta",
    "SearchParameters": "search",
    **dict.fromkeys(
        (
            "AgentCount",
            "AgentCountMap",
            "Content",
            "Guideline",
            "ImageDetail",
            "IncludeOption",
            "IncludeOptionMap",
            "ReasoningEffort",
            "ResponseFormat",
            "ToolMode",
        ),
        "types.chat",
    ),
    "ServiceTier": "types.common",
    "ChatModel": "types.model",
}

if not TYPE_CHECKING:  # a type checker knows the names and finds misspelt ones

    def __getattr__(name: str) -> object:
        """Load a name when it is first used (PEP 562)."""
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module 'xai_sdk.chat' has no attribute {name!r}")
        found: object = getattr(import_module(f"xai.xai_sdk.v1.{home}"), name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(__all__)
