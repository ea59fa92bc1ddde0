import asyncio
import contextlib
import gc
import os
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import betterproto
import grpclib.client
import grpclib.const
import h2.config
import h2.connection
import h2.events
import h2.exceptions
import pytest
import trustme
from betterproto.lib.google.protobuf import Empty
from h2.errors import ErrorCodes
from hyperframe.frame import GoAwayFrame

from tests.support import ROOT, SECRET_KEY, SECRET_MARKER, run_child
from xai.errors import StatusCode
from xai.proto.prompt_ide.sampler_public import (
    GetTokenBudgetRequest,
    InputToken,
    ListModelsResponse,
    ListTransactionsResponse,
    PromptInput,
    SampleSettings,
    SampleTokensRequest,
    SampleTokensResponse,
    TokenBudget,
    TokenIds,
    TokenizeAndSampleTokensRequest,
    TokenizeRequest,
    TokenizeResponse,
)
from xai.testing import LocalServer

TOKENIZE = "/prompt_ide.Sampler/Tokenize"
SAMPLE = "/prompt_ide.Sampler/SampleTokens"
SAMPLE_TEXT = "/prompt_ide.Sampler/TokenizeAndSampleTokens"
MODELS = "/prompt_ide.Sampler/ListModels"
BUDGET = "/prompt_ide.Sampler/GetTokenBudget"
TRANSACTIONS = "/prompt_ide.Sampler/ListTransactions"
LIMIT = 10.0


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
        self.flush()

    def _on_goaway(self, frame: GoAwayFrame) -> tuple[list[Any], list[Any]]:
        self.goaway = (frame.last_stream_id, frame.error_code)
        return [], []

    def flush(self) -> None:
        """Send what h2 has ready."""
        self._socket.sendall(self.http2.data_to_send())

    def start(
        self,
        path: str,
        message: betterproto.Message | bytes = b"",
        headers: tuple[tuple[str, str], ...] = (),
        key: str | None = "local-key",
    ) -> int:
        """Send a request and return its stream."""
        stream_id: int = self.http2.get_next_available_stream_id()
        data = bytes(message)
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
        self.answers[stream_id] = Answer()
        self.http2.send_headers(stream_id, fields)
        prefix = struct.pack("!BI", 0, len(data))
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
        answer = self.answers.get(getattr(event, "stream_id", None) or 0)
        if answer is None:
            return
        if isinstance(event, h2.events.ResponseReceived):
            answer.headers = dict(event.headers)
        elif isinstance(event, h2.events.TrailersReceived):
            answer.trailers = dict(event.headers)
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
        """Make a call and read the whole answer."""
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


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A local server with its defaults."""
    with LocalServer() as server:
        yield server


@pytest.fixture
def peer(server: LocalServer) -> Iterator[Peer]:
    """A connection to it."""
    with contextlib.closing(Peer(server)) as peer:
        yield peer


def _request(**settings: Any) -> SampleTokensRequest:  # noqa: ANN401 - of many types
    """Return a greedy request to continue the usual prompt."""
    values = {"max_len": 100, **settings}
    return SampleTokensRequest(
        inputs=[PromptInput(text="Does it work?")], settings=SampleSettings(**values)
    )


def _named(string: str) -> InputToken:
    return InputToken(string_token=string)


def _responses(answer: Answer) -> list[tuple[str, Any]]:
    parsed = [SampleTokensResponse().parse(data) for data in answer.messages]
    return [betterproto.which_one_of(response, "response") for response in parsed]


def _text(answer: Answer) -> str:
    tokens = [value for kind, value in _responses(answer) if kind == "token"]
    return "".join(token.final_logit.string_token for token in tokens).replace("\u2581", " ")


# Starting and stopping.


def test_server_stops_without_a_trace() -> None:
    """After the block the thread is gone and the port is closed, however often it is done."""
    for _ in range(5):
        with LocalServer() as server:
            port = server.port
            peer = Peer(server)
            peer.call(MODELS)
            assert server.running
        assert not server.running
        assert not [t for t in threading.enumerate() if t.name == "xai-local-server"]
        peer.wait_closed()
        peer.close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), LIMIT)
    gc.collect()


def test_server_stop_cancels_open_calls() -> None:
    """A call that is open when the server stops ends as cancelled, and the stop doesn't wait."""
    with LocalServer(token_delay=3600) as server:
        peer = Peer(server)
        peer.start(SAMPLE, _request())
        server.wait_for_call(SAMPLE, "open")
    assert server.calls[0].state == "cancelled"
    peer.wait_closed()
    peer.close()


def test_server_keeps_its_state_when_started_again() -> None:
    """Calls and spent tokens belong to the object, not to one run of it; stopping twice is fine."""
    server = LocalServer()
    for spent in (0, 5):
        server.start()
        with contextlib.closing(Peer(server)) as peer:
            budget = TokenBudget().parse(peer.call(BUDGET, GetTokenBudgetRequest()).messages[0])
            assert budget.tokens_spent == spent
            peer.call(SAMPLE, _request(max_len=1))
        server.stop()
        server.stop()
    assert len(server.calls) == 4


def test_server_started_twice_is_an_error(server: LocalServer) -> None:
    """A running server refuses to be started."""
    with pytest.raises(RuntimeError, match="already running"):
        server.start()


def test_server_on_a_taken_port_is_the_callers_error(server: LocalServer) -> None:
    """The operating system's own error is raised, and no thread stays behind."""
    threads = threading.active_count()
    other = LocalServer(port=server.port)
    with pytest.raises(OSError, match="in use"):
        other.start()
    assert threading.active_count() == threads


def test_server_failure_in_the_thread_reaches_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes wrong in the thread before it serves is raised by `start`."""

    def fail() -> None:
        raise OSError("no more descriptors")

    monkeypatch.setattr(asyncio, "SelectorEventLoop", fail)
    server = LocalServer()
    with pytest.raises(OSError, match="no more descriptors"):
        server.start()
    assert not server.running


def test_servers_share_nothing() -> None:
    """Two servers have different ports, calls and budgets."""
    with LocalServer() as one, LocalServer() as two, contextlib.closing(Peer(one)) as peer:
        peer.call(SAMPLE, _request(max_len=1))
        assert one.port != two.port
        assert len(one.calls) == 1
        assert not two.calls


def test_server_names_its_address() -> None:
    """`host` is what a client takes as `api_host`: plaintext by name, TLS by address."""
    with LocalServer() as server:
        assert server.host == f"localhost:{server.port}"
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    assert LocalServer(ssl_context=tls).host.startswith("127.0.0.1:")
    assert LocalServer(ssl_context=tls, host="::1", port=7).host == "[::1]:7"


def test_server_speaks_tls() -> None:
    """With a context the same services are served over TLS."""
    authority = trustme.CA()
    server_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_tls.set_alpn_protocols(["h2"])
    authority.issue_cert("127.0.0.1").configure_cert(server_tls)
    client_tls = ssl.create_default_context()
    client_tls.set_alpn_protocols(["h2"])
    authority.configure_trust(client_tls)
    with (
        LocalServer(ssl_context=server_tls) as server,
        contextlib.closing(Peer(server, client_tls)) as peer,
    ):
        assert peer.call(MODELS).status[0] == StatusCode.OK


def test_server_leaves_no_noise_behind() -> None:
    """A process that stops servers with open streams and connections writes nothing to stderr."""
    script = """
import asyncio, socket
from grpclib.client import Channel
from grpclib.const import Cardinality
from xai.testing import LocalServer


async def leave(server):
    channel = Channel("127.0.0.1", server.port)
    request = channel.request(
        "/prompt_ide.Sampler/ListModels", Cardinality.STREAM_STREAM, bytes, bytes)
    async with request as stream:
        await stream.send_request(end=True)
        await asyncio.to_thread(server.wait_for_call)
        await stream.cancel()
    channel.close()

for _ in range(3):
    with LocalServer() as server:
        server.stall(times=1)
        idle = socket.create_connection(("127.0.0.1", server.port))
        asyncio.run(leave(server))
    idle.close()
print("done")
"""
    result = run_child(script, python_args=("-X", "dev", "-W", "error"))
    assert result.stdout == "done\n"


# Keys.


@pytest.mark.parametrize("key", [None, "wrong", ""])
def test_key_missing_or_unknown_is_unauthenticated(peer: Peer, key: str | None) -> None:
    """Without a key that the server knows there is no answer."""
    answer = peer.call(MODELS, key=key)
    assert answer.status[0] == StatusCode.UNAUTHENTICATED
    assert not answer.messages


@pytest.mark.parametrize(
    ("path", "acls", "allowed"),
    [
        (TOKENIZE, ["sampler:read"], True),
        (MODELS, ["sampler:read"], True),
        (SAMPLE, ["sampler:read"], False),
        (SAMPLE_TEXT, ["sampler:read"], False),
        (SAMPLE, ["sampler:write"], True),
        (BUDGET, ["sampler:write"], False),
        (TRANSACTIONS, [], False),
        (TRANSACTIONS, ["*"], True),
    ],
)
def test_key_without_the_acl_is_refused(path: str, acls: list[str], allowed: bool) -> None:  # noqa: FBT001
    """A key may do what its ACLs say, else the documented text comes back."""
    with LocalServer(api_keys={"k": acls}) as server, contextlib.closing(Peer(server)) as peer:
        assert server.api_key == "k"
        request = _request(max_len=0) if path == SAMPLE else b""
        status = peer.call(path, request, key="k").status
    if allowed:
        assert status[0] == StatusCode.OK
    else:
        assert status == (
            StatusCode.PERMISSION_DENIED,
            "API key is missing ACLs required to perform this request.",
        )


def test_key_never_enters_the_record() -> None:
    """The record names the credentials and their place and hides their values."""
    with LocalServer(api_keys={SECRET_KEY: ["*"]}) as server:
        with contextlib.closing(Peer(server)) as peer:
            headers = (("x-mine", "1"), ("authorization", f"Bearer {SECRET_KEY}"))
            peer.call(MODELS, headers=headers, key=SECRET_KEY)
        (call,) = server.calls
    assert call.metadata == [("x-mine", "1"), ("authorization", "<hidden>"), ("apikey", "<hidden>")]
    assert SECRET_MARKER not in repr(call) + repr(call.headers)


# The sampler.


def test_tokenize_gives_the_users_tokens(peer: Peer) -> None:
    """A text comes back as tokens with IDs, of the user's type."""
    answer = peer.call(TOKENIZE, TokenizeRequest(text="Does it work?"))
    tokens = TokenizeResponse().parse(answer.messages[0]).tokens
    assert [token.final_logit.string_token for token in tokens] == [
        "Does",
        "\u2581it",
        "\u2581work",
        "?",
    ]
    assert all(token.token_type == 1 and token.final_logit.token_id > 2 for token in tokens)


def test_sample_continues_the_prompt_and_accounts_for_it(peer: Peer) -> None:
    """Tokens come first, then the budget, and the transaction comes last."""
    answer = peer.call(SAMPLE, _request(stop_strings=["."]))
    assert answer.status[0] == StatusCode.OK
    assert _text(answer) == " Yes, it does."
    kinds = [kind for kind, _ in _responses(answer)]
    assert kinds == ["token"] * 5 + ["budget", "transaction"]
    token, budget, transaction = (value for _, value in _responses(answer)[4:])
    assert token.token_type == 2
    assert 0 < token.final_logit.prob <= 1
    assert len(token.top_k) == 8
    assert not token.attention
    assert (budget.tokens_spent, budget.requests_spent) == (9, 1)
    assert (transaction.num_prompt_tokens, transaction.num_generated_tokens) == (4, 5)
    assert transaction.confirmed
    assert transaction.model_name == "grok-local"
    assert transaction.create_time.tzinfo is not None


def test_sample_of_text_gives_the_same(peer: Peer) -> None:
    """TokenizeAndSampleTokens continues a text as SampleTokens does."""
    settings = SampleSettings(max_len=100, stop_strings=["\n"])
    request = TokenizeAndSampleTokensRequest(text="Does it work?", settings=settings)
    assert _text(peer.call(SAMPLE_TEXT, request)) == " Yes, it does.\n"


def test_sample_returns_attention_when_asked(peer: Peer) -> None:
    """Attention is one weight for each earlier token."""
    request = _request(max_len=2)
    request.return_attention = True
    tokens = [value for kind, value in _responses(peer.call(SAMPLE, request)) if kind == "token"]
    assert [len(token.attention) for token in tokens] == [4, 5]
    assert sum(tokens[0].attention) == pytest.approx(1)


def test_sample_takes_every_kind_of_input(peer: Peer) -> None:
    """Texts, token IDs, images and the old prompt field make up one prompt."""
    answer = peer.call(TOKENIZE, TokenizeRequest(text="Does it work?"))
    ids = [t.final_logit.token_id for t in TokenizeResponse().parse(answer.messages[0]).tokens]
    settings = SampleSettings(max_len=100, stop_strings=["."])
    inputs = [
        PromptInput(image_bytes=b"\x89PNG"),
        PromptInput(image_base64="data:image/png;base64,iVBORw=="),
        PromptInput(text="Does it"),
        PromptInput(token_ids=TokenIds(tokens=ids[2:])),
    ]
    mixed = peer.call(SAMPLE, SampleTokensRequest(inputs=inputs, settings=settings))
    old = peer.call(SAMPLE, SampleTokensRequest(prompt=ids, settings=settings))
    assert _text(mixed) == _text(old) == " Yes, it does."
    assert _responses(mixed)[-1][1].num_prompt_tokens == 6


def test_sample_with_seed_is_repeatable(peer: Peer) -> None:
    """Equal seeds give equal texts, and different ones do not always."""

    def text(seed: int) -> str:
        request = _request(max_len=20, temperature=1.5, nucleus_p=1.0, rng_seed=seed)
        return _text(peer.call(SAMPLE, request))

    assert text(1) == text(1)
    assert len({text(seed) for seed in range(5)}) > 1


def test_sample_respects_allowed_tokens(peer: Peer) -> None:
    """Allowed tokens are understood by text and by ID."""
    allowed = [_named("?"), InputToken(token_id=3 + 65)]
    request = _request(max_len=20, temperature=3.0, nucleus_p=1.0, allowed_tokens=allowed)
    assert set(_text(peer.call(SAMPLE, request)).replace("<0x41>", "A")) == {"?", "A"}


@pytest.mark.parametrize(
    ("request_pb", "code", "text"),
    [
        (_request(temperature=-1.0), StatusCode.INVALID_ARGUMENT, "temperature"),
        (_request(nucleus_p=1.5), StatusCode.INVALID_ARGUMENT, "nucleus_p"),
        (_request(max_len=-1), StatusCode.INVALID_ARGUMENT, "max_len"),
        (
            _request(
                allowed_tokens=[_named("a")],
                disallowed_tokens=[_named("b")],
            ),
            StatusCode.INVALID_ARGUMENT,
            "together",
        ),
        (SampleTokensRequest(prompt=[999_999]), StatusCode.INVALID_ARGUMENT, "999999"),
        (SampleTokensRequest(), StatusCode.INVALID_ARGUMENT, "no prompt"),
        (
            SampleTokensRequest(inputs=[PromptInput(text="a"), PromptInput()]),
            StatusCode.INVALID_ARGUMENT,
            "Input 1",
        ),
        (
            SampleTokensRequest(inputs=[PromptInput(image_base64="not base64!")]),
            StatusCode.INVALID_ARGUMENT,
            "Input 0",
        ),
        (
            SampleTokensRequest(inputs=[PromptInput(text="a")], model_name="nope"),
            StatusCode.NOT_FOUND,
            "'nope'",
        ),
        (b"\xff\xff", StatusCode.INTERNAL, "parsed"),
    ],
)
def test_sample_bad_request_is_refused(
    peer: Peer, request_pb: SampleTokensRequest | bytes, code: StatusCode, text: str
) -> None:
    """A request that means nothing gets a status and a text that names the reason."""
    answer = peer.call(SAMPLE, request_pb)
    assert answer.status[0] == code
    assert text in answer.status[1]
    assert not answer.messages


def test_models_are_listed_and_the_first_is_the_default() -> None:
    """The names are those the server was made with."""
    with LocalServer(models=("a", "b")) as server, contextlib.closing(Peer(server)) as peer:
        models = ListModelsResponse().parse(peer.call(MODELS).messages[0])
        assert models.model_names == ["a", "b"]
        assert _responses(peer.call(SAMPLE, _request()))[-1][1].model_name == "a"
        request = TokenizeRequest(text="x", model_name="c")
        assert peer.call(TOKENIZE, request).status[0] == StatusCode.NOT_FOUND


def test_budget_is_enforced_for_each_key() -> None:
    """A key that has spent its tokens gets RESOURCE_EXHAUSTED; another one does not."""
    keys = {"one": ["*"], "two": ["*"]}
    server = LocalServer(api_keys=keys, token_limit=6)
    with server, contextlib.closing(Peer(server)) as peer:
        codes = [
            peer.call(SAMPLE, _request(max_len=5), key=key).status[0]
            for key in ("one", "one", "two")
        ]
        listed = peer.call(TRANSACTIONS, key="one")
    assert codes == [StatusCode.OK, StatusCode.RESOURCE_EXHAUSTED, StatusCode.OK]
    transactions = ListTransactionsResponse().parse(listed.messages[0]).transactions
    assert [t.num_generated_tokens for t in transactions] == [5]


def test_cancelled_sampling_stays_unconfirmed(server: LocalServer, peer: Peer) -> None:
    """What a cancelled call has used is booked, but not confirmed."""
    server.stall(method=SAMPLE, after_messages=2)
    stream_id = peer.start(SAMPLE, _request())
    peer.pump(lambda: len(peer.answers[stream_id].messages) == 2)
    peer.reset(stream_id, ErrorCodes.CANCEL)
    server.wait_for_call(SAMPLE, "cancelled")
    listed = ListTransactionsResponse().parse(peer.call(TRANSACTIONS).messages[0])
    (transaction,) = listed.transactions
    assert (transaction.num_generated_tokens, transaction.confirmed) == (2, False)


def test_unknown_method_is_unimplemented(server: LocalServer, peer: Peer) -> None:
    """A method that no service has gets UNIMPLEMENTED and its name."""
    code, text = peer.call("/prompt_ide.Nothing/AtAll").status
    assert code == StatusCode.UNIMPLEMENTED
    assert "/prompt_ide.Nothing/AtAll" in text
    assert server.calls[0].state == "error"


def test_grpclib_channel_is_served(server: LocalServer) -> None:
    """An ordinary gRPC client gets along with the server, many calls at a time."""

    async def ask(channel: grpclib.client.Channel) -> bytes:
        metadata = {"apikey": server.api_key}
        request = channel.request(
            MODELS,
            grpclib.const.Cardinality.UNARY_UNARY,
            Empty,
            ListModelsResponse,
            metadata=metadata,
        )
        async with request as stream:
            await stream.send_message(Empty(), end=True)
            return bytes(await stream.recv_message())

    async def run() -> set[bytes]:
        async with grpclib.client.Channel("127.0.0.1", server.port) as channel:
            return set(await asyncio.gather(*(ask(channel) for _ in range(50))))

    (reply,) = asyncio.run(run())
    assert ListModelsResponse().parse(reply).model_names == ["grok-local"]
    assert server.connections == 1


def test_grpcio_client_is_served(server: LocalServer) -> None:
    """Google's own client gets along with the server, details and trailers included."""
    grpc = pytest.importorskip("grpc")
    server.fail(StatusCode.ABORTED, "gründlich", trailers=[("x-bin", b"\0\1")], times=1)
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        call = channel.unary_unary(MODELS)
        metadata = [("apikey", server.api_key)]
        with pytest.raises(grpc.RpcError) as caught:
            call(b"", metadata=metadata, timeout=LIMIT)
        assert caught.value.code() is grpc.StatusCode.ABORTED
        assert caught.value.details() == "gründlich"
        assert ("x-bin", b"\0\1") in [tuple(pair) for pair in caught.value.trailing_metadata()]
        reply = call(b"", metadata=metadata, timeout=LIMIT)
    assert ListModelsResponse().parse(reply).model_names == ["grok-local"]


# The record.


def test_calls_record_what_arrived(server: LocalServer, peer: Peer) -> None:
    """A record has the path, the metadata, the timeout, the decoded request and the end."""
    headers = (("grpc-timeout", "5S"), ("x-a", "1"), ("x-a", "2"), ("y-bin", "AAE"))
    peer.call(TOKENIZE, TokenizeRequest(text="hi"), headers)
    (call,) = server.calls
    assert call.method == TOKENIZE
    assert call.metadata == [("x-a", "1"), ("x-a", "2"), ("y-bin", b"\0\1"), ("apikey", "<hidden>")]
    assert call.timeout == "5S"
    assert isinstance(call.request, TokenizeRequest)
    assert call.request.text == "hi"
    assert (call.state, call.code, call.messages_sent) == ("ok", 0, 1)
    assert call.finished is not None
    assert call.started <= call.finished
    server.clear_calls()
    assert not server.calls


def test_calls_record_a_reset_of_the_client(server: LocalServer, peer: Peer) -> None:
    """G12: a cancelled call is recorded with the error code of the reset."""
    server.stall()
    stream_id = peer.start(MODELS)
    server.wait_for_call("ListModels", "open")
    peer.reset(stream_id, ErrorCodes.CANCEL)
    call = server.wait_for_call(MODELS, state="cancelled")
    assert call.reset_code == ErrorCodes.CANCEL


def test_calls_record_a_lost_connection(server: LocalServer, peer: Peer) -> None:
    """A connection that goes away cancels its calls, without a reset."""
    server.stall()
    peer.start(MODELS)
    server.wait_for_call(state="open")
    assert server.open_connections == 1
    peer.close()
    assert server.wait_for_call(state="cancelled").reset_code is None
    server.wait_for_connections(0)


async def test_calls_can_be_awaited(server: LocalServer) -> None:
    """In a coroutine the wait leaves the event loop free."""
    waiting = asyncio.create_task(server.wait_for_call_async("ListModels", "ok", count=2))
    await asyncio.sleep(0)
    with contextlib.closing(Peer(server)) as peer:
        peer.call(MODELS)
        assert not waiting.done()
        peer.call(MODELS)
        call = await waiting
    assert call is server.calls[1]


def test_waiting_in_vain_says_what_there_was(server: LocalServer, peer: Peer) -> None:
    """The error lists the calls that did arrive."""
    peer.call(MODELS)
    with pytest.raises(TimeoutError, match="ListModels"):
        server.wait_for_call(TOKENIZE, timeout=0.01)
    with pytest.raises(TimeoutError, match="1 connection"):
        server.wait_for_connections(7, timeout=0.01)


def test_stream_stops_at_the_flow_control_window(server: LocalServer, peer: Peer) -> None:
    """A client that doesn't read holds the server back, and sees the rest when it does."""
    messages = [bytes(60_000)] * 100
    server.reply(SAMPLE, messages)
    stream_id = peer.start(SAMPLE, _request())
    server.wait_for_call(SAMPLE)
    call = server.calls[0]
    # 64 KiB of window hold one message and a part of the next one.
    assert call.messages_sent <= 1
    assert len(peer.finish(stream_id).messages) == 100
    assert call.messages_sent == 100


# Faults.


def test_fail_answers_with_a_status(server: LocalServer, peer: Peer) -> None:
    """The status, its text and its trailers arrive as often as wanted, and then no more."""
    server.fail(StatusCode.UNAVAILABLE, "später", times=2, trailers=[("x-more", "1")])
    answers = [peer.call(MODELS) for _ in range(3)]
    assert [answer.status[0] for answer in answers] == [14, 14, 0]
    assert answers[0].headers["grpc-message"] == "sp%C3%A4ter"
    assert answers[0].headers["x-more"] == "1"
    assert [call.state for call in server.calls] == ["error", "error", "ok"]


def test_fail_is_for_its_method(server: LocalServer, peer: Peer) -> None:
    """A fault for one method, given in any form, leaves the others alone."""

    class Constant:
        path = TOKENIZE

    for method in (TOKENIZE, "Tokenize", "prompt_ide.Sampler/Tokenize", Constant):
        server.fail(StatusCode.INTERNAL, method=method)
        assert peer.call(MODELS).status[0] == 0
        assert peer.call(TOKENIZE, TokenizeRequest()).status[0] == StatusCode.INTERNAL
    with pytest.raises(TypeError, match="path"):
        server.fail(StatusCode.INTERNAL, method=7)


@pytest.mark.parametrize("after", [0, 2])
def test_fail_after_messages(server: LocalServer, peer: Peer, after: int) -> None:
    """The failure comes when so many messages went out; 0 means the headers alone."""
    server.fail(StatusCode.ABORTED, "cut", after_messages=after)
    answer = peer.call(SAMPLE, _request())
    assert len(answer.messages) == after
    assert answer.headers[":status"] == "200"
    assert answer.trailers["grpc-status"] == "10"


def test_fail_after_more_messages_than_there_are(server: LocalServer, peer: Peer) -> None:
    """A call that ends before the fault's turn has it at its end."""
    server.fail(StatusCode.DATA_LOSS, after_messages=5)
    answer = peer.call(MODELS)
    assert len(answer.messages) == 1
    assert answer.trailers["grpc-status"] == "15"


def test_delay_comes_before_the_answer(server: LocalServer, peer: Peer) -> None:
    """A delay holds the call up and can be joined with a failure."""
    server.delay(0.05)
    server.fail(StatusCode.UNAVAILABLE)
    before = time.monotonic()
    assert peer.call(MODELS).status[0] == StatusCode.UNAVAILABLE
    assert time.monotonic() - before >= 0.05


def test_drop_connection_before_the_answer(server: LocalServer, peer: Peer) -> None:
    """The connection goes away without a frame about the stream, and a new one is served."""
    server.drop_connection()
    answer = peer.call(MODELS)
    assert peer.closed
    assert answer == Answer()
    with contextlib.closing(Peer(server)) as other:
        assert other.call(MODELS).status[0] == 0
    assert [call.state for call in server.calls] == ["error", "ok"]
    assert server.connections == 2


def test_drop_connection_after_messages(server: LocalServer, peer: Peer) -> None:
    """Messages that went out before the cut arrive, and nothing after them."""
    server.drop_connection(after_messages=3)
    answer = peer.call(SAMPLE, _request())
    assert peer.closed
    assert len(answer.messages) == 3
    assert not answer.ended


def test_goaway_finishes_what_is_open(server: LocalServer, peer: Peer) -> None:
    """G4: open calls and the one that triggers it are finished; then the connection ends."""
    server.stall(method=SAMPLE, after_messages=1)
    stream_id = peer.start(SAMPLE, _request(stop_strings=["."]))
    peer.pump(lambda: len(peer.answers[stream_id].messages) == 1)
    server.goaway(method=MODELS)
    assert peer.call(MODELS).status[0] == 0
    assert peer.goaway == (3, 0)
    assert not peer.closed
    server.release()
    assert _text(peer.finish(stream_id)) == " Yes, it does."
    peer.wait_closed()


def test_goaway_can_leave_the_call_untouched(server: LocalServer, peer: Peer) -> None:
    """With `processed=False` the last stream in the frame is below the call, which gets nothing."""
    server.goaway(processed=False, error_code=ErrorCodes.ENHANCE_YOUR_CALM)
    answer = peer.call(MODELS)
    assert peer.closed
    assert answer == Answer()
    assert peer.goaway == (0, ErrorCodes.ENHANCE_YOUR_CALM)


def test_goaway_in_the_middle_of_a_stream(server: LocalServer, peer: Peer) -> None:
    """The frame comes between two messages and the stream is finished; later ones are ignored."""
    server.goaway(after_messages=2)
    server.stall(after_messages=2)
    first = peer.start(SAMPLE, _request(stop_strings=["."]))
    second = peer.start(SAMPLE, _request(stop_strings=["."]))
    peer.pump(lambda: peer.goaway is not None and peer.answers[first].ended)
    assert peer.goaway == (second, 0)
    late = peer.start(MODELS)
    server.wait_for_call(SAMPLE, "open")
    server.release()
    assert _text(peer.finish(second)) == _text(peer.answers[first]) == " Yes, it does."
    peer.wait_closed()
    assert peer.answers[late] == Answer()
    assert len(server.calls) == 2


def test_drain_ends_idle_connections(server: LocalServer, peer: Peer) -> None:
    """A drained server says GOAWAY at once on every connection."""
    peer.call(MODELS)
    server.drain()
    peer.wait_closed()
    assert peer.goaway == (1, 0)
    server.wait_for_connections(0)


def test_refused_stream_is_reset_untouched(server: LocalServer, peer: Peer) -> None:
    """The code of the reset says that nothing was done, and the connection goes on."""
    server.refuse_streams(2)
    resets = [peer.call(MODELS).reset for _ in range(3)]
    assert resets == [ErrorCodes.REFUSED_STREAM, ErrorCodes.REFUSED_STREAM, None]
    assert server.connections == 1


@pytest.mark.parametrize("after", [None, 0, 2])
def test_reset_carries_its_code(server: LocalServer, peer: Peer, after: int | None) -> None:
    """The stream is reset with the wanted code, after the wanted messages."""
    server.reset(ErrorCodes.INTERNAL_ERROR, after_messages=after)
    answer = peer.call(SAMPLE, _request())
    assert answer.reset == ErrorCodes.INTERNAL_ERROR
    assert len(answer.messages) == (after or 0)
    assert bool(answer.headers) is (after is not None)


def test_garbage_message_cannot_be_parsed(server: LocalServer, peer: Peer) -> None:
    """The frame is whole and the message in it is not one."""
    server.send_garbage()
    answer = peer.call(MODELS)
    (data,) = answer.messages
    assert answer.status[0] == 0
    with pytest.raises(Exception, match=r"."):
        ListModelsResponse().parse(data)


def test_garbage_cut_message_is_shorter_than_announced(server: LocalServer, peer: Peer) -> None:
    """G15: the stream ends in the middle of a message."""
    server.send_garbage(kind="cut", after_messages=1)
    answer = peer.call(SAMPLE, _request())
    assert answer.ended
    assert len(answer.messages) == 1
    assert len(answer.data) > 5 + len(answer.messages[0])


def test_garbage_http_is_an_error_page(server: LocalServer, peer: Peer) -> None:
    """G18: a proxy's page comes instead of gRPC."""
    server.send_garbage(kind="http")
    answer = peer.call(MODELS)
    assert answer.headers[":status"] == "502"
    assert b"Bad Gateway" in answer.data


def test_garbage_frame_breaks_http2(server: LocalServer, peer: Peer) -> None:
    """The bytes after it are no HTTP/2 to any peer."""
    server.send_garbage(kind="frame")
    with pytest.raises(h2.exceptions.ProtocolError):
        peer.call(MODELS)
    with pytest.raises(ValueError, match="kind"):
        server.send_garbage(kind="nonsense")  # type: ignore[arg-type]  # that is the point


def test_stall_waits_for_release(server: LocalServer, peer: Peer) -> None:
    """A stalled call says nothing until it is released, and is served then."""
    server.stall(method=MODELS)
    stream_id = peer.start(MODELS)
    server.wait_for_call(MODELS)
    # Another call overtakes it: nothing else is held up.
    assert peer.call(BUDGET).status[0] == 0
    assert peer.answers[stream_id] == Answer()
    server.release()
    assert peer.finish(stream_id).status[0] == 0


def test_reply_is_scripted(server: LocalServer, peer: Peer) -> None:
    """Scripted messages come in order, for known methods and others; bytes are sent as they are."""
    server.reply(MODELS, ListModelsResponse(model_names=["x"]), trailers=[("t", "1")])
    server.reply("/some.Service/Stream", [b"one", b"two"])
    first = peer.call(MODELS)
    assert ListModelsResponse().parse(first.messages[0]).model_names == ["x"]
    assert first.trailers["t"] == "1"
    assert peer.call("/some.Service/Stream", b"raw").messages == [b"one", b"two"]
    assert server.calls[1].request == b"raw"
    assert peer.call(MODELS, key="wrong").status[0] == StatusCode.UNAUTHENTICATED


def test_faults_are_used_in_their_order(server: LocalServer, peer: Peer) -> None:
    """Each call takes the oldest fault that fits it."""
    server.fail(StatusCode.INTERNAL)
    server.fail(StatusCode.ABORTED, method=MODELS)
    server.refuse_streams()
    assert peer.call(MODELS).status[0] == StatusCode.INTERNAL
    assert peer.call(MODELS).status[0] == StatusCode.ABORTED
    assert peer.call(MODELS).reset == ErrorCodes.REFUSED_STREAM


@pytest.mark.parametrize(
    ("script"),
    [
        lambda server: server.fail(0),
        lambda server: server.fail(14, times=0),
        lambda server: server.stall(after_messages=-1),
    ],
)
def test_faults_that_mean_nothing_are_refused(
    server: LocalServer, script: Callable[[LocalServer], None]
) -> None:
    """A fault that could never act is an error at once."""
    with pytest.raises(ValueError, match=r"OK|times|after_messages"):
        script(server)


def test_unused_faults_fail_the_block() -> None:
    """What was scripted and not asked for is listed when the block ends."""
    server = LocalServer()
    server.fail(14, method="Tokenize")
    server.delay(1, times=None)
    with pytest.raises(AssertionError, match=r"Fail\(method='Tokenize'.*code=14") as caught, server:
        pass
    assert "Delay" not in str(caught.value)
    assert not server.running


def test_unused_faults_never_hide_another_error() -> None:
    """An exception on its way out of the block stays what it is, and the script is forgotten."""
    server = LocalServer()
    server.reply("Tokenize", b"")
    with pytest.raises(ZeroDivisionError), server:
        _ = 1 / 0
    with server:
        pass


def test_cleared_faults_are_forgotten(server: LocalServer, peer: Peer) -> None:
    """After `clear_faults` the server behaves, and stalled calls go on."""
    server.stall()
    stream_id = peer.start(MODELS)
    server.wait_for_call(MODELS)
    server.fail(StatusCode.INTERNAL, times=None)
    server.clear_faults()
    assert peer.finish(stream_id).status[0] == 0
    assert peer.call(MODELS).status[0] == 0


def test_failure_of_a_service_is_internal(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug in the server's own code is told to the client and doesn't end the connection."""
    from xai.testing.accounts import Account

    monkeypatch.setattr(Account, "open", lambda *_: 1 / 0)
    code, text = peer.call(SAMPLE, _request()).status
    assert code == StatusCode.INTERNAL
    assert "ZeroDivisionError" in text
    assert peer.call(MODELS).status[0] == 0


# The fixture and the program.


def _pytest(tmp_path: Path, source: str) -> str:
    test = tmp_path / "test_it.py"
    test.write_text(source)
    # The plugin may be installed as well; loaded by its name it is there in any case.
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:xai", "-p", "xai.testing.plugin"]
    command = [sys.executable, "-m", "pytest", *options, "-c", os.devnull, f"--rootdir={tmp_path}"]
    result = subprocess.run(
        [*command, test], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    return result.stdout + result.stderr


def test_plugin_gives_a_server_and_checks_its_script(tmp_path: Path) -> None:
    """The fixture serves, fails a test with unused faults, and leaves other errors alone."""
    output = _pytest(
        tmp_path,
        """
def test_serves(xai_server):
    assert xai_server.running

def test_unused(xai_server):
    xai_server.fail(14)

def test_fails_anyway(xai_server):
    xai_server.fail(14)
    assert 0
""",
    )
    assert "1 failed, 2 passed, 1 error" in output
    assert "ERROR at teardown of test_unused" in output


def test_plugin_costs_nothing_until_it_is_used(tmp_path: Path) -> None:
    """Loading the plugin loads neither the server nor grpclib."""
    output = _pytest(
        tmp_path,
        """
import sys

def test_light():
    assert "xai.testing.plugin" in sys.modules
    assert not {"grpclib", "h2", "betterproto", "xai.testing.server"} & set(sys.modules)
""",
    )
    assert "1 passed" in output


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_serve_runs_until_a_signal(name: str) -> None:
    """The program says where it listens, serves, and ends cleanly when told to."""
    script = f"""
import os, signal, socket
from xai.testing import serve

def ready(server):
    print(server.host.startswith("localhost:"), server.api_key)
    socket.create_connection(("127.0.0.1", server.port)).close()
    os.kill(os.getpid(), signal.{name})

before = signal.getsignal(signal.{name})
serve(keys=["mine"], on_ready=ready)
print(signal.getsignal(signal.{name}) is before)
"""
    assert run_child(script).stdout == "True mine\nTrue\n"


def test_serve_belongs_in_the_main_thread() -> None:
    """Elsewhere signals can't be handled, which is said at once."""
    from xai.testing import serve

    caught: list[BaseException] = []

    def run() -> None:
        try:
            serve()
        except RuntimeError as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(LIMIT)
    assert "main thread" in str(caught[0])


def test_package_names_are_lazy() -> None:
    """The package offers its names without loading them, and no others."""
    import xai.testing

    assert {"LocalServer", "serve", "Call"} <= set(dir(xai.testing))
    with pytest.raises(AttributeError, match="nothing"):
        _ = xai.testing.nothing
