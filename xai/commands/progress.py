"""A progress bar for transfers that take a while."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import TextIO

from xai._clock import monotonic
from xai.commands.terminal import size

#: Seconds before a bar is shown: what is over by then needs none.
PATIENCE = 0.5
#: Seconds between two pictures of it.
_INTERVAL = 0.1
_NARROW, _WIDE = 10, 30


class ProgressBar:
    """Draws how far a transfer has come; call it with the bytes done and the bytes in all.

    Args:
        label: What is transferred; shown in front.
        output: A terminal.
        clock: Where the time comes from, in seconds.
    """

    def __init__(self, label: str, output: TextIO, clock: Callable[[], float] = monotonic) -> None:
        self._label = label
        self._output = output
        self._clock = clock
        self._start = clock()
        self._next = self._start + PATIENCE
        self._width = 0

    def __call__(self, done: int, total: int) -> None:
        """Draw the bar, when it is time to.

        Args:
            done: Bytes transferred so far.
            total: Bytes in all; 0 when that is not known.
        """
        now = self._clock()
        if now < self._next:
            return
        self._next = now + _INTERVAL
        self._draw(self._picture(done, total, done / max(now - self._start, 1e-9)))

    def close(self) -> None:
        """Wipe the bar away, if there is one."""
        if self._width:
            self._output.write(f"\r{' ' * self._width}\r")
            self._output.flush()
            self._width = 0

    def _picture(self, done: int, total: int, speed: float) -> str:
        # The last column stays free: some terminals go to the next line after writing to it.
        room = _columns(self._output) - 1
        known = f" / {size(total)}" if total else ""
        numbers = f"{size(done)}{known}  {size(int(speed))}/s"
        if total:
            part = min(1.0, done / total)
            numbers = f"{part:4.0%}  {numbers}"
            width = min(_WIDE, room - len(numbers) - len(self._label) - 6)
            if width < _NARROW:
                width = min(_WIDE, room - len(numbers) - 4)
            if width >= _NARROW:
                filled = int(part * width)
                numbers = f"[{'#' * filled}{'-' * (width - filled)}] {numbers}"
        left = room - len(numbers) - 2
        label = self._label if len(self._label) <= left else f"{self._label[: max(0, left - 3)]}..."
        return (f"{label}  {numbers}" if left > 3 else numbers)[: max(0, room)]

    def _draw(self, picture: str) -> None:
        # What is left of a longer picture is covered with blanks; every terminal can do that.
        shown = picture.ljust(self._width)
        # Before it is written: Ctrl-C may come between the two, and what is shown has to be wiped.
        self._width = len(shown)
        self._output.write(f"\r{shown}")
        self._output.flush()
        self._width = len(picture)


@contextlib.contextmanager
def progress_bar(label: str, *, wanted: bool) -> Iterator[ProgressBar | None]:
    """Show a progress bar on stderr during a block, and wipe it away after it.

    Args:
        label: What is transferred.
        wanted: Whether the user wants one.

    Yields:
        The bar; None when none is wanted, or nobody would see it.
    """
    if not wanted or sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    bar = ProgressBar(label, sys.stderr)
    try:
        yield bar
    finally:
        try:
            bar.close()
        except KeyboardInterrupt:
            # Ctrl-C before the bar was wiped away, or while it was.
            bar.close()
            raise


def _columns(output: TextIO) -> int:
    try:
        return os.get_terminal_size(output.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
