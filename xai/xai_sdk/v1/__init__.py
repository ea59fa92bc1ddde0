"""The package xai-sdk 1.x, as programs know it, on this one; `xai.xai_sdk` says where it differs.

A module here stands for the one of the same name there. Nothing is loaded before it is used.
"""

from typing import TYPE_CHECKING

from xai.xai_sdk.v1.__about__ import __version__

#: Tells `xai.install_as_xai_sdk` that the module is its own.
__provided_by__ = "xai-client 1"

if TYPE_CHECKING:
    from xai.xai_sdk.v1.aio.client import Client as AsyncClient
    from xai.xai_sdk.v1.sync.client import Client

__all__ = ["AsyncClient", "Client", "__version__"]

#: What ``import xai_sdk`` makes reachable there.
_MODULES = frozenset(
    {
        "aio",
        "auth",
        "batch",
        "chat",
        "client",
        "collections",
        "cost",
        "files",
        "image",
        "meta",
        "models",
        "poll_timer",
        "proto",
        "search",
        "service_tier",
        "sync",
        "telemetry",
        "tokenizer",
        "tools",
        "types",
        "video",
    }
)

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Load a client or a module when it is first used (PEP 562)."""
        if name in _MODULES:
            from xai.xai_sdk.finder import load

            return load(name)
        if name == "Client":
            from xai.xai_sdk.v1.sync import client
        elif name == "AsyncClient":
            from xai.xai_sdk.v1.aio import client
        else:
            raise AttributeError(f"module 'xai_sdk' has no attribute {name!r}")
        globals()[name] = client.Client
        return client.Client


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted({*__all__, *_MODULES})
