"""The prompt of the terminal: lines with a history, and what Ctrl-C interrupts."""

import contextlib
import signal
from collections.abc import Callable, Iterator
from types import FrameType, ModuleType
from typing import TYPE_CHECKING

from xai._clock import monotonic
from xai.commands.chat.history import History

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


class Prompt:
    """Reads lines from the terminal, with editing and a history where there is readline.

    Args:
        history: Where the history is kept; None for the lines of this conversation alone.
    """

    def __init__(self, history: History | None) -> None:
        self._readline = _load_readline()
        self._history = history if self._readline is not None else None

    def load(self) -> None:
        """Offer the lines of earlier conversations.

        Raises:
            OSError: They can't be read; there is no history in a file then.
        """
        if self._readline is None or self._history is None:
            return
        try:
            lines = self._history.load()
        except OSError:
            self._history = None
            raise
        for line in lines:
            # A line that can't be shown here, for its NUL or in this encoding, is not offered.
            with contextlib.suppress(ValueError):
                self._readline.add_history(line)

    def read(self, prompt: str) -> str:
        """Return a line; EOFError at the end of the input."""
        return input(prompt)

    def keep(self, line: str) -> None:
        """Add a line to the file; the terminal's own history has it already.

        Raises:
            OSError: It can't be written; later lines are not kept in the file.
        """
        if self._history is None:
            return
        try:
            self._history.add(line)
        except OSError:
            self._history = None
            raise


def _load_readline() -> ModuleType | None:
    try:
        # `input` uses it as soon as it is loaded.
        import readline
    except ImportError:
        return None
    return readline
