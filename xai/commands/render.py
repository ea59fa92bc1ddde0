"""Responses that are shown as they come: as they are, or as Markdown on a terminal."""

import contextlib
import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from xai._clock import monotonic
from xai.commands.output import is_terminal, visible

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.live import Live

#: Seconds between two pictures of a response that grows.
_INTERVAL: Final = 0.08
_FENCE: Final = re.compile(r"^ {0,3}(```|~~~)", re.MULTILINE)


class Writer:
    """Writes the text of a response as it comes."""

    def __init__(self) -> None:
        self._last = ""
        self._safe = is_terminal()

    def add(self, text: str) -> None:
        """Show more of the response."""
        if text:
            self._last = text
            print(visible(text) if self._safe else text, end="", flush=True)

    def close(self) -> None:
        """End the last line, if there is one."""
        if self._last and not self._last.endswith("\n"):
            print(flush=True)


class MarkdownWriter(Writer):
    """Shows a response as Markdown, of which the last block is drawn anew as it grows.

    Args:
        console: The terminal.
    """

    def __init__(self, console: "Console") -> None:
        super().__init__()
        self._console = console
        self._text = ""
        self._live: Live | None = None
        self._next = 0.0

    def add(self, text: str) -> None:
        """Show more of the response."""
        self._text += text
        end = _finished(self._text)
        if end:
            self._stop()
            self._console.print(_Shown(self._text[:end]))
            self._text = self._text[end:]
        now = monotonic()
        if now >= self._next and self._text.strip():
            self._next = now + _INTERVAL
            self._draw()

    def close(self) -> None:
        """Show what is left, for good."""
        self._stop()
        if self._text.strip():
            self._console.print(_Shown(self._text))
        self._text = ""

    def _draw(self) -> None:
        from rich.live import Live

        shown = _Shown(self._text, tail=True)
        if self._live is None:
            self._live = Live(
                shown,
                console=self._console,
                # Drawn in the thread that reads, so that nothing is drawn after an interrupt.
                auto_refresh=False,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start(refresh=True)
        else:
            self._live.update(shown, refresh=True)

    def _stop(self) -> None:
        if self._live is not None:
            live, self._live = self._live, None
            live.stop()


class _Shown:
    """Markdown whose text can't act on the terminal.

    Args:
        text: What a model wrote.
        tail: Whether only as many of the last lines are shown as the terminal has.
    """

    def __init__(self, text: str, *, tail: bool = False) -> None:
        self._text = text
        self._tail = tail

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        from rich.markdown import Markdown
        from rich.segment import Segment

        # A link shows where it leads, instead of hiding it behind its text.
        markdown = Markdown(visible(self._text), hyperlinks=False)
        lines = console.render_lines(markdown, options, pad=False)
        if self._tail:
            lines = lines[-max(1, console.size.height - 1) :]
        for line in lines:
            for segment in line:
                # Again: an entity such as &#27; becomes a character only now.
                yield Segment(visible(segment.text, lines=False), segment.style)
            yield Segment.line()


def _finished(text: str) -> int:
    """Return where the last blank line ends that is outside of code; 0 without one."""
    end = 0
    for match in re.finditer(r"\n[ \t]*\n+", text):
        if len(_FENCE.findall(text, 0, match.start())) % 2 == 0:
            end = match.end()
    return end


@contextlib.contextmanager
def response_writer(*, markdown: bool = True) -> Iterator[Writer]:
    """Yield what shows a response as it comes, and end it in a line of its own.

    Args:
        markdown: Whether it is shown as Markdown where the output is a terminal that can move its
            cursor.
    """
    writer = Writer()
    if markdown and is_terminal():
        from rich.console import Console

        console = Console()
        if console.is_interactive:
            writer = MarkdownWriter(console)
    try:
        yield writer
    finally:
        writer.close()


def print_reasoning(text: str) -> None:
    """Write what a model thinks to stderr, so that the output has the response alone."""
    if sys.stderr is None:
        return
    safe = sys.stderr.isatty()
    print(visible(text) if safe else text, end="", file=sys.stderr, flush=True)
