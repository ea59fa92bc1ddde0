"""Texts cut into chunks of characters, bytes or tokens; pure."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import Final, Literal

import attrs

from xai.testing.engine.steps import finish
from xai.testing.engine.tokenizer import Tokenizer

Unit = Literal["chars", "bytes", "tokens"]
_STEP: Final = 20_000


@attrs.frozen
class ChunkSizes:
    """How a text is cut.

    Attributes:
        unit: What is counted.
        size: The maximum size of a chunk, in units.
        overlap: The overlap of neighbouring chunks, in units; less than the size.
    """

    unit: Unit
    size: int
    overlap: int


def chunk(text: str, sizes: ChunkSizes, tokenizer: Tokenizer) -> list[str]:
    """Return the chunks of a text; none of an empty one.

    A character is never cut in two: one that is larger than a chunk is a chunk of its own.

    Args:
        text: The text.
        sizes: How it is cut.
        tokenizer: Makes the tokens.
    """
    return finish(chunking_steps(text, sizes, tokenizer))


def chunking_steps(
    text: str, sizes: ChunkSizes, tokenizer: Tokenizer
) -> Generator[None, None, list[str]]:
    """Compute the chunks of a text in steps of some milliseconds."""
    if sizes.unit == "chars":
        stride = sizes.size - sizes.overlap
        last = max(1, len(text) - sizes.overlap)
        return [text[at : at + sizes.size] for at in range(0, last, stride)] if text else []
    if sizes.unit == "bytes":
        atoms = [(char, len(char.encode("utf-8", "surrogatepass"))) for char in text]
    else:
        ids = yield from tokenizer.steps(text)
        atoms = list(_characters(ids, tokenizer))
    return (yield from _windows(atoms, sizes))


def _characters(ids: Iterable[int], tokenizer: Tokenizer) -> Iterator[tuple[str, int]]:
    """Yield the shortest runs of tokens that are whole characters, and how many tokens they are."""
    waiting, count = b"", 0
    for token_id in ids:
        waiting, count = waiting + tokenizer.token_bytes(token_id), count + 1
        try:
            text = waiting.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            continue
        yield text, count
        waiting, count = b"", 0


def _windows(
    atoms: Sequence[tuple[str, int]], sizes: ChunkSizes
) -> Generator[None, None, list[str]]:
    chunks: list[str] = []
    start = 0
    done = 0
    while start < len(atoms):
        end, used = start, 0
        while end < len(atoms) and (end == start or used + atoms[end][1] <= sizes.size):
            used += atoms[end][1]
            end += 1
        chunks.append("".join(text for text, _ in atoms[start:end]))
        if end == len(atoms):
            break
        # The next one begins so far back that the two share at most the overlap.
        following, shared = end, 0
        while following - 1 > start and shared + atoms[following - 1][1] <= sizes.overlap:
            following -= 1
            shared += atoms[following][1]
        done += end - start
        start = following
        if done > _STEP:
            done = 0
            yield
    return chunks
