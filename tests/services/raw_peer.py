"""A peer that speaks no protocol: it keeps what it is sent first, and hangs up."""

import contextlib
import queue
import socket
import threading
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self

_LIMIT = 60.0


class RawPeer:
    """Listens on a loopback port; takes one piece of data from each connection and closes it."""

    def __init__(self, *, answer: bytes = b"") -> None:
        self._received: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def first_bytes(self) -> bytes:
        """Return what came first on the next connection; nothing if it was closed before."""
        return self._received.get(timeout=_LIMIT)

    def idle(self) -> bool:
        """Tell whether there was no other connection so far."""
        return self._received.empty()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            peer.settimeout(_LIMIT)
            with peer:
                first = b""
                with contextlib.suppress(ConnectionError):
                    first = peer.recv(65536)
                    peer.sendall(self._answer)
                self._received.put(first)

    def __enter__(self) -> "Self":
        """Start to listen."""
        self._thread.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop, and wait for the thread."""
        # Unlike close, this wakes a thread that waits in accept.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(_LIMIT)
