# Do not edit: produced by "nox -s generate" from
# xai/xai_sdk/v1/aio/channel.py
"""Channels, as far as programs use them: to close them, and to make stubs on them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

from xai._annotations import resolve_lazily
from xai._secrets import Secret
from xai.xai_sdk.v1.sync.connection import Connection

if TYPE_CHECKING:
    import betterproto

    from xai.sync.rpc.caller import Caller
    from xai.xai_sdk.v1.proto.raw_calls import Codec, RawMethod

Requests: TypeAlias = Iterable[object]


class Channel:
    """Stands for the channel of a client, which has one for each event loop it is used from.

    Stubs of the modules ``*_pb2_grpc`` work on it, those of the real package as well.

    Args:
        connection: Makes the calls of the client.
        management: Whether it is the one to the management API.
    """

    def __init__(self, connection: Connection, *, management: bool = False) -> None:
        self._connection = connection
        self._management = management

    def unary_unary(
        self,
        method: str,
        request_serializer: "Codec | None" = None,
        response_deserializer: "Codec | None" = None,
        _registered_method: bool | None = None,  # noqa: FBT001  # gRPC's
    ) -> "_UnaryUnary":
        """Return what makes calls with one request and one reply.

        Args:
            method: The path of the RPC.
            request_serializer: Makes bytes of a request; None when requests are bytes.
            response_deserializer: Makes a reply of bytes; None when replies stay bytes.

        Raises:
            ValueError: The API has no such RPC.
        """
        return _UnaryUnary(self, _raw(method, request_serializer, response_deserializer))

    def unary_stream(
        self,
        method: str,
        request_serializer: "Codec | None" = None,
        response_deserializer: "Codec | None" = None,
        _registered_method: bool | None = None,  # noqa: FBT001  # gRPC's
    ) -> "_UnaryStream":
        """Return what makes calls with one request and many replies.

        Args:
            method: As for `unary_unary`.
            request_serializer: As for `unary_unary`.
            response_deserializer: As for `unary_unary`.

        Raises:
            ValueError: The API has no such RPC.
        """
        return _UnaryStream(self, _raw(method, request_serializer, response_deserializer))

    def stream_unary(
        self,
        method: str,
        request_serializer: "Codec | None" = None,
        response_deserializer: "Codec | None" = None,
        _registered_method: bool | None = None,  # noqa: FBT001  # gRPC's
    ) -> "_StreamUnary":
        """Return what makes calls with many requests and one reply.

        Args:
            method: As for `unary_unary`.
            request_serializer: As for `unary_unary`.
            response_deserializer: As for `unary_unary`.

        Raises:
            ValueError: The API has no such RPC.
        """
        return _StreamUnary(self, _raw(method, request_serializer, response_deserializer))

    def _caller(self) -> "Caller":
        if self._management:
            return self._connection.client._management_caller()  # noqa: SLF001  # of this package
        return self._connection.caller

    @property
    def _channel(self) -> "_Unowned":
        """What libraries close when the event loop of a channel is gone."""
        return _Unowned()

    def close(self, grace: float | None = None) -> None:  # noqa: ARG002  # theirs
        """Close the connections of the client."""
        self._connection.client.close()


class _Unowned:
    """Nothing: the sockets of an event loop are closed with it."""

    def close(self) -> None:
        """Do nothing; the client is as good as new in another event loop."""


class _Raw:
    """Makes calls of an RPC.

    Args:
        channel: Where they go.
        raw: The RPC.
    """

    def __init__(self, channel: Channel, raw: "RawMethod") -> None:
        self._channel = channel
        self._raw = raw

    def _caller(
        self, timeout: float | None, metadata: Secret[Sequence[tuple[str, str]] | None]
    ) -> "Caller":
        caller = self._channel._caller()  # noqa: SLF001  # of this module
        pairs = Secret(tuple(metadata.reveal() or ()))
        if timeout is None:
            return caller.with_options(metadata=pairs)
        return caller.with_options(timeout=timeout, metadata=pairs)


class _UnaryUnary(_Raw):
    """Makes calls with one request and one reply."""

    def __call__(
        self,
        request: object,
        timeout: float | None = None,
        metadata: Sequence[tuple[str, str]] | None = None,
    ) -> object:
        """Make a call.

        Args:
            request: The request.
            timeout: Seconds for the call; the client's when None.
            metadata: Pairs for the call.

        Returns:
            The reply.

        Raises:
            APIError: The call failed; the error is also one of grpcio.
        """
        pairs = Secret(metadata)
        del metadata
        caller = self._caller(timeout, pairs)
        return self._raw.reply(caller.unary(self._raw.method, self._raw.request(request)))


class _UnaryStream(_Raw):
    """Makes calls with one request and many replies."""

    def __call__(
        self,
        request: object,
        timeout: float | None = None,
        metadata: Sequence[tuple[str, str]] | None = None,
    ) -> Iterator[object]:
        """Make a call, which is sent when the first reply is asked for, and yield the replies.

        Args:
            request: The request.
            timeout: Seconds for the call; the client's when None.
            metadata: Pairs for the call.

        Raises:
            APIError: The call failed; the error is also one of grpcio.
        """
        pairs = Secret(metadata)
        del metadata
        caller = self._caller(timeout, pairs)
        with caller.stream(self._raw.method, self._raw.request(request)) as stream:
            for reply in stream:
                yield self._raw.reply(reply)


class _StreamUnary(_Raw):
    """Makes calls with many requests and one reply."""

    def __call__(
        self,
        request_iterator: "Requests",
        timeout: float | None = None,
        metadata: Sequence[tuple[str, str]] | None = None,
    ) -> object:
        """Make a call.

        Args:
            request_iterator: The requests.
            timeout: Seconds for the call; the client's when None.
            metadata: Pairs for the call.

        Returns:
            The reply.

        Raises:
            APIError: The call failed; the error is also one of grpcio.
        """
        pairs = Secret(metadata)
        del metadata
        caller = self._caller(timeout, pairs)
        reply = caller.upload(self._raw.method, self._requests(request_iterator))
        return self._raw.reply(reply)

    def _requests(self, given: "Requests") -> "Iterator[betterproto.Message]":
        found = iter(given)
        while True:
            try:
                message = next(found)
            except StopIteration:
                return
            yield self._raw.request(message)


def _raw(path: str, serialize: "Codec | None", deserialize: "Codec | None") -> "RawMethod":
    from xai.xai_sdk.v1.proto.raw_calls import RawMethod

    return RawMethod(path, serialize, deserialize)


resolve_lazily(globals())
