"""Values of parameters, and the enums of responses."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias, TypedDict, TypeVar

from xai._annotations import resolve_lazily
from xai.v1.open_enum import OpenEnum

if TYPE_CHECKING:
    from xai.proto.base import Enum

ReasoningEffort: TypeAlias = Literal["none", "low", "medium", "high", "xhigh"]
"""How long the model reasons before it responds."""
ToolMode: TypeAlias = Literal["auto", "none", "required"]
"""Whether the model calls tools: as it likes, never, or always."""
ImageDetail: TypeAlias = Literal["auto", "low", "high"]
"""How finely the model looks at an image."""
ServiceTierName: TypeAlias = Literal["default", "priority"]
"""How soon a request is processed, at which price."""
IncludeOption: TypeAlias = Literal[
    "web_search_call_output",
    "x_search_call_output",
    "code_execution_call_output",
    "collections_search_call_output",
    "attachment_search_call_output",
    "mcp_call_output",
    "inline_citations",
    "verbose_streaming",
    "code_execution_files_output",
]
"""What the server's own tools return besides: their outputs, or citations in the text."""
ChatModel: TypeAlias = Literal[
    "grok-3",
    "grok-3-fast",
    "grok-3-fast-latest",
    "grok-3-latest",
    "grok-3-mini",
    "grok-3-mini-fast",
    "grok-3-mini-fast-latest",
    "grok-4",
    "grok-4-0709",
    "grok-4-latest",
    "grok-4-1-fast",
    "grok-4-1-fast-non-reasoning",
    "grok-4-1-fast-non-reasoning-latest",
    "grok-4-1-fast-reasoning",
    "grok-4-1-fast-reasoning-latest",
    "grok-4-fast",
    "grok-4-fast-non-reasoning",
    "grok-4-fast-non-reasoning-latest",
    "grok-4-fast-reasoning",
    "grok-4-fast-reasoning-latest",
    "grok-4.20",
    "grok-4.20-0309",
    "grok-4.20-0309-non-reasoning",
    "grok-4.20-0309-reasoning",
    "grok-4.20-multi-agent",
    "grok-4.20-multi-agent-0309",
    "grok-4.20-multi-agent-latest",
    "grok-4.20-non-reasoning",
    "grok-4.20-non-reasoning-latest",
    "grok-4.20-reasoning-latest",
    "grok-4.3",
    "grok-4.3-latest",
    "grok-4.5",
    "grok-4.5-latest",
    "grok-4.6",
    "grok-build-0.1",
    "grok-code-fast-1",
]
"""Names of models for chats."""
Model: TypeAlias = ChatModel | str
"""The listed ones are hints for editors; any name that the server knows will do."""


class GuidelineParam(TypedDict):
    """A content policy, in the form of the REST API.

    Attributes:
        type: The kind of guideline.
        category: The category of content; each at most once.
        behavior: What the model does about such content.
    """

    type: Literal["policy"]
    category: Literal["nsfw", "violence", "profanity"]
    behavior: Literal["decline"]


E = TypeVar("E", bound="Enum")


class FinishReason(OpenEnum):
    """Why sampling finished; the numbers are those of ``xai_api.FinishReason``."""

    INVALID = 0
    MAX_LEN = 1
    MAX_CONTEXT = 2
    STOP = 3
    TOOL_CALLS = 4
    TIME_LIMIT = 5

    @property
    def wire_name(self) -> str:
        """The protobuf name, such as ``REASON_STOP``; with the number if it has none."""
        return self._with("REASON_")


class Role(OpenEnum):
    """The author of a message; the numbers are those of ``xai_api.MessageRole``."""

    INVALID = 0
    USER = 1
    ASSISTANT = 2
    SYSTEM = 3
    FUNCTION = 4
    TOOL = 5
    DEVELOPER = 6

    @property
    def wire_name(self) -> str:
        """The protobuf name, such as ``ROLE_USER``; with the number if it has none."""
        return self._with("ROLE_") if self.value else "INVALID_ROLE"


class ToolCallType(OpenEnum):
    """The kind of a tool call; the numbers are those of ``xai_api.ToolCallType``."""

    INVALID = 0
    CLIENT_SIDE_TOOL = 1
    WEB_SEARCH_TOOL = 2
    X_SEARCH_TOOL = 3
    CODE_EXECUTION_TOOL = 4
    COLLECTIONS_SEARCH_TOOL = 5
    MCP_TOOL = 6
    ATTACHMENT_SEARCH_TOOL = 7
    IMAGE_GENERATION_TOOL = 10

    @property
    def wire_name(self) -> str:
        """The protobuf name, such as ``TOOL_CALL_TYPE_MCP_TOOL``; or with the number."""
        return self._with("TOOL_CALL_TYPE_")


class ToolCallStatus(OpenEnum):
    """The status of a tool call; the numbers are those of ``xai_api.ToolCallStatus``."""

    IN_PROGRESS = 0
    COMPLETED = 1
    INCOMPLETE = 2
    FAILED = 3

    @property
    def wire_name(self) -> str:
        """The protobuf name, such as ``TOOL_CALL_STATUS_FAILED``; or with the number."""
        return self._with("TOOL_CALL_STATUS_")


class ServerSideTool(OpenEnum):
    """A server-side tool; the numbers are those of ``xai_api.ServerSideTool``."""

    INVALID = 0
    WEB_SEARCH = 1
    X_SEARCH = 2
    CODE_EXECUTION = 3
    VIEW_IMAGE = 4
    VIEW_X_VIDEO = 5
    COLLECTIONS_SEARCH = 6
    MCP = 7
    ATTACHMENT_SEARCH = 8
    IMAGE_SEARCH = 10
    IMAGE_GENERATION = 11

    @property
    def wire_name(self) -> str:
        """The protobuf name, such as ``SERVER_SIDE_TOOL_MCP``; or with the number."""
        return self._with("SERVER_SIDE_TOOL_")


class ServiceTier(OpenEnum):
    """The processing tier of a request; the numbers are those of ``xai_api.ServiceTier``."""

    UNSPECIFIED = 0
    DEFAULT = 1
    PRIORITY = 2

    @property
    def wire_name(self) -> str:
        """The protobuf name, such as ``SERVICE_TIER_DEFAULT``; or with the number."""
        return self._with("SERVICE_TIER_")


for _class in (
    FinishReason,
    GuidelineParam,
    Role,
    ServerSideTool,
    ServiceTier,
    ToolCallStatus,
    ToolCallType,
):
    _class.__module__ = "xai.v1"


def optional_member(
    argument: str, value: object, table: Mapping[str, E], kind: type[E]
) -> E | None:
    """Return the member of a protobuf enum that a value stands for, None for None; see `member`."""
    return None if value is None else member(argument, value, table, kind)


def member(
    argument: str,
    value: object,
    table: Mapping[str, E],
    kind: type[E],
    ours: type[OpenEnum] | None = None,
) -> E:
    """Return the member of a protobuf enum that a value stands for.

    Args:
        argument: The name of the argument, for errors.
        value: One of the names in the table, or a member of one of the enums. A bare number is
            refused: that of a setting is easily mistaken for that of its enum.
        table: The names there are.
        kind: The protobuf enum.
        ours: The public enum with the same numbers, where there is one.

    Returns:
        The member.

    Raises:
        TypeError: The value is neither a str nor a member.
        ValueError: The name is not in the table.
    """
    if isinstance(value, kind):
        return value
    if ours is not None and isinstance(value, ours):
        return kind.try_value(value.value)
    choices = ", ".join(repr(name) for name in table)
    if not isinstance(value, str):
        raise TypeError(
            f"{argument} must be one of {choices}, or a member of {kind.__name__},"
            f" not {type(value).__name__}"
        )
    if value not in table:
        raise ValueError(f"{argument} must be one of {choices}, not {value!r}")
    return table[value]


resolve_lazily(globals())
