# Generated from xai/api/v1/collections.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The asynchronous services of xai/api/v1/collections.proto."""

from betterproto.lib.google.protobuf import Empty

from xai._secrets import conceal
from xai.options import NOT_GIVEN, Metadata, NotGiven, Timeouts
from xai.proto.base import AsyncServiceStub
from xai.proto.collections.collections import (
    COLLECTIONS_ADD_DOCUMENT_TO_COLLECTION,
    COLLECTIONS_BATCH_GET_DOCUMENTS,
    COLLECTIONS_CREATE_COLLECTION,
    COLLECTIONS_DELETE_COLLECTION,
    COLLECTIONS_GENERATE_COLLECTION_DESCRIPTION,
    COLLECTIONS_GET_COLLECTION_METADATA,
    COLLECTIONS_GET_DOCUMENT_METADATA,
    COLLECTIONS_LIST_COLLECTIONS,
    COLLECTIONS_LIST_DOCUMENTS,
    COLLECTIONS_RE_INDEX_DOCUMENT,
    COLLECTIONS_REMOVE_DOCUMENT_FROM_COLLECTION,
    COLLECTIONS_UPDATE_COLLECTION,
    COLLECTIONS_UPDATE_DOCUMENT,
    AddDocumentToCollectionRequest,
    BatchGetDocumentsRequest,
    BatchGetDocumentsResponse,
    CollectionMetadata,
    CreateCollectionRequest,
    DeleteCollectionRequest,
    DocumentMetadata,
    GenerateCollectionDescriptionRequest,
    GenerateCollectionDescriptionResponse,
    GetCollectionMetadataRequest,
    GetDocumentMetadataRequest,
    ListCollectionsRequest,
    ListCollectionsResponse,
    ListDocumentsRequest,
    ListDocumentsResponse,
    ReIndexDocumentRequest,
    RemoveDocumentFromCollectionRequest,
    UpdateCollectionRequest,
    UpdateDocumentRequest,
)


class AsyncCollectionsStub(AsyncServiceStub):
    """Manages collections and their documents, at the management host."""

    async def create_collection(
        self,
        request: CreateCollectionRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> CollectionMetadata:
        """Make a collection."""
        pairs, metadata = conceal(metadata), ()
        return await self._unary(
            COLLECTIONS_CREATE_COLLECTION, request, timeout=timeout, metadata=pairs
        )

    async def list_collections(
        self,
        request: ListCollectionsRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> ListCollectionsResponse:
        """List the collections of the team, page by page."""
        pairs, metadata = conceal(metadata), ()
        return await self._unary(
            COLLECTIONS_LIST_COLLECTIONS, request, timeout=timeout, metadata=pairs
        )

    async def delete_collection(
        self,
        request: DeleteCollectionRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> Empty:
        """Delete a collection.

        Not to be repeated unasked: a repeat gets NOT_FOUND, which reads as a failure.
        """
        pairs, metadata = conceal(metadata), ()
        return await self._unary(
            COLLECTIONS_DELETE_COLLECTION, request, timeout=timeout, metadata=pairs
        )

    async def get_collection_metadata(
        self,
        request: GetCollectionMetadataRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> CollectionMetadata:
        """Describe a collection."""
        pairs, metadata = conceal(metadata), ()
        return await self._unary(
            COLLECTIONS_GET_COLLECTION_METADATA, request, timeout=timeout, metadata=pairs
        )

    async def update_document(
        self,
        request: UpdateDocumentRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> DocumentMetadata:
        """Replace what is given of a document.

        Safe to repeat: the same values are set again.
        """
        pairs, metadata = conceal(metadata), ()
        return await self._unary(
            COLLECTIONS_UPDATE_DOCUMENT, request, timeout=timeout, metadata=pairs
        )

    async def list_documents(
        self,
        request: ListDocumentsRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> ListDocumentsResponse:
        """List the documents of a collection, page by page."""
        pairs, metadata = conceal(metadata), ()
        return await self._unary(
            COLLECTIONS_LIST_DOCUMENTS, request, timeout=timeout, metadata=pairs
        )

    async def get_document_metadata(
        self,
        request: GetDocumentMetadataRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> DocumentMetadata:
        """Describe a document, and how far its indexing is."""
        pairs, metadata = conceal(metadata), ()
        return await self._unary(
            COLLECTIONS_GET_DOCUMENT_METADATA, request, timeout=timeout, metadata=pairs
        )

    async def add_document_to_collection(
        self,
        request: AddDocumentToCollectionRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> Empty:
        """Attach an uploaded file to a collection, and begin to index it."""
        pairs, metadata = conceal(metadata), ()
        return await self._unary(
            COLLECTIONS_ADD_DOCUMENT_TO_COLLECTION, request, timeout=timeout, metadata=pairs
        )

    async def remove_document_from_collection(
        self,
        request: RemoveDocumentFromCollectionRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> Empty:
        """Detach a document from a collection; its file stays.

        Not to be repeated unasked: a repeat gets NOT_FOUND, which reads as a failure.
        """
        pairs, metadata = conceal(metadata), ()
        return await self._unary(
            COLLECTIONS_REMOVE_DOCUMENT_FROM_COLLECTION, request, timeout=timeout, metadata=pairs
        )

    async def re_index_document(
        self,
        request: ReIndexDocumentRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> Empty:
        """Index a document again, as its collection now wants it."""
        pairs, metadata = conceal(metadata), ()
        return await self._unary(
            COLLECTIONS_RE_INDEX_DOCUMENT, request, timeout=timeout, metadata=pairs
        )

    async def update_collection(
        self,
        request: UpdateCollectionRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> CollectionMetadata:
        """Change what is given of a collection."""
        pairs, metadata = conceal(metadata), ()
        return await self._unary(
            COLLECTIONS_UPDATE_COLLECTION, request, timeout=timeout, metadata=pairs
        )

    async def batch_get_documents(
        self,
        request: BatchGetDocumentsRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> BatchGetDocumentsResponse:
        """Describe several documents."""
        pairs, metadata = conceal(metadata), ()
        return await self._unary(
            COLLECTIONS_BATCH_GET_DOCUMENTS, request, timeout=timeout, metadata=pairs
        )

    async def generate_collection_description(
        self,
        request: GenerateCollectionDescriptionRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> GenerateCollectionDescriptionResponse:
        """Have a model describe a collection from samples of it."""
        pairs, metadata = conceal(metadata), ()
        return await self._unary(
            COLLECTIONS_GENERATE_COLLECTION_DESCRIPTION, request, timeout=timeout, metadata=pairs
        )
