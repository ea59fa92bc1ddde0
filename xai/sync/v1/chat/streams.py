# Do not edit: produced by "nox -s generate" from
# xai/aio/v1/chat/streams.py
"""Streamed responses."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from xai._annotations import resolve_lazily
from xai._sentinel import NOT_GIVEN
from xai.errors import APIError
from xai.proto.xai_api.chat import (
    CHAT_GET_COMPLETION_CHUNK,
    GetChatCompletionChunk,
    GetCompletionsRequest,
)
from xai.runtime.retry.policy import Failure
from xai.sync.rpc.caller import Caller
from xai.sync.rpc.stream import ReplyStream, StreamCall
from xai.v1.chat.accumulator import Accumulator
from xai.v1.chat.chunks import Chunk
from xai.v1.chat.response import Response

if TYPE_CHECKING:
    import betterproto

T = TypeVar("T")

#: Called with a response that is complete.
Finish = Callable[[Response], object]


class ResponseCall(StreamCall[GetChatCompletionChunk]):
    """The call of a stream, whose errors carry the response so far.

    Args:
        caller: Makes the call.
        request: The request.
        n: The number of choices.
    """

    partial: object = None

    def __init__(self, caller: Caller, request: GetCompletionsRequest, n: int) -> None:
        super().__init__(caller.context, CHAT_GET_COMPLETION_CHUNK, request, NOT_GIVEN, ())
        self.accumulator = Accumulator(request.tools, n)

    def finished(
        self, error: BaseException | None, reply: "betterproto.Message | None" = None
    ) -> None:
        """Tell the observers of the end, with the response as far as it came: it has the usage."""
        if self.observer is not None and self.accumulator.chunks:
            reply = self.accumulator.proto
        super().finished(error, reply)

    def error(self, failure: Failure) -> APIError:
        """Return the error of a failure."""
        error = super().error(failure)
        error.partial = self.partial
        return error

    def take(self, data: bytes) -> GetChatCompletionChunk:
        """Decode a chunk, and add it to the response.

        Raises:
            InternalServerError: It is not a valid chunk, or belongs to no output.
        """
        chunk = self.decode(data)
        try:
            self.accumulator.add(chunk)
        except ValueError as error:
            text = f"the stream has a chunk that belongs to no choice: {error}"
            self.fail(self.malformed(text, error))
        return chunk


class ResponseStream(ReplyStream[T]):
    """What the streams of responses share."""

    _in_order = True

    def __init__(
        self,
        call: ResponseCall,
        read: Callable[[bytes], T | None],
        found: list[Response],
        finish: Finish | None = None,
    ) -> None:
        # What reads the chunks holds the call, never the stream: a stream that is dropped has to
        # be collected at once, which ends the call.
        super().__init__(call, read)
        self._response_call = call
        self._found = found
        self._finish = finish
        self._whole = False

    def _ended(self) -> None:
        self._whole = True
        for response in self._found:
            response.metadata = self._response_call.response_metadata
        if self._finish is not None:
            self._finish(self._found[0])

    def _read_rest(self) -> None:
        for _ in self:
            pass
        if not self._whole:
            raise RuntimeError("the stream was closed before its end: the response is not complete")

    def __repr__(self) -> str:
        """Return how much has come."""
        state = "whole" if self._whole else "not at its end"
        return f"<{type(self).__name__}, {self._response_call.accumulator.chunks} chunks, {state}>"


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
        call = ResponseCall(caller, request, 1)
        accumulator = call.accumulator
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
        call = ResponseCall(caller, request, n)
        found = call.partial = [Response._of(call.accumulator, index) for index in range(n)]  # noqa: SLF001  # made for this

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
