"""Fixtures of the asynchronous twin; the folder of the blocking one has its own."""

import pytest

from tests.support import SECRET_KEY
from xai.testing import LocalServer
from xai.v1 import AsyncClient


@pytest.fixture
def client(server: LocalServer) -> AsyncClient:
    """A client of v1; the hook that runs the test enters and leaves it."""
    return AsyncClient(SECRET_KEY, api_host=server.host)
