"""What a message to a model returns: the text as it comes, and a future of the whole reply."""

import copy
import weakref
from types import TracebackType
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from xai._annotations import resolve_lazily
from xai.errors import CancelledError, StatusCode
from xai.runtime.locks import Lock
from xai.runtime.transport.asynchronous import AsyncReply, AsyncTransport
from xai.runtime.transport.request import WaitTimeoutError

if TYPE_CHECKING:
    from typing_extensions import Self

T = TypeVar("T")


class AsyncTextStream(Protocol):
    """A stream of text."""

    async def __anext__(self) -> str:
        """Wait for the next chunk and return it."""
        ...

    async def close(self) -> None:
        """Cancel what is left; a second call does nothing."""
        ...


class AsyncExchange(Generic[T]):
    """One message to a model and its reply: what is particular to a service."""

    async def open(self) -> AsyncTextStream:
        """Do what comes before the reply, and return the stream of its text."""
        raise NotImplementedError

    def finish(self) -> T:
        """Return the whole reply after the stream has ended well, and take note of it."""
        raise NotImplementedError


class AsyncReplyText(Generic[T]):
    """The text of a reply, chunk by chunk; iterate over it once.

    The call is sent by the first iteration. Leaving early (`close`, the end of an ``async with``
    block, garbage collection) cancels it, and the reply then ends with `xai.CancelledError`.
    """

    def __init__(self, exchange: AsyncExchange[T], transport: AsyncTransport) -> None:
        self._exchange = exchange
        self._transport = transport
        self._read_lock = transport.read_lock()
        self._stream: AsyncTextStream | None = None
        self._over = False
        self._failure: Exception | None = None
        self._lock = Lock()
        # Weak: the blocking reply holds this object, so that its result can be asked for when
        # nobody iterates; a cycle would keep an abandoned call running until it is collected.
        self._reply: weakref.ref[AsyncReply[T]] | None = None

    def reply(self) -> AsyncReply[T]:
        """Return the future of the whole reply."""
        reply: AsyncReply[T] = self._transport.reply(self)
        self._reply = weakref.ref(reply)
        return reply

    def __aiter__(self) -> "Self":
        """Return the stream itself."""
        return self

    async def __anext__(self) -> str:
        """Wait for the next chunk of text and return it.

        Raises:
            APIError: The call failed; the reply fails in the same way, and so does every later
                iteration: whoever reads on must not take the text for the whole.
        """
        async with self._read_lock:
            if self._failure is not None:
                raise _copied(self._failure)
            if self._over:
                # Whoever asks for the reply must not wait for ever, even when an interrupt kept
                # the end from being told.
                self._fail(_abandoned())
                raise StopAsyncIteration
            try:
                stream = self._stream
                if stream is None:
                    stream = await self._start()
                return await stream.__anext__()
            except StopAsyncIteration:
                if self._end():
                    self._complete()
                raise
            except WaitTimeoutError:
                # The stream is as it was, for whoever reads on.
                raise
            except BaseException as error:
                if self._end():
                    self._note(error)
                raise

    async def _start(self) -> AsyncTextStream:
        stream = self._stream = await self._exchange.open()
        if self._over:
            # Closed in the meantime, when there was nothing yet that could be cancelled.
            await stream.close()
            raise RuntimeError("the stream was closed while it was being read")
        return stream

    def _end(self) -> bool:
        """Note the end; of those who come at the same moment, the first one decides."""
        with self._lock:
            first, self._over = not self._over, True
        return first

    def _complete(self) -> None:
        try:
            result = self._exchange.finish()
        except Exception as error:
            self._note(error)
            raise
        reply = self._pending()
        if reply is not None:
            reply.set_result(result)

    def _note(self, error: BaseException) -> None:
        """Keep a failure for those who iterate as well: the future may have read it first."""
        if isinstance(error, Exception):
            self._failure = _copied(error)
        self._fail(error)

    def _fail(self, error: BaseException) -> None:
        # What is not an Exception (an interrupt, a cancelled task) concerns whoever iterates; to
        # whoever waits for the reply, it was abandoned.
        reason = error if isinstance(error, Exception) else _abandoned()
        reply = self._pending()
        if reply is not None:
            # A copy: the same object must not be raised in two threads.
            reply.set_exception(_copied(reason))

    def _pending(self) -> AsyncReply[T] | None:
        reply = None if self._reply is None else self._reply()
        return None if reply is None or reply.done() else reply

    async def close(self) -> None:
        """Cancel what is left of the reply; a second call does nothing."""
        if self._end():
            self._fail(_abandoned())
        if self._stream is not None:
            await self._stream.close()

    async def __aenter__(self) -> "Self":
        """Return the stream itself."""
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the stream."""
        await self.close()

    def __del__(self) -> None:
        """Tell whoever still waits for the reply that it will not come."""
        if not getattr(self, "_over", True):
            reply = self._pending()
            if reply is not None:
                self._transport.abandon(reply, _abandoned())


class AsyncSingleChunk:
    """A text that is there already, as a stream of one chunk."""

    def __init__(self, text: str) -> None:
        self._chunks = [text]

    async def __anext__(self) -> str:
        """Return the text, once."""
        if not self._chunks:
            raise StopAsyncIteration
        return self._chunks.pop()

    async def close(self) -> None:
        """Forget the text."""
        self._chunks.clear()


def _abandoned() -> CancelledError:
    return CancelledError(StatusCode.CANCELLED, "the stream was left before the reply was complete")


def _copied(error: Exception) -> Exception:
    other = copy.copy(error)
    other.__cause__ = error.__cause__
    return other


resolve_lazily(globals())
