"""Progress bars for what takes a while."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from xai._clock import monotonic

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

#: Seconds before a bar is shown: what is over by then needs none.
PATIENCE: Final = 0.5
#: Seconds between two pictures of it.
_INTERVAL: Final = 0.1


class ProgressBar:
    """A bar on a terminal; call it with what is done and what there is in all.

    Args:
        label: What it is about; shown in front, and safe to show.
        console: The terminal.
        unit: ``"bytes"``, or ``"percent"``.
    """

    def __init__(self, label: str, console: "Console", unit: str) -> None:
        self._label = label
        self._console = console
        self._unit = unit
        self._next = monotonic() + PATIENCE
        self._progress: Progress | None = None

    def __call__(self, done: int, total: int | None) -> None:
        """Draw the bar, when it is time to.

        Args:
            done: What is done so far.
            total: What there is in all; None or 0 when that is not known.
        """
        now = monotonic()
        if now < self._next:
            return
        self._next = now + _INTERVAL
        if self._progress is None:
            # Kept before anything is shown: Ctrl-C may come in between.
            self._progress = self._make(done, total or None)
            self._progress.start()
        for task in self._progress.task_ids:
            self._progress.update(task, completed=done, total=total or None)
        self._progress.refresh()

    def close(self) -> None:
        """Wipe the bar away, if there is one."""
        if self._progress is not None:
            self._progress.stop()

    def _make(self, done: int, total: int | None) -> "Progress":
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TaskProgressColumn,
            TextColumn,
            TimeElapsedColumn,
            TransferSpeedColumn,
        )
        from rich.table import Column

        name = TextColumn(
            "{task.description}",
            markup=False,
            table_column=Column(no_wrap=True, overflow="ellipsis", min_width=3),
        )
        bytes_columns = [DownloadColumn(binary_units=True), TransferSpeedColumn()]
        progress = Progress(
            name,
            BarColumn(bar_width=None, table_column=Column(max_width=30, min_width=5)),
            TaskProgressColumn(),
            *(bytes_columns if self._unit == "bytes" else [TimeElapsedColumn()]),
            console=self._console,
            transient=True,
            # Drawn in the thread that calls, so that nothing is drawn once it was interrupted.
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        progress.add_task(self._label, completed=done, total=total)
        return progress


@contextlib.contextmanager
def progress_bar(
    label: str, *, wanted: bool = True, unit: str = "bytes"
) -> Iterator[Callable[[int, int | None], None] | None]:
    """Show a progress bar on stderr during a block, and wipe it away after it.

    Args:
        label: What it is about, safe to show.
        wanted: Whether the user wants one.
        unit: ``"bytes"``, or ``"percent"``.

    Yields:
        The bar; None when none is wanted, or nobody would see it.
    """
    if not wanted or sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_interactive:
        yield None
        return
    bar = ProgressBar(label, console, unit)
    try:
        yield bar
    finally:
        try:
            bar.close()
        except KeyboardInterrupt:
            # Ctrl-C before the bar was wiped away, or while it was.
            bar.close()
            raise
