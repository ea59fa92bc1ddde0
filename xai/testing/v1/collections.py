"""The service collections.Collections of the local server."""

from collections.abc import Iterator, Mapping

from betterproto.lib.google.protobuf import Empty
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from xai.proto.collections import collections as pb
from xai.proto.collections.collections_server import CollectionsBase
from xai.proto.shared.shared import Ordering
from xai.testing.engine.library import Library
from xai.testing.v1.auth import TEAM
from xai.testing.v1.collection_filters import Filter, FilterError, Value
from xai.testing.v1.collection_state import CollectionStore, StoredCollection
from xai.testing.v1.indexing import FileSource, IndexedDocument, Indexer
from xai.testing.v1.pages import page

_COLLECTION_FIELDS = ("collection_id", "collection_name", "created_at", "documents_count")
_DOCUMENT_FIELDS = (
    "file_id",
    "name",
    "size_bytes",
    "content_type",
    "created_at",
    "expires_at",
    "hash",
    "status",
    "error_message",
    "last_indexed_at",
    "chunk_count",
    "fields.",
)


class LocalCollections(CollectionsBase):
    """Serves ``collections.Collections`` to management keys.

    Args:
        store: The collections.
        files: The files that can be attached to them.
        indexer: Indexes documents.
        library: Knows which words say most about a text.
    """

    acls: Mapping[str, str] = {}

    def __init__(
        self, store: CollectionStore, files: FileSource, indexer: Indexer, library: Library
    ) -> None:
        self._store = store
        self._files = files
        self._indexer = indexer
        self._library = library

    async def create_collection(self, request: pb.CreateCollectionRequest) -> pb.CollectionMetadata:
        """Create a collection."""
        _check_team(request.team_id)
        return self._store.create(request).metadata()

    async def list_collections(
        self, request: pb.ListCollectionsRequest
    ) -> pb.ListCollectionsResponse:
        """List the collections, page by page."""
        _check_team(request.team_id)
        sort = request.sort_by or pb.CollectionsSortBy.COLLECTIONS_SORT_BY_NAME
        found = [
            each
            for each in self._store
            if _wanted(request.filter, _COLLECTION_FIELDS, _collection_entry(each))
        ]
        if sort == pb.CollectionsSortBy.COLLECTIONS_SORT_BY_AGE:
            found.sort(key=lambda each: each.created_at)
        else:
            found.sort(key=lambda each: (each.name, each.created_at))
        if request.order != Ordering.ORDERING_ASCENDING:
            found.reverse()
        query = (sort, request.order, request.filter)
        items, token = page(found, request.limit, request.pagination_token, query)
        return pb.ListCollectionsResponse(
            collections=[each.metadata() for each in items], pagination_token=token
        )

    async def get_collection_metadata(
        self, request: pb.GetCollectionMetadataRequest
    ) -> pb.CollectionMetadata:
        """Describe a collection."""
        _check_team(request.team_id)
        return self._store.get(request.collection_id).metadata()

    async def update_collection(self, request: pb.UpdateCollectionRequest) -> pb.CollectionMetadata:
        """Change what is given of a collection."""
        _check_team(request.team_id)
        collection = self._store.get(request.collection_id)
        collection.update(request)
        return collection.metadata()

    async def delete_collection(self, request: pb.DeleteCollectionRequest) -> Empty:
        """Delete a collection; its files stay."""
        _check_team(request.team_id)
        self._store.delete(request.collection_id)
        return Empty()

    async def generate_collection_description(
        self, request: pb.GenerateCollectionDescriptionRequest
    ) -> pb.GenerateCollectionDescriptionResponse:
        """Name the words that say most about what is indexed; nothing of nothing."""
        collection = self._store.get(request.collection_id)
        text = "\n".join(
            chunk.text for document in collection.documents.values() for chunk in document.chunks
        )
        words = self._library.key_words(text, 3)
        said = ""
        if words:
            said = (
                f"Documents about {', '.join(words[:-1])} and {words[-1]}."
                if words[1:]
                else f"Documents about {words[0]}."
            )
        return pb.GenerateCollectionDescriptionResponse(collection_description=said)

    async def add_document_to_collection(self, request: pb.AddDocumentToCollectionRequest) -> Empty:
        """Attach a file to a collection, and begin to index it."""
        _check_team(request.team_id)
        collection = self._store.get(request.collection_id)
        file = self._files.find(request.file_id)
        if file is None:
            raise GRPCError(Status.NOT_FOUND, f"There is no file {request.file_id!r}.")
        if request.file_id in collection.documents:
            text = f"The file {request.file_id!r} is in the collection already."
            raise GRPCError(Status.ALREADY_EXISTS, text)
        collection.check_fields(request.fields)
        collection.documents[file.file_id] = IndexedDocument(
            file, request.fields, self._indexer, collection.index_settings()
        )
        return Empty()

    async def list_documents(self, request: pb.ListDocumentsRequest) -> pb.ListDocumentsResponse:
        """List the documents of a collection, page by page."""
        _check_team(request.team_id)
        collection = self._store.get(request.collection_id)
        sort = request.sort_by or pb.DocumentsSortBy.DOCUMENTS_SORT_BY_NAME
        looks = [(each, each.look()) for each in collection.documents.values()]
        found = [
            (document, metadata)
            for document, metadata in looks
            if request.name in (None, "", document.file.name)
            and _wanted(request.filter, _DOCUMENT_FIELDS, _document_entry(metadata))
        ]
        if sort == pb.DocumentsSortBy.DOCUMENTS_SORT_BY_AGE:
            found.sort(key=lambda each: each[0].added_at)
        elif sort == pb.DocumentsSortBy.DOCUMENTS_SORT_BY_SIZE:
            found.sort(key=lambda each: (len(each[0].file.content), each[0].file.name))
        else:
            found.sort(key=lambda each: (each[0].file.name, each[0].added_at))
        if request.order != Ordering.ORDERING_ASCENDING:
            found.reverse()
        query = (request.collection_id, sort, request.order, request.name, request.filter)
        items, token = page(found, request.limit, request.pagination_token, query)
        return pb.ListDocumentsResponse(
            documents=[metadata for _, metadata in items], pagination_token=token
        )

    async def get_document_metadata(
        self, request: pb.GetDocumentMetadataRequest
    ) -> pb.DocumentMetadata:
        """Describe a document."""
        _check_team(request.team_id)
        return self._store.get(request.collection_id).document(request.file_id).look()

    async def batch_get_documents(
        self, request: pb.BatchGetDocumentsRequest
    ) -> pb.BatchGetDocumentsResponse:
        """Describe several documents; those that are not there are left out."""
        _check_team(request.team_id)
        documents = self._store.get(request.collection_id).documents
        found = [documents[each].look() for each in request.file_ids if each in documents]
        return pb.BatchGetDocumentsResponse(documents=found)

    async def update_document(self, request: pb.UpdateDocumentRequest) -> pb.DocumentMetadata:
        """Change what is given of a document, and index it again."""
        _check_team(request.team_id)
        collection = self._store.get(request.collection_id)
        document = collection.document(request.file_id)
        fields = {**document.fields, **request.fields}
        collection.check_fields(fields, besides=request.file_id)
        file = document.file
        if any(each is not None for each in (request.name, request.data, request.content_type)):
            document.file = self._files.replace(
                file.file_id,
                file.name if request.name is None else request.name,
                file.content if request.data is None else request.data,
                file.content_type if request.content_type is None else request.content_type,
            )
        document.fields = fields
        document.index(collection.index_settings())
        return document.look()

    async def remove_document_from_collection(
        self, request: pb.RemoveDocumentFromCollectionRequest
    ) -> Empty:
        """Detach a document; its file stays."""
        _check_team(request.team_id)
        collection = self._store.get(request.collection_id)
        collection.document(request.file_id)
        del collection.documents[request.file_id]
        return Empty()

    async def re_index_document(self, request: pb.ReIndexDocumentRequest) -> Empty:
        """Index a document again, as its collection now wants it."""
        _check_team(request.team_id)
        collection = self._store.get(request.collection_id)
        collection.document(request.file_id).index(collection.index_settings())
        return Empty()


def _check_team(team_id: str | None) -> None:
    if team_id not in (None, TEAM):
        text = f"The key may not act for the team {team_id!r}; its own is {TEAM!r}."
        raise GRPCError(Status.PERMISSION_DENIED, text)


def _wanted(text: str | None, fields: tuple[str, ...], entry: Iterator[tuple[str, Value]]) -> bool:
    if not text:
        return True
    try:
        return Filter(text, fields).matches(dict(entry))
    except FilterError as error:
        raise GRPCError(Status.INVALID_ARGUMENT, str(error)) from error


def _collection_entry(collection: StoredCollection) -> Iterator[tuple[str, Value]]:
    yield "collection_id", collection.collection_id
    yield "collection_name", collection.name
    yield "created_at", collection.created_at
    yield "documents_count", len(collection.documents)


def _document_entry(metadata: pb.DocumentMetadata) -> Iterator[tuple[str, Value]]:
    file = metadata.file_metadata
    yield from (
        ("file_id", file.file_id),
        ("name", file.name),
        ("size_bytes", file.size_bytes),
        ("content_type", file.content_type),
        ("created_at", file.created_at),
        ("expires_at", file.expires_at if file.is_set("expires_at") else None),
        ("hash", file.hash),
        ("status", pb.DocumentStatus(metadata.status).name),
        ("error_message", metadata.error_message),
        ("chunk_count", metadata.chunk_count),
    )
    if metadata.is_set("last_indexed_at"):
        yield "last_indexed_at", metadata.last_indexed_at
    for key, value in metadata.fields.items():
        yield f"fields.{key}", value
