# Generated from xai/api/v1/collections.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""Collections of documents that can be searched."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import betterproto
from betterproto.lib.google.protobuf import Empty

from xai.proto import base
from xai.proto.rag.types import ChunkConfiguration, HnswMetric, IndexConfiguration
from xai.proto.shared.shared import Ordering


class CollectionsSortBy(base.Enum):
    """What collections can be sorted by."""

    COLLECTIONS_SORT_BY_NAME = 0
    """Their names."""

    COLLECTIONS_SORT_BY_AGE = 1
    """When they were made."""


class FieldDefinitionOperation(base.Enum):
    """What can be done with a field of a collection."""

    FIELD_DEFINITION_ADD = 0
    """Add it."""

    FIELD_DEFINITION_DELETE = 1
    """Delete it, with its values in all documents."""


class DocumentsSortBy(base.Enum):
    """What documents can be sorted by."""

    DOCUMENTS_SORT_BY_NAME = 0
    """Their names."""

    DOCUMENTS_SORT_BY_SIZE = 1
    """Their sizes."""

    DOCUMENTS_SORT_BY_AGE = 2
    """When they were attached."""


class DocumentStatus(base.Enum):
    """States of the indexing of a document."""

    DOCUMENT_STATUS_UNKNOWN = 0
    """It is not known."""

    DOCUMENT_STATUS_PROCESSING = 1
    """Not finished."""

    DOCUMENT_STATUS_PROCESSED = 2
    """It is done."""

    DOCUMENT_STATUS_FAILED = 3
    """Failed."""

    DOCUMENT_STATUS_CHUNKED = 4
    """The document is cut into parts."""

    DOCUMENT_STATUS_EMBEDDING = 5
    """The parts are turned into vectors."""

    DOCUMENT_STATUS_WRITING = 6
    """The vectors are stored."""


@dataclass(eq=False, repr=False)
class FieldDefinition(base.Message):
    """A field that the documents of a collection can have."""

    key: str = betterproto.string_field(1)
    """Its name."""

    required: bool = betterproto.bool_field(2)
    """Refuse documents without it."""

    inject_into_chunk: bool = betterproto.bool_field(3)
    """Put its value in front of each part of a document."""

    unique: bool = betterproto.bool_field(4)
    """Refuse a document with a value that another one has."""

    description: "str | None" = betterproto.string_field(5, optional=True)
    """What it is for."""


@dataclass(eq=False, repr=False)
class FieldDefinitionUpdate(base.Message):
    """A change of the fields of a collection."""

    field_definition: "FieldDefinition" = betterproto.message_field(1)
    """The field; only its name matters when it is deleted."""

    operation: "FieldDefinitionOperation" = betterproto.enum_field(2)
    """What to do with it."""


@dataclass(eq=False, repr=False)
class CreateCollectionRequest(base.Message):
    """Makes a collection."""

    team_id: "str | None" = betterproto.string_field(1, optional=True)
    """The team; the key's own when unset."""

    collection_name: str = betterproto.string_field(2)
    """Its name."""

    index_configuration: "IndexConfiguration | None" = betterproto.message_field(4, optional=True)
    """How it is indexed."""

    chunk_configuration: "ChunkConfiguration | None" = betterproto.message_field(5, optional=True)
    """How documents are cut into parts."""

    metric_space: "HnswMetric | None" = betterproto.enum_field(7, optional=True)
    """How the distance of two vectors is measured."""

    field_definitions: "list[FieldDefinition]" = betterproto.message_field(9)
    """The fields of its documents."""

    collection_description: "str | None" = betterproto.string_field(10, optional=True)
    """What it is for."""


@dataclass(eq=False, repr=False)
class CollectionMetadata(base.Message):
    """A collection."""

    collection_id: str = betterproto.string_field(1)
    """Its ID."""

    collection_name: str = betterproto.string_field(2)
    """Its name."""

    created_at: datetime = betterproto.message_field(3)
    """When it was made."""

    index_configuration: "IndexConfiguration" = betterproto.message_field(4)
    """How it is indexed."""

    chunk_configuration: "ChunkConfiguration" = betterproto.message_field(5)
    """How documents are cut into parts."""

    documents_count: int = betterproto.int32_field(6)
    """Number of documents."""

    field_definitions: "list[FieldDefinition]" = betterproto.message_field(8)
    """The fields of its documents."""

    collection_description: "str | None" = betterproto.string_field(9, optional=True)
    """What it is for."""

    total_file_size: int = betterproto.int64_field(10)
    """The size of all its files, in bytes."""


@dataclass(eq=False, repr=False)
class ListCollectionsRequest(base.Message):
    """Asks for a page of collections."""

    team_id: "str | None" = betterproto.string_field(1, optional=True)
    """The team; the key's own when unset."""

    limit: "int | None" = betterproto.int32_field(2, optional=True)
    """Maximum number of entries of the page; the server decides when unset."""

    order: "Ordering | None" = betterproto.enum_field(3, optional=True)
    """Which end comes first."""

    sort_by: "CollectionsSortBy | None" = betterproto.enum_field(4, optional=True)
    """What they are sorted by."""

    pagination_token: "str | None" = betterproto.string_field(5, optional=True)
    """Pagination token of the previous page."""

    filter: "str | None" = betterproto.string_field(6, optional=True)
    """An expression that entries have to match."""


@dataclass(eq=False, repr=False)
class ListCollectionsResponse(base.Message):
    """A page of collections."""

    collections: "list[CollectionMetadata]" = betterproto.message_field(1)
    """The collections."""

    pagination_token: "str | None" = betterproto.string_field(2, optional=True)
    """Token of the next page; unset on the last one."""


@dataclass(eq=False, repr=False)
class DeleteCollectionRequest(base.Message):
    """Names the collection to delete."""

    team_id: "str | None" = betterproto.string_field(1, optional=True)
    """The team; the key's own when unset."""

    collection_id: str = betterproto.string_field(2)
    """The collection."""


@dataclass(eq=False, repr=False)
class GetCollectionMetadataRequest(base.Message):
    """Names a collection."""

    team_id: "str | None" = betterproto.string_field(1, optional=True)
    """The team; the key's own when unset."""

    collection_id: str = betterproto.string_field(2)
    """The collection."""


@dataclass(eq=False, repr=False)
class FileMetadata(base.Message):
    """The file of a document."""

    file_id: str = betterproto.string_field(1)
    """The ID of the file."""

    name: str = betterproto.string_field(2)
    """Its name."""

    size_bytes: int = betterproto.int64_field(3)
    """Its size in bytes."""

    content_type: str = betterproto.string_field(4)
    """Its media type."""

    created_at: datetime = betterproto.message_field(5)
    """When it was uploaded."""

    expires_at: datetime = betterproto.message_field(6)
    """When it will be deleted."""

    hash: str = betterproto.string_field(7)
    """A hash of its content."""

    upload_status: "str | None" = betterproto.string_field(8, optional=True)
    """State of its upload."""

    upload_error_message: "str | None" = betterproto.string_field(9, optional=True)
    """Why its upload failed."""

    processing_status: "str | None" = betterproto.string_field(10, optional=True)
    """State of its processing."""

    file_path: "str | None" = betterproto.string_field(11, optional=True)
    """Where it is kept."""


@dataclass(eq=False, repr=False)
class DocumentMetadata(base.Message):
    """A document: a file that is attached to a collection."""

    file_metadata: "FileMetadata" = betterproto.message_field(1)
    """The file."""

    fields: "dict[str, str]" = betterproto.map_field(
        2, betterproto.TYPE_STRING, betterproto.TYPE_STRING
    )
    """The values of the collection's fields."""

    status: "DocumentStatus" = betterproto.enum_field(3)
    """State of its indexing."""

    error_message: "str | None" = betterproto.string_field(4, optional=True)
    """Why its indexing failed."""

    last_indexed_at: datetime = betterproto.message_field(5)
    """When it was last indexed."""

    chunk_count: "int | None" = betterproto.int32_field(6, optional=True)
    """Number of parts."""

    chunks_processed_count: "int | None" = betterproto.int64_field(7, optional=True)
    """Number of indexed documents."""


@dataclass(eq=False, repr=False)
class ListDocumentsRequest(base.Message):
    """Asks for a page of the documents of a collection."""

    team_id: "str | None" = betterproto.string_field(1, optional=True)
    """The team; the key's own when unset."""

    collection_id: str = betterproto.string_field(2)
    """The collection."""

    limit: "int | None" = betterproto.int32_field(3, optional=True)
    """Maximum number of entries of the page; the server decides when unset."""

    order: "Ordering | None" = betterproto.enum_field(4, optional=True)
    """Which end comes first."""

    sort_by: "DocumentsSortBy | None" = betterproto.enum_field(5, optional=True)
    """What they are sorted by."""

    pagination_token: "str | None" = betterproto.string_field(6, optional=True)
    """Pagination token of the previous page."""

    name: "str | None" = betterproto.string_field(7, optional=True)
    """Only documents with this name."""

    filter: "str | None" = betterproto.string_field(8, optional=True)
    """An expression that entries have to match."""


@dataclass(eq=False, repr=False)
class ListDocumentsResponse(base.Message):
    """A page of documents."""

    documents: "list[DocumentMetadata]" = betterproto.message_field(1)
    """The documents."""

    pagination_token: "str | None" = betterproto.string_field(2, optional=True)
    """Token of the next page; unset on the last one."""


@dataclass(eq=False, repr=False)
class GetDocumentMetadataRequest(base.Message):
    """Names a document of a collection."""

    file_id: str = betterproto.string_field(1)
    """The ID of the file."""

    team_id: "str | None" = betterproto.string_field(2, optional=True)
    """The team; the key's own when unset."""

    collection_id: str = betterproto.string_field(3)
    """The collection."""


@dataclass(eq=False, repr=False)
class AddDocumentToCollectionRequest(base.Message):
    """Attaches a file to a collection."""

    file_id: str = betterproto.string_field(1)
    """The ID of the file."""

    team_id: "str | None" = betterproto.string_field(2, optional=True)
    """The team; the key's own when unset."""

    collection_id: str = betterproto.string_field(3)
    """The collection."""

    fields: "dict[str, str]" = betterproto.map_field(
        5, betterproto.TYPE_STRING, betterproto.TYPE_STRING
    )
    """The values of the collection's fields."""


@dataclass(eq=False, repr=False)
class RemoveDocumentFromCollectionRequest(base.Message):
    """Names the document to detach."""

    file_id: str = betterproto.string_field(1)
    """The ID of the file."""

    team_id: "str | None" = betterproto.string_field(2, optional=True)
    """The team; the key's own when unset."""

    collection_id: str = betterproto.string_field(3)
    """The collection."""


@dataclass(eq=False, repr=False)
class UpdateDocumentRequest(base.Message):
    """Changes a document; what is unset stays."""

    team_id: "str | None" = betterproto.string_field(1, optional=True)
    """The team; the key's own when unset."""

    collection_id: str = betterproto.string_field(2)
    """The collection."""

    file_id: str = betterproto.string_field(3)
    """The ID of the file."""

    name: "str | None" = betterproto.string_field(4, optional=True)
    """The new name."""

    data: "bytes | None" = betterproto.bytes_field(5, optional=True)
    """The new content."""

    content_type: "str | None" = betterproto.string_field(6, optional=True)
    """The new media type."""

    fields: "dict[str, str]" = betterproto.map_field(
        7, betterproto.TYPE_STRING, betterproto.TYPE_STRING
    )
    """The new values of the collection's fields."""


@dataclass(eq=False, repr=False)
class ReIndexDocumentRequest(base.Message):
    """Names the document to index again."""

    team_id: "str | None" = betterproto.string_field(1, optional=True)
    """The team; the key's own when unset."""

    collection_id: str = betterproto.string_field(2)
    """The collection."""

    file_id: str = betterproto.string_field(3)
    """The ID of the file."""


@dataclass(eq=False, repr=False)
class UpdateCollectionRequest(base.Message):
    """Changes a collection; what is unset stays."""

    team_id: "str | None" = betterproto.string_field(1, optional=True)
    """The team; the key's own when unset."""

    collection_id: str = betterproto.string_field(2)
    """The collection."""

    collection_name: "str | None" = betterproto.string_field(3, optional=True)
    """The new name."""

    chunk_configuration: "ChunkConfiguration | None" = betterproto.message_field(4, optional=True)
    """How documents are to be cut into parts from now on."""

    field_definition_updates: "list[FieldDefinitionUpdate]" = betterproto.message_field(5)
    """Fields to add and to delete."""

    collection_description: "str | None" = betterproto.string_field(6, optional=True)
    """What it is for."""


@dataclass(eq=False, repr=False)
class BatchGetDocumentsRequest(base.Message):
    """Names several documents of a collection."""

    team_id: "str | None" = betterproto.string_field(1, optional=True)
    """The team; the key's own when unset."""

    collection_id: str = betterproto.string_field(2)
    """The collection."""

    file_ids: "list[str]" = betterproto.string_field(3)
    """The IDs of their files."""


@dataclass(eq=False, repr=False)
class BatchGetDocumentsResponse(base.Message):
    """Several documents."""

    documents: "list[DocumentMetadata]" = betterproto.message_field(1)
    """The documents."""


@dataclass(eq=False, repr=False)
class GenerateCollectionDescriptionRequest(base.Message):
    """Names the collection to describe."""

    collection_id: str = betterproto.string_field(1)
    """The collection."""


@dataclass(eq=False, repr=False)
class GenerateCollectionDescriptionResponse(base.Message):
    """A description of a collection."""

    collection_description: str = betterproto.string_field(1)
    """The description; empty when nothing is indexed yet."""


COLLECTIONS_CREATE_COLLECTION: Final = base.Method(
    "/collections.Collections/CreateCollection",
    CreateCollectionRequest,
    CollectionMetadata,
    client_streaming=False,
    server_streaming=False,
    idempotent=False,
)
COLLECTIONS_LIST_COLLECTIONS: Final = base.Method(
    "/collections.Collections/ListCollections",
    ListCollectionsRequest,
    ListCollectionsResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
COLLECTIONS_DELETE_COLLECTION: Final = base.Method(
    "/collections.Collections/DeleteCollection",
    DeleteCollectionRequest,
    Empty,
    client_streaming=False,
    server_streaming=False,
    idempotent=False,
)
COLLECTIONS_GET_COLLECTION_METADATA: Final = base.Method(
    "/collections.Collections/GetCollectionMetadata",
    GetCollectionMetadataRequest,
    CollectionMetadata,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
COLLECTIONS_UPDATE_DOCUMENT: Final = base.Method(
    "/collections.Collections/UpdateDocument",
    UpdateDocumentRequest,
    DocumentMetadata,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
COLLECTIONS_LIST_DOCUMENTS: Final = base.Method(
    "/collections.Collections/ListDocuments",
    ListDocumentsRequest,
    ListDocumentsResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
COLLECTIONS_GET_DOCUMENT_METADATA: Final = base.Method(
    "/collections.Collections/GetDocumentMetadata",
    GetDocumentMetadataRequest,
    DocumentMetadata,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
COLLECTIONS_ADD_DOCUMENT_TO_COLLECTION: Final = base.Method(
    "/collections.Collections/AddDocumentToCollection",
    AddDocumentToCollectionRequest,
    Empty,
    client_streaming=False,
    server_streaming=False,
    idempotent=False,
)
COLLECTIONS_REMOVE_DOCUMENT_FROM_COLLECTION: Final = base.Method(
    "/collections.Collections/RemoveDocumentFromCollection",
    RemoveDocumentFromCollectionRequest,
    Empty,
    client_streaming=False,
    server_streaming=False,
    idempotent=False,
)
COLLECTIONS_RE_INDEX_DOCUMENT: Final = base.Method(
    "/collections.Collections/ReIndexDocument",
    ReIndexDocumentRequest,
    Empty,
    client_streaming=False,
    server_streaming=False,
    idempotent=False,
)
COLLECTIONS_UPDATE_COLLECTION: Final = base.Method(
    "/collections.Collections/UpdateCollection",
    UpdateCollectionRequest,
    CollectionMetadata,
    client_streaming=False,
    server_streaming=False,
    idempotent=False,
)
COLLECTIONS_BATCH_GET_DOCUMENTS: Final = base.Method(
    "/collections.Collections/BatchGetDocuments",
    BatchGetDocumentsRequest,
    BatchGetDocumentsResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
COLLECTIONS_GENERATE_COLLECTION_DESCRIPTION: Final = base.Method(
    "/collections.Collections/GenerateCollectionDescription",
    GenerateCollectionDescriptionRequest,
    GenerateCollectionDescriptionResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=False,
)
