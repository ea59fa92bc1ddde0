"""The log of the calls that a local server received."""

import base64
import binascii
import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

import attrs

from xai._annotations import resolve_lazily
from xai._clock import monotonic

if TYPE_CHECKING:
    import betterproto

# Headers with API keys. The log has their names, never their values.
CREDENTIALS = frozenset({"apikey", "authorization"})
_HIDDEN = "<hidden>"
_TRANSPORT = frozenset({"te", "content-type", "user-agent"})
_PROTOCOL = frozenset(
    {"grpc-timeout", "grpc-encoding", "grpc-accept-encoding", "grpc-previous-rpc-attempts"}
)

Headers = Iterable[tuple[str, str]]


#: How many calls the log keeps.
MAX_CALLS: Final = 10_000


@attrs.define(eq=False)
class _Content:
    """The part of a call that takes memory: its headers and its request, as bytes."""

    headers: list[tuple[str, str]]
    size: int
    request_type: "type[betterproto.Message] | None" = None
    data: bytes | None = None
    request: object = None
    #: Whether the log counts its bytes.
    counted: bool = True


@attrs.define(eq=False)
class Call:
    """One call that reached the local server.

    Attributes:
        method: The path, such as ``/prompt_ide.Sampler/Tokenize``.
        timeout: The ``grpc-timeout`` header, or None.
        connection: The number of the connection, counted from 1.
        stream_id: The number of the HTTP/2 stream.
        state: ``open``, ``ok``, ``error`` (any other status, or a fault), or ``cancelled``.
        code: The gRPC status that was sent, or None.
        reset_code: The HTTP/2 error code with which the client reset the stream, or None.
        messages_sent: How many messages were sent so far.
        started: When the call arrived, on the monotonic clock.
        finished: When the call ended, on the monotonic clock, or None.
    """

    method: str
    timeout: str | None
    connection: int
    stream_id: int
    _content: _Content | None = attrs.field(repr=False)
    state: str = "open"
    code: int | None = None
    reset_code: int | None = None
    messages_sent: int = 0
    started: float = attrs.field(factory=monotonic, repr=False)
    finished: float | None = attrs.field(default=None, repr=False)

    @property
    def headers(self) -> list[tuple[str, str]]:
        """All request headers in their order, with API keys hidden.

        Raises:
            LookupError: The log has dropped the content of this call.
        """
        return self._kept().headers

    @property
    def metadata(self) -> list[tuple[str, str | bytes]]:
        """The metadata among the headers; values of ``-bin`` names are bytes.

        Raises:
            LookupError: The log has dropped the content of this call.
        """
        return [
            (key, _decoded(key, value))
            for key, value in self.headers
            if not key.startswith(":") and key not in _TRANSPORT and key not in _PROTOCOL
        ]

    @property
    def request(self) -> object:
        """The request message, once it has arrived; bytes when the method is unknown.

        Of a method with several request messages it is the last one.

        Raises:
            LookupError: The log has dropped the content of this call.
        """
        content = self._kept()
        if content.request is None and content.data is not None:
            make = content.request_type
            content.request = content.data if make is None else make().parse(content.data)
        return content.request

    def _kept(self) -> _Content:
        if self._content is None:
            raise LookupError(
                f"The request of this call of {self.method} is no longer kept: the log of the "
                "local server has a limit of bytes, which LocalServer(call_log_bytes=…) raises."
            )
        return self._content


def describe(headers: Headers, connection: int, stream_id: int) -> Call:
    """Return the record of a call from its request headers."""
    shown = [(key, _HIDDEN if key in CREDENTIALS else value) for key, value in headers]
    lookup = dict(shown)
    return Call(
        method=lookup.get(":path", ""),
        timeout=lookup.get("grpc-timeout"),
        connection=connection,
        stream_id=stream_id,
        content=_Content(shown, sum(len(key) + len(value) for key, value in shown)),
    )


def _decoded(key: str, value: str) -> str | bytes:
    if not key.endswith("-bin"):
        return value
    try:
        return base64.b64decode(value + "=" * (-len(value) % 4), validate=True)
    except binascii.Error:
        return value


def same_method(wanted: str | None, path: str) -> bool:
    """Return whether a method, given in full or by its last parts, is this path; None is any."""
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
    """The calls and connections of one server, readable from every thread.

    Args:
        max_bytes: How many bytes of headers and requests are kept. Beyond it the content of the
            oldest calls is dropped; that of the last call is kept in any case.
    """

    def __init__(self, max_bytes: int) -> None:
        self._changed = threading.Condition()
        self._calls: deque[Call] = deque()
        #: Those that have their content, the oldest first.
        self._whole: deque[Call] = deque()
        self._max_bytes = max_bytes
        self._bytes = 0
        self._dropped = 0
        self._connections = 0
        self._open = 0

    @property
    def dropped(self) -> int:
        """How many calls were dropped because later ones came."""
        with self._changed:
            return self._dropped

    def snapshot(self) -> list[Call]:
        """Return the calls in the order in which they arrived."""
        with self._changed:
            return list(self._calls)

    def add(self, call: Call) -> None:
        """Append a call."""
        with self._changed:
            self._calls.append(call)
            self._whole.append(call)
            self._grow(call._content.size if call._content is not None else 0)  # noqa: SLF001
            if len(self._calls) > MAX_CALLS:
                oldest = self._calls.popleft()
                self._dropped += 1
                if self._whole and self._whole[0] is oldest:
                    self._drop_content()
            self._changed.notify_all()

    def request(
        self, call: Call, data: bytes, request_type: "type[betterproto.Message] | None"
    ) -> None:
        """Record a request message, in the place of an earlier one of the same call."""
        with self._changed:
            content = call._content  # noqa: SLF001  # the log owns it
            if content is not None:
                more = len(data) - len(content.data or b"")
                content.data, content.request_type, content.request = data, request_type, None
                content.size += more
                self._grow(more if content.counted else 0)
            self._changed.notify_all()

    def update(self, call: Call, *, code: int | None = None, sent: int = 0) -> None:
        """Add to a record: the status, or messages that were sent."""
        with self._changed:
            call.code = call.code if code is None else code
            call.messages_sent += sent
            self._changed.notify_all()

    def _grow(self, size: int) -> None:
        self._bytes += size
        while self._bytes > self._max_bytes and len(self._whole) > 1:
            self._drop_content()

    def _drop_content(self) -> None:
        call = self._whole.popleft()
        content, call._content = call._content, None  # noqa: SLF001  # the log owns it
        self._bytes -= content.size if content is not None else 0

    def finish(self, call: Call, state: str, reset_code: int | None = None) -> None:
        """Record how a call ended; only the first end counts."""
        with self._changed:
            if call.state != "open":
                return
            call.state = state
            call.reset_code = reset_code
            call.finished = monotonic()
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
        """Forget the calls; those that a caller still holds keep their content."""
        with self._changed:
            for call in self._whole:
                if call._content is not None:  # noqa: SLF001  # the log owns it
                    call._content.counted = False  # noqa: SLF001
            self._calls.clear()
            self._whole.clear()
            self._bytes = self._dropped = 0

    def wait(self, condition: Callable[["CallLog"], bool], timeout: float) -> bool:
        """Wait until something is true of the log; tell whether it came true."""
        until = monotonic() + timeout
        with self._changed:
            while not condition(self):
                left = until - monotonic()
                if left <= 0.0:
                    return False
                self._changed.wait(left)
            return True

    def find(self, method: str | None, state: str | None) -> list[Call]:
        """Return the calls of a method that are in a state."""
        return [
            call
            for call in self.snapshot()
            if same_method(method, call.method) and state in (None, call.state)
        ]


resolve_lazily(globals())
