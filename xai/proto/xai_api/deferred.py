# Generated from xai/api/v1/deferred.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""Deferred requests: started first, polled for the result."""

from dataclasses import dataclass

import betterproto

from xai.proto import base


class DeferredStatus(base.Enum):
    """States of a deferred request."""

    INVALID_DEFERRED_STATUS = 0
    """It is not known."""

    DONE = 1
    """The result is there."""

    EXPIRED = 2
    """The result was there, and is gone."""

    PENDING = 3
    """Not finished."""

    FAILED = 4
    """Failed."""


@dataclass(eq=False, repr=False)
class StartDeferredResponse(base.Message):
    """Request ID of a deferred request."""

    request_id: str = betterproto.string_field(1)
    """Request ID."""


@dataclass(eq=False, repr=False)
class GetDeferredRequest(base.Message):
    """Asks for a result."""

    request_id: str = betterproto.string_field(1)
    """Request ID of the deferred request."""
