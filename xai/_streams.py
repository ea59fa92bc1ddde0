"""The protocols of streamed responses, the same for every service."""

from collections.abc import AsyncIterator, Iterator
from types import TracebackType
from typing import Protocol, TypeVar

T_co = TypeVar("T_co", covariant=True)


class Stream(Protocol[T_co]):
    """The messages of a streamed reply, in order; iterate over it once.

    Leaving it early (`close`, the end of a ``with`` block, garbage collection) cancels the RPC.
    """

    def __iter__(self) -> Iterator[T_co]:
        """Return the stream itself."""
        ...

    def __next__(self) -> T_co:
        """Wait for the next message and return it."""
        ...

    def close(self) -> None:
        """Cancel what is left of the RPC; a second call does nothing."""
        ...

    def __enter__(self) -> "Stream[T_co]":
        """Return the stream itself."""
        ...

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the stream."""
        ...


class AsyncStream(Protocol[T_co]):
    """The messages of a streamed reply, in order; iterate over it once.

    Leaving it early (`close`, the end of an ``async with`` block, garbage collection) cancels
    the RPC. A ``break`` alone leaves it to the garbage collector: prefer the block.
    """

    def __aiter__(self) -> AsyncIterator[T_co]:
        """Return the stream itself."""
        ...

    async def __anext__(self) -> T_co:
        """Wait for the next message and return it."""
        ...

    async def close(self) -> None:
        """Cancel what is left of the RPC; a second call does nothing."""
        ...

    async def __aenter__(self) -> "AsyncStream[T_co]":
        """Return the stream itself."""
        ...

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the stream."""
        ...


for _class in (AsyncStream, Stream):
    # Where users find them.
    _class.__module__ = "xai"
