"""The value that stands for "this argument was not given", apart from ``None``."""

import enum
from typing import Final, Literal


class NotGiven(enum.Enum):
    """The type of `NOT_GIVEN`; an enum, so that type checkers narrow it with ``is``."""

    __module__ = "xai"

    NOT_GIVEN = "NOT_GIVEN"

    def __repr__(self) -> str:
        """Return the name a reader of a signature expects."""
        return "NOT_GIVEN"


NOT_GIVEN: Final[Literal[NotGiven.NOT_GIVEN]] = NotGiven.NOT_GIVEN
"""Stands for an argument that was not given, where None has a meaning of its own."""
