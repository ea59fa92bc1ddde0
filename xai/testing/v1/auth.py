"""The service xai_api.Auth of the local server: about the key of the call."""

from collections.abc import Mapping

from betterproto.lib.google.protobuf import Empty

from xai.proto.xai_api.auth import ApiKey
from xai.proto.xai_api.auth_server import AuthBase
from xai.testing.control.accounts import caller

_OWNER = "local-user"
#: The one team of a server; what belongs to it is there for all keys.
TEAM = "local-team"


class LocalAuth(AuthBase):
    """Serves ``xai_api.Auth``; every key may ask about itself."""

    acls: Mapping[str, str] = {}

    async def get_api_key_info(self, request: Empty) -> ApiKey:  # noqa: ARG002 - has no fields
        """Describe the key of the call."""
        account = caller()
        return ApiKey(
            redacted_api_key=account.redacted_key,
            user_id=_OWNER,
            name=f"local key {account.number}",
            create_time=account.create_time,
            modify_time=account.create_time,
            modified_by=_OWNER,
            team_id=TEAM,
            acls=sorted(account.acls),
            api_key_id=f"key-{account.number:06d}",
        )
