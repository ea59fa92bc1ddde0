# Do not edit: produced by "nox -s generate" from
# tests/services/aio/rpc/reply_helpers.py
"""What the tests of streamed replies share."""

from typing import TypeVar

import pytest

from tests.services.interop.server import SeenCall
from tests.services.sync.helpers import collect, happens
from xai import Stream
from xai.runtime.transport.blocking import Reply

T = TypeVar("T")
E = TypeVar("E", bound=BaseException)


def step(stream: Stream[T]) -> T:
    """Wait for the next piece."""
    return stream.__next__()


def outcome(reply: Reply[T]) -> T:
    """Wait for the whole reply."""
    return reply.result()


def both_fail(
    pair: tuple[Stream[str], Reply[T]], kind: type[E], match: str | None = None
) -> tuple[E, E]:
    """Assert that both parts of a pair fail alike, and return what they raise."""
    stream, reply = pair
    with pytest.raises(kind, match=match) as by_stream:
        collect(stream)
    with pytest.raises(kind, match=match) as by_reply:
        outcome(reply)
    assert type(by_stream.value) is type(by_reply.value)
    assert by_stream.value is not by_reply.value
    return by_stream.value, by_reply.value


def given_up(call: SeenCall) -> bool:
    """Wait for the end of a call at the server, and tell whether the caller gave it up."""
    assert happens(call.ended)
    return not call.answered
