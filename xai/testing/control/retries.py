"""Control over retries in tests: no real waiting, no randomness, and a list of all waits."""

import random
from types import TracebackType
from typing import TYPE_CHECKING

from typing_extensions import Self

from xai._annotations import resolve_lazily
from xai.runtime.locks import Lock
from xai.runtime.retry.throttle import Clock, RetryState

if TYPE_CHECKING:
    from xai import AsyncClient, Client


class ControlledRetries:
    """Lets the retries of one client take no time, within a ``with`` block.

    What decides between two attempts is replaced for the client and all of its views: the waits
    are over at once, the clock by which waits and deadline are compared moves by the waits and by
    `advance` only, and the waits are drawn as told. Attempts themselves run as ever, within what
    that clock leaves of the deadline. Other clients are not affected.

    Args:
        client: A blocking or an asynchronous client.
        jitter: Which part of the longest wait is drawn, from 0 to 1, or a source that draws it.

    Raises:
        TypeError: An argument is of the wrong type.
        ValueError: The part is not from 0 to 1.

    Example:
        >>> from xai.testing import ControlledRetries, LocalServer
        >>> with LocalServer() as server, server.client() as client:
        ...     with ControlledRetries(client) as retries:
        ...         tokens = client.sampler.tokenize("Does it work?")
        ...     assert retries.waits == []
    """

    def __init__(
        self, client: "Client | AsyncClient", *, jitter: "float | random.Random" = 1.0
    ) -> None:
        self._state = _find_state(client)
        self._clock = _ManualClock(_check_jitter(jitter))
        self._replaced: Clock | None = None

    @property
    def waits(self) -> list[float]:
        """The waits so far, in seconds, in the order in which they were due."""
        return list(self._clock.waits)

    @property
    def now(self) -> float:
        """The seconds that have passed since the block began."""
        return self._clock.now()

    @property
    def tokens(self) -> float:
        """How many retries the budget of the client has left, from 0 to 100."""
        return self._state.throttle.level / 10

    def advance(self, seconds: float) -> None:
        """Let time pass, as if an attempt had taken so long.

        Args:
            seconds: How much, 0 or more.

        Raises:
            ValueError: It is negative.
        """
        if not seconds >= 0.0:
            raise ValueError(f"seconds must be 0 or more, not {seconds!r}")
        self._clock.advance(seconds)

    def __enter__(self) -> Self:
        """Take control."""
        if self._replaced is not None:
            raise RuntimeError("these retries are controlled already")
        self._replaced, self._state.clock = self._state.clock, self._clock
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Give the control back."""
        if self._replaced is not None:
            self._state.clock, self._replaced = self._replaced, None


class _ManualClock(Clock):
    def __init__(self, jitter: "float | random.Random") -> None:
        self._jitter = jitter
        self._now = 0.0
        self._lock = Lock()
        self.waits: list[float] = []

    def now(self) -> float:
        return self._now

    def draw(self, longest: float) -> float:
        if isinstance(self._jitter, random.Random):
            return self._jitter.uniform(0.0, longest)
        return self._jitter * longest

    def skip(self, seconds: float) -> None:
        with self._lock:
            self.waits.append(seconds)
            self._now += seconds

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._now += seconds


def _find_state(client: object) -> RetryState:
    from xai import AsyncClient, Client

    if not isinstance(client, (Client, AsyncClient)):
        raise TypeError(f"client must be a Client or an AsyncClient, not {type(client).__name__}")
    return client._caller().context.retry_state  # noqa: SLF001  # the switch is not for users


def _check_jitter(jitter: object) -> "float | random.Random":
    if isinstance(jitter, random.Random):
        return jitter
    if isinstance(jitter, bool) or not isinstance(jitter, (int, float)):
        raise TypeError(f"jitter must be a number or a random.Random, not {type(jitter).__name__}")
    if not 0.0 <= jitter <= 1.0:
        raise ValueError(f"jitter must be from 0 to 1, not {jitter!r}")
    return float(jitter)


resolve_lazily(globals())
