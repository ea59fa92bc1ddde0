"""The bound on messages, in both directions."""

from typing import Any

import pytest

from tests.reliability.links import Link, both
from tests.reliability.peer import Peer
from xai import InternalServerError, RetryPolicy
from xai.proto.prompt_ide import SampleTokensRequest, TokenizeRequest
from xai.testing import LocalServer

#: Room for a request of `TokenizeRequest` with a text of 990 bytes, or for a short reply.
LIMIT = 1000
OVER = rf"^the request has \d+ bytes; max_message_bytes allows {LIMIT}$"


def _sized(size: int) -> TokenizeRequest:
    request = TokenizeRequest(text="x" * (size - 3))
    assert len(bytes(request)) == size
    return request


def test_request_over_the_limit_is_not_sent() -> None:
    """A request that is too large is a ValueError at the call, unary or streamed."""
    with LocalServer() as server, server.client(max_message_bytes=LIMIT) as client:
        with pytest.raises(ValueError, match=OVER):
            client.stubs.sampler.tokenize(_sized(LIMIT + 1))
        with pytest.raises(ValueError, match=OVER):
            list(client.stubs.sampler.sample_tokens(SampleTokensRequest(prompt=[1] * (LIMIT * 2))))
        with pytest.raises(ValueError, match=OVER):
            client.sampler.tokenize("x" * LIMIT)
        assert not server.calls


async def test_asynchronous_request_over_the_limit_is_not_sent() -> None:
    """As above."""
    with LocalServer() as server:
        async with server.async_client(max_message_bytes=LIMIT) as client:
            with pytest.raises(ValueError, match=OVER):
                await client.stubs.sampler.tokenize(_sized(LIMIT + 1))
            with pytest.raises(ValueError, match=OVER):
                await client.sampler.tokenize("x" * LIMIT)
        assert not server.calls


def test_request_of_exactly_the_limit_is_sent() -> None:
    """The limit itself is allowed; the reply has the same limit, and its own error."""
    options: dict[str, Any] = {"max_message_bytes": LIMIT, "retry": RetryPolicy.none()}
    with LocalServer() as server, server.client(**options) as client:
        with pytest.raises(InternalServerError, match=f"over the limit of {LIMIT} bytes"):
            client.stubs.sampler.tokenize(_sized(LIMIT))
        assert len(server.calls) == 1


@both
def test_default_has_room_for_large_messages(connect: type[Link]) -> None:
    """By default 16 MiB go through in both directions."""
    with Peer() as peer, connect(peer) as link:
        payload = bytes(2**24)
        assert link.unary(payload) == payload
