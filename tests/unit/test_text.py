"""What others wrote is safe to show."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xai._text import escape_controls

#: Of Unicode's bidirectional algorithm, UAX #9, section 2.
_BIDI = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")


def _dangerous(letter: str) -> bool:
    return (
        unicodedata.category(letter) in ("Cc", "Zl", "Zp")
        or unicodedata.bidirectional(letter) in _BIDI
        or letter in "\u061c\u200e\u200f\ufeff"
    )


def test_every_control_character_is_escaped() -> None:
    """Of all characters there are, those that act on a terminal are escaped, and no others."""
    for code in range(0x110000):
        letter = chr(code)
        shown = escape_controls(letter)
        if _dangerous(letter):
            assert shown.isascii()
            assert shown.startswith("\\")
        else:
            assert shown == letter


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x9b2J", "\\x9b2J"),
        ("a\rb\x08c\x7f", "a\\rb\\x08c\\x7f"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        ("one\ntwo\tthree", "one\\ntwo\\tthree"),
        ("Grüße, 世界, 👩\u200d💻, שלום", "Grüße, 世界, 👩\u200d💻, שלום"),
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    """Escapes are those of Python; letters of any language stay."""
    assert escape_controls(text) == shown


def test_lines_can_be_kept() -> None:
    """Line feeds and tabs of a text stay when asked to; a carriage return never does."""
    assert escape_controls("a\n\tb\r\n\x1b", keep_lines=True) == "a\n\tb\\r\n\\x1b"


@given(st.lists(st.text()))
def test_chunks_are_escaped_like_the_whole(chunks: list[str]) -> None:
    """A sequence that is split over chunks is as harmless as one in a single chunk."""
    whole = escape_controls("".join(chunks), keep_lines=True)
    assert "".join(escape_controls(chunk, keep_lines=True) for chunk in chunks) == whole
