# Do not edit: produced by "nox -s generate" from
# tests/services/aio/rpc/test_reply.py
from collections.abc import Iterator
from typing import TYPE_CHECKING

import grpc
import pytest

import xai
from tests.services.interop.chat import StatelessChatScript
from tests.services.sync.helpers import collect
from tests.services.sync.rpc.reply_helpers import both_fail, given_up, outcome, step
from tests.support import SECRET_KEY
from tests.twin_helpers import Background
from xai import Client, Sender, StatusCode

if TYPE_CHECKING:
    from tests.services.interop.server import GrpcioServer

UNAVAILABLE = grpc.StatusCode.UNAVAILABLE
GONE = (grpc.StatusCode.DATA_LOSS, "it is gone")


@pytest.fixture
def script(grpcio_server: "GrpcioServer") -> StatelessChatScript:
    """The service, ready to be told what to say."""
    return StatelessChatScript(grpcio_server)


@pytest.fixture
def remote(grpcio_server: "GrpcioServer") -> Iterator[Client]:
    """A client of the server made with grpcio; the hook that runs the test enters it."""
    client = Client(SECRET_KEY, api_host=grpcio_server.host)
    yield client
    client.close()


def test_pieces_come_in_order_and_the_reply_is_their_sum(
    script: StatelessChatScript, remote: Client
) -> None:
    """The stream gives each piece of text, and the future the whole of them."""
    script.says_pieces("Hel", "lo", ", world")
    stream, response = remote.chat.create_conversation().add_response("Hi")
    assert collect(stream) == ["Hel", "lo", ", world"]
    assert outcome(response).message == "Hello, world"


def test_reply_is_there_once_the_stream_was_read(
    script: StatelessChatScript, remote: Client
) -> None:
    """The future is not done before the last piece was taken, and is done right after."""
    script.says_pieces("a", "b")
    stream, response = remote.chat.create_conversation().add_response("Hi")
    assert not response.done()
    assert [step(stream), step(stream)] == ["a", "b"]
    assert not response.done()
    assert collect(stream) == []
    assert response.done()
    assert not response.cancelled()
    assert response.exception() is None
    assert outcome(response).message == "ab"
    assert outcome(response) is outcome(response)


def test_nothing_is_sent_before_the_first_iteration(
    script: StatelessChatScript, remote: Client
) -> None:
    """The call is made when the first piece is asked for; a pair that is left makes none."""
    script.says_pieces("a")
    conversation = remote.chat.create_conversation()
    stream, response = conversation.add_response("Hi")
    stream.close()
    with pytest.raises(xai.CancelledError):
        outcome(response)
    assert script.add_response.calls == []
    assert conversation.history == ()


def test_stream_without_text_has_a_reply(script: StatelessChatScript, remote: Client) -> None:
    """A reply of no messages is an empty text; pieces without text are not passed on."""
    script.add_response.says()
    script.add_response.says({"query": "a"}, {"message": "b"}, {}, {"query": "c"})
    conversation = remote.chat.create_conversation()
    stream, response = conversation.add_response("Hi")
    assert collect(stream) == []
    assert outcome(response).message == ""
    stream, response = conversation.add_response("Hi")
    assert collect(stream) == ["b"]
    assert outcome(response).query == "ac"


def test_status_in_the_middle_reaches_both(script: StatelessChatScript, remote: Client) -> None:
    """Pieces that came are there, then both parts raise the same failure; the history stays."""
    script.says_pieces("first")
    script.add_response.says(
        {"message": "Hel"}, {"message": "lo"}, status=GONE, trailers=(("x-why", "lost"),)
    )
    conversation = remote.chat.create_conversation()
    conversation.add_response_no_stream("first")
    before = conversation.history
    stream, response = conversation.add_response("second")
    assert [step(stream), step(stream)] == ["Hel", "lo"]
    found = both_fail((stream, response), xai.InternalServerError, "gone")
    for error in found:
        assert error.code is StatusCode.DATA_LOSS
        assert ("x-why", "lost") in error.metadata
        assert error.method == script.add_response.path
        assert error.attempts == 1
    assert conversation.history == before
    assert response.done()


def test_failure_at_the_start_reaches_both(script: StatelessChatScript, remote: Client) -> None:
    """A call that is refused at once fails in both parts and leaves no trace in the history."""
    script.add_response.says(status=(grpc.StatusCode.PERMISSION_DENIED, "not you"))
    conversation = remote.chat.create_conversation()
    both_fail(conversation.add_response("Hi"), xai.PermissionDeniedError, "not you")
    with pytest.raises(xai.PermissionDeniedError):
        conversation.add_response_no_stream("Hi")
    assert conversation.history == ()


def test_call_is_tried_again_before_the_first_piece_only(
    script: StatelessChatScript, remote: Client
) -> None:
    """Unavailable at the start, the call is made again; after a piece it is a failure."""
    script.add_response.says(status=(UNAVAILABLE, "not yet"))
    script.says_pieces("Hel", "lo")
    script.add_response.says({"message": "Hel"}, status=(UNAVAILABLE, "no more"))
    conversation = remote.chat.create_conversation()
    stream, response = conversation.add_response("Hi")
    assert collect(stream) == ["Hel", "lo"]
    assert outcome(response).message == "Hello"
    assert len(script.add_response.calls) == 2
    both_fail(conversation.add_response("Hi"), xai.ServiceUnavailableError, "no more")
    assert len(script.add_response.calls) == 3
    assert len(conversation.history) == 2


def test_garbage_reaches_both_with_its_cause(script: StatelessChatScript, remote: Client) -> None:
    """A message that can't be read is the server's failure, with the cause in both errors."""
    script.add_response.says({"message": "ok"}, b"\x12\xff\xff", hold=True)
    conversation = remote.chat.create_conversation()
    for error in both_fail(conversation.add_response("Hi"), xai.InternalServerError):
        assert error.__cause__ is not None
        assert not isinstance(error.__cause__, xai.XAIError)
    assert conversation.history == ()
    assert given_up(script.add_response.calls[0])


def test_next_message_goes_without_the_failed_one(
    script: StatelessChatScript, remote: Client
) -> None:
    """After a failure the conversation goes on as if the message had never been sent."""
    script.add_response.says({"message": "x"}, status=GONE)
    script.says_pieces("fine")
    conversation = remote.chat.create_conversation()
    both_fail(conversation.add_response("lost"), xai.InternalServerError)
    conversation.add_response_no_stream("kept")
    assert [item["message"] for item in script.add_response.seen[1]["responses"]] == ["kept"]
    assert [item.message for item in conversation.history] == ["kept", "fine"]


def test_closed_stream_cancels_the_call(script: StatelessChatScript, remote: Client) -> None:
    """Closing cancels the RPC, fails the future and changes no history; twice is once."""
    script.add_response.says({"message": "a"}, hold=True)
    conversation = remote.chat.create_conversation()
    stream, response = conversation.add_response("Hi")
    assert step(stream) == "a"
    stream.close()
    stream.close()
    assert given_up(script.add_response.calls[0])
    with pytest.raises(xai.CancelledError) as caught:
        outcome(response)
    assert caught.value.code is StatusCode.CANCELLED
    assert response.done()
    assert collect(stream) == []
    assert conversation.history == ()


def leave_with_error(stream: xai.Stream[str]) -> None:
    """Enter the block, and leave it after the first piece."""
    with stream as pieces:
        for _ in pieces:
            raise KeyError("mine")


def test_block_that_is_left_early_cancels_the_call(
    script: StatelessChatScript, remote: Client
) -> None:
    """The end of the block cancels what is left, with an error inside it as well."""
    script.add_response.says({"message": "a"}, {"message": "b"}, hold=True)
    conversation = remote.chat.create_conversation()
    stream, response = conversation.add_response("Hi")
    with pytest.raises(KeyError, match="mine"):
        leave_with_error(stream)
    assert given_up(script.add_response.calls[0])
    with pytest.raises(xai.CancelledError):
        outcome(response)
    assert conversation.history == ()


def test_block_that_was_read_to_the_end_keeps_the_reply(
    script: StatelessChatScript, remote: Client
) -> None:
    """Closing after the end changes nothing: neither the reply nor the history."""
    script.says_pieces("a")
    conversation = remote.chat.create_conversation()
    stream, response = conversation.add_response("Hi")
    with stream:
        assert collect(stream) == ["a"]
    stream.close()
    assert outcome(response).message == "a"
    assert len(conversation.history) == 2


def test_close_ends_a_read_that_waits(script: StatelessChatScript, remote: Client) -> None:
    """Closed by another, a waiting reader gets a RuntimeError and the reply is cancelled."""
    script.add_response.says({"message": "a"}, hold=True)
    conversation = remote.chat.create_conversation()
    stream, response = conversation.add_response("Hi")
    assert step(stream) == "a"
    waiting = Background(lambda: step(stream))
    stream.close()
    with pytest.raises((RuntimeError, StopIteration)):
        waiting.result()
    with pytest.raises(xai.CancelledError):
        outcome(response)
    assert conversation.history == ()


def test_closed_client_ends_both_parts(script: StatelessChatScript, remote: Client) -> None:
    """When the client is closed, both raise RuntimeError; so does every later message."""
    script.add_response.says({"message": "a"}, hold=True)
    conversation = remote.chat.create_conversation()
    stream, response = conversation.add_response("Hi")
    assert step(stream) == "a"
    remote.close()
    both_fail((stream, response), RuntimeError, "closed")
    assert given_up(script.add_response.calls[0])
    with pytest.raises(RuntimeError, match="closed"):
        conversation.add_response("Hi")
    with pytest.raises(RuntimeError, match="closed"):
        conversation.add_response_no_stream("Hi")
    assert conversation.history == ()


def test_deadline_ends_both_parts(grpcio_server: "GrpcioServer") -> None:
    """A stream that goes silent ends with the idle limit, in both parts."""
    script = StatelessChatScript(grpcio_server)
    script.add_response.says({"message": "a"}, hold=True)
    limits = xai.Timeouts(idle=0.3)
    with Client(SECRET_KEY, api_host=grpcio_server.host, timeout=limits) as client:
        conversation = client.chat.create_conversation()
        both_fail(conversation.add_response("Hi"), xai.DeadlineExceededError)
        assert conversation.history == ()
    # A slow machine may be late even with the first message.
    for call in script.add_response.calls:
        assert given_up(call)


def test_two_streams_at_once_both_enter_the_history(
    script: StatelessChatScript, remote: Client
) -> None:
    """Streams of one conversation go on side by side; each pair comes in when it is complete."""
    script.says_pieces("a1", "a2")
    script.says_pieces("b1", "b2")
    conversation = remote.chat.create_conversation()
    first, first_reply = conversation.add_response("a")
    second, second_reply = conversation.add_response("b")
    assert [step(first), step(second)] == ["a1", "b1"]
    assert len(conversation.history) == 0
    assert collect(second) == ["b2"]
    assert collect(first) == ["a2"]
    assert outcome(first_reply).message == "a1a2"
    assert outcome(second_reply).message == "b1b2"
    assert [item.message for item in conversation.history] == ["b", "b1b2", "a", "a1a2"]
    assert [item.sender for item in conversation.history] == [Sender.HUMAN, Sender.ASSISTANT] * 2
