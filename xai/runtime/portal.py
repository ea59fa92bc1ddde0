"""The background event loop, and the blocking transport over it.

One daemon thread, ``xai-io``, runs the loop for every blocking client of the process. It starts
with the first call and stops with the last open client. It moves bytes and nothing else: no
message is encoded there, no log line written, no user code run. Numbers such as H7 name known
hazards of this bridge; each has a test which cites the same number.
"""

import asyncio
import atexit
import contextlib
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
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final

from xai.errors import BlockingCallWarning, StatusCode
from xai.runtime.call import BUFFER_BYTES, BUFFER_MESSAGES, Attempt
from xai.runtime.channel import Channel
from xai.runtime.endpoint import ChannelConfig
from xai.runtime.locks import Lock
from xai.runtime.request import Request
from xai.runtime.retry import CallFailed, Failure
from xai.runtime.tls import default_context

_START_LIMIT: Final = 10.0
_STOP_LIMIT: Final = 2.0
_CANCEL_LIMIT: Final = 1.0
#: How far past its deadline a call may wait for a loop that does not answer (H25).
_GRACE: Final = 2.0
#: How often a wait without a deadline looks whether the loop is alive (H25).
_LIVENESS: Final = 30.0
#: Lock waits ignore Ctrl-C on Windows, so they are cut into slices there (H9).
_SLICE: Final = 0.1 if sys.platform == "win32" else None

_log = logging.getLogger("xai")


class Ticket:
    """A blocking call between its thread and the loop; also the sink of its attempt.

    Its state changes under its own lock, on either side: new, running, done.
    """

    __slots__ = (
        "_bell",
        "_mutex",
        "_ringing",
        "_size",
        "_streaming",
        "attempt",
        "done",
        "failure",
        "items",
    )

    def __init__(self, *, streaming: bool) -> None:
        # By attribute at call time, so that a monkey-patched threading is respected (H33).
        self._mutex = threading.Lock()
        self._bell = threading.Lock()
        self._bell.acquire()
        self._streaming = streaming
        self._ringing = False
        self._size = 0
        self.items: deque[bytes] = deque()
        self.failure: Failure | None = None
        self.done = False
        self.attempt: Attempt | None = None

    # -- on the loop -----------------------------------------------------------------------------

    def begin(self, side: "_LoopSide", request: Request) -> None:
        """Start the attempt, unless the call was given up before the loop saw it."""
        if self.done:
            return
        attempt = self.attempt = Attempt(side.channel(), request, self)
        attempt.start()

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
            self.items.append(data)
            self._size += len(data)
            if self._streaming:
                self._ring()
            return self._size >= BUFFER_BYTES or len(self.items) >= BUFFER_MESSAGES

    def on_done(self, failure: Failure | None) -> None:
        """Note the end."""
        with self._mutex:
            if not self.done:
                self.failure = failure
                self.done = True
                self._ring()

    def backlog(self) -> bool:
        """Return whether messages wait for the reader."""
        return bool(self.items)

    def _ring(self) -> None:
        if not self._ringing:
            self._ringing = True
            self._bell.release()

    # -- in the caller's thread --------------------------------------------------------------------

    def take(self) -> tuple[deque[bytes], bool]:
        """Return what has arrived, and whether the loop may have stopped reading over it."""
        with self._mutex:
            items, size = self.items, self._size
            self.items, self._size = deque(), 0
            if self._ringing and not self.done:
                self._ringing = False
                self._bell.acquire()
            return items, size >= BUFFER_BYTES or len(items) >= BUFFER_MESSAGES

    def wait(self, limit: float) -> bool:
        """Wait until there is something to take or the end; Ctrl-C interrupts it (H7).

        Returns:
            False when the limit passed first: told by the state, never by an exception (H10).
        """
        until = time.monotonic() + limit
        while True:
            left = until - time.monotonic()
            if _SLICE is not None:
                left = min(left, _SLICE)
            if self._bell.acquire(timeout=max(0.0, left)):
                self._bell.release()
                return True
            if time.monotonic() >= until:
                return False


class _Loop(asyncio.SelectorEventLoop):
    """A loop that is only ever closed by its own thread.

    In a forked child it counts as running, in a thread that does not exist there (H2).
    """

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
        self.loop = _Loop(self.selector)
        self.sides: weakref.WeakSet[_LoopSide] = weakref.WeakSet()
        self.thread = threading.Thread(target=self._run, name="xai-io", daemon=True)
        self._ready = threading.Event()

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
                f"({error}); under uWSGI set enable-threads, in a sub-interpreter use AsyncClient"
            ) from error
        if not self._ready.wait(_START_LIMIT):
            raise RuntimeError(f"the background loop did not start within {_START_LIMIT:g} s")

    def _run(self) -> None:
        try:
            self.loop.call_soon(self._ready.set)
            self.loop.run_forever()
        finally:
            # Reached on a stop, and when something as rude as SystemExit ended the loop (H26).
            try:
                self.loop.run_until_complete(self._settle())
            finally:
                self.loop.close()
                # Only now can no call be posted any more: whoever waits is told.
                self._fail_all("the background loop has stopped")

    async def _settle(self) -> None:
        sides = list(self.sides)
        for side in sides:
            side.close()
        await asyncio.gather(*(side.wait_closed() for side in sides), return_exceptions=True)
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _fail_all(self, text: str) -> None:
        for ticket in list(self.tickets):
            ticket.on_done(Failure(StatusCode.UNAVAILABLE, text, connection=True))

    def alive(self) -> bool:
        """Return whether the loop still serves calls."""
        return self.thread.is_alive() and not self.loop.is_closed()

    def here(self) -> bool:
        """Return whether the calling thread is the loop's own."""
        return threading.get_ident() == self.thread.ident

    def post(self, function: Callable[..., object], *args: Any) -> bool:  # noqa: ANN401  # passed through
        """Run a function on the loop soon; safe in a finaliser, in any thread (H15).

        Returns:
            Whether the loop took it.
        """
        try:
            self.loop.call_soon_threadsafe(function, *args)
        except RuntimeError:
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
        self.post(self.loop.stop)
        if not self.here():
            self.thread.join(_STOP_LIMIT)

    def abandon(self) -> None:
        """Forget everything in a forked child, touching nothing of the parent's.

        Closing the loop, a transport or a TLS connection would reach the parent through the epoll
        set and the sockets they share (H1, H2). The descriptors alone are closed.
        """
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
                raise RuntimeError("no call can be made: the interpreter is shutting down")
            portal = self.current
            if portal is None or not portal.alive():
                portal = Portal()
                portal.start()
                self.current = portal
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

    def __init__(self, config: ChannelConfig, context: "ssl.SSLContext | None") -> None:
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
        if self._channel is not None and not self._channel.closed:
            self._channel.close()
            self._farewell = asyncio.get_running_loop().create_task(self._channel.wait_closed())

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
        #: Streams that were collected unfinished and whose cancellation is still under way.
        self.streams = 0


class Turn:
    """One reader at a time: a second thread waits, the same thread is refused (H17)."""

    __slots__ = ("_lock", "_owner", "_pid")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner = 0
        self._pid = os.getpid()

    def __enter__(self) -> None:
        """Wait for the turn."""
        if self._pid != os.getpid():
            # Another thread may have held the lock at the fork; it would be locked for ever (H4).
            raise RuntimeError("the stream belongs to the parent process; start a new one")
        if not self._lock.acquire(blocking=False):
            if self._owner == threading.get_ident():
                raise RuntimeError("the stream is being read by this very thread already")
            self._lock.acquire()
        self._owner = threading.get_ident()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let the next one in."""
        self._owner = 0
        self._lock.release()


class ByteStream:
    """The messages of a streamed reply, as they arrive."""

    def __init__(self, transport: "Transport", request: Request) -> None:
        self._ticket = Ticket(streaming=True)
        self._finished = False
        self._request = request
        self._transport: Transport | None = transport
        self._link = link = transport.enter()
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
        if not self._finished:
            self._finish()
            portal = self._link.portal
            if portal.pid == os.getpid():
                portal.post(self._ticket.cancel)
                if not portal.here():
                    self._ticket.wait(_CANCEL_LIMIT)
        self._ticket.take()

    def _finish(self) -> None:
        self._finished = True
        self._link.portal.tickets.discard(self._ticket)
        self._transport = None

    def __del__(self) -> None:
        """Post the cancellation of a stream nobody holds any more; never waits (H14, H15)."""
        if getattr(self, "_finished", True) or not hasattr(self, "_link"):
            return
        link = self._link
        link.streams += 1
        # The transport may go with the last stream: then it must still count this one as open.
        self._finish()
        if link.portal.pid == os.getpid():
            link.portal.post(_cancel_collected, link, self._ticket)


def _cancel_collected(link: _Link, ticket: Ticket) -> None:
    ticket.cancel()
    link.streams -= 1


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
            ticket.on_done(Failure(StatusCode.DEADLINE_EXCEEDED, text))
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
            portal.post(ticket.cancel)
            ticket.wait(_CANCEL_LIMIT)
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
            side = _LoopSide(self.config, None if plaintext else self._context)
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
        closed = threading.Event()
        if portal.post(_close_side, link.side, closed):
            closed.wait(_CANCEL_LIMIT)
        _registry.leave(portal)


def _close_side(side: _LoopSide, closed: threading.Event) -> None:
    side.close()
    closed.set()


def _release(link: _Link, authority: str) -> None:
    """Let go of a transport that was collected; any thread, any moment, no lock (H15)."""
    if link.portal.pid != os.getpid():
        return
    if link.streams:
        warnings.warn(
            f"a client of {authority} was collected while calls were open; close it, or use it "
            "in a with block",
            ResourceWarning,
            stacklevel=2,
        )
    link.portal.post(_release_on_loop, link)


def _release_on_loop(link: _Link) -> None:
    link.side.close()
    _registry.leave(link.portal)


def _warn_blocking() -> None:
    """Warn at the user's own line that their event loop stands still (H19)."""
    shell = sys.modules.get("IPython")
    if shell is not None and shell.get_ipython() is not None:
        return
    level, frame = 1, sys._getframe()  # noqa: SLF001  # what warnings itself uses
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("xai."):
        level, frame = level + 1, frame.f_back
    warnings.warn(
        "a blocking call stops the event loop that runs in this thread; use AsyncClient there",
        BlockingCallWarning,
        stacklevel=level,
    )
