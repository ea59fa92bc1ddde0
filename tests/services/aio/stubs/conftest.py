"""The client of the tests of stubs, with keys for both hosts."""

import pytest

from tests.support import MANAGEMENT_KEY, SECRET_KEY
from xai import AsyncClient
from xai.testing import LocalServer


@pytest.fixture
def client(server: LocalServer) -> AsyncClient:
    """A client with both keys; the hook that runs the test enters and leaves it."""
    host = server.host
    return AsyncClient(
        SECRET_KEY, management_api_key=MANAGEMENT_KEY, api_host=host, management_api_host=host
    )
