"""What ``xai files`` does with the v1 API."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

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


def list_files(client: "xai.v1.Client", *, as_json: bool) -> None:
    """Print the files."""
    found = list(client.files.list())
    if as_json:
        print_json([file.to_dict() for file in found])
        return
    print_table(
        ("ID", "NAME", ">SIZE", "CREATED", "EXPIRES"),
        [
            (file.id, file.filename, size(file.size), when(file.created_at), when(file.expires_at))
            for file in found
        ],
    )


def when(time: datetime | None) -> str:
    """Return a time as people here read it."""
    return "-" if time is None else time.astimezone().strftime("%Y-%m-%d %H:%M")


def put(client: "xai.v1.Client", local: str, remote: str | None, *, progress: bool) -> None:
    """Upload a file, and print its ID."""
    name = remote or os.path.basename(local)  # noqa: PTH119  # a name in text
    if not name:
        raise CommandError(f"{local} has no file name to take over; name REMOTE", 2)
    with progress_bar(label(name), wanted=progress) as bar:
        stored = client.files.upload(local, filename=name, on_progress=bar)
    print(f"Stored {label(stored.filename)} ({size(stored.size)}) as {label(stored.id)}")


def find(client: "xai.v1.Client", name: str) -> "xai.v1.File":
    """Return a file by its ID or its name.

    Raises:
        CommandError: Several files have the name; the line has their IDs.
        NotFoundError: None has.
    """
    try:
        return client.files.get(name)
    except xai.NotFoundError:
        found = [file for file in client.files.list() if file.filename == name]
        if not found:
            raise
    if len(found) > 1:
        ids = ", ".join(file.id for file in found)
        raise CommandError(f"{len(found)} files have the name {name}; name one by its ID: {ids}")
    return found[0]


def get(
    client: "xai.v1.Client", remote: str, local: str | None, *, overwrite: bool, progress: bool
) -> None:
    """Download a file."""
    if local not in (None, "-") and not os.path.isdir(str(local)):  # noqa: PTH112  # a path in text
        # Nobody wants to learn about it after a call.
        _check(remote, local, overwrite=overwrite)
    file = find(client, remote)
    target = _check(file.filename, local, overwrite=overwrite)
    with (
        progress_bar(label(file.filename), wanted=progress) as bar,
        client.files.iter_content(file.id) as chunks,
    ):
        content = _counted(chunks, file.size, bar)
        if target is None:
            _write(content)
            return
        count = write_whole(target, content, overwrite=overwrite)
    print(f"Wrote {label(target)} ({size(count)})")


def _check(remote: str, local: str | None, *, overwrite: bool) -> str | None:
    try:
        target = choose_target(remote, local)
    except ValueError as error:
        raise CommandError(str(error), 2) from error
    if target is not None:
        check_target(target, overwrite=overwrite)
    elif sys.stdout is None:
        raise CommandError("there is no standard output to write to")
    return target


def _counted(
    chunks: Iterable[bytes], total: int, bar: Callable[[int, int | None], None] | None
) -> Iterator[bytes]:
    done = 0
    for chunk in chunks:
        done += len(chunk)
        if bar is not None:
            bar(done, total)
        yield chunk


def _write(content: Iterable[bytes]) -> None:
    """Write a file's content to the standard output; a terminal is shown it as text."""
    if is_terminal():
        sys.stdout.write(visible(b"".join(content).decode("utf-8", "backslashreplace")))
        return
    for chunk in content:
        sys.stdout.buffer.write(chunk)


def remove(client: "xai.v1.Client", names: Sequence[str]) -> int:
    """Delete files; return the exit status."""
    status = 0
    for name in names:
        try:
            client.files.delete(find(client, name).id)
        except xai.NotFoundError as error:  # noqa: PERF203  # the others are removed all the same
            complain("xai files rm", describe(error))
            status = 1
    return status


def publish(client: "xai.v1.Client", name: str, *, revoke: bool) -> None:
    """Give a file a public URL and print it, or end the one it has."""
    file = find(client, name)
    if revoke:
        revoked = client.files.revoke_public_url(file.id).revoked
        print("The URL ends." if revoked else "There was no URL.")
    else:
        print(label(client.files.create_public_url(file.id).url))
