"""What a client and its views share: how the hosts are reached, and when that ends."""

import os
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, cast

from xai._annotations import resolve_lazily
from xai._hints import AsyncContextHint
from xai._secrets import Secret
from xai._sentinel import NOT_GIVEN, NotGiven
from xai._validation import check_int, given
from xai.runtime.locks import Lock
from xai.runtime.net.config import ChannelConfig
from xai.runtime.net.credentials import Credentials, check_key
from xai.runtime.net.endpoint import check_metadata, parse_host

if TYPE_CHECKING:
    import ssl

    from typing_extensions import Self

    from xai.aio.rpc.caller import AsyncCaller
    from xai.errors import Metadata
    from xai.options import Keepalive, RetryPolicy, Timeouts
    from xai.runtime.net.endpoint import Endpoint
    from xai.runtime.net.proxy import Proxy
    from xai.runtime.transport.asynchronous import AsyncTransport


class CallOptions:
    """What differs between a client and its views; None stands for the default.

    The defaults are looked up by the first call: most programs construct a client long before
    they use it, and looking them up loads more than constructing does.
    """

    def __init__(
        self,
        timeouts: "Timeouts | None" = None,
        retry: "RetryPolicy | None" = None,
        metadata: "Metadata" = (),
    ) -> None:
        self.timeouts = timeouts
        self.retry = retry
        self.metadata = metadata

    def merged(
        self,
        timeout: "float | Timeouts | NotGiven | None",
        retry: "RetryPolicy | NotGiven",
        metadata: Secret[Sequence[tuple[str, str]]] | None = None,
    ) -> "CallOptions":
        """Return these options with others in front of them."""
        found = CallOptions(self.timeouts, self.retry, self.metadata)
        if metadata is not None:
            found.metadata += check_metadata(metadata)
        if timeout is not NOT_GIVEN:
            from xai.options import DEFAULT_TIMEOUTS, resolve_timeouts

            found.timeouts = resolve_timeouts(timeout, self.timeouts or DEFAULT_TIMEOUTS)
        if retry is not NOT_GIVEN:
            from xai.options import check_retry

            found.retry = check_retry(retry)
        return found

    def caller(self, transport: "AsyncTransport") -> "AsyncCaller":
        """Return what makes calls with these options.

        Args:
            transport: Carries their bytes.
        """
        from xai.aio.rpc.caller import AsyncCaller
        from xai.aio.rpc.context import AsyncCallContext
        from xai.options import DEFAULT_RETRY, DEFAULT_TIMEOUTS

        return AsyncCaller(
            AsyncCallContext.of(
                transport,
                timeouts=self.timeouts or DEFAULT_TIMEOUTS,
                retry=self.retry or DEFAULT_RETRY,
                metadata=self.metadata,
            )
        )


class AsyncConnections:
    """The connection to the API, and the one to the management API where there is a key for it.

    Args:
        config: How the API is reached.
        management: How the management API is reached; None without a key for it.
    """

    def __init__(self, config: ChannelConfig, management: ChannelConfig | None) -> None:
        self.config = config
        self.management = management
        self.closed = False
        self._transport: AsyncTransport | None = None
        self._management_transport: AsyncTransport | None = None
        self._lock = Lock()

    @classmethod
    def of(
        cls,
        api_key: Secret[str | None],
        management_api_key: Secret[str | None],
        *,
        api_host: str,
        management_api_host: str,
        metadata: "Secret[Metadata | None]",
        ssl_context: "ssl.SSLContext | None",
        max_message_bytes: int,
        proxy: Secret[str | NotGiven | None],
        keepalive: "Keepalive | NotGiven | None",
    ) -> "AsyncConnections":
        """Check the arguments of a client, and return its connections, not opened yet.

        The arguments are those of `xai.AsyncClient`. Those that may be secret come concealed: a
        traceback with local variables shows none of them, whatever is refused.

        Raises:
            TypeError: An argument is of the wrong type.
            ValueError: There is no key, or an argument is not valid.
            ImportError: There is a proxy, and the extra for it is not installed.
        """
        if "XAI_LOG" in os.environ:
            from xai._instrumentation import log_as_asked

            log_as_asked(os.environ["XAI_LOG"])
        key = _read_key(api_key)
        management_key = _read_management_key(management_api_key)
        management_endpoint = parse_host(management_api_host, "management_api_host")
        check_int("max_message_bytes", max_message_bytes, 1, 2**32 - 1)
        if metadata.reveal() is None:
            metadata = Secret(())
        pairs = Secret(check_metadata(cast("Secret[Metadata]", metadata)))
        if ssl_context is not None:
            _check_context(ssl_context)
        endpoint = parse_host(api_host)
        config = ChannelConfig(
            endpoint,
            pairs.reveal(),
            credentials=Credentials(key, promptide=True, unsent=management_key),
            ssl_context=ssl_context,
            max_message_bytes=max_message_bytes,
            proxy=_find_proxy(proxy, endpoint),
            keepalive=_check_keepalive(keepalive),
        )
        if management_key is None:
            return cls(config, None)
        management = ChannelConfig(
            management_endpoint,
            pairs.reveal(),
            credentials=Credentials(management_key, unsent=key),
            ssl_context=ssl_context,
            max_message_bytes=max_message_bytes,
            proxy=_find_proxy(proxy, management_endpoint),
            keepalive=config.keepalive,
        )
        return cls(config, management)

    def caller(self, options: CallOptions) -> "AsyncCaller":
        """Return what makes the calls of the API.

        Args:
            options: Those of the client or view.

        Raises:
            RuntimeError: The client is closed.
        """
        with self._lock:
            self.check_open()
            if self._transport is None:
                from xai.runtime.transport.asynchronous import AsyncTransport

                self._transport = AsyncTransport(self.config)
            transport = self._transport
        return options.caller(transport)

    def management_caller(self, options: CallOptions) -> "AsyncCaller":
        """Return what makes the calls of the management API.

        Args:
            options: Those of the client or view.

        Raises:
            ValueError: There is no management key.
            RuntimeError: The client is closed.
        """
        with self._lock:
            self.check_open()
            if self.management is None:
                raise ValueError(_no_management_key())
            if self._management_transport is None:
                from xai.runtime.transport.asynchronous import AsyncTransport

                self._management_transport = AsyncTransport(self.management)
            transport = self._management_transport
        return options.caller(transport)

    def check_open(self) -> None:
        """Raise when the client is closed."""
        if self.closed:
            raise RuntimeError("the client is closed")

    async def close(self) -> None:
        """Close whatever was ever opened."""
        with self._lock:
            self.closed = True
            transport, management = self._transport, self._management_transport
        try:
            if management is not None:
                await management.close()
        finally:
            if transport is not None:
                await transport.close()

    def __repr__(self) -> str:
        """Return the host, and whether the connections are closed."""
        return f"{self.config.endpoint.authority}{', closed' if self.closed else ''}"


class AsyncClientBase(AsyncContextHint):
    """What a client and its views can do whatever services they have."""

    _connections: AsyncConnections
    _options: CallOptions

    def _connect(self, connections: AsyncConnections, options: CallOptions) -> None:
        """Set the state that a view has of its own."""
        self._connections, self._options = connections, options

    def with_options(
        self,
        *,
        timeout: "float | Timeouts | NotGiven | None" = NOT_GIVEN,
        retry: "RetryPolicy | NotGiven | None" = NOT_GIVEN,
        metadata: Sequence[tuple[str, str]] | None = (),
    ) -> "Self":
        """Return a view of this client with other options.

        The view shares the connections, and all else; closing either closes both.

        Args:
            timeout: Seconds for a whole call, None for no limit, or `Timeouts`.
            retry: When a call is tried again.
            metadata: Pairs of key and value, sent in addition to those of this client.

        Returns:
            The view.

        Raises:
            TypeError: An argument is of the wrong type.
            ValueError: An argument is not valid.
        """
        pairs = Secret(given(metadata, ()))
        del metadata
        options = self._options.merged(timeout, NOT_GIVEN if retry is None else retry, pairs)
        return self._view(options)

    def _view(self, options: CallOptions) -> "Self":
        view = object.__new__(type(self))
        view.__dict__.update(self.__dict__)
        view._connect(self._connections, options)
        return view

    def __copy__(self) -> "Self":
        """Return a view with the same options."""
        return self._view(self._options)

    def __reduce__(self) -> tuple[object, ...]:
        """Refuse to be pickled, whatever of the client would be tried first."""
        return self._connections.config.__reduce__()

    async def close(self) -> None:
        """Close the connections; a second call does nothing, any other call is an error then."""
        await self._connections.close()

    async def __aenter__(self) -> "Self":
        """Return the client itself."""
        self._connections.check_open()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the client."""
        await self.close()

    def __repr__(self) -> str:
        """Return the host and whether the client is closed; never the key."""
        connections: AsyncConnections | None = getattr(self, "_connections", None)
        if connections is None:
            # A traceback shows it after its constructor has failed.
            return f"<{type(self).__name__}, not constructed>"
        return f"<{type(self).__name__} of {connections!r}>"


def _read_key(given: Secret[str | None]) -> Secret[str]:
    key = Secret(os.environ.get("XAI_API_KEY") if given.reveal() is None else given.reveal())
    if key.reveal() is None:
        raise ValueError(
            "Trying to read the xAI API key from the XAI_API_KEY environment variable but it "
            "doesn't exist."
        )
    if key.reveal() == "":
        raise ValueError("Empty xAI API key provided.")
    return check_key(cast("Secret[str]", key))


def _read_management_key(given: Secret[str | None]) -> Secret[str] | None:
    if given.reveal() == "":
        raise ValueError("management_api_key is empty; expected a key, or None for no key")
    key = given
    if given.reveal() is None:
        # Most clients need none, so one that is empty counts as missing.
        key = Secret(os.environ.get("XAI_MANAGEMENT_KEY") or None)
    if key.reveal() is None:
        return None
    return check_key(cast("Secret[str]", key), "management_api_key")


def _no_management_key() -> str:
    text = (
        "this needs a management key: pass management_api_key, or set the environment variable "
        "XAI_MANAGEMENT_KEY before the client is constructed"
    )
    if "XAI_MANAGEMENT_API_KEY" in os.environ:
        text += " (XAI_MANAGEMENT_API_KEY is set, and is not the name that is read)"
    return text


def _check_context(ssl_context: object) -> None:
    import ssl

    if not isinstance(ssl_context, ssl.SSLContext):
        raise TypeError(f"ssl_context must be an ssl.SSLContext, not {type(ssl_context).__name__}")


def _find_proxy(given: Secret[str | NotGiven | None], endpoint: "Endpoint") -> "Proxy | None":
    if given.reveal() is None:
        return None
    if given.reveal() is NOT_GIVEN:
        if not any(name.lower().endswith("_proxy") for name in os.environ):
            return None
        from xai.runtime.net.proxy import process_proxy

        return process_proxy(endpoint)
    from xai.runtime.net.proxy import given_proxy

    return given_proxy(cast("Secret[str]", given), endpoint)


def _check_keepalive(
    keepalive: "Keepalive | NotGiven | None",
) -> "Keepalive | NotGiven | None":
    if keepalive is None or keepalive is NOT_GIVEN:
        return keepalive
    from xai.options import Keepalive

    if not isinstance(keepalive, Keepalive):
        kind = type(keepalive).__name__
        raise TypeError(f"keepalive must be a Keepalive or None, not {kind}")
    return keepalive


resolve_lazily(globals())
