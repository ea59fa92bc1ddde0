"""JSON responses of the local server that satisfy a schema."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, Literal
from uuid import UUID

import jsonschema  # type: ignore[import-untyped]  # it comes without types
import pytest
from typing_extensions import TypedDict

import xai
from xai import Client, InvalidArgumentError, UnimplementedError, v1
from xai.proto.xai_api.chat import FormatType, ResponseFormat
from xai.testing import LocalServer
from xai.testing.v1.schema_errors import MalformedSchemaError
from xai.testing.v1.schema_matching import Patterns

MODEL = "grok-local"
FORMATS = jsonschema.Draft202012Validator.FORMAT_CHECKER


@pytest.fixture
def client() -> Iterator[Client]:
    """A client of a local server with its defaults."""
    with LocalServer() as server, server.client() as client:
        yield client


def check(schema: object, value: object) -> None:
    """Assert that a value satisfies a schema, formats included."""
    jsonschema.Draft202012Validator(schema, format_checker=FORMATS).validate(value)


def satisfy(client: Client, schema: Mapping[str, Any], text: str = "Hello!", seed: int = 1) -> Any:  # noqa: ANN401 - any JSON
    """Return the JSON that the server answers with, after checking it."""
    chat = client.v1.chat.create(
        MODEL, messages=[v1.user(text)], response_format=dict(schema), seed=seed
    )
    response = chat.sample()
    assert response.finish_reason == v1.FinishReason.STOP
    value = json.loads(response.content)
    check(schema, value)
    return value


# Types.


class Unit(Enum):
    """Units of temperature."""

    CELSIUS = "celsius"
    FAHRENHEIT = "fahrenheit"


@dataclass
class Reading:
    """A temperature somewhere."""

    town: str
    degrees: float
    unit: Unit
    on: date | None = None


class Report(TypedDict):
    """Many of them."""

    title: str
    readings: list[Reading]
    kinds: set[Literal["a", "b"]]
    by: dict[str, int]
    made: datetime
    key: UUID


@dataclass
class Tree:
    """A class that contains itself, in a place that can't stay empty."""

    left: "Tree | int"
    middle: "Tree | int"
    right: "Tree | int"
    rest: "list[Tree]"


def test_answer_is_made_of_what_was_said(client: Client) -> None:
    """Names, numbers, choices and dates come from the message as far as they fit."""
    text = 'In "Halmbury" it was -3.5 degrees celsius on 2024-02-03.'
    _, found = client.v1.chat.create(MODEL, messages=[v1.user(text)]).parse(Reading)
    assert found == Reading("Halmbury", -3.5, Unit.CELSIUS, date(2024, 2, 3))


def test_alternative_that_fails_takes_nothing(client: Client) -> None:
    """What was tried on an alternative that can't be satisfied is there for the next one."""
    name = {"type": "string"}
    pair = {"name": name, "code": {"type": "string", "pattern": "^(?=b)a$"}}
    both = {"type": "object", "properties": pair, "required": ["name", "code"]}
    alone = {"type": "object", "properties": {"name": name}, "required": ["name"]}
    found = satisfy(client, {"anyOf": [both, alone]}, "Who is Anna?")
    assert found == {"name": "Anna"}


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[A-Z]{3}-[0-9]$",
        r"^(?:v\d+\.)+x$",
        r"^([ab])\1[^ab]{2,4}$",
        r"^(?!^[-+.]*$)[+-]?0*\d*\.?\d*$",
        r"^\w+@\w+\.(com|org)$",
        r"^#[0-9a-fA-F]{6}$",
        r"\s\S\W$",
    ],
)
@pytest.mark.parametrize("low", [0, 12])
def test_texts_match_patterns(client: Client, pattern: str, low: int) -> None:
    """What a pattern asks for is made up where the message has nothing like it."""
    fixed = pattern.endswith(("[0-9]$", "{2,4}$", "{6}$"))
    schema: dict[str, Any] = {"type": "string", "pattern": pattern}
    found = satisfy(client, schema if fixed else {**schema, "minLength": low}, "Anything?")
    assert re.search(pattern, str(found))


def test_repeats_inside_repeats_end(client: Client) -> None:
    """A pattern that would fill the memory is refused or satisfied in a short text."""
    chat = client.v1.chat.create(
        MODEL,
        messages=[v1.user("Anything?")],
        response_format={"type": "string", "pattern": "^(((a{1000}){1000}){1000})$"},
    )
    with pytest.raises(UnimplementedError, match="no text"):
        chat.sample()


@pytest.mark.parametrize(
    "pattern",
    [
        "^(a+)+$",
        "^(a|a)*$",
        "^a*a*a*a*a*$",
        "^(\\w+\\s?)*$",
        "^(a?){30}a{30}$",
        "^(.*)*x$",
        "a?" * 30 + "a{30}$",
    ],
)
def test_patterns_that_try_everything_hold_nobody(pattern: str) -> None:
    """They are matched in time that grows with the text, as all others are."""
    patterns = Patterns()
    assert not patterns.finds(pattern, f"{'a' * 300}!")
    expected = re.search(pattern, "aax") is not None
    assert patterns.finds(pattern, "aax") is expected


@pytest.mark.parametrize("pattern", [r"^(?=(a+)+$)a", r"^((a+)\2)+$"])
def test_patterns_that_would_hold_the_server_are_refused(client: Client, pattern: str) -> None:
    """What can't be matched like that is the mistake of who asks for it."""
    schema: dict[str, Any] = {"type": "string", "pattern": pattern, "minLength": 3000}
    chat = client.v1.chat.create(MODEL, messages=[v1.user("a")], response_format=schema)
    with pytest.raises(InvalidArgumentError, match="too long to match"):
        chat.sample()


def test_steps_of_all_patterns_are_counted() -> None:
    """However many texts they are looked for in."""
    patterns = Patterns()

    def search() -> None:
        for _ in range(100):
            patterns.finds("(a*)*(b*)*x", "ab" * 5000)

    with pytest.raises(MalformedSchemaError, match="too long to match"):
        search()


def test_members_of_a_large_enum_are_not_compared_with_each_other(client: Client) -> None:
    """Or a hundred thousand of them would hold the server for minutes."""
    members = [str(number) for number in range(100_000)]
    assert satisfy(client, {"enum": members}, "Anything?") in members


def test_names_of_properties_are_matched_like_that(client: Client) -> None:
    """Also those that are no expressions."""
    for pattern, text in (("(", "no regular expression"), (r"^(?=(a+)+$)a", "too long to match")):
        schema: dict[str, Any] = {
            "type": "object",
            "properties": {"a": {"type": "string"}},
            "required": ["a"],
            "patternProperties": {pattern: {}},
        }
        chat = client.v1.chat.create(MODEL, messages=[v1.user("a")], response_format=schema)
        with pytest.raises(InvalidArgumentError, match=text):
            chat.sample()


def test_nested_types_are_parsed(client: Client) -> None:
    """A type of many parts gets a value of each, whole or streamed."""
    chat = client.v1.chat.create(MODEL, messages=[v1.user("Report!")], seed=3)
    response, found = chat.parse(Report)
    assert found["readings"]
    assert isinstance(found["readings"][0], Reading)
    with chat.stream_parse(Report) as stream:
        streamed, again = stream.until_done()
    assert streamed.content == response.content
    assert again == found


@pytest.mark.parametrize("seed", range(5))
def test_types_that_contain_themselves_come_to_an_end(client: Client, seed: int) -> None:
    """The server finds the way out of a tree of any kind."""
    chat = client.v1.chat.create(MODEL, messages=[v1.user("A tree, please.")], seed=seed)
    assert isinstance(chat.parse(Tree)[1], Tree)


# Schemas.

SATISFIED: list[Mapping[str, Any]] = [
    {},
    {"const": {"a": [1, None]}},
    {"type": "integer", "minimum": 5, "maximum": 7, "multipleOf": 3},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001},
    {"type": "integer", "multipleOf": 2, "minimum": 10**12 + 1},
    {"type": "string", "minLength": 300},
    {"type": "string", "minLength": 2, "maxLength": 3},
    {"type": "string", "pattern": "^[0-9]{4}$"},
    {"type": ["string", "null"]},
    {"type": "string", "enum": [1, "only"]},
    {"type": "array", "items": {"enum": ["a", "b", "c"]}, "uniqueItems": True, "minItems": 3},
    {"type": "array", "items": {"type": "boolean"}, "uniqueItems": True, "minItems": 2},
    {"type": "array", "prefixItems": [{"type": "null"}, {"type": "integer"}], "items": False},
    {"type": "array", "maxItems": 0},
    {"type": "object", "minProperties": 3, "properties": {"key2": {"type": "null"}}},
    {"type": "object", "maxProperties": 1, "properties": {"hello": {}, "a": {}}, "required": ["a"]},
    {"type": "object", "additionalProperties": {"type": "integer"}, "required": ["b"]},
    {"type": "object", "propertyNames": {"maxLength": 4}, "minProperties": 1},
    {"oneOf": [{"type": "number"}, {"type": "integer"}]},
    {"oneOf": [{"type": "integer"}, {"type": "number"}]},
    {"anyOf": [False, {"type": "boolean"}]},
    {"allOf": [{"minimum": 3}, {"type": "integer"}, {"maximum": 3}]},
    {
        "allOf": [
            {"type": "object", "properties": {"a": {"type": "integer", "minimum": 8}}},
            {"properties": {"a": {"maximum": 8}}, "required": ["a"]},
        ]
    },
    {"$ref": "#/$defs/a~1b%20c", "$defs": {"a/b c": {"type": "integer"}}},
    {"type": "object", "properties": {"next": {"$ref": "#"}}},
    *({"type": "string", "format": name} for name in ("date", "date-time", "time", "uuid")),
    *({"type": "string", "format": name} for name in ("email", "ipv4", "ipv6", "uri", "duration")),
]


@pytest.mark.parametrize("schema", SATISFIED, ids=json.dumps)
def test_schema_is_satisfied(client: Client, schema: Mapping[str, Any]) -> None:
    """What another implementation of JSON Schema thinks valid comes back, with any seed."""
    for seed in range(3):
        satisfy(client, schema, "Hello a and b, 12 true 1000000000003", seed)


UNSATISFIED: list[tuple[Mapping[str, Any], str]] = [
    ({"type": "object", "properties": {"a": {"not": {}}}, "required": ["a"]}, "$.a: 'not'"),
    ({"type": "array", "items": {"pattern": "^(?=b)a$"}, "minItems": 1}, "$[0]: no text"),
    ({"type": "integer", "minimum": 3, "maximum": 2}, "$: no number"),
    ({"type": "integer", "minimum": 10**400, "maximum": 10**400 + 1}, "$: "),
    ({"type": "string", "minLength": 10**9}, "$: 1000000000 characters"),
    ({"type": "array", "minItems": 10**9}, "$["),
    ({"type": "object", "minProperties": 10**9}, "$.key"),
    ({"type": "array", "minItems": 3, "maxItems": 2}, "$: "),
    ({"type": "array", "items": {"const": 1}, "uniqueItems": True, "minItems": 2}, "$: "),
    ({"type": "string", "const": 5}, "$: 'type'"),
    ({"enum": []}, "$: none of the enum"),
    ({"type": "integer", "enum": ["a"]}, "$: none of the enum"),
    ({"anyOf": [{"type": "string", "minLength": 2, "maxLength": 1}]}, "$: "),
    ({"oneOf": [{"type": "integer"}, {"type": "integer"}]}, "$: oneOf"),
    ({"type": "object", "required": ["a"], "additionalProperties": False}, "$.a: "),
    ({"allOf": [{"type": "string"}, {"type": "null"}]}, "$: two values of 'type'"),
    ({"$ref": "#"}, "$: the schema has no end"),
    ({"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}, "$.a"),
]


@pytest.mark.parametrize(("schema", "where"), UNSATISFIED, ids=lambda value: repr(value)[:60])
def test_unsatisfied_schema_is_refused(
    client: Client, schema: Mapping[str, Any], where: str
) -> None:
    """What can't be satisfied gets UNIMPLEMENTED, with the place in the schema's value."""
    with pytest.raises(xai.UnimplementedError) as caught:
        satisfy(client, schema)
    assert f"response_format.schema can't be satisfied: {where}" in str(caught.value)


MALFORMED: list[tuple[str, str]] = [
    ("", "response_format.schema is no JSON"),
    ("{", "response_format.schema is no JSON"),
    ("[" * 100_000, "response_format.schema is no JSON"),
    ("5", "response_format.schema: $: a schema must be an object"),
    ('{"type": "text"}', "response_format.schema: $: 'type'"),
    ('{"type": ["string", 5]}', "response_format.schema: $: 'type'"),
    ('{"type": "string", "pattern": "("}', "response_format.schema: $: 'pattern'"),
    ('{"type": "string", "minLength": "2"}', "response_format.schema: $: 'minLength'"),
    ('{"type": "integer", "multipleOf": 0}', "response_format.schema: $: 'multipleOf'"),
    ('{"type": "object", "properties": []}', "response_format.schema: $: 'properties'"),
    ('{"type": "array", "items": 3, "minItems": 1}', "response_format.schema: $[0]: a schema"),
    ('{"type": "object", "required": [5]}', "response_format.schema: $: 'required'"),
    ('{"$ref": "#/$defs/a"}', "response_format.schema: $: '#/$defs/a' refers to nothing"),
    ('{"$ref": "other.json"}', "response_format.schema: $: 'other.json'"),
    ('{"$ref": "#anchor"}', "response_format.schema: $: '#anchor'"),
    ('{"oneOf": [{"const": 1}, {"type": 7}]}', "response_format.schema: $: 'type'"),
]


@pytest.mark.parametrize(("text", "named"), MALFORMED, ids=lambda value: repr(value)[:60])
def test_malformed_schema_is_refused(client: Client, text: str, named: str) -> None:
    """What is no schema at all gets INVALID_ARGUMENT, with the place in it."""
    form = ResponseFormat(format_type=FormatType.FORMAT_TYPE_JSON_SCHEMA, schema=text)
    chat = client.v1.chat.create(MODEL, messages=[v1.user("Hello!")], response_format=form)
    with pytest.raises(xai.InvalidArgumentError) as caught:
        chat.sample()
    assert str(caught.value).startswith(named)


# The rest of the settings.


def test_same_seed_fills_in_the_same(client: Client) -> None:
    """What the message leaves open follows from the seed; choices and other seeds differ."""
    schema = v1.schema_of(Report)
    values = [satisfy(client, schema, "Report!", seed) for seed in (1, 1, 2)]
    assert values[0] == values[1] != values[2]
    chat = client.v1.chat.create(
        MODEL, messages=[v1.user("Report!")], response_format=schema, seed=1
    )
    choices = [json.loads(one.content) for one in chat.sample_batch(3)]
    assert choices[0] == values[0]
    assert choices[0] != choices[1] != choices[2]


def test_limits_cut_json_as_they_cut_words(client: Client) -> None:
    """Tokens run out, and stop strings end the text, in an answer by schema too."""
    schema: dict[str, v1.JsonValue] = {"type": "array", "items": {"const": "word"}, "minItems": 9}
    create = client.v1.chat.create
    messages = [v1.user("Words!")]
    short = create(MODEL, messages=messages, response_format=schema, max_tokens=5).sample()
    assert short.finish_reason == v1.FinishReason.MAX_LEN
    assert short.usage.completion_tokens == 5
    stopped = create(MODEL, messages=messages, response_format=schema, stop='d"').sample()
    assert (stopped.content, stopped.finish_reason) == ('["wor', v1.FinishReason.STOP)


@pytest.mark.parametrize("seed", range(8))
def test_json_object_is_one(client: Client, seed: int) -> None:
    """Without a schema the answer is an object, also when it ends early, and streamed."""
    for limit, stop in ((None, None), (12, None), (None, "e")):
        chat = client.v1.chat.create(
            *(MODEL,),
            messages=[v1.user("Tell me a long story.")],
            response_format="json_object",
            seed=seed,
            max_tokens=limit,
            stop=stop,
            logprobs=True,
            top_logprobs=3,
        )
        response = chat.sample()
        assert isinstance(json.loads(response.content), dict)
        with chat.stream() as stream:
            assert stream.until_done().content == response.content


def test_logprobs_of_json_spell_it(client: Client) -> None:
    """The tokens of an answer by schema join to it, and each is certain."""
    chat = client.v1.chat.create(
        MODEL, messages=[v1.user("Ünï")], response_format=Reading, logprobs=True, top_logprobs=2
    )
    response = chat.sample()
    assert response.logprobs is not None
    tokens = response.logprobs.content
    assert b"".join(token.bytes for token in tokens) == response.content.encode()
    assert {token.logprob for token in tokens} == {0.0}


def test_half_a_pair_is_written_as_an_escape(client: Client) -> None:
    """Text that UTF-8 has no form for comes back in the only form that JSON has for it."""
    form = ResponseFormat(
        format_type=FormatType.FORMAT_TYPE_JSON_SCHEMA, schema=r'{"const": "\ud800"}'
    )
    chat = client.v1.chat.create(MODEL, messages=[v1.user("Hello!")], response_format=form)
    assert chat.sample().content == r'"\ud800"'


def test_format_of_the_future_is_refused(client: Client) -> None:
    """A format that the server has no name for is INVALID_ARGUMENT, tools or not."""
    form = ResponseFormat(format_type=FormatType.try_value(77))
    chat = client.v1.chat.create(
        *(MODEL,),
        messages=[v1.user("Look!")],
        response_format=form,
        tools=[v1.tool("look", "Look", {"type": "object"})],
    )
    with pytest.raises(xai.InvalidArgumentError, match="response_format"):
        chat.sample()
