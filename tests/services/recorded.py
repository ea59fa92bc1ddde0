"""What the local server recorded, with its types."""

from typing import Final, TypeVar

import betterproto

from xai.proto.base import Method
from xai.testing import LocalServer

Q = TypeVar("Q", bound=betterproto.Message)
R = TypeVar("R", bound=betterproto.Message)

#: The names under which keys travel; the record has the names and hides the values.
CREDENTIALS: Final = (("apikey", "<hidden>"), ("authorization", "<hidden>"))


def requests(server: LocalServer, method: Method[Q, R]) -> list[Q]:
    """Return the requests of a method, in the order of the calls."""
    found = []
    for call in server.calls:
        if call.method == method.path:
            assert isinstance(call.request, method.request)
            found.append(call.request)
    return found


def paths(server: LocalServer) -> list[str]:
    """Return the last part of the path of each call."""
    return [call.method.rpartition("/")[2] for call in server.calls]
