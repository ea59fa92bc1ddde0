"""The documents of the local server's collections, and how they are indexed in the background."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Final, Protocol

import attrs

from xai._clock import monotonic
from xai.proto.collections.collections import DocumentMetadata, DocumentStatus, FileMetadata
from xai.testing.control.faults import Delay, Fail, FaultPlan, Stall
from xai.testing.engine.chunking import ChunkSizes, chunking_steps
from xai.testing.engine.retrieval import IndexedChunk
from xai.testing.engine.steps import finish_in_turns
from xai.testing.engine.tokenizer import Tokenizer
from xai.testing.v1.file_store import decode_text

_LOG = logging.getLogger("xai.testing")

#: Where faults of the indexing are looked for; it looks like an RPC and is none.
INDEXING: Final = "/collections.Collections/IndexDocument"

_STAGES: Final = (
    DocumentStatus.DOCUMENT_STATUS_PROCESSING,
    DocumentStatus.DOCUMENT_STATUS_CHUNKED,
    DocumentStatus.DOCUMENT_STATUS_EMBEDDING,
    DocumentStatus.DOCUMENT_STATUS_WRITING,
    DocumentStatus.DOCUMENT_STATUS_PROCESSED,
)
_DONE: Final = len(_STAGES) - 1
#: How long a stage lasts when nobody looks, in seconds.
_STAGE_SECONDS: Final = 0.25
_DEFAULT_SIZES: Final = ChunkSizes("chars", 1000, 100)


@attrs.frozen
class SourceFile:
    """A file that can be attached to collections.

    Attributes:
        file_id: The ID.
        name: The name.
        content: The content.
        content_type: The media type.
        hash: A hash of the content.
        created_at: When it was uploaded.
        expires_at: When it will be deleted; None for never.
    """

    file_id: str
    name: str
    content: bytes
    content_type: str
    hash: str
    created_at: datetime
    expires_at: datetime | None = None


class FileSource(Protocol):
    """Where the files are."""

    def find(self, file_id: str) -> SourceFile | None:
        """Return a file; None when there is none with this ID."""

    def replace(self, file_id: str, name: str, content: bytes, content_type: str) -> SourceFile:
        """Replace a file that there is, under its ID."""


@attrs.frozen
class IndexSettings:
    """How the documents of a collection are indexed.

    Attributes:
        sizes: How texts are cut.
        strip_whitespace: Whether chunks lose white space at their ends.
        inject_name: Whether chunks begin with the name of their document.
        injected_fields: The fields whose values chunks begin with.
    """

    sizes: ChunkSizes = _DEFAULT_SIZES
    strip_whitespace: bool = False
    inject_name: bool = False
    injected_fields: Sequence[str] = ()


class IndexingError(Exception):
    """A document can't be indexed; the text says why."""


class Indexer:
    """Indexes documents.

    Args:
        tokenizer: Makes the tokens of chunks.
        faults: What goes wrong; those of the method ``IndexDocument`` are for the indexing.
        released: Returns the event that lets stalled work go on.
    """

    def __init__(
        self, tokenizer: Tokenizer, faults: FaultPlan, released: Callable[[], asyncio.Event]
    ) -> None:
        self._tokenizer = tokenizer
        self._faults = faults
        self._released = released

    async def index(
        self, file: SourceFile, fields: Mapping[str, str], settings: IndexSettings
    ) -> list[IndexedChunk]:
        """Return the chunks of a document.

        Raises:
            IndexingError: The content is no text, or a fault says so.
        """
        for fault in self._faults.take(INDEXING, by_name=True):
            if isinstance(fault, Delay):
                await asyncio.sleep(fault.seconds)
            elif isinstance(fault, Stall):
                await self._released().wait()
            elif isinstance(fault, Fail):
                raise IndexingError(fault.message)
        chunks: list[IndexedChunk] = []
        for text in await self._texts(file, settings):
            front = [file.name] if settings.inject_name else []
            front += [fields[key] for key in settings.injected_fields if key in fields]
            chunk_id = f"{file.file_id}_{len(chunks)}"
            chunks.append(IndexedChunk.of(chunk_id, file.file_id, "\n".join([*front, text])))
            # Many chunks take their time, and calls are served in between.
            await asyncio.sleep(0)
        return chunks

    async def _texts(self, file: SourceFile, settings: IndexSettings) -> list[str]:
        text = decode_text(file.content)
        if text is None:
            raise IndexingError(f"The content of {file.name!r} is not text.")
        if "\0" in text:
            raise IndexingError(f"The content of {file.name!r} is not text: it has NULs.")
        texts = await finish_in_turns(chunking_steps(text, settings.sizes, self._tokenizer))
        if settings.strip_whitespace:
            texts = [each.strip() for each in texts]
        return [each for each in texts if each]


class IndexedDocument:
    """A file that is attached to a collection, and its index once that is made.

    Args:
        file: The file.
        fields: The values of the collection's fields.
        indexer: Makes the index.
        settings: How.
    """

    def __init__(
        self,
        file: SourceFile,
        fields: Mapping[str, str],
        indexer: Indexer,
        settings: IndexSettings,
    ) -> None:
        self.file = file
        self.fields = dict(fields)
        self.added_at = datetime.now(timezone.utc)
        self._indexer = indexer
        self.index(settings)

    def index(self, settings: IndexSettings) -> None:
        """Index the document, as it now is, from the beginning."""
        self._looks = 0
        self._began = monotonic()
        self._chunks: list[IndexedChunk] = []
        self._error: str | None = None
        self._finished = False
        self._indexed_at: datetime | None = None
        # What an earlier task finds out is about a document that is no longer so.
        self._task = asyncio.get_running_loop().create_task(self._run(settings))

    @property
    def chunks(self) -> Sequence[IndexedChunk]:
        """The chunks that searches find; none before the last stage."""
        return self._chunks if self._status(self._stage()) == _STAGES[_DONE] else ()

    def look(self) -> DocumentMetadata:
        """Return what the document is, which a look brings on to the next stage."""
        # The first look finds every document in its first stage, which reveals programs that
        # don't wait. Whoever seldom looks finds it done the second time.
        status = self._status(self._stage() if self._looks else 0)
        self._looks += 1
        done = status == _STAGES[_DONE]
        cut = status not in (_STAGES[0], DocumentStatus.DOCUMENT_STATUS_FAILED)
        found = DocumentMetadata(
            file_metadata=file_metadata(self.file),
            fields=dict(self.fields),
            status=status,
            error_message=self._error if status == DocumentStatus.DOCUMENT_STATUS_FAILED else None,
            chunk_count=len(self._chunks) if cut else None,
            chunks_processed_count=(len(self._chunks) if done else 0) if cut else None,
        )
        if done and self._indexed_at is not None:
            found.last_indexed_at = self._indexed_at
        return found

    async def _run(self, settings: IndexSettings) -> None:
        task = asyncio.current_task()
        chunks: list[IndexedChunk] = []
        error: str | None = None
        try:
            chunks = await self._indexer.index(self.file, self.fields, settings)
        except IndexingError as reason:
            error = str(reason) or "The document could not be indexed."
        except Exception:  # noqa: BLE001  # it becomes a status
            _LOG.exception("The local server failed to index a document")
            error = "The local server failed to index the document."
        if task is self._task:
            self._chunks, self._error, self._finished = chunks, error, True
            self._indexed_at = datetime.now(timezone.utc)

    def _stage(self) -> int:
        return max(self._looks, int((monotonic() - self._began) / _STAGE_SECONDS))

    def _status(self, stage: int) -> DocumentStatus:
        if not stage or not self._finished:
            return _STAGES[0]
        if self._error is not None:
            return DocumentStatus.DOCUMENT_STATUS_FAILED
        return _STAGES[min(stage, _DONE)]


def file_metadata(file: SourceFile) -> FileMetadata:
    """Return the message that describes a file."""
    found = FileMetadata(
        file_id=file.file_id,
        name=file.name,
        size_bytes=len(file.content),
        content_type=file.content_type,
        created_at=file.created_at,
        hash=file.hash,
        upload_status="UPLOAD_STATUS_UPLOADED",
    )
    if file.expires_at is not None:
        found.expires_at = file.expires_at
    return found
