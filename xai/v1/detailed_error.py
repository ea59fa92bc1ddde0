"""The base of errors that carry more facts than a message."""

from xai.errors import XAIError


class DetailedError(XAIError):
    """An error with more facts than its message; pickling keeps all of them."""

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle without calling the constructor, whose keywords the default would not know."""
        return _rebuild, (type(self), self.args), dict(self.__dict__)


def _rebuild(cls: type[DetailedError], args: tuple[object, ...]) -> DetailedError:
    error = cls.__new__(cls)
    error.args = args
    return error
