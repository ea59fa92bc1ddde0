"""What the peers of the codec do: read and write messages, without a server."""

from collections.abc import Callable
from typing import Any

from tests.benchmarks.payloads import prepare
from tests.benchmarks.peer import EMBEDDED, Call, Peer

#: How many chunks a call reads or writes: a single one is too short for the clock.
CHUNKS = 100
#: A chunk of a chat, as the v1 API streams them, and a thousand vectors of 1,024 numbers.
CHUNK, VECTORS = "sdk-chat", "embed"


def codec(
    *,
    read: Callable[[bytes], Any] | None = None,
    write: Callable[[Any], bytes] | None = None,
    text: Callable[[Any], str] | None = None,
    floats: Callable[[bytes], list[list[float]]] | None = None,
) -> Peer:
    """Return a peer of what a codec can do.

    Args:
        read: Reads a chunk.
        write: Writes it.
        text: Returns the text of a chunk.
        floats: Reads the message with the vectors into lists.
    """
    chunk, vectors = prepare(CHUNK).message, prepare(VECTORS).message
    calls: dict[str, Call] = {}
    if read is not None and write is not None and text is not None:
        # In names of their own: a checker can't know that they stay what they are.
        reads, writes, message = read, write, read(chunk)
        length = len(text(message))

        def read_all() -> int:
            return sum(len(text(reads(chunk))) for _ in range(CHUNKS))

        def write_all() -> int:
            return sum(len(writes(message)) for _ in range(CHUNKS))

        calls["read"] = Call(CHUNK, read_all, CHUNKS * length)
        calls["write"] = Call(CHUNK, write_all, CHUNKS * len(chunk))
    if floats is not None:
        numbers = floats

        def read_vectors() -> int:
            return sum(len(vector) for vector in numbers(vectors))

        calls["floats"] = Call(VECTORS, read_vectors, EMBEDDED)
    return Peer(calls=calls, flows={}, close=lambda: None)
