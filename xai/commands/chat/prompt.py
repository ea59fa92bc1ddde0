"""The prompt of the terminal: lines with editing, completion and a history."""

import os
from collections.abc import Sequence
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.utils import is_dumb_terminal

from xai.commands.output import complain, describe_local

_PROMPT = "> "


class _KeptHistory(FileHistory):
    """The lines typed in this and earlier conversations; told once when they can't be kept."""

    def __init__(self, path: Path) -> None:
        self._works = True
        super().__init__(path)

    def store_string(self, string: str) -> None:
        """Keep a line, unless it can't be written."""
        if not self._works:
            return
        try:
            # What can't be encoded was not typed as text, and is refused as a message.
            string.encode()
            super().store_string(string)
        except UnicodeEncodeError:
            return
        except OSError as error:
            self._works = False
            complain("xai chat", f"the history can't be kept: {describe_local(error)}")


def open_history(path: Path | None) -> History:
    """Return the history of the prompt.

    Args:
        path: The file, which is made for its owner alone; None for a history of this conversation.
    """
    if path is None:
        return InMemoryHistory()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600))
    except OSError as error:
        complain("xai chat", f"the history can't be kept: {describe_local(error)}")
        return InMemoryHistory()
    return _KeptHistory(path)


class Prompt:
    """Reads lines from the terminal, with editing and a history where it can move its cursor.

    Args:
        path: The file of the history; None for a history of this conversation alone.
        commands: What the tabulator completes.
    """

    def __init__(self, path: Path | None, commands: Sequence[str]) -> None:
        self._session: PromptSession[str] | None = None
        # There the library would show its prompt before it listens to the keys.
        if not is_dumb_terminal():
            self._session = PromptSession(
                _PROMPT,
                history=open_history(path),
                completer=WordCompleter(list(commands), sentence=True),
                complete_while_typing=False,
            )

    def read(self) -> str:
        """Return a line.

        Raises:
            EOFError: The input has ended.
            KeyboardInterrupt: Ctrl-C; what was typed is forgotten.
            UnicodeError: The line is not text.
        """
        if self._session is not None:
            line = self._session.prompt()
            line.encode()
            return line
        try:
            return input(_PROMPT)
        except (EOFError, KeyboardInterrupt):
            print()
            raise
