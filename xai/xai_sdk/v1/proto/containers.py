"""Repeated fields and maps of messages in protobuf's manner.

A container has the very list or dict that is in the generated message. That of a field which is
not set has its own, which the message takes over with the first change.
"""

# ruff: noqa: SLF001  # messages and their containers are one piece

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, MutableSequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from xai._annotations import resolve_lazily
from xai.xai_sdk.v1.proto import scalars

if TYPE_CHECKING:
    from xai.xai_sdk.v1.proto.descriptors import FieldDescriptor
    from xai.xai_sdk.v1.proto.owner import Owner

T = TypeVar("T")


class Container:
    """What is in a message of which the field is not a single value, and no message.

    Args:
        message: The message it is in.
        field: The field.
        items: The list or the dict.
    """

    __slots__ = ("_field", "_items", "_message")

    def __init__(self, message: "Owner", field: "FieldDescriptor", items: Any) -> None:  # noqa: ANN401  # either
        self._message = message
        self._field = field
        self._items = items

    def _changed(self) -> None:
        self._message._changed(self._field, self)


class Repeated(Container, Generic[T]):
    """What lists of values and of messages have in common."""

    __slots__ = ()

    __hash__ = None  # type: ignore[assignment]  # object's is a method

    def _read(self, item: Any) -> T:  # noqa: ANN401  # of the generated message
        raise NotImplementedError

    def _checked(self, value: object) -> object:
        """Return what goes into the list for a value of the program."""
        raise NotImplementedError

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._items)

    def __iter__(self) -> Iterator[T]:
        """Yield each."""
        return map(self._read, self._items)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        """Return one, or a list of some."""
        found = self._items[index]
        if isinstance(index, slice):
            return [self._read(item) for item in found]
        return self._read(found)

    def __delitem__(self, index: int | slice) -> None:
        """Remove one or some."""
        del self._items[index]
        self._changed()

    def __contains__(self, value: object) -> bool:
        """Return whether one equals a value."""
        return any(item == value for item in self)

    def __eq__(self, other: object) -> bool:
        """Compare with another container, or with a list."""
        if isinstance(other, Repeated):
            return list(self) == list(other)
        return list(self) == other if isinstance(other, list) else NotImplemented

    def __repr__(self) -> str:
        """Show what is in it."""
        return repr(list(self))

    def __deepcopy__(self, _: object) -> list[T]:
        """Return a list of copies."""
        from copy import deepcopy

        return [deepcopy(item) for item in self]

    def append(self, value: object) -> None:
        """Add a value, or the copy of a message.

        Args:
            value: The value.

        Raises:
            TypeError: It is of the wrong type.
        """
        self.insert(len(self._items), value)

    def insert(self, index: int, value: object) -> None:
        """Insert a value, or the copy of a message.

        Args:
            index: Before which.
            value: The value.

        Raises:
            TypeError: It is of the wrong type.
        """
        self._items.insert(index, self._checked(value))
        self._changed()

    def extend(self, values: Iterable[object]) -> None:
        """Add values, or the copies of messages.

        Args:
            values: The values; None of them when one has the wrong type.

        Raises:
            TypeError: One is of the wrong type.
        """
        self._items += [self._checked(value) for value in values]
        self._changed()

    def MergeFrom(self, other: Iterable[object]) -> None:  # noqa: N802  # protobuf's name
        """Add what is in another container.

        Args:
            other: The other.
        """
        self.extend(other)

    def pop(self, index: int = -1) -> T:
        """Remove one and return it.

        Args:
            index: Which.

        Raises:
            IndexError: There is none.
        """
        item = self._read(self._items.pop(index))
        self._changed()
        return item

    def remove(self, value: object) -> None:
        """Remove the first that equals a value.

        Args:
            value: The value.

        Raises:
            ValueError: There is none.
        """
        for index, item in enumerate(self):
            if item == value:
                del self[index]
                return
        raise ValueError("remove(x): x is not in the container")

    def reverse(self) -> None:
        """Reverse the order."""
        self._items.reverse()
        self._changed()

    def sort(self, *, key: Callable[[T], Any] | None = None, reverse: bool = False) -> None:
        """Sort in place.

        Args:
            key: Makes what is compared.
            reverse: Put the largest first.
        """
        read = self._read
        by: Any = read if key is None else lambda item: key(read(item))
        self._items.sort(key=by, reverse=reverse)

    def clear(self) -> None:
        """Remove all. As in protobuf, this sets nothing in a message that is not set."""
        self._items.clear()


class RepeatedScalar(Repeated[Any]):
    """A list of numbers, texts or bytes."""

    __slots__ = ()

    def _read(self, item: Any) -> Any:  # noqa: ANN401  # as the field is
        return scalars.read(self._field, item)

    def _checked(self, value: object) -> object:
        return scalars.check(self._field, value)

    def __setitem__(self, index: int | slice, value: Any) -> None:  # noqa: ANN401  # as the field is
        """Set one or some.

        Raises:
            TypeError: A value is of the wrong type.
        """
        many = isinstance(index, slice)
        checked = [self._checked(item) for item in value] if many else self._checked(value)
        self._items[index] = checked
        self._changed()


class RepeatedMessage(Repeated["Owner"]):
    """A list of messages."""

    __slots__ = ("_cls",)

    def __init__(
        self,
        message: "Owner",
        field: "FieldDescriptor",
        items: list[Any],
        cls: "type[Owner]",
    ) -> None:
        super().__init__(message, field, items)
        self._cls = cls

    def _read(self, item: Any) -> "Owner":  # noqa: ANN401  # a generated message
        return self._cls._of(item)

    def _checked(self, value: object) -> object:
        return self._cls._same(value)._copied()

    def __setitem__(self, index: int, value: object) -> None:
        """Refuse: messages are changed, not replaced."""
        raise TypeError(f"{self._field.full_name}: messages can't be assigned")

    def add(self, **fields: object) -> "Owner":
        """Add a new message and return it.

        Args:
            **fields: Its fields.

        Raises:
            ValueError: It has no such field.
            TypeError: A value is of the wrong type.
        """
        made = self._cls(**fields)
        self._items.append(made._raw)
        self._changed()
        return made


MutableSequence.register(RepeatedScalar)
MutableSequence.register(RepeatedMessage)


class ScalarMap(Container, MutableMapping[Any, Any]):
    """A map of texts, numbers or bytes.

    Args:
        message: The message it is in.
        field: The field.
        items: The dict.
    """

    __slots__ = ("_key", "_value")

    __hash__ = None  # type: ignore[assignment]  # object's is a method

    def __init__(self, message: "Owner", field: "FieldDescriptor", items: dict[Any, Any]) -> None:
        super().__init__(message, field, items)
        self._key, self._value = field.key_and_value

    def __getitem__(self, key: object) -> Any:  # noqa: ANN401  # as the field is
        """Return a value; the default, which is put there, when there is none.

        Raises:
            TypeError: The key is of the wrong type.
        """
        checked = scalars.check(self._key, key)
        if checked not in self._items:
            self[checked] = self._value.default_value
        return scalars.read(self._value, self._items[checked])

    def __setitem__(self, key: object, value: object) -> None:
        """Set a value.

        Raises:
            TypeError: Key or value are of the wrong type.
        """
        self._items[scalars.check(self._key, key)] = scalars.check(self._value, value)
        self._changed()

    def __delitem__(self, key: object) -> None:
        """Remove a value."""
        del self._items[key]
        self._changed()

    def __contains__(self, key: object) -> bool:
        """Return whether there is a value."""
        return scalars.check(self._key, key) in self._items

    def __iter__(self) -> Iterator[Any]:
        """Yield the keys."""
        return iter(self._items)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._items)

    def __repr__(self) -> str:
        """Show it as a dict, but no secrets."""
        if self._field.entry.name in self._field.containing_type.secrets:
            return repr(dict.fromkeys(self._items, scalars.REDACTED))
        return repr(dict(self))

    def get(self, key: object, default: Any = None) -> Any:  # noqa: ANN401  # of any type
        """Return a value, or the default, which is not put there.

        Args:
            key: The key.
            default: What else to return.
        """
        return self[key] if key in self else default  # noqa: SIM401  # which would be itself

    def clear(self) -> None:
        """Remove all."""
        self._items.clear()
        self._changed()

    def MergeFrom(self, other: Mapping[Any, Any]) -> None:  # noqa: N802  # protobuf's name
        """Set all that is in another.

        Args:
            other: The other.
        """
        self.update(other)


resolve_lazily(globals())
