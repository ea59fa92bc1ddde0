"""Files on this machine that appear whole or not at all."""

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path

# What a file system says that has no hard links.
_NO_LINKS = {
    getattr(errno, name)
    for name in ("EPERM", "EOPNOTSUPP", "ENOTSUP", "ENOSYS", "EMLINK")
    if hasattr(errno, name)
}


def check_target(path: str, *, overwrite: bool) -> None:
    """Raise when `write_whole` would refuse a path.

    Args:
        path: The path.
        overwrite: Whether what is there may be replaced.

    Raises:
        FileExistsError: There is a file already.
        OSError: It is something other than a file; that is never replaced.
    """
    try:
        found = Path(path).stat()
    except FileNotFoundError:
        return
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", path)
    if not overwrite:
        raise FileExistsError(errno.EEXIST, "there is such a file already", path)


def write_whole(path: str, content: Iterable[bytes], *, overwrite: bool = False) -> int:
    """Write a file under another name beside it, and give it its name when it is complete.

    Args:
        path: The file's path; where it is a link, what it points to is written.
        content: Its content, in chunks.
        overwrite: Whether an existing file is replaced; its permissions are kept.

    Returns:
        How many bytes were written.

    Raises:
        FileExistsError: There is such a file, and it is not to be replaced.
        OSError: It can't be written; nothing is left behind.
    """
    check_target(path, overwrite=overwrite)
    target = Path(path).resolve()
    # Not made from the file's own name, which may be as long as names can be.
    temporary = target.with_name(f".xai-{secrets.token_hex(8)}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(temporary, flags, 0o666)
    except OSError as error:
        # The user knows the name that was asked for.
        raise OSError(error.errno, os.strerror(error.errno or 0), path) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            if overwrite:
                with contextlib.suppress(FileNotFoundError):
                    temporary.chmod(stat.S_IMODE(target.stat().st_mode))
            for chunk in content:
                file.write(chunk)
            count = file.tell()
            file.flush()
            # The name must not reach the disk before the content.
            os.fsync(file.fileno())
        if overwrite:
            temporary.replace(target)
        else:
            _put_in_place(temporary, target, path)
    finally:
        temporary.unlink(missing_ok=True)
    return count


def choose_target(remote: str, local: str | None) -> str | None:
    """Return the path to write a file to, or None for the standard output.

    Args:
        remote: The name of the file on the server.
        local: The path that was asked for: a file, a folder, or ``-``; None for a file of the
            same name.

    Raises:
        FileNotFoundError: The folder is not there.
        ValueError: The server's name is no name for a file here.
    """
    if local == "-":
        return None
    # Names on the server may look like paths; they must not choose a folder here.
    name = os.path.basename(remote)  # noqa: PTH119  # a name in text
    if local is None:
        target = name
    elif os.path.isdir(local):  # noqa: PTH112  # a path in text
        target = os.path.join(local, name)  # noqa: PTH118
    elif local.endswith((os.sep, os.altsep or os.sep)):
        raise FileNotFoundError(errno.ENOENT, "there is no such folder", local)
    else:
        return local
    if name in ("", os.curdir, os.pardir) or "\0" in name:
        raise ValueError(f"{remote!r} is no name for a file here; name LOCAL")
    return target


def _put_in_place(temporary: Path, target: Path, path: str) -> None:
    """Name the file, unless somebody took the name in the meantime."""
    try:
        # Unlike a rename, a link never replaces anything.
        target.hardlink_to(temporary)
    except FileExistsError:
        raise FileExistsError(errno.EEXIST, "there is such a file already", path) from None
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        check_target(path, overwrite=False)
        temporary.replace(target)
