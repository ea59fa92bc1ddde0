"""Channels, as far as programs use them: to close them, and to make stubs on them."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from xai._annotations import resolve_lazily
from xai._secrets import Secret
from xai.xai_sdk.v1.aio.connection import AsyncConnection

if TYPE_CHECKING:
    import betterproto

    from xai.aio.rpc.caller import AsyncCaller
    from xai.xai_sdk.v1.proto.raw_calls import Codec, RawMethod

# twin: sync Requests: TypeAlias = Iterable[object]
AsyncRequests: TypeAlias = AsyncIterable[object] | Iterable[object]


class AsyncChannel:
    """Stands for the channel of a client, which has one for each event loop it is used from.

    Stubs of the modules ``*_pb2_grpc`` work on it, those of the real package as well.

    Args:
        connection: Makes the calls of the client.
        management: Whether it is the one to the management API.
    """

    def __init__(self, connection: AsyncConnection, *, management: bool = False) -> None:
        self._connection = connection
        self._management = management

    def unary_unary(
        self,
        method: str,
        request_serializer: "Codec | None" = None,
        response_deserializer: "Codec | None" = None,
        _registered_method: bool | None = None,  # noqa: FBT001  # gRPC's
    ) -> "_AsyncUnaryUnary":
        """Return what makes calls with one request and one reply.

        Args:
            method: The path of the RPC.
            request_serializer: Makes bytes of a request; None when requests are bytes.
            response_deserializer: Makes a reply of bytes; None when replies stay bytes.

        Raises:
            ValueError: The API has no such RPC.
        """
        return _AsyncUnaryUnary(self, _raw(method, request_serializer, response_deserializer))

    def unary_stream(
        self,
        method: str,
        request_serializer: "Codec | None" = None,
        response_deserializer: "Codec | None" = None,
        _registered_method: bool | None = None,  # noqa: FBT001  # gRPC's
    ) -> "_AsyncUnaryStream":
        """Return what makes calls with one request and many replies.

        Args:
            method: As for `unary_unary`.
            request_serializer: As for `unary_unary`.
            response_deserializer: As for `unary_unary`.

        Raises:
            ValueError: The API has no such RPC.
        """
        return _AsyncUnaryStream(self, _raw(method, request_serializer, response_deserializer))

    def stream_unary(
        self,
        method: str,
        request_serializer: "Codec | None" = None,
        response_deserializer: "Codec | None" = None,
        _registered_method: bool | None = None,  # noqa: FBT001  # gRPC's
    ) -> "_AsyncStreamUnary":
        """Return what makes calls with many requests and one reply.

        Args:
            method: As for `unary_unary`.
            request_serializer: As for `unary_unary`.
            response_deserializer: As for `unary_unary`.

        Raises:
            ValueError: The API has no such RPC.
        """
        return _AsyncStreamUnary(self, _raw(method, request_serializer, response_deserializer))

    def _caller(self) -> "AsyncCaller":
        if self._management:
            return self._connection.client._management_caller()  # noqa: SLF001  # of this package
        return self._connection.caller

    @property
    def _channel(self) -> "_Unowned":
        """What libraries close when the event loop of a channel is gone."""
        return _Unowned()

    async def close(self, grace: float | None = None) -> None:  # noqa: ARG002  # theirs
        """Close the connections of the client."""
        await self._connection.client.close()


class _Unowned:
    """Nothing: the sockets of an event loop are closed with it."""

    def close(self) -> None:
        """Do nothing; the client is as good as new in another event loop."""


class _AsyncRaw:
    """Makes calls of an RPC.

    Args:
        channel: Where they go.
        raw: The RPC.
    """

    def __init__(self, channel: AsyncChannel, raw: "RawMethod") -> None:
        self._channel = channel
        self._raw = raw

    def _caller(
        self, timeout: float | None, metadata: Secret[Sequence[tuple[str, str]] | None]
    ) -> "AsyncCaller":
        caller = self._channel._caller()  # noqa: SLF001  # of this module
        pairs = Secret(tuple(metadata.reveal() or ()))
        if timeout is None:
            return caller.with_options(metadata=pairs)
        return caller.with_options(timeout=timeout, metadata=pairs)


class _AsyncUnaryUnary(_AsyncRaw):
    """Makes calls with one request and one reply."""

    async def __call__(
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
        return self._raw.reply(await caller.unary(self._raw.method, self._raw.request(request)))


class _AsyncUnaryStream(_AsyncRaw):
    """Makes calls with one request and many replies."""

    async def __call__(
        self,
        request: object,
        timeout: float | None = None,
        metadata: Sequence[tuple[str, str]] | None = None,
    ) -> AsyncIterator[object]:
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
        async with caller.stream(self._raw.method, self._raw.request(request)) as stream:
            async for reply in stream:
                yield self._raw.reply(reply)


class _AsyncStreamUnary(_AsyncRaw):
    """Makes calls with many requests and one reply."""

    async def __call__(
        self,
        request_iterator: "AsyncRequests",
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
        reply = await caller.upload(self._raw.method, self._requests(request_iterator))
        return self._raw.reply(reply)

    async def _requests(self, given: "AsyncRequests") -> "AsyncIterator[betterproto.Message]":
        # twin: sync found = iter(given)
        found = aiter(given) if isinstance(given, AsyncIterable) else iter(given)
        while True:
            try:
                # twin: sync message = next(found)
                message = await anext(found) if isinstance(found, AsyncIterator) else next(found)
            # twin: sync except StopIteration:
            except (StopIteration, StopAsyncIteration):
                return
            yield self._raw.request(message)


def _raw(path: str, serialize: "Codec | None", deserialize: "Codec | None") -> "RawMethod":
    from xai.xai_sdk.v1.proto.raw_calls import RawMethod

    return RawMethod(path, serialize, deserialize)


resolve_lazily(globals())
