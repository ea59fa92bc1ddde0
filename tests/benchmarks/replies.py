"""Replies on their way: what the common server has still to send on each stream."""

import asyncio
import time
from collections.abc import Sequence
from typing import Protocol

from tests.benchmarks import frames
from tests.benchmarks.payloads import Prepared

#: Seconds between two batches of a paced stream.
_TICK = 0.002
_TRAILERS_FLAGS = frames.END_HEADERS | frames.END_STREAM
#: Stands for the stream's number in a prepared reply. As a number it is not a valid one.
_MARK = 0xFFFFFFFF


class Reply:
    """What calls are answered with.

    Args:
        prepared: The message.
        count: How many of it a stream has; 0 for a unary call.
        rate: 0 to send all at once, otherwise messages a second over all streams.
    """

    def __init__(self, prepared: Prepared, count: int, rate: int) -> None:
        self.rate = rate
        self.count = max(1, count)
        self._prepared = prepared
        self._page = 0
        size = frames.FRAME_SIZE
        body = frames.prefixed(prepared.message)
        self.pieces = [body[start : start + size] for start in range(0, len(body), size)]
        self.size = len(body) * self.count
        parts = [
            frames.frame(frames.HEADERS, frames.END_HEADERS, _MARK, frames.REPLY_BLOCK),
            *[frames.frame(frames.DATA, 0, _MARK, piece) for piece in self.pieces] * self.count,
            frames.frame(frames.HEADERS, _TRAILERS_FLAGS, _MARK, frames.TRAILERS_BLOCK),
        ]
        #: A whole reply, cut where the number of the stream belongs.
        self.whole = tuple(_cut(parts))
        head = b"HTTP/1.1 200 OK\r\ncontent-type: "
        if count:
            event = b"data: " + prepared.json + b"\n\n"
            self.http_head = head + b"text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
            self.http_message = b"%x\r\n%b\r\n" % (len(event), event)
            self.http_tail = b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n"
        else:
            length = len(prepared.json)
            self.http_head = head + b"application/json\r\ncontent-length: %d\r\n\r\n" % length
            self.http_message = prepared.json
            self.http_tail = b""

    def following(self) -> "Reply":
        """Return what the next call is answered with: this, or another page."""
        if not self._prepared.pages:
            return self
        self._page += 1
        return Reply(self._prepared.page(self._page), 0, 0)


def _cut(parts: Sequence[bytes]) -> list[bytes]:
    """Return the bytes between the places of the stream's number."""
    at = frames.HEADER_SIZE - 4
    pieces = [parts[0][:at]]
    for this, following in zip(parts, [*parts[1:], b""], strict=True):
        pieces.append(this[frames.HEADER_SIZE :] + following[:at])
    return pieces


class Output(Protocol):
    """The connection an answer goes to."""

    output: list[bytes]

    def flush(self) -> None:
        """Write in one go."""


class Answer:
    """One reply on its way.

    Args:
        connection: Where to.
        reply: What it is.
    """

    def __init__(self, connection: Output, reply: Reply) -> None:
        self.connection = connection
        self.reply = reply
        self.released = 1 if reply.rate else reply.count
        self.sent = 0

    def send(self) -> None:
        """Put what may be sent into the connection's output."""
        raise NotImplementedError


class HttpAnswer(Answer):
    """A reply by HTTP/1.1."""

    def send(self) -> None:
        """Put what may be sent into the connection's output."""
        output, reply = self.connection.output, self.reply
        if self.sent == 0:
            output.append(reply.http_head)
        output.append(reply.http_message * (self.released - self.sent))
        self.sent = self.released
        if self.sent == reply.count:
            output.append(reply.http_tail)


class Windows(Output, Protocol):
    """A connection with flow control."""

    window: int
    initial_window: int
    answers: "dict[int, GrpcAnswer]"


class GrpcAnswer(Answer):
    """A reply by HTTP/2, within the windows the client gives.

    Args:
        connection: Where to.
        reply: What it is.
        stream: The number of the stream.
    """

    def __init__(self, connection: Windows, reply: Reply, stream: int) -> None:
        super().__init__(connection, reply)
        self.grpc = connection
        self.stream = stream
        self.window = connection.initial_window
        self._piece = 0
        self._offset = 0
        connection.output.append(
            frames.frame(frames.HEADERS, frames.END_HEADERS, stream, frames.REPLY_BLOCK)
        )

    def send(self) -> None:
        """Put what may be sent into the connection's output."""
        output = self.connection.output
        while self.sent < self.released:
            size, data = self._next()
            if not size:
                return
            self.window -= size
            self.grpc.window -= size
            output.append(data)
        if self.sent == self.reply.count and self.stream in self.grpc.answers:
            output.append(
                frames.frame(frames.HEADERS, _TRAILERS_FLAGS, self.stream, frames.TRAILERS_BLOCK)
            )
            del self.grpc.answers[self.stream]

    def _next(self) -> tuple[int, bytes]:
        """Return the next frames: as many whole messages as fit, or a piece of one."""
        room = min(self.window, self.grpc.window)
        pieces = self.reply.pieces
        piece = pieces[self._piece]
        if len(pieces) == 1 and self._offset == 0 and room >= len(piece):
            count = min(self.released - self.sent, room // len(piece))
            self.sent += count
            return count * len(piece), frames.frame(frames.DATA, 0, self.stream, piece) * count
        part = piece[self._offset : self._offset + max(0, room)]
        self._offset += len(part)
        if self._offset == len(piece):
            self._offset = 0
            self._piece = (self._piece + 1) % len(pieces)
            self.sent += self._piece == 0
        return len(part), frames.frame(frames.DATA, 0, self.stream, part) if part else b""


async def pace(answers: list[Answer], rate: int) -> None:
    """Send the rest of these answers, to each in turn, so many messages a second.

    In turn, and in batches of the same size whatever the number of streams: what differs between
    ten streams and a thousand is then only how many there are.
    """
    batch = max(1, round(rate * _TICK))
    due = time.monotonic()
    while answers:
        following: list[Answer] = []
        for start in range(0, len(answers), batch):
            due += _TICK
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            group = answers[start : start + batch]
            for answer in group:
                answer.released += 1
                answer.send()
            for connection in {answer.connection for answer in group}:
                connection.flush()
            following += [answer for answer in group if answer.released < answer.reply.count]
        answers = following
