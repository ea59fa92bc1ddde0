# Generated from xai/api/v1/usage.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""What requests cost."""

from dataclasses import dataclass

import betterproto

from xai.proto import base


class ServiceTier(base.Enum):
    """Service tiers of requests."""

    SERVICE_TIER_UNSPECIFIED = 0
    """The server decides."""

    SERVICE_TIER_DEFAULT = 1
    """Default tier."""

    SERVICE_TIER_PRIORITY = 2
    """Priority tier."""


class ServerSideTool(base.Enum):
    """Tools that run on the server."""

    SERVER_SIDE_TOOL_INVALID = 0
    """It is not known."""

    SERVER_SIDE_TOOL_WEB_SEARCH = 1
    """A search of the web."""

    SERVER_SIDE_TOOL_X_SEARCH = 2
    """A search of X."""

    SERVER_SIDE_TOOL_CODE_EXECUTION = 3
    """Running code."""

    SERVER_SIDE_TOOL_VIEW_IMAGE = 4
    """Looking at an image."""

    SERVER_SIDE_TOOL_VIEW_X_VIDEO = 5
    """Looking at a video on X."""

    SERVER_SIDE_TOOL_COLLECTIONS_SEARCH = 6
    """A search of collections."""

    SERVER_SIDE_TOOL_MCP = 7
    """A tool of an MCP server."""

    SERVER_SIDE_TOOL_ATTACHMENT_SEARCH = 8
    """A search of the files in the conversation."""

    SERVER_SIDE_TOOL_IMAGE_SEARCH = 10
    """A search for images."""

    SERVER_SIDE_TOOL_IMAGE_GENERATION = 11
    """Making images."""


@dataclass(eq=False, repr=False)
class SamplingUsage(base.Message):
    """Usage and cost of a request."""

    completion_tokens: int = betterproto.int32_field(1)
    """Completion tokens."""

    reasoning_tokens: int = betterproto.int32_field(6)
    """Reasoning tokens."""

    prompt_tokens: int = betterproto.int32_field(2)
    """Prompt tokens."""

    total_tokens: int = betterproto.int32_field(3)
    """Total tokens."""

    prompt_text_tokens: int = betterproto.int32_field(4)
    """Tokens of text in the prompt."""

    cached_prompt_text_tokens: int = betterproto.int32_field(7)
    """Tokens of text in the prompt that were seen before."""

    prompt_image_tokens: int = betterproto.int32_field(5)
    """Tokens of images in the prompt."""

    num_sources_used: int = betterproto.int32_field(8)
    """Number of sources used."""

    server_side_tools_used: "list[ServerSideTool]" = betterproto.enum_field(9)
    """The tools that ran on the server, one entry for each use."""

    cost_in_usd_ticks: "int | None" = betterproto.int64_field(11, optional=True)
    """The price in ticks of 1e-10 US dollars, tools included."""


@dataclass(eq=False, repr=False)
class EmbeddingUsage(base.Message):
    """Number of inputs."""

    num_text_embeddings: int = betterproto.int32_field(1)
    """Texts."""

    num_image_embeddings: int = betterproto.int32_field(2)
    """Images."""
