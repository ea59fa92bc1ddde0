# Generated from xai/api/v1/documents.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""Search in collections."""

from dataclasses import dataclass
from typing import Final

import betterproto

from xai.proto import base


class RankingMetric(base.Enum):
    """How matches can be ranked."""

    RANKING_METRIC_UNKNOWN = 0
    """It is not known."""

    RANKING_METRIC_L2_DISTANCE = 1
    """By Euclidean distance."""

    RANKING_METRIC_COSINE_SIMILARITY = 2
    """By the cosine of the angle."""


@dataclass(eq=False, repr=False)
class HybridRetrieval(base.Message):
    """Searches by meaning and by words."""

    search_multiplier: "int | None" = betterproto.int32_field(1, optional=True)
    """Multiple of the limit that is retrieved before ranking, 1 to 100."""

    reranker_model: "RerankerModel" = betterproto.message_field(2, group="reranker")
    """Rank the matches by a model."""

    reciprocal_rank_fusion: "ReciprocalRankFusion" = betterproto.message_field(3, group="reranker")
    """Rank the matches by their places in both searches."""


@dataclass(eq=False, repr=False)
class KeywordRetrieval(base.Message):
    """Searches by words."""

    reranker: "RerankerModel | None" = betterproto.message_field(1, optional=True)
    """Rank the matches by a model."""


@dataclass(eq=False, repr=False)
class SemanticRetrieval(base.Message):
    """Searches by meaning."""

    reranker: "RerankerModel | None" = betterproto.message_field(1, optional=True)
    """Rank the matches by a model."""


@dataclass(eq=False, repr=False)
class ReciprocalRankFusion(base.Message):
    """Ranks matches by their places in two searches."""

    k: "int | None" = betterproto.int32_field(1, optional=True)
    """The constant k of reciprocal rank fusion; 60 when unset."""

    embedding_weight: float = betterproto.float_field(3)
    """The weight of the search by meaning, from 0 to 1."""

    text_weight: float = betterproto.float_field(4)
    """The weight of the search by words, from 0 to 1."""


@dataclass(eq=False, repr=False)
class RerankerModel(base.Message):
    """A model that ranks matches."""

    model: "str | None" = betterproto.string_field(1, optional=True)
    """The model; the server chooses one when unset."""

    instructions: "str | None" = betterproto.string_field(2, optional=True)
    """Instructions for the ranking."""


@dataclass(eq=False, repr=False)
class SearchRequest(base.Message):
    """A query, and where and how to search."""

    query: str = betterproto.string_field(1)
    """What to search for."""

    source: "DocumentsSource" = betterproto.message_field(2)
    """Where to search."""

    limit: "int | None" = betterproto.int32_field(3, optional=True)
    """Maximum number of results; 10 when unset."""

    instructions: "str | None" = betterproto.string_field(5, optional=True)
    """Instructions for the search."""

    hybrid_retrieval: "HybridRetrieval" = betterproto.message_field(11, group="retrieval_mode")
    """Search by meaning and by words, which is the default."""

    semantic_retrieval: "SemanticRetrieval" = betterproto.message_field(12, group="retrieval_mode")
    """Search by meaning."""

    keyword_retrieval: "KeywordRetrieval" = betterproto.message_field(13, group="retrieval_mode")
    """Search by words."""

    ranking_metric: "RankingMetric | None" = betterproto.enum_field(4, optional=True)
    """How matches were ranked once."""


@dataclass(eq=False, repr=False)
class SearchResponse(base.Message):
    """What was found."""

    matches: "list[SearchMatch]" = betterproto.message_field(1)
    """The matches, best first."""


@dataclass(eq=False, repr=False)
class SearchMatch(base.Message):
    """A part of a document that matches."""

    file_id: str = betterproto.string_field(1)
    """The ID of the file."""

    chunk_id: str = betterproto.string_field(2)
    """The ID of the part."""

    chunk_content: str = betterproto.string_field(3)
    """The part itself."""

    score: float = betterproto.float_field(4)
    """Relevance score; higher is better for a similarity, lower for a distance."""

    collection_ids: "list[str]" = betterproto.string_field(5)
    """The collections the document is in."""


@dataclass(eq=False, repr=False)
class DocumentsSource(base.Message):
    """Where to search."""

    collection_ids: "list[str]" = betterproto.string_field(1)
    """The collections to search."""


DOCUMENTS_SEARCH: Final = base.Method(
    "/xai_api.Documents/Search",
    SearchRequest,
    SearchResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
