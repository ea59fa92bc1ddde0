"""The thread and the event loop of the local server."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from xai._annotations import resolve_lazily
from xai.runtime.waiting import RealTimeLoop
from xai.testing.http2.connection import ServerProtocol, make_protocol
from xai.testing.http2.exchange import Core
from xai.testing.http2.listener import Listener, listen

if TYPE_CHECKING:
    import ssl

_START_LIMIT = 10.0
_STOP_LIMIT = 10.0
_GRACE = 0.2
# A transport closes its socket one turn after it was told to.
_LAST_TURNS = 3


class Runner:
    """Runs a listening socket and its connections in a thread of its own.

    Args:
        core: What the connections share.
        host: The address to listen on.
        port: The port; 0 lets the kernel choose.
        ssl_context: Serves TLS.
    """

    def __init__(
        self, core: Core, host: str, port: int, ssl_context: "ssl.SSLContext | None"
    ) -> None:
        self._core = core
        self._bind = (host, port)
        self._ssl_context = ssl_context
        self.port = port
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._protocols: set[ServerProtocol] = set()

    @property
    def running(self) -> bool:
        """Whether the thread is there."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Listen, and return when connections are accepted."""
        if self.running:
            raise RuntimeError("The server is already running.")
        # Bound here: that an address is taken is the caller's error, with the caller's stack.
        listener = listen(*self._bind)
        ready: Future[None] = Future()
        self._thread = threading.Thread(
            target=self._run, args=(listener, ready), name="xai-local-server", daemon=True
        )
        try:
            self.port = listener.getsockname()[1]
            self._thread.start()
            ready.result(_START_LIMIT)
        except BaseException:
            self._thread = None
            listener.close()
            raise

    def stop(self) -> None:
        """End everything and wait for the thread; a second call does nothing."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self.post(self._stop)
        thread.join(_STOP_LIMIT)
        if thread.is_alive():
            raise RuntimeError(f"The local server's thread did not end within {_STOP_LIMIT:g} s.")

    def post(self, function: Callable[[], object]) -> None:
        """Have the loop call a function soon; without a loop nothing happens."""
        loop = self._loop
        if loop is not None:
            # The loop may close between the look and the call.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(function)

    def drain(self) -> None:
        """Send GOAWAY on every connection; on the loop only."""
        for protocol in list(self._protocols):
            protocol.handler.go_away()

    def _stop(self) -> None:
        if self._stopping is not None:
            self._stopping.set()

    def _run(self, listener: socket.socket, ready: "Future[None]") -> None:
        try:
            # Made by hand: the process's policy may hand out another kind of loop.
            loop = RealTimeLoop()
            try:
                loop.run_until_complete(self._serve(listener, ready))
                loop.run_until_complete(loop.shutdown_asyncgens())
            finally:
                self._loop = None
                loop.close()
        except BaseException as error:  # it is raised in the thread that waits
            if not ready.done():
                ready.set_exception(error)
            else:
                raise
        finally:
            listener.close()

    async def _serve(self, listener: socket.socket, ready: "Future[None]") -> None:
        loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        # An event belongs to the loop on which it was first waited for; that may have been the
        # one before a restart.
        self._core.released = asyncio.Event()
        self._loop = loop
        listening = Listener(listener, self._make_protocol, self._ssl_context)
        self._core.http.resume()
        ready.set_result(None)
        await self._stopping.wait()
        # Before the connections end, or one that is being accepted would leak its socket.
        listening.close()
        self._core.http.close()
        loop.set_exception_handler(_report)
        await self._end_connections()
        for _ in range(_LAST_TURNS):
            await asyncio.sleep(0)

    async def _end_connections(self) -> None:
        """Close every socket and wait for the calls; more turns may bring more of both."""
        current = asyncio.current_task()
        while True:
            for protocol in list(self._protocols):
                protocol.handler.drop(flush=False)
            await asyncio.sleep(0)
            tasks = asyncio.all_tasks() - {current}
            if not self._protocols and not tasks:
                break
            if tasks:
                # The end of its connection cancels a call. A handshake that hangs needs help.
                _, stuck = await asyncio.wait(tasks, timeout=_GRACE)
                for task in stuck:
                    task.cancel()

    def _make_protocol(self) -> ServerProtocol:
        return make_protocol(self._core, self._protocols)


def _report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    # In debug mode asyncio reports handshakes that are cut off, which is what stopping does.
    if not isinstance(context.get("exception"), asyncio.CancelledError):
        loop.default_exception_handler(context)


resolve_lazily(globals())
