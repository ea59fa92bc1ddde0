"""Dictionaries and JSON of every generated message, beside Google's ``json_format``."""

import json
import math
from datetime import datetime, timezone
from typing import Any

import betterproto
import pytest
from betterproto.lib.google.protobuf import Any as Packed
from google.protobuf import json_format
from hypothesis import assume, given, settings

from tests.unit.runtime.codec.codec_support import (
    KITCHEN,
    classes,
    deterministic,
    full_messages,
    google,
    google_messages,
    metadata,
)
from tests.unit.runtime.codec.kitchen_sink import (
    Choice,
    Color,
    Maps,
    Nothing,
    Optionals,
    Repeated,
    Scalars,
    Tree,
    WellKnown,
)
from xai.proto import base, prompt_ide, xai_api
from xai.proto.google import rpc
from xai.runtime.codec import api as codec

SNAKE, CAMEL = betterproto.Casing.SNAKE, betterproto.Casing.CAMEL
NAMES = sorted(name for name, (cls, _) in classes().items() if metadata(cls).meta_by_field_name)
EXAMPLES = 60


def expected(theirs: Any, **options: Any) -> Any:  # noqa: ANN401  # a dict or None
    """Return what Google makes of a message, None where it fails."""
    try:
        return json_format.MessageToDict(theirs, **options)
    except (json_format.Error, TypeError, ValueError):
        return None


def without_kind(value: Any) -> bool:  # noqa: ANN401  # a Value or a Struct
    """Tell whether a value of JSON is of no kind, which JSON has no form for."""
    if value.DESCRIPTOR.name == "Struct":
        return any(without_kind(item) for item in value.fields.values())
    kind = value.WhichOneof("kind")
    if kind == "list_value":
        return any(without_kind(item) for item in value.list_value.values)
    return kind is None or (kind == "struct_value" and without_kind(value.struct_value))


def check(cls: type[base.Message], theirs: Any) -> None:  # noqa: ANN401  # of any class
    """Compare both directions of all mappings."""
    data = deterministic(theirs)
    ours = codec.decode(cls, data)
    for casing, defaults in ((CAMEL, False), (SNAKE, False), (CAMEL, True)):
        found = ours.to_dict(casing, defaults)
        wanted = expected(
            theirs,
            preserving_proto_field_name=casing is SNAKE,
            always_print_fields_with_no_presence=defaults,
        )
        if wanted is not None:
            assert found == wanted
            assert (
                json.loads(ours.to_json(casing=casing, include_default_values=defaults)) == wanted
            )
        if not defaults:
            again = cls.from_dict(found)
            assert codec.encode(again) == codec.encode(ours)
            assert codec.encode(cls().from_json(json.dumps(found))) == codec.encode(ours)
        if wanted is not None:
            try:
                parsed = deterministic(json_format.ParseDict(found, type(theirs)()))
            except json_format.ParseError:
                # Google writes the largest float so that it does not take it back itself.
                continue
            mine = codec.encode(cls.from_dict(found))
            assert deterministic(type(theirs).FromString(mine)) == parsed
    values = ours.to_pydict()
    assert codec.encode(cls().from_pydict(values)) == codec.encode(ours)
    # Nothing of that changed it.
    assert codec.encode(ours) == codec.encode(codec.decode(cls, data))


@pytest.mark.parametrize("name", NAMES)
def test_every_message_is_mapped_as_google_maps_it(name: str) -> None:
    """To and from dictionaries and JSON, with every field set."""
    cls, theirs = classes()[name]
    for message in full_messages(theirs):
        check(cls, message)  # type: ignore[arg-type]  # of our base


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith(KITCHEN)])
def test_every_kind_of_field_is_mapped_as_google_maps_it(name: str) -> None:
    """To and from dictionaries and JSON, with unknown enum numbers, NaN, nanoseconds and all."""
    cls, theirs = classes()[name]

    @settings(max_examples=EXAMPLES)
    @given(message=google_messages(theirs))
    def run(message: Any) -> None:  # noqa: ANN401  # of any class
        assume(not hasattr(message, "struct") or not without_kind(message.struct))
        check(cls, message)  # type: ignore[arg-type]  # of our base

    run()


@pytest.mark.parametrize(
    ("message", "found"),
    [
        (Scalars(f_enum=Color.try_value(99)), {"fEnum": 99}),
        (Scalars(f_enum=Color.COLOR_MINUS), {"fEnum": "COLOR_MINUS"}),
        (Repeated(f_enum=[Color.COLOR_RED, Color.try_value(-7)]), {"fEnum": ["COLOR_RED", -7]}),
        (Optionals(f_enum=Color.try_value(99)), {"fEnum": 99}),
        (Maps(by_sint64={5: Color.try_value(99)}), {"bySint64": {"5": 99}}),
        (
            Optionals(f_int32=0, f_string="", f_bytes=b""),
            {"fInt32": 0, "fString": "", "fBytes": ""},
        ),
        (
            Scalars(f_int64=-(2**63), f_bytes=b"\xff\xfe"),
            {"fInt64": str(-(2**63)), "fBytes": "//4="},
        ),
        (Scalars(f_float=0.1, f_double=0.1), {"fFloat": 0.1, "fDouble": 0.1}),
        (Scalars(f_float=math.nan, f_double=-math.inf), {"fFloat": "NaN", "fDouble": "-Infinity"}),
        (Scalars(f_double=-0.0), {"fDouble": -0.0}),
        (Choice(f_nothing=Nothing()), {"fNothing": {}}),
        (Choice(), {}),
        (Tree(children=[Tree(), Tree(value=1)]), {"children": [{}, {"value": 1}]}),
        (Maps(by_bool={True: Maps()}), {"byBool": {"true": {}}}),
        (
            WellKnown(w_int64=5, w_bytes=b"a", w_repeated=[0]),
            {"wInt64": "5", "wBytes": "YQ==", "wRepeated": [0]},
        ),
    ],
)
def test_values_of_all_kinds_are_mapped(message: base.Message, found: dict[str, Any]) -> None:
    """Each way there is to write one, and back."""
    assert message.to_dict() == found
    assert codec.encode(type(message).from_dict(found)) == codec.encode(message)
    assert json.loads(message.to_json()) == found


@pytest.mark.parametrize(
    ("seconds", "nanos", "text"),
    [
        (253_402_300_800, 0, "10000-01-01T00:00:00Z"),
        (-62_135_596_801, 0, "0000-12-31T23:59:59Z"),
        (2**63 - 1, 0, "292277026596-12-04T15:30:07Z"),
        (0, 1, "1970-01-01T00:00:00.000000001Z"),
        (0, 0, "1970-01-01T00:00:00Z"),
    ],
)
def test_times_that_python_lacks_are_mapped(seconds: int, nanos: int, text: str) -> None:
    """Where Google's fails, a year has more digits; it comes back as it was."""
    theirs = google(WellKnown)()
    theirs.time.SetInParent()
    theirs.time.seconds, theirs.time.nanos = seconds, nanos
    data = deterministic(theirs)
    message = codec.decode(WellKnown, data)
    assert message.to_dict() == {"time": text}
    assert bytes(WellKnown().from_json(message.to_json())) == data
    assert bytes(WellKnown().from_pydict(message.to_pydict())) == data


def test_messages_that_were_only_read_are_not_there() -> None:
    """Reading makes defaults, which are nobody's values; what is set below one is there."""
    tree = Tree()
    assert (tree.left.left.value, tree.children, tree.named) == (0, [], {})
    assert tree.to_dict() == tree.to_pydict() == {}
    tree.left.left.value = 5
    assert tree.to_dict() == tree.to_pydict() == {"left": {"left": {"value": 5}}}
    both = Tree(named={"a": Tree()}, value=1)
    assert both.to_pydict() == {"value": 1, "named": {"a": {}}}
    assert both.named == {"a": Tree()}


def test_keys_may_have_either_name() -> None:
    """Those of JSON, of the .proto file and of Python; what no field has is left out."""
    for key in ("fInt32", "f_int32"):
        assert Scalars.from_dict({key: 5, "newer": {"a": 1}}) == Scalars(f_int32=5)
    assert xai_api.GetCompletionsRequest.from_dict({"maxTokens": 5}).max_tokens == 5
    message = Scalars(f_int64=7)
    assert message.from_dict({"fInt32": 5}) is message
    assert message == Scalars(f_int32=5, f_int64=7)
    assert Optionals(f_int32=1).from_dict({"fInt32": None}).f_int32 is None


@pytest.mark.parametrize(
    ("cls", "value", "error", "text"),
    [
        (Scalars, {"fInt32": "a"}, ValueError, r"^Scalars\.f_int32: a whole number is expected$"),
        (Scalars, {"fInt32": 1.5}, ValueError, r"^Scalars\.f_int32: "),
        (
            Scalars,
            {"fInt32": 2**31},
            ValueError,
            r"^Scalars\.f_int32: .* range of int32",
        ),
        (Scalars, {"fUint64": "-1"}, ValueError, r"^Scalars\.f_uint64: "),
        (Scalars, {"fInt32": True}, TypeError, r"^Scalars\.f_int32: "),
        (Scalars, {"fBool": 1}, TypeError, r"^Scalars\.f_bool: bool is expected, not int$"),
        (Scalars, {"fString": 1}, TypeError, r"^Scalars\.f_string: "),
        (Scalars, {"fBytes": "*"}, ValueError, r"^Scalars\.f_bytes: it is not base64$"),
        (Scalars, {"fEnum": "COLOR_OF_MONEY"}, ValueError, r"^Scalars\.f_enum: "),
        (Scalars, {"fEnum": 2**31}, ValueError, r"^Scalars\.f_enum: "),
        (Scalars, {"fFloat": 1e39}, ValueError, r"^Scalars\.f_float: "),
        (Scalars, {"fDouble": "x"}, ValueError, r"^Scalars\.f_double: "),
        (
            Scalars,
            {"fInt32": 1, "f_int32": 2},
            ValueError,
            r"^Scalars\.f_int32: it is there twice",
        ),
        (Choice, {"fInt32": 1, "fBool": True}, ValueError, r"^Choice\.f_bool: another member"),
        (Repeated, {"fInt32": 5}, TypeError, r"^Repeated\.f_int32: a list is expected, not int$"),
        (Repeated, {"fInt32": [None]}, TypeError, r"^Repeated\.f_int32: null"),
        (Maps, {"byInt32": {"a": 1}}, ValueError, r"^Maps\.by_int32: "),
        (Maps, {"byString": []}, TypeError, r"^Maps\.by_string: a dict is expected, not list$"),
        (Tree, {"left": {"left": {"value": "x"}}}, ValueError, r"^Tree\.value: "),
        (Tree, {"left": 5}, TypeError, r"^Tree\.left: a dict is expected, not int$"),
        (WellKnown, {"time": "yesterday"}, ValueError, r"^WellKnown\.time: "),
        (WellKnown, {"time": datetime(2024, 1, 1)}, ValueError, r"^WellKnown\.time: "),  # noqa: DTZ001  # on purpose
        (WellKnown, {"span": "1"}, ValueError, r"^WellKnown\.span: "),
        (Tree, 5, TypeError, "^a dict is expected, not int$"),
    ],
)
def test_value_that_does_not_fit_is_refused(
    cls: type[base.Message],
    value: Any,  # noqa: ANN401  # of wrong types
    error: type[Exception],
    text: str,
) -> None:
    """The error names the field, and not the value."""
    with pytest.raises(error, match=text):
        cls.from_dict(value)


def test_json_with_a_key_twice_is_refused() -> None:
    """As Google's parser refuses it."""
    with pytest.raises(ValueError, match="the same key twice"):
        Scalars().from_json('{"fInt32": 1, "fInt32": 2}')


def test_packed_messages_are_mapped_by_their_type() -> None:
    """What an Any holds is shown when it is known here, and kept as bytes when it is not."""
    info = rpc.ErrorInfo(reason="R", metadata={"a": "b"})
    status = rpc.Status(
        code=5,
        details=[
            Packed(type_url="type.googleapis.com/google.rpc.ErrorInfo", value=bytes(info)),
            Packed(type_url="type.googleapis.com/some.Thing", value=b"\xff"),
            Packed(),
        ],
    )
    found = status.to_dict()
    assert found["details"] == [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "R",
            "metadata": {"a": "b"},
        },
        {"@type": "type.googleapis.com/some.Thing", "value": "/w=="},
        {},
    ]
    assert bytes(rpc.Status.from_dict(found)) == bytes(status)
    with pytest.raises(ValueError, match=r"^Status\.details: the type of the message is missing"):
        rpc.Status.from_dict({"details": [{"reason": "R"}]})
    with pytest.raises(ValueError, match=r"^Status\.details: the type of the message is not known"):
        rpc.Status.from_dict({"details": [{"@type": "a/b.C", "reason": "R"}]})


def test_dictionary_of_a_reply_with_what_this_package_does_not_know() -> None:
    """A newer server's enum numbers, oneofs and fields do not break what logs or stores it."""
    data = (
        bytes(prompt_ide.Token(token_type=prompt_ide.TokenTokenType.try_value(9))) + b"\xf8\x07\x01"
    )
    token = prompt_ide.Token.FromString(data)
    assert token.to_dict() == {"tokenType": 9}
    assert token.to_pydict() == {"tokenType": 9}
    response = prompt_ide.SampleTokensResponse()
    assert response.to_dict() == response.to_pydict() == {}
    file = xai_api.File(created_at=datetime(2024, 1, 2, tzinfo=timezone.utc))
    assert file.to_dict(SNAKE) == {"created_at": "2024-01-02T00:00:00Z"}
