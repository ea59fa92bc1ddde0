"""Fixtures for collections, of the asynchronous twin; the other folder has its own."""

from collections.abc import Iterator

import pytest

from tests.services.interop.reference import ReferenceServer
from tests.support import SECRET_KEY
from xai.testing import LocalServer
from xai.v1 import AsyncClient


@pytest.fixture
def client(reference_server: ReferenceServer) -> AsyncClient:
    """A client with both keys; the hook that runs the test enters and leaves it."""
    host = reference_server.host
    return AsyncClient(SECRET_KEY, "management-key", api_host=host, management_api_host=host)


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A local server that knows the secret key, and a management key."""
    keys = {SECRET_KEY: ["*"]}
    with LocalServer(api_keys=keys, management_api_keys=["management-key"]) as server:
        yield server


@pytest.fixture
def local_client(server: LocalServer) -> AsyncClient:
    """A client of a local server with both keys; the hook enters and leaves it."""
    return server.async_v1_client()
