"""Files on this machine that appear whole or not at all."""

import contextlib
import errno
import os
import secrets
import stat
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


def write_whole(path: str, content: bytes, *, overwrite: bool = False) -> None:
    """Write a file under another name beside it, and give it its name when it is complete.

    Args:
        path: The file's path; where it is a link, what it points to is written.
        content: Its content.
        overwrite: Whether an existing file is replaced; its permissions are kept.

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
            file.write(content)
            file.flush()
            # The name must not reach the disk before the content.
            os.fsync(file.fileno())
        if overwrite:
            temporary.replace(target)
        else:
            _put_in_place(temporary, target, path)
    finally:
        temporary.unlink(missing_ok=True)


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
