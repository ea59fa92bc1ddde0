import gc
import sys
from collections.abc import Callable

import pytest

from xai.proto import xai_api as pb
from xai.v1.chat.accumulator import Accumulator
from xai.v1.chat.chunks import Chunk
from xai.v1.chat.response import Response
from xai.v1.structured.incremental import GrowingValue

#: Pieces of which the work is counted, and those that come before the second count.
SOME = 200
MANY = 5_000


def pieces(count: int, begin: int = 0) -> list[pb.GetChatCompletionChunk]:
    """Return chunks as a server sends them, read from bytes as those of a stream are."""
    return [
        pb.GetChatCompletionChunk().parse(
            bytes(
                pb.GetChatCompletionChunk(
                    id="r-1",
                    model="m",
                    outputs=[
                        pb.CompletionOutputChunk(
                            delta=pb.Delta(
                                content=f'"{number:06}", ',
                                role=pb.MessageRole.ROLE_ASSISTANT,
                                tool_calls=[pb.ToolCall(id=f"call-{number}")],
                            )
                        )
                    ],
                    usage=pb.SamplingUsage(completion_tokens=number),
                    citations=["https://a"],
                )
            )
        )
        for number in range(begin, begin + count)
    ]


def calls_of(work: Callable[[], object]) -> int:
    """Return how many functions are called, those written in C included."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    earlier = sys.getprofile()
    gc.disable()  # its hooks would be counted
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(earlier)
        gc.enable()
    return calls


@pytest.mark.parametrize("reading", [False, True])
def test_a_piece_costs_the_same_however_many_came_before(*, reading: bool) -> None:
    """Adding a piece and looking at it calls as many functions at the end as at the beginning."""
    accumulator = Accumulator()
    response = Response._of(accumulator)

    def add(chunks: list[pb.GetChatCompletionChunk]) -> None:
        for chunk in chunks:
            accumulator.add(chunk)
            view = Chunk(chunk, accumulator.index)
            if reading:
                assert view.content
                assert response.content

    add(pieces(1))
    first, later = pieces(SOME, 1), pieces(SOME, MANY)
    early = calls_of(lambda: add(first))
    add(pieces(MANY - SOME - 1, SOME + 1))
    late = calls_of(lambda: add(later))
    assert early > 0
    assert late <= 1.02 * early
    assert len(response.content) == 10 * (MANY + SOME)
    assert len(response.tool_calls) == len(response.citations) == MANY + SOME


def test_a_piece_of_json_costs_the_same_however_many_came_before() -> None:
    """The value of an answer in JSON grows without what is there being read again."""
    growing = GrowingValue()

    def add(chunks: list[pb.GetChatCompletionChunk]) -> None:
        for chunk in chunks:
            growing.add(chunk, 0)

    start = pieces(1)
    start[0].outputs[0].delta.content = "["
    add(start)
    first, later = pieces(SOME, 1), pieces(SOME, MANY)
    early = calls_of(lambda: add(first))
    add(pieces(MANY - SOME - 1, SOME + 1))
    late = calls_of(lambda: add(later))
    assert early > 0
    assert late <= 1.02 * early
