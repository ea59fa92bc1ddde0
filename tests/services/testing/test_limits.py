import contextlib
import socket
import struct
import sys
from collections.abc import Iterator
from typing import get_args

import h2.connection
import pytest
from h2.errors import ErrorCodes

import xai
from tests.services.local_peer import LIMIT, MODELS, TOKENIZE, Peer
from tests.support import run_child
from xai.errors import StatusCode
from xai.proto.prompt_ide.files import UploadFileRequest
from xai.proto.prompt_ide.sampler_public import TokenizeRequest
from xai.testing import LocalServer

UPLOAD = "/prompt_ide.File/UploadFile"
MIB = 1024 * 1024
SIZE = 10_000


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


@pytest.fixture
def no_limit_of_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the peer open more streams than it may."""
    zero = property(lambda _: 0)
    monkeypatch.setattr(h2.connection.H2Connection, "open_outbound_streams", zero)


# Streams.


@pytest.mark.usefixtures("no_limit_of_the_client")
def test_surplus_streams_are_refused_and_the_others_served() -> None:
    """A client that opens more streams than it may gets REFUSED_STREAM for those, no more."""
    with LocalServer(max_concurrent_streams=100) as server:
        server.stall(times=None, method=MODELS)
        with contextlib.closing(Peer(server)) as peer:
            streams = [peer.start(MODELS) for _ in range(300)]
            surplus = streams[100:]
            peer.pump(lambda: all(peer.answers[each].reset is not None for each in surplus))
            assert {peer.answers[each].reset for each in surplus} == {ErrorCodes.REFUSED_STREAM}
            server.clear_faults()
            served = [peer.finish(stream) for stream in streams[:100]]
            assert {answer.status[0] for answer in served} == {StatusCode.OK}
            # There is room again, on the same connection.
            assert peer.call(MODELS).status[0] == StatusCode.OK
            assert not peer.closed
        assert server.connections == 1
        # A stream that was refused is no call: nobody looked at it.
        assert len(server.calls) == 101


def test_limit_of_streams_is_in_the_first_settings() -> None:
    """A client knows the limit from the first frame, not from a later one."""
    with LocalServer(max_concurrent_streams=7) as server:
        address = ("127.0.0.1", server.port)
        with socket.create_connection(address, LIMIT) as client:
            client.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0)))
            head = client.recv(9, socket.MSG_WAITALL)
            body = client.recv(int.from_bytes(head[:3], "big"), socket.MSG_WAITALL)
    assert (head[3], head[4]) == (4, 0)
    assert dict(struct.iter_unpack("!HI", body))[3] == 7


@pytest.mark.usefixtures("no_limit_of_the_client")
def test_streams_after_goaway_are_ignored_and_open_ones_served(
    server: LocalServer, peer: Peer
) -> None:
    """Calls that the client begins after the server's GOAWAY are ignored, however many."""
    server.stall(method=MODELS)
    stalled = peer.start(MODELS)
    server.wait_for_call(MODELS, "open")
    server.drain()
    peer.pump(lambda: peer.goaway is not None)
    late = [peer.start(TOKENIZE) for _ in range(2_000)]
    peer.ping()
    server.release()
    assert peer.finish(stalled).status[0] == StatusCode.OK
    assert not any(peer.answers[each].ended for each in late)
    peer.wait_closed()
    assert len(server.calls) == 1


def test_goaway_of_the_client_lets_its_calls_finish(server: LocalServer, peer: Peer) -> None:
    """A client that says it opens no more streams still gets what it has asked for."""
    server.stall(method=MODELS)
    stream = peer.start(MODELS)
    server.wait_for_call(MODELS, "open")
    # Written past h2, which would take the connection for closed.
    peer.send(b"\x00\x00\x08\x07\x00\x00\x00\x00\x00" + bytes(8))
    peer.ping()
    server.release()
    assert peer.finish(stream).status[0] == StatusCode.OK
    peer.wait_closed()
    assert server.calls[0].state == "ok"


# Messages.


@pytest.mark.parametrize("size", [20 * MIB + 1, 2**32 - 1])
def test_message_over_the_limit_is_refused_before_it_arrives(
    server: LocalServer, peer: Peer, size: int
) -> None:
    """The announcement alone is answered; nothing waits for what was announced."""
    stream = peer.announce(TOKENIZE, size)
    answer = peer.finish(stream)
    assert answer.status[0] == StatusCode.RESOURCE_EXHAUSTED
    assert f"{size} vs. {20 * MIB}" in answer.status[1]
    assert peer.call(MODELS).status[0] == StatusCode.OK
    assert [call.state for call in server.calls] == ["error", "ok"]


def test_limit_of_messages_can_be_set() -> None:
    """A message of just the limit is taken, and one byte more is too much."""
    request = TokenizeRequest(text="a" * 1000)
    size = len(bytes(request))
    for limit, code in ((size, StatusCode.OK), (size - 1, StatusCode.RESOURCE_EXHAUSTED)):
        with (
            LocalServer(max_message_bytes=limit) as server,
            contextlib.closing(Peer(server)) as peer,
        ):
            assert peer.call(TOKENIZE, request).status[0] == code


@pytest.mark.parametrize(
    ("name", "value"),
    [("max_message_bytes", 0), ("max_concurrent_streams", -1), ("call_log_bytes", -1)],
)
def test_limits_that_make_no_sense_are_refused(name: str, value: int) -> None:
    """A wrong limit is named when the server is made."""
    with pytest.raises(ValueError, match=name):
        LocalServer(**{name: value})  # type: ignore[arg-type]  # the point of the test


# Headers.


def test_headers_over_the_limit_end_their_call_alone(server: LocalServer, peer: Peer) -> None:
    """Metadata of 80 KiB is too much for a call, and no reason to end the connection."""
    answer = peer.call(MODELS, headers=tuple((f"x-{number}", "v" * 8000) for number in range(10)))
    assert answer.status[0] == StatusCode.RESOURCE_EXHAUSTED
    assert "metadata" in answer.status[1]
    assert peer.call(MODELS).status[0] == StatusCode.OK
    assert [call.code for call in server.calls] == [StatusCode.RESOURCE_EXHAUSTED, StatusCode.OK]


def test_headers_that_are_not_ascii_end_their_call_alone(server: LocalServer, peer: Peer) -> None:
    """Bytes that no header may have reset their stream, and the connection goes on."""
    stream = peer.start(MODELS, headers=(("x-name", "München"),))
    assert peer.finish(stream).reset == ErrorCodes.PROTOCOL_ERROR
    assert peer.call(MODELS).status[0] == StatusCode.OK
    assert len(server.calls) == 1


# The call log.


def upload(peer: Peer, number: int) -> None:
    """Store a file."""
    request = UploadFileRequest(file_name=f"file {number}", content=bytes(SIZE))
    assert peer.call(UPLOAD, request).status[0] == StatusCode.OK


def test_call_log_drops_the_content_of_old_calls() -> None:
    """The requests that are kept have a limit of bytes; older ones say that they are gone."""
    with (
        LocalServer(call_log_bytes=4 * (SIZE + 500)) as server,
        contextlib.closing(Peer(server)) as peer,
    ):
        for number in range(10):
            upload(peer, number)
        calls = server.calls
        assert len(calls) == 10
        assert {call.state for call in calls} == {"ok"}
        assert isinstance(calls[-1].request, UploadFileRequest)
        assert len(calls[-1].request.content) == SIZE
        assert ("apikey", "<hidden>") in calls[-1].metadata
        for name in ("request", "metadata", "headers"):
            with pytest.raises(LookupError, match=r"call_log_bytes"):
                getattr(calls[0], name)
        assert "UploadFile" in repr(calls)


def test_call_log_keeps_a_number_of_calls_and_tells_how_many_are_gone() -> None:
    """Of many calls the last 10,000 are kept, and what was dropped is counted."""
    from xai.testing.control.calls import CallLog, describe

    log = CallLog(0)
    for number in range(10_003):
        call = describe([(":path", f"/{number}")], 1, number)
        log.add(call)
        log.finish(call, "ok")
    assert [log.snapshot()[0].method, log.snapshot()[-1].method] == ["/3", "/10002"]
    assert log.dropped == 3


def test_waiting_for_more_calls_than_are_kept_says_so() -> None:
    """A count that can't be reached is an error at once, not one after the wait."""
    with LocalServer() as server, pytest.raises(ValueError, match="10,000"):
        server.wait_for_call(count=10_001)


def test_forgotten_calls_free_the_log() -> None:
    """`clear_calls` forgets requests as well, and what was dropped."""
    with (
        LocalServer(call_log_bytes=2 * (SIZE + 500)) as server,
        contextlib.closing(Peer(server)) as peer,
    ):
        for number in range(3):
            upload(peer, number)
        server.clear_calls()
        assert server.calls == []
        for number in range(3, 6):
            upload(peer, number)
        with pytest.raises(LookupError):
            _ = server.calls[0].request
        assert isinstance(server.calls[1].request, UploadFileRequest)


# Descriptors.


@pytest.mark.skipif(sys.platform == "win32", reason="limits of descriptors are POSIX")
def test_server_without_descriptors_warns_once_and_recovers() -> None:
    """While there are none it waits, with one warning; clients in the queue are served later."""
    script = """
import logging, resource, socket, threading
from xai.testing import LocalServer

warned = threading.Event()

class Handler(logging.Handler):
    def emit(self, record):
        print(record.levelname, record.name, record.exc_info)
        warned.set()

logging.getLogger("xai.testing").addHandler(Handler())
logging.getLogger("asyncio").addHandler(Handler())
with LocalServer() as server:
    for _ in range(2):
        waiting = [socket.socket() for _ in range(20)]
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        # The next descriptor is one too many.
        resource.setrlimit(resource.RLIMIT_NOFILE, (waiting[-1].fileno() + 1, hard))
        for client in waiting:
            client.connect(("127.0.0.1", server.port))
        assert warned.wait(10)
        warned.clear()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        server.wait_for_connections(20)
        for client in waiting:
            client.close()
        server.wait_for_connections(0)
    with server.client() as client:
        print(len(client.sampler.tokenize("a")))
"""
    # Each time it happens anew, it is said anew.
    assert run_child(script).stdout == 2 * "WARNING xai.testing None\n" + "1\n"


@pytest.mark.skipif(sys.platform == "win32", reason="limits of descriptors are POSIX")
def test_server_without_descriptors_stops() -> None:
    """`stop` needs no descriptor."""
    script = """
import resource, socket
from xai.testing import LocalServer

with LocalServer() as server:
    waiting = [socket.socket() for _ in range(5)]
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (waiting[-1].fileno() + 1, hard))
    for client in waiting:
        client.connect(("127.0.0.1", server.port))
for client in waiting:
    client.close()
print("stopped")
"""
    assert run_child(script, check=False).stdout == "stopped\n"


# Large and odd requests.


def test_text_without_a_space_is_tokenized(server: LocalServer) -> None:
    """400,000 letters are split into tokens by either service, and come back as they were."""
    text = "a" * 400_000
    with server.client() as client:
        older = [token.token_str for token in client.sampler.tokenize(text)]
        newer = client.v1.tokenize.tokenize_text(text, "grok-4").tokens
    assert "".join(older) == "".join(token.string_token for token in newer) == text


def test_text_over_the_limit_of_the_tokenizer_is_refused(server: LocalServer) -> None:
    """The error has the limit."""
    with server.client() as client, pytest.raises(xai.InvalidArgumentError, match="1048576"):
        client.sampler.tokenize("a" * 1_048_577)


def test_prompt_over_the_limit_of_the_model_is_refused_by_every_service(
    server: LocalServer,
) -> None:
    """A prompt has at most 131,072 tokens, also with the older services."""
    text = "?" * 131_073
    with server.client() as client:
        for call in (
            lambda: client.v1.chat.create("grok-4").ask(text),
            lambda: list(client.sampler.sample(text)),
            lambda: client.chat.create_conversation().add_response_no_stream(text),
        ):
            with pytest.raises(xai.InvalidArgumentError, match="131072 at most"):
                call()


def test_unknown_model_is_an_error_that_lists_the_models(server: LocalServer) -> None:
    """NOT_FOUND names what was asked for and what there is, whichever service it comes from."""
    with server.client() as client:
        for call in (
            lambda: client.v1.chat.create("no-such-model").ask("Hello"),
            lambda: client.v1.models.get_language_model("no-such-model"),
            lambda: client.v1.tokenize.tokenize_text("Hello", "no-such-model"),
            lambda: client.sampler.tokenize("Hello", model_name="no-such-model"),
        ):
            with pytest.raises(xai.NotFoundError, match=r"no-such-model.* grok-local, .*grok-4"):
                call()


def test_public_model_names_are_known_unless_others_are_given() -> None:
    """Every literal is a model of its own by default, and none of a server with given models."""
    names = get_args(xai.v1.ChatModel)
    with LocalServer() as server, server.client() as client:
        listed = [model.name for model in client.v1.models.list_language_models()]
        assert listed == ["grok-local", *names]
        assert client.v1.chat.create("grok-4").ask("Hello!").proto.model == "grok-4"
        assert client.sampler.list_models() == ["grok-local"]
    with LocalServer(models=["mine"]) as server, server.client() as client:
        assert [model.name for model in client.v1.models.list_language_models()] == ["mine"]
        with pytest.raises(xai.NotFoundError, match=r"has: mine\."):
            client.v1.chat.create("grok-4").ask("Hello!")
