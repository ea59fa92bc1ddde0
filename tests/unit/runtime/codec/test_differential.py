# ruff: noqa: ANN401  # values can be anything

from collections.abc import Callable
from pathlib import Path
from typing import Any

import betterproto
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import ROOT
from tests.unit.runtime.codec import kitchen_sink
from tests.unit.runtime.codec.codec_support import (
    KITCHEN,
    classes,
    descriptors,
    deterministic,
    full_messages,
    google,
    google_messages,
    metadata,
    plain_load,
    snapshot,
    unknown_fields,
)
from xai.runtime.codec import api as codec

FOLDER = ROOT / "proto"
PROTOS = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.proto"))
#: Those with nothing but an enum in them.
WITHOUT_MESSAGES = {"xai/api/v1/shared.proto"}
KITCHEN_CLASSES = sorted(
    name
    for name, value in vars(kitchen_sink).items()
    if isinstance(value, type) and issubclass(value, betterproto.Message)
)
EXAMPLES = 40


def run(check: Callable[..., None], examples: int, **strategies: st.SearchStrategy[Any]) -> None:
    """Run a check with random arguments."""
    settings(max_examples=examples)(given(**strategies)(check))()


def dictionary(message: betterproto.Message) -> object:
    """Return what `to_dict` says, or how it fails: unknown members of enums break it."""
    try:
        return message.to_dict()
    except Exception as error:  # noqa: BLE001  # it is betterproto's bug, so anything goes
        return type(error)


def groups_of(message: betterproto.Message) -> dict[str, str]:
    """Return what `which_one_of` says about each oneof."""
    names = metadata(type(message)).oneof_field_by_group
    return {name: betterproto.which_one_of(message, name)[0] for name in names}


def check_against_betterproto(cls: type[betterproto.Message], data: bytes) -> None:
    """Assert that a message read by betterproto is the same in every respect."""
    ours, theirs = codec.decode(cls, data), plain_load(cls, data)
    assert snapshot(ours) == snapshot(theirs)
    assert codec.encode(theirs) == codec.encode(ours)
    names = list(metadata(cls).meta_by_field_name)
    assert [ours.is_set(name) for name in names] == [theirs.is_set(name) for name in names]
    assert betterproto.serialized_on_wire(ours) == betterproto.serialized_on_wire(theirs)
    assert groups_of(ours) == groups_of(theirs)
    # A list with NaN in it is never equal to another one, so neither is betterproto's.
    again = plain_load(cls, data)
    assert (ours == theirs) == (again == theirs)
    assert (dictionary(ours) == dictionary(theirs)) == (dictionary(again) == dictionary(theirs))


def check_against_google(cls: type[betterproto.Message], data: bytes) -> None:
    """Assert that Google finds the same in what we write as in what we read."""
    written = codec.encode(codec.decode(cls, data))
    theirs = google(cls)
    assert deterministic(theirs.FromString(written)) == deterministic(theirs.FromString(data))
    if cls is not kitchen_sink.Unpacked:
        # Only the entries of maps have another order: upb writes them backwards.
        assert sorted(written) == sorted(data)
    assert codec.encode(codec.decode(cls, written)) == written


def compare(cls: type[betterproto.Message], theirs: Any, examples: int) -> None:
    """Compare the codec with both libraries on random messages of a class."""

    def check(message: Any, unknown: bytes, groups: bytes) -> None:
        data = deterministic(message)
        check_against_betterproto(cls, data + unknown)
        check_against_google(cls, data + groups)

    run(
        check,
        examples,
        message=google_messages(theirs),
        unknown=unknown_fields(theirs),
        # betterproto can't read groups.
        groups=unknown_fields(theirs, depth=2),
    )


@pytest.mark.parametrize("name", KITCHEN_CLASSES)
def test_kinds_of_fields_agree_with_both_libraries(name: str) -> None:
    """Each kind of field is read as betterproto reads it, and written as Google writes it."""
    compare(*classes()[f"{KITCHEN}.{name}"], EXAMPLES)


@pytest.mark.parametrize("proto", sorted({*PROTOS} - WITHOUT_MESSAGES))
def test_every_message_agrees_with_both_libraries(proto: str) -> None:
    """Messages with every field set are read and written as by the other libraries."""
    compared = 0
    for cls, theirs in classes().values():
        if theirs.DESCRIPTOR.file.name == proto:
            for message in full_messages(theirs):
                data = deterministic(message)
                check_against_betterproto(cls, data)
                check_against_google(cls, data)
                compared += 1
    assert compared


def test_every_class_of_the_package_is_compared() -> None:
    """No generated message is left out of the comparison."""
    compared = {cls.__module__ for cls, _ in classes().values()}
    made = {
        f"xai.proto.{file.package}.{Path(file.name).stem}"
        for file in descriptors().file
        if file.name in PROTOS and file.name not in WITHOUT_MESSAGES
    }
    assert compared == {*made, kitchen_sink.__name__}


@pytest.mark.parametrize("name", KITCHEN_CLASSES)
def test_fields_of_the_kitchen_sink_are_those_of_its_proto(name: str) -> None:
    """The committed module was generated from the committed .proto file."""
    cls, theirs = classes()[f"{KITCHEN}.{name}"]
    entries = metadata(cls).meta_by_field_name
    found = {
        (field, entry.number, entry.group, bool(entry.optional)) for field, entry in entries.items()
    }
    expected = set()
    for field in theirs.DESCRIPTOR.fields:
        oneof = field.containing_oneof
        optional = oneof is not None and oneof.name == f"_{field.name}"
        group = oneof.name if oneof is not None and not optional else None
        expected.add((field.name, field.number, group, optional))
    assert found == expected


@settings(max_examples=60)
@given(data=st.data())
def test_pieces_of_a_message_are_merged_as_google_merges_them(data: st.DataObject) -> None:
    """Messages of which the bytes stand one after the other are one message, at any depth."""
    # Times have tests of their own: seconds and nanoseconds of two signs are one value here.
    names = [name for name in KITCHEN_CLASSES if name != "WellKnown"]
    cls, theirs = classes()[f"{KITCHEN}.{data.draw(st.sampled_from(names))}"]
    pieces = data.draw(st.lists(google_messages(theirs), min_size=2, max_size=3))
    both = b"".join(deterministic(piece) for piece in pieces)
    found = theirs.FromString(codec.encode(codec.decode(cls, both)))
    assert deterministic(found) == deterministic(theirs.FromString(both))
