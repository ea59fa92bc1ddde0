"""Annotations of classes and functions, with all names in them resolved."""

import dataclasses
import functools
import inspect
import operator
import types
from collections.abc import Callable
from typing import Annotated, Any, Union, cast, get_args, get_origin

import attrs
from typing_extensions import NotRequired, ReadOnly, Required, get_type_hints

_QUALIFIERS = (Required, NotRequired, ReadOnly)


def hints_of(owner: object, name: str) -> dict[str, object]:
    """Return the annotations of a class or function.

    Args:
        owner: The class or function.
        name: What errors call it.

    Raises:
        TypeError: A name is not known where the owner was made.
    """
    # The class knows itself, so that one made inside a function may contain itself.
    own = {owner.__name__: owner} if isinstance(owner, type) else None
    try:
        hints: dict[str, object] = get_type_hints(
            cast("type", owner), localns=own, include_extras=True
        )
    except (NameError, TypeError, SyntaxError, AttributeError) as error:
        raise TypeError(f"{name}: an annotation can't be resolved: {error}") from error
    return hints


def parameter_hints(function: Callable[..., object]) -> dict[str, object]:
    """Return the annotations of a function's parameters.

    Args:
        function: A function, a method, a class, or an object that can be called.

    Raises:
        TypeError: A name is not known where the function was made.
    """
    plain: object = inner_function(function)
    if isinstance(plain, type):
        made = attrs.has(plain) or dataclasses.is_dataclass(plain)
        constructor = vars(plain).get("__init__")
        # A generated constructor has the hints of its class.
        plain = plain if made or constructor is None else constructor
        if isinstance(plain, type) and attrs.has(plain):
            hints = hints_of(plain, f"function: {function_name(function)}")
            named = {field.alias: field.name for field in attrs.fields(plain)}
            return {alias: hints[name] for alias, name in named.items() if name in hints}
    elif not inspect.isroutine(plain):
        plain = type(plain).__call__
    return hints_of(plain, f"function: {function_name(function)}")


def inner_function(function: Callable[..., object]) -> Callable[..., object]:
    """Return what a `functools.partial` was made of; others are what they are."""
    while isinstance(function, functools.partial):
        function = function.func
    return function


def function_name(function: Callable[..., object]) -> str:
    """Return what a message calls a function."""
    return str(getattr(inner_function(function), "__qualname__", None) or repr(function))


def description_in(hint: object) -> str:
    """Return the description in a hint: the last text or `typing_extensions.Doc` around it."""
    while get_origin(hint) in _QUALIFIERS:
        hint = get_args(hint)[0]
    notes = hint.__metadata__ if get_origin(hint) is Annotated else ()  # type: ignore[attr-defined]
    texts = [text for text in map(_note, notes) if text]
    return texts[-1] if texts else ""


def _note(note: object) -> str | None:
    text = note if isinstance(note, str) else getattr(note, "documentation", None)
    return text if isinstance(text, str) else None


def type_parameters(shape: type, arguments: tuple[object, ...]) -> dict[object, object]:
    """Return what the type variables of a generic class and its bases stand for.

    Args:
        shape: The class.
        arguments: What stands in the brackets behind it; empty when nothing does.
    """
    found: dict[object, object] = dict(zip(_parameters(shape), arguments, strict=False))
    for base in shape.__dict__.get("__orig_bases__", ()):
        origin = get_origin(base)
        if isinstance(origin, type) and _parameters(origin):
            inner = tuple(replace(argument, found.get) for argument in get_args(base))
            found |= type_parameters(origin, inner)
    return found


def _parameters(shape: type) -> tuple[object, ...]:
    parameters: tuple[object, ...] | None = getattr(shape, "__parameters__", None)
    return parameters or ()


def annotated(hint: object, *notes: object) -> object:
    """Return a hint with notes."""
    made: object = operator.getitem(Annotated, (hint, *notes))
    return made


def replace(hint: object, change: "Callable[[Any], object | None]") -> object:
    """Return a hint in which some parts are others.

    Args:
        hint: The hint.
        change: Returns what takes the place of a part; None to leave it, and look inside.
    """
    try:
        changed = change(hint)
    except TypeError:  # what can't be looked up, such as a list
        changed = None
    if changed is not None:
        return changed
    old = get_args(hint)
    if not old or get_origin(hint) is None:
        return hint
    if get_origin(hint) is Annotated:
        inner = replace(old[0], change)
        return hint if inner is old[0] else annotated(inner, *old[1:])
    new = tuple(replace(part, change) for part in old)
    if all(one is other for one, other in zip(old, new, strict=True)):
        return hint
    return _rebuilt(hint, new)


def _rebuilt(hint: object, parts: tuple[object, ...]) -> object:
    if get_origin(hint) in (Union, types.UnionType):
        return Union[parts]  # noqa: UP007  # of parts that are known at run time only
    origin: Any = get_origin(hint)
    if isinstance(hint, types.GenericAlias):
        return types.GenericAlias(origin, parts)
    copy = getattr(hint, "copy_with", None)
    return copy(parts) if copy is not None else hint


def mentions_attrs(hint: object, seen: set[object] | None = None) -> bool:
    """Tell whether there is a class of attrs in a hint, or in the members of a class in it."""
    seen = set() if seen is None else seen
    origin = get_origin(hint)
    if origin is not None:
        parts = (origin, *(part for part in get_args(hint) if not isinstance(part, (str, bytes))))
        return any(mentions_attrs(part, seen) for part in parts)
    if not isinstance(hint, type) or hint in seen:
        value = getattr(hint, "__value__", getattr(hint, "__supertype__", None))
        return (
            value is not None and id(hint) not in seen and mentions_attrs(value, {*seen, id(hint)})
        )
    seen.add(hint)
    if attrs.has(hint):
        return True
    if not getattr(hint, "__annotations__", None):
        return False
    try:
        return any(mentions_attrs(member, seen) for member in hints_of(hint, "").values())
    except TypeError:  # pydantic may know names that can't be resolved here
        return False
