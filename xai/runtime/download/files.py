"""Files that are complete or not there, and files that are read up to a limit."""

import contextlib
import errno
import os
import secrets
import stat
from pathlib import Path
from typing import IO


class FileSink:
    """Writes a file under another name beside it, and gives it its name when it is complete.

    Args:
        path: The file's path; a file that is there is replaced.

    Raises:
        OSError: The path is a circle of links.
        TypeError: The path is not a path.
    """

    def __init__(self, path: "str | os.PathLike[str]") -> None:
        if isinstance(path, bytes) or not isinstance(path, (str, os.PathLike)):
            raise TypeError(f"path must be a str or a PathLike, not {type(path).__name__}")
        #: Where the file is going to be; where the path is a link, what it points to.
        self.target = _resolved(path)
        self._given = os.fspath(path)
        # Not made from the file's own name, which may be as long as names can be. A root has none.
        short = f".xai-{secrets.token_hex(8)}.part"
        self._temporary = self.target.with_name(short) if self.target.name else self.target / short
        self._begun = False
        self._file: IO[bytes] | None = None
        #: The permissions of the file that is replaced.
        self._mode: int | None = None

    def open(self) -> None:
        """Make the file under its other name.

        Raises:
            OSError: It can't be made.
        """
        if self.target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), self._given)
        if self.target.exists() and not self.target.is_file():
            # A device or a pipe would be replaced by a file.
            raise OSError(errno.EINVAL, "not a regular file", self._given)
        if self.target.exists():
            self._mode = stat.S_IMODE(self.target.stat().st_mode)
        # Noted first: an interrupt may come between the making of the file and the next line.
        self._begun = True
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        try:
            descriptor = os.open(self._temporary, flags, 0o666 if self._mode is None else 0o600)
        except OSError as error:
            # The user knows the name that was asked for.
            raise OSError(error.errno, os.strerror(error.errno or 0), self._given) from error
        self._file = os.fdopen(descriptor, "wb")

    def begin(self) -> None:
        """Forget what an earlier attempt has written."""
        if self._file is not None:
            self._file.seek(0)
            self._file.truncate()

    def write(self, data: bytes) -> None:
        """Take the next bytes.

        Raises:
            OSError: There is no room for them.
        """
        if self._file is not None:
            self._file.write(data)

    def commit(self) -> None:
        """Give the file its name.

        Raises:
            OSError: It can't be written.
        """
        if self._file is not None:
            self._file.close()
            if self._mode is not None:
                self._temporary.chmod(self._mode)
            self._temporary.replace(self.target)
            self._file, self._begun = None, False

    def abandon(self) -> None:
        """Remove a file that is not complete; of one that is, or was never made, nothing."""
        if not self._begun:
            return
        try:
            if self._file is not None:
                # What is buffered may not fit on the disk.
                self._file.close()
        except OSError:
            pass
        finally:
            # Also a folder that is no longer there, or refuses it, is no news beside the failure.
            with contextlib.suppress(OSError):
                self._temporary.unlink()
            self._file, self._begun = None, False


def _resolved(path: "str | os.PathLike[str]") -> Path:
    try:
        target = Path(path).resolve()
        circle = target.is_symlink()
    except RuntimeError:
        # That is how Python says so before 3.13; later the path stays a link.
        circle = True
    if circle:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), os.fspath(path))
    return target


def write_file(path: "str | os.PathLike[str]", data: bytes) -> Path:
    """Write a file that is complete or not there; return where it is.

    Args:
        path: The file's path; a file that is there is replaced.
        data: Its content.

    Raises:
        OSError: It can't be written; nothing is left behind.
        TypeError: The path is not a path.
    """
    sink = FileSink(path)
    try:
        sink.open()
        sink.write(data)
        sink.commit()
    finally:
        sink.abandon()
    return sink.target


def read_file(path: "os.PathLike[str]", argument: str, max_bytes: int) -> bytes:
    """Return the content of a file.

    Args:
        path: Its path.
        argument: What it was given as, for errors.
        max_bytes: How large it may be.

    Raises:
        OSError: It can't be read.
        ValueError: It is larger.
    """
    with Path(path).open("rb") as file:
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise ValueError(f"{argument} must have at most {max_bytes} bytes: {os.fspath(path)}")
    return data
