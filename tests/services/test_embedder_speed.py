"""How long reading many numbers takes, measured against building the lists of them."""

import struct
import time
from collections.abc import Callable

from xai.prompt_ide.types import Embedding
from xai.proto.prompt_ide import embedder_public as pb
from xai.runtime.codec import api as codec

TEXTS, NUMBERS = 1000, 1024
#: What the rest may cost besides the lists; an element-wise decoder takes a hundred times as long.
FACTOR = 6.0


def fastest(function: Callable[[], object]) -> float:
    """Return the shortest of a few times of the processor: what else the machine does only adds."""
    times = []
    for _ in range(5):
        start = time.thread_time()
        function()
        times.append(time.thread_time() - start)
    return min(times)


def test_reading_costs_little_more_than_the_lists() -> None:
    """1,000 texts of 1,024 numbers are read in about the time their lists take to build."""
    numbers = struct.pack(f"<{NUMBERS}f", *range(NUMBERS))
    one = pb.Embedding(values=[float(number) for number in range(NUMBERS)], shape=[NUMBERS])
    data = codec.encode(pb.EmbedResponse(embeddings=[one] * TEXTS))

    def build() -> list[list[float]]:
        return [list(struct.unpack(f"<{NUMBERS}f", numbers)) for _ in range(TEXTS)]

    def read() -> list[Embedding]:
        reply = codec.decode(pb.EmbedResponse, data)
        return [Embedding(values=item.values, shape=item.shape) for item in reply.embeddings]

    assert [item.values for item in read()] == build()
    assert fastest(read) < FACTOR * fastest(build)
