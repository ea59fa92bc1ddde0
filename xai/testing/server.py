"""A local xAI server: the services of the PromptIDE API and of v1 over a loopback socket."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, TypedDict

from typing_extensions import Self, Unpack

from xai._annotations import resolve_lazily
from xai.testing.control.accounts import ALL_ACLS, DEFAULT_KEY, DEFAULT_MANAGEMENT_KEY, Accounts
from xai.testing.control.calls import MAX_CALLS, Call, CallLog, method_path
from xai.testing.control.faults import FaultPlan
from xai.testing.control.script import Script
from xai.testing.engine.model_names import DEFAULT_MODELS, PUBLIC_MODELS
from xai.testing.http2.exchange import Core
from xai.testing.http2.runner import Runner
from xai.testing.http_files import HttpFiles
from xai.testing.services import make_services
from xai.testing.v1.answers import AnswerPlan, chat_requests, read_answers

if TYPE_CHECKING:
    import ssl

    from xai import AsyncClient, Client, Keepalive, NotGiven, RetryPolicy, Timeouts
    from xai.proto.xai_api.chat import GetCompletionsRequest
    from xai.testing.v1.answers import Answer, Condition, ToolAnswer
    from xai.v1 import AsyncClient as AsyncV1Client
    from xai.v1 import Client as V1Client

_MIB = 1024 * 1024


class V1ClientOptions(TypedDict, total=False):
    """The arguments of a client of v1."""

    api_key: str | None
    management_api_key: str | None
    api_host: str
    management_api_host: str
    metadata: tuple[tuple[str, str], ...] | None
    timeout: "float | Timeouts | NotGiven | None"
    retry: "RetryPolicy | NotGiven"
    ssl_context: "ssl.SSLContext | None"
    max_message_bytes: int
    proxy: "str | NotGiven | None"
    keepalive: "Keepalive | NotGiven | None"


class ClientOptions(V1ClientOptions, total=False):
    """The arguments of a client."""

    initial_rng_seed: int | None


class LocalServer(Script):
    """A local xAI server on a loopback port, with faults on demand.

    It runs in a thread of its own and keeps its state in memory. Leaving the ``with`` block stops
    it and, if no other exception is on its way, raises AssertionError about scripted faults,
    replies and answers that no call ever met. Started again, it keeps its state.

    Args:
        api_keys: The ACLs of each key; ``"*"`` among them stands for all. Without it there is one
            key that may do everything; see `api_key`.
        management_api_keys: The keys for collections, which are served at the same address. They
            serve for nothing else, and no API key serves for collections. Without it there is
            one; see `management_api_key`.
        host: The address to listen on.
        port: The port; 0 lets the kernel choose.
        ssl_context: Serves TLS; the caller sets ALPN to ``h2`` on it.
        token_delay: Seconds between two tokens.
        models: The names of the models; the first is the default. When None they are
            ``grok-local`` and the public names in `xai.v1.ChatModel`, which v1 lists and every
            service knows. Behind all of them is the same small model.
        token_limit: How many tokens a key may spend; 0 is no limit.
        max_concurrent_streams: How many streams a connection may have open; more are refused.
        max_message_bytes: The largest request message; a larger one fails with RESOURCE_EXHAUSTED.
        call_log_bytes: How many bytes of headers and requests `calls` keeps.

    Raises:
        ValueError: A limit makes no sense.

    Example:
        >>> from xai.testing import LocalServer
        >>> with LocalServer() as server, server.client() as client:
        ...     tokens = client.sampler.tokenize("Does it work?")
    """

    def __init__(
        self,
        *,
        api_keys: Mapping[str, Collection[str]] | None = None,
        management_api_keys: Collection[str] | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        ssl_context: "ssl.SSLContext | None" = None,
        token_delay: float = 0.0,
        models: Sequence[str] | None = None,
        token_limit: int = 1_000_000_000,
        max_concurrent_streams: int = 1000,
        max_message_bytes: int = 20 * _MIB,
        call_log_bytes: int = 64 * _MIB,
    ) -> None:
        _require_at_least(0, max_concurrent_streams=max_concurrent_streams)
        _require_at_least(1, max_message_bytes=max_message_bytes)
        _require_at_least(0, call_log_bytes=call_log_bytes)
        self._bind = (host, port)
        self._tls = ssl_context is not None
        self._accounts = Accounts(
            {DEFAULT_KEY: [ALL_ACLS]} if api_keys is None else api_keys,
            [DEFAULT_MANAGEMENT_KEY] if management_api_keys is None else management_api_keys,
        )
        faults, log = FaultPlan(), CallLog(call_log_bytes)
        http = HttpFiles(host, faults, log, lambda: self._core.released)
        self._answers = AnswerPlan()
        self._services = make_services(
            DEFAULT_MODELS if models is None else models,
            PUBLIC_MODELS if models is None else (),
            token_limit,
            token_delay,
            http,
            answers=self._answers,
        )
        self._core = Core(
            handlers={k: v for part in self._services for k, v in part.__mapping__().items()},
            acls={path: acl for part in self._services for path, acl in part.acls.items()},
            accounts=self._accounts,
            log=log,
            max_streams=max_concurrent_streams,
            max_message_bytes=max_message_bytes,
            http=http,
            faults=faults,
        )
        self._runner = Runner(self._core, host, port, ssl_context)

    def __repr__(self) -> str:
        """Show where the server listens."""
        return f"<LocalServer {self.host if self.running else 'stopped'}>"

    # Starting and stopping.

    def start(self) -> None:
        """Listen; when it returns, clients can connect."""
        self._runner.start()

    def stop(self) -> None:
        """Cancel what is open, close all sockets and end the thread; a second call does nothing."""
        self._runner.stop()

    def __enter__(self) -> Self:
        """Start the server."""
        self.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the server; complain about scripted faults and answers that were never used."""
        unused = [*self._core.faults.unused(), *self._answers.unused()]
        try:
            self.stop()
        finally:
            self._core.faults.clear()
            self._answers.clear()
        if unused and exc_type is None:
            msg = "The local server was told to do what no call asked for:\n  " + "\n  ".join(
                unused
            )
            raise AssertionError(msg)

    @property
    def running(self) -> bool:
        """Whether the server is serving."""
        return self._runner.running

    # How to reach it.

    @property
    def port(self) -> int:
        """The port; it is known once the server was started."""
        return self._runner.port

    @property
    def host(self) -> str:
        """The ``api_host`` for a client: ``localhost:PORT``, or the address itself with TLS."""
        host = self._bind[0]
        if not self._tls:
            return f"localhost:{self.port}"
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"

    @property
    def api_key(self) -> str:
        """A key that the server knows: the first one."""
        return self._accounts.first_key()

    @property
    def management_api_key(self) -> str | None:
        """A management key that the server knows: the first one; None when it knows none."""
        return self._accounts.first_management_key()

    def client(self, **options: "Unpack[ClientOptions]") -> "Client":
        """Return a blocking client of this server; options are those of `xai.Client`."""
        from xai import Client  # the server works without the client

        return Client(**self._client_options(options))

    def async_client(self, **options: "Unpack[ClientOptions]") -> "AsyncClient":
        """Return an asynchronous client of this server; options are those of `xai.AsyncClient`."""
        from xai import AsyncClient

        return AsyncClient(**self._client_options(options))

    def v1_client(self, **options: "Unpack[V1ClientOptions]") -> "V1Client":
        """Return a blocking client of this server; options are those of `xai.v1.Client`."""
        from xai.v1 import Client

        return Client(**self._v1_client_options(options))

    def async_v1_client(self, **options: "Unpack[V1ClientOptions]") -> "AsyncV1Client":
        """Return an asynchronous client; options are those of `xai.v1.AsyncClient`."""
        from xai.v1 import AsyncClient

        return AsyncClient(**self._v1_client_options(options))

    def _v1_client_options(self, given: "V1ClientOptions") -> "V1ClientOptions":
        options: V1ClientOptions = {
            "api_key": self.api_key,
            "management_api_key": self.management_api_key,
            "api_host": self.host,
            "management_api_host": self.host,
        }
        options.update(given)
        return options

    def _client_options(self, given: "ClientOptions") -> "ClientOptions":
        options: ClientOptions = {
            "api_key": self.api_key,
            "management_api_key": self.management_api_key,
            "api_host": self.host,
            "management_api_host": self.host,
        }
        options.update(given)
        return options

    # What the model says.

    def answer(
        self,
        answer: "Answer | Sequence[Answer] | None" = None,
        *,
        tool: "ToolAnswer | list[ToolAnswer] | None" = None,
        when: "Condition | None" = None,
        times: int | None = 1,
    ) -> None:
        """Let the model of v1's chat say this instead of a response of its own.

        It serves streams, structured output, deferred completions and batches as well. Settings
        such as ``max_tokens``, ``stop`` and ``n`` hold; with several choices each says the same.
        A request takes the oldest answer whose condition it meets, or else the oldest without one.

        Args:
            answer: The text; or a value that is written as JSON: a mapping, or an instance of a
                pydantic model, a dataclass or a class of attrs. A list or tuple of these is given
                to as many requests, in order.
            tool: The call of a tool that the model makes instead, as a pair of the name and the
                arguments; or a list of calls that it makes at once. A text for the arguments is
                sent as it is, whether it is JSON or not.
            when: A text that the last message must contain, or a function that is given the request
                and returns whether the answer is for it; it runs in the server's thread.
            times: For how many requests; None for all that come.

        Raises:
            ImportError: The answer is an instance of a class, and the extra ``pydantic`` is not
                installed.
            TypeError: An argument is of the wrong type.
            ValueError: There is neither an answer nor a tool, or there are both, or an argument is
                not valid.
        """
        self._answers.add(read_answers(answer, tool), when, times)

    def clear_faults(self) -> None:
        """Remove the faults and answers that were not used and release stalled calls."""
        self._answers.clear()
        super().clear_faults()

    # What happened.

    @property
    def requests(self) -> "list[GetCompletionsRequest]":
        """The requests for completions that came to v1's chat, the newest last.

        Those of streams, deferred completions and batches are among them, but not those in files of
        batches. They are as bounded as `calls` is.
        """
        return chat_requests(self._core.log.snapshot())

    @property
    def calls(self) -> list[Call]:
        """The calls that arrived, in their order.

        The last 10,000 are kept, see `dropped_calls`. Of their headers and requests
        ``call_log_bytes`` are kept; to ask an older call for these raises a LookupError.
        """
        return self._core.log.snapshot()

    @property
    def dropped_calls(self) -> int:
        """How many calls are no longer in `calls`, because later ones took their place."""
        return self._core.log.dropped

    @property
    def connections(self) -> int:
        """How many connections were accepted so far."""
        return self._core.log.connections

    @property
    def open_connections(self) -> int:
        """How many connections are open."""
        return self._core.log.open_connections

    def wait_for_call(
        self,
        method: object = None,
        state: str | None = None,
        *,
        count: int = 1,
        timeout: float = 10.0,
    ) -> Call:
        """Wait until so many calls of a method are in a state, and return the last of them.

        Raises:
            TimeoutError: They were not in time; the text lists the calls there were.
            ValueError: More calls than the server keeps.
        """
        if count > MAX_CALLS:
            raise ValueError(f"count must be at most {MAX_CALLS:,}, as many calls are kept.")
        path = method_path(method)
        log = self._core.log
        if log.wait(lambda log: len(log.find(path, state)) >= count, timeout):
            return log.find(path, state)[count - 1]
        wanted = f"{count} call(s) of {path or 'any method'} in state {state or 'any'}"
        raise TimeoutError(f"No {wanted} within {timeout:g} s; there are: {log.snapshot()}")

    async def wait_for_call_async(
        self,
        method: object = None,
        state: str | None = None,
        *,
        count: int = 1,
        timeout: float = 10.0,  # the twin of the blocking method
    ) -> Call:
        """Do as `wait_for_call` without blocking the running event loop."""
        return await asyncio.to_thread(
            self.wait_for_call, method, state, count=count, timeout=timeout
        )

    def wait_for_connections(self, open_now: int, *, timeout: float = 10.0) -> None:
        """Wait until so many connections are open.

        Raises:
            TimeoutError: They were not in time.
        """
        if not self._core.log.wait(lambda log: log.open_connections == open_now, timeout):
            msg = (
                f"{self.open_connections} connections are open after {timeout:g} s, not {open_now}."
            )
            raise TimeoutError(msg)

    def clear_calls(self) -> None:
        """Forget the calls that arrived so far."""
        self._core.log.clear()


def _require_at_least(lowest: int, **limits: int) -> None:
    for name, value in limits.items():
        if value < lowest:
            raise ValueError(f"{name} must be {lowest} or more, got {value}.")


resolve_lazily(globals())
