# Generated from xai/api/v1/auth.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""What the API knows of the key that is used."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import betterproto
from betterproto.lib.google.protobuf import Empty

from xai.proto import base


@dataclass(eq=False, repr=False)
class ApiKey(base.Message):
    """An API key, without its secret."""

    redacted_api_key: str = betterproto.string_field(1)
    """The key with all but a few characters blanked."""

    user_id: str = betterproto.string_field(3)
    """The user it belongs to."""

    name: str = betterproto.string_field(4)
    """What its owner calls it."""

    create_time: datetime = betterproto.message_field(5)
    """When it was made."""

    modify_time: datetime = betterproto.message_field(9)
    """When it was last changed."""

    modified_by: str = betterproto.string_field(11)
    """The user who last changed it."""

    team_id: str = betterproto.string_field(6)
    """The team it belongs to."""

    acls: "list[str]" = betterproto.string_field(7)
    """What it allows."""

    api_key_id: str = betterproto.string_field(8)
    """The ID of the key."""

    api_key_blocked: bool = betterproto.bool_field(10)
    """The key is blocked."""

    team_blocked: bool = betterproto.bool_field(13)
    """The whole team is blocked."""

    disabled: bool = betterproto.bool_field(12)
    """Its owner switched it off."""


AUTH_GET_API_KEY_INFO: Final = base.Method(
    "/xai_api.Auth/get_api_key_info",
    Empty,
    ApiKey,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
