"""One call on the server's side: messages in and out, its end, and the faults on the way."""

import asyncio
import base64
import gzip
import logging
import struct
import zlib
from collections.abc import AsyncIterator, Callable, Iterable
from typing import TYPE_CHECKING, Any, Final, Protocol, SupportsBytes

import attrs
import h2.exceptions
from grpclib.const import Handler, Status
from grpclib.exceptions import GRPCError
from grpclib.metadata import encode_grpc_message

from xai._annotations import resolve_lazily
from xai.testing.control.accounts import Accounts, set_caller
from xai.testing.control.calls import Call, CallLog
from xai.testing.control.faults import (
    Delay,
    DropConnection,
    Fail,
    Fault,
    FaultPlan,
    Garbage,
    GoAway,
    Reply,
    Reset,
    Stall,
    Trailers,
)
from xai.testing.control.rate import RateLimits
from xai.testing.http_files import HttpFiles

if TYPE_CHECKING:
    from grpclib.protocol import Stream

_LOG = logging.getLogger("xai.testing")
_CONTENT_TYPE = "application/grpc+proto"
# Eleven continuation bytes are no number, whatever the message type.
_BAD_MESSAGE = b"\xff" * 11
# Data of stream 0, which no peer may send.
_BAD_FRAME = b"\x00\x00\x01\x00\x00\x00\x00\x00\x00x"
_ERROR_PAGE = b"<html><body><h1>502 Bad Gateway</h1></body></html>\n"


#: How messages are compressed, by the names of gRPC.
COMPRESSORS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
}


@attrs.define(eq=False)
class Core:
    """What all connections of one server share.

    Attributes:
        handlers: The generated handler of every method, by path.
        acls: The ACL that a method needs, by path; a method that is missing needs just a key.
        http: Serves files over plain HTTP.
        released: Set to let stalled calls go on; replaced by a fresh one each time.
        compression: How replies to clients that accept it are compressed.
    """

    handlers: dict[str, Handler]
    acls: dict[str, str]
    accounts: Accounts
    log: CallLog
    max_streams: int
    max_message_bytes: int
    http: HttpFiles
    faults: FaultPlan = attrs.field(factory=FaultPlan)
    rates: RateLimits = attrs.field(factory=RateLimits)
    released: asyncio.Event = attrs.field(factory=asyncio.Event)
    compression: str | None = None


class ConnectionControl(Protocol):
    """What a call needs of the connection that it came in on.

    Attributes:
        core: What all connections share.
    """

    core: Core

    def go_away(self, error_code: int = 0) -> None:
        """Send GOAWAY, and close when the open calls have ended."""
        ...

    def write(self, data: bytes) -> None:
        """Write bytes between two frames."""
        ...

    def drop(self, *, flush: bool = True) -> None:
        """Close the socket without a frame."""
        ...

    def progress(self) -> None:
        """Note that a call has got on."""
        ...


class _EndedError(Exception):
    """The call has been ended in an unusual way; there is nothing left to send."""


class Exchange:
    """One call, in the form that the generated handlers expect of a stream.

    Args:
        connection: The connection it came in on.
        stream: Its HTTP/2 stream.
        call: Its record.
        headers: Its request headers, with the key.
        faults: The faults that it meets.
    """

    def __init__(
        self,
        connection: ConnectionControl,
        stream: "Stream",
        call: Call,
        headers: list[tuple[str, str]],
        faults: list[Fault],
    ) -> None:
        self._connection = connection
        self._core = connection.core
        self._stream = stream
        self._call = call
        self._headers = headers
        self._handler = self._core.handlers.get(call.method)
        self._delays = [fault for fault in faults if isinstance(fault, Delay)]
        self._fault = next((fault for fault in faults if not isinstance(fault, Delay)), None)
        self._headers_sent = False
        self._compress: Callable[[bytes], bytes] | None = None
        self._first: list[Any] = []

    async def serve(self) -> None:
        """Serve the call to its end."""
        try:
            await self._serve()
        except _EndedError:
            pass
        except GRPCError as error:
            await self._finish(error.status.value, error.message or "")
        except (h2.exceptions.H2Error, ConnectionError):
            # The client went away between two frames.
            self._core.log.finish(self._call, "cancelled")
        except Exception as error:  # noqa: BLE001 - it becomes a status
            _LOG.exception("The local server failed in %s", self._call.method)
            text = f"The local server failed: {type(error).__name__}: {error}"
            await self._finish(Status.INTERNAL.value, text)

    async def refuse_headers(self, size: int, limit: int) -> None:
        """End the call because its headers are too large."""
        text = f"Received metadata larger than max ({size} vs. {limit})"
        try:
            await self._finish(Status.RESOURCE_EXHAUSTED.value, text)
        except (h2.exceptions.H2Error, ConnectionError):
            self._core.log.finish(self._call, "cancelled")

    async def _serve(self) -> None:
        if not await self._acceptable():
            return
        # Read first of all, so that the log has the request whatever happens to the call.
        message = await self._receive()
        if message is not None:
            self._first.append(message)
        for delay in self._delays:
            await asyncio.sleep(delay.seconds)
        await self._trigger(None)
        path = self._call.method
        account = self._core.accounts.authenticate(self._headers, self._core.acls.get(path), path)
        set_caller(account)
        await self._trigger(0)
        if isinstance(self._fault, Reply):
            await self._send_script(self._fault)
        elif self._handler is None:
            raise GRPCError(Status.UNIMPLEMENTED, f"The method {path} does not exist.")
        else:
            await self._handler.func(self)
        # A call that ended before its turn came has the fault at its end.
        if self._fault is not None and self._fault.after_messages is not None:
            await self._apply(self._fault)
        await self._finish(0, "")

    async def _acceptable(self) -> bool:
        lookup = dict(self._headers)
        if lookup.get("content-type", "").startswith("application/grpc"):
            return True
        await self._stream.send_headers([(":status", "415")], end_stream=True)
        self._core.log.finish(self._call, "error")
        return False

    # What handlers use.

    async def recv_message(self) -> Any | None:  # noqa: ANN401 - grpclib types it so
        """Return the next message of the client, or None after the last."""
        return self._first.pop() if self._first else await self._receive()

    def __aiter__(self) -> AsyncIterator[Any]:
        """Return an iterator of the client's messages."""
        return self

    async def __anext__(self) -> Any:  # noqa: ANN401 - grpclib types it so
        """Return the next message of the client."""
        message = await self.recv_message()
        if message is None:
            raise StopAsyncIteration
        return message

    async def send_message(self, message: SupportsBytes | bytes) -> None:
        """Send a message, given as such or as bytes."""
        data = message if isinstance(message, bytes) else bytes(message)
        await self._send_initial_headers()
        if self._compress is not None:
            data = self._compress(data)
        prefix = struct.pack("!?I", self._compress is not None, len(data))
        await self._stream.send_data(prefix + data)
        self._core.log.update(self._call, sent=1)
        self._connection.progress()
        await self._trigger(self._call.messages_sent)

    async def _receive(self) -> Any | None:  # noqa: ANN401 - grpclib types it so
        prefix = await self._read(5)
        if not prefix:
            return None
        compressed, size = struct.unpack("!?I", prefix)
        if compressed:
            raise GRPCError(Status.UNIMPLEMENTED, "Compressed messages are not supported.")
        limit = self._core.max_message_bytes
        if size > limit:
            # By what is announced: nothing of it is waited for.
            text = f"Received message larger than max ({size} vs. {limit})"
            raise GRPCError(Status.RESOURCE_EXHAUSTED, text)
        data = await self._read(size)
        if self._handler is None:
            self._core.log.request(self._call, data, None)
            return data
        request_type = self._handler.request_type
        try:
            message = request_type().parse(data)
        except Exception as error:
            raise GRPCError(Status.INTERNAL, f"The request can't be parsed: {error}") from error
        self._core.log.request(self._call, data, request_type)
        return message

    async def _read(self, size: int) -> bytes:
        try:
            return await self._stream.recv_data(size)
        except AssertionError:
            # grpclib's way to say so.
            raise GRPCError(Status.INTERNAL, "The request ends within a message.") from None

    async def _send_initial_headers(self) -> None:
        if not self._headers_sent:
            self._headers_sent = True
            headers = [(":status", "200"), ("content-type", _CONTENT_TYPE)]
            encoding = self._core.compression
            accepted = dict(self._headers).get("grpc-accept-encoding", "")
            if encoding is not None and encoding in [name.strip() for name in accepted.split(",")]:
                headers.append(("grpc-encoding", encoding))
                self._compress = COMPRESSORS[encoding]
            await self._stream.send_headers(headers)

    async def _finish(self, code: int, message: str, trailers: Trailers = ()) -> None:
        headers = [("grpc-status", str(code))]
        if message:
            headers.append(("grpc-message", encode_grpc_message(message)))
        headers += _encoded(trailers)
        if code == 0:
            await self._send_initial_headers()
        if not self._headers_sent:
            headers[:0] = [(":status", "200"), ("content-type", _CONTENT_TYPE)]
        # Recorded first: whoever sees the reply also finds it in the record.
        self._core.log.update(self._call, code=code)
        self._core.log.finish(self._call, "error" if code else "ok")
        self._connection.progress()
        try:
            await self._stream.send_headers(headers, end_stream=True)
            if self._stream.closable:
                self._stream.reset_nowait()
        except (h2.exceptions.H2Error, ConnectionError):
            _LOG.debug("%s: the client did not wait for the status", self._call.method)

    # Faults.

    async def _trigger(self, sent: int | None) -> None:
        """Apply the fault if this is its moment."""
        fault = self._fault
        if fault is None or isinstance(fault, Reply) or fault.after_messages != sent:
            return
        self._fault = None
        await self._apply(fault)

    async def _apply(self, fault: Fault) -> None:
        if fault.after_messages is not None:
            await self._send_initial_headers()
        if isinstance(fault, Stall):
            await self._core.released.wait()
            return
        if isinstance(fault, GoAway):
            self._connection.go_away(fault.error_code)
            return
        if isinstance(fault, Fail):
            await self._finish(fault.code, fault.message, fault.trailers)
        elif isinstance(fault, Garbage):
            await self._send_garbage(fault.kind)
        elif isinstance(fault, (DropConnection, Reset)):
            self._core.log.finish(self._call, "error")
            if isinstance(fault, Reset):
                self._stream.reset_nowait(fault.error_code)  # type: ignore[arg-type]  # h2 takes any number
            else:
                self._connection.drop(flush=fault.after_messages is not None)
        raise _EndedError

    async def _send_garbage(self, kind: str) -> None:
        self._core.log.finish(self._call, "error")
        if kind == "http":
            headers = [(":status", "502"), ("content-type", "text/html")]
            await self._stream.send_headers(headers)
            await self._stream.send_data(_ERROR_PAGE, end_stream=True)
            return
        if kind == "frame":
            self._connection.write(_BAD_FRAME)
            return
        await self._send_initial_headers()
        size = len(_BAD_MESSAGE) + (100 if kind == "cut" else 0)
        await self._stream.send_data(struct.pack("!?I", False, size) + _BAD_MESSAGE)  # noqa: FBT003
        await self._stream.send_headers([("grpc-status", "0")], end_stream=True)

    async def _send_script(self, reply: Reply) -> None:
        self._fault = None
        for message in reply.messages:
            await self.send_message(message)
        await self._finish(0, "", reply.trailers)
        raise _EndedError


def _encoded(trailers: Iterable[tuple[str, str | bytes]]) -> list[tuple[str, str]]:
    return [
        (key, base64.b64encode(value).decode().rstrip("=") if isinstance(value, bytes) else value)
        for key, value in trailers
    ]


resolve_lazily(globals())
