"""Compressed responses of the local server."""

import gzip
import zlib
from collections.abc import Callable

import pytest

import xai
from tests.services.local_peer import MODELS, Peer
from xai.proto.prompt_ide.sampler_public import ListModelsResponse
from xai.testing import LocalServer
from xai.v1 import user

INFLATE: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "deflate": zlib.decompress,
}


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_responses_are_compressed(encoding: str) -> None:
    """Each message by itself, with the header that says so, for who accepts it."""
    with LocalServer() as server:
        server.compress("gzip" if encoding == "gzip" else "deflate")
        peer = Peer(server)
        accept = (("grpc-accept-encoding", f"identity, {encoding}"),)
        reply = peer.call(MODELS, b"", accept)
        assert reply.headers["grpc-encoding"] == encoding
        assert reply.data[0] == 1
        (message,) = reply.messages
        assert ListModelsResponse.FromString(INFLATE[encoding](message)).model_names
        plain = peer.call(MODELS, b"")
        assert "grpc-encoding" not in plain.headers
        assert plain.data[0] == 0
        peer.close()


async def test_clients_read_compressed_responses() -> None:
    """Both of them, responses and streams; until it is switched off."""
    with LocalServer() as server:
        server.compress("gzip")
        async with server.async_client() as client:
            assert await client.sampler.list_models()
            chat = client.v1.chat.create("grok-local", messages=[user("Hello")], max_tokens=3)
            assert [chunk async for _, chunk in chat.stream()]
        server.compress(None)
        async with server.async_client() as client:
            assert await client.sampler.list_models()


def test_limit_is_of_what_comes_out() -> None:
    """A message that is small on the wire only is refused."""
    with LocalServer() as server:
        server.compress("gzip")
        server.reply("ListModels", ListModelsResponse(model_names=["n" * 1_000_000]))
        with (
            server.client(max_message_bytes=100_000) as client,
            pytest.raises(xai.APIError, match="limit of 100000 bytes"),
        ):
            client.sampler.list_models()


def test_unknown_encodings_are_refused() -> None:
    """At the control, with what there is."""
    with LocalServer() as server, pytest.raises(ValueError, match="'gzip', 'deflate'"):
        server.compress("br")  # type: ignore[arg-type]  # what is tried
