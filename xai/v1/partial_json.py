"""What can be read of a JSON text that is still being written."""

import enum
import json
import re
from collections.abc import Callable
from typing import Final, Literal

from xai.v1.reading import MAX_DEPTH
from xai.v1.schemas import JsonValue

_WHITE: Final = re.compile(r"[ \t\n\r]*")
#: A string up to its end, or to an escape that is not complete.
_STRING: Final = re.compile(
    r'"(?P<body>[^"\\]*(?:\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])[^"\\]*)*)(?P<end>"?)'
)
_SCALAR: Final = re.compile(
    r"(?:(?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)|true|false|null)"
    r"(?=[ \t\n\r,\]}]|\Z)"
)


class Incomplete(enum.Enum):
    """The type of `INCOMPLETE`; an enum, so that type checkers narrow it with ``is``."""

    INCOMPLETE = "INCOMPLETE"

    def __repr__(self) -> str:
        """Return the name a reader expects."""
        return "INCOMPLETE"


#: Stands for a text that has no value yet; None is a value, that of ``null``.
INCOMPLETE: Final[Literal[Incomplete.INCOMPLETE]] = Incomplete.INCOMPLETE


def partial(text: str) -> JsonValue | Incomplete:
    """Return the value of what is readable of the beginning of a JSON text.

    Strings, lists and objects that are open are closed where the text ends. A member has to have
    a value to be there, and a number inside a list or an object a character behind it, since it
    could go on. So nothing but strings, lists and objects changes when the text grows, and these
    only by growing. Nothing is raised: where the text is not JSON, or nested deeper than
    `MAX_DEPTH`, it is taken to end. The time is linear in the length of the text.

    Args:
        text: The text, or its beginning.

    Returns:
        The value, which is that of the whole text when it is complete, or `INCOMPLETE`.
    """
    return PartialReader().feed(text)


_Step = Callable[[], "_Step | None"]


class PartialReader:
    """What `partial` does, for a text that comes in pieces; each piece is read once."""

    def __init__(self) -> None:
        self._text = ""
        self._at = 0
        self._name = ""
        self._root: list[JsonValue] = []
        self._open: list[list[JsonValue] | dict[str, JsonValue]] = [self._root]
        self._step: _Step = self._item
        # Whether the last value is one that the next piece may change: a string without an end.
        self._unfinished = False

    def feed(self, text: str) -> JsonValue | Incomplete:
        """Read one more piece of the text.

        Args:
            text: What follows the pieces so far.

        Returns:
            The value of all pieces, as `partial` returns it. Lists and objects are the same ones
            each time, and grow; who keeps one makes a copy.
        """
        self._text = self._text[self._at :] + text
        self._at = 0
        if self._unfinished:
            self._withdraw()
        step: _Step | None = self._step
        while step is not None:
            self._step = step
            self._skip(_WHITE)
            start = self._at
            step = step() if self._at < len(self._text) else None
        self._at = start  # the step that ended it is tried again with more text
        return self._root[0] if self._root else INCOMPLETE

    def _withdraw(self) -> None:
        self._unfinished = False
        container = self._open[-1]
        if isinstance(container, list):
            container.pop()
        else:
            del container[self._name]

    def _skip(self, pattern: "re.Pattern[str]") -> "re.Match[str] | None":
        match = pattern.match(self._text, self._at)
        if match:
            self._at = match.end()
        return match

    def _take(self, character: str) -> bool:
        found = self._text[self._at] == character
        self._at += found
        return found

    def _add(self, value: JsonValue) -> None:
        container = self._open[-1]
        if isinstance(container, list):
            container.append(value)
        else:
            container[self._name] = value

    def _item(self) -> _Step | None:
        string = self._string()
        if string:
            self._add(string[0])
            self._unfinished = not string[1]
            return self._after if string[1] else None
        if self._text[self._at] not in "[{":
            return self._scalar()
        if len(self._open) > MAX_DEPTH:
            return None
        opened: list[JsonValue] | dict[str, JsonValue] = [] if self._take("[") else {}
        self._at += isinstance(opened, dict)
        self._add(opened)
        self._open.append(opened)
        return self._first

    def _first(self) -> _Step | None:
        """Read the first item or member, if there is one."""
        return self._closed() or self._next()

    def _next(self) -> _Step | None:
        return self._item() if isinstance(self._open[-1], list) else self._member()

    def _member(self) -> _Step | None:
        string = self._string()
        if string is None or not string[1]:
            return None
        self._name = string[0]
        return self._colon

    def _colon(self) -> _Step | None:
        return self._item if self._take(":") else None

    def _after(self) -> _Step | None:
        if len(self._open) == 1:
            return None  # the document is complete
        return self._closed() or (self._next if self._take(",") else None)

    def _closed(self) -> _Step | None:
        if not self._take("]" if isinstance(self._open[-1], list) else "}"):
            return None
        self._open.pop()
        return self._after

    def _string(self) -> tuple[str, bool] | None:
        """Return what is there of a string at this place, and whether that is all of it."""
        match = self._skip(_STRING)
        if match is None:
            return None
        text: str = json.loads(f'"{match["body"]}"', strict=False)
        ended = bool(match["end"])
        if not ended and "\ud800" <= text[-1:] <= "\udbff":
            text = text[:-1]  # half of a character, whose other half is still to come
        return text, ended

    def _scalar(self) -> _Step | None:
        match = self._skip(_SCALAR)
        if match is None:
            return None
        may_go_on = bool(match["number"]) and self._at == len(self._text)
        if may_go_on and len(self._open) > 1:
            return None
        try:
            self._add(json.loads(match[0]))
        except ValueError:  # an int with thousands of digits, which is refused by Python
            return None
        self._unfinished = may_go_on
        return None if may_go_on else self._after
