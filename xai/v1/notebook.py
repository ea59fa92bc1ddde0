"""Streams in notebooks."""

from collections.abc import AsyncIterator, Awaitable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Final, Protocol, TypeVar, cast, overload

from xai._annotations import resolve_lazily
from xai._clock import monotonic
from xai._validation import kind_of
from xai.v1.chat.response import Response
from xai.v1.chat.steps import ChunkStep, ModelStep, RunResult, ToolStep
from xai.v1.sampler import TextCompletion

if TYPE_CHECKING:
    from typing_extensions import Self

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

#: Seconds between two updates, at least, and for each character. An update sends all of the text,
#: and notebooks drop what is too much.
_INTERVAL: Final = 0.01
_PER_CHARACTER: Final = 5e-6
#: How long an interrupt may take, in seconds.
_WAKING: Final = 0.1
_INSTEAD: Final = "elsewhere iterate over the stream, and print what comes"


class ResultStream(Protocol[T_co]):
    """A stream with a result, such as `Chat.stream` returns."""

    def __iter__(self) -> Iterator[object]:
        """Return the stream itself."""
        ...

    def until_done(self) -> T_co:
        """Read the rest, and return the result."""
        ...

    def close(self) -> None:
        """Cancel what is left of the RPC."""
        ...


class AsyncResultStream(Protocol[T_co]):
    """A stream with a result, such as `AsyncChat.stream` returns."""

    def __aiter__(self) -> AsyncIterator[object]:
        """Return the stream itself."""
        ...

    async def until_done(self) -> T_co:
        """Read the rest, and return the result."""
        ...

    async def close(self) -> None:
        """Cancel what is left of the RPC."""
        ...


@overload
def display_stream(stream: ResultStream[T]) -> T: ...


@overload
def display_stream(stream: AsyncResultStream[T]) -> Awaitable[T]: ...


def display_stream(stream: ResultStream[T] | AsyncResultStream[T]) -> T | Awaitable[T]:
    """Show a stream in a notebook while it comes: one output of the cell, read as Markdown.

    Takes every stream of chats and of raw completions; of a run it shows the last response. An
    interrupt of the cell cancels the call; what came until then stays in the output, also after
    an error. A notebook shows the value of the last line of a cell as well: assign the result, or
    end the line with a semicolon.

    Args:
        stream: The stream, which is read to its end. That of an asynchronous client must be
            awaited: ``response = await display_stream(chat.stream())``.

    Returns:
        What its ``until_done`` returns: of `Chat.stream` the complete response.

    Raises:
        APIError: The call failed; ``partial`` is the response so far.
        ImportError: IPython is not installed.
        RuntimeError: This is not a notebook, or the stream was closed before its end.
        TypeError: The stream is none of these.
    """
    if hasattr(stream, "until_done") and hasattr(stream, "__anext__"):
        _check_notebook()
        return _display_async(cast("AsyncResultStream[T]", stream))
    if hasattr(stream, "until_done") and hasattr(stream, "__next__"):
        _check_notebook()
        return _display(cast("ResultStream[T]", stream))
    raise TypeError(f"stream must be what chat.stream() returns, not {kind_of(stream)}")


def _display(stream: ResultStream[T]) -> T:
    try:
        with _Output() as output:
            for item in stream:
                output.show(item)
            result = stream.until_done()
            output.show(result)
            return result
    finally:
        stream.close()


async def _display_async(stream: AsyncResultStream[T]) -> T:
    from xai.runtime.waiting import waking

    try:
        with _Output() as output, waking(_WAKING):
            async for item in stream:
                output.show(item)
            result = await stream.until_done()
            output.show(result)
            return result
    finally:
        await stream.close()


class _Output:
    """An output of the cell that runs now."""

    def __init__(self) -> None:
        from IPython.display import DisplayHandle

        self._handle = DisplayHandle()  # type: ignore[no-untyped-call]  # IPython's have no types
        self._handle.display(_bundle(""), raw=True)  # type: ignore[no-untyped-call]  # IPython's have no types
        self._item: object = None
        self._text = ""
        self._due = monotonic()

    def show(self, item: object) -> None:
        """Show what came, now or together with what comes next."""
        if isinstance(item, ToolStep):
            # What the model said before stays.
            return
        self._item = item
        # A response that is whole may be followed by functions, which take their time.
        if isinstance(item, ModelStep) or monotonic() >= self._due:
            self._update()

    def _update(self) -> None:
        text = _text_of(self._item)
        if text != self._text:
            self._handle.update(_bundle(text), raw=True)  # type: ignore[no-untyped-call]  # IPython's have no types
            # Not before: an interrupt may come in between.
            self._text = text
            self._due = monotonic() + _INTERVAL + _PER_CHARACTER * len(text)

    def __enter__(self) -> "Self":
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Show the last of what came, also after an error and an interrupt."""
        self._update()


def _bundle(text: str) -> dict[str, str]:
    return {"text/markdown": text, "text/plain": text}


def _text_of(item: object) -> str:
    """Return the text so far of an item, or of the result, of any of the streams."""
    if isinstance(item, tuple):
        return _text_of(item[0])
    if isinstance(item, list):
        return "\n\n---\n\n".join(map(_text_of, item))
    if isinstance(item, (Response, TextCompletion)):
        return item._repr_markdown_()  # what a notebook itself calls
    if isinstance(item, (ChunkStep, ModelStep, RunResult)):
        return _text_of(item.response)
    return ""


def _check_notebook() -> None:
    """Raise an error where nothing can be shown and then changed."""
    try:
        from IPython import get_ipython
    except ImportError as error:
        raise ImportError(
            f"display_stream needs IPython, which comes with notebooks; {_INSTEAD}", name="IPython"
        ) from error
    kinds = [kind.__name__ for kind in type(get_ipython()).__mro__]
    # A terminal would print all of the text again with each change.
    if "InteractiveShell" not in kinds or "TerminalInteractiveShell" in kinds:
        raise RuntimeError(f"display_stream needs a notebook; {_INSTEAD}")


display_stream.__module__ = "xai.v1"

resolve_lazily(globals())
