# Do not edit: produced by "nox -s generate" from
# xai/aio/stubs/prompt_ide.py
"""Every generated service on a client's connection, typed."""

from typing import TYPE_CHECKING

from xai._annotations import resolve_lazily
from xai.sync.rpc.caller import Caller

if TYPE_CHECKING:
    from collections.abc import Callable

    from xai.proto.compat.chat.compat_chat_sync import ChatStub as CompatChatStub
    from xai.proto.prompt_ide.chat_sync import ChatStub
    from xai.proto.prompt_ide.embedder_public_sync import EmbedderStub
    from xai.proto.prompt_ide.files_sync import FileStub
    from xai.proto.prompt_ide.prod_search_sync import SearchStub
    from xai.proto.prompt_ide.sampler_public_sync import SamplerStub
    from xai.proto.prompt_ide.stateless_chat_sync import StatelessChatStub
    from xai.sync.stubs.v1 import V1Stubs


class Stubs:
    """The generated services; their methods take and return generated messages.

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
    def sampler(self) -> "SamplerStub":
        """The service prompt_ide.Sampler."""
        from xai.proto.prompt_ide.sampler_public_sync import SamplerStub

        return SamplerStub(self._caller)

    @property
    def stateless_chat(self) -> "StatelessChatStub":
        """The service prompt_ide.StatelessChat."""
        from xai.proto.prompt_ide.stateless_chat_sync import StatelessChatStub

        return StatelessChatStub(self._caller)

    @property
    def chat(self) -> "ChatStub":
        """The service prompt_ide.Chat."""
        from xai.proto.prompt_ide.chat_sync import ChatStub

        return ChatStub(self._caller)

    @property
    def search(self) -> "SearchStub":
        """The service prompt_ide.Search."""
        from xai.proto.prompt_ide.prod_search_sync import SearchStub

        return SearchStub(self._caller)

    @property
    def file(self) -> "FileStub":
        """The service prompt_ide.File."""
        from xai.proto.prompt_ide.files_sync import FileStub

        return FileStub(self._caller)

    @property
    def embedder(self) -> "EmbedderStub":
        """The service prompt_ide.Embedder."""
        from xai.proto.prompt_ide.embedder_public_sync import EmbedderStub

        return EmbedderStub(self._caller)

    @property
    def compat_chat(self) -> "CompatChatStub":
        """The service compat.chat.Chat."""
        from xai.proto.compat.chat.compat_chat_sync import ChatStub as CompatChatStub

        return CompatChatStub(self._caller)

    @property
    def v1(self) -> "V1Stubs":
        """The services of the v1 API, the package xai_api."""
        from xai.sync.stubs.v1 import V1Stubs

        return V1Stubs(self._caller, self._management_caller)


resolve_lazily(globals())
