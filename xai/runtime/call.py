"""The asynchronous transport: bytes in, bytes out, from coroutines."""

import asyncio
import contextlib
import os
import weakref
from collections import deque
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

from xai.runtime.attempt import BUFFER_BYTES, BUFFER_MESSAGES, Attempt
from xai.runtime.channel import Channel
from xai.runtime.endpoint import ChannelConfig
from xai.runtime.request import Request
from xai.runtime.retry import CallFailed, Failure, stream_closed_failure
from xai.runtime.tls import default_context

if TYPE_CHECKING:
    import ssl

T = TypeVar("T")


class _Reply:
    """The sink of a unary call."""

    __slots__ = ("_future", "_value")

    def __init__(self, future: "asyncio.Future[bytes]") -> None:
        self._future = future
        self._value = b""

    def on_message(self, data: bytes) -> bool:
        self._value = data
        return False

    def on_done(self, failure: Failure | None) -> None:
        if self._future.done():
            return
        if failure is None:
            self._future.set_result(self._value)
        else:
            self._future.set_exception(CallFailed(failure))

    def backlog(self) -> bool:
        return False


class _Buffer:
    """The sink of a streamed call: what arrived and was not taken yet."""

    __slots__ = ("_size", "attempt", "done", "failure", "items", "waiter")

    def __init__(self) -> None:
        self.items: deque[bytes] = deque()
        self.failure: Failure | None = None
        self.done = False
        self.waiter: asyncio.Future[None] | None = None
        self.attempt: Attempt | None = None
        self._size = 0

    def on_message(self, data: bytes) -> bool:
        self.items.append(data)
        self._size += len(data)
        self._wake()
        return self._size >= BUFFER_BYTES or len(self.items) >= BUFFER_MESSAGES

    def on_done(self, failure: Failure | None) -> None:
        self.failure = failure
        self.done = True
        self._wake()

    def backlog(self) -> bool:
        return bool(self.items)

    def take(self) -> deque[bytes]:
        items, self.items, self._size = self.items, deque(), 0
        if self.attempt is not None:
            self.attempt.resume()
        return items

    def _wake(self) -> None:
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)


class AsyncByteStream:
    """The messages of a streamed reply, as they arrive."""

    def __init__(self, channel: Channel, request: Request) -> None:
        self._loop = asyncio.get_running_loop()
        self._buffer = _Buffer()
        self._attempt = self._buffer.attempt = Attempt(channel, request, self._buffer)
        self._attempt.start()

    async def receive(self) -> deque[bytes] | None:
        """Wait for messages.

        Returns:
            All that have arrived, at least one; None at the end.

        Raises:
            CallFailed: The call failed; what arrived before that was returned first.
        """
        buffer = self._buffer
        while not buffer.items:
            if buffer.done:
                if buffer.failure is not None:
                    raise CallFailed(buffer.failure)
                return None
            buffer.waiter = self._loop.create_future()
            try:
                await buffer.waiter
            finally:
                buffer.waiter = None
        return buffer.take()

    async def close(self) -> None:
        """Cancel what is left of the call and forget what was not taken."""
        self._attempt.cancel(stream_closed_failure())
        self._buffer.items.clear()

    def __del__(self) -> None:
        """Cancel the call of a stream nobody holds any more; may run in any thread (H15)."""
        if self._buffer.done or self._loop.is_closed():
            return
        try:
            self._loop.call_soon_threadsafe(self._attempt.cancel)
        except RuntimeError:
            # The loop was closed in between: its connections went with it.
            return


#: The whole of a reply that is streamed.
AsyncReply = asyncio.Future


def _look_at(reply: "AsyncReply[T]") -> None:
    if not reply.cancelled():
        reply.exception()


def _fail_reply(reply: "AsyncReply[T]", error: Exception) -> None:
    if not reply.done():
        reply.set_exception(error)


class AsyncTurn:
    """One reader at a time: a second one waits until the first has its message (H17)."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    async def __aenter__(self) -> None:
        """Wait for the turn."""
        await self._lock.acquire()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let the next one in."""
        self._lock.release()


class AsyncTransport:
    """Carries calls from coroutines; one channel for each event loop it is used from.

    Args:
        config: What each channel is made from.
    """

    def __init__(self, config: ChannelConfig) -> None:
        self.config = config
        self._channels: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Channel] = (
            weakref.WeakKeyDictionary()
        )
        self._pid = os.getpid()
        self._context: ssl.SSLContext | None = config.ssl_context
        self._closed = False

    async def unary(self, request: Request) -> bytes:
        """Make a call with one reply.

        Args:
            request: What to send.

        Returns:
            The reply's bytes.

        Raises:
            CallFailed: The call failed.
            RuntimeError: The transport is closed.
        """
        channel = self._channel()
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        attempt = Attempt(channel, request, _Reply(future))
        attempt.start()
        try:
            return await future
        finally:
            # Does nothing unless the caller's own task was cancelled while it waited.
            attempt.cancel()

    def stream(self, request: Request) -> AsyncByteStream:
        """Start a call with a streamed reply.

        Args:
            request: What to send.

        Returns:
            The stream of replies.

        Raises:
            RuntimeError: The transport is closed.
        """
        return AsyncByteStream(self._channel(), request)

    async def sleep(self, seconds: float) -> None:
        """Wait between two attempts.

        Args:
            seconds: How long.

        Raises:
            RuntimeError: The transport was closed.
        """
        await asyncio.sleep(seconds)
        self.check_open()

    def turn(self) -> AsyncTurn:
        """Return a guard that lets one reader in at a time."""
        return AsyncTurn()

    def reply(self, source: object) -> "AsyncReply[T]":  # noqa: ARG002  # for the blocking twin
        """Return a future for what a stream adds up to.

        Args:
            source: The stream; the blocking twin of the future reads it to its end.

        Returns:
            The future. A failure in it that nobody asks for makes no noise: whoever reads the
            stream has it too.
        """
        future: AsyncReply[T] = asyncio.get_running_loop().create_future()
        future.add_done_callback(_look_at)
        return future

    def abandon(self, reply: "AsyncReply[T]", error: Exception) -> None:
        """Fail a future whose stream was collected; any thread, never waits (H14, H15).

        Args:
            reply: The future.
            error: What it fails with.
        """
        with contextlib.suppress(RuntimeError):
            reply.get_loop().call_soon_threadsafe(_fail_reply, reply, error)

    def check_open(self) -> None:
        """Raise when the transport is closed.

        Raises:
            RuntimeError: It is closed.
        """
        if self._closed:
            raise RuntimeError("the client is closed")

    async def close(self) -> None:
        """Close the channels of all loops; a second call does nothing."""
        self._closed = True
        here = asyncio.get_running_loop()
        channels = dict(self._channels)
        self._channels.clear()
        for loop, channel in channels.items():
            if loop is here:
                channel.close()
                await channel.wait_closed()
            elif not loop.is_closed():
                loop.call_soon_threadsafe(channel.close)

    def _channel(self) -> Channel:
        self.check_open()
        if self._pid != os.getpid():
            # A forked child: the sockets are the parent's. They are left alone (H1, H3).
            _inherited.append(self._channels)
            self._channels = weakref.WeakKeyDictionary()
            self._pid = os.getpid()
        loop = asyncio.get_running_loop()
        channel = self._channels.get(loop)
        if channel is None:
            for other in [known for known in self._channels if known.is_closed()]:
                del self._channels[other]
            if self._context is None and not self.config.endpoint.plaintext:
                self._context = default_context()
            channel = Channel(
                self.config, None if self.config.endpoint.plaintext else self._context
            )
            self._channels[loop] = channel
        return channel


#: What a forked child must neither use nor collect.
_inherited: list[object] = []
