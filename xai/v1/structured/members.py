"""The members of classes that JSON has objects for, as the classes declare them."""

import dataclasses
from collections.abc import Iterator
from typing import Annotated, Final, TypeGuard, cast, get_args, get_origin

import attrs
from typing_extensions import NotRequired, ReadOnly, Required, get_type_hints, is_typeddict

#: A member as its class declares it: name in JSON, hint, whether it must be there.
Member = tuple[str, object, bool]

#: What may stand around the hint of a member of a `TypedDict`.
QUALIFIERS: Final = (Required, NotRequired, ReadOnly)


def is_class(shape: object) -> TypeGuard[type]:
    """Tell whether this is a class; Python 3.10 takes ``list[int]`` for one."""
    return isinstance(shape, type) and get_origin(shape) is None


def members_of(shape: type, path: str) -> list[Member] | None:
    """Return the members of a class of one of the known kinds, or None.

    Args:
        shape: A class.
        path: What errors call it.

    Raises:
        TypeError: A member has no annotation, or one that can't be resolved; it is named.
    """
    if is_typeddict(shape):
        required: frozenset[str] = getattr(shape, "__required_keys__", frozenset())
        return [
            (name, hint, _required(hint, default=name in required))
            for name, hint in hints_of(shape, path).items()
        ]
    if attrs.has(shape):
        return list(_attrs_members(shape, path))
    if dataclasses.is_dataclass(shape):
        return list(_dataclass_members(shape, path))
    names = getattr(shape, "_fields", None)
    if issubclass(shape, tuple) and isinstance(names, tuple):
        defaults: dict[str, object] = getattr(shape, "_field_defaults", {})
        hints = hints_of(shape, path)
        return [
            (name, _annotation(hints.get(name), f"{path}.{name}"), name not in defaults)
            for name in names
        ]
    return None


def _attrs_members(shape: type, path: str) -> Iterator[Member]:
    hints = hints_of(shape, path)
    for field in attrs.fields(shape):
        if field.init:
            hint = _annotation(hints.get(field.name, field.type), f"{path}.{field.name}")
            # The name that the constructor knows: a leading underscore is not part of it.
            yield field.alias, hint, field.default is attrs.NOTHING


def _dataclass_members(shape: type, path: str) -> Iterator[Member]:
    hints = hints_of(shape, path)
    for name, hint in hints.items():
        if hint is dataclasses.InitVar or isinstance(hint, dataclasses.InitVar):
            raise TypeError(f"{path}.{name}: InitVar is not supported")
    for field in dataclasses.fields(shape):
        if field.init:
            absent = field.default is field.default_factory is dataclasses.MISSING
            yield field.name, hints[field.name], absent


def _annotation(hint: object, path: str) -> object:
    if hint is None:
        raise TypeError(f"{path}: the field has no annotation")
    return hint


def hints_of(owner: object, path: str) -> dict[str, object]:
    """Return the annotations of a class or function, all names in them resolved.

    Args:
        owner: The class or function.
        path: What errors call it.

    Raises:
        TypeError: A name is not known where the owner was made.
    """
    # The class knows itself, so that one made inside a function may contain itself.
    own = {owner.__name__: owner} if isinstance(owner, type) else None
    try:
        hints: dict[str, object] = get_type_hints(
            cast("type", owner), localns=own, include_extras=True
        )
    except (NameError, TypeError, SyntaxError) as error:
        raise TypeError(f"{path}: an annotation can't be resolved: {error}") from error
    return hints


def _required(hint: object, *, default: bool) -> bool:
    """Tell what the outermost of `Required` and `NotRequired` says, at any depth."""
    while get_origin(hint) in (Annotated, *QUALIFIERS):
        if get_origin(hint) in (Required, NotRequired):
            return get_origin(hint) is Required
        hint = get_args(hint)[0]
    return default


def own_doc(shape: type) -> str | None:
    """Return the docstring that the author of the class wrote, if any."""
    doc = shape.__dict__.get("__doc__")
    # Dataclasses and named tuples get their signature, enums of Python 3.10 a platitude.
    if isinstance(doc, str) and not doc.startswith(f"{shape.__name__}("):
        return doc
    return None
