"""Timestamps and durations, those included that Python's own types can't hold."""

import copy
import pickle
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.runtime.codec.codec_support import deterministic, google
from tests.unit.runtime.codec.kitchen_sink import WellKnown
from xai.runtime.codec import api as codec
from xai.runtime.codec.times import (
    EPOCH,
    ExactDatetime,
    ExactTimedelta,
    read_span,
    read_time,
    span_of,
    span_parts,
    span_text,
    time_of,
    time_parts,
    time_text,
)

GIGA = 10**9
FIRST, LAST = -62_135_596_800, 253_402_300_799

parts = st.tuples(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**31), 2**31 - 1)) | st.tuples(
    st.sampled_from([FIRST - 1, FIRST, -1, 0, 1, LAST, LAST + 1]) | st.integers(FIRST, LAST),
    st.sampled_from([0, 1, 999, 1000, -1, -1000, GIGA - 1, GIGA]) | st.integers(0, GIGA - 1),
)


def total(seconds: int, nanos: int) -> int:
    """Return both in nanoseconds."""
    return seconds * GIGA + nanos


@given(parts)
def test_every_timestamp_is_kept_as_it_came(pair: tuple[int, int]) -> None:
    """Copies, pickles and texts included, and whether Python has such a datetime or not."""
    moment = time_of(*pair)
    for same in (moment, copy.deepcopy(moment), copy.copy(moment)):
        assert time_parts(same) == pair
    assert time_parts(pickle.loads(pickle.dumps(moment))) == pair  # noqa: S301  # our own bytes
    assert total(*time_parts(read_time(time_text(moment)))) == total(*pair)
    assert datetime.min.replace(tzinfo=timezone.utc) <= moment
    assert moment <= datetime.max.replace(tzinfo=timezone.utc)


@given(parts)
def test_every_duration_is_kept_as_it_came(pair: tuple[int, int]) -> None:
    """Copies, pickles and texts included, and whether Python has such a timedelta or not."""
    span = span_of(*pair)
    for same in (span, copy.deepcopy(span), copy.copy(span)):
        assert span_parts(same) == pair
    assert span_parts(pickle.loads(pickle.dumps(span))) == pair  # noqa: S301  # our own bytes
    assert total(*span_parts(read_span(span_text(span)))) == total(*pair)


@given(st.datetimes(timezones=st.just(timezone.utc)))
def test_what_python_has_is_a_plain_datetime(moment: datetime) -> None:
    """Only what can't be held otherwise is of a class of ours."""
    again = time_of(*time_parts(moment))
    assert again == moment
    assert type(again) is type(span_of(*span_parts(moment - EPOCH)) + EPOCH) is datetime


@pytest.mark.parametrize(
    ("pair", "text", "nearest"),
    [
        ((LAST + 1, 0), "10000-01-01T00:00:00Z", (9999, 12, 31, 23, 59, 59, 999_999)),
        ((FIRST - 1, 0), "0000-12-31T23:59:59Z", (1, 1, 1)),
        ((2**63 - 1, 0), "292277026596-12-04T15:30:07Z", (9999, 12, 31, 23, 59, 59, 999_999)),
        ((-(2**63), 0), "-292277022657-01-27T08:29:52Z", (1, 1, 1)),
        ((1, 1), "1970-01-01T00:00:01.000000001Z", (1970, 1, 1, 0, 0, 1)),
        ((1, 999), "1970-01-01T00:00:01.000000999Z", (1970, 1, 1, 0, 0, 1)),
        ((1, -1), "1970-01-01T00:00:00.999999999Z", (1970, 1, 1, 0, 0, 0, 999_999)),
    ],
)
def test_timestamp_that_python_lacks_reads_as_the_nearest(
    pair: tuple[int, int], text: str, nearest: tuple[int, ...]
) -> None:
    """It is a datetime for those who want one, and calculations with it give plain ones."""
    moment = time_of(*pair)
    assert type(moment) is ExactDatetime
    plain = datetime(*nearest, tzinfo=timezone.utc)  # type: ignore[misc,arg-type]  # of any length
    assert moment == plain
    assert time_text(moment) == text
    assert type(moment - timedelta(0)) is datetime
    assert time_parts(moment.replace(year=2000)) == time_parts(plain.replace(year=2000))


def test_duration_that_python_lacks_reads_as_the_nearest() -> None:
    """Of too many days, too many digits, or two signs."""
    assert span_of(2**63 - 1, 0) == timedelta.max
    assert span_of(-(2**63), 0) == timedelta.min
    assert type(span_of(1, 1)) is type(span_of(1, -1)) is ExactTimedelta
    assert span_of(1, 1) == timedelta(seconds=1)
    assert span_text(span_of(1, -1)) == "0.999999999s"
    assert type(span_of(1, 1) + timedelta(0)) is timedelta


@pytest.mark.parametrize("name", ["time", "span", "maybe_time", "times", "time_by_name"])
@given(pair=parts)
def test_times_of_all_kinds_come_back_to_the_wire(name: str, pair: tuple[int, int]) -> None:
    """A message is sent on as it came, from its copy too, and two of them differ if they did."""
    theirs = google(WellKnown)()
    time = getattr(theirs, name)
    time = time["a"] if name == "time_by_name" else time.add() if name == "times" else time
    time.SetInParent()
    time.seconds, time.nanos = pair
    data = deterministic(theirs)
    message = codec.decode(WellKnown, data)
    assert codec.encode(message) == codec.encode(copy.deepcopy(message)) == data
    assert message == WellKnown.FromString(data)
    time.nanos = 5 if pair[1] == 3 else 3
    assert message != WellKnown.FromString(deterministic(theirs))


def test_zero_that_was_sent_is_not_the_default() -> None:
    """A time of zero is present when it was sent or set, and absent when it was only read."""
    for data in (b"\x0a\x00", b"\x12\x00"):
        message = codec.decode(WellKnown, data)
        assert codec.encode(message) == codec.encode(copy.deepcopy(message)) == data
    assert codec.encode(WellKnown(time=datetime(1970, 1, 1, tzinfo=timezone.utc))) == b"\x0a\x00"
    assert codec.encode(WellKnown(span=timedelta())) == b"\x12\x00"
    message = WellKnown()
    assert (message.time, message.span) == (EPOCH, timedelta())
    assert codec.encode(message) == b""
    other = WellKnown(time=message.time, span=message.span)
    assert codec.encode(other) == b""


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-02",
        "2024-01-02T03:04:05",
        "2024-13-02T03:04:05Z",
        "24-01-02T03:04:05Z",
        "2024-01-02T03:04:05.Z",
        "2024-01-02T03:04:05.1234567890Z",
        "2024-01-02T03:04:05+0100",
        "٢٠٢٤-01-02T03:04:05Z",
        "",
    ],
)
def test_text_that_is_no_time_is_refused(text: str) -> None:
    """What RFC 3339 does not allow, and what would be guessed."""
    with pytest.raises(ValueError, match=r"."):
        read_time(text)
    with pytest.raises(ValueError, match=r"^seconds are expected, with an s behind$"):
        read_span(text)


def test_offsets_are_read() -> None:
    """A time may be written in any zone."""
    moment = datetime(2024, 1, 2, 3, 4, 5, 600_000, tzinfo=timezone.utc)
    for text in ("2024-01-02T04:34:05.6+01:30", "2024-01-01T22:04:05.600-05:00"):
        assert read_time(text) == moment
