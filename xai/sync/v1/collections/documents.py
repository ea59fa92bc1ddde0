# Do not edit: produced by "nox -s generate" from
# xai/aio/v1/collections/documents.py
"""The documents of collections."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from xai.proto.collections import collections as pb
from xai.runtime.codec.reading import checked
from xai.sync.rpc.caller import Caller
from xai.sync.v1.collections.indexing import LONGEST_PAUSE, Indexing
from xai.sync.v1.paging import Page
from xai.sync.v1.polling import WaitTimeout
from xai.v1.collections.requests import (
    DocumentSortBy,
    Order,
    add_request,
    check_file_ids,
    list_documents_request,
    update_document_request,
)
from xai.v1.collections.results import Document, read_document
from xai.v1.validation import check_callback, non_empty, optional_non_empty


class CollectionDocuments:
    """The documents of collections; a document has the ID of its file.

    Args:
        caller: Makes the calls of the API.
        management: Returns what makes the calls of the management API, or raises a ValueError
            when there is no management key.
    """

    def __init__(self, caller: Caller, management: Callable[[], Caller]) -> None:
        self._caller = caller
        self._management = management

    def add_existing_document(
        self,
        *,
        collection_id: str,
        file_id: str,
        fields: Mapping[str, str] | None = None,
        team_id: str | None = None,
    ) -> None:
        """Attach an uploaded file to a collection, which begins to index it.

        Args:
            collection_id: The ID of the collection.
            file_id: The ID of the file.
            fields: The values of the collection's fields.
            team_id: The team; that of the key when None.

        Raises:
            NotFoundError: There is no such collection or file.
            APIError: The call failed.
            TypeError: An argument is of the wrong type.
            ValueError: There is no management key, or an argument is empty.

        RPC: ``/collections.Collections/AddDocumentToCollection``.
        """
        request = add_request(collection_id, file_id, fields, team_id)
        self._management().unary(pb.COLLECTIONS_ADD_DOCUMENT_TO_COLLECTION, request)

    def list_documents(
        self,
        *,
        collection_id: str,
        limit: int | None = None,
        order: Order | None = None,
        sort_by: DocumentSortBy | None = None,
        name: str | None = None,
        filter: str | None = None,  # noqa: A002  # the API's word
        pagination_token: str | None = None,
        team_id: str | None = None,
    ) -> Page[Document]:
        """List the documents of a collection.

        Args:
            collection_id: The ID of the collection.
            limit: The maximum number of documents on all pages together; all when None.
            order: ``"asc"`` or ``"desc"``; the server's choice when None.
            sort_by: ``"name"``, ``"age"`` or ``"size"``; the server's choice when None.
            name: Only documents with this name.
            filter: An expression of the metadata of files and of ``fields.``; ``:`` is for what
                matches and ``:!`` for what doesn't, such as
                ``status:DOCUMENT_STATUS_PROCESSED AND fields.author:!"Ann"``.
            pagination_token: The token of the page to begin with.
            team_id: The team; that of the key when None.

        Returns:
            The first page; iterating over it goes on with the others.

        Raises:
            NotFoundError: There is no such collection.
            APIError: The call failed.
            TypeError: An argument is of the wrong type.
            ValueError: There is no management key, or an argument is not valid.

        RPC: ``/collections.Collections/ListDocuments``.
        """
        request = list_documents_request(
            collection_id, order=order, sort_by=sort_by, name=name, filter=filter, team_id=team_id
        )
        return Page.listed(
            self._management(),
            pb.COLLECTIONS_LIST_DOCUMENTS,
            request,
            lambda reply: [read_document(each) for each in checked(reply.documents)],
            limit=limit,
            pagination_token=pagination_token,
        )

    def get_document(
        self, *, collection_id: str, file_id: str, team_id: str | None = None
    ) -> Document:
        """Return a document, with the state of its indexing.

        Args:
            collection_id: The ID of the collection.
            file_id: The ID of the document.
            team_id: The team; that of the key when None.

        Raises:
            NotFoundError: There is no such collection or document.
            APIError: The call failed.
            TypeError: An argument is of the wrong type.
            ValueError: There is no management key, or an argument is empty.

        RPC: ``/collections.Collections/GetDocumentMetadata``.
        """
        request = pb.GetDocumentMetadataRequest(
            file_id=non_empty("file_id", file_id),
            team_id=optional_non_empty("team_id", team_id),
            collection_id=non_empty("collection_id", collection_id),
        )
        method = pb.COLLECTIONS_GET_DOCUMENT_METADATA
        return self._management().unary_of(method, request, read_document)

    def batch_get_documents(
        self, *, collection_id: str, file_ids: Sequence[str], team_id: str | None = None
    ) -> list[Document]:
        """Return several documents, with the states of their indexing.

        Args:
            collection_id: The ID of the collection.
            file_ids: The IDs of the documents.
            team_id: The team; that of the key when None.

        Returns:
            The documents, in the order of the IDs; those that the server does not know are left
            out.

        Raises:
            NotFoundError: There is no such collection.
            APIError: The call failed.
            TypeError: An argument is of the wrong type.
            ValueError: There is no management key, an argument is empty, or an ID is there twice.

        RPC: ``/collections.Collections/BatchGetDocuments``.
        """
        wanted = check_file_ids("file_ids", file_ids)
        request = pb.BatchGetDocumentsRequest(
            team_id=optional_non_empty("team_id", team_id),
            collection_id=non_empty("collection_id", collection_id),
            file_ids=wanted,
        )
        places = {file_id: place for place, file_id in enumerate(wanted)}

        def read(reply: pb.BatchGetDocumentsResponse) -> list[Document]:
            found = [read_document(each) for each in checked(reply.documents)]
            return sorted(found, key=lambda each: places.get(each.file_id, len(places)))

        method = pb.COLLECTIONS_BATCH_GET_DOCUMENTS
        return self._management().unary_of(method, request, read)

    def update_document(
        self,
        *,
        collection_id: str,
        file_id: str,
        name: str | None = None,
        data: bytes | bytearray | memoryview | None = None,
        content_type: str | None = None,
        fields: Mapping[str, str] | None = None,
        team_id: str | None = None,
    ) -> Document:
        """Change a document; what is None stays as it is.

        The content travels in one message, so it is limited by the largest message that the
        client sends, 20 MiB by default.

        Args:
            collection_id: The ID of the collection.
            file_id: The ID of the document.
            name: The new name.
            data: The new content.
            content_type: The new media type.
            fields: The new values of the collection's fields.
            team_id: The team; that of the key when None.

        Returns:
            The document after the change; new content is indexed from then on.

        Raises:
            NotFoundError: There is no such collection or document.
            APIError: The call failed.
            TypeError: An argument is of the wrong type.
            ValueError: There is no management key, nothing is to be changed, or an argument is
                empty.

        RPC: ``/collections.Collections/UpdateDocument``.
        """
        request = update_document_request(
            collection_id,
            file_id,
            name=name,
            data=data,
            content_type=content_type,
            fields=fields,
            team_id=team_id,
        )
        method = pb.COLLECTIONS_UPDATE_DOCUMENT
        return self._management().unary_of(method, request, read_document)

    def remove_document(
        self, *, collection_id: str, file_id: str, team_id: str | None = None
    ) -> None:
        """Detach a document from a collection; its file stays.

        Args:
            collection_id: The ID of the collection.
            file_id: The ID of the document.
            team_id: The team; that of the key when None.

        Raises:
            NotFoundError: There is no such collection or document.
            APIError: The call failed.
            TypeError: An argument is of the wrong type.
            ValueError: There is no management key, or an argument is empty.

        RPC: ``/collections.Collections/RemoveDocumentFromCollection``.
        """
        request = pb.RemoveDocumentFromCollectionRequest(
            file_id=non_empty("file_id", file_id),
            team_id=optional_non_empty("team_id", team_id),
            collection_id=non_empty("collection_id", collection_id),
        )
        self._management().unary(pb.COLLECTIONS_REMOVE_DOCUMENT_FROM_COLLECTION, request)

    def reindex_document(
        self, *, collection_id: str, file_id: str, team_id: str | None = None
    ) -> None:
        """Index a document again, as its collection now wants it.

        Args:
            collection_id: The ID of the collection.
            file_id: The ID of the document.
            team_id: The team; that of the key when None.

        Raises:
            NotFoundError: There is no such collection or document.
            APIError: The call failed.
            TypeError: An argument is of the wrong type.
            ValueError: There is no management key, or an argument is empty.

        RPC: ``/collections.Collections/ReIndexDocument``.
        """
        request = pb.ReIndexDocumentRequest(
            team_id=optional_non_empty("team_id", team_id),
            collection_id=non_empty("collection_id", collection_id),
            file_id=non_empty("file_id", file_id),
        )
        self._management().unary(pb.COLLECTIONS_RE_INDEX_DOCUMENT, request)

    def wait_for_indexing(
        self,
        *,
        collection_id: str,
        file_ids: Sequence[str],
        timeout: float | timedelta | None = None,
        interval: float | timedelta | None = None,
        on_status: Callable[[Document], object] | None = None,
        team_id: str | None = None,
    ) -> list[Document]:
        """Poll until documents are indexed; several are asked for in one call each time.

        Args:
            collection_id: The ID of the collection.
            file_ids: The IDs of the documents.
            timeout: Seconds to wait in total; 600 when None, no limit when infinite.
            interval: Seconds between polls; 0.1 at first, growing to 5, when None.
            on_status: Called with each document whose state has changed.
            team_id: The team; that of the key when None.

        Returns:
            The documents, in the order of the IDs.

        Raises:
            APIError: A call failed.
            IndexingFailedError: Some could not be indexed; all others are done.
            IndexingTimeoutError: Some are not indexed yet; they can be waited for again.
            TypeError: An argument is of the wrong type.
            ValueError: There is no management key, or an argument is not valid.

        RPC: ``/collections.Collections/BatchGetDocuments``, or for a single document
        ``/collections.Collections/GetDocumentMetadata``.
        """
        wanted = check_file_ids("file_ids", file_ids)
        check_callback("on_status", on_status)
        caller = self._management()
        indexing = Indexing(
            caller,
            non_empty("collection_id", collection_id),
            wanted,
            team_id=optional_non_empty("team_id", team_id),
            on_status=on_status,
        )
        indexing.wait(WaitTimeout(caller, timeout, interval, longest=LONGEST_PAUSE))
        failure = indexing.failure(wanted)
        if failure is not None:
            raise failure
        return [indexing.documents[file_id] for file_id in wanted]
