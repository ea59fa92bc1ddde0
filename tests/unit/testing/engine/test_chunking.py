from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xai.testing.engine.chunking import ChunkSizes, Unit, chunk
from xai.testing.engine.model import default_model

TOKENIZER = default_model().tokenizer
SIZES: dict[Unit, Callable[[str], int]] = {
    "chars": len,
    "bytes": lambda text: len(text.encode()),
    "tokens": lambda text: len(TOKENIZER.tokenize(text)),
}


def cut(text: str, unit: Unit, size: int, overlap: int = 0) -> list[str]:
    """Return the chunks of a text."""
    return chunk(text, ChunkSizes(unit, size, overlap), TOKENIZER)


def test_characters() -> None:
    """Neighbours overlap, and the last one is what is left."""
    assert cut("abcdefg", "chars", 3) == ["abc", "def", "g"]
    assert cut("abcdefg", "chars", 3, 1) == ["abc", "cde", "efg"]
    assert cut("ab", "chars", 3, 2) == ["ab"]
    assert cut("", "chars", 3) == cut("", "bytes", 3) == cut("", "tokens", 3) == []


def test_bytes_never_cut_a_character() -> None:
    """One that is larger than a chunk is a chunk of its own."""
    assert cut("aéb", "bytes", 2) == ["a", "é", "b"]
    assert cut("a🙂b", "bytes", 2) == ["a", "🙂", "b"]
    assert cut("abéc", "bytes", 3, 1) == ["ab", "bé", "c"]


def test_tokens_never_cut_a_character() -> None:
    """Characters of several tokens stay whole; words are tokens."""
    assert cut("Does it work?", "tokens", 2) == ["Does it", " work?"]
    assert cut("🙂🙂", "tokens", 2) == ["🙂", "🙂"]


@pytest.mark.parametrize("unit", ["chars", "bytes", "tokens"])
@given(data=st.data())
def test_chunks_are_the_text(unit: Unit, data: st.DataObject) -> None:
    """Without an overlap they join to it; with one each begins within the one before."""
    text = data.draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
    size = data.draw(st.integers(1, 9))
    assert "".join(cut(text, unit, size)) == text
    overlap = data.draw(st.integers(0, size - 1))
    place = 0
    chunks = cut(text, unit, size, overlap)
    for number, one in enumerate(chunks):
        found = [at for at in range(place + 1) if text.startswith(one, at)]
        assert found, "a part is missing"
        assert SIZES[unit](one) <= size or len(one) == 1 or unit == "tokens"
        # Each begins behind the one before it, wherever that was.
        place = max(found) + len(one)
        assert one or number == 0
    assert place >= len(text) or not chunks
