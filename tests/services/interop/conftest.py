"""xai_sdk's clients, connected to a local server."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.support import SECRET_KEY
from xai.testing import LocalServer

if TYPE_CHECKING:
    from tests.services.interop.reference_client import ReferenceClient


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A local server that knows a key which may do all, and one which may not chat."""
    keys = {SECRET_KEY: ["*"], "reader": ["models:read"]}
    with LocalServer(api_keys=keys) as server:
        yield server


@pytest.fixture(params=["blocking", "async"])
def kind(request: pytest.FixtureRequest) -> "type[ReferenceClient]":
    """Each of the two clients."""
    from tests.services.interop.reference_client import ReferenceAsyncClient, ReferenceClient

    return ReferenceClient if request.param == "blocking" else ReferenceAsyncClient


@pytest.fixture
def reference(server: LocalServer, kind: "type[ReferenceClient]") -> "Iterator[ReferenceClient]":
    """A client of the server."""
    with kind(server.host, SECRET_KEY) as reference:
        yield reference
