"""The client: what it is made from, and the services that hang on it."""

import os
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, cast

from xai._annotations import resolve_lazily
from xai._secrets import Secret
from xai._sentinel import NOT_GIVEN, NotGiven
from xai._validation import check_int, given
from xai.runtime.locks import Counter, Lock
from xai.runtime.net.config import MAX_MESSAGE_BYTES, ChannelConfig
from xai.runtime.net.endpoint import check_key, check_metadata, parse_host

if TYPE_CHECKING:
    import ssl

    from typing_extensions import Self

    from xai.aio.prompt_ide.chat import AsyncChat
    from xai.aio.prompt_ide.compat import AsyncCompat
    from xai.aio.prompt_ide.embedder import AsyncEmbedder
    from xai.aio.prompt_ide.files import AsyncFiles
    from xai.aio.prompt_ide.grok import AsyncGrok
    from xai.aio.prompt_ide.sampler import AsyncSampler
    from xai.aio.rpc.caller import AsyncCaller
    from xai.aio.stubs.prompt_ide import AsyncStubs
    from xai.aio.v1.namespace import AsyncV1
    from xai.errors import Metadata
    from xai.options import Keepalive, RetryPolicy, Timeouts
    from xai.runtime.net.endpoint import Endpoint
    from xai.runtime.net.proxy import Proxy
    from xai.runtime.transport.asynchronous import AsyncTransport

_SEED_LIMIT = 2**64
#: Services of `client.v1` of which the client itself has none of that name.
_OF_V1 = frozenset({"auth", "models", "tokenize"})


class AsyncClient:
    """A client of the xAI API; the first call connects.

    Constructing one opens no connection, starts no thread and looks no name up. It may be used
    from many threads, kept for the life of the process, and used after a fork.

    Args:
        api_key: The API key; read from the environment variable XAI_API_KEY when None.
        initial_rng_seed: Seed of the first sampling call that brings none; each further one
            counts up. Random from 0 to 100,000 when None.
        api_host: ``host`` or ``host:port`` (443 by default), over TLS; one that starts with
            ``localhost:`` is used without TLS and must be on the loopback interface.
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
        management_api_key: The key for services that manage an account; read from the
            environment variable XAI_MANAGEMENT_KEY when None. Nothing of it is sent to
            ``api_host``.
        management_api_host: The host of these services; as ``api_host``.

    Raises:
        TypeError: An argument is of the wrong type.
        ValueError: There is no key, or an argument is not valid.
        ImportError: There is a proxy, and the extra for it is not installed.

    Example:
        async with AsyncClient() as client:
            async for token in client.sampler.sample("In the beginning"):
                print(token.token_str)
    """

    __module__ = "xai"

    def __init__(
        self,
        api_key: str | None = None,
        *,
        initial_rng_seed: int | None = None,
        api_host: str = "api.x.ai",
        metadata: tuple[tuple[str, str], ...] | None = None,
        timeout: "float | Timeouts | NotGiven | None" = NOT_GIVEN,
        retry: "RetryPolicy | NotGiven" = NOT_GIVEN,
        ssl_context: "ssl.SSLContext | None" = None,
        max_message_bytes: int = MAX_MESSAGE_BYTES,
        proxy: "str | NotGiven | None" = NOT_GIVEN,
        keepalive: "Keepalive | NotGiven | None" = NOT_GIVEN,
        management_api_key: str | None = None,
        management_api_host: str = "management-api.x.ai",
    ) -> None:
        # Whatever is refused below: a traceback with local variables shows none of these.
        given_key, given_management_key = Secret(api_key), Secret(management_api_key)
        given_pairs, given_proxy = Secret(metadata), Secret(proxy)
        del api_key, management_api_key, metadata, proxy
        if "XAI_LOG" in os.environ:
            from xai._instrumentation import log_as_asked

            log_as_asked(os.environ["XAI_LOG"])
        key = _read_key(given_key)
        management_key = _read_management_key(given_management_key)
        management = parse_host(management_api_host, "management_api_host")
        if initial_rng_seed is not None:
            check_int("initial_rng_seed", initial_rng_seed, 0, _SEED_LIMIT - 1)
        check_int("max_message_bytes", max_message_bytes, 1, 2**32 - 1)
        if given_pairs.reveal() is None:
            given_pairs = Secret(())
        pairs = Secret(check_metadata(cast("Secret[Metadata]", given_pairs)))
        if ssl_context is not None:
            _check_context(ssl_context)
        endpoint = parse_host(api_host)
        config = ChannelConfig(
            endpoint,
            (
                *pairs.reveal(),
                ("apikey", key.reveal()),
                ("authorization", f"Bearer {key.reveal()}"),
            ),
            ssl_context=ssl_context,
            max_message_bytes=max_message_bytes,
            proxy=_find_proxy(given_proxy, endpoint),
            keepalive=_check_keepalive(keepalive),
            unsent=management_key,
        )
        self._core = _AsyncCore(config, Counter(initial_rng_seed, limit=_SEED_LIMIT))
        if management_key is not None:
            self._core.management = ChannelConfig(
                management,
                (*pairs.reveal(), ("authorization", f"Bearer {management_key.reveal()}")),
                ssl_context=ssl_context,
                max_message_bytes=max_message_bytes,
                proxy=_find_proxy(given_proxy, management),
                keepalive=config.keepalive,
                unsent=key,
            )
        self._options = _Options().merged(timeout, retry)
        self._services = _AsyncServices()

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            """Say where the services of v1 are."""
            text = f"{type(self).__name__!r} object has no attribute {name!r}"
            if name in _OF_V1:
                text = f"{text}: it is client.v1.{name}"
            raise AttributeError(text, name=name, obj=self)

    @property
    def chat(self) -> "AsyncChat":
        """PromptIDE: stateless chat; each request carries the whole history."""
        found = self._services.chat
        if found is None:
            from xai.aio.prompt_ide.chat import AsyncChat

            found = self._services.chat = AsyncChat(self._caller())
        return found

    @property
    def files(self) -> "AsyncFiles":
        """PromptIDE: files stored with the API."""
        found = self._services.files
        if found is None:
            from xai.aio.prompt_ide.files import AsyncFiles

            found = self._services.files = AsyncFiles(self._caller())
        return found

    @property
    def grok(self) -> "AsyncGrok":
        """PromptIDE: conversations stored on the server, as on grok.x.ai."""
        found = self._services.grok
        if found is None:
            from xai.aio.prompt_ide.grok import AsyncGrok

            found = self._services.grok = AsyncGrok(self._caller())
        return found

    @property
    def sampler(self) -> "AsyncSampler":
        """PromptIDE: completions by the language models, token by token."""
        found = self._services.sampler
        if found is None:
            from xai.aio.prompt_ide.sampler import AsyncSampler

            found = self._services.sampler = AsyncSampler(self._caller(), self._core.seeds)
        return found

    @property
    def embedder(self) -> "AsyncEmbedder":
        """PromptIDE: embeddings of texts."""
        found = self._services.embedder
        if found is None:
            from xai.aio.prompt_ide.embedder import AsyncEmbedder

            found = self._services.embedder = AsyncEmbedder(self._caller())
        return found

    @property
    def compat(self) -> "AsyncCompat":
        """PromptIDE: chat completions with the arguments and results of the OpenAI client."""
        found = self._services.compat
        if found is None:
            from xai.aio.prompt_ide.compat import AsyncCompat

            found = self._services.compat = AsyncCompat(self._caller())
        return found

    @property
    def v1(self) -> "AsyncV1":
        """The v1 API: chat with tools and structured answers, models, tokens, the key."""
        found = self._services.v1
        if found is None:
            from xai.aio.v1.namespace import AsyncV1

            found = self._services.v1 = AsyncV1(self._caller())
        return found

    @property
    def stubs(self) -> "AsyncStubs":
        """The generated stubs of all services, for RPCs that have no method of their own."""
        from xai.aio.stubs.prompt_ide import AsyncStubs

        return AsyncStubs(self._caller())

    def with_options(
        self,
        *,
        timeout: "float | Timeouts | NotGiven | None" = NOT_GIVEN,
        retry: "RetryPolicy | NotGiven | None" = NOT_GIVEN,
        metadata: Sequence[tuple[str, str]] | None = (),
    ) -> "Self":
        """Return a view of this client with other options.

        The view shares the connection and the seeds; closing either closes both.

        Args:
            timeout: Seconds for a whole call, None for no limit, or `Timeouts`.
            retry: When a failed call is retried.
            metadata: Pairs of key and value, sent in addition to those of this client.

        Returns:
            The view.

        Raises:
            TypeError: An argument is of the wrong type.
            ValueError: An argument is not valid.
        """
        pairs = Secret(given(metadata, ()))
        del metadata
        view = object.__new__(type(self))
        options = self._options.merged(timeout, NOT_GIVEN if retry is None else retry, pairs)
        view.__dict__.update(self.__dict__, _options=options, _services=_AsyncServices())
        return view

    async def close(self) -> None:
        """Close the connection; a second call does nothing, any other call is an error then."""
        await self._core.close()

    async def __aenter__(self) -> "Self":
        """Return the client itself."""
        self._core.check_open()
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
        core: _AsyncCore | None = getattr(self, "_core", None)
        if core is None:
            # A traceback shows it after its constructor has failed.
            return f"<{type(self).__name__}, not constructed>"
        state = ", closed" if core.closed else ""
        return f"<{type(self).__name__} of {core.config.endpoint.authority}{state}>"

    def _caller(self) -> "AsyncCaller":
        found = self._services.caller
        if found is None:
            from xai.aio.rpc.caller import AsyncCaller
            from xai.aio.rpc.context import AsyncCallContext
            from xai.options import DEFAULT_RETRY, DEFAULT_TIMEOUTS

            context = AsyncCallContext.of(
                self._core.transport(),
                timeouts=self._options.timeouts or DEFAULT_TIMEOUTS,
                retry=self._options.retry or DEFAULT_RETRY,
                metadata=self._options.metadata,
            )
            found = self._services.caller = AsyncCaller(context)
        return found


class _AsyncServices:
    """The services of one client or view, each made when it is first wanted.

    Looked up without an import: a finaliser that calls late in the life of the interpreter meets
    the library's own error, not one of an import system that is gone.
    """

    caller: "AsyncCaller | None" = None
    chat: "AsyncChat | None" = None
    compat: "AsyncCompat | None" = None
    embedder: "AsyncEmbedder | None" = None
    files: "AsyncFiles | None" = None
    grok: "AsyncGrok | None" = None
    sampler: "AsyncSampler | None" = None
    v1: "AsyncV1 | None" = None


class _Options:
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
    ) -> "_Options":
        """Return these options with others in front of them."""
        found = _Options(self.timeouts, self.retry, self.metadata)
        if metadata is not None:
            found.metadata += check_metadata(metadata)
        if timeout is not NOT_GIVEN:
            from xai.options import DEFAULT_TIMEOUTS, resolve_timeouts

            found.timeouts = resolve_timeouts(timeout, self.timeouts or DEFAULT_TIMEOUTS)
        if retry is not NOT_GIVEN:
            from xai.options import check_retry

            found.retry = check_retry(retry)
        return found


class _AsyncCore:
    """What a client and its views share."""

    def __init__(self, config: ChannelConfig, seeds: Counter) -> None:
        self.config = config
        #: How to reach the services that manage an account; None without a key for them.
        self.management: ChannelConfig | None = None
        self.seeds = seeds
        self.closed = False
        self._transport: AsyncTransport | None = None
        self._lock = Lock()

    def transport(self) -> "AsyncTransport":
        """Return the transport, made when it is first wanted."""
        with self._lock:
            self.check_open()
            if self._transport is None:
                from xai.runtime.transport.asynchronous import AsyncTransport

                self._transport = AsyncTransport(self.config)
            return self._transport

    def check_open(self) -> None:
        """Raise when the client is closed."""
        if self.closed:
            raise RuntimeError("the client is closed")

    async def close(self) -> None:
        """Close the transport, if there ever was one."""
        with self._lock:
            self.closed = True
            transport = self._transport
        if transport is not None:
            await transport.close()


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
