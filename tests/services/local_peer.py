"""A client of the local server that shows what is on the wire, and what tests of it share."""

import contextlib
import socket
import ssl
import struct
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import betterproto
import h2.config
import h2.connection
import h2.events
import h2.exceptions
from h2.errors import ErrorCodes
from hyperframe.frame import GoAwayFrame

from xai.proto.prompt_ide.sampler_public import (
    InputToken,
    PromptInput,
    SampleSettings,
    SampleTokensRequest,
    SampleTokensResponse,
)
from xai.testing import LocalServer

TOKENIZE = "/prompt_ide.Sampler/Tokenize"
SAMPLE = "/prompt_ide.Sampler/SampleTokens"
SAMPLE_TEXT = "/prompt_ide.Sampler/TokenizeAndSampleTokens"
MODELS = "/prompt_ide.Sampler/ListModels"
BUDGET = "/prompt_ide.Sampler/GetTokenBudget"
TRANSACTIONS = "/prompt_ide.Sampler/ListTransactions"
LIMIT = 60.0


@attrs.define
class Answer:
    """What came back on one stream."""

    headers: dict[str, str] = attrs.field(factory=dict)
    data: bytes = b""
    trailers: dict[str, str] = attrs.field(factory=dict)
    reset: int | None = None
    ended: bool = False

    @property
    def messages(self) -> list[bytes]:
        """The whole messages so far."""
        found, rest = [], self.data
        while len(rest) >= 5 and len(rest) >= 5 + struct.unpack("!I", rest[1:5])[0]:
            size = struct.unpack("!I", rest[1:5])[0]
            found.append(rest[5 : 5 + size])
            rest = rest[5 + size :]
        return found

    @property
    def status(self) -> tuple[int, str]:
        """The gRPC status and its text, from trailers or from a reply without a body."""
        fields = self.trailers or self.headers
        return int(fields["grpc-status"]), fields.get("grpc-message", "")


def _fields(headers: Any) -> dict[str, str]:  # noqa: ANN401 - h2 names more types than it gives
    return dict(headers)


class Peer:
    """A client that shows what is on the wire, frame by frame."""

    def __init__(self, server: LocalServer, tls: ssl.SSLContext | None = None) -> None:
        self._socket = socket.create_connection(("127.0.0.1", server.port), LIMIT)
        if tls is not None:
            self._socket = tls.wrap_socket(self._socket, server_hostname="127.0.0.1")
        config = h2.config.H2Configuration(client_side=True, header_encoding="utf-8")
        self.http2 = h2.connection.H2Connection(config)
        # h2 itself would refuse everything that comes after the frame.
        self.http2._frame_dispatch_table[GoAwayFrame] = self._on_goaway
        self.http2.initiate_connection()
        self.answers: dict[int, Answer] = {}
        self.goaway: tuple[int, int] | None = None
        self.closed = False
        self.pongs = 0
        self._held = False
        self.flush()

    def _on_goaway(self, frame: GoAwayFrame) -> tuple[list[Any], list[Any]]:
        self.goaway = (frame.last_stream_id, frame.error_code)
        return [], []

    def flush(self) -> None:
        """Send what h2 has ready."""
        if not self._held:
            self._socket.sendall(self.http2.data_to_send())

    @contextlib.contextmanager
    def at_once(self) -> Iterator[None]:
        """Send what a block has to send in one piece, at its end."""
        self._held = True
        yield
        self._held = False
        self.flush()

    def send(self, data: bytes) -> None:
        """Send bytes past h2."""
        self._socket.sendall(data)

    def ping(self) -> None:
        """Send a PING and read until it is acknowledged: all before it was processed."""
        self.http2.ping(bytes(8))
        self.flush()
        before = self.pongs
        self.pump(lambda: self.pongs > before)

    def announce(self, path: str, size: int) -> int:
        """Send a request with the prefix of a message, without the message."""
        stream_id: int = self.http2.get_next_available_stream_id()
        self.answers[stream_id] = Answer()
        self.http2.send_headers(stream_id, self._request_headers(path, (), "local-key"))
        self.http2.send_data(stream_id, struct.pack("!BI", 0, size) + bytes(100))
        self.flush()
        return stream_id

    def _request_headers(
        self, path: str, headers: tuple[tuple[str, str], ...], key: str | None
    ) -> list[tuple[str, str]]:
        fields = [
            (":method", "POST"),
            (":scheme", "http"),
            (":path", path),
            (":authority", "local"),
            ("te", "trailers"),
            ("content-type", "application/grpc"),
            *headers,
        ]
        if key is not None:
            fields.append(("apikey", key))
        return fields

    def start(
        self,
        path: str,
        message: betterproto.Message | bytes | None = b"",
        headers: tuple[tuple[str, str], ...] = (),
        key: str | None = "local-key",
        flag: int = 0,
    ) -> int:
        """Send a request, without a message if that is None, and return its stream."""
        stream_id: int = self.http2.get_next_available_stream_id()
        fields = self._request_headers(path, headers, key)
        self.answers[stream_id] = Answer()
        self.http2.send_headers(stream_id, fields)
        data = b"" if message is None else bytes(message)
        prefix = b"" if message is None else struct.pack("!BI", flag, len(data))
        self.http2.send_data(stream_id, prefix + data, end_stream=True)
        self.flush()
        return stream_id

    def pump(self, until: Callable[[], bool]) -> None:
        """Read until something is true or the server closes the connection."""
        while not until() and not self.closed:
            try:
                data = self._socket.recv(65536)
            except ConnectionError:
                data = b""
            self.closed = not data
            for event in self.http2.receive_data(data) if data else ():
                self._take(event)
            if not self.closed:
                # The server may be closing at this moment.
                with contextlib.suppress(ConnectionError):
                    self.flush()

    def _take(self, event: h2.events.Event) -> None:
        self.pongs += isinstance(event, h2.events.PingAckReceived)
        answer = self.answers.get(getattr(event, "stream_id", None) or 0)
        if answer is None:
            return
        if isinstance(event, h2.events.ResponseReceived):
            answer.headers = _fields(event.headers)
        elif isinstance(event, h2.events.TrailersReceived):
            answer.trailers = _fields(event.headers)
        elif isinstance(event, h2.events.DataReceived):
            answer.data += event.data
            self.http2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            answer.ended = True
        elif isinstance(event, h2.events.StreamReset):
            answer.reset = int(event.error_code)

    def finish(self, stream_id: int) -> Answer:
        """Read one stream to its end, or to that of the connection."""
        answer = self.answers[stream_id]
        self.pump(lambda: answer.ended or answer.reset is not None)
        return answer

    def call(
        self,
        path: str,
        message: betterproto.Message | bytes = b"",
        headers: tuple[tuple[str, str], ...] = (),
        key: str | None = "local-key",
    ) -> Answer:
        """Make a call and read the complete response."""
        return self.finish(self.start(path, message, headers, key))

    def reset(self, stream_id: int, code: ErrorCodes) -> None:
        """Reset a stream."""
        self.http2.reset_stream(stream_id, code)
        self.flush()

    def wait_closed(self) -> None:
        """Read until the server closes the connection."""
        self.pump(lambda: False)

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


def sample_request(**settings: Any) -> SampleTokensRequest:  # noqa: ANN401 - of many types
    """Return a greedy request to continue the usual prompt."""
    values = {"max_len": 100, **settings}
    return SampleTokensRequest(
        inputs=[PromptInput(text="Does it work?")], settings=SampleSettings(**values)
    )


def named(string: str) -> InputToken:
    """Return a token that is written out."""
    return InputToken(string_token=string)


def responses(answer: Answer) -> list[tuple[str, Any]]:
    """Return what a sampling stream brought, as pairs of kind and value."""
    parsed = [SampleTokensResponse().parse(data) for data in answer.messages]
    return [betterproto.which_one_of(response, "response") for response in parsed]


def text_of(answer: Answer) -> str:
    """Return the text of the tokens in a sampling stream."""
    tokens = [value for kind, value in responses(answer) if kind == "token"]
    return "".join(token.final_logit.string_token for token in tokens).replace("\u2581", " ")
