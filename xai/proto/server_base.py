"""What the generated server bases are built on.

It is apart from ``base`` because grpclib's server is slow to import and no client needs it.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

import betterproto
from betterproto.grpc import grpclib_server
from grpclib import GRPCError
from grpclib.const import Cardinality, Handler, Status
from grpclib.server import Stream

from xai.proto.base import Method

__all__ = ["Handler", "ServiceBase"]

Q = TypeVar("Q", bound=betterproto.Message)
R = TypeVar("R", bound=betterproto.Message)


class ServiceBase(grpclib_server.ServiceBase):
    """A service to be filled in: override the methods it shall have.

    A method that is not overridden answers UNIMPLEMENTED.
    """

    @staticmethod
    def _unimplemented(method: Method[Any, Any]) -> GRPCError:
        return GRPCError(Status.UNIMPLEMENTED, f"{method.path} is not implemented")

    @staticmethod
    def _unary_handler(method: Method[Q, R], answer: Callable[[Q], Awaitable[R]]) -> Handler:
        async def handle(stream: Stream[Q, R]) -> None:
            await stream.send_message(await answer(await _receive(stream)))

        return Handler(handle, Cardinality.UNARY_UNARY, method.request, method.reply)

    @staticmethod
    def _stream_handler(method: Method[Q, R], answer: Callable[[Q], AsyncIterator[R]]) -> Handler:
        async def handle(stream: Stream[Q, R]) -> None:
            replies = answer(await _receive(stream))
            try:
                async for reply in replies:
                    await stream.send_message(reply)
            finally:
                # A generator ends with its call, also when the call ends first.
                if isinstance(replies, AsyncGenerator):
                    await replies.aclose()

        return Handler(handle, Cardinality.UNARY_STREAM, method.request, method.reply)

    @staticmethod
    def _upload_handler(
        method: Method[Q, R], answer: Callable[[AsyncIterator[Q]], Awaitable[R]]
    ) -> Handler:
        async def handle(stream: Stream[Q, R]) -> None:
            # A stream of grpclib is an asynchronous iterator of what it receives.
            await stream.send_message(await answer(aiter(stream)))

        return Handler(handle, Cardinality.STREAM_UNARY, method.request, method.reply)


async def _receive(stream: Stream[Q, R]) -> Q:
    request = await stream.recv_message()
    if request is None:
        raise GRPCError(Status.INVALID_ARGUMENT, "the request is missing")
    return request
