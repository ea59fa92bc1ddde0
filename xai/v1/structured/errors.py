"""Errors of values that do not fit a type."""

from xai.v1.detailed_error import DetailedError


class InvalidShapeError(DetailedError, ValueError):
    """A value does not have the shape that was asked for.

    Args:
        path: Where in the value, such as ``people[3].name``; empty for the whole of it.
        expected: What should stand there.
        found: What stands there, shortened.
    """

    path: str
    expected: str
    found: str

    def __init__(self, path: str, expected: str, found: str) -> None:
        super().__init__(f"{path or 'the value'}: expected {expected}, found {found}")
        self.path = path
        self.expected = expected
        self.found = found


InvalidShapeError.__module__ = "xai.v1"
