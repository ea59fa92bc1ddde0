"""The common server, in a process of its own: it replays prepared bytes and does nothing else.

It listens on four ports: HTTP/2 for gRPC, HTTP/1.1 for the OpenAI client, a plain echo, and one for
orders. An order says what every call is answered with from then on, whatever it asks for; so the
server need not read headers, and costs a small part of what any client costs. It tells its own
CPU time, so that one can see that.

Runs until its standard input ends: ``python -m tests.benchmarks.server`` prints the ports.
"""

import asyncio
import json
import struct
import sys
import time
from collections.abc import Callable

from tests.benchmarks import frames
from tests.benchmarks.payloads import prepare
from tests.benchmarks.replies import Answer, GrpcAnswer, HttpAnswer, Reply, pace

_HEADER = struct.Struct(">HBBBL")
_BACKLOG = 2048


class State:
    """What the connections share."""

    def __init__(self) -> None:
        self.reply = Reply(prepare("tokenize"), 0, 0)
        self.held: list[Answer] = []
        self.pacing: set[asyncio.Task[None]] = set()

    def release(self) -> None:
        """Send the rest of the answers that wait."""
        held, self.held = self.held, []
        task = asyncio.get_running_loop().create_task(pace(held, self.reply.rate))
        self.pacing.add(task)
        task.add_done_callback(self.pacing.discard)


class Connection(asyncio.Protocol):
    """One connection: what is to be written goes out once for each batch of events."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.buffer = bytearray()
        self.output: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note the transport."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer what is complete."""
        self.buffer += data
        self.read()
        self.flush()

    def read(self) -> None:
        """Take what is complete out of the buffer."""
        raise NotImplementedError

    def flush(self) -> None:
        """Write in one go."""
        if self.output:
            self.transport.write(b"".join(self.output))
            self.output.clear()

    def start(self, answer: Answer) -> None:
        """Begin to answer."""
        answer.send()
        if answer.reply.rate:
            self.state.held.append(answer)


class HttpConnection(Connection):
    """Answers each request; of its headers only the length counts."""

    def read(self) -> None:
        """Take whole requests out of the buffer."""
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = bytes(self.buffer[:end]).lower()
            _, found, rest = head.partition(b"\r\ncontent-length:")
            size = end + 4 + (int(rest.split(b"\r\n", 1)[0]) if found else 0)
            if len(self.buffer) < size:
                return
            del self.buffer[:size]
            self.start(HttpAnswer(self, self.state.reply))


class GrpcConnection(Connection):
    """Answers each call when its request is complete, without reading its headers."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.window = self.initial_window = frames.DEFAULT_WINDOW
        self.answers: dict[int, GrpcAnswer] = {}
        self._preface = len(frames.PREFACE)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let the client send as much as it likes."""
        super().connection_made(transport)
        self.output.append(frames.wide_settings())
        self.flush()

    def read(self) -> None:
        """Take whole frames out of the buffer."""
        data, at = bytes(self.buffer), self._preface
        while len(data) - at >= frames.HEADER_SIZE:
            high, low, kind, flags, stream = _HEADER.unpack_from(data, at)
            end = at + frames.HEADER_SIZE + (high << 8 | low)
            if end > len(data):
                break
            self._take(kind, flags, stream, data[at + frames.HEADER_SIZE : end])
            at = end
        if at > self._preface:
            self._preface = 0
            del self.buffer[:at]

    def _take(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        if kind in (frames.DATA, frames.HEADERS):
            if flags & frames.END_STREAM:
                self._answer(stream)
        elif kind == frames.WINDOW_UPDATE:
            self._widen(stream, int.from_bytes(payload, "big"))
        elif kind == frames.SETTINGS and not flags & frames.ACK:
            window = frames.initial_window(payload)
            self.output.append(frames.frame(frames.SETTINGS, frames.ACK, 0))
            if window is not None:
                self._resize(window)
        elif kind == frames.PING and not flags & frames.ACK:
            self.output.append(frames.frame(frames.PING, frames.ACK, 0, payload))
        elif kind == frames.RST_STREAM:
            self.answers.pop(stream, None)

    def _answer(self, stream: int) -> None:
        reply = self.state.reply.following()
        if not reply.rate and reply.size <= min(self.window, self.initial_window):
            self.window -= reply.size
            self.output.append(stream.to_bytes(4, "big").join(reply.whole))
            return
        self.answers[stream] = answer = GrpcAnswer(self, reply, stream)
        self.start(answer)

    def _resize(self, window: int) -> None:
        # It counts for open streams as well (RFC 9113, 6.9.2), and grpcio makes use of that.
        change = window - self.initial_window
        self.initial_window = window
        for answer in list(self.answers.values()):
            answer.window += change
            answer.send()

    def _widen(self, stream: int, size: int) -> None:
        if stream:
            answer = self.answers.get(stream)
            if answer is not None:
                answer.window += size
                answer.send()
            return
        self.window += size
        for answer in list(self.answers.values()):
            answer.send()


class Echo(Connection):
    """Returns what it gets."""

    def data_received(self, data: bytes) -> None:
        """Return it."""
        self.transport.write(data)


class Orders(Connection):
    """Takes a line of JSON and answers with one: what the server's CPU time is."""

    def read(self) -> None:
        """Take whole lines out of the buffer."""
        while (end := self.buffer.find(b"\n")) >= 0:
            order = json.loads(self.buffer[:end])
            del self.buffer[: end + 1]
            if "payload" in order:
                self.state.held = []
                self.state.reply = Reply(prepare(order["payload"]), order["count"], order["rate"])
            elif "go" in order:
                self.state.release()
            self.output.append(b'{"cpu": %f}\n' % time.process_time())


async def _listen(make: Callable[[State], Connection], state: State) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: make(state), "127.0.0.1", 0, backlog=_BACKLOG)


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    state = State()
    kinds: dict[str, Callable[[State], Connection]]
    kinds = {"grpc": GrpcConnection, "http": HttpConnection, "echo": Echo, "orders": Orders}
    servers = {name: await _listen(kind, state) for name, kind in kinds.items()}
    ports = {name: server.sockets[0].getsockname()[1] for name, server in servers.items()}
    sys.stdout.write(json.dumps(ports) + "\n")
    sys.stdout.flush()
    # The end of the input is the end of whoever started it, killed or not.
    ended = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), ended.set)
    await ended.wait()
    loop.remove_reader(sys.stdin.fileno())
    for server in servers.values():
        server.close()


if __name__ == "__main__":
    asyncio.run(_serve())
