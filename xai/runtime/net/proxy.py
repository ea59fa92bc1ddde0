"""Proxies: which one a host is reached through, and the handshake with it.

The handshakes are those of the package ``python-socks``, loaded when a proxy is used; the sockets
and the way they are read are ours. A proxy's password is in no repr, log line or error.
"""

import asyncio
import ipaddress
import os
import socket
from base64 import b64encode
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import SplitResult, unquote, urlsplit

from xai._secrets import Secret, conceal

if TYPE_CHECKING:
    from python_socks._abc import AsyncResolver, AsyncSocketStream

    from xai.runtime.net.endpoint import Endpoint

#: What the schemes of a URL stand for: names are always looked up by the proxy.
_SCHEMES: Final = {"http": "http", "socks": "socks5", "socks5": "socks5", "socks5h": "socks5"}
_PORTS: Final = {"http": 80, "socks5": 1080}
#: Looked at in this order; the first that is not empty counts.
_VARIABLES: Final = ("grpc_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
_EXCEPTIONS: Final = ("no_grpc_proxy", "no_proxy", "NO_PROXY")
#: The longest response to a CONNECT that is read, in bytes.
_HEAD_LIMIT: Final = 16384
_SOCKS_TEXT_LIMIT: Final = 255
#: Replies of a SOCKS5 proxy that another try would not change: forbidden, and not supported
#: (RFC 1928, section 6).
_SOCKS_FINAL: Final = (2, 7, 8)


class Proxy:
    """A proxy; its password is in it, so its repr shows the host alone.

    Args:
        scheme: ``http`` or ``socks5``.
        host: Its name or address, without brackets.
        port: Its port.
        username: For a proxy that wants one, or None.
        password: As above.
    """

    __slots__ = ("host", "password", "port", "scheme", "username")

    def __init__(
        self, scheme: str, host: str, port: int, username: str | None, password: str | None
    ) -> None:
        self.scheme = scheme
        self.host = host
        self.port = port
        self.username = username
        self.password = password

    @property
    def shown(self) -> str:
        """How the proxy is named in errors."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    def secrets(self) -> tuple[str, ...]:
        """Return what errors must not show: the password, and the pair as HTTP sends it."""
        if not self.password:
            return ()
        return self.password, b64encode(f"{self.username}:{self.password}".encode()).decode()

    def __repr__(self) -> str:
        """Return where the proxy is; never who uses it."""
        return f"Proxy({self.shown!r})"

    def __reduce__(self) -> tuple[object, ...]:
        """Refuse to be pickled: the password would be in the bytes."""
        raise TypeError("a proxy can't be pickled: its password would be written out with it")


class ProxyError(Exception):
    """A proxy that did not lead to the host.

    Args:
        text: What went wrong; never what the proxy or the user has sent.
        final: Whether another try would end in the same way.
    """

    def __init__(self, text: str, *, final: bool) -> None:
        super().__init__(text)
        self.final = final


# -- which one -----------------------------------------------------------------------------------


def given_proxy(url: "str | Secret[str]", endpoint: "Endpoint") -> Proxy:
    """Read the argument ``proxy`` of a client.

    Args:
        url: ``http://host:port`` or ``socks5://host:port``, with ``user:password@`` before the
            host when the proxy wants it.
        endpoint: Where the client connects to.

    Returns:
        The proxy.

    Raises:
        TypeError: It is not a string.
        ValueError: It is not such a URL, or the endpoint is spoken to in plain text.
        ImportError: The extra ``xai-client[proxy]`` is not installed.
    """
    given = conceal(url)
    del url
    if not isinstance(given.reveal(), str):
        raise TypeError(f"proxy must be a str or None, not {type(given.reveal()).__name__}")
    proxy = parse_proxy(given, "proxy")
    if endpoint.plaintext:
        raise ValueError("proxy can't be used with an api_host that is spoken to in plain text")
    _check_installed("proxy")
    return proxy


def environment_proxy(endpoint: "Endpoint", environment: Mapping[str, str]) -> Proxy | None:
    """Find the proxy that the environment asks for.

    Args:
        endpoint: Where the client connects to; a loopback host is never reached through a proxy.
        environment: The variables, usually those of the process.

    Returns:
        The proxy; None when there is none, or when an exception names the host.

    Raises:
        ValueError: The variable's value is not the URL of a proxy.
        ImportError: The extra ``xai-client[proxy]`` is not installed.
    """
    name = next((name for name in _VARIABLES if environment.get(name, "").strip()), None)
    if name is None or on_loopback(endpoint.host):
        return None
    exceptions = next((environment[key] for key in _EXCEPTIONS if environment.get(key)), "")
    if excepted(endpoint.host, endpoint.port, exceptions):
        return None
    url = Secret(environment[name].strip())
    # It may hold the API key, too.
    del environment
    proxy = parse_proxy(url, f"the environment variable {name}")
    _check_installed(f"the environment variable {name}")
    return proxy


def process_proxy(endpoint: "Endpoint") -> Proxy | None:
    """Return what `environment_proxy` finds in the environment of this process."""
    return environment_proxy(endpoint, os.environ)


def parse_proxy(url: "str | Secret[str]", where: str) -> Proxy:
    """Read the URL of a proxy.

    Args:
        url: The URL; without a scheme it is taken for ``http``, as everywhere in the field.
        where: Where it was given, for errors; the URL itself may hold a password.

    Returns:
        The proxy.

    Raises:
        ValueError: It is not the URL of a proxy.
    """
    given = conceal(url)
    del url
    # Raised here, where no variable holds a password.
    found = _parsed(given.reveal(), where)
    if isinstance(found, Proxy):
        return found
    raise ValueError(found)


def _parsed(url: str, where: str) -> "Proxy | str":  # noqa: PLR0911  # one a rule
    """Return the proxy, or what is wrong with its URL."""
    expected = f"{where} must be http://host:port or socks5://host:port"
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host, port = parts.hostname, parts.port
    except ValueError:
        # The error of the standard library shows what it could not read.
        return f"{expected}; the host or the port is not valid"
    if parts.scheme == "https":
        return f"{expected}; a proxy that is itself spoken to over TLS is not supported"
    if parts.scheme not in _SCHEMES:
        return f"{expected}; the scheme is another one"
    if not host or not _is_host(host) or port == 0:
        return f"{expected}; the host or the port is not valid"
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        return f"{expected}; there is more than that"
    scheme = _SCHEMES[parts.scheme]
    found = _credentials(parts, scheme, where)
    if isinstance(found, str):
        return found
    return Proxy(scheme, host, port or _PORTS[scheme], *found)


def _is_host(host: str) -> bool:
    return host.isascii() and host.isprintable() and not any(mark in host for mark in ' \\"<>^`{|}')


def _credentials(
    parts: SplitResult, scheme: str, where: str
) -> "tuple[str | None, str | None] | str":
    if parts.username is None and parts.password is None:
        return None, None
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    # RFC 7617, section 2, and RFC 1929, section 2.
    fit = user and (user + password).isascii() and (user + password).isprintable()
    if scheme == "http":
        fit = fit and ":" not in user
    else:
        fit = fit and password and max(len(user), len(password)) <= _SOCKS_TEXT_LIMIT
    if not fit:
        return (
            f"{where}: the user name or the password can't be sent to such a proxy (printable "
            "ASCII, not empty; no colon in the user name; at most 255 characters for socks5)"
        )
    return user, password


def on_loopback(host: str) -> bool:
    """Return whether a name or an address, without brackets, stands for this machine."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = _address(name)
    # One of IPv4 in the form of IPv6 leads to the same place, which not every Python knows.
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    return address is not None and address.is_loopback


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def excepted(host: str, port: int, exceptions: str) -> bool:
    """Return whether a list like that of ``NO_PROXY`` names a host.

    Args:
        host: A name or an address, without brackets.
        port: The port it is used with.
        exceptions: Names, which stand for their subdomains too, addresses and networks, parted by
            commas or spaces; ``*`` is every host, and ``:port`` behind an item binds it to a port.

    Returns:
        Whether one of them fits.
    """
    name, address = host.lower().rstrip("."), _address(host)
    for item in exceptions.lower().replace(",", " ").split():
        if item == "*":
            return True
        wanted, wanted_port = _split_port(item)
        if wanted_port not in (None, port):
            continue
        if address is not None:
            if _in_network(address, wanted):
                return True
        elif wanted.strip("*").strip("."):
            domain = wanted.removeprefix("*").strip(".")
            if name == domain or name.endswith(f".{domain}"):
                return True
    return False


def _split_port(item: str) -> tuple[str, int | None]:
    host, colon, port = item.rpartition(":")
    # An IPv6 address without brackets has more than one colon.
    if colon and port.isdigit() and (":" not in host or host.endswith("]")):
        return host, int(port)
    return item, None


def _in_network(address: ipaddress.IPv4Address | ipaddress.IPv6Address, wanted: str) -> bool:
    try:
        return address in ipaddress.ip_network(wanted.strip("[]"), strict=False)
    except ValueError:
        return False


def _check_installed(where: str) -> None:
    from importlib.util import find_spec

    if find_spec("python_socks") is None:
        raise ImportError(
            f"{where} asks for a proxy, which needs an extra: pip install 'xai-client[proxy]'",
            name="python_socks",
        )


# -- the handshake -------------------------------------------------------------------------------


async def tunnel(proxy: Proxy, sock: socket.socket, host: str, port: int) -> None:
    """Ask a proxy for a connection to a host.

    Args:
        proxy: The proxy.
        sock: A connection to it; not closed here. It leads to the host afterwards.
        host: The host; names are looked up by the proxy.
        port: Its port.

    Raises:
        ProxyError: The proxy did not do it.
        OSError: The connection to the proxy broke.
    """
    # Not at the top: the package is an extra. Its own streams may read past the end of a response,
    # or not up to it; hence its connectors, which work on any stream.
    from python_socks import ProxyType
    from python_socks._connectors.factory_async import create_connector
    from python_socks._protocols.errors import ReplyError

    connector = create_connector(
        ProxyType.HTTP if proxy.scheme == "http" else ProxyType.SOCKS5,
        proxy.username,
        proxy.password,
        rdns=True,
        # Never asked, as the proxy looks names up.
        resolver=cast("AsyncResolver", None),
    )
    try:
        await connector.connect(cast("AsyncSocketStream", _Stream(sock)), host, port)
    except ReplyError as error:
        failure = _refusal(proxy, error.error_code, str(error))
    except (ValueError, IndexError):
        failure = _nonsense(proxy)
    else:
        return
    # Out here, since what was caught may quote the proxy.
    raise failure


class _Stream:
    """Reads exactly what a proxy responds."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._loop = asyncio.get_running_loop()

    async def write(self, data: bytes) -> None:
        await self._loop.sock_sendall(self._sock, data)

    async def read(self, _max_bytes: int = 0) -> bytes:
        """Read the head of an HTTP response, which may come in parts."""
        head = bytearray()
        while b"\r\n\r\n" not in head:
            if len(head) > _HEAD_LIMIT:
                raise ValueError("the head of the answer does not end")
            head += await self._some(_HEAD_LIMIT)
        if not head.endswith(b"\r\n\r\n"):
            # In TLS the client speaks first.
            raise ValueError("there is more than a head")
        return bytes(head)

    async def read_exactly(self, n: int) -> bytes:
        data = b""
        while len(data) < n:
            data += await self._some(n - len(data))
        return data

    async def _some(self, most: int) -> bytes:
        data = await self._loop.sock_recv(self._sock, most)
        if not data:
            raise ConnectionResetError("the proxy closed the connection")
        return data


def _nonsense(proxy: Proxy) -> ProxyError:
    name = proxy.scheme.upper()
    return ProxyError(f"what the proxy answered is not {name}", final=True)


def _refusal(proxy: Proxy, code: int | None, text: str) -> ProxyError:
    if code is None:
        # The package tells these from what is not SOCKS by their texts alone.
        if text.startswith(("No acceptable authentication", "Username and password")):
            text = "the proxy wants another user name and password"
            return ProxyError(text, final=True)
        return _nonsense(proxy)
    if proxy.scheme != "http":
        return ProxyError(f"the proxy refused: {text}", final=code in _SOCKS_FINAL)
    try:
        said = f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        return _nonsense(proxy)
    # It will not (4xx, or a redirect to a login), or it can't at the moment (5xx).
    return ProxyError(f"the proxy answered {said}", final=code < HTTPStatus.INTERNAL_SERVER_ERROR)
