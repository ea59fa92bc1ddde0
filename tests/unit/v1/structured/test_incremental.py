import json
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xai.proto import xai_api as pb
from xai.v1.chat.accumulator import Accumulator
from xai.v1.chat.response import Response
from xai.v1.structured import incremental
from xai.v1.structured.incremental import INCOMPLETE, GrowingValue, Incomplete, partial
from xai.v1.structured.json_value import JsonValue

ASSISTANT = pb.MessageRole.ROLE_ASSISTANT
TOOL = pb.MessageRole.ROLE_TOOL
DOCUMENTS: st.SearchStrategy[JsonValue] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
WILD = '[]{}",:\\u0d81e-+.tfn \x00\xe9'
CONTAINERS = DOCUMENTS.filter(lambda value: isinstance(value, (list, dict)))


def is_beginning(early: JsonValue | Incomplete, late: JsonValue | Incomplete) -> bool:
    """Tell whether a value can grow into another: strings, lists and objects only get longer."""
    if early is INCOMPLETE:
        return True
    if isinstance(early, str) and isinstance(late, str):
        return late.startswith(early)
    if isinstance(early, list) and isinstance(late, list):
        return len(early) <= len(late) and all(map(is_beginning, early, late))
    if isinstance(early, dict) and isinstance(late, dict):
        return [*early] == [*late][: len(early)] and all(
            is_beginning(value, late[name]) for name, value in early.items()
        )
    return type(early) is type(late) and early == late


@given(document=DOCUMENTS, ascii_only=st.booleans(), indent=st.sampled_from([None, 0, 2]))
def test_the_whole_text_has_the_whole_value(
    *, document: JsonValue, ascii_only: bool, indent: int | None
) -> None:
    """A complete document is read as `json.loads` reads it."""
    text = json.dumps(document, ensure_ascii=ascii_only, indent=indent)
    assert json.dumps(partial(text)) == json.dumps(document)
    assert json.dumps(partial(f" \n{text}\t")) == json.dumps(document)


@given(document=CONTAINERS, ascii_only=st.booleans())
def test_each_prefix_is_a_beginning_of_the_next(*, document: JsonValue, ascii_only: bool) -> None:
    """As a text grows its value only grows, and it is there from the first bracket on."""
    text = json.dumps(document, ensure_ascii=ascii_only)
    values = [partial(text[:length]) for length in range(len(text) + 1)]
    assert values[0] is INCOMPLETE
    assert INCOMPLETE not in values[1:]
    assert all(map(is_beginning, values, values[1:]))
    assert values[-1] == document


@given(st.text(alphabet=WILD) | st.text())
def test_no_text_makes_it_fail(text: str) -> None:
    """Whatever the text, nothing is raised, and what comes out can be written as JSON."""
    value = partial(text)
    assert value is INCOMPLETE or json.dumps(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", INCOMPLETE),
        ("-", INCOMPLETE),
        ("tru", INCOMPLETE),
        ("NaN", INCOMPLETE),
        ("[NaN", INCOMPLETE),
        ("}", INCOMPLETE),
        ("true", True),
        ("null", None),
        ("12", 12),
        ("[12", []),
        ("[12 ", [12]),
        ("[1.", []),
        ("[1.5e", []),
        ("[1.5e3]", [1500.0]),
        ('{"a": 12', {}),
        ('{"a": 12,', {"a": 12}),
        ('[{"a": -1', [{}]),
        ('[1, "b 1', [1, "b 1"]),
        ('"', ""),
        ('"ab\\', "ab"),
        ('"ab\\u00', "ab"),
        ('"\\ud83d', ""),
        ('"\\ud83d\\ude00', "\N{GRINNING FACE}"),
        ('"\\ud83dx"', "\ufffdx"),
        ("{", {}),
        ('{"a', {}),
        ('{"a":', {}),
        ('{"a":"', {"a": ""}),
        ('{"a":[{"b":"c', {"a": [{"b": "c"}]}),
    ],
)
def test_unfinished_texts_end_where_they_end(text: str, value: JsonValue | Incomplete) -> None:
    """What came before the end is kept; half a number or escape is not."""
    found = partial(text)
    assert (found, type(found)) == (value, type(value))


def test_the_mark_says_what_it_is() -> None:
    """`INCOMPLETE` shows itself by its name, and is not the value of ``null``."""
    assert repr(INCOMPLETE) == "INCOMPLETE"
    assert partial("null") is None


def piece(
    content: str, index: int = 0, role: pb.MessageRole | None = None, finish: int = 0
) -> pb.GetChatCompletionChunk:
    """Return a chunk with a part of one output."""
    delta = pb.Delta(content=content)
    if role is not None:
        delta.role = role
    output = pb.CompletionOutputChunk(index=index, delta=delta)
    output.finish_reason = pb.FinishReason(finish)
    return pb.GetChatCompletionChunk(outputs=[output])


@given(
    text=st.recursive(
        st.integers(0, 10**9) | st.text(max_size=5),
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


def test_a_role_may_come_late_and_only_once() -> None:
    """Texts wait until it is known that they are the model's, and go on without a role."""
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


def test_what_stops_being_json_keeps_what_was_there() -> None:
    """A text is taken to end where it stops being JSON."""
    growing = GrowingValue()
    assert growing.add(piece('{"a": [1, 2', role=ASSISTANT), 0) == {"a": [1]}
    assert growing.add(piece(" oops"), 0) == {"a": [1, 2]}


def test_a_value_stays_as_it_was() -> None:
    """What was given out does not change when more comes."""
    growing = GrowingValue()
    first = growing.add(piece('{"a": [{"b": "c', role=ASSISTANT), 0)
    growing.add(piece('d"}, 1], "e": 2}'), 0)
    assert first == {"a": [{"b": "c"}]}


def test_a_long_text_in_many_chunks_is_not_read_for_each_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is read in all is in proportion to the text, not to its square."""
    read = 0
    real = incremental.partial

    def counted(text: str) -> JsonValue | Incomplete:
        nonlocal read
        read += len(text)
        return real(text)

    monkeypatch.setattr(incremental, "partial", counted)
    text = json.dumps([{"name": f"person {number}"} for number in range(12_000)])
    growing = GrowingValue()
    growing.add(piece(text[:16], role=ASSISTANT), 0)
    for at in range(16, len(text), 16):
        value = growing.add(piece(text[at : at + 16]), 0)
    assert len(cast("list[object]", value)) > 11_000
    assert growing.add(piece("", finish=1), 0) == json.loads(text)
    assert read < 200 * len(text)
