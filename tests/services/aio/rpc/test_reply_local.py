from collections.abc import Callable
from typing import Any, Literal

import pytest

import xai
from tests.services.aio.helpers import QUESTION, collect, wait_for_call
from tests.services.aio.rpc.reply_helpers import both_fail, outcome, step
from xai import AsyncClient, StatusCode
from xai.testing import LocalServer

#: What begins a conversation of either service.
BEGIN: list[Any] = [
    pytest.param(lambda client: client.chat.create_conversation(), id="chat"),
    pytest.param(lambda client: client.grok.create_conversation(), id="grok"),
]
CANCEL = 8

Begin = Callable[[AsyncClient], Any]


def size(conversation: Any) -> int:  # noqa: ANN401  # of either service
    """Return how many messages of the model a conversation has."""
    if hasattr(conversation, "history"):
        return len(conversation.history) // 2
    roots = conversation.root_responses
    return sum(len(root.children) for root in roots)


@pytest.mark.parametrize("begin", BEGIN)
async def test_reply_is_streamed_and_whole(client: AsyncClient, begin: Begin) -> None:
    """The pieces add up to the reply."""
    conversation = begin(client)
    stream, response = conversation.add_response(QUESTION)
    pieces = await collect(stream)
    assert len(pieces) > 1
    assert (await outcome(response)).message == "".join(pieces)
    assert size(conversation) == 1


@pytest.mark.parametrize("begin", BEGIN)
async def test_status_in_the_middle(server: LocalServer, client: AsyncClient, begin: Begin) -> None:
    """A status after some messages fails both; the next message goes well."""
    conversation = begin(client)
    server.fail(StatusCode.DATA_LOSS, "it is gone", method="AddResponse", after_messages=2)
    await both_fail(conversation.add_response(QUESTION), xai.InternalServerError, "gone")
    assert size(conversation) == 0
    await collect(conversation.add_response(QUESTION)[0])
    assert size(conversation) == 1


@pytest.mark.parametrize("begin", BEGIN)
async def test_connection_lost_in_the_middle(
    server: LocalServer, client: AsyncClient, begin: Begin
) -> None:
    """A lost connection fails both with the host; the next message connects anew."""
    conversation = begin(client)
    server.drop_connection(method="AddResponse", after_messages=2)
    for error in await both_fail(conversation.add_response(QUESTION), xai.APIConnectionError):
        assert server.host in str(error)
        assert isinstance(error, ConnectionError)
    assert size(conversation) == 0
    await collect(conversation.add_response(QUESTION)[0])
    assert size(conversation) == 1


@pytest.mark.parametrize("kind", ["protobuf", "cut", "frame"])
@pytest.mark.parametrize("begin", BEGIN)
async def test_garbage_in_the_middle(
    server: LocalServer,
    client: AsyncClient,
    begin: Begin,
    kind: Literal["protobuf", "cut", "frame"],
) -> None:
    """Whatever is broken, a message, the body or the connection, both parts fail alike."""
    conversation = begin(client)
    server.send_garbage(kind=kind, method="AddResponse", after_messages=2)
    await both_fail(conversation.add_response(QUESTION), xai.APIError)
    assert size(conversation) == 0
    await collect(conversation.add_response(QUESTION)[0])
    assert size(conversation) == 1


@pytest.mark.parametrize("begin", BEGIN)
async def test_reset_in_the_middle(server: LocalServer, client: AsyncClient, begin: Begin) -> None:
    """A reset of the stream fails both parts."""
    conversation = begin(client)
    server.reset(CANCEL, method="AddResponse", after_messages=2)
    await both_fail(conversation.add_response(QUESTION), xai.CancelledError)
    assert size(conversation) == 0


@pytest.mark.parametrize("begin", BEGIN)
async def test_left_in_the_middle(server: LocalServer, client: AsyncClient, begin: Begin) -> None:
    """Leaving resets the call with CANCEL, and the connection stays."""
    conversation = begin(client)
    server.stall(method="AddResponse", after_messages=3)
    stream, response = conversation.add_response(QUESTION)
    async with stream:
        assert await step(stream)
    assert (await wait_for_call(server, "AddResponse", "cancelled")).reset_code == CANCEL
    with pytest.raises(xai.CancelledError):
        await outcome(response)
    assert size(conversation) == 0
    await collect(conversation.add_response(QUESTION)[0])
    assert server.connections == 1


@pytest.mark.parametrize("begin", BEGIN)
async def test_missing_acl_reaches_both(server: LocalServer, begin: Begin) -> None:
    """A key that may not chat gets the documented text, by both parts."""
    # The key of the fixture may do everything.
    with LocalServer(api_keys={"reader": ["sampler:write", "chat:read"]}) as other:
        async with AsyncClient("reader", api_host=other.host) as client:
            pair = begin(client).add_response(QUESTION)
            for error in await both_fail(pair, xai.PermissionDeniedError):
                assert str(error).startswith(
                    "API key is missing ACLs required to perform this request."
                )
    assert server.calls == []
