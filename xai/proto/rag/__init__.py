# Generated from the package rag (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The messages and enums of the package rag, each loaded when it is first used."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xai.proto.rag.types import (
        BytesConfiguration,
        CharsConfiguration,
        ChunkConfiguration,
        HnswMetric,
        IndexConfiguration,
        TokensConfiguration,
    )
else:

    def __getattr__(name):
        """Load a message or an enum when it is first used (PEP 562)."""
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(f"{__name__}.{home}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """List the messages and enums, loaded or not."""
    return sorted({*globals(), *__all__})


_HOMES = {
    "BytesConfiguration": "types",
    "CharsConfiguration": "types",
    "ChunkConfiguration": "types",
    "HnswMetric": "types",
    "IndexConfiguration": "types",
    "TokensConfiguration": "types",
}

__all__ = [
    "BytesConfiguration",
    "CharsConfiguration",
    "ChunkConfiguration",
    "HnswMetric",
    "IndexConfiguration",
    "TokensConfiguration",
]
