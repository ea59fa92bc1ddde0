"""Whether JSON satisfies a schema, and whether the schema is well formed; pure.

The keywords are those of https://json-schema.org/draft/2020-12/schema that forms are filled in for.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence, Sized
from typing import Any
from urllib.parse import unquote

from xai.testing.v1.schema_errors import MalformedSchemaError
from xai.testing.v1.schema_matching import Patterns
from xai.testing.v1.schema_numbers import is_allowed

# A schema is whatever JSON its author wrote.
Schema = Mapping[str, Any]

_COUNTS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
_LIMITS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_LISTS = ("enum", "allOf", "anyOf", "oneOf", "prefixItems")
_OBJECTS = ("properties", "patternProperties", "$defs")


def check_keywords(schema: Schema, path: str) -> None:
    """Refuse keywords whose values are of the wrong type.

    Raises:
        MalformedSchemaError: There is one.
    """
    for keywords, is_right, expected in (
        (_COUNTS, _is_count, "a whole number of 0 or more"),
        (_LIMITS, _is_number, "a number"),
        (_LISTS, _is_list, "a list"),
        (_OBJECTS, _is_object, "an object"),
        (("required",), _is_names, "a list of names"),
        (("pattern",), _is_pattern, "a regular expression"),
        (("type",), _is_type, "a type of JSON or a list of them"),
    ):
        for keyword in keywords:
            if keyword in schema and not is_right(schema[keyword]):
                raise MalformedSchemaError(
                    f"{path}: {keyword!r} must be {expected}, got {schema[keyword]!r}."
                )
    for pattern in schema.get("patternProperties", ()):
        if not _is_pattern(pattern):
            raise MalformedSchemaError(f"{path}: {pattern!r} is no regular expression.")
    if schema.get("multipleOf", 1) <= 0:
        raise MalformedSchemaError(f"{path}: 'multipleOf' must be more than 0.")


def referred(root: object, reference: object, path: str) -> object:
    """Return the part of a schema that a reference means.

    Raises:
        MalformedSchemaError: There is none.
    """
    text = str(reference)
    document, _, pointer = text.partition("#")
    if document or pointer[:1] not in ("", "/"):
        raise MalformedSchemaError(f"{path}: {text!r} is no place in the schema.")
    found = root
    for step in pointer.split("/")[1:]:
        name = unquote(step).replace("~1", "/").replace("~0", "~")
        if isinstance(found, list) and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        elif isinstance(found, Mapping) and name in found:
            found = found[name]
        else:
            raise MalformedSchemaError(f"{path}: {text!r} refers to nothing.")
    return found


def is_same(one: object, two: object) -> bool:
    """Tell whether two values are the same JSON: 1 is 1.0, and not true."""
    if isinstance(one, bool) or isinstance(two, bool):
        return one is two
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(map(is_same, one, two))
    if isinstance(one, dict) and isinstance(two, dict):
        return one.keys() == two.keys() and all(is_same(one[name], two[name]) for name in one)
    return one == two


class Checker:
    """Finds out what is wrong with values.

    Args:
        root: The schema that references are about.
    """

    def __init__(self, root: object) -> None:
        self._root = root
        #: Tells whether an expression is found in a text.
        self.finds = Patterns().finds

    def accepts(self, schema: object, value: object) -> bool:
        """Tell whether a value satisfies a schema."""
        return next(self.mistakes(schema, value, "$"), None) is None

    def mistakes(self, schema: object, value: object, path: str) -> Iterator[str]:
        """Yield what a value lacks."""
        if not isinstance(schema, Mapping):
            if schema is not True:
                yield f"{path}: nothing satisfies {schema!r}."
            return
        check_keywords(schema, path)
        if "$ref" in schema:
            part = referred(self._root, schema["$ref"], path)
            yield from self.mistakes(part, value, path)
        for part in schema.get("allOf", ()):
            yield from self.mistakes(part, value, path)
        for keyword in self._broken(schema, value):
            yield f"{path}: {keyword!r} can't be satisfied together with the rest."
        if "anyOf" in schema and not any(self.accepts(part, value) for part in schema["anyOf"]):
            yield f"{path}: none of 'anyOf' can be satisfied together with the rest."
        if "oneOf" in schema and sum(self.accepts(part, value) for part in schema["oneOf"]) != 1:
            yield f"{path}: not exactly one of 'oneOf' can be satisfied."
        if isinstance(value, list):
            yield from self._items(schema, value, path)
        if isinstance(value, dict):
            yield from self._members(schema, value, path)

    def _items(self, schema: Schema, value: list[object], path: str) -> Iterator[str]:
        fixed = schema.get("prefixItems", ())
        for place, item in enumerate(value):
            part = fixed[place] if place < len(fixed) else schema.get("items", True)
            yield from self.mistakes(part, item, f"{path}[{place}]")

    def _members(self, schema: Schema, value: dict[str, object], path: str) -> Iterator[str]:
        properties = schema.get("properties", {})
        patterns = schema.get("patternProperties", {})
        for name, member in value.items():
            where = f"{path}.{name}"
            yield from self.mistakes(schema.get("propertyNames", True), name, where)
            parts = [part for pattern, part in patterns.items() if self.finds(pattern, name)]
            if name in properties:
                parts.append(properties[name])
            for part in parts or [schema.get("additionalProperties", True)]:
                yield from self.mistakes(part, member, where)

    def _broken(self, schema: Schema, value: object) -> Iterator[str]:
        """Yield the keywords that a value doesn't satisfy itself, whatever is inside it."""
        kinds = schema.get("type", ())
        if "type" in schema and not any(
            _has_type(value, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)
        ):
            yield "type"
        if "const" in schema and not is_same(schema["const"], value):
            yield "const"
        if "enum" in schema and not any(is_same(member, value) for member in schema["enum"]):
            yield "enum"
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield from [] if is_allowed(schema, value) else ["minimum"]
        if isinstance(value, str):
            yield from [] if _has_size(schema, "Length", value) else ["minLength"]
            yield from [] if self.finds(schema.get("pattern", ""), value) else ["pattern"]
        if isinstance(value, list):
            yield from [] if _has_size(schema, "Items", value) else ["minItems"]
            yield from ["uniqueItems"] if schema.get("uniqueItems") and _has_twins(value) else []
        if isinstance(value, dict):
            yield from [] if _has_size(schema, "Properties", value) else ["minProperties"]
            yield from [] if value.keys() >= set(schema.get("required", ())) else ["required"]


def _has_type(value: object, kind: str) -> bool:
    if kind == "integer":
        return isinstance(value, int | float) and _is_number(value) and value == int(value)
    return {
        "null": value is None,
        "boolean": isinstance(value, bool),
        "number": _is_number(value),
        "string": isinstance(value, str),
        "array": isinstance(value, list),
        "object": isinstance(value, dict),
    }[kind]


def _has_size(schema: Schema, noun: str, value: Sized) -> bool:
    low: float = schema.get(f"min{noun}", 0)
    high: float = schema.get(f"max{noun}", math.inf)
    return low <= len(value) <= high


def _has_twins(values: Sequence[object]) -> bool:
    return any(
        is_same(value, other) for place, value in enumerate(values) for other in values[:place]
    )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _is_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _is_object(value: object) -> bool:
    return isinstance(value, Mapping)


def _is_pattern(value: object) -> bool:
    try:
        re.compile(value if isinstance(value, str) else "(")
    except re.error:
        return False
    return True


def _is_type(value: object) -> bool:
    kinds = value if isinstance(value, list) else [value]
    known = ("null", "boolean", "integer", "number", "string", "array", "object")
    return all(kind in known for kind in kinds)
