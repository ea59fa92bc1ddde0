"""Regular expressions of strangers, matched in bounded time.

The engine of `re` goes back again and again for an expression such as ``(a+)+b``, and nothing can
stop it: it would hold the server's loop for ever. Where an expression may do so, all its
alternatives are followed at the same time here, character by character.
"""

import functools
import re
import sys
from collections.abc import Callable
from typing import Any, Final

from xai.testing.v1.schema_errors import MalformedSchemaError

if sys.version_info >= (3, 11):
    from re import _compiler as compiler  # type: ignore[attr-defined]
    from re import _constants as constants  # type: ignore[attr-defined]
    from re import _parser as parser  # type: ignore[attr-defined]
else:
    import sre_compile as compiler
    import sre_constants as constants
    import sre_parse as parser

#: How many steps `re` may take at worst, about a tenth of a second; more are taken here.
_QUICK: Final = 5_000_000
#: How many steps all matching for one value may take, about a second.
_STEPS: Final = 1_000_000
#: How many states an expression may have: ``((a{99}){99}){99}`` would have a million.
_STATES: Final = 5_000
#: Repeats of more than this are taken for endless ones when the steps of `re` are guessed.
_WIDE: Final = 3
#: More repeats than this of fewer times are taken for nested ones.
_NARROW: Final = 6
_REPEATS: Final = (constants.MAX_REPEAT, constants.MIN_REPEAT)

_Test = Callable[[str, int], bool]


class Patterns:
    """Searches texts for expressions, with so many steps for all of them."""

    def __init__(self) -> None:
        self._left = _STEPS

    def finds(self, pattern: str, text: str) -> bool:
        """Return whether a text has a place that matches.

        Args:
            pattern: The expression; it is valid.
            text: The text.

        Raises:
            MalformedSchemaError: It takes too long.
        """
        degree, nested = _degree(pattern)
        if not nested and (len(text) + 1) ** degree <= _QUICK:
            return re.search(pattern, text) is not None
        states = _states(pattern)
        if states is None:
            raise MalformedSchemaError(f"the pattern {pattern!r} would take too long to match.")
        current: set[int] = set()
        for place in range(len(text) + 1):
            # A match may begin anywhere.
            current = self._reached(states, {*current, 0}, text, place, pattern)
            if len(states) - 1 in current:
                return True
            if place < len(text):
                current = {state + 1 for state in current if states[state].takes(text, place)}
        return False

    def _reached(
        self, states: "list[_State]", start: set[int], text: str, place: int, pattern: str
    ) -> set[int]:
        """Return the states that are reached without a further character."""
        found, todo = set(start), list(start)
        while todo:
            self._left -= 1
            if self._left < 0:
                raise MalformedSchemaError(f"the pattern {pattern!r} takes too long to match.")
            state = states[todo.pop()]
            if state.passes(text, place):
                for following in state.jumps:
                    if following not in found:
                        found.add(following)
                        todo.append(following)
        return found


class _State:
    """A place in an expression: what leads to the next one, and where one gets without."""

    __slots__ = ("jumps", "passes", "takes")

    def __init__(self) -> None:
        #: Whether the character at a place leads to the following state.
        self.takes: _Test = _never
        #: Whether the jumps are open at a place.
        self.passes: _Test = _always
        self.jumps: list[int] = []


class _UnsupportedError(Exception):
    """The expression needs what only `re` does, or too many states."""


@functools.lru_cache(64)
def _states(pattern: str) -> "list[_State] | None":
    """Return the states of an expression, the last of which is its end; None if it has none."""
    parsed = parser.parse(pattern)
    builder = _Builder(parsed.state)
    try:
        builder.add(parsed)
    except (_UnsupportedError, RecursionError):
        return None
    builder.new()
    return builder.states


class _Builder:
    """Makes the states of an expression.

    Args:
        whole: What its parser knows of all of it, the flags among that.
    """

    def __init__(self, whole: Any) -> None:  # noqa: ANN401  # as parsed
        self.states: list[_State] = []
        self._whole = whole

    def new(self) -> _State:
        if len(self.states) > _STATES:
            raise _UnsupportedError
        self.states.append(_State())
        return self.states[-1]

    def add(self, parsed: Any) -> None:  # noqa: ANN401  # as parsed
        for operation, argument in parsed:
            self._part(operation, argument)

    def _part(self, operation: Any, argument: Any) -> None:  # noqa: ANN401  # as parsed
        if operation in _SINGLE:
            self.new().takes = self._test(operation, argument)
        elif operation in _LOOKS:
            for inner in _inner(operation, argument):
                number, nested = _wide(inner, within=False)
                if nested or number > 1:
                    # `re` looks there.
                    raise _UnsupportedError
            state = self.new()
            state.passes = self._test(operation, argument)
            state.jumps.append(len(self.states))
        elif operation is constants.BRANCH:
            self._branch(argument[1])
        elif operation is constants.SUBPATTERN:
            _, more, less, inner = argument
            if more or less:
                raise _UnsupportedError
            self.add(inner)
        elif operation in _REPEATS:
            self._repeat(*argument)
        else:
            raise _UnsupportedError

    def _test(self, operation: Any, argument: Any) -> _Test:  # noqa: ANN401  # as parsed
        part = parser.SubPattern(self._whole, [(operation, argument)])
        match = compiler.compile(part).match
        return lambda text, place: match(text, place) is not None

    def _branch(self, branches: Any) -> None:  # noqa: ANN401  # as parsed
        fork = self.new()
        ends = []
        for branch in branches:
            fork.jumps.append(len(self.states))
            self.add(branch)
            ends.append(self.new())
        for end in ends:
            end.jumps.append(len(self.states))

    def _repeat(self, least: int, most: Any, inner: Any) -> None:  # noqa: ANN401  # as parsed
        for _ in range(least):
            self.add(inner)
            self.new().jumps.append(len(self.states))
        if most is constants.MAXREPEAT:
            place = len(self.states)
            fork = self.new()
            fork.jumps.append(len(self.states))
            self.add(inner)
            self.new().jumps.append(place)
            fork.jumps.append(len(self.states))
            return
        forks = []
        for _ in range(int(most) - least):
            fork = self.new()
            fork.jumps.append(len(self.states))
            forks.append(fork)
            self.add(inner)
            self.new().jumps.append(len(self.states))
        for fork in forks:
            fork.jumps.append(len(self.states))


_SINGLE: Final = (constants.LITERAL, constants.NOT_LITERAL, constants.ANY, constants.IN)


def _always(_text: str, _place: int) -> bool:
    return True


def _never(_text: str, _place: int) -> bool:
    return False


@functools.lru_cache(64)
def _degree(pattern: str) -> tuple[int, bool]:
    """Return how many wide repeats an expression has, and whether one is within another.

    That a match may begin anywhere counts as one more.
    """
    parsed: Any = parser.parse(pattern)
    number, nested = _wide(parsed, within=False)
    return number + (list(parsed)[:1] != _AT_START), nested


def _wide(parsed: Any, *, within: bool) -> tuple[int, bool]:  # noqa: ANN401  # as parsed
    number, narrow, nested = 0, 0, False
    for operation, argument in parsed:
        varies = str(operation) in _ALL_REPEATS and argument[0] != argument[1]
        repeats = str(operation) in _ALL_REPEATS and argument[1] > _WIDE
        number += repeats and varies
        narrow += varies and not repeats
        # Alternatives in a repeat may fit the same text in many ways, as repeats do.
        nested |= within and (varies or operation in _AMBIGUOUS)
        for inner in _inner(operation, argument):
            more, deeper = _wide(inner, within=within or repeats)
            number += more
            nested |= deeper
    # Each doubles the ways to fit a text, at least.
    return number, nested or narrow > _NARROW


_AT_START: Final = [(constants.AT, constants.AT_BEGINNING)]
_LOOKS: Final = (constants.AT, constants.ASSERT, constants.ASSERT_NOT)
_ALL_REPEATS: Final = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")
_AMBIGUOUS: Final = (constants.BRANCH, constants.GROUPREF)


def _inner(operation: Any, argument: Any) -> list[Any]:  # noqa: ANN401  # as parsed
    """Return the parts that a part of an expression consists of."""
    if operation is constants.BRANCH:
        return list(argument[1])
    if operation is constants.GROUPREF_EXISTS:
        return [part for part in argument[1:] if part is not None]
    if operation in (constants.ASSERT, constants.ASSERT_NOT):
        return [argument[1]]
    if str(operation) == "ATOMIC_GROUP":
        return [argument]
    if operation is constants.SUBPATTERN or str(operation) in _ALL_REPEATS:
        return [argument[-1]]
    return []
