"""The blocking transport: calls of any thread, carried out by the background loop."""

import asyncio
import contextlib
import functools
import os
import sys
import threading
import warnings
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent import futures
from typing import TYPE_CHECKING, Any, Final, TypeVar

from xai._clock import monotonic
from xai._log import log
from xai.errors import BlockingCallWarning, StatusCode
from xai.runtime.locks import Lock, release_of
from xai.runtime.net.config import ChannelConfig
from xai.runtime.net.tls import default_context
from xai.runtime.retry.policy import CallFailed, Failure, stream_closed_failure
from xai.runtime.transport.completions import Completions, current
from xai.runtime.transport.decoding import DecodeCheck
from xai.runtime.transport.loop_channel import LoopChannel
from xai.runtime.transport.loop_thread import SHUT_DOWN, LoopThread, User, registry
from xai.runtime.transport.pending_call import OneShotEvent, PendingCall
from xai.runtime.transport.request import Request, WaitTimeoutError
from xai.runtime.transport.upload import PendingUpload

if TYPE_CHECKING:
    from xai.runtime.transport.workers import Workers

T = TypeVar("T")

#: How long who gives a call up waits for the reset to be on its way, in seconds.
_CANCEL_LIMIT: Final = 1.0
#: How far past its deadline a call may wait for a loop that does not answer, in seconds.
_GRACE: Final = 2.0
#: How often a wait without a deadline looks whether the loop is alive, in seconds.
_LIVENESS: Final = 30.0
_FORKED: Final = "the stream belongs to the parent process; start a new one"
_ON_LOOP: Final = "a blocking call on the loop's own thread would never return"


class _WaitLimit(threading.local):
    """Until when this thread waits for a stream, on the monotonic clock; None is for ever."""

    until: float | None = None


_wait_limit = _WaitLimit()


class Reply(futures.Future[T]):
    """The whole of a reply that is streamed, with the interface of a future.

    Asking for the result reads what is left of the stream, so it never waits for somebody else
    to do so. Nothing else does: `concurrent.futures.wait` needs somebody who reads.

    Args:
        source: The stream.
    """

    def __init__(self, source: Iterable[object]) -> None:
        super().__init__()
        self._source = source
        # It can't be cancelled from outside; the stream can.
        self.set_running_or_notify_cancel()

    def result(self, timeout: float | None = None) -> T:
        """Read the stream to its end, and return the whole reply.

        Args:
            timeout: Seconds after which to give up; the stream goes on then, without the chunks
                that were read until that moment.

        Returns:
            The reply.

        Raises:
            TimeoutError: The time was over first.
            APIError: The call failed.
        """
        self._read_on(timeout)
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Read the stream to its end, and return the failure, or None when there was none.

        Args:
            timeout: As for `result`.

        Returns:
            The failure.

        Raises:
            TimeoutError: The time was over first.
        """
        self._read_on(timeout)
        return super().exception(timeout)

    def set_result(self, result: T) -> None:
        """Take the reply, unless the end was decided in this very moment by another thread."""
        with contextlib.suppress(futures.InvalidStateError):
            super().set_result(result)

    def set_exception(self, exception: BaseException | None) -> None:
        """Take the failure, unless the end was decided in this very moment by another thread."""
        with contextlib.suppress(futures.InvalidStateError):
            super().set_exception(exception)

    def _read_on(self, timeout: float | None) -> None:
        if self.done():
            return
        until = None if timeout is None else monotonic() + timeout
        before, _wait_limit.until = _wait_limit.until, until
        try:
            for _ in self._source:
                if until is not None and monotonic() >= until:
                    raise WaitTimeoutError  # noqa: TRY301  # as from within, just below
        except WaitTimeoutError:
            raise futures.TimeoutError from None
        except Exception:
            if not self.done():
                raise
        finally:
            _wait_limit.until = before


class ReadLock:
    """One reader at a time: a second thread waits, the same thread is refused."""

    __slots__ = ("_lock", "_pid")

    def __init__(self) -> None:
        # It knows its owner, and an interrupt can't part the two.
        self._lock = threading.RLock()
        self._pid = os.getpid()

    def __enter__(self) -> None:
        """Wait for the turn of this thread."""
        if self._pid != os.getpid():
            # Another thread may have held the lock at the fork; it would be locked for ever.
            raise RuntimeError(_FORKED)
        if self._lock._is_owned():  # type: ignore[attr-defined]  # noqa: SLF001  # as Condition does
            raise RuntimeError("the stream is being read by this very thread already")
        until = _wait_limit.until
        try:
            took = self._lock.acquire(timeout=-1 if until is None else _left(until))
        except BaseException:
            # Interrupted before or after: only the owner can release it.
            with contextlib.suppress(RuntimeError):
                self._lock.release()
            raise
        if not took:
            raise WaitTimeoutError

    # Let the next one in. By the lock's own method: at the start of one written here, an
    # interrupt would keep the lock locked.
    __exit__ = release_of("_lock")


class ByteStream:
    """The messages of a streamed reply, as they arrive."""

    def __init__(self, transport: "BlockingTransport", request: Request) -> None:
        self._finished = False
        self._request = request
        self._transport: BlockingTransport | None = transport
        self._user, self._thread = transport.enter()
        self._call = PendingCall(self._thread.calls, streaming=True)
        #: Compressed messages that were received, and are decompressed one by one.
        self._compressed: deque[bytes] = deque()
        self._user.streams.add(self._call)
        try:
            self._thread.submit(self._user.channel, self._call, request)
        except BaseException:
            self._thread.post(self._call.cancel)
            raise

    def receive(self) -> deque[bytes] | None:
        """Wait for messages.

        Returns:
            Those that have arrived, at least one; None at the end.

        Raises:
            CallFailed: The call failed; what arrived before that was returned first.
            WaitTimeoutError: This thread wants to wait no longer.
            RuntimeError: The stream was made before a fork, in the parent.
        """
        call, thread = self._call, self._thread
        self._check_here()
        while True:
            if self._compressed:
                return deque([self._request.plain(self._compressed.popleft())])
            # Before the items: others may come up to the end.
            done = call.done
            items, paused = call.take()
            if items:
                if paused:
                    thread.post(call.resume)
                if not self._request.encoding:
                    return items
                self._compressed = items
            elif done:
                self._finish()
                if call.failure is not None:
                    raise CallFailed(call.failure)
                return None
            else:
                group = current.group
                if group is None:
                    _wait_for_reader(thread, call, self._request.deadline)
                    continue
                cancel = functools.partial(thread.post, call.cancel)
                try:
                    group.join(cancel)
                    _wait_for_reader(thread, call, self._request.deadline)
                finally:
                    group.leave(cancel)

    def _check_here(self) -> None:
        if self._thread.pid != os.getpid():
            raise RuntimeError(_FORKED)
        if self._thread.here():
            raise RuntimeError(_ON_LOOP)
        if self._call.detached and not threading.current_thread().daemon:
            # An exit handler. A daemon thread amid its stream waits, as it did a moment before.
            raise RuntimeError(SHUT_DOWN)

    def close(self) -> None:
        """Cancel what is left of the call; a thread waiting in `receive` is woken."""
        thread = self._thread
        if self._finished or thread.pid != os.getpid():
            self._finish()
            return
        # Posted before anything else: a second interrupt may come at any point.
        posted = thread.post(self._call.cancel, stream_closed_failure())
        self._finish()
        if posted and not thread.here():
            self._call.wait_done(_CANCEL_LIMIT)

    def _finish(self) -> None:
        self._finished = True
        self._user.streams.discard(self._call)
        self._transport = None

    def __del__(self) -> None:
        """Post the cancellation of a stream nobody holds any more; never waits."""
        if getattr(self, "_finished", True) or not hasattr(self, "_call"):
            return
        self._finished = True
        # The transport may go with the last stream: then it must still count this one as open.
        self._transport = None
        if self._thread.pid == os.getpid():
            self._thread.post(_cancel_collected, self._user, self._call)


def _cancel_collected(user: User, call: PendingCall) -> None:
    call.cancel()
    user.streams.discard(call)


def _wait_for_reader(thread: LoopThread, call: PendingCall, deadline: float | None) -> None:
    """Wait as `wait_for`, or until this thread wants to wait no longer."""
    until = _wait_limit.until
    if until is None:
        wait_for(thread, call, deadline)
    elif not call.wait(_left(until)):
        raise WaitTimeoutError


def wait_for(thread: LoopThread, call: PendingCall, deadline: float | None) -> None:
    """Wait for a call in the thread that made it, never without a limit.

    Args:
        thread: Where the call runs.
        call: The call.
        deadline: When the call ends on its own, on the monotonic clock.
    """
    if deadline is not None:
        limit = min(max(0.0, deadline - monotonic()), threading.TIMEOUT_MAX) + _GRACE
        if not call.wait(limit):
            text = "the time allowed for the call was over, and the background loop is stuck"
            log.error("the background loop has not answered for %g s", _GRACE)
            thread.post(call.cancel)
            call.finish(Failure(StatusCode.DEADLINE_EXCEEDED, text))
        return
    while not call.wait(_LIVENESS):
        if not thread.alive():
            text = "the background loop has stopped"
            call.on_done(Failure(StatusCode.UNAVAILABLE, text, connection=True))


def _feed(
    thread: LoopThread, call: PendingUpload, request: Request, messages: Iterable[tuple[bytes, ...]]
) -> None:
    """Give each message when it is asked for, until the call ends."""
    while not (call.done or call.asks):
        wait_for(thread, call, request.deadline)
    if call.done:
        return
    for message in messages:
        if thread.pid != os.getpid():
            # Forked by whoever makes the messages: the connection is the parent's.
            raise RuntimeError(_FORKED)
        call.feed(thread, message)
        # Not kept beyond its sending.
        del message
        while not (call.done or call.asks):
            wait_for(thread, call, request.deadline)
        if call.done:
            return
    call.end(thread)


def _left(moment: float) -> float:
    return min(max(0.0, moment - monotonic()), threading.TIMEOUT_MAX)


class BlockingTransport:
    """Carries the calls of one blocking client, from any thread.

    Args:
        config: What its channel is made from.
    """

    def __init__(self, config: ChannelConfig) -> None:
        self.config = config
        self._mutex = Lock()
        self._user: User | None = None
        self._closed = False
        self._finalizer: weakref.finalize[[User, str], BlockingTransport] | None = None
        self._context = config.ssl_context

    def prepare(self, connect: float | None) -> None:
        """Begin to dial for a client's first call, while its request is being encoded.

        Args:
            connect: Longest wait for a connection, in seconds; None for no limit.

        Raises:
            RuntimeError: The transport is closed, or the interpreter is shutting down.
        """
        # Where a loop runs in this thread, the call may be refused before it is made.
        if self._user is None and asyncio._get_running_loop() is None:  # noqa: SLF001  # as in `enter`
            user, thread = self.enter()
            thread.post(user.channel.prepare, connect)

    def unary(self, request: Request) -> bytes:
        """Make a call with one reply.

        Args:
            request: What to send.

        Returns:
            The reply's bytes.

        Raises:
            CallFailed: The call failed.
            RuntimeError: The transport is closed, or this is the loop's own thread.
        """
        user, thread = self.enter()
        call = PendingCall(thread.calls, streaming=False)
        watched = request.on_sent is not None or request.on_received is not None
        group = current.group
        cancel = functools.partial(thread.post, call.cancel)
        try:
            # The call exists and the try is entered before the loop knows of it: an interrupt at
            # any point from here on cancels it.
            thread.submit(user.channel, call, request)
            if group is not None:
                group.join(cancel)
            while not call.done:
                wait_for(thread, call, request.deadline)
                if watched:
                    request.report(call.take_progress())
        except BaseException:
            if thread.post(call.cancel):
                call.wait_done(_CANCEL_LIMIT)
            raise
        finally:
            if group is not None:
                group.leave(cancel)
        if call.failure is not None:
            raise CallFailed(call.failure)
        message = call.items[0]
        return request.plain(message) if request.encoding else message

    def upload(self, request: Request, messages: Iterable[tuple[bytes, ...]]) -> bytes:
        """Make a call with a stream of requests and one reply.

        Args:
            request: What to send, without a message.
            messages: The encoded messages in parts, each taken when the one before was written;
                here, in the caller's thread. The first one is taken when the server has the
                headers.

        Returns:
            The reply's bytes. It may come before all messages were taken.

        Raises:
            CallFailed: The call failed.
            RuntimeError: As in `unary`, or this process was forked amid the messages.
        """
        user, thread = self.enter()
        call = PendingUpload(thread.calls)
        group = current.group
        cancel = functools.partial(thread.post, call.cancel)
        try:
            # As in `unary`.
            thread.submit(user.channel, call, request)
            if group is not None:
                group.join(cancel)
            _feed(thread, call, request, messages)
            while not call.done:
                wait_for(thread, call, request.deadline)
        except BaseException:
            if thread.pid == os.getpid() and thread.post(call.cancel):
                call.wait_done(_CANCEL_LIMIT)
            raise
        finally:
            if group is not None:
                group.leave(cancel)
        if call.failure is not None:
            raise CallFailed(call.failure)
        return request.plain(call.items[0])

    def stream(self, request: Request) -> ByteStream:
        """Start a call with a streamed reply.

        Args:
            request: What to send.

        Returns:
            The stream of replies.

        Raises:
            RuntimeError: The transport is closed, or this is the loop's own thread.
        """
        return ByteStream(self, request)

    def decode(self, work: Callable[[DecodeCheck], T], deadline: float | None) -> T:
        """Decode a large reply, here.

        Args:
            work: Does it; calls what it is given now and then, which raises to stop it.
            deadline: When the call ends, on the monotonic clock; None is never.

        Returns:
            What `work` returned.

        Raises:
            CallFailed: The deadline has passed.
        """
        return work(DecodeCheck(deadline))

    def beside(self, function: Callable[[], T], *, abandon: bool = False) -> T:  # noqa: ARG002  # for the other twin
        """Call a function that may wait for a disk, here.

        Args:
            function: The function.
            abandon: As in the other transport, which calls it in a thread.
        """
        return function()

    def run_many(self, jobs: Sequence[Callable[[], T]], concurrency: int) -> Completions[T]:
        """Prepare to do some jobs at the same time, in threads.

        Args:
            jobs: The jobs.
            concurrency: How many at once.

        Returns:
            Their outcomes, in the order in which they end.
        """
        return Completions(jobs, concurrency)

    def workers(self) -> "Workers[Any]":
        """Return what does jobs that come one after the other, some at the same time."""
        from xai.runtime.transport.workers import Workers

        return Workers()

    def sleep(self, seconds: float) -> None:
        """Wait between two attempts.

        Args:
            seconds: How long.

        Raises:
            RuntimeError: The transport was closed.
            WaitTimeoutError: This thread wants to wait no longer.
        """
        until = _wait_limit.until
        # Not `time.sleep`, which many tests replace.
        OneShotEvent().wait(seconds if until is None else min(seconds, _left(until)))
        self.check_open()
        if current.group is not None:
            current.group.check()
        if until is not None and not _left(until):
            raise WaitTimeoutError

    def read_lock(self) -> ReadLock:
        """Return a lock that lets one reader in at a time."""
        return ReadLock()

    def reply(self, source: Iterable[object]) -> Reply[Any]:
        """Return a future for what a stream adds up to.

        Args:
            source: The stream; asking for the future's result reads it to its end.

        Returns:
            The future.
        """
        return Reply(source)

    def abandon(self, reply: Reply[Any], error: Exception) -> None:
        """Do nothing: a future that somebody holds keeps its stream."""

    def check_open(self) -> None:
        """Raise when the transport is closed.

        Raises:
            RuntimeError: It is closed.
        """
        if self._closed:
            raise RuntimeError("the client is closed")

    def enter(self) -> tuple[User, LoopThread]:
        """Return what a call needs: the running loop thread, and what this has there.

        Raises:
            RuntimeError: The transport is closed, this is the loop's own thread, threading was
                monkey-patched too late, or the interpreter is shutting down.
        """
        user = self._user
        thread = None if user is None or self._closed else user.running()
        if user is None or thread is None:
            user, thread = self._join()
        if thread.here():
            raise RuntimeError(_ON_LOOP)
        if thread.patched():
            raise RuntimeError(
                "threading was monkey-patched after the first call of a blocking client; patch "
                "at the very start of the program"
            )
        # Asked here as well, since hardly a call is made there.
        running = asyncio._get_running_loop()  # noqa: SLF001  # as in `warn_in_event_loop`
        if running is not None and running is not thread.loop:
            warn_in_event_loop()
        return user, thread

    def _join(self) -> tuple[User, LoopThread]:
        with self._mutex:
            self.check_open()
            user = self._user
            thread = None if user is None else user.running()
            if user is not None and thread is not None:
                return user, thread
            if user is not None:
                # An interrupted start may have left it to a thread that is yet to run.
                registry.leave(user)
            if self._finalizer is not None:
                self._finalizer.detach()
            plaintext = self.config.endpoint.plaintext
            if self._context is None and not plaintext:
                # In the caller's thread, once: reading certificates takes a while.
                self._context = default_context()
            channel = LoopChannel(self.config, None if plaintext else self._context)
            # Known here before the thread knows of it: whatever interrupts this, `close` and the
            # finalizer undo what was done.
            self._user = user = User(channel)
            self._finalizer = weakref.finalize(self, _release, user, self.config.endpoint.authority)
            self._finalizer.atexit = False
            return user, registry.join(user)

    def close(self) -> None:
        """Close the connection; running calls of other threads end with a `RuntimeError`.

        Once more does no harm, and completes what an interrupt may have kept from being done.
        """
        with self._mutex:
            self._closed = True
            user = self._user
        if user is None:
            return
        registry.leave(user)
        if self._finalizer is not None:
            self._finalizer.detach()


def _release(user: User, authority: str) -> None:
    """Let go of a transport that was collected; any thread, any moment, no lock."""
    thread = user.thread
    if thread is None or thread.pid != os.getpid():
        return
    busy = bool(user.streams)
    # Before the warning, which may be an error.
    if not thread.post(thread.release_on_loop, user):
        thread.users.pop(user, None)
    if busy:
        warnings.warn(
            f"a client of {authority} was collected while calls were open; close it, or use it "
            "in a with block",
            ResourceWarning,
            stacklevel=2,
        )


def warn_in_event_loop() -> None:
    """Warn at the user's own line, in a thread whose event loop would stand still."""
    running = asyncio._get_running_loop()  # noqa: SLF001  # the public function raises where there is none
    thread = registry.current
    # Where threads are patched to be greenlets, the background loop runs in the caller's thread.
    if running is None or (thread is not None and running is thread.loop):
        return
    shell = getattr(sys.modules.get("IPython"), "get_ipython", None)
    if shell is not None and shell() is not None:
        return
    level, frame = 1, sys._getframe()  # noqa: SLF001  # what warnings itself uses
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("xai."):
        level, frame = level + 1, frame.f_back
    warnings.warn(
        "a blocking call stops the event loop that runs in this thread; use AsyncClient there",
        BlockingCallWarning,
        stacklevel=level,
    )
