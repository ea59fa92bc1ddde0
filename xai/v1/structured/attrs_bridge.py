"""Classes of attrs for pydantic, which does not know them.

Pydantic is told to accept classes that it does not know, and marks where they stand. There each
gets the schema of a `TypedDict` with the members that its constructor takes, and is made from what
was read. So they may be inside everything that pydantic knows, and nothing is done to the classes.
"""

import types
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Annotated, Any, Final, cast, get_args, get_origin

import attrs
from pydantic import TypeAdapter
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, SchemaValidator, core_schema
from typing_extensions import NotRequired, TypedDict

from xai.v1.structured.annotations import (
    annotated,
    description_in,
    hints_of,
    mentions_attrs,
    replace,
    type_parameters,
)
from xai.v1.structured.docstrings import own_docstring, read_docstring
from xai.v1.structured.schema_generator import FACTS, ObjectFacts, facts_of

#: What is no schema, and is not to be looked into.
_NO_SCHEMAS: Final = frozenset(
    {"cls", "config", "default", "default_factory", "expected", "function", "metadata"}
    | {"members", "serialization"}
)


@attrs.frozen(eq=False)
class Core:
    """What pydantic's core reads.

    Attributes:
        schema: The schema.
        bridged: Whether there are classes of attrs in it.
    """

    schema: CoreSchema
    bridged: bool

    def validator(self) -> SchemaValidator:
        """Return what reads it."""
        if self.bridged:
            # A model's own validator does not know the classes of attrs that are in it.
            with suppress(TypeError):  # before 2.13 there was no way to say so
                return SchemaValidator(self.schema, _use_prebuilt=False)
        return SchemaValidator(self.schema)


@attrs.frozen
class Member:
    """A member of an object that is read.

    Attributes:
        hint: Its type.
        required: Whether it has to be there.
    """

    hint: object
    required: bool


def core_of_members(
    name: str, members: Mapping[str, Member], facts: ObjectFacts, *, extra: str = "ignore"
) -> "Core":
    """Return how pydantic's core reads an object into a dictionary.

    Args:
        name: What the object is called.
        members: Its members, by their names in Python.
        facts: What a model should know about it.
        extra: What becomes of other members, as in pydantic's configuration.

    Raises:
        PydanticUserError: Pydantic can't make a schema of a type.
    """
    bridge = _Bridge()
    return bridge.whole(bridge.walked(_core(name, members, facts, extra)))


def core_of_type(shape: object) -> "Core":
    """Return how pydantic's core reads a type.

    Raises:
        PydanticUserError: Pydantic can't make a schema of the type.
    """
    bridge = _Bridge()
    # In a list, since what is said of a member is kept apart from its type.
    root = Member(types.GenericAlias(list, (shape,)), required=True)
    core = bridge.walked(_core("Root", {"root": root}, ObjectFacts("", {}), "ignore"))
    items: dict[str, Any] = core["fields"]["root"]["schema"]
    return bridge.whole(items.get("items_schema", {"type": "any"}))


def _core(
    name: str, members: Mapping[str, Member], facts: ObjectFacts, extra: str
) -> dict[str, Any]:
    hints = {
        key: each.hint if each.required else NotRequired[each.hint]
        for key, each in ((key, _prepared(each)) for key, each in members.items())
    }
    stand_in: Any = TypedDict(name, hints)  # type: ignore[misc]  # made at run time
    # Else pydantic says itself what it does not know.
    unknown = any(mentions_attrs(each.hint) for each in members.values())
    config = {"arbitrary_types_allowed": unknown, "extra": extra}
    for attribute, value in ((FACTS, facts), ("__pydantic_config__", config)):
        setattr(stand_in, attribute, value)
    adapter = TypeAdapter(stand_in)
    adapter.rebuild(raise_errors=True)  # else a name that is not known shows at the first use
    return cast("dict[str, Any]", adapter.core_schema)


def _prepared(member: Member) -> Member:
    hint = replace(member.hint, _understood)
    notes = hint.__metadata__ if get_origin(hint) is Annotated else ()  # type: ignore[attr-defined]
    filled = any(isinstance(note, FieldInfo) and not note.is_required() for note in notes)
    return Member(hint, member.required and not filled)


def _understood(hint: object) -> object | None:
    """Return a hint that pydantic understands in the place of one that it does not."""
    origin = get_origin(hint)
    if isinstance(origin, type) and attrs.has(origin):
        return _Generic.of(origin, get_args(hint))
    if origin is Annotated:
        text = description_in(hint)
        notes: tuple[object, ...] = hint.__metadata__  # type: ignore[attr-defined]  # just seen
        described = any(isinstance(note, FieldInfo) and note.description for note in notes)
        if text and not described:
            inner = replace(get_args(hint)[0], _understood)
            return annotated(inner, *notes, FieldInfo(description=text))
    return None


class _Generic:
    """Stands for a generic class of attrs together with its arguments."""

    origin: type
    arguments: tuple[object, ...]

    @staticmethod
    def of(origin: type, arguments: tuple[object, ...]) -> "type[_Generic]":
        """Return the class that stands for it."""
        names = ", ".join(getattr(each, "__name__", str(each)) for each in arguments)
        made = type(f"{origin.__name__}[{names}]", (_Generic,), {"__module__": origin.__module__})
        made = cast("type[_Generic]", made)
        made.origin, made.arguments = origin, arguments
        return made


class _Bridge:
    """One schema in the making, with the definitions of the classes in it."""

    def __init__(self) -> None:
        self._references: dict[object, str] = {}
        self._definitions: dict[str, dict[str, Any]] = {}

    def whole(self, core: dict[str, Any]) -> Core:
        """Return the schema with what it refers to."""
        found: dict[str, Any] = core
        if self._definitions:
            definitions = list(self._definitions.values())
            found = {"type": "definitions", "schema": core, "definitions": definitions}
        return Core(cast("CoreSchema", found), bool(self._references))

    def walked(self, core: dict[str, Any]) -> dict[str, Any]:
        """Return a schema with references to definitions where there are classes of attrs."""
        if core["type"] == "definitions":
            for definition in core["definitions"]:
                if definition["ref"] not in self._definitions:
                    self._definitions[definition["ref"]] = {}  # taken, while it is looked into
                    self._definitions[definition["ref"]] = self._walk(definition)
            core = core["schema"]
        return cast("dict[str, Any]", self._walk(core))

    def _walk(self, node: Any) -> Any:  # noqa: ANN401  # whatever schemas are made of
        if isinstance(node, (list, tuple)):
            return type(node)([self._walk(part) for part in node])
        if not isinstance(node, dict):
            return node
        if node.get("type") == "is-instance" and _is_bridged(node.get("cls")):
            made = {"type": "definition-ref", "schema_ref": self._reference(node["cls"])}
            # What annotations say about this place, such as a description.
            return {**made, "metadata": node["metadata"]} if "metadata" in node else made
        return {
            key: part if key in _NO_SCHEMAS and "type" in node else self._walk(part)
            for key, part in node.items()
        }

    def _reference(self, cls: type) -> str:
        generic = issubclass(cls, _Generic)
        origin = cls.origin if generic else cls  # type: ignore[attr-defined]  # just seen
        arguments: tuple[object, ...] = cls.arguments if generic else ()  # type: ignore[attr-defined]
        key = (origin, repr(arguments))
        if key not in self._references:
            name = cls.__name__ if generic else cls.__qualname__
            reference = self._references[key] = f"{origin.__module__}.{name}:{id(cls)}"
            self._definitions[reference] = {}  # taken, while it is looked into
            self._definitions[reference] = self._constructed(origin, arguments, reference)
        return self._references[key]

    def _constructed(
        self, cls: type, arguments: tuple[object, ...], reference: str
    ) -> dict[str, Any]:
        members, facts = _members(cls, arguments)
        core = self.walked(_core(cls.__name__, members, facts, "ignore"))
        core.pop("ref", None)
        made = core_schema.no_info_after_validator_function(
            partial(_construct, cls), cast("CoreSchema", core), ref=reference
        )
        return cast("dict[str, Any]", made)


def _is_bridged(cls: object) -> bool:
    return isinstance(cls, type) and (attrs.has(cls) or issubclass(cls, _Generic))


def _members(cls: type, arguments: tuple[object, ...]) -> tuple[dict[str, Member], ObjectFacts]:
    """Return the members that a constructor takes, by the names that it knows."""
    hints = hints_of(cls, cls.__name__)
    parameters = type_parameters(cls, arguments)
    facts = facts_of(cls)
    members: dict[str, Member] = {}
    texts: dict[str, str] = {}
    defaults: dict[str, object] = {}
    for field in attrs.fields(cls):
        if not field.init:
            continue
        hint = hints.get(field.name, field.type)
        if hint is None:
            raise TypeError(f"{cls.__name__}.{field.name}: the field has no annotation")
        required = field.default is attrs.NOTHING
        members[field.alias] = Member(replace(hint, parameters.get), required)
        texts[field.alias] = facts.texts.get(field.name) or facts.texts.get(field.alias, "")
        if not required and not isinstance(field.default, attrs.Factory):  # type: ignore[arg-type]  # attrs declares a function
            defaults[field.alias] = field.default
    return members, ObjectFacts(read_docstring(own_docstring(cls)).summary, texts, defaults)


def _construct(cls: Callable[..., object], members: dict[str, object]) -> object:
    try:
        return cls(**members)
    except TypeError as error:
        # So validators of attrs refuse a value of another type: it does not fit.
        raise ValueError(str(error)) from error
