"""The embedder service of the local server."""

import asyncio
import struct
from collections.abc import Mapping, Sequence
from typing import cast

from betterproto import encode_varint
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from xai.proto.prompt_ide.embedder_public import Embedding, EmbedRequest, EmbedResponse
from xai.proto.prompt_ide.embedder_public_server import EmbedderBase
from xai.testing.engine.embedder import DEFAULT_SIZE, EMBEDDER, embed_text

_SIZES = range(8, 4097)


class LocalEmbedder(EmbedderBase):
    """Serves ``prompt_ide.Embedder``.

    Args:
        model_names: Names of language models, which are taken for the embedder as well. Any of
            its names followed by a hyphen and a number gives vectors of that length.
    """

    acls: Mapping[str, str] = {"/prompt_ide.Embedder/Embed": "embedder:write"}

    def __init__(self, model_names: Sequence[str]) -> None:
        self._names = frozenset(["", EMBEDDER, *model_names])

    async def embed(self, request: EmbedRequest) -> EmbedResponse:
        """Turn each text into a vector."""
        size = self._size(request.model_name)
        shape = bytes(Embedding(shape=[size]))
        parts: list[bytes] = []
        for text in request.texts:
            parts += _written(embed_text(text, size), shape)
            # Other calls of the server must get their turn.
            await asyncio.sleep(0)
        # The stream takes encoded messages as well; a million numbers one by one take seconds.
        return cast("EmbedResponse", b"".join(parts))

    def _size(self, name: str) -> int:
        if name in self._names:
            return DEFAULT_SIZE
        base, _, number = name.rpartition("-")
        if base in self._names and base and number.isdecimal() and int(number) in _SIZES:
            return int(number)
        raise GRPCError(Status.NOT_FOUND, f"The model {name!r} does not exist.")


def _written(values: Sequence[float], shape: bytes) -> tuple[bytes, ...]:
    """Return an embedding as a field of the response."""
    packed = struct.pack(f"<{len(values)}f", *values)
    head = b"\x0a" + encode_varint(len(packed))
    size = len(head) + len(packed) + len(shape)
    return b"\x0a" + encode_varint(size), head, packed, shape
