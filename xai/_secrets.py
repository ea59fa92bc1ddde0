"""Values that tools which print tracebacks with local variables do not show."""

from typing import Any, Final, Generic, NoReturn, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

MASK: Final = "***"


class Secret(Generic[T_co]):
    """A value that is not shown: neither by `repr`, nor by `str`, nor by a pickle.

    Args:
        value: What is kept.
    """

    __slots__ = ("_value",)

    def __init__(self, value: T_co) -> None:
        self._value = value

    def reveal(self) -> T_co:
        """Return the value; a function that may raise must not keep it in a variable."""
        return self._value

    def __repr__(self) -> str:
        """Return the same text for every value."""
        return f"<secret {MASK}>"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled.

        Raises:
            TypeError: Always.
        """
        raise TypeError("a secret can't be pickled: it would be written out")


#: What an empty tuple becomes: most calls have no metadata of their own, and need no new object.
NOTHING: Final = Secret[Any](())


def conceal(value: T | Secret[T]) -> Secret[T]:
    """Return a secret as it is, and anything else as a secret.

    A function that may raise does this first, and then deletes the variable or the parameter that
    holds the value: tracebacks keep what a frame's variables hold at the end.

    Args:
        value: The value, or a secret.
    """
    if type(value) is tuple and not value:
        return NOTHING
    return value if isinstance(value, Secret) else Secret(value)
