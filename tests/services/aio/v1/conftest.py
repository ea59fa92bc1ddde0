"""Fixtures for the v1 API, of the asynchronous twin; the other folder has its own."""

import pytest

from tests.services.interop.reference import ReferenceServer
from tests.support import SECRET_KEY
from xai import AsyncClient
from xai.testing import LocalServer


@pytest.fixture
def client(reference_server: ReferenceServer) -> AsyncClient:
    """A client of the scripted server; the hook that runs the test enters and leaves it."""
    return AsyncClient(SECRET_KEY, api_host=reference_server.host)


@pytest.fixture
def local_client(server: LocalServer) -> AsyncClient:
    """A client of a local server; the hook that runs the test enters and leaves it."""
    return AsyncClient(SECRET_KEY, api_host=server.host)
