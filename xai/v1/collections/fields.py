"""The fields of the documents of a collection, and changes of them."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

import attrs
from typing_extensions import NotRequired, TypedDict

from xai._validation import check_bool, check_sequence, check_str
from xai.proto.collections import collections as pb
from xai.v1.mappings import checked_keys
from xai.v1.validation import flag, non_empty, optional_str


class FieldDefinitionParam(TypedDict):
    """A field of the documents of a collection, as `FieldDefinition`.

    Attributes:
        key: The name of the field.
        required: Whether documents without it are refused.
        inject_into_chunk: Whether its value is put in front of each chunk.
        unique: Whether a document with the value of another one is refused.
        description: What the field is for.
    """

    key: str
    required: NotRequired[bool]
    inject_into_chunk: NotRequired[bool]
    unique: NotRequired[bool]
    description: NotRequired[str]


@attrs.frozen
class FieldDefinition:
    """A field of the documents of a collection.

    Attributes:
        key: The name of the field.
        required: Whether documents without it are refused.
        inject_into_chunk: Whether its value is put in front of each chunk.
        unique: Whether a document with the value of another one is refused.
        description: What the field is for.

    Raises:
        TypeError: An attribute is of another type; the error names it.
        ValueError: The key is empty.
    """

    key: str
    required: bool = attrs.field(default=False, kw_only=True, converter=flag)
    inject_into_chunk: bool = attrs.field(default=False, kw_only=True, converter=flag)
    unique: bool = attrs.field(default=False, kw_only=True, converter=flag)
    description: str | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        """Check the attributes."""
        non_empty("key", self.key)
        check_bool("required", self.required)
        check_bool("inject_into_chunk", self.inject_into_chunk)
        check_bool("unique", self.unique)
        optional_str("description", self.description)


class FieldDefinitionAddParam(TypedDict):
    """Adds a field, as `AddField`.

    Attributes:
        field_definition: The field.
        operation: ``"add"``.
    """

    field_definition: FieldDefinitionParam | FieldDefinition
    operation: Literal["add"]


class FieldDefinitionDeleteParam(TypedDict):
    """Deletes a field, as `DeleteField`.

    Attributes:
        key: The name of the field.
        operation: ``"delete"``.
    """

    key: str
    operation: Literal["delete"]


@attrs.frozen
class AddField:
    """Adds a field to a collection.

    Attributes:
        definition: The field.

    Raises:
        TypeError: It is not a field definition.
    """

    definition: FieldDefinition

    def __attrs_post_init__(self) -> None:
        """Check the attributes."""
        if not isinstance(self.definition, FieldDefinition):
            kind = type(self.definition).__name__
            raise TypeError(f"definition must be a FieldDefinition, not {kind}")


@attrs.frozen
class DeleteField:
    """Deletes a field of a collection, with its values in all documents.

    Attributes:
        key: The name of the field.

    Raises:
        TypeError: It is not a str.
        ValueError: It is empty.
    """

    key: str

    def __attrs_post_init__(self) -> None:
        """Check the attributes."""
        non_empty("key", self.key)


AnyFieldDefinition: TypeAlias = FieldDefinition | FieldDefinitionParam
AnyFieldUpdate: TypeAlias = (
    AddField | DeleteField | FieldDefinitionAddParam | FieldDefinitionDeleteParam
)


def field_messages(argument: str, given: Sequence[AnyFieldDefinition]) -> list[pb.FieldDefinition]:
    """Return the messages of field definitions.

    Raises:
        TypeError: One is of another type; the error names it.
        ValueError: A key is unknown, missing, empty or that of another one.
    """
    check_sequence(argument, given, "FieldDefinition")
    found = [_field_message(f"{argument}[{index}]", each) for index, each in enumerate(given)]
    _check_distinct(argument, [each.key for each in found])
    return found


def read_field(message: pb.FieldDefinition) -> FieldDefinition:
    """Return the value of a message, even if it would be refused from a caller."""
    value = FieldDefinition.__new__(FieldDefinition)
    for name in ("key", "required", "inject_into_chunk", "unique", "description"):
        object.__setattr__(value, name, getattr(message, name))
    return value


def update_messages(
    argument: str, given: Sequence[AnyFieldUpdate]
) -> list[pb.FieldDefinitionUpdate]:
    """Return the messages of changes of fields.

    Raises:
        TypeError: One is of another type; the error names it.
        ValueError: There are none, an operation or a key is unknown, or a field is changed twice.
    """
    check_sequence(argument, given, "AddField or DeleteField")
    if not given:
        raise ValueError(f"{argument} must not be empty")
    found = [_update_message(f"{argument}[{index}]", each) for index, each in enumerate(given)]
    _check_distinct(argument, [each.field_definition.key for each in found])
    return found


def _field_message(argument: str, given: object) -> pb.FieldDefinition:
    if not isinstance(given, FieldDefinition):
        flags = ("required", "inject_into_chunk", "unique")
        names = (*flags, "description")
        param = checked_keys(argument, given, "FieldDefinition", ("key",), names)
        non_empty(f"{argument}[key]", param["key"])
        for name in flags:
            check_bool(f"{argument}[{name}]", param.get(name, False))
        if "description" in param:
            check_str(f"{argument}[description]", param["description"])
        given = FieldDefinition(**param)  # type: ignore[arg-type]  # checked above
    return pb.FieldDefinition(
        key=given.key,
        required=given.required,
        inject_into_chunk=given.inject_into_chunk,
        unique=given.unique,
        description=given.description,
    )


def _update_message(argument: str, given: object) -> pb.FieldDefinitionUpdate:
    if isinstance(given, Mapping):
        operation = given.get("operation")
        if operation == "add":
            needed = ("field_definition", "operation")
            checked_keys(argument, given, "AddField", needed, ())
            where = f"{argument}[field_definition]"
            return _addition(_field_message(where, given["field_definition"]))
        if operation != "delete":
            raise ValueError(f"{argument}[operation] must be 'add' or 'delete', not {operation!r}")
        param = checked_keys(argument, given, "DeleteField", ("key", "operation"), ())
        return _deletion(non_empty(f"{argument}[key]", param["key"]))
    if isinstance(given, AddField):
        return _addition(_field_message(argument, given.definition))
    if isinstance(given, DeleteField):
        return _deletion(given.key)
    kind = type(given).__name__
    raise TypeError(f"{argument} must be an AddField, a DeleteField or a mapping, not {kind}")


def _addition(field: pb.FieldDefinition) -> pb.FieldDefinitionUpdate:
    operation = pb.FieldDefinitionOperation.FIELD_DEFINITION_ADD
    return pb.FieldDefinitionUpdate(field_definition=field, operation=operation)


def _deletion(key: str) -> pb.FieldDefinitionUpdate:
    operation = pb.FieldDefinitionOperation.FIELD_DEFINITION_DELETE
    return pb.FieldDefinitionUpdate(
        field_definition=pb.FieldDefinition(key=key), operation=operation
    )


def _check_distinct(argument: str, keys: Sequence[str]) -> None:
    for index, key in enumerate(keys):
        if key in keys[:index]:
            raise ValueError(f"{argument}[{index}] is for the same key as another one: {key!r}")


for _class in (
    AddField,
    DeleteField,
    FieldDefinition,
    FieldDefinitionAddParam,
    FieldDefinitionDeleteParam,
    FieldDefinitionParam,
):
    _class.__module__ = "xai.v1"
