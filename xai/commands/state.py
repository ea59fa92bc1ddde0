"""Where the command line keeps things between its runs."""

import os
from pathlib import Path


def state_folder() -> Path | None:
    """Return the folder for state, or None when there is no place for it.

    Source: the XDG Base Directory Specification, 0.8: state belongs into ``$XDG_STATE_HOME``, by
    default ``~/.local/state``, and relative paths there are to be ignored.
    """
    return _folder("XDG_STATE_HOME", ".local/state")


def config_folder() -> Path | None:
    """Return the folder for settings, or None when there is no place for it."""
    return _folder("XDG_CONFIG_HOME", ".config")


def _folder(variable: str, usual: str) -> Path | None:
    base = Path(os.environ.get(variable, ""))
    if not base.is_absolute():
        try:
            base = Path.home() / usual
        except RuntimeError:
            return None
    return base / "xai"


def write_private(path: Path, text: str) -> None:
    """Write a file for its owner alone, in a folder for its owner alone.

    Args:
        path: The file; one that is there is replaced.
        text: Its content.

    Raises:
        OSError: It can't be written.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    temporary.replace(path)
