"""Proxies: calls that go through them, what they refuse, and what they break."""

import asyncio
import pickle
import socket
from collections.abc import Callable
from typing import Any

import pytest
import trustme

from tests.reliability.links import Link, both, failure_of
from tests.reliability.net.proxies import (
    NAME,
    Connected,
    HTTPProxy,
    Proxy,
    SOCKSProxy,
    client_context,
    server_context,
)
from tests.reliability.peer import LIMIT, Peer
from tests.support import SECRET_KEY, SECRET_MARKER
from xai import APIConnectionError, AsyncClient, Client, RetryPolicy
from xai.errors import StatusCode
from xai.runtime.http2 import channel
from xai.runtime.net import resolver
from xai.runtime.net.proxy import parse_proxy
from xai.runtime.net.resolver import Address
from xai.runtime.retry.controller import may_retry
from xai.testing import LocalServer

kinds = pytest.mark.parametrize("kind", [HTTPProxy, SOCKSProxy], ids=["http", "socks5"])
#: A password that no output may have in it.
LOGIN = ("user", f"{SECRET_MARKER}-password")


def through(connect: type[Link], proxy: str, peer: Peer, host: str = NAME) -> Link:
    """Return a link to a peer through a proxy."""
    link = connect(peer, host=f"{host}:{peer.port}", ssl_context=client_context())
    link.config.proxy = parse_proxy(proxy, "proxy")
    return link


@pytest.fixture(autouse=True)
def lookups(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record the names that are looked up here."""
    names: list[str] = []

    async def resolve(host: str, port: int) -> list[Address]:
        names.append(host)
        return await resolver.resolve(host, port)

    monkeypatch.setattr(channel, "resolve", resolve)
    return names


# -- calls that arrive ---------------------------------------------------------------------------


@both
@kinds
@pytest.mark.parametrize("login", [None, LOGIN], ids=["open", "login"])
def test_calls_go_through(
    connect: type[Link],
    kind: type[Proxy],
    login: tuple[str, str] | None,
    lookups: list[str],
) -> None:
    """Calls of each kind arrive; the proxy looks the name up, and we do not."""
    with Peer(tls=server_context()) as peer, kind(login=login) as proxy:
        with through(connect, proxy.url, peer) as link:
            link.works()
            assert link.stream(b"message").collect() == [b"message"]
            link.works()
        assert proxy.asked == [(NAME, peer.port)]
        assert len(peer.wires) == 1
    assert set(lookups) == {"127.0.0.1"}


@both
@kinds
@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_addresses_go_through(connect: type[Link], kind: type[Proxy], host: str) -> None:
    """A host that is an address of either family is asked for as such."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with Peer(tls=server_context(), family=family) as peer, kind() as proxy:
        with through(connect, proxy.url, peer, host) as link:
            link.works()
        assert proxy.asked == [(host.strip("[]"), peer.port)]


@both
@kinds
def test_reconnect_goes_through(connect: type[Link], kind: type[Proxy]) -> None:
    """The next connection goes through the proxy as well, and its name is asked for anew."""
    with Peer(lambda wire: wire.cut(), tls=server_context()) as peer, kind() as proxy:
        with through(connect, proxy.url, peer) as link:
            failure_of(link.unary)
            link.works()
        assert proxy.asked == [(NAME, peer.port)] * 2


@both
@kinds
def test_certificate_is_the_hosts(connect: type[Link], kind: type[Proxy]) -> None:
    """TLS is spoken with the host behind the proxy, under the host's own name."""
    with Peer(tls=server_context("127.0.0.1")) as peer, kind() as proxy:
        with through(connect, proxy.url, peer) as link:
            failure = failure_of(link.unary)
        assert f"the certificate of {NAME}:{peer.port}" in failure.message
        assert failure.final


# -- refusals ------------------------------------------------------------------------------------


def says(*pieces: bytes) -> Callable[[Connected], None]:
    """Return a script that answers a CONNECT with some bytes and waits for the end."""

    def script(client: Connected) -> None:
        client.head()
        for piece in pieces:
            client.say(piece)
        client.until_closed()

    return script


def says_socks(*pieces: bytes) -> Callable[[Connected], None]:
    """Return a script that answers what a SOCKS5 client says, one piece each time."""

    def script(client: Connected) -> None:
        for piece in pieces:
            client.sock.recv(1024)
            client.say(piece)
        client.until_closed()

    return script


_NOT_HTTP = "what the proxy answered is not HTTP"
_NOT_SOCKS = "what the proxy answered is not SOCKS5"

#: The proxy's behaviour, what is told, and whether a retry may help.
REFUSALS: dict[str, tuple[type[Proxy], Callable[[Connected], object], str, bool]] = {
    "407": (
        HTTPProxy,
        says(b"HTTP/1.1 407 " + LOGIN[1].encode() + b"\r\n\r\n"),
        "the proxy answered 407 Proxy Authentication Required",
        False,
    ),
    "403": (HTTPProxy, says(b"HTTP/1.0 403 No\r\n\r\n"), "the proxy answered 403 Forbidden", False),
    "302": (HTTPProxy, says(b"HTTP/1.1 302\r\nLocation: x\r\n\r\n"), "answered 302 Found", False),
    "502": (HTTPProxy, says(b"HTTP/1.1 502 x\r\n\r\n"), "answered 502 Bad Gateway", True),
    "503": (HTTPProxy, says(b"HTTP/1.1 503 x\r\n\r\n"), "answered 503 Service Unav", True),
    "number": (HTTPProxy, says(b"HTTP/1.1 " + b"9" * 50 + b" x\r\n\r\n"), _NOT_HTTP, False),
    "ssh": (HTTPProxy, says(b"SSH-2.0-OpenSSH\r\n\r\n"), _NOT_HTTP, False),
    "bytes": (HTTPProxy, says(bytes(range(256)), b"\r\n\r\n"), _NOT_HTTP, False),
    "endless": (HTTPProxy, says(b"x" * 20000, b"x" * 20000), _NOT_HTTP, False),
    "more": (HTTPProxy, says(b"HTTP/1.1 200 OK\r\n\r\nand more"), _NOT_HTTP, False),
    "left": (HTTPProxy, Connected.head, "the proxy closed the connection", True),
    "socks ruleset": (
        SOCKSProxy,
        says_socks(b"\5\0", b"\5\2\0"),
        "the proxy refused: Connection not allowed by ruleset",
        False,
    ),
    "socks command": (SOCKSProxy, says_socks(b"\5\0", b"\5\7\0"), "Command not supported", False),
    "socks failure": (SOCKSProxy, says_socks(b"\5\0", b"\5\1\0"), "General SOCKS server", True),
    "socks network": (SOCKSProxy, says_socks(b"\5\0", b"\5\3\0"), "Network unreachable", True),
    "socks host": (SOCKSProxy, says_socks(b"\5\0", b"\5\4\0"), "Host unreachable", True),
    "socks refused": (SOCKSProxy, says_socks(b"\5\0", b"\5\5\0"), "Connection refused", True),
    "socks login": (SOCKSProxy, says_socks(b"\5\xff"), "wants another user name", False),
    "socks http": (SOCKSProxy, says_socks(b"HTTP/1.1 400 x\r\n\r\n"), _NOT_SOCKS, False),
    "socks method": (SOCKSProxy, says_socks(b"\5\x63"), _NOT_SOCKS, False),
    "socks code": (SOCKSProxy, says_socks(b"\5\0", b"\5\x63\0"), _NOT_SOCKS, False),
    "socks address": (SOCKSProxy, says_socks(b"\5\0", b"\5\0\0\x63"), _NOT_SOCKS, False),
    "socks left": (
        SOCKSProxy,
        lambda client: client.say(client.take(1)),
        "the proxy closed the connection",
        True,
    ),
}


@both
@pytest.mark.parametrize("case", REFUSALS)
def test_proxy_that_refuses(connect: type[Link], case: str) -> None:
    """Whatever a proxy does is one typed error that names it and the host."""
    kind, script, text, retry = REFUSALS[case]
    with Peer(tls=server_context()) as peer, kind(script) as proxy:
        with through(connect, proxy.url, peer) as link:
            failure = failure_of(link.unary)
        assert not peer.wires
    way = f"can't connect to {NAME}:{peer.port} through {proxy.scheme}://127.0.0.1:{proxy.port}: "
    assert failure.message.startswith(way)
    assert text in failure.message
    assert (failure.code, failure.connection) == (StatusCode.UNAVAILABLE, True)
    assert may_retry(failure, RetryPolicy()) is retry
    assert SECRET_MARKER not in f"{failure.message} {failure.cause!r}"


@both
@kinds
def test_wrong_password(connect: type[Link], kind: type[Proxy]) -> None:
    """A password that the proxy does not know is told without it, and not tried again."""
    with Peer(tls=server_context()) as peer, kind(login=LOGIN) as proxy:
        url = proxy.url.replace("password", "other")
        with through(connect, url, peer) as link:
            failure = failure_of(link.unary)
    assert failure.final
    expected = "wants another user name" if proxy.scheme == "socks5" else "407 Proxy Auth"
    assert expected in failure.message
    assert SECRET_MARKER not in failure.message


@both
@kinds
def test_proxy_that_is_down(connect: type[Link], kind: type[Proxy]) -> None:
    """A proxy that is not there is told as that, and may be tried again."""
    with kind() as gone:
        pass
    with Peer(tls=server_context()) as peer, through(connect, gone.url, peer) as link:
        failure = failure_of(link.unary)
    assert failure.message.endswith(
        f"through {gone.scheme}://127.0.0.1:{gone.port}: Connection refused"
    )
    assert may_retry(failure, RetryPolicy())


@both
@kinds
def test_proxy_whose_name_is_not_known(
    connect: type[Link], kind: type[Proxy], monkeypatch: pytest.MonkeyPatch
) -> None:
    """That the proxy has no address does not read as if the host had none."""

    async def resolve(host: str, _port: int) -> list[Address]:
        assert host == "proxy.test"
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(channel, "resolve", resolve)
    url = f"{kind.scheme}://proxy.test:5"
    with Peer(tls=server_context()) as peer, through(connect, url, peer) as link:
        failure = failure_of(link.unary)
    assert failure.message.endswith(f"through {url}: Name or service not known")


@both
@kinds
def test_silent_proxy_meets_the_connect_limit(connect: type[Link], kind: type[Proxy]) -> None:
    """A proxy that says nothing costs no more than the connect limit."""
    with (
        Peer(tls=server_context()) as peer,
        kind(Connected.until_closed) as proxy,
        through(connect, proxy.url, peer) as link,
    ):
        failure = failure_of(lambda: link.unary(connect=0.1))
    assert failure.message == f"no connection to {NAME}:{peer.port} within 0.1 s"
    assert failure.unprocessed


# -- the user ------------------------------------------------------------------------------------


def _server(issuer: trustme.CA) -> LocalServer:
    return LocalServer(ssl_context=server_context(authority=issuer))


@kinds
def test_user_calls_through_a_proxy(kind: type[Proxy], issuer: trustme.CA) -> None:
    """``proxy=`` on a blocking client; many threads and streams share the way."""
    with _server(issuer) as server, kind(login=LOGIN) as proxy:
        client = server.client(proxy=proxy.url, ssl_context=client_context(issuer))
        with client:
            assert client.sampler.list_models()
            assert list(client.sampler.sample("The sea", max_len=5, temperature=0.0))
            assert SECRET_MARKER not in repr(client)
            assert SECRET_MARKER not in repr(client._connections.config)
            assert SECRET_MARKER not in repr(client._connections.config.proxy)
        assert proxy.asked == [("127.0.0.1", server.port)]


@kinds
async def test_asynchronous_user_calls_through_a_proxy(
    kind: type[Proxy], issuer: trustme.CA
) -> None:
    """As above."""
    with _server(issuer) as server, kind(login=LOGIN) as proxy:
        context = client_context(issuer)
        async with server.async_client(proxy=proxy.url, ssl_context=context) as client:
            assert await client.sampler.list_models()
            sampled = client.sampler.sample("The sea", max_len=5, temperature=0.0)
            assert [token async for token in sampled]
        assert proxy.asked == [("127.0.0.1", server.port)]


_PATIENT = RetryPolicy(max_attempts=3, initial_backoff=0.0)


@pytest.mark.parametrize(("case", "attempts"), [("407", 1), ("502", 3)])
def test_user_meets_a_refusal(case: str, attempts: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """407 is raised at once, 502 after all attempts; the error is an APIConnectionError."""
    monkeypatch.setattr(channel, "_BACKOFF_LIMIT", 0.0)
    kind, script, text, _ = REFUSALS[case]
    with kind(script, login=LOGIN) as proxy:
        client = Client(SECRET_KEY, proxy=proxy.url, retry=_PATIENT)
        with client, pytest.raises(APIConnectionError, match=text) as caught:
            client.sampler.list_models()
        assert caught.value.attempts == attempts
        assert len(proxy.clients) == attempts
    assert SECRET_MARKER not in f"{caught.value!r} {vars(caught.value)}"


@pytest.mark.parametrize(("case", "attempts"), [("407", 1), ("502", 3)])
async def test_asynchronous_user_meets_a_refusal(
    case: str, attempts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As above."""
    monkeypatch.setattr(channel, "_BACKOFF_LIMIT", 0.0)
    kind, script, text, _ = REFUSALS[case]
    with kind(script, login=LOGIN) as proxy:
        async with AsyncClient(SECRET_KEY, proxy=proxy.url, retry=_PATIENT) as client:
            with pytest.raises(APIConnectionError, match=text) as caught:
                await client.sampler.list_models()
        assert caught.value.attempts == attempts
        assert len(proxy.clients) == attempts


@kinds
def test_close_while_the_proxy_is_silent(kind: type[Proxy]) -> None:
    """Closing the client ends a handshake with a proxy that never answers."""

    async def main() -> None:
        client = AsyncClient(SECRET_KEY, proxy=proxy.url, retry=RetryPolicy.none())
        call = asyncio.ensure_future(client.sampler.list_models())
        while not proxy.clients:  # noqa: ASYNC110  # the proxy is in another thread
            await asyncio.sleep(0)
        await client.close()
        with pytest.raises(RuntimeError, match="closed"):
            await asyncio.wait_for(call, LIMIT)

    with kind(Connected.until_closed) as proxy:
        asyncio.run(main())


def test_proxy_is_not_pickled() -> None:
    """A proxy holds a password, which must not be written out."""
    with pytest.raises(TypeError, match="password"):
        pickle.dumps(parse_proxy("http://a:b@c:1", "proxy"))


def test_context_of_a_failure_is_empty() -> None:
    """What the proxy has sent is not in the traceback either."""
    answer = says(b"HTTP/1.1 418 " + LOGIN[1].encode() + b"\r\n\r\n")
    caught: list[BaseException | None] = []
    with HTTPProxy(answer) as proxy:
        client = Client(SECRET_KEY, proxy=proxy.url, retry=RetryPolicy.none())
        with client, pytest.raises(APIConnectionError) as info:
            client.sampler.list_models()
    error: Any = info.value
    while error is not None:
        caught.append(error)
        assert SECRET_MARKER not in f"{error} {error.args}"
        error = error.__cause__ or error.__context__
    assert len(caught) >= 2
