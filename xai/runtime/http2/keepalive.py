"""Keepalive: whether the other side of a silent connection is still there.

A connection on which nothing has come for a while is sent a PING. Whatever comes back is a sign of
life; when nothing does, the connection is given up and its calls fail.
Sources: gRPC proposals A8 and A9, https://github.com/grpc/proposal.
"""

import asyncio
import socket
from collections.abc import Callable
from typing import Final

from xai._clock import monotonic_with_suspend
from xai._sentinel import NotGiven
from xai.options import Keepalive
from xai.runtime.timers import Timer, call_later

#: What a server says in its GOAWAY when it wants fewer of them; proposal A8.
TOO_MANY_PINGS: Final = b"too_many_pings"
#: The longest interval that servers can bring about, in seconds: twice the five minutes that those
#: of gRPC ask for by default. Dead connections would not be found any more.
LONGEST_INTERVAL: Final = 600.0


class KeepaliveState:
    """How often the connections of one channel are asked for a sign of life.

    Args:
        keepalive: What the user wants; None for no PING at all.
    """

    def __init__(self, keepalive: Keepalive | NotGiven | None) -> None:
        chosen = Keepalive() if isinstance(keepalive, NotGiven) else keepalive
        #: Seconds of silence before a PING; None is never.
        self.interval: float | None = None if chosen is None else chosen.interval
        #: Seconds until a connection without an acknowledgement is given up.
        self.timeout: float = 0.0 if chosen is None else chosen.timeout

    def slow_down(self) -> None:
        """Take the server's word that these were too many; it holds for its next connections."""
        if self.interval is not None:
            self.interval = max(self.interval, min(self.interval * 2.0, LONGEST_INTERVAL))


class KeepaliveMonitor:
    """Watches over one connection, until it is stopped.

    Args:
        state: How often; looked at each time.
        sock: The connection's own socket.
        ping: Sends a PING.
        lost: Told in words that nothing came back.
    """

    __slots__ = ("_asked", "_handle", "_loop", "_lost", "_ping", "_sock", "_state", "last_read")

    def __init__(
        self,
        state: KeepaliveState,
        sock: socket.socket,
        ping: Callable[[], None],
        lost: Callable[[str], None],
    ) -> None:
        self._state = state
        self._sock = sock
        self._ping = ping
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        self._handle: Timer | None = None
        self._asked = 0.0
        #: When something came last, on the clock that goes on while the machine sleeps; set by the
        #: protocol.
        self.last_read = monotonic_with_suspend()
        self._wait()

    def stale(self) -> bool:
        """Return whether nothing has come for so long that a PING must have gone unanswered.

        None may have been sent: the machine slept, or the loop was not running.
        """
        interval = self._state.interval
        if interval is None:
            return False
        silent = monotonic_with_suspend() - self.last_read
        return silent > interval + self._state.timeout and not unread(self._sock)

    def slow_down(self) -> None:
        """Ask less often from now on, here and on the channel's next connections."""
        self._state.slow_down()

    def stop(self) -> None:
        """Watch no more."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _wait(self) -> None:
        interval = self._state.interval
        if interval is not None:
            self._wake(self.last_read + interval - monotonic_with_suspend(), self._look)

    def _wake(self, pause: float, function: Callable[[], None]) -> None:
        self._handle = call_later(self._loop, max(0.0, pause), function)

    def _look(self) -> None:
        interval = self._state.interval
        now = monotonic_with_suspend()
        if interval is None or now - self.last_read < interval:
            self._wait()
            return
        self._asked = now
        # Before the PING, which may find the connection broken and stop this.
        self._wake(min(interval, self._state.timeout), self._evaluate)
        self._ping()

    def _evaluate(self) -> None:
        left = self._asked + self._state.timeout - monotonic_with_suspend()
        if self.last_read >= self._asked:
            self._wait()
        elif left > 0.0:
            # The acknowledgement may come, and the next PING be due, long before the time is over.
            self._wake(min(left, self._state.interval or left), self._evaluate)
        elif unread(self._sock):
            # It was this loop that stood still; it looks at its clock before its sockets.
            self._wake(0.0, self._evaluate)
        else:
            self._handle = None
            self._lost(f"it has not answered a PING for {self._state.timeout:g} s")


def unread(sock: socket.socket) -> bool:
    """Return whether something has come that was not read yet, be it the end.

    A loop that was not running, or was busy, may not have seen that the server is gone.

    Args:
        sock: The connection's own socket.
    """
    try:
        sock.recv(1, socket.MSG_PEEK)
    except (BlockingIOError, InterruptedError):
        return False
    except OSError:
        pass
    return True
