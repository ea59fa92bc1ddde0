"""Certificates of the client's own, and authorities of the user's own."""

import os
import shutil
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from tests.reliability.links import Dialing, Link, both, failure_of
from tests.reliability.net.proxies import AUTHORITY, client_context, server_context
from tests.reliability.peer import Peer, Wire
from tests.support import SECRET_KEY, run_child
from xai import APIConnectionError, AsyncClient, Client, RetryPolicy
from xai.runtime.net.tls import default_context
from xai.testing import LocalServer

if TYPE_CHECKING:
    from xai.runtime.net.resolver import Address

STRANGER = trustme.CA()
_REQUIRED = r"(?i)certificate.required"


def _lone(peer: Peer) -> dict[str, Any]:
    return {"api_host": f"127.0.0.1:{peer.port}", "retry": RetryPolicy.none()}


def demanding() -> ssl.SSLContext:
    """Return a server's settings that want a certificate of `AUTHORITY` from the client."""
    context = server_context()
    context.verify_mode = ssl.CERT_REQUIRED
    AUTHORITY.configure_trust(context)
    return context


def certified(authority: trustme.CA = AUTHORITY) -> ssl.SSLContext:
    """Return a user's settings with a certificate."""
    context = client_context()
    authority.issue_cert("client@example.org").configure_cert(context)
    return context


# -- client certificates -------------------------------------------------------------------------


@both
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_client_certificate_is_shown(connect: type[Link], version: ssl.TLSVersion) -> None:
    """A certificate in ``ssl_context`` is shown to a server that asks for one."""
    context = demanding()
    context.maximum_version = version
    with Peer(tls=context) as peer:
        host = f"127.0.0.1:{peer.port}"
        with connect(peer, host=host, ssl_context=certified()) as link:
            link.works()
            (wire,) = peer.wires
            assert wire.tls is not None
            shown = wire.tls.getpeercert()
    assert shown is not None
    assert ("email", "client@example.org") in shown.get("subjectAltName", ())


def test_user_with_a_certificate() -> None:
    """The same through the public client; without one, the error says what is missing."""
    with LocalServer(ssl_context=demanding()) as server:
        client = server.client(ssl_context=certified())
        with client:
            assert client.sampler.list_models()
    with Peer(tls=demanding()) as peer:
        client = Client(SECRET_KEY, ssl_context=client_context(), **_lone(peer))
        with client, pytest.raises(APIConnectionError, match=_REQUIRED):
            client.sampler.list_models()


async def test_asynchronous_user_with_a_certificate() -> None:
    """As above."""
    with LocalServer(ssl_context=demanding()) as server:
        async with server.async_client(ssl_context=certified()) as client:
            assert await client.sampler.list_models()
    with Peer(tls=demanding()) as peer:
        async with AsyncClient(SECRET_KEY, ssl_context=client_context(), **_lone(peer)) as client:
            with pytest.raises(APIConnectionError, match=_REQUIRED):
                await client.sampler.list_models()


@both
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_certificate_the_server_does_not_trust(
    connect: type[Link], version: ssl.TLSVersion
) -> None:
    """A certificate of a stranger ends in one typed error with the alert's own words."""
    context = demanding()
    context.maximum_version = version
    with Peer(tls=context) as peer:
        host = f"127.0.0.1:{peer.port}"
        with connect(peer, host=host, ssl_context=certified(STRANGER)) as link:
            failure = failure_of(link.unary)
    assert failure.connection
    assert host in failure.message
    assert "unknown ca" in failure.message.lower().replace("_", " ")


# -- authorities from the environment ------------------------------------------------------------

_SCRIPT = """
import asyncio, sys, xai

with xai.Client(sys.argv[1], api_host=sys.argv[2]) as client:
    assert client.sampler.list_models()

async def main():
    async with xai.AsyncClient(sys.argv[1], api_host=sys.argv[2]) as client:
        assert await client.sampler.list_models()

asyncio.run(main())
"""


def _folder(path: Path) -> dict[str, str]:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("a folder of certificates needs the openssl command")
    file = path / "authority.pem"
    AUTHORITY.cert_pem.write_to_path(str(file))
    command = [openssl, "x509", "-noout", "-hash", "-in", str(file)]
    name = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    file.rename(path / f"{name}.0")
    return {"SSL_CERT_DIR": str(path)}


def _file(path: Path) -> dict[str, str]:
    file = path / "authority.pem"
    AUTHORITY.cert_pem.write_to_path(str(file))
    return {"SSL_CERT_FILE": str(file)}


@pytest.mark.parametrize("write", [_file, _folder])
def test_authorities_of_the_environment(
    tmp_path: Path, write: Callable[[Path], dict[str, str]]
) -> None:
    """SSL_CERT_FILE and SSL_CERT_DIR each name what a process trusts, certifi or not."""
    with LocalServer(ssl_context=server_context()) as server:
        run_child(_SCRIPT, env=write(tmp_path), args=[server.api_key, server.host])


# -- handshakes and addresses --------------------------------------------------------------------


@both
def test_address_that_cuts_the_handshake(
    connect: type[Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address that accepts and hangs up gives way to the next one."""

    def cut(wire: Wire) -> None:
        wire.take(1)
        wire.cut()

    with Peer(cut, bare=True) as broken, Peer(tls=server_context()) as peer:
        addresses: list[Address] = [
            (broken._listener.family, ("127.0.0.1", each.port)) for each in (broken, peer)
        ]
        with connect(peer, host=f"127.0.0.1:{peer.port}", ssl_context=client_context()) as link:
            Dialing(monkeypatch, addresses)
            link.works()
        assert len(broken.wires) == 1


@both
def test_address_with_a_wrong_certificate(
    connect: type[Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A certificate that is refused ends the dialing; no other address is asked."""
    wrong = server_context(authority=STRANGER)
    with Peer(tls=wrong) as stranger, Peer(tls=server_context()) as peer:
        addresses: list[Address] = [
            (peer._listener.family, ("127.0.0.1", each.port)) for each in (stranger, peer)
        ]
        with connect(peer, host=f"127.0.0.1:{peer.port}", ssl_context=client_context()) as link:
            Dialing(monkeypatch, addresses)
            failure = failure_of(link.unary)
        assert failure.final
        assert not peer.wires


# -- what is not there ---------------------------------------------------------------------------


@pytest.fixture
def astray(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """Let the environment name a file and a folder that do not exist."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "gone.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "gone"))
    return r"there are no certificates where the environment says: SSL_CERT_FILE='.*gone\.pem' and"


def test_authorities_that_are_not_there(astray: str) -> None:
    """Variables that name nothing are an error of their own, not one of the certificate."""
    with Peer(tls=server_context()) as peer:
        with Client(SECRET_KEY, **_lone(peer)) as client, pytest.raises(ValueError, match=astray):
            client.sampler.list_models()
        assert not peer.wires


async def test_authorities_that_are_not_there_asynchronously(astray: str) -> None:
    """As above."""
    with Peer(tls=server_context()) as peer:
        async with AsyncClient(SECRET_KEY, **_lone(peer)) as client:
            with pytest.raises(ValueError, match=astray):
                await client.sampler.list_models()
        assert not peer.wires


def test_one_of_two_is_enough(monkeypatch: pytest.MonkeyPatch, astray: str, tmp_path: Path) -> None:
    """As for OpenSSL, either of the two variables may name nothing."""
    assert astray
    monkeypatch.setenv("SSL_CERT_DIR", f"{tmp_path / 'gone'}{os.pathsep}{tmp_path}")
    assert default_context().cert_store_stats()["x509"] == 0
    monkeypatch.setenv("SSL_CERT_DIR", "")
    with pytest.raises(ValueError, match="SSL_CERT_FILE"):
        default_context()
    AUTHORITY.cert_pem.write_to_path(str(tmp_path / "gone.pem"))
    assert default_context().cert_store_stats()["x509_ca"] == 1


def test_server_without_tls_at_a_loopback_address() -> None:
    """An address of this machine is reached over TLS; the error says how one without it is."""
    with (
        LocalServer() as server,
        Client(SECRET_KEY, api_host=f"127.0.0.1:{server.port}", retry=RetryPolicy.none()) as client,
    ):
        with pytest.raises(APIConnectionError, match="no TLS connection") as caught:
            client.sampler.list_models()
        assert f"a server without TLS is reached as localhost:{server.port}" in str(caught.value)
