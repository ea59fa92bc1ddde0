"""Fixtures of the blocking twin."""

from collections.abc import Iterator

import pytest

from tests.support import SECRET_KEY
from xai.testing import LocalServer
from xai.v1 import Client


@pytest.fixture
def client(server: LocalServer) -> Iterator[Client]:
    """A client of v1, closed after the test."""
    with Client(SECRET_KEY, api_host=server.host) as client:
        yield client
