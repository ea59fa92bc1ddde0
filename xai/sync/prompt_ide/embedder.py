# Do not edit: produced by "nox -s generate" from
# xai/aio/prompt_ide/embedder.py
"""Embeddings of texts: the service prompt_ide.Embedder."""

from collections.abc import Sequence

from xai.prompt_ide.requests import embed_request
from xai.prompt_ide.types import Embedding
from xai.prompt_ide.values import read_embeddings
from xai.proto.prompt_ide.embedder_public import EMBEDDER_EMBED
from xai.sync.rpc.caller import Caller


class Embedder:
    """Computes embeddings of texts.

    Args:
        caller: Makes the calls.
    """

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def embed(self, texts: Sequence[str], model_name: str | None = "") -> list[Embedding]:
        """Embed texts.

        Args:
            texts: The texts; a single one goes into a list.
            model_name: The model; the server's default when empty.

        Returns:
            One embedding a text, in the same order.

        Raises:
            APIError: The call failed.
            TypeError: An argument, or an item of texts, is of the wrong type.

        RPC: ``/prompt_ide.Embedder/Embed``.
        """
        request = embed_request(texts, model_name)
        return self._caller.unary_of(EMBEDDER_EMBED, request, read_embeddings)
