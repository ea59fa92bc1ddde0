# Do not edit: produced by "nox -s generate" from
# xai/aio/v1/namespace.py
"""The services of the v1 API, as attributes: of ``client.v1`` and of `xai.v1.Client`."""

from typing import TYPE_CHECKING

from xai._annotations import resolve_lazily

if TYPE_CHECKING:
    from collections.abc import Callable

    from xai.sync.rpc.caller import Caller
    from xai.sync.v1.auth import Auth
    from xai.sync.v1.batch import Batches
    from xai.sync.v1.bulk.service import Bulk, ClientWith
    from xai.sync.v1.chat.service import Chats
    from xai.sync.v1.collections.service import Collections
    from xai.sync.v1.documents import Documents
    from xai.sync.v1.embedder import Embedder
    from xai.sync.v1.files import Files
    from xai.sync.v1.image import Images
    from xai.sync.v1.models import Models
    from xai.sync.v1.sampler import Sampler
    from xai.sync.v1.tokenize import Tokenize
    from xai.sync.v1.video import Videos


class V1:
    """The services of the v1 API; each is loaded when it is first used.

    Args:
        caller: Returns what makes the calls of the API.
        management_caller: Returns what makes the calls of the management API, or raises a
            ValueError when there is no management key.
        client: Makes a client of v1 with another policy of retries, on the same connections.
    """

    def __init__(
        self,
        caller: "Callable[[], Caller]",
        management_caller: "Callable[[], Caller]",
        client: "ClientWith[V1]",
    ) -> None:
        self._caller = caller
        self._management_caller = management_caller
        self._client = client
        self._services = _Services()

    @property
    def auth(self) -> "Auth":
        """The API key: its owner and its rights."""
        found = self._services.auth
        if found is None:
            from xai.sync.v1.auth import Auth

            found = self._services.auth = Auth(self._caller())
        return found

    @property
    def batch(self) -> "Batches":
        """Batches of requests that are processed later."""
        found = self._services.batch
        if found is None:
            from xai.sync.v1.batch import Batches

            found = self._services.batch = Batches(self._caller())
        return found

    @property
    def bulk(self) -> "Bulk[V1]":
        """The same task for many items, at the same time."""
        found = self._services.bulk
        if found is None:
            from xai.sync.v1.bulk.service import Bulk

            found = self._services.bulk = Bulk(self._client)
        return found

    @property
    def chat(self) -> "Chats":
        """Chats with a model, with tools, structured outputs and streaming."""
        found = self._services.chat
        if found is None:
            from xai.sync.v1.chat.service import Chats

            found = self._services.chat = Chats(self._caller())
        return found

    @property
    def collections(self) -> "Collections":
        """Collections and their documents; they need a management key."""
        found = self._services.collections
        if found is None:
            from xai.sync.v1.collections.service import Collections

            found = Collections(self._caller(), self._management_caller)
            self._services.collections = found
        return found

    @property
    def documents(self) -> "Documents":
        """Searches of the documents of collections."""
        found = self._services.documents
        if found is None:
            from xai.sync.v1.documents import Documents

            found = self._services.documents = Documents(self._caller())
        return found

    @property
    def embedder(self) -> "Embedder":
        """Embeddings of texts and images."""
        found = self._services.embedder
        if found is None:
            from xai.sync.v1.embedder import Embedder

            found = self._services.embedder = Embedder(self._caller())
        return found

    @property
    def files(self) -> "Files":
        """Files kept by the server: uploads, downloads, lists and public URLs."""
        found = self._services.files
        if found is None:
            from xai.sync.v1.files import Files

            found = self._services.files = Files(self._caller())
        return found

    @property
    def image(self) -> "Images":
        """Images made by a model."""
        found = self._services.image
        if found is None:
            from xai.sync.v1.image import Images

            found = self._services.image = Images(self._caller())
        return found

    @property
    def models(self) -> "Models":
        """The models and their prices."""
        found = self._services.models
        if found is None:
            from xai.sync.v1.models import Models

            found = self._services.models = Models(self._caller())
        return found

    @property
    def sampler(self) -> "Sampler":
        """Raw completions of texts."""
        found = self._services.sampler
        if found is None:
            from xai.sync.v1.sampler import Sampler

            found = self._services.sampler = Sampler(self._caller())
        return found

    @property
    def video(self) -> "Videos":
        """Videos made by a model."""
        found = self._services.video
        if found is None:
            from xai.sync.v1.video import Videos

            found = self._services.video = Videos(self._caller())
        return found

    @property
    def tokenize(self) -> "Tokenize":
        """Tokens of a text, and the cost of a prompt."""
        found = self._services.tokenize
        if found is None:
            from xai.sync.v1.tokenize import Tokenize

            found = self._services.tokenize = Tokenize(self._caller())
        return found


class _Services:
    """The services of one client or view, each made when it is first wanted."""

    auth: "Auth | None" = None
    batch: "Batches | None" = None
    bulk: "Bulk[V1] | None" = None
    chat: "Chats | None" = None
    embedder: "Embedder | None" = None
    collections: "Collections | None" = None
    documents: "Documents | None" = None
    files: "Files | None" = None
    image: "Images | None" = None
    models: "Models | None" = None
    sampler: "Sampler | None" = None
    video: "Videos | None" = None
    tokenize: "Tokenize | None" = None


resolve_lazily(globals())
