# Do not edit: produced by "nox -s generate" from
# tests/services/aio/helpers.py
"""What the tests of this twin share."""

import threading
from typing import Final, TypeVar

from tests.twin_helpers import LIMIT
from xai import APIError, Stream, Token
from xai.testing import Call, LocalServer

T = TypeVar("T")

#: With a temperature of 0 the local model continues this with five tokens at least, surely.
QUESTION: Final = "Does it work?"


def collect(stream: Stream[T]) -> list[T]:
    """Read a stream to its end."""
    items: list[T] = []
    for item in stream:
        items += (item,)
    return items


def texts(stream: Stream[Token]) -> list[str]:
    """Read a stream of tokens to its end, and return their texts."""
    return [token.token_str for token in stream]


def until_error(stream: Stream[T]) -> tuple[list[T], APIError]:
    """Read a stream that fails, and return what came before and the error."""
    items: list[T] = []
    try:
        for item in stream:
            items += (item,)
    except APIError as error:
        return items, error
    raise AssertionError(f"the stream ended well, after {len(items)} items")


def wait_for_call(
    server: LocalServer, method: object, state: str | None = None, *, count: int = 1
) -> Call:
    """Wait until so many calls of a method are in a state, and return the last of them."""
    return server.wait_for_call(method, state, count=count)


def happens(event: threading.Event) -> bool:
    """Wait until a server's thread sets an event; tell whether it did in time."""
    return event.wait(LIMIT)
