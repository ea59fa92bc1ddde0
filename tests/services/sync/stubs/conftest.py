"""The client of the tests of stubs, with keys for both hosts."""

from collections.abc import Iterator

import pytest

from tests.support import MANAGEMENT_KEY, SECRET_KEY
from xai import Client
from xai.testing import LocalServer


@pytest.fixture
def client(server: LocalServer) -> Iterator[Client]:
    """A client with both keys."""
    host = server.host
    with Client(
        SECRET_KEY, management_api_key=MANAGEMENT_KEY, api_host=host, management_api_host=host
    ) as client:
        yield client
