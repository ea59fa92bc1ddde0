"""Calls in bytes, as the stubs of grpcio make them on a channel, in terms of ours."""

import functools
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, TypeAlias

import betterproto

from xai.proto.base import Method
from xai.xai_sdk.v1.proto import names

Codec: TypeAlias = Callable[[Any], Any]


class RawMethod:
    """An RPC, with what makes bytes of its requests and messages of the bytes of its replies.

    Args:
        path: What names it on the wire, such as ``/xai_api.Chat/GetCompletion``.
        serialize: Makes bytes of a request; None when requests are bytes.
        deserialize: Makes a reply of bytes; None when replies stay bytes.

    Raises:
        ValueError: The API has no such RPC.
    """

    def __init__(self, path: str, serialize: Codec | None, deserialize: Codec | None) -> None:
        found = _methods().get(path)
        if found is None:
            raise ValueError(f"the API has no method {path!r}")
        self.method = found
        self._serialize: Codec = serialize or _checked
        self._deserialize: Codec = deserialize or _checked

    def request(self, message: object) -> betterproto.Message:
        """Return a request as the codec wants it."""
        made: betterproto.Message = self.method.request.FromString(self._serialize(message))
        return made

    def reply(self, raw: betterproto.Message) -> object:
        """Return a reply as the stub wants it."""
        return self._deserialize(bytes(raw))


def _checked(data: bytes) -> bytes:
    if not isinstance(data, bytes):
        raise TypeError(f"a message must be bytes, not {type(data).__name__}")
    return data


@functools.cache
def _methods() -> Mapping[str, Method[Any, Any]]:
    modules = (vars(import_module(home)).values() for home in names.HOMES.values())
    return {value.path: value for each in modules for value in each if isinstance(value, Method)}
