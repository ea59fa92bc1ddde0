"""One stream of a connection: its flow-control windows, and what has come on it."""

from typing import TYPE_CHECKING, Final, Protocol

from xai.runtime.http2.internals import WindowManager

if TYPE_CHECKING:
    from xai.runtime.http2.headers import RawHeaders
    from xai.runtime.retry.policy import Failure

#: How much a server may send on one stream before it has to wait for the reader, in bytes.
STREAM_WINDOW: Final = 4 * 2**20


class StreamListener(Protocol):
    """What a connection tells about one stream; called on the loop, never blocks."""

    def on_stream_available(self) -> None:
        """Open the stream now: another one has ended."""

    def on_surplus(self) -> None:
        """Start over: the server refused the stream for a limit that was not known before."""

    def on_headers(self, headers: "RawHeaders") -> None:
        """Take the response headers."""

    def on_data(self, data: bytes, flow: int) -> None:
        """Take a chunk of the body, to be acknowledged with ``flow`` bytes of window."""

    def on_trailers(self, headers: "RawHeaders") -> None:
        """Take the trailers."""

    def on_end(self) -> None:
        """Note that the server sends nothing more."""

    def on_reset(self, code: int) -> None:
        """Note that the server reset the stream, with an HTTP/2 error code."""

    def on_writable(self) -> None:
        """Go on sending: there may be room again."""

    def on_failure(self, failure: "Failure") -> None:
        """Note that the stream, or its connection, is of no use any more."""


class Stream:
    """A stream that this side has opened and that has not ended.

    Args:
        number: Its identifier.
        listener: Told what comes.
    """

    __slots__ = (
        "ended_here",
        "ended_there",
        "headers_received",
        "length",
        "length_left",
        "listener",
        "number",
        "plain",
        "receive_window",
        "send_credit",
    )

    def __init__(self, number: int, listener: StreamListener) -> None:
        self.number = number
        self.listener = listener
        #: The window for sending, less the server's SETTINGS_INITIAL_WINDOW_SIZE. That way a
        #: change of the setting changes the windows of all streams at once (RFC 9113, 6.9.2).
        self.send_credit = 0
        self.receive_window = WindowManager(STREAM_WINDOW)
        #: Whether END_STREAM was sent, and received.
        self.ended_here = False
        self.ended_there = False
        self.headers_received = False
        #: Whether the response has begun and says nothing of its length: chunks of it are not
        #: checked for more than their windows.
        self.plain = False
        #: The content-length of the response, None when there is none, and what is missing.
        self.length: int | None = None
        self.length_left = 0

    def begin(self) -> None:
        """Note that the response has begun."""
        self.headers_received = True
        self.plain = self.length is None

    def take(self, size: int) -> str:
        """Count a part of the response's body.

        Args:
            size: Bytes, without padding.

        Returns:
            What is wrong with it, if anything.
        """
        if not self.headers_received:
            return "a body came before the headers"
        if self.length is not None:
            self.length_left -= size
            if self.length_left < 0 or (self.ended_there and self.length_left):
                return "its body is not as long as its content-length"
        return ""

    def expect(self, headers: "RawHeaders") -> str:
        """Note the content-length among the response headers.

        Args:
            headers: The response headers.

        Returns:
            What is wrong with it; empty when it is well formed or missing.
        """
        found = {value for name, value in headers if name == b"content-length"}
        if not found:
            return ""
        value = found.pop()
        # int() would accept signs, spaces and underscores; and nothing real is longer.
        if found or not value.isdigit() or len(value) > 18:
            return "its content-length is malformed"
        self.length = self.length_left = int(value)
        return ""
