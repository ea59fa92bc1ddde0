"""The response format of a request."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeVar, cast

from xai._annotations import resolve_lazily
from xai.proto.xai_api import FormatType, ResponseFormat
from xai.v1.chat.errors import ParseError
from xai.v1.structured.json_value import JsonValue
from xai.v1.structured.schema import schema_of

if TYPE_CHECKING:
    from typing_extensions import TypeForm

    from xai.v1.chat.response import Response

T = TypeVar("T")

#: No types of JSON schema: the OpenAI client's dicts have these.
_WRAPPED: Final = ("text", "json_object", "json_schema")

_BY_NAME: Final = {
    "text": FormatType.FORMAT_TYPE_TEXT,
    "json_object": FormatType.FORMAT_TYPE_JSON_OBJECT,
}


def make_format(
    response_format: "str | ResponseFormat | Mapping[str, JsonValue] | TypeForm[object]",
) -> ResponseFormat:
    """Return the message that asks for a form.

    Args:
        response_format: ``"text"``, ``"json_object"``, a message as it is, a JSON schema as a
            mapping, a dict in the form of the OpenAI client's, or a type that `schema_of`
            accepts.

    Raises:
        ImportError: It is a type, and the extra ``pydantic`` is not installed.
        ValueError: There is no form of this name.
        TypeError: The type has no form in JSON, or the mapping is not made of JSON values.
    """
    if isinstance(response_format, ResponseFormat):
        return response_format
    if isinstance(response_format, Mapping) and response_format.get("type") in _WRAPPED:
        from xai.v1.chat.openai_shapes import read_format

        response_format = read_format(response_format)
    if isinstance(response_format, str):
        if response_format not in _BY_NAME:
            names = "'text', 'json_object', a JSON schema as a mapping, or a type"
            raise ValueError(f"response_format must be {names}, not {response_format!r}")
        return ResponseFormat(format_type=_BY_NAME[response_format])
    if isinstance(response_format, Mapping):
        schema = schema_text("response_format", response_format)
    else:
        return format_of_type(response_format)
    return ResponseFormat(format_type=FormatType.FORMAT_TYPE_JSON_SCHEMA, schema=schema)


def format_of_type(shape: object) -> ResponseFormat:
    """Return the message that asks for a value of a type.

    Raises:
        ImportError: The extra ``pydantic`` is not installed.
        TypeError: It is no type, or has no form in JSON.
    """
    schema = json.dumps(schema_of(shape))
    return ResponseFormat(format_type=FormatType.FORMAT_TYPE_JSON_SCHEMA, schema=schema)


def is_type(response_format: object) -> bool:
    """Tell whether responses in a form are values of a type."""
    named = (str, ResponseFormat, Mapping)
    return response_format is not None and not isinstance(response_format, named)


def read_response(shape: "TypeForm[T]", response: "Response") -> T:
    """Return the value of a type that the content of a response stands for.

    Args:
        shape: The type.
        response: The whole response.

    Raises:
        ParseError: The content is not a value of the type; the cause says what is wrong.
    """
    from xai.v1.structured.adapter import adapter_of

    text = response.content
    try:
        return cast("T", adapter_of(shape).read_json(text))
    except Exception as error:  # validators may raise anything, and the response was paid for
        reason = response.finish_reason.wire_name
        name = getattr(shape, "__name__", repr(shape))
        said = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
        message = f"the response, which ended with {reason}, is no {name}: {said}"
        raise ParseError(message, response=response, text=text) from error


def schema_text(argument: str, schema: Mapping[str, JsonValue]) -> str:
    """Return a JSON schema as text.

    Args:
        argument: The name of the argument, for errors.
        schema: The schema, made of JSON values.

    Raises:
        TypeError: Something in it is not a JSON value.
    """
    try:
        return json.dumps(dict(schema), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise TypeError(f"{argument} must be a JSON schema: {error}") from error


resolve_lazily(globals())
