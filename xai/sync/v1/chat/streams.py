# Do not edit: produced by "nox -s generate" from
# xai/aio/v1/chat/streams.py
"""Streamed responses."""

from collections.abc import Callable
from typing import TypeVar

from xai._annotations import resolve_lazily
from xai.proto.xai_api.chat import (
    CHAT_GET_COMPLETION_CHUNK,
    GetChatCompletionChunk,
    GetCompletionsRequest,
)
from xai.sync.rpc.accumulating import AccumulatingCall, AccumulatingStream
from xai.sync.rpc.caller import Caller
from xai.v1.chat.accumulator import Accumulator
from xai.v1.chat.chunks import Chunk
from xai.v1.chat.response import Response

T = TypeVar("T")

#: Called with a response that is complete.
Finish = Callable[[Response], object]


class ResponseStream(AccumulatingStream[T, Response]):
    """What the streams of responses share.

    Args:
        call: The call.
        read: As in `AccumulatingStream`.
        found: The responses so far.
        finish: Called with the first one when it is complete.
    """

    def __init__(
        self,
        call: AccumulatingCall[GetChatCompletionChunk],
        read: Callable[[bytes], T | None],
        found: list[Response],
        finish: Finish | None = None,
    ) -> None:
        super().__init__(call, read, found)
        self._finish = finish

    def _ended(self) -> None:
        super()._ended()
        if self._finish is not None:
            self._finish(self._found[0])


class ChatStream(ResponseStream[tuple[Response, Chunk]]):
    """A streamed response: pairs of the response so far and the chunk that was added to it.

    It is an `xai.Stream`. The response is the same object each time; it stays readable after
    an error, which has it as ``partial``, and after an early `close`.

    Args:
        caller: Makes the call.
        request: The request.
        finish: Called with the complete response.
    """

    def __init__(
        self,
        caller: Caller,
        request: GetCompletionsRequest,
        finish: Finish | None = None,
    ) -> None:
        accumulator = Accumulator(request.tools, 1)
        call = AccumulatingCall(caller, CHAT_GET_COMPLETION_CHUNK, request, accumulator)
        response = call.partial = Response._of(accumulator)  # noqa: SLF001  # made for this

        def read(data: bytes) -> tuple[Response, Chunk]:
            chunk = call.take(data)
            return response, Chunk(chunk, accumulator.index)

        super().__init__(call, read, [response], finish)

    @property
    def response(self) -> Response:
        """The response so far."""
        return self._found[0]

    def until_done(self) -> Response:
        """Read the rest, and return the complete response.

        Raises:
            APIError: The call failed; ``partial`` is the response so far.
            RuntimeError: The stream was closed before its end.
        """
        self._read_rest()
        return self._found[0]


class BatchStream(ResponseStream[tuple[list[Response], list[Chunk]]]):
    """Several streamed responses to one request, as `ChatStream` for each of them.

    Args:
        caller: Makes the call.
        request: The request.
        n: The number of choices.
    """

    def __init__(self, caller: Caller, request: GetCompletionsRequest, n: int) -> None:
        accumulator = Accumulator(request.tools, n)
        call = AccumulatingCall(caller, CHAT_GET_COMPLETION_CHUNK, request, accumulator)
        found = call.partial = [Response._of(accumulator, index) for index in range(n)]  # noqa: SLF001  # made for this

        def read(data: bytes) -> tuple[list[Response], list[Chunk]]:
            chunk = call.take(data)
            return list(found), [Chunk(chunk, index) for index in range(n)]

        super().__init__(call, read, found)

    @property
    def responses(self) -> list[Response]:
        """The responses so far."""
        return list(self._found)

    def until_done(self) -> list[Response]:
        """Read the rest, and return the complete responses.

        Raises:
            APIError: The call failed; ``partial`` is the list of responses so far.
            RuntimeError: The stream was closed before its end.
        """
        self._read_rest()
        return self.responses


resolve_lazily(globals())
