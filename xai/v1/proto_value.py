"""The base of values that keep the message they were read from."""

from typing import TYPE_CHECKING

from xai._annotations import resolve_lazily
from xai.proto.base import Message
from xai.v1.structured.encode import plain

if TYPE_CHECKING:
    from datetime import datetime

    from xai.v1.structured.json_value import JsonValue


class ProtoValue:
    """What the server told, with the message in which it did."""

    __slots__ = ()

    proto: Message

    def to_dict(self) -> "dict[str, JsonValue]":
        """Return the fields of the message as JSON-compatible values."""
        return plain(self.proto)


def read_time(proto: Message, name: str) -> "datetime | None":
    """Return a time of a message in UTC; None when it is not there."""
    # Reading a time that is not there would put one there.
    if not proto.is_set(name):
        return None
    moment: datetime = getattr(proto, name)
    return moment


resolve_lazily(globals())
