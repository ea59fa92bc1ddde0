"""Values that satisfy a JSON schema, filled in from a message where it has what fits; pure.

Of JSON Schema 2020-12 (https://json-schema.org/draft/2020-12/schema) this does what clients make of
types. What it can't satisfy it refuses, by the path: every value is checked before it is given out.
"""

import base64
import itertools
import json
import math
import random
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from xai.testing.v1.prompt_facts import PromptEntities
from xai.testing.v1.schema_errors import MalformedSchemaError
from xai.testing.v1.schema_numbers import make_number
from xai.testing.v1.schema_patterns import matching_texts
from xai.testing.v1.schema_validation import Checker, Schema, check_keywords, is_same, referred

#: Keywords that change what is valid in ways that are not done here.
_UNKNOWN = (
    *("not", "if", "contains", "dependentRequired", "dependentSchemas"),
    *("unevaluatedProperties", "unevaluatedItems", "$dynamicRef"),
)
#: Keywords that say nothing about what is valid.
_NOTES = frozenset(
    {"title", "description", "default", "examples", "$schema", "$id", "$comment", "deprecated"}
    | {"readOnly", "writeOnly", "discriminator"}
)
_LOWER = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})
_UPPER = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})
_DEEP, _TOO_DEEP = 3, 24
_TRIES, _ROUNDS = 50, 3
_LONGEST = 200
# A schema can ask for more than fits into memory.
_MOST_PARTS, _MOST_CHARACTERS = 2_000, 100_000

#: Addresses that are kept for examples, by the formats of JSON Schema and those of pydantic.
_ADDRESSES = {
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv4interface": "192.0.2.1/24",
    "ipv4network": "192.0.2.0/24",
    "ipv6": "2001:db8::1",
    "ipv6interface": "2001:db8::1/32",
    "ipv6network": "2001:db8::/32",
    "ipvanyaddress": "192.0.2.1",
    "ipvanyinterface": "192.0.2.1/24",
    "ipvanynetwork": "192.0.2.0/24",
    "iri": "https://example.com/",
    "multi-host-uri": "https://example.com/",
    "uri": "https://example.com/",
}

Say = Callable[[], str]


class UnsatisfiableError(ValueError):
    """A schema can't be satisfied here; the text names the place in it."""


class SchemaSampler:
    """Makes values of one schema.

    Args:
        schema: The schema; a mapping, true or false.
        facts: What a message offers.
        rng: Decides where nothing else does.
        say: Gives a text where the message has none.
        complete: Fill in properties that may be left out as well, so that a program sees all that
            it may get; without it only those that the message speaks of.
    """

    def __init__(
        self,
        schema: object,
        facts: PromptEntities,
        rng: random.Random,
        say: Say,
        *,
        complete: bool = False,
    ) -> None:
        self._root = schema
        self._facts = facts
        self._rng = rng
        self._say = say
        self._complete = complete
        self._checker = Checker(schema)
        self._parts = 0
        # Whether what was said decides between values; it can't where they have to differ.
        self._literal = True

    def fill(self) -> Any:  # noqa: ANN401 - any JSON
        """Return a value that satisfies the schema.

        Raises:
            MalformedSchemaError: It is no schema.
            UnsatisfiableError: There is no such value, or none that is known here.
        """
        if self._complete:
            facts, parts = self._facts.copy(), self._parts
            try:
                return self._valid()
            except UnsatisfiableError:
                # What may be left out can be what another keyword forbids.
                self._facts, self._parts, self._complete = facts, parts, False
        return self._valid()

    def _valid(self) -> Any:  # noqa: ANN401 - any JSON
        try:
            value = self._make(self._root, "$", 0)
            mistake = next(self._checker.mistakes(self._root, value, "$"), None)
        except RecursionError as error:
            raise UnsatisfiableError("$: the schema has no end.") from error
        if mistake is not None:
            raise UnsatisfiableError(mistake)
        return value

    def _make(self, given: object, path: str, depth: int) -> Any:  # noqa: ANN401 - any JSON
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise UnsatisfiableError(f"{path}: the value has too many parts.")
        schema = self._resolved(given, path, depth)
        for keyword in _UNKNOWN:
            if keyword in schema:
                raise UnsatisfiableError(f"{path}: {keyword!r} is not supported.")
        if "const" in schema:
            return schema["const"]
        if schema.get("contentMediaType") == "application/json":
            inner = self._make(schema.get("contentSchema", True), path, depth + 1)
            return json.dumps(inner, ensure_ascii=False)
        if "enum" in schema:
            return self._choose(schema, path)
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                return self._first_of(schema, keyword, path, depth)
        kind = schema.get("type")
        if isinstance(kind, list):
            branches = [{**schema, "type": one} for one in kind]
            return self._first_of({"anyOf": branches}, "anyOf", path, depth)
        return self._of_type(kind or _implied(schema), schema, path, depth)

    def _of_type(self, kind: object, schema: Schema, path: str, depth: int) -> Any:  # noqa: ANN401 - any JSON
        if kind == "object":
            return self._object(schema, path, depth)
        if kind == "array":
            return self._array(schema, path, depth)
        if kind == "string":
            return self._string(schema, path)
        if kind in ("integer", "number"):
            try:
                return make_number(schema, self._facts, self._rng)
            except (ValueError, OverflowError) as error:
                raise UnsatisfiableError(f"{path}: {error}") from error
        if kind == "boolean":
            return self._boolean(path)
        return None

    def _resolved(self, given: object, path: str, depth: int) -> Schema:
        """Return a schema without references and without parts that are joined by allOf."""
        if given is True:
            return {}
        if given is False:
            raise UnsatisfiableError(f"{path}: nothing satisfies false.")
        if not isinstance(given, Mapping):
            raise MalformedSchemaError(f"{path}: a schema must be an object, got {given!r}.")
        check_keywords(given, path)
        if depth > _TOO_DEEP:
            raise UnsatisfiableError(f"{path}: the schema has no end.")
        schema: dict[str, Any] = dict(given)
        parts: list[object] = list(schema.pop("allOf", ()))
        if "$ref" in schema:
            parts.append(referred(self._root, schema.pop("$ref"), path))
        for part in parts:
            schema = _joined(schema, self._resolved(part, path, depth + 1), path)
        return schema

    def _choose(self, schema: Schema, path: str) -> Any:  # noqa: ANN401 - any JSON
        # Not among each other: each of them is a member.
        others = {keyword: part for keyword, part in schema.items() if keyword != "enum"}
        members = [one for one in schema["enum"] if self._checker.accepts(others, one)]
        if not members:
            raise UnsatisfiableError(f"{path}: none of the enum is allowed.")
        said = [one for one in members if self._literal and self._facts.mentions(str(one))]
        return said[0] if said else self._rng.choice(members)

    def _first_of(self, schema: Schema, keyword: str, path: str, depth: int) -> Any:  # noqa: ANN401 - any JSON
        """Return a value of the first alternative with one; deep down, the simple come first."""
        shared = {key: value for key, value in schema.items() if key != keyword}
        branches = list(schema[keyword])
        if depth >= _DEEP:
            branches.sort(key=_weight)
        mistakes = []
        # Again, since what satisfies several of oneOf by chance may satisfy one the next time.
        for branch in branches * (1 if keyword == "anyOf" else _ROUNDS):
            facts = self._facts.copy()
            try:
                value = self._make({"allOf": [shared, branch]}, path, depth + 1)
            except UnsatisfiableError as error:
                # What the alternative took is left to the next.
                self._facts = facts
                mistakes.append(str(error))
                continue
            if self._checker.accepts({keyword: branches}, value):
                return value
            mistakes.append(f"{path}: {keyword} is satisfied more than once.")
        raise UnsatisfiableError(mistakes[0] if mistakes else f"{path}: {keyword} is empty.")

    def _object(self, schema: Schema, path: str, depth: int) -> dict[str, Any]:
        properties: Schema = schema.get("properties", {})
        required = schema.get("required", ())
        others = schema.get("additionalProperties", True)
        made: dict[str, Any] = {}
        room = schema.get("maxProperties", math.inf) - len(set(required))
        # In the order of the schema: the first number of a message is for the first that is asked.
        for name in [*properties, *(name for name in required if name not in properties)]:
            if name in required:
                made[name] = self._make(properties.get(name, others), f"{path}.{name}", depth + 1)
            elif room > 0 and self._offered(properties[name], name):
                room -= 1
                made[name] = self._make(properties[name], f"{path}.{name}", depth + 1)
        if self._complete and depth < _DEEP:
            # Last: what was said is for what has to be there.
            self._add_optional(made, properties, room, path, depth)
        for name in properties:
            if len(made) < schema.get("minProperties", 0) and name not in made:
                made[name] = self._make(properties[name], f"{path}.{name}", depth + 1)
        names = (f"key{number}" for number in itertools.count(1))
        while len(made) < schema.get("minProperties", 0):
            name = next(name for name in names if name not in properties and name not in made)
            made[name] = self._make(others, f"{path}.{name}", depth + 1)
        if len(made) > schema.get("maxProperties", len(made)):
            raise UnsatisfiableError(f"{path}: more properties are required than allowed.")
        return made

    def _add_optional(
        self, made: dict[str, Any], properties: Schema, room: float, path: str, depth: int
    ) -> None:
        """Add properties that may be left out, as far as there is room, in the schema's order."""
        for name in properties:
            if name in made or room <= 0:
                continue
            facts, parts = self._facts.copy(), self._parts
            try:
                made[name] = self._make(properties[name], f"{path}.{name}", depth + 1)
                room -= 1
            except UnsatisfiableError:
                # It may be left out.
                self._facts, self._parts = facts, parts
        ordered = {name: made.pop(name) for name in [*properties, *made] if name in made}
        made.update(ordered)

    def _offered(self, schema: object, name: str) -> bool:
        """Tell whether the message speaks of something that may be left out."""
        if self._facts.mentions(name.replace("_", " ")):
            return True
        members = schema.get("enum", ()) if isinstance(schema, Mapping) else ()
        return any(self._facts.mentions(str(member)) for member in members)

    def _array(self, schema: Schema, path: str, depth: int) -> list[Any]:
        fixed = schema.get("prefixItems", ())
        low = schema.get("minItems", 0)
        high = schema.get("maxItems", max(low, len(fixed) + 3))
        usual = self._rng.randint(1, 2) if depth < _DEEP and not fixed else len(fixed)
        size = min(max(low, usual), high)
        literal = self._literal
        try:
            made = self._items(schema, path, depth, size)
        finally:
            self._literal = literal
        if not low <= len(made) <= high:
            raise UnsatisfiableError(f"{path}: there are no {low} different items.")
        return made

    def _items(self, schema: Schema, path: str, depth: int, size: int) -> list[Any]:
        """Return so many items, or fewer if no more different ones are found."""
        fixed = schema.get("prefixItems", ())
        made: list[Any] = []
        for _ in range(_TRIES * (size + 1)):
            if len(made) >= size:
                break
            place = len(made)
            part = fixed[place] if place < len(fixed) else schema.get("items", True)
            value = self._make(part, f"{path}[{place}]", depth + 1)
            if schema.get("uniqueItems") and any(is_same(value, other) for other in made):
                self._literal = False
            else:
                made.append(value)
        return made

    def _boolean(self, path: str) -> bool:
        name = path.rpartition(".")[2]
        # Asked for by name, or a matter of chance.
        named = self._literal and self._facts.mentions(name.replace("_", " "))
        return named or self._rng.random() < 0.5

    def _string(self, schema: Schema, path: str) -> str:
        low, high = schema.get("minLength", 0), schema.get("maxLength", _LONGEST)
        high = max(low, high) if "maxLength" not in schema else high
        if low > _MOST_CHARACTERS:
            raise UnsatisfiableError(f"{path}: {low} characters are too many.")
        pattern = schema.get("pattern", "")

        def fits(text: str) -> bool:
            return low <= len(text) <= high and self._checker.finds(pattern, text)

        form = schema.get("format")
        if isinstance(form, str) and (found := self._formatted(form, fits)) is not None:
            return found
        found = self._facts.string(fits)
        if found is not None:
            return found
        text = self._say()
        # Long enough by being said again.
        text = (text + (f" {text or 'x'}" * low)) if len(text) < low else text
        # The end that is cut off may leave a space: it is a character like others.
        text = text[:high]
        made = matching_texts(pattern, self._rng, low) if pattern else ()
        for candidate in itertools.chain((text, *_guesses(self._facts.text, low, high)), made):
            if fits(candidate):
                return candidate
        raise UnsatisfiableError(
            f"{path}: no text of {low} to {high} characters is known for the pattern {pattern!r}."
        )

    def _formatted(self, form: str, fits: Callable[[str], bool]) -> str | None:
        found = self._facts.formatted(form, fits)
        if found is not None:
            return found
        made = self._of_format(form)
        return made if made is not None and fits(made) else None

    def _of_format(self, form: str) -> str | None:
        if form.startswith("uuid"):
            return self._uuid(form.removeprefix("uuid") or "4")
        if form in ("base64", "base64url"):
            return base64.urlsafe_b64encode(self._say().encode()).decode()
        day = f"2025-{self._rng.randint(1, 12):02d}-{self._rng.randint(1, 28):02d}"
        clock = f"{self._rng.randint(0, 23):02d}:{self._rng.randint(0, 59):02d}:00Z"
        return {
            **_ADDRESSES,
            "date": day,
            "time": clock,
            "date-time": f"{day}T{clock}",
            "duration": "P1D",
            "email": "someone@example.com",
            "regex": "[a-z]+",
        }.get(form)

    def _uuid(self, version: str) -> str:
        text = str(uuid.UUID(int=self._rng.getrandbits(128), version=4))
        return f"{text[:14]}{version}{text[15:]}"


def _implied(schema: Schema) -> str:
    """Return the type that a schema without one speaks of."""
    if "properties" in schema or "additionalProperties" in schema or "required" in schema:
        return "object"
    if "items" in schema or "prefixItems" in schema:
        return "array"
    if "minimum" in schema or "maximum" in schema or "multipleOf" in schema:
        return "number"
    return "string"


def _joined(first: Schema, second: Schema, path: str) -> dict[str, Any]:
    """Return a schema of which both are parts."""
    joined = {**second, **first}
    for keyword in set(first) & set(second) - _NOTES:
        one, two = first[keyword], second[keyword]
        if keyword == "properties":
            both = {name: {"allOf": [one[name], two[name]]} for name in {*one} & {*two}}
            joined[keyword] = {**two, **one, **both}
        elif keyword == "$defs":
            joined[keyword] = {**two, **one}
        elif keyword == "required":
            joined[keyword] = [*one, *two]
        elif keyword in _LOWER:
            joined[keyword] = max(one, two)
        elif keyword in _UPPER:
            joined[keyword] = min(one, two)
        elif keyword == "type" and {str(one), str(two)} == {"integer", "number"}:
            joined[keyword] = "integer"
        elif keyword == "enum":
            joined[keyword] = [
                member for member in one if any(is_same(member, other) for other in two)
            ]
        elif one != two:
            raise UnsatisfiableError(f"{path}: two values of {keyword!r} can't be joined.")
    return joined


def _guesses(text: str, low: int, high: int) -> list[str]:
    """Return texts that a pattern may be after: words of the message, letters and digits."""
    sizes = sorted({*range(max(low, 1), min(high, 12) + 1), low})
    runs = [character * size for size in sizes for character in "0a1A"]
    return [*text.split(), *re.findall(r"\w+", text), *runs, "1.0", "1.5", "a-b", "a_b"]


def _weight(branch: object) -> int:
    """Return how likely an alternative is to lead further down: what refers to others may."""
    return 0 if branch == {"type": "null"} else 1 + ("'$ref'" in repr(branch))
