"""JSON of what functions return, as pydantic writes it."""

import json
from collections.abc import Callable, Mapping
from typing import Any, cast

import attrs
from pydantic import PydanticUserError, TypeAdapter
from pydantic_core import (
    PydanticSerializationError,
    SchemaSerializer,
    core_schema,
    to_jsonable_python,
)

from xai.proto.base import Message
from xai.v1.structured.encode import plain
from xai.v1.structured.json_value import JsonValue
from xai.v1.structured.surrogates import without_surrogates

_ANY = SchemaSerializer(core_schema.any_schema())


def to_json(value: object) -> str:
    """Return the JSON of a value: what pydantic writes, attrs classes and messages of the API.

    Raises:
        TypeError: The value, or one inside it, has no form in JSON.
        ValueError: The value contains itself.
    """
    try:
        text = json.dumps(_jsonable(_with_plain_messages(value)), ensure_ascii=False)
        return without_surrogates(text)
    except PydanticSerializationError as error:
        raise TypeError(f"the result: {error}") from error
    except RecursionError as error:
        raise ValueError("the result: it is too deep, or contains itself") from error


def _jsonable(value: object) -> JsonValue:
    try:
        return _dumped(value, "utf8")
    except UnicodeDecodeError:
        return _dumped(value, "base64")  # bytes that are no text
    except UnicodeEncodeError:
        return _dumped(_sendable(value), "utf8")


def _dumped(value: object, bytes_mode: Any) -> JsonValue:  # noqa: ANN401  # a literal of pydantic's
    dumped: JsonValue = to_jsonable_python(
        value, by_alias=True, bytes_mode=bytes_mode, fallback=_members, inf_nan_mode="null"
    )
    return dumped


def _known(value: object) -> object:
    """Return what pydantic writes of an object that it knows by its type only."""
    try:
        return TypeAdapter(type(value)).dump_python(value, mode="json")
    except (PydanticUserError, PydanticSerializationError) as error:
        name = type(value).__name__
        raise TypeError(f"the result: {name} has no form in JSON") from error


def _members(value: object) -> object:
    """Return what stands for an object that pydantic does not know at sight."""
    kind: type[Any] = type(value)
    if attrs.has(kind):
        return {field.alias: getattr(value, field.name) for field in attrs.fields(kind)}
    return _known(value)


def _with_plain_messages(value: object) -> object:
    """Return a value in which messages are dictionaries of the fields that are set."""
    if isinstance(value, Message):
        return plain(value)
    return _mapped(value, _with_plain_messages)


def _sendable(value: object) -> object:
    """Return a value in which all texts can be sent; models and dataclasses are dictionaries."""
    if isinstance(value, str):
        return without_surrogates(value)
    if attrs.has(type(value)):
        return _sendable(_members(value))
    if isinstance(value, (Mapping, list, tuple)):
        return _mapped(value, _sendable)
    # In Python's own types, which do not have to be in UTF-8.
    dumped: object = _ANY.to_python(value, by_alias=True)
    return dumped if dumped is value else _sendable(dumped)


def _mapped(value: object, change: Callable[[object], object]) -> object:
    if isinstance(value, dict):
        return {change(key): change(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        # Tuples stay what they are: they may be keys.
        kind = tuple if isinstance(value, tuple) else list
        return kind(change(item) for item in cast("list[object]", value))
    return value
