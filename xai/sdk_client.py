"""The client of the documented package: asynchronous services, blocking ``compat``."""

from typing import TYPE_CHECKING, Any

from xai.aio.client import AsyncClient
from xai.sync.client import Client as BlockingClient

if TYPE_CHECKING:
    from xai.sync.compat import Compat


class Client(AsyncClient):
    """`xai.AsyncClient`, except that `compat` is blocking, as it was in the documented package.

    Takes the arguments of `xai.AsyncClient`.
    """

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401  # those of the base
        super().__init__(*args, **options)
        # Made at once, as it connects with its first call: the same key, and closed with this.
        self._blocking = BlockingClient(*args, **options)

    @property
    def compat(self) -> "Compat":  # type: ignore[override]  # the one documented difference
        """Chat completions in the shape of the OpenAI client, blocking."""
        return self._blocking.compat

    def with_options(self, **options: Any) -> "Client":  # noqa: ANN401  # those of the base
        """Return a view of this client with other options.

        Takes the arguments of `xai.AsyncClient.with_options`.
        """
        view = super().with_options(**options)
        view._blocking = self._blocking.with_options(**options)  # noqa: SLF001  # of this class
        return view

    async def close(self) -> None:
        """Close both connections."""
        self._blocking.close()
        await super().close()
