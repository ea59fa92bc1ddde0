"""The embedder service of the local server."""

import struct
from collections.abc import Mapping, Sequence
from typing import cast

from betterproto import encode_varint
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from xai.proto.prompt_ide.embedder_public import Embedding, EmbedRequest, EmbedResponse
from xai.proto.prompt_ide.embedder_public_server import EmbedderBase
from xai.testing.engine.dialogue import MAX_TEXT_LENGTH
from xai.testing.engine.embedder import EMBEDDER, embedding_size, embedding_steps
from xai.testing.engine.steps import finish_in_turns


class LocalEmbedder(EmbedderBase):
    """Serves ``prompt_ide.Embedder``.

    Args:
        model_names: Names of language models, which are taken for the embedder as well. Any of
            its names followed by a hyphen and a number gives vectors of that length.
    """

    acls: Mapping[str, str] = {"/prompt_ide.Embedder/Embed": "embedder:write"}

    def __init__(self, model_names: Sequence[str]) -> None:
        self._names = ("", EMBEDDER, *model_names)

    async def embed(self, request: EmbedRequest) -> EmbedResponse:
        """Turn each text into a vector."""
        size = embedding_size(request.model_name, self._names)
        for index, text in enumerate(request.texts):
            if len(text) > MAX_TEXT_LENGTH:
                error = f"texts[{index}] has {len(text)} characters; it may have {MAX_TEXT_LENGTH}."
                raise GRPCError(Status.INVALID_ARGUMENT, error)
        shape = bytes(Embedding(shape=[size]))
        parts: list[bytes] = []
        for text in request.texts:
            parts += _written(await finish_in_turns(embedding_steps(text, size)), shape)
        # The stream takes encoded messages as well; a million numbers one by one take seconds.
        return cast("EmbedResponse", b"".join(parts))


def _written(values: Sequence[float], shape: bytes) -> tuple[bytes, ...]:
    """Return an embedding as a field of the response."""
    packed = struct.pack(f"<{len(values)}f", *values)
    head = b"\x0a" + encode_varint(len(packed))
    size = len(head) + len(packed) + len(shape)
    return b"\x0a" + encode_varint(size), head, packed, shape
