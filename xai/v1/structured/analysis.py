"""From the hints of types and functions to nodes; what JSON can't express is refused by its path.

pydantic's models are recognised without importing pydantic: who has one has imported it.
"""

import dataclasses
import enum
import functools
import inspect
import math
import sys
import types
import typing
from collections import abc
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal, NewType, TypeGuard, Union, get_args, get_origin
from uuid import UUID

import attrs
from typing_extensions import TypeAliasType, is_typeddict

from xai.v1.structured import docstrings
from xai.v1.structured.members import QUALIFIERS, Member, hints_of, is_class, members_of, own_doc
from xai.v1.structured.nodes import (
    Anything,
    Choices,
    Described,
    Field,
    Fixed,
    Items,
    JsonScalar,
    Model,
    Node,
    OneOf,
    PydanticModel,
    Record,
    Scalar,
    Table,
)

_SCALARS: Final = (str, int, float, bool, type(None), date, datetime, UUID)
#: Abstract collections are filled with what their name promises, the most usual first.
_COLLECTIONS: Final[dict[type, Callable[[list[object]], object]]] = {
    list: list,
    abc.Sequence: list,
    abc.MutableSequence: list,
    abc.Collection: list,
    abc.Iterable: list,
    set: set,
    abc.MutableSet: set,
    frozenset: frozenset,
    abc.Set: frozenset,
}
_TABLES: Final = (dict, abc.Mapping, abc.MutableMapping)
#: Up to Python 3.13 the two are not the same class.
_ALIASES: Final = (TypeAliasType, getattr(typing, "TypeAliasType", TypeAliasType))
#: More aliases inside each other than this are one that contains itself.
_MAX_ALIASES: Final = 50


def analyse(shape: object) -> Node:
    """Return the node of a type.

    Raises:
        TypeError: JSON has no form for it, or for something in it, which is named by its path.
    """
    return _Analysis().node(shape, "shape")


def analyse_function(function: Callable[..., object]) -> Record:
    """Return the parameters of a function as an object, which is read as a dictionary.

    Raises:
        TypeError: A parameter can't be given by name, has no annotation, or one that JSON has no
            form for; it is named.
    """
    return _Analysis().parameters(function)


def parameter_hints(function: Callable[..., object]) -> dict[str, object]:
    """Return the annotations of a function by parameter, all names in them resolved."""
    plain: object = inner_function(function)
    if isinstance(plain, type):
        made = attrs.has(plain) or dataclasses.is_dataclass(plain)
        constructor = vars(plain).get("__init__")
        # A generated constructor has the hints of its class.
        plain = plain if made or constructor is None else constructor
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


def is_model(shape: object) -> TypeGuard[type[PydanticModel]]:
    """Tell whether this is a model class of pydantic, version 2."""
    base = getattr(sys.modules.get("pydantic"), "BaseModel", None)
    return (
        is_class(base)
        and is_class(shape)
        and issubclass(shape, base)
        and hasattr(shape, "model_json_schema")
    )


class _Analysis:
    """One analysis: classes that were met, and aliases that are being resolved."""

    def __init__(self) -> None:
        self._records: dict[type, Record] = {}
        self._aliases = 0

    def node(self, hint: object, path: str) -> Node:
        for recognise in (
            _scalar,
            _choices,
            self._annotated,
            self._alias,
            self._union,
            self._collection,
            _model,
            self._record,
        ):
            node = recognise(hint, path)
            if node is not None:
                return node
        raise TypeError(f"{path}: {_show(hint)} is not supported")

    def parameters(self, function: Callable[..., object]) -> Record:
        name = function_name(function)
        hints = parameter_hints(function)
        members: list[Member] = []
        try:
            signature = inspect.signature(function)
        except ValueError as error:
            raise TypeError(f"function: {name}: its parameters are not known") from error
        for parameter in signature.parameters.values():
            path = f"function: {name}({parameter.name})"
            if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
                kind = parameter.kind.description
                raise TypeError(f"{path}: a {kind} parameter can't be given by name")
            if parameter.name not in hints:
                raise TypeError(f"{path}: the parameter has no annotation")
            required = parameter.default is parameter.empty
            members.append((parameter.name, hints[parameter.name], required))
        texts = docstrings.items(
            inspect.getdoc(inner_function(function)), ("Args", "Arguments", "Parameters")
        )
        record = Record(name, "", dict, hashable=False)
        record.fields = tuple(self._fields(members, texts, f"function: {name}(", ")"))
        return record

    def _annotated(self, hint: object, path: str) -> Node | None:
        if get_origin(hint) in QUALIFIERS:
            return self.node(get_args(hint)[0], path)
        if get_origin(hint) is not Annotated:
            return None
        inner, *notes = get_args(hint)
        node = self.node(inner, path)
        # Foreign notes are for those who know them, says PEP 593.
        texts = [text for text in map(_note, notes) if text]
        return Described(node, texts[-1]) if texts else node

    def _alias(self, hint: object, path: str) -> Node | None:
        if isinstance(hint, NewType):
            return self.node(hint.__supertype__, path)
        if not isinstance(hint, _ALIASES):
            return None
        if self._aliases == _MAX_ALIASES:
            raise TypeError(f"{path}: an alias that contains itself ({hint}) is not supported")
        self._aliases += 1
        try:
            return self.node(getattr(hint, "__value__", None), path)
        finally:
            self._aliases -= 1

    def _union(self, hint: object, path: str) -> Node | None:
        if get_origin(hint) not in (Union, types.UnionType):
            return None
        return OneOf(tuple(self.node(member, path) for member in get_args(hint)))

    def _collection(self, hint: object, path: str) -> Node | None:
        origin = get_origin(hint) or hint
        if not is_class(origin):
            return None
        arguments = get_args(hint)
        if origin is tuple:
            return self._tuple(hint, arguments, path)
        if origin in _TABLES:
            key, value = arguments or (str, object)
            if key is not str:
                raise TypeError(f"{path}: names of members are strings, not {_show(key)}")
            return Table(self.node(value, f"{path}{{}}"))
        make = _COLLECTIONS.get(origin)
        if make is None:
            return None
        item = self.node(arguments[0] if arguments else object, f"{path}[]")
        unique = make in (set, frozenset)
        if unique and not _hashable(item):
            raise TypeError(f"{path}: the items of a set must be hashable")
        return Items(item, make, unique)

    def _tuple(self, hint: object, arguments: tuple[object, ...], path: str) -> Node:
        if not arguments and get_origin(hint) is None:
            return Items(Anything(), tuple, unique=False)
        if len(arguments) == 2 and arguments[1] is ...:
            return Items(self.node(arguments[0], f"{path}[]"), tuple, unique=False)
        items = () if arguments == ((),) else arguments  # Python 3.10 has tuple[()] so
        return Fixed(tuple(self.node(item, f"{path}[{i}]") for i, item in enumerate(items)))

    def _record(self, hint: object, path: str) -> Node | None:
        if not is_class(hint):
            return None
        known = self._records.get(hint)
        if known:
            return known
        path = f"shape: {hint.__name__}" if path == "shape" else path
        members = members_of(hint, path)
        if members is None:
            return None
        make = dict if is_typeddict(hint) else hint
        hashable = make is hint and hint.__hash__ is not None
        record = Record(hint.__name__, docstrings.summary(own_doc(hint)), make, hashable)
        self._records[hint] = record
        texts: dict[str, str] = {}
        for base in reversed(hint.__mro__):
            texts |= docstrings.items(own_doc(base), ("Attributes", "Args"))
        record.fields = tuple(self._fields(members, texts, f"{path}.", ""))
        return record

    def _fields(
        self, members: list[Member], texts: dict[str, str], before: str, after: str
    ) -> Iterator[Field]:
        for name, hint, required in members:
            node = self.node(hint, f"{before}{name}{after}")
            text = texts.get(name, "")
            if isinstance(node, Described):
                text = node.description
                node = node.inner
            yield Field(name, node, required, text)


def _scalar(hint: object, path: str) -> Node | None:
    # Our own alias for JSON values contains itself by this name, resolved or not.
    if "JsonValue" in (hint, getattr(hint, "__forward_arg__", None)) and path != "shape":
        return Anything()
    if isinstance(hint, str):
        raise TypeError(f"{path} must be a type, not the string {hint!r}")
    if hint is Any or hint is object:
        return Anything()
    shape = type(None) if hint is None else hint
    return next((Scalar(known) for known in _SCALARS if shape is known), None)


def _choices(hint: object, path: str) -> Node | None:
    if get_origin(hint) is Literal:
        values: list[object] = list(get_args(hint))
    elif is_class(hint) and issubclass(hint, enum.Enum) and len(hint):
        values = list(hint)
    else:
        return None
    pairs: list[tuple[JsonScalar, object]] = []
    for value in values:
        written = value.value if isinstance(value, enum.Enum) else value
        if not isinstance(written, JsonScalar) or (
            isinstance(written, float) and not math.isfinite(written)
        ):
            raise TypeError(f"{path}: the value {written!r} is not supported")
        pairs.append((written, value))
    return Choices(tuple(pairs))


def _model(hint: object, _path: str) -> Node | None:
    return Model(hint) if is_model(hint) else None


def _note(note: object) -> str | None:
    """Return the text of a note in `Annotated`: a string, or `typing_extensions.Doc`."""
    text = note if isinstance(note, str) else getattr(note, "documentation", None)
    return text if isinstance(text, str) else None


def _hashable(node: Node) -> bool:
    if isinstance(node, Described):
        return _hashable(node.inner)
    if isinstance(node, (Fixed, OneOf)):
        inner = node.items if isinstance(node, Fixed) else node.members
        return all(map(_hashable, inner))
    if isinstance(node, Items):
        return node.make in (tuple, frozenset) and _hashable(node.item)
    if isinstance(node, Record):
        return node.hashable
    return isinstance(node, (Scalar, Choices))


def _show(hint: object) -> str:
    return hint.__qualname__ if is_class(hint) else str(hint)
