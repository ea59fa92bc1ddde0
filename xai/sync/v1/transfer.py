# Do not edit: produced by "nox -s generate" from
# xai/aio/v1/transfer.py
"""How the content of files goes to the server: in chunks, read as the server takes them."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from datetime import timedelta

from xai.errors import add_note
from xai.proto.xai_api import files as pb
from xai.runtime.transport.blocking import BlockingTransport
from xai.sync.rpc.caller import Caller
from xai.v1.file_source import (
    LocalFileSource,
    Reader,
    Rechunker,
    check_total,
    make_reader,
    name_of,
    wrong_source,
)
from xai.v1.files import File, init_request, read_file

#: What can be uploaded.
FileSource = LocalFileSource | Iterable[bytes]
Tell = Callable[[int, int | None], None]


class DiskReader:
    """Reads a path, bytes or a file, without keeping whoever else is there.

    Args:
        reader: Reads it.
        transport: Calls it.
    """

    def __init__(self, reader: Reader, transport: BlockingTransport) -> None:
        self.reader = reader
        self._beside = transport.beside

    def open(self) -> None:
        """Find it, before anything is sent."""
        self._beside(self.reader.open, abandon=True)

    def start(self) -> None:
        """Go to its beginning."""
        self._beside(self.reader.start)

    def read(self) -> bytes:
        """Return the next chunk; empty at the end."""
        return self._beside(self.reader.read, abandon=True)

    def close(self) -> None:
        """Release what was opened here."""
        self._beside(self.reader.close)


class ItemsReader(DiskReader):
    """Reads an iterable of bytes.

    Args:
        items: The iterable.
        transport: As above.
    """

    def __init__(
        self, items: Iterable[object], transport: BlockingTransport, argument: str
    ) -> None:
        super().__init__(Reader(), transport)
        self.reader.argument = argument
        self._items = items
        self._iterator: Iterator[object] | None = None
        self.reader.again = not isinstance(items, Iterator)
        self._chunks = Rechunker()

    def start(self) -> None:
        """Go to its beginning."""
        self._iterator = iter(self._items)
        self._chunks = Rechunker(self.reader.argument)

    def read(self) -> bytes:
        """Return the next chunk; empty at the end."""
        while self._iterator is not None and not self._chunks.ready:
            try:
                item = next(self._iterator)
            except StopIteration:  # noqa: PERF203  # the items are large
                self._iterator = None
            else:
                self._chunks.add(item)
        return self._chunks.take()


def make_source(source: object, transport: BlockingTransport, argument: str) -> DiskReader:
    """Return what reads a source.

    Args:
        source: The source.
        transport: Calls what may wait for a disk.
        argument: What the source was given as, for errors.

    Raises:
        TypeError: It can't be uploaded.
    """
    reader = make_reader(source, argument)
    if reader is None and isinstance(source, Iterable):
        return ItemsReader(source, transport, argument)
    if reader is None:
        raise wrong_source(source, argument)
    return DiskReader(reader, transport)


class Chunks:
    """The requests of an upload, read anew by each attempt.

    Args:
        source: Reads the content.
        init: What is sent before it.
        tell: Is told of the progress.
    """

    def __init__(self, source: DiskReader, init: pb.UploadFileChunk, tell: Tell | None) -> None:
        self._source = source
        self._init = init
        self._tell = tell

    def __iter__(self) -> Generator[pb.UploadFileChunk, None]:
        """Yield the requests."""
        source = self._source
        total = source.reader.total
        yield self._init
        source.start()
        sent = 0
        while data := source.read():
            size = len(data)
            check_total(sent + size, source.reader.argument)
            yield _as_chunk(data)
            # When this goes on, the chunk was written.
            del data
            sent += size
            if self._tell is not None:
                self._tell(sent, total)


def _as_chunk(data: bytes) -> pb.UploadFileChunk:
    return pb.UploadFileChunk(data=data)


def upload(
    caller: Caller,
    source: object,
    filename: str | None,
    expires_after: int | timedelta | None,
    tell: Tell | None = None,
    *,
    arguments: tuple[str, str] = ("file", "filename"),
) -> File:
    """Upload a file.

    Args:
        caller: Makes the call.
        source: What is uploaded.
        filename: Its name; its own when None.
        expires_after: When it is deleted.
        tell: Is told of the progress.
        arguments: What the first two were given as, for errors.

    Raises:
        APIError: The call failed.
        OSError: The source can't be read.
        TypeError: An argument is of the wrong type.
        ValueError: An argument is not valid.
    """
    reader = make_source(source, caller.context.transport, arguments[0])
    init = init_request(name_of(reader.reader, filename, arguments[1]), expires_after)
    file = None
    try:
        try:
            reader.open()
            check_total(reader.reader.total or 0, arguments[0])
            chunks = Chunks(reader, init, tell)
            if reader.reader.again:
                file = caller.upload_of(pb.FILES_UPLOAD_FILE, chunks, read_file)
            else:
                file = _upload_once(caller, iter(chunks))
        finally:
            reader.close()
    except BaseException as error:
        if file is not None:
            note_uploaded(error, {0: file})
        raise
    return file


def _upload_once(caller: Caller, chunks: Generator[pb.UploadFileChunk, None]) -> File:
    try:
        return caller.upload_of(pb.FILES_UPLOAD_FILE, chunks, read_file)
    finally:
        chunks.close()


def note_uploaded(error: BaseException, outcomes: Mapping[int, File | Exception]) -> None:
    """Add the IDs of files that were uploaded to an error that keeps them from being returned."""
    found = [one for _, one in sorted(outcomes.items()) if isinstance(one, File)]
    if found:
        shown = ", ".join(f"{file.id} ({file.filename})" for file in found)
        add_note(error, f"these files were uploaded and are kept: {shown}")
