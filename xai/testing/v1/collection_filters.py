"""Filters of lists of collections and documents: ``name:"notes" AND documents_count:>5``; pure."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from fnmatch import fnmatchcase
from typing import Final

import attrs

#: What a field of an entry can be; None when it is not set.
Value = str | int | datetime | None

_CLAUSE: Final = re.compile(
    r"""\s* (?P<field>[A-Za-z_][\w.\-]*) \s* : \s*
        (?P<not>!?) \s* (?P<comparison>>=|<=|>|<|=)? \s*
        (?: "(?P<quoted>(?:[^"\\]|\\.)*)" | (?P<bare>[^\s"]+) ) \s*""",
    re.VERBOSE,
)
_AND: Final = re.compile(r"AND\b")
_ESCAPE: Final = re.compile(r"\\(.)")
_COMPARISONS: Final[Mapping[str, Callable[[object, object], bool]]] = {
    ">": lambda one, other: one > other,  # type: ignore[operator]  # of one type, see _compared
    ">=": lambda one, other: one >= other,  # type: ignore[operator]  # as above
    "<": lambda one, other: one < other,  # type: ignore[operator]  # as above
    "<=": lambda one, other: one <= other,  # type: ignore[operator]  # as above
    "=": lambda one, other: one == other,
}


class FilterError(ValueError):
    """The filter can't be understood; the text says where."""


@attrs.frozen
class _Clause:
    field: str
    negated: bool
    comparison: str
    text: str


class Filter:
    """An expression that entries match or not.

    Args:
        text: Clauses joined by ``AND``. A clause is a field, a colon, perhaps ``!`` for "not",
            perhaps a comparison such as ``>``, and a value, quoted where it has spaces. A star
            stands for any text.
        fields: The fields there are; one that ends with a dot stands for all that begin so.

    Raises:
        FilterError: The text is no such expression, or there is no such field.
    """

    def __init__(self, text: str, fields: tuple[str, ...]) -> None:
        self._clauses = []
        place = 0
        while True:
            match = _CLAUSE.match(text, place)
            if match is None:
                raise FilterError(f"filter: expected FIELD:VALUE at {text[place:]!r}.")
            self._clauses.append(_clause(match, fields))
            place = match.end()
            if place == len(text):
                break
            joint = _AND.match(text, place)
            if joint is None:
                raise FilterError(f"filter: expected AND at {text[place:]!r}.")
            place = joint.end()

    def matches(self, entry: Mapping[str, Value]) -> bool:
        """Tell whether an entry matches all clauses; one without a field matches only a "not".

        Raises:
            FilterError: A value can't be compared with the field.
        """
        return all(
            _matches(clause, entry.get(clause.field)) != clause.negated for clause in self._clauses
        )


def _clause(match: re.Match[str], fields: tuple[str, ...]) -> _Clause:
    field, quoted = match["field"], match["quoted"]
    if field not in fields and not any(
        each[-1] == "." and field.startswith(each) for each in fields
    ):
        raise FilterError(f"filter: there is no field {field!r}; there are {', '.join(fields)}.")
    text = match["bare"] if quoted is None else _ESCAPE.sub(r"\1", quoted)
    return _Clause(field, bool(match["not"]), match["comparison"] or "", text)


def _matches(clause: _Clause, value: Value) -> bool:
    if value is None:
        return False
    if isinstance(value, str) and not clause.comparison:
        return fnmatchcase(value, clause.text.replace("[", "[[]").replace("?", "[?]"))
    return _COMPARISONS[clause.comparison or "="](value, _compared(clause, value))


def _compared(clause: _Clause, value: str | int | datetime) -> Value:
    """Return the value of a clause as one of the same type as that of the field."""
    try:
        if isinstance(value, datetime):
            moment = datetime.fromisoformat(clause.text.replace("Z", "+00:00"))
            return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
        return clause.text if isinstance(value, str) else int(clause.text)
    except ValueError as error:
        kind = "a time" if isinstance(value, datetime) else "a number"
        text = f"filter: {clause.field} is {kind}, and can't be compared with {clause.text!r}."
        raise FilterError(text) from error
