# Do not edit: produced by "nox -s generate" from
# xai/aio/client.py
"""The client: what it is made from, and the services that hang on it."""

from functools import partial
from typing import TYPE_CHECKING

from xai._annotations import resolve_lazily
from xai._secrets import Secret
from xai._sentinel import NOT_GIVEN, NotGiven
from xai._validation import check_int
from xai.runtime.locks import Counter
from xai.runtime.net.config import MAX_MESSAGE_BYTES
from xai.sync.connections import CallOptions, ClientBase, Connections

if TYPE_CHECKING:
    import ssl

    from xai.options import Keepalive, RetryPolicy, Timeouts
    from xai.sync.prompt_ide.chat import Chat
    from xai.sync.prompt_ide.compat import Compat
    from xai.sync.prompt_ide.embedder import Embedder
    from xai.sync.prompt_ide.files import Files
    from xai.sync.prompt_ide.grok import Grok
    from xai.sync.prompt_ide.sampler import Sampler
    from xai.sync.rpc.caller import Caller
    from xai.sync.stubs.prompt_ide import Stubs
    from xai.sync.v1.namespace import V1

_SEED_LIMIT = 2**64
#: Services of `client.v1` of which the client itself has none of that name.
_OF_V1 = frozenset(
    {"auth", "batch", "bulk", "collections", "documents", "image", "models", "tokenize", "video"}
)


class Client(ClientBase):
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
        with Client() as client:
            for token in client.sampler.sample("In the beginning"):
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
        connections = Connections.of(
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
        if initial_rng_seed is not None:
            check_int("initial_rng_seed", initial_rng_seed, 0, _SEED_LIMIT - 1)
        self._seeds = Counter(initial_rng_seed, limit=_SEED_LIMIT)
        self._connect(connections, CallOptions().merged(timeout, retry))

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            """Say where the services of v1 are."""
            text = f"{type(self).__name__!r} object has no attribute {name!r}"
            if name in _OF_V1:
                text = f"{text}: it is client.v1.{name}"
            raise AttributeError(text, name=name, obj=self)

    @property
    def chat(self) -> "Chat":
        """PromptIDE: stateless chat; each request carries the whole history."""
        found = self._services.chat
        if found is None:
            from xai.sync.prompt_ide.chat import Chat

            found = self._services.chat = Chat(self._caller())
        return found

    @property
    def files(self) -> "Files":
        """PromptIDE: files stored with the API."""
        found = self._services.files
        if found is None:
            from xai.sync.prompt_ide.files import Files

            found = self._services.files = Files(self._caller())
        return found

    @property
    def grok(self) -> "Grok":
        """PromptIDE: conversations stored on the server, as on grok.x.ai."""
        found = self._services.grok
        if found is None:
            from xai.sync.prompt_ide.grok import Grok

            found = self._services.grok = Grok(self._caller())
        return found

    @property
    def sampler(self) -> "Sampler":
        """PromptIDE: completions by the language models, token by token."""
        found = self._services.sampler
        if found is None:
            from xai.sync.prompt_ide.sampler import Sampler

            found = self._services.sampler = Sampler(self._caller(), self._seeds)
        return found

    @property
    def embedder(self) -> "Embedder":
        """PromptIDE: embeddings of texts."""
        found = self._services.embedder
        if found is None:
            from xai.sync.prompt_ide.embedder import Embedder

            found = self._services.embedder = Embedder(self._caller())
        return found

    @property
    def compat(self) -> "Compat":
        """PromptIDE: chat completions with the arguments and results of the OpenAI client."""
        found = self._services.compat
        if found is None:
            from xai.sync.prompt_ide.compat import Compat

            found = self._services.compat = Compat(self._caller())
        return found

    @property
    def v1(self) -> "V1":
        """The v1 API: chat with tools and structured answers, models, tokens, the key."""
        found = self._services.v1
        if found is None:
            from xai.sync.v1.client import client_with
            from xai.sync.v1.namespace import V1

            found = self._services.v1 = V1(
                self._caller,
                self._management_caller,
                partial(client_with, self._connections, self._options),
            )
        return found

    @property
    def stubs(self) -> "Stubs":
        """The generated stubs of all services, for RPCs that have no method of their own."""
        from xai.sync.stubs.prompt_ide import Stubs

        return Stubs(self._caller(), self._management_caller)

    def _connect(self, connections: Connections, options: CallOptions) -> None:
        super()._connect(connections, options)
        self._services = _Services()

    def _caller(self) -> "Caller":
        found = self._services.caller
        if found is None:
            found = self._services.caller = self._connections.caller(self._options)
        return found

    def _management_caller(self) -> "Caller":
        found = self._services.management_caller
        if found is None:
            found = self._connections.management_caller(self._options)
            self._services.management_caller = found
        return found


class _Services:
    """The services of one client or view, each made when it is first wanted.

    Looked up without an import: a finaliser that calls late in the life of the interpreter meets
    the library's own error, not one of an import system that is gone.
    """

    caller: "Caller | None" = None
    chat: "Chat | None" = None
    compat: "Compat | None" = None
    embedder: "Embedder | None" = None
    files: "Files | None" = None
    management_caller: "Caller | None" = None
    grok: "Grok | None" = None
    sampler: "Sampler | None" = None
    v1: "V1 | None" = None


resolve_lazily(globals())
