import json
from typing import cast

import jsonschema  # type: ignore[import-untyped]  # it comes without types
import pydantic
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.v1.structured.shape_strategies import Drawn, all_shapes, changed, plain_shapes
from xai.v1.chat.functions import json_value
from xai.v1.structured.decode import read, read_json
from xai.v1.structured.errors import InvalidShapeError
from xai.v1.structured.schema import JsonValue, schema_of

REFUSED = object()


def accepted(shape: object, data: JsonValue) -> object:
    """Return what the data is read as, or a mark when it is refused."""
    try:
        return read(cast("type[object]", shape), data)
    except InvalidShapeError:
        return REFUSED


def judged(shape: object, data: JsonValue) -> object:
    """Return what pydantic reads when told to be strict and to take no unknown members."""
    adapter = pydantic.TypeAdapter(cast("type[object]", shape))
    try:
        return adapter.validate_json(json.dumps(data), strict=True, extra="forbid")
    except pydantic.ValidationError:
        return REFUSED


def drawn_data(drawn: Drawn, data: st.DataObject) -> JsonValue:
    """Return JSON data of a value of the type, perhaps with a change in it."""
    return data.draw(changed(json_value(data.draw(drawn.values))))


@given(all_shapes(), st.data())
def test_a_value_comes_back_from_its_json(drawn: Drawn, data: st.DataObject) -> None:
    """What is written of a value of any supported type is read as an equal value."""
    value = data.draw(drawn.values)
    text = json.dumps(json_value(value), sort_keys=True)
    back = read_json(cast("type[object]", drawn.shape), text)
    assert back == value
    assert type(back) is type(value)
    # Apart from equality this tells 1, 1.0 and True from each other.
    assert json.dumps(json_value(back), sort_keys=True) == text


@given(all_shapes(), st.data())
def test_the_schema_is_valid_and_allows_what_is_written(drawn: Drawn, data: st.DataObject) -> None:
    """Every schema is one by the meta schema, and values of the type satisfy it."""
    schema = schema_of(drawn.shape)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(json_value(data.draw(drawn.values)))


@given(plain_shapes(), st.data())
def test_reading_accepts_what_the_schema_allows(drawn: Drawn, data: st.DataObject) -> None:
    """A validator of JSON schemas and `read` agree about every piece of data."""
    checker = jsonschema.FormatChecker(formats=("date", "uuid"))
    validator = jsonschema.Draft202012Validator(schema_of(drawn.shape), format_checker=checker)
    candidate = drawn_data(drawn, data)
    assert (accepted(drawn.shape, candidate) is not REFUSED) == validator.is_valid(candidate)


@given(plain_shapes(), st.data())
def test_reading_agrees_with_pydantic(drawn: Drawn, data: st.DataObject) -> None:
    """Strict pydantic accepts and refuses the same data, and makes the same values of it."""
    candidate = drawn_data(drawn, data)
    ours = accepted(drawn.shape, candidate)
    theirs = judged(drawn.shape, candidate)
    assert ours == theirs
    assert repr(ours) == repr(theirs)
