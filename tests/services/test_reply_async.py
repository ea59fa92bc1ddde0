"""The asyncio future of a reply: what has no counterpart in the blocking twin."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import grpc
import pytest

import xai
from tests.services.interop.chat import StatelessChatScript
from tests.support import SECRET_KEY
from tests.twin_helpers import LIMIT
from xai import AsyncClient

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
def remote(grpcio_server: "GrpcioServer") -> AsyncClient:
    """A client of the server made with grpcio; the hook that runs the test enters it."""
    return AsyncClient(SECRET_KEY, api_host=grpcio_server.host)


@pytest.fixture
def noise(caplog: pytest.LogCaptureFixture) -> "list[logging.LogRecord]":
    """What asyncio complained about so far."""
    caplog.set_level(logging.WARNING, "asyncio")
    return caplog.records


async def given_up(call: "SeenCall") -> bool:
    """Wait for the end of a call at the server, and tell whether the caller gave it up."""
    assert await asyncio.to_thread(call.ended.wait, LIMIT)
    return not call.answered


async def read(stream: AsyncIterator[str]) -> list[str]:
    """Read a stream to its end."""
    return [piece async for piece in stream]


def loud(records: "list[logging.LogRecord]") -> list[str]:
    """Return the complaints among log records."""
    return [item.getMessage() for item in records if item.levelno >= logging.WARNING]


async def test_future_waits_for_the_reader(method: "Scripted", remote: AsyncClient) -> None:
    """It is an asyncio future that somebody else's reading resolves."""
    method.says({"message": "a"}, {"message": "b"})
    stream, response = remote.chat.create_conversation().add_response("Hi")
    assert isinstance(response, asyncio.Future)
    waiting = asyncio.ensure_future(response)
    with pytest.raises(asyncio.InvalidStateError):
        response.result()
    assert await read(aiter(stream)) == ["a", "b"]
    assert (await asyncio.wait_for(waiting, LIMIT)).message == "ab"
    assert response.result() is await response


async def test_done_callback_is_called(method: "Scripted", remote: AsyncClient) -> None:
    """A callback that was added is called with the future."""
    method.says({"message": "a"})
    stream, response = remote.chat.create_conversation().add_response("Hi")
    told: asyncio.Future[object] = asyncio.get_running_loop().create_future()
    response.add_done_callback(told.set_result)
    await read(aiter(stream))
    assert await asyncio.wait_for(told, LIMIT) is response


async def test_failure_nobody_asks_for_makes_no_noise(
    method: "Scripted", remote: AsyncClient, noise: "list[logging.LogRecord]"
) -> None:
    """Nobody is told of an exception that was never retrieved: the reader had it."""
    method.says({"message": "a"}, status=GONE)
    for kept in (True, False):
        stream, response = remote.chat.create_conversation().add_response("Hi")
        if not kept:
            del response
        with pytest.raises(xai.InternalServerError):
            await read(aiter(stream))
    stream, response = remote.chat.create_conversation().add_response("Hi")
    await stream.close()
    del stream, response
    gc.collect()
    await asyncio.sleep(0)
    assert loud(noise) == []


def test_failure_at_the_end_of_the_loop_makes_no_noise(
    method: "Scripted", grpcio_server: "GrpcioServer", noise: "list[logging.LogRecord]"
) -> None:
    """Not even when the loop ends with the error, or while the stream is open."""
    method.says({"message": "a"}, status=GONE)

    async def fail() -> None:
        async with AsyncClient(SECRET_KEY, api_host=grpcio_server.host) as client:
            stream, response = client.chat.create_conversation().add_response("Hi")
            kept.append(response)
            await read(aiter(stream))

    async def leave() -> None:
        async with AsyncClient(SECRET_KEY, api_host=grpcio_server.host) as client:
            stream, response = client.chat.create_conversation().add_response("Hi")
            kept.extend((stream, response))
            await anext(aiter(stream))

    kept: list[object] = []
    with pytest.raises(xai.InternalServerError):
        asyncio.run(fail())
    asyncio.run(leave())
    kept.clear()
    gc.collect()
    assert loud(noise) == []


async def test_abandoned_stream_cancels_both(
    method: "Scripted", remote: AsyncClient, noise: "list[logging.LogRecord]"
) -> None:
    """A stream nobody holds resolves its future, and the server sees the cancellation."""
    method.says({"message": "a"}, hold=True)
    conversation = remote.chat.create_conversation()
    stream, response = conversation.add_response("Hi")
    assert await anext(aiter(stream)) == "a"
    gc.disable()
    try:
        del stream
        with pytest.raises(xai.CancelledError):
            await asyncio.wait_for(response, LIMIT)
        assert await given_up(method.calls[0])
    finally:
        gc.enable()
    assert conversation.history == ()
    assert loud(noise) == []


async def test_stream_nobody_started_resolves_too(remote: AsyncClient) -> None:
    """Dropped before the first iteration, the future ends as well, and nothing was sent."""
    response = remote.chat.create_conversation().add_response("Hi")[1]
    with pytest.raises(xai.CancelledError):
        await asyncio.wait_for(response, LIMIT)


async def test_dropped_future_lets_the_stream_go_on(
    method: "Scripted", remote: AsyncClient
) -> None:
    """Who is not interested in the reply still has the text and the history."""
    method.says({"message": "a"}, {"message": "b"})
    conversation = remote.chat.create_conversation()
    stream, _ = conversation.add_response("Hi")
    del _
    assert await read(aiter(stream)) == ["a", "b"]
    assert len(conversation.history) == 2


async def test_cancelled_future_lets_the_stream_go_on(
    method: "Scripted", remote: AsyncClient, noise: "list[logging.LogRecord]"
) -> None:
    """A future the user cancels stays cancelled; text and history come all the same."""
    method.says({"message": "a"}, {"message": "b"})
    conversation = remote.chat.create_conversation()
    stream, response = conversation.add_response("Hi")
    assert response.cancel()
    assert await read(aiter(stream)) == ["a", "b"]
    assert response.cancelled()
    assert len(conversation.history) == 2
    assert loud(noise) == []


async def test_cancelled_task_cancels_the_call(
    method: "Scripted", remote: AsyncClient, noise: "list[logging.LogRecord]"
) -> None:
    """A cancelled reader gets its own cancellation; RPC and future end with it."""
    method.says({"message": "a"}, hold=True)
    conversation = remote.chat.create_conversation()
    stream, response = conversation.add_response("Hi")
    assert await anext(aiter(stream)) == "a"
    reader = asyncio.create_task(read(aiter(stream)))
    await asyncio.sleep(0)
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert await given_up(method.calls[0])
    with pytest.raises(xai.CancelledError):
        await response
    assert await read(aiter(stream)) == []
    assert conversation.history == ()
    assert loud(noise) == []


async def test_time_limit_of_the_caller_cancels_the_call(
    method: "Scripted", remote: AsyncClient
) -> None:
    """`asyncio.wait_for` around the reader is a TimeoutError there and a cancellation here."""
    method.says({"message": "a"}, hold=True)
    stream, response = remote.chat.create_conversation().add_response("Hi")
    assert await anext(aiter(stream)) == "a"
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(read(aiter(stream)), 0.05)
    with pytest.raises(xai.CancelledError):
        await asyncio.wait_for(response, LIMIT)
    assert await given_up(method.calls[0])


async def test_time_limit_around_the_future_leaves_the_stream(
    method: "Scripted", remote: AsyncClient
) -> None:
    """A shielded future that was waited for in vain still gets its reply."""
    method.says({"message": "a"}, hold=True)
    stream, response = remote.chat.create_conversation().add_response("Hi")
    assert await anext(aiter(stream)) == "a"
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(asyncio.shield(response), 0.01)
    method.release()
    assert await read(aiter(stream)) == []
    assert (await response).message == "a"


async def test_two_readers_share_the_pieces(method: "Scripted", remote: AsyncClient) -> None:
    """Two tasks that iterate over one stream get each piece once between them."""
    letters = "abcdefgh"
    method.says(*({"message": letter} for letter in letters))
    stream, response = remote.chat.create_conversation().add_response("Hi")
    halves = await asyncio.gather(read(aiter(stream)), read(aiter(stream)))
    assert sorted([*halves[0], *halves[1]]) == list(letters)
    assert (await response).message == letters


async def test_many_conversations_at_once(script: StatelessChatScript, remote: AsyncClient) -> None:
    """Tasks go on side by side, each with its own reply."""
    script.says_pieces("a", "b")

    async def ask() -> str:
        stream, response = remote.chat.create_conversation().add_response("Hi")
        await read(aiter(stream))
        return (await response).message

    assert await asyncio.gather(*(ask() for _ in range(20))) == ["ab"] * 20
