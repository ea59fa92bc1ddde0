"""Messages as plain values of JSON, to be logged, stored or shown."""

import base64
import dataclasses
import math
from datetime import datetime, timezone
from typing import TYPE_CHECKING, cast

import betterproto

from xai._annotations import resolve_lazily
from xai.proto.base import Enum, Message

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from xai.v1.structured.json_value import JsonValue


def plain(message: Message) -> "dict[str, JsonValue]":
    """Return the fields of a message that are set, by their names.

    Args:
        message: Any message of the API.

    Returns:
        Its values as JSON has them: enums are their names in the protocol, or their numbers where
        they have none; times are in ISO 8601 and UTC, bytes in base64, numbers that are not
        finite are "NaN", "Infinity" and "-Infinity". Fields that hold secrets are blanked out.
    """
    found: dict[str, JsonValue] = {}
    # Every generated message is a dataclass; their base can't say so.
    for field in dataclasses.fields(cast("DataclassInstance", message)):
        # Presence is asked for first: reading a message that is not there would put one there.
        if not message.is_set(field.name):
            continue
        value: object = getattr(message, field.name)
        if _says_something(value, betterproto.FieldMetadata.get(field)):
            secret = field.name in message._secrets  # noqa: SLF001  # ours, and read by its repr
            found[field.name] = "<redacted>" if secret else _plain(value)
    return found


def _says_something(value: object, meta: betterproto.FieldMetadata) -> bool:
    # Reading a field stores its default there, which must not make a difference here. Messages
    # are never stored without being asked for, and are false when they are empty.
    if isinstance(value, (Message, datetime)) or meta.optional or meta.group:
        return True
    return bool(value)


def _plain(value: object) -> "JsonValue":
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    return plain(value) if isinstance(value, Message) else _scalar(value)


def _scalar(value: object) -> "JsonValue":
    if isinstance(value, Enum):
        return value.name or int(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat()
    # What is left of the types of fields: bool, int, finite float and str.
    return cast("JsonValue", value)


resolve_lazily(globals())
