"""The generated services of the v1 API on a client's connection, typed."""

from typing import TYPE_CHECKING

from xai._annotations import resolve_lazily
from xai.aio.rpc.caller import AsyncCaller

if TYPE_CHECKING:
    from collections.abc import Callable

    from xai.proto.collections.collections_aio import AsyncCollectionsStub
    from xai.proto.xai_api.auth_aio import AsyncAuthStub
    from xai.proto.xai_api.batch_aio import AsyncBatchMgmtStub
    from xai.proto.xai_api.chat_aio import AsyncChatStub
    from xai.proto.xai_api.documents_aio import AsyncDocumentsStub
    from xai.proto.xai_api.embed_aio import AsyncEmbedderStub
    from xai.proto.xai_api.files_aio import AsyncFilesStub
    from xai.proto.xai_api.image_aio import AsyncImageStub
    from xai.proto.xai_api.models_aio import AsyncModelsStub
    from xai.proto.xai_api.sample_aio import AsyncSampleStub
    from xai.proto.xai_api.tokenize_aio import AsyncTokenizeStub
    from xai.proto.xai_api.video_aio import AsyncVideoStub


class AsyncV1Stubs:
    """The generated services of the v1 API; each is loaded when it is first used.

    Calls made here have the client's deadline, retries and errors.

    Args:
        caller: Makes the calls.
        management_caller: Returns what makes the calls of the management API, or raises a
            ValueError when there is no management key.
    """

    def __init__(self, caller: AsyncCaller, management_caller: "Callable[[], AsyncCaller]") -> None:
        self._caller = caller
        self._management_caller = management_caller

    @property
    def auth(self) -> "AsyncAuthStub":
        """The service xai_api.Auth."""
        from xai.proto.xai_api.auth_aio import AsyncAuthStub

        return AsyncAuthStub(self._caller)

    @property
    def batch(self) -> "AsyncBatchMgmtStub":
        """The service xai_api.BatchMgmt."""
        from xai.proto.xai_api.batch_aio import AsyncBatchMgmtStub

        return AsyncBatchMgmtStub(self._caller)

    @property
    def chat(self) -> "AsyncChatStub":
        """The service xai_api.Chat."""
        from xai.proto.xai_api.chat_aio import AsyncChatStub

        return AsyncChatStub(self._caller)

    @property
    def collections(self) -> "AsyncCollectionsStub":
        """The service collections.Collections, which needs a management key."""
        from xai.proto.collections.collections_aio import AsyncCollectionsStub

        return AsyncCollectionsStub(self._management_caller())

    @property
    def documents(self) -> "AsyncDocumentsStub":
        """The service xai_api.Documents."""
        from xai.proto.xai_api.documents_aio import AsyncDocumentsStub

        return AsyncDocumentsStub(self._caller)

    @property
    def embedder(self) -> "AsyncEmbedderStub":
        """The service xai_api.Embedder."""
        from xai.proto.xai_api.embed_aio import AsyncEmbedderStub

        return AsyncEmbedderStub(self._caller)

    @property
    def files(self) -> "AsyncFilesStub":
        """The service xai_api.Files."""
        from xai.proto.xai_api.files_aio import AsyncFilesStub

        return AsyncFilesStub(self._caller)

    @property
    def image(self) -> "AsyncImageStub":
        """The service xai_api.Image."""
        from xai.proto.xai_api.image_aio import AsyncImageStub

        return AsyncImageStub(self._caller)

    @property
    def models(self) -> "AsyncModelsStub":
        """The service xai_api.Models."""
        from xai.proto.xai_api.models_aio import AsyncModelsStub

        return AsyncModelsStub(self._caller)

    @property
    def sample(self) -> "AsyncSampleStub":
        """The service xai_api.Sample."""
        from xai.proto.xai_api.sample_aio import AsyncSampleStub

        return AsyncSampleStub(self._caller)

    @property
    def tokenize(self) -> "AsyncTokenizeStub":
        """The service xai_api.Tokenize."""
        from xai.proto.xai_api.tokenize_aio import AsyncTokenizeStub

        return AsyncTokenizeStub(self._caller)

    @property
    def video(self) -> "AsyncVideoStub":
        """The service xai_api.Video."""
        from xai.proto.xai_api.video_aio import AsyncVideoStub

        return AsyncVideoStub(self._caller)


resolve_lazily(globals())
