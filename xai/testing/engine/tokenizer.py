"""A lossless tokenizer with word-start markers and byte fallback; pure.

A space belongs to the word after it and is written ``▁`` (U+2581). What the vocabulary has no piece
for becomes UTF-8 bytes, one token such as ``<0xC3>`` each, so every string can be written and read
back. The vocabulary follows from the built-in text alone and is the same on every machine.
"""

import codecs
import re
from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from typing import Final

from xai.testing.engine.steps import finish

MARKER: Final = "\u2581"
SPECIALS: Final = ("[PAD]", "<|eos|>", "<|image|>")
PAD, EOS, IMAGE = range(3)
_BYTE_0: Final = len(SPECIALS)

_WORD = re.compile(r"[A-Za-z]+")
# A chunk is what gets segmented and cached on its own: no piece crosses its border. Its length
# is limited, since segmenting takes longer than in proportion to it.
_CHUNK = re.compile(r" ?[A-Za-z]{1,256}|.", re.DOTALL)
_CACHE_LIMIT: Final = 50_000
#: Longer chunks are too seldom the same to be worth the memory.
_CACHED_LENGTH: Final = 32
_STEP: Final = 5_000
_FRAGMENT_LENGTHS: Final = range(2, 6)
_FRAGMENT_MIN_COUNT: Final = 4


def _pieces(text: str) -> list[str]:
    """Return the pieces that the text yields, in the order of their IDs."""
    words = Counter(_WORD.findall(text))
    fragments: Counter[str] = Counter()
    for word, count in words.items():
        for length in _FRAGMENT_LENGTHS:
            for start in range(len(word) - length + 1):
                fragments[word[start : start + length]] += count
    pieces = dict.fromkeys([MARKER, "\n", "\t"])
    pieces.update(dict.fromkeys(map(chr, range(0x21, 0x7F))))
    for word in sorted(words, key=lambda word: (-words[word], word)):
        pieces[MARKER + word] = None
        pieces[word] = None
    for fragment in sorted(fragments):
        if fragments[fragment] >= _FRAGMENT_MIN_COUNT:
            pieces[fragment] = None
    return list(pieces)


class Tokenizer:
    """Turns text into token IDs and back, without loss.

    Args:
        text: The text whose words become the vocabulary.
    """

    def __init__(self, text: str) -> None:
        pieces = _pieces(text)
        self.strings: tuple[str, ...] = (
            *SPECIALS,
            *(f"<0x{byte:02X}>" for byte in range(256)),
            *pieces,
        )
        # The bytes of every token; joined, they are the text, which makes decoding exact.
        self._bytes: tuple[bytes, ...] = (
            *(b"" for _ in SPECIALS),
            *(bytes([byte]) for byte in range(256)),
            *(piece.replace(MARKER, " ").encode() for piece in pieces),
        )
        first = _BYTE_0 + 256
        self._ids = {piece: first + number for number, piece in enumerate(pieces)}
        self._named = {name: number for number, name in enumerate(self.strings)}
        self._longest = max(map(len, pieces))
        self._cache: dict[str, tuple[int, ...]] = {}

    def __len__(self) -> int:
        """Return the size of the vocabulary."""
        return len(self.strings)

    def tokenize(self, text: str) -> list[int]:
        """Return the token IDs of a text."""
        return finish(self.steps(text))

    def steps(self, text: str) -> Generator[None, None, list[int]]:
        """Compute the token IDs of a text in steps of some milliseconds."""
        ids: list[int] = []
        cache = self._cache
        for number, match in enumerate(_CHUNK.finditer(text)):
            chunk = match[0]
            known = cache.get(chunk)
            if known is None:
                known = self._segment(chunk)
                if len(chunk) <= _CACHED_LENGTH and len(cache) < _CACHE_LIMIT:
                    cache[chunk] = known
            ids += known
            if number % _STEP == _STEP - 1:
                yield
        return ids

    def detokenize(self, ids: Iterable[int]) -> str:
        """Return the text of token IDs; special tokens have none, broken UTF-8 is replaced."""
        data = b"".join([self._bytes[token_id] for token_id in ids])
        try:
            return data.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return data.decode("utf-8", "replace")

    def token_bytes(self, token_id: int) -> bytes:
        """Return the bytes that a token adds to the text."""
        return self._bytes[token_id]

    def find(self, string: str) -> int | None:
        """Return the ID of the token that is written like this, or None."""
        return self._named.get(string)

    def decoder(self) -> "TextDecoder":
        """Return a decoder that takes tokens one at a time."""
        return TextDecoder(self._bytes)

    def _segment(self, chunk: str) -> tuple[int, ...]:
        ids = self._ids
        # A marker in the user's own text is not a space; bytes keep the two apart.
        if chunk == MARKER or (len(chunk) == 1 and chunk != " " and chunk not in ids):
            return tuple(_BYTE_0 + byte for byte in chunk.encode("utf-8", "surrogatepass"))
        rest = chunk.replace(" ", MARKER)
        found: list[int] = []
        while rest:
            size = min(len(rest), self._longest)
            # Ends at the latest with one letter or the marker, which are pieces.
            while rest[:size] not in ids:
                size -= 1
            found.append(ids[rest[:size]])
            rest = rest[size:]
        return tuple(found)


class TextDecoder:
    """Decodes a growing sequence of tokens and holds back characters that are not complete."""

    def __init__(self, table: Sequence[bytes]) -> None:
        self._table = table
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def push(self, token_id: int) -> str:
        """Return the text that this token completes."""
        return self._decoder.decode(self._table[token_id])

    def finish(self) -> str:
        """Return what is left when no more tokens come."""
        return self._decoder.decode(b"", final=True)
