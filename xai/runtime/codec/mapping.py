"""Messages as dictionaries: protobuf's JSON mapping, and one of Python's own values.

The rules are those of https://protobuf.dev/programming-guides/json, as Google's ``json_format``
follows them. Where it fails (a timestamp of the year 10000, say), the value is kept all the same.
"""

# ruff: noqa: ANN401  # values can be anything

import base64
import binascii
import math
import re
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple, TypeVar

import betterproto
from betterproto.casing import safe_snake_case

from xai.runtime.codec import api
from xai.runtime.codec.fields import CURRENT, ON_WIRE, UNKNOWN, UNSET, Field, fields_of, values_of
from xai.runtime.codec.times import EPOCH, NO_TIME, read_span, read_time, span_text, time_text
from xai.runtime.codec.wire import INTEGERS, ZEROS

M = TypeVar("M", bound=betterproto.Message)
Casing = Callable[..., str]
#: Returns the class of a message by its full name; None when it is not known.
Find = Callable[[str], "type[betterproto.Message] | None"]

_LARGE: Final = frozenset({"int64", "uint64", "sint64", "fixed64", "sfixed64"})
_RANGES: Final = {
    **INTEGERS,
    "fixed32": INTEGERS["uint32"],
    "fixed64": INTEGERS["uint64"],
    "sfixed32": INTEGERS["int32"],
    "sfixed64": INTEGERS["int64"],
}
_FLOATS: Final = frozenset({"float", "double"})
_WELL_KNOWN: Final = "betterproto.lib."
_FLOAT: Final = struct.Struct("<f")


class _Entry(NamedTuple):
    """A field and its names."""

    field: Field
    json_name: str
    proto_name: str


class _Table:
    """How messages of a class become dictionaries.

    Args:
        cls: The class.
    """

    def __init__(self, cls: type[betterproto.Message]) -> None:
        #: In the order of their numbers.
        self.entries = [_entry(field) for field in fields_of(cls)]
        #: By all names that a field may have in a dictionary.
        self.by_key: dict[str, _Entry] = {}
        for entry in self.entries:
            for key in (entry.field.name, entry.proto_name, entry.json_name):
                self.by_key[key] = entry

    def find(self, key: str) -> _Entry | None:
        """Return the field of a key, None when there is none."""
        return self.by_key.get(key) or self.by_key.get(safe_snake_case(key))


def _entry(field: Field) -> _Entry:
    # A name that is a keyword of Python has an underscore behind.
    name = field.name.rstrip("_")
    first, *words = name.split("_")
    return _Entry(field, first + "".join(word[:1].upper() + word[1:] for word in words), name)


class _Tables(dict[type[betterproto.Message], _Table]):
    def __missing__(self, cls: type[betterproto.Message]) -> _Table:
        table = self[cls] = _Table(cls)
        return table


_TABLES: Final = _Tables()


# --- to dictionaries ------------------------------------------------------------------------------


class Writer:
    """Makes dictionaries of messages.

    Args:
        casing: Makes the key of a field from its name; betterproto's two stand for the names in
            JSON and those in the .proto file.
        defaults: Whether fields without presence are there when they are not set.
        find: Finds the messages that a ``google.protobuf.Any`` may hold.
    """

    def __init__(self, casing: Casing, find: Find, *, defaults: bool) -> None:
        self._casing = casing
        self._defaults = defaults
        self._find = find

    def to_json(self, message: betterproto.Message) -> dict[str, Any]:
        """Return a message as JSON has it."""
        return self._mapped(message, self._json_value)

    def to_python(self, message: betterproto.Message) -> dict[str, Any]:
        """Return a message as a dictionary of Python's own values."""
        return self._mapped(message, self._python_value)

    def _mapped(
        self, message: betterproto.Message, convert: Callable[[Field, Any], Any]
    ) -> dict[str, Any]:
        found: dict[str, Any] = {}
        text_keys = convert == self._json_value
        for entry, value in present_fields(message, defaults=self._defaults):
            field, name = entry.field, self._name(entry)
            if field.key:
                found[name] = {
                    _key_text(key) if text_keys else key: convert(field, item)
                    for key, item in value.items()
                }
            elif field.repeated:
                found[name] = [convert(field, item) for item in value]
            else:
                found[name] = convert(field, value)
        return found

    def _name(self, entry: _Entry) -> str:
        if self._casing is betterproto.Casing.CAMEL:
            return entry.json_name
        if self._casing is betterproto.Casing.SNAKE:
            return entry.proto_name
        return self._casing(entry.proto_name).rstrip("_")

    def _python_value(self, field: Field, value: Any) -> Any:
        return self.to_python(value) if field.kind == "message" else value

    def _json_value(self, field: Field, value: Any) -> Any:
        if field.kind == "message":
            return self._json_message(value)
        if field.kind == "wrapper":
            return _json_scalar(field.wraps, value)
        return _json_scalar(field.kind, value)

    def _json_message(self, message: betterproto.Message) -> Any:
        cls = type(message)
        if cls.__module__.startswith(_WELL_KNOWN):
            if cls.__name__ == "Struct":
                fields = _value(message, "fields") or {}
                return {key: self._json_message(item) for key, item in fields.items()}
            if cls.__name__ == "ListValue":
                return [self._json_message(item) for item in _value(message, "values") or ()]
            if cls.__name__ == "Value":
                return self._json_any_value(message)
            if cls.__name__ == "Any":
                return self._json_any(message)
        return self.to_json(message)

    def _json_any_value(self, message: betterproto.Message) -> Any:
        name, value = betterproto.which_one_of(message, "kind")
        if value is not None and name in ("struct_value", "list_value"):
            return self._json_message(value)
        if name == "number_value":
            return _json_scalar("double", value)
        return value if name in ("string_value", "bool_value") else None

    def _json_any(self, message: betterproto.Message) -> dict[str, Any]:
        url, data = _value(message, "type_url") or "", _value(message, "value") or b""
        if not url and not data:
            return {}
        cls = self._find(url.rpartition("/")[2])
        if cls is not None:
            try:
                return {"@type": url, **self.to_json(api.decode(cls, data))}
            except api.DecodeError:
                pass
        # Of a type that this package has not: its bytes, rather than an error.
        return {"@type": url, "value": _json_scalar("bytes", data)}


def present_fields(
    message: betterproto.Message, *, defaults: bool = False
) -> Iterator[tuple[_Entry, Any]]:
    """Yield what is set in a message, as it would be sent, without making values by looking.

    Args:
        message: The message.
        defaults: Yield fields without presence also when they are not set.
    """
    values = values_of(message)
    books = values.get(CURRENT)
    for entry in _TABLES[type(message)].entries:
        field = entry.field
        value = values.get(field.name)
        if field.group and books and books.get(field.group) != field.name:
            continue
        if value is not None and value is not UNSET and _is_present(field, value):
            yield entry, value
        elif defaults and not field.explicit and field.default is UNSET:
            if field.key:
                yield entry, {}
            elif field.repeated:
                yield entry, []
            elif field.kind == "enum":
                yield entry, field.cls.try_value(0)
            elif field.kind in ZEROS:
                yield entry, ZEROS[field.kind]


def _is_present(field: Field, value: Any) -> bool:
    if field.key or field.repeated:
        return bool(value)
    if field.explicit:
        return True
    if field.kind == "message":
        values = values_of(value)
        return bool(
            values.get(ON_WIRE, True)
            or values.get(UNKNOWN)
            or next(present_fields(value), None) is not None
        )
    if field.kind in ("timestamp", "duration", "wrapper"):
        return value is not EPOCH and value is not NO_TIME
    # A negative zero is sent, too.
    return bool(value) or (field.kind in _FLOATS and math.copysign(1.0, value) < 0)


def _value(message: betterproto.Message, name: str) -> Any:
    """Return the value of a field; None when it is not set."""
    value = values_of(message).get(name)
    return None if value is UNSET else value


def _key_text(key: Any) -> str:
    return ("true" if key else "false") if isinstance(key, bool) else str(key)


def _json_scalar(kind: str, value: Any) -> Any:
    convert = _TO_JSON.get(kind)
    if convert is not None:
        return convert(value)
    return value if kind in ("bool", "string") else int(value)


def _enum_name(value: Any) -> Any:
    name = getattr(value, "name", None)
    return int(value) if name is None else name


def _json_number(kind: str, value: Any) -> float | str:
    number = float(value)
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if kind == "double":
        return number
    # The fewest digits that are the same number in 32 bits.
    (narrow,) = _FLOAT.unpack(_FLOAT.pack(number))
    for digits in range(6, 9):
        short = float(f"{narrow:.{digits}g}")
        if _narrow(short) == narrow:
            return short
    return float(f"{narrow:.9g}")


def _narrow(number: float) -> float | None:
    """Return a number as it is in 32 bits; None when it is out of their range."""
    try:
        narrow: float = _FLOAT.unpack(_FLOAT.pack(number))[0]
    except OverflowError:
        return None
    return narrow


_TO_JSON: Final[dict[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(_LARGE, lambda value: str(int(value))),
    "double": lambda value: _json_number("double", value),
    "float": lambda value: _json_number("float", value),
    "enum": _enum_name,
    "bytes": lambda value: base64.b64encode(value).decode(),
    "timestamp": time_text,
    "duration": span_text,
}


# --- from dictionaries ----------------------------------------------------------------------------


class Reader:
    """Fills messages from dictionaries.

    Args:
        find: As for `Writer`.
    """

    def __init__(self, find: Find) -> None:
        self._find = find

    def from_json(self, message: M, mapping: Mapping[str, Any]) -> M:
        """Fill a message with what protobuf's JSON mapping says.

        Keys that no field has are left out, as a newer server may have more of them.

        Raises:
            ValueError: A value does not fit its field; the text names the field.
            TypeError: It is of the wrong type.
        """
        if not isinstance(mapping, Mapping):
            raise TypeError(f"a dict is expected, not {type(mapping).__name__}")
        cls = type(message)
        table, seen, members = _TABLES[cls], set[str](), set[str]()
        for key, value in mapping.items():
            entry = table.find(key)
            if entry is None:
                continue
            field = entry.field
            where = f"{cls.__name__}.{field.name}"
            if field.name in seen:
                raise ValueError(f"{where}: it is there twice")
            seen.add(field.name)
            if value is None and not _takes_null(field):
                # Not set; for a field that was set before this call, not set any more.
                values_of(message).pop(field.name, None)
                continue
            if field.group:
                if field.group in members:
                    raise ValueError(f"{where}: another member of its oneof is there as well")
                members.add(field.group)
            try:
                found = self._field(field, value)
            except (TypeError, ValueError, OverflowError) as error:
                public = TypeError if isinstance(error, TypeError) else ValueError
                raise public(_nested_text(where, error)) from None
            setattr(message, field.name, found)
        message._serialized_on_wire = True  # noqa: SLF001  # betterproto's mark
        return message

    def _field(self, field: Field, value: Any) -> Any:
        if field.key:
            if not isinstance(value, Mapping):
                raise TypeError(f"a dict is expected, not {type(value).__name__}")
            return {
                _read_key(field.key, key): self._item(field, item) for key, item in value.items()
            }
        if field.repeated:
            if not isinstance(value, (list, tuple)):
                raise TypeError(f"a list is expected, not {type(value).__name__}")
            return [self._item(field, item) for item in value]
        return self._value(field, value)

    def _item(self, field: Field, value: Any) -> Any:
        if value is None and not _takes_null(field):
            raise TypeError("null is not expected in a list or a dict")
        return self._value(field, value)

    def _value(self, field: Field, value: Any) -> Any:
        if field.kind == "message":
            return self._message(field.cls, value)
        if field.kind == "wrapper":
            return _read_scalar(field.wraps, None, value)
        return _read_scalar(field.kind, field.cls, value)

    def _message(self, cls: Any, value: Any) -> Any:
        if cls.__module__.startswith(_WELL_KNOWN):
            if cls.__name__ == "Struct" and isinstance(value, Mapping):
                kind = _kind_in(cls, "fields")
                return cls(fields={key: self._message(kind, item) for key, item in value.items()})
            if cls.__name__ == "ListValue" and isinstance(value, (list, tuple)):
                kind = _kind_in(cls, "values")
                return cls(values=[self._message(kind, item) for item in value])
            if cls.__name__ == "Value":
                return self._any_value(cls, value)
            if cls.__name__ == "Any":
                return self._any(cls, value)
        return self.from_json(cls(), value)

    def _any_value(self, cls: Any, value: Any) -> Any:
        if value is None:
            return cls(null_value=0)
        if isinstance(value, bool):
            return cls(bool_value=value)
        if isinstance(value, str):
            return cls(string_value=value)
        if isinstance(value, (int, float)):
            return cls(number_value=float(value))
        name = "struct_value" if isinstance(value, Mapping) else "list_value"
        return cls(**{name: self._message(_kind_in(cls, name), value)})

    def _any(self, cls: Any, value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise TypeError(f"a dict is expected, not {type(value).__name__}")
        if not value:
            return cls()
        rest = dict(value)
        url = rest.pop("@type", None)
        if not isinstance(url, str):
            raise ValueError("the type of the message is missing")  # noqa: TRY004  # as any key
        known = self._find(url.rpartition("/")[2])
        plain = set(rest) == {"value"} and isinstance(rest["value"], str)
        if known is not None and not (plain and _TABLES[known].find("value") is None):
            return cls(type_url=url, value=api.encode(self.from_json(known(), rest)))
        if not plain:
            raise ValueError("the type of the message is not known")
        return cls(type_url=url, value=_read_scalar("bytes", None, rest["value"]))

    def from_python(self, message: M, mapping: Mapping[str, Any]) -> M:
        """Add to a message what a dictionary of Python's own values says."""
        table = _TABLES[type(message)]
        for key, value in mapping.items():
            entry = table.find(key)
            if entry is None or value is None:
                continue
            field = entry.field
            sub = field.kind == "message"
            found = self._from_python(message, field, value) if sub else value
            setattr(message, field.name, found)
        message._serialized_on_wire = True  # noqa: SLF001  # betterproto's mark
        return message

    def _from_python(self, message: betterproto.Message, field: Field, value: Any) -> Any:
        before = _value(message, field.name)
        if field.key:
            added = {k: self.from_python(field.cls(), item) for k, item in value.items()}
            return {**(before or {}), **added}
        if field.repeated:
            return [*(before or ()), *(self.from_python(field.cls(), item) for item in value)]
        return self.from_python(field.cls() if before is None else before, value)


def unique(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON.

    Raises:
        ValueError: It has a key twice.
    """
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError("an object has the same key twice")
        found[key] = value
    return found


def _nested_text(where: str, error: Exception) -> str:
    """Return a text that names the innermost field only, as that of the encoder does."""
    text = str(error)
    return text if _NAMED.match(text) else f"{where}: {text}"


_NAMED: Final = re.compile(r"\w+\.\w+: ")


def _takes_null(field: Field) -> bool:
    cls = field.cls
    return (
        field.kind in ("message", "enum")
        and cls.__module__.startswith(_WELL_KNOWN)
        and cls.__name__ in ("Value", "NullValue")
    )


def _kind_in(cls: type[betterproto.Message], name: str) -> Any:
    return _TABLES[cls].by_key[name].field.cls


def _read_key(kind: str, key: Any) -> Any:
    if kind == "bool" and key in ("true", "false"):
        return key == "true"
    return _read_scalar(kind, None, key)


def _read_scalar(kind: str, cls: Any, value: Any) -> Any:
    if kind == "enum":
        return _read_enum(cls, value)
    if kind in _FLOATS:
        return _read_float(kind, value)
    if kind in _RANGES:
        return _read_integer(kind, value)
    if kind in ("timestamp", "duration"):
        read, own = (read_time, datetime) if kind == "timestamp" else (read_span, timedelta)
        return value if isinstance(value, own) else read(_checked(value, str))
    if kind == "bytes":
        return value if isinstance(value, bytes) else _read_base64(_checked(value, str))
    return _checked(value, bool if kind == "bool" else str)


def _checked(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"{kind.__name__} is expected, not {type(value).__name__}")
    return value


def _read_base64(text: str) -> bytes:
    try:
        data = text.replace("-", "+").replace("_", "/").rstrip("=")
        return base64.b64decode(data + "=" * (-len(data) % 4), validate=True)
    except binascii.Error:
        raise ValueError("it is not base64") from None


_INTEGER: Final = re.compile(r"-?[0-9]{1,20}")


def _read_integer(kind: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise TypeError(f"a number is expected, not {type(value).__name__}")
    whole = _INTEGER.fullmatch(value) if isinstance(value, str) else value == value // 1
    if not whole:
        raise ValueError("a whole number is expected")
    number = int(value)
    low, high = _RANGES[kind]
    if not low <= number <= high:
        raise ValueError(f"the number is out of the range of {kind}")
    return number


def _read_float(kind: str, value: Any) -> float:
    if isinstance(value, str):
        # Python has the same words for what is no number.
        number = float(value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        number = float(value)
    else:
        raise TypeError(f"a number is expected, not {type(value).__name__}")
    if kind == "float" and _narrow(number) is None:
        raise ValueError("the number is out of the range of float")
    return number


def _read_enum(cls: Any, value: Any) -> Any:
    if value is None and cls.__name__ == "NullValue":
        return cls.try_value(0)
    if isinstance(value, str) and not _INTEGER.fullmatch(value):
        return cls.from_string(value)
    return cls.try_value(_read_integer("enum", value))
