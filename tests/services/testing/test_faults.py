import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterator

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import pytest
from h2.errors import ErrorCodes

from tests.services.local_peer import (
    BUDGET,
    MODELS,
    SAMPLE,
    TOKENIZE,
    Answer,
    Peer,
    sample_request,
    text_of,
)
from xai.errors import StatusCode
from xai.proto.prompt_ide.sampler_public import ListModelsResponse, TokenizeRequest
from xai.testing import LocalServer


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


def test_calls_record_metadata_that_is_no_base64(server: LocalServer, peer: Peer) -> None:
    """A binary value that can't be decoded is recorded as it came."""
    peer.call(MODELS, headers=(("y-bin", "!"),))
    assert ("y-bin", "!") in server.calls[0].metadata


def test_calls_record_a_reset_of_the_client(server: LocalServer, peer: Peer) -> None:
    """A cancelled call is recorded with the error code of the reset."""
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
    stream_id = peer.start(SAMPLE, sample_request())
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
    with pytest.raises(TypeError, match="one method"):
        server.reply(None, b"")
    with pytest.raises(TypeError, match="path"):
        server.fail(StatusCode.INTERNAL, method=7)


@pytest.mark.parametrize("after", [0, 2])
def test_fail_after_messages(server: LocalServer, peer: Peer, after: int) -> None:
    """The failure comes when so many messages went out; 0 means the headers alone."""
    server.fail(StatusCode.ABORTED, "cut", after_messages=after)
    answer = peer.call(SAMPLE, sample_request())
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
    answer = peer.call(SAMPLE, sample_request())
    assert peer.closed
    assert len(answer.messages) == 3
    assert not answer.ended


def test_goaway_finishes_what_is_open(server: LocalServer, peer: Peer) -> None:
    """Open calls and the one that triggers it are finished; then the connection ends."""
    server.stall(method=SAMPLE, after_messages=1)
    stream_id = peer.start(SAMPLE, sample_request(stop_strings=["."]))
    peer.pump(lambda: len(peer.answers[stream_id].messages) == 1)
    server.goaway(method=MODELS)
    assert peer.call(MODELS).status[0] == 0
    assert peer.goaway == (3, 0)
    assert not peer.closed
    server.release()
    assert text_of(peer.finish(stream_id)) == " Yes, it does."
    peer.wait_closed()


def test_goaway_can_leave_the_call_untouched(server: LocalServer, peer: Peer) -> None:
    """With `processed=False` the last stream in the frame is below the call, which gets nothing."""
    server.goaway(processed=False, error_code=ErrorCodes.ENHANCE_YOUR_CALM)
    answer = peer.call(MODELS)
    assert peer.closed
    assert answer == Answer()
    assert peer.goaway == (0, ErrorCodes.ENHANCE_YOUR_CALM)


def test_goaway_in_the_middle_of_a_stream(server: LocalServer, peer: Peer) -> None:
    """The frame comes between two messages; open streams are finished, later ones ignored."""
    server.stall(after_messages=2)
    server.goaway(after_messages=2)
    first = peer.start(SAMPLE, sample_request(stop_strings=["."]))
    peer.pump(lambda: len(peer.answers[first].messages) == 2)
    second = peer.call(SAMPLE, sample_request(stop_strings=["."]))
    assert peer.goaway == (3, 0)
    late = peer.start(MODELS)
    server.release()
    assert text_of(peer.finish(first)) == text_of(second) == " Yes, it does."
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


@pytest.mark.parametrize(
    "script",
    [
        lambda _: None,
        lambda server: server.delay(0.001, method=MODELS),
        lambda server: server.fail(StatusCode.INTERNAL, method=MODELS),
        lambda server: server.refuse_streams(method=MODELS),
        lambda server: server.reset(ErrorCodes.CANCEL, method=MODELS),
        lambda server: server.reset(ErrorCodes.CANCEL, after_messages=0, method=MODELS),
        lambda server: server.send_garbage(method=MODELS),
        lambda server: server.send_garbage(kind="http", method=MODELS),
        lambda server: server.stall(method=MODELS),
        lambda server: server.reply(MODELS, b""),
    ],
)
def test_stream_reset_in_the_bytes_of_its_headers(
    server: LocalServer,
    peer: Peer,
    caplog: pytest.LogCaptureFixture,
    script: Callable[[LocalServer], None],
) -> None:
    """A stream that is gone when its headers are handed on harms no other, whatever is due."""
    script(server)
    with peer.at_once():
        peer.reset(peer.start(MODELS), ErrorCodes.CANCEL)
        second = peer.start(BUDGET)
    assert peer.finish(second).status[0] == StatusCode.OK
    assert server.connections == 1
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize("after", [None, 0, 2])
def test_reset_carries_its_code(server: LocalServer, peer: Peer, after: int | None) -> None:
    """The stream is reset with the wanted code, after the wanted messages."""
    server.reset(ErrorCodes.INTERNAL_ERROR, after_messages=after)
    answer = peer.call(SAMPLE, sample_request())
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
    """The stream ends in the middle of a message."""
    server.send_garbage(kind="cut", after_messages=1)
    answer = peer.call(SAMPLE, sample_request())
    assert answer.ended
    assert len(answer.messages) == 1
    assert len(answer.data) > 5 + len(answer.messages[0])


def test_garbage_http_is_an_error_page(server: LocalServer, peer: Peer) -> None:
    """A proxy's page comes instead of gRPC."""
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
    from xai.testing.control.accounts import Account

    monkeypatch.setattr(Account, "open", lambda *_: 1 / 0)
    code, text = peer.call(SAMPLE, sample_request()).status
    assert code == StatusCode.INTERNAL
    assert "ZeroDivisionError" in text
    assert peer.call(MODELS).status[0] == 0
