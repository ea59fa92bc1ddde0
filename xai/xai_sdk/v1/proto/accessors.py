"""What reads and sets the fields of a message: one attribute of its class for each."""

# ruff: noqa: SLF001, ANN401  # messages and their fields are one piece, of any type

from typing import TYPE_CHECKING, Any

from xai._annotations import resolve_lazily
from xai.proto.base import UNSET
from xai.xai_sdk.v1.proto import scalars

if TYPE_CHECKING:
    from xai.xai_sdk.v1.proto.descriptors import FieldDescriptor
    from xai.xai_sdk.v1.proto.owner import Owner


class ScalarField:
    """A field with one value.

    Args:
        field: The field.
    """

    def __init__(self, field: "FieldDescriptor") -> None:
        self._field = field
        self._name = field.entry.name

    def __get__(self, message: "Owner | None", cls: type) -> Any:
        """Return the value, or the default of its type."""
        if message is None:
            # As protobuf has it: a class has no fields, its messages have.
            raise AttributeError(self._field.name)
        value = message._values.get(self._name)
        if value is None or value is UNSET:
            return self._field.default_value
        return scalars.read(self._field, value)

    def __set__(self, message: "Owner", value: object) -> None:
        """Set the value.

        Raises:
            TypeError: It is of the wrong type.
            ValueError: It is out of range, or no label of the enum.
        """
        message._put(self._field, scalars.check(self._field, value))

    def __delete__(self, message: "Owner") -> None:
        """Refuse."""
        raise _undeletable(self._field)


class PartField:
    """A message, a list or a map in a message: they are changed, not replaced.

    Args:
        field: The field.
    """

    def __init__(self, field: "FieldDescriptor") -> None:
        self._field = field

    def __get__(self, message: "Owner | None", cls: type) -> Any:
        """Return the message, the list or the map; that of a field which is not set is empty."""
        if message is None:
            raise AttributeError(self._field.name)
        return message._part(self._field)

    def __set__(self, message: "Owner", value: object) -> None:
        """Refuse; a timestamp takes a datetime, and a duration a timedelta.

        Raises:
            AttributeError: It is neither.
            TypeError: It is one of them, and the value is not of its Python type.
        """
        if not self._field.time:
            what = "map, or repeated" if self._field.is_repeated else "message"
            raise AttributeError(
                f'Assignment not allowed to {what} field "{self._field.name}" in protocol message '
                f"{message.DESCRIPTOR.full_name}"
            )
        message._time(self._field)._assign(value)

    def __delete__(self, message: "Owner") -> None:
        """Refuse."""
        raise _undeletable(self._field)


def _undeletable(field: "FieldDescriptor") -> AttributeError:
    return AttributeError(f"{field.full_name}: a field can't be deleted, ClearField unsets it")


resolve_lazily(globals())
