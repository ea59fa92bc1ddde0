"""Where a download goes: a file, or a path by way of a temporary file beside it."""

import contextlib
import errno
import functools
import io
import os
import stat
from inspect import isawaitable, iscoroutine, iscoroutinefunction
from typing import BinaryIO, Protocol

from xai._validation import kind_of
from xai.runtime.download.files import FileSink
from xai.runtime.locks import SharedUse


class WritableFile(Protocol):
    """What has a method `write` that takes bytes."""

    def write(self, data: bytes, /) -> object:
        """Write bytes."""
        ...


#: Where a download can go.
FileTarget = str | os.PathLike[str] | WritableFile


class Target:
    """Where a download goes; its methods may wait for a disk.

    A thread may be amid `open` or `write` when another one discards it.
    """

    def held_up(self) -> bool:
        """Return whether it waits for others, maybe for ever: a pipe, a terminal, a socket."""
        return False

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
        self._sink = FileSink(path)
        # A device or a pipe must not be replaced by a file, and is written itself.
        self._device: BinaryIO | None = None
        self._shared = SharedUse(self._release)

    def held_up(self) -> bool:
        path = self._sink.target
        return path.exists() and not (path.is_dir() or path.is_file())

    def open(self) -> None:
        path = self._sink.target
        if path.exists() and not path.is_dir():
            if not os.access(path, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
            if not path.is_file():
                self._shared.use(self._open_device)
                return
        self._sink.open()

    def _open_device(self) -> None:
        self._device = io.FileIO(self._sink.target, "w")

    def write(self, data: bytes) -> None:
        if self._device is None:
            self._sink.write(data)
        else:
            self._shared.use(functools.partial(_write_all, self._device, data))

    def commit(self) -> None:
        if self._device is None:
            self._sink.commit()
        else:
            self._device.close()

    def discard(self) -> None:
        self._shared.close()
        self._sink.abandon()

    def _release(self) -> None:
        if self._device is not None:
            with contextlib.suppress(OSError):
                self._device.close()


class _FileTarget(Target):
    def __init__(self, file: WritableFile) -> None:
        self._file = file

    def held_up(self) -> bool:
        try:
            number = self._file.fileno()  # type: ignore[attr-defined]  # if it has one
            return not stat.S_ISREG(os.fstat(number).st_mode)
        except (AttributeError, OSError, TypeError, ValueError):
            return False

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
