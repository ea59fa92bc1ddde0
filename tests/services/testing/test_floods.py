"""Clients that flood the local server, or say next to nothing, harm themselves alone."""

import contextlib
import functools
import selectors
import socket
import struct
from collections.abc import Callable, Iterator

import pytest
from h2.errors import ErrorCodes
from hpack import Encoder

from tests.services.local_peer import LIMIT, MODELS, SAMPLE, Peer, sample_request
from tests.support import run_child
from xai.errors import StatusCode
from xai.testing import LocalServer

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST, SETTINGS, PUSH, PING, GOAWAY, WINDOW = range(9)
END_STREAM, END_HEADERS = 1, 4
MANY = 30_000


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A local server with its defaults."""
    with LocalServer() as server:
        yield server


def frame(kind: int, stream: int, body: bytes = b"", flags: int = 0) -> bytes:
    """Return a frame."""
    return struct.pack("!I", len(body))[1:] + struct.pack("!BBI", kind, flags, stream) + body


def request(stream: int, *, path: str = MODELS, end: bool = False) -> bytes:
    """Return the HEADERS of a request, which need nothing of those before."""
    return frame(HEADERS, stream, encoded(path), END_HEADERS | (END_STREAM if end else 0))


@functools.cache
def encoded(path: str) -> bytes:
    """Return the block of headers of a request."""
    fields = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path),
        (":authority", "local"),
        ("content-type", "application/grpc"),
        ("apikey", "local-key"),
    ]
    encoder = Encoder()
    encoder.header_table_size = 0
    return encoder.encode(fields)


def calls(flood: bytes) -> Callable[[], bytes]:
    """Return what makes a flood of the same frame."""
    return lambda: flood * MANY


def after_a_request(flood: bytes) -> Callable[[], bytes]:
    """Return what makes a flood of the same frame, for a stream that was opened."""
    return lambda: request(1) + flood * MANY


#: Made when they are needed: some take seconds.
FLOODS: dict[str, Callable[[], bytes]] = {
    "PING": calls(frame(PING, 0, bytes(8))),
    "SETTINGS": calls(frame(SETTINGS, 0)),
    "SETTINGS that change the window": calls(frame(SETTINGS, 0, struct.pack("!HI", 4, 1000))),
    "PRIORITY": calls(frame(PRIORITY, 1, struct.pack("!IB", 0, 0))),
    "WINDOW_UPDATE of the connection": calls(frame(WINDOW, 0, struct.pack("!I", 1))),
    "WINDOW_UPDATE of a stream": after_a_request(frame(WINDOW, 1, struct.pack("!I", 1))),
    "WINDOW_UPDATE of a closed stream": after_a_request(
        frame(RST, 1, bytes(4)) + frame(WINDOW, 1, struct.pack("!I", 1))
    ),
    "RST_STREAM": after_a_request(frame(RST, 1, bytes(4))),
    "empty DATA": after_a_request(frame(DATA, 1)),
    "DATA of one byte": after_a_request(frame(DATA, 1, b"\0")),
    "frames of an unknown type": calls(frame(99, 0)),
    "requests that are reset": lambda: b"".join(
        request(stream) + frame(DATA, stream, bytes(5), END_STREAM) + frame(RST, stream, bytes(4))
        for stream in range(1, 20_001, 2)
    ),
    "requests beyond the limit": lambda: b"".join(
        request(stream) for stream in range(1, 30_001, 2)
    ),
}


@pytest.mark.parametrize("kind", FLOODS)
def test_flood_ends_its_own_connection(server: LocalServer, kind: str) -> None:
    """A client that sends control frames without end is told to calm down; others are served."""
    server.stall(times=None, method=MODELS)
    with contextlib.closing(Peer(server)) as healthy:
        stream = healthy.start(SAMPLE, sample_request())
        with socket.create_connection(("127.0.0.1", server.port), LIMIT) as client:
            received = flood(client, FLOODS[kind]())
        assert healthy.finish(stream).status[0] == StatusCode.OK
        assert server.connections == 2
    server.wait_for_connections(0)
    # Unless the reset of the socket, which still held frames, has overtaken the last frame.
    assert last_frame(received) in ((GOAWAY, ErrorCodes.ENHANCE_YOUR_CALM), None)


def flood(client: socket.socket, data: bytes) -> bytes:
    """Send all that the server takes, and return what came back until it closed."""
    received = b""
    rest = memoryview(PREFACE + frame(SETTINGS, 0) + data)
    client.setblocking(False)  # noqa: FBT003  # its only argument
    with selectors.DefaultSelector() as selector, contextlib.suppress(ConnectionError):
        selector.register(client, selectors.EVENT_READ | selectors.EVENT_WRITE)
        while True:
            ((_, events),) = selector.select()
            if events & selectors.EVENT_READ:
                if not (piece := client.recv(1 << 20)):
                    break
                received += piece
            if events & selectors.EVENT_WRITE:
                rest = rest[client.send(rest) :]
                if not rest:
                    selector.modify(client, selectors.EVENT_READ)
    return received


def last_frame(data: bytes) -> tuple[int, int] | None:
    """Return the type and the error code of a GOAWAY at the end, or None for anything else."""
    while len(data) >= 9:
        size, kind = int.from_bytes(data[:3], "big"), data[3]
        if kind == GOAWAY:
            return kind, int.from_bytes(data[13:17], "big")
        data = data[9 + size :]
    return None


def test_flood_of_a_client_that_reads_nothing_ends(server: LocalServer) -> None:
    """A client that floods and doesn't read holds neither memory nor its connection."""
    with socket.create_connection(("127.0.0.1", server.port), LIMIT) as client:
        with contextlib.suppress(ConnectionError):
            client.sendall(PREFACE + frame(SETTINGS, 0) + FLOODS["PING"]())
        server.wait_for_connections(0)


def test_long_use_of_one_connection_is_no_flood(server: LocalServer) -> None:
    """Calls, cancelled calls and pings of an ordinary client never use up the budget."""
    with contextlib.closing(Peer(server)) as peer:
        for _ in range(1_200):
            peer.call(MODELS)
            peer.ping()
            peer.ping()
        # Each message is acknowledged by two WINDOW_UPDATE frames.
        server.reply(SAMPLE, [bytes(10)] * 4_000)
        assert len(peer.call(SAMPLE).messages) == 4_000
        for _ in range(1_000):
            peer.reset(peer.start(SAMPLE, sample_request()), ErrorCodes.CANCEL)
        assert peer.call(MODELS).status[0] == StatusCode.OK
    assert server.connections == 1


def test_large_header_lists_and_their_continuations_end_the_connection(
    server: LocalServer,
) -> None:
    """Headers without end are not collected."""
    endless = frame(HEADERS, 1, bytes(10)) + frame(9, 1, bytes(16_000)) * 1_000
    with socket.create_connection(("127.0.0.1", server.port), LIMIT) as client:
        flood(client, endless)
    server.wait_for_connections(0)


def test_requests_that_are_reset_at_once_leave_nothing_behind(server: LocalServer) -> None:
    """A call that is cancelled before it began is a cancelled call, and its stream is released."""
    count = 500
    data = b"".join(
        request(stream) + frame(RST, stream, bytes(4)) for stream in range(1, 2 * count, 2)
    )
    with socket.create_connection(("127.0.0.1", server.port), LIMIT) as client:
        client.sendall(PREFACE + frame(SETTINGS, 0) + data)
        server.wait_for_call(state="cancelled", count=count)
        with contextlib.closing(Peer(server)) as peer:
            peer.call(MODELS)
            protocols = server._runner._protocols
            (protocol,) = [each for each in protocols if each.handler.number == 1]
            assert not protocol.processor.streams
            assert not protocol.handler.tasks


@pytest.mark.parametrize(
    "data",
    [
        b"",
        PREFACE[:5],
        PREFACE + frame(SETTINGS, 0)[:4],
        PREFACE + frame(SETTINGS, 0) + request(1)[:20],
        PREFACE + frame(SETTINGS, 0) + request(1) + frame(DATA, 1, b"\0\0\0\1\0half"),
    ],
    ids=["nothing", "half a preface", "half a frame", "half a request", "half a message"],
)
@pytest.mark.parametrize("half_closed", [False, True])
def test_server_stops_although_clients_dawdle(data: bytes, *, half_closed: bool) -> None:
    """Clients that stop in the middle, and those that closed their half, hold nothing up."""
    with contextlib.ExitStack() as stack:
        with LocalServer() as server:
            for _ in range(50):
                client = socket.create_connection(("127.0.0.1", server.port), LIMIT)
                stack.enter_context(contextlib.closing(client))
                client.sendall(data)
                if half_closed:
                    client.shutdown(socket.SHUT_WR)
            with contextlib.closing(Peer(server)) as peer:
                assert peer.call(MODELS).status[0] == StatusCode.OK
            if half_closed:
                server.wait_for_connections(0)
        assert not server.running


def test_messages_that_end_early_are_the_mistake_of_the_client(server: LocalServer) -> None:
    """A request that ends within its message or its prefix fails, and is no error of ours."""
    for body in (b"\0\0", b"\0\0\0\0\x09half"):
        with socket.create_connection(("127.0.0.1", server.port), LIMIT) as client:
            client.sendall(
                PREFACE + frame(SETTINGS, 0) + request(1) + frame(DATA, 1, body, END_STREAM)
            )
            call = server.wait_for_call(MODELS, "error")
            assert call.code == StatusCode.INTERNAL
            server.clear_calls()


def test_noise_of_clients_is_not_logged() -> None:
    """What clients do wrong writes nothing to stderr, where an error of the server would be."""
    script = """
import socket
from tests.services.testing.test_floods import FLOODS, PREFACE, SETTINGS, flood, frame
from xai.testing import LocalServer

with LocalServer() as server:
    for data in [bytes(100), FLOODS["PING"](), FLOODS["RST_STREAM"]()]:
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.settimeout(10)
            flood(client, data)
    server.wait_for_connections(0)
print("done")
"""
    assert run_child(script).stdout == "done\n"
