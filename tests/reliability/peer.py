"""A scripted HTTP/2 peer: a real socket, a thread of its own, and frames written literally.

No state machine stands between a test and the wire, so what HTTP/2 forbids can be sent as well.
"""

import contextlib
import functools
import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Final, TypeVar

import attrs
from hpack import Decoder, Encoder
from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    Frame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

if TYPE_CHECKING:
    from typing_extensions import Self

F = TypeVar("F", bound=Frame)

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#: Nobody waits longer than this, in seconds; no test depends on the figure.
LIMIT: Final = 60.0
#: A port on which nobody listens, ever: one that was let go may be somebody else's a moment later.
NOWHERE: Final = 1
#: A request that a peer answers well.
WELL: Final = b"all is well"
#: Seconds in which a call gets to where its limit is to end it, on a busy machine too.
BRIEF: Final = 1.0
#: The headers of a good answer.
GOOD: Final = ((":status", "200"), ("content-type", "application/grpc"))


class HungUp(Exception):  # noqa: N818  # the usual end of a conversation, not an error
    """The client closed the connection."""


@attrs.define
class Asked:
    """A request as it arrives."""

    stream: int
    headers: list[tuple[str, str]] = attrs.field(factory=list)
    body: bytearray = attrs.field(factory=bytearray)
    complete: bool = False

    @property
    def message(self) -> bytes:
        """The message in the body."""
        return bytes(self.body[5:])

    def all(self, name: str) -> list[str]:
        """Return the values of a header, in order."""
        return [value for key, value in self.headers if key == name]


def framed(message: bytes, *, flag: int = 0, size: int | None = None) -> bytes:
    """Return a message with its prefix.

    Args:
        message: The message.
        flag: What stands for "compressed".
        size: The length to announce; the true one when None.
    """
    return struct.pack("!BI", flag, len(message) if size is None else size) + message


class Wire:
    """One connection as a script sees it."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.encoder = Encoder()
        self.frames: list[Frame] = []
        #: Whether SETTINGS and PING are acknowledged, and windows given back, without being told.
        self.polite = True
        self.closed = False
        #: How many SETTINGS were sent, and how many of them the client has acknowledged.
        self.settings_sent = 0
        self.settings_taken = 0
        #: How the client left: "close_notify" or "cut" over TLS, "end" or "reset" without.
        self.goaway_reason = ""
        self._decoder = Decoder()
        self._block = bytearray()
        #: Every request that has begun, by its stream.
        self.asked: dict[int, Asked] = {}
        self._ready: list[Asked] = []
        self._bytes = b""

    # -- reading ---------------------------------------------------------------------------------

    def hello(self, settings: dict[int, int] | None = None) -> None:
        """Read the client's preface and send our settings."""
        assert self.take(len(PREFACE)) == PREFACE
        self.settings(settings or {})

    def take(self, count: int) -> bytes:
        """Read some bytes; raise `HungUp` when the client closes before."""
        while len(self._bytes) < count:
            try:
                piece = self.sock.recv(65536)
                self.goaway_reason = ("close_notify" if self.tls else "end") if not piece else ""
            except ssl.SSLEOFError:
                self.goaway_reason, piece = "cut", b""
            except ConnectionError:
                self.goaway_reason, piece = "reset", b""
            if not piece:
                self.closed = True
                raise HungUp
            self._bytes += piece
        taken, self._bytes = self._bytes[:count], self._bytes[count:]
        return taken

    def read(self) -> Frame:
        """Read one frame and do what it asks for."""
        frame, size = Frame.parse_frame_header(memoryview(self.take(9)))
        frame.parse_body(memoryview(self.take(size)))
        self.frames.append(frame)
        if isinstance(frame, HeadersFrame):
            self.asked[frame.stream_id] = Asked(frame.stream_id)
        if isinstance(frame, (HeadersFrame, ContinuationFrame)):
            self._block += frame.data
            if "END_HEADERS" in frame.flags:
                block, self._block = bytes(self._block), bytearray()
                fields = self._decoder.decode(block)
                self.asked[frame.stream_id].headers += [(str(k), str(v)) for k, v in fields]
        elif isinstance(frame, DataFrame):
            self._take_data(frame)
        elif isinstance(frame, SettingsFrame) and "ACK" in frame.flags:
            self.settings_taken += 1
        elif self.polite and isinstance(frame, SettingsFrame):
            self.send(SettingsFrame(0, flags=["ACK"]))
        elif self.polite and isinstance(frame, PingFrame) and "ACK" not in frame.flags:
            self.send(PingFrame(0, opaque_data=frame.opaque_data, flags=["ACK"]))
        return frame

    def _take_data(self, frame: DataFrame) -> None:
        asked = self.asked[frame.stream_id]
        asked.body += frame.data
        if "END_STREAM" in frame.flags:
            asked.complete = True
            self._ready.append(asked)
        if self.polite and frame.data:
            self.grant(0, len(frame.data))
            self.grant(frame.stream_id, len(frame.data))

    def expect(self, kind: type[F], stream: int | None = None) -> F:
        """Read on to the next frame of a kind, of one stream when that is given."""
        while True:
            frame = self.read()
            if isinstance(frame, kind) and stream in (None, frame.stream_id):
                return frame

    def request(self) -> Asked:
        """Return the next request, with all of its body."""
        while not self._ready:
            self.read()
        return self._ready.pop(0)

    def request_head(self) -> Asked:
        """Return the next request as soon as its headers are there."""
        return self.asked[self.expect(HeadersFrame).stream_id]

    def request_amid(self) -> Asked:
        """Return the next request; of an upload, as soon as some of its body is there."""
        asked = self.request_head()
        upload = asked.all(":path")[0].endswith("/UploadFile")
        while not asked.complete:
            if upload and asked.body:
                return asked
            self.read()
        return self.request()

    def until_closed(self) -> None:
        """Read to the end of the connection."""
        with contextlib.suppress(HungUp):
            while True:
                self.read()

    def count(self, kind: type[Frame]) -> int:
        """Return how many frames of a kind have come."""
        return sum(isinstance(frame, kind) for frame in self.frames)

    # -- writing ---------------------------------------------------------------------------------

    def raw(self, data: bytes) -> None:
        """Send bytes."""
        with contextlib.suppress(ConnectionError):
            self.sock.sendall(data)

    def send(self, *frames: Frame) -> None:
        """Send frames, in one piece."""
        self.raw(b"".join(frame.serialize() for frame in frames))

    def settings(self, *frames: dict[int, int] | bytes) -> None:
        """Send SETTINGS, in one piece: their values, or whole frames as bytes."""
        self.settings_sent += len(frames)
        self.raw(
            b"".join(
                frame if isinstance(frame, bytes) else SettingsFrame(0, settings=frame).serialize()
                for frame in frames
            )
        )

    def settle(self, *frames: dict[int, int] | bytes) -> None:
        """Send SETTINGS and wait until the client has taken all that were sent."""
        self.settings(*frames)
        while self.settings_taken < self.settings_sent:
            self.expect(SettingsFrame)

    def grant(self, stream: int, size: int) -> None:
        """Let the client send so many bytes more on a stream, or (0) on the connection."""
        self.send(WindowUpdateFrame(stream, window_increment=size))

    def head(
        self,
        stream: int,
        fields: Sequence[tuple[str | bytes, str | bytes]] = GOOD,
        *,
        end: bool = False,
    ) -> Frame:
        """Return a HEADERS frame."""
        flags = ["END_HEADERS", "END_STREAM"] if end else ["END_HEADERS"]
        return HeadersFrame(stream, self.encoder.encode(list(fields)), flags=flags)

    def headers(
        self,
        stream: int,
        fields: Sequence[tuple[str | bytes, str | bytes]] = GOOD,
        *,
        end: bool = False,
    ) -> None:
        """Send headers or trailers."""
        self.send(self.head(stream, fields, end=end))

    def data(self, stream: int, data: bytes, *, end: bool = False) -> None:
        """Send a DATA frame."""
        self.send(DataFrame(stream, data, flags=["END_STREAM"] if end else []))

    def status(self, stream: int, code: int = 0, *fields: tuple[str, str]) -> None:
        """Send trailers with a status."""
        self.headers(stream, [("grpc-status", str(code)), *fields], end=True)

    def refuse(self, stream: int, code: int, text: str = "") -> None:
        """Answer with a status and nothing else."""
        said = [("grpc-message", text)] if text else []
        self.headers(stream, [*GOOD, ("grpc-status", str(code)), *said], end=True)

    def reset(self, stream: int, code: int) -> None:
        """Reset a stream."""
        self.send(RstStreamFrame(stream, error_code=code))

    def goaway(self, last: int, code: int = 0, text: bytes = b"") -> None:
        """Announce that the connection closes after a stream."""
        self.send(
            GoAwayFrame(0, last_stream_id=last, error_code=code, additional_data=text),
        )

    def reply(self, asked: Asked, *messages: bytes) -> None:
        """Answer well: with these messages, or with the one that was sent."""
        self.headers(asked.stream)
        for message in messages or (asked.message,):
            body = framed(message)
            for start in range(0, len(body), 16384):
                self.data(asked.stream, body[start : start + 16384])
        self.status(asked.stream)

    def serve_but(self, play: Callable[[Asked], object]) -> None:
        """Answer good requests, those of `Link.works`, well, and do something else with the others.

        Which of them come, and when, may depend on how busy the machine is.
        """
        while not self.closed:
            asked = self.request()
            if asked.message == WELL:
                self.reply(asked)
            else:
                play(asked)

    def serve(self) -> None:
        """Answer every request with its own message until the connection closes."""
        while not self.closed:
            self.reply(self.request())

    def close(self) -> None:
        """Close the connection, properly."""
        self.closed = True
        with contextlib.suppress(OSError):
            if isinstance(self.sock, ssl.SSLSocket):
                self.sock.unwrap()
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()

    def cut(self) -> None:
        """Break the connection: the client sees a reset."""
        self.closed = True
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    @property
    def tls(self) -> ssl.SSLSocket | None:
        """The socket when TLS is spoken on it."""
        return self.sock if isinstance(self.sock, ssl.SSLSocket) else None


Script = Callable[[Wire], None]


def _shake_hands(context: ssl.SSLContext, sock: socket.socket) -> ssl.SSLSocket:
    secured = context.wrap_socket(
        sock, server_side=True, do_handshake_on_connect=False, suppress_ragged_eofs=False
    )
    try:
        secured.do_handshake()
    except ssl.SSLError:
        # To close while something is unread resets the connection, and the alert may get lost.
        with socket.socket(fileno=secured.detach()) as plain, contextlib.suppress(OSError):
            plain.settimeout(LIMIT)
            plain.shutdown(socket.SHUT_WR)
            while plain.recv(65536):
                pass
        raise
    return secured


class Peer:
    """Listens on the loopback interface and runs a script for each connection.

    The first connection runs the first script and so on; when a script returns and its connection
    is open, or when there is none left, requests are answered well. What a script raises is raised
    again when the block of the peer ends.

    Args:
        scripts: What is done with the connections, in order.
        tls: Speaks TLS with these settings.
        bare: Leaves even the HTTP/2 preface to the scripts.
        family: IPv4 or IPv6.
    """

    def __init__(
        self,
        *scripts: Script,
        tls: ssl.SSLContext | None = None,
        bare: bool = False,
        family: socket.AddressFamily = socket.AF_INET,
    ) -> None:
        self.wires: list[Wire] = []
        #: Why TLS handshakes failed.
        self.refusals: list[OSError] = []
        self.news = threading.Condition()
        self._scripts = list(scripts)
        self._tls = tls
        self._bare = bare
        self._errors: list[BaseException] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.socket(family, socket.SOCK_STREAM)
        self._listener.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        self._listener.listen(64)
        self.port: int = self._listener.getsockname()[1]
        self._stop, self._stopped = socket.socketpair()

    @property
    def host(self) -> str:
        """What a client takes as its ``api_host`` to speak plain text."""
        return f"localhost:{self.port}"

    def until(self, condition: Callable[[], object]) -> None:
        """Wait until something is true, or a script has failed."""
        with self.news:
            true = self.news.wait_for(lambda: self._errors or condition(), LIMIT)
        if self._errors:
            raise self._errors.pop(0)
        assert true, "what the test waits for did not come"

    def tell(self, function: Callable[[], object]) -> None:
        """Do something from a script that a test waits for in `until`."""
        with self.news:
            function()
            self.news.notify_all()

    def connections(self, count: int) -> None:
        """Wait until there have been so many connections."""
        self.until(lambda: len(self.wires) >= count)

    def __enter__(self) -> "Self":
        """Begin to listen."""
        self._begin(self._accept)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close everything, and raise what a script has raised."""
        self._stop.close()
        self._threads[0].join(LIMIT)
        for wire in self.wires:
            with contextlib.suppress(OSError):
                wire.sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(LIMIT)
        self._stopped.close()
        self._listener.close()
        if self._errors and exc is None:
            raise self._errors[0]
        assert not any(thread.is_alive() for thread in self._threads)

    def _begin(self, function: Callable[[], None]) -> None:
        thread = threading.Thread(target=function, name="peer", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            ready, _, _ = select.select([self._listener, self._stopped], [], [], LIMIT * 5)
            if self._listener not in ready or self._stopped in ready:
                return
            sock, _ = self._listener.accept()
            sock.settimeout(LIMIT)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            wire = Wire(sock)
            script = self._scripts.pop(0) if self._scripts else None
            self.tell(functools.partial(self.wires.append, wire))
            self._begin(functools.partial(self._run, wire, script))

    def _run(self, wire: Wire, script: Script | None) -> None:
        try:
            if self._tls is not None:
                wire.sock = _shake_hands(self._tls, wire.sock)
            if not self._bare:
                wire.hello()
            if script is not None:
                script(wire)
            if not self._bare:
                wire.serve()
        except HungUp:
            pass
        except (ssl.SSLError, ConnectionError) as error:
            self.refusals.append(error)
        except BaseException as error:  # noqa: BLE001  # raised again by the thread of the test
            self._errors.append(error)
        finally:
            wire.sock.close()
            self.tell(lambda: None)
