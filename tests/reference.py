"""xai_sdk ``xai-sdk``, as the reference for the v1 API.

Import it from here: the package has the name that `xai.install_as_xai_sdk` gives to this library,
so it must not stay in ``sys.modules``, where tests of that function look.
"""

import sys
from importlib import import_module
from typing import Any, Final


def _ours(name: str) -> bool:
    return name.partition(".")[0] == "xai_sdk"


def load(*names: str) -> list[Any]:
    """Import modules of the package and leave no trace of them."""
    aside = {name: sys.modules.pop(name) for name in list(sys.modules) if _ours(name)}
    try:
        return [import_module(f"xai_sdk.{name}") for name in names]
    finally:
        for name in [name for name in sys.modules if _ours(name)]:
            del sys.modules[name]
        sys.modules.update(aside)


# Untyped: the package ships no types, and its messages are made at run time.
_modules: Final = load("chat", "tools", "search", "sync.chat", "proto")
chat: Final[Any] = _modules[0]
tools: Final[Any] = _modules[1]
search: Final[Any] = _modules[2]
proto: Final[Any] = _modules[4]
chat_pb2: Final[Any] = proto.chat_pb2
documents_pb2: Final[Any] = _modules[4].documents_pb2
image_pb2: Final[Any] = _modules[4].image_pb2
usage_pb2: Final[Any] = _modules[4].usage_pb2
_Client: Final[Any] = _modules[3].Client


class _NoChannel:
    """A channel that a stub can be made with, and nothing be sent over."""

    def unary_unary(self, *_: object, **__: object) -> None:
        """Refuse to be a method."""

    def unary_stream(self, *_: object, **__: object) -> None:
        """Refuse to be a method."""


def request(model: str, **settings: object) -> Any:  # noqa: ANN401  # untyped, as above
    """Return the request that xai_sdk makes of some settings."""
    return _Client(_NoChannel()).create(model, **settings).proto


def wire(message: Any) -> bytes:  # noqa: ANN401  # untyped, as above
    """Return the bytes of an reference message, the same each time."""
    data: bytes = message.SerializeToString(deterministic=True)
    return data
