# Generated from google/rpc/status.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The full form of an error, which gRPC carries in a trailer."""

from dataclasses import dataclass

import betterproto
from betterproto.lib.google.protobuf import Any

from xai.proto import base


@dataclass(eq=False, repr=False)
class Status(base.Message):
    """An error with its details."""

    code: int = betterproto.int32_field(1)
    """The status code, as a number."""

    message: str = betterproto.string_field(2)
    """A text for developers."""

    details: "list[Any]" = betterproto.message_field(3)
    """Anything more there is to say, each with its type."""
