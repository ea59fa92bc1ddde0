"""Pages of lists, and the tokens that lead from one to the next; pure."""

import base64
import binascii
import zlib
from collections.abc import Sequence
from typing import Final, TypeVar

from grpclib.const import Status
from grpclib.exceptions import GRPCError

T = TypeVar("T")

MAX_PAGE: Final = 100


def page(
    entries: Sequence[T], limit: int | None, token: str | None, query: object
) -> tuple[Sequence[T], str | None]:
    """Return a page of sorted entries, and the token of the next one; None after the last.

    Args:
        entries: All entries.
        limit: How many the page may have, 1 to 100; more count as 100, and so does None.
        token: The token of the page; the first one when None or empty.
        query: What the entries are chosen and sorted by. A token of another query is refused.

    Raises:
        GRPCError: The limit is less than 1, or the token makes no sense.
    """
    if limit is not None and limit < 1:
        raise GRPCError(Status.INVALID_ARGUMENT, f"limit must be 1 or more, got {limit}.")
    mark = f"{zlib.crc32(repr(query).encode('utf-8', 'surrogatepass')):08x}"
    start = _start(token, mark) if token else 0
    end = start + min(limit or MAX_PAGE, MAX_PAGE)
    following = None
    if end < len(entries):
        following = base64.urlsafe_b64encode(f"{mark}:{end}".encode()).decode()
    return entries[start:end], following


def _start(token: str, mark: str) -> int:
    try:
        found, _, place = base64.urlsafe_b64decode(token.encode()).decode().partition(":")
        start = int(place)
    except (ValueError, binascii.Error) as error:
        text = "pagination_token is none that this server made."
        raise GRPCError(Status.INVALID_ARGUMENT, text) from error
    if found != mark:
        text = "pagination_token is of a list with another order, filter or sort."
        raise GRPCError(Status.INVALID_ARGUMENT, text)
    return start
