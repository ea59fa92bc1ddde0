"""Types and functions as pydantic sees them: their JSON schemas, and the reading of JSON."""

import inspect
import json
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from types import MethodType
from typing import TYPE_CHECKING, Final, Optional, cast, get_args

from pydantic import ValidationError
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticUserError
from pydantic.fields import FieldInfo
from pydantic_core import SchemaError, SchemaValidator

from xai._annotations import resolve_lazily
from xai.v1.structured.annotations import annotated, function_name, inner_function, parameter_hints
from xai.v1.structured.attrs_bridge import Member, core_of_members, core_of_type
from xai.v1.structured.docstrings import read_docstring
from xai.v1.structured.errors import InvalidShapeError
from xai.v1.structured.schema_generator import (
    ObjectFacts,
    QuietGenerator,
    SchemaGenerator,
    is_model,
)
from xai.v1.structured.surrogates import without_surrogate_escapes

if TYPE_CHECKING:
    from pydantic import BaseModel

    from xai.v1.structured.json_value import JsonValue

#: How much of a found value an error shows, in characters.
_SHOWN: Final = 64
#: What pydantic begins most of its messages with.
_SHOULD_BE: Final = "Input should be "
#: What can be wrong with a type: pydantic's errors, and what the author's own hooks raise.
_UNUSABLE: Final = (
    *(PydanticUserError, SchemaError),
    *(TypeError, ValueError, NameError, AttributeError, KeyError, RecursionError),
)


class Adapter:
    """The reading of one type, and the schema that asks a model for it.

    Args:
        shape: The type.

    Raises:
        TypeError: Pydantic does not know it, or JSON has no form for it.
    """

    def __init__(self, shape: object) -> None:
        if shape is not None and isinstance(shape, (str, int, float, list, dict)):
            raise TypeError(f"shape must be a type, not {shape!r}")
        self._shape = shape
        try:
            self._core = core_of_type(shape)
            self._validator = self._core.validator()
            self.schema = self._make_schema()
        except _UNUSABLE as error:
            raise TypeError(
                f"shape: {_show_type(shape)} is not supported: {_first_line(error)}"
            ) from error

    def _make_schema(self) -> "dict[str, JsonValue]":
        if is_model(self._shape):
            model = cast("type[BaseModel]", self._shape)
            try:
                return model.model_json_schema(schema_generator=QuietGenerator)
            except PydanticInvalidForJsonSchema:
                pass  # it may have a class of attrs in it
        return SchemaGenerator().generate(self._core.schema)

    def read_json(self, text: str) -> object:
        """Return the value that a JSON text stands for.

        Raises:
            InvalidShapeError: The text is not JSON, or does not fit the type; what pydantic says
                about it is the cause. A validator's own error may be any exception.
        """
        return _read(self._validator, text)


@lru_cache(maxsize=256)
def _known_adapter(shape: object, _written: str) -> Adapter:
    return Adapter(shape)


def adapter_of(shape: object) -> Adapter:
    """Return the adapter of a type, which is made once.

    Raises:
        TypeError: Pydantic does not know it, or JSON has no form for it.
    """
    try:
        hash(shape)
    except TypeError:
        return Adapter(shape)
    # Unions of the same members in another order are equal, and differ in what is tried first.
    return _known_adapter(shape, repr(shape))


class Parameters:
    """The parameters of a function, as a model gives them.

    Args:
        function: A function whose parameters are annotated and can be given by name.

    Raises:
        TypeError: A parameter has no annotation, or one that pydantic does not know or JSON has no
            form for, or can't be given by name; the error names it.
    """

    def __init__(self, function: Callable[..., object]) -> None:
        name = function_name(function)
        texts = read_docstring(inspect.getdoc(inner_function(function))).items
        members: dict[str, Member] = {}
        defaults: dict[str, object] = {}
        for parameter, hint in _offered(function, name):
            default = parameter.default
            required = default is parameter.empty
            if isinstance(default, FieldInfo):
                required, hint = default.is_required(), annotated(hint, default)  # noqa: PLW2901
            elif default is None:
                hint = Optional[hint]  # noqa: PLW2901, UP045
            if not required and not isinstance(default, FieldInfo):
                defaults[parameter.name] = default
            members[parameter.name] = Member(hint, required)
        try:
            core = core_of_members(name, members, ObjectFacts("", texts, defaults), extra="forbid")
            self._validator = core.validator()
            self.schema: dict[str, JsonValue] = SchemaGenerator().generate(core.schema)
        except _UNUSABLE as error:
            culprit = _culprit(name, members)
            raise TypeError(f"function: {culprit}: {_first_line(error)}") from error
        self.schema.setdefault("properties", {})

    def read_json(self, text: str) -> dict[str, object]:
        """Return the arguments that a JSON object stands for, by parameter.

        Args:
            text: The object. What has a default may be missing, and stays missing.

        Raises:
            InvalidShapeError: As for `Adapter.read_json`.
        """
        return cast("dict[str, object]", _read(self._validator, text))


def _offered(
    function: Callable[..., object], name: str
) -> "list[tuple[inspect.Parameter, object]]":
    """Return the parameters that are left to a model, with their hints."""
    hints = parameter_hints(function)
    try:
        signature = inspect.signature(function)
    except ValueError as error:
        raise TypeError(f"function: {name}: its parameters are not known") from error
    bound = bound_names(function)
    found: list[tuple[inspect.Parameter, object]] = []
    for parameter in signature.parameters.values():
        if parameter.name in bound:
            continue
        path = f"function: {name}({parameter.name})"
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            raise TypeError(
                f"{path}: a {parameter.kind.description} parameter can't be given by name"
            )
        if parameter.name not in hints:
            raise TypeError(f"{path}: the parameter has no annotation")
        found.append((parameter, hints[parameter.name]))
    return found


def bound_names(function: object) -> frozenset[str]:
    """Return the parameters that `functools.partial` gave by name, at any depth."""
    names: set[str] = set()
    while isinstance(function, (partial, MethodType)) or hasattr(function, "__wrapped__"):
        if isinstance(function, partial):
            names |= function.keywords.keys()
            function = function.func
        elif isinstance(function, MethodType):
            function = function.__func__
        else:
            function = function.__wrapped__
    return frozenset(names)


def _culprit(name: str, members: Mapping[str, Member]) -> str:
    """Return the parameter by which a function can't be offered, if it is alone to blame."""
    culprits = (parameter for parameter, member in members.items() if not _usable(member.hint))
    culprit = next(culprits, "")
    return f"{name}({culprit})" if culprit else name


def _usable(hint: object) -> bool:
    try:
        SchemaGenerator().generate(core_of_type(hint).schema)
    except _UNUSABLE:
        return False
    return True


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


def _read(validator: SchemaValidator, text: str) -> object:
    try:
        return validator.validate_json(without_surrogate_escapes(text))
    except ValidationError as error:
        raise _invalid(error) from error


def _invalid(error: ValidationError) -> InvalidShapeError:
    """Return our error for pydantic's, with its first and the number of the others."""
    first, *others = error.errors(include_url=False, include_context=False)
    path = "".join(map(_step, first["loc"])).removeprefix(".")
    kind, message, found = first["type"], first["msg"], show(first["input"])
    if kind == "json_invalid":
        expected, found = "JSON", f"{found} ({message})"
    elif kind.startswith("missing"):
        expected, found = "a value", "nothing"
    elif message.startswith(_SHOULD_BE):
        expected = message.removeprefix(_SHOULD_BE)
    else:
        expected = f"what is accepted ({message})"
    if others:
        found += f" (and {len(others)} more mistakes)"
    return InvalidShapeError(path, expected, found)


def _step(step: int | str) -> str:
    return f"[{step}]" if isinstance(step, int) else f".{step}"


def show(data: object) -> str:
    """Return a short description of JSON data, whatever its size."""
    if isinstance(data, dict):
        return f"an object of {len(data)} members"
    if isinstance(data, list):
        return f"a list of {len(data)} items"
    if isinstance(data, str):
        shown = json.dumps(data[:_SHOWN], ensure_ascii=False)
        return shown if len(data) <= _SHOWN else f"{shown}..."
    if data is None or isinstance(data, (bool, float)):
        return json.dumps(data)
    if isinstance(data, int):
        # An int with thousands of digits can't be written.
        return str(data) if data.bit_length() <= _SHOWN * 3 else "a very large integer"
    return type(data).__name__


def _show_type(shape: object) -> str:
    # Python 3.10 takes ``list[int]`` for a class.
    return shape.__qualname__ if isinstance(shape, type) and not get_args(shape) else str(shape)


resolve_lazily(globals())
