"""Fixtures of the asynchronous twin; the folder of the blocking one has its own."""

from collections.abc import Iterator

import pytest

from tests.support import SECRET_KEY
from xai import AsyncClient
from xai.testing import LocalServer


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A local server that knows the secret key."""
    with LocalServer(api_keys={SECRET_KEY: ["*"]}) as server:
        yield server


@pytest.fixture
def client(server: LocalServer) -> AsyncClient:
    """A client of the local server; the hook that runs the test enters and leaves it."""
    return AsyncClient(SECRET_KEY, api_host=server.host)
