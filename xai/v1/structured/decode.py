"""From JSON to values of Python types, by the rules of `xai.v1.structured.schema` and no looser.

What the network sends is bounded here: JSON nested more than `MAX_DEPTH` deep is refused, and
a union reads each part of a value once, however its members overlap.
"""

import itertools
import json
import math
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import Final, NoReturn, TypeVar, cast
from uuid import UUID

from xai.v1.structured.analysis import analyse, is_model
from xai.v1.structured.errors import InvalidShapeError
from xai.v1.structured.nodes import (
    Choices,
    Described,
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
from xai.v1.structured.schema import JsonValue

T = TypeVar("T")

#: How deep lists and objects may be inside each other; protobuf has the same limit for messages.
MAX_DEPTH: Final = 100
#: How much of a found value an error shows, in characters.
_SHOWN: Final = 64
#: A string, with its escapes, or one bracket.
_BRACKETS: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[][{}]', re.DOTALL)
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
#: RFC 3339, section 5.6; the zone may be missing.
_DATETIME: Final = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ](?P<time>[0-9]{2}:[0-9]{2}:[0-9]{2})"
    r"(?:\.(?P<fraction>[0-9]{1,9}))?"
    r"(?:(?P<utc>[Zz])|(?P<sign>[+-])(?P<hours>[0-9]{2}):(?P<minutes>[0-9]{2}))?"
)
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def read(shape: type[T], data: JsonValue, path: str = "") -> T:
    """Return the value of a type that JSON data stands for.

    Nothing is guessed: a number in a string is not a number, an unknown member of a class is an
    error. A number without a fraction is an int, as in JSON Schema. Times may have a zone or
    not, as they are written; digits after the microseconds are cut off. A pydantic model reads
    by its own rules for JSON.

    Args:
        shape: Any type that `schema_of` accepts.
        data: What `json.loads` makes of the text.
        path: What errors call the data; the names of members are added to it.

    Raises:
        InvalidShapeError: The data does not fit; the error has the path, what was expected and
            what was found.
        TypeError: The type has no form in JSON.
    """
    return cast("T", read_node(analyse(shape), data, path))


def read_json(shape: type[T], text: str) -> T:
    """Return the value of a type that a JSON text stands for, by the rules of `read`.

    Raises:
        InvalidShapeError: The text is not JSON, or does not fit the type.
        TypeError: The type has no form in JSON.
    """
    if is_model(shape):
        return cast("T", _model(shape, text, ""))
    return cast("T", read_node(analyse(shape), parse_json(text)))


def read_node(node: Node, data: JsonValue, path: str = "") -> object:
    """Return the value that JSON data stands for, by an analysis made before."""
    return _Reader().read(node, data, path, 0)


def parse_json(text: str) -> JsonValue:
    """Return the data of a JSON text.

    Raises:
        InvalidShapeError: It is not JSON (RFC 8259), or nested deeper than `MAX_DEPTH`.
    """
    if nesting(text) > MAX_DEPTH:
        raise InvalidShapeError("", f"JSON at most {MAX_DEPTH} levels deep", "deeper JSON")
    try:
        data: JsonValue = json.loads(text, parse_constant=_refuse_constant)
    except ValueError as error:  # also for an int with thousands of digits
        found = f"{show(text)} ({error})"
        raise InvalidShapeError("", "JSON", found) from error
    return data


def nesting(text: str) -> int:
    """Return how deep the lists and objects of a JSON text are inside each other."""
    steps = ({"[": 1, "{": 1, "]": -1, "}": -1}.get(token, 0) for token in _BRACKETS.findall(text))
    return max(itertools.accumulate(steps, initial=0))


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


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


class _Reader:
    """The reading of one value."""

    def __init__(self) -> None:
        # Without it, unions inside unions would take exponential time.
        self._unions: dict[tuple[int, int], object] = {}

    def read(  # noqa: PLR0911  # one case for each kind
        self, node: Node, data: JsonValue, path: str, depth: int
    ) -> object:
        if depth > MAX_DEPTH:
            raise InvalidShapeError(path, f"at most {MAX_DEPTH} levels", show(data))
        match node:
            case Scalar() | Choices():
                return _simple(node, data, path)
            case Record():
                return self._record(node, data, path, depth)
            case Items() | Fixed():
                return self._list(node, data, path, depth)
            case Table():
                return self._table(node, data, path, depth)
            case OneOf():
                return self._union(node, data, path, depth)
            case Described():
                return self.read(node.inner, data, path, depth)
            case Model():
                return _model(node.shape, json.dumps(data), path)
        return data

    def _record(self, node: Record, data: JsonValue, path: str, depth: int) -> object:
        if not isinstance(data, dict):
            raise InvalidShapeError(path, expected(node), show(data))
        values: dict[str, object] = {}
        for field in node.fields:
            inner = f"{path}.{field.name}" if path else field.name
            if field.name in data:
                values[field.name] = self.read(field.node, data[field.name], inner, depth + 1)
            elif field.required:
                raise InvalidShapeError(inner, expected(field.node), "nothing")
        if len(values) < len(data):
            names = [field.name for field in node.fields]
            unknown = next(name for name in data if name not in names)
            wanted = f"only the members {', '.join(names)}" if names else "no members"
            raise InvalidShapeError(path, wanted, show(unknown))
        try:
            return node.make(**values)
        except (ValueError, TypeError) as error:
            accepted = f"what {node.name} accepts"
            raise InvalidShapeError(path, accepted, f"{show(data)} ({error})") from error

    def _list(self, node: Items | Fixed, data: JsonValue, path: str, depth: int) -> object:
        if not isinstance(data, list):
            raise InvalidShapeError(path, expected(node), show(data))
        if isinstance(node, Items):
            nodes: tuple[Node, ...] = (node.item,) * len(data)
        else:
            nodes = node.items
            if len(nodes) != len(data):
                raise InvalidShapeError(path, expected(node), show(data))
        values = [
            self.read(item, value, f"{path}[{index}]", depth + 1)
            for index, (item, value) in enumerate(zip(nodes, data, strict=True))
        ]
        if isinstance(node, Fixed):
            return tuple(values)
        if node.unique and _repeated(values, path):
            raise InvalidShapeError(path, "items that differ", show(data))
        return node.make(values)

    def _table(self, node: Table, data: JsonValue, path: str, depth: int) -> object:
        if not isinstance(data, dict):
            raise InvalidShapeError(path, expected(node), show(data))
        made: dict[str, object] = {}
        for name, value in data.items():
            if not isinstance(name, str):
                raise InvalidShapeError(path, "names that are strings", show(name))
            made[name] = self.read(node.value, value, f"{path}[{show(name)}]", depth + 1)
        return made

    def _union(self, node: OneOf, data: JsonValue, path: str, depth: int) -> object:
        if not isinstance(data, (list, dict)):
            return self._first(node, data, path, depth)
        key = (id(node), id(data))  # both live until the end of the reading
        if key not in self._unions:
            try:
                self._unions[key] = self._first(node, data, path, depth)
            except InvalidShapeError as error:
                self._unions[key] = error
        outcome = self._unions[key]
        if isinstance(outcome, InvalidShapeError):
            raise outcome
        return outcome

    def _first(self, node: OneOf, data: JsonValue, path: str, depth: int) -> object:
        """Return what the first fitting member makes; of int and float the one that is meant."""
        errors: list[InvalidShapeError] = []
        for member in sorted(node.members, key=lambda member: not _is_number(member, data)):
            try:
                return self.read(member, data, path, depth)
            except InvalidShapeError as error:  # noqa: PERF203  # that is how members are tried
                errors.append(error)
        # The member that was meant is, most likely, the one that fits the farthest.
        where = max((error.path for error in errors), key=len)
        if len(where) > len(path):
            there = [error for error in errors if error.path == where]
            wanted = " or ".join(dict.fromkeys(error.expected for error in there))
            raise InvalidShapeError(where, wanted, there[0].found) from there[0]
        raise InvalidShapeError(path, expected(node), show(data))


def _repeated(values: list[object], path: str) -> bool:
    try:
        return len(set(values)) < len(values)
    except TypeError as error:  # a frozen class with a list in it shows only now
        raise InvalidShapeError(path, "items that can be in a set", str(error)) from error


def expected(node: Node) -> str:
    """Return what an error says about a node."""
    match node:
        case Scalar():
            return _NAMES[node.shape]
        case Choices():
            return f"one of {', '.join(show(written) for written, _ in node.pairs)}"
        case Fixed():
            return f"a list of {len(node.items)} items"
        case OneOf():
            return " or ".join(dict.fromkeys(map(expected, node.members)))
        case Described():
            return expected(node.inner)
    return "a list" if isinstance(node, Items) else "an object"


def _is_number(node: Node, data: JsonValue) -> bool:
    while isinstance(node, Described):
        node = node.inner
    return isinstance(node, Scalar) and type(data) is node.shape in (int, float)


def _simple(node: Scalar | Choices, data: JsonValue, path: str) -> object:
    if isinstance(node, Choices):
        for written, value in node.pairs:
            if _same(written, data):
                return value
        raise InvalidShapeError(path, expected(node), show(data))
    try:
        return _SCALARS[node.shape](data)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidShapeError(path, expected(node), show(data)) from error


def _same(written: JsonScalar, data: JsonValue) -> bool:
    """Tell whether two values are one in JSON, where true is not 1, and 1.0 is."""
    return isinstance(written, bool) == isinstance(data, bool) and written == data


def _model(shape: type[PydanticModel], text: str, path: str) -> object:
    try:
        return shape.model_validate_json(text)
    except ValueError as error:
        where, problem = path, str(error)
        errors = getattr(error, "errors", None)
        if callable(errors):
            first = errors(include_url=False)[0]
            where += "".join(_step(step) for step in first["loc"])
            problem = f"{show(first['input'])} ({first['msg']})"
        wanted = f"what {shape.__name__} accepts"
        raise InvalidShapeError(where.removeprefix("."), wanted, problem) from error


def _step(step: int | str) -> str:
    return f"[{step}]" if isinstance(step, int) else f".{step}"


def _exactly(shape: type) -> Callable[[JsonValue], object]:
    def convert(data: JsonValue) -> object:
        if type(data) is not shape:
            raise TypeError
        return data

    return convert


def _int(data: JsonValue) -> object:
    if isinstance(data, float) and data.is_integer():
        return int(data)
    return _exactly(int)(data)


def _float(data: JsonValue) -> object:
    if isinstance(data, bool) or not isinstance(data, (int, float)):
        raise TypeError
    if not math.isfinite(data):
        raise ValueError
    return float(data)


def _text(data: JsonValue, pattern: "re.Pattern[str]") -> "re.Match[str]":
    match = pattern.fullmatch(data) if isinstance(data, str) else None
    if match is None:
        raise ValueError
    return match


def _datetime(data: JsonValue) -> object:
    match = _text(data, _DATETIME)
    microseconds = int((match["fraction"] or "").ljust(6, "0")[:6])
    moment = datetime.fromisoformat(f"{match['date']}T{match['time']}")
    moment = moment.replace(microsecond=microseconds)
    if match["utc"]:
        return moment.replace(tzinfo=timezone.utc)
    if not match["sign"]:
        return moment
    if int(match["minutes"]) > 59:
        raise ValueError
    offset = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"]))
    return moment.replace(tzinfo=timezone(-offset if match["sign"] == "-" else offset))


_SCALARS: Final[dict[type, Callable[[JsonValue], object]]] = {
    str: _exactly(str),
    int: _int,
    float: _float,
    bool: _exactly(bool),
    type(None): _exactly(type(None)),
    date: lambda data: date.fromisoformat(_text(data, _DATE)[0]),
    datetime: _datetime,
    UUID: lambda data: UUID(_text(data, _UUID)[0]),
}
_NAMES: Final = {
    str: "a string",
    int: "an integer",
    float: "a number",
    bool: "true or false",
    type(None): "null",
    date: "a date (YYYY-MM-DD)",
    datetime: "a date and time (RFC 3339)",
    UUID: "a UUID",
}
