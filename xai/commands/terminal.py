"""What the commands share: errors of one line, the client, and text that is safe to show."""

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import xai
from xai._text import escape_controls

if TYPE_CHECKING:
    import logging


class CommandError(Exception):
    """What ends a command: one line for the user, and the exit status.

    Args:
        text: What went wrong; put into one line.
        status: 1 when the command failed, 2 when it was given a wrong argument.
    """

    def __init__(self, text: str, status: int = 1) -> None:
        super().__init__(one_line(text))
        self.status = status


def visible(text: str, *, lines: bool = True) -> str:
    """Return a text that can be printed without acting on the terminal.

    Args:
        text: What somebody else wrote: a model, a server, whoever named a file.
        lines: Whether line feeds and tabs stay as they are.

    Returns:
        The text, with control and bidirectional formatting characters escaped.
    """
    return escape_controls(text, keep_lines=lines)


def one_line(text: str) -> str:
    """Return a text as one visible line."""
    return visible(" ".join(text.split()))


def describe(error: xai.APIError) -> str:
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


def complain(command: str, text: str) -> None:
    """Tell on stderr what went wrong, in one line.

    Args:
        command: The command, such as ``check``.
        text: What went wrong.
    """
    # Without an error output (``2>&-``), print would take the standard output.
    if sys.stderr is not None:
        print(f"xai {command}: {one_line(text)}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def open_client(host: str, timeout: float) -> "Iterator[xai.Client]":
    """Open a client whose key comes from the environment, and log none of its retries.

    Args:
        host: The API's host, as for `xai.Client`.
        timeout: Seconds a call may take.

    Raises:
        CommandError: The key or the host can't be used; the status is 2.
    """
    import logging

    try:
        client = xai.Client(api_host=host, timeout=timeout)
    except (ValueError, ImportError) as error:
        raise CommandError(str(error), 2) from error
    # Retries are not the user's business here: what matters is how it ended.
    with client, log_to(logging.NullHandler()):
        yield client


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
