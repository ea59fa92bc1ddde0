import socket
import ssl

import pytest
import trustme

from tests.services.raw_peer import RawPeer
from tests.support import SECRET_KEY, refused_port
from xai import APIConnectionError, AsyncClient, StatusCode
from xai.options import RetryPolicy
from xai.testing import LocalServer

LIMIT = 20.0
HANDSHAKE = b"\x16\x03"


def resolve_to(monkeypatch: pytest.MonkeyPatch, *hosts: str) -> None:
    """Let every name have these addresses."""

    def getaddrinfo(_: str, port: int, **__: object) -> list[tuple[object, ...]]:
        return [
            (socket.AF_INET6, 1, 6, "", (host, port, 0, 0))
            if ":" in host
            else (socket.AF_INET, 1, 6, "", (host, port))
            for host in hosts
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def ipv6_or_skip() -> None:
    """Skip the test on a machine without an IPv6 loopback address."""
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return
    except OSError:
        pytest.skip("there is no IPv6 loopback address")


def server_context(*names: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the TLS settings of a server with a certificate, and of a client that trusts it."""
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.set_alpn_protocols(["h2"])
    authority.issue_cert(*names).configure_cert(server)
    client = ssl.create_default_context()
    client.set_alpn_protocols(["h2"])
    authority.configure_trust(client)
    return server, client


async def test_localhost_with_a_port_is_plaintext(server: LocalServer) -> None:
    """An ``api_host`` that starts with ``localhost:`` is spoken to without TLS."""
    async with AsyncClient(SECRET_KEY, api_host=f"localhost:{server.port}") as client:
        await client.sampler.list_models()
    assert (":scheme", "http") in server.calls[0].headers
    assert (":authority", f"localhost:{server.port}") in server.calls[0].headers


@pytest.mark.parametrize("host", ["127.0.0.1:{}", "LOCALHOST:{}", "localhost.:{}", "api.x.ai:{}"])
async def test_every_other_host_is_spoken_to_over_tls(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A loopback address alone does not turn TLS off: the first bytes are a handshake."""
    resolve_to(monkeypatch, "127.0.0.1")
    with RawPeer() as peer:
        api_host = host.format(peer.port)
        async with AsyncClient(
            SECRET_KEY, api_host=api_host, retry=RetryPolicy.none(), timeout=LIMIT
        ) as client:
            with pytest.raises(APIConnectionError, match=api_host):
                await client.sampler.list_models()
        first = peer.first_bytes()
    assert first.startswith(HANDSHAKE)
    assert SECRET_KEY.encode() not in first
    assert peer.idle()


@pytest.mark.parametrize(
    ("host", "port"),
    [("api.x.ai", 443), ("localhost", 443), ("api.x.ai:50051", 50051), ("127.0.0.1", 443)],
)
async def test_port_is_443_when_not_given(
    host: str, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The port that is connected to is the given one, else 443."""
    tried: list[int] = []

    def refuse(_: socket.socket, address: tuple[str, int]) -> None:
        tried.append(address[1])
        raise ConnectionRefusedError(111, "refused by the test")

    resolve_to(monkeypatch, "127.0.0.1")
    monkeypatch.setattr(socket.socket, "connect", refuse)
    async with AsyncClient(SECRET_KEY, api_host=host, retry=RetryPolicy.none()) as client:
        with pytest.raises(APIConnectionError) as caught:
            await client.sampler.list_models()
    # The self-pipe of a new event loop connects a pair of sockets on some systems.
    assert tried == [port]
    assert f"{host.partition(':')[0]}:{port}" in str(caught.value)


async def test_default_host_is_the_documented_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without ``api_host`` the client looks for api.x.ai, port 443."""
    asked: list[tuple[str, int]] = []

    def getaddrinfo(host: str, port: int, **_: object) -> list[object]:
        asked.append((host, port))
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    async with AsyncClient(SECRET_KEY, retry=RetryPolicy.none()) as client:
        with pytest.raises(APIConnectionError, match=r"api\.x\.ai:443") as caught:
            await client.sampler.list_models()
    assert asked == [("api.x.ai", 443)]
    assert isinstance(caught.value.__cause__, socket.gaierror)


async def test_plaintext_off_the_loopback_is_refused_before_a_byte_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """``localhost:`` that leads elsewhere is refused after connecting, before the key."""
    resolve_to(monkeypatch, "127.0.0.1")
    # The connection is local, so that nothing leaves the machine; the answer is what counts.
    monkeypatch.setattr(socket.socket, "getpeername", lambda _: ("192.0.2.7", 50051))
    with RawPeer() as peer:
        async with AsyncClient(SECRET_KEY, api_host=f"localhost:{peer.port}") as client:
            with pytest.raises(APIConnectionError, match="loopback") as caught:
                await client.sampler.list_models()
        assert peer.first_bytes() == b""
    assert caught.value.code is StatusCode.UNAVAILABLE
    assert caught.value.attempts == 1
    assert f"localhost:{peer.port}" in str(caught.value)
    assert peer.idle()


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])
async def test_every_loopback_address_is_plaintext_ground(
    address: str, server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each form of a loopback address is accepted for ``localhost:``."""
    resolve_to(monkeypatch, "127.0.0.1")
    monkeypatch.setattr(socket.socket, "getpeername", lambda _: (address, server.port))
    async with AsyncClient(SECRET_KEY, api_host=f"localhost:{server.port}") as client:
        assert await client.sampler.list_models() == ["grok-local"]


async def test_second_address_is_tried(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address that refuses does not keep the client from the next one."""
    resolve_to(monkeypatch, "127.0.0.9", "127.0.0.1")
    async with AsyncClient(
        SECRET_KEY, api_host=f"localhost:{server.port}", retry=RetryPolicy.none()
    ) as client:
        assert await client.sampler.list_models() == ["grok-local"]


async def test_ipv6_literal_works() -> None:
    """``[::1]:port`` connects to the IPv6 address, over TLS, and checks it in the certificate."""
    ipv6_or_skip()
    for_server, for_client = server_context("::1")
    with LocalServer(host="::1", api_keys={SECRET_KEY: ["*"]}, ssl_context=for_server) as server:
        api_host = f"[::1]:{server.port}"
        assert server.host == api_host
        async with AsyncClient(SECRET_KEY, api_host=api_host, ssl_context=for_client) as client:
            assert api_host in repr(client)
            assert await client.sampler.list_models() == ["grok-local"]
    assert (":authority", api_host) in server.calls[0].headers
    assert (":scheme", "https") in server.calls[0].headers


async def test_certificate_that_is_not_trusted_is_refused() -> None:
    """A failed TLS handshake is an APIConnectionError with the host; the server sees no call."""
    for_server, _ = server_context("127.0.0.1")
    with LocalServer(api_keys={SECRET_KEY: ["*"]}, ssl_context=for_server) as server:
        async with AsyncClient(SECRET_KEY, api_host=f"127.0.0.1:{server.port}") as client:
            with pytest.raises(APIConnectionError, match="certificate") as caught:
                await client.sampler.list_models()
    assert f"127.0.0.1:{server.port}" in str(caught.value)
    assert isinstance(caught.value.__cause__, ssl.SSLError)
    assert not isinstance(caught.value, ssl.SSLError)
    assert server.calls == []


async def test_connection_refused_names_the_host() -> None:
    """With nobody listening the error is a ConnectionError that names host and port."""
    with refused_port() as holder:
        api_host = f"localhost:{holder.getsockname()[1]}"
        async with AsyncClient(
            SECRET_KEY,
            api_host=api_host,
            retry=RetryPolicy(max_attempts=3, initial_backoff=0.001),
        ) as client:
            with pytest.raises(APIConnectionError) as caught:
                await client.sampler.list_models()
    error = caught.value
    assert isinstance(error, ConnectionError)
    assert not isinstance(error, ConnectionRefusedError)
    assert api_host in error.message
    assert str(error) == error.message
    assert (error.code, error.attempts) == (StatusCode.UNAVAILABLE, 3)
    assert isinstance(error.__cause__, ConnectionRefusedError)


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"220 mail\r\n"])
async def test_server_of_another_protocol_is_a_connection_error(answer: bytes) -> None:
    """A peer that hangs up or speaks something else is an APIConnectionError."""
    with RawPeer(answer=answer) as peer:
        async with AsyncClient(
            SECRET_KEY,
            api_host=f"localhost:{peer.port}",
            retry=RetryPolicy(max_attempts=2, initial_backoff=0.001),
        ) as client:
            with pytest.raises(APIConnectionError, match=f"localhost:{peer.port}"):
                await client.sampler.list_models()
        assert peer.first_bytes().startswith(b"PRI * HTTP/2.0")
