"""The future of a blocking reply, from any thread; its twin is an asyncio future."""

import gc
import sys
import threading
from collections.abc import Iterator
from concurrent import futures
from typing import TYPE_CHECKING

import grpc
import pytest

import xai
from tests.services.interop.chat import StatelessChatScript
from tests.support import SECRET_KEY, run_child
from tests.twin_helpers import LIMIT, Background
from xai import Client, StatusCode
from xai.testing import LocalServer

if TYPE_CHECKING:
    from tests.services.interop.scripted import Scripted
    from tests.services.interop.server import GrpcioServer, SeenCall

GONE = (grpc.StatusCode.DATA_LOSS, "it is gone")


@pytest.fixture
def script(grpcio_server: "GrpcioServer") -> StatelessChatScript:
    """The service, ready to be told what to say."""
    return StatelessChatScript(grpcio_server)


@pytest.fixture
def method(script: StatelessChatScript) -> "Scripted":
    """The one method these tests are about."""
    return script.add_response


@pytest.fixture
def remote(grpcio_server: "GrpcioServer") -> Iterator[Client]:
    """A client of the server made with grpcio."""
    with Client(SECRET_KEY, api_host=grpcio_server.host) as client:
        yield client


def given_up(call: "SeenCall") -> bool:
    """Wait for the end of a call at the server, and tell whether the caller gave it up."""
    assert call.ended.wait(LIMIT)
    return not call.answered


def test_result_reads_what_is_left(script: StatelessChatScript, remote: Client) -> None:
    """Asked for at any point, the result is there: the rest of the stream is read for it."""
    for taken in range(4):
        script.says_pieces("a", "b", "c")
        stream, response = remote.chat.create_conversation().add_response("Hi")
        pieces = [next(iter(stream)) for _ in range(taken)]
        assert response.result().message == "abc"
        assert pieces == ["a", "b", "c"][:taken]
        assert list(stream) == []
        assert response.result() is response.result(timeout=0)


def test_result_within_the_loop_ends_it(script: StatelessChatScript, remote: Client) -> None:
    """Asking for the result while iterating takes the rest; the loop is over then."""
    script.says_pieces("a", "b", "c")
    stream, response = remote.chat.create_conversation().add_response("Hi")
    seen = []
    for piece in stream:
        seen.append(piece)
        assert response.result().message == "abc"
    assert seen == ["a"]


def test_future_can_be_read_like_any_other(script: StatelessChatScript, remote: Client) -> None:
    """The reading interface of `concurrent.futures.Future` is all there."""
    script.says_pieces("a")
    stream, response = remote.chat.create_conversation().add_response("Hi")
    assert isinstance(response, futures.Future)
    assert (response.done(), response.cancelled(), response.running()) == (False, False, True)
    assert not response.cancel()
    told: list[object] = []
    response.add_done_callback(told.append)
    assert told == []
    assert list(stream) == ["a"]
    assert told == [response]
    assert (response.done(), response.cancelled(), response.running()) == (True, False, False)
    response.add_done_callback(told.append)
    assert told == [response] * 2
    assert response.exception() is None
    assert next(futures.as_completed([response], timeout=LIMIT)) is response


def test_exception_reads_what_is_left(script: StatelessChatScript, remote: Client) -> None:
    """Asking for the failure reads the stream too; it is returned, not raised."""
    script.says_pieces("a")
    script.add_response.says({"message": "a"}, status=GONE)
    conversation = remote.chat.create_conversation()
    _, response = conversation.add_response("Hi")
    assert response.exception() is None
    _, response = conversation.add_response("Hi")
    assert isinstance(response.exception(), xai.InternalServerError)
    assert isinstance(response.exception(timeout=0), xai.InternalServerError)
    with pytest.raises(xai.InternalServerError, match="gone"):
        response.result()
    assert len(conversation.history) == 2


def test_result_alone_raises_the_failure(script: StatelessChatScript, remote: Client) -> None:
    """Without anybody iterating, the result raises it, each time, and then so does the stream."""
    script.add_response.says({"message": "a"}, status=GONE)
    stream, response = remote.chat.create_conversation().add_response("Hi")
    for _ in range(2):
        with pytest.raises(xai.InternalServerError, match="gone"):
            response.result()
    with pytest.raises(xai.InternalServerError, match="gone"):
        list(stream)


@pytest.mark.parametrize("said", [0, 2])
def test_time_limit_of_a_silent_server(method: "Scripted", remote: Client, said: int) -> None:
    """`result` and `exception` give up after their time; the stream goes on afterwards."""
    method.says(*({"message": letter} for letter in "abc"[:said]), hold=True)
    stream, response = remote.chat.create_conversation().add_response("Hi")
    taken = [next(stream) for _ in range(said)]
    for _ in range(2):
        with pytest.raises(futures.TimeoutError):
            response.result(timeout=0.01)
        with pytest.raises(futures.TimeoutError):
            response.exception(timeout=0.01)
    assert not response.done()
    method.release()
    assert taken == list("abc"[:said])
    assert list(stream) == []
    assert response.result(timeout=0).message == "abc"[:said]
    assert len(method.calls) == 1


def test_time_limit_while_the_call_waits_for_its_next_attempt() -> None:
    """The future gives up in time; whoever asks again waits for the same attempt, not for more."""
    hour = [("grpc-retry-pushback-ms", "3600000")]
    with LocalServer() as server, server.client(timeout=None) as client:
        server.fail(StatusCode.UNAVAILABLE, trailers=hour)
        stream, response = client.chat.create_conversation().add_response("Hi")
        for _ in range(3):
            with pytest.raises(futures.TimeoutError):
                response.result(timeout=0.01)
        assert len(server.calls) == 1
        stream.close()
        server.fail(StatusCode.UNAVAILABLE, trailers=[("grpc-retry-pushback-ms", "500")])
        _, response = client.chat.create_conversation().add_response("Hi")
        with pytest.raises(futures.TimeoutError):
            response.result(timeout=0.01)
        assert response.result(LIMIT).message
        assert len(server.calls) == 3


def test_time_limit_while_another_thread_reads(method: "Scripted", remote: Client) -> None:
    """Who asks for the result with a limit waits no longer for the thread that reads."""
    method.says({"message": "a"}, hold=True)
    stream, response = remote.chat.create_conversation().add_response("Hi")
    assert next(stream) == "a"
    reader = Background(lambda: list(stream))
    assert method.held.wait(LIMIT)
    with pytest.raises(futures.TimeoutError):
        response.result(timeout=0.05)
    method.release()
    assert reader.result() == []
    assert response.result(timeout=0).message == "a"


def test_result_after_close_is_a_cancellation(method: "Scripted", remote: Client) -> None:
    """A closed stream has no reply, and asking for it does not wait."""
    method.says({"message": "a"}, hold=True)
    stream, response = remote.chat.create_conversation().add_response("Hi")
    assert next(iter(stream)) == "a"
    stream.close()
    for _ in range(2):
        with pytest.raises(xai.CancelledError):
            response.result()
    assert isinstance(response.exception(), xai.CancelledError)
    assert not response.cancelled()


def test_result_in_many_threads_at_once(method: "Scripted", remote: Client) -> None:
    """Many threads ask at once, one of them reads, and all have the same reply."""
    method.says({"message": "a"}, {"message": "b"}, hold=True)
    conversation = remote.chat.create_conversation()
    stream, response = conversation.add_response("Hi")
    assert next(iter(stream)) == "a"
    asking = [Background(response.result) for _ in range(8)]
    method.release()
    found = [one.result() for one in asking]
    assert found == [response.result()] * 8
    assert len(conversation.history) == 2


def test_result_while_another_thread_iterates(method: "Scripted", remote: Client) -> None:
    """A thread that iterates and one that asks share the pieces; nobody waits for ever."""
    method.says(*({"message": letter} for letter in "abcdef"), hold=True)
    stream, response = remote.chat.create_conversation().add_response("Hi")
    iterating = Background(lambda: list(stream))
    asking = Background(response.result)
    method.release()
    assert asking.result().message == "abcdef"
    assert set(iterating.result()) <= set("abcdef")


def test_closing_wakes_a_thread_that_asks(method: "Scripted", remote: Client) -> None:
    """Closed by another thread, a thread in `result` gets the cancellation."""
    method.says({"message": "a"}, hold=True)
    stream, response = remote.chat.create_conversation().add_response("Hi")
    assert next(iter(stream)) == "a"
    asking = Background(response.result)
    stream.close()
    with pytest.raises(xai.CancelledError):
        asking.result()
    assert given_up(method.calls[0])


def test_future_alone_keeps_the_stream(script: StatelessChatScript, remote: Client) -> None:
    """Who keeps only the future has the reply: the stream lives as long as it does."""
    script.says_pieces("a", "b")
    response = remote.chat.create_conversation().add_response("Hi")[1]
    gc.collect()
    assert response.result().message == "ab"


def test_pair_that_is_dropped_cancels_the_call(method: "Scripted", remote: Client) -> None:
    """Nobody holds the pair any more, no collector runs, and the RPC is cancelled."""
    method.says({"message": "a"}, hold=True)
    conversation = remote.chat.create_conversation()
    gc.disable()
    try:
        stream, response = conversation.add_response("Hi")
        assert next(iter(stream)) == "a"
        del stream
        assert not response.done()
        del response
        assert given_up(method.calls[0])
    finally:
        gc.enable()
    assert conversation.history == ()


def test_callback_may_use_the_conversation(script: StatelessChatScript, remote: Client) -> None:
    """When a done callback runs, the history has the reply, and another message can be sent."""
    script.says_pieces("one")
    script.says_pieces("two")
    conversation = remote.chat.create_conversation()
    stream, response = conversation.add_response("Hi")
    found: list[int] = []

    def go_on(_: object) -> None:
        conversation.add_response_no_stream("and then?")
        found.append(len(conversation.history))

    response.add_done_callback(go_on)
    assert list(stream) == ["one"]
    assert found == [4]


def test_one_conversation_in_many_threads(script: StatelessChatScript, remote: Client) -> None:
    """Every thread's message and reply come in together, one after the other."""
    script.says_pieces("a", "b")
    conversation = remote.chat.create_conversation()
    names = [f"from {number}" for number in range(12)]
    running = [
        Background(lambda name=name: conversation.add_response_no_stream(name))  # type: ignore[misc]  # a default binds
        for name in names
    ]
    assert [one.result().message for one in running] == ["ab"] * len(names)
    said = [item.message for item in conversation.history]
    assert sorted(said[::2]) == sorted(names)
    assert said[1::2] == ["ab"] * len(names)


def test_reply_ends_when_the_reader_was_interrupted_at_the_end(
    script: StatelessChatScript, remote: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interrupted between the last piece and the reply, the result does not wait for ever."""
    script.says_pieces("a")
    stream, response = remote.chat.create_conversation().add_response("Hi")

    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(type(stream), "_complete", interrupt)
        with pytest.raises(KeyboardInterrupt):
            list(stream)
    with pytest.raises(xai.CancelledError):
        response.result(timeout=LIMIT)


_INTERRUPTED = """
import os, signal, sys
import xai
from tests.reliability.script import trigger_in

host, key = sys.argv[1:]

def stop():
    raise KeyboardInterrupt

# As soon as the main thread waits for the network.
trigger_in("wait", stop)
with xai.Client(key, api_host=host) as client:
    conversation = client.chat.create_conversation()
    stream, response = conversation.add_response("Hi")
    assert next(stream) == "a"
    os.kill(os.getpid(), signal.SIGINT)
    try:
        list(stream)
    except KeyboardInterrupt:
        pass
    else:
        raise AssertionError("not interrupted")
    assert response.done()
    assert isinstance(response.exception(), xai.CancelledError), response.exception()
    assert conversation.history == ()
    assert conversation.add_response_no_stream("again").message == "fine"
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are another matter there")
def test_interrupt_leaves_the_conversation_usable(script: StatelessChatScript) -> None:
    """Ctrl-C comes out, cancels the RPC and the reply, and the conversation goes on."""
    script.add_response.says({"message": "a"}, hold=True)
    script.says_pieces("fine")
    run_child(_INTERRUPTED, args=(script.server.host, SECRET_KEY))
    assert given_up(script.add_response.calls[0])
    assert [item["message"] for item in script.add_response.seen[1]["responses"]] == ["again"]


def ours() -> set[threading.Thread]:
    """Return the threads of this process, but for those of the server."""
    return {item for item in threading.enumerate() if "ThreadPool" not in item.name}


def test_threads_end_with_the_streams(script: StatelessChatScript, remote: Client) -> None:
    """No reply starts a thread of its own."""
    script.says_pieces("a")
    conversation = remote.chat.create_conversation()
    conversation.add_response_no_stream("Hi")
    before = ours()
    pairs = [conversation.add_response("Hi") for _ in range(5)]
    assert [response.result().message for _, response in pairs] == ["a"] * 5
    assert ours() <= before
