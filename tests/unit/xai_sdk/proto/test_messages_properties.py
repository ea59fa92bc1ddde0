"""Random messages of every type behave as those of protobuf, made of the reference's own files."""

# ruff: noqa: ANN401, S301  # messages are made at run time, and pickles here

import copy
import pickle
from collections.abc import Iterator
from typing import Any, Final

from google.protobuf import json_format
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import reference
from xai.xai_sdk.v1.proto import messages, modules, names

_PACKAGES: Final = [getattr(reference.proto, f"{stem}_pb2") for stem in sorted(names.HOMES)]
THEIRS: Final[dict[str, Any]] = {
    described.full_name: getattr(module, described.name)
    for module in _PACKAGES
    for described in module.DESCRIPTOR.message_types_by_name.values()
}
OURS: Final[dict[str, Any]] = {name: messages.class_named(name) for name in THEIRS}

_SCALARS: Final[dict[str, Any]] = {
    "TYPE_DOUBLE": st.floats(allow_nan=False),
    "TYPE_FLOAT": st.floats(allow_nan=False, width=32) | st.just(0.1),
    "TYPE_INT64": st.integers(-(2**63), 2**63 - 1),
    "TYPE_UINT64": st.integers(0, 2**64 - 1),
    "TYPE_INT32": st.integers(-(2**31), 2**31 - 1),
    "TYPE_UINT32": st.integers(0, 2**32 - 1),
    "TYPE_FIXED32": st.integers(0, 2**32 - 1),
    "TYPE_FIXED64": st.integers(0, 2**64 - 1),
    "TYPE_BOOL": st.booleans(),
    "TYPE_STRING": st.text(max_size=5),
    "TYPE_BYTES": st.binary(max_size=5),
}
_KINDS: Final = {
    number: _SCALARS[kind]
    for kind in _SCALARS
    for number in [getattr(next(iter(THEIRS.values())).DESCRIPTOR.fields[0], kind)]
}
#: What both show for them: ours shows no secrets.
_SECRETS: Final = {"xai_api.MCP.authorization", "xai_api.MCP.extra_headers"}
_SHOWN: Final = "[REDACTED]"


def values(described: Any, depth: int) -> st.SearchStrategy[dict[str, Any]]:
    """Return what makes the fields of a message of a type, some of them."""
    if described.full_name == "google.protobuf.Timestamp":
        seconds = st.integers(-62_135_596_800, 253_402_300_799)
        return st.fixed_dictionaries({"seconds": seconds, "nanos": st.integers(0, 999_999_999)})
    if described.full_name == "google.protobuf.Any":
        return st.just({})
    fields = {field.name: _value(field, depth) for field in described.fields}
    return st.fixed_dictionaries({}, optional={k: v for k, v in fields.items() if v is not None})


def _value(field: Any, depth: int) -> Any:
    item: Any
    message = field.message_type
    if message is not None and message.GetOptions().map_entry:
        items = st.just(_SHOWN) if field.full_name in _SECRETS else st.text(max_size=3)
        # One key: protobuf sends several in no order.
        return st.dictionaries(st.just("key"), items, max_size=1)
    if field.full_name in _SECRETS:
        return st.just(_SHOWN)
    if message is not None:
        # Its fields are looked at when it is drawn: types hold each other.
        item = st.deferred(lambda: values(message, depth - 1)) if depth else None
    elif field.enum_type is not None:
        labels = [value.name for value in field.enum_type.values]
        item = st.one_of(st.sampled_from(labels), st.integers(-(2**31), 2**31 - 1))
    else:
        item = _KINDS[field.type]
    return st.lists(item, max_size=2) if item is not None and field.is_repeated else item


@st.composite
def pairs(draw: st.DrawFn) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Draw a type, and the fields of two messages of it."""
    name = draw(st.sampled_from(sorted(THEIRS)))
    made = values(THEIRS[name].DESCRIPTOR, 2)
    return name, draw(made), draw(made)


def assert_same(ours: Any, theirs: Any) -> None:
    """Read all fields of both."""
    for field in theirs.DESCRIPTOR.fields:
        mine, other = getattr(ours, field.name), getattr(theirs, field.name)
        if field.has_presence:
            assert ours.HasField(field.name) is theirs.HasField(field.name), field.full_name
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            assert mine == dict(other)
            continue
        both = list(zip(mine, other, strict=True)) if field.is_repeated else [(mine, other)]
        for one, its in both:
            if field.message_type is None:
                assert (type(one), one) == (type(its), its), field.full_name
            elif field.is_repeated or theirs.HasField(field.name):
                # Elsewhere, types that hold each other would go on for ever.
                assert_same(one, its)
    for oneof in theirs.DESCRIPTOR.oneofs:
        assert ours.WhichOneof(oneof.name) == theirs.WhichOneof(oneof.name)


@settings(max_examples=120)
@given(pairs())
def test_random_message_is_as_protobufs(drawn: tuple[str, dict[str, Any], dict[str, Any]]) -> None:
    """Made of values, read, shown, sent, parsed, merged, compared, copied and mapped to JSON."""
    name, first, second = drawn
    cls, real = OURS[name], THEIRS[name]
    ours, theirs, other = cls(**first), real(**first), real(**second)
    sent = theirs.SerializeToString(deterministic=True)

    assert_same(ours, theirs)
    assert ours.SerializeToString() == sent
    assert ours.ByteSize() == len(sent)
    assert str(ours) == str(theirs)
    assert [f.name for f, _ in ours.ListFields()] == [f.name for f, _ in theirs.ListFields()]

    parsed = cls.FromString(sent)
    assert_same(parsed, theirs)
    assert parsed == ours == theirs
    assert (cls(**second) == ours) is (other == theirs)
    for again in (copy.copy(ours), copy.deepcopy(ours), pickle.loads(pickle.dumps(ours))):
        assert again == ours
        assert again is not ours

    assert json_format.MessageToDict(ours) == json_format.MessageToDict(theirs)
    written = json_format.MessageToDict(ours, preserving_proto_field_name=True)
    assert json_format.ParseDict(written, cls()) == json_format.ParseDict(written, real())

    ours.MergeFrom(other)
    theirs.MergeFrom(other)
    assert ours.SerializeToString() == theirs.SerializeToString(deterministic=True)
    assert_same(ours, theirs)
    ours.CopyFrom(cls(**first))
    assert ours.SerializeToString() == sent


@settings(max_examples=60)
@given(pairs(), st.data())
def test_random_changes_do_what_they_do_in_protobuf(
    drawn: tuple[str, dict[str, Any], dict[str, Any]], data: st.DataObject
) -> None:
    """Fields that are set, cleared and looked at, at any depth, in any order."""
    name, first, second = drawn
    ours, theirs = OURS[name](**first), THEIRS[name](**first)
    for _ in range(data.draw(st.integers(1, 4))):
        for mine, other in list(_parts(ours, theirs, 1)):
            fields = other.DESCRIPTOR.fields
            if not fields or other.DESCRIPTOR.full_name == "google.protobuf.Any":
                continue
            field = fields[data.draw(st.integers(0, len(fields) - 1))]
            action = data.draw(st.sampled_from(["clear", "mark", "set", "read"]))
            if action == "clear" and field.containing_oneof is not None:
                # Clearing a member that is not set, and was read, unsets the others in protobuf.
                action = "clear" if other.HasField(field.name) else "read"
            _change(mine, other, field, action, second if other is theirs else {})
        assert ours.SerializeToString() == theirs.SerializeToString(deterministic=True)
        assert_same(ours, theirs)


def _change(mine: Any, other: Any, field: Any, action: str, given: dict[str, Any]) -> None:
    for message in (mine, other):
        if action == "clear":
            message.ClearField(field.name)
        elif field.is_repeated:
            kept = getattr(message, field.name)
            if action == "mark":
                kept.clear()
            elif field.message_type is not None and hasattr(kept, "add"):
                kept.add()
        elif field.message_type is not None:
            part = getattr(message, field.name)
            if action == "mark":
                part.SetInParent()
            elif action == "set":
                part.MergeFrom(type(part)())
        elif action == "set":
            setattr(message, field.name, given.get(field.name, field.default_value))


def _parts(ours: Any, theirs: Any, depth: int) -> Iterator[tuple[Any, Any]]:
    """Yield a message and those in it, set or not."""
    yield ours, theirs
    for field in theirs.DESCRIPTOR.fields if depth else ():
        if field.message_type is None or field.message_type.GetOptions().map_entry:
            continue
        mine, other = getattr(ours, field.name), getattr(theirs, field.name)
        for one, its in zip(mine, other, strict=True) if field.is_repeated else [(mine, other)]:
            yield from _parts(one, its, depth - 1)


def test_every_type_tells_what_protobufs_tells() -> None:
    """Names, numbers, types, presence and oneofs of each field, enums and what is hoisted."""
    for theirs in _PACKAGES:
        stem = theirs.DESCRIPTOR.name.rpartition("/")[2].removesuffix(".proto")
        ours: Any = modules.load(f"{stem}_pb2")
        listed = {n for n in dir(theirs) if not n.startswith("_") and not n.endswith("__pb2")}
        assert {n for n in dir(ours) if not n.startswith("_")} >= listed
        for name in listed - {"DESCRIPTOR"}:
            mine: Any = getattr(ours, name)
            other: Any = getattr(theirs, name)
            if isinstance(other, int):
                assert (type(mine), mine) == (int, other)
            elif hasattr(other, "FromString"):
                assert _told(mine.DESCRIPTOR) == _told(other.DESCRIPTOR)
                hoisted = [n for n in dir(other) if n.isupper() and n != "DESCRIPTOR"]
                assert [getattr(mine, n) for n in hoisted] == [getattr(other, n) for n in hoisted]
            else:
                assert mine.items() == other.items()
                assert mine.DESCRIPTOR.full_name == other.DESCRIPTOR.full_name


def _told(described: Any) -> list[Any]:
    return [
        described.full_name,
        described.file.name,
        [(oneof.name, [f.name for f in oneof.fields]) for oneof in described.oneofs],
        [enum.full_name for enum in described.enum_types],
        [nested.full_name for nested in described.nested_types],
        [
            (
                *(f.name, f.full_name, f.json_name, f.number, f.index, f.type, f.cpp_type),
                *(f.is_repeated, f.has_presence, f.is_packed, f.containing_oneof is None),
                f.message_type and f.message_type.full_name,
                f.enum_type and f.enum_type.full_name,
                None if f.is_repeated else f.default_value,
            )
            for f in described.fields
        ],
    ]
