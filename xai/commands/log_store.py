"""The database of what was asked, which is kept only when it is switched on."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Final

from xai.commands.output import CommandError, note
from xai.commands.settings import read_settings
from xai.commands.state import state_folder

_TABLE: Final = """
CREATE TABLE IF NOT EXISTS responses (
    id TEXT, previous_id TEXT, time TEXT, host TEXT, model TEXT, system TEXT, prompt TEXT,
    response TEXT, prompt_tokens INTEGER, completion_tokens INTEGER, cost_usd REAL
)
"""
#: The columns, in the order of `add_entry`.
COLUMNS: Final = (
    *("id", "previous_id", "time", "host", "model", "system", "prompt", "response"),
    *("prompt_tokens", "completion_tokens", "cost_usd"),
)


def log_path() -> Path:
    """Return the path of the database.

    Raises:
        CommandError: There is no place for it.
    """
    folder = state_folder()
    if folder is None:
        raise CommandError("there is no home folder for logs; set XDG_STATE_HOME")
    return folder / "logs.db"


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.row_factory = sqlite3.Row
        database.execute(_TABLE)
        with database:
            yield database


def add_entry(**values: str | float | None) -> None:
    """Keep what was asked and told, if that is switched on; a failure is a line on stderr.

    Args:
        values: The columns but the time.
    """
    if read_settings().get("logs") != "on":
        return
    values["time"] = datetime.now(timezone.utc).isoformat(timespec="seconds")
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    try:
        with _opened(log_path()) as database:
            # The names are those of our own calls.
            database.execute(f"INSERT INTO responses ({names}) VALUES ({marks})", values)  # noqa: S608
    except (sqlite3.Error, OSError) as error:
        note(f"xai ask: the log can't be written: {error}")


def read_entries(limit: int, words: str) -> list[dict[str, object]]:
    """Return the newest entries, the oldest of them first.

    Args:
        limit: How many at most.
        words: What their prompts or responses contain; empty for all.
    """
    path = log_path()
    if not path.exists():
        return []
    try:
        with _opened(path) as database:
            rows = database.execute(
                "SELECT * FROM responses WHERE instr(lower(prompt), lower(:words)) "
                "OR instr(lower(response), lower(:words)) OR :words = '' "
                "ORDER BY rowid DESC LIMIT :limit",
                {"words": words, "limit": limit},
            ).fetchall()
    except sqlite3.Error as error:
        raise CommandError(f"{path}: {error}") from error
    return [dict(row) for row in reversed(rows)]


def delete_entries() -> int:
    """Delete all entries; return how many there were."""
    path = log_path()
    if not path.exists():
        return 0
    count = len(read_entries(-1, ""))
    path.unlink()
    return count
