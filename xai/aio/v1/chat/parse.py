"""Responses read into the type that was asked for."""

from typing import TYPE_CHECKING, Generic, TypeVar

from xai._annotations import resolve_lazily
from xai.aio.rpc.caller import AsyncCaller
from xai.aio.v1.chat.streams import AsyncResponseCall, AsyncResponseStream, Finish
from xai.proto.xai_api.chat import GetCompletionsRequest
from xai.v1.chat.response import Response
from xai.v1.chat.response_format import read_response
from xai.v1.structured.incremental import INCOMPLETE, GrowingValue
from xai.v1.structured.json_value import JsonValue

if TYPE_CHECKING:
    from typing_extensions import TypeForm

T = TypeVar("T")


class AsyncParseStream(AsyncResponseStream[tuple[Response, JsonValue]], Generic[T]):
    """A streamed response in JSON: pairs of the response so far and what can be read of its value.

    The values are plain JSON data, with what is open closed; chunks that come before there is a
    value bring none. A value stays as it is when more comes. `result` is the value of the type
    that was asked for.

    Args:
        caller: Makes the call.
        request: The request, with the response format.
        shape: The type to read the response into.
        finish: Called with the complete response.
    """

    def __init__(
        self,
        caller: AsyncCaller,
        request: GetCompletionsRequest,
        shape: "TypeForm[T]",
        finish: Finish | None = None,
    ) -> None:
        call = AsyncResponseCall(caller, request, 1)
        response = call.partial = Response._of(call.accumulator)  # noqa: SLF001  # made for this
        growing = GrowingValue()
        self._shape = shape

        def read(data: bytes) -> tuple[Response, JsonValue] | None:
            value = growing.add(call.take(data), call.accumulator.index)
            return None if value is INCOMPLETE else (response, value)

        super().__init__(call, read, [response], finish)

    @property
    def response(self) -> Response:
        """The response so far."""
        return self._found[0]

    @property
    def result(self) -> T:
        """The value of the complete response, of the type that was asked for.

        Raises:
            ParseError: The response is not of this type; it is in the error.
            RuntimeError: The stream has not been read to its end.
        """
        if not self._whole:
            raise RuntimeError("there is no result before the end of the stream")
        return read_response(self._shape, self.response)

    async def until_done(self) -> tuple[Response, T]:
        """Read the rest, and return the complete response and its value.

        Raises:
            APIError: The call failed; ``partial`` is the response so far.
            ParseError: The response is not of the type that was asked for.
            RuntimeError: The stream was closed before its end.
        """
        await self._read_rest()
        return self.response, self.result


resolve_lazily(globals())
