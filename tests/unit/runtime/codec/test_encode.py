# ruff: noqa: ANN401  # values can be anything

import copy
import math
import pickle
from collections.abc import Callable
from dataclasses import make_dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

import betterproto
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.runtime.codec.codec_support import deterministic, google, snapshot
from tests.unit.runtime.codec.kitchen_sink import (
    Choice,
    Color,
    Maps,
    Nothing,
    Numbers,
    Optionals,
    Repeated,
    Scalars,
    Tree,
    WellKnown,
)
from xai.proto.prompt_ide.sampler_public import Logit, SampleTokensResponse, Token
from xai.proto.xai_api.files import FileContentChunk, UploadFileChunk, UploadFileInit
from xai.runtime.codec import api as codec

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
RANGES = {
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
    "sint32": (-(2**31), 2**31 - 1),
    "sint64": (-(2**63), 2**63 - 1),
    "fixed32": (0, 2**32 - 1),
    "fixed64": (0, 2**64 - 1),
    "sfixed32": (-(2**31), 2**31 - 1),
    "sfixed64": (-(2**63), 2**63 - 1),
    "enum": (-(2**31), 2**31 - 1),
}
FLOATS = [0.0, -0.0, 1.5, -1.5, math.inf, -math.inf, 2.0**-149, 3.4028234663852886e38]


def make(cls: type[betterproto.Message], **values: Any) -> betterproto.Message:
    """Make a message from values that type checkers would refuse."""
    return cls(**values)


@pytest.mark.parametrize("kind", RANGES)
def test_extremes_of_integers_are_written_as_by_google(kind: str) -> None:
    """The ends of a kind's range survive, alone, in lists and in optional fields."""
    low, high = RANGES[kind]
    name = f"f_{kind}"
    for number in {low, low + 1, -1, 0, 1, 127, 128, 255, 256, high - 1, high}:
        if low <= number <= high:
            for cls, value in ((Scalars, number), (Optionals, number), (Repeated, [number] * 2)):
                data = codec.encode(make(cls, **{name: value}))
                assert data == deterministic(google(cls)(**{name: value})), (cls, number)
                assert getattr(codec.decode(cls, data), name) == value


@pytest.mark.parametrize("kind", ["float", "double"])
def test_extremes_of_floats_are_written_as_by_google(kind: str) -> None:
    """Infinities, the smallest and largest numbers and both zeros survive."""
    name = f"f_{kind}"
    for cls in (Scalars, Optionals, Repeated):
        for number in [*FLOATS, math.nan]:
            value = [number] if cls is Repeated else number
            data = codec.encode(make(cls, **{name: value}))
            assert data == deterministic(google(cls)(**{name: value}))
            assert snapshot(codec.decode(cls, data)) == snapshot(cls().parse(data))


@pytest.mark.parametrize("kind", RANGES)
def test_integer_out_of_range_is_refused(kind: str) -> None:
    """A number too large or small for its field is a ValueError that names the field."""
    name = f"f_{kind}"
    low, high = RANGES[kind]
    for number in (low - 1, high + 1, 2**64, -(2**70)):
        for cls, value in ((Scalars, number), (Optionals, number), (Repeated, [1, 300, number])):
            with pytest.raises(ValueError, match=f"^{cls.__name__}.{name}: ") as caught:
                codec.encode(make(cls, **{name: value}))
            assert str(number) not in str(caught.value)


def test_entry_of_a_map_out_of_range_is_refused() -> None:
    """Keys and values of maps are looked at as well."""
    for name, entries in {
        "by_fixed32": {2**32: Scalars()},
        "by_sfixed32": {1: -1},
        "by_int32": {2**31: 1},
        "by_uint32": {1: 1e39},
    }.items():
        with pytest.raises(ValueError, match=f"^Maps.{name}: "):
            codec.encode(make(Maps, **{name: entries}))


@pytest.mark.parametrize("value", [1e39, -1e39, 10**400])
def test_float_out_of_range_is_refused(value: float) -> None:
    """What does not fit into 32 bits does not silently become infinite."""
    with pytest.raises(ValueError, match=r"^Scalars\.f_float: "):
        codec.encode(Scalars(f_float=value))
    with pytest.raises(ValueError, match=r"^Repeated\.f_float: "):
        codec.encode(Repeated(f_float=[value]))


SECRET = "a-secret-value"  # looked for in the texts of errors
WRONG: list[tuple[type[betterproto.Message], str, Any]] = [
    *((Scalars, f"f_{kind}", SECRET) for kind in [*RANGES, "float", "double", "bool", "bytes"]),
    *((Scalars, f"f_{kind}", 1.0) for kind in [*RANGES, "bool", "string", "bytes"]),
    *((Scalars, f"f_{kind}", 0.0) for kind in [*RANGES, "bool", "string", "bytes"]),
    *((Scalars, f"f_{kind}", []) for kind in [*RANGES, "float", "double", "bool", "string"]),
    (Scalars, "f_string", b"bytes"),
    (Scalars, "f_string", 5),
    (Scalars, "f_bytes", 5),
    (Scalars, "f_bytes", [1, 2]),
    (Optionals, "f_int32", SECRET),
    (Optionals, "f_message", Nothing()),
    *((Repeated, f"f_{kind}", [1, SECRET]) for kind in [*RANGES, "float", "double", "bool"]),
    *((Repeated, f"f_{kind}", [300, 1.5]) for kind in [*RANGES, "bool", "string", "bytes"]),
    (Repeated, "f_string", SECRET),
    (Repeated, "f_string", [None]),
    (Repeated, "f_string", {"a": "b"}),
    (Repeated, "f_int32", 5),
    (Repeated, "f_int32", b"\x01"),
    (Repeated, "f_message", Scalars()),
    (Repeated, "f_message", [Nothing()]),
    (Tree, "left", Nothing()),
    (Tree, "left", {"value": 1}),
    (Tree, "left", 0),
    (Tree, "named", [("a", Tree())]),
    (Tree, "named", {"a": Nothing()}),
    (Tree, "named", {"a": None}),
    (Tree, "named", {1: Tree()}),
    (Maps, "by_int32", {1: 1, "x": 1}),
    (Maps, "by_string", {"a": 1}),
    (Choice, "f_int32", SECRET),
    (WellKnown, "time", 5),
    (WellKnown, "time", timedelta(1)),
    (WellKnown, "time", date(2020, 1, 1)),
    (WellKnown, "span", 5),
    (WellKnown, "span", EPOCH),
    (WellKnown, "times", [None]),
    (WellKnown, "w_int32", SECRET),
    (WellKnown, "w_string", 5),
]


@pytest.mark.parametrize(("cls", "name", "value"), WRONG)
def test_value_of_a_wrong_type_is_refused(
    cls: type[betterproto.Message], name: str, value: Any
) -> None:
    """The error is a TypeError, names message and field, and does not quote the value."""
    with pytest.raises(TypeError, match=f"^{cls.__name__}.{name}: ") as caught:
        codec.encode(make(cls, **{name: value}))
    assert SECRET not in str(caught.value)


def test_error_names_the_innermost_field() -> None:
    """The field that is wrong is named, not the ones it is nested in."""
    wrong: Any = "x"
    tree = Tree(left=Tree(children=[Tree(), Tree(value=wrong)]))
    with pytest.raises(TypeError, match=r"^Tree\.value: ") as caught:
        codec.encode(tree)
    assert isinstance(caught.value.__cause__, TypeError)
    with pytest.raises(ValueError, match=r"^WellKnown\.w_int32: "):
        codec.encode(WellKnown(w_int32=2**31))


def test_text_without_utf8_is_refused() -> None:
    """A lone surrogate has no bytes; the error names the field."""
    with pytest.raises(ValueError, match=r"^Scalars\.f_string: ") as caught:
        codec.encode(Scalars(f_string="\ud800"))
    assert type(caught.value) is ValueError


def test_message_in_itself_is_refused() -> None:
    """A cycle ends with an error instead of using up the stack."""
    tree = Tree(value=1)
    tree.left = tree
    with pytest.raises(ValueError, match=r"^Tree\.left: messages are nested more than 100 deep"):
        codec.encode(tree)
    tree = Tree(value=1)
    tree.named = {"me": tree}
    with pytest.raises(ValueError, match=r"^Tree\.named: messages are nested more than 100 deep"):
        codec.encode(tree)


@pytest.mark.parametrize(
    ("cls", "name", "value", "same"),
    [
        (Scalars, "f_int32", True, 1),
        (Scalars, "f_bool", 5, True),
        (Scalars, "f_float", 2, 2.0),
        (Scalars, "f_enum", 1, Color.COLOR_RED),
        (Scalars, "f_int32", Color.COLOR_BLUE, 200),
        (Scalars, "f_bytes", bytearray(b"ab"), b"ab"),
        (Scalars, "f_bytes", memoryview(b"a.b.")[::2], b"ab"),
        (Repeated, "f_int32", (1, 2), [1, 2]),
        (Repeated, "f_enum", [1, 200], [Color.COLOR_RED, Color.COLOR_BLUE]),
        (Repeated, "f_bool", [0, 7], [False, True]),
        (Scalars, "f_int32", None, 0),
        (Tree, "left", None, betterproto.PLACEHOLDER),
        (Repeated, "f_int32", None, []),
    ],
)
def test_values_as_good_as_the_right_type_are_taken(
    cls: type[betterproto.Message], name: str, value: Any, same: Any
) -> None:
    """What means the same gives the same bytes; None is not set."""
    assert codec.encode(make(cls, **{name: value})) == codec.encode(make(cls, **{name: same}))


def test_fields_are_in_the_order_of_their_numbers() -> None:
    """The bytes are those of Google's writer, also where the .proto file has another order."""
    values: dict[str, Any] = {
        "last": "z",
        "fifteen": 15,
        "sixteen": 16,
        "many": [1.0],
        "first": "a",
        "million": 10**6,
    }
    expected = deterministic(google(Numbers)(**values))
    assert codec.encode(make(Numbers, **values)) == expected
    assert codec.decode(Numbers, expected) == make(Numbers, **values)


def test_equal_messages_have_equal_bytes() -> None:
    """The order in which entries were put into a map makes no difference."""
    first = Maps(by_string={"b": "1", "a": "2"}, by_sfixed64={3: 1, -3: 2})
    second = Maps(by_string={"a": "2", "b": "1"}, by_sfixed64={-3: 2, 3: 1})
    assert first == second
    assert codec.encode(first) == codec.encode(second)


def test_entries_of_zeros_are_written() -> None:
    """A map's entry with an empty key or value is not lost."""
    message = Maps(by_string={"": ""}, by_int32={0: 0}, by_fixed64={0: Nothing()})
    data = codec.encode(message)
    assert codec.decode(Maps, data) == message
    assert google(Maps).FromString(data).by_string == {"": ""}


def test_empty_items_of_lists_are_written() -> None:
    """An item is an item, also when it is empty."""
    message = Repeated(
        f_string=["", "a"], f_bytes=[b""], f_message=[Scalars()], f_nothing=[Nothing()]
    )
    data = codec.encode(message)
    assert codec.decode(Repeated, data) == message
    theirs = google(Repeated).FromString(data)
    assert (len(theirs.f_message), len(theirs.f_nothing), theirs.f_string) == (1, 1, ["", "a"])


def test_zero_of_a_oneof_or_optional_field_is_written() -> None:
    """What was chosen is sent, whatever its value is; the other members are not."""
    for name, value in {
        "f_int32": 0,
        "f_string": "",
        "f_double": 0.0,
        "f_message": Scalars(),
    }.items():
        data = codec.encode(make(Choice, **{name: value}))
        assert google(Choice).FromString(data).WhichOneof("kind") == name
        data = codec.encode(make(Optionals, **{name: value}))
        assert google(Optionals).FromString(data).HasField(name)
    for name, either in {"one_time": EPOCH, "one_span": timedelta(), "one_string": ""}.items():
        data = codec.encode(make(WellKnown, **{name: either}))
        assert google(WellKnown).FromString(data).WhichOneof("either") == name
    # Of two members the constructor keeps both values and selects the last one.
    assert codec.encode(Choice(f_int32=5, f_string="")) == b"\x1a\x00"


def test_sub_message_is_written_when_it_was_set() -> None:
    """An empty message that was received or assigned to is sent; a default nobody set is not."""
    tree = Tree()
    assert tree.left.left.value == 0
    assert codec.encode(tree) == b""
    tree.left.left.value = 0
    assert codec.encode(tree) == b"\x12\x02\x12\x00"
    assert codec.encode(Tree(left=codec.decode(Tree, b""))) == b"\x12\x00"


def test_zero_times_are_not_written_and_others_are_exact() -> None:
    """A default that reading left behind is not sent; microseconds and signs are kept."""
    message = WellKnown()
    assert (message.time, message.span) == (EPOCH, timedelta())
    assert codec.encode(message) == b""
    moments = [EPOCH, EPOCH - timedelta(microseconds=1), datetime.max.replace(tzinfo=timezone.utc)]
    spans = [timedelta(), timedelta(seconds=-1.5), timedelta(microseconds=-1), timedelta(365, 1, 1)]
    data = codec.encode(WellKnown(times=moments, spans=spans))
    theirs = google(WellKnown).FromString(data)
    assert [(t.seconds, t.nanos) for t in theirs.times][:2] == [(0, 0), (-1, 999_999_000)]
    assert [(t.seconds, t.nanos) for t in theirs.spans][1:3] == [(-1, -500_000_000), (0, -1000)]
    assert [span.ToTimedelta() for span in theirs.spans] == spans
    message = codec.decode(WellKnown, data)
    assert (message.times, message.spans) == (moments, spans)


def test_time_of_another_zone_is_converted() -> None:
    """A moment is the same moment in every zone."""
    zone = timezone(timedelta(hours=5))
    there = datetime(2020, 1, 1, 5, tzinfo=zone)
    here = datetime(2020, 1, 1, tzinfo=timezone.utc)
    assert codec.encode(WellKnown(time=there)) == codec.encode(WellKnown(time=here))


def test_wrappers_tell_zero_from_nothing() -> None:
    """A wrapped zero is sent, None is not, except as an item of a list."""
    assert codec.encode(WellKnown(w_bool=None)) == b""
    data = codec.encode(WellKnown(w_bool=False, w_string="", w_repeated=[None, 0, 5]))
    theirs = google(WellKnown).FromString(data)
    assert theirs.HasField("w_bool")
    assert theirs.HasField("w_string")
    assert [item.value for item in theirs.w_repeated] == [0, 0, 5]


@settings(max_examples=50)
@given(
    message=st.builds(
        Tree,
        value=st.integers(0, 5),
        left=st.builds(Tree, value=st.integers(0, 5)),
        children=st.lists(st.builds(Tree, word=st.text(max_size=3)), max_size=2),
    )
)
def test_writing_changes_nothing_in_a_message(message: Tree) -> None:
    """No default is made by writing, so presence is the same before and after."""
    before = snapshot(message)
    data = codec.encode(message)
    assert snapshot(message) == before
    assert codec.decode(Tree, data) == message


def test_writing_an_unset_message_makes_no_default() -> None:
    """Presence survives; no field is filled, no list is stored."""
    for cls in (Scalars, Optionals, Repeated, Maps, Choice, WellKnown, Token):
        message = cls()
        before = snapshot(message)
        assert codec.encode(message) == b""
        assert snapshot(message) == before


@pytest.mark.parametrize(
    "copied",
    [copy.copy, copy.deepcopy, lambda message: pickle.loads(pickle.dumps(message))],  # noqa: S301
    ids=["copy", "deepcopy", "pickle"],
)
def test_copies_are_written_as_the_original(
    copied: Callable[[betterproto.Message], betterproto.Message],
) -> None:
    """A copy has the unknown fields too."""
    response = SampleTokensResponse(token=Token(top_k=[Logit(token_id=1)]))
    data = codec.encode(response) + b"\xf8\x07\x01"
    message = codec.decode(SampleTokensResponse, data)
    assert codec.encode(copied(message)) == data


def test_map_of_wrappers_is_refused_with_a_clear_text() -> None:
    """Which wrapper it is can't be known from betterproto's classes, so nothing is guessed."""
    field = betterproto.map_field(1, "string", "message")
    cls = make_dataclass(
        "WithWrappers",
        [("w_map", "dict[str, int | None]", field)],
        bases=(betterproto.Message,),
        eq=False,
        repr=False,
    )
    cls.__module__ = __name__
    with pytest.raises(NotImplementedError, match=r"WithWrappers\.w_map"):
        codec.encode(cls())
    with pytest.raises(NotImplementedError, match=r"WithWrappers\.w_map"):
        codec.decode(cls, b"")


@pytest.mark.parametrize(
    "message",
    [
        UploadFileChunk(data=b"x" * 100_000),
        UploadFileChunk(data=b"x"),
        UploadFileChunk(data=b""),
        UploadFileChunk(init=UploadFileInit(name="a", expires_after=1)),
        UploadFileChunk(),
        FileContentChunk(data=bytes(20_000)),
        FileContentChunk(),
    ],
)
def test_parts_join_to_the_message(message: betterproto.Message) -> None:
    """Whatever is in a message, its parts are its bytes, and a large value is not copied."""
    parts = codec.encode_parts(message)
    assert b"".join(parts) == bytes(message)
    large = [value for value in codec.values_of(message).values() if isinstance(value, bytes)]
    for value in large:
        assert (parts[-1] is value) == (len(value) > 2**14)


def test_a_large_value_of_another_type_is_no_part() -> None:
    """Only bytes are left as they are; what is no bytes is refused as ever."""
    view: Any = memoryview(b"x" * 100_000)
    assert codec.encode_parts(UploadFileChunk(data=view)) == (bytes(UploadFileChunk(data=view)),)
    wrong: Any = "x" * 100_000
    with pytest.raises(TypeError, match="data"):
        codec.encode_parts(UploadFileChunk(data=wrong))
