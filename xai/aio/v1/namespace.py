"""The services of the v1 API, as attributes: of ``client.v1`` and of `xai.v1.AsyncClient`."""

from typing import TYPE_CHECKING

from xai._annotations import resolve_lazily

if TYPE_CHECKING:
    from collections.abc import Callable

    from xai.aio.rpc.caller import AsyncCaller
    from xai.aio.v1.auth import AsyncAuth
    from xai.aio.v1.batch import AsyncBatches
    from xai.aio.v1.bulk.service import AsyncBulk, ClientWith
    from xai.aio.v1.chat.service import AsyncChats
    from xai.aio.v1.collections.service import AsyncCollections
    from xai.aio.v1.documents import AsyncDocuments
    from xai.aio.v1.embedder import AsyncEmbedder
    from xai.aio.v1.files import AsyncFiles
    from xai.aio.v1.image import AsyncImages
    from xai.aio.v1.models import AsyncModels
    from xai.aio.v1.sampler import AsyncSampler
    from xai.aio.v1.tokenize import AsyncTokenize
    from xai.aio.v1.video import AsyncVideos


class AsyncV1:
    """The services of the v1 API; each is loaded when it is first used.

    Args:
        caller: Returns what makes the calls of the API.
        management_caller: Returns what makes the calls of the management API, or raises a
            ValueError when there is no management key.
        client: Makes a client of v1 with another policy of retries, on the same connections.
    """

    def __init__(
        self,
        caller: "Callable[[], AsyncCaller]",
        management_caller: "Callable[[], AsyncCaller]",
        client: "ClientWith[AsyncV1]",
    ) -> None:
        self._caller = caller
        self._management_caller = management_caller
        self._client = client
        self._services = _AsyncServices()

    @property
    def auth(self) -> "AsyncAuth":
        """The API key: its owner and its rights."""
        found = self._services.auth
        if found is None:
            from xai.aio.v1.auth import AsyncAuth

            found = self._services.auth = AsyncAuth(self._caller())
        return found

    @property
    def batch(self) -> "AsyncBatches":
        """Batches of requests that are processed later."""
        found = self._services.batch
        if found is None:
            from xai.aio.v1.batch import AsyncBatches

            found = self._services.batch = AsyncBatches(self._caller())
        return found

    @property
    def bulk(self) -> "AsyncBulk[AsyncV1]":
        """The same task for many items, at the same time."""
        found = self._services.bulk
        if found is None:
            from xai.aio.v1.bulk.service import AsyncBulk

            found = self._services.bulk = AsyncBulk(self._client)
        return found

    @property
    def chat(self) -> "AsyncChats":
        """Chats with a model, with tools, structured outputs and streaming."""
        found = self._services.chat
        if found is None:
            from xai.aio.v1.chat.service import AsyncChats

            found = self._services.chat = AsyncChats(self._caller())
        return found

    @property
    def collections(self) -> "AsyncCollections":
        """Collections and their documents; they need a management key."""
        found = self._services.collections
        if found is None:
            from xai.aio.v1.collections.service import AsyncCollections

            found = AsyncCollections(self._caller(), self._management_caller)
            self._services.collections = found
        return found

    @property
    def documents(self) -> "AsyncDocuments":
        """Searches of the documents of collections."""
        found = self._services.documents
        if found is None:
            from xai.aio.v1.documents import AsyncDocuments

            found = self._services.documents = AsyncDocuments(self._caller())
        return found

    @property
    def embedder(self) -> "AsyncEmbedder":
        """Embeddings of texts and images."""
        found = self._services.embedder
        if found is None:
            from xai.aio.v1.embedder import AsyncEmbedder

            found = self._services.embedder = AsyncEmbedder(self._caller())
        return found

    @property
    def files(self) -> "AsyncFiles":
        """Files kept by the server: uploads, downloads, lists and public URLs."""
        found = self._services.files
        if found is None:
            from xai.aio.v1.files import AsyncFiles

            found = self._services.files = AsyncFiles(self._caller())
        return found

    @property
    def image(self) -> "AsyncImages":
        """Images made by a model."""
        found = self._services.image
        if found is None:
            from xai.aio.v1.image import AsyncImages

            found = self._services.image = AsyncImages(self._caller())
        return found

    @property
    def models(self) -> "AsyncModels":
        """The models and their prices."""
        found = self._services.models
        if found is None:
            from xai.aio.v1.models import AsyncModels

            found = self._services.models = AsyncModels(self._caller())
        return found

    @property
    def sampler(self) -> "AsyncSampler":
        """Raw completions of texts."""
        found = self._services.sampler
        if found is None:
            from xai.aio.v1.sampler import AsyncSampler

            found = self._services.sampler = AsyncSampler(self._caller())
        return found

    @property
    def video(self) -> "AsyncVideos":
        """Videos made by a model."""
        found = self._services.video
        if found is None:
            from xai.aio.v1.video import AsyncVideos

            found = self._services.video = AsyncVideos(self._caller())
        return found

    @property
    def tokenize(self) -> "AsyncTokenize":
        """Tokens of a text, and the cost of a prompt."""
        found = self._services.tokenize
        if found is None:
            from xai.aio.v1.tokenize import AsyncTokenize

            found = self._services.tokenize = AsyncTokenize(self._caller())
        return found


class _AsyncServices:
    """The services of one client or view, each made when it is first wanted."""

    auth: "AsyncAuth | None" = None
    batch: "AsyncBatches | None" = None
    bulk: "AsyncBulk[AsyncV1] | None" = None
    chat: "AsyncChats | None" = None
    embedder: "AsyncEmbedder | None" = None
    collections: "AsyncCollections | None" = None
    documents: "AsyncDocuments | None" = None
    files: "AsyncFiles | None" = None
    image: "AsyncImages | None" = None
    models: "AsyncModels | None" = None
    sampler: "AsyncSampler | None" = None
    video: "AsyncVideos | None" = None
    tokenize: "AsyncTokenize | None" = None


resolve_lazily(globals())
