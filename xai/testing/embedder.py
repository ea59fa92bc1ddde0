"""The embedder of the local server: hashed pieces of words, the same on every machine."""

import asyncio
import math
import re
import struct
import unicodedata
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import cast

from betterproto import encode_varint
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from xai.proto.prompt_ide.embedder_public import Embedding, EmbedRequest, EmbedResponse
from xai.proto.prompt_ide.embedder_public_server import EmbedderBase

EMBEDDER = "embedder-local"
DEFAULT_SIZE = 256
_SIZES = range(8, 4097)
_LENGTHS = (2, 3, 4)
# Marks of the beginning and the end of a word; no text has them after it was cleaned.
_BEGIN, _END = "\x02", "\x03"
_SIGN = 1 << 31
_WORD = re.compile(r"\w+|[^\w\s]+")


class LocalEmbedder(EmbedderBase):
    """Serves ``prompt_ide.Embedder``.

    Args:
        model_names: Names of language models, which are taken for the embedder as well. Any of
            its names followed by a hyphen and a number gives vectors of that length.
    """

    acls: Mapping[str, str] = {"/prompt_ide.Embedder/Embed": "embedder:write"}

    def __init__(self, model_names: Sequence[str]) -> None:
        self._names = frozenset(["", EMBEDDER, *model_names])

    async def embed(self, request: EmbedRequest) -> EmbedResponse:
        """Turn each text into a vector."""
        size = self._size(request.model_name)
        shape = bytes(Embedding(shape=[size]))
        parts: list[bytes] = []
        for text in request.texts:
            parts += _written(embed_text(text, size), shape)
            # Other calls of the server must get their turn.
            await asyncio.sleep(0)
        # The stream takes encoded messages as well; a million numbers one by one take seconds.
        return cast("EmbedResponse", b"".join(parts))

    def _size(self, name: str) -> int:
        if name in self._names:
            return DEFAULT_SIZE
        base, _, number = name.rpartition("-")
        if base in self._names and base and number.isdecimal() and int(number) in _SIZES:
            return int(number)
        raise GRPCError(Status.NOT_FOUND, f"The model {name!r} does not exist.")


def embed_text(text: str, size: int = DEFAULT_SIZE) -> list[float]:
    """Return the vector of a text, of length 1.

    Pieces of two to four characters of each word, its borders marked, are hashed to a place and a
    sign. Texts with many pieces in common are near to each other; the order of words has no part
    in it. A text without a word has no direction: its vector is 0.
    """
    places: dict[int, float] = {}
    for piece, count in _pieces(text).items():
        number = zlib.crc32(piece.encode("utf-8", "surrogatepass"))
        # Damped: a word said ten times isn't ten times as important.
        weight = math.sqrt(count)
        place = number % size
        places[place] = places.get(place, 0.0) + (weight if number & _SIGN else -weight)
    length = math.sqrt(math.fsum(value * value for value in places.values()))
    values = [0.0] * size
    for place, value in places.items():
        values[place] = value / length if length else 0.0
    return values


def _written(values: Sequence[float], shape: bytes) -> tuple[bytes, ...]:
    """Return an embedding as a field of the response."""
    packed = struct.pack(f"<{len(values)}f", *values)
    head = b"\x0a" + encode_varint(len(packed))
    size = len(head) + len(packed) + len(shape)
    return b"\x0a" + encode_varint(size), head, packed, shape


def _pieces(text: str) -> Counter[str]:
    pieces: Counter[str] = Counter()
    for word in _WORD.findall(unicodedata.normalize("NFKC", text).casefold()):
        marked = f"{_BEGIN}{word}{_END}"
        for length in _LENGTHS:
            for start in range(len(marked) - length + 1):
                pieces[marked[start : start + length]] += 1
    return pieces
