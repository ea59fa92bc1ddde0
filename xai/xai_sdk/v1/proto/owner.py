"""What fields, containers and the text form know of a message."""

from typing import Any, ClassVar

import betterproto

from xai.xai_sdk.v1.proto.descriptors import Descriptor, FieldDescriptor


class Owner:
    """What a message is to its parts.

    Args:
        **fields: Values of its fields.
    """

    __slots__ = ()

    #: What the type is made of.
    DESCRIPTOR: ClassVar[Descriptor]
    _raw: betterproto.Message
    _values: dict[str, Any]

    def __init__(self, /, *args: object, **fields: object) -> None:
        raise NotImplementedError

    def ListFields(self) -> list[tuple[FieldDescriptor, Any]]:  # noqa: N802  # protobuf's name
        """Return the fields that are set with their values, sorted by number."""
        raise NotImplementedError

    @classmethod
    def _of(cls, raw: betterproto.Message) -> "Owner":
        """Return the view of a generated message."""
        raise NotImplementedError

    @classmethod
    def _same(cls, value: object) -> "Owner":
        """Return a message of this class that was passed, of protobuf's own class maybe."""
        raise NotImplementedError

    @classmethod
    def _made_of(cls, value: object) -> "Owner":
        """Return a message for what may be passed in its place, dictionaries included."""
        raise NotImplementedError

    def _copied(self) -> betterproto.Message:
        """Return a copy of the generated message."""
        raise NotImplementedError

    def _put(self, field: FieldDescriptor, value: object) -> None:
        """Give a field its value; the other members of its oneof are unset."""
        raise NotImplementedError

    def _part(self, field: FieldDescriptor) -> object:
        """Return the message, list or map of a field."""
        raise NotImplementedError

    def _time(self, field: FieldDescriptor) -> "Owner":
        """Return the timestamp or duration of a field."""
        raise NotImplementedError

    def _changed(self, field: FieldDescriptor, part: object) -> None:
        """Take over a part that was changed, unless it is no longer one."""
        raise NotImplementedError

    def _assign(self, value: object) -> None:
        """Set this from Python's own type for it."""
        raise NotImplementedError
