"""The protocol: what asyncio tells about a socket, for the connection on it."""

import asyncio
import socket
from typing import Final, Protocol, cast

from xai._clock import monotonic, monotonic_with_suspend
from xai.runtime.http2.connection import Connection, describe
from xai.runtime.http2.events import BrokenProtocolError, FloodError, FrameReader
from xai.runtime.http2.headers import CommonFields
from xai.runtime.http2.internals import GrpclibProtocol, GrpclibSettings
from xai.runtime.http2.keepalive import KeepaliveMonitor, KeepaliveState
from xai.runtime.timers import call_later

#: Room for four of the largest frames.
_READ_BYTES: Final = 64 * 1024
#: How long one waits that sends many frames of no use, in seconds: one turn of the loop after the
#: other, its thread would hardly ever let go of the interpreter.
PAUSE: Final = 0.001
#: How long a server that broke the protocol may take to read why it is left, in seconds.
_LINGER: Final = 1.0


class ConnectionOwner(Protocol):
    """What a protocol needs of the channel that made it."""

    #: The host, for the errors.
    target: str
    keepalive: KeepaliveState
    common: CommonFields

    @property
    def settings(self) -> GrpclibSettings:
        """The settings that grpclib's own classes want, windows among them."""

    def opened(self, protocol: "H2Protocol") -> None:
        """Note that a protocol has a transport."""

    def forget(self, protocol: "H2Protocol") -> None:
        """Note that a protocol's transport is closed."""

    def dial_failed(self) -> None:
        """Let the next dialing wait."""

    def distrust(self) -> None:
        """Let the next dialing wait, and go on doing so until a call has succeeded."""

    def reset_backoff(self, *, responded: bool = False) -> None:
        """Note that a server is there, and whether it has even responded to a call."""


class H2Protocol(GrpclibProtocol, asyncio.BufferedProtocol):
    """grpclib's protocol with our connection, and with nothing escaping from it.

    It offers its own buffer to read into: asyncio would allocate 256 KiB for each read, and the
    system would map and unmap them each time.

    Args:
        owner: The channel.
        sock: The connection's own socket.
    """

    connection: Connection

    def __init__(self, owner: ConnectionOwner, sock: socket.socket) -> None:
        super().__init__(owner.settings)
        self.sock = sock
        self._owner = owner
        self._loop = asyncio.get_running_loop()
        self._started = False
        self._trusted = False
        self._paused = False
        self._space = memoryview(bytearray(_READ_BYTES))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send our settings and set the connection up."""
        owner = self._owner
        self.connection = Connection(
            cast("asyncio.Transport", transport),
            owner.settings,
            authority=owner.target,
            common=owner.common,
            sock=self.sock,
        )
        owner.opened(self)
        self.connection.flush()
        self._reader = FrameReader(self.connection)
        self._monitor = KeepaliveMonitor(
            owner.keepalive, self.sock, self.connection.ping, self._give_up
        )
        self.connection.monitor = self._monitor

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002  # asyncio's signature
        """Return the space for the next read."""
        return self._space

    def buffer_updated(self, nbytes: int) -> None:
        """Take what was read."""
        self.data_received(bytes(self._space[:nbytes]))

    def data_received(self, data: bytes) -> None:
        """Read the frames, and write what they lead to in one go."""
        if not self._started:
            self._started = True
            if data.startswith(b"HTTP/1."):
                self._owner.dial_failed()
                self.connection.fail("the server speaks HTTP/1, not HTTP/2")
                return
            self._owner.reset_backoff()
        self._monitor.last_read = monotonic_with_suspend()
        more = self._read(data)
        if self.connection.responded and not self._trusted:
            self._trusted = True
            self._owner.reset_backoff(responded=True)
        if more and not self._paused:
            # Others of this loop get their turn first, whatever this server sends.
            self._paused = True
            self.connection.transport.pause_reading()
            self._go_on_later()

    def _go_on_later(self) -> None:
        if self._reader.useless:
            call_later(self._loop, PAUSE, self._go_on)
        else:
            self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        if self.connection.is_closing():
            return
        if self._read(b""):
            self._go_on_later()
        else:
            self._paused = False
            if not self.connection.is_closing():
                self.connection.transport.resume_reading()

    def _read(self, data: bytes) -> bool:
        """Read frames; return whether some are left."""
        connection = self.connection
        try:
            return self._reader.feed(data, monotonic())
        except BrokenProtocolError as broken:
            self._owner.distrust()
            how = f"the server broke the HTTP/2 protocol ({broken})"
            if isinstance(broken, FloodError):
                how = f"the server floods it ({broken})"
            connection.shut(broken.code)
            connection.fail(how)
            # It may never read the GOAWAY that is still to be sent.
            call_later(self._loop, _LINGER, connection.abort)
        except Exception as error:  # noqa: BLE001  # asyncio would log it and tell no call
            connection.fail(f"what the server sent could not be handled ({error!r})")
        return False

    def connection_lost(self, exc: BaseException | None) -> None:
        """Fail what is still running."""
        self.connection.fail("the server closed it" if exc is None else describe(exc))
        if not self._started:
            self._owner.dial_failed()
        self._owner.forget(self)
        # What is left is a cycle, which Python may collect much later.
        self._space = memoryview(b"")

    def _give_up(self, reason: str) -> None:
        self.connection.fail(reason)
        # Closing would first try to send what is left, to nobody.
        self.connection.abort()
