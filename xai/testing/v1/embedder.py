"""The service xai_api.Embedder of the local server."""

import base64
import struct
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from betterproto import encode_varint

from xai.proto.base import which_one_of
from xai.proto.xai_api.embed import EmbedEncodingFormat, EmbedInput, EmbedRequest, EmbedResponse
from xai.proto.xai_api.embed_server import EmbedderBase
from xai.proto.xai_api.image import ImageDetail, ImageUrlContent
from xai.proto.xai_api.usage import EmbeddingUsage
from xai.testing.engine.dialogue import MAX_TEXT_LENGTH
from xai.testing.engine.embedder import EMBEDDER, embedding_size, embedding_steps, image_vector
from xai.testing.engine.steps import finish_in_turns
from xai.testing.v1.chat_request import is_image, require
from xai.testing.v1.models import LATEST

_MOST_INPUTS = 128
#: An image is looked at as a whole, and in finer detail by its halves as well.
_PARTS, _DETAILED_PARTS = 1, 3


class LocalV1Embedder(EmbedderBase):
    """Serves ``xai_api.Embedder``.

    Args:
        model_names: Names of language models, which are taken for the embedder as well. Any of
            its names followed by a hyphen and a number gives vectors of that length.
        system_fingerprint: Identifies the server's configuration.
        read_file: Returns the content of a stored file of the calling key.
    """

    acls: Mapping[str, str] = {"/xai_api.Embedder/Embed": "embedder:write"}

    def __init__(
        self, model_names: Sequence[str], system_fingerprint: str, read_file: Callable[[str], bytes]
    ) -> None:
        self._read_file = read_file
        self._names = (EMBEDDER, EMBEDDER + LATEST, *model_names)
        self._fingerprint = system_fingerprint

    async def embed(self, request: EmbedRequest) -> EmbedResponse:
        """Turn each input into vectors."""
        size = embedding_size(request.model or EMBEDDER, self._names)
        count = len(request.input)
        require(0 < count <= _MOST_INPUTS, f"input must have 1 to {_MOST_INPUTS}, got {count}.")
        encoding = request.encoding_format
        known = encoding in set(EmbedEncodingFormat)
        require(known, f"encoding_format is unknown: {int(encoding)}.")
        in_base64 = encoding == EmbedEncodingFormat.FORMAT_BASE64
        parts: list[bytes] = []
        texts = 0
        for index, value in enumerate(request.input):
            texts += which_one_of(value, "input")[0] == "string"
            vectors = await self._vectors(f"input[{index}]", value, size)
            fields = [_field(2, _vector(numbers, in_base64=in_base64)) for numbers in vectors]
            place = b"\x08" + encode_varint(index) if index else b""
            parts.append(_field(2, place + b"".join(fields)))
        head = EmbedResponse(
            id=str(uuid.uuid4()),
            usage=EmbeddingUsage(
                num_text_embeddings=texts, num_image_embeddings=len(request.input) - texts
            ),
            model=(request.model or EMBEDDER).removesuffix(LATEST),
            system_fingerprint=self._fingerprint,
        )
        # The stream takes encoded messages as well; a million numbers one by one take seconds.
        return cast("EmbedResponse", bytes(head) + b"".join(parts))

    async def _vectors(self, where: str, value: EmbedInput, size: int) -> list[list[float]]:
        kind, content = which_one_of(value, "input")
        if kind == "image_url":
            image = self._image(where, content)
            low = content.detail == ImageDetail.DETAIL_LOW
            count = _PARTS if low else _DETAILED_PARTS
            return [image_vector(image, part, size) for part in range(count)]
        require(kind == "string", f"{where} is neither a text nor an image.")
        length = len(content)
        require(
            length <= MAX_TEXT_LENGTH,
            f"{where} has {length} characters; it may have {MAX_TEXT_LENGTH}.",
        )
        return [await finish_in_turns(embedding_steps(content, size))]

    def _image(self, where: str, content: ImageUrlContent) -> bytes:
        source, value = which_one_of(content, "source")
        if source == "file_id":
            return self._read_file(value)
        require(
            source == "image_url" and is_image(value),
            f"{where}.image_url must be an HTTP address or base64 data.",
        )
        if value.startswith("data:"):
            return base64.b64decode(value.rpartition(",")[2])
        return str(value).encode()


def _vector(values: Sequence[float], *, in_base64: bool) -> bytes:
    packed = struct.pack(f"<{len(values)}f", *values)
    return _field(2, base64.b64encode(packed)) if in_base64 else _field(1, packed)


def _field(number: int, data: bytes) -> bytes:
    """Return a field that is a message, a text or packed numbers."""
    return encode_varint(number << 3 | 2) + encode_varint(len(data)) + data
