"""Enums of responses that keep the numbers a newer server may send."""

import enum
from typing import TYPE_CHECKING

from xai._annotations import resolve_lazily

if TYPE_CHECKING:
    from typing_extensions import Self


class OpenEnum(enum.IntEnum):
    """Numbers with names, open to numbers that have none yet."""

    @classmethod
    def _missing_(cls, value: object) -> "Self | None":
        # A newer server may send a number this version has no name for; losing the response over
        # it would be worse than a member without a documented meaning.
        if not isinstance(value, int):
            return None
        unknown = int.__new__(cls, value)
        unknown._name_ = f"UNRECOGNIZED_{value}"
        unknown._value_ = value
        return unknown

    def _with(self, prefix: str) -> str:
        known = self.name in type(self).__members__
        return f"{prefix}{self.name if known else self.value}"


resolve_lazily(globals())
