"""Types of the arguments of chats, and the numbers that some of them stand for."""

from typing import Final, Literal, TypeAlias

from typing_extensions import TypedDict

from xai.xai_sdk.v1.proto.messages import Message
from xai.xai_sdk.v1.proto.modules import load

chat_pb2 = load("chat_pb2")

AgentCount: TypeAlias = Literal[4, 16]
ReasoningEffort: TypeAlias = Literal["none", "low", "medium", "high", "xhigh"]
ImageDetail: TypeAlias = Literal["auto", "low", "high"]
Content: TypeAlias = str | Message
ToolMode: TypeAlias = Literal["auto", "none", "required"]
ResponseFormat: TypeAlias = Literal["text", "json_object"]
IncludeOption: TypeAlias = Literal[
    "web_search_call_output",
    "x_search_call_output",
    "code_execution_call_output",
    "collections_search_call_output",
    "attachment_search_call_output",
    "mcp_call_output",
    "inline_citations",
    "verbose_streaming",
]
GuidelineCategory: TypeAlias = Literal["nsfw", "violence", "profanity"]
GuidelineBehavior: TypeAlias = Literal["decline"]

IncludeOptionMap: Final[dict[IncludeOption, int]] = {
    "web_search_call_output": chat_pb2.INCLUDE_OPTION_WEB_SEARCH_CALL_OUTPUT,
    "x_search_call_output": chat_pb2.INCLUDE_OPTION_X_SEARCH_CALL_OUTPUT,
    "code_execution_call_output": chat_pb2.INCLUDE_OPTION_CODE_EXECUTION_CALL_OUTPUT,
    "collections_search_call_output": chat_pb2.INCLUDE_OPTION_COLLECTIONS_SEARCH_CALL_OUTPUT,
    "attachment_search_call_output": chat_pb2.INCLUDE_OPTION_ATTACHMENT_SEARCH_CALL_OUTPUT,
    "mcp_call_output": chat_pb2.INCLUDE_OPTION_MCP_CALL_OUTPUT,
    "inline_citations": chat_pb2.INCLUDE_OPTION_INLINE_CITATIONS,
    "verbose_streaming": chat_pb2.INCLUDE_OPTION_VERBOSE_STREAMING,
}
AgentCountMap: Final[dict[AgentCount, int]] = {
    4: chat_pb2.AGENT_COUNT_4,
    16: chat_pb2.AGENT_COUNT_16,
}
GuidelineCategoryMap: Final[dict[GuidelineCategory, int]] = {
    "nsfw": chat_pb2.GUIDELINE_CATEGORY_NSFW,
    "violence": chat_pb2.GUIDELINE_CATEGORY_VIOLENCE,
    "profanity": chat_pb2.GUIDELINE_CATEGORY_PROFANITY,
}
GuidelineBehaviorMap: Final[dict[GuidelineBehavior, int]] = {
    "decline": chat_pb2.GUIDELINE_BEHAVIOR_DECLINE,
}


class Guideline(TypedDict):
    """What a response must not have."""

    type: Literal["policy"]
    category: GuidelineCategory
    behavior: GuidelineBehavior
