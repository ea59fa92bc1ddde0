# Generated from xai/api/v1/deferred.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""Work that takes long: start it, then ask for its result."""

from dataclasses import dataclass

import betterproto

from xai.proto import base


class DeferredStatus(base.Enum):
    """How far the work is."""

    INVALID_DEFERRED_STATUS = 0
    """It is not known."""

    DONE = 1
    """The result is there."""

    EXPIRED = 2
    """The result was there, and is gone."""

    PENDING = 3
    """It goes on."""

    FAILED = 4
    """It failed."""


@dataclass(eq=False, repr=False)
class StartDeferredResponse(base.Message):
    """Tells where to ask for a result."""

    request_id: str = betterproto.string_field(1)
    """What to ask with."""


@dataclass(eq=False, repr=False)
class GetDeferredRequest(base.Message):
    """Asks for a result."""

    request_id: str = betterproto.string_field(1)
    """What the start of the work answered."""
