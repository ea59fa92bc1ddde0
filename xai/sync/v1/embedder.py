# Do not edit: produced by "nox -s generate" from
# xai/aio/v1/embedder.py
"""Embeddings of texts and images: the service xai_api.Embedder."""

import functools
import os
from collections.abc import Sequence
from pathlib import Path

from xai.errors import APIError
from xai.proto.xai_api import embed as pb
from xai.sync.rpc.caller import Caller
from xai.v1.chat.enums import Model
from xai.v1.embedder import (
    MAX_INPUTS,
    EmbeddingInput,
    Embeddings,
    EncodingFormat,
    check_inputs,
    joined,
    make_input,
    make_request,
    read_reply,
    size_of,
)
from xai.v1.splitting import split_by_size


class Embedder:
    """Computes embeddings of texts and images.

    Args:
        caller: Makes the calls.
    """

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def embed(
        self,
        inputs: EmbeddingInput | Sequence[EmbeddingInput],
        *,
        model: Model,
        encoding_format: EncodingFormat | None = None,
        user: str | None = None,
    ) -> Embeddings:
        """Embed texts and images, any number of them.

        The service takes 128 inputs in a request: more are sent in several, one after the other.

        Args:
            inputs: A text or an image, or a sequence of them. A str is a text. An image is what
                `xai.v1.image` returns, encoded bytes, or a path. Files are read before
                anything is sent.
            model: The name or alias of the model.
            encoding_format: How numbers are sent, ``"float"`` or ``"base64"``; the former when
                None. The result is the same.
            user: An ID of your own for the end user.

        Returns:
            The embeddings, in the order of the inputs.

        Raises:
            APIError: A call failed; ``partial`` has the embeddings of the calls before it, if any.
            OSError: A file can't be read.
            TypeError: An argument is of the wrong type.
            ValueError: An argument is empty, or an input is too large, or an image of an unknown
                kind.

        RPC: ``/xai_api.Embedder/Embed``.
        """
        request = make_request(model=model, encoding_format=encoding_format, user=user)
        values = check_inputs(inputs)
        messages = [
            make_input(place, self._read(value) if isinstance(value, os.PathLike) else value)
            for place, value in enumerate(values)
        ]
        room = self._caller.context.transport.config.max_message_bytes - len(bytes(request))
        sizes = [size_of(message) for message in messages]
        runs = split_by_size("inputs", sizes, max_count=MAX_INPUTS, max_bytes=room)
        found: list[Embeddings] = []
        for start, end in runs:
            request.input = messages[start:end]
            read = functools.partial(read_reply, first=start, count=end - start)
            try:
                found.append(self._caller.unary_of(pb.EMBEDDER_EMBED, request, read))
            except APIError as error:
                error.partial = joined(found) if found else None
                raise
        return found[0] if len(found) == 1 else joined(found)

    def _read(self, path: os.PathLike[str]) -> bytes:
        return self._caller.context.transport.beside(Path(path).read_bytes, abandon=True)
