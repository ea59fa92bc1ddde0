"""A server that answers every call with the same bytes, in one write."""

import asyncio
import threading
from types import TracebackType
from typing import TYPE_CHECKING

from tests.benchmarks.payloads import prepare
from tests.benchmarks.replies import Reply
from tests.benchmarks.server import GrpcConnection, State

if TYPE_CHECKING:
    from typing_extensions import Self

_LIMIT = 60.0


class ReplayPeer:
    """The server of the benchmarks, in a thread of this process.

    Args:
        payload: The name of a prepared reply.
    """

    def __init__(self, payload: str) -> None:
        self._prepared = prepare(payload)
        self._state = State()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    @property
    def host(self) -> str:
        """Where it listens."""
        return f"localhost:{self._port}"

    def answer(self, count: int) -> None:
        """Say of how many messages replies consist from now on; 0 for a call with one reply."""
        self._state.reply = Reply(self._prepared, count, 0)

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        make = GrpcConnection
        server = await self._loop.create_server(lambda: make(self._state), "127.0.0.1", 0)
        self._port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._end.wait()
        server.close()

    def __enter__(self) -> "Self":
        """Start to listen."""
        self.answer(0)
        self._thread.start()
        assert self._ready.wait(_LIMIT)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop, and wait for the thread."""
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(_LIMIT)
