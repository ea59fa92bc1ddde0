# Generated from xai/api/v1/collections.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The server's side of the services of xai/api/v1/collections.proto."""

from betterproto.lib.google.protobuf import Empty

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
from xai.proto.server_base import Handler, ServiceBase


class CollectionsBase(ServiceBase):
    """Manages collections and their documents, at the management host."""

    async def create_collection(self, request: CreateCollectionRequest) -> CollectionMetadata:
        """Make a collection."""
        raise self._unimplemented(COLLECTIONS_CREATE_COLLECTION)

    async def list_collections(self, request: ListCollectionsRequest) -> ListCollectionsResponse:
        """List the collections of the team, page by page."""
        raise self._unimplemented(COLLECTIONS_LIST_COLLECTIONS)

    async def delete_collection(self, request: DeleteCollectionRequest) -> Empty:
        """Delete a collection.

        Not to be repeated unasked: a repeat gets NOT_FOUND, which reads as a failure.
        """
        raise self._unimplemented(COLLECTIONS_DELETE_COLLECTION)

    async def get_collection_metadata(
        self, request: GetCollectionMetadataRequest
    ) -> CollectionMetadata:
        """Describe a collection."""
        raise self._unimplemented(COLLECTIONS_GET_COLLECTION_METADATA)

    async def update_document(self, request: UpdateDocumentRequest) -> DocumentMetadata:
        """Replace what is given of a document.

        Safe to repeat: the same values are set again.
        """
        raise self._unimplemented(COLLECTIONS_UPDATE_DOCUMENT)

    async def list_documents(self, request: ListDocumentsRequest) -> ListDocumentsResponse:
        """List the documents of a collection, page by page."""
        raise self._unimplemented(COLLECTIONS_LIST_DOCUMENTS)

    async def get_document_metadata(self, request: GetDocumentMetadataRequest) -> DocumentMetadata:
        """Describe a document, and how far its indexing is."""
        raise self._unimplemented(COLLECTIONS_GET_DOCUMENT_METADATA)

    async def add_document_to_collection(self, request: AddDocumentToCollectionRequest) -> Empty:
        """Attach an uploaded file to a collection, and begin to index it."""
        raise self._unimplemented(COLLECTIONS_ADD_DOCUMENT_TO_COLLECTION)

    async def remove_document_from_collection(
        self, request: RemoveDocumentFromCollectionRequest
    ) -> Empty:
        """Detach a document from a collection; its file stays.

        Not to be repeated unasked: a repeat gets NOT_FOUND, which reads as a failure.
        """
        raise self._unimplemented(COLLECTIONS_REMOVE_DOCUMENT_FROM_COLLECTION)

    async def re_index_document(self, request: ReIndexDocumentRequest) -> Empty:
        """Index a document again, as its collection now wants it."""
        raise self._unimplemented(COLLECTIONS_RE_INDEX_DOCUMENT)

    async def update_collection(self, request: UpdateCollectionRequest) -> CollectionMetadata:
        """Change what is given of a collection."""
        raise self._unimplemented(COLLECTIONS_UPDATE_COLLECTION)

    async def batch_get_documents(
        self, request: BatchGetDocumentsRequest
    ) -> BatchGetDocumentsResponse:
        """Describe several documents."""
        raise self._unimplemented(COLLECTIONS_BATCH_GET_DOCUMENTS)

    async def generate_collection_description(
        self, request: GenerateCollectionDescriptionRequest
    ) -> GenerateCollectionDescriptionResponse:
        """Have a model describe a collection from samples of it."""
        raise self._unimplemented(COLLECTIONS_GENERATE_COLLECTION_DESCRIPTION)

    def __mapping__(self) -> dict[str, Handler]:
        """Return what answers each path, as grpclib asks for it."""
        return {
            COLLECTIONS_CREATE_COLLECTION.path: self._unary_handler(
                COLLECTIONS_CREATE_COLLECTION, self.create_collection
            ),
            COLLECTIONS_LIST_COLLECTIONS.path: self._unary_handler(
                COLLECTIONS_LIST_COLLECTIONS, self.list_collections
            ),
            COLLECTIONS_DELETE_COLLECTION.path: self._unary_handler(
                COLLECTIONS_DELETE_COLLECTION, self.delete_collection
            ),
            COLLECTIONS_GET_COLLECTION_METADATA.path: self._unary_handler(
                COLLECTIONS_GET_COLLECTION_METADATA, self.get_collection_metadata
            ),
            COLLECTIONS_UPDATE_DOCUMENT.path: self._unary_handler(
                COLLECTIONS_UPDATE_DOCUMENT, self.update_document
            ),
            COLLECTIONS_LIST_DOCUMENTS.path: self._unary_handler(
                COLLECTIONS_LIST_DOCUMENTS, self.list_documents
            ),
            COLLECTIONS_GET_DOCUMENT_METADATA.path: self._unary_handler(
                COLLECTIONS_GET_DOCUMENT_METADATA, self.get_document_metadata
            ),
            COLLECTIONS_ADD_DOCUMENT_TO_COLLECTION.path: self._unary_handler(
                COLLECTIONS_ADD_DOCUMENT_TO_COLLECTION, self.add_document_to_collection
            ),
            COLLECTIONS_REMOVE_DOCUMENT_FROM_COLLECTION.path: self._unary_handler(
                COLLECTIONS_REMOVE_DOCUMENT_FROM_COLLECTION, self.remove_document_from_collection
            ),
            COLLECTIONS_RE_INDEX_DOCUMENT.path: self._unary_handler(
                COLLECTIONS_RE_INDEX_DOCUMENT, self.re_index_document
            ),
            COLLECTIONS_UPDATE_COLLECTION.path: self._unary_handler(
                COLLECTIONS_UPDATE_COLLECTION, self.update_collection
            ),
            COLLECTIONS_BATCH_GET_DOCUMENTS.path: self._unary_handler(
                COLLECTIONS_BATCH_GET_DOCUMENTS, self.batch_get_documents
            ),
            COLLECTIONS_GENERATE_COLLECTION_DESCRIPTION.path: self._unary_handler(
                COLLECTIONS_GENERATE_COLLECTION_DESCRIPTION, self.generate_collection_description
            ),
        }
