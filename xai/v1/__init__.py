"""The v1 API: its client, requests and responses.

Names are loaded when they are first used.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xai.aio.v1.batch import AsyncBatchResult
    from xai.aio.v1.chat.chat import AsyncChat
    from xai.aio.v1.client import AsyncClient
    from xai.aio.v1.image import AsyncImageResponse
    from xai.aio.v1.paging import AsyncPage
    from xai.aio.v1.video_job import AsyncVideoJob, AsyncVideoResponse
    from xai.proto.xai_api.batch import BatchRequest
    from xai.proto.xai_api.chat import Content, Message, Tool, ToolCall
    from xai.sync.v1.batch import BatchResult
    from xai.sync.v1.chat.chat import Chat
    from xai.sync.v1.client import Client
    from xai.sync.v1.image import ImageResponse
    from xai.sync.v1.paging import Page
    from xai.sync.v1.video_job import VideoJob, VideoResponse
    from xai.v1.auth import ApiKeyInfo
    from xai.v1.batch import (
        AddedRequests,
        Batch,
        BatchCosts,
        BatchRequestInfo,
        BatchRequestState,
        BatchState,
        BatchTimeoutError,
        EndpointCost,
    )
    from xai.v1.bulk.task import ChatTask
    from xai.v1.chat.chunks import Chunk, ChunkOutput
    from xai.v1.chat.enums import (
        ChatModel,
        FinishReason,
        GuidelineParam,
        ImageDetail,
        IncludeOption,
        Model,
        ReasoningEffort,
        Role,
        ServerSideTool,
        ServiceTier,
        ServiceTierName,
        ToolCallStatus,
        ToolCallType,
        ToolMode,
    )
    from xai.v1.chat.errors import (
        DeferredExpiredError,
        DeferredFailedError,
        DeferredTimeoutError,
        ParseError,
        ToolArgumentsError,
        ToolError,
    )
    from xai.v1.chat.functions import FunctionTool
    from xai.v1.chat.history import Compaction
    from xai.v1.chat.messages import (
        Part,
        assistant,
        developer,
        file,
        function,
        image,
        system,
        text,
        tool_result,
        user,
    )
    from xai.v1.chat.response import ImageGenerationOutput, Response
    from xai.v1.chat.search_parameters import (
        SearchParameters,
        news_source,
        rss_source,
        web_source,
        x_source,
    )
    from xai.v1.chat.server_tools import (
        attachment_search,
        code_execution,
        collections_search,
        image_generation,
        mcp,
        web_search,
        x_search,
    )
    from xai.v1.chat.steps import ChunkStep, ModelStep, RunResult, Step, ToolStep, TurnLimitError
    from xai.v1.chat.tools import get_tool_call_type, required_tool, tool
    from xai.v1.chat.usage import USD_PER_TICK, Usage, cost_usd
    from xai.v1.collections.chunks import (
        BytesConfigurationParam,
        CharsConfigurationParam,
        ChunkConfiguration,
        ChunkConfigurationParam,
        ChunkUnit,
        TokensConfigurationParam,
    )
    from xai.v1.collections.errors import IndexingFailedError, IndexingTimeoutError
    from xai.v1.collections.fields import (
        AddField,
        DeleteField,
        FieldDefinition,
        FieldDefinitionAddParam,
        FieldDefinitionDeleteParam,
        FieldDefinitionParam,
    )
    from xai.v1.collections.requests import CollectionSortBy, DocumentSortBy, HNSWMetric
    from xai.v1.collections.results import Collection, Document, DocumentStatus
    from xai.v1.collections.uploads import DocumentUpload
    from xai.v1.documents import (
        HybridRetrieval,
        KeywordRetrieval,
        ReciprocalRankFusion,
        RerankerModel,
        RetrievalMode,
        SearchMatch,
        SearchResults,
        SemanticRetrieval,
    )
    from xai.v1.embedder import Embedding, Embeddings, EmbeddingUsage
    from xai.v1.files import File, PublicUrl, RevokedUrl, Upload
    from xai.v1.images import (
        ImageAspectRatio,
        ImageFormat,
        ImageModel,
        ImageModelName,
        ImageOptions,
        ImageQuality,
        ImageResolution,
    )
    from xai.v1.media_errors import (
        MediaUnavailableError,
        VideoExpiredError,
        VideoFailedError,
        VideoTimeoutError,
    )
    from xai.v1.media_input import FileId, ImageInput
    from xai.v1.models import EmbeddingModel, ImageGenerationModel, LanguageModel
    from xai.v1.notebook import display_stream
    from xai.v1.sampler import TextChoice, TextChunk, TextCompletion
    from xai.v1.storage import FileOutput, PublicUrlOptions, StorageOptions
    from xai.v1.structured.errors import InvalidShapeError
    from xai.v1.structured.json_value import JsonValue
    from xai.v1.structured.schema import schema_of
    from xai.v1.tokenize import Estimate, Token, TokenizedText
    from xai.v1.videos import (
        Keyframe,
        ReferenceAudio,
        VideoAspectRatio,
        VideoModel,
        VideoModelName,
        VideoOptions,
        VideoResolution,
    )

_NAMES = {
    "auth": ("ApiKeyInfo",),
    "batch": (
        "AddedRequests",
        "Batch",
        "BatchCosts",
        "BatchRequestInfo",
        "BatchRequestState",
        "BatchState",
        "BatchTimeoutError",
        "EndpointCost",
    ),
    "bulk.task": ("ChatTask",),
    "chat.chunks": (
        "Chunk",
        "ChunkOutput",
    ),
    "chat.enums": (
        "ChatModel",
        "FinishReason",
        "GuidelineParam",
        "ImageDetail",
        "IncludeOption",
        "Model",
        "ReasoningEffort",
        "Role",
        "ServerSideTool",
        "ServiceTier",
        "ServiceTierName",
        "ToolCallStatus",
        "ToolCallType",
        "ToolMode",
    ),
    "chat.errors": (
        "DeferredExpiredError",
        "DeferredFailedError",
        "DeferredTimeoutError",
        "ParseError",
        "ToolArgumentsError",
        "ToolError",
    ),
    "chat.functions": ("FunctionTool",),
    "chat.history": ("Compaction",),
    "chat.messages": (
        "Part",
        "assistant",
        "developer",
        "file",
        "function",
        "image",
        "system",
        "text",
        "tool_result",
        "user",
    ),
    "chat.response": (
        "ImageGenerationOutput",
        "Response",
    ),
    "chat.search_parameters": (
        "SearchParameters",
        "news_source",
        "rss_source",
        "web_source",
        "x_source",
    ),
    "chat.server_tools": (
        "attachment_search",
        "code_execution",
        "collections_search",
        "image_generation",
        "mcp",
        "web_search",
        "x_search",
    ),
    "chat.steps": (
        "ChunkStep",
        "ModelStep",
        "RunResult",
        "Step",
        "ToolStep",
        "TurnLimitError",
    ),
    "chat.tools": (
        "get_tool_call_type",
        "required_tool",
        "tool",
    ),
    "chat.usage": (
        "USD_PER_TICK",
        "Usage",
        "cost_usd",
    ),
    "collections.chunks": (
        "BytesConfigurationParam",
        "CharsConfigurationParam",
        "ChunkConfiguration",
        "ChunkConfigurationParam",
        "ChunkUnit",
        "TokensConfigurationParam",
    ),
    "collections.errors": (
        "IndexingFailedError",
        "IndexingTimeoutError",
    ),
    "collections.fields": (
        "AddField",
        "DeleteField",
        "FieldDefinition",
        "FieldDefinitionAddParam",
        "FieldDefinitionDeleteParam",
        "FieldDefinitionParam",
    ),
    "collections.requests": (
        "CollectionSortBy",
        "DocumentSortBy",
        "HNSWMetric",
    ),
    "collections.results": (
        "Collection",
        "Document",
        "DocumentStatus",
    ),
    "collections.uploads": ("DocumentUpload",),
    "documents": (
        "HybridRetrieval",
        "KeywordRetrieval",
        "ReciprocalRankFusion",
        "RerankerModel",
        "RetrievalMode",
        "SearchMatch",
        "SearchResults",
        "SemanticRetrieval",
    ),
    "files": (
        "File",
        "PublicUrl",
        "RevokedUrl",
        "Upload",
    ),
    "embedder": (
        "Embedding",
        "EmbeddingUsage",
        "Embeddings",
    ),
    "images": (
        "ImageAspectRatio",
        "ImageFormat",
        "ImageModel",
        "ImageModelName",
        "ImageOptions",
        "ImageQuality",
        "ImageResolution",
    ),
    "media_errors": (
        "MediaUnavailableError",
        "VideoExpiredError",
        "VideoFailedError",
        "VideoTimeoutError",
    ),
    "media_input": (
        "FileId",
        "ImageInput",
    ),
    "models": (
        "EmbeddingModel",
        "ImageGenerationModel",
        "LanguageModel",
    ),
    "notebook": ("display_stream",),
    "sampler": (
        "TextChoice",
        "TextChunk",
        "TextCompletion",
    ),
    "storage": (
        "FileOutput",
        "PublicUrlOptions",
        "StorageOptions",
    ),
    "structured.errors": ("InvalidShapeError",),
    "structured.json_value": ("JsonValue",),
    "structured.schema": ("schema_of",),
    "tokenize": (
        "Estimate",
        "Token",
        "TokenizedText",
    ),
    "videos": (
        "Keyframe",
        "ReferenceAudio",
        "VideoAspectRatio",
        "VideoModel",
        "VideoModelName",
        "VideoOptions",
        "VideoResolution",
    ),
}
_HOMES = {name: f"xai.v1.{module}" for module, names in _NAMES.items() for name in names}
# What other modules make, for those who write its type down.
_HOMES |= {
    "AsyncBatchResult": "xai.aio.v1.batch",
    "AsyncChat": "xai.aio.v1.chat.chat",
    "AsyncClient": "xai.aio.v1.client",
    "AsyncImageResponse": "xai.aio.v1.image",
    "AsyncPage": "xai.aio.v1.paging",
    "AsyncVideoJob": "xai.aio.v1.video_job",
    "AsyncVideoResponse": "xai.aio.v1.video_job",
    "BatchRequest": "xai.proto.xai_api.batch",
    "BatchResult": "xai.sync.v1.batch",
    "Chat": "xai.sync.v1.chat.chat",
    "Client": "xai.sync.v1.client",
    "Content": "xai.proto.xai_api.chat",
    "ImageResponse": "xai.sync.v1.image",
    "Message": "xai.proto.xai_api.chat",
    "Page": "xai.sync.v1.paging",
    "Tool": "xai.proto.xai_api.chat",
    "ToolCall": "xai.proto.xai_api.chat",
    "VideoJob": "xai.sync.v1.video_job",
    "VideoResponse": "xai.sync.v1.video_job",
}

__all__ = [
    "USD_PER_TICK",
    "AddField",
    "AddedRequests",
    "ApiKeyInfo",
    "AsyncBatchResult",
    "AsyncChat",
    "AsyncClient",
    "AsyncImageResponse",
    "AsyncPage",
    "AsyncVideoJob",
    "AsyncVideoResponse",
    "Batch",
    "BatchCosts",
    "BatchRequest",
    "BatchRequestInfo",
    "BatchRequestState",
    "BatchResult",
    "BatchState",
    "BatchTimeoutError",
    "BytesConfigurationParam",
    "CharsConfigurationParam",
    "Chat",
    "ChatModel",
    "ChatTask",
    "Chunk",
    "ChunkConfiguration",
    "ChunkConfigurationParam",
    "ChunkOutput",
    "ChunkStep",
    "ChunkUnit",
    "Client",
    "Collection",
    "CollectionSortBy",
    "Compaction",
    "Content",
    "DeferredExpiredError",
    "DeferredFailedError",
    "DeferredTimeoutError",
    "DeleteField",
    "Document",
    "DocumentSortBy",
    "DocumentStatus",
    "DocumentUpload",
    "Embedding",
    "EmbeddingModel",
    "EmbeddingUsage",
    "Embeddings",
    "EndpointCost",
    "Estimate",
    "FieldDefinition",
    "FieldDefinitionAddParam",
    "FieldDefinitionDeleteParam",
    "FieldDefinitionParam",
    "File",
    "FileId",
    "FileOutput",
    "FinishReason",
    "FunctionTool",
    "GuidelineParam",
    "HNSWMetric",
    "HybridRetrieval",
    "ImageAspectRatio",
    "ImageDetail",
    "ImageFormat",
    "ImageGenerationModel",
    "ImageGenerationOutput",
    "ImageInput",
    "ImageModel",
    "ImageModelName",
    "ImageOptions",
    "ImageQuality",
    "ImageResolution",
    "ImageResponse",
    "IncludeOption",
    "IndexingFailedError",
    "IndexingTimeoutError",
    "InvalidShapeError",
    "JsonValue",
    "Keyframe",
    "KeywordRetrieval",
    "LanguageModel",
    "MediaUnavailableError",
    "Message",
    "Model",
    "ModelStep",
    "Page",
    "ParseError",
    "Part",
    "PublicUrl",
    "PublicUrlOptions",
    "ReasoningEffort",
    "ReciprocalRankFusion",
    "ReferenceAudio",
    "RerankerModel",
    "Response",
    "RetrievalMode",
    "RevokedUrl",
    "Role",
    "RunResult",
    "SearchMatch",
    "SearchParameters",
    "SearchResults",
    "SemanticRetrieval",
    "ServerSideTool",
    "ServiceTier",
    "ServiceTierName",
    "Step",
    "StorageOptions",
    "TextChoice",
    "TextChunk",
    "TextCompletion",
    "Token",
    "TokenizedText",
    "TokensConfigurationParam",
    "Tool",
    "ToolArgumentsError",
    "ToolCall",
    "ToolCallStatus",
    "ToolCallType",
    "ToolError",
    "ToolMode",
    "ToolStep",
    "TurnLimitError",
    "Upload",
    "Usage",
    "VideoAspectRatio",
    "VideoExpiredError",
    "VideoFailedError",
    "VideoJob",
    "VideoModel",
    "VideoModelName",
    "VideoOptions",
    "VideoResolution",
    "VideoResponse",
    "VideoTimeoutError",
    "assistant",
    "attachment_search",
    "code_execution",
    "collections_search",
    "cost_usd",
    "developer",
    "display_stream",
    "file",
    "function",
    "get_tool_call_type",
    "image",
    "image_generation",
    "mcp",
    "news_source",
    "required_tool",
    "rss_source",
    "schema_of",
    "system",
    "text",
    "tool",
    "tool_result",
    "user",
    "web_search",
    "web_source",
    "x_search",
    "x_source",
]

if not TYPE_CHECKING:  # a type checker knows the names and finds misspelt ones

    def __getattr__(name: str) -> object:
        """Load a public name when it is first used (PEP 562)."""
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module 'xai.v1' has no attribute {name!r}")
        from importlib import import_module

        value: object = getattr(import_module(home), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(__all__)
