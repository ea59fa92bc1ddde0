"""Fixtures of the blocking twin; the folder of the asynchronous one has its own."""

from collections.abc import Iterator

import pytest

from tests.support import SECRET_KEY
from xai import Client
from xai.testing import LocalServer


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A local server that knows the secret key."""
    with LocalServer(api_keys={SECRET_KEY: ["*"]}) as server:
        yield server


@pytest.fixture
def client(server: LocalServer) -> Iterator[Client]:
    """A client of the local server."""
    with Client(SECRET_KEY, api_host=server.host) as client:
        yield client
