"""The messages which betterproto has Python types of its own for, as messages."""

from dataclasses import dataclass

import betterproto

from xai.proto import base


@dataclass(eq=False, repr=False)
class Timestamp(base.Message):
    """A point in time."""

    seconds: int = betterproto.int64_field(1)
    """Seconds since 1970."""

    nanos: int = betterproto.int32_field(2)
    """Nanoseconds after that."""


@dataclass(eq=False, repr=False)
class Duration(base.Message):
    """A span of time."""

    seconds: int = betterproto.int64_field(1)
    """Seconds."""

    nanos: int = betterproto.int32_field(2)
    """Nanoseconds, of the same sign."""
