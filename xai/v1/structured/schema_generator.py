"""JSON schemas as pydantic makes them, with what a model should know and nothing else.

The dialect is JSON Schema 2020-12, https://json-schema.org/draft/2020-12/schema.
"""

from collections.abc import Mapping
from typing import Any, Final, cast

import attrs
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, JsonSchemaWarningKind
from pydantic_core import core_schema

from xai.v1.structured.annotations import description_in, hints_of
from xai.v1.structured.docstrings import own_docstring, read_docstring

#: Where a class that stands in for another keeps the facts about that.
FACTS: Final = "__xai_facts__"


@attrs.frozen(eq=False)
class ObjectFacts:
    """What a model should know about an object besides its schema.

    Attributes:
        description: What it is.
        texts: What its members are, by their names in Python.
        defaults: What its members are when they are left out, by their names in Python.
    """

    description: str
    texts: Mapping[str, str]
    defaults: Mapping[str, object] = attrs.field(factory=dict)


class QuietGenerator(GenerateJsonSchema):
    """Pydantic's own generator, without warnings: the schema is sent, and nobody looks at it."""

    ignored_warning_kinds: set[JsonSchemaWarningKind] = {  # noqa: RUF012  # as pydantic declares it
        "skipped-choice",
        "non-serializable-default",
    }

    def emit_warning(self, kind: JsonSchemaWarningKind, detail: str) -> None:
        """Drop a warning, which would be an error under ``-W error``."""

    def field_is_present(self, field: Any) -> bool:  # noqa: ANN401  # as pydantic has it
        """Tell whether a member is in the schema: not if its value would not be used."""
        return field.get("init", True) and super().field_is_present(field)


class SchemaGenerator(QuietGenerator):
    """Makes the schemas of types that don't describe themselves.

    Titles that only repeat a name are left out. Classes allow no other members than their own
    unless their configuration does, and are described by their docstrings.
    """

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401  # as pydantic has it
        """Leave the name of a member to be its only title."""
        del schema
        return False

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Return the schema of a pydantic model."""
        return _without_title(super().model_schema(schema), schema["cls"])

    def enum_schema(self, schema: core_schema.EnumSchema) -> JsonSchemaValue:
        """Return the schema of an enum."""
        return _without_title(super().enum_schema(schema), schema["cls"])

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        """Return the schema of a dataclass."""
        return self._described(super().dataclass_schema(schema), schema["cls"], _members(schema))

    def typed_dict_schema(self, schema: core_schema.TypedDictSchema) -> JsonSchemaValue:
        """Return the schema of a `TypedDict`, or of what has one to stand in for it."""
        cls = schema.get("cls")
        made = super().typed_dict_schema(schema)
        return made if cls is None else self._described(made, cls, _members(schema))

    def call_schema(self, schema: core_schema.CallSchema) -> JsonSchemaValue:
        """Return the schema of what a function is called with; before 2.14, of named tuples too."""
        function: Any = schema["function"]
        arguments: Any = schema["arguments_schema"]
        if isinstance(function, type) and issubclass(function, tuple):
            made = self.kw_arguments_schema(arguments["arguments_schema"], None)
            return self._described(made, function, {})
        return super().call_schema(schema)

    def named_tuple_schema(self, schema: Mapping[str, Any]) -> JsonSchemaValue:
        """Return the schema of a named tuple: an object, since a model does better with names.

        Args:
            schema: A `NamedTupleSchema`, a name that pydantic_core has since pydantic 2.14.
        """
        properties: dict[str, JsonSchemaValue] = {}
        required: list[str] = []
        for field in schema["fields"]:
            properties[field["name"]] = self.generate_inner(field["schema"]).copy()
            if field["schema"]["type"] != "default":
                required.append(field["name"])
        made: JsonSchemaValue = {"type": "object", "properties": properties}
        if required:
            made["required"] = required
        return self._described(made, schema["cls"], {})

    def _described(
        self, made: JsonSchemaValue, cls: type, members: Mapping[str, str]
    ) -> JsonSchemaValue:
        facts = facts_of(cls)
        _without_title(made, cls)
        made.setdefault("additionalProperties", False)
        if facts.description:
            made["description"] = facts.description
        properties: Mapping[str, JsonSchemaValue] = made.get("properties", {})
        for name, member in properties.items():
            own = members.get(name, name)
            if facts.texts.get(own):
                member.setdefault("description", facts.texts[own])
            if own in facts.defaults:
                default = self._written(facts.defaults[own])
                if default:
                    member.setdefault("default", default[0])
        return made

    def _written(self, default: object) -> list[object]:
        try:
            return [self.encode_default(default)]
        except Exception:  # noqa: BLE001  # whatever it is made of: the schema can do without it
            return []


def facts_of(cls: type) -> ObjectFacts:
    """Return what there is to know about a class, by its docstring and annotations."""
    known = cls.__dict__.get(FACTS)
    if isinstance(known, ObjectFacts):
        return known
    texts: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        texts |= read_docstring(own_docstring(base)).items
    try:
        hints = hints_of(cls, cls.__name__)
    except TypeError:  # pydantic may know names that can't be resolved here
        hints = {}
    texts |= {name: text for name, hint in hints.items() if (text := description_in(hint))}
    return ObjectFacts(read_docstring(own_docstring(cls)).summary, texts)


def is_model(shape: object) -> bool:
    """Tell whether this is a pydantic model, which describes itself."""
    return isinstance(shape, type) and issubclass(shape, BaseModel)


def _members(schema: object) -> dict[str, str]:
    """Return the names of members in Python by their names in JSON."""
    inner = cast("dict[str, Any]", schema)
    while "fields" not in inner or not isinstance(inner["fields"], (dict, list)):
        inner = inner["schema"]
    if inner["type"] == "dataclass":
        return _members(inner["schema"])
    fields = inner["fields"]
    named = (
        fields.items() if isinstance(fields, dict) else [(each["name"], each) for each in fields]
    )
    return {str(field.get("validation_alias", name)): name for name, field in named}


def _without_title(made: JsonSchemaValue, cls: type) -> JsonSchemaValue:
    if made.get("title") == cls.__name__:
        del made["title"]
    return made
