"""One attempt of one call: a small state machine on the event loop.

It is driven by the events of its stream, never cancels a task and is never awaited itself: whoever
wants the outcome gives it a sink. So a deadline or a reset leaves the caller's task as it was,
and a blocking call needs no task at all.
"""

import asyncio
import binascii
from base64 import b64decode
from typing import Final, Protocol
from urllib.parse import unquote_to_bytes

from xai._clock import monotonic
from xai.errors import StatusCode
from xai.runtime.compression import CompressedMessage, CompressionError, check_encoding
from xai.runtime.http2.channel import Channel, closed_failure
from xai.runtime.http2.connection import Connection
from xai.runtime.http2.frames import message
from xai.runtime.http2.headers import RawHeaders, fields
from xai.runtime.retry.policy import Failure, encode_timeout, remaining
from xai.runtime.timers import Timer, call_later
from xai.runtime.transport.request import Request, visible

#: What a stream buffers before it stops reading; well below the stream's window.
BUFFER_BYTES: Final = 2**20
BUFFER_MESSAGES: Final = 1024
#: How much window of a stream is returned at once: often enough for the server not to wait for it,
#: and not with each small message.
_RETURNED_BYTES: Final = 128 * 1024
_PREFIX: Final = 5
_EXPLANATION_BYTES: Final = 2048
_NOTHING: Final = memoryview(b"")
#: A deadline that is so near has passed, in seconds: servers count in whole milliseconds.
_TICK: Final = 0.002

# https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md
_STATUS_BY_HTTP: Final = {
    b"400": StatusCode.INTERNAL,
    b"401": StatusCode.UNAUTHENTICATED,
    b"403": StatusCode.PERMISSION_DENIED,
    b"404": StatusCode.UNIMPLEMENTED,
    b"429": StatusCode.UNAVAILABLE,
    b"502": StatusCode.UNAVAILABLE,
    b"503": StatusCode.UNAVAILABLE,
    b"504": StatusCode.UNAVAILABLE,
}

# https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md, "Errors"; what is not here is
# INTERNAL. RFC 9113, section 7, has the numbers.
_REFUSED_STREAM: Final = 0x7
_STATUS_BY_RESET: Final = {
    _REFUSED_STREAM: StatusCode.UNAVAILABLE,
    0x8: StatusCode.CANCELLED,
    0xB: StatusCode.RESOURCE_EXHAUSTED,
    0xC: StatusCode.PERMISSION_DENIED,
}


#: What an end becomes that a server, or something on the way, brings about at the deadline.
_ENDED_BY_TIME: Final = frozenset(
    {StatusCode.CANCELLED, StatusCode.UNKNOWN, StatusCode.INTERNAL, StatusCode.UNAVAILABLE}
)


class Sink(Protocol):
    """Where an attempt delivers; called on the loop, never blocks."""

    def on_message(self, data: bytes) -> bool:
        """Take a message; return True to hold the server back until `Attempt.resume`."""

    def on_done(self, failure: Failure | None) -> None:
        """Take the end: None after a status of OK."""

    def on_progress(self, done: int, total: int, *, received: bool) -> None:
        """Take how many bytes of the reply were received, or how many of the request sent."""

    def backlog(self) -> bool:
        """Return whether messages wait for the reader, who then can't be kept idle."""


class Attempt:
    """One try of one call (a `StreamListener`).

    Args:
        channel: The channel to use, dialed if needed.
        request: What to send.
        sink: Where the reply goes.
    """

    __slots__ = (
        "__weakref__",
        "_body",
        "_buffer",
        "_channel",
        "_connect_timer",
        "_connection",
        "_deadline_timer",
        "_done",
        "_explanation",
        "_head",
        "_idle_timer",
        "_last_data",
        "_limit",
        "_loop",
        "_messages",
        "_paused",
        "_pending_update",
        "_request",
        "_sink",
        "_slow",
        "_stream_id",
        "_trailers",
        "_unacknowledged",
    )

    #: What a silent server has done, for the error.
    _idle_text = "sent nothing"

    def __init__(self, channel: Channel, request: Request, sink: Sink) -> None:
        self._channel = channel
        self._request = request
        self._sink = sink
        self._loop = asyncio.get_running_loop()
        self._connection: Connection | None = None
        self._stream_id = 0
        self._body = _NOTHING
        self._buffer = bytearray()
        self._head: dict[bytes, bytes] = {}
        self._trailers: RawHeaders | None = None
        self._explanation: bytearray | None = None
        self._messages = 0
        self._paused = False
        self._slow = False
        self._limit = channel.config.max_message_bytes
        #: What was received and is kept back to hold the server; and what it may send anew on this
        #: stream, but has not been told yet.
        self._unacknowledged = 0
        self._pending_update = 0
        self._done = False
        self._last_data = 0.0
        self._deadline_timer: Timer | None = None
        self._connect_timer: Timer | None = None
        self._idle_timer: Timer | None = None

    # -- the caller's side ---------------------------------------------------------------------

    def start(self) -> None:
        """Send the request, after dialing if there is no connection."""
        request = self._request
        left = remaining(request.deadline)
        if left is not None:
            if left <= 0.0:
                self._finish(_deadline_failure("before the request was sent"))
                return
            self._deadline_timer = call_later(self._loop, left, self._on_deadline)
        connection = self._channel.ready()
        if connection is not None:
            self._open(connection)
            return
        if self._channel.closed:
            self._finish(closed_failure())
            return
        if request.connect is not None:
            self._connect_timer = call_later(self._loop, request.connect, self._on_connect_limit)
        self._channel.connect(request.connect, self._on_connected)

    def cancel(self, failure: Failure | None = None) -> None:
        """Give the call up: the server is told by a reset, the sink by the failure.

        Args:
            failure: Why; None when the caller has left.
        """
        if not self._done:
            self._finish(failure or Failure(StatusCode.CANCELLED, "the call was given up"))

    def resume(self) -> None:
        """Read on after the sink was full: the window kept back goes to the server."""
        self._paused = False
        if self._unacknowledged and self._connection is not None and not self._done:
            taken, self._unacknowledged = self._unacknowledged, 0
            self._last_data = monotonic()
            self._connection.acknowledge(self._stream_id, taken)
            self._connection.flush()

    # -- sending -------------------------------------------------------------------------------

    def _on_connected(self, result: Connection | Failure) -> None:
        if self._connect_timer is not None:
            self._connect_timer.cancel()
        if self._done:
            return
        if isinstance(result, Failure):
            self._finish(result)
        elif result.usable:
            self._open(result)
        else:
            # It went between the end of the dialing and this moment.
            lost = _unusable(result.reason)
            self._finish(closed_failure() if self._channel.closed else lost)

    def on_stream_available(self) -> None:
        """Open the stream that was waited for."""
        if not self._done and self._connection is not None:
            self._open(self._connection)

    def on_surplus(self) -> None:
        """Start over: the stream was refused for a limit that was not known when it was opened."""
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        self._stream_id = 0
        self._body = _NOTHING

    def _open(self, connection: Connection) -> None:
        request = self._request
        left = remaining(request.deadline)
        if left is not None and left <= 0.0:
            # The timer is due; a grpc-timeout of 0 would be against the protocol.
            self._finish(_deadline_failure("before the request was sent"))
            return
        self._connection = connection
        channel = self._channel
        # The protocol's grammar has all of its own fields before those of the caller.
        rest = channel.metadata
        if left is not None:
            rest = fields((("grpc-timeout", encode_timeout(left)),)) + rest
        if request.metadata:
            rest += fields(request.metadata)
        stream_id = connection.open_stream(self, channel.path(request.path), rest)
        if stream_id is None:
            return
        self._stream_id = stream_id
        if (request.streaming or request.uploading) and request.idle is not None:
            self._last_data = monotonic()
            self._idle_timer = call_later(self._loop, request.idle, self._on_idle, request.idle)
        if request.uploading:
            self._begin_upload(connection)
            return
        body = message(request.payload)
        sent = connection.send_body(stream_id, body)
        if sent < len(body):
            self._body = memoryview(body)[sent:]
        if request.on_sent is not None:
            self._report_sent()

    def _begin_upload(self, connection: Connection) -> None:
        raise NotImplementedError

    def on_writable(self) -> None:
        """Send what is left of the request, or what there is room for."""
        if self._connection is not None and not self._done:
            sent = self._connection.send_body(self._stream_id, self._body)
            self._body = self._body[sent:]
            if sent and self._request.on_sent is not None:
                self._report_sent()

    def _report_sent(self) -> None:
        total = len(self._request.payload)
        self._sink.on_progress(max(0, total - len(self._body)), total, received=False)

    # -- receiving -----------------------------------------------------------------------------

    def on_headers(self, headers: RawHeaders) -> None:
        """Evaluate the response headers."""
        head = self._head = dict(headers)
        if b"grpc-status" in head:
            self._trailers = self._request.trailers = headers
            return
        self._request.head = headers
        if head.get(b":status") != b"200" or not head.get(b"content-type", b"").startswith(
            b"application/grpc"
        ):
            # Not from a gRPC server, often from a proxy: its text is the best explanation.
            self._explanation = bytearray()

    def on_data(self, data: bytes, flow: int) -> None:
        """Cut messages out of the body and deliver them."""
        connection = self._connection
        if connection is None or self._done:
            return
        if data:
            # An empty frame says nothing; neither is it the end.
            self._last_data = monotonic()
        if self._explanation is not None:
            room = _EXPLANATION_BYTES - len(self._explanation)
            self._explanation += data[: max(0, room)]
            connection.acknowledge(self._stream_id, flow)
            return
        # Before the messages: what they lead to may be the end, which acknowledges the rest.
        self._unacknowledged += flow
        size = len(data) - _PREFIX
        if (
            size >= 0
            and not self._buffer
            and data[1:_PREFIX] == size.to_bytes(4, "big")
            and not data[0]
            and self._request.streaming
            and size <= self._limit
        ):
            # The usual frame of a stream: one whole message.
            self._messages += 1
            if self._sink.on_message(data[_PREFIX:]):
                self._paused = True
        elif data:
            self._deliver(data)
        if not self._paused and not self._done:
            taken, self._unacknowledged = self._unacknowledged, 0
            connection.acknowledge_connection(taken)
            self._pending_update += taken
            if self._pending_update >= _RETURNED_BYTES:
                connection.acknowledge_stream(self._stream_id, self._pending_update)
                self._pending_update = 0

    def _deliver(self, data: bytes) -> None:
        source: bytes | bytearray = data
        if self._buffer:
            self._buffer += data
            source = self._buffer
        start, size = 0, len(source)
        while size - start >= _PREFIX:
            body = start + _PREFIX
            end = body + int.from_bytes(source[start + 1 : body], "big")
            compressed = source[start]
            if not self._acceptable(compressed, end - body):
                return
            if self._request.on_received is not None:
                self._sink.on_progress(min(end, size) - body, end - body, received=True)
            if end > size:
                break
            self._messages += 1
            if not self._request.streaming and self._messages > 1:
                self._finish(_broken("the server sent a second reply to a call that has one"))
                return
            received = bytes(source[body:end])
            if self._sink.on_message(CompressedMessage(received) if compressed else received):
                self._paused = True
            start = end
        if start or not self._buffer:
            self._buffer = bytearray(source[start:])

    def _acceptable(self, compressed: int, size: int) -> bool:
        text = ""
        if size > self._limit:
            text = f"a message of {size} bytes is over the limit of {self._limit} bytes"
        elif compressed > 1:
            text = f"the server compressed a message in an unknown way (its flag is {compressed})"
        elif compressed:
            encoding = self._head.get(b"grpc-encoding", b"")
            try:
                check_encoding(encoding)
            except CompressionError as error:
                text = str(error)
            self._request.encoding = encoding
            self._request.max_message_bytes = self._limit
        if text:
            self._finish(_broken(text))
        return not text

    def on_trailers(self, headers: RawHeaders) -> None:
        """Keep the trailers for the end."""
        self._trailers = self._request.trailers = headers

    def on_end(self) -> None:
        """Conclude from the status the server gave, or from what it gave instead."""
        number = _status_number(self._trailers or [])
        failure = None
        if number and self._trailers is not None:
            failure = _read_status(self._trailers, number)
        elif self._explanation is not None:
            failure = _not_grpc(self._head, bytes(self._explanation))
        elif self._buffer:
            failure = _broken("the reply was cut off in the middle of a message")
        elif number is None:
            failure = _broken("the server ended the call without a status")
        elif not self._request.streaming and not self._messages:
            failure = _broken("the server answered OK without a reply")
        if failure is not None and failure.code in _ENDED_BY_TIME:
            failure = self._or_deadline(failure)
        self._finish(failure)

    def on_reset(self, code: int) -> None:
        """Translate a reset of the stream."""
        text = f"the server reset the call (HTTP/2 error code {code})"
        status = _STATUS_BY_RESET.get(code, StatusCode.INTERNAL)
        # A server that has begun to respond can't take it back.
        untouched = code == _REFUSED_STREAM and not self._head
        self._finish(self._or_deadline(Failure(status, text, unprocessed=untouched)))

    def on_failure(self, failure: Failure) -> None:
        """End with the connection's failure."""
        self._finish(failure if failure.closed else self._or_deadline(failure))

    # -- time ----------------------------------------------------------------------------------

    def _on_deadline(self) -> None:
        self._finish(_deadline_failure(self._where()))

    def _or_deadline(self, failure: Failure) -> Failure:
        """Return a failure, or one of the deadline if it has passed.

        A server ends a call at its deadline, too, in ways of its own, and that may be read before
        the timer here has fired.
        """
        left = remaining(self._request.deadline)
        if left is None or left > _TICK:
            return failure
        late = _deadline_failure(f"{self._where()} ({failure.message})")
        late.from_server, late.trailers = failure.from_server, failure.trailers
        late.details = failure.details
        return late

    def _where(self) -> str:
        where = "before the server had answered"
        if self._connection is None:
            where = f"while connecting to {self._channel.config.endpoint.authority}"
        elif not self._stream_id:
            where = "while waiting for a free stream: the server allows no more calls at once"
        return where

    def _on_connect_limit(self) -> None:
        if self._connection is None:
            host = self._channel.config.endpoint.authority
            limit = self._request.connect
            self._finish(_unusable(f"no connection to {host} within {limit:g} s"))

    def _on_idle(self, limit: float) -> None:
        now = monotonic()
        slow = self._waits_for_caller()
        if slow or self._slow:
            # The caller is the slow one; the server may not even be allowed to send. When the
            # caller caught up is not known: the server gets the whole limit once more.
            self._slow = slow
            self._last_data = now
        silent = now - self._last_data
        if silent < limit:
            self._idle_timer = call_later(self._loop, limit - silent, self._on_idle, limit)
            return
        text = f"the server {self._idle_text} for {limit:g} s"
        self._finish(Failure(StatusCode.DEADLINE_EXCEEDED, text))

    def _waits_for_caller(self) -> bool:
        return self._paused or self._sink.backlog()

    def _finish(self, failure: Failure | None) -> None:
        if self._done:
            return
        self._done = True
        for timer in (self._deadline_timer, self._connect_timer, self._idle_timer):
            if timer is not None:
                timer.cancel()
        connection = self._connection
        if connection is not None:
            if self._stream_id:
                # What was kept back to slow the server down counts for the connection too, whose
                # window would shrink with each stream that ends while it is paused.
                connection.acknowledge_connection(self._unacknowledged)
                connection.release(self._stream_id)
            elif self in connection.queue:
                connection.queue.remove(self)
        self._sink.on_done(failure)


def _deadline_failure(where: str) -> Failure:
    return Failure(StatusCode.DEADLINE_EXCEEDED, f"the time allowed for the call was over {where}")


def _unusable(text: str) -> Failure:
    return Failure(StatusCode.UNAVAILABLE, text, connection=True, unprocessed=True)


def _broken(text: str) -> Failure:
    return Failure(StatusCode.INTERNAL, text, final=True)


def _not_grpc(head: dict[bytes, bytes], body: bytes) -> Failure:
    status = head.get(b":status", b"")
    code = _STATUS_BY_HTTP.get(status, StatusCode.UNKNOWN)
    kind = head.get(b"content-type", b"nothing").decode("latin-1")
    text = f"the response is not gRPC: HTTP status {status.decode('latin-1')}, content {kind}"
    said = " ".join(body.decode("utf-8", "replace").split())
    return Failure(code, f"{text}: {said}" if said else text, from_server=True)


def _status_number(headers: RawHeaders) -> int | None:
    """Return the status as a number, -1 when it is none, None when there is no status."""
    raw = dict(headers).get(b"grpc-status")
    if raw is None:
        return None
    # int() would accept signs, spaces and underscores.
    return int(raw) if raw.isdigit() and len(raw) < 10 else -1


def _read_status(headers: RawHeaders, number: int) -> Failure:
    fields = dict(headers)
    message = unquote_to_bytes(fields.get(b"grpc-message", b"")).decode("utf-8", "replace")
    try:
        code = StatusCode(number)
    except ValueError:
        # https://github.com/grpc/grpc/blob/master/doc/statuscodes.md: unknown numbers are UNKNOWN.
        code = StatusCode.UNKNOWN
        message = message or f"the server gave the status {fields[b'grpc-status'][:20]!r}"
    return Failure(
        code,
        message,
        from_server=True,
        trailers=visible(headers),
        details=_decode_details(fields.get(b"grpc-status-details-bin")),
    )


def _decode_details(value: bytes | None) -> bytes:
    if not value:
        return b""
    try:
        return b64decode(value + b"=" * (-len(value) % 4), validate=True)
    except (binascii.Error, ValueError):
        # A malformed attachment must not take the place of the status it came with.
        return b""
