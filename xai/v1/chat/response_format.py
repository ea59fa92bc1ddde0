"""The form that an answer is asked to have."""

import json
from collections.abc import Mapping
from typing import Final

from xai.proto.xai_api import FormatType, ResponseFormat
from xai.v1.structured.schema import JsonValue, schema_of

_BY_NAME: Final = {
    "text": FormatType.FORMAT_TYPE_TEXT,
    "json_object": FormatType.FORMAT_TYPE_JSON_OBJECT,
}


def make_format(
    response_format: str | ResponseFormat | Mapping[str, JsonValue] | type[object],
) -> ResponseFormat:
    """Return the message that asks for a form.

    Args:
        response_format: ``"text"``, ``"json_object"``, a message as it is, a JSON schema as a
            mapping, or a type that `schema_of` accepts.

    Raises:
        ValueError: There is no form of this name.
        TypeError: The type has no form in JSON, or the mapping is not made of JSON values.
    """
    if isinstance(response_format, ResponseFormat):
        return response_format
    if isinstance(response_format, str):
        if response_format not in _BY_NAME:
            names = "'text', 'json_object', a JSON schema as a mapping, or a type"
            raise ValueError(f"response_format must be {names}, not {response_format!r}")
        return ResponseFormat(format_type=_BY_NAME[response_format])
    if isinstance(response_format, Mapping):
        schema = schema_text("response_format", response_format)
    else:
        schema = json.dumps(schema_of(response_format))
    return ResponseFormat(format_type=FormatType.FORMAT_TYPE_JSON_SCHEMA, schema=schema)


def schema_text(argument: str, schema: Mapping[str, JsonValue]) -> str:
    """Return a JSON schema as text.

    Args:
        argument: What an error calls it.
        schema: The schema, made of JSON values.

    Raises:
        TypeError: Something in it is not a JSON value.
    """
    try:
        return json.dumps(dict(schema), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise TypeError(f"{argument} must be a JSON schema: {error}") from error
