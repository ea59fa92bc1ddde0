"""Both transports behind one set of blocking verbs, so that one test body runs against each."""

import asyncio
import contextlib
import functools
import socket
import ssl
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, TypeVar

import pytest

from tests.reliability.peer import LIMIT, NOWHERE, WELL, Peer
from xai.errors import Metadata
from xai.runtime.http2 import channel
from xai.runtime.http2.channel import Channel
from xai.runtime.http2.connection import Connection
from xai.runtime.net.config import MAX_MESSAGE_BYTES, ChannelConfig
from xai.runtime.net.endpoint import parse_host
from xai.runtime.net.resolver import Address
from xai.runtime.retry.policy import CallFailed, Failure, deadline_after
from xai.runtime.transport.asynchronous import AsyncByteStream, AsyncTransport
from xai.runtime.transport.blocking import BlockingTransport, ByteStream
from xai.runtime.transport.request import Request

if TYPE_CHECKING:
    from typing_extensions import Self

T = TypeVar("T")

#: An address where nobody listens.
NOBODY: Final[Address] = (socket.AF_INET, ("127.0.0.1", NOWHERE))
UNARY: Final = "/test.Test/Unary"
STREAM: Final = "/test.Test/Stream"
UPLOAD: Final = "/test.Test/Upload"


class LinkStream(ABC):
    """A streamed reply."""

    @abstractmethod
    def receive(self) -> deque[bytes] | None:
        """Wait for messages, or for the end."""

    @abstractmethod
    def close(self) -> None:
        """Leave."""

    def collect(self) -> list[bytes]:
        """Return all messages up to the end."""
        messages: list[bytes] = []
        while (batch := self.receive()) is not None:
            messages += batch
        return messages


class Link(ABC):
    """A transport to a peer.

    Args:
        peer: Whom to call.
        headers: Credentials and metadata of the channel.
        max_message_bytes: The largest reply to accept.
        ssl_context: Speaks TLS with these settings.
        host: The ``api_host``; plain text on the loopback interface when None.
    """

    def __init__(
        self,
        peer: Peer,
        *,
        headers: Metadata = (),
        max_message_bytes: int = MAX_MESSAGE_BYTES,
        ssl_context: ssl.SSLContext | None = None,
        host: str | None = None,
    ) -> None:
        self.config = ChannelConfig(
            parse_host(host or peer.host),
            headers,
            ssl_context=ssl_context,
            max_message_bytes=max_message_bytes,
        )
        self._threads = ThreadPoolExecutor(128, thread_name_prefix="link")

    @abstractmethod
    def send(self, request: Request) -> bytes:
        """Make a call with one reply."""

    @abstractmethod
    def open(self, request: Request) -> LinkStream:
        """Start a call with a streamed reply."""

    @abstractmethod
    def send_all(self, request: Request, messages: Iterable[bytes]) -> bytes:
        """Make a call with a stream of requests and one reply."""

    @abstractmethod
    def on_loop(self, function: Callable[[], T]) -> T:
        """Run a function where the channel lives."""

    @abstractmethod
    def channel(self) -> Channel:
        """Return the channel; there must have been a call."""

    @abstractmethod
    def close(self) -> None:
        """Close the transport."""

    def connection(self) -> Connection:
        """Return the connection; there must have been a good call."""
        connection = self.channel()._connection
        assert connection is not None
        return connection

    def unary(self, payload: bytes = b"ping", *, timeout: float = LIMIT, **more: Any) -> bytes:  # noqa: ANN401  # passed to Request
        """Make a call with one reply."""
        return self.send(Request(UNARY, payload, deadline=deadline_after(timeout), **more))

    def stream(self, payload: bytes = b"", *, timeout: float = LIMIT, **more: Any) -> LinkStream:  # noqa: ANN401  # passed to Request
        """Start a call with a streamed reply."""
        deadline = deadline_after(timeout)
        return self.open(Request(STREAM, payload, deadline=deadline, streaming=True, **more))

    def upload(self, messages: Iterable[bytes], *, timeout: float = LIMIT, **more: Any) -> bytes:  # noqa: ANN401  # passed to Request
        """Make a call with a stream of requests and one reply."""
        deadline = deadline_after(timeout)
        request = Request(UPLOAD, b"", deadline=deadline, uploading=True, **more)
        return self.send_all(request, messages)

    def start(self, payload: bytes = b"ping", **more: Any) -> "Future[bytes]":  # noqa: ANN401  # as above
        """Make a call with one reply in the background."""
        return self._threads.submit(self.unary, payload, **more)

    def background(self, function: Callable[[], T]) -> "Future[T]":
        """Run a function in a thread."""
        return self._threads.submit(function)

    def works(self) -> None:
        """Check that a good call succeeds."""
        assert self.unary(WELL) == WELL

    def __enter__(self) -> "Self":
        """Return the link itself."""
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the transport."""
        self.close()
        self._threads.shutdown()


class BlockingLink(Link):
    """`xai.runtime.transport.blocking.BlockingTransport`."""

    def __init__(self, peer: Peer, **more: Any) -> None:  # noqa: ANN401  # as in Link
        super().__init__(peer, **more)
        self.transport = BlockingTransport(self.config)

    def send(self, request: Request) -> bytes:
        """Make a call with one reply."""
        return self.transport.unary(request)

    def open(self, request: Request) -> LinkStream:
        """Start a call with a streamed reply."""
        return _BlockingStream(self.transport.stream(request))

    def send_all(self, request: Request, messages: Iterable[bytes]) -> bytes:
        """Make a call with a stream of requests and one reply."""
        return self.transport.upload(request, ((message,) for message in messages))

    def on_loop(self, function: Callable[[], T]) -> T:
        """Run a function on the background loop."""
        done: Future[T] = Future()
        assert self.transport._user is not None
        assert self.transport._user.thread is not None
        self.transport._user.thread.post(lambda: done.set_result(function()))
        return done.result(LIMIT)

    def channel(self) -> Channel:
        """Return the channel."""
        user = self.transport._user
        assert user is not None
        assert user.channel._channel is not None
        return user.channel._channel

    def close(self) -> None:
        """Close the transport."""
        self.transport.close()


class _BlockingStream(LinkStream):
    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream

    def receive(self) -> deque[bytes] | None:
        return self._stream.receive()

    def close(self) -> None:
        self._stream.close()


class AsyncLink(Link):
    """`xai.runtime.transport.asynchronous.AsyncTransport` on a loop in a thread."""

    def __init__(self, peer: Peer, **more: Any) -> None:  # noqa: ANN401  # as in Link
        super().__init__(peer, **more)
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="test-loop", daemon=True)
        self._thread.start()
        self._closed = False
        self.transport = AsyncTransport(self.config)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(LIMIT * 2)

    def send(self, request: Request) -> bytes:
        """Make a call with one reply."""
        return self.run(self.transport.unary(request))

    def open(self, request: Request) -> LinkStream:
        """Start a call with a streamed reply."""

        async def start() -> AsyncByteStream:
            return self.transport.stream(request)

        return _AsyncStream(self, self.run(start()))

    def send_all(self, request: Request, messages: Iterable[bytes]) -> bytes:
        """Make a call with a stream of requests and one reply."""

        async def each() -> AsyncIterator[tuple[bytes]]:
            iterator = iter(messages)
            # In a thread: they may wait for something.
            wait = functools.partial(self.loop.run_in_executor, self._threads, next, iterator, None)
            while (message := await wait()) is not None:
                yield (message,)

        return self.run(self.transport.upload(request, each()))

    def on_loop(self, function: Callable[[], T]) -> T:
        """Run a function on the loop."""

        async def run() -> T:
            return function()

        return self.run(run())

    def channel(self) -> Channel:
        """Return the channel."""
        return self.transport._channels[self.loop]

    def close(self) -> None:
        """Close the transport, and the loop."""
        if self._closed:
            return
        self._closed = True
        try:
            self.run(self.transport.close())
        finally:
            self.run(_settle())
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join(LIMIT)
            self.loop.close()


class _AsyncStream(LinkStream):
    def __init__(self, link: AsyncLink, stream: AsyncByteStream) -> None:
        self._link = link
        self._stream = stream

    def receive(self) -> deque[bytes] | None:
        return self._link.run(self._stream.receive())

    def close(self) -> None:
        self._link.run(self._stream.close())


async def _settle() -> None:
    """Wait for what the calls left behind; a task that hangs fails the test by its time limit."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks, return_exceptions=True)


class Dialing:
    """Stands for the resolver and counts the callers; a lookup waits until the gate is open."""

    def __init__(
        self, patch: pytest.MonkeyPatch, *answers: "list[Address] | OSError", wait: bool = False
    ) -> None:
        self.lookups = 0
        self.callers = threading.Semaphore(0)
        self.cancelled = threading.Event()
        self._answers = list(answers)
        self._gate: asyncio.Event | None = None
        self._wait = wait
        patch.setattr(channel, "resolve", self._resolve)
        original = Channel.connect

        def connect(
            dialed: Channel, limit: float | None, callback: Callable[[Connection | Failure], None]
        ) -> None:
            original(dialed, limit, callback)
            self.callers.release()

        patch.setattr(Channel, "connect", connect)

    async def _resolve(self, _host: str, _port: int) -> list[Address]:
        self.lookups += 1
        if self._wait:
            self._gate = asyncio.Event()
            try:
                await self._gate.wait()
            except asyncio.CancelledError:
                self.cancelled.set()
                raise
        answer = self._answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return answer

    def await_callers(self, count: int) -> None:
        """Wait until so many calls wait for a connection."""
        for _ in range(count):
            assert self.callers.acquire(timeout=LIMIT)

    def open(self, link: Link) -> None:
        """Let the lookup go on."""

        def opened() -> bool:
            if self._gate is not None:
                self._gate.set()
            return self._gate is not None

        while not link.on_loop(opened):
            pass


def at(*peers: Peer) -> list[Address]:
    """Return where peers listen."""
    return [(socket.AF_INET, ("127.0.0.1", peer.port)) for peer in peers]


#: Runs a test against either transport.
both = pytest.mark.parametrize(
    "connect", [BlockingLink, AsyncLink], ids=["blocking", "asynchronous"]
)


def failure_of(call: Callable[[], object]) -> Failure:
    """Return the failure of a call that must fail."""
    with pytest.raises(CallFailed) as caught:
        call()
    return caught.value.failure
