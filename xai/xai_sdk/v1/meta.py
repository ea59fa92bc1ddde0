"""The base of what wraps a message."""

import pprint
from typing import Generic, TypeVar

T = TypeVar("T")


class ProtoDecorator(Generic[T]):
    """Wraps a message, which is ``proto``.

    Args:
        proto: The message.
    """

    def __init__(self, proto: T) -> None:
        self._proto = proto

    @property
    def proto(self) -> T:
        """The message."""
        return self._proto

    def __repr__(self) -> str:
        """Return the text of the message."""
        return pprint.pformat(self._proto)
