"""What ``xai files`` does with the PromptIDE API."""

import os
import sys
from collections.abc import Sequence

import xai
from xai.commands.local_files import check_target, choose_target, write_whole
from xai.commands.output import (
    CommandError,
    complain,
    describe,
    is_terminal,
    label,
    print_json,
    print_table,
    size,
    visible,
)
from xai.commands.progress import progress_bar


def list_files(client: "xai.Client", *, as_json: bool) -> None:
    """Print the files, and the space they use."""
    files, storage = client.files.list(), client.files.storage()
    if as_json:
        found = [
            {
                "name": file.file_name,
                "size": file.size_bytes,
                "mime_type": file.mime_type,
                "modified": file.create_time.isoformat() if file.create_time else None,
            }
            for file in files
        ]
        print_json({"files": found, "storage": {"used": storage.used, "total": storage.total}})
        return
    print_table(
        ("NAME", ">SIZE", "TYPE", "MODIFIED"),
        [(file.file_name, size(file.size_bytes), file.mime_type, _when(file)) for file in files],
    )
    print(f"{size(storage.used)} of {size(storage.total)} used")


def _when(file: "xai.FileMetadata") -> str:
    if file.create_time is None:
        return "-"
    return file.create_time.astimezone().strftime("%Y-%m-%d %H:%M")


def put(
    client: "xai.Client", local: str, remote: str | None, *, overwrite: bool, progress: bool
) -> None:
    """Upload a file."""
    name = remote or os.path.basename(local)  # noqa: PTH119  # a name in text
    if not name:
        raise CommandError(f"{local} has no file name to take over; name REMOTE", 2)
    with progress_bar(label(name), wanted=progress) as bar:
        stored = client.files.upload_file(local, name, overwrite=overwrite, progress=bar)
    kind = f", {stored.mime_type}" if stored.mime_type else ""
    print(f"Stored {label(stored.file_name)} ({size(stored.size_bytes)}{label(kind)})")


def get(
    client: "xai.Client", remote: str, local: str | None, *, overwrite: bool, progress: bool
) -> None:
    """Download a file."""
    try:
        target = choose_target(remote, local)
    except ValueError as error:
        raise CommandError(str(error), 2) from error
    if target is None:
        if sys.stdout is None:
            raise CommandError("there is no standard output to write to")
    else:
        # Nobody wants to learn about it after the transfer.
        check_target(target, overwrite=overwrite)
    with progress_bar(label(remote), wanted=progress) as bar:
        content = client.files.download(remote, progress=bar)
    if target is None:
        _write(content)
    else:
        write_whole(target, [content], overwrite=overwrite)
        print(f"Wrote {label(target)} ({size(len(content))})")


def _write(content: bytes) -> None:
    """Write a file's content to the standard output; a terminal is shown it as text."""
    if is_terminal():
        sys.stdout.write(visible(content.decode("utf-8", "backslashreplace")))
    else:
        sys.stdout.buffer.write(content)


def remove(client: "xai.Client", names: Sequence[str]) -> int:
    """Delete files; return the exit status."""
    status = 0
    for name in names:
        try:
            client.files.delete(name)
        except xai.NotFoundError as error:  # noqa: PERF203  # the others are removed all the same
            complain("xai files rm", describe(error))
            status = 1
    return status
