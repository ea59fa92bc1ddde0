import math
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

import xai
from xai import StatusCode
from xai.errors import make_error
from xai.runtime.retry.policy import (
    CallFailed,
    Failure,
    deadline_after,
    encode_timeout,
    error_class,
    pushback,
    remaining,
)

UNITS = {"n": 10**9, "u": 10**6, "m": 10**3, "S": 1}
UNAVAILABLE = StatusCode.UNAVAILABLE
CODES = sorted(set(StatusCode) - {StatusCode.OK})
EITHER = [False, True]


def seconds(header: str) -> float:
    """Return what a header means."""
    match = re.fullmatch(r"(\d{1,8})([numSMH])", header)
    assert match, header
    amount, unit = int(match[1]), match[2]
    return amount * {"M": 60, "H": 3600}[unit] if unit in "MH" else amount / UNITS[unit]


# The header.


@given(st.floats(0, 1e300) | st.integers(0, 10**30))
def test_any_duration_can_be_written(duration: float) -> None:
    """At most eight digits and a unit, never less than what was meant, and close to it."""
    told = seconds(encode_timeout(duration))
    largest = 99_999_999 * 3600
    if duration >= largest:
        assert told == largest
        return
    assert told >= duration * (1 - 1e-12)
    # The units are a factor of 1000 apart, so that five digits at least are exact.
    assert told <= duration * (1 + 1e-4) + 1e-9


@pytest.mark.parametrize(
    ("duration", "header"),
    [
        (0, "0n"),
        (1e-12, "1n"),
        (0.05, "50000000n"),
        (0.1, "100000u"),
        (10.9, "10900000u"),
        (99.999999, "99999999u"),
        (100, "100000m"),
        (900.0, "900000m"),
        (1e5, "100000S"),
        (99_999_999, "99999999S"),
        (1e9, "277778H"),
        (1e15, "99999999H"),
    ],
)
def test_durations_take_the_finest_unit(duration: float, header: str) -> None:
    """Nothing is cut to whole seconds, and nothing has nine digits."""
    assert encode_timeout(duration) == header


# Deadlines.


@pytest.mark.parametrize("duration", [None, math.inf])
def test_no_limit_is_no_deadline(duration: float | None) -> None:
    """None and infinity are no deadline, of which nothing remains either."""
    assert deadline_after(duration) is None
    assert remaining(None) is None


@pytest.mark.parametrize("duration", [0, 0.5, 1e9])
def test_deadline_is_a_moment(duration: float) -> None:
    """A deadline is on the monotonic clock, and what remains is never below 0."""
    before = time.monotonic()
    deadline = deadline_after(duration)
    assert deadline is not None
    assert before + duration <= deadline <= time.monotonic() + duration
    left = remaining(deadline)
    assert left is not None
    assert 0.0 <= left <= duration
    assert remaining(before - 10) == 0.0


def test_failure_shows_status_and_text() -> None:
    """A failure reads well in a debugger, and shows no trailers."""
    failure = Failure(UNAVAILABLE, "text", trailers=(("x-secret", "1"),))
    assert repr(failure) == "Failure(UNAVAILABLE)"
    assert str(CallFailed(failure)) == "text"


@pytest.mark.parametrize("connection", EITHER)
@pytest.mark.parametrize("code", CODES)
def test_class_of_a_failure_is_that_of_its_error(code: StatusCode, *, connection: bool) -> None:
    """What hooks are told is the class that would have been raised."""
    failure = Failure(code, "text", connection=connection)
    assert error_class(failure) is type(make_error(code, "text", connection=connection))
    assert issubclass(error_class(failure), xai.APIError)


# What the server asks for.


def pushed(value: str) -> Failure:
    """Return a failure with a wait among its trailers."""
    return Failure(
        UNAVAILABLE, "", from_server=True, trailers=(("x", "1"), ("grpc-retry-pushback-ms", value))
    )


@given(st.integers(0, 2**31 - 1))
def test_pushback_is_in_milliseconds(amount: int) -> None:
    """A number of 32 bits, 0 included, is a wait."""
    assert pushback(pushed(str(amount))) == amount / 1000


@pytest.mark.parametrize(
    "value", ["-1", "-0", "", "soon", "1.5", "+5", " 5", "5 ", "1_0", "٣", "2147483648", "9" * 5000]
)
def test_negative_or_malformed_pushback_stops(value: str) -> None:
    """Negative, and what is no number of 32 bits, both mean "no other attempt"."""
    wait = pushback(pushed(value))
    assert wait is not None
    assert wait < 0.0


@given(st.text())
def test_any_pushback_is_a_wait_or_a_stop(value: str) -> None:
    """No text of a server makes a wait beyond 32 bits of milliseconds, or an exception."""
    wait = pushback(pushed(value))
    assert wait is not None
    assert wait == -1.0 or 0.0 <= wait < 2**31 / 1000


def test_only_the_server_pushes_back() -> None:
    """Without the trailer, or without an answer of the server, there is no pushback."""
    assert pushback(Failure(UNAVAILABLE, "", from_server=True)) is None
    trailers = (("grpc-retry-pushback-ms", "5"),)
    assert pushback(Failure(UNAVAILABLE, "", trailers=trailers)) is None
