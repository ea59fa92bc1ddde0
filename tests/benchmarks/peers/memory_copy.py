"""A floor: copying the bytes of the embeddings, and making the lists of their numbers."""

from array import array

from tests.benchmarks.orders import Server
from tests.benchmarks.payloads import NUMBERS, TEXTS
from tests.benchmarks.peer import EMBEDDED, Call, Peer


def connect(server: Server) -> Peer:
    """Return the peer."""
    del server
    numbers = array("f", range(NUMBERS)).tobytes()

    def run() -> int:
        vectors = []
        for _ in range(TEXTS):
            copied = array("f")
            copied.frombytes(numbers)
            vectors.append(copied.tolist())
        return sum(len(vector) for vector in vectors)

    return Peer(calls={"embed": Call("embed", run, EMBEDDED)}, flows={}, close=lambda: None)
