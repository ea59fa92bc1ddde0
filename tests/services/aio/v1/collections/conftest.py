"""Fixtures for collections, of the asynchronous twin; the other folder has its own."""

import pytest

from tests.services.interop.reference import ReferenceServer
from tests.support import SECRET_KEY
from xai.v1 import AsyncClient


@pytest.fixture
def client(reference_server: ReferenceServer) -> AsyncClient:
    """A client with both keys; the hook that runs the test enters and leaves it."""
    host = reference_server.host
    return AsyncClient(SECRET_KEY, "management-key", api_host=host, management_api_host=host)
