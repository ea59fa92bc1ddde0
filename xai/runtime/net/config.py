"""Everything a channel is made from; cheap to import, as constructing a client is to be cheap."""

from typing import TYPE_CHECKING, Final

from xai._sentinel import NOT_GIVEN, NotGiven

if TYPE_CHECKING:
    import ssl

    from xai._secrets import Secret
    from xai.errors import Metadata
    from xai.options import Keepalive
    from xai.runtime.net.endpoint import Endpoint
    from xai.runtime.net.proxy import Proxy

#: The largest message in either direction, in bytes.
MAX_MESSAGE_BYTES: Final = 20 * 2**20


def check_size(payload: bytes, config: "ChannelConfig") -> None:
    """Raise when a request is larger than the client may send.

    Args:
        payload: The encoded request.
        config: The client's limits.

    Raises:
        ValueError: It is too large (gRPC itself has room for 4 GiB).
    """
    size, limit = len(payload), config.max_message_bytes
    if size > limit:
        raise ValueError(f"the request has {size} bytes; max_message_bytes allows {limit}")


class ChannelConfig:
    """Everything a channel is made from; the key is in it, so its repr shows the host alone.

    Args:
        endpoint: Where to connect to.
        headers: Metadata and credentials sent with every call, in order.
        ssl_context: The caller's own TLS settings, or None for the default ones.
        max_message_bytes: The largest reply that is accepted, and the largest request sent.
        proxy: What the endpoint is reached through; None for a direct connection.
        keepalive: How often silent connections are asked for a sign of life; None for never.
        unsent: A credential of the same client that is not sent here, such as the key for another
            host; errors do not show it either.
    """

    __slots__ = (
        "endpoint",
        "headers",
        "keepalive",
        "max_message_bytes",
        "proxy",
        "ssl_context",
        "unsent",
    )

    def __init__(
        self,
        endpoint: "Endpoint",
        headers: "Metadata",
        *,
        ssl_context: "ssl.SSLContext | None" = None,
        max_message_bytes: int = MAX_MESSAGE_BYTES,
        proxy: "Proxy | None" = None,
        keepalive: "Keepalive | NotGiven | None" = NOT_GIVEN,
        unsent: "Secret[str] | None" = None,
    ) -> None:
        self.proxy = proxy
        self.unsent = unsent
        self.keepalive = keepalive
        self.endpoint = endpoint
        self.headers = headers
        self.ssl_context = ssl_context
        self.max_message_bytes = max_message_bytes

    def credentials(self) -> tuple[str, ...]:
        """Return what errors must not show: keys, secret metadata, the proxy's password."""
        from xai._masking import secret_values

        proxy = () if self.proxy is None else self.proxy.credentials()
        unsent = () if self.unsent is None else (self.unsent.reveal(),)
        return (*secret_values(self.headers), *proxy, *unsent)

    def __repr__(self) -> str:
        """Return the host; never the headers."""
        return f"ChannelConfig({self.endpoint!r})"

    def __reduce__(self) -> tuple[object, ...]:
        """Refuse to be pickled: the key would be in the bytes."""
        raise TypeError("a client can't be pickled: its API key would be written out with it")
