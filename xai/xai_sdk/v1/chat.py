"""Messages, their parts, tools, and responses of chats."""

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
from xai.xai_sdk.v1.proto.modules import load
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
