"""Fixtures for collections, of the blocking twin; the other folder has its own."""

from collections.abc import Iterator

import pytest

from tests.services.interop.reference import ReferenceServer
from tests.support import SECRET_KEY
from xai.testing import LocalServer
from xai.v1 import Client


@pytest.fixture
def client(reference_server: ReferenceServer) -> Iterator[Client]:
    """A client with both keys."""
    host = reference_server.host
    with Client(SECRET_KEY, "management-key", api_host=host, management_api_host=host) as client:
        yield client


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A local server that knows the secret key, and a management key."""
    keys = {SECRET_KEY: ["*"]}
    with LocalServer(api_keys=keys, management_api_keys=["management-key"]) as server:
        yield server


@pytest.fixture
def local_client(server: LocalServer) -> Iterator[Client]:
    """A client of a local server with both keys."""
    with server.v1_client() as client:
        yield client
