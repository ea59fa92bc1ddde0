"""Files over plain HTTP on the loopback interface: what the URLs in responses lead to."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

import attrs

from xai._annotations import resolve_lazily
from xai.errors import StatusCode
from xai.testing.control.calls import Call, CallLog, describe
from xai.testing.control.faults import Delay, DropConnection, Fail, Fault, FaultPlan, Garbage, Stall
from xai.testing.engine.bounded import BoundedStore
from xai.testing.http2.listener import Listener, listen

if TYPE_CHECKING:
    import socket

_LOG = logging.getLogger("xai.testing")
_MIB: Final = 1024 * 1024
_MAX_FILES: Final = 10_000
_MAX_BYTES: Final = 256 * _MIB
_MAX_HEAD: Final = 16 * 1024
#: How much is written at once; a fault with ``after_messages`` counts these.
_CHUNK: Final = 64 * 1024
_METHODS: Final = ("GET", "HEAD")
_REASONS: Final = {
    200: "OK",
    206: "Partial Content",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    416: "Range Not Satisfiable",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
#: HTTP statuses for scripted failures, which are given as gRPC statuses; 500 for the others.
_HTTP_STATUS: Final = {
    StatusCode.INVALID_ARGUMENT: 400,
    StatusCode.NOT_FOUND: 404,
    StatusCode.PERMISSION_DENIED: 403,
    StatusCode.RESOURCE_EXHAUSTED: 429,
    StatusCode.UNAVAILABLE: 503,
    StatusCode.DEADLINE_EXCEEDED: 504,
}
#: Addresses that stand for every interface; the URLs name the loopback one.
_LOOPBACK: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # a key, nothing is bound


@attrs.frozen(eq=False)
class HttpFile:
    """A file that a URL leads to.

    Attributes:
        data: Its bytes.
        content_type: Its media type.
        expires_at: When the URL ends, with a zone; never when None.
    """

    data: bytes
    content_type: str
    expires_at: datetime | None = None

    @property
    def expired(self) -> bool:
        """Whether the URL has ended."""
        return self.expires_at is not None and datetime.now(timezone.utc) >= self.expires_at


class HttpFiles:
    """Serves files to GET and HEAD, with ranges; listens from the first file on.

    Faults of the server act on requests when they name the method ``GET`` or ``HEAD``: ``fail``,
    ``delay``, ``stall``, ``drop_connection`` and ``send_garbage``, where ``after_messages`` counts
    chunks of 64 KiB. Requests stand in the server's ``calls`` as ``/http/GET`` and ``/http/HEAD``.

    All methods are for the thread of the server's event loop.

    Args:
        host: The address to listen on.
        faults: What goes wrong.
        log: Where requests are noted.
        released: Returns the event that lets stalled requests go on.
        max_files: How many files are kept; the oldest are dropped at the limit.
        max_bytes: How many bytes they may have together.
    """

    def __init__(
        self,
        host: str,
        faults: FaultPlan,
        log: CallLog,
        released: Callable[[], asyncio.Event],
        *,
        max_files: int = _MAX_FILES,
        max_bytes: int = _MAX_BYTES,
    ) -> None:
        self._host = host
        self.faults = faults
        self.log = log
        self.released = released
        self._files: BoundedStore[HttpFile] = BoundedStore(
            "file", max_count=max_files, max_bytes=max_bytes
        )
        self._port = 0
        self._socket: "socket.socket | None" = None
        self._listener: Listener | None = None
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._accepted = 0

    def publish(
        self,
        data: bytes,
        content_type: str,
        *,
        expires_at: datetime | None = None,
        filename: str = "",
    ) -> str:
        """Return a new URL that leads to some bytes.

        Args:
            data: The bytes.
            content_type: Their media type.
            expires_at: When the URL ends, with a zone; never when None.
            filename: What the URL ends with.
        """
        self._listen()
        path = f"/{secrets.token_urlsafe(12)}/{quote(filename, safe='')}"
        self._files.put(path, HttpFile(data, content_type, expires_at), len(data))
        name = _LOOPBACK.get(self._host, self._host)
        return (
            f"http://[{name}]:{self._port}{path}"
            if ":" in name
            else (f"http://{name}:{self._port}{path}")
        )

    def find(self, url: str) -> HttpFile | None:
        """Return what a URL of this server leads to; None for other URLs, and once it has ended."""
        return self.at(urlsplit(url).path) if self.owns(url) else None

    def owns(self, url: str) -> bool:
        """Tell whether a URL is one of this server, whether it leads to something or not."""
        try:
            parts = urlsplit(url)
            return bool(self._port) and parts.scheme == "http" and parts.port == self._port
        except ValueError:
            return False

    def at(self, path: str) -> HttpFile | None:
        """Return the file at a path; None without one, and once its URL has ended."""
        found = self._files.find(path)
        if found is not None and found.expired:
            self._files.pop(path)
            return None
        return found

    def renew(self, url: str, expires_at: datetime | None) -> None:
        """Let a URL of this server end at another time; nothing happens for one that has ended."""
        found = self.find(url)
        if found is not None:
            renewed = attrs.evolve(found, expires_at=expires_at)
            self._files.put(urlsplit(url).path, renewed, len(found.data))

    def revoke(self, url: str) -> bool:
        """End a URL now; tell whether there was one."""
        found = self.find(url)
        if found is not None:
            self._files.pop(urlsplit(url).path)
        return found is not None

    # For the runner of the server.

    def resume(self) -> None:
        """Listen again after a restart, so that earlier URLs stay good."""
        if self._port:
            self._listen()

    def close(self) -> None:
        """Close the sockets; the files stay."""
        if self._listener is not None and self._socket is not None:
            self._listener.close()
            self._socket.close()
        self._listener = self._socket = None
        for task, writer in self._connections.items():
            writer.transport.abort()
            task.cancel()

    def _listen(self) -> None:
        if self._listener is not None:
            return
        self._socket = listen(self._host, self._port)
        self._port = self._socket.getsockname()[1]
        self._listener = Listener(self._socket, self._make_protocol, None)

    def _make_protocol(self) -> asyncio.StreamReaderProtocol:
        # The limit is what `readuntil` allows for the head of a request.
        reader = asyncio.StreamReader(limit=_MAX_HEAD)
        return asyncio.StreamReaderProtocol(reader, self._connected)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._accepted += 1
        connection = _Connection(self, reader, writer, self._accepted)
        task = asyncio.get_running_loop().create_task(connection.serve())
        self._connections[task] = writer
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._connections.pop(task).close()
        if not task.cancelled() and (error := task.exception()) is not None:
            _LOG.error("The local server failed in a request for a file", exc_info=error)


class _Connection:
    """One connection, and the requests that come on it one after the other."""

    def __init__(
        self,
        files: HttpFiles,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        number: int,
    ) -> None:
        self._files = files
        self._reader = reader
        self._writer = writer
        self._number = number
        self._requests = 0

    async def serve(self) -> None:
        with contextlib.suppress(ConnectionError):
            while (head := await self._read_head()) is not None:
                self._requests += 1
                if not await self._respond(head):
                    return

    async def _read_head(self) -> bytes | None:
        try:
            return await self._reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        except asyncio.LimitOverrunError:
            await self._refuse(400)
            return None

    async def _respond(self, head: bytes) -> bool:
        """Answer a request; tell whether the connection may be used for another one."""
        lines = head.decode("latin-1").split("\r\n")
        method, _, rest = lines[0].partition(" ")
        target, _, version = rest.rpartition(" ")
        pairs = [
            (k.strip().lower(), v.strip()) for k, _, v in (x.partition(":") for x in lines[1:] if x)
        ]
        headers = dict(pairs)
        if (
            version not in ("HTTP/1.1", "HTTP/1.0")
            or "content-length" in headers
            or ("transfer-encoding" in headers)
        ):
            # A request with a body is none that this server answers.
            return await self._refuse(400)
        if method not in _METHODS:
            return await self._refuse(405, ("allow", ", ".join(_METHODS)))
        record = [(":path", f"/http/{method}"), (":target", target), *pairs]
        call = describe(record, self._number, self._requests)
        self._files.log.add(call)
        faults = self._files.faults.take(call.method, by_name=True)
        try:
            done = await self._serve(call, method, urlsplit(target).path, headers, faults)
        except (ConnectionError, asyncio.CancelledError):
            self._files.log.finish(call, "cancelled")
            raise
        keep = version == "HTTP/1.1" and headers.get("connection", "").lower() != "close"
        return done and keep

    async def _serve(
        self, call: Call, method: str, path: str, headers: dict[str, str], faults: list[Fault]
    ) -> bool:
        log = self._files.log
        for delay in faults:
            if isinstance(delay, Delay):
                await asyncio.sleep(delay.seconds)
        fault = next((fault for fault in faults if not isinstance(fault, Delay)), None)
        if isinstance(fault, Fail) and fault.after_messages is None:
            log.finish(call, "error")
            return await self._refuse(_HTTP_STATUS.get(StatusCode(fault.code), 500))
        if fault is not None and fault.after_messages is None and not await self._apply(fault):
            log.finish(call, "error")
            return False
        file = self._files.at(path)
        if file is None:
            log.finish(call, "error")
            return await self._refuse(404)
        span = _range(headers.get("range"), len(file.data))
        if span is None:
            log.finish(call, "error")
            return await self._refuse(416, ("content-range", f"bytes */{len(file.data)}"))
        body = memoryview(file.data)[span]
        status = 206 if "range" in headers and span != slice(0, len(file.data)) else 200
        extra = [("content-type", file.content_type), ("accept-ranges", "bytes")]
        if status == 206:
            extra.append(("content-range", f"bytes {span.start}-{span.stop - 1}/{len(file.data)}"))
        if method == "HEAD" or not body:
            log.finish(call, "ok")
        self._head(status, len(body), *extra)
        if method == "GET" and not await self._send(call, body, fault):
            log.finish(call, "error")
            return False
        await self._writer.drain()
        return True

    async def _send(self, call: Call, body: memoryview, fault: Fault | None) -> bool:
        """Write a body chunk by chunk; tell whether a fault left it whole."""
        for count, start in enumerate(range(0, len(body), _CHUNK)):
            if fault is not None and fault.after_messages == count and not await self._apply(fault):
                return False
            # Recorded first: whoever sees the end also finds it in the record.
            self._files.log.update(call, sent=1)
            if start + _CHUNK >= len(body):
                self._files.log.finish(call, "ok")
            self._writer.write(body[start : start + _CHUNK])
            await self._writer.drain()
        return True

    async def _apply(self, fault: Fault) -> bool:
        """Let something go wrong; tell whether the request goes on afterwards."""
        if isinstance(fault, Stall):
            await self._writer.drain()
            await self._files.released().wait()
            return True
        if isinstance(fault, Garbage):
            self._writer.write(b"\x00\x01 this is no HTTP \xff\r\n\r\n")
            await self._writer.drain()
        elif isinstance(fault, DropConnection) and fault.after_messages is None:
            self._writer.transport.abort()
        # What was written before a later fault still arrives, and then the connection ends.
        return False

    async def _refuse(self, status: int, *headers: tuple[str, str]) -> bool:
        body = f"{status} {_REASONS[status]}\n".encode()
        # A HEAD has no body; one of these is answered by a closed connection, so it does no harm.
        self._head(
            status, len(body), ("content-type", "text/plain"), ("connection", "close"), *headers
        )
        self._writer.write(body)
        await self._writer.drain()
        return False

    def _head(self, status: int, length: int, *headers: tuple[str, str]) -> None:
        lines = [f"HTTP/1.1 {status} {_REASONS[status]}", f"content-length: {length}"]
        lines += [f"{name}: {value}" for name, value in headers]
        self._writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))


def _range(header: str | None, size: int) -> slice | None:
    """Return the part that a header asks for, all for one that is not understood; None if empty."""
    unit, _, spec = (header or "").partition("=")
    first, dash, last = spec.strip().partition("-")
    whole = slice(0, size)
    if unit.strip() != "bytes" or not dash or not (first + last).isdecimal():
        return whole
    if not first:
        return slice(max(0, size - int(last)), size) if int(last) and size else None
    end = min(size, int(last) + 1) if last else size
    if int(first) >= size:
        return None
    return slice(int(first), end) if int(first) < end else whole


resolve_lazily(globals())
