"""Waiting for what has to end before its caller may go on."""

import asyncio

import pytest

from xai.runtime.tasks import beside
from xai.runtime.waiting import settled


async def test_cancelled_wait_sees_the_end_first() -> None:
    """However often it is cancelled; it says so when what it waited for has ended."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[None] = loop.create_future()
    waits = asyncio.ensure_future(settled(future))
    for _ in range(3):
        await asyncio.sleep(0)
        waits.cancel()
        await asyncio.sleep(0)
        assert not waits.done()
    future.set_exception(ZeroDivisionError())
    with pytest.raises(asyncio.CancelledError):
        await waits


@pytest.mark.parametrize("ended", ["cancelled", "failed", "done"])
async def test_every_end_is_one(ended: str) -> None:
    """What it raised is looked at, and is nobody's error here."""
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    if ended == "cancelled":
        future.cancel()
    elif ended == "failed":
        future.set_exception(ZeroDivisionError())
    else:
        future.set_result(None)
    await settled(future)


@pytest.mark.parametrize("abandon", [True, False])
async def test_function_beside_the_loop_raises_what_no_future_can_hold(*, abandon: bool) -> None:
    """A StopIteration comes out as what a coroutine makes of it."""

    def stop() -> None:
        raise StopIteration("mine")

    with pytest.raises(RuntimeError) as caught:
        await beside(stop, abandon=abandon)
    assert isinstance(caught.value.__cause__, StopIteration)
