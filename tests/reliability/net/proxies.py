"""Small real proxies, HTTP CONNECT and SOCKS5, that tests can let misbehave."""

import base64
import contextlib
import functools
import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Final

import trustme

from tests.reliability.peer import LIMIT

if TYPE_CHECKING:
    from typing_extensions import Self

#: Made once: keys take their time.
AUTHORITY: Final = trustme.CA()
#: A name that only the proxies know the address of.
NAME: Final = "api.test"


def server_context(*names: str, authority: trustme.CA = AUTHORITY) -> ssl.SSLContext:
    """Return a server's settings, by default for this machine and `NAME`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["h2"])
    authority.issue_cert(*(names or ("127.0.0.1", "::1", NAME))).configure_cert(context)
    return context


def client_context(authority: trustme.CA = AUTHORITY) -> ssl.SSLContext:
    """Return a user's settings that trust an authority and no other."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["h2"])
    authority.configure_trust(context)
    return context


class Refused(Exception):  # noqa: N818  # the end of a conversation
    """The proxy has said no, and closes the connection."""


class Connected:
    """One client of a proxy, as a script sees it."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock

    def take(self, count: int) -> bytes:
        """Read so many bytes."""
        data = b""
        while len(data) < count:
            piece = self.sock.recv(count - len(data))
            if not piece:
                raise Refused
            data += piece
        return data

    def head(self) -> bytes:
        """Read the head of an HTTP request."""
        data = b""
        while not data.endswith(b"\r\n\r\n"):
            data += self.take(1)
        return data

    def say(self, data: bytes) -> None:
        """Send bytes."""
        self.sock.sendall(data)

    def until_closed(self) -> None:
        """Read to the end."""
        with contextlib.suppress(OSError):
            while self.sock.recv(65536):
                pass


Script = Callable[[Connected], object]


class Proxy:
    """Listens on the loopback interface; each connection is a client that wants to go on.

    Args:
        script: Takes the place of the handshake; the connection is closed after it.
        login: The user name and password to ask for.
    """

    scheme = ""

    def __init__(
        self, script: Script | None = None, *, login: tuple[str, str] | None = None
    ) -> None:
        #: The hosts and ports that were asked for.
        self.asked: list[tuple[str, int]] = []
        self.clients: list[socket.socket] = []
        self.errors: list[BaseException] = []
        self._script = script
        self._login = login
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._stop, self._stopped = socket.socketpair()

    @property
    def url(self) -> str:
        """What a client takes as its ``proxy``."""
        user = "{}:{}@".format(*self._login) if self._login else ""
        return f"{self.scheme}://{user}127.0.0.1:{self.port}"

    def handshake(self, client: Connected) -> tuple[str, int]:
        """Do what the protocol asks for, up to the host that is wanted."""
        raise NotImplementedError

    def granted(self, client: Connected) -> None:
        """Say that the host is connected to."""
        raise NotImplementedError

    def __enter__(self) -> "Self":
        """Begin to listen."""
        self._begin(self._accept)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close everything, and raise what has gone wrong."""
        self._stop.close()
        self._threads[0].join(LIMIT)
        for sock in self._sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(LIMIT)
        for sock in (*self._sockets, self._stopped, self._listener):
            sock.close()
        if self.errors and exc is None:
            raise self.errors[0]
        assert not any(thread.is_alive() for thread in self._threads)

    def _begin(self, function: Callable[[], None]) -> None:
        thread = threading.Thread(target=function, name="proxy", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            ready, _, _ = select.select([self._listener, self._stopped], [], [], LIMIT * 5)
            if self._listener not in ready or self._stopped in ready:
                return
            sock, _ = self._listener.accept()
            sock.settimeout(LIMIT)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets.append(sock)
            self.clients.append(sock)
            self._begin(functools.partial(self._run, sock))

    def _run(self, sock: socket.socket) -> None:
        client = Connected(sock)
        try:
            if self._script is not None:
                self._script(client)
                return
            host, port = self.handshake(client)
            self.asked.append((host, port))
            target = "127.0.0.1" if host == NAME else host
            server = socket.create_connection((target, port), LIMIT)
            self._sockets.append(server)
            self.granted(client)
            _relay(sock, server)
        except (Refused, ConnectionError):
            pass
        except BaseException as error:  # noqa: BLE001  # raised again by the thread of the test
            self.errors.append(error)
        finally:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


def _relay(one: socket.socket, two: socket.socket) -> None:
    other = {one: two, two: one}
    while True:
        ready, _, _ = select.select([one, two], [], [], LIMIT * 5)
        for sock in ready:
            data = sock.recv(65536)
            if not data:
                # The other end may have gone first.
                with contextlib.suppress(OSError):
                    other[sock].shutdown(socket.SHUT_WR)
                return
            other[sock].sendall(data)


class HTTPProxy(Proxy):
    """A proxy for HTTP's CONNECT (RFC 9110, 9.3.6); it answers piece by piece."""

    scheme = "http"

    def handshake(self, client: Connected) -> tuple[str, int]:
        """Read a CONNECT request, and check who asks."""
        head = client.head().decode("ascii")
        method, target, *_ = head.split()
        assert method == "CONNECT"
        if self._login:
            known = base64.b64encode("{}:{}".format(*self._login).encode()).decode()
            if f"\r\nProxy-Authorization: Basic {known}\r\n" not in head:
                client.say(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
                raise Refused
        host, _, port = target.rpartition(":")
        return host.strip("[]"), int(port)

    def granted(self, client: Connected) -> None:
        """Say so in pieces, as some proxies do."""
        for piece in (b"HT", b"TP/1.1 200 ", b"Connection established\r\n", b"Via: x\r\n", b"\r\n"):
            client.say(piece)


class SOCKSProxy(Proxy):
    """A proxy for SOCKS5 (RFC 1928, and RFC 1929 for who asks); it answers byte by byte."""

    scheme = "socks5"

    def handshake(self, client: Connected) -> tuple[str, int]:
        """Agree on a method, and read what is wanted."""
        version, count = client.take(2)
        methods = client.take(count)
        assert version == 5
        wanted = 2 if self._login else 0
        if wanted not in methods:
            client.say(b"\x05\xff")
            raise Refused
        client.say(bytes((5, wanted)))
        if self._login:
            self._check(client)
        head = client.take(4)
        assert head[:3] == b"\x05\x01\x00"
        if head[3] == 3:
            host = client.take(client.take(1)[0]).decode("ascii")
        else:
            family, size = (socket.AF_INET, 4) if head[3] == 1 else (socket.AF_INET6, 16)
            host = socket.inet_ntop(family, client.take(size))
        return host, struct.unpack("!H", client.take(2))[0]

    def _check(self, client: Connected) -> None:
        assert client.take(1) == b"\x01"
        given = tuple(client.take(client.take(1)[0]).decode("ascii") for _ in range(2))
        client.say(b"\x01\x00" if given == self._login else b"\x01\x01")
        if given != self._login:
            raise Refused

    def granted(self, client: Connected) -> None:
        """Say so byte by byte."""
        for number in b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00":
            client.say(bytes((number,)))
