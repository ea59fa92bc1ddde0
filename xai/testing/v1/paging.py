"""Lists of the local server's v1 services, page by page; pure."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from xai.testing.v1.chat_request import require

T = TypeVar("T")

_PAGE, _MOST = 100, 100
_MARK = "place:"


def page_of(items: Sequence[T], limit: int, token: str | None) -> tuple[list[T], str | None]:
    """Return a page of a list, and the token of the next one.

    Args:
        items: The whole list.
        limit: The most items; 0 is the server's default.
        token: The token of the page; None for the first.

    Raises:
        GRPCError: The limit is out of range, or the token is none of this server's.
    """
    require(0 <= limit <= _MOST, f"limit must be from 0 to {_MOST}, got {limit}.")
    start = _place(token) if token else 0
    end = start + (limit or _PAGE)
    following = base64.b64encode(f"{_MARK}{end}".encode()).decode() if end < len(items) else None
    return list(items[start:end]), following


def _place(token: str) -> int:
    try:
        text = base64.b64decode(token, validate=True).decode()
    except (binascii.Error, ValueError):
        text = ""
    mark, _, number = text.partition(":")
    valid = f"{mark}:" == _MARK and number.isdecimal()
    require(valid, f"pagination_token is none of this server's: {token!r}.")
    return int(number)
