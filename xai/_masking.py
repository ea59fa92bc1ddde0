"""Takes the credentials of a client out of what a server or a gateway says.

Either may quote what it was sent, in a message, a trailer or an error page, and error reports go to
places where credentials must not. Loaded with the first error.
"""

import contextlib
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from xai._secrets import MASK

#: A key of metadata with one of these in it has a value that nobody else should read.
_SECRET_KEYS: Final = (
    "auth",
    "cookie",
    "credential",
    "jwt",
    "key",
    "pass",
    "pwd",
    "secret",
    "session",
    "signature",
    "token",
)
_SCHEME: Final = re.compile(r"(?:basic|bearer|digest|negotiate|token)\s+", re.IGNORECASE)


def secret_values(metadata: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return the values among some metadata that are credentials, by their keys.

    Args:
        metadata: Pairs of a key and a value.

    Returns:
        The values, without the name of an authentication scheme in front.
    """
    found: list[str] = []
    for key, value in metadata:
        if any(part in key for part in _SECRET_KEYS):
            scheme = _SCHEME.match(value)
            found.append(value[scheme.end() :] if scheme else value)
            if scheme and scheme[0].lower().startswith("basic"):
                with contextlib.suppress(ValueError):
                    found.append(b64decode(found[-1]).decode().partition(":")[2])
    return tuple(found)


#: So many letters and digits of a credential in a row are taken for a part of it.
_GRAM: Final = 8
#: What is shorter than this is no credential, but a placeholder.
_SHORTEST: Final = 4
#: One character, possibly percent-encoded (even repeatedly), or escaped as in JSON, Python or HTML.
_CHARACTER: Final = re.compile(
    r"%(?:25)*(?P<percent>[0-9A-Fa-f]{2})"
    r"|\\(?:x|u00)(?P<escape>[0-9A-Fa-f]{2})"
    r"|&#[xX]0*(?P<hex>[0-9A-Fa-f]{1,2});"
    r"|&#0*(?P<decimal>\d{1,3});"
    r"|.",
    re.DOTALL | re.ASCII,
)
_SEPARATORS: Final = re.compile(r"[^0-9A-Za-z]+")
_ENCODED: Final = re.compile(r"[%\\&]")
_BASE64: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_")


class _Character(NamedTuple):
    """A character, and where in the text it is spelled."""

    value: str
    start: int
    end: int


class _Span(NamedTuple):
    """Characters in a row that spell a credential."""

    characters: Sequence[_Character]
    #: Whether they may be the middle of a longer base64 text.
    base64: bool


class Masker:
    """Finds the credentials of a client in what a server says, and takes them out.

    A credential is found in any case, percent-encoded, escaped, in hexadecimal, in base64 at any
    offset, interrupted by spaces, quotes or line breaks, and in part: eight letters and digits in
    a row are enough.

    Args:
        secrets: The credentials.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        known = {secret for secret in secrets if len(secret) >= _SHORTEST}
        self._plain: set[str] = set()
        self._base64: set[str] = set()
        for secret in known:
            data = secret.encode("utf-8", "surrogatepass")
            self._plain.update(_grams(secret), _grams(data.hex()))
            for skipped in range(3):
                self._base64.update(_grams(_base64_core(data, skipped)))
        self._grams = self._plain | self._base64
        #: Too short to be looked for in part: these must stand alone.
        short = sorted(secret for secret in known if len(_folded(secret)) < _GRAM)
        self._short = re.compile(
            "|".join(
                rf"(?<![0-9A-Za-z]){re.escape(secret)}(?![0-9A-Za-z])"
                if secret.isalnum()
                else re.escape(secret)
                for secret in short
            )
            or r"(?!)"
        )

    def text(self, text: str) -> str:
        """Return a text with a mask in the place of each credential.

        Args:
            text: What a server said.

        Returns:
            The text; the same object when there is nothing to hide.
        """
        parts: list[str] = []
        done = 0
        for start, end in self._ranges(text):
            parts += (text[done:start], MASK)
            done = end
        return "".join((*parts, text[done:])) if parts else text

    def data(self, data: bytes) -> bytes:
        """Return bytes in which the characters of each credential are asterisks.

        The length stays the same, so that an encoded message can still be decoded.

        Args:
            data: What a server sent.

        Returns:
            The bytes; the same object when there is nothing to hide.
        """
        text = data.decode("latin-1")
        masked = bytearray(data)
        found = False
        for span in self._spans(text):
            found = True
            for character in _whole(text, span):
                masked[character.start : character.end] = b"*" * (character.end - character.start)
        return bytes(masked) if found else data

    def finds(self, text: str) -> bool:
        """Return whether there is a credential in a text."""
        return next(self._spans(text), None) is not None

    def finds_in_error(self, error: BaseException) -> bool:
        """Return whether there is a credential in the text of an error, or of its causes."""
        seen: set[int] = set()
        found: BaseException | None = error
        while found is not None and id(found) not in seen:
            seen.add(id(found))
            if self.finds(f"{found} {found!r} {found.args!r}"):
                return True
            found = found.__cause__ or found.__context__
        return False

    def _ranges(self, text: str) -> list[tuple[int, int]]:
        ranges: list[tuple[int, int]] = []
        for span in self._spans(text):
            characters = _whole(text, span)
            ranges.append((characters[0].start, characters[-1].end))
        merged: list[tuple[int, int]] = []
        for start, end in sorted(ranges):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged

    def _spans(self, text: str) -> Iterator[_Span]:
        encoded = _ENCODED.search(text) is not None
        if not encoded and not self._short.search(text):
            # As nearly always. The rest costs a hundred times as much.
            folded = _folded(text)
            places = range(len(folded) - _GRAM + 1)
            if not any(folded[at : at + _GRAM] in self._grams for at in places):
                return
        raw = [_Character(value, at, at + 1) for at, value in enumerate(text)]
        views = [raw]
        if encoded:
            views.append(_decoded(text))
        for view in views:
            letters = [found for found in view if found.value.isascii() and found.value.isalnum()]
            folded = "".join(found.value for found in letters).lower()
            for grams, base64 in ((self._plain, False), (self._base64, True)):
                for start, end in _covered(folded, grams):
                    yield _Span(letters[start:end], base64)
            for match in self._short.finditer("".join(found.value for found in view)):
                yield _Span(view[match.start() : match.end()], base64=False)


def _decoded(text: str) -> list[_Character]:
    found: list[_Character] = []
    for match in _CHARACTER.finditer(text):
        digits = match["percent"] or match["escape"] or match["hex"]
        if digits:
            value = chr(int(digits, 16))
        elif match["decimal"]:
            value = chr(int(match["decimal"]))
        else:
            value = match[0]
        found.append(_Character(value, match.start(), match.end()))
    return found


def _folded(text: str) -> str:
    return _SEPARATORS.sub("", text).lower()


def _grams(text: str) -> Iterator[str]:
    folded = _folded(text)
    return (folded[at : at + _GRAM] for at in range(len(folded) - _GRAM + 1))


def _base64_core(data: bytes, skipped: int) -> str:
    """Return how base64 writes some bytes behind others; without what the neighbors decide."""
    text = b64encode(b"\0" * skipped + data).decode().rstrip("=")
    first = -(-skipped * 8 // 6)
    last = (skipped + len(data)) * 8 // 6
    return text[first:last]


def _covered(folded: str, grams: set[str]) -> Iterator[tuple[int, int]]:
    """Yield the ranges of a text that consist of known parts."""
    start = end = -1
    for at in range(len(folded) - _GRAM + 1):
        if folded[at : at + _GRAM] in grams:
            if at > end:
                if end > start:
                    yield start, end
                start = at
            end = at + _GRAM
    if end > start:
        yield start, end


def _whole(text: str, span: _Span) -> Sequence[_Character]:
    """Return the characters of a span, with the rest of the base64 text around it."""
    if not span.base64:
        return span.characters
    start, end = span.characters[0].start, span.characters[-1].end
    while start > 0 and text[start - 1] in _BASE64:
        start -= 1
    while end < len(text) and text[end] in _BASE64:
        end += 1
    around = [_Character(text[at], at, at + 1) for at in range(start, span.characters[0].start)]
    after = [_Character(text[at], at, at + 1) for at in range(span.characters[-1].end, end)]
    return [*around, *span.characters, *after]
