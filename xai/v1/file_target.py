"""Where a download goes: a file, or a path by way of a temporary file beside it."""

import contextlib
import errno
import io
import os
import secrets
import stat
from inspect import isawaitable, iscoroutine, iscoroutinefunction
from pathlib import Path
from typing import BinaryIO, Protocol

from xai._validation import kind_of


class WritableFile(Protocol):
    """What has a method `write` that takes bytes."""

    def write(self, data: bytes, /) -> object:
        """Write bytes."""
        ...


#: Where a download can go.
FileTarget = str | os.PathLike[str] | WritableFile


class Target:
    """Where a download goes; its methods may wait for a disk."""

    def open(self) -> None:
        """Prepare it, before anything is asked of the server.

        Raises:
            OSError: It can't be written.
        """

    def write(self, data: bytes) -> None:
        """Write a chunk.

        Raises:
            OSError: It can't be written.
        """
        raise NotImplementedError

    def commit(self) -> None:
        """Let what was written take its place."""

    def discard(self) -> None:
        """Remove what was not committed."""


class _PathTarget(Target):
    def __init__(self, path: str) -> None:
        # A link stays one: what it leads to is replaced.
        self._path = Path(os.path.realpath(path))
        # Not with all of the name, which may be as long as names may be.
        short = f".{self._path.name[:32]}.{secrets.token_hex(8)}.part"
        self._temporary = self._path.with_name(short) if self._path.name else self._path
        self._file: BinaryIO | None = None
        self._direct = False
        self._mode: int | None = None

    def open(self) -> None:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            pass
        else:
            if stat.S_ISDIR(found.st_mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(self._path))
            # A device or a pipe must not be replaced by a file.
            self._direct = not stat.S_ISREG(found.st_mode)
            self._mode = stat.S_IMODE(found.st_mode)
            if not os.access(self._path, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self._path))
        if self._direct:
            self._file = io.FileIO(self._path, "w")
            return
        try:
            self._file = io.FileIO(self._temporary, "x", opener=self._make)
        except OSError as error:
            # The user knows the name that was asked for.
            raise OSError(error.errno, os.strerror(error.errno or 0), str(self._path)) from error

    def _make(self, path: str, flags: int) -> int:
        # Nobody else reads meanwhile what was not for others before.
        return os.open(path, flags, 0o666 if self._mode is None else 0o600)

    def write(self, data: bytes) -> None:
        if self._file is not None:
            _write_all(self._file, data)

    def commit(self) -> None:
        if self._file is None:
            return
        # What is on a network may tell only now that it has no space.
        self._file.close()
        if not self._direct:
            if self._mode is not None:
                self._temporary.chmod(self._mode)
            self._temporary.replace(self._path)
            self._direct = True

    def discard(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
        if not self._direct:
            # Also when its opening was interrupted before it was noted.
            with contextlib.suppress(OSError):
                self._temporary.unlink()


class _FileTarget(Target):
    def __init__(self, file: WritableFile) -> None:
        self._file = file

    def write(self, data: bytes) -> None:
        _write_all(self._file, data)


def _write_all(file: WritableFile, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        written = file.write(bytes(rest) if len(rest) < len(data) else data)
        if written is None and isinstance(file, io.RawIOBase):
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        if isawaitable(written):
            if iscoroutine(written):
                written.close()
            raise TypeError(
                f"target must have a plain write(), and that of {kind_of(file)} is awaited"
            )
        if isinstance(written, bool):
            written = None
        if isinstance(written, int) and not 0 < written <= len(rest):
            raise OSError(f"the file took {written} of {len(rest)} bytes")
        # What is not a number says nothing: all was written.
        rest = rest[written if isinstance(written, int) else len(rest) :]


def make_target(target: object) -> Target:
    """Return where a download goes.

    Raises:
        TypeError: It is neither a path nor a binary file.
    """
    if isinstance(target, (str, os.PathLike)):
        path = os.fspath(target)
        if isinstance(path, str):
            return _PathTarget(path)
    if isinstance(target, io.TextIOBase):
        raise TypeError("target must be opened in binary mode, not in text mode")
    write = getattr(target, "write", None)
    if iscoroutinefunction(write):
        raise TypeError(
            f"target must have a plain write(), and that of {kind_of(target)} is awaited"
        )
    if callable(write):
        return _FileTarget(target)  # type: ignore[arg-type]  # it has `write`
    raise TypeError(f"target must be a path or a binary file, not {kind_of(target)}")
