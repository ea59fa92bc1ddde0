"""The file that keeps what is done of bulk work: a line of JSON for each item that succeeded.

The first line says what work it is. Lines are appended, each in one write, so a process that is
killed leaves at most a part of one at the end, which the next one cuts off.
"""

import contextlib
import json
import os
from typing import TYPE_CHECKING, Final

from xai._annotations import resolve_lazily
from xai._clock import monotonic
from xai._log import log
from xai.runtime.locks import Lock
from xai.v1.bulk.result import CheckpointError

if TYPE_CHECKING:
    from xai.v1.structured.json_value import JsonValue

_FORMAT: Final = 1
#: At most so many seconds of work are lost with the power.
_SYNC_INTERVAL: Final = 1.0
_BLOCK: Final = 2**20

#: The files that this process has open: locks of files don't keep a process from itself.
_open_here: set[tuple[int, int]] = set()
_here = Lock()


class Checkpoint:
    """A file of what is done; its methods block, and may be called from any thread.

    Args:
        path: The path of the file; it is made if there is none.
        parts: Digests of what the work consists of, by name.

    Raises:
        CheckpointError: The file is of other work, of another program, or in use.
        OSError: It can't be read or written.
    """

    def __init__(self, path: str, parts: dict[str, str]) -> None:
        self._path = path
        self._lock = Lock()
        self._places: dict[str | int, int] = {}
        #: The ID of the batch that is under way, of work that goes through one.
        self.batch_id: str | None = None
        self._synced = monotonic()
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        self._file: int | None = os.open(path, flags, 0o666)
        self._owned: tuple[int, int] | None = None
        try:
            self._own(self._file)
            self._end = self._read(self._file, parts)
        except BaseException:
            self.close()
            raise

    def __len__(self) -> int:
        """Return how many items are done."""
        return len(self._places)

    def __contains__(self, key: object) -> bool:
        """Tell whether an item is done."""
        return key in self._places

    def find(self, key: str | int, item: str) -> "dict[str, JsonValue] | None":
        """Return the line of an item; None when it is not done.

        Args:
            key: What names the item.
            item: The digest of the item.

        Raises:
            CheckpointError: It was another item when it was done.
        """
        with self._lock:
            place = self._places.get(key)
            if place is None or self._file is None:
                return None
            line = _loads(_line_at(self._file, place))
        if line is None or line.get("item") != item:
            raise CheckpointError(
                f"{self._path}: the item {key!r} is not the one that was done: the items have"
                " changed. Take another checkpoint, or name them with key=…"
            )
        return line

    def write(self, line: "dict[str, JsonValue]") -> None:
        """Append the line of an item.

        Args:
            line: The line, with a ``key``.

        Raises:
            OSError: It can't be written; nothing of it is left in the file.
        """
        data = _dumps(line)
        with self._lock:
            if self._file is None:
                raise CheckpointError(f"{self._path}: the checkpoint is closed")
            self._append(self._file, data)
            if monotonic() - self._synced > _SYNC_INTERVAL:
                os.fsync(self._file)
                self._synced = monotonic()

    def note_batch(self, batch_id: str, *, done: bool = False) -> None:
        """Note that a batch is under way, or that there is nothing more to come of it.

        It is on the disk when this returns: what is added to a batch is paid for.

        Args:
            batch_id: The ID of the batch.
            done: Whether it is over.

        Raises:
            OSError: It can't be written; nothing of it is left in the file.
        """
        data = _dumps({"batch": batch_id, "done": done})
        with self._lock:
            if self._file is None:
                raise CheckpointError(f"{self._path}: the checkpoint is closed")
            self._append(self._file, data)
            os.fsync(self._file)
            self._synced = monotonic()
            self.batch_id = None if done else batch_id

    def close(self) -> None:
        """Write through to the disk, and release the file; a second call does nothing."""
        with self._lock:
            file, self._file = self._file, None
            if file is None:
                return
            try:
                if self._owned is not None:
                    os.fsync(file)
            finally:
                with _here:
                    _open_here.discard(self._owned or (0, 0))
                os.close(file)

    def _own(self, file: int) -> None:
        status = os.fstat(file)
        mine = status.st_dev, status.st_ino
        with _here:
            if mine in _open_here or not _locked(file):
                raise CheckpointError(f"{self._path}: another run has this checkpoint open")
            _open_here.add(mine)
        self._owned = mine

    def _append(self, file: int, data: bytes) -> None:
        os.lseek(file, self._end, os.SEEK_SET)
        left = memoryview(data)
        try:
            while left:
                left = left[os.write(file, left) :]
        except BaseException:
            # What is left there anyway is cut off by the next one that opens it.
            with contextlib.suppress(OSError):
                os.ftruncate(file, self._end)
            raise
        self._end += len(data)

    def _read(self, file: int, parts: dict[str, str]) -> int:
        """Read the file, and return where its last whole line ends."""
        head = _dumps({"xai_bulk": _FORMAT, **parts})
        end = place = 0
        reader = _Lines(file)
        first = reader.next()
        if not first.endswith(b"\n") and head.startswith(first):
            # New, or of a run that was killed amid its first line.
            os.ftruncate(file, 0)
            self._end = 0
            self._append(file, head)
            return self._end
        self._check_head(_loads(first), parts)
        end = place = len(first)
        while line := reader.next():
            found = _loads(line) if line.endswith(b"\n") else None
            key = None if found is None else found.get("key")
            if isinstance(key, (str, int)):
                self._places[key] = place
                end = place + len(line)
            elif found is not None and isinstance(batch_id := found.get("batch"), str):
                self.batch_id = None if found.get("done") else batch_id
                end = place + len(line)
            else:
                log.warning("%s: a line that can't be read; its item is done again", self._path)
            place += len(line)
        if end != place:
            os.ftruncate(file, end)
        return end

    def _check_head(self, found: "dict[str, JsonValue] | None", parts: dict[str, str]) -> None:
        if found is None or "xai_bulk" not in found:
            raise CheckpointError(f"{self._path} is no checkpoint of bulk.map")
        if found["xai_bulk"] != _FORMAT:
            raise CheckpointError(f"{self._path} is of another version of this package")
        names = sorted({*parts, *found} - {"xai_bulk"})
        changed = [name for name in names if found.get(name) != parts.get(name)]
        if changed:
            raise CheckpointError(
                f"{self._path} is the checkpoint of other work: {' and '.join(changed)} differ."
                " Take another file, or delete it to begin anew"
            )


class _Lines:
    """The lines of a file, read in blocks, with their line breaks."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._rest = b""
        self._lines: list[bytes] = []

    def next(self) -> bytes:
        """Return the next line; without a line break at the end of the file, empty after it."""
        while not self._lines:
            block = os.read(self._file, _BLOCK)
            if not block:
                last, self._rest = self._rest, b""
                return last
            lines = (self._rest + block).split(b"\n")
            self._rest = lines.pop()
            self._lines = [line + b"\n" for line in reversed(lines)]
        return self._lines.pop()


def _line_at(file: int, place: int) -> bytes:
    os.lseek(file, place, os.SEEK_SET)
    return _Lines(file).next()


def _dumps(line: "dict[str, JsonValue]") -> bytes:
    # Without any line break, and whole in ASCII: a lone surrogate is no error, half a character
    # can't be cut off.
    return json.dumps(line, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"


def _loads(line: bytes) -> "dict[str, JsonValue] | None":
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _locked(file: int) -> bool:
    """Lock a file for this process, and return whether that was possible."""
    try:
        import fcntl
    except ImportError:
        # Windows, where the file stays unlocked.
        return True
    try:
        # Of the process, so that a worker that it forked does not keep it.
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # Some file systems of networks have no locks.
        return True
    return True


resolve_lazily(globals())
