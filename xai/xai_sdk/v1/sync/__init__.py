# Do not edit: produced by "nox -s generate" from
# xai/xai_sdk/v1/aio/__init__.py
"""The blocking client of that package, and its services."""

from importlib import import_module
from typing import TYPE_CHECKING

_MODULES = frozenset(
    {
        "auth",
        "batch",
        "chat",
        "client",
        "collections",
        "files",
        "image",
        "models",
        "tokenizer",
        "video",
    }
)

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Load a module when it is first used (PEP 562)."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return import_module(f"{__name__}.{name}")
