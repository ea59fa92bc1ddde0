"""Calls of the user's functions by asynchronous code: together, and off the event loop."""

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from inspect import isawaitable
from typing import Any, Generic, TypeVar

import attrs

from xai.runtime.waiting import settled

A = TypeVar("A")
B = TypeVar("B")
T = TypeVar("T")


@attrs.frozen
class Outcome(Generic[T]):
    """What a function returned or raised.

    A future can't hold a StopIteration, and would not keep an interrupt to itself.
    """

    returned: T | None = None
    raised: BaseException | None = None

    def value(self) -> T:
        """Return what was returned, or raise what was raised."""
        if self.raised is not None:
            raise self.raised
        return self.returned  # type: ignore[return-value]  # it was, then

    def settled(self) -> T | Exception:
        """Return what was returned, or an exception; raise what is more than one."""
        return self.raised if isinstance(self.raised, Exception) else self.value()


def outcome(function: Callable[[], T]) -> Outcome[T]:
    """Call a function, and return how that ended."""
    try:
        return Outcome(function())
    except BaseException as error:  # noqa: BLE001  # raised by the one who waits
        return Outcome(raised=error)


async def call_function(
    function: Callable[..., object], arguments: Mapping[str, object], *, threaded: bool
) -> object:
    """Call a function, and wait for what it returns if that has to be awaited.

    Args:
        function: The function.
        arguments: What it is called with.
        threaded: Call it in another thread, with a copy of the caller's context variables.
    """
    if not threaded:
        value = function(**arguments)
    else:
        value = await beside(partial(function, **arguments), abandon=True)
    return await value if isawaitable(value) else value


async def beside(function: Callable[[], T], *, abandon: bool = False) -> T:
    """Call a function in another thread, with a copy of the caller's context variables.

    Args:
        function: The function.
        abandon: Whether to leave it alone when the caller is cancelled meanwhile, in a thread
            that the end of the loop and of the program don't wait for either; else its end is
            waited for first, since a file that is made after nobody waits for it would stay.
    """
    context = contextvars.copy_context()
    loop = asyncio.get_running_loop()
    if abandon:
        return (await _in_daemon(loop, partial(context.run, outcome, function))).value()
    running = loop.run_in_executor(None, context.run, outcome, function)
    await settled(running)
    return running.result().value()


def _in_daemon(
    loop: asyncio.AbstractEventLoop, function: Callable[[], Outcome[T]]
) -> "asyncio.Future[Outcome[T]]":
    """Call a function in a thread of its own; a pipe may keep it there for ever."""
    future: asyncio.Future[Outcome[T]] = loop.create_future()

    def settle(found: Outcome[T]) -> None:
        if not future.done():
            future.set_result(found)

    def work() -> None:
        found = function()
        # Nobody waits for it any more when the loop is closed.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, found)

    threading.Thread(target=work, name="xai-beside", daemon=True).start()
    return future


async def awaited(returned: object) -> None:
    """Wait for what a function returned, if that has to be awaited."""
    if isawaitable(returned):
        await returned


async def perform_together(
    perform: Callable[[A, B], Coroutine[Any, Any, T]],
    calls: Sequence[tuple[A, B]],
    is_awaited: Callable[[A], bool],
) -> list[T]:
    """Perform calls at the same time; the first failure cancels the others and is raised.

    Args:
        perform: Performs a call.
        calls: What it is given.
        is_awaited: Whether a call has to be awaited. The others are made one after the other, in
            the caller's task.

    Returns:
        The results, in the order of the calls.
    """
    if len(calls) == 1:
        return [await perform(*calls[0])]
    found: dict[int, T] = {}

    async def one(place: int) -> None:
        found[place] = await perform(*calls[place])

    awaited = [is_awaited(call) for call, _ in calls]
    tasks = [asyncio.ensure_future(one(place)) for place, each in enumerate(awaited) if each]
    try:
        for place, each in enumerate(awaited):
            if not each:
                await one(place)
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return [found[place] for place in range(len(calls))]
