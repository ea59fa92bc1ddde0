"""Accepting connections, also at times when the process has no descriptor to spare."""

import asyncio
import contextlib
import errno
import logging
import os
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from xai._annotations import resolve_lazily

if TYPE_CHECKING:
    import ssl

_LOG = logging.getLogger("xai.testing")
#: What accepting fails with while the process or the system has no room for another connection.
_EXHAUSTED: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_PAUSE: Final = 0.1
_BACKLOG: Final = 1024
#: So many connections are accepted before others get their turn.
_AT_ONCE: Final = 64


class Listener:
    """Accepts the connections of a listening socket, on the running event loop.

    asyncio's own server reports each failure to accept by a traceback, a thousand for every
    second without descriptors; this one warns once and waits until there are some again.

    Args:
        sock: The socket, which listens and does not block.
        protocol_factory: Makes the protocol of a connection.
        ssl_context: Serves TLS.
    """

    def __init__(
        self,
        sock: socket.socket,
        protocol_factory: Callable[[], asyncio.Protocol],
        ssl_context: "ssl.SSLContext | None",
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._sock = sock
        self._protocol_factory = protocol_factory
        self._ssl_context = ssl_context
        self._starting: set[asyncio.Task[None]] = set()
        self._retry: asyncio.TimerHandle | None = None
        self._warned = False
        self._loop.add_reader(sock, self._accept)

    def close(self) -> None:
        """Accept no more; the socket stays open."""
        if self._retry is not None:
            self._retry.cancel()
        self._loop.remove_reader(self._sock)

    def _accept(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                connection, _ = self._sock.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in _EXHAUSTED:
                    raise
                self._pause(error)
                return
            self._warned = False
            connection.setblocking(False)  # noqa: FBT003  # its only argument
            task = self._loop.create_task(self._start(connection))
            self._starting.add(task)
            task.add_done_callback(self._starting.discard)

    def _pause(self, error: OSError) -> None:
        if not self._warned:
            self._warned = True
            _LOG.warning("The local server accepts no connection for the moment: %s", error)
        self._loop.remove_reader(self._sock)
        self._retry = self._loop.call_later(_PAUSE, self._resume)

    def _resume(self) -> None:
        self._loop.add_reader(self._sock, self._accept)

    async def _start(self, connection: socket.socket) -> None:
        # The transport closes the socket when the client leaves during the TLS handshake.
        with contextlib.suppress(OSError):
            await self._loop.connect_accepted_socket(
                self._protocol_factory, connection, ssl=self._ssl_context
            )


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens and does not block.

    Args:
        host: The address.
        port: The port; 0 lets the kernel choose.

    Raises:
        OSError: The address is taken, or is not one of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio and grpclib switch off Nagle's algorithm only where the protocol is named, and
    # `socket.create_server` doesn't name it: every reply would take 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
        listener.setblocking(False)  # noqa: FBT003  # its only argument
    except BaseException:
        listener.close()
        raise
    return listener


resolve_lazily(globals())
