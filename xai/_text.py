"""Text that somebody else wrote, made safe to show in a log or on a terminal."""

from typing import Final

#: What reverses or hides other text: bidirectional marks, embeddings, overrides and isolates
#: (Unicode Standard Annex 9), and what some programs take for the end of a line.
_HIDING: Final = (
    0x061C,
    0x200E,
    0x200F,
    *range(0x2028, 0x202F),
    *range(0x2066, 0x206A),
    0xFEFF,
)
_ESCAPES: Final = {
    **{code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))},
    **{code: f"\\u{code:04x}" for code in _HIDING},
    0x09: "\\t",
    0x0A: "\\n",
    0x0D: "\\r",
}
_ESCAPES_BUT_LINES: Final = {
    code: escape for code, escape in _ESCAPES.items() if chr(code) not in "\n\t"
}


def escape_controls(text: str, *, keep_lines: bool = False) -> str:
    """Replace control and bidirectional formatting characters by visible escapes.

    Args:
        text: Any text.
        keep_lines: Whether line feeds and tabs stay as they are.

    Returns:
        The text, in which nothing moves a cursor, changes a color, starts a line or turns the
        order of characters around.
    """
    return text.translate(_ESCAPES_BUT_LINES if keep_lines else _ESCAPES)
