"""The protocol: what asyncio tells about a socket, for grpclib's and h2's connection.

Numbers such as G4 name known hazards; each has a test which cites the same number.
"""

import asyncio
import socket
import time
from typing import TYPE_CHECKING, Any, Final, cast

from grpclib import client as grpclib_client
from grpclib import protocol as grpclib_protocol
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import ConnectionTerminated, Event
from hyperframe.frame import GoAwayFrame

from xai.runtime.http2.connection import CONNECTION_WINDOW, STREAM_WINDOW, Connection, describe
from xai.runtime.http2.events import BrokenProtocolError, EventsProcessor, FrameReader
from xai.runtime.http2.keepalive import KeepaliveMonitor

if TYPE_CHECKING:
    from xai.runtime.http2.channel import Channel

#: Room for four of the largest frames.
_READ_BYTES: Final = 64 * 1024


class H2Protocol(grpclib_protocol.H2Protocol, asyncio.BufferedProtocol):
    """grpclib's protocol with our connection, and with nothing escaping from it.

    Overridden: ``connection_made`` (whole), ``data_received``, ``connection_lost``. It offers its
    own buffer to read into: asyncio would allocate 256 KiB for each read, and the system would
    map and unmap them each time.
    """

    connection: Connection
    processor: EventsProcessor

    def __init__(self, channel: "Channel", sock: socket.socket) -> None:
        super().__init__(grpclib_client.Handler(), channel._config, channel._h2_config)  # noqa: SLF001  # the seam's own arguments
        self.sock = sock
        self._channel = channel
        self._started = False
        self._space = memoryview(bytearray(_READ_BYTES))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send our settings and set the connection up."""
        h2 = H2Connection(config=self.h2_config)
        # Pushed responses have no meaning in gRPC.
        h2.local_settings.enable_push = 0
        h2.local_settings.initial_window_size = STREAM_WINDOW
        h2.local_settings.acknowledge()
        h2.initiate_connection()
        h2.increment_flow_control_window(CONNECTION_WINDOW - 65535)
        # A GOAWAY would put h2 into its closed state, where it refuses the frames of calls that
        # the server has promised to finish (G4).
        h2._frame_dispatch_table[GoAwayFrame] = _terminated  # noqa: SLF001  # no public hook
        self.connection = Connection(
            h2,
            cast("asyncio.Transport", transport),
            config=self.config,
            authority=self._channel.config.endpoint.authority,
            common=self._channel.common,
            sock=self.sock,
        )
        self._channel.protocols.add(self)
        self.connection.flush()
        self.connection.initialize()
        self.processor = EventsProcessor(self.handler, self.connection)
        self._reader = FrameReader(self.connection, self.processor)
        self._watch = KeepaliveMonitor(
            self._channel.pace, self.sock, self.connection.ping, self._give_up
        )
        self.connection.watch = self._watch

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002  # asyncio's signature
        """Return the space for the next read."""
        return self._space

    def buffer_updated(self, nbytes: int) -> None:
        """Take what was read."""
        self.data_received(bytes(self._space[:nbytes]))

    def data_received(self, data: bytes) -> None:
        """Read the frames, and write what they lead to in one go."""
        self._watch.last_read = time.monotonic()
        if not self._started:
            self._started = True
            if data.startswith(b"HTTP/1."):
                self._channel.dial_failed()
                self.processor.close("the server speaks HTTP/1, not HTTP/2")
                return
            self._channel.greeted()
        try:
            self._reader.feed(data)
        except BrokenProtocolError as broken:
            # h2 has put a GOAWAY with the reason into its buffer.
            self.connection.flush()
            self.processor.close(f"the server broke the HTTP/2 protocol ({broken.__cause__!r})")
            return
        except Exception as error:  # noqa: BLE001  # asyncio would log it and tell no call
            self.processor.close(f"what the server sent could not be handled ({error!r})")
        self.connection.flush()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Fail what is still running."""
        self.processor.close("the server closed it" if exc is None else describe(exc))
        if not self._started:
            self._channel.dial_failed()
        self._channel.forget(self)
        # What is left is a cycle, which Python may collect much later.
        self._space = memoryview(b"")

    def _give_up(self, reason: str) -> None:
        self.processor.close(reason)
        # Closing would first try to send what is left, to nobody (G8).
        self.connection.abort()


def _terminated(frame: GoAwayFrame) -> tuple[list[Any], list[Event]]:
    event = ConnectionTerminated()
    event.error_code = _known_code(frame.error_code)
    event.last_stream_id = frame.last_stream_id
    event.additional_data = frame.additional_data or None
    return [], [event]


def _known_code(number: int) -> ErrorCodes | int:
    try:
        return ErrorCodes(number)
    except ValueError:
        return number
