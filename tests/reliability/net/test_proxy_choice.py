"""Which proxy a client uses: its argument, the environment, and the exceptions to it."""

import asyncio
import os
import sys
from typing import Any

import pytest
import trustme

from tests.reliability.net.proxies import NAME, HTTPProxy, Proxy, client_context, server_context
from tests.support import SECRET_KEY, SECRET_MARKER, run_child
from xai import APIConnectionError, AsyncClient, Client, RetryPolicy
from xai.runtime.net.endpoint import parse_host
from xai.runtime.net.proxy import environment_proxy, excepted, parse_proxy
from xai.testing import LocalServer

API = parse_host("api.x.ai")
clients = pytest.mark.parametrize("kind", [Client, AsyncClient])


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the proxies of the machine that runs the tests."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


def chosen(client: Client | AsyncClient) -> str | None:
    """Return what a client goes through."""
    proxy = client._connections.config.proxy
    return None if proxy is None else proxy.shown


# -- URLs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://proxy", ("http", "proxy", 80, None, None)),
        ("http://proxy:3128", ("http", "proxy", 3128, None, None)),
        ("http://proxy:3128/", ("http", "proxy", 3128, None, None)),
        ("HTTP://Proxy:3128", ("http", "proxy", 3128, None, None)),
        ("proxy:3128", ("http", "proxy", 3128, None, None)),
        ("http://[::1]:3128", ("http", "::1", 3128, None, None)),
        ("socks5://10.0.0.1", ("socks5", "10.0.0.1", 1080, None, None)),
        ("socks5h://10.0.0.1:9", ("socks5", "10.0.0.1", 9, None, None)),
        ("http://user@proxy:1", ("http", "proxy", 1, "user", "")),
        ("http://user:pa%3As%40s@proxy:1", ("http", "proxy", 1, "user", "pa:s@s")),
        ("socks5://user:pass@proxy:1", ("socks5", "proxy", 1, "user", "pass")),
    ],
)
def test_urls(url: str, expected: tuple[str, str, int, str | None, str | None]) -> None:
    """Scheme, host, port and credentials are read as they are everywhere."""
    proxy = parse_proxy(url, "proxy")
    assert (proxy.scheme, proxy.host, proxy.port, proxy.username, proxy.password) == expected
    assert "pass" not in repr(proxy)
    assert "user" not in repr(proxy)


@clients
@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        ("", ValueError, "the host or the port is not valid"),
        ("http://", ValueError, "the host or the port is not valid"),
        ("http://proxy:x", ValueError, "the host or the port is not valid"),
        ("http://proxy:0", ValueError, "the host or the port is not valid"),
        ("http://proxy:65536", ValueError, "the host or the port is not valid"),
        ("http://[::1", ValueError, "the host or the port is not valid"),
        ("http://pro xy:1", ValueError, "the host or the port is not valid"),
        ("https://proxy:1", ValueError, "itself spoken to over TLS is not supported"),
        ("socks4://proxy:1", ValueError, "the scheme is another one"),
        ("ftp://proxy:1", ValueError, "the scheme is another one"),
        ("http://proxy:1/path", ValueError, "there is more than that"),
        ("http://proxy:1?a=b", ValueError, "there is more than that"),
        ("http://:pass@proxy:1", ValueError, "the user name or the password can't be sent"),
        ("http://us%3Aer:pass@proxy:1", ValueError, "no colon in the user name"),
        ("http://us%0Aer:pass@proxy:1", ValueError, "printable ASCII"),
        ("http://us\u00e9r:pass@proxy:1", ValueError, "printable ASCII"),
        ("socks5://user@proxy:1", ValueError, "not empty"),
        (f"socks5://user:{'p' * 256}@proxy:1", ValueError, "at most 255 characters for socks5"),
        (5, TypeError, "proxy must be a str or None, not int"),
        (b"http://proxy:1", TypeError, "proxy must be a str or None, not bytes"),
    ],
)
def test_bad_urls(
    kind: type[Client] | type[AsyncClient],
    value: Any,  # noqa: ANN401  # wrong types
    error: type[Exception],
    text: str,
) -> None:
    """What is not the URL of a proxy is refused when the client is made, by name."""
    with pytest.raises(error) as caught:
        kind(SECRET_KEY, proxy=value)
    assert str(caught.value).startswith("proxy")
    assert text in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://user:{}@proxy:x",
        "http://user:{}@",
        "https://user:{}@proxy",
        "ftp://user:{}@proxy",
        "http://user:{}@proxy/more",
        "http://user:{}%0A@proxy",
        "http://user:{}@[::1",
    ],
)
@pytest.mark.parametrize("variable", [None, "HTTPS_PROXY"])
def test_refusals_show_no_password(url: str, variable: str | None) -> None:
    """An error about a URL does not repeat it, nor does the chain of its causes."""
    url = url.format(SECRET_MARKER)
    with pytest.raises(ValueError, match=r"must be|can't be sent") as caught:
        parse_proxy(url, "proxy") if variable is None else environment_proxy(API, {variable: url})
    assert str(caught.value).startswith(
        "proxy" if variable is None else f"the environment variable {variable}"
    )
    assert SECRET_MARKER not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@clients
def test_plain_text_is_not_sent_to_a_proxy(kind: type[Client] | type[AsyncClient]) -> None:
    """A host that is spoken to in plain text can't be reached through a proxy."""
    with pytest.raises(ValueError, match="proxy can't be used with an api_host"):
        kind(SECRET_KEY, api_host="localhost:5", proxy="http://proxy:1")


# -- the environment -----------------------------------------------------------------------------


@clients
@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"HTTPS_PROXY": ""}, None),
        ({"HTTP_PROXY": "http://a:1"}, None),
        ({"HTTPS_PROXY": "http://a:1"}, "http://a:1"),
        ({"https_proxy": "http://a:1"}, "http://a:1"),
        ({"ALL_PROXY": "socks5://a:1"}, "socks5://a:1"),
        ({"all_proxy": "socks5h://a:1"}, "socks5://a:1"),
        ({"grpc_proxy": "http://a:1", "https_proxy": "http://b:1"}, "http://a:1"),
        ({"https_proxy": "http://a:1", "HTTPS_PROXY": "http://b:1"}, "http://a:1"),
        ({"HTTPS_PROXY": "http://a:1", "ALL_PROXY": "http://b:1"}, "http://a:1"),
        ({"https_proxy": "", "ALL_PROXY": "http://b:1"}, "http://b:1"),
        ({"HTTPS_PROXY": "http://a:1", "NO_PROXY": "x.ai"}, None),
        ({"HTTPS_PROXY": "http://a:1", "no_proxy": "x.ai"}, None),
        ({"HTTPS_PROXY": "http://a:1", "NO_PROXY": "other.ai"}, "http://a:1"),
        ({"HTTPS_PROXY": "http://a:1", "no_proxy": "other.ai", "NO_PROXY": "*"}, "http://a:1"),
        ({"HTTPS_PROXY": "http://a:1", "no_grpc_proxy": "x.ai", "no_proxy": "y"}, None),
    ],
)
def test_environment(
    kind: type[Client] | type[AsyncClient],
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    expected: str | None,
) -> None:
    """The variables of the field, in the order gRPC and curl look at them."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert chosen(kind(SECRET_KEY)) == expected
    assert chosen(kind(SECRET_KEY, proxy=None)) is None
    assert chosen(kind(SECRET_KEY, proxy="http://c:1")) == "http://c:1"


@pytest.mark.parametrize(
    ("host", "exceptions", "expected"),
    [
        ("api.x.ai", "", False),
        ("api.x.ai", "*", True),
        ("api.x.ai", "a, *", True),
        ("api.x.ai", "x.ai", True),
        ("api.x.ai", ".x.ai", True),
        ("api.x.ai", "*.x.ai", True),
        ("api.x.ai", "api.x.ai", True),
        ("api.x.ai", "API.X.AI.", True),
        ("API.x.ai", "x.ai", True),
        ("x.ai", ".x.ai", True),
        ("api.x.ai", "a,x.ai", True),
        ("api.x.ai", "a x.ai", True),
        ("api.x.ai", " a , x.ai ", True),
        ("apix.ai", "x.ai", False),
        ("api.x.ai", "pi.x.ai", False),
        ("api.x.ai", "v1.api.x.ai", False),
        ("api.x.ai", "x.ai:443", True),
        ("api.x.ai", "x.ai:80", False),
        ("api.x.ai", ".", False),
        ("api.x.ai", ",", False),
        ("api.x.ai", "10.0.0.0/8", False),
        ("10.1.2.3", "10.1.2.3", True),
        ("10.1.2.3", "10.1.2.3:443", True),
        ("10.1.2.3", "10.1.2.3:80", False),
        ("10.1.2.3", "10.0.0.0/8", True),
        ("10.1.2.3", "10.1.2.9/24", True),
        ("11.1.2.3", "10.0.0.0/8", False),
        ("10.1.2.3", "2.3", False),
        ("10.1.2.3", "*", True),
        ("2001:db8::1", "2001:db8::1", True),
        ("2001:db8::1", "2001:DB8:0::1", True),
        ("2001:db8::1", "[2001:db8::1]", True),
        ("2001:db8::1", "[2001:db8::1]:443", True),
        ("2001:db8::1", "[2001:db8::1]:80", False),
        ("2001:db8::1", "2001:db8::/32", True),
        ("2001:db9::1", "2001:db8::/32", False),
        ("2001:db8::1", "10.0.0.0/8", False),
    ],
)
def test_exceptions(host: str, exceptions: str, *, expected: bool) -> None:
    """Domains with their subdomains, addresses, networks, ports, and the star."""
    assert excepted(host, 443, exceptions) is expected


@pytest.mark.parametrize(
    ("host", "reached"),
    [
        ("localhost:443", None),
        ("localhost", None),
        ("LOCALHOST.", None),
        ("api.localhost", None),
        ("127.0.0.1", None),
        ("[::ffff:127.0.0.1]", None),
        ("127.8.9.1:5", None),
        ("[::1]:5", None),
        ("128.0.0.1", "http://a:1"),
        ("[::2]", "http://a:1"),
        ("localhost.x.ai", "http://a:1"),
    ],
)
def test_this_machine_is_never_reached_through_the_environment(
    host: str, reached: str | None
) -> None:
    """A loopback host needs no exception."""
    proxy = environment_proxy(parse_host(host), {"HTTPS_PROXY": "http://a:1"})
    assert (None if proxy is None else proxy.shown) == reached


def test_local_server_in_an_environment_with_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests of a user's program work on a machine with a proxy, which gets no connection."""
    with HTTPProxy() as proxy, LocalServer() as server:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with server.client() as client:
            assert client.sampler.list_models()
        assert not proxy.clients


def _via_environment(
    monkeypatch: pytest.MonkeyPatch, proxy: Proxy, issuer: trustme.CA, port: int
) -> dict[str, Any]:
    monkeypatch.setenv("https_proxy", proxy.url)
    return {
        "api_host": f"{NAME}:{port}",
        "ssl_context": client_context(issuer),
        "retry": RetryPolicy.none(),
    }


def test_calls_through_the_proxy_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, issuer: trustme.CA
) -> None:
    """Without a word in the program, calls go where the environment wants them."""
    with LocalServer(ssl_context=server_context(authority=issuer)) as server, HTTPProxy() as proxy:
        options = _via_environment(monkeypatch, proxy, issuer, server.port)
        with Client(server.api_key, **options) as client:
            assert client.sampler.list_models()
        assert proxy.asked == [(NAME, server.port)]


async def test_asynchronous_calls_through_the_proxy_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, issuer: trustme.CA
) -> None:
    """As above."""
    with LocalServer(ssl_context=server_context(authority=issuer)) as server, HTTPProxy() as proxy:
        options = _via_environment(monkeypatch, proxy, issuer, server.port)
        async with AsyncClient(server.api_key, **options) as client:
            assert await client.sampler.list_models()
        assert proxy.asked == [(NAME, server.port)]


# -- the extra -----------------------------------------------------------------------------------


@clients
def test_missing_extra(
    kind: type[Client] | type[AsyncClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the extra, a proxy is refused when the client is made, and all else works."""
    monkeypatch.setitem(sys.modules, "python_socks", None)
    with pytest.raises(ImportError, match=r"^proxy asks for a proxy.*'xai-client\[proxy\]'$"):
        kind(SECRET_KEY, proxy="http://proxy:1")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:1")
    with pytest.raises(ImportError, match=r"^the environment variable HTTPS_PROXY asks for a"):
        kind(SECRET_KEY)
    assert chosen(kind(SECRET_KEY, proxy=None)) is None
    assert chosen(kind(SECRET_KEY, api_host="localhost:5")) is None
    monkeypatch.setenv("NO_PROXY", "x.ai")
    assert chosen(kind(SECRET_KEY)) is None


_SCRIPT = """
import sys, xai
client = xai.Client(sys.argv[1], api_host="127.0.0.1:1", proxy=None, retry=xai.RetryPolicy.none())
assert "xai.runtime.net.proxy" not in sys.modules
xai.AsyncClient(sys.argv[1], proxy="http://127.0.0.1:1")
try:
    client.sampler.list_models()
except xai.APIConnectionError:
    pass
client.close()
print(*[name for name in sys.modules if name.partition(".")[0] == "python_socks"])
"""


def test_package_is_not_loaded_without_a_proxy() -> None:
    """The extra is loaded by the first connection through a proxy, not before."""
    assert run_child(_SCRIPT, args=[SECRET_KEY]).stdout.strip() == ""


def test_direct_calls_need_no_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client without a proxy works when the package is missing; so does its failure."""
    monkeypatch.setitem(sys.modules, "python_socks", None)
    with LocalServer() as server, server.client() as client:
        assert client.sampler.list_models()

    async def refused() -> None:
        async with AsyncClient(SECRET_KEY, api_host="127.0.0.1:1", retry=RetryPolicy.none()) as one:
            with pytest.raises(APIConnectionError):
                await one.sampler.list_models()

    asyncio.run(refused())
