from collections.abc import Iterator

import grpc
import pytest

from tests.services.aio.helpers import collect
from tests.services.interop.protos import AnyMessage
from tests.services.interop.server import GrpcioServer
from tests.support import SECRET_KEY
from xai import AsyncClient

LIST = "/prompt_ide.Sampler/ListModels"
SAMPLE = "/prompt_ide.Sampler/SampleTokens"
algorithms = pytest.mark.parametrize("algorithm", [grpc.Compression.Gzip, grpc.Compression.Deflate])


@algorithms
async def test_compressed_reply_of_another_server(
    grpcio_server: GrpcioServer, algorithm: grpc.Compression
) -> None:
    """What Google's server compresses, also without having been asked, is read."""
    pb = grpcio_server.protos.sampler
    names = [f"model-{number}" for number in range(500)]

    def answer(_: AnyMessage, context: grpc.ServicerContext) -> AnyMessage:
        context.set_compression(algorithm)
        return pb.ListModelsResponse(model_names=names)

    grpcio_server.answer(LIST, answer)
    async with AsyncClient(SECRET_KEY, api_host=grpcio_server.host) as client:
        assert list(await client.sampler.list_models()) == names
        # Empty messages are not compressed, or are longer when they are.
        grpcio_server.answer(LIST, lambda *_: pb.ListModelsResponse())
        assert list(await client.sampler.list_models()) == []


@algorithms
async def test_compressed_stream_of_another_server(
    grpcio_server: GrpcioServer, algorithm: grpc.Compression
) -> None:
    """Each message of a stream is read, those that the server leaves as they are included."""
    pb = grpcio_server.protos.sampler

    def answer(_: AnyMessage, context: grpc.ServicerContext) -> Iterator[AnyMessage]:
        context.set_compression(algorithm)
        for number, text in enumerate(["a", "b" * 5000, "", "c" * 300_000]):
            if number == 2:
                context.disable_next_message_compression()
            logit = pb.Logit(token_id=number, string_token=text)
            yield pb.SampleTokensResponse(token=pb.Token(final_logit=logit))

    grpcio_server.answer(SAMPLE, answer)
    async with AsyncClient(SECRET_KEY, api_host=grpcio_server.host) as client:
        tokens = await collect(client.sampler.sample("text"))
    assert [token.token_str for token in tokens] == ["a", "b" * 5000, "", "c" * 300_000]
