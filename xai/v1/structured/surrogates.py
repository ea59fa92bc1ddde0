"""Halves of characters, which JSON can express and UTF-8 can't."""

import re
from typing import Final

#: An escaped backslash and a pair are passed over; half a pair is replaced.
_ESCAPES: Final = re.compile(
    r"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)


def without_surrogates(text: str) -> str:
    """Return a text that can be sent: what is half a character is U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        # Two halves that belong together become what they are the halves of.
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def without_surrogate_escapes(text: str) -> str:
    """Return a JSON text in which escapes for half a character stand for U+FFFD."""
    return _ESCAPES.sub(
        lambda match: "\\ufffd" if match["half"] else match[0], without_surrogates(text)
    )
