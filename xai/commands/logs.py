"""``xai logs``: what was asked and told."""

import click

from xai.commands.log_store import delete_entries, log_path, read_entries
from xai.commands.options import Group, json_option
from xai.commands.output import label, print_json, shown
from xai.commands.settings import change_setting, read_settings


@click.group("logs", cls=Group)
def logs() -> None:
    """Keep what xai ask asks and is told, in a database on this machine; off unless switched on.

    It is xai/logs.db in $XDG_STATE_HOME, or in ~/.local/state, an SQLite database for its owner
    alone.
    """


@logs.command("on")
def _on() -> None:
    """Keep what is asked from now on."""
    change_setting("logs", "on")


@logs.command("off")
def _off() -> None:
    """Keep nothing more; what was kept stays."""
    change_setting("logs", None)


@logs.command("status")
def _status() -> None:
    """Tell whether they are on, where they are, and how many there are."""
    state = "on" if read_settings().get("logs") == "on" else "off"
    print(f"{state}: {len(read_entries(-1, ''))} entries in {label(str(log_path()))}")


@logs.command("ls")
@click.option("-n", "--limit", type=click.IntRange(1), default=10, help="How many at most.")
@click.option("-q", "--query", default="", metavar="TEXT", help="List those with a text in them.")
@json_option
def _list(limit: int, query: str, as_json: bool) -> None:  # noqa: FBT001  # as click passes it
    """Print the newest entries, the oldest of them first."""
    found = read_entries(limit, query)
    if as_json:
        print_json(found)
        return
    for entry in found:
        head = f"{entry['time']}  {entry['model']}  {entry['id']}"
        print(shown(f"{head}\n> {entry['prompt']}\n{str(entry['response']).rstrip()}\n"))


@logs.command("clear")
@click.confirmation_option(prompt="Delete all of them?", help="Do not ask.")
def _clear() -> None:
    """Delete all entries."""
    print(f"Deleted {delete_entries()} entries.")
