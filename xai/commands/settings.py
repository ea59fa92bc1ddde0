"""The settings of the command line, which `xai config` writes."""

import json
from pathlib import Path
from typing import Final

from xai.commands.output import CommandError, describe_local
from xai.commands.state import config_folder, write_private

#: The settings there are, and what each is.
SETTINGS: Final = {
    "model": "the language model that is asked when none is named",
    "host": "the host, or host:port, that is asked when none is named",
    "logs": "on, to keep what xai ask asks and is told in a database here",
}


def settings_path() -> Path:
    """Return the path of the file.

    Raises:
        CommandError: There is no place for it.
    """
    folder = config_folder()
    if folder is None:
        raise CommandError("there is no home folder for settings; set XDG_CONFIG_HOME")
    return folder / "config.json"


def read_settings() -> dict[str, str]:
    """Return what is set.

    Raises:
        CommandError: The file can't be read, or is not one of settings.
    """
    folder = config_folder()
    path = None if folder is None else folder / "config.json"
    try:
        found = {} if path is None else json.loads(path.read_text("utf-8"))
        return {str(name): str(value) for name, value in found.items()}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise CommandError(describe_local(error), 2) from error
    except (ValueError, AttributeError) as error:
        raise CommandError(f"{path}: these are no settings; delete the file", 2) from error


def change_setting(name: str, value: str | None) -> None:
    """Set something, or with None leave it to the program again."""
    found = read_settings()
    found.pop(name, None)
    if value is not None:
        found[name] = value
    write_private(settings_path(), json.dumps(found, indent=2) + "\n")
