"""What can be read of a JSON text that is still being written."""

import enum
import json
import re
from collections.abc import Callable
from typing import Final, Literal

from xai.v1.structured.decode import MAX_DEPTH
from xai.v1.structured.schema import JsonValue

_WHITE: Final = re.compile(r"[ \t\n\r]*")
#: The inside of a string up to its end, or to an escape that is not complete.
_TEXT: Final = re.compile(
    r'(?P<body>[^"\\]*(?:\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])[^"\\]*)*)(?P<end>"?)'
)
_ESCAPE: Final = len(r"\ud83d")
_SCALAR: Final = re.compile(
    r"(?:(?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)|true|false|null)"
    r"(?=[ \t\n\r,\]}]|\Z)"
)
_SCALAR_END: Final = re.compile(r"[ \t\n\r,\]}]")


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
        # What is still to be read, and where the newest piece of it begins.
        self._text = ""
        self._at = 0
        self._fresh = 0
        self._name = ""
        self._root: list[JsonValue] = []
        self._open: list[list[JsonValue] | dict[str, JsonValue]] = [self._root]
        # Where each open list or object is in the one around it.
        self._slots: list[str | int] = []
        self._step: _Step = self._item
        # What there is of a string without an end; None when none is open.
        self._string: str | None = None
        self._slot: str | int = 0
        # Whether the last value is one that the next piece may change: a number with nothing
        # around or behind it.
        self._unfinished = False

    def feed(self, text: str) -> JsonValue | Incomplete:
        """Read one more piece of the text.

        Args:
            text: What follows the pieces so far.

        Returns:
            The value of all pieces, as `partial` returns it. Lists and objects are the same ones
            each time, and grow; `snapshot` returns others.
        """
        self._text = self._text[self._at :] + text
        self._fresh = len(self._text) - len(text)
        self._at = 0
        if self._unfinished:
            self._unfinished = False
            self._root.pop()
        start = 0
        step: _Step | None = self._step
        while step is not None:
            self._step = step
            if self._string is None:
                self._skip(_WHITE)
            start = self._at
            step = step() if self._at < len(self._text) else None
        if self._string is None:
            self._at = start  # the step that ended it is tried again with more text
        return self._root[0] if self._root else INCOMPLETE

    def snapshot(self) -> JsonValue | Incomplete:
        """Return the value of all pieces so far, which does not grow.

        Only lists and objects that are still open are copied; what is finished in them is shared.
        """
        if not self._slots:
            return self._root[0] if self._root else INCOMPLETE
        inner: list[JsonValue] | dict[str, JsonValue] | None = None
        for container, slot in zip(self._open[:0:-1], [None, *self._slots[:0:-1]], strict=True):
            outer = container.copy()
            if slot is not None:
                _put(outer, slot, inner)
            inner = outer
        return inner

    def _skip(self, pattern: "re.Pattern[str]") -> "re.Match[str] | None":
        match = pattern.match(self._text, self._at)
        if match:
            self._at = match.end()
        return match

    def _take(self, character: str) -> bool:
        found = self._text[self._at] == character
        self._at += found
        return found

    def _add(self, value: JsonValue) -> str | int:
        """Put a value into what is open, and return where it is there."""
        container = self._open[-1]
        if isinstance(container, list):
            container.append(value)
            return len(container) - 1
        container[self._name] = value
        return self._name

    def _item(self) -> _Step | None:
        if self._take('"'):
            self._string = ""
            self._slot = self._add("")
            return self._string_value
        if self._text[self._at] not in "[{":
            return self._scalar()
        if len(self._open) > MAX_DEPTH:
            return None
        opened: list[JsonValue] | dict[str, JsonValue] = [] if self._take("[") else {}
        self._at += isinstance(opened, dict)
        self._slots.append(self._add(opened))
        self._open.append(opened)
        return self._first

    def _first(self) -> _Step | None:
        """Read the first item or member, if there is one."""
        return self._closed() or self._next()

    def _next(self) -> _Step | None:
        return self._item() if isinstance(self._open[-1], list) else self._member()

    def _member(self) -> _Step | None:
        if not self._take('"'):
            return None
        self._string = ""
        return self._string_name

    def _string_name(self) -> _Step | None:
        text, ended = self._more_of_string()
        if not ended:
            return None
        self._name = text
        return self._colon

    def _string_value(self) -> _Step | None:
        text, ended = self._more_of_string()
        _put(self._open[-1], self._slot, text)
        return self._after if ended else None

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
        self._slots.pop()
        return self._after

    def _more_of_string(self) -> tuple[str, bool]:
        """Read on in the open string; return what there is of it, and whether that is all."""
        match = self._skip(_TEXT)
        body, ended = (match["body"], bool(match["end"])) if match else ("", False)
        text: str = json.loads(f'"{body}"', strict=False)
        if not ended and "\ud800" <= text[-1:] <= "\udbff":
            # Half of a character, whose other half is still to come: it stays to be read.
            self._at -= 1 if body[-1] == text[-1] else _ESCAPE
            text = text[:-1]
        text = f"{self._string or ''}{text}"
        self._string = None if ended else text
        return text, ended

    def _scalar(self) -> _Step | None:
        inside = len(self._open) > 1 and self._text[self._at] in "-0123456789"
        if inside and not _SCALAR_END.search(self._text, max(self._at, self._fresh)):
            return None  # without looking again at what came before: it may be very long
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


def _put(
    container: list[JsonValue] | dict[str, JsonValue], slot: str | int, value: JsonValue
) -> None:
    """Replace a value in a list or an object."""
    if isinstance(container, list):
        container[int(slot)] = value
    else:
        container[str(slot)] = value
