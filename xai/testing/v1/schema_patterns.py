"""Texts that match a regular expression; pure."""

import random
import re
import string
import sys
from collections.abc import Iterator, Sequence
from typing import Any, Final

if sys.version_info >= (3, 11):
    from re import _constants as constants  # type: ignore[attr-defined]
    from re import _parser as parser  # type: ignore[attr-defined]
else:
    import sre_constants as constants
    import sre_parse as parser

#: What stands for a class of characters, the plainest first.
_PRINTABLE: Final = string.ascii_lowercase + string.digits + string.ascii_uppercase + " -_./:"
_TRIES: Final = 30
#: How many parts a text may have: repeats inside repeats would fill the memory.
_MOST_PARTS: Final = 10_000


def matching_texts(pattern: str, rng: random.Random, low: int) -> Iterator[str]:
    """Yield texts that may match a regular expression.

    What it demands of its surroundings (boundaries, what must not follow) is not looked at, so the
    caller has to check each text.

    Args:
        pattern: The expression; it is valid.
        rng: Chooses between what is allowed.
        low: How many characters a text should have at least.
    """
    parsed = parser.parse(pattern)
    for attempt in range(_TRIES):
        # Longer and longer, since nothing tells which part has to make up the length.
        more = 0 if attempt < 2 else low if attempt % 2 else attempt
        text = _Writer(rng, more).text(parsed)
        yield text
        yield text.rjust(low, "a")  # where the expression is not about the beginning


class _Writer:
    """One text in the making, with what its groups have matched."""

    def __init__(self, rng: random.Random, more: int) -> None:
        self._rng = rng
        self._more = more
        self._groups: dict[int, str] = {}
        self._left = _MOST_PARTS

    def text(self, parsed: Any) -> str:  # noqa: ANN401  # as parsed
        """Return a text for a part of the expression."""
        return "".join(self._part(operation, argument) for operation, argument in parsed)

    def _part(self, operation: Any, argument: Any) -> str:  # noqa: ANN401, C901, PLR0911  # as parsed
        self._left -= 1
        if operation is constants.LITERAL:
            return chr(argument)
        if operation is constants.NOT_LITERAL:
            return self._choose(character for character in _PRINTABLE if ord(character) != argument)
        if operation is constants.ANY:
            return self._choose(_PRINTABLE)
        if operation is constants.IN:
            return self._one_of(argument)
        if operation is constants.BRANCH:
            return self.text(self._rng.choice(argument[1]))
        if operation is constants.SUBPATTERN:
            made = self.text(argument[-1])
            if argument[0] is not None:
                self._groups[argument[0]] = made
            return made
        if operation is constants.GROUPREF:
            return self._groups.get(argument, "")
        if operation in _REPEATS:
            least, most, inner = argument
            times = min(int(most), int(least) + self._more)
            return "".join(self.text(inner) for _ in range(times) if self._left > 0)
        if str(operation) == "ATOMIC_GROUP":
            return self.text(argument)
        return ""  # what looks at its surroundings has no text of its own

    def _one_of(self, members: Sequence[Any]) -> str:
        negated = members[0][0] is constants.NEGATE
        if not negated:
            operation, argument = self._rng.choice(members)
            if operation is constants.LITERAL:
                return chr(argument)
            if operation is constants.RANGE:
                return chr(self._rng.randint(argument[0], argument[1]))
        return self._choose(
            character
            for character in _PRINTABLE
            if negated != any(_is_in(character, each) for each in members[negated:])
        )

    def _choose(self, characters: Any) -> str:  # noqa: ANN401  # whatever can be iterated over
        allowed = list(characters)
        return self._rng.choice(allowed) if allowed else ""


_REPEATS: Final = [
    getattr(constants, name)
    for name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")
    if hasattr(constants, name)
]
_CATEGORIES: Final = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}


def _is_in(character: str, member: tuple[Any, Any]) -> bool:
    operation, argument = member
    if operation is constants.LITERAL:
        return bool(ord(character) == argument)
    if operation is constants.RANGE:
        return bool(argument[0] <= ord(character) <= argument[1])
    return re.match(_CATEGORIES[str(argument)], character) is not None
