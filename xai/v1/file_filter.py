"""Filters of lists of files: ``size_bytes > 1000 AND NOT (name = "a" OR expires_at = null)``."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Final

#: A value of a field; None for one that is not set.
Value = str | int | datetime | None
Matches = Callable[[Mapping[str, Value]], bool]

_TIMES: Final = frozenset({"created_at", "expires_at", "public_url_expires_at"})
_NUMBERS: Final = frozenset({"size_bytes"})
_TEXTS: Final = frozenset(
    {
        "file_id",
        "name",
        "file_name",
        "content_type",
        "upload_status",
        "user_defined_id",
        "public_url",
    }
)
_FIELDS: Final = _TIMES | _NUMBERS | _TEXTS
_DEEPEST: Final = 50
_TOKEN: Final = re.compile(
    r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<operator>!=|>=|<=|=|>|<)|(?P<bracket>[()])'
    r"|(?P<word>[\w.:+-]+))"
)
_ESCAPE: Final = re.compile(r"\\(.)")
_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)", re.IGNORECASE
)


def parse_filter(text: str, *, most: int | None = None) -> Matches:
    """Return what tells whether a file matches an expression.

    A comparison with a field that is not set is false, except for ``!=``.

    Args:
        text: The expression.
        most: How many characters it may have; None for any number.

    Raises:
        ValueError: The expression is not valid.
    """
    if most is not None and len(text) > most:
        raise _wrong(f"it has {len(text)} characters; {most} are allowed")
    return _Parser(text).parse()


def _wrong(why: str) -> ValueError:
    return ValueError(f"filter is not valid: {why}")


class _Parser:
    """Reads an expression by recursive descent: OR binds least, then AND, then NOT."""

    def __init__(self, text: str) -> None:
        self._tokens = self._split(text)
        self._place = 0
        self._depth = 0

    @staticmethod
    def _split(text: str) -> list[tuple[str, str]]:
        tokens: list[tuple[str, str]] = []
        place = 0
        text = text.rstrip()
        while place < len(text):
            found = _TOKEN.match(text, place)
            if found is None:
                raise _wrong(f"{text[place : place + 20]!r} can't be read")
            kind = found.lastgroup or ""
            tokens.append((kind, found[kind]))
            place = found.end()
        return tokens

    def parse(self) -> Matches:
        """Return what the whole expression means."""
        found = self._either()
        if self._place < len(self._tokens):
            raise _wrong(f"{self._tokens[self._place][1]!r} was not expected")
        return found

    def _next(self) -> tuple[str, str]:
        if self._place == len(self._tokens):
            raise _wrong("it ends too early")
        self._place += 1
        return self._tokens[self._place - 1]

    def _takes(self, word: str) -> bool:
        """Step over a word or a bracket if it is what comes next."""
        if self._place == len(self._tokens):
            return False
        kind, text = self._tokens[self._place]
        found = kind != "text" and text.upper() == word
        self._place += found
        return found

    def _either(self) -> Matches:
        parts = [self._both()]
        while self._takes("OR"):
            parts.append(self._both())
        return lambda values: any(part(values) for part in parts)

    def _both(self) -> Matches:
        parts = [self._one()]
        while self._takes("AND"):
            parts.append(self._one())
        return lambda values: all(part(values) for part in parts)

    def _one(self) -> Matches:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _wrong(f"it is nested more than {_DEEPEST} deep")
        found = self._negated_or_plain()
        self._depth -= 1
        return found

    def _negated_or_plain(self) -> Matches:
        if self._takes("NOT"):
            inner = self._one()
            return lambda values: not inner(values)
        if self._takes("("):
            inner = self._either()
            if not self._takes(")"):
                raise _wrong("a bracket is not closed")
            return inner
        return self._comparison()

    def _comparison(self) -> Matches:
        kind, field = self._next()
        if kind != "word" or field not in _FIELDS:
            raise _wrong(f"{field!r} is no field; there are {', '.join(sorted(_FIELDS))}")
        kind, operator = self._next()
        if kind != "operator":
            raise _wrong(f"{operator!r} is no operator")
        value = self._value(field)
        if value is None and operator not in ("=", "!="):
            raise _wrong("null can be compared with = and != only")
        return lambda values: _compare(values.get(field), operator, value)

    def _value(self, field: str) -> Value:
        kind, word = self._next()
        if kind == "word" and word.lower() == "null":
            return None
        text = _ESCAPE.sub(r"\1", word[1:-1]) if kind == "text" else word
        if field in _TIMES and _TIME.fullmatch(text):
            return _time(text)
        if field in _NUMBERS and kind == "word" and text.isdecimal() and len(text) < 20:
            return int(text)
        if field in _TEXTS and kind == "text":
            return text
        expected = "a time of RFC 3339" if field in _TIMES else "a text in double quotes"
        if field in _NUMBERS:
            expected = "a number"
        raise _wrong(f"{field} is compared with {expected} or null, not with {word}")


def _time(text: str) -> datetime:
    # Python 3.10 reads neither Z nor other than 3 or 6 digits.
    head, _, rest = text.upper().replace("Z", "+00:00").partition(".")
    if rest:
        zone = max(rest.find("+"), rest.find("-"))
        head += f".{rest[:zone][:6]:0<6}{rest[zone:]}"
    try:
        return datetime.fromisoformat(head).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        raise _wrong(f"{text} is no time") from None


def _compare(found: Value, operator: str, value: Value) -> bool:
    if operator == "=":
        return found == value
    if operator == "!=":
        return found != value
    if found is None or value is None:
        return False
    if found == value:
        return operator in ("<=", ">=")
    # A field and its value are of the same type.
    less: bool = found < value  # type: ignore[operator]  # see above
    return less is operator.startswith("<")
