"""Calls of the user's functions by asynchronous code: together, and off the event loop."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from inspect import isawaitable
from typing import Any, TypeVar

A = TypeVar("A")
B = TypeVar("B")
T = TypeVar("T")


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
        value, error = await asyncio.to_thread(_outcome, function, arguments)
        if error is not None:
            raise error
    return await value if isawaitable(value) else value


async def call_beside(function: Callable[[], T]) -> T:
    """Call a function that waits for a disk in another thread, and return what it returns."""
    return await asyncio.to_thread(function)


async def awaited(returned: object) -> None:
    """Wait for what a function returned, if that has to be awaited."""
    if isawaitable(returned):
        await returned


def _outcome(
    function: Callable[..., object], arguments: Mapping[str, object]
) -> tuple[object, BaseException | None]:
    # Not raised here: a future can't hold a StopIteration, and an interrupt ends whoever waits.
    try:
        return function(**arguments), None
    except BaseException as error:  # noqa: BLE001  # it is raised by the one who waits
        return None, error


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
