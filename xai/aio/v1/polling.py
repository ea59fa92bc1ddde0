"""Waiting for work that the server does in the background, by asking for it again and again."""

import math
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, TypeVar

import attrs

from xai.aio.rpc.caller import AsyncCaller
from xai.aio.rpc.retry_wait import sleep_until
from xai.errors import APIError, DeadlineExceededError, add_note

T = TypeVar("T")

#: How long something is waited for when nothing else is said, in seconds.
DEFAULT_WAIT: Final = 600.0
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 1.0
_GROWTH: Final = 1.5
#: A pause is shorter by up to this part, at random: those who began together spread out.
_JITTER: Final = 0.2


class WaitTimeout:
    """How long somebody waits, from now on, and how often they ask.

    Args:
        caller: Makes the calls that ask.
        timeout: Seconds to wait in total; 600 when None.
        interval: Seconds between polls; when None, the pauses grow from ``first`` to ``longest``.
        first: The first pause, in seconds.
        longest: The longest pause, in seconds.

    Raises:
        TypeError: An argument is not a number or a timedelta.
        ValueError: An argument is not more than 0, or the interval is infinite.
    """

    def __init__(
        self,
        caller: AsyncCaller,
        timeout: float | timedelta | None,
        interval: float | timedelta | None,
        *,
        first: float = _FIRST_PAUSE,
        longest: float = _LONGEST_PAUSE,
    ) -> None:
        self.seconds = DEFAULT_WAIT if timeout is None else _seconds("timeout", timeout)
        self._given = None if interval is None else _seconds("interval", interval)
        if self._given is not None and math.isinf(self._given):
            raise ValueError("interval must be finite")
        self._caller = caller
        self._clock = caller.context.retry_state.clock
        self._end = self._clock.now() + self.seconds
        self._pause = first
        self._longest = longest

    @property
    def left(self) -> float:
        """The seconds that are left, at least 0."""
        return max(0.0, self._end - self._clock.now())

    def limited(self) -> AsyncCaller:
        """Return what makes calls that take no longer than this lasts."""
        timeouts = self._caller.context.timeouts
        left = self.left if timeouts.total is None else min(timeouts.total, self.left)
        return self._caller.with_options(timeout=attrs.evolve(timeouts, total=left))

    async def pause(self) -> None:
        """Wait until the next question is due, or the time is over.

        Raises:
            RuntimeError: The client was closed.
        """
        seconds = self._given
        if seconds is None:
            seconds = self._pause - self._clock.draw(self._pause * _JITTER)
            self._pause = min(self._pause * _GROWTH, self._longest)
        seconds = min(seconds, self.left)
        end = self._clock.now() + seconds
        self._clock.skip(seconds)
        await sleep_until(self._caller.context, end)


async def poll(
    wait: WaitTimeout,
    ask: Callable[[AsyncCaller], Awaitable[T | None]],
    timed_out: Callable[[float], Exception],
) -> T:
    """Poll until there is a result.

    Args:
        wait: How long, and how often.
        ask: Asks once, with calls that end in time; returns None for "not yet".
        timed_out: Makes the error that is raised when there is none in time, from the seconds
            that were allowed.

    Returns:
        What ``ask`` returned.

    Raises:
        Exception: What ``ask`` raised, or ``timed_out`` made.
    """
    while True:
        try:
            found = await ask(wait.limited())
        except DeadlineExceededError as error:
            if wait.left:
                # A limit of the client's, or of the server.
                raise
            raise timed_out(wait.seconds) from error
        if found is not None:
            return found
        await wait.pause()
        if not wait.left:
            raise timed_out(wait.seconds)


def _seconds(argument: str, value: object) -> float:
    if isinstance(value, timedelta):
        value = value.total_seconds()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        kind = type(value).__name__
        raise TypeError(f"{argument} must be a number of seconds or a timedelta, not {kind}")
    try:
        seconds = float(value)
    except OverflowError:
        raise ValueError(f"{argument} is more seconds than a float can hold") from None
    if math.isnan(seconds) or seconds <= 0:
        raise ValueError(f"{argument} must be more than 0 seconds, not {value!r}")
    return seconds


def mark_resumable(error: BaseException, job: object, note: str) -> None:
    """Tell in an error, also in an interrupt, what can be gone on with.

    Args:
        error: What ended the wait.
        job: What was waited for, the `partial` of an `APIError`.
        note: How to go on.
    """
    if isinstance(error, APIError):
        error.partial = job
    add_note(error, note)
