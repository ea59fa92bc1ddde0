"""Single values: what a field takes, in protobuf's manner, and what it reads as."""

# ruff: noqa: ANN401  # a program may set anything

import math
import struct
from collections.abc import Callable
from operator import index
from typing import TYPE_CHECKING, Any, Final

from xai._annotations import resolve_lazily
from xai.runtime.codec.wire import INTEGERS
from xai.xai_sdk.v1.proto.descriptors import describe_enum

if TYPE_CHECKING:
    from xai.xai_sdk.v1.proto.descriptors import FieldDescriptor

#: What stands for a secret where a message is shown.
REDACTED: Final = "[REDACTED]"

_FLOAT: Final = struct.Struct("<f")
_RANGES: Final = {
    **INTEGERS,
    "fixed32": (0, 2**32 - 1),
    "fixed64": (0, 2**64 - 1),
    "sfixed32": (-(2**31), 2**31 - 1),
    "sfixed64": (-(2**63), 2**63 - 1),
}


def narrow(value: float) -> float:
    """Return a number as a field of 32 bits holds it."""
    try:
        found: float = _FLOAT.unpack(_FLOAT.pack(value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)
    return found


def read(field: "FieldDescriptor", value: Any) -> Any:
    """Return what a value of the generated message reads as."""
    kind = field.kind
    if kind == "enum":
        # An int and nothing else: programs format it, and pass it on to JSON.
        return int(value)
    return narrow(value) if kind == "float" else value


def check(field: "FieldDescriptor", value: Any) -> Any:
    """Return what the generated message gets when a program sets a value.

    Raises:
        TypeError: It is of the wrong type; the text names the field.
        ValueError: It is out of range, or no label of the enum.
    """
    checked: Callable[["FieldDescriptor", Any], Any] = _CHECKS.get(field.kind, _integer)
    return checked(field, value)


def _wrong(field: "FieldDescriptor", expected: str, value: object) -> TypeError:
    return TypeError(f"{field.full_name}: {expected} expected, not {type(value).__name__}")


def _integer(field: "FieldDescriptor", value: Any) -> int:
    if isinstance(value, bool):
        raise _wrong(field, "an int is", value)
    try:
        number = index(value)
    except TypeError:
        raise _wrong(field, "an int is", value) from None
    low, high = _RANGES[field.kind]
    if not low <= number <= high:
        raise ValueError(f"{field.full_name}: value out of range: {number}")
    return number


def _enum(field: "FieldDescriptor", value: Any) -> Any:
    if isinstance(value, str):
        label = describe_enum(field.entry.cls).values_by_name.get(value)
        if label is None:
            raise ValueError(f'{field.full_name}: unknown enum label "{value}"')
        value = label.number
    return field.entry.cls.try_value(_integer(field, value))


def _bool(field: "FieldDescriptor", value: Any) -> bool:
    # numpy's are no numbers.
    plain = value
    if type(value).__module__ == "numpy":
        plain = value.item()
    try:
        return bool(index(plain))
    except TypeError:
        raise _wrong(field, "a bool is", value) from None


def _real(field: "FieldDescriptor", value: Any) -> float:
    if not (hasattr(type(value), "__float__") or hasattr(type(value), "__index__")):
        raise _wrong(field, "a real number is", value)
    number = float(value)
    return narrow(number) if field.kind == "float" else number


def _string(field: "FieldDescriptor", value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode()
    if not isinstance(value, str):
        raise _wrong(field, "a str is", value)
    # Raises for what UTF-8 has no bytes for.
    value.encode()
    return value


def _bytes(field: "FieldDescriptor", value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise _wrong(field, "bytes are", value)
    return value


_CHECKS: Final[dict[str, Callable[["FieldDescriptor", Any], Any]]] = {
    "enum": _enum,
    "bool": _bool,
    "float": _real,
    "double": _real,
    "string": _string,
    "bytes": _bytes,
}

resolve_lazily(globals())
