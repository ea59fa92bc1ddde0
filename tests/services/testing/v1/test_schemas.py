"""Schemas and types at random: the local server's JSON satisfies them, or it says why not."""

import json
import random
from collections.abc import Mapping
from typing import Any, cast

import jsonschema  # type: ignore[import-untyped]  # it comes without types
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.v1.structured.shape_strategies import Drawn, all_shapes
from xai import v1
from xai.testing import LocalServer
from xai.testing.v1.prompt_facts import PromptEntities
from xai.testing.v1.schema_validation import Checker
from xai.testing.v1.schema_values import SchemaSampler, UnsatisfiableError

MODEL = "grok-local"
FORMATS = jsonschema.Draft202012Validator.FORMAT_CHECKER

NUMBERS = st.integers(-20, 20) | st.sampled_from([0.5, -2.5, 7.0])
SCHEMAS = st.recursive(
    st.one_of(
        st.fixed_dictionaries(
            {"type": st.sampled_from(["integer", "number"])},
            optional={
                "minimum": NUMBERS,
                "maximum": NUMBERS,
                "exclusiveMaximum": NUMBERS,
                "multipleOf": st.sampled_from([1, 2, 0.5]),
            },
        ),
        st.fixed_dictionaries(
            {"type": st.just("string")},
            optional={
                "minLength": st.integers(0, 9),
                "maxLength": st.integers(0, 9),
                "pattern": st.sampled_from(["a", "^[0-9]*$", "x"]),
                "format": st.sampled_from(["date", "uuid", "email"]),
            },
        ),
        st.fixed_dictionaries({"enum": st.lists(NUMBERS | st.sampled_from("ab"), min_size=1)}),
        st.sampled_from([{"type": "null"}, {"type": "boolean"}, {"const": 1}, {}]),
    ),
    lambda inner: st.one_of(
        st.fixed_dictionaries(
            {"type": st.just("array"), "items": inner},
            optional={
                "minItems": st.integers(0, 3),
                "maxItems": st.integers(0, 3),
                "uniqueItems": st.booleans(),
                "prefixItems": st.lists(inner, min_size=1, max_size=2),
            },
        ),
        st.fixed_dictionaries(
            {
                "type": st.just("object"),
                "properties": st.dictionaries(st.sampled_from("abc"), inner),
            },
            optional={
                "required": st.lists(st.sampled_from("abcd"), unique=True),
                "additionalProperties": st.booleans() | inner,
                "minProperties": st.integers(0, 3),
                "maxProperties": st.integers(0, 3),
                "propertyNames": st.just({"maxLength": 3}),
            },
        ),
        *(
            st.fixed_dictionaries({name: st.lists(inner, min_size=1, max_size=3)})
            for name in ("anyOf", "oneOf", "allOf")
        ),
    ),
    max_leaves=6,
)


@given(
    schema=SCHEMAS,
    seed=st.integers(0, 9),
    text=st.sampled_from(["", "a 3 -2.5 b x 'q'"]),
    complete=st.booleans(),
)
@settings(max_examples=300)
def test_what_is_given_out_is_valid(
    schema: Mapping[str, Any],
    seed: int,
    text: str,
    complete: bool,  # noqa: FBT001  # as hypothesis gives it
) -> None:
    """Any schema is satisfied or refused, with the path; never is a wrong value given out."""
    jsonschema.Draft202012Validator.check_schema(schema)
    rng = random.Random(seed)  # noqa: S311 - it has to be repeatable
    try:
        entities = PromptEntities(text)
        value = SchemaSampler(schema, entities, rng, lambda: "x a 1", complete=complete).fill()
    except UnsatisfiableError as error:
        mistake = str(error)
    else:
        mistake = ""
        jsonschema.Draft202012Validator(schema).validate(value)
    assert mistake[:1] in ("", "$")


def complete(schema: Mapping[str, Any], text: str = "") -> Any:  # noqa: ANN401  # any JSON
    """Return a value with what may be left out."""
    rng = random.Random(1)  # noqa: S311 - it has to be repeatable
    return SchemaSampler(schema, PromptEntities(text), rng, lambda: "x", complete=True).fill()


def test_what_may_be_left_out_is_filled_in() -> None:
    """All properties are there, in their order; what was said is for what has to be there."""
    number = {"type": "integer"}
    schema = {
        "type": "object",
        "properties": {
            "first": number,
            "second": number,
            "inner": {"type": "object", "properties": {"deep": {"type": "null"}}},
        },
        "required": ["second"],
    }
    found = complete(schema, "there are 7")
    assert list(found) == ["first", "second", "inner"]
    assert found["second"] == 7
    assert found["inner"] == {"deep": None}
    assert len(complete({**schema, "maxProperties": 2})) == 2


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        # A tree has no end where every child has children.
        (
            {"type": "object", "properties": {"next": {"$ref": "#"}}},
            {"next": {"next": {"next": {}}}},
        ),
        # What can't be satisfied is left out.
        ({"type": "object", "properties": {"a": False, "b": {"const": 1}}}, {"b": 1}),
        ({"type": "object", "properties": {"a": {"const": 1}}, "maxProperties": 0}, {}),
        # Another keyword forbids it.
        (
            {
                "type": "object",
                "properties": {"long": {"const": 1}},
                "propertyNames": {"maxLength": 3},
            },
            {},
        ),
    ],
)
def test_what_has_to_be_left_out_is(schema: Mapping[str, Any], value: object) -> None:
    """A schema that was satisfied without its optional properties still is."""
    assert complete(schema) == value


VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.sampled_from(["", "a", "0", "xxxx"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "long"]), inner)
    ),
    max_leaves=5,
)


@given(schema=SCHEMAS, value=VALUES)
@settings(max_examples=300)
def test_check_agrees_with_another(schema: Mapping[str, Any], value: object) -> None:
    """The server's check of values finds the same ones valid as another implementation."""
    expected = jsonschema.Draft202012Validator(schema).is_valid(value)
    assert Checker(schema).accepts(schema, value) is expected


def test_every_type_gets_a_value_that_can_be_read() -> None:
    """The schema that this package makes of any type is satisfied, and read as that type."""
    texts = st.sampled_from(["Hello!", 'Anna, 33, "b" and 2.5 red', "a c 7 on 2025-01-02"])
    with LocalServer() as server, server.client() as client:

        @given(drawn=all_shapes(), seed=st.integers(0, 99), text=texts)
        @settings(max_examples=80)
        def ask(drawn: Drawn, seed: int, text: str) -> None:
            schema = v1.schema_of(drawn.shape)
            chat = client.v1.chat.create(MODEL, messages=[v1.user(text)], seed=seed)
            response, _ = chat.parse(cast("type[object]", drawn.shape))
            validator = jsonschema.Draft202012Validator(schema, format_checker=FORMATS)
            validator.validate(json.loads(response.content))

        ask()
