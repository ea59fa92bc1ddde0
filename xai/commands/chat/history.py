"""The lines typed in earlier conversations, kept in a file."""

import json
import os
from pathlib import Path

#: How many lines are offered; a file of twice as many is cut down to it.
LIMIT = 1000


def default_path() -> Path | None:
    """Return where the history is kept, or None when there is no place for it.

    Source: the XDG Base Directory Specification, 0.8: state belongs into ``$XDG_STATE_HOME``, by
    default ``~/.local/state``, and relative paths there are to be ignored.
    """
    state = Path(os.environ.get("XDG_STATE_HOME", ""))
    if not state.is_absolute():
        try:
            state = Path.home() / ".local" / "state"
        except RuntimeError:
            return None
    return state / "xai" / "chat_history"


class History:
    """A file with one JSON string a line, since a pasted message may have lines itself.

    Args:
        path: The file; it is made, for its owner alone, with the first line.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._last: str | None = None

    def load(self) -> list[str]:
        """Return the lines of earlier conversations, the oldest first.

        Returns:
            The lines; what is no history is left out.

        Raises:
            OSError: The file is there and can't be read, or can't be cut down.
        """
        try:
            text = self._path.read_text("utf-8", errors="replace")
        except FileNotFoundError:
            return []
        rows = text.split("\n")
        lines = [line for row in rows if (line := _read(row)) is not None]
        if len(rows) > 2 * LIMIT and len(lines) == len(rows) - 1:
            from xai.commands.local_files import write_whole

            kept = "".join(_row(line) for line in lines[-LIMIT:])
            write_whole(str(self._path), kept.encode(), overwrite=True)
        return lines[-LIMIT:]

    def add(self, line: str) -> None:
        """Keep a line at once, so that conversations side by side lose none.

        Args:
            line: The line; one that equals the last is not kept twice.

        Raises:
            OSError: The file can't be written.
        """
        if line == self._last:
            return
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        with os.fdopen(os.open(self._path, flags, 0o600), "ab") as file:
            file.write(_row(line).encode())
        self._last = line


def _row(line: str) -> str:
    # Escapes also carry what can't be encoded.
    return json.dumps(line) + "\n"


def _read(row: str) -> str | None:
    try:
        line = json.loads(row)
    except ValueError:
        return None
    return line if isinstance(line, str) else None
