"""Waiting in coroutines by real time, even if the clock of their loop is frozen."""

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from xai._clock import monotonic
from xai.runtime.timers import call_later

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from xai.runtime.timers import Timer


class RealTimeLoop(asyncio.SelectorEventLoop):
    """An event loop whose time can't be frozen."""

    #: For `xai.runtime.timers.call_later`.
    keeps_real_time = True
    time = staticmethod(monotonic)


async def sleep(seconds: float) -> None:
    """Wait.

    Args:
        seconds: How long.
    """
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()
    timer = call_later(loop, seconds, _end, over)
    try:
        await over
    finally:
        timer.cancel()


async def wait_for_any(futures: "Iterable[asyncio.Future[Any]]", limit: float | None) -> None:
    """Wait until one of some futures is done, or a time has passed.

    Args:
        futures: The futures or tasks; none of them is cancelled.
        limit: Seconds; None for no limit.
    """
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()
    timer = None if limit is None else call_later(loop, limit, _end, over)
    try:
        await asyncio.wait({*futures, over}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if timer is not None:
            timer.cancel()


@contextlib.contextmanager
def waking(interval: float) -> "Iterator[None]":
    """Wake the running event loop every now and then, as long as the block lasts.

    What a signal handler schedules runs when the loop wakes up, which it need not do at once. The
    handler of ipykernel is one: a cell that awaits would be interrupted by its next event, see
    https://github.com/ipython/ipykernel/issues/881.

    Args:
        interval: Seconds.
    """
    loop = asyncio.get_running_loop()
    timer: Timer

    def wake() -> None:
        nonlocal timer
        timer = call_later(loop, interval, wake)

    wake()
    try:
        yield
    finally:
        timer.cancel()


async def settled(future: "asyncio.Future[Any]") -> None:
    """Wait until a future is done, however it ends, also when the caller is cancelled meanwhile.

    Args:
        future: The future or task; it is not cancelled.

    Raises:
        CancelledError: The caller was cancelled; the future is done all the same.
    """
    cancelled: asyncio.CancelledError | None = None
    while not future.done():
        try:
            await asyncio.wait((future,))
        except asyncio.CancelledError as error:  # noqa: PERF203  # one round, as a rule
            cancelled = error
    if not future.cancelled():
        # Looked at: else it says later that nobody did.
        future.exception()
    if cancelled is not None:
        raise cancelled


def _end(over: "asyncio.Future[None]") -> None:
    if not over.done():
        over.set_result(None)
