"""Python functions that a model may call."""

import dataclasses
import enum
import inspect
import json
import math
from collections.abc import Callable, Mapping
from datetime import date
from typing import Generic, ParamSpec, TypeVar, cast
from uuid import UUID

import attrs

from xai._validation import check_bool, check_str
from xai.proto.base import Message
from xai.proto.xai_api import Function, Tool
from xai.v1.chat.errors import ToolArgumentsError
from xai.v1.structured import docstrings
from xai.v1.structured.analysis import analyse_function, inner_function, is_model
from xai.v1.structured.decode import MAX_DEPTH, parse_json, read_node
from xai.v1.structured.encode import plain
from xai.v1.structured.errors import InvalidShapeError
from xai.v1.structured.nodes import Record
from xai.v1.structured.schema import JsonValue, record_schema

P = ParamSpec("P")
R = TypeVar("R")


@attrs.frozen(eq=False, init=False)
class FunctionTool(Generic[P, R]):
    """A function together with what a model needs to know to call it.

    Calling it calls the function.

    Args:
        function: A function whose parameters are annotated and can be given by name.
        name: What the model calls it; the function's own name by default.
        description: What it does and when to use it; by default the docstring up to the first
            section.
        strict: Ask the service to keep exactly to the schema.

    Attributes:
        parameters: The JSON schema of the parameters.

    Raises:
        TypeError: A parameter has no annotation, or one without a form in JSON, or can't be given
            by name; the error names it.
        ValueError: The function has no name of its own and none is given.
    """

    function: Callable[P, R]
    name: str
    description: str
    strict: bool
    parameters: Mapping[str, JsonValue] = attrs.field(repr=False)
    _record: Record = attrs.field(repr=False)

    def __init__(
        self,
        function: Callable[P, R],
        /,
        *,
        name: str | None = None,
        description: str | None = None,
        strict: bool = False,
    ) -> None:
        if not callable(function):
            raise TypeError(f"function must be callable, not {type(function).__name__}")
        plain = inner_function(function)
        if name is None:
            name = str(getattr(plain, "__name__", ""))
            if not name.isidentifier():
                raise ValueError(f"name must be given for a function without one ({function!r})")
        check_str("name", name)
        if not name:
            raise ValueError("name must not be empty")
        if description is None:
            description = docstrings.summary(inspect.getdoc(plain))
        check_str("description", description)
        check_bool("strict", strict)
        record = analyse_function(function)
        self.__attrs_init__(function, name, description, strict, record_schema(record), record)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function."""
        return self.function(*args, **kwargs)

    @property
    def __wrapped__(self) -> Callable[P, R]:
        """The function, where `inspect.signature` and others look for it."""
        return self.function

    @property
    def is_async(self) -> bool:
        """Whether calling it gives a coroutine."""
        return inspect.iscoroutinefunction(self.function) or inspect.iscoroutinefunction(
            type(self.function).__call__
        )

    def to_proto(self) -> Tool:
        """Return the message that offers it to a model."""
        return Tool(
            function=Function(
                name=self.name,
                description=self.description,
                strict=self.strict,
                parameters=json.dumps(self.parameters),
            )
        )

    def arguments(self, text: str) -> dict[str, object]:
        """Return the arguments of a call, converted to what the parameters are annotated with.

        Args:
            text: A JSON object, as a model writes it; no text at all is an object without
                members. Parameters with a default may be missing, and stay missing.

        Raises:
            ToolArgumentsError: It is not JSON, or does not fit the parameters.
        """
        try:
            data = parse_json(text) if text.strip() else {}
            return cast("dict[str, object]", read_node(self._record, data))
        except InvalidShapeError as error:
            raise ToolArgumentsError(f"{self.name}: {error}") from error


def result_text(value: object) -> str:
    """Return the text that tells a model what a function returned.

    A string is sent as it is, anything else as JSON: besides JSON's own types dataclasses, attrs
    classes, pydantic models, messages of the API, named tuples, enums, tuples, sets (in the
    order of their items' JSON), dates, times and UUIDs.

    Raises:
        TypeError: The value, or one inside it, has no form in JSON; the error has its path.
    """
    if isinstance(value, str) and not isinstance(value, enum.Enum):
        return value
    return json.dumps(json_value(value), ensure_ascii=False)


def json_value(value: object) -> JsonValue:
    """Return the JSON data that `xai.v1.structured.decode.read` makes the value of.

    Raises:
        TypeError: The value, or one inside it, has no form in JSON; the error has its path.
    """
    return _plain(value, "the result", 0)


def _plain(  # noqa: PLR0911  # one for each kind of value
    value: object, path: str, depth: int
) -> JsonValue:
    if depth > MAX_DEPTH:
        raise TypeError(f"{path}: it is more than {MAX_DEPTH} levels deep, or contains itself")
    if isinstance(value, enum.Enum):
        return _plain(value.value, path, depth + 1)
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, (date, UUID)):  # a datetime is a date
        return value.isoformat() if isinstance(value, date) else str(value)
    if is_model(type(value)):
        dumped: JsonValue = json.loads(getattr(value, "model_dump_json")(by_alias=True))  # noqa: B009
        return dumped
    members = _members(value, path)
    if members is not None:
        return {
            name: _plain(member, f"{path}.{name}", depth + 1) for name, member in members.items()
        }
    if isinstance(value, (list, tuple, set, frozenset)):
        items = [_plain(item, f"{path}[{index}]", depth + 1) for index, item in enumerate(value)]
        return items if isinstance(value, (list, tuple)) else sorted(items, key=json.dumps)
    shown = repr(value) if isinstance(value, float) else type(value).__name__
    raise TypeError(f"{path}: {shown} has no form in JSON")


def _members(value: object, path: str) -> Mapping[str, object] | None:
    """Return what an object is made of, by name."""
    kind = type(value)
    if isinstance(value, Mapping):
        for name in value:
            if not isinstance(name, str):
                raise TypeError(f"{path}: names must be str, not {type(name).__name__}")
        return value
    if isinstance(value, Message):
        return plain(value)
    if attrs.has(kind):
        return {field.alias: getattr(value, field.name) for field in attrs.fields(kind)}
    if dataclasses.is_dataclass(kind):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(kind)}
    names = getattr(value, "_fields", None)
    if isinstance(value, tuple) and isinstance(names, tuple):
        return dict(zip(names, value, strict=True))
    return None


FunctionTool.__module__ = "xai.v1"
