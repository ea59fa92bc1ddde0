import json
from collections.abc import Mapping
from dataclasses import dataclass

import pydantic
import pytest

from tests import reference
from xai.proto.xai_api import FormatType, ResponseFormat
from xai.v1.chat.response_format import make_format
from xai.v1.structured.json_value import JsonValue
from xai.v1.structured.schema import schema_of


@dataclass
class Town:
    """A town."""

    name: str


class Model(pydantic.BaseModel):
    """A model of pydantic's, with another inside."""

    name: str
    inner: "list[Model]" = []


SCHEMA: dict[str, JsonValue] = {"type": "object", "properties": {"é": {"type": "string"}}}


@pytest.mark.parametrize(
    ("given", "kind", "schema"),
    [
        ("text", FormatType.FORMAT_TYPE_TEXT, None),
        ("json_object", FormatType.FORMAT_TYPE_JSON_OBJECT, None),
        (SCHEMA, FormatType.FORMAT_TYPE_JSON_SCHEMA, SCHEMA),
        (Town, FormatType.FORMAT_TYPE_JSON_SCHEMA, schema_of(Town)),
        (list[int], FormatType.FORMAT_TYPE_JSON_SCHEMA, schema_of(list[int])),
    ],
    ids=["text", "json_object", "mapping", "class", "list"],
)
def test_forms_and_their_messages(
    given: str | Mapping[str, JsonValue] | type[object],
    kind: FormatType,
    schema: object,
) -> None:
    """Names, schemas and types each make the message that asks for them."""
    message = make_format(given)
    assert message.format_type is kind
    assert message.schema is None if schema is None else json.loads(str(message.schema)) == schema


def test_a_message_is_passed_on() -> None:
    """What is a message already is not looked into."""
    message = ResponseFormat(format_type=FormatType.FORMAT_TYPE_JSON_SCHEMA, schema="{}")
    assert make_format(message) is message


@pytest.mark.parametrize("given", ["text", "json_object", Model])
def test_the_bytes_are_those_of_the_reference_package(given: str | type[object]) -> None:
    """The same argument makes the same message there."""
    request = reference.request("model", response_format=given)
    assert bytes(make_format(given)) == request.response_format.SerializeToString()


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        ("json", ValueError, "response_format must be 'text', 'json_object', .*, not 'json'"),
        ("json_schema", ValueError, "response_format must be 'text', .*, not 'json_schema'"),
        ({"type": {1, 2}}, TypeError, "response_format must be a JSON schema: .* set is not JSON"),
        ({"maximum": float("inf")}, TypeError, "response_format must be a JSON schema: Out of ra"),
        (object(), TypeError, "shape: <object object at .*> is not supported"),
        (3, TypeError, "shape must be a type, not 3"),
    ],
)
def test_forms_that_do_not_exist_are_refused(
    given: type[object], kind: type[Exception], message: str
) -> None:
    """The error says what there is, or what in the schema or type is wrong."""
    with pytest.raises(kind, match=message):
        make_format(given)
