"""Every generated service on a client's connection, typed."""

from typing import TYPE_CHECKING

from xai._annotations import resolve_lazily
from xai.aio.rpc.caller import AsyncCaller

if TYPE_CHECKING:
    from collections.abc import Callable

    from xai.aio.stubs.v1 import AsyncV1Stubs
    from xai.proto.compat.chat.compat_chat_aio import AsyncChatStub as AsyncCompatChatStub
    from xai.proto.prompt_ide.chat_aio import AsyncChatStub
    from xai.proto.prompt_ide.embedder_public_aio import AsyncEmbedderStub
    from xai.proto.prompt_ide.files_aio import AsyncFileStub
    from xai.proto.prompt_ide.prod_search_aio import AsyncSearchStub
    from xai.proto.prompt_ide.sampler_public_aio import AsyncSamplerStub
    from xai.proto.prompt_ide.stateless_chat_aio import AsyncStatelessChatStub


class AsyncStubs:
    """The generated services; their methods take and return generated messages.

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
    def sampler(self) -> "AsyncSamplerStub":
        """The service prompt_ide.Sampler."""
        from xai.proto.prompt_ide.sampler_public_aio import AsyncSamplerStub

        return AsyncSamplerStub(self._caller)

    @property
    def stateless_chat(self) -> "AsyncStatelessChatStub":
        """The service prompt_ide.StatelessChat."""
        from xai.proto.prompt_ide.stateless_chat_aio import AsyncStatelessChatStub

        return AsyncStatelessChatStub(self._caller)

    @property
    def chat(self) -> "AsyncChatStub":
        """The service prompt_ide.Chat."""
        from xai.proto.prompt_ide.chat_aio import AsyncChatStub

        return AsyncChatStub(self._caller)

    @property
    def search(self) -> "AsyncSearchStub":
        """The service prompt_ide.Search."""
        from xai.proto.prompt_ide.prod_search_aio import AsyncSearchStub

        return AsyncSearchStub(self._caller)

    @property
    def file(self) -> "AsyncFileStub":
        """The service prompt_ide.File."""
        from xai.proto.prompt_ide.files_aio import AsyncFileStub

        return AsyncFileStub(self._caller)

    @property
    def embedder(self) -> "AsyncEmbedderStub":
        """The service prompt_ide.Embedder."""
        from xai.proto.prompt_ide.embedder_public_aio import AsyncEmbedderStub

        return AsyncEmbedderStub(self._caller)

    @property
    def compat_chat(self) -> "AsyncCompatChatStub":
        """The service compat.chat.Chat."""
        from xai.proto.compat.chat.compat_chat_aio import AsyncChatStub as AsyncCompatChatStub

        return AsyncCompatChatStub(self._caller)

    @property
    def v1(self) -> "AsyncV1Stubs":
        """The services of the v1 API, the package xai_api."""
        from xai.aio.stubs.v1 import AsyncV1Stubs

        return AsyncV1Stubs(self._caller, self._management_caller)


resolve_lazily(globals())
