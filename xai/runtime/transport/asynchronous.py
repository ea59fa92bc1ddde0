"""The asynchronous transport: bytes in, bytes out, from coroutines."""

import asyncio
import contextlib
import contextvars
import os
import socket
import sys
import weakref
from collections import deque
from collections.abc import AsyncIterable, Awaitable, Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from xai.runtime.compression import TooLargeError
from xai.runtime.http2.channel import Channel
from xai.runtime.net.config import ChannelConfig
from xai.runtime.net.tls import default_context
from xai.runtime.retry.policy import CallFailed, Failure, remaining, stream_closed_failure
from xai.runtime.tasks import beside
from xai.runtime.transport.attempt import BUFFER_BYTES, BUFFER_MESSAGES, Attempt
from xai.runtime.transport.completions import AsyncCompletions
from xai.runtime.transport.decoding import DecodeCheck, late
from xai.runtime.transport.request import Request
from xai.runtime.transport.upload import UploadAttempt
from xai.runtime.waiting import settled, sleep, wait_for_any

if TYPE_CHECKING:
    import ssl

    from xai.runtime.transport.workers import AsyncWorkers

T = TypeVar("T")

_FORKED: Final = "the stream belongs to the parent process; start a new one"
#: A compressed message that is larger than this is decompressed in a thread: it takes a while.
_LARGE: Final = 256 * 1024


class _UnarySink:
    """The sink of a unary call."""

    __slots__ = ("_future", "_progress", "_value", "changed")

    def __init__(self, future: "asyncio.Future[bytes]", *, watched: bool = False) -> None:
        self._future = future
        self._value = b""
        #: How far the call has come, for `Request.report`, and whether that is new.
        self._progress: dict[bool, tuple[int, int]] = {}
        self.changed = asyncio.Event() if watched else None

    def on_message(self, data: bytes) -> bool:
        self._value = data
        return False

    def on_progress(self, done: int, total: int, *, received: bool) -> None:
        self._progress[received] = (done, total)
        if self.changed is not None:
            self.changed.set()

    def take_progress(self) -> dict[bool, tuple[int, int]]:
        progress, self._progress = self._progress, {}
        return progress

    def on_done(self, failure: Failure | None) -> None:
        if self.changed is not None:
            self.changed.set()
        if self._future.done():
            return
        if failure is None:
            self._future.set_result(self._value)
        else:
            self._future.set_exception(CallFailed(failure))

    def backlog(self) -> bool:
        return False


class _UploadSink(_UnarySink):
    """The sink of a call with a stream of requests."""

    __slots__ = ("arrived",)

    def __init__(self, future: "asyncio.Future[bytes]") -> None:
        super().__init__(future)
        #: Set when a message is asked for, and at the end.
        self.arrived = asyncio.Event()

    def on_room(self) -> None:
        self.arrived.set()

    def on_done(self, failure: Failure | None) -> None:
        super().on_done(failure)
        self.arrived.set()


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

    def on_progress(self, done: int, total: int, *, received: bool) -> None:
        """Do nothing: each message of a stream tells of its progress."""

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
        self._request = request
        self._buffer = _Buffer()
        self._attempt = self._buffer.attempt = Attempt(channel, request, self._buffer)
        #: Compressed messages that were received, and are decompressed one by one.
        self._compressed: deque[bytes] = deque()
        self._pid = os.getpid()
        self._attempt.start()

    async def receive(self) -> deque[bytes] | None:
        """Wait for messages.

        Returns:
            Those that have arrived, at least one; None at the end.

        Raises:
            CallFailed: The call failed; what arrived before that was returned first.
            RuntimeError: The stream was made before a fork, in the parent.
        """
        if self._pid != os.getpid():
            raise RuntimeError(_FORKED)
        buffer = self._buffer
        while not self._compressed:
            if buffer.items:
                items = buffer.take()
                if not self._request.encoding:
                    return items
                self._compressed = items
            elif buffer.done:
                if buffer.failure is not None:
                    raise CallFailed(buffer.failure)
                return None
            else:
                buffer.waiter = self._loop.create_future()
                try:
                    await buffer.waiter
                finally:
                    buffer.waiter = None
        return deque([await _plain(self._request, self._compressed.popleft())])

    async def close(self) -> None:
        """Cancel what is left of the call and forget what was not taken."""
        if self._pid == os.getpid():
            self._attempt.cancel(stream_closed_failure())
        self._buffer.items.clear()
        self._compressed.clear()

    def __del__(self) -> None:
        """Cancel the call of a stream nobody holds any more; may run in any thread."""
        if self._buffer.done or self._loop.is_closed() or self._pid != os.getpid():
            # In a forked child the loop is the parent's, and would be woken there.
            return
        try:
            self._loop.call_soon_threadsafe(self._attempt.cancel)
        except RuntimeError:
            # The loop was closed in between: its connections went with it.
            return


async def _plain(request: Request, message: bytes) -> bytes:
    """Return a message, decompressed if it was compressed, without keeping the loop for long."""
    try:
        return request.plain(message, _LARGE)
    except TooLargeError:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, request.plain, message)


async def _feed(
    attempt: UploadAttempt,
    sink: _UploadSink,
    future: "asyncio.Future[bytes]",
    messages: AsyncIterable[tuple[bytes, ...]],
) -> None:
    """Give each message when it is asked for, until the call ends."""
    pid = os.getpid()
    await sink.arrived.wait()
    if future.done():
        return
    async for message in messages:
        if pid != os.getpid():
            # Forked by whoever makes the messages: the connection is the parent's.
            raise RuntimeError(_FORKED)
        sink.arrived.clear()
        attempt.feed(message)
        # Not kept beyond its sending.
        del message
        if not future.done():
            await sink.arrived.wait()
        if future.done():
            return
    attempt.end()


async def _ended(task: "asyncio.Task[None]") -> None:
    """Cancel a task, and wait until it has ended, however it does."""
    task.cancel()
    await settled(task)


#: The whole of a reply that is streamed.
AsyncReply = asyncio.Future


def _look_at(reply: "AsyncReply[T]") -> None:
    if not reply.cancelled():
        reply.exception()


def _fail_reply(reply: "AsyncReply[T]", error: Exception) -> None:
    if not reply.done():
        reply.set_exception(error)


class AsyncReadLock:
    """One reader at a time: a second one waits until the first has its message."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._pid = os.getpid()

    async def __aenter__(self) -> None:
        """Wait for the turn."""
        if self._pid != os.getpid():
            # What was read ahead is the parent's to hand out.
            raise RuntimeError(_FORKED)
        await self._lock.acquire()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let the next one in."""
        self._lock.release()


def _stop(running: "asyncio.Future[T]", check: DecodeCheck) -> None:
    check.stop()
    if not running.cancel() and not running.cancelled():
        # It ended at this very moment; a failure that nobody looked at would make noise.
        running.exception()


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
        self._context: ssl.SSLContext | None = config.ssl_context
        self._closed = False
        self._pid = os.getpid()
        _transports.add(self)

    def prepare(self, connect: float | None) -> None:
        """Do nothing: encoding keeps the loop from dialing at the same time."""

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
        sink = _UnarySink(future, watched=request.watched)
        attempt = Attempt(channel, request, sink)
        attempt.start()
        try:
            while sink.changed is not None and not future.done():
                await sink.changed.wait()
                sink.changed.clear()
                request.report(sink.take_progress())
            if sink.changed is not None:
                # What came before the first look, or together with the end.
                request.report(sink.take_progress())
            message = await future
        finally:
            # Does nothing unless the caller's own task was cancelled while it waited.
            attempt.cancel()
        return await _plain(request, message) if request.encoding else message

    async def upload(self, request: Request, messages: AsyncIterable[tuple[bytes, ...]]) -> bytes:
        """Make a call with a stream of requests and one reply.

        Args:
            request: What to send, without a message.
            messages: The encoded messages in parts, each taken when the one before was written; all
                in one task of their own, which is cancelled when the call ends first. The first
                one is taken when the server has the headers.

        Returns:
            The reply's bytes. It may come before all messages were taken.

        Raises:
            CallFailed: The call failed.
            RuntimeError: The transport is closed.
        """
        channel = self._channel()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[bytes] = loop.create_future()
        sink = _UploadSink(future)
        attempt = UploadAttempt(channel, request, sink)
        attempt.start()
        feeding = loop.create_task(_feed(attempt, sink, future, messages))
        try:
            await asyncio.wait((feeding, future), return_when=asyncio.FIRST_COMPLETED)
            if feeding.done():
                # Raises what the messages have raised.
                feeding.result()
            message = await future
        finally:
            if not future.cancel() and not future.cancelled():
                # A failure that nobody looked at would make noise.
                future.exception()
            attempt.cancel()
            await _ended(feeding)
        return await _plain(request, message) if request.encoding else message

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

    async def decode(self, work: Callable[[DecodeCheck], T], deadline: float | None) -> T:
        """Decode a large reply in a thread, so that the loop goes on meanwhile.

        Args:
            work: Does it; calls what it is given now and then, which raises to stop it.
            deadline: When the call ends, on the monotonic clock; None is never.

        Returns:
            What `work` returned.

        Raises:
            CallFailed: The deadline has passed.
        """
        check = DecodeCheck(deadline)
        context = contextvars.copy_context()
        running = asyncio.get_running_loop().run_in_executor(None, context.run, work, check)
        try:
            # Not only the check: the thread may have to wait for others first.
            await wait_for_any((running,), remaining(deadline))
        except asyncio.CancelledError:
            _stop(running, check)
            raise
        if not running.done():
            _stop(running, check)
            raise CallFailed(late())
        return running.result()

    async def beside(self, function: Callable[[], T], *, abandon: bool = False) -> T:
        """Call a function that may wait for a disk, in a thread.

        Args:
            function: The function.
            abandon: Whether to leave it alone when the caller is cancelled meanwhile; else its end
                is waited for first.
        """
        return await beside(function, abandon=abandon)

    def run_many(
        self, jobs: Sequence[Callable[[], Awaitable[T]]], concurrency: int
    ) -> AsyncCompletions[T]:
        """Prepare to do some jobs at the same time.

        Args:
            jobs: The jobs.
            concurrency: How many at once.

        Returns:
            Their outcomes, in the order in which they end.
        """
        return AsyncCompletions(jobs, concurrency)

    def workers(self) -> "AsyncWorkers[Any]":
        """Return what does jobs that come one after the other, some at the same time."""
        from xai.runtime.transport.workers import AsyncWorkers

        return AsyncWorkers()

    async def sleep(self, seconds: float) -> None:
        """Wait between two attempts.

        Args:
            seconds: How long.

        Raises:
            RuntimeError: The transport was closed.
        """
        await sleep(seconds)
        self.check_open()

    def read_lock(self) -> AsyncReadLock:
        """Return a lock that lets one reader in at a time."""
        return AsyncReadLock()

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
        """Fail a future whose stream was collected; any thread, never waits.

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
        self._forget_inherited()
        here = asyncio.get_running_loop()
        channels = dict(self._channels)
        self._channels.clear()
        for loop, channel in channels.items():
            if loop is here:
                await channel.aclose()
            elif not loop.is_closed():
                with contextlib.suppress(RuntimeError):
                    # It may be closed in this very moment.
                    loop.call_soon_threadsafe(channel.close)

    def _channel(self) -> Channel:
        self.check_open()
        self._forget_inherited()
        loop = asyncio.get_running_loop()
        channel = self._channels.get(loop)
        if channel is None or channel.closed:
            for other in [known for known in self._channels if known.is_closed()]:
                del self._channels[other]
            if self._context is None and not self.config.endpoint.plaintext:
                self._context = default_context()
            channel = Channel(
                self.config, None if self.config.endpoint.plaintext else self._context
            )
            self._channels[loop] = channel
            _close_with_loop(channel, loop)
        return channel

    def _forget_inherited(self) -> None:
        """Forget the channels in a forked child, and touch nothing above their descriptors.

        Code in C may fork without running Python's hooks, so it is asked for at each call, too.
        """
        if self._pid == os.getpid():
            return
        self._pid = os.getpid()
        channels, self._channels = self._channels, weakref.WeakKeyDictionary()
        _inherited.append(channels)
        for channel in channels.values():
            for protocol in channel.protocols:
                # Else the server would not see the parent close, and a coroutine that is torn
                # down here would write to the parent's connection.
                _close_inherited(protocol.sock)


def _close_inherited(sock: socket.socket) -> None:
    """Close a socket, but keep its number taken: the loop of a child may know it by that."""
    nothing = os.open(os.devnull, os.O_RDWR)
    try:
        os.dup2(nothing, sock.fileno(), inheritable=False)
    finally:
        os.close(nothing)


def _close_with_loop(channel: Channel, loop: asyncio.AbstractEventLoop) -> None:
    """Let the end of a loop close a channel that nobody has closed.

    `asyncio.run`, among others, closes all asynchronous generators before it closes the loop, by
    their method ``aclose``. To the loop a channel is one of them.
    """
    begin = sys.get_asyncgen_hooks().firstiter
    if begin is not None and not getattr(loop, "_asyncgens_shutdown_called", False):
        begin(channel)  # type: ignore[arg-type]  # see above


#: What a forked child must neither use nor collect.
_inherited: list[object] = []
_transports: "weakref.WeakSet[AsyncTransport]" = weakref.WeakSet()


def _forget_all_inherited() -> None:
    for transport in list(_transports):
        transport._forget_inherited()  # noqa: SLF001  # this module's own


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all_inherited)
