"""The arguments of ``xai files``, and which API its actions go to."""

from collections.abc import Callable
from typing import TypeVar

import click

from xai.commands.connection import prompt_ide_client, v1_client
from xai.commands.files import prompt_ide, v1
from xai.commands.options import NAME, Group, connection, generation, json_option
from xai.commands.output import CommandError

_F = TypeVar("_F", bound=Callable[..., object])


def _connected(function: _F) -> _F:
    return connection("Time for each call, retries included", 900.0)(generation(function))


def _transferred(function: _F) -> _F:
    function = click.option(
        "--no-progress",
        is_flag=True,
        help="Show no progress bar; else one is shown on a terminal when it takes a while.",
    )(function)
    return click.option(
        "--overwrite", is_flag=True, help="Replace a file that is there; else that is refused."
    )(function)


@click.group("files", cls=Group)
def files() -> None:
    """Manage the files stored with the API.

    A file of the v1 API is named by its ID, or by its name where it is the only one of that name.
    The key comes from the environment variable XAI_API_KEY.
    """


@files.command("ls")
@json_option
@_connected
def _list(as_json: bool, host: str, timeout: float, api: str) -> None:  # noqa: FBT001  # as click passes it
    """List the files."""
    if api == "v1":
        with v1_client(host, timeout) as client:
            v1.list_files(client, as_json=as_json)
        return
    with prompt_ide_client(host, timeout) as older:
        prompt_ide.list_files(older, as_json=as_json)


@files.command("put")
@click.argument("local", type=NAME)
@click.argument("remote", type=NAME, required=False)
@_transferred
@_connected
def _put(  # noqa: PLR0917  # as click passes them
    local: str,
    remote: str | None,
    overwrite: bool,  # noqa: FBT001
    no_progress: bool,  # noqa: FBT001
    host: str,
    timeout: float,
    api: str,
) -> None:
    """Upload the file LOCAL, under the name REMOTE if it is to have another."""
    if api == "v1":
        if overwrite:
            raise CommandError(
                "--overwrite needs --api prompt-ide: names of the v1 API may repeat", 2
            )
        with v1_client(host, timeout) as client:
            v1.put(client, local, remote, progress=not no_progress)
        return
    with prompt_ide_client(host, timeout) as older:
        prompt_ide.put(older, local, remote, overwrite=overwrite, progress=not no_progress)


@files.command("get")
@click.argument("remote", type=NAME)
@click.argument("local", type=NAME, required=False)
@_transferred
@_connected
def _get(  # noqa: PLR0917  # as click passes them
    remote: str,
    local: str | None,
    overwrite: bool,  # noqa: FBT001
    no_progress: bool,  # noqa: FBT001
    host: str,
    timeout: float,
    api: str,
) -> None:
    """Download the file REMOTE to LOCAL: a file, a folder, or - for the standard output.

    Without LOCAL it gets a file of the same name.
    """
    if api == "v1":
        with v1_client(host, timeout) as client:
            v1.get(client, remote, local, overwrite=overwrite, progress=not no_progress)
        return
    with prompt_ide_client(host, timeout) as older:
        prompt_ide.get(older, remote, local, overwrite=overwrite, progress=not no_progress)


@files.command("rm")
@click.argument("names", type=NAME, nargs=-1, required=True, metavar="NAME...")
@_connected
def _remove(names: tuple[str, ...], host: str, timeout: float, api: str) -> int:
    """Delete files."""
    if api == "v1":
        with v1_client(host, timeout) as client:
            return v1.remove(client, names)
    with prompt_ide_client(host, timeout) as older:
        return prompt_ide.remove(older, names)


@files.command("mv")
@click.argument("old", type=NAME)
@click.argument("new", type=NAME)
@_connected
def _rename(old: str, new: str, host: str, timeout: float, api: str) -> None:
    """Rename the file OLD to NEW, with --api prompt-ide."""
    if api == "v1":
        raise CommandError("mv needs --api prompt-ide: files of the v1 API keep their names", 2)
    with prompt_ide_client(host, timeout) as older:
        older.files.rename(old, new)


@files.command("url")
@click.argument("name", type=NAME)
@click.option("--revoke", is_flag=True, help="End the URL.")
@connection("Time for each call, retries included", 900.0)
def _url(name: str, revoke: bool, host: str, timeout: float) -> None:  # noqa: FBT001  # as click passes it
    """Print a URL under which anybody can read a picture, a video or a PDF (v1 API)."""
    with v1_client(host, timeout) as client:
        v1.publish(client, name, revoke=revoke)
