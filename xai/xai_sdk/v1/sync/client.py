# Do not edit: produced by "nox -s generate" from
# xai/xai_sdk/v1/aio/client.py
"""The client, and the services that hang on it."""

from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING

from xai._annotations import resolve_lazily
from xai.xai_sdk.v1.client import BaseClient, Settings
from xai.xai_sdk.v1.sync.channel import Channel
from xai.xai_sdk.v1.sync.connection import Connection

if TYPE_CHECKING:
    from typing_extensions import Self

    from xai.xai_sdk.v1.sync import (
        auth,
        batch,
        chat,
        collections,
        files,
        image,
        models,
        tokenizer,
        video,
    )


class Client(BaseClient):
    """A client of the API; each service is loaded when it is first used.

    It may be used from any event loop, any thread, and after a fork.
    """

    def _init(self, settings: Settings) -> None:
        self._connection = Connection(settings)
        self._api_channel = Channel(self._connection)
        self._management_channel = (
            Channel(self._connection, management=True)
            if self._connection.has_management_key
            else None
        )

    @cached_property
    def auth(self) -> "auth.Client":
        """The API key."""
        from xai.xai_sdk.v1.sync.auth import Client as Service

        return Service(self._connection)

    @cached_property
    def batch(self) -> "batch.Client":
        """Batches of requests that are processed later."""
        from xai.xai_sdk.v1.sync.batch import Client as Service

        return Service(self._connection)

    @cached_property
    def chat(self) -> "chat.Client":
        """Chats."""
        from xai.xai_sdk.v1.sync.chat import Client as Service

        return Service(self._connection)

    @cached_property
    def collections(self) -> "collections.Client":
        """Collections of documents."""
        from xai.xai_sdk.v1.sync.collections import Client as Service

        return Service(self._connection)

    @cached_property
    def files(self) -> "files.Client":
        """Files kept by the server."""
        from xai.xai_sdk.v1.sync.files import Client as Service

        return Service(self._connection)

    @cached_property
    def image(self) -> "image.Client":
        """Images."""
        from xai.xai_sdk.v1.sync.image import Client as Service

        return Service(self._connection)

    @cached_property
    def models(self) -> "models.Client":
        """The models of the API."""
        from xai.xai_sdk.v1.sync.models import Client as Service

        return Service(self._connection)

    @cached_property
    def tokenize(self) -> "tokenizer.Client":
        """Tokens of texts."""
        from xai.xai_sdk.v1.sync.tokenizer import Client as Service

        return Service(self._connection)

    @cached_property
    def video(self) -> "video.Client":
        """Videos."""
        from xai.xai_sdk.v1.sync.video import Client as Service

        return Service(self._connection)

    def close(self) -> None:
        """Close the connections; a second call does nothing, and a later call is an error."""
        self._connection.client.close()

    def __enter__(self) -> "Self":
        """Return the client itself."""
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the client."""
        self.close()

    def __repr__(self) -> str:
        """Return the host; never the key."""
        return repr(getattr(self, "_connection", None) and self._connection.client)


resolve_lazily(globals())
