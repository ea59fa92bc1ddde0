"""Everything a channel is made from; cheap to import, as constructing a client is to be cheap."""

from typing import TYPE_CHECKING, Final

from xai._sentinel import NOT_GIVEN, NotGiven

if TYPE_CHECKING:
    import ssl

    from xai.errors import Metadata
    from xai.options import Keepalive
    from xai.runtime.net.credentials import Credentials
    from xai.runtime.net.endpoint import Endpoint
    from xai.runtime.net.proxy import Proxy

#: The largest message in either direction, in bytes.
MAX_MESSAGE_BYTES: Final = 20 * 2**20


def check_size(size: int, config: "ChannelConfig") -> None:
    """Raise when a request is larger than the client may send.

    Args:
        size: The bytes of the encoded request.
        config: The client's limits.

    Raises:
        ValueError: It is too large (gRPC itself has room for 4 GiB).
    """
    limit = config.max_message_bytes
    if size > limit:
        raise ValueError(f"the request has {size} bytes; max_message_bytes allows {limit}")


class ChannelConfig:
    """Everything a channel is made from; the key is in it, so its repr shows the host alone.

    Args:
        endpoint: Where to connect to.
        metadata: Pairs sent with every call, in order.
        credentials: The key, sent with every call after these; None for no key.
        ssl_context: The caller's own TLS settings, or None for the default ones.
        max_message_bytes: The largest reply that is accepted, and the largest request sent.
        proxy: What the endpoint is reached through; None for a direct connection.
        keepalive: How often silent connections are asked for a sign of life; None for never.
    """

    __slots__ = (
        "credentials",
        "endpoint",
        "keepalive",
        "max_message_bytes",
        "metadata",
        "proxy",
        "ssl_context",
    )

    def __init__(
        self,
        endpoint: "Endpoint",
        metadata: "Metadata",
        *,
        credentials: "Credentials | None" = None,
        ssl_context: "ssl.SSLContext | None" = None,
        max_message_bytes: int = MAX_MESSAGE_BYTES,
        proxy: "Proxy | None" = None,
        keepalive: "Keepalive | NotGiven | None" = NOT_GIVEN,
    ) -> None:
        self.proxy = proxy
        self.keepalive = keepalive
        self.endpoint = endpoint
        self.metadata = metadata
        self.credentials = credentials
        self.ssl_context = ssl_context
        self.max_message_bytes = max_message_bytes

    @property
    def headers(self) -> "Metadata":
        """What is sent with every call, in order: the metadata, then the key."""
        key = () if self.credentials is None else self.credentials.metadata()
        return (*self.metadata, *key)

    def secrets(self) -> tuple[str, ...]:
        """Return what errors must not show: keys, secret metadata, the proxy's password."""
        from xai._masking import secret_values

        keys = () if self.credentials is None else self.credentials.secrets()
        proxy = () if self.proxy is None else self.proxy.secrets()
        return (*secret_values(self.metadata), *keys, *proxy)

    def __repr__(self) -> str:
        """Return the host; never the headers."""
        return f"ChannelConfig({self.endpoint!r})"

    def __reduce__(self) -> tuple[object, ...]:
        """Refuse to be pickled: the key would be in the bytes."""
        raise TypeError("a client can't be pickled: its API key would be written out with it")
