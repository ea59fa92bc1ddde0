"""``xai config``: the default model and host."""

import click

from xai.commands.options import NAME, Group
from xai.commands.output import CommandError, label
from xai.commands.settings import SETTINGS, change_setting, read_settings

_NAMES = click.Choice([*SETTINGS])


@click.group("config", cls=Group)
def config() -> None:
    """Show and change the settings: model, host and logs.

    They are kept in xai/config.json in $XDG_CONFIG_HOME, or in ~/.config. Keys are no settings:
    they come from the environment.
    """


@config.command("ls")
def _list() -> None:
    """List the settings."""
    found = read_settings()
    for name, text in SETTINGS.items():
        print(f"{name} = {label(found[name])}" if name in found else f"{name} is not set: {text}")


@config.command("set")
@click.argument("name", type=_NAMES)
@click.argument("value", type=NAME)
def _set(name: str, value: str) -> None:
    """Set NAME to VALUE."""
    if name == "logs" and value not in ("on", "off"):
        raise CommandError("logs are on or off", 2)
    change_setting(name, value)


@config.command("unset")
@click.argument("name", type=_NAMES)
def _unset(name: str) -> None:
    """Leave NAME to the program again."""
    change_setting(name, None)
