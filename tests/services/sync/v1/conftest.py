"""Fixtures for today's API, of the blocking twin; the other folder has its own."""

from collections.abc import Iterator

import pytest

from tests.services.interop.reference import ReferenceServer
from tests.support import SECRET_KEY
from xai import Client
from xai.testing import LocalServer


@pytest.fixture
def client(reference_server: ReferenceServer) -> Iterator[Client]:
    """A client of the scripted server."""
    with Client(SECRET_KEY, api_host=reference_server.host) as client:
        yield client


@pytest.fixture
def local_client(server: LocalServer) -> Iterator[Client]:
    """A client of a local server."""
    with Client(SECRET_KEY, api_host=server.host) as client:
        yield client
