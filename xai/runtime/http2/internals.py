"""All that this package takes of grpclib, h2, hpack and asyncio, under one name each.

Much of it is not theirs to offer, and may move with a new version. The rest of
``xai/runtime/http2`` uses these names alone. ``tests/unit/runtime/http2/test_seams.py`` compares a
hash of each function that is relied on with the one that was read.
"""

import asyncio
import ssl
from typing import Final

from grpclib.client import Channel, Handler
from grpclib.config import Configuration as GrpclibSettings
from grpclib.encoding.base import CodecBase
from grpclib.protocol import Connection, H2Protocol
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.exceptions import FlowControlError
from h2.windows import WindowManager
from hpack.exceptions import HPACKError
from hpack.huffman_table import decode_huffman
from hpack.table import HeaderTable as CompressionTable

__all__ = [
    "CompressionTable",
    "ErrorCodes",
    "FlowControlError",
    "GrpclibChannel",
    "GrpclibConnection",
    "GrpclibProtocol",
    "GrpclibSettings",
    "HPACKError",
    "WindowManager",
    "decode_huffman",
    "lowest_transport",
]

#: The window of a connection before anything is said about it: RFC 9113, section 6.9.2.
_FIRST_WINDOW: Final = 65535
#: Bytes, not text: a header that is not ASCII must fail one call, not the connection.
_H2_CONFIG: Final = H2Configuration(
    client_side=True,
    header_encoding=None,
    validate_inbound_headers=False,
    validate_outbound_headers=False,
    normalize_inbound_headers=False,
    normalize_outbound_headers=False,
)


class _BytesCodec(CodecBase):
    """Messages are bytes on both sides of the channel; ``xai/runtime/codec`` makes them."""

    __content_subtype__ = "proto"

    def encode(self, message: bytes, message_type: type[bytes]) -> bytes:  # noqa: ARG002  # upstream's
        """Return the bytes as they are."""
        return message

    def decode(self, data: bytes, message_type: type[bytes]) -> bytes:  # noqa: ARG002  # upstream's
        """Return the bytes as they are."""
        return data


class GrpclibChannel(Channel):
    """grpclib's channel, with names for what it keeps of its arguments.

    Args:
        host: The server's name or address, without brackets.
        port: Its port.
        context: TLS settings; None only for a plaintext endpoint.
        stream_window: How much may be sent on one stream unread, in bytes.
        connection_window: The same of all streams together.
    """

    def __init__(
        self,
        host: str,
        port: int,
        context: ssl.SSLContext | None,
        *,
        stream_window: int,
        connection_window: int,
    ) -> None:
        super().__init__(
            host,
            port,
            codec=_BytesCodec(),
            ssl=context,
            config=GrpclibSettings(
                http2_connection_window_size=connection_window,
                http2_stream_window_size=stream_window,
            ),
        )

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop that it was made on."""
        return self._loop

    @property
    def host(self) -> str:
        """The server's name or address."""
        return self._host

    @property
    def port(self) -> int:
        """The server's port."""
        return self._port

    @property
    def context(self) -> ssl.SSLContext | None:
        """TLS settings; None for plain text."""
        return self._ssl

    @property
    def authority(self) -> str:
        """The host with its port, as requests name it."""
        return self._authority

    @property
    def scheme(self) -> str:
        """``http`` or ``https``."""
        return self._scheme

    @property
    def settings(self) -> GrpclibSettings:
        """The settings that grpclib's own classes want, windows among them."""
        return self._config


class GrpclibConnection(Connection):
    """grpclib's connection, with names for its transport and for what it says first.

    Args:
        transport: The socket, or TLS on it.
        settings: Those of the channel.
    """

    def __init__(self, transport: asyncio.Transport, settings: GrpclibSettings) -> None:
        h2 = H2Connection(config=_H2_CONFIG)
        # Pushed responses have no meaning in gRPC.
        h2.local_settings.enable_push = 0
        h2.local_settings.initial_window_size = settings.http2_stream_window_size
        h2.local_settings.acknowledge()
        h2.initiate_connection()
        h2.increment_flow_control_window(settings.http2_connection_window_size - _FIRST_WINDOW)
        super().__init__(h2, transport, config=settings)
        #: The client's preface of HTTP/2, with its SETTINGS and the window of the connection.
        self.preface = h2.data_to_send()

    @property
    def transport(self) -> asyncio.Transport:
        """The socket, or TLS on it."""
        return self._transport


class GrpclibProtocol(H2Protocol):
    """grpclib's protocol, whose handler, which would cancel tasks, is never told anything.

    Args:
        settings: Those of the channel.
    """

    def __init__(self, settings: GrpclibSettings) -> None:
        super().__init__(Handler(), settings, _H2_CONFIG)


def lowest_transport(transport: asyncio.Transport) -> asyncio.BaseTransport:
    """Return the transport of the socket below a transport of TLS, or the transport itself.

    Loops other than asyncio's have other transports: of those it is the transport itself.

    Args:
        transport: What a protocol was connected to.
    """
    below: asyncio.BaseTransport | None = getattr(
        getattr(transport, "_ssl_protocol", None), "_transport", None
    )
    return below or transport
