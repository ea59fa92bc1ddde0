# Do not edit: produced by "nox -s generate" from
# xai/aio/rpc/accumulating.py
"""Streams whose chunks add up to one response."""

from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

import betterproto

from xai._annotations import resolve_lazily
from xai._sentinel import NOT_GIVEN
from xai.errors import APIError, Metadata
from xai.proto.base import Method
from xai.runtime.retry.policy import Failure
from xai.sync.rpc.caller import Caller
from xai.sync.rpc.stream import ReplyStream, StreamCall

T = TypeVar("T")
Q = TypeVar("Q", bound=betterproto.Message)
R = TypeVar("R", bound=betterproto.Message)
R_contra = TypeVar("R_contra", bound=betterproto.Message, contravariant=True)


class _Counter(Protocol):
    #: How many chunks came.
    chunks: int


class ChunkAccumulator(_Counter, Protocol[R_contra]):
    """What chunks are added to."""

    @property
    def proto(self) -> betterproto.Message:
        """The response so far."""
        ...

    def add(self, chunk: R_contra) -> None:
        """Add the next chunk; raise a ValueError for one that makes no sense."""
        ...


class Accumulated(Protocol):
    """A view of the response so far."""

    metadata: Metadata


V = TypeVar("V", bound=Accumulated)


class AccumulatingCall(StreamCall[R]):
    """The call of a stream, whose errors carry the response so far.

    Args:
        caller: Makes the call.
        method: The RPC.
        request: The request.
        accumulator: What the chunks are added to.
    """

    #: The response so far, for errors.
    partial: object = None

    def __init__(
        self,
        caller: Caller,
        method: Method[Q, R],
        request: Q,
        accumulator: ChunkAccumulator[R],
    ) -> None:
        super().__init__(caller.context, method, request, NOT_GIVEN, ())
        self.accumulator = accumulator

    def finished(
        self, error: BaseException | None, reply: betterproto.Message | None = None
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

    def take(self, data: bytes) -> R:
        """Decode a chunk, and add it to the response.

        Raises:
            InternalServerError: It is not a valid chunk, or belongs to no choice.
        """
        chunk = self.decode(data)
        try:
            self.accumulator.add(chunk)
        except ValueError as error:
            text = f"the stream has a chunk that belongs to no choice: {error}"
            self.fail(self.malformed(text, error))
        return chunk


class AccumulatingStream(ReplyStream[T], Generic[T, V]):
    """A stream whose chunks add up to one response, or to several.

    Args:
        call: The call.
        read: Makes an item of the bytes of a chunk. It may hold the call, but never the stream: one
            that is dropped has to be collected at once, which ends the call.
        found: The responses so far.
    """

    _in_order = True

    def __init__(
        self,
        call: AccumulatingCall[R],
        read: Callable[[bytes], T | None],
        found: Sequence[V],
    ) -> None:
        super().__init__(call, read)
        self._counter: _Counter = call.accumulator
        self._found = found
        self._whole = False

    def _ended(self) -> None:
        self._whole = True
        for response in self._found:
            response.metadata = self._call.response_metadata

    def _read_rest(self) -> None:
        for _ in self:
            pass
        if not self._whole:
            raise RuntimeError("the stream was closed before its end: the response is not complete")

    def __repr__(self) -> str:
        """Return how much has come."""
        state = "whole" if self._whole else "not at its end"
        return f"<{type(self).__name__}, {self._counter.chunks} chunks, {state}>"


resolve_lazily(globals())
