"""Google's protobuf (upb), with the numbers made into lists as its users do."""

from tests.benchmarks.codec import codec
from tests.benchmarks.orders import Server
from tests.benchmarks.peer import Peer
from tests.benchmarks.peers.upb_messages import message_classes


def connect(server: Server) -> Peer:
    """Return the peer."""
    del server
    response = message_classes()["EmbedResponse"]
    return codec(
        floats=lambda data: [list(one.values) for one in response.FromString(data).embeddings]
    )
