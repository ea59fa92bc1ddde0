"""The namespace ``client.v1``."""

from typing import TYPE_CHECKING

from xai._annotations import resolve_lazily
from xai.aio.rpc.caller import AsyncCaller

if TYPE_CHECKING:
    from xai.aio.v1.auth import AsyncAuth
    from xai.aio.v1.chat.service import AsyncChats
    from xai.aio.v1.models import AsyncModels
    from xai.aio.v1.tokenize import AsyncTokenize


class AsyncV1:
    """The services of the v1 API; each is loaded when it is first used.

    Args:
        caller: Makes the calls.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller
        self._auth: AsyncAuth | None = None
        self._chat: AsyncChats | None = None
        self._models: AsyncModels | None = None
        self._tokenize: AsyncTokenize | None = None

    @property
    def auth(self) -> "AsyncAuth":
        """The API key: its owner and its rights."""
        if self._auth is None:
            from xai.aio.v1.auth import AsyncAuth

            self._auth = AsyncAuth(self._caller)
        return self._auth

    @property
    def chat(self) -> "AsyncChats":
        """Chats with a model, with tools, structured outputs and streaming."""
        if self._chat is None:
            from xai.aio.v1.chat.service import AsyncChats

            self._chat = AsyncChats(self._caller)
        return self._chat

    @property
    def models(self) -> "AsyncModels":
        """The models and their prices."""
        if self._models is None:
            from xai.aio.v1.models import AsyncModels

            self._models = AsyncModels(self._caller)
        return self._models

    @property
    def tokenize(self) -> "AsyncTokenize":
        """Tokens of a text, and the cost of a prompt."""
        if self._tokenize is None:
            from xai.aio.v1.tokenize import AsyncTokenize

            self._tokenize = AsyncTokenize(self._caller)
        return self._tokenize


resolve_lazily(globals())
