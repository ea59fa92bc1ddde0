"""The background event loop of the blocking clients.

One daemon thread, ``xai-io``, runs the loop for every blocking client of the process. It starts
with the first call and stops with the last open client. It moves bytes and nothing else: no
message is encoded there, no log line written, no user code run.
"""

import asyncio
import atexit
import contextlib
import contextvars
import encodings.idna  # noqa: F401  # the loop's thread must not be the first to import: see below
import os
import selectors
import ssl  # noqa: F401  # as above
import stringprep  # noqa: F401  # whoever imports a module that calls us holds the import lock
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from xai.errors import StatusCode
from xai.runtime.locks import Lock
from xai.runtime.retry.policy import Failure
from xai.runtime.retry.throttle import ConnectionLoss
from xai.runtime.transport.pending_call import OneShotEvent, PendingCall
from xai.runtime.waiting import RealTimeLoop

if TYPE_CHECKING:
    from xai.runtime.transport.loop_channel import LoopChannel
    from xai.runtime.transport.request import Request

#: What a call meets that comes too late.
SHUT_DOWN: Final = "no call can be made: the interpreter is shutting down"
#: How long the owner of a channel waits for its end, in seconds.
_CLOSE_LIMIT: Final = 1.0
_START_LIMIT: Final = 10.0
_STOP_LIMIT: Final = 2.0
_NO_THREAD: Final = "under uWSGI set enable-threads, in a sub-interpreter use AsyncClient"


def _no_thread(error: RuntimeError) -> RuntimeError:
    return RuntimeError(
        f"the background thread of the blocking client can't be started ({error}); {_NO_THREAD}"
    )


def _stopped_failure(loss: ConnectionLoss) -> Failure:
    text = "the background loop has stopped"
    return Failure(StatusCode.UNAVAILABLE, text, connection=True, loss=loss)


class _Loop(RealTimeLoop):
    """A loop that is only ever closed by its own thread.

    In a forked child it counts as running, in a thread that does not exist there.
    """

    #: What a forked child must not collect.
    inherited: object = None

    def __del__(self) -> None:
        """Do nothing, where asyncio would warn or close."""


class User:
    """What uses a loop thread: the channel of one blocking client, and where it is.

    Args:
        channel: The channel.
    """

    __slots__ = ("channel", "streams", "thread")

    def __init__(self, channel: "LoopChannel") -> None:
        self.channel = channel
        #: Set before the thread knows of its user, so that an interrupt in between loses nothing.
        self.thread: LoopThread | None = None
        #: Streams that are neither finished nor closed, collected ones included until the loop
        #: has cancelled them. What is collected first, they or their client, is open.
        self.streams: set[PendingCall] = set()

    def running(self) -> "LoopThread | None":
        """Return the thread if it can carry calls, in this process."""
        thread = self.thread
        if thread is not None and thread.alive() and thread.pid == os.getpid():
            return thread
        return None


class LoopThread:
    """The loop and its thread; it holds nothing of the system's until it is started."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        #: With the channel that each has here: one that was not admitted has another elsewhere.
        self.users: dict[User, LoopChannel] = {}
        #: The calls that have not ended.
        self.calls: set[PendingCall] = set()
        #: Channels that are closed, and whose sockets are not gone yet.
        self.closing: set[LoopChannel] = set()
        self.loop: _Loop | None = None
        self.selector: selectors.BaseSelector | None = None
        # The loop's own callbacks would keep the first caller's context variables.
        self._context = contextvars.Context()
        try:
            self.thread = threading.Thread(target=self._run, name="xai-io", daemon=True)
        except RuntimeError as error:
            # An isolated sub-interpreter has no daemon threads.
            raise _no_thread(error) from error
        self._ready = OneShotEvent()
        self._identify = threading.get_ident
        self._stopped = False
        self._settling = False
        self._ended = False
        self._failure: BaseException | None = None

    def start(self) -> None:
        """Start the thread and wait until the loop runs.

        Raises:
            RuntimeError: The thread can't be started here.
        """
        try:
            self.thread.start()
        except RuntimeError as error:
            raise _no_thread(error) from error
        if not self._ready.wait(_START_LIMIT):
            self._stopped = True
            self.post(self._end)
            raise RuntimeError(
                f"the background loop did not start within {_START_LIMIT:g} s; {_NO_THREAD}"
            )
        if self._failure is not None:
            raise RuntimeError("the background loop could not be started") from self._failure

    def _run(self) -> None:
        try:
            self.selector = selectors.DefaultSelector()
            # Made by hand, never through the policy: the user's policy is not ours to follow, and
            # on Windows it would be the proactor.
            loop = self.loop = self._context.run(_Loop, self.selector)
            loop.call_soon(self._ready.set)
            # Whoever started it may have been interrupted, and closed already.
            loop.call_soon(self._retire)
            if not self._stopped:
                loop.run_forever()
        except BaseException as error:
            if self._ready.is_set:
                raise
            self._failure = error
            self._ready.set()
        finally:
            self._settling = True
            # Reached on a stop, and when something as rude as SystemExit ended the loop.
            if not self._stopped:
                self._stopped = True
                self._fail_all()
            if self.loop is not None:
                self._finish(self.loop)

    def _finish(self, loop: _Loop) -> None:
        try:
            loop.run_until_complete(self._settle())
        finally:
            loop.close()
            self._ended = True
            # Only now can no call be posted any more: whoever waits is told.
            self._fail_all()

    def _end(self) -> None:
        # Two threads may stop it at the same time; the second must not hit the settling.
        if not self._settling and self.loop is not None:
            self.loop.stop()

    async def _settle(self) -> None:
        for channel in list(self.users.values()):
            channel.close(self.closing)
        waiting = [channel.wait_closed() for channel in self.closing]
        await asyncio.gather(*waiting, return_exceptions=True)
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # What a cancelled handshake has closed is gone a turn later.
        await asyncio.sleep(0)

    def detach(self) -> None:
        """Leave those alone who wait for a call: daemon threads, at exit."""
        for call in list(self.calls):
            call.detached = True

    def _fail_all(self) -> None:
        loss = ConnectionLoss()
        for call in list(self.calls):
            call.on_done(_stopped_failure(loss))

    def alive(self) -> bool:
        """Return whether the loop serves calls.

        By flags: `threading.Thread.is_alive`, when interrupted, takes a running thread for ended.
        """
        return self._ready.is_set and not self._stopped

    def here(self) -> bool:
        """Return whether the calling thread is the loop's own."""
        # A thread that has ended may have left its number to another one.
        return threading.get_ident() == self.thread.ident and not self._ended

    def patched(self) -> bool:
        """Return whether gevent or eventlet replaced the threads after this one was made.

        The two then wait on locks of different kinds, for ever or for too long.
        """
        return threading.get_ident is not self._identify

    def post(self, function: Callable[..., object], *args: Any) -> bool:  # noqa: ANN401  # passed through
        """Run a function on the loop soon; safe in a finalizer, in any thread.

        Returns:
            Whether the loop took it.
        """
        loop = self.loop
        if loop is None:
            return False
        try:
            loop.call_soon_threadsafe(function, *args, context=self._context)
        except RuntimeError:
            if not loop.is_closed():
                # Not asyncio's: a signal handler's.
                raise
            return False
        return True

    def submit(self, channel: "LoopChannel", call: PendingCall, request: "Request") -> None:
        """Start a call.

        Raises:
            RuntimeError: The loop was stopped in between.
        """
        self.calls.add(call)
        if not self.post(self._begin, channel, call, request):
            self.calls.discard(call)
            raise RuntimeError("the background loop was stopped")

    def _begin(self, channel: "LoopChannel", call: PendingCall, request: "Request") -> None:
        if self._stopped:
            # The channel is closed then, but not by the user.
            call.on_done(_stopped_failure(ConnectionLoss()))
        else:
            call.begin(channel, request)

    # -- users -----------------------------------------------------------------------------------

    def admit(self, user: User) -> bool:
        """Take a user in, and return whether calls can be made here."""
        user.thread = self
        self.users[user] = user.channel
        return self.alive()

    def release(self, user: User) -> bool:
        """Close the channel of a user, and let the thread end when it was the last; any thread.

        Waits until that has been done, though not for long, and not on the thread itself.

        Returns:
            False when the loop did not come to it in time.
        """
        if self.here():
            # A finalizer of somebody's that happened to run here.
            self.release_on_loop(user)
            return True
        done = OneShotEvent()
        # One step from here: an interrupt before it has changed nothing, and none after it matters.
        if not self.post(self.release_on_loop, user, done):
            # It has ended; or it starts, and looks for users when it has started.
            self.users.pop(user, None)
            self.post(self._retire)
            if not self.users and self.thread.is_alive():
                self.thread.join(_STOP_LIMIT)
            return True
        if self.patched():
            return True
        in_time = done.wait(_CLOSE_LIMIT)
        if self._stopped:
            self.thread.join(_STOP_LIMIT)
        return in_time

    def release_on_loop(self, user: User, done: OneShotEvent | None = None) -> None:
        """Close the channel of a user, and end the thread when it was the last."""
        user.channel.close(self.closing)
        self.expel(user)
        if done is not None:
            done.set()

    def expel(self, user: User) -> None:
        """Let a user go, and end the thread when it was the last."""
        self.users.pop(user, None)
        self._retire()

    def _retire(self) -> None:
        """Stop the loop when nobody uses it."""
        # Where threads were monkey-patched its end would fail, noisily; at exit it is gone anyway.
        if self.users or self.patched():
            return
        self._stopped = True
        # A new user is first added, and then looks whether this is alive.
        if self.users:
            self._stopped = False
        else:
            self._end()

    def stop(self) -> None:
        """Stop the loop and wait for the thread, not for long."""
        if self.patched():
            return
        self._stopped = True
        self.post(self._end)
        if self._ready.is_set and not self.here():
            self.thread.join(_STOP_LIMIT)

    def abandon(self) -> None:
        """Forget everything in a forked child, touching nothing of the parent's.

        Closing the loop, a transport or a TLS connection would reach the parent through the epoll
        set and the sockets they share. The descriptors alone are closed.
        """
        if self.loop is None or self.selector is None:
            return
        # Transports complain when they are collected, at exit too. The loop never is: a frame of
        # the thread that does not exist here holds it.
        channels = [*self.users.values(), *self.closing]
        # None when the loop was closed already.
        registered = self.selector.get_map() or {}
        self.loop.inherited = (channels, list(registered.values()))
        for channel in channels:
            channel.abandon()
        with contextlib.suppress(OSError, KeyError):
            self.selector.close()


class _Registry:
    """The loop thread of this process, and the rules of its life."""

    def __init__(self) -> None:
        self.gate = Lock()
        self.current: LoopThread | None = None
        self.exiting = False
        self.inherited: list[LoopThread] = []

    def join(self, user: User) -> LoopThread:
        """Return the running loop thread with one more user, started if needed.

        Args:
            user: The user; it knows its thread from then on.

        Raises:
            RuntimeError: The interpreter is shutting down, or no thread can be started.
        """
        with self.gate:
            if self.exiting or sys.is_finalizing():
                raise RuntimeError(SHUT_DOWN)
            self.forget_inherited()
            thread = self.current
            if thread is not None:
                if thread.admit(user):
                    return thread
                # It is about to end, and may have seen this user come, and its channel; or it has
                # not begun, takes no message yet, and looks for users when it has.
                thread.users.pop(user, None)
                thread.post(thread.expel, user)
                user.channel = user.channel.fresh()
            thread = LoopThread()
            # Known to its user before it runs: an interrupted start must not leave it behind.
            thread.admit(user)
            self.current = thread
            thread.start()
            return thread

    def leave(self, user: User) -> None:
        """Close the channel of a user, and stop the thread with the last one.

        Once more does no harm, and completes what an interrupt may have kept from being done.

        Args:
            user: The user.
        """
        thread = user.thread
        if thread is None or thread.pid != os.getpid() or thread.release(user):
            return
        with self.gate:
            if self.current is thread and set(thread.users) <= {user}:
                # It is stuck: who comes next is better served by another one.
                self.current = None

    def at_exit(self) -> None:
        """Refuse new calls, close the connections and stop the thread."""
        with self.gate:
            self.exiting = True
            thread, self.current = self.current, None
        if thread is not None and thread.pid == os.getpid():
            thread.detach()
            thread.stop()

    def before_fork(self) -> None:
        """Keep a thread from being half started at the moment of the fork."""
        self.gate.__enter__()

    def after_fork_in_parent(self) -> None:
        """Let others in again."""
        self.gate.__exit__(None, None, None)

    def forget_inherited(self) -> None:
        """Start with nothing in a forked child: references are parked, never collected.

        Code in C may fork without running Python's hooks, so it is asked for at each start, too.
        """
        thread = self.current
        if thread is not None and thread.pid != os.getpid():
            self.current = None
            self.inherited.append(thread)
            thread.abandon()


registry = _Registry()
atexit.register(registry.at_exit)
if hasattr(os, "register_at_fork"):
    # Once for the module: handlers can never be removed. The gate has another lock in the child.
    os.register_at_fork(
        before=registry.before_fork,
        after_in_parent=registry.after_fork_in_parent,
        after_in_child=registry.forget_inherited,
    )
