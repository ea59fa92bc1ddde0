import json

from hypothesis import given
from hypothesis import strategies as st

from xai.proto import xai_api as pb
from xai.v1.chat.accumulator import Accumulator
from xai.v1.chat.response import Response
from xai.v1.structured.incremental import GrowingValue
from xai.v1.structured.partial import INCOMPLETE, partial

ASSISTANT = pb.MessageRole.ROLE_ASSISTANT
TOOL = pb.MessageRole.ROLE_TOOL


def piece(
    content: str, index: int = 0, role: pb.MessageRole | None = None
) -> pb.GetChatCompletionChunk:
    """Return a chunk with a piece of one output."""
    delta = pb.Delta(content=content)
    if role is not None:
        delta.role = role
    return pb.GetChatCompletionChunk(outputs=[pb.CompletionOutputChunk(index=index, delta=delta)])


@given(
    text=st.recursive(
        st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
        max_leaves=6,
    ).map(json.dumps),
    cuts=st.lists(st.integers(0, 40), max_size=5),
    steps=st.lists(st.sampled_from(["before", "tool"]), max_size=2),
)
def test_the_value_is_that_of_the_content_so_far(
    text: str, cuts: list[int], steps: list[str]
) -> None:
    """After each chunk the value is what reading the whole content again would give."""
    chunks = [
        piece("[1", index, ASSISTANT if step == "before" else TOOL)
        for index, step in enumerate(steps)
    ]
    ends = sorted({*cuts, len(text)})
    chunks += [
        piece(text[start:end], len(steps), ASSISTANT)
        for start, end in zip([0, *ends], ends, strict=False)
    ]
    accumulator = Accumulator()
    response = Response._of(accumulator)  # as streams make it
    growing = GrowingValue()
    for chunk in chunks:
        accumulator.add(chunk)
        assert repr(growing.add(chunk, accumulator.index)) == repr(partial(response.content))


def test_a_speaker_may_be_named_late_and_only_once() -> None:
    """Texts wait until it is known that the model says them, and go on without a name."""
    growing = GrowingValue()
    assert growing.add(piece("[1"), 0) is INCOMPLETE
    assert growing.add(piece(", 2", role=ASSISTANT), 0) == [1]
    assert growing.add(piece("]"), 0) == [1, 2]


def test_other_alternatives_and_chunks_without_text_change_nothing() -> None:
    """What belongs to another output, or to none, is passed over."""
    growing = GrowingValue()
    assert growing.add(piece("[1]", role=ASSISTANT), 0) == [1]
    assert growing.add(piece("[2]", 1, ASSISTANT), 0) == [1]
    assert growing.add(pb.GetChatCompletionChunk(), 0) == [1]
    bare = pb.GetChatCompletionChunk(outputs=[pb.CompletionOutputChunk()])
    assert growing.add(bare, 0) == [1]


def test_the_pieces_before_are_not_read_again() -> None:
    """Each chunk costs what is in it: no text that came before is kept to be read once more."""
    growing = GrowingValue()
    growing.add(piece('{"story": "', role=ASSISTANT), 0)
    for _ in range(1000):
        growing.add(piece("once upon a time "), 0)
    assert len(growing._reader._text) < 20  # the work of the next piece
    assert growing.add(piece('"}'), 0) == {"story": "once upon a time " * 1000}
