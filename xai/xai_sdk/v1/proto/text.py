"""protobuf's text format, as `str` shows messages."""

import math
from typing import TYPE_CHECKING, Any, Final

from xai._annotations import resolve_lazily
from xai.xai_sdk.v1.proto import scalars

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xai.xai_sdk.v1.proto.descriptors import FieldDescriptor
    from xai.xai_sdk.v1.proto.owner import Owner

_ESCAPES: Final[dict[int, str]] = {number: f"\\{number:03o}" for number in (*range(32), 127)} | {
    ord(char): f"\\{shown}" for char, shown in zip("\"'\\\n\r\t", "\"'\\nrt", strict=True)
}
#: Of bytes, which are no text: none of them is shown as it is beyond ASCII.
_BYTE_ESCAPES: Final = _ESCAPES | {number: f"\\{number:03o}" for number in range(128, 256)}


def shown(message: "Owner") -> str:
    """Return a message in the text format, without secrets and what is unknown.

    Args:
        message: The message.
    """
    return "".join(f"{line}\n" for line in _lines(message, ""))


def _lines(message: "Owner", indent: str) -> "Iterator[str]":
    secrets = message.DESCRIPTOR.secrets
    for field, value in message.ListFields():
        secret = field.entry.name in secrets
        if field.is_map:
            of_key, of_value = field.key_and_value
            for key, item in value.items():
                yield f"{indent}{field.name} {{"
                yield f"{indent}  key: {_text(of_key, key)}"
                yield f"{indent}  value: {_text(of_value, scalars.REDACTED if secret else item)}"
                yield f"{indent}}}"
            continue
        for item in value if field.is_repeated else (value,):
            if field.kind == "message":
                yield f"{indent}{field.name} {{"
                yield from _lines(item, f"{indent}  ")
                yield f"{indent}}}"
            else:
                yield f"{indent}{field.name}: {_text(field, scalars.REDACTED if secret else item)}"


def _text(field: "FieldDescriptor", value: Any) -> str:  # noqa: ANN401  # of the field's type
    if isinstance(value, str):
        return f'"{value.translate(_ESCAPES)}"'
    if isinstance(value, bytes):
        return f'"{value.decode("latin-1").translate(_BYTE_ESCAPES)}"'
    if field.kind == "bool":
        return "true" if value else "false"
    if field.enum_type is not None:
        known = field.enum_type.values_by_number.get(value)
        return known.name if known else str(value)
    return _real(field, value) if field.kind in {"float", "double"} else str(value)


def _real(field: "FieldDescriptor", value: float) -> str:
    """Return the shortest digits of two lengths that are read as the same number."""
    if math.isnan(value):
        return "nan"
    short, long = (6, 9) if field.kind == "float" else (15, 17)
    digits = f"{value:.{short}g}"
    read = float(digits)
    same = (scalars.narrow(read) if field.kind == "float" else read) == value
    return digits if same else f"{value:.{long}g}"


resolve_lazily(globals())
