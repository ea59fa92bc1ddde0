"""What Ctrl-C interrupts in a conversation."""

import contextlib
import signal
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TYPE_CHECKING

from xai._clock import monotonic

if TYPE_CHECKING:
    from typing_extensions import Self


#: Seconds for which further interrupts are ignored after one.
PEACE = 1.0
# Seconds until an interrupt is tried again that came at a bad moment.
_SOON = 0.01
# What brings it again; not on Windows.
_ALARM: int | None = getattr(signal, "SIGALRM", None)


class Interrupts:
    """Lets Ctrl-C stop what can be stopped, and nothing else; a context manager.

    Python's own handler may raise at any moment, also while the last interrupt is being dealt
    with, and would then end the program.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._armed = False
        self._deaf_until = 0.0
        self._previous: dict[int, object] = {}

    def __enter__(self) -> "Self":
        """Take the signal over."""
        self._previous = {signal.SIGINT: signal.signal(signal.SIGINT, self._handle)}
        return self

    def __exit__(self, *_: object) -> None:
        """Give the signals back."""
        if _ALARM in self._previous:
            signal.setitimer(signal.ITIMER_REAL, 0.0)
        for number, previous in self._previous.items():
            signal.signal(number, previous)  # type: ignore[arg-type]  # as it was returned

    def _handle(self, _signum: int, frame: FrameType | None) -> None:
        if self._armed and self._clock() >= self._deaf_until:
            if _ALARM is not None and _in_destructor(frame):
                self._previous.setdefault(_ALARM, signal.signal(_ALARM, self._handle))
                signal.setitimer(signal.ITIMER_REAL, _SOON)
                return
            # What is done about it is to be done in peace. Not for good: the exception may get
            # lost, as `input` drops what is raised while it flushes the error output.
            self._deaf_until = self._clock() + PEACE
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def stoppable(self) -> Iterator[None]:
        """Let Ctrl-C raise KeyboardInterrupt within a block, at most once in a while."""
        self._deaf_until = 0.0
        self._armed = True
        try:
            yield
        finally:
            self._armed = False


def _in_destructor(frame: FrameType | None) -> bool:
    """Tell whether what is raised here would get lost: Python prints it and goes on."""
    while frame is not None:
        if frame.f_code.co_name == "__del__":
            return True
        frame = frame.f_back
    return False
