"""What the v1 API tells about an API key."""

from datetime import datetime

import attrs

from xai.proto.xai_api import auth as auth_pb
from xai.v1.proto_value import ProtoValue, read_time


@attrs.frozen
class ApiKeyInfo(ProtoValue):
    """An API key, without its secret.

    Attributes:
        redacted_api_key: The key with all but a few characters masked.
        user_id: The ID of the user who owns it.
        name: The name its owner gave it.
        create_time: When it was created, in UTC; None when the server does not say.
        modify_time: When it was last modified; None when the server does not say.
        modified_by: The ID of the user who last modified it.
        team_id: The ID of the team it belongs to.
        acls: The access rights of the key.
        api_key_id: The ID of the key.
        api_key_blocked: Whether the key is blocked.
        team_blocked: Whether the whole team is blocked.
        disabled: Whether its owner disabled it.
        proto: The protobuf message.
    """

    redacted_api_key: str
    user_id: str
    name: str
    create_time: datetime | None
    modify_time: datetime | None
    modified_by: str
    team_id: str
    acls: tuple[str, ...]
    api_key_id: str
    api_key_blocked: bool
    team_blocked: bool
    disabled: bool
    proto: auth_pb.ApiKey = attrs.field(repr=False, eq=False)

    @property
    def usable(self) -> bool:
        """Whether the key works: neither it nor its team is blocked, and it is not disabled."""
        return not (self.api_key_blocked or self.team_blocked or self.disabled)


def read_key(proto: auth_pb.ApiKey) -> ApiKeyInfo:
    """Return the value of a message that describes an API key."""
    return ApiKeyInfo(
        redacted_api_key=proto.redacted_api_key,
        user_id=proto.user_id,
        name=proto.name,
        create_time=read_time(proto, "create_time"),
        modify_time=read_time(proto, "modify_time"),
        modified_by=proto.modified_by,
        team_id=proto.team_id,
        acls=tuple(proto.acls),
        api_key_id=proto.api_key_id,
        api_key_blocked=proto.api_key_blocked,
        team_blocked=proto.team_blocked,
        disabled=proto.disabled,
        proto=proto,
    )


ApiKeyInfo.__module__ = "xai.v1"
