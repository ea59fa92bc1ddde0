"""Host names in every spelling that TLS and DNS accept, and the certificates for them."""

import socket
import ssl
from typing import TYPE_CHECKING

import pytest

from tests.reliability.links import Dialing, Link, both, failure_of
from tests.reliability.net.proxies import client_context, server_context
from tests.reliability.peer import Peer
from xai import Client, RetryPolicy
from xai.errors import APIConnectionError

if TYPE_CHECKING:
    from xai.runtime.net.resolver import Address


def _watched(context: ssl.SSLContext) -> list[str | None]:
    asked: list[str | None] = []
    context.sni_callback = lambda _sock, name, _context: asked.append(name)
    return asked


@both
@pytest.mark.parametrize(
    ("host", "certified", "asked"),
    [
        ("api.x.test", "api.x.test", "api.x.test"),
        ("api.x.test.", "api.x.test", "api.x.test"),
        ("API.X.Test", "api.x.test", "API.X.Test"),
        ("api.x.test.", "*.x.test", "api.x.test"),
        ("bücher.test", "xn--bcher-kva.test", "xn--bcher-kva.test"),
        ("xn--bcher-kva.test.", "xn--bcher-kva.test", "xn--bcher-kva.test"),
        ("a" * 63 + ".x.test", "*.x.test", "a" * 63 + ".x.test"),
    ],
)
def test_name_in_the_handshake(
    connect: type[Link],
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    certified: str,
    asked: str,
) -> None:
    """The name that is asked for has no dot at its end, and the certificate is for it."""
    context = server_context(certified)
    names = _watched(context)
    with Peer(tls=context) as peer:
        Dialing(monkeypatch, [(socket.AF_INET, ("127.0.0.1", peer.port))])
        with connect(peer, host=f"{host}:{peer.port}", ssl_context=client_context()) as link:
            link.works()
            (wire,) = peer.wires
            authority = wire.asked[1].all(":authority")
    assert names == [asked]
    ascii_host = host.encode("idna").decode() if not host.isascii() else host
    assert authority == [f"{ascii_host}:{peer.port}"]


@both
@pytest.mark.parametrize("host", ["other.x.test.", "x.test", "a.api.x.test"])
def test_certificate_for_another_name(
    connect: type[Link], monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    """A dot at the end, or its absence, makes no other certificate good."""
    with Peer(tls=server_context("api.x.test")) as peer:
        address: Address = (socket.AF_INET, ("127.0.0.1", peer.port))
        Dialing(monkeypatch, [address], [address])
        with connect(peer, host=f"{host}:{peer.port}", ssl_context=client_context()) as link:
            assert "certificate" in failure_of(link.unary).message


@both
def test_address_is_not_sent_as_a_name(connect: type[Link]) -> None:
    """RFC 6066, section 3: an address is no name for the server; its certificate has it."""
    context = server_context("127.0.0.1")
    names = _watched(context)
    with Peer(tls=context) as peer:
        host = f"127.0.0.1:{peer.port}"
        with connect(peer, host=host, ssl_context=client_context()) as link:
            link.works()
    assert names == [None]


@both
@pytest.mark.parametrize("host", ["[::1]", "[0:0:0:0:0:0:0:1]", "[::1%lo]", "[::1%251]"])
def test_ipv6_address(connect: type[Link], host: str) -> None:
    """In every spelling; a zone is for this machine only, so neither TLS nor the server see it."""
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    try:
        peer = Peer(tls=server_context("::1"), family=socket.AF_INET6)
    except OSError:
        pytest.skip("no IPv6 here")
    with peer, connect(peer, host=f"{host}:{peer.port}", ssl_context=client_context()) as link:
        link.works()
        assert peer.wires[0].asked[1].all(":authority") == [f"[::1]:{peer.port}"]


def test_zone_that_does_not_exist() -> None:
    """It is an error of the connection, which names the host."""
    host = "[fe80::1%nosuchzone0]:443"
    with (
        Client("key", api_host=host, retry=RetryPolicy.none()) as client,
        pytest.raises(APIConnectionError, match=r"can't connect to \[fe80::1\]:443"),
    ):
        client.sampler.list_models()
