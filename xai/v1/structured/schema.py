"""JSON schemas of Python types and of the parameters of functions.

The dialect is JSON Schema 2020-12, https://json-schema.org/draft/2020-12/schema.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Final, TypeAlias, cast
from uuid import UUID

from xai.v1.structured.analysis import analyse, analyse_function, is_model, parameter_hints
from xai.v1.structured.nodes import (
    Anything,
    Choices,
    Described,
    Fixed,
    Items,
    Model,
    Node,
    OneOf,
    Record,
    Scalar,
    Table,
)

JsonValue: TypeAlias = bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"] | None
_Schema: TypeAlias = dict[str, JsonValue]

_TYPES: Final[dict[type, dict[str, str]]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
    UUID: {"type": "string", "format": "uuid"},
}


def schema_of(shape: object) -> dict[str, JsonValue]:
    """Return the JSON schema of a type.

    A pydantic model gives its own. Of the rest these are understood: dataclasses, attrs classes,
    `TypedDict`, `NamedTuple`, enums, `Literal`, unions, lists, tuples, sets, dictionaries with
    string keys, `Annotated` with a description, str, int, float, bool, None, date, datetime and
    UUID; `object` and `Any` stand for any JSON value. Classes allow no other members than their
    own; docstrings become descriptions; what has a default may be left out.

    Args:
        shape: The type.

    Returns:
        A new dictionary, made of JSON values only.

    Raises:
        TypeError: The type, or one inside it, has no form in JSON; the error has its path.
    """
    if is_model(shape):
        return cast("_Schema", shape.model_json_schema())
    return _Writer().document(analyse(shape))


def describe(
    function: Callable[..., object],
) -> tuple[dict[str, JsonValue], Mapping[str, object]]:
    """Return the JSON schema of a function's parameters, and their hints by name.

    The lines of the docstring's section ``Args:`` become descriptions.

    Args:
        function: A function whose parameters are annotated and can be given by name.

    Raises:
        TypeError: A parameter has no annotation, or one without a form in JSON, or can't be given
            by name; the error names it.
    """
    hints = parameter_hints(function)
    return record_schema(analyse_function(function)), hints


def record_schema(record: Record) -> dict[str, JsonValue]:
    """Return the schema of an object whose analysis is there."""
    return _Writer().document(record)


class _Writer:
    """One schema in the making, with the definitions of the classes it refers to."""

    def __init__(self) -> None:
        self._names: dict[object, str] = {}
        self._definitions: dict[str, JsonValue] = {}

    def document(self, node: Node) -> _Schema:
        """Return the whole schema; the class it is about stands at its root, if it can."""
        root = self._schema(node)
        own = self._names.get(node)
        # A class that contains itself has to stay among the definitions.
        if own is not None and json.dumps(f"#/$defs/{own}") not in json.dumps(self._definitions):
            root = cast("_Schema", self._definitions.pop(own))
        if self._definitions:
            root["$defs"] = self._definitions
        return root

    def _schema(self, node: Node) -> _Schema:  # noqa: C901, PLR0911  # one case for each kind
        match node:
            case Scalar():
                return {**_TYPES[node.shape]}
            case Choices():
                return _choices(node)
            case Items():
                schema: _Schema = {"type": "array", "items": self._schema(node.item)}
                return {**schema, "uniqueItems": True} if node.unique else schema
            case Fixed():
                return self._fixed(node)
            case Table():
                return {"type": "object", "additionalProperties": self._schema(node.value)}
            case OneOf():
                return {"anyOf": [self._schema(member) for member in node.members]}
            case Described():
                return {**self._schema(node.inner), "description": node.description}
            case Model():
                return self._reference(node.shape, node.shape.__name__, lambda: self._model(node))
            case Record():
                return self._reference(node, node.name, lambda: self._record(node))
            case Anything():
                return {}

    def _fixed(self, node: Fixed) -> _Schema:
        count = len(node.items)
        items: list[JsonValue] = [self._schema(item) for item in node.items]
        schema: _Schema = {"type": "array", "minItems": count, "maxItems": count}
        # An empty prefix is not a valid schema.
        return {**schema, "prefixItems": items} if items else schema

    def _reference(self, key: object, title: str, make: Callable[[], _Schema]) -> _Schema:
        """Return a reference to a definition, which is made at the first one."""
        if key not in self._names:
            name = title
            number = 1
            while name in self._definitions:
                number += 1
                name = f"{title}{number}"
            self._names[key] = name
            self._definitions[name] = None  # taken, while its members are being looked at
            self._definitions[name] = make()
        return {"$ref": f"#/$defs/{self._names[key]}"}

    def _record(self, node: Record) -> _Schema:
        members: _Schema = {}
        for field in node.fields:
            schema = self._schema(field.node)
            if field.description:
                schema["description"] = field.description
            members[field.name] = schema
        document: _Schema = {"type": "object"}
        if node.description:
            document["description"] = node.description
        document["properties"] = members
        document["required"] = [field.name for field in node.fields if field.required]
        document["additionalProperties"] = False
        return document

    def _model(self, node: Model) -> _Schema:
        """Return pydantic's schema; what it refers to gets names that nobody else has."""
        prefix = f"{self._names[node.shape]}."
        template = f"#/$defs/{prefix}{{model}}"
        schema = cast("_Schema", node.shape.model_json_schema(ref_template=template))
        definitions = cast("_Schema", schema.pop("$defs", {}))
        self._definitions.update({f"{prefix}{name}": made for name, made in definitions.items()})
        return schema


def _choices(node: Choices) -> _Schema:
    values: list[JsonValue] = [written for written, _ in node.pairs]
    kinds = {type(value) for value in values}
    known = _TYPES.get(kinds.pop()) if len(kinds) == 1 else None
    return {**(known or {}), "enum": values}


schema_of.__module__ = "xai.v1"
