"""What every service makes its calls with."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import betterproto

from xai._sentinel import NOT_GIVEN, NotGiven
from xai.aio.calls import AsyncUnaryCall
from xai.aio.streams import AsyncOpening, AsyncReplyStream
from xai.options import RetryPolicy, Timeouts
from xai.proto.base import Method
from xai.runtime.call import AsyncTransport
from xai.runtime.endpoint import Headers
from xai.runtime.request import Progress
from xai.runtime.retry_state import FULL, state_of

__all__ = ["AsyncAttempts", "AsyncReplyStream"]

Q = TypeVar("Q", bound=betterproto.Message)
R = TypeVar("R", bound=betterproto.Message)
T = TypeVar("T")


class AsyncAttempts:
    """Runs the calls of a client (an ``AsyncCaller`` of the generated services).

    Args:
        transport: Carries the bytes.
        timeouts: Limits for a call that brings none.
        retry: When a call is tried again.
        metadata: Pairs sent with every call, after those of the transport.
    """

    def __init__(
        self,
        transport: AsyncTransport,
        *,
        timeouts: Timeouts,
        retry: RetryPolicy,
        metadata: Headers = (),
    ) -> None:
        self.transport = transport
        self.timeouts = timeouts
        self.retry = retry
        self.metadata = metadata
        self.state = state_of(transport)

    async def unary(
        self,
        method: Method[Q, R],
        request: Q,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Sequence[tuple[str, str]] = (),
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
        call = AsyncUnaryCall(self, method, request, timeout, metadata)
        call.on_sent, call.on_received = on_sent, on_received
        data = await call.run()
        if self.state.bucket.level < FULL:
            self.state.bucket.succeeded()
        return call.decode(data)

    def stream(
        self,
        method: Method[Q, R],
        request: Q,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Sequence[tuple[str, str]] = (),
    ) -> "AsyncReplyStream[R]":
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
        metadata: Sequence[tuple[str, str]] = (),
    ) -> "AsyncReplyStream[T]":
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
        call = AsyncOpening(self, method, request, timeout, metadata)
        return AsyncReplyStream(call, lambda data: read(call.decode(data)))


def _unchanged(reply: R) -> R:
    return reply
