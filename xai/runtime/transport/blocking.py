"""The blocking transport: calls of any thread, carried out by the background loop.

Numbers such as H7 name known hazards of this bridge; each has a test which cites the same number.
"""

import asyncio
import contextlib
import os
import sys
import threading
import time
import warnings
import weakref
from collections import deque
from collections.abc import Callable, Iterable
from concurrent import futures
from typing import Any, Final, TypeVar

from xai._log import log
from xai.errors import BlockingCallWarning, StatusCode
from xai.runtime.locks import Lock, release_of
from xai.runtime.net.endpoint import ChannelConfig
from xai.runtime.net.tls import default_context
from xai.runtime.retry.policy import CallFailed, Failure, stream_closed_failure
from xai.runtime.transport.decoding import DecodeCheck
from xai.runtime.transport.loop_thread import SHUT_DOWN, LoopChannel, LoopThread, registry
from xai.runtime.transport.pending_call import OneShotEvent, PendingCall
from xai.runtime.transport.request import Request, WaitTimeoutError

T = TypeVar("T")

_CANCEL_LIMIT: Final = 1.0
#: How far past its deadline a call may wait for a loop that does not answer (H25).
_GRACE: Final = 2.0
#: How often a wait without a deadline looks whether the loop is alive (H25).
_LIVENESS: Final = 30.0


class _Patience(threading.local):
    """Until when this thread waits for a stream, on the monotonic clock; None is for ever."""

    until: float | None = None


_patience = _Patience()


class _Link:
    """A transport's connection to one portal, until it closes, is collected or forks."""

    __slots__ = ("portal", "side", "streams")

    def __init__(self, portal: LoopThread, side: LoopChannel) -> None:
        self.portal = portal
        self.side = side
        #: Streams that are neither finished nor closed, collected ones included until the loop
        #: has cancelled them. What is collected first, they or the transport, is open.
        self.streams: set[PendingCall] = set()


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
            timeout: Seconds after which to give up; the stream goes on then, without the pieces
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
        until = None if timeout is None else time.monotonic() + timeout
        before, _patience.until = _patience.until, until
        try:
            for _ in self._source:
                if until is not None and time.monotonic() >= until:
                    raise WaitTimeoutError  # noqa: TRY301  # as from within, just below
        except WaitTimeoutError:
            raise futures.TimeoutError from None
        except Exception:
            if not self.done():
                raise
        finally:
            _patience.until = before


class ReadLock:
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
        until = _patience.until
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
    # interrupt would keep the lock locked (H8).
    __exit__ = release_of("_lock")


class ByteStream:
    """The messages of a streamed reply, as they arrive."""

    def __init__(self, transport: "BlockingTransport", request: Request) -> None:
        self._ticket = PendingCall(streaming=True)
        self._finished = False
        self._request = request
        self._transport: BlockingTransport | None = transport
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
            WaitTimeoutError: This thread wants to wait no longer.
            RuntimeError: The stream was made before a fork, in the parent.
        """
        ticket, portal = self._ticket, self._link.portal
        if portal.pid != os.getpid():
            raise RuntimeError("the stream belongs to the parent process; start a new one")
        if portal.here():
            raise RuntimeError("a blocking call on the loop's own thread would never return")
        if ticket.orphaned and not threading.current_thread().daemon:
            # An exit handler. A daemon thread amid its stream waits, as it did a moment before.
            raise RuntimeError(SHUT_DOWN)
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
            _wait_patiently(portal, ticket, self._request.deadline)

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


def _cancel_collected(link: _Link, ticket: PendingCall) -> None:
    ticket.cancel()
    link.streams.discard(ticket)


def _wait_patiently(portal: LoopThread, ticket: PendingCall, deadline: float | None) -> None:
    """Wait as `wait_for`, or until this thread wants to wait no longer."""
    until = _patience.until
    if until is None:
        wait_for(portal, ticket, deadline)
    elif not ticket.wait(_left(until)):
        raise WaitTimeoutError


def wait_for(portal: LoopThread, ticket: PendingCall, deadline: float | None) -> None:
    """Wait for a ticket in the caller's thread, never without a limit.

    Args:
        portal: Where the call runs.
        ticket: The call.
        deadline: When the call ends on its own, on the monotonic clock.
    """
    if deadline is not None:
        limit = _left(deadline) + _GRACE
        if not ticket.wait(limit):
            text = "the time allowed for the call was over, and the background loop is stuck"
            log.error("the background loop has not answered for %g s", _GRACE)
            portal.post(ticket.cancel)
            ticket.finish(Failure(StatusCode.DEADLINE_EXCEEDED, text))
        return
    while not ticket.wait(_LIVENESS):
        if not portal.alive():
            text = "the background loop has stopped"
            ticket.on_done(Failure(StatusCode.UNAVAILABLE, text, connection=True))


def _left(moment: float) -> float:
    return max(0.0, moment - time.monotonic())


class BlockingTransport:
    """Carries the calls of one blocking client, from any thread.

    Args:
        config: What its channel is made from.
    """

    def __init__(self, config: ChannelConfig) -> None:
        self.config = config
        self._mutex = Lock()
        self._link: _Link | None = None
        self._closed = False
        self._finalizer: weakref.finalize[[_Link, str], BlockingTransport] | None = None
        self._context = config.ssl_context

    def prepare(self, connect: float | None) -> None:
        """Begin to dial for a client's first call, while its request is being encoded.

        Args:
            connect: Longest wait for a connection, in seconds; None for no limit.

        Raises:
            RuntimeError: The transport is closed, or the interpreter is shutting down (H12).
        """
        # Where a loop runs in this thread, the call may be refused before it is made (H19).
        if self._link is None and asyncio._get_running_loop() is None:  # noqa: SLF001  # as in `enter`
            link = self.enter()
            link.portal.post(link.side.prepare, connect)

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
        ticket = PendingCall(streaming=False)
        link = self.enter()
        portal = link.portal
        try:
            # The ticket exists and the try is entered before the loop knows of the call: an
            # interrupt at any point from here on cancels it (H8).
            portal.submit(link.side, ticket, request)
            while not ticket.done:
                wait_for(portal, ticket, request.deadline)
                if ticket.news:
                    request.report(ticket.take_news())
            if ticket.news:
                # What came together with the end.
                request.report(ticket.take_news())
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

    def sleep(self, seconds: float) -> None:
        """Wait between two attempts.

        Args:
            seconds: How long.

        Raises:
            RuntimeError: The transport was closed.
            WaitTimeoutError: This thread wants to wait no longer.
        """
        until = _patience.until
        time.sleep(seconds if until is None else min(seconds, _left(until)))
        self.check_open()
        if until is not None and not _left(until):
            raise WaitTimeoutError

    def read_lock(self) -> ReadLock:
        """Return a guard that lets one reader in at a time."""
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

    def enter(self) -> "_Link":
        """Return the link to the running portal, made if needed.

        Raises:
            RuntimeError: The transport is closed, this is the loop's own thread (H18), threading
                was monkey-patched too late (H33), or the interpreter is shutting down (H12).
        """
        link = self._link
        if link is None or link.portal.pid != os.getpid() or not link.portal.alive():
            link = self._join()
        if link.portal.here():
            raise RuntimeError("a blocking call on the loop's own thread would never return")
        if link.portal.patched():
            raise RuntimeError(
                "threading was monkey-patched after the first call of a blocking client; patch "
                "at the very start of the program"
            )
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
            portal = registry.join()
            side = LoopChannel(portal, self.config, None if plaintext else self._context)
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
        closed = OneShotEvent()
        if portal.post(_close_side, link.side, closed) and not portal.patched():
            closed.wait(_CANCEL_LIMIT)
        registry.leave(portal)


def _close_side(side: LoopChannel, closed: OneShotEvent) -> None:
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
    registry.leave(link.portal)


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
