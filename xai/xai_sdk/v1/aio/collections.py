"""Collections of documents, and searches in them."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from xai._annotations import resolve_lazily
from xai.proto.collections import collections as pb
from xai.proto.xai_api.documents import DOCUMENTS_SEARCH
from xai.xai_sdk.v1.aio.connection import AsyncConnection
from xai.xai_sdk.v1.collections import (
    DEFAULT_INDEXING_TIMEOUT,
    chunks_message,
    field_messages,
    number,
    search_message,
    update_messages,
)
from xai.xai_sdk.v1.failures import translated
from xai.xai_sdk.v1.proto.messages import Message, wrap
from xai.xai_sdk.v1.proto.modules import load
from xai.xai_sdk.v1.telemetry.spans import span

if TYPE_CHECKING:
    from xai.xai_sdk.v1.collections import (
        ChunkConfiguration,
        CollectionSortBy,
        DocumentRetrievalMode,
        DocumentSortBy,
        FieldDefinition,
        FieldDefinitionUpdate,
        HNSWMetric,
        Order,
    )

collections_pb2 = load("collections_pb2")
types_pb2 = load("types_pb2")


class Client:
    """Makes, changes and searches collections; all but searches need the management key.

    Args:
        connection: Makes the calls.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def create(
        self,
        name: str,
        model_name: str | None = None,
        chunk_configuration: "ChunkConfiguration | Message | None" = None,
        metric_space: "HNSWMetric | int | None" = None,
        field_definitions: "Sequence[FieldDefinition | Message] | None" = None,
        description: str | None = None,
    ) -> Message:
        """Create a collection.

        Args:
            name: Its name.
            model_name: The model that embeds its documents.
            chunk_configuration: How documents are cut into chunks.
            metric_space: How distances are measured.
            field_definitions: The fields of its documents.
            description: What it is about.

        Raises:
            ValidationError: A dictionary is not valid.
            ValueError: There is no management key, or a name is not known.
        """
        self._check_key()
        request = collections_pb2.CreateCollectionRequest(
            collection_name=name,
            index_configuration=types_pb2.IndexConfiguration(model_name=model_name)
            if model_name
            else None,
            chunk_configuration=chunks_message(chunk_configuration),
            metric_space=number("metric_space", metric_space),
            field_definitions=field_messages(field_definitions),
            collection_description=description,
        )
        with _span("create_collection") as recorded:
            reply = await self._connection.manage(pb.COLLECTIONS_CREATE_COLLECTION, request)
            recorded.set(lambda: _collection(reply))
            return reply

    async def list(
        self,
        limit: int | None = None,
        order: "Order | int | None" = None,
        sort_by: "CollectionSortBy | int | None" = None,
        filter: str | None = None,  # noqa: A002  # the API's own word
        pagination_token: str | None = None,
    ) -> Message:
        """Return a page of the collections.

        Args:
            limit: The most collections of a page.
            order: ``"asc"`` or ``"desc"``.
            sort_by: ``"name"`` or ``"age"``.
            filter: An expression that says which collections.
            pagination_token: Where the page begins.

        Raises:
            ValueError: There is no management key, or a name is not known.
        """
        request = collections_pb2.ListCollectionsRequest(
            limit=limit,
            order=number("order", order),
            sort_by=number("sort_by of collections", sort_by),
            filter=filter,
            pagination_token=pagination_token,
        )
        return await self._connection.manage(pb.COLLECTIONS_LIST_COLLECTIONS, request)

    async def get(self, collection_id: str) -> Message:
        """Return a collection.

        Args:
            collection_id: The ID of the collection.
        """
        request = collections_pb2.GetCollectionMetadataRequest(collection_id=collection_id)
        return await self._connection.manage(pb.COLLECTIONS_GET_COLLECTION_METADATA, request)

    async def update(
        self,
        collection_id: str,
        name: str | None = None,
        chunk_configuration: "ChunkConfiguration | Message | None" = None,
        field_definitions: "Sequence[FieldDefinitionUpdate | Message] | None" = None,
        description: str | None = None,
    ) -> Message:
        """Change a collection.

        Args:
            collection_id: The ID of the collection.
            name: Its new name.
            chunk_configuration: How documents are cut into chunks from now on.
            field_definitions: Changes of the fields of its documents.
            description: What it is about.

        Raises:
            ValidationError: A dictionary is not valid.
            ValueError: There is nothing to change, or no management key.
        """
        self._check_key()
        given = (name, chunk_configuration, field_definitions, description)
        if all(each is None for each in given):
            raise ValueError("an update needs at least one of the things it can change")
        request = collections_pb2.UpdateCollectionRequest(
            collection_id=collection_id,
            collection_name=name,
            chunk_configuration=chunks_message(chunk_configuration),
            field_definition_updates=update_messages(field_definitions),
            collection_description=description,
        )
        with _span("update_collection") as recorded:
            reply = await self._connection.manage(pb.COLLECTIONS_UPDATE_COLLECTION, request)
            recorded.set(lambda: _collection(reply))
            return reply

    async def delete(self, collection_id: str) -> None:
        """Delete a collection.

        Args:
            collection_id: The ID of the collection.
        """
        request = collections_pb2.DeleteCollectionRequest(collection_id=collection_id)
        with _span("delete_collection", **{"collection.id": collection_id}):
            await self._connection.manage(pb.COLLECTIONS_DELETE_COLLECTION, request)

    async def generate_description(self, collection_id: str) -> str:
        """Return a description of a collection, made by a model.

        Args:
            collection_id: The ID of the collection.
        """
        request = collections_pb2.GenerateCollectionDescriptionRequest(collection_id=collection_id)
        method = pb.COLLECTIONS_GENERATE_COLLECTION_DESCRIPTION
        with _span("generate_collection_description", **{"collection.id": collection_id}):
            reply = await self._connection.manage(method, request)
            return str(reply.collection_description)

    async def search(
        self,
        query: str,
        collection_ids: Sequence[str],
        limit: int | None = None,
        *,
        instructions: str | None = None,
        retrieval_mode: "DocumentRetrievalMode | Message | None" = None,
    ) -> Message:
        """Search documents, which needs no management key.

        Args:
            query: What to search for.
            collection_ids: The collections to search.
            limit: The most results.
            instructions: How to search and to rank.
            retrieval_mode: How documents are found: a name, or a message with options.

        Raises:
            ValueError: There is no such mode.
        """
        request = search_message(query, collection_ids, limit, instructions, retrieval_mode)
        return await self._connection.call(DOCUMENTS_SEARCH, request)

    async def upload_document(
        self,
        collection_id: str,
        name: str,
        data: bytes,
        fields: Mapping[str, str] | None = None,
        *,
        wait_for_indexing: bool = False,
        poll_interval: timedelta | None = None,
        timeout: timedelta | None = None,
    ) -> Message:
        """Upload a file, and make it a document of a collection.

        Args:
            collection_id: The ID of the collection.
            name: The name of the document.
            data: Its content.
            fields: The values of the collection's fields.
            wait_for_indexing: Whether to wait until searches find it.
            poll_interval: The pause between two polls; a tenth of a second, growing to five, when
                None.
            timeout: How long to wait; two minutes when None.

        Raises:
            TimeoutError: It was not indexed in time.
            ValueError: It could not be indexed, or there is no management key.
        """
        self._check_key()
        with _span("upload_document") as recorded, translated():
            document = await self._connection.client.collections.upload_document(
                data,
                collection_id=collection_id,
                name=name,
                fields=fields,
                wait_for_indexing=wait_for_indexing,
                interval=poll_interval or None,
                timeout=timeout or DEFAULT_INDEXING_TIMEOUT,
            )
            recorded.set(lambda: {"file.id": document.file_id, "file.name": document.name})
            return wrap(document.proto)

    async def add_existing_document(
        self, collection_id: str, file_id: str, fields: Mapping[str, str] | None = None
    ) -> None:
        """Make a file a document of a collection.

        Args:
            collection_id: The ID of the collection.
            file_id: The ID of the file.
            fields: The values of the collection's fields.
        """
        request = collections_pb2.AddDocumentToCollectionRequest(
            collection_id=collection_id, file_id=file_id, fields=fields
        )
        with _document_span("add_existing_document", collection_id, file_id):
            await self._connection.manage(pb.COLLECTIONS_ADD_DOCUMENT_TO_COLLECTION, request)

    async def list_documents(
        self,
        collection_id: str,
        limit: int | None = None,
        order: "Order | int | None" = None,
        sort_by: "DocumentSortBy | int | None" = None,
        pagination_token: str | None = None,
        filter: str | None = None,  # noqa: A002  # the API's own word
    ) -> Message:
        """Return a page of the documents of a collection.

        Args:
            collection_id: The ID of the collection.
            limit: The most documents of a page.
            order: ``"asc"`` or ``"desc"``.
            sort_by: ``"name"``, ``"age"`` or ``"size"``.
            pagination_token: Where the page begins.
            filter: An expression that says which documents.

        Raises:
            ValueError: There is no management key, or a name is not known.
        """
        request = collections_pb2.ListDocumentsRequest(
            collection_id=collection_id,
            limit=limit,
            order=number("order", order),
            sort_by=number("sort_by of documents", sort_by),
            pagination_token=pagination_token,
            filter=filter,
        )
        return await self._connection.manage(pb.COLLECTIONS_LIST_DOCUMENTS, request)

    async def get_document(self, file_id: str, collection_id: str) -> Message:
        """Return a document.

        Args:
            file_id: The ID of the file.
            collection_id: The ID of the collection.
        """
        request = collections_pb2.GetDocumentMetadataRequest(
            file_id=file_id, collection_id=collection_id
        )
        return await self._connection.manage(pb.COLLECTIONS_GET_DOCUMENT_METADATA, request)

    async def batch_get_documents(self, collection_id: str, file_ids: Sequence[str]) -> Message:
        """Return several documents of a collection.

        Args:
            collection_id: The ID of the collection.
            file_ids: The IDs of the files.
        """
        request = collections_pb2.BatchGetDocumentsRequest(
            collection_id=collection_id, file_ids=file_ids
        )
        return await self._connection.manage(pb.COLLECTIONS_BATCH_GET_DOCUMENTS, request)

    async def remove_document(self, collection_id: str, file_id: str) -> None:
        """Take a document out of a collection; the file stays.

        Args:
            collection_id: The ID of the collection.
            file_id: The ID of the file.
        """
        request = collections_pb2.RemoveDocumentFromCollectionRequest(
            collection_id=collection_id, file_id=file_id
        )
        with _document_span("remove_document", collection_id, file_id):
            await self._connection.manage(pb.COLLECTIONS_REMOVE_DOCUMENT_FROM_COLLECTION, request)

    async def update_document(
        self,
        collection_id: str,
        file_id: str,
        name: str | None = None,
        data: bytes | None = None,
        content_type: str | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> Message:
        """Change a document.

        Args:
            collection_id: The ID of the collection.
            file_id: The ID of the file.
            name: Its new name.
            data: Its new content.
            content_type: The type of the content.
            fields: New values of the collection's fields.
        """
        request = collections_pb2.UpdateDocumentRequest(
            collection_id=collection_id,
            file_id=file_id,
            name=name,
            data=data,
            content_type=content_type,
            fields=fields,
        )
        with _document_span("update_document", collection_id, file_id):
            return await self._connection.manage(pb.COLLECTIONS_UPDATE_DOCUMENT, request)

    async def reindex_document(self, collection_id: str, file_id: str) -> None:
        """Index a document again.

        Args:
            collection_id: The ID of the collection.
            file_id: The ID of the file.
        """
        request = collections_pb2.ReIndexDocumentRequest(
            collection_id=collection_id, file_id=file_id
        )
        with _document_span("reindex_document", collection_id, file_id):
            await self._connection.manage(pb.COLLECTIONS_RE_INDEX_DOCUMENT, request)

    def _check_key(self) -> None:
        if not self._connection.has_management_key:
            raise ValueError("Please provide a management API key.")


def _span(operation: str, **facts: str) -> span:
    attributes = {"operation.name": operation, "provider.name": "xai", **facts}
    return span(__name__, f"collections.{operation}", lambda: attributes)


def _document_span(operation: str, collection_id: str, file_id: str) -> span:
    return _span(operation, **{"collection.id": collection_id, "file.id": file_id})


def _collection(reply: Message) -> dict[str, str]:
    return {"collection.id": reply.collection_id, "collection.name": reply.collection_name}


resolve_lazily(globals())
