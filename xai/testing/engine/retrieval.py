"""Searches among chunks of text: by words (BM25), by meaning (vectors), and both together; pure."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

import attrs

from xai.testing.engine.embedder import embed_text

Metric = Literal["cosine", "euclidean", "inner_product"]
#: The constants of BM25: how soon more of the same word counts less, and how much length counts.
_SATURATION: Final = 1.2
_LENGTH_WEIGHT: Final = 0.75
_WORD: Final = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")


@attrs.frozen(eq=False)
class IndexedChunk:
    """A chunk that can be found.

    Attributes:
        chunk_id: The ID.
        file_id: The document it is from.
        text: The text.
        counts: How often each word is in it.
        vector: The direction of its meaning, of length 1; all 0 without a word.
    """

    chunk_id: str
    file_id: str
    text: str
    counts: Mapping[str, int]
    vector: Sequence[float]

    @classmethod
    def of(cls, chunk_id: str, file_id: str, text: str) -> "IndexedChunk":
        """Index a text."""
        return cls(chunk_id, file_id, text, Counter(words(text)), embed_text(text))


def words(text: str) -> list[str]:
    """Return the words of a text in the form in which they are compared."""
    found = [word.casefold().removesuffix("'s") for word in _WORD.findall(text)]
    return [
        word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
        for word in found
    ]


def keyword_ranking(query: str, chunks: Sequence[IndexedChunk]) -> list[tuple[IndexedChunk, float]]:
    """Return the chunks that have words of a query with their BM25 scores, best first."""
    wanted = dict.fromkeys(words(query))
    total = len(chunks)
    lengths = [sum(chunk.counts.values()) for chunk in chunks]
    mean = math.fsum(lengths) / total if total else 0.0
    weights = {}
    for word in wanted:
        having = sum(word in chunk.counts for chunk in chunks)
        weights[word] = math.log(1.0 + (total - having + 0.5) / (having + 0.5))
    found = []
    for chunk, length in zip(chunks, lengths, strict=True):
        norm = 1.0 - _LENGTH_WEIGHT + _LENGTH_WEIGHT * length / mean if mean else 1.0
        score = 0.0
        for word, weight in weights.items():
            count = chunk.counts.get(word, 0)
            score += weight * count * (_SATURATION + 1.0) / (count + _SATURATION * norm)
        if score > 0.0:
            found.append((chunk, score))
    return _sorted(found)


def semantic_ranking(
    query: str, chunks: Sequence[IndexedChunk]
) -> list[tuple[IndexedChunk, float]]:
    """Return all chunks with the cosines of their angles to a query, best first."""
    wanted = embed_text(query)
    return _sorted([(chunk, _dot(wanted, chunk.vector)) for chunk in chunks])


def fused_ranking(
    rankings: Iterable[tuple[Sequence[tuple[IndexedChunk, float]], float]], k: int
) -> list[tuple[IndexedChunk, float]]:
    """Return what is in several rankings with scores by reciprocal rank fusion, best first.

    Args:
        rankings: Each with its weight.
        k: The constant of reciprocal rank fusion.
    """
    scores: dict[str, float] = {}
    known: dict[str, IndexedChunk] = {}
    for ranking, weight in rankings:
        for place, (chunk, _) in enumerate(ranking, 1):
            known[chunk.chunk_id] = chunk
            scores[chunk.chunk_id] = scores.get(chunk.chunk_id, 0.0) + weight / (k + place)
    return _sorted([(known[key], score) for key, score in scores.items() if score > 0.0])


def reranked(
    query: str, ranking: Sequence[tuple[IndexedChunk, float]]
) -> list[tuple[IndexedChunk, float]]:
    """Return a ranking in the order in which a small model would put it.

    The model looks at the share of the query's words that a chunk has, and at its meaning.
    """
    wanted, vector = set(words(query)), embed_text(query)
    found = []
    for chunk, _ in ranking:
        share = len(wanted & chunk.counts.keys()) / len(wanted) if wanted else 0.0
        found.append((chunk, (share + max(0.0, _dot(vector, chunk.vector))) / 2.0))
    return _sorted(found)


def in_metric(cosine: float, metric: Metric) -> float:
    """Return the cosine of the angle of two vectors of length 1 as another metric has it."""
    if metric == "euclidean":
        return math.sqrt(max(0.0, 2.0 - 2.0 * cosine))
    return cosine


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return math.fsum(map(float.__mul__, one, other))


def _sorted(found: list[tuple[IndexedChunk, float]]) -> list[tuple[IndexedChunk, float]]:
    return sorted(found, key=lambda each: -each[1])
