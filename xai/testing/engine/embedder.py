"""The embedder of the local server: hashed parts of words, the same on every machine."""

import math
import random
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Generator, Sequence

from xai.testing.engine.model_names import missing_model
from xai.testing.engine.steps import finish

EMBEDDER = "embedder-local"
DEFAULT_SIZE = 256
_SIZES = range(8, 4097)
_LENGTHS = (2, 3, 4)
# Marks of the beginning and the end of a word; no text has them after it was cleaned.
_BEGIN, _END = "\x02", "\x03"
_SIGN = 1 << 31
_WORD = re.compile(r"\w+|[^\w\s]+")
# Texts are normalized in runs, at whose borders there is a space unless a word is longer than
# that: sorting combining marks takes a time that grows with the square of their number.
_RUN = re.compile(r".{1,1000}(?!\S)|\S{1,1000}|\s+", re.DOTALL)
_STEP = 10_000


def embed_text(text: str, size: int = DEFAULT_SIZE) -> list[float]:
    """Return the vector of a text, of length 1.

    Parts of two to four characters of each word, its borders marked, are hashed to a place and a
    sign. Texts with many parts in common are near to each other; the order of words has no part
    in it. A text without a word has no direction: its vector is 0.
    """
    return finish(embedding_steps(text, size))


def embedding_steps(text: str, size: int) -> Generator[None, None, list[float]]:
    """Compute the vector of a text in steps of some milliseconds."""
    parts = yield from _parts(text)
    places: dict[int, float] = {}
    for done, (part, count) in enumerate(parts.items(), 1):
        if not done % _STEP:
            yield
        number = zlib.crc32(part.encode("utf-8", "surrogatepass"))
        # Damped: a word said ten times isn't ten times as important.
        weight = math.sqrt(count)
        place = number % size
        places[place] = places.get(place, 0.0) + (weight if number & _SIGN else -weight)
    length = math.sqrt(math.fsum(value * value for value in places.values()))
    values = [0.0] * size
    for place, value in places.items():
        values[place] = value / length if length else 0.0
    return values


def image_vector(image: bytes, part: int, size: int) -> list[float]:
    """Return a vector of an image, of length 1; each part of an image has another one."""
    rng = random.Random(zlib.crc32(image, part))  # noqa: S311 - it has to be repeatable
    values = [rng.gauss(0, 1) for _ in range(size)]
    length = math.sqrt(math.fsum(value * value for value in values))
    return [value / length for value in values]


def embedding_size(name: str, names: Sequence[str]) -> int:
    """Return the length of the vectors of a model.

    Args:
        name: The model. A name that is known, followed by a hyphen and a number, gives vectors of
            that length.
        names: The names that are known.

    Raises:
        GRPCError: There is no such model.
    """
    if name in names:
        return DEFAULT_SIZE
    base, _, number = name.rpartition("-")
    if base in names and base and number.isdecimal() and int(number) in _SIZES:
        return int(number)
    raise missing_model(name, names)


def _parts(text: str) -> Generator[None, None, Counter[str]]:
    parts: Counter[str] = Counter()
    for run in _RUN.finditer(text):
        for word in _WORD.findall(unicodedata.normalize("NFKC", run[0]).casefold()):
            marked = f"{_BEGIN}{word}{_END}"
            for length in _LENGTHS:
                for start in range(len(marked) - length + 1):
                    parts[marked[start : start + length]] += 1
        yield
    return parts
