"""``xai files``: the files stored with the API."""

import argparse
import json
import os
import sys
from collections.abc import Callable

import xai
from xai.commands.local_files import check_target, write_whole
from xai.commands.progress import progress_bar
from xai.commands.terminal import (
    CommandError,
    complain,
    describe,
    describe_local,
    open_client,
    size,
    visible,
)


def run(options: argparse.Namespace) -> int:
    """List, upload, download, delete or rename files.

    Args:
        options: ``host``, ``timeout`` in seconds for each call, ``action``, and what that takes.

    Returns:
        The exit status.
    """
    with open_client(options.host, options.timeout) as client:
        try:
            return _ACTIONS[options.action](client, options)
        except xai.APIError as error:  # some are an OSError as well
            raise CommandError(describe(error)) from error
        except BrokenPipeError:
            raise
        except (OSError, ValueError) as error:
            raise CommandError(describe_local(error)) from error


def _list(client: xai.Client, options: argparse.Namespace) -> int:
    files, storage = client.files.list(), client.files.storage()
    if options.json:
        print(_as_json(files, storage))
        return 0
    rows = [("NAME", "SIZE", "TYPE", "MODIFIED")]
    rows += [
        (_label(file.file_name), size(file.size_bytes), _label(file.mime_type), _when(file))
        for file in files
    ]
    if files:
        wide, narrow, kind = (max(len(row[column]) for row in rows) for column in range(3))
        for row in rows:
            print(f"{row[0]:{wide}}  {row[1]:>{narrow}}  {row[2]:{kind}}  {row[3]}")
    print(f"{size(storage.used)} of {size(storage.total)} used")
    return 0


def _as_json(files: list[xai.FileMetadata], storage: xai.FileStorage) -> str:
    shown = [
        {
            "name": file.file_name,
            "size": file.size_bytes,
            "mime_type": file.mime_type,
            "modified": file.create_time.isoformat() if file.create_time else None,
        }
        for file in files
    ]
    return json.dumps(
        {"files": shown, "storage": {"used": storage.used, "total": storage.total}}, indent=2
    )


def _when(file: xai.FileMetadata) -> str:
    if file.create_time is None:
        return "-"
    return file.create_time.astimezone().strftime("%Y-%m-%d %H:%M")


def _put(client: xai.Client, options: argparse.Namespace) -> int:
    local = options.local
    remote = options.remote or os.path.basename(local)  # noqa: PTH119  # a name in text
    if not remote:
        raise CommandError(f"{local} has no file name to take over; name REMOTE", 2)
    with progress_bar(_label(remote), wanted=not options.no_progress) as bar:
        stored = client.files.upload_file(local, remote, overwrite=options.overwrite, progress=bar)
    kind = f", {stored.mime_type}" if stored.mime_type else ""
    print(f"Stored {_label(stored.file_name)} ({size(stored.size_bytes)}{_label(kind)})")
    return 0


def _get(client: xai.Client, options: argparse.Namespace) -> int:
    target = _target(options.remote, options.local)
    if target is None:
        if sys.stdout is None:
            raise CommandError("there is no standard output to write to")
    else:
        # Nobody wants to learn about it after the transfer.
        check_target(target, overwrite=options.overwrite)
    with progress_bar(_label(options.remote), wanted=not options.no_progress) as bar:
        content = client.files.download(options.remote, progress=bar)
    if target is None:
        _write(content)
    else:
        write_whole(target, content, overwrite=options.overwrite)
        print(f"Wrote {_label(target)} ({size(len(content))})")
    return 0


def _write(content: bytes) -> None:
    """Write a file's content to the standard output; a terminal is shown it as text."""
    if sys.stdout.isatty():
        sys.stdout.write(visible(content.decode("utf-8", "backslashreplace")))
    else:
        sys.stdout.buffer.write(content)


def _target(remote: str, local: str | None) -> str | None:
    """Return the path to write to, or None for the standard output."""
    if local == "-":
        return None
    # Names on the server may look like paths; they must not choose a folder here.
    name = os.path.basename(remote)  # noqa: PTH119  # a name in text
    if local is None:
        target = name
    elif os.path.isdir(local):  # noqa: PTH112  # a path in text
        target = os.path.join(local, name)  # noqa: PTH118
    elif local.endswith((os.sep, os.altsep or os.sep)):
        raise CommandError(f"{local}: there is no such folder")
    else:
        return local
    if name in ("", os.curdir, os.pardir) or "\0" in name:
        raise CommandError(f"{remote!r} is no name for a file here; name LOCAL", 2)
    return target


def _label(text: str) -> str:
    return visible(text, lines=False)


def _remove(client: xai.Client, options: argparse.Namespace) -> int:
    status = 0
    for name in options.names:
        try:
            client.files.delete(name)
        except xai.NotFoundError as error:  # noqa: PERF203  # the others are removed all the same
            complain("files rm", describe(error))
            status = 1
    return status


def _rename(client: xai.Client, options: argparse.Namespace) -> int:
    client.files.rename(options.old, options.new)
    return 0


_ACTIONS: dict[str, Callable[[xai.Client, argparse.Namespace], int]] = {
    "ls": _list,
    "put": _put,
    "get": _get,
    "rm": _remove,
    "mv": _rename,
}
