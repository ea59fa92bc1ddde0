# Do not edit: produced by "nox -s generate" from
# xai/aio/rpc/caller.py
"""Makes the calls of every service."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import betterproto

from xai._secrets import Secret, conceal
from xai._sentinel import NOT_GIVEN, NotGiven
from xai.errors import Metadata
from xai.options import RetryPolicy, Timeouts
from xai.proto.base import Method
from xai.runtime.transport.request import Progress
from xai.sync.rpc.call import UnaryCall
from xai.sync.rpc.context import CallContext
from xai.sync.rpc.stream import ReplyStream, StreamCall
from xai.sync.rpc.upload import UploadCall

Q = TypeVar("Q", bound=betterproto.Message)
R = TypeVar("R", bound=betterproto.Message)
T = TypeVar("T")


class Caller:
    """Makes the calls of a client, as the generated services want it.

    Args:
        context: What the calls share.
    """

    def __init__(self, context: CallContext) -> None:
        self.context = context

    def with_options(
        self,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        retry: RetryPolicy | NotGiven = NOT_GIVEN,
        metadata: Sequence[tuple[str, str]] | Secret[Sequence[tuple[str, str]]] = (),
    ) -> "Caller":
        """Return a caller on the same connection with other options.

        Args:
            timeout: Seconds for a whole call, None for no limit, or `Timeouts`.
            retry: When a call is tried again.
            metadata: Pairs sent besides those that are sent anyway.

        Raises:
            TypeError: An argument is of the wrong type.
            ValueError: An argument is not valid.
        """
        pairs = conceal(metadata)
        del metadata
        return Caller(self.context.with_options(timeout=timeout, retry=retry, metadata=pairs))

    def unary(
        self,
        method: Method[Q, R],
        request: Q,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Sequence[tuple[str, str]] | Secret[Sequence[tuple[str, str]]] = (),
        on_sent: Progress | None = None,
        on_received: Progress | None = None,
    ) -> R:
        """Make a call with one reply.

        Args:
            method: The RPC.
            request: Its message.
            timeout: Seconds for the whole call, None for no limit; the client's when not given.
            metadata: Pairs for this call.
            on_sent: Told how many bytes of how many of the request have left; here, not on the
                loop. Each attempt begins anew.
            on_received: Told the same of the reply.

        Returns:
            The reply.

        Raises:
            APIError: The call failed.
            TypeError: The request is not of the RPC's type.
            RuntimeError: The client is closed.
        """
        call = UnaryCall(self.context, method, request, timeout, metadata)
        call.on_sent, call.on_received = on_sent, on_received
        return call.reply()

    def unary_of(self, method: Method[Q, R], request: Q, read: Callable[[R], T]) -> T:
        """Make a call whose reply is turned into something else, within the call's deadline.

        Args:
            method: The RPC.
            request: Its message.
            read: Makes a value of the reply, a large one beside the event loop; it iterates over
                lists by `xai.runtime.codec.reading.checked`. A DecodeError says that the reply
                makes no sense.

        Returns:
            The value.

        Raises:
            APIError: The call failed.
            TypeError: The request is not of the RPC's type.
            RuntimeError: The client is closed.
        """
        return UnaryCall(self.context, method, request, NOT_GIVEN, ()).reply_as(read)

    def unary_with_metadata(
        self, method: Method[Q, R], request: Q, read: Callable[[R, Metadata], T]
    ) -> T:
        """Make a call as `unary_of`, for a value that has the metadata of the response in it.

        Args:
            method: The RPC.
            request: Its message.
            read: Makes a value of the reply and the metadata: initial, then trailing.

        Returns:
            The value.

        Raises:
            APIError: The call failed.
            TypeError: The request is not of the RPC's type.
            RuntimeError: The client is closed.
        """
        call = UnaryCall(self.context, method, request, NOT_GIVEN, ())
        return call.reply_as(lambda reply: read(reply, call.response_metadata))

    def upload(
        self,
        method: Method[Q, R],
        requests: Iterable[Q],
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Sequence[tuple[str, str]] | Secret[Sequence[tuple[str, str]]] = (),
    ) -> R:
        """Make a call with a stream of requests and one reply.

        Args:
            method: The RPC.
            requests: Its messages, each taken when the one before was written. From an iterator
                they can't be taken again: the call is not retried after the first one. Any other
                iterable is asked for an iterator by each attempt.
            timeout: Seconds for the whole call, None for no limit; the client's when not given.
            metadata: Pairs for this call.

        Returns:
            The reply. It may come before all messages were taken.

        Raises:
            APIError: The call failed. What the requests raise comes as it is, after the call was
                cancelled.
            TypeError: A request is not of the RPC's type.
            ValueError: A request is too large.
            RuntimeError: The client is closed.
        """
        return UploadCall(self.context, method, requests, timeout, metadata).reply()

    def upload_of(self, method: Method[Q, R], requests: Iterable[Q], read: Callable[[R], T]) -> T:
        """Make a call with a stream of requests, whose reply is turned into something else.

        Args:
            method: The RPC.
            requests: As in `upload`.
            read: As in `unary_of`.

        Returns:
            The value.

        Raises:
            APIError: As in `upload`.
            TypeError: As in `upload`.
            ValueError: As in `upload`.
            RuntimeError: As in `upload`.
        """
        call = UploadCall(self.context, method, requests, NOT_GIVEN, ())
        return call.reply_as(read)

    def stream(
        self,
        method: Method[Q, R],
        request: Q,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Sequence[tuple[str, str]] | Secret[Sequence[tuple[str, str]]] = (),
    ) -> "ReplyStream[R]":
        """Prepare a call with a streamed reply; it is sent by the first iteration.

        Args:
            method: The RPC.
            request: Its message.
            timeout: Seconds for the whole call, None for no limit; the client's when not given.
            metadata: Pairs for this call.

        Returns:
            The stream of replies.

        Raises:
            TypeError: The request is not of the RPC's type.
            RuntimeError: The client is closed.
        """
        return self.stream_of(method, request, _unchanged, timeout=timeout, metadata=metadata)

    def stream_of(
        self,
        method: Method[Q, R],
        request: Q,
        read: Callable[[R], T | None],
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Sequence[tuple[str, str]] | Secret[Sequence[tuple[str, str]]] = (),
    ) -> "ReplyStream[T]":
        """Prepare a call whose replies are turned into something else.

        Args:
            method: The RPC.
            request: Its message.
            read: Makes an item from a reply, or None to go on to the next one.
            timeout: As in `stream`.
            metadata: As in `stream`.

        Returns:
            The stream of items.

        Raises:
            TypeError: The request is not of the RPC's type.
            RuntimeError: The client is closed.
        """
        call = StreamCall(self.context, method, request, timeout, metadata)
        return ReplyStream(call, lambda data: read(call.decode(data)))


def _unchanged(reply: R) -> R:
    return reply
