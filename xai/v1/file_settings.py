"""Names of files on the server, and how long they are kept."""

import unicodedata
from datetime import timedelta
from typing import Final

from xai._validation import shown
from xai.v1.validation import non_empty

_MAX_NAME: Final = 255
_REFUSED: Final = frozenset('";\\')
#: Control characters, those that end a line or a paragraph, and halves of characters.
_REFUSED_CATEGORIES: Final = frozenset({"Cc", "Zl", "Zp", "Cs"})
#: The server's limits for how long a file is kept, in seconds.
_SHORTEST: Final = 3600
_LONGEST: Final = 2_592_000
_INT64_MAX: Final = 2**63 - 1


def check_filename(argument: str, value: object) -> str:
    """Return a name that the server takes.

    Raises:
        TypeError: It is not a str.
        ValueError: It is empty or too long, or has characters that are refused.
    """
    name = non_empty(argument, value)
    if len(name) > _MAX_NAME:
        raise ValueError(f"{argument} must have at most {_MAX_NAME} characters, not {len(name)}")
    for character in name:
        if character in _REFUSED or unicodedata.category(character) in _REFUSED_CATEGORIES:
            raise ValueError(
                f"{argument} must have no control or line-break characters and none of "
                f'" ; \\, but has {character!r}'
            )
    return name


def storage_seconds(argument: str, value: object) -> int:
    """Return for how many seconds the server keeps a file.

    Raises:
        TypeError: It is neither an int nor a timedelta.
        ValueError: It is not whole seconds, or not from 1 hour to 30 days.
    """
    return _seconds(argument, value, _SHORTEST, _LONGEST)


def url_seconds(argument: str, value: object) -> int:
    """Return for how many seconds a public URL is there.

    Raises:
        TypeError: It is neither an int nor a timedelta.
        ValueError: It is not whole seconds, or less than 1.
    """
    return _seconds(argument, value, 1, _INT64_MAX)


def _seconds(argument: str, value: object, low: int, high: int) -> int:
    seconds = value
    if isinstance(value, timedelta):
        seconds, rest = divmod(value, timedelta(seconds=1))
        if rest:
            raise ValueError(f"{argument} must be whole seconds, not {value}")
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        kind = type(value).__name__
        raise TypeError(f"{argument} must be an int of seconds or a timedelta, not {kind}")
    if not low <= seconds <= high:
        expected = f"{low} or more" if high == _INT64_MAX else f"from {low} to {high}"
        raise ValueError(f"{argument} must be {expected} seconds, not {shown(seconds)}")
    return seconds
