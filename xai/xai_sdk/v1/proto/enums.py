"""Enums in protobuf's manner: names and numbers; their members are plain ints."""

from typing import TYPE_CHECKING, Final, Union

from xai._annotations import resolve_lazily

if TYPE_CHECKING:
    from xai.xai_sdk.v1.proto.descriptors import EnumDescriptor


class EnumType:
    """The names and numbers of an enum; each name is also an attribute.

    Args:
        described: The enum.
    """

    #: What annotates a member.
    ValueType = int

    def __init__(self, described: "EnumDescriptor") -> None:
        self.DESCRIPTOR = described

    def __or__(self, other: object) -> object:
        """Return a union of types, as annotations of programs have it: a member is a number."""
        return Union[int, other]  # noqa: UP007  # at run time

    __ror__ = __or__

    @staticmethod
    def of(described: "EnumDescriptor") -> "EnumType":
        """Return the one of an enum.

        Args:
            described: The enum.
        """
        found = _TYPES.get(described)
        # Threads that come at the same time get the same one, whoever made it.
        return found if found is not None else _TYPES.setdefault(described, EnumType(described))

    def Name(self, number: int) -> str:  # noqa: N802  # protobuf's name
        """Return the name of a number.

        Args:
            number: The number.

        Raises:
            ValueError: It has no name.
            TypeError: It is no int.
        """
        name = self.DESCRIPTOR.name
        if not isinstance(number, int):
            raise TypeError(
                f"Enum value for {name} must be an int, but got {type(number)} {number!r}."
            )
        found = self.DESCRIPTOR.values_by_number.get(number)
        if found is None:
            raise ValueError(f"Enum {name} has no name defined for value {number!r}")
        return found.name

    def Value(self, name: str) -> int:  # noqa: N802  # protobuf's name
        """Return the number with a name.

        Args:
            name: The name.

        Raises:
            ValueError: There is none.
        """
        found = self.DESCRIPTOR.values_by_name.get(name)
        if found is None:
            raise ValueError(f"Enum {self.DESCRIPTOR.name} has no value defined for name {name!r}")
        return found.number

    def keys(self) -> list[str]:
        """Return the names, as they are declared."""
        return [value.name for value in self.DESCRIPTOR.values]

    def values(self) -> list[int]:
        """Return the numbers, as they are declared."""
        return [value.number for value in self.DESCRIPTOR.values]

    def items(self) -> list[tuple[str, int]]:
        """Return the names with their numbers, as they are declared."""
        return [(value.name, value.number) for value in self.DESCRIPTOR.values]

    def __getattr__(self, name: str) -> int:
        """Return the number with a name.

        Raises:
            AttributeError: There is none.
        """
        # Copying and pickling ask before there is anything to look in.
        described = None if name.startswith("__") else vars(self).get("DESCRIPTOR")
        found = described.values_by_name.get(name) if described is not None else None
        if found is None:
            raise AttributeError(f"the enum has no value {name!r}")
        number: int = found.number
        return number

    def __dir__(self) -> list[str]:
        """List the names, too."""
        return sorted({*object.__dir__(self), *self.keys()})

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle as the generated enum."""
        return _unpickled, (self.DESCRIPTOR.raw,)


_TYPES: "Final[dict[EnumDescriptor, EnumType]]" = {}


def _unpickled(raw: "type[Enum]") -> EnumType:
    from xai.xai_sdk.v1.proto.descriptors import describe_enum

    return EnumType.of(describe_enum(raw))


if TYPE_CHECKING:
    from xai.proto.base import Enum


resolve_lazily(globals())
