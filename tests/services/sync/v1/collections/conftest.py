"""Fixtures for collections, of the blocking twin; the other folder has its own."""

from collections.abc import Iterator

import pytest

from tests.services.interop.reference import ReferenceServer
from tests.support import SECRET_KEY
from xai.v1 import Client


@pytest.fixture
def client(reference_server: ReferenceServer) -> Iterator[Client]:
    """A client with both keys."""
    host = reference_server.host
    with Client(SECRET_KEY, "management-key", api_host=host, management_api_host=host) as client:
        yield client
