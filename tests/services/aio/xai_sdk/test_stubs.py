"""Stubs of ``*_pb2_grpc`` on the channels of a client in the shape of xai-sdk 1.x."""

import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

import xai
from tests import reference
from tests.services.xai_sdk.grpc_errors import RpcError, facts
from tests.support import SECRET_KEY
from xai.proto.xai_api.chat import CHAT_GET_COMPLETION as COMPLETION
from xai.testing import LocalServer
from xai.xai_sdk.v1.__about__ import __version__
from xai.xai_sdk.v1.aio.channel import AsyncChannel
from xai.xai_sdk.v1.aio.client import Client
from xai.xai_sdk.v1.chat import chat_pb2, user
from xai.xai_sdk.v1.proto import modules

files_pb2: Any = modules.load("files_pb2")
collections_pb2: Any = modules.load("collections_pb2")
_ABOUT = [
    ("xai-sdk-version", f"python/{__version__}"),
    ("xai-sdk-language", f"python/{sys.version_info[0]}.{sys.version_info[1]}"),
]


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A local server that knows the secret key."""
    with LocalServer(api_keys={SECRET_KEY: ["*"]}) as server:
        yield server


@pytest.fixture
def sdk(server: LocalServer) -> Client:
    """A client of the local server; each test enters and leaves it."""
    keys = (SECRET_KEY, server.management_api_key)
    pairs = (("x-team", "red"),)
    return Client(
        *keys, api_host=server.host, management_api_host=server.host, metadata=pairs, timeout=60
    )


def stub(channel: AsyncChannel | None, stem: str, service: str) -> Any:  # noqa: ANN401  # as stubs are
    """Return a stub on a channel."""
    return getattr(modules.load(f"{stem}_pb2_grpc"), f"{service}Stub")(channel)


def asked(text: str) -> Any:  # noqa: ANN401  # as messages are
    """Return a request."""
    return chat_pb2.GetCompletionsRequest(model="grok-4", messages=[user(text)], temperature=0.0)


async def test_stub_calls_with_the_key_and_the_metadata_of_the_client(
    sdk: Client, server: LocalServer
) -> None:
    """With one reply and with many; the caller's pairs come after those of the client."""
    async with sdk:
        chat = stub(sdk._api_channel, "chat", "Chat")
        reply = await chat.GetCompletion(
            asked("Does it work?"), timeout=30, metadata=[("x-call", "1")]
        )
        assert isinstance(reply, chat_pb2.GetChatCompletionResponse)
        text = ""
        async for chunk in chat.GetCompletionChunk(asked("Does it work?")):
            assert isinstance(chunk, chat_pb2.GetChatCompletionChunk)
            text += "".join(output.delta.content for output in chunk.outputs)
        assert text == reply.outputs[0].message.content
        sent = [pair for pair in server.calls[0].metadata if pair[0].startswith("x")]
        assert sent == [("x-team", "red"), *_ABOUT, ("x-call", "1")]


async def test_stub_of_the_real_package_works_on_the_channel(sdk: Client) -> None:
    """Its messages travel as bytes."""
    async with sdk:
        chat = reference.proto.chat_pb2_grpc.ChatStub(sdk._api_channel)
        request = reference.chat_pb2.GetCompletionsRequest(model="grok-4", temperature=0.0)
        request.messages.append(reference.chat.user("Does it work?"))
        reply = await chat.GetCompletion(request)
        assert isinstance(reply, reference.chat_pb2.GetChatCompletionResponse)
        assert reply.outputs[0].message.content


async def test_stub_uploads_what_an_iterator_gives(sdk: Client) -> None:
    """From a list, and from a generator of either kind."""

    async def parts() -> AsyncIterator[Any]:
        yield files_pb2.UploadFileChunk(init=files_pb2.UploadFileInit(name="a.txt"))
        yield files_pb2.UploadFileChunk(data=b"first, ")
        yield files_pb2.UploadFileChunk(data=b"second")

    async with sdk:
        files = stub(sdk._api_channel, "files", "Files")
        given = [part async for part in parts()]
        for requests in (parts(), given, iter(given)):
            uploaded = await files.UploadFile(requests)
            assert await sdk.files.content(uploaded.id) == b"first, second"


async def test_stub_of_the_management_api_has_the_management_key(sdk: Client) -> None:
    """Its channel is there when the client has that key."""
    async with sdk:
        assert sdk._management_channel is not None
        made = await sdk.collections.create("Notes")
        collections = stub(sdk._management_channel, "collections", "Collections")
        request = collections_pb2.GetCollectionMetadataRequest(collection_id=made.collection_id)
        found = await collections.GetCollectionMetadata(request)
        assert found.collection_name == "Notes"
    assert Client(SECRET_KEY)._management_channel is None


async def test_stub_raises_the_errors_of_the_client(sdk: Client, server: LocalServer) -> None:
    """They are errors of grpcio, from its calls and from iterating."""
    server.fail(xai.StatusCode.NOT_FOUND, "no such model", method=COMPLETION)
    async with sdk:
        chat = stub(sdk._api_channel, "chat", "Chat")
        with pytest.raises(RpcError) as caught:
            await chat.GetCompletion(asked("Does it work?"))
        assert facts(caught.value)[:2] == ("NOT_FOUND", "no such model")
        with pytest.raises(ValueError, match="the API has no method '/other'"):
            sdk._api_channel.unary_unary("/other")


async def test_channel_takes_bytes_where_nothing_makes_them(sdk: Client) -> None:
    """As generic callers of grpcio use channels; what libraries close of it closes nothing."""
    async with sdk:
        call = sdk._api_channel.unary_unary(COMPLETION.path)
        sdk._api_channel._channel.close()
        with pytest.raises(TypeError, match="a message must be bytes, not int"):
            await call(5)
        data = await call(asked("Does it work?").SerializeToString())
        assert isinstance(data, bytes)
        assert chat_pb2.GetChatCompletionResponse.FromString(data).outputs[0].message.content
