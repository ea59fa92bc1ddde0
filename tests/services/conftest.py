"""The independent server, made with grpcio: one for each process of the test run."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.services.interop.protos import Protos
    from tests.services.interop.reference import ReferenceServer
    from tests.services.interop.server import GrpcioServer


@pytest.fixture(scope="session")
def protos(tmp_path_factory: pytest.TempPathFactory) -> "Protos":
    """The documented messages as classes of Google's library."""
    from tests.services.interop.protos import Protos

    return Protos(tmp_path_factory.mktemp("protos"))


@pytest.fixture(scope="session")
def running_grpcio_server(protos: "Protos") -> "Iterator[GrpcioServer]":
    """The server, which is started once."""
    from tests.services.interop.server import GrpcioServer

    with GrpcioServer(protos) as server:
        yield server


@pytest.fixture
def grpcio_server(running_grpcio_server: "GrpcioServer") -> "GrpcioServer":
    """The server, without what other tests have told it."""
    running_grpcio_server.forget()
    return running_grpcio_server


@pytest.fixture(scope="session")
def running_reference_server() -> "Iterator[ReferenceServer]":
    """The server for the v1 API, which is started once."""
    from tests.services.interop.reference import ReferenceServer

    with ReferenceServer() as server:
        yield server


@pytest.fixture
def reference_server(running_reference_server: "ReferenceServer") -> "ReferenceServer":
    """The server for the v1 API, without what other tests have told it."""
    running_reference_server.forget()
    return running_reference_server
