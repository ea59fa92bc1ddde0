# Do not edit: produced by "nox -s generate" from
# xai/aio/stubs/v1.py
"""The generated services of the v1 API on a client's connection, typed."""

from typing import TYPE_CHECKING

from xai._annotations import resolve_lazily
from xai.sync.rpc.caller import Caller

if TYPE_CHECKING:
    from collections.abc import Callable

    from xai.proto.collections.collections_sync import CollectionsStub
    from xai.proto.xai_api.auth_sync import AuthStub
    from xai.proto.xai_api.batch_sync import BatchMgmtStub
    from xai.proto.xai_api.chat_sync import ChatStub
    from xai.proto.xai_api.documents_sync import DocumentsStub
    from xai.proto.xai_api.embed_sync import EmbedderStub
    from xai.proto.xai_api.files_sync import FilesStub
    from xai.proto.xai_api.image_sync import ImageStub
    from xai.proto.xai_api.models_sync import ModelsStub
    from xai.proto.xai_api.sample_sync import SampleStub
    from xai.proto.xai_api.tokenize_sync import TokenizeStub
    from xai.proto.xai_api.video_sync import VideoStub


class V1Stubs:
    """The generated services of the v1 API; each is loaded when it is first used.

    Calls made here have the client's deadline, retries and errors.

    Args:
        caller: Makes the calls.
        management_caller: Returns what makes the calls of the management API, or raises a
            ValueError when there is no management key.
    """

    def __init__(self, caller: Caller, management_caller: "Callable[[], Caller]") -> None:
        self._caller = caller
        self._management_caller = management_caller

    @property
    def auth(self) -> "AuthStub":
        """The service xai_api.Auth."""
        from xai.proto.xai_api.auth_sync import AuthStub

        return AuthStub(self._caller)

    @property
    def batch(self) -> "BatchMgmtStub":
        """The service xai_api.BatchMgmt."""
        from xai.proto.xai_api.batch_sync import BatchMgmtStub

        return BatchMgmtStub(self._caller)

    @property
    def chat(self) -> "ChatStub":
        """The service xai_api.Chat."""
        from xai.proto.xai_api.chat_sync import ChatStub

        return ChatStub(self._caller)

    @property
    def collections(self) -> "CollectionsStub":
        """The service collections.Collections, which needs a management key."""
        from xai.proto.collections.collections_sync import CollectionsStub

        return CollectionsStub(self._management_caller())

    @property
    def documents(self) -> "DocumentsStub":
        """The service xai_api.Documents."""
        from xai.proto.xai_api.documents_sync import DocumentsStub

        return DocumentsStub(self._caller)

    @property
    def embedder(self) -> "EmbedderStub":
        """The service xai_api.Embedder."""
        from xai.proto.xai_api.embed_sync import EmbedderStub

        return EmbedderStub(self._caller)

    @property
    def files(self) -> "FilesStub":
        """The service xai_api.Files."""
        from xai.proto.xai_api.files_sync import FilesStub

        return FilesStub(self._caller)

    @property
    def image(self) -> "ImageStub":
        """The service xai_api.Image."""
        from xai.proto.xai_api.image_sync import ImageStub

        return ImageStub(self._caller)

    @property
    def models(self) -> "ModelsStub":
        """The service xai_api.Models."""
        from xai.proto.xai_api.models_sync import ModelsStub

        return ModelsStub(self._caller)

    @property
    def sample(self) -> "SampleStub":
        """The service xai_api.Sample."""
        from xai.proto.xai_api.sample_sync import SampleStub

        return SampleStub(self._caller)

    @property
    def tokenize(self) -> "TokenizeStub":
        """The service xai_api.Tokenize."""
        from xai.proto.xai_api.tokenize_sync import TokenizeStub

        return TokenizeStub(self._caller)

    @property
    def video(self) -> "VideoStub":
        """The service xai_api.Video."""
        from xai.proto.xai_api.video_sync import VideoStub

        return VideoStub(self._caller)


resolve_lazily(globals())
