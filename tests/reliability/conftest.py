"""The servers that the processes of these tests call."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.reliability.processes import Peer
from xai.testing import LocalServer


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """Run a local server in the process of the tests."""
    with LocalServer() as running:
        yield running
        # What is left of a test that has failed must not hide its error.
        running.clear_faults()


@pytest.fixture(scope="session")
def issuer() -> trustme.CA:
    """Make a certificate authority."""
    return trustme.CA()


@pytest.fixture(params=["plain", "tls"])
def peer(request: pytest.FixtureRequest, tmp_path: Path, issuer: trustme.CA) -> Iterator[Peer]:
    """Run a server with or without TLS."""
    context, file = None, ""
    if request.param == "tls":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["h2"])
        issuer.issue_cert("127.0.0.1").configure_cert(context)
        file = str(tmp_path / "authority.pem")
        issuer.cert_pem.write_to_path(file)
    with LocalServer(ssl_context=context) as running:
        yield Peer(running, file)
        running.clear_faults()
