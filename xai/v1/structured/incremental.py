"""The value of a response in JSON that is being streamed."""

import enum
import json
import re
from typing import Final, Literal, cast

from xai.proto import xai_api as pb
from xai.v1.structured.json_value import JsonValue
from xai.v1.structured.surrogates import without_surrogate_escapes

#: Up to this length a text is read again with each delta; beyond, when it has grown by a 64th.
#: Reading all of a long text for each of its characters would take time in the square of it.
_SHORT: Final = 1 << 15
_SHARE: Final = 64
#: A number that may go on, behind what a number can stand behind.
_OPEN_NUMBER: Final = re.compile(r"[\s:,\[](-?[0-9][0-9.eE+-]*)\Z")
_LONGEST_NUMBER: Final = 400


class Incomplete(enum.Enum):
    """The type of `INCOMPLETE`; an enum, so that type checkers narrow it with ``is``."""

    INCOMPLETE = "INCOMPLETE"

    def __repr__(self) -> str:
        """Return the name a reader expects."""
        return "INCOMPLETE"


#: Stands for a text that has no value yet; None is a value, that of ``null``.
INCOMPLETE: Final[Literal[Incomplete.INCOMPLETE]] = Incomplete.INCOMPLETE


def partial(text: str) -> JsonValue | Incomplete:
    """Return the value of the beginning of a JSON text.

    Strings, lists and objects that are open are closed where the text ends. A number inside a list
    or an object needs a character behind it to be there, since it could go on. So nothing but
    strings, lists and objects changes when the text grows, and these only by growing.

    Args:
        text: The text, or its beginning.

    Returns:
        The value, which is that of the whole text when it is complete; `INCOMPLETE` when there is
        none, or when the text is not JSON.
    """
    from pydantic_core import from_json

    for candidate in (text, without_surrogate_escapes(text)):
        try:
            value: JsonValue = from_json(
                candidate, allow_inf_nan=False, allow_partial="trailing-strings"
            )
        except ValueError:
            continue
        return _without_open_number(candidate, value)
    return INCOMPLETE


def _without_open_number(text: str, value: JsonValue) -> JsonValue:
    open_number = _OPEN_NUMBER.search(text, max(0, len(text) - _LONGEST_NUMBER))
    container: JsonValue = None
    last: JsonValue = value
    while isinstance(last, (list, dict)) and last:
        container = last
        last = last[-1] if isinstance(last, list) else last[next(reversed(last))]
    if open_number is None or container is None or isinstance(last, bool):
        return value
    if isinstance(last, (int, float)) and _is_written(open_number[1], last):
        if isinstance(container, list):
            container.pop()
        else:
            cast("dict[str, JsonValue]", container).popitem()
    return value


def _is_written(text: str, number: float) -> bool:
    try:
        return bool(json.loads(text) == number)
    except ValueError:  # half a number
        return False


class GrowingValue:
    """The value of what `Response.content` is when the stream ends."""

    def __init__(self) -> None:
        # The output that is read: the last one of the model so far.
        self._current = -1
        # Texts by output; those of outputs whose role is not known yet wait here.
        self._texts: dict[int, list[str]] = {}
        self._length = 0
        self._read = 0
        self._value: JsonValue | Incomplete = INCOMPLETE

    def add(self, chunk: pb.GetChatCompletionChunk, index: int | None) -> JsonValue | Incomplete:
        """Add the next chunk.

        Args:
            chunk: It.
            index: The choice that is read; None for a response in steps.

        Returns:
            The value so far, which does not change when more comes, or `INCOMPLETE`.
        """
        ended = False
        for output in chunk.outputs:
            at = output.index
            if at >= self._current and index in (None, at) and output.is_set("delta"):
                self._add_delta(at, output.delta)
                ended = ended or bool(output.finish_reason)
        grown = self._length - self._read
        if grown and (ended or self._length < _SHORT or grown * _SHARE > self._length):
            self._read = self._length
            value = partial("".join(self._texts[self._current]))
            # What is not JSON is taken to end where it stops being JSON.
            self._value = self._value if value is INCOMPLETE else value
        return self._value

    def _add_delta(self, at: int, delta: pb.Delta) -> None:
        texts = self._texts.setdefault(at, [])
        texts.append(delta.content)
        if at == self._current:
            self._length += len(delta.content)
        elif delta.role == pb.MessageRole.ROLE_ASSISTANT:
            # A later step of the model: its text takes the place of the one before.
            self._texts.pop(self._current, None)
            self._current, self._value, self._read = at, INCOMPLETE, 0
            self._length = sum(map(len, texts))
