from collections.abc import Iterator
from typing import TYPE_CHECKING

import grpc
import pytest

import xai
from tests.services.aio.helpers import collect
from tests.services.aio.rpc.reply_helpers import both_fail, given_up, outcome, step
from tests.services.interop.chat import StatelessChatScript
from tests.support import SECRET_KEY
from tests.twin_helpers import AsyncBackground
from xai import AsyncClient, Sender, StatusCode

if TYPE_CHECKING:
    from tests.services.interop.server import GrpcioServer

UNAVAILABLE = grpc.StatusCode.UNAVAILABLE
GONE = (grpc.StatusCode.DATA_LOSS, "it is gone")


@pytest.fixture
def script(grpcio_server: "GrpcioServer") -> StatelessChatScript:
    """The service, ready to be told what to say."""
    return StatelessChatScript(grpcio_server)


@pytest.fixture
def remote(grpcio_server: "GrpcioServer") -> Iterator[AsyncClient]:
    """A client of the server made with grpcio; the hook that runs the test enters it."""
    client = AsyncClient(SECRET_KEY, api_host=grpcio_server.host)
    yield client
    # twin: sync client.close()
    assert "closed" in repr(client)


async def test_pieces_come_in_order_and_the_reply_is_their_sum(
    script: StatelessChatScript, remote: AsyncClient
) -> None:
    """The stream gives each piece of text, and the future the whole of them."""
    script.says_pieces("Hel", "lo", ", world")
    stream, response = remote.chat.create_conversation().add_response("Hi")
    assert await collect(stream) == ["Hel", "lo", ", world"]
    assert (await outcome(response)).message == "Hello, world"


async def test_reply_is_there_once_the_stream_was_read(
    script: StatelessChatScript, remote: AsyncClient
) -> None:
    """The future is not done before the last piece was taken, and is done right after."""
    script.says_pieces("a", "b")
    stream, response = remote.chat.create_conversation().add_response("Hi")
    assert not response.done()
    assert [await step(stream), await step(stream)] == ["a", "b"]
    assert not response.done()
    assert await collect(stream) == []
    assert response.done()
    assert not response.cancelled()
    assert response.exception() is None
    assert (await outcome(response)).message == "ab"
    assert (await outcome(response)) is (await outcome(response))


async def test_nothing_is_sent_before_the_first_iteration(
    script: StatelessChatScript, remote: AsyncClient
) -> None:
    """The call is made when the first piece is asked for; a pair that is left makes none."""
    script.says_pieces("a")
    conversation = remote.chat.create_conversation()
    stream, response = conversation.add_response("Hi")
    await stream.close()
    with pytest.raises(xai.CancelledError):
        await outcome(response)
    assert script.add_response.calls == []
    assert conversation.history == ()


async def test_stream_without_text_has_a_reply(
    script: StatelessChatScript, remote: AsyncClient
) -> None:
    """A reply of no messages is an empty text; pieces without text are not passed on."""
    script.add_response.says()
    script.add_response.says({"query": "a"}, {"message": "b"}, {}, {"query": "c"})
    conversation = remote.chat.create_conversation()
    stream, response = conversation.add_response("Hi")
    assert await collect(stream) == []
    assert (await outcome(response)).message == ""
    stream, response = conversation.add_response("Hi")
    assert await collect(stream) == ["b"]
    assert (await outcome(response)).query == "ac"


async def test_status_in_the_middle_reaches_both(
    script: StatelessChatScript, remote: AsyncClient
) -> None:
    """Pieces that came are there, then both parts raise the same failure; the history stays."""
    script.says_pieces("first")
    script.add_response.says(
        {"message": "Hel"}, {"message": "lo"}, status=GONE, trailers=(("x-why", "lost"),)
    )
    conversation = remote.chat.create_conversation()
    await conversation.add_response_no_stream("first")
    before = conversation.history
    stream, response = conversation.add_response("second")
    assert [await step(stream), await step(stream)] == ["Hel", "lo"]
    found = await both_fail((stream, response), xai.InternalServerError, "gone")
    for error in found:
        assert error.code is StatusCode.DATA_LOSS
        assert ("x-why", "lost") in error.metadata
        assert error.method == script.add_response.path
        assert error.attempts == 1
    assert conversation.history == before
    assert response.done()


async def test_failure_at_the_start_reaches_both(
    script: StatelessChatScript, remote: AsyncClient
) -> None:
    """A call that is refused at once fails in both parts and leaves no trace in the history."""
    script.add_response.says(status=(grpc.StatusCode.PERMISSION_DENIED, "not you"))
    conversation = remote.chat.create_conversation()
    await both_fail(conversation.add_response("Hi"), xai.PermissionDeniedError, "not you")
    with pytest.raises(xai.PermissionDeniedError):
        await conversation.add_response_no_stream("Hi")
    assert conversation.history == ()


async def test_call_is_tried_again_before_the_first_piece_only(
    script: StatelessChatScript, remote: AsyncClient
) -> None:
    """Unavailable at the start, the call is made again; after a piece it is a failure."""
    script.add_response.says(status=(UNAVAILABLE, "not yet"))
    script.says_pieces("Hel", "lo")
    script.add_response.says({"message": "Hel"}, status=(UNAVAILABLE, "no more"))
    conversation = remote.chat.create_conversation()
    stream, response = conversation.add_response("Hi")
    assert await collect(stream) == ["Hel", "lo"]
    assert (await outcome(response)).message == "Hello"
    assert len(script.add_response.calls) == 2
    await both_fail(conversation.add_response("Hi"), xai.ServiceUnavailableError, "no more")
    assert len(script.add_response.calls) == 3
    assert len(conversation.history) == 2


async def test_garbage_reaches_both_with_its_cause(
    script: StatelessChatScript, remote: AsyncClient
) -> None:
    """A message that can't be read is the server's failure, with the cause in both errors."""
    script.add_response.says({"message": "ok"}, b"\x12\xff\xff", hold=True)
    conversation = remote.chat.create_conversation()
    for error in await both_fail(conversation.add_response("Hi"), xai.InternalServerError):
        assert error.__cause__ is not None
        assert not isinstance(error.__cause__, xai.XAIError)
    assert conversation.history == ()
    assert await given_up(script.add_response.calls[0])


async def test_next_message_goes_without_the_failed_one(
    script: StatelessChatScript, remote: AsyncClient
) -> None:
    """After a failure the conversation goes on as if the message had never been sent."""
    script.add_response.says({"message": "x"}, status=GONE)
    script.says_pieces("fine")
    conversation = remote.chat.create_conversation()
    await both_fail(conversation.add_response("lost"), xai.InternalServerError)
    await conversation.add_response_no_stream("kept")
    assert [item["message"] for item in script.add_response.seen[1]["responses"]] == ["kept"]
    assert [item.message for item in conversation.history] == ["kept", "fine"]


async def test_closed_stream_cancels_the_call(
    script: StatelessChatScript, remote: AsyncClient
) -> None:
    """Closing cancels the RPC, fails the future and changes no history; twice is once."""
    script.add_response.says({"message": "a"}, hold=True)
    conversation = remote.chat.create_conversation()
    stream, response = conversation.add_response("Hi")
    assert await step(stream) == "a"
    await stream.close()
    await stream.close()
    assert await given_up(script.add_response.calls[0])
    with pytest.raises(xai.CancelledError) as caught:
        await outcome(response)
    assert caught.value.code is StatusCode.CANCELLED
    assert response.done()
    assert await collect(stream) == []
    assert conversation.history == ()


async def leave_with_error(stream: xai.AsyncStream[str]) -> None:
    """Enter the block, and leave it after the first piece."""
    async with stream as pieces:
        async for _ in pieces:
            raise KeyError("mine")


async def test_block_that_is_left_early_cancels_the_call(
    script: StatelessChatScript, remote: AsyncClient
) -> None:
    """The end of the block cancels what is left, with an error inside it as well."""
    script.add_response.says({"message": "a"}, {"message": "b"}, hold=True)
    conversation = remote.chat.create_conversation()
    stream, response = conversation.add_response("Hi")
    with pytest.raises(KeyError, match="mine"):
        await leave_with_error(stream)
    assert await given_up(script.add_response.calls[0])
    with pytest.raises(xai.CancelledError):
        await outcome(response)
    assert conversation.history == ()


async def test_block_that_was_read_to_the_end_keeps_the_reply(
    script: StatelessChatScript, remote: AsyncClient
) -> None:
    """Closing after the end changes nothing: neither the reply nor the history."""
    script.says_pieces("a")
    conversation = remote.chat.create_conversation()
    stream, response = conversation.add_response("Hi")
    async with stream:
        assert await collect(stream) == ["a"]
    await stream.close()
    assert (await outcome(response)).message == "a"
    assert len(conversation.history) == 2


async def test_close_ends_a_read_that_waits(
    script: StatelessChatScript, remote: AsyncClient
) -> None:
    """Closed by another, a waiting reader gets a RuntimeError and the reply is cancelled."""
    script.add_response.says({"message": "a"}, hold=True)
    conversation = remote.chat.create_conversation()
    stream, response = conversation.add_response("Hi")
    assert await step(stream) == "a"
    waiting = AsyncBackground(lambda: step(stream))
    await stream.close()
    with pytest.raises((RuntimeError, StopAsyncIteration)):
        await waiting.result()
    with pytest.raises(xai.CancelledError):
        await outcome(response)
    assert conversation.history == ()


async def test_closed_client_ends_both_parts(
    script: StatelessChatScript, remote: AsyncClient
) -> None:
    """When the client is closed, both raise RuntimeError; so does every later message."""
    script.add_response.says({"message": "a"}, hold=True)
    conversation = remote.chat.create_conversation()
    stream, response = conversation.add_response("Hi")
    assert await step(stream) == "a"
    await remote.close()
    await both_fail((stream, response), RuntimeError, "closed")
    assert await given_up(script.add_response.calls[0])
    with pytest.raises(RuntimeError, match="closed"):
        conversation.add_response("Hi")
    with pytest.raises(RuntimeError, match="closed"):
        await conversation.add_response_no_stream("Hi")
    assert conversation.history == ()


async def test_deadline_ends_both_parts(grpcio_server: "GrpcioServer") -> None:
    """A stream that goes silent ends with the idle limit, in both parts."""
    script = StatelessChatScript(grpcio_server)
    script.add_response.says({"message": "a"}, hold=True)
    limits = xai.Timeouts(idle=0.3)
    async with AsyncClient(SECRET_KEY, api_host=grpcio_server.host, timeout=limits) as client:
        conversation = client.chat.create_conversation()
        await both_fail(conversation.add_response("Hi"), xai.DeadlineExceededError)
        assert conversation.history == ()
    # A slow machine may be late even with the first message.
    for call in script.add_response.calls:
        assert await given_up(call)


async def test_two_streams_at_once_both_enter_the_history(
    script: StatelessChatScript, remote: AsyncClient
) -> None:
    """Streams of one conversation go on side by side; each pair comes in when it is complete."""
    script.says_pieces("a1", "a2")
    script.says_pieces("b1", "b2")
    conversation = remote.chat.create_conversation()
    first, first_reply = conversation.add_response("a")
    second, second_reply = conversation.add_response("b")
    assert [await step(first), await step(second)] == ["a1", "b1"]
    assert len(conversation.history) == 0
    assert await collect(second) == ["b2"]
    assert await collect(first) == ["a2"]
    assert (await outcome(first_reply)).message == "a1a2"
    assert (await outcome(second_reply)).message == "b1b2"
    assert [item.message for item in conversation.history] == ["b", "b1b2", "a", "a1a2"]
    assert [item.sender for item in conversation.history] == [Sender.HUMAN, Sender.ASSISTANT] * 2
