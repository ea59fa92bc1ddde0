"""What the attempt loop hands to a transport."""

from xai.runtime.endpoint import Headers


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
    """

    __slots__ = ("connect", "deadline", "idle", "metadata", "path", "payload", "streaming")

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
    ) -> None:
        self.path = path
        self.payload = payload
        self.metadata = metadata
        self.deadline = deadline
        self.connect = connect
        self.idle = idle
        self.streaming = streaming
