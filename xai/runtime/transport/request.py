"""What the attempt loop hands to a transport."""

from collections.abc import Callable, Iterable
from typing import Final

from xai.errors import Metadata, StatusCode
from xai.runtime.compression import CompressedMessage, CompressionError, TooLargeError, decompress
from xai.runtime.retry.policy import CallFailed, Failure


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
        uploading: Whether the request is a stream; the payload is empty then.
        on_sent: Told how many bytes of how many of the request have left, as they do; for a call
            with one reply, in the thread or task that made it.
        on_received: Told the same of the reply.
    """

    __slots__ = (
        "connect",
        "deadline",
        "encoding",
        "head",
        "idle",
        "max_message_bytes",
        "metadata",
        "on_received",
        "on_sent",
        "path",
        "payload",
        "streaming",
        "trailers",
        "uploading",
    )

    def __init__(
        self,
        path: str,
        payload: bytes,
        *,
        metadata: Metadata = (),
        deadline: float | None = None,
        connect: float | None = None,
        idle: float | None = None,
        streaming: bool = False,
        uploading: bool = False,
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
        self.uploading = uploading
        self.on_sent = on_sent
        self.on_received = on_received
        #: The headers and trailers of the response, as far as they have come.
        self.head: Iterable[tuple[bytes, bytes]] = ()
        self.trailers: Iterable[tuple[bytes, bytes]] = ()
        #: How messages of the response are compressed, once there is one that is.
        self.encoding = b""
        self.max_message_bytes = 0

    @property
    def response_metadata(self) -> Metadata:
        """The metadata of the response: initial, then trailing."""
        return (*visible(self.head), *visible(self.trailers))

    @property
    def watched(self) -> bool:
        """Whether somebody is told how far the call has come."""
        return self.on_sent is not None or self.on_received is not None

    def report(self, progress: "dict[bool, tuple[int, int]]") -> None:
        """Tell how far the call has come.

        Args:
            progress: Bytes done and bytes in all: those of the reply under True, those of the
                request under False.
        """
        if False in progress and self.on_sent is not None:
            self.on_sent(*progress[False])
        if True in progress and self.on_received is not None:
            self.on_received(*progress[True])

    def plain(self, message: bytes, limit: int | None = None) -> bytes:
        """Return a message of the response, decompressed if it was compressed.

        Args:
            message: As it came.
            limit: The largest message wanted, in bytes; the largest allowed when None.

        Raises:
            TooLargeError: It is larger than the limit that was given.
            CallFailed: It can't be decompressed, or is larger than allowed.
        """
        if not isinstance(message, CompressedMessage):
            return message
        try:
            return decompress(message, self.encoding, limit or self.max_message_bytes)
        except CompressionError as error:
            if limit is not None and isinstance(error, TooLargeError):
                raise
            text = str(error)
        raise CallFailed(Failure(StatusCode.INTERNAL, text, final=True))


def visible(headers: Iterable[tuple[bytes, bytes]]) -> Metadata:
    """Return what is metadata among the headers of a response.

    Args:
        headers: As they came.
    """
    return tuple(
        (key.decode("latin-1"), value.decode("latin-1"))
        for key, value in headers
        if key == _PUSHBACK or not (key.startswith((b":", b"grpc-")) or key == b"content-type")
    )
