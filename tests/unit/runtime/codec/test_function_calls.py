"""How many functions the codec runs through: exact, where a clock says something else each time."""

import gc
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from functools import partial
from operator import le

import betterproto
import pytest

from tests.unit.runtime.codec.kitchen_sink import Choice, Color, Optionals, Repeated, Scalars
from xai.proto import xai_api as pb
from xai.runtime.codec import api as codec

MOMENT = datetime(2026, 1, 2, tzinfo=timezone.utc)


@pytest.fixture(autouse=True)
def uncollected() -> Iterator[None]:
    """Keep the collector, whose hooks are functions too, from running meanwhile."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def called(work: Callable[[], object]) -> tuple[int, int]:
    """Return how many functions written in Python are called, and how many written in C."""
    # Tables are made at the first use.
    work()
    found = {"call": 0, "c_call": 0}

    def count(_frame: object, event: str, _argument: object) -> None:
        if event in found:
            found[event] += 1

    earlier = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(earlier)
    # Without the call that ends the counting.
    return found["call"], found["c_call"] - 1


def written(message: betterproto.Message) -> tuple[int, int]:
    """Return what writing a message calls, but not what writing any message does."""
    empty, some = (called(partial(codec.encode, item)) for item in (type(message)(), message))
    return some[0] - empty[0], some[1] - empty[1]


def read(message: betterproto.Message) -> tuple[int, int]:
    """Return what reading a message calls, but not what reading any message does."""
    cls = type(message)
    empty, some = (called(partial(codec.decode, cls, data)) for data in (b"", bytes(message)))
    return some[0] - empty[0], some[1] - empty[1]


#: A message with one field, and how many functions it takes at most to write it and to read it:
#: those written in Python, and those written in C.
FIELDS: dict[str, tuple[betterproto.Message, tuple[int, int], tuple[int, int]]] = {
    "int32": (Scalars(f_int32=5), (1, 2), (1, 0)),
    "bool": (Scalars(f_bool=True), (1, 2), (1, 0)),
    "enum": (Scalars(f_enum=Color.COLOR_RED), (1, 2), (1, 0)),
    "double": (Scalars(f_double=0.5), (1, 1), (1, 1)),
    "string": (Scalars(f_string="text"), (1, 4), (1, 1)),
    "bytes": (Scalars(f_bytes=b"data"), (2, 3), (2, 0)),
    "optional": (Optionals(f_int32=5), (1, 2), (1, 0)),
    "of a oneof": (Choice(f_int32=5), (1, 2), (2, 0)),
    # What the field takes that is in them is in it: one to write, one to read.
    "message": (Optionals(f_message=Scalars(f_int32=5)), (3, 5), (4, 3)),
    "messages": (Repeated(f_message=[Scalars(f_int32=5)]), (5, 6), (4, 2)),
    "strings": (Repeated(f_string=["text"]), (3, 5), (2, 2)),
    "packed": (Repeated(f_double=[0.5, 1.5]), (4, 5), (2, 2)),
    "time": (pb.GetChatCompletionChunk(created=MOMENT), (5, 10), (6, 1)),
}


@pytest.mark.parametrize("kind", FIELDS)
def test_a_field_runs_through_so_many_functions(kind: str) -> None:
    """No more than these are called to write or to read it."""
    message, to_write, to_read = FIELDS[kind]
    assert all(map(le, written(message), to_write))
    assert all(map(le, read(message), to_read))


@pytest.mark.parametrize("cls", [Scalars, pb.GetCompletionsRequest])
def test_a_field_that_is_not_set_costs_no_function(cls: type[betterproto.Message]) -> None:
    """A message in which nothing is set takes the same few, however many fields its class has."""
    assert called(partial(codec.encode, cls())) == (3, 0)
    assert called(partial(codec.decode, cls, b"")) == (3, 2)
