import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xai.v1.structured import partial as partial_json
from xai.v1.structured.decode import MAX_DEPTH
from xai.v1.structured.partial import INCOMPLETE, Incomplete, PartialReader, partial
from xai.v1.structured.schema import JsonValue

DOCUMENTS: st.SearchStrategy[JsonValue] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
WILD = '[]{}",:\\u0d81e-+.tfn \x00é'
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


def written(document: JsonValue, *, ascii_only: bool, indent: int | None) -> str:
    """Return a JSON text of a document."""
    return json.dumps(document, ensure_ascii=ascii_only, indent=indent)


@given(document=DOCUMENTS, ascii_only=st.booleans(), indent=st.sampled_from([None, 0, 2]))
def test_the_whole_text_has_the_whole_value(
    *, document: JsonValue, ascii_only: bool, indent: int | None
) -> None:
    """A complete document is read as `json.loads` reads it."""
    text = written(document, ascii_only=ascii_only, indent=indent)
    assert json.dumps(partial(text)) == json.dumps(document)
    assert json.dumps(partial(f" \n{text}\t")) == json.dumps(document)


@given(document=CONTAINERS, ascii_only=st.booleans())
def test_each_prefix_is_a_beginning_of_the_next(*, document: JsonValue, ascii_only: bool) -> None:
    """As a text grows its value only grows, and it is there from the first bracket on."""
    text = written(document, ascii_only=ascii_only, indent=None)
    values = [partial(text[:length]) for length in range(len(text) + 1)]
    assert values[0] is INCOMPLETE
    assert INCOMPLETE not in values[1:]
    assert all(map(is_beginning, values, values[1:]))
    assert values[-1] == document


@given(
    text=DOCUMENTS.map(json.dumps) | st.text(alphabet=WILD),
    cuts=st.lists(st.integers(0, 60), max_size=6),
)
def test_pieces_are_read_as_the_whole(text: str, cuts: list[int]) -> None:
    """However a text is cut, each piece brings the value to that of the text so far."""
    reader = PartialReader()
    ends = sorted({*cuts, len(text)})
    for start, end in zip([0, *ends], ends, strict=False):
        assert repr(reader.feed(text[start:end])) == repr(partial(text[:end]))


def test_single_characters_are_read_as_the_whole() -> None:
    """Every border inside every kind of token is a place to be cut."""
    text = ' {"a\\u00e9\\ud83d\\ude00\\n": [-1.5e+3, true, null, "x\\"", [], {}], "b": 12 } '
    reader = PartialReader()
    values = [repr(reader.feed(character)) for character in text]
    number = PartialReader()
    assert [number.feed(character) for character in "12 "] == [1, 12, 12]
    assert values == [repr(partial(text[: end + 1])) for end in range(len(text))]
    assert values[-1] == repr(json.loads(text))


LONG: dict[str, JsonValue] = {
    "objects": [{"name": f"person {number}", "age": number} for number in range(2000)],
    "nesting": [[[number]] for number in range(2000)],
    "text": {"story": "It was \N{PARROT} who said\n" * 2000},
    "name": {"x" * 40_000: None},
    "digits": [0.5, "tail"],
}


@pytest.mark.parametrize("kind", LONG)
def test_a_long_text_in_many_pieces_is_read_once(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is looked at and decoded in all is in proportion to the text, not to its square."""
    text = json.dumps(LONG[kind]).replace("0.5", "0." + "3" * 40_000)
    decoded = 0
    loads = json.loads

    def counted(part: str, **options: bool) -> JsonValue:
        nonlocal decoded
        decoded += len(part)
        value: JsonValue = loads(part, strict=options.get("strict", True))
        return value

    monkeypatch.setattr("xai.v1.structured.partial.json.loads", counted)
    reader = PartialReader()
    for at in range(0, len(text), 4):
        reader.feed(text[at : at + 4])
    assert reader.snapshot() == loads(text)
    assert 0 < decoded < 4 * len(text)


def test_the_digits_of_a_long_number_are_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A number that does not end is only searched for its end, in each new piece."""
    looked = 0
    scalar = partial_json._SCALAR  # the work is what is counted

    class Counting:
        @staticmethod
        def match(text: str, at: int) -> object:
            nonlocal looked
            looked += len(text) - at
            return scalar.match(text, at)

    monkeypatch.setattr(partial_json, "_SCALAR", Counting)
    text = "[0." + "3" * 10_000
    reader = PartialReader()
    for character in text:
        assert reader.feed(character) == []
    assert reader.feed("]") == [float(text[1:])]
    assert len(text) <= looked <= 2 * len(text)


@given(
    text=CONTAINERS.map(json.dumps) | st.text(alphabet=WILD),
    cuts=st.lists(st.integers(0, 60), max_size=6),
)
def test_snapshots_stay_as_they_were(text: str, cuts: list[int]) -> None:
    """A snapshot equals the value of the text so far, also after more of it was read."""
    reader = PartialReader()
    ends = sorted({*cuts, len(text)})
    kept = []
    for start, end in zip([0, *ends], ends, strict=False):
        reader.feed(text[start:end])
        kept.append(reader.snapshot())
    assert list(map(repr, kept)) == [repr(partial(text[:end])) for end in ends]


def test_a_snapshot_shares_what_is_finished() -> None:
    """Only the lists and objects that are open are copied, so a snapshot costs little."""
    reader = PartialReader()
    reader.feed('{"done": [1], "open": [[2], [3')
    first = reader.snapshot()
    reader.feed("]")
    second = reader.snapshot()
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert first == {"done": [1], "open": [[2], []]}
    assert second == {"done": [1], "open": [[2], [3]]}
    assert first["done"] is second["done"]
    assert first["open"] is not second["open"]


@given(st.text(alphabet=WILD) | st.text())
def test_no_text_makes_it_fail(text: str) -> None:
    """Whatever the text, nothing is raised, and what comes out can be written as JSON."""
    value = partial(text)
    assert value is INCOMPLETE or json.dumps(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", INCOMPLETE),
        ("  ", INCOMPLETE),
        ("-", INCOMPLETE),
        ("tru", INCOMPLETE),
        ("nan", INCOMPLETE),
        ("NaN", INCOMPLETE),
        ("}", INCOMPLETE),
        ("true", True),
        ("null", None),
        ("12", 12),
        ("[12", []),
        ("[12 ", [12]),
        ("[1.", []),
        ("[1.5e", []),
        ("[1.5e3]", [1500.0]),
        ("[01]", []),
        ('"', ""),
        ('"ab', "ab"),
        ('"ab\\', "ab"),
        ('"ab\\u00', "ab"),
        ('"ab\\u00e9', "abé"),
        ('"\\ud83d', ""),
        ('"\\ud83d\\ude0', ""),
        ('"\\ud83d\\ude00', "😀"),
        ('"\\ud83dx"', "\ud83dx"),
        ('"\\x"', ""),
        ("{", {}),
        ('{"a', {}),
        ('{"a"', {}),
        ('{"a":', {}),
        ('{"a":"', {"a": ""}),
        ('{"a":[{"b":"c', {"a": [{"b": "c"}]}),
        ('{"a":1 x', {"a": 1}),
        ('{"a":1}}', {"a": 1}),
        ("[1,]", [1]),
        ("[1 2]", [1]),
        ("{1:2}", {}),
        ('{"a" 1}', {}),
        ("[]x", []),
    ],
)
def test_unfinished_and_wrong_texts_end_where_they_end(
    text: str, value: JsonValue | Incomplete
) -> None:
    """What came before the end, or before a mistake, is kept; half a number or escape is not."""
    found = partial(text)
    assert (found, type(found)) == (value, type(value))


def test_a_long_number_is_not_a_failure() -> None:
    """An integer with more digits than Python reads ends the text."""
    assert partial("[1, " + "9" * 100_000 + "]") == [1]


def test_nesting_is_bounded() -> None:
    """A text of brackets alone is read to the limit, and costs neither stack nor error."""
    value = partial("[" * 1_000_000)
    depth = 0
    while isinstance(value, list) and value:
        value, depth = value[0], depth + 1
    assert (value, depth) == ([], MAX_DEPTH - 1)
    deepest = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert partial(deepest) == json.loads(deepest)


def test_the_mark_says_what_it_is() -> None:
    """`INCOMPLETE` shows itself by its name, and is not the value of ``null``."""
    assert repr(INCOMPLETE) == "INCOMPLETE"
    assert partial("null") is None
