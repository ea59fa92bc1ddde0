"""Checks of arguments that several constructors share; every error names the argument."""

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Final

from xai._validation import check_bool, check_int, check_number, check_str, check_strings

INT32_MAX: Final = 2**31 - 1
#: How many domains the service takes in a list.
MAX_DOMAINS: Final = 5
#: How many stop sequences the service takes.
MAX_STOPS: Final = 8


def non_empty(argument: str, value: object) -> str:
    """Return a str that is not empty.

    Raises:
        TypeError: It is not a str.
        ValueError: It is empty.
    """
    check_str(argument, value)
    if not value:
        raise ValueError(f"{argument} must not be empty")
    return str(value)


def optional_non_empty(argument: str, value: str | None) -> str | None:
    """Return a str that is not empty, or None.

    Raises:
        TypeError: It is neither a str nor None.
        ValueError: It is empty.
    """
    return None if value is None else non_empty(argument, value)


def optional_str(argument: str, value: str | None) -> str | None:
    """Return a str or None; raise a TypeError for anything else."""
    if value is not None:
        check_str(argument, value)
    return value


def optional_bool(argument: str, value: bool | None) -> bool | None:  # noqa: FBT001  # what is checked
    """Return a bool or None; raise a TypeError for anything else."""
    if value is not None:
        check_bool(argument, value)
    return value


def optional_int(argument: str, value: int | None, low: int, high: int) -> int | None:
    """Return an int or None.

    Raises:
        TypeError: It is neither.
        ValueError: It is out of range.
    """
    if value is not None:
        check_int(argument, value, low, high)
    return value


def optional_number(argument: str, value: float | None, low: float, high: float) -> float | None:
    """Return a number as a float, or None.

    Raises:
        TypeError: It is neither.
        ValueError: It is out of range.
    """
    if value is None:
        return None
    check_number(argument, value, low, high)
    return float(value)


def flag(value: bool | None) -> bool:  # noqa: FBT001  # what is converted
    """Return a flag, False for None: the converter of a value's optional attribute."""
    return False if value is None else value


def check_callback(argument: str, value: object) -> None:
    """Raise a TypeError unless a value is None or can be called without awaiting the result."""
    if value is None:
        return
    if not callable(value):
        raise TypeError(f"{argument} must be callable, not {type(value).__name__}")
    from inspect import iscoroutinefunction

    if iscoroutinefunction(value) or iscoroutinefunction(type(value).__call__):
        raise TypeError(f"{argument} must be a plain function, not a coroutine function")


def check_dates(
    from_date: datetime | None, to_date: datetime | None
) -> tuple[datetime | None, datetime | None]:
    """Return the dates of a search with their zones, UTC for those without one.

    Raises:
        TypeError: One is not a datetime.
        ValueError: They are in the wrong order.
    """
    first, last = _aware("from_date", from_date), _aware("to_date", to_date)
    if first is not None and last is not None and first > last:
        raise ValueError(f"from_date must not be after to_date ({first} > {last})")
    return first, last


def _aware(argument: str, value: datetime | None) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, datetime):
        raise TypeError(f"{argument} must be a datetime, not {type(value).__name__}")
    return value if value.tzinfo is not None else value.replace(tzinfo=timezone.utc)


def check_list(argument: str, values: Sequence[str] | None, most: int) -> list[str]:
    """Return the strings as a list of their own, empty for None.

    Raises:
        TypeError: It is not a sequence of str.
        ValueError: One is empty, or there are too many.
    """
    found = [] if values is None else check_strings(argument, values)
    if len(found) > most:
        raise ValueError(f"{argument} must have at most {most} items, not {len(found)}")
    if "" in found:
        raise ValueError(f"{argument}[{found.index('')}] must not be empty")
    return found


def check_stops(stop: str | Sequence[str] | None) -> list[str]:
    """Return the stop sequences of a request as a list of their own, empty for None.

    Raises:
        TypeError: It is neither a str nor a sequence of them.
        ValueError: One is empty, or there are too many.
    """
    if stop is None:
        return []
    if isinstance(stop, str):
        return [non_empty("stop", stop)]
    stops = check_strings("stop", stop)
    if len(stops) > MAX_STOPS:
        raise ValueError(f"stop must have at most {MAX_STOPS} items, not {len(stops)}")
    return [non_empty(f"stop[{index}]", text) for index, text in enumerate(stops)]


def check_handles(argument: str, values: Sequence[str] | None) -> list[str]:
    """Return the names of accounts as a list of their own, empty for None.

    Raises:
        TypeError: It is not a sequence of str.
        ValueError: One is empty or has an ``@``.
    """
    found = check_list(argument, values, INT32_MAX)
    for index, handle in enumerate(found):
        if "@" in handle:
            raise ValueError(f"{argument}[{index}] must be a name without @, not {handle!r}")
    return found


def check_either(
    one: tuple[str, Sequence[str] | None], other: tuple[str, Sequence[str] | None]
) -> tuple[list[str], list[str]]:
    """Return two lists of domains, each given by its name and value, of which one may be non-empty.

    Raises:
        TypeError: One is not a sequence of str.
        ValueError: Both are non_empty, or one has too many items or an empty one.
    """
    first, second = check_list(*one, MAX_DOMAINS), check_list(*other, MAX_DOMAINS)
    if first and second:
        raise ValueError(f"{one[0]} and {other[0]} can't be given together")
    return first, second


def check_country(argument: str, value: str | None) -> None:
    """Raise an error when a country is given that isn't two letters."""
    if value is None:
        return
    check_str(argument, value)
    if not (len(value) == 2 and value.isascii() and value.isalpha()):
        raise ValueError(f"{argument} must be two letters of ISO 3166-1, not {value!r}")
