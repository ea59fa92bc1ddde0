"""Tokens of texts."""

from collections.abc import Sequence

from xai.proto.xai_api.tokenize import TOKENIZE_TOKENIZE_TEXT
from xai.xai_sdk.v1.aio.connection import AsyncConnection
from xai.xai_sdk.v1.proto.messages import Message
from xai.xai_sdk.v1.proto.modules import load
from xai.xai_sdk.v1.telemetry.spans import span

tokenize_pb2 = load("tokenize_pb2")


class Client:
    """Splits texts into tokens.

    Args:
        connection: Makes the calls.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def tokenize_text(self, text: str, model: str) -> Sequence[Message]:
        """Return the tokens of a text.

        Args:
            text: The text.
            model: The model whose tokens they are.
        """
        with span(__name__, f"tokenize_text {model}", lambda: {"gen_ai.request.model": model}):
            request = tokenize_pb2.TokenizeTextRequest(text=text, model=model)
            reply = await self._connection.call(TOKENIZE_TOKENIZE_TEXT, request)
            tokens: Sequence[Message] = reply.tokens
            return tokens
