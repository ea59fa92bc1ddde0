# Generated from xai/api/v1/chat.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""Conversations with a model, and its tools."""

import builtins
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import betterproto

from xai.proto import base
from xai.proto.xai_api.deferred import DeferredStatus, GetDeferredRequest, StartDeferredResponse
from xai.proto.xai_api.documents import HybridRetrieval, KeywordRetrieval, SemanticRetrieval
from xai.proto.xai_api.image import ImageUrlContent
from xai.proto.xai_api.sample import FinishReason
from xai.proto.xai_api.usage import SamplingUsage, ServiceTier


class GuidelineCategory(base.Enum):
    """Kinds of content that there are guidelines for."""

    GUIDELINE_CATEGORY_INVALID = 0
    """None."""

    GUIDELINE_CATEGORY_NSFW = 1
    """Not safe for work."""

    GUIDELINE_CATEGORY_VIOLENCE = 2
    """Violence."""

    GUIDELINE_CATEGORY_PROFANITY = 5
    """Profanity."""


class GuidelineBehavior(base.Enum):
    """What to do about a kind of content."""

    GUIDELINE_BEHAVIOR_INVALID = 0
    """Nothing."""

    GUIDELINE_BEHAVIOR_DECLINE = 1
    """Decline to respond."""


class IncludeOption(base.Enum):
    """What can be sent with a response besides its text."""

    INCLUDE_OPTION_INVALID = 0
    """Nothing."""

    INCLUDE_OPTION_WEB_SEARCH_CALL_OUTPUT = 1
    """Results of web searches, encrypted."""

    INCLUDE_OPTION_X_SEARCH_CALL_OUTPUT = 2
    """Results of X searches, encrypted."""

    INCLUDE_OPTION_CODE_EXECUTION_CALL_OUTPUT = 3
    """Output of executed code."""

    INCLUDE_OPTION_COLLECTIONS_SEARCH_CALL_OUTPUT = 4
    """Results of collection searches."""

    INCLUDE_OPTION_ATTACHMENT_SEARCH_CALL_OUTPUT = 5
    """Results of searches of attached files."""

    INCLUDE_OPTION_MCP_CALL_OUTPUT = 6
    """Results of MCP tools."""

    INCLUDE_OPTION_INLINE_CITATIONS = 7
    """Inline citations."""

    INCLUDE_OPTION_VERBOSE_STREAMING = 8
    """Chunks without content."""

    INCLUDE_OPTION_CODE_EXECUTION_FILES_OUTPUT = 9
    """Files that were made by running code."""


class MessageRole(base.Enum):
    """Roles of messages."""

    INVALID_ROLE = 0
    """It is not known."""

    ROLE_USER = 1
    """The user."""

    ROLE_ASSISTANT = 2
    """The model."""

    ROLE_SYSTEM = 3
    """The system, which instructs the model."""

    ROLE_FUNCTION = 4
    """A function, the former name of a tool."""

    ROLE_TOOL = 5
    """A tool."""

    ROLE_DEVELOPER = 6
    """The developer, in place of the system with newer models."""


class ReasoningEffort(base.Enum):
    """Reasoning effort."""

    INVALID_EFFORT = 0
    """The model decides."""

    EFFORT_LOW = 1
    """Low effort."""

    EFFORT_MEDIUM = 2
    """Medium effort."""

    EFFORT_HIGH = 3
    """High effort."""

    EFFORT_NONE = 4
    """No reasoning."""

    EFFORT_XHIGH = 5
    """Highest effort; only some models have it."""


class AgentCount(base.Enum):
    """Numbers of agents of a multi-agent model."""

    AGENT_COUNT_UNSPECIFIED = 0
    """The server decides."""

    AGENT_COUNT_4 = 1
    """Four."""

    AGENT_COUNT_16 = 2
    """Sixteen."""


class ToolMode(base.Enum):
    """Tool modes."""

    TOOL_MODE_INVALID = 0
    """The server decides."""

    TOOL_MODE_AUTO = 1
    """The model decides whether to call a tool."""

    TOOL_MODE_NONE = 2
    """The model may not call a tool."""

    TOOL_MODE_REQUIRED = 3
    """The model must call a tool."""


class FormatType(base.Enum):
    """Response formats."""

    FORMAT_TYPE_INVALID = 0
    """The server decides."""

    FORMAT_TYPE_TEXT = 1
    """Any text."""

    FORMAT_TYPE_JSON_OBJECT = 2
    """Any object in JSON."""

    FORMAT_TYPE_JSON_SCHEMA = 3
    """JSON that matches a schema."""


class ToolCallType(base.Enum):
    """Kinds of calls of tools."""

    TOOL_CALL_TYPE_INVALID = 0
    """It is not known."""

    TOOL_CALL_TYPE_CLIENT_SIDE_TOOL = 1
    """A function, for the caller to run."""

    TOOL_CALL_TYPE_WEB_SEARCH_TOOL = 2
    """A search of the web."""

    TOOL_CALL_TYPE_X_SEARCH_TOOL = 3
    """A search of X."""

    TOOL_CALL_TYPE_CODE_EXECUTION_TOOL = 4
    """Running code."""

    TOOL_CALL_TYPE_COLLECTIONS_SEARCH_TOOL = 5
    """A search of collections."""

    TOOL_CALL_TYPE_MCP_TOOL = 6
    """A tool of an MCP server."""

    TOOL_CALL_TYPE_ATTACHMENT_SEARCH_TOOL = 7
    """A search of the files in the conversation."""

    TOOL_CALL_TYPE_IMAGE_GENERATION_TOOL = 10
    """Making images."""


class ToolCallStatus(base.Enum):
    """States of a tool call."""

    TOOL_CALL_STATUS_IN_PROGRESS = 0
    """It is asked for, or goes on."""

    TOOL_CALL_STATUS_COMPLETED = 1
    """It is done."""

    TOOL_CALL_STATUS_INCOMPLETE = 2
    """It ended before it was done."""

    TOOL_CALL_STATUS_FAILED = 3
    """Failed."""


class SearchMode(base.Enum):
    """Whether to search before answering."""

    INVALID_SEARCH_MODE = 0
    """The server decides."""

    OFF_SEARCH_MODE = 1
    """Never."""

    ON_SEARCH_MODE = 2
    """Always."""

    AUTO_SEARCH_MODE = 3
    """When the model wants to."""


@dataclass(eq=False, repr=False)
class PolicyGuideline(base.Message):
    """How to treat a kind of content."""

    category: "GuidelineCategory" = betterproto.enum_field(1)
    """The kind of content."""

    behavior: "GuidelineBehavior" = betterproto.enum_field(2)
    """What to do about it."""


@dataclass(eq=False, repr=False)
class Guideline(base.Message):
    """A content guideline."""

    policy: "PolicyGuideline" = betterproto.message_field(1, group="kind")
    """How to treat a kind of content."""


@dataclass(eq=False, repr=False)
class GetCompletionsRequest(base.Message):
    """A conversation and the sampling settings of its response."""

    messages: "list[Message]" = betterproto.message_field(1)
    """Messages, in order."""

    model: str = betterproto.string_field(2)
    """The model to use, by name or alias."""

    user: str = betterproto.string_field(16)
    """The caller's identifier of the end user."""

    n: "int | None" = betterproto.int32_field(8, optional=True)
    """Number of responses to sample."""

    max_tokens: "int | None" = betterproto.int32_field(7, optional=True)
    """Maximum number of tokens to sample."""

    seed: "int | None" = betterproto.int32_field(11, optional=True)
    """The seed of the random choice."""

    stop: "list[str]" = betterproto.string_field(12)
    """Stop at any of these strings."""

    temperature: "float | None" = betterproto.float_field(14, optional=True)
    """Sampling temperature, 0 to 2."""

    top_p: "float | None" = betterproto.float_field(15, optional=True)
    """Nucleus sampling: only the most likely tokens whose probabilities add up to this."""

    logprobs: bool = betterproto.bool_field(5)
    """Return the log probability of each token."""

    top_logprobs: "int | None" = betterproto.int32_field(6, optional=True)
    """Number of most likely tokens to return at each position, at most 8."""

    tools: "list[Tool]" = betterproto.message_field(17)
    """What the model may use."""

    tool_choice: "ToolChoice" = betterproto.message_field(18)
    """Whether calling a tool is allowed, required or forbidden."""

    response_format: "ResponseFormat" = betterproto.message_field(10)
    """Response format."""

    frequency_penalty: "float | None" = betterproto.float_field(3, optional=True)
    """Frequency penalty."""

    presence_penalty: "float | None" = betterproto.float_field(9, optional=True)
    """Presence penalty."""

    reasoning_effort: "ReasoningEffort | None" = betterproto.enum_field(19, optional=True)
    """Reasoning effort."""

    search_parameters: "SearchParameters | None" = betterproto.message_field(20, optional=True)
    """Search before answering, and how."""

    parallel_tool_calls: "bool | None" = betterproto.bool_field(21, optional=True)
    """Let the model call several tools at once; it may when unset."""

    previous_response_id: "str | None" = betterproto.string_field(22, optional=True)
    """A stored response to continue from; its conversation comes before the messages."""

    store_messages: bool = betterproto.bool_field(23)
    """Store the conversation and its response on the server."""

    use_encrypted_content: bool = betterproto.bool_field(24)
    """Return encrypted reasoning, which later requests can carry."""

    max_turns: "int | None" = betterproto.int32_field(25, optional=True)
    """Maximum number of turns of server-side tools."""

    include: "list[IncludeOption]" = betterproto.enum_field(26)
    """What else to send."""

    agent_count: "AgentCount | None" = betterproto.enum_field(29, optional=True)
    """Number of agents."""

    service_tier: "ServiceTier" = betterproto.enum_field(31)
    """Service tier."""

    safety_identifier: "str | None" = betterproto.string_field(34, optional=True)
    """A lasting opaque ID of the end user, to whom violations are attributed."""

    guidelines: "list[Guideline]" = betterproto.message_field(39)
    """Content guidelines, at most one for each category."""


@dataclass(eq=False, repr=False)
class GetChatCompletionResponse(base.Message):
    """A complete response."""

    id: str = betterproto.string_field(1)
    """The ID of the response."""

    outputs: "list[CompletionOutput]" = betterproto.message_field(2)
    """The alternatives, or the steps when tools ran on the server."""

    created: datetime = betterproto.message_field(5)
    """When it was made."""

    model: str = betterproto.string_field(6)
    """The model that was used."""

    system_fingerprint: str = betterproto.string_field(7)
    """Fingerprint of the server's configuration."""

    usage: "SamplingUsage" = betterproto.message_field(9)
    """Usage and cost of the response."""

    citations: "list[str]" = betterproto.string_field(10)
    """URLs of the sources."""

    settings: "RequestSettings" = betterproto.message_field(11)
    """The settings it was made with."""

    debug_output: "DebugOutput" = betterproto.message_field(12)
    """Debug output; only for privileged teams."""

    output_files: "list[OutputFile]" = betterproto.message_field(13)
    """Files that were made by running code."""

    service_tier: "ServiceTier" = betterproto.enum_field(15)
    """Service tier the request was given."""


@dataclass(eq=False, repr=False)
class GetChatCompletionChunk(base.Message):
    """A chunk of a streamed response."""

    id: str = betterproto.string_field(1)
    """The ID of the response, the same in all chunks."""

    outputs: "list[CompletionOutputChunk]" = betterproto.message_field(2)
    """Chunks of the outputs."""

    created: datetime = betterproto.message_field(3)
    """When the response began."""

    model: str = betterproto.string_field(4)
    """The model to use."""

    system_fingerprint: str = betterproto.string_field(5)
    """Fingerprint of the server's configuration."""

    usage: "SamplingUsage" = betterproto.message_field(6)
    """Usage and cost so far."""

    citations: "list[str]" = betterproto.string_field(7)
    """URLs of the sources, usually in the last chunk."""

    debug_output: "DebugOutput" = betterproto.message_field(10)
    """Debug output; only for privileged teams."""

    output_files: "list[OutputFile]" = betterproto.message_field(11)
    """Files that were made by running code."""

    service_tier: "ServiceTier" = betterproto.enum_field(12)
    """Service tier."""


@dataclass(eq=False, repr=False)
class OutputFile(base.Message):
    """A file that was made by running code."""

    file_id: str = betterproto.string_field(1)
    """The ID of the file."""

    name: str = betterproto.string_field(2)
    """Its name."""


@dataclass(eq=False, repr=False)
class GetDeferredCompletionResponse(base.Message):
    """State of a deferred response."""

    status: "DeferredStatus" = betterproto.enum_field(2)
    """Whether it is there."""

    response: "GetChatCompletionResponse | None" = betterproto.message_field(1, optional=True)
    """The response, once it is there."""


@dataclass(eq=False, repr=False)
class CompletionOutput(base.Message):
    """One of the alternatives or steps of a response."""

    finish_reason: "FinishReason" = betterproto.enum_field(1)
    """Finish reason."""

    index: int = betterproto.int32_field(2)
    """Index of the output."""

    message: "CompletionMessage" = betterproto.message_field(3)
    """Content of the message."""

    logprobs: "LogProbs" = betterproto.message_field(4)
    """The probabilities of its tokens."""


@dataclass(eq=False, repr=False)
class CompletionMessage(base.Message):
    """Message of the model or of a tool."""

    content: str = betterproto.string_field(1)
    """Its text."""

    reasoning_content: str = betterproto.string_field(4)
    """Reasoning of the model."""

    role: "MessageRole" = betterproto.enum_field(2)
    """Role of the author."""

    tool_calls: "list[ToolCall]" = betterproto.message_field(3)
    """The tools the model wants to be used, or that were used."""

    encrypted_content: str = betterproto.string_field(5)
    """Encrypted reasoning."""

    citations: "list[InlineCitation]" = betterproto.message_field(6)
    """Inline citations."""


@dataclass(eq=False, repr=False)
class CompletionOutputChunk(base.Message):
    """A chunk of one of the outputs."""

    delta: "Delta" = betterproto.message_field(1)
    """The delta."""

    logprobs: "LogProbs" = betterproto.message_field(2)
    """The probabilities of its tokens."""

    finish_reason: "FinishReason" = betterproto.enum_field(3)
    """Finish reason; 0 before the end."""

    index: int = betterproto.int32_field(4)
    """Index of the output it belongs to."""


@dataclass(eq=False, repr=False)
class Delta(base.Message):
    """The delta of an output in a chunk."""

    content: str = betterproto.string_field(1)
    """Delta of the text."""

    reasoning_content: str = betterproto.string_field(4)
    """Delta of the reasoning."""

    role: "MessageRole" = betterproto.enum_field(2)
    """Role."""

    tool_calls: "list[ToolCall]" = betterproto.message_field(3)
    """More tool calls, each complete."""

    encrypted_content: str = betterproto.string_field(5)
    """Delta of the encrypted reasoning."""

    citations: "list[InlineCitation]" = betterproto.message_field(6)
    """Delta of the citations."""


@dataclass(eq=False, repr=False)
class InlineCitation(base.Message):
    """An inline citation."""

    id: str = betterproto.string_field(1)
    """The number it is shown with."""

    start_index: int = betterproto.int32_field(2)
    """Where the part begins."""

    end_index: int = betterproto.int32_field(6)
    """Where the part ends; the position behind it."""

    web_citation: "WebCitation" = betterproto.message_field(3, group="citation")
    """A web page."""

    x_citation: "XCitation" = betterproto.message_field(4, group="citation")
    """A post on X."""

    collections_citation: "CollectionsCitation" = betterproto.message_field(5, group="citation")
    """A part of a document in a collection."""


@dataclass(eq=False, repr=False)
class WebCitation(base.Message):
    """A web page that a text refers to."""

    url: str = betterproto.string_field(1)
    """Its URL."""


@dataclass(eq=False, repr=False)
class XCitation(base.Message):
    """A post on X that a text refers to."""

    url: str = betterproto.string_field(1)
    """Its URL."""


@dataclass(eq=False, repr=False)
class CollectionsCitation(base.Message):
    """A part of a document that a text refers to."""

    file_id: str = betterproto.string_field(1)
    """The ID of the file."""

    chunk_id: str = betterproto.string_field(2)
    """The ID of the part."""

    chunk_content: str = betterproto.string_field(3)
    """The part itself."""

    score: float = betterproto.float_field(4)
    """Relevance score."""

    collection_ids: "list[str]" = betterproto.string_field(5)
    """The collections the document is in."""


@dataclass(eq=False, repr=False)
class LogProbs(base.Message):
    """The probabilities of the tokens of an output."""

    content: "list[LogProb]" = betterproto.message_field(1)
    """The tokens, in order."""


@dataclass(eq=False, repr=False)
class LogProb(base.Message):
    """A token that was chosen."""

    token: str = betterproto.string_field(1)
    """Its text."""

    logprob: float = betterproto.float_field(2)
    """The logarithm of its probability."""

    bytes: builtins.bytes = betterproto.bytes_field(3)
    """Its bytes, which need not be UTF-8 on their own."""

    top_logprobs: "list[TopLogProb]" = betterproto.message_field(4)
    """The most likely tokens in its place."""


@dataclass(eq=False, repr=False)
class TopLogProb(base.Message):
    """A token that could have been chosen."""

    token: str = betterproto.string_field(1)
    """Its text."""

    logprob: float = betterproto.float_field(2)
    """The logarithm of its probability."""

    bytes: builtins.bytes = betterproto.bytes_field(3)
    """Its bytes, which need not be UTF-8 on their own."""


@dataclass(eq=False, repr=False)
class Content(base.Message):
    """A part of a message."""

    text: str = betterproto.string_field(1, group="content")
    """Text."""

    image_url: "ImageUrlContent" = betterproto.message_field(2, group="content")
    """An image."""

    file: "FileContent" = betterproto.message_field(3, group="content")
    """A file."""


@dataclass(eq=False, repr=False)
class FileContent(base.Message):
    """A file, as its ID, its content or its URL."""

    file_id: str = betterproto.string_field(1)
    """The ID of a file that was uploaded."""

    data: bytes = betterproto.bytes_field(2)
    """The content."""

    filename: str = betterproto.string_field(3)
    """Its name."""

    mime_type: str = betterproto.string_field(4)
    """Its media type."""

    url: str = betterproto.string_field(5)
    """Where the server can fetch it."""


@dataclass(eq=False, repr=False)
class Message(base.Message):
    """A message."""

    content: "list[Content]" = betterproto.message_field(1)
    """Its parts."""

    reasoning_content: "str | None" = betterproto.string_field(5, optional=True)
    """Reasoning of the model."""

    role: "MessageRole" = betterproto.enum_field(2)
    """Role of the author."""

    name: str = betterproto.string_field(3)
    """Name of the author."""

    tool_calls: "list[ToolCall]" = betterproto.message_field(4)
    """The tools the model wanted to be used."""

    encrypted_content: str = betterproto.string_field(6)
    """Encrypted reasoning or a compacted conversation."""

    tool_call_id: "str | None" = betterproto.string_field(7, optional=True)
    """The call that this is the result of."""


@dataclass(eq=False, repr=False)
class ToolChoice(base.Message):
    """Whether the model uses a tool, or which."""

    mode: "ToolMode" = betterproto.enum_field(1, group="tool_choice")
    """Whether it uses one."""

    function_name: str = betterproto.string_field(2, group="tool_choice")
    """The function it must use."""


@dataclass(eq=False, repr=False)
class Tool(base.Message):
    """A tool."""

    function: "Function" = betterproto.message_field(1, group="tool")
    """A function of the caller."""

    web_search: "WebSearch" = betterproto.message_field(3, group="tool")
    """A search of the web."""

    x_search: "XSearch" = betterproto.message_field(4, group="tool")
    """A search of X."""

    code_execution: "CodeExecution" = betterproto.message_field(5, group="tool")
    """Running code."""

    collections_search: "CollectionsSearch" = betterproto.message_field(6, group="tool")
    """A search of collections."""

    mcp: "Mcp" = betterproto.message_field(7, group="tool")
    """The tools of an MCP server."""

    attachment_search: "AttachmentSearch" = betterproto.message_field(8, group="tool")
    """A search of the files in the conversation."""

    image_generation: "ImageGeneration" = betterproto.message_field(10, group="tool")
    """Making images."""


@dataclass(eq=False, repr=False)
class Mcp(base.Message):
    """A server of the Model Context Protocol."""

    server_label: str = betterproto.string_field(1)
    """What its tools' names begin with."""

    server_description: str = betterproto.string_field(2)
    """What it is for."""

    server_url: str = betterproto.string_field(3)
    """Its URL."""

    allowed_tool_names: "list[str]" = betterproto.string_field(4)
    """The tools the model may use; all of them when empty."""

    authorization: "str | None" = betterproto.string_field(5, optional=True)
    """The authorization header for the server."""

    extra_headers: "dict[str, str]" = betterproto.map_field(
        6, betterproto.TYPE_STRING, betterproto.TYPE_STRING
    )
    """More headers for the server."""

    _secrets = frozenset({"authorization", "extra_headers"})


@dataclass(eq=False, repr=False)
class WebSearch(base.Message):
    """Server-side web search."""

    excluded_domains: "list[str]" = betterproto.string_field(1)
    """Domains to leave out, at most 5."""

    allowed_domains: "list[str]" = betterproto.string_field(2)
    """The only domains to look at, at most 5; not together with the excluded ones."""

    enable_image_understanding: "bool | None" = betterproto.bool_field(3, optional=True)
    """Look at the images of pages."""

    user_location: "WebSearchUserLocation | None" = betterproto.message_field(4, optional=True)
    """Where the user is."""

    enable_image_search: "bool | None" = betterproto.bool_field(5, optional=True)
    """Search for images too."""


@dataclass(eq=False, repr=False)
class WebSearchUserLocation(base.Message):
    """Where the user is."""

    country: "str | None" = betterproto.string_field(1, optional=True)
    """The country, as two letters of ISO 3166-1."""

    city: "str | None" = betterproto.string_field(2, optional=True)
    """The city."""

    region: "str | None" = betterproto.string_field(3, optional=True)
    """The region."""

    timezone: "str | None" = betterproto.string_field(4, optional=True)
    """The time zone, by its name in the IANA database."""


@dataclass(eq=False, repr=False)
class XSearch(base.Message):
    """Server-side search of X."""

    from_date: "datetime | None" = betterproto.message_field(1, optional=True)
    """Only posts since then."""

    to_date: "datetime | None" = betterproto.message_field(2, optional=True)
    """Only posts until then."""

    allowed_x_handles: "list[str]" = betterproto.string_field(3)
    """The only accounts to look at, without the @."""

    excluded_x_handles: "list[str]" = betterproto.string_field(4)
    """Accounts to leave out, without the @."""

    enable_image_understanding: "bool | None" = betterproto.bool_field(5, optional=True)
    """Look at the images of posts."""

    enable_video_understanding: "bool | None" = betterproto.bool_field(6, optional=True)
    """Look at the videos of posts."""


@dataclass(eq=False, repr=False)
class CodeExecution(base.Message):
    """Server-side code execution."""


@dataclass(eq=False, repr=False)
class ImageGeneration(base.Message):
    """Server-side image generation."""

    action: "str | None" = betterproto.string_field(1, optional=True)
    """Whether to make new ones, edit, or decide itself."""


@dataclass(eq=False, repr=False)
class CollectionsSearch(base.Message):
    """Server-side search of collections."""

    collection_ids: "list[str]" = betterproto.string_field(1)
    """The collections, at most 10."""

    limit: "int | None" = betterproto.int32_field(2, optional=True)
    """Maximum number of results."""

    instructions: "str | None" = betterproto.string_field(3, optional=True)
    """Instructions for the search."""

    hybrid_retrieval: "HybridRetrieval" = betterproto.message_field(4, group="retrieval_mode")
    """Search by meaning and by words."""

    semantic_retrieval: "SemanticRetrieval" = betterproto.message_field(5, group="retrieval_mode")
    """Search by meaning."""

    keyword_retrieval: "KeywordRetrieval" = betterproto.message_field(6, group="retrieval_mode")
    """Search by words."""


@dataclass(eq=False, repr=False)
class AttachmentSearch(base.Message):
    """Server-side search of the files of the conversation."""

    limit: "int | None" = betterproto.int32_field(2, optional=True)
    """Maximum number of results."""


@dataclass(eq=False, repr=False)
class Function(base.Message):
    """A function of the caller."""

    name: str = betterproto.string_field(1)
    """Its name."""

    description: str = betterproto.string_field(2)
    """What it does and when to use it."""

    strict: bool = betterproto.bool_field(3)
    """Keep exactly to the schema."""

    parameters: str = betterproto.string_field(4)
    """The JSON schema of its arguments."""


@dataclass(eq=False, repr=False)
class ToolCall(base.Message):
    """A tool that the model wants to be used, or that was used."""

    id: str = betterproto.string_field(1)
    """The ID of the call, which its result refers to."""

    type: "ToolCallType" = betterproto.enum_field(2)
    """Which kind of tool it is."""

    status: "ToolCallStatus" = betterproto.enum_field(3)
    """State."""

    error_message: "str | None" = betterproto.string_field(4, optional=True)
    """Why it failed."""

    function: "FunctionCall" = betterproto.message_field(10, group="tool")
    """The function and its arguments."""


@dataclass(eq=False, repr=False)
class FunctionCall(base.Message):
    """A function and what to call it with."""

    name: str = betterproto.string_field(1)
    """The function."""

    arguments: str = betterproto.string_field(2)
    """Its arguments, as an object in JSON."""


@dataclass(eq=False, repr=False)
class ResponseFormat(base.Message):
    """A response format."""

    format_type: "FormatType" = betterproto.enum_field(1)
    """Which form."""

    schema: "str | None" = betterproto.string_field(2, optional=True)
    """The JSON schema, where the form has one."""


@dataclass(eq=False, repr=False)
class SearchParameters(base.Message):
    """How to search before answering."""

    mode: "SearchMode" = betterproto.enum_field(1)
    """Whether to search."""

    sources: "list[Source]" = betterproto.message_field(9)
    """Where to search; the web and X when empty."""

    from_date: datetime = betterproto.message_field(4)
    """Only what is from then or later."""

    to_date: datetime = betterproto.message_field(5)
    """Only what is from then or before."""

    return_citations: bool = betterproto.bool_field(7)
    """Return the URLs of the sources."""

    max_search_results: "int | None" = betterproto.int32_field(8, optional=True)
    """Maximum number of search results to use, 1 to 30."""


@dataclass(eq=False, repr=False)
class Source(base.Message):
    """Where to search."""

    web: "WebSource" = betterproto.message_field(1, group="source")
    """The web."""

    news: "NewsSource" = betterproto.message_field(2, group="source")
    """News."""

    x: "XSource" = betterproto.message_field(3, group="source")
    """X."""

    rss: "RssSource" = betterproto.message_field(4, group="source")
    """RSS feeds."""


@dataclass(eq=False, repr=False)
class WebSource(base.Message):
    """The web, as a place to search."""

    excluded_websites: "list[str]" = betterproto.string_field(2)
    """Websites to leave out."""

    allowed_websites: "list[str]" = betterproto.string_field(5)
    """The only websites to look at."""

    country: "str | None" = betterproto.string_field(3, optional=True)
    """The country to search from, as two letters of ISO 3166-1."""

    safe_search: bool = betterproto.bool_field(4)
    """Leave out explicit results."""


@dataclass(eq=False, repr=False)
class NewsSource(base.Message):
    """News, as a place to search."""

    excluded_websites: "list[str]" = betterproto.string_field(2)
    """Websites to leave out."""

    country: "str | None" = betterproto.string_field(3, optional=True)
    """The country to search from, as two letters of ISO 3166-1."""

    safe_search: bool = betterproto.bool_field(4)
    """Leave out explicit results."""


@dataclass(eq=False, repr=False)
class XSource(base.Message):
    """X, as a place to search."""

    included_x_handles: "list[str]" = betterproto.string_field(7)
    """The only accounts to look at."""

    excluded_x_handles: "list[str]" = betterproto.string_field(8)
    """Accounts to leave out."""

    post_favorite_count: "int | None" = betterproto.int32_field(9, optional=True)
    """Only posts with as many likes."""

    post_view_count: "int | None" = betterproto.int32_field(10, optional=True)
    """Only posts with as many views."""


@dataclass(eq=False, repr=False)
class RssSource(base.Message):
    """RSS feeds, as a place to search."""

    links: "list[str]" = betterproto.string_field(1)
    """The URLs of the feeds."""


@dataclass(eq=False, repr=False)
class RequestSettings(base.Message):
    """The settings that a response was made with."""

    max_tokens: "int | None" = betterproto.int32_field(1, optional=True)
    """Maximum number of tokens that were allowed."""

    parallel_tool_calls: bool = betterproto.bool_field(2)
    """Whether several tools could be called at once."""

    previous_response_id: "str | None" = betterproto.string_field(3, optional=True)
    """The stored response it went on from."""

    reasoning_effort: "ReasoningEffort | None" = betterproto.enum_field(4, optional=True)
    """Reasoning effort."""

    temperature: "float | None" = betterproto.float_field(5, optional=True)
    """Sampling temperature."""

    response_format: "ResponseFormat" = betterproto.message_field(6)
    """Response format."""

    tool_choice: "ToolChoice" = betterproto.message_field(7)
    """Tool mode of the request."""

    tools: "list[Tool]" = betterproto.message_field(8)
    """What the model could use."""

    top_p: "float | None" = betterproto.float_field(9, optional=True)
    """The probability of the tokens that could be chosen."""

    user: str = betterproto.string_field(10)
    """The caller's identifier of the end user."""

    search_parameters: "SearchParameters | None" = betterproto.message_field(11, optional=True)
    """How to search."""

    store_messages: bool = betterproto.bool_field(12)
    """Whether the conversation was stored."""

    use_encrypted_content: bool = betterproto.bool_field(13)
    """Whether encrypted reasoning was returned."""

    include: "list[IncludeOption]" = betterproto.enum_field(14)
    """What else was sent."""


@dataclass(eq=False, repr=False)
class GetStoredCompletionRequest(base.Message):
    """Names a response that was stored."""

    response_id: str = betterproto.string_field(1)
    """The ID of the response."""


@dataclass(eq=False, repr=False)
class DeleteStoredCompletionRequest(base.Message):
    """Names the stored response to delete."""

    response_id: str = betterproto.string_field(1)
    """The ID of the response."""


@dataclass(eq=False, repr=False)
class DeleteStoredCompletionResponse(base.Message):
    """Tells what was deleted."""

    response_id: str = betterproto.string_field(1)
    """The ID of the response."""


@dataclass(eq=False, repr=False)
class DebugOutput(base.Message):
    """Debug information about a response."""

    attempts: int = betterproto.int32_field(1)
    """Number of attempts of the server."""

    request: str = betterproto.string_field(2)
    """The request as the server saw it."""

    prompt: str = betterproto.string_field(3)
    """The prompt of the model."""

    engine_request: str = betterproto.string_field(9)
    """The request as the model's engine saw it."""

    responses: "list[str]" = betterproto.string_field(4)
    """Response of the engine."""

    chunks: "list[str]" = betterproto.string_field(12)
    """What the engine streamed."""

    cache_read_count: int = betterproto.uint32_field(5)
    """Number of cache reads."""

    cache_read_input_bytes: int = betterproto.uint64_field(6)
    """Number of bytes found in a cache."""

    cache_write_count: int = betterproto.uint32_field(7)
    """Number of cache writes."""

    cache_write_input_bytes: int = betterproto.uint64_field(8)
    """Number of bytes put into a cache."""

    lb_address: str = betterproto.string_field(10)
    """The address of the load balancer."""

    sampler_tag: str = betterproto.string_field(11)
    """The sampler that was used."""


@dataclass(eq=False, repr=False)
class CompactContextRequest(base.Message):
    """A conversation to compact."""

    model: str = betterproto.string_field(1)
    """The model to compact it for."""

    input: "list[Message]" = betterproto.message_field(2)
    """Messages, in order."""


@dataclass(eq=False, repr=False)
class CompactContextResponse(base.Message):
    """A compacted conversation."""

    id: str = betterproto.string_field(1)
    """Its ID."""

    encrypted_content: str = betterproto.string_field(2)
    """The compacted conversation, encrypted."""

    dropped_message_count: int = betterproto.uint32_field(3)
    """Number of messages it replaces."""

    usage: "SamplingUsage" = betterproto.message_field(4)
    """Usage and cost of the compaction."""


CHAT_GET_COMPLETION: Final = base.Method(
    "/xai_api.Chat/GetCompletion",
    GetCompletionsRequest,
    GetChatCompletionResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=False,
)
CHAT_GET_COMPLETION_CHUNK: Final = base.Method(
    "/xai_api.Chat/GetCompletionChunk",
    GetCompletionsRequest,
    GetChatCompletionChunk,
    client_streaming=False,
    server_streaming=True,
    idempotent=False,
)
CHAT_START_DEFERRED_COMPLETION: Final = base.Method(
    "/xai_api.Chat/StartDeferredCompletion",
    GetCompletionsRequest,
    StartDeferredResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=False,
)
CHAT_GET_DEFERRED_COMPLETION: Final = base.Method(
    "/xai_api.Chat/GetDeferredCompletion",
    GetDeferredRequest,
    GetDeferredCompletionResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
CHAT_GET_STORED_COMPLETION: Final = base.Method(
    "/xai_api.Chat/GetStoredCompletion",
    GetStoredCompletionRequest,
    GetChatCompletionResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
CHAT_DELETE_STORED_COMPLETION: Final = base.Method(
    "/xai_api.Chat/DeleteStoredCompletion",
    DeleteStoredCompletionRequest,
    DeleteStoredCompletionResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=False,
)
CHAT_COMPACT_CONTEXT: Final = base.Method(
    "/xai_api.Chat/CompactContext",
    CompactContextRequest,
    CompactContextResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=False,
)
