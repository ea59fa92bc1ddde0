"""The background event loop of the blocking clients.

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
import os
import selectors
import ssl  # noqa: TC003  # as above
import stringprep  # noqa: F401  # as above
import sys
import threading
from collections.abc import Callable
from typing import Any, Final

from xai.errors import StatusCode
from xai.runtime.http2.channel import Channel
from xai.runtime.net.endpoint import ChannelConfig
from xai.runtime.retry.policy import Failure
from xai.runtime.retry.throttle import ConnectionLoss
from xai.runtime.transport.pending_call import OneShotEvent, PendingCall
from xai.runtime.transport.request import Request

#: What a call meets that comes too late (H12).
SHUT_DOWN: Final = "no call can be made: the interpreter is shutting down"
_START_LIMIT: Final = 10.0
_STOP_LIMIT: Final = 2.0
_NO_THREAD: Final = "under uWSGI set enable-threads, in a sub-interpreter use AsyncClient"


def _no_thread(error: RuntimeError) -> RuntimeError:
    return RuntimeError(
        f"the background thread of the blocking client can't be started ({error}); {_NO_THREAD}"
    )


class LoopChannel:
    """What one transport has on the loop: its channel."""

    def __init__(
        self, portal: "LoopThread", config: ChannelConfig, context: "ssl.SSLContext | None"
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

    def prepare(self, limit: float | None) -> None:
        """Begin to dial for a call that is about to come."""
        self.channel().prepare(limit)

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


class _Loop(asyncio.SelectorEventLoop):
    """A loop that is only ever closed by its own thread.

    In a forked child it counts as running, in a thread that does not exist there (H2).
    """

    #: What a forked child must not collect.
    inherited: object = None

    def __del__(self) -> None:
        """Do nothing, where asyncio would warn or close."""


class LoopThread:
    """The loop and its thread."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.users = 0
        self.tickets: set[PendingCall] = set()
        self.selector = selectors.DefaultSelector()
        # Made by hand, never through the policy: the user's policy is not ours to follow, and on
        # Windows it would be the proactor.
        # The loop's own callbacks would keep the first caller's context variables (H22).
        self._context = contextvars.Context()
        self.loop = self._context.run(_Loop, self.selector)
        #: Those whose sockets are not gone yet; the transports they belong to may be.
        self.sides: set[LoopChannel] = set()
        try:
            self.thread = threading.Thread(target=self._run, name="xai-io", daemon=True)
        except RuntimeError as error:
            # An isolated sub-interpreter has no daemon threads (H32).
            self.loop.close()
            raise _no_thread(error) from error
        self._ready = OneShotEvent()
        self._identify = threading.get_ident
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
            raise _no_thread(error) from error
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

    def detach(self) -> None:
        """Leave those alone who wait for a call: daemon threads, at exit (H11)."""
        for ticket in list(self.tickets):
            ticket.orphaned = True

    def _fail_all(self, text: str) -> None:
        loss = ConnectionLoss()
        for ticket in list(self.tickets):
            ticket.on_done(Failure(StatusCode.UNAVAILABLE, text, connection=True, loss=loss))

    def alive(self) -> bool:
        """Return whether the loop serves calls.

        By flags: `threading.Thread.is_alive`, when interrupted, takes a running thread for ended.
        """
        return self._ready.rung and not self._stopped

    def here(self) -> bool:
        """Return whether the calling thread is the loop's own."""
        # A thread that has ended may have left its number to another one.
        return threading.get_ident() == self.thread.ident and not self._ended

    def patched(self) -> bool:
        """Return whether gevent or eventlet replaced the threads after this one was made (H33).

        The two then wait on locks of different kinds, for ever or for too long.
        """
        return threading.get_ident is not self._identify

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

    def submit(self, side: "LoopChannel", ticket: PendingCall, request: Request) -> None:
        """Start a call.

        Raises:
            RuntimeError: The loop was stopped in between.
        """
        self.tickets.add(ticket)
        if not self.post(ticket.begin, side, request):
            raise RuntimeError("the background loop was stopped")

    def stop(self) -> None:
        """Stop the loop and wait for the thread, not for long."""
        if self.patched():
            # Its end would fail within threading, noisily; at exit it is gone anyway.
            return
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
        self.current: LoopThread | None = None
        self.exiting = False
        self.inherited: list[LoopThread] = []

    def join(self) -> LoopThread:
        """Return the running portal with one more user, started if needed."""
        with self.gate:
            if self.exiting or sys.is_finalizing():
                raise RuntimeError(SHUT_DOWN)
            portal = self.current
            if portal is None or not portal.alive():
                # Known before it runs: an interrupted start must not leave a stray thread.
                portal = self.current = LoopThread()
                portal.start()
            portal.users += 1
            return portal

    def leave(self, portal: LoopThread) -> None:
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
            portal.detach()
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


registry = _Registry()
atexit.register(registry.at_exit)
if hasattr(os, "register_at_fork"):
    # Once for the module: handlers can never be removed.
    os.register_at_fork(
        before=registry.before_fork,
        after_in_parent=registry.after_fork_in_parent,
        after_in_child=registry.after_fork_in_child,
    )
