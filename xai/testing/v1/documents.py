"""The service xai_api.Documents of the local server."""

from collections.abc import Mapping, Sequence
from typing import Final

from xai.proto.base import which_one_of
from xai.proto.xai_api import documents as pb
from xai.proto.xai_api.documents_server import DocumentsBase
from xai.testing.engine.retrieval import (
    IndexedChunk,
    fused_ranking,
    in_metric,
    keyword_ranking,
    reranked,
    semantic_ranking,
)
from xai.testing.v1.chat_request import require
from xai.testing.v1.collection_state import CollectionStore, StoredCollection

_DEFAULT_LIMIT: Final = 10
_DEFAULT_K: Final = 60
_DEFAULT_WEIGHT: Final = 0.5
_MAX_MULTIPLIER: Final = 100

Ranking = list[tuple[IndexedChunk, float]]
RetrievalMode = pb.HybridRetrieval | pb.SemanticRetrieval | pb.KeywordRetrieval


class LocalDocuments(DocumentsBase):
    """Serves ``xai_api.Documents``.

    Args:
        store: The collections.
    """

    acls: Mapping[str, str] = {"/xai_api.Documents/Search": "documents:search"}

    def __init__(self, store: CollectionStore) -> None:
        self._store = store

    async def search(self, request: pb.SearchRequest) -> pb.SearchResponse:
        """Find the chunks of documents that match a query best."""
        require(request.query != "", "query is empty.")
        ids = request.source.collection_ids
        require(bool(ids), "source.collection_ids is empty.")
        _, mode = which_one_of(request, "retrieval_mode")
        limit = _DEFAULT_LIMIT if request.limit is None else request.limit
        query = request.query
        if request.instructions:
            query = f"{query}\n{request.instructions}"
        return pb.SearchResponse(matches=search(self._store.several(ids), query, limit, mode))


def search(
    collections: Sequence[StoredCollection],
    query: str,
    limit: int,
    mode: RetrievalMode | None,
) -> list[pb.SearchMatch]:
    """Return the chunks of collections that match a query best.

    Args:
        collections: The collections.
        query: The query.
        limit: How many chunks there may be.
        mode: How they are found and ranked; in both ways when None.

    Raises:
        GRPCError: The limit or an option of the mode is out of range.
    """
    require(limit >= 1, f"limit must be 1 or more, got {limit}.")
    homes: dict[str, list[StoredCollection]] = {}
    chunks: dict[str, IndexedChunk] = {}
    for collection in collections:
        for document in collection.documents.values():
            for chunk in document.chunks:
                chunks.setdefault(chunk.chunk_id, chunk)
                homes.setdefault(chunk.chunk_id, []).append(collection)
    # A message without options counts as false.
    chosen = pb.HybridRetrieval() if mode is None else mode
    matches = []
    for chunk, ranked in best_chunks(query, list(chunks.values()), limit, chosen):
        score = ranked
        if isinstance(mode, pb.SemanticRetrieval) and mode.reranker is None:
            score = in_metric(ranked, homes[chunk.chunk_id][0].metric)
        matches.append(
            pb.SearchMatch(
                file_id=chunk.file_id,
                chunk_id=chunk.chunk_id,
                chunk_content=chunk.text,
                score=score,
                collection_ids=[each.collection_id for each in homes[chunk.chunk_id]],
            )
        )
    return matches


def best_chunks(
    query: str, chunks: Sequence[IndexedChunk], limit: int, mode: RetrievalMode
) -> Ranking:
    """Return the chunks that match a query best, at most so many.

    Raises:
        GRPCError: An option of the mode is out of range.
    """
    return _ranking(query, chunks, limit, mode)[:limit]


def _ranking(
    query: str, chunks: Sequence[IndexedChunk], limit: int, mode: RetrievalMode
) -> Ranking:
    if isinstance(mode, pb.HybridRetrieval):
        return _hybrid(query, chunks, limit, mode)
    by_words = isinstance(mode, pb.KeywordRetrieval)
    found = keyword_ranking(query, chunks) if by_words else semantic_ranking(query, chunks)
    if mode.reranker is not None:
        return _reranked(query, found[:limit], mode.reranker)
    return found


def _hybrid(
    query: str, chunks: Sequence[IndexedChunk], limit: int, mode: pb.HybridRetrieval
) -> Ranking:
    multiplier = 1 if mode.search_multiplier is None else mode.search_multiplier
    text = f"search_multiplier must be from 1 to {_MAX_MULTIPLIER}, got {multiplier}."
    require(1 <= multiplier <= _MAX_MULTIPLIER, text)
    kind, reranker = which_one_of(mode, "reranker")
    fusion = reranker if kind == "reciprocal_rank_fusion" else pb.ReciprocalRankFusion()
    k = _DEFAULT_K if fusion.k is None else fusion.k
    require(k >= 1, f"reciprocal_rank_fusion.k must be 1 or more, got {k}.")
    weights = fusion.embedding_weight, fusion.text_weight
    require(all(0 <= each <= 1 for each in weights), "The weights must be from 0 to 1.")
    by_meaning, by_words = weights if any(weights) else (_DEFAULT_WEIGHT, _DEFAULT_WEIGHT)
    count = limit * multiplier
    found = fused_ranking(
        [
            (semantic_ranking(query, chunks)[:count], by_meaning),
            (keyword_ranking(query, chunks)[:count], by_words),
        ],
        k,
    )
    return _reranked(query, found, reranker) if kind == "reranker_model" else found


def _reranked(query: str, found: Ranking, reranker: pb.RerankerModel) -> Ranking:
    if reranker.instructions:
        query = f"{query}\n{reranker.instructions}"
    return reranked(query, found)
