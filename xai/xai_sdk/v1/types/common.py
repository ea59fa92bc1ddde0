"""Types that several services share."""

from typing import Literal, TypeAlias

ServiceTier: TypeAlias = Literal["default", "priority"]
