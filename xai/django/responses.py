"""Responses that are sent while they are sampled."""

import json
import logging
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from typing import Final, TypeAlias

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import StreamingHttpResponse

from xai._streams import AsyncStream, Stream
from xai.errors import APIError
from xai.v1.chat.chunks import Chunk
from xai.v1.chat.response import Response

#: What `chat.stream()` gives, or texts.
Items: TypeAlias = (
    Iterable[str]
    | AsyncIterable[str]
    | Stream[tuple[Response, Chunk]]
    | AsyncStream[tuple[Response, Chunk]]
)

#: A response and the chunk that was added to it.
_PAIR: Final = 2
_LOG: Final = logging.getLogger("xai.django")
#: Proxies such as nginx would collect the response otherwise.
_HEADERS: Final = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


def sse_response(stream: Items) -> StreamingHttpResponse:
    """Send a stream as server-sent events, each chunk at once.

    A chunk is an event with the JSON ``{"content": "…"}``. The last event is ``done``, or ``error``
    with the class and the status of a call that failed, and with its message while ``DEBUG`` is
    set. The call ends when the browser goes away.

    Args:
        stream: What `chat.stream()` of either client returns, or an iterable of texts.

    Returns:
        The response, for a view of WSGI or ASGI.
    """
    end = _event("{}", "done")
    return _Streamed(stream, "text/event-stream", _event, end, _error_event)


def text_response(stream: Items) -> StreamingHttpResponse:
    """Send the text of a stream, each chunk at once.

    A call that fails amid the text ends it with a line such as ``[RateLimitError]``.

    Args:
        stream: What `chat.stream()` of either client returns, or an iterable of texts.

    Returns:
        The response, for a view of WSGI or ASGI.
    """
    return _Streamed(stream, "text/plain; charset=utf-8", str, "", _error_line)


def _event(content: str, name: str = "") -> str:
    if name:
        return f"event: {name}\ndata: {content}\n\n"
    return f"data: {json.dumps({'content': content})}\n\n"


def _error_event(error: APIError) -> str:
    found = {"type": type(error).__name__, "code": error.code.name}
    if settings.DEBUG:
        found["message"] = error.message
    return _event(json.dumps(found), "error")


def _error_line(error: APIError) -> str:
    return f"\n[{type(error).__name__}]\n"


def _text(item: object) -> str:
    """Return what an item of a stream adds to the text."""
    if isinstance(item, str):
        return item
    if isinstance(item, tuple) and len(item) == _PAIR and hasattr(item[1], "content"):
        return str(item[1].content)
    raise TypeError(f"a stream of texts or of chat.stream() was expected, not of {item!r}")


class _Streamed(StreamingHttpResponse):
    """Sends what a stream gives, and ends the call with the response.

    Args:
        stream: What is sent.
        content_type: Its media type.
        show: Returns what is sent of a text.
        end: What is sent after the last one.
        show_error: Returns what is sent of a failed call.
    """

    def __init__(
        self,
        stream: Items,
        content_type: str,
        show: Callable[[str], str],
        end: str,
        show_error: Callable[[APIError], str],
    ) -> None:
        self._source = stream
        self._show, self._end, self._show_error = show, end, show_error
        parts = (
            self._parts_async(stream) if isinstance(stream, AsyncIterable) else self._parts(stream)
        )
        super().__init__(parts, content_type=content_type, headers=_HEADERS)

    def _parts(self, items: Iterable[object]) -> Iterator[str]:
        try:
            for item in items:
                if text := _text(item):
                    yield self._show(text)
        except APIError as error:
            yield self._failed(error)
        else:
            yield self._end

    async def _parts_async(self, items: AsyncIterable[object]) -> AsyncIterator[str]:
        try:
            async for item in items:
                if text := _text(item):
                    yield self._show(text)
        except APIError as error:
            yield self._failed(error)
        else:
            yield self._end

    def _failed(self, error: APIError) -> str:
        _LOG.warning("a streamed response ended early: %s", error)
        return self._show_error(error)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the parts under ASGI; those of a blocking stream are waited for in a thread."""
        if self.is_async:
            try:
                async for part in super().__aiter__():
                    yield part
            finally:
                await _close_async(self._source)
            return
        parts = iter(self)
        take = sync_to_async(_take, thread_sensitive=False)
        try:
            while part := await take(parts):
                yield part
        finally:
            await sync_to_async(self._close_blocking, thread_sensitive=False)()

    def _close_blocking(self) -> None:
        close = getattr(self._source, "close", None)
        if close is not None and not self.is_async:
            close()

    def close(self) -> None:
        """End the call, also one that nobody has read from."""
        self._close_blocking()
        super().close()


def _take(parts: Iterator[bytes]) -> bytes:
    return next(parts, b"")


async def _close_async(stream: object) -> None:
    for name in ("close", "aclose"):
        close = getattr(stream, name, None)
        if close is not None:
            await close()
            return
