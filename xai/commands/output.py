"""What the commands write: errors of one line, and text that is safe to show."""

import contextlib
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from xai._text import escape_controls

if TYPE_CHECKING:
    import logging

    import xai


class CommandError(Exception):
    """What ends a command: one line for the user, and the exit status.

    Args:
        text: What went wrong; put into one line.
        status: 1 when the command failed, 2 when it was given a wrong argument.

    Attributes:
        command: The command, such as ``xai files put``, once it is known.
    """

    def __init__(self, text: str, status: int = 1) -> None:
        super().__init__(one_line(text))
        self.status = status
        self.command = ""


def visible(text: str, *, lines: bool = True) -> str:
    """Return a text that can be printed without acting on the terminal.

    Args:
        text: What somebody else wrote: a model, a server, whoever named a file.
        lines: Whether line feeds and tabs stay as they are.

    Returns:
        The text, with control and bidirectional formatting characters escaped.
    """
    return escape_controls(text, keep_lines=lines)


def label(text: str) -> str:
    """Return a text for a place within a line."""
    return visible(text, lines=False)


def one_line(text: str) -> str:
    """Return a text as one visible line."""
    return visible(" ".join(text.split()))


def is_terminal() -> bool:
    """Tell whether the standard output is a terminal."""
    return sys.stdout is not None and sys.stdout.isatty()


def shown(text: str) -> str:
    """Return a text for the standard output: as it is, unless it would act on a terminal."""
    return visible(text) if is_terminal() else text


def describe(error: "xai.APIError") -> str:
    """Return the kind of a failed call, what is known about it, and how often it was tried."""
    tries = f" (after {error.attempts} attempts)" if error.attempts > 1 else ""
    # Not str(error), which shows line breaks as escapes.
    return one_line(f"{type(error).__name__}: {error.message or error.code.name}{tries}")


def describe_local(error: Exception) -> str:
    """Return what went wrong on this side; a file is named first."""
    if isinstance(error, OSError) and error.strerror:
        name = error.filename if isinstance(error.filename, str) else ""
        return one_line(f"{name}: {error.strerror}" if name else error.strerror)
    return one_line(str(error) or type(error).__name__)


def failure(error: Exception) -> CommandError | None:
    """Return what ends a command after an error; None when it is not one of its users."""
    import xai

    if isinstance(error, xai.APIError):  # some are an OSError as well
        return CommandError(describe(error))
    if isinstance(error, xai.XAIError):
        return CommandError(f"{type(error).__name__}: {error}")
    if isinstance(error, UnicodeDecodeError):
        return CommandError(f"this is not {error.encoding} text: {error.reason}")
    if isinstance(error, (OSError, ValueError)):
        return CommandError(describe_local(error))
    # What an extra of ours would bring says so; what else is missing is a fault.
    if isinstance(error, ImportError) and "xai-client[" in str(error):
        return CommandError(str(error))
    return None


def complain(command: str, text: str) -> None:
    """Tell on stderr what went wrong, in one line.

    Args:
        command: The command, such as ``xai check``.
        text: What went wrong.
    """
    # Without an error output (``2>&-``), print would take the standard output.
    if sys.stderr is not None:
        print(f"{command}: {one_line(text)}", file=sys.stderr, flush=True)


def note(text: str) -> None:
    """Write a line about what was done to stderr, so that the output has the result alone."""
    if sys.stderr is not None:
        print(one_line(text), file=sys.stderr, flush=True)


def print_json(value: object) -> None:
    """Write JSON, in ASCII, in which no character acts on a terminal."""
    import json

    print(json.dumps(value, indent=2))


def print_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write rows in columns, of which those with numbers are aligned to the right.

    Args:
        heads: The title of each column; one that begins with ``>`` is of numbers.
        rows: The texts of each row; they are escaped here.
    """
    if not rows:
        return
    titles = [head.lstrip(">") for head in heads]
    cells = [titles, *([label(text) for text in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    for row in cells:
        texts = [
            text.rjust(width) if head.startswith(">") else text.ljust(width)
            for text, width, head in zip(row, widths, heads, strict=True)
        ]
        print("  ".join(texts).rstrip())


@contextlib.contextmanager
def log_to(handler: "logging.Handler") -> Iterator[None]:
    """Let a handler have what the client logs, for a block."""
    import logging

    logger = logging.getLogger("xai")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


def size(count: int) -> str:
    """Return a number of bytes as people read it, such as ``1.5 MiB``."""
    if count < 1024:
        return f"{count} B"
    value = float(count)
    for unit in ("KiB", "MiB", "GiB"):
        value /= 1024
        # What would be rounded up to 1024 is one of the next unit.
        if value < 1023.95:
            return f"{value:.1f} {unit}"
    return f"{value / 1024:.1f} TiB"
