"""Long computations in steps, so that one call does not hold up the server's event loop."""

import asyncio
from collections.abc import Generator, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


def finish(steps: Generator[None, None, T]) -> T:
    """Return the result of a computation, with all steps in a row."""
    run = _Run(steps)
    for _ in run:
        pass
    return run.result


async def finish_in_turns(steps: Generator[None, None, T]) -> T:
    """Return the result of a computation; between two steps other tasks run."""
    run = _Run(steps)
    for _ in run:
        await asyncio.sleep(0)
    return run.result


class _Run(Generic[T]):
    """The steps of a computation, and its result after the last one."""

    result: T

    def __init__(self, steps: Generator[None, None, T]) -> None:
        self._steps = steps

    def __iter__(self) -> Iterator[None]:
        self.result = yield from self._steps
