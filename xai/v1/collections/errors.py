"""Errors of documents that were uploaded and are not indexed."""

from collections.abc import Sequence

from xai.errors import add_note
from xai.v1.collections.results import Document
from xai.v1.detailed_error import DetailedError


class _IndexingError(DetailedError):
    """Documents of a collection are not indexed."""

    collection_id: str
    documents: tuple[Document, ...]
    file_ids: tuple[str, ...]

    def __init__(
        self,
        message: str,
        *,
        collection_id: str,
        file_ids: Sequence[str],
        documents: Sequence[Document] = (),
    ) -> None:
        super().__init__(message)
        self.collection_id = collection_id
        self.file_ids = tuple(file_ids)
        self.documents = tuple(documents)

    @property
    def file_id(self) -> str:
        """The ID of the document, or of the first of several."""
        return self.file_ids[0]


class IndexingFailedError(_IndexingError):
    """The server failed to index documents.

    They stay attached to the collection: index them again, or remove them.

    Args:
        message: The reason that the server gives.
        collection_id: The ID of the collection.
        file_ids: The IDs of the documents that failed; after them, when a callback of
            `upload_documents` has raised this, those of the others that were uploaded.
        documents: What the server tells about them.
    """


class IndexingTimeoutError(_IndexingError, TimeoutError):
    """Documents were not indexed when the timeout was reached.

    Nothing is lost: the server goes on indexing them; wait again with the same IDs.

    Args:
        message: The IDs and the timeout.
        collection_id: The ID of the collection.
        file_ids: The IDs of the documents that are not indexed yet; after them others, as of
            `IndexingFailedError`.
        documents: What the server last told about them.
    """


def mark_uploaded(error: BaseException, file_ids: Sequence[str]) -> None:
    """Give an exception the IDs of files that were uploaded before it was raised.

    Args:
        error: Any exception, an interrupt included.
        file_ids: The IDs. One is its attribute ``file_id``, all are ``file_ids``.
    """
    ours = isinstance(error, _IndexingError)
    if isinstance(error, _IndexingError):
        # An outcome that a callback has raised: its own come first.
        file_ids = [file_id for file_id in file_ids if file_id not in error.file_ids]
        error.file_ids = (*error.file_ids, *file_ids)
        if not file_ids:
            return
    named = " and ".join(file_ids)
    note = (
        f"uploaded before this: {named}; wait_for_indexing goes on with what is in the collection, "
        "add_existing_document attaches what is not"
    )
    # Interrupts and cancellations are marked as well, which have no such attributes of their own.
    # An error of one document of several keeps its ID.
    if not ours:
        one = error.__dict__.get("file_id") or file_ids[0]
        error.__dict__.update(file_id=one, file_ids=tuple(file_ids))
    add_note(error, note)


# Users meet these classes as names of `xai.v1`; their reprs and pickles say so.
for _class in (IndexingFailedError, IndexingTimeoutError):
    _class.__module__ = "xai.v1"
