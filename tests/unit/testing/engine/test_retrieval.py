import pytest

from xai.testing.engine.retrieval import (
    IndexedChunk,
    fused_ranking,
    in_metric,
    keyword_ranking,
    reranked,
    semantic_ranking,
)

TEXTS = (
    "The bridge over the river was closed in spring.",
    "Cats drink milk. A cat sleeps all day.",
    "The river flows under the bridges, and on and on, past the mill and the meadow to the sea.",
    "Bakers bake bread.",
)
CHUNKS = [IndexedChunk.of(f"k{n}", "f", text) for n, text in enumerate(TEXTS)]


def ids(ranking: list[tuple[IndexedChunk, float]]) -> list[str]:
    """Return the chunks of a ranking."""
    return [chunk.chunk_id for chunk, _ in ranking]


def test_words_decide_in_whatever_form() -> None:
    """A short text with both words is before a long one; what has none is not there at all."""
    found = keyword_ranking("RIVER bridge?", CHUNKS)
    assert ids(found) == ["k0", "k2"]
    assert found[0][1] > found[1][1] > 0
    assert keyword_ranking("zebra", CHUNKS) == []
    assert keyword_ranking("", CHUNKS) == keyword_ranking("a", []) == []


def test_rare_words_weigh_more() -> None:
    """The word that most chunks have tells them apart least."""
    assert ids(keyword_ranking("the bread", CHUNKS))[0] == "k3"


def test_meaning_ranks_everything() -> None:
    """By the cosine, which is 1 for the text itself."""
    found = semantic_ranking(TEXTS[1], CHUNKS)
    assert ids(found)[0] == "k1"
    assert found[0][1] == pytest.approx(1)
    assert len(found) == len(TEXTS)
    assert ids(semantic_ranking("kitten or cat", CHUNKS))[0] == "k1"


def test_fusion_adds_the_places() -> None:
    """Each with its weight; what is in one ranking alone is there as well."""
    one = [(CHUNKS[0], 9.0), (CHUNKS[1], 8.0)]
    other = [(CHUNKS[1], 0.1), (CHUNKS[2], 0.05)]
    found = fused_ranking([(one, 0.5), (other, 0.5)], 1)
    assert ids(found) == ["k1", "k0", "k2"]
    assert [score for _, score in found] == pytest.approx([0.5 / 3 + 0.5 / 2, 0.5 / 2, 0.5 / 3])
    assert ids(fused_ranking([(one, 1.0), (other, 0.0)], 60)) == ["k0", "k1"]


def test_reranking_keeps_what_was_found() -> None:
    """In another order."""
    found = reranked("bridge in spring", semantic_ranking("milk", CHUNKS))
    assert ids(found)[0] == "k0"
    assert sorted(ids(found)) == ["k0", "k1", "k2", "k3"]
    assert reranked("", []) == []


def test_metrics() -> None:
    """Of vectors of length 1: the same text has distance 0, and what is unlike has the largest."""
    assert in_metric(1.0, "cosine") == in_metric(1.0, "inner_product") == 1.0
    assert in_metric(1.0, "euclidean") == 0.0
    assert in_metric(-1.0, "euclidean") == 2.0
