"""The codec of this repository, on the generated messages."""

from tests.benchmarks.codec import codec
from tests.benchmarks.orders import Server
from tests.benchmarks.peer import Peer
from xai.proto.prompt_ide.embedder_public import EmbedResponse
from xai.proto.xai_api.chat import GetChatCompletionChunk


def connect(server: Server) -> Peer:
    """Return the peer."""
    del server
    return codec(
        read=GetChatCompletionChunk.FromString,
        write=bytes,
        text=lambda chunk: chunk.outputs[0].delta.content,
        floats=lambda data: [one.values for one in EmbedResponse.FromString(data).embeddings],
    )
