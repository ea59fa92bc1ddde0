"""The background event loop, and the blocking transport over it.

One daemon thread, ``xai-io``, runs the loop for every blocking client of the process. It starts
with the first call and stops with the last open client. It moves bytes and nothing else: no
message is encoded there, no log line written, no user code run. Numbers such as H7 name known
hazards of this bridge; each has a test which cites the same number.
"""

import asyncio
import atexit
import contextlib
import contextvars
import encodings.idna  # noqa: F401  # the loop thread must not be the first to import (H28)
import logging
import os
import selectors
import ssl  # noqa: TC003  # as above
import stringprep  # noqa: F401  # as above
import sys
import threading
import time
import warnings
import weakref
from collections import deque
from collections.abc import Callable, Iterable
from concurrent import futures
from typing import Any, Final, TypeVar

from xai.errors import BlockingCallWarning, StatusCode
from xai.runtime.call import BUFFER_BYTES, BUFFER_MESSAGES, Attempt
from xai.runtime.channel import Channel
from xai.runtime.endpoint import ChannelConfig
from xai.runtime.locks import Lock, release_of
from xai.runtime.request import Request
from xai.runtime.retry import CallFailed, Failure, stream_closed_failure
from xai.runtime.tls import default_context

T = TypeVar("T")

_START_LIMIT: Final = 10.0
_STOP_LIMIT: Final = 2.0
_CANCEL_LIMIT: Final = 1.0
#: How far past its deadline a call may wait for a loop that does not answer (H25).
_GRACE: Final = 2.0
#: How often a wait without a deadline looks whether the loop is alive (H25).
_LIVENESS: Final = 30.0
#: Lock waits ignore Ctrl-C on Windows, so they are cut into slices there (H9).
_SLICE: Final = 0.1 if sys.platform == "win32" else threading.TIMEOUT_MAX
_SHUT_DOWN: Final = "no call can be made: the interpreter is shutting down"
_NO_THREAD: Final = "under uWSGI set enable-threads, in a sub-interpreter use AsyncClient"

_log = logging.getLogger("xai")


class Bell:
    """What one thread waits for, and the loop does once.

    An interrupt can hit the waiter anywhere and leaves nothing that would stop the loop, which a
    `threading.Event` does when it hits its inner lock (H8).
    """

    __slots__ = ("_lock", "rung")

    def __init__(self) -> None:
        # By attribute at call time, so that a monkey-patched threading is respected (H33).
        self._lock = threading.Lock()
        self._lock.acquire()
        self.rung = False

    def ring(self) -> None:
        """Wake the waiter; only the first time counts."""
        if not self.rung:
            self.rung = True
            self._lock.release()

    def wait(self, limit: float) -> bool:
        """Wait, and tell whether it rang: by its state, never by an exception (H10)."""
        until = time.monotonic() + limit
        # In slices on Windows, where Ctrl-C does not interrupt the wait (H9).
        while not self._lock.acquire(timeout=min(max(0.0, until - time.monotonic()), _SLICE)):
            if time.monotonic() >= until:
                return self.rung
        return True


class Ticket:
    """A blocking call between its thread and the loop; also the sink of its attempt.

    Its state changes under its own lock, on either side: new, running, done.
    """

    __slots__ = (
        "_bells",
        "_mutex",
        "_size",
        "_streaming",
        "attempt",
        "done",
        "failure",
        "items",
        "orphaned",
    )

    def __init__(self, *, streaming: bool) -> None:
        # By attribute at call time, so that a monkey-patched threading is respected (H33).
        self._mutex = threading.Lock()
        # One for each waiting thread, used once: wherever an interrupt hits the waiter, what it
        # leaves behind does no harm (H8).
        self._bells: list[Bell] = []
        self._streaming = streaming
        self._size = 0
        self.items: deque[bytes] = deque()
        self.failure: Failure | None = None
        self.done = False
        #: Whether the interpreter is shutting down under it: who waits for it now waits for the
        #: end of the process, as other waits in daemon threads do (H11).
        self.orphaned = False
        self.attempt: Attempt | None = None

    # -- on the loop -----------------------------------------------------------------------------

    def begin(self, side: "_LoopSide", request: Request) -> None:
        """Start the attempt, unless the call was given up before the loop saw it."""
        if self.done:
            return
        try:
            attempt = self.attempt = Attempt(side.channel(), request, self)
            attempt.start()
        except BaseException as error:
            # Whatever it is, the caller must not wait for an answer that can't come (H26).
            text = f"the call could not be started ({error!r})"
            self.on_done(Failure(StatusCode.INTERNAL, text, final=True, cause=error))
            if not isinstance(error, Exception):
                raise

    def cancel(self, failure: Failure | None = None) -> None:
        """Give the call up; the reset is on its way when this returns."""
        if self.attempt is not None:
            self.attempt.cancel(failure)
        if not self.done:
            self.on_done(failure or Failure(StatusCode.CANCELLED, "the call was given up"))

    def resume(self) -> None:
        """Read on after the buffer was full."""
        if self.attempt is not None:
            self.attempt.resume()

    def on_message(self, data: bytes) -> bool:
        """Buffer a message, and tell whether the buffer is full."""
        with self._mutex:
            if self.done:
                return False
            self.items.append(data)
            self._size += len(data)
            if self._streaming:
                self._ring()
            return self._size >= BUFFER_BYTES or len(self.items) >= BUFFER_MESSAGES

    def on_done(self, failure: Failure | None) -> None:
        """Note the end."""
        if not self.orphaned:
            self.finish(failure)

    def finish(self, failure: Failure | None) -> None:
        """Note the end, even of an orphan; in any thread."""
        with self._mutex:
            if not self.done:
                self.failure = failure
                self.done = True
                self._ring()

    def backlog(self) -> bool:
        """Return whether messages wait for the reader."""
        return bool(self.items)

    def _ring(self) -> None:
        bells, self._bells = self._bells, []
        for bell in bells:
            bell.ring()

    # -- in the caller's thread --------------------------------------------------------------------

    def take(self) -> tuple[deque[bytes], bool]:
        """Return what has arrived, and whether the loop may have stopped reading over it."""
        with self._mutex:
            items, size = self.items, self._size
            self.items, self._size = deque(), 0
            return items, size >= BUFFER_BYTES or len(items) >= BUFFER_MESSAGES

    def wait(self, limit: float) -> bool:
        """Wait until there is something to take or the end; Ctrl-C interrupts it (H7).

        Returns:
            False when the limit passed first: told by the state, never by an exception (H10).
        """
        bell = Bell()
        with self._mutex:
            if self._news():
                return True
            self._bells.append(bell)
        if bell.wait(limit):
            return True
        with self._mutex:
            if bell in self._bells:
                self._bells.remove(bell)
            return self._news()

    def wait_done(self, limit: float) -> None:
        """Wait for the end, and drop what arrives until then."""
        until = time.monotonic() + limit
        while not self.done and time.monotonic() < until:
            self.take()
            self.wait(until - time.monotonic())
        self.take()

    def _news(self) -> bool:
        return self.done or (self._streaming and bool(self.items))


class _Loop(asyncio.SelectorEventLoop):
    """A loop that is only ever closed by its own thread.

    In a forked child it counts as running, in a thread that does not exist there (H2).
    """

    #: What a forked child must not collect.
    inherited: object = None

    def __del__(self) -> None:
        """Do nothing, where asyncio would warn or close."""


class Portal:
    """The loop and its thread."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.users = 0
        self.tickets: set[Ticket] = set()
        self.selector = selectors.DefaultSelector()
        # Made by hand, never through the policy: the user's policy is not ours to follow, and on
        # Windows it would be the proactor.
        # The loop's own callbacks would keep the first caller's context variables (H22).
        self._context = contextvars.Context()
        self.loop = self._context.run(_Loop, self.selector)
        #: Those whose sockets are not gone yet; the transports they belong to may be.
        self.sides: set[_LoopSide] = set()
        self.thread = threading.Thread(target=self._run, name="xai-io", daemon=True)
        self._ready = Bell()
        self._stopped = False
        self._settling = False
        self._ended = False
        self._failure: BaseException | None = None

    def start(self) -> None:
        """Start the thread and wait until the loop runs (H27).

        Raises:
            RuntimeError: The thread can't be started here.
        """
        try:
            self.thread.start()
        except RuntimeError as error:
            self.loop.close()
            raise RuntimeError(
                "the background thread of the blocking client can't be started "
                f"({error}); {_NO_THREAD}"
            ) from error
        if not self._ready.wait(_START_LIMIT):
            self._stopped = True
            if self.thread.is_alive():
                self.post(self._end)
            else:
                self.loop.close()
            raise RuntimeError(
                f"the background loop did not start within {_START_LIMIT:g} s; {_NO_THREAD}"
            )
        if self._failure is not None:
            raise RuntimeError("the background loop could not be started") from self._failure

    def _run(self) -> None:
        try:
            self.loop.call_soon(self._ready.ring)
            self.loop.run_forever()
        except BaseException as error:
            if self._ready.rung:
                raise
            self._failure = error
            self._ready.ring()
        finally:
            self._settling = True
            # Reached on a stop, and when something as rude as SystemExit ended the loop (H26).
            if not self._stopped:
                self._stopped = True
                self._fail_all("the background loop has stopped")
            try:
                self.loop.run_until_complete(self._settle())
            finally:
                self.loop.close()
                self._ended = True
                # Only now can no call be posted any more: whoever waits is told.
                self._fail_all("the background loop has stopped")

    def _end(self) -> None:
        # Two threads may stop it at the same time; the second must not hit the settling.
        if not self._settling:
            self.loop.stop()

    async def _settle(self) -> None:
        sides = list(self.sides)
        for side in sides:
            side.close()
        await asyncio.gather(*(side.wait_closed() for side in sides), return_exceptions=True)
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # What a cancelled handshake has closed is gone a turn later.
        await asyncio.sleep(0)

    def hush(self) -> None:
        """Leave those alone who wait for a call: daemon threads, at exit (H11)."""
        for ticket in list(self.tickets):
            ticket.orphaned = True

    def _fail_all(self, text: str) -> None:
        for ticket in list(self.tickets):
            ticket.on_done(Failure(StatusCode.UNAVAILABLE, text, connection=True))

    def alive(self) -> bool:
        """Return whether the loop serves calls.

        By flags: `threading.Thread.is_alive`, when interrupted, takes a running thread for ended.
        """
        return self._ready.rung and not self._stopped

    def here(self) -> bool:
        """Return whether the calling thread is the loop's own."""
        # A thread that has ended may have left its number to another one.
        return threading.get_ident() == self.thread.ident and not self._ended

    def post(self, function: Callable[..., object], *args: Any) -> bool:  # noqa: ANN401  # passed through
        """Run a function on the loop soon; safe in a finaliser, in any thread (H15).

        Returns:
            Whether the loop took it.
        """
        try:
            self.loop.call_soon_threadsafe(function, *args, context=self._context)
        except RuntimeError:
            if not self.loop.is_closed():
                # Not asyncio's: a signal handler's.
                raise
            return False
        return True

    def submit(self, side: "_LoopSide", ticket: Ticket, request: Request) -> None:
        """Start a call.

        Raises:
            RuntimeError: The loop was stopped in between.
        """
        self.tickets.add(ticket)
        if not self.post(ticket.begin, side, request):
            raise RuntimeError("the background loop was stopped")

    def stop(self) -> None:
        """Stop the loop and wait for the thread, not for long."""
        self._stopped = True
        self.post(self._end)
        if self._ready.rung and not self.here():
            self.thread.join(_STOP_LIMIT)

    def abandon(self) -> None:
        """Forget everything in a forked child, touching nothing of the parent's.

        Closing the loop, a transport or a TLS connection would reach the parent through the epoll
        set and the sockets they share (H1, H2). The descriptors alone are closed.
        """
        # Transports complain when they are collected, at exit too. The loop never is: a frame of
        # the thread that does not exist here holds it.
        self.loop.inherited = (list(self.sides), list(self.selector.get_map().values()))
        for side in list(self.sides):
            side.abandon()
        with contextlib.suppress(OSError, KeyError):
            self.selector.close()


class _Registry:
    """The portal of this process, and the rules of its life."""

    def __init__(self) -> None:
        self.gate = threading.RLock()
        self.current: Portal | None = None
        self.exiting = False
        self.inherited: list[Portal] = []

    def join(self) -> Portal:
        """Return the running portal with one more user, started if needed."""
        with self.gate:
            if self.exiting or sys.is_finalizing():
                raise RuntimeError(_SHUT_DOWN)
            portal = self.current
            if portal is None or not portal.alive():
                # Known before it runs: an interrupted start must not leave a stray thread.
                portal = self.current = Portal()
                portal.start()
            portal.users += 1
            return portal

    def leave(self, portal: Portal) -> None:
        """Take one user off; the last one stops the portal."""
        with self.gate:
            portal.users -= 1
            if portal.users > 0:
                return
            if self.current is portal:
                self.current = None
        portal.stop()

    def at_exit(self) -> None:
        """Refuse new calls, close the connections and stop the thread (H11, H12)."""
        with self.gate:
            self.exiting = True
            portal, self.current = self.current, None
        if portal is not None:
            portal.hush()
            portal.stop()

    def before_fork(self) -> None:
        """Keep a portal from being half started at the moment of the fork (H2, H4)."""
        self.gate.acquire()

    def after_fork_in_parent(self) -> None:
        """Let others in again."""
        self.gate.release()

    def after_fork_in_child(self) -> None:
        """Start with nothing: references are parked, never collected; nothing is logged (H5)."""
        self.gate = threading.RLock()
        portal, self.current = self.current, None
        if portal is not None:
            self.inherited.append(portal)
            portal.abandon()


_registry = _Registry()
atexit.register(_registry.at_exit)
if hasattr(os, "register_at_fork"):
    # Once for the module: handlers can never be removed.
    os.register_at_fork(
        before=_registry.before_fork,
        after_in_parent=_registry.after_fork_in_parent,
        after_in_child=_registry.after_fork_in_child,
    )


class _LoopSide:
    """What one transport has on the loop: its channel."""

    def __init__(
        self, portal: Portal, config: ChannelConfig, context: "ssl.SSLContext | None"
    ) -> None:
        self._portal = portal
        self._config = config
        self._context = context
        self._channel: Channel | None = None
        self._closed = False
        self._farewell: asyncio.Task[None] | None = None

    def channel(self) -> Channel:
        """Return the channel, made on the loop (G24)."""
        if self._channel is None:
            self._channel = Channel(self._config, self._context)
            if self._closed:
                self._channel.close()
        return self._channel

    def close(self) -> None:
        """Close the channel; running calls fail."""
        self._closed = True
        if self._channel is None:
            self._portal.sides.discard(self)
        elif not self._channel.closed:
            self._channel.close()
            self._farewell = asyncio.get_running_loop().create_task(self._part(self._channel))

    async def _part(self, channel: Channel) -> None:
        await channel.wait_closed()
        self._portal.sides.discard(self)

    async def wait_closed(self) -> None:
        """Wait until the sockets of a closed channel are gone."""
        if self._farewell is not None:
            await self._farewell

    def abandon(self) -> None:
        """Close the inherited descriptors in a forked child, and nothing above them."""
        if self._channel is not None:
            for protocol in self._channel.protocols:
                protocol.sock.close()


class _Link:
    """A transport's connection to one portal, until it closes, is collected or forks."""

    __slots__ = ("portal", "side", "streams")

    def __init__(self, portal: Portal, side: _LoopSide) -> None:
        self.portal = portal
        self.side = side
        #: Streams that are neither finished nor closed, collected ones included until the loop
        #: has cancelled them. What is collected first, they or the transport, is open.
        self.streams: set[Ticket] = set()


class Reply(futures.Future[T]):
    """The whole of a reply that is streamed, with the interface of a future.

    Asking for the result reads what is left of the stream, so it never waits for somebody else
    to do so.

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
            timeout: Seconds after which to give up, looked at between two pieces; the stream goes
                on then.

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
        until = None if timeout is None else time.monotonic() + timeout
        try:
            for _ in self._source:
                if until is not None and time.monotonic() >= until:
                    raise futures.TimeoutError  # noqa: TRY301  # passed on just below
        except Exception:
            if not self.done():
                raise


class Turn:
    """One reader at a time: a second thread waits, the same thread is refused (H17)."""

    __slots__ = ("_lock", "_pid")

    def __init__(self) -> None:
        # It knows its owner, and an interrupt can't part the two (H8).
        self._lock = threading.RLock()
        self._pid = os.getpid()

    def __enter__(self) -> None:
        """Wait for the turn."""
        if self._pid != os.getpid():
            # Another thread may have held the lock at the fork; it would be locked for ever (H4).
            raise RuntimeError("the stream belongs to the parent process; start a new one")
        if self._lock._is_owned():  # type: ignore[attr-defined]  # noqa: SLF001  # as Condition does
            raise RuntimeError("the stream is being read by this very thread already")
        try:
            self._lock.acquire()
        except BaseException:
            # Interrupted before or after: only the owner can release it.
            with contextlib.suppress(RuntimeError):
                self._lock.release()
            raise

    # Let the next one in. By the lock's own method: at the start of one written here, an
    # interrupt would keep the lock locked (H8).
    __exit__ = release_of("_lock")


class ByteStream:
    """The messages of a streamed reply, as they arrive."""

    def __init__(self, transport: "Transport", request: Request) -> None:
        self._ticket = Ticket(streaming=True)
        self._finished = False
        self._request = request
        self._transport: Transport | None = transport
        self._link = link = transport.enter()
        link.streams.add(self._ticket)
        try:
            link.portal.submit(link.side, self._ticket, request)
        except BaseException:
            link.portal.post(self._ticket.cancel)
            raise

    def receive(self) -> deque[bytes] | None:
        """Wait for messages.

        Returns:
            All that have arrived, at least one; None at the end.

        Raises:
            CallFailed: The call failed; what arrived before that was returned first.
            RuntimeError: The stream was made before a fork, in the parent.
        """
        ticket, portal = self._ticket, self._link.portal
        if portal.pid != os.getpid():
            raise RuntimeError("the stream belongs to the parent process; start a new one")
        if portal.here():
            raise RuntimeError("a blocking call on the loop's own thread would never return")
        if ticket.orphaned and not threading.current_thread().daemon:
            # An exit handler. A daemon thread amid its stream waits, as it did a moment before.
            raise RuntimeError(_SHUT_DOWN)
        while True:
            items, full = ticket.take()
            if items:
                if full:
                    portal.post(ticket.resume)
                return items
            if ticket.done:
                self._finish()
                if ticket.failure is not None:
                    raise CallFailed(ticket.failure)
                return None
            wait_for(portal, ticket, self._request.deadline)

    def close(self) -> None:
        """Cancel what is left of the call; a thread waiting in `receive` is woken (H16)."""
        portal = self._link.portal
        if self._finished or portal.pid != os.getpid():
            # In a forked child the loop thread may have held the ticket's lock (H4).
            self._finish()
            return
        # Posted before anything else: a second interrupt may come at any point (H7).
        posted = portal.post(self._ticket.cancel, stream_closed_failure())
        self._finish()
        if posted and not portal.here():
            self._ticket.wait_done(_CANCEL_LIMIT)

    def _finish(self) -> None:
        self._finished = True
        self._link.portal.tickets.discard(self._ticket)
        self._link.streams.discard(self._ticket)
        self._transport = None

    def __del__(self) -> None:
        """Post the cancellation of a stream nobody holds any more; never waits (H14, H15)."""
        if getattr(self, "_finished", True) or not hasattr(self, "_link"):
            return
        link = self._link
        self._finished = True
        link.portal.tickets.discard(self._ticket)
        # The transport may go with the last stream: then it must still count this one as open.
        self._transport = None
        if link.portal.pid == os.getpid():
            link.portal.post(_cancel_collected, link, self._ticket)


def _cancel_collected(link: _Link, ticket: Ticket) -> None:
    ticket.cancel()
    link.streams.discard(ticket)


def wait_for(portal: Portal, ticket: Ticket, deadline: float | None) -> None:
    """Wait for a ticket in the caller's thread, never without a limit.

    Args:
        portal: Where the call runs.
        ticket: The call.
        deadline: When the call ends on its own, on the monotonic clock.
    """
    if deadline is not None:
        limit = max(0.0, deadline - time.monotonic()) + _GRACE
        if not ticket.wait(limit):
            text = "the time allowed for the call was over, and the background loop is stuck"
            _log.error("the background loop has not answered for %g s", _GRACE)
            portal.post(ticket.cancel)
            ticket.finish(Failure(StatusCode.DEADLINE_EXCEEDED, text))
        return
    while not ticket.wait(_LIVENESS):
        if not portal.alive():
            text = "the background loop has stopped"
            ticket.on_done(Failure(StatusCode.UNAVAILABLE, text, connection=True))


class Transport:
    """Carries the calls of one blocking client, from any thread.

    Args:
        config: What its channel is made from.
    """

    def __init__(self, config: ChannelConfig) -> None:
        self.config = config
        self._mutex = Lock()
        self._link: _Link | None = None
        self._closed = False
        self._finalizer: weakref.finalize[[_Link, str], Transport] | None = None
        self._context = config.ssl_context

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
        ticket = Ticket(streaming=False)
        link = self.enter()
        portal = link.portal
        try:
            # The ticket exists and the try is entered before the loop knows of the call: an
            # interrupt at any point from here on cancels it (H8).
            portal.submit(link.side, ticket, request)
            while not ticket.done:
                wait_for(portal, ticket, request.deadline)
        except BaseException:
            if portal.post(ticket.cancel):
                ticket.wait_done(_CANCEL_LIMIT)
            raise
        finally:
            portal.tickets.discard(ticket)
        if ticket.failure is not None:
            raise CallFailed(ticket.failure)
        return ticket.items[0]

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

    def sleep(self, seconds: float) -> None:
        """Wait between two attempts.

        Args:
            seconds: How long.

        Raises:
            RuntimeError: The transport was closed.
        """
        time.sleep(seconds)
        self.check_open()

    def turn(self) -> Turn:
        """Return a guard that lets one reader in at a time."""
        return Turn()

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

    def enter(self) -> "_Link":
        """Return the link to the running portal, made if needed.

        Raises:
            RuntimeError: The transport is closed, this is the loop's own thread (H18), or the
                interpreter is shutting down (H12).
        """
        link = self._link
        if link is None or link.portal.pid != os.getpid() or not link.portal.alive():
            link = self._join()
        if link.portal.here():
            raise RuntimeError("a blocking call on the loop's own thread would never return")
        running = asyncio._get_running_loop()  # noqa: SLF001  # the public function raises where there is none
        if running is not None and running is not link.portal.loop:
            _warn_blocking()
        return link

    def _join(self) -> "_Link":
        with self._mutex:
            self.check_open()
            link = self._link
            if link is not None and link.portal.pid == os.getpid() and link.portal.alive():
                return link
            if self._finalizer is not None:
                self._finalizer.detach()
            plaintext = self.config.endpoint.plaintext
            if self._context is None and not plaintext:
                # In the caller's thread, once: reading certificates takes a while (G20).
                self._context = default_context()
            portal = _registry.join()
            side = _LoopSide(portal, self.config, None if plaintext else self._context)
            portal.sides.add(side)
            self._link = link = _Link(portal, side)
            self._finalizer = weakref.finalize(self, _release, link, self.config.endpoint.authority)
            self._finalizer.atexit = False
            return link

    def close(self) -> None:
        """Close the connection; running calls of other threads end with a `RuntimeError` (H24)."""
        with self._mutex:
            self._closed = True
            link, self._link = self._link, None
            if self._finalizer is not None:
                self._finalizer.detach()
        if link is None or link.portal.pid != os.getpid():
            return
        portal = link.portal
        if portal.here():
            # A finaliser of the user's that happened to run here must not wait (H14).
            _release_on_loop(link)
            return
        closed = Bell()
        if portal.post(_close_side, link.side, closed):
            closed.wait(_CANCEL_LIMIT)
        _registry.leave(portal)


def _close_side(side: _LoopSide, closed: Bell) -> None:
    side.close()
    closed.ring()


def _release(link: _Link, authority: str) -> None:
    """Let go of a transport that was collected; any thread, any moment, no lock (H15)."""
    if link.portal.pid != os.getpid():
        return
    busy = bool(link.streams)
    # Before the warning, which may be an error.
    link.portal.post(_release_on_loop, link)
    if busy:
        warnings.warn(
            f"a client of {authority} was collected while calls were open; close it, or use it "
            "in a with block",
            ResourceWarning,
            stacklevel=2,
        )


def _release_on_loop(link: _Link) -> None:
    link.side.close()
    _registry.leave(link.portal)


def _warn_blocking() -> None:
    """Warn at the user's own line that their event loop stands still (H19)."""
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
