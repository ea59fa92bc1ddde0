# Do not edit: produced by "nox -s generate" from
# xai/xai_sdk/v1/aio/connection.py
"""What the services call through: our own client, whose errors are also those of grpcio."""

from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, cast

from xai._annotations import resolve_lazily
from xai.runtime.net.endpoint import Endpoint
from xai.sync.connections import CallOptions, Connections
from xai.sync.v1.client import Client
from xai.xai_sdk.v1.client import Settings

if TYPE_CHECKING:
    import betterproto

    from xai.proto.base import Method
    from xai.sync.rpc.caller import Caller
    from xai.xai_sdk.v1.proto.messages import Message

Q = TypeVar("Q", bound="betterproto.Message")
R = TypeVar("R", bound="betterproto.Message")


class _Options(CallOptions):
    """Options of calls whose errors are also those of grpcio."""

    def caller(self, transport: object) -> "Caller":
        """Return what makes calls with these options."""
        # With the first call: most of what a program loads is loaded for it.
        import attrs

        from xai.sync.rpc.caller import Caller
        from xai.xai_sdk.v1.errors import reshape

        made = super().caller(transport)  # type: ignore[arg-type]  # the base's type
        return Caller(attrs.evolve(made.context, reshape=reshape))


class Connected(Client):
    """Our client, with errors that are also those of grpcio.

    Args:
        settings: The arguments of a client of that package.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(
            settings.api_key.reveal(),
            settings.management_api_key.reveal(),
            api_host=settings.api_host,
            management_api_host=settings.management_api_host,
            metadata=settings.metadata.reveal(),
            timeout=settings.timeout,
            retry=settings.retry,
            max_message_bytes=settings.max_message_bytes,
            keepalive=settings.keepalive,
        )
        if settings.plaintext_anywhere:
            for config in (self._connections.config, self._connections.management):
                if config is not None:
                    at = config.endpoint
                    config.endpoint = Endpoint(at.host, at.port, plaintext=True, anywhere=True)

    def _connect(self, connections: Connections, options: CallOptions) -> None:
        shaped = _Options(options.timeouts, options.retry, options.metadata)
        super()._connect(connections, shaped)


class Connection:
    """Makes the calls of the services; one for each client of that package.

    Args:
        settings: The arguments of the client.
    """

    def __init__(self, settings: Settings) -> None:
        self.client = Connected(settings)
        self.has_management_key = settings.management_api_key.reveal() is not None

    @cached_property
    def caller(self) -> "Caller":
        """What makes the calls of the API."""
        return self.client._caller()  # noqa: SLF001  # of this package

    def call(self, method: "Method[Q, R]", request: "Message") -> "Message":
        """Make a call with one reply.

        Args:
            method: The RPC.
            request: Its message.

        Returns:
            The reply.

        Raises:
            APIError: The call failed; the error is also one of grpcio.
        """
        from xai.xai_sdk.v1.proto.messages import unwrap, wrap

        reply: R = self.caller.unary(method, cast("Q", unwrap(request)))
        return wrap(reply)

    def manage(self, method: "Method[Q, R]", request: "Message") -> "Message":
        """Make a call of the management API.

        Args:
            method: The RPC.
            request: Its message.

        Returns:
            The reply.

        Raises:
            APIError: The call failed; the error is also one of grpcio.
            ValueError: There is no management key.
        """
        from xai.xai_sdk.v1.proto.messages import unwrap, wrap

        caller = self.client._management_caller()  # noqa: SLF001  # of this package
        reply: R = caller.unary(method, cast("Q", unwrap(request)))
        return wrap(reply)


resolve_lazily(globals())
