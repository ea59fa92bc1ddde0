"""What is uploaded: paths, bytes, files and iterables, read in chunks."""

import io
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from errno import EISDIR
from inspect import iscoroutinefunction
from pathlib import PurePath
from stat import S_ISREG
from typing import BinaryIO, Final, Protocol

from xai._clock import monotonic
from xai._validation import kind_of
from xai.runtime.locks import SharedUse
from xai.v1.file_settings import check_filename
from xai.v1.files import MAX_FILE_BYTES

#: How much is read and sent at once, in bytes; a server takes up to about 5 MB.
CHUNK_BYTES: Final = 2**20
#: How long what is less than a chunk waits for more, in seconds.
_LONGEST_WAIT: Final = 0.25


class BinaryFile(Protocol):
    """What has a method `read` that returns bytes."""

    def read(self, size: int, /) -> bytes:
        """Return up to so many bytes; none at the end."""
        ...


#: What both clients can upload.
LocalFileSource = (
    str
    | os.PathLike[str]
    | bytes
    | bytearray
    | memoryview
    | BinaryFile
    | Collection[bytes]
    | Iterator[bytes]
)


class Reader:
    """Reads what is uploaded, from its beginning as often as it can be.

    `open` and `read` may wait for a disk. A thread may be amid `read` when another one closes.
    """

    #: What it was given as, for errors.
    argument = "file"
    #: The name that it has by itself; empty without one.
    name = ""
    #: How many bytes there are; None when nobody knows. Known once it is open.
    total: int | None = None
    #: Whether it can be read more than once. Known once it is open.
    again = True

    def __init__(self) -> None:
        self._shared = SharedUse(self._release)

    def open(self) -> None:
        """Find it, before anything is sent.

        Raises:
            OSError: It can't be read.
        """

    def start(self) -> None:
        """Go to its beginning."""

    def read(self) -> bytes:
        """Return the next chunk; empty at the end.

        Raises:
            OSError: It can't be read, or has become shorter.
        """
        return self._shared.use(self._read) or b""

    def close(self) -> None:
        """Release what was opened here; whoever reads at this moment does it afterwards."""
        self._shared.close()

    def _read(self) -> bytes:
        raise NotImplementedError

    def _release(self) -> None:
        """Release what was opened here."""


class _BytesReader(Reader):
    def __init__(self, data: bytes | bytearray | memoryview) -> None:
        super().__init__()
        view = memoryview(data)
        self._view = view.cast("B") if view.c_contiguous else memoryview(view.tobytes())
        self._place = 0
        self.total = len(self._view)

    def start(self) -> None:
        self._place = 0

    def _read(self) -> bytes:
        chunk = bytes(self._view[self._place : self._place + CHUNK_BYTES])
        self._place += len(chunk)
        return chunk

    def _release(self) -> None:
        self._view.release()


class _StreamReader(Reader):
    """Reads an open file up to the size that it had: what is appended meanwhile is left out."""

    _file: BinaryFile
    _left: int | None

    def _limited(self, file: BinaryFile) -> bytes:
        size = CHUNK_BYTES if self._left is None else min(CHUNK_BYTES, self._left)
        chunk = _checked(f"read() of {self.argument}", file.read(size)) if size else b""
        if len(chunk) > size:
            raise ValueError(
                f"read() of {self.argument} returned {len(chunk)} bytes, asked for {size}"
            )
        if self._left is not None:
            self._left -= len(chunk)
            if not chunk and self._left > 0:
                raise OSError(
                    f"{self.name or 'the file'} has become shorter while it was read: "
                    f"{self._left} of {self.total} bytes are missing"
                )
        return chunk


class _PathReader(_StreamReader):
    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path
        self.name = PurePath(path).name
        self._opened: io.FileIO | None = None

    def open(self) -> None:
        # A thread that nobody waits for any more may be amid this.
        self._shared.use(self._open)

    def _open(self) -> None:
        # Unbuffered: chunks are large, and a buffer would be a copy more.
        try:
            file = io.FileIO(self._path)
        except IsADirectoryError:
            raise is_directory(self.argument, self._path) from None
        self._opened = file
        found = os.fstat(file.fileno())
        # Those of /proc have no size, and content all the same.
        self.total = found.st_size if S_ISREG(found.st_mode) and found.st_size else None
        self.again = file.seekable()

    def start(self) -> None:
        self._left = self.total
        if self.again and self._opened is not None:
            self._opened.seek(0)

    def _read(self) -> bytes:
        return b"" if self._opened is None else self._limited(self._opened)

    def _release(self) -> None:
        if self._opened is not None:
            self._opened.close()


class _FileReader(_StreamReader):
    def __init__(self, file: BinaryFile) -> None:
        super().__init__()
        self._file = file
        name = getattr(file, "name", None)
        self.name = PurePath(name).name if isinstance(name, str) else ""
        self._begin: int | None = None
        self._started = False

    def open(self) -> None:
        file: BinaryIO = self._file  # type: ignore[assignment]  # as far as it can; see below
        if getattr(file, "closed", False) is True:
            raise ValueError(f"{self.argument} must be open, but is closed")
        try:
            self._begin = begin = file.tell()
            end = file.seek(0, os.SEEK_END)
            end = file.tell() if end is None else end
            file.seek(begin)
        except (AttributeError, OSError):
            # A pipe, or less of a file.
            self.again = False
        else:
            self.total = max(0, end - begin) or None

    def start(self) -> None:
        self._left = self.total
        if self._started and self._begin is not None:
            self._file.seek(self._begin)  # type: ignore[attr-defined]  # it was asked for its place
        self._started = True

    def _read(self) -> bytes:
        return self._limited(self._file)


class Rechunker:
    """Makes larger chunks from those of an iterable.

    Args:
        argument: What the iterable was given as, for errors.
    """

    def __init__(self, argument: str = "file") -> None:
        self._argument = argument
        self._buffer = bytearray()
        self._begun = 0.0

    def add(self, item: object) -> None:
        """Take a chunk of any size.

        Raises:
            TypeError: It is not bytes.
        """
        if isinstance(item, (bytearray, memoryview)):
            item = bytes(item)
        if not self._buffer:
            self._begun = monotonic()
        self._buffer += _checked(f"the items of {self._argument}", item)

    @property
    def ready(self) -> bool:
        """Whether to send a chunk: there is enough, or the first of it has waited a while.

        What comes slowly is not held back: the server sees that the upload goes on, and between
        two chunks the deadline and whoever cancels the upload are heard.
        """
        count = len(self._buffer)
        return count >= CHUNK_BYTES or (count > 0 and monotonic() - self._begun > _LONGEST_WAIT)

    def take(self) -> bytes:
        """Return a chunk of what there is."""
        chunk = bytes(self._buffer[:CHUNK_BYTES])
        del self._buffer[:CHUNK_BYTES]
        return chunk


class _IterableReader(Reader):
    def __init__(self, items: Iterable[object]) -> None:
        super().__init__()
        self._items = items
        self.again = not isinstance(items, Iterator)
        self._iterator: Iterator[object] = iter(())
        self._chunks = Rechunker()

    def start(self) -> None:
        self._iterator = iter(self._items)
        self._chunks = Rechunker(self.argument)

    def _read(self) -> bytes:
        while not self._chunks.ready:
            try:
                self._chunks.add(next(self._iterator))
            except StopIteration:  # noqa: PERF203  # the items are large
                break
        return self._chunks.take()


def _checked(what: str, chunk: object) -> bytes:
    if not isinstance(chunk, bytes):
        read = what.startswith("read()") and chunk is not None
        hint = "; open the file in binary mode" if read else ""
        raise TypeError(f"{what} must be bytes, not {kind_of(chunk)}{hint}")
    return chunk


def is_directory(argument: str, path: str) -> IsADirectoryError:
    """Return the error of a folder in the place of a file."""
    return IsADirectoryError(EISDIR, f"{argument} must be a file, and is a folder", path)


def make_reader(source: object, argument: str = "file") -> Reader | None:
    """Return what reads a path, bytes or a file; None for everything else.

    Args:
        source: The source.
        argument: What it was given as, for errors.

    Raises:
        IsADirectoryError: It is a folder by its name.
        TypeError: It is a text file, a path of bytes, a mapping or a set.
        ValueError: It is no path.
    """
    reader: Reader | None = None
    if isinstance(source, (bytes, bytearray, memoryview)):
        reader = _BytesReader(source)
    elif isinstance(source, (str, os.PathLike)):
        reader = _PathReader(_checked_path(source, argument))
    elif isinstance(source, (Mapping, AbstractSet)):
        # Their items have no order, or are not what they stand for.
        raise wrong_source(source, argument)
    elif isinstance(source, io.TextIOBase):
        raise TypeError(f"{argument} must be opened in binary mode, not in text mode")
    else:
        read = getattr(source, "read", None)
        if callable(read) and not iscoroutinefunction(read):
            reader = _FileReader(source)  # type: ignore[arg-type]  # it has `read`
    if reader is not None:
        reader.argument = argument
    return reader


def _checked_path(source: "str | os.PathLike[str]", argument: str) -> str:
    path = os.fspath(source)
    if not isinstance(path, str):
        raise TypeError(f"{argument} must be a path of type str, not one of bytes")
    if not path:
        raise ValueError(f"{argument} must not be an empty path")
    if "\0" in path:
        raise ValueError(f"{argument} must be a path without null characters")
    if not PurePath(path).name:
        raise is_directory(argument, path)
    return path


def iterable_reader(source: object, argument: str = "file") -> Reader | None:
    """Return what reads an iterable; None for everything else.

    Args:
        source: The source.
        argument: What it was given as, for errors.
    """
    if not isinstance(source, Iterable):
        return None
    reader = _IterableReader(source)
    reader.argument = argument
    return reader


def wrong_source(source: object, argument: str = "file") -> TypeError:
    """Return the error of what can't be uploaded.

    Args:
        source: The source.
        argument: What it was given as.
    """
    return TypeError(
        f"{argument} must be a path, bytes, a binary file or an iterable of bytes, "
        f"not {kind_of(source)}"
    )


def check_total(size: int, argument: str = "file") -> None:
    """Raise when a file is larger than the server takes.

    Args:
        size: How many bytes it has.
        argument: What it was given as, for errors.

    Raises:
        ValueError: It is too large.
    """
    if size > MAX_FILE_BYTES:
        raise ValueError(
            f"{argument} must have at most {MAX_FILE_BYTES // 2**20} MiB, not {size:,} bytes"
        )


def name_of(reader: Reader, filename: str | None, argument: str = "filename") -> str:
    """Return the name of a file on the server.

    Args:
        reader: Reads it.
        filename: The name that was given; None for its own.
        argument: What that is given as, for errors.

    Raises:
        ValueError: There is none, or the server does not take it.
    """
    if filename is None and not reader.name:
        raise ValueError(f"{argument} is required for what has no name of its own, such as bytes")
    return check_filename(argument, reader.name if filename is None else filename)
