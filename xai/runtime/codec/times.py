"""Timestamps and durations: between what is on the wire and Python's types.

Python's datetime and timedelta have neither nanoseconds nor all the years of the wire. A value that
they can't hold exactly becomes an `ExactDatetime` or an `ExactTimedelta`: the nearest value Python
has, together with the seconds and nanoseconds that came.
"""

import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Final

# Tools that freeze time put another class in the place of `datetime` in every module, this one
# included, for as long as they are active. What is made then must be the real one as well, so it
# is the base they derive theirs from.
if TYPE_CHECKING:
    from datetime import datetime as _Datetime  # noqa: N812  # a base, so it is called as a class
else:
    _Datetime = next(cls for cls in datetime.__mro__ if cls.__module__ == "datetime")


class Real:
    """Python's own classes, whatever stands in for them in a module at the moment.

    In a class, as those tools look at the names of modules only.
    """

    datetime: Final[type[datetime]] = _Datetime


_MICROSECOND: Final = timedelta(microseconds=1)
_GIGA: Final = 1_000_000_000

#: Where timestamps count from; also what an unset timestamp reads as. A timestamp of zero that was
#: sent or set is another object, so that the two can be told apart.
EPOCH: Final = Real.datetime(1970, 1, 1, tzinfo=timezone.utc)
#: The seconds of the first and the last timestamp that datetime has, and of the longest timedelta.
_FIRST: Final = -62_135_596_800
_LAST: Final = 253_402_300_799
_LONGEST: Final = timedelta.max.days * 86_400


class ExactDatetime(_Datetime):
    """A point in time that datetime can only approximate: it has more digits, or is out of range.

    It compares and calculates as the nearest datetime does; what comes out of a calculation is a
    plain datetime.

    Attributes:
        parts: Seconds since 1970 and nanoseconds, as they came; None in what `replace` returns.
    """

    parts: tuple[int, int] | None = None

    def __new__(cls, *args: Any, **kwargs: Any) -> "Any":  # noqa: ANN401  # datetime's arguments
        """Return a plain datetime: this is how results of calculations are made."""
        return Real.datetime(*args, **kwargs)

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:  # noqa: ANN401  # as object's
        """Pickle and copy with all digits."""
        return time_of, time_parts(self)


class ExactTimedelta(timedelta):
    """A span of time that timedelta can only approximate; see `ExactDatetime`.

    Attributes:
        parts: Seconds and nanoseconds, as they came.
    """

    parts: tuple[int, int]

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy with all digits."""
        return span_of, self.parts


#: What an unset duration reads as; like `EPOCH`. Of this class, as Python has one object only for
#: all plain ones of zero.
NO_TIME: Final = ExactTimedelta()
NO_TIME.parts = (0, 0)


def is_naive(moment: datetime) -> bool:
    """Return whether a datetime names no time zone, and so no point in time."""
    return moment.utcoffset() is None


def time_parts(moment: datetime) -> tuple[int, int]:
    """Return the seconds and nanoseconds of a timestamp.

    Raises:
        ValueError: It has no time zone.
    """
    if type(moment) is ExactDatetime and moment.parts is not None:
        return moment.parts
    try:
        since = moment - EPOCH
    except TypeError:
        # A datetime without a time zone and one with it have no difference.
        raise ValueError(NAIVE) from None
    seconds, micros = divmod(since // _MICROSECOND, 1_000_000)
    return seconds, micros * 1000


NAIVE: Final = "a datetime needs a time zone, such as timezone.utc"


def span_parts(span: timedelta) -> tuple[int, int]:
    """Return the seconds and nanoseconds of a duration; both have its sign."""
    if type(span) is ExactTimedelta:
        return span.parts
    micros = span // _MICROSECOND
    if micros < 0:
        seconds, micros = divmod(-micros, 1_000_000)
        return -seconds, -micros * 1000
    seconds, micros = divmod(micros, 1_000_000)
    return seconds, micros * 1000


def time_of(seconds: int, nanos: int) -> datetime:
    """Return a timestamp, always another object than `EPOCH`."""
    if _FIRST <= seconds <= _LAST and 0 <= nanos < _GIGA:
        near = EPOCH + timedelta(0, seconds, nanos // 1000)
        if not nanos % 1000:
            return near
    else:
        total = seconds + nanos // _GIGA
        micros = nanos % _GIGA // 1000
        if total < _FIRST:
            total, micros = _FIRST, 0
        elif total > _LAST:
            total, micros = _LAST, 999_999
        near = EPOCH + timedelta(seconds=total, microseconds=micros)
    exact: ExactDatetime = _Datetime.__new__(
        ExactDatetime,
        near.year,
        near.month,
        near.day,
        near.hour,
        near.minute,
        near.second,
        near.microsecond,
        timezone.utc,
    )
    exact.parts = (seconds, nanos)
    return exact


def span_of(seconds: int, nanos: int) -> timedelta:
    """Return a duration, always another object than `NO_TIME`."""
    if abs(seconds) < _LONGEST:
        near = timedelta(seconds=seconds, microseconds=nanos / 1000)
        if span_parts(near) == (seconds, nanos):
            return near
    else:
        near = timedelta.min if seconds < 0 else timedelta.max
    exact = ExactTimedelta(near.days, near.seconds, near.microseconds)
    exact.parts = (seconds, nanos)
    return exact


#: The Gregorian calendar repeats itself after so many years, which have so many seconds.
_CYCLE_YEARS: Final = 400
_CYCLE: Final = 146_097 * 86_400


def time_text(moment: datetime) -> str:
    """Return a timestamp as RFC 3339 has it; a year out of 1 to 9999 has more digits, or a sign."""
    seconds, nanos = time_parts(moment)
    seconds, nanos = seconds + nanos // _GIGA, nanos % _GIGA
    cycles = 0 if _FIRST <= seconds <= _LAST else (seconds - _FIRST) // _CYCLE
    near = EPOCH + timedelta(seconds=seconds - cycles * _CYCLE)
    year = near.year + cycles * _CYCLE_YEARS
    sign, digits = ("-", f"{-year:04}") if year < 0 else ("", f"{year:04}")
    return f"{sign}{digits}-{near:%m-%dT%H:%M:%S}{_fraction(nanos)}Z"


def span_text(span: timedelta) -> str:
    """Return a duration in seconds, with an s behind."""
    seconds, nanos = span_parts(span)
    total = seconds * _GIGA + nanos
    sign, total = ("-", -total) if total < 0 else ("", total)
    return f"{sign}{total // _GIGA}{_fraction(total % _GIGA)}s"


def _fraction(nanos: int) -> str:
    """Return the digits after the point: none, three, six or nine."""
    if not nanos:
        return ""
    text = f".{nanos:09}"
    return text[:4] if text.endswith("000000") else text[:7] if text.endswith("000") else text


_TIME: Final = re.compile(
    r"([+-]?\d{4,12})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?"
    r"(?:Z|([+-])(\d\d):(\d\d))",
    re.ASCII,
)
_SPAN: Final = re.compile(r"(-?)(\d{1,19})(?:\.(\d{1,9}))?s", re.ASCII)


def read_time(text: str) -> datetime:
    """Return the timestamp of a text as `time_text` makes it, with any offset.

    Raises:
        ValueError: It is no such text.
    """
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError("a time as in RFC 3339 is expected, with Z or an offset")
    cycles, year = divmod(int(found[1]) - 1, _CYCLE_YEARS)
    month, day, hour, minute, second = map(int, found.group(2, 3, 4, 5, 6))
    near = Real.datetime(year + 1, month, day, hour, minute, second, tzinfo=timezone.utc)
    seconds, _ = time_parts(near)
    if found[8]:
        offset = int(found[9]) * 3600 + int(found[10]) * 60
        seconds -= -offset if found[8] == "-" else offset
    return time_of(seconds + cycles * _CYCLE, int((found[7] or "").ljust(9, "0")))


def read_span(text: str) -> timedelta:
    """Return the duration of a text as `span_text` makes it.

    Raises:
        ValueError: It is no such text.
    """
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError("seconds are expected, with an s behind")
    seconds, nanos = int(found[2]), int((found[3] or "").ljust(9, "0"))
    return span_of(-seconds, -nanos) if found[1] else span_of(seconds, nanos)
