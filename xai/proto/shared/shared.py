# Generated from xai/api/v1/shared.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""What several management services share."""

from xai.proto import base


class Ordering(base.Enum):
    """Which end comes first."""

    ORDERING_UNKNOWN = 0
    """The server decides."""

    ORDERING_ASCENDING = 1
    """The lowest."""

    ORDERING_DESCENDING = 2
    """The highest."""
