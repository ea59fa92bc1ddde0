"""Limits of rates, as tests set and move them."""

import contextlib
from collections.abc import Iterator

import pytest

from tests.support import SECRET_KEY
from xai import RateLimitError, StatusCode
from xai.options import RetryPolicy
from xai.proto.xai_api.models import MODELS_LIST_LANGUAGE_MODELS
from xai.testing import LocalServer
from xai.v1 import Client

#: So low that no room comes back in a test.
_HARDLY = 1 / 3600


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A server that knows the key."""
    with LocalServer(api_keys={SECRET_KEY: ["*"]}) as server:
        yield server


@pytest.fixture
def client(server: LocalServer) -> Iterator[Client]:
    """A client that does not retry."""
    with Client(SECRET_KEY, api_host=server.host, retry=RetryPolicy.none()) as client:
        yield client


def taken(client: Client, count: int) -> int:
    """Call so often, and return how many calls were taken."""
    found = 0
    for _ in range(count):
        with contextlib.suppress(RateLimitError):
            client.models.list_language_models()
            found += 1
    return found


def test_calls_above_the_rate_are_refused(server: LocalServer, client: Client) -> None:
    """As many as the burst are taken; more room comes when the limit moves or is lifted."""
    server.limit_rate(_HARDLY, burst=3)
    assert taken(client, 5) == 3
    # What was taken before still counts.
    server.limit_rate(_HARDLY, burst=5)
    assert taken(client, 5) == 2
    server.limit_rate(1e9)
    assert taken(client, 5) == 5
    server.limit_rate(_HARDLY)
    taken(client, 1)
    assert taken(client, 1) == 0
    server.limit_rate(None)
    assert taken(client, 5) == 5
    refused = [call for call in server.calls if call.code == StatusCode.RESOURCE_EXHAUSTED]
    assert len(refused) >= 6


def test_limit_of_a_method_and_what_a_refusal_says(server: LocalServer, client: Client) -> None:
    """Other methods are free; the wait is named where that is wanted; faults stay for others."""
    server.limit_rate(_HARDLY, method=MODELS_LIST_LANGUAGE_MODELS, name_wait=True)
    assert taken(client, 1) == 1
    server.fail(StatusCode.PERMISSION_DENIED, method="ListLanguageModels")
    with pytest.raises(RateLimitError, match="calls in a second") as caught:
        client.models.list_language_models()
    (wait,) = [value for key, value in caught.value.metadata if key == "grpc-retry-pushback-ms"]
    assert 0 < int(wait) <= 3_600_000
    assert client.models.list_embedding_models() is not None
    server.clear_faults()
    assert taken(client, 2) == 2


def test_wrong_limits(server: LocalServer) -> None:
    """Errors name the argument."""
    with pytest.raises(ValueError, match="per_second must be more than 0"):
        server.limit_rate(0)
    with pytest.raises(ValueError, match="per_second must be 0 or more"):
        server.limit_rate(-1)
    with pytest.raises(TypeError, match="per_second must be a number"):
        server.limit_rate("5")  # type: ignore[arg-type]  # the point
    with pytest.raises(ValueError, match="burst must be"):
        server.limit_rate(5, burst=0)
