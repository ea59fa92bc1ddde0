# Do not edit: produced by "nox -s generate" from
# xai/aio/v1/namespace.py
"""The namespace ``client.v1``."""

from typing import TYPE_CHECKING

from xai._annotations import resolve_lazily
from xai.sync.rpc.caller import Caller

if TYPE_CHECKING:
    from xai.sync.v1.auth import Auth
    from xai.sync.v1.chat.service import Chats
    from xai.sync.v1.models import Models
    from xai.sync.v1.tokenize import Tokenize


class V1:
    """The services of the v1 API; each is loaded when it is first used.

    Args:
        caller: Makes the calls.
    """

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._auth: Auth | None = None
        self._chat: Chats | None = None
        self._models: Models | None = None
        self._tokenize: Tokenize | None = None

    @property
    def auth(self) -> "Auth":
        """The API key: its owner and its rights."""
        if self._auth is None:
            from xai.sync.v1.auth import Auth

            self._auth = Auth(self._caller)
        return self._auth

    @property
    def chat(self) -> "Chats":
        """Chats with a model, with tools, structured outputs and streaming."""
        if self._chat is None:
            from xai.sync.v1.chat.service import Chats

            self._chat = Chats(self._caller)
        return self._chat

    @property
    def models(self) -> "Models":
        """The models and their prices."""
        if self._models is None:
            from xai.sync.v1.models import Models

            self._models = Models(self._caller)
        return self._models

    @property
    def tokenize(self) -> "Tokenize":
        """Tokens of a text, and the cost of a prompt."""
        if self._tokenize is None:
            from xai.sync.v1.tokenize import Tokenize

            self._tokenize = Tokenize(self._caller)
        return self._tokenize


resolve_lazily(globals())
