"""The client's side of a connection without a socket: it reads, and its calls are told."""

import time
from typing import TYPE_CHECKING, Any

import attrs
from grpclib.config import Configuration

from xai.runtime.http2.connection import Connection
from xai.runtime.http2.events import FrameReader
from xai.runtime.http2.headers import CommonFields, RawHeaders, fields

if TYPE_CHECKING:
    from xai.runtime.retry.policy import Failure

CONSTANT = (("te", "trailers"), ("user-agent", "x" * 200))
PATH = fields(((":path", "/a/b"),))

Told = list[tuple[Any, ...]]


class Listener:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.told: Told = []
        self.connection: Connection | None = None
        self.stream_id = 0

    def on_stream_available(self) -> None:
        """Be told of a free stream, which does not happen here."""
        raise AssertionError

    on_surplus = on_stream_available

    def on_headers(self, headers: RawHeaders) -> None:
        """Note headers."""
        self.told.append(("headers", headers))

    def on_data(self, data: bytes, flow: int) -> None:
        """Note data."""
        if data:
            self.told.append(("data", data))
        assert self.connection is not None
        self.connection.acknowledge(self.stream_id, flow)

    def on_trailers(self, headers: RawHeaders) -> None:
        """Note trailers."""
        self.told.append(("trailers", headers))

    def on_end(self) -> None:
        """Note the end, and leave as a call does."""
        self.told.append(("end",))
        self._leave()

    def on_reset(self, code: int) -> None:
        """Note a reset, and leave as a call does."""
        self.told.append(("reset", code))
        self._leave()

    def on_writable(self) -> None:
        """Have nothing to send."""

    def on_failure(self, failure: "Failure") -> None:
        """Note a failure."""
        self.told.append(("failure", failure.code))

    def _leave(self) -> None:
        assert self.connection is not None
        self.connection.release(self.stream_id)


class Pipe:
    """Takes the place of a transport."""

    def __init__(self) -> None:
        self.written = bytearray()

    def write(self, data: bytes) -> None:
        """Keep what is written."""
        self.written += data

    def is_closing(self) -> bool:
        """Stay open."""
        return False

    def close(self) -> None:
        """Stay open."""


@attrs.define
class Side:
    """A connection with three calls, whose requests are sent."""

    pipe: Pipe
    connection: Connection
    reader: FrameReader
    listeners: list[Listener]

    def feed(self, data: bytes) -> None:
        """Read, in as many turns as it takes."""
        while self.reader.feed(data, time.monotonic()):
            data = b""

    def told(self) -> list[Told]:
        """Return what each call was told."""
        return [list(listener.told) for listener in self.listeners]


def make_side() -> Side:
    """Return a side whose calls wait for their responses."""
    pipe = Pipe()
    connection = Connection(
        pipe,  # type: ignore[arg-type]  # as much of a transport as is used here
        Configuration().__for_client__(),
        authority="localhost:1",
        common=CommonFields("http", "localhost:1", CONSTANT),
        sock=None,  # type: ignore[arg-type]  # there is none
    )
    listeners = []
    for _ in range(3):
        listener = Listener()
        listener.connection = connection
        stream_id = connection.open_stream(listener, PATH, b"")
        assert stream_id is not None
        listener.stream_id = stream_id
        connection.send_body(stream_id, b"\0\0\0\0\0")
        listeners.append(listener)
    pipe.written.clear()
    return Side(pipe, connection, FrameReader(connection), listeners)
