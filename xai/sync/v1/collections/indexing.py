# Do not edit: produced by "nox -s generate" from
# xai/aio/v1/collections/indexing.py
"""Waiting until documents are indexed."""

import copy
from collections.abc import Callable, Sequence
from typing import Final

from xai.proto.collections import collections as pb
from xai.runtime.codec.reading import checked
from xai.sync.rpc.caller import Caller
from xai.sync.v1.polling import WaitTimeout, poll
from xai.v1.collections.errors import IndexingFailedError, IndexingTimeoutError, mark_uploaded
from xai.v1.collections.results import Document, DocumentStatus, read_document

#: The longest pause between two polls, in seconds: large documents take minutes.
LONGEST_PAUSE: Final = 5.0
_ENDS: Final = (DocumentStatus.PROCESSED, DocumentStatus.FAILED)


class Indexing:
    """The indexing of documents of one collection.

    One document is asked for by itself, several in one request for all that are not done.

    Args:
        caller: Makes the calls of the management API.
        collection_id: The collection.
        file_ids: The documents.
        team_id: The team; that of the key when None.
        on_status: Told of each document whose state has changed.
        on_end: Told of the ID of each document that is done or has failed.

    Attributes:
        documents: What the server last told about each document, by its ID.
        pending: The IDs of the documents that are not done.
    """

    def __init__(
        self,
        caller: Caller,
        collection_id: str,
        file_ids: Sequence[str],
        *,
        team_id: str | None,
        on_status: Callable[[Document], object] | None,
        on_end: Callable[[str], object] | None = None,
    ) -> None:
        self._caller = caller
        self._collection_id = collection_id
        self._team_id = team_id
        self._on_status = on_status
        self._on_end = on_end
        self.documents: dict[str, Document] = {}
        self.pending = list(file_ids)
        self._seconds = 0.0

    def wait(self, timeout: WaitTimeout) -> None:
        """Poll until no document is pending; some may have failed then.

        Args:
            timeout: How long, and how often.

        Raises:
            APIError: A call failed.
            IndexingTimeoutError: Some are pending.
        """
        poll(timeout, self._ask, self._timeout)

    def failure(self, file_ids: Sequence[str]) -> IndexingFailedError | None:
        """Return the error for those of some documents that failed, or None."""
        failed = {
            file_id: self.documents[file_id]
            for file_id in file_ids
            if file_id in self.documents and self.documents[file_id].status is DocumentStatus.FAILED
        }
        if not failed:
            return None
        reasons = [
            f"the document {file_id} of the collection {self._collection_id} could not be "
            f"indexed: {document.error_message or 'the server gives no reason'}"
            for file_id, document in failed.items()
        ]
        return IndexingFailedError(
            "\n".join(reasons),
            collection_id=self._collection_id,
            file_ids=list(failed),
            documents=list(failed.values()),
        )

    def outcome(self, file_id: str) -> Document | IndexingFailedError:
        """Return a document that is done, or the error for one that has failed."""
        return self.failure([file_id]) or self.documents[file_id]

    def unfinished(self, error: Exception, file_id: str) -> Exception:
        """Return the error for a document that was pending when the waiting ended with one."""
        if isinstance(error, IndexingTimeoutError):
            return self._late(self._seconds, [file_id])
        # Each has an error of its own, with its own ID.
        alone = copy.copy(error)
        alone.__dict__["__notes__"] = list(getattr(error, "__notes__", ()))
        mark_uploaded(alone, [file_id])
        return alone

    def _timeout(self, seconds: float) -> IndexingTimeoutError:
        self._seconds = seconds
        return self._late(seconds, self.pending)

    def _late(self, seconds: float, file_ids: Sequence[str]) -> IndexingTimeoutError:
        known = [self.documents[each] for each in file_ids if each in self.documents]
        text = (
            f"{_named(file_ids)} not indexed in the collection {self._collection_id} within "
            f"{seconds:g} s; wait for it again, or longer"
        )
        return IndexingTimeoutError(
            text, collection_id=self._collection_id, file_ids=file_ids, documents=known
        )

    def _ask(self, caller: Caller) -> bool | None:
        """Look once at what is pending; return None while something is."""
        if len(self.pending) == 1:
            self._ask_one(caller, self.pending[0])
        else:
            asked = tuple(self.pending)
            many = pb.BatchGetDocumentsRequest(
                team_id=self._team_id,
                collection_id=self._collection_id,
                file_ids=list(asked),
            )
            found = caller.unary_of(
                pb.COLLECTIONS_BATCH_GET_DOCUMENTS,
                many,
                lambda reply: [read_document(each) for each in checked(reply.documents)],
            )
            for document in found:
                if document.file_id in self.pending:
                    self._note(document.file_id, document)
            # Of a document that is not there, the list says nothing; asked for alone, it is an
            # error.
            for file_id in asked:
                if all(document.file_id != file_id for document in found):
                    self._ask_one(caller, file_id)
        return None if self.pending else True

    def _ask_one(self, caller: Caller, file_id: str) -> None:
        one = pb.GetDocumentMetadataRequest(
            file_id=file_id, team_id=self._team_id, collection_id=self._collection_id
        )
        method = pb.COLLECTIONS_GET_DOCUMENT_METADATA
        self._note(file_id, caller.unary_of(method, one, read_document))

    def _note(self, file_id: str, document: Document) -> None:
        before = self.documents.get(file_id)
        self.documents[file_id] = document
        # A state that this version has no name for is waited for as well: time will tell.
        if document.status in _ENDS:
            self.pending.remove(file_id)
        if self._on_status is not None and document != before:
            self._on_status(document)
        if self._on_end is not None and document.status in _ENDS:
            self._on_end(file_id)


def _named(file_ids: Sequence[str]) -> str:
    if len(file_ids) == 1:
        return f"the document {file_ids[0]} was"
    return f"{len(file_ids)} documents ({', '.join(file_ids)}) were"
