import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import freezegun
import pytest
import time_machine

from xai import _clock as clock
from xai.runtime.timers import call_later
from xai.runtime.waiting import sleep, wait_for_any

_LONG_AGO = "1971-03-01"


@contextlib.contextmanager
def _own_function() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        still = time.monotonic()
        patch.setattr(time, "monotonic", lambda: still)
        yield


_FREEZERS: dict[str, Callable[[], AbstractContextManager[object]]] = {
    "freezegun": lambda: freezegun.freeze_time("2031-01-01"),
    "freezegun, long ago": lambda: freezegun.freeze_time(_LONG_AGO),
    "time-machine": lambda: time_machine.travel(0.0, tick=False),
    "a function of the test": _own_function,
}


@pytest.mark.parametrize("tool", _FREEZERS)
def test_clocks_go_on_while_time_is_frozen(tool: str) -> None:
    """Both clocks go on, by the scale they had before."""
    before = clock.monotonic(), clock.monotonic_with_suspend()
    with _FREEZERS[tool]():
        within = clock.monotonic(), clock.monotonic_with_suspend()
        while clock.monotonic() <= within[0]:
            pass
    after = clock.monotonic(), clock.monotonic_with_suspend()
    assert before[0] <= within[0] < after[0] < before[0] + 30.0
    assert before[1] <= within[1] <= after[1] < before[1] + 30.0


_FIRST_IMPORT = """
import freezegun, time

real = time.clock_gettime(time.CLOCK_MONOTONIC)
with freezegun.freeze_time("2031-01-01"):
    from xai import _clock as clock
    assert 0.0 <= clock.monotonic() - real < 30.0
assert 0.0 <= clock.monotonic() - real < 30.0
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is one clock there")
def test_first_import_while_time_is_frozen() -> None:
    """The clocks are real even if the package is first imported while the time is frozen."""
    subprocess.run([sys.executable, "-W", "error", "-c", _FIRST_IMPORT], check=True)


def test_suspended_time_counts() -> None:
    """On Linux the second clock is the one that goes on while the machine sleeps."""
    if not hasattr(time, "CLOCK_BOOTTIME"):
        pytest.skip("no such clock here")
    low = time.clock_gettime(time.CLOCK_BOOTTIME)
    assert low <= clock.monotonic_with_suspend() <= time.clock_gettime(time.CLOCK_BOOTTIME)


@pytest.mark.parametrize("tool", _FREEZERS)
def test_timers_fire_while_time_is_frozen(tool: str) -> None:
    """A wait that begins in frozen time takes the real time, no less and not for ever."""

    async def main() -> float:
        with _FREEZERS[tool]():
            began = clock.monotonic()
            await sleep(0.05)
            await wait_for_any([asyncio.get_running_loop().create_future()], 0.05)
            return clock.monotonic() - began

    assert asyncio.run(main()) >= 0.09


def test_timer_is_not_early_when_time_is_frozen_later() -> None:
    """A clock that jumps ahead while a timer runs does not end it."""

    async def main() -> float:
        began = clock.monotonic()
        waiting = asyncio.ensure_future(sleep(0.1))
        await asyncio.sleep(0)
        with freezegun.freeze_time("2031-01-01"):
            await waiting
        return clock.monotonic() - began

    assert asyncio.run(main()) >= 0.09


@pytest.mark.parametrize("tool", ["freezegun", "a function of the test"])
def test_timer_fires_when_time_is_released(tool: str) -> None:
    """A timer that was set in frozen time fires after that, too."""

    async def main() -> None:
        with _FREEZERS[tool]():
            waiting = asyncio.ensure_future(sleep(0.05))
            await asyncio.sleep(0)
        await waiting

    asyncio.run(main())


class _Virtual(asyncio.SelectorEventLoop):
    """A loop whose time is its test's."""

    def time(self) -> float:
        return 5.0


def test_timers_on_a_loop_with_a_time_of_its_own() -> None:
    """A loop whose clock a test moves, or stops, does not matter either."""
    loop = _Virtual()
    try:
        began = clock.monotonic()
        loop.run_until_complete(sleep(0.05))
        assert clock.monotonic() - began >= 0.05
    finally:
        loop.close()


@pytest.mark.parametrize("tool", [None, "freezegun"])
def test_cancelled_timer_does_not_fire(tool: str | None) -> None:
    """A timer that is cancelled calls nothing, with a real clock and with a frozen one."""

    async def main() -> list[int]:
        fired: list[int] = []
        loop = asyncio.get_running_loop()
        with _FREEZERS[tool]() if tool else contextlib.nullcontext():
            call_later(loop, 0.0, fired.append, 1).cancel()
            late = call_later(loop, 0.02, fired.append, 2)
            await sleep(0.05)
            late.cancel()
        return fired

    assert asyncio.run(main()) == [2]
