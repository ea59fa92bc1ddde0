"""Checks of arguments; every error names the argument and what was expected."""

import math
import sys
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def given(value: T | None, default: T) -> T:
    """Return a value, or the default for None, which stands for an argument that is not given."""
    return default if value is None else value


def kind_of(value: object) -> str:
    """Return the type of a value for an error; a type of another package with where it is from."""
    kind = type(value)
    if hasattr(kind, "DESCRIPTOR"):
        # A message of Google's protobuf.
        ours = kind.DESCRIPTOR.full_name.startswith("xai_api.")
        package = "xai_sdk" if ours else "google.protobuf"
        return f"the {kind.__name__} of the package {package}"
    package = kind.__module__.partition(".")[0]
    if package in ("builtins", "xai", "__main__"):
        return kind.__name__
    return f"the {kind.__name__} of the package {package}"


#: Python writes no number of more than 4,300 digits, and nobody reads one of 30.
_LONG = 10**30


def shown(value: object) -> str:
    """Return a value as it is shown in an error; of a very long number only that it is one."""
    if isinstance(value, int) and not -_LONG < value < _LONG:
        return "an integer of more than 30 digits"
    return repr(value)


def check_str(name: str, value: object) -> None:
    """Raise a TypeError when the value is not a str, a ValueError when it has no UTF-8."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, not {type(value).__name__}")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            found = f"{value[error.start]!r} at {error.start}"
            raise ValueError(
                f"{name} must be text that can be sent, but has the lone surrogate {found}"
            ) from None


def check_bool(name: str, value: object) -> None:
    """Raise a TypeError when the value is not a bool."""
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be a bool, not {type(value).__name__}")


def check_int(name: str, value: object, low: int, high: int) -> None:
    """Raise a TypeError when the value is not an int, a ValueError when it is out of range."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an int, not {type(value).__name__}")
    if not low <= value <= high:
        raise ValueError(f"{name} must be from {low} to {high}, not {shown(value)}")


def check_number(name: str, value: object, low: float, high: float) -> None:
    """Raise a TypeError when the value is not a number, a ValueError when it is out of range."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{name} must be a number, not {type(value).__name__}")
    if not low <= value <= min(high, sys.float_info.max):
        expected = (
            f"{low:g} or more and finite" if math.isinf(high) else f"from {low:g} to {high:g}"
        )
        raise ValueError(f"{name} must be {expected}, not {shown(value)}")


def check_sequence(name: str, value: object, items: str) -> None:
    """Raise a TypeError when the value is not a sequence, or is a single string."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
        raise TypeError(f"{name} must be a sequence of {items}, not {type(value).__name__}")


def check_strings(name: str, values: Sequence[str]) -> list[str]:
    """Return the strings as a list of their own; raise a TypeError for anything else."""
    check_sequence(name, values, "str")
    for index, value in enumerate(values):
        check_str(f"{name}[{index}]", value)
    return list(values)


def check_callable(name: str, value: object) -> None:
    """Raise a TypeError when the value is neither None nor callable."""
    if value is not None and not callable(value):
        raise TypeError(f"{name} must be callable, not {type(value).__name__}")


def refuse_awaitable(name: str, returned: object) -> None:
    """Raise a TypeError when what a function returned would have to be awaited."""
    import inspect  # which takes a while, and few programs come here

    if not inspect.isawaitable(returned):
        return
    if inspect.iscoroutine(returned):
        returned.close()  # else it warns that nobody awaited it
    raise TypeError(
        f"{name} must be a plain function here: a coroutine function can be awaited by an"
        " AsyncClient only"
    )
