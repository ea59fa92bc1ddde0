import gc
import logging
from collections.abc import (
    Awaitable,  # twin: async-only
    Callable,
    Iterator,
)
from typing import TYPE_CHECKING, Any

import grpc
import pytest

import xai
from tests.services.aio.helpers import collect, happens
from tests.services.aio.rpc.reply_helpers import given_up, outcome, step
from tests.services.interop.chat import StatelessChatScript
from tests.services.interop.grok import GrokScript, conversation, human, model, token
from tests.support import SECRET_KEY
from tests.twin_helpers import AsyncBackground
from xai import AsyncClient, AsyncStream

if TYPE_CHECKING:
    from tests.services.interop.scripted import Scripted
    from tests.services.interop.server import GrpcioServer

GONE = (grpc.StatusCode.DATA_LOSS, "it is gone")
Pair = tuple[AsyncStream[str], Any]


class Service:
    """One of the two services that answer with a pair.

    Attributes:
        method: What the server answers with.
        client: Who asks.
    """

    method: "Scripted"
    client: AsyncClient

    def pieces(self, *texts: str) -> list[dict[str, Any]]:
        """Return the messages of a stream with these texts."""
        raise NotImplementedError

    def last(self) -> list[dict[str, Any]]:
        """Return the messages at the end of a whole stream."""
        raise NotImplementedError

    def ask(self) -> Pair:
        """Return the pair for a message."""
        raise NotImplementedError


class Chat(Service):
    """Conversations that the caller keeps."""

    def __init__(self, server: "GrpcioServer", client: AsyncClient) -> None:
        self.client = client
        self.method = StatelessChatScript(server).add_response

    def pieces(self, *texts: str) -> list[dict[str, Any]]:
        """Return deltas with texts."""
        return [{"message": text} for text in texts]

    def last(self) -> list[dict[str, Any]]:
        """Return nothing: the end of the stream is the end of the reply."""
        return []

    def ask(self) -> Pair:
        """Begin a conversation."""
        return self.client.chat.create_conversation().add_response("Hi")


class Grok(Service):
    """Conversations that the server keeps."""

    def __init__(self, server: "GrpcioServer", client: AsyncClient) -> None:
        self.client = client
        script = GrokScript(server)
        script.create.says(conversation())
        self.method = script.add_response

    def pieces(self, *texts: str) -> list[dict[str, Any]]:
        """Return the user's message, and tokens."""
        return [{"user_response": human("h1")}, *(token(text) for text in texts)]

    def last(self) -> list[dict[str, Any]]:
        """Return the model's response."""
        return [{"model_response": model("m1", "h1", "Hello")}]

    def ask(self) -> Pair:
        """Begin a conversation."""
        return self.client.grok.create_conversation().add_response("Hi")


@pytest.fixture(params=[Chat, Grok], ids=["chat", "grok"])
def service(request: pytest.FixtureRequest, grpcio_server: "GrpcioServer") -> Iterator[Service]:
    """Either service, with a client that the test enters and leaves."""
    client = AsyncClient(SECRET_KEY, api_host=grpcio_server.host)
    yield request.param(grpcio_server, client)
    # twin: sync client.close()
    assert "closed" in repr(client)


@pytest.fixture
def noise(caplog: pytest.LogCaptureFixture) -> "list[logging.LogRecord]":
    """What was complained about."""
    caplog.set_level(logging.WARNING)
    return caplog.records


def loud(records: "list[logging.LogRecord]") -> list[str]:
    """Return the complaints, after whatever nobody holds any more was collected."""
    gc.collect()
    return [item.getMessage() for item in records if item.levelno >= logging.WARNING]


# twin: sync def ended(part: Callable[[], object]) -> object:
async def ended(part: Callable[[], Awaitable[object]]) -> object:
    """Return what a part of a pair gives, or what it raises."""
    try:
        return await part()
    except xai.XAIError as error:
        return error


async def ended_by(pair: Pair) -> tuple[Any, Any]:
    """Wait for both parts, the future first, and return what each raises or gives."""
    stream, reply = pair
    waiting = AsyncBackground(lambda: outcome(reply))
    return await ended(lambda: collect(stream)), await ended(waiting.result)


async def test_future_first_and_then_the_stream(
    service: Service, noise: "list[logging.LogRecord]"
) -> None:
    """Whoever waits for the future before anybody reads has the reply, in every service."""
    service.method.says(*service.pieces("Hel", "lo"), *service.last())
    async with service.client:
        _, found = await ended_by(service.ask())
        assert found.message == "Hello"
    assert loud(noise) == []


@pytest.mark.parametrize("texts", [(), ("Hel",)], ids=["at-the-start", "in-the-middle"])
async def test_future_first_and_then_the_failure(
    service: Service, noise: "list[logging.LogRecord]", texts: tuple[str, ...]
) -> None:
    """Both parts raise it, whoever of them came to it first, and nobody complains of a third."""
    service.method.says(*(service.pieces(*texts) if texts else ()), status=GONE)
    async with service.client:
        by_stream, by_reply = await ended_by(service.ask())
        for error in (by_stream, by_reply):
            assert isinstance(error, xai.InternalServerError)
            assert error.message == "it is gone"
        assert by_stream is not by_reply
        del by_stream, by_reply, error
    assert loud(noise) == []


async def test_failure_stays_with_the_stream(
    service: Service, noise: "list[logging.LogRecord]"
) -> None:
    """Read on after its failure, a stream fails again instead of ending as if it were whole."""
    service.method.says(*service.pieces("Hel"), status=GONE)
    async with service.client:
        stream, reply = service.ask()
        assert await step(stream) == "Hel"
        errors = []
        for _ in range(3):
            with pytest.raises(xai.InternalServerError, match="it is gone") as caught:
                await collect(stream)
            errors.append(caught.value)
        with pytest.raises(xai.InternalServerError, match="it is gone"):
            await outcome(reply)
        assert len(set(map(id, errors))) == 3
        assert all(error.attempts == 1 for error in errors)
        await stream.close()
    del stream, reply, errors, caught
    assert loud(noise) == []


async def test_future_first_and_then_close(
    service: Service, noise: "list[logging.LogRecord]"
) -> None:
    """Left in the middle, the call is cancelled, and whoever waits for the reply is told."""
    service.method.says(*service.pieces("Hel"), hold=True)
    async with service.client:
        stream, reply = service.ask()
        assert await step(stream) == "Hel"
        waiting = AsyncBackground(lambda: outcome(reply))
        assert await happens(service.method.held)
        await stream.close()
        with pytest.raises((xai.CancelledError, RuntimeError)):
            await waiting.result()
        assert await given_up(service.method.calls[-1])
        with pytest.raises(xai.CancelledError):
            await outcome(reply)
    assert loud(noise) == []


async def test_pair_that_nobody_reads_makes_no_noise(
    service: Service, noise: "list[logging.LogRecord]"
) -> None:
    """Dropped at once, or only its future kept, a pair that nobody reads is no complaint."""
    service.method.says(*service.pieces("Hel"), *service.last())
    async with service.client:
        for kept in range(3):
            pair: list[object] = list(service.ask())
            del pair[kept:]
            gc.collect()
            pair.clear()
    assert service.method.calls == []
    assert loud(noise) == []
