"""What the attempt loop hands to a transport."""

from collections.abc import Callable, Iterable
from typing import Final

from xai.errors import Metadata
from xai.runtime.net.endpoint import Headers


class WaitTimeoutError(Exception):
    """Who waits for a stream wants to wait no longer; the stream itself goes on."""


#: Not hidden like the protocol's other fields: retries obey it, and callers may want to.
_PUSHBACK: Final = b"grpc-retry-pushback-ms"

#: Takes how many bytes are done, and how many there are.
Progress = Callable[[int, int], None]


class Request:
    """What an attempt sends, and how long it may take.

    Args:
        path: The path of the RPC.
        payload: The encoded message.
        metadata: Pairs for this call, after those of the channel.
        deadline: When the whole call ends, on the monotonic clock; None is never.
        connect: Longest wait for a connection, in seconds; None for no limit.
        idle: Longest silence between two messages, in seconds; None for no limit.
        streaming: Whether the reply is a stream.
        on_sent: Told how many bytes of how many of the request have left, as they do; for a call
            with one reply, in the thread or task that made it.
        on_received: Told the same of the reply.
    """

    __slots__ = (
        "connect",
        "deadline",
        "head",
        "idle",
        "metadata",
        "on_received",
        "on_sent",
        "path",
        "payload",
        "streaming",
        "trailers",
    )

    def __init__(
        self,
        path: str,
        payload: bytes,
        *,
        metadata: Headers = (),
        deadline: float | None = None,
        connect: float | None = None,
        idle: float | None = None,
        streaming: bool = False,
        on_sent: "Progress | None" = None,
        on_received: "Progress | None" = None,
    ) -> None:
        self.path = path
        self.payload = payload
        self.metadata = metadata
        self.deadline = deadline
        self.connect = connect
        self.idle = idle
        self.streaming = streaming
        self.on_sent = on_sent
        self.on_received = on_received
        #: The headers and trailers of the answer, as far as they have come.
        self.head: Iterable[tuple[bytes, bytes]] = ()
        self.trailers: Iterable[tuple[bytes, bytes]] = ()

    @property
    def response_metadata(self) -> Metadata:
        """The metadata of the response: initial, then trailing."""
        return (*visible(self.head), *visible(self.trailers))

    @property
    def watched(self) -> bool:
        """Whether somebody is told how far the call has come."""
        return self.on_sent is not None or self.on_received is not None

    def report(self, news: "dict[bool, tuple[int, int]]") -> None:
        """Tell how far the call has come.

        Args:
            news: Bytes done and bytes in all: those of the reply under True, those of the request
                under False.
        """
        if False in news and self.on_sent is not None:
            self.on_sent(*news[False])
        if True in news and self.on_received is not None:
            self.on_received(*news[True])


def visible(headers: Iterable[tuple[bytes, bytes]]) -> Metadata:
    """Return what is metadata among the headers of an answer.

    Args:
        headers: As they came.
    """
    return tuple(
        (key.decode("latin-1"), value.decode("latin-1"))
        for key, value in headers
        if key == _PUSHBACK or not (key.startswith((b":", b"grpc-")) or key == b"content-type")
    )
