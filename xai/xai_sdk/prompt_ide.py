"""The client of PromptIDE's package: asynchronous services, blocking ``compat``."""

from typing import TYPE_CHECKING

from xai._annotations import resolve_lazily
from xai._secrets import Secret
from xai._sentinel import NOT_GIVEN
from xai.aio.client import AsyncClient
from xai.sync.client import Client as BlockingClient

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import Self

    from xai._sentinel import NotGiven
    from xai.options import RetryPolicy, Timeouts
    from xai.sync.prompt_ide.compat import Compat


class Client(AsyncClient):
    """`xai.AsyncClient`, except that `compat` is blocking, as in PromptIDE's package.

    Takes the arguments of `xai.AsyncClient`.
    """

    def __init__(self, *args: object, **options: object) -> None:
        given = Secret((args, options))
        del args, options
        # The base checks its own.
        super().__init__(*given.reveal()[0], **given.reveal()[1])  # type: ignore[arg-type]
        # Made at once, as it connects with its first call: the same key, and closed with this.
        self._blocking = BlockingClient(*given.reveal()[0], **given.reveal()[1])  # type: ignore[arg-type]  # as above

    @property
    def compat(self) -> "Compat":  # type: ignore[override]  # the one documented difference
        """Chat completions in the shape of the OpenAI client, blocking."""
        return self._blocking.compat

    def with_options(
        self,
        *,
        timeout: "float | Timeouts | NotGiven | None" = NOT_GIVEN,
        retry: "RetryPolicy | NotGiven | None" = NOT_GIVEN,
        metadata: "Sequence[tuple[str, str]] | None" = (),
    ) -> "Self":
        """Return a view of this client with other options.

        Takes the arguments of `xai.AsyncClient.with_options`.
        """
        given = Secret(metadata)
        del metadata
        view = super().with_options(timeout=timeout, retry=retry, metadata=given.reveal())
        blocking = self._blocking.with_options(
            timeout=timeout, retry=retry, metadata=given.reveal()
        )
        view._blocking = blocking  # noqa: SLF001  # of this class
        return view

    async def close(self) -> None:
        """Close both connections."""
        self._blocking.close()
        await super().close()


# What `help` and `inspect` show of it is what it takes.
Client.__init__.__wrapped__ = AsyncClient.__init__  # type: ignore[attr-defined]  # for inspect


resolve_lazily(globals())
