"""What the local server remembers of the calls it received."""

import base64
import binascii
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable

import attrs

# Where keys travel. The record keeps the name and the place of the pair, never the value.
CREDENTIALS = frozenset({"apikey", "authorization"})
_HIDDEN = "<hidden>"
_TRANSPORT = frozenset({"te", "content-type", "user-agent"})
_PROTOCOL = frozenset(
    {"grpc-timeout", "grpc-encoding", "grpc-accept-encoding", "grpc-previous-rpc-attempts"}
)

Headers = Iterable[tuple[str, str]]


@attrs.define(eq=False)
class Call:
    """One call that reached the local server.

    Attributes:
        method: The path, such as ``/prompt_ide.Sampler/Tokenize``.
        headers: All request headers in their order, with keys hidden.
        metadata: The caller's metadata among them; ``-bin`` values are bytes.
        timeout: The ``grpc-timeout`` header, or None.
        connection: The number of the connection, counted from 1.
        stream_id: The number of the HTTP/2 stream.
        request: The decoded request, once it has arrived; bytes when the method is unknown.
        state: ``open``, ``ok``, ``error`` (any other status, or a fault), or ``cancelled``.
        code: The gRPC status that was sent, if one was.
        reset_code: The HTTP/2 error code with which the client reset the stream, if it did.
        messages_sent: How many messages went out so far.
        started: When it arrived, on the monotonic clock.
        finished: When it ended, or None.
    """

    method: str
    headers: list[tuple[str, str]] = attrs.field(repr=False)
    metadata: list[tuple[str, str | bytes]] = attrs.field(repr=False)
    timeout: str | None
    connection: int
    stream_id: int
    request: object = attrs.field(default=None, repr=False)
    state: str = "open"
    code: int | None = None
    reset_code: int | None = None
    messages_sent: int = 0
    started: float = attrs.field(factory=time.monotonic, repr=False)
    finished: float | None = attrs.field(default=None, repr=False)


def describe(headers: Headers, connection: int, stream_id: int) -> Call:
    """Return the record of a call from its request headers."""
    shown = [(key, _HIDDEN if key in CREDENTIALS else value) for key, value in headers]
    lookup = dict(shown)
    metadata = [
        (key, _decoded(key, value))
        for key, value in shown
        if not key.startswith(":") and key not in _TRANSPORT and key not in _PROTOCOL
    ]
    return Call(
        method=lookup.get(":path", ""),
        headers=shown,
        metadata=metadata,
        timeout=lookup.get("grpc-timeout"),
        connection=connection,
        stream_id=stream_id,
    )


def _decoded(key: str, value: str) -> str | bytes:
    if not key.endswith("-bin"):
        return value
    try:
        return base64.b64decode(value + "=" * (-len(value) % 4), validate=True)
    except binascii.Error:
        return value


def same_method(wanted: str | None, path: str) -> bool:
    """Tell whether a method, given in full or by its last parts, is this path; None is any."""
    return wanted is None or path == wanted or path.endswith("/" + wanted.lstrip("/"))


def method_path(method: object) -> str | None:
    """Return the path of a method given as a path, a name, a method constant, or None."""
    path = getattr(method, "path", method)
    if path is None or isinstance(path, str):
        return path
    raise TypeError(
        f"A method is a path such as '/prompt_ide.Sampler/Tokenize' or a name, not {method!r}."
    )


class CallLog:
    """The calls and connections of one server, readable from every thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        # Bounded, for a server that runs for days.
        self._calls: deque[Call] = deque(maxlen=10_000)
        self._connections = 0
        self._open = 0

    def snapshot(self) -> list[Call]:
        """Return the calls in the order in which they arrived."""
        with self._changed:
            return list(self._calls)

    def add(self, call: Call) -> None:
        """Remember a call."""
        with self._changed:
            self._calls.append(call)
            self._changed.notify_all()

    def update(
        self, call: Call, *, request: object = None, code: int | None = None, sent: int = 0
    ) -> None:
        """Add to a record: the request, the status, or messages that went out."""
        with self._changed:
            call.request = call.request if request is None else request
            call.code = call.code if code is None else code
            call.messages_sent += sent
            self._changed.notify_all()

    def finish(self, call: Call, state: str, reset_code: int | None = None) -> None:
        """Record how a call ended; only the first end counts."""
        with self._changed:
            if call.state != "open":
                return
            call.state = state
            call.reset_code = reset_code
            call.finished = time.monotonic()
            self._changed.notify_all()

    def connected(self) -> int:
        """Count a new connection and return its number."""
        with self._changed:
            self._connections += 1
            self._open += 1
            self._changed.notify_all()
            return self._connections

    def disconnected(self) -> None:
        """Count a connection that ended."""
        with self._changed:
            self._open -= 1
            self._changed.notify_all()

    @property
    def connections(self) -> int:
        """How many connections were accepted so far."""
        with self._changed:
            return self._connections

    @property
    def open_connections(self) -> int:
        """How many connections are open now."""
        with self._changed:
            return self._open

    def clear(self) -> None:
        """Forget the calls."""
        with self._changed:
            self._calls.clear()

    def wait(self, condition: Callable[["CallLog"], bool], timeout: float) -> bool:
        """Wait until something is true of the log; tell whether it came true."""
        with self._changed:
            return self._changed.wait_for(lambda: condition(self), timeout)

    def find(self, method: str | None, state: str | None) -> list[Call]:
        """Return the calls of a method that are in a state."""
        return [
            call
            for call in self.snapshot()
            if same_method(method, call.method) and state in (None, call.state)
        ]
