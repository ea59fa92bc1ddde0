"""The client of the v1 API."""

from functools import partial
from typing import TYPE_CHECKING

from xai._annotations import resolve_lazily
from xai._secrets import Secret
from xai._sentinel import NOT_GIVEN, NotGiven
from xai.aio.connections import AsyncClientBase, AsyncConnections, CallOptions
from xai.aio.v1.namespace import AsyncV1
from xai.runtime.net.config import MAX_MESSAGE_BYTES

if TYPE_CHECKING:
    import ssl

    from xai.aio.rpc.caller import AsyncCaller
    from xai.aio.stubs.v1 import AsyncV1Stubs
    from xai.aio.v1.bulk.service import AsyncBulk
    from xai.options import Keepalive, RetryPolicy, Timeouts


class AsyncClient(AsyncClientBase, AsyncV1):
    """A client of the v1 API, with the services as its attributes; the first call connects.

    Constructing one opens no connection, starts no thread and looks no name up. It may be used
    from many threads, kept for the life of the process, and used after a fork.

    Args:
        api_key: The API key; read from the environment variable XAI_API_KEY when None.
        management_api_key: The key of the management API, which collections need; read from the
            environment variable XAI_MANAGEMENT_KEY when None. Nothing of it is sent to
            ``api_host``.
        api_host: ``host`` or ``host:port`` (443 by default), over TLS; one that starts with
            ``localhost:`` is used without TLS and must be on the loopback interface.
        management_api_host: The host of the management API; as ``api_host``.
        metadata: Pairs of a lower-case key and an ASCII value, sent with every call.
        timeout: Seconds for a whole call, None for no limit, or `Timeouts`.
        retry: When a failed call is retried.
        ssl_context: TLS settings in place of the default ones; must offer ``h2`` by ALPN.
        max_message_bytes: The largest reply that is accepted, and the largest request that is
            sent, in bytes.
        proxy: ``http://host:port`` or ``socks5://host:port``, with ``user:password@`` before the
            host where the proxy wants it; None for a direct connection. When it is not given, the
            environment decides: ``grpc_proxy``, ``https_proxy`` or ``all_proxy``, except for
            hosts in ``no_proxy`` and for this machine. Needs the extra ``xai-client[proxy]``.
        keepalive: When a silent connection is sent a PING; None for never.

    Raises:
        TypeError: An argument is of the wrong type.
        ValueError: There is no key, or an argument is not valid.
        ImportError: There is a proxy, and the extra for it is not installed.

    Example:
        from xai import v1

        async with v1.AsyncClient() as client:
            chat = client.chat.create("grok-4", messages=[v1.user("What is the answer?")])
            print((await chat.sample()).content)
    """

    __module__ = "xai.v1"

    def __init__(
        self,
        api_key: str | None = None,
        management_api_key: str | None = None,
        *,
        api_host: str = "api.x.ai",
        management_api_host: str = "management-api.x.ai",
        metadata: tuple[tuple[str, str], ...] | None = None,
        timeout: "float | Timeouts | NotGiven | None" = NOT_GIVEN,
        retry: "RetryPolicy | NotGiven" = NOT_GIVEN,
        ssl_context: "ssl.SSLContext | None" = None,
        max_message_bytes: int = MAX_MESSAGE_BYTES,
        proxy: "str | NotGiven | None" = NOT_GIVEN,
        keepalive: "Keepalive | NotGiven | None" = NOT_GIVEN,
    ) -> None:
        # Whatever is refused below: a traceback with local variables shows none of these.
        given_key, given_management_key = Secret(api_key), Secret(management_api_key)
        given_pairs, given_proxy = Secret(metadata), Secret(proxy)
        del api_key, management_api_key, metadata, proxy
        connections = AsyncConnections.of(
            given_key,
            given_management_key,
            api_host=api_host,
            management_api_host=management_api_host,
            metadata=given_pairs,
            ssl_context=ssl_context,
            max_message_bytes=max_message_bytes,
            proxy=given_proxy,
            keepalive=keepalive,
        )
        self._connect(connections, CallOptions().merged(timeout, retry))

    def _connect(self, connections: AsyncConnections, options: CallOptions) -> None:
        super()._connect(connections, options)
        AsyncV1.__init__(
            self,
            partial(connections.caller, options),
            partial(connections.management_caller, options),
            partial(client_with, connections, options),
        )

    @property
    def bulk(self) -> "AsyncBulk[AsyncClient]":
        """The same task for many items, at the same time."""
        from xai.aio.v1.bulk.service import AsyncBulk

        return AsyncBulk(partial(client_with, self._connections, self._options))

    @property
    def stubs(self) -> "AsyncV1Stubs":
        """The generated stubs of all services, for RPCs that have no method of their own."""
        from xai.aio.stubs.v1 import AsyncV1Stubs

        return AsyncV1Stubs(self._caller(), self._management_caller)


def client_with(
    connections: AsyncConnections,
    options: CallOptions,
    retry: "RetryPolicy | NotGiven | None",
) -> "tuple[AsyncClient, AsyncCaller]":
    """Return a client on connections that there are, and what makes its calls.

    Args:
        connections: The connections; closing the client closes them.
        options: Its options.
        retry: Its policy of retries in their place.

    Raises:
        TypeError: The policy is of another type.
        RuntimeError: The client is closed.
    """
    client = object.__new__(AsyncClient)
    client._connect(connections, options.merged(NOT_GIVEN, NOT_GIVEN if retry is None else retry))
    return client, client._caller()


resolve_lazily(globals())
