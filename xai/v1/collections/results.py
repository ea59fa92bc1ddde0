"""What the server tells about collections and their documents."""

from collections.abc import Mapping
from datetime import datetime

import attrs

from xai.proto.collections import collections as pb
from xai.v1.collections.chunks import ChunkConfiguration, read_chunks
from xai.v1.collections.fields import FieldDefinition, read_field
from xai.v1.open_enum import OpenEnum
from xai.v1.proto_value import ProtoValue, read_time


class DocumentStatus(OpenEnum):
    """The state of the indexing of a document; the numbers are those of the wire."""

    UNKNOWN = 0
    PROCESSING = 1
    PROCESSED = 2
    FAILED = 3
    CHUNKED = 4
    EMBEDDING = 5
    WRITING = 6

    @property
    def wire_name(self) -> str:
        """The protobuf name, such as ``DOCUMENT_STATUS_FAILED``; or with the number."""
        return self._with("DOCUMENT_STATUS_")


@attrs.frozen
class Collection(ProtoValue):
    """A collection of documents.

    Attributes:
        collection_id: The ID.
        collection_name: The name.
        collection_description: What it is for; None when the server does not say.
        created_at: When it was created, in UTC; None when the server does not say.
        model_name: The embedding model of its index.
        chunk_configuration: How documents are cut into chunks; None when the server does not
            say, and for a way that this version does not know.
        field_definitions: The fields of its documents.
        documents_count: The number of documents.
        total_file_size: The size of all its files, in bytes.
        proto: The protobuf message.
    """

    collection_id: str
    collection_name: str
    collection_description: str | None
    created_at: datetime | None
    model_name: str
    chunk_configuration: ChunkConfiguration | None
    field_definitions: tuple[FieldDefinition, ...]
    documents_count: int
    total_file_size: int
    proto: pb.CollectionMetadata = attrs.field(repr=False, eq=False)


@attrs.frozen
class Document(ProtoValue):
    """A document: a file that is attached to a collection.

    Attributes:
        file_id: The ID of the file, which is that of the document.
        name: The name of the file.
        status: The state of the indexing.
        error_message: Why the indexing failed; None when it did not.
        size_bytes: The size of the file, in bytes.
        content_type: The media type of the file.
        hash: A hash of the content.
        created_at: When the file was uploaded, in UTC; None when the server does not say.
        expires_at: When the file will be deleted, in UTC; None for never.
        last_indexed_at: When it was last indexed, in UTC; None before the first time.
        chunk_count: The number of chunks; None when the server does not say.
        chunks_processed_count: The number of chunks that are indexed; None as before.
        upload_status: The state of the upload of the file; None when the server does not say.
        upload_error_message: Why the upload failed; None when it did not.
        processing_status: The state of the processing of the file; None as before.
        file_path: The path of the file; None when it has none.
        proto: The protobuf message.
    """

    file_id: str
    name: str
    status: DocumentStatus
    error_message: str | None
    _fields: tuple[tuple[str, str], ...] = attrs.field(repr=False)
    size_bytes: int
    content_type: str
    hash: str
    created_at: datetime | None
    expires_at: datetime | None
    last_indexed_at: datetime | None
    chunk_count: int | None
    chunks_processed_count: int | None
    upload_status: str | None
    upload_error_message: str | None
    processing_status: str | None
    file_path: str | None
    proto: pb.DocumentMetadata = attrs.field(repr=False, eq=False)

    @property
    def fields(self) -> Mapping[str, str]:
        """The values of the fields of the collection; a copy."""
        return dict(self._fields)

    @property
    def indexed(self) -> bool:
        """Whether searches find it."""
        return self.status is DocumentStatus.PROCESSED


def read_collection(proto: pb.CollectionMetadata) -> Collection:
    """Return the value of a message that describes a collection."""
    chunks, model = None, ""
    if proto.is_set("chunk_configuration"):
        chunks = read_chunks(proto.chunk_configuration)
    if proto.is_set("index_configuration"):
        model = proto.index_configuration.model_name
    return Collection(
        collection_id=proto.collection_id,
        collection_name=proto.collection_name,
        collection_description=proto.collection_description,
        created_at=read_time(proto, "created_at"),
        model_name=model,
        chunk_configuration=chunks,
        field_definitions=tuple(map(read_field, proto.field_definitions)),
        documents_count=proto.documents_count,
        total_file_size=proto.total_file_size,
        proto=proto,
    )


def read_document(proto: pb.DocumentMetadata) -> Document:
    """Return the value of a message that describes a document."""
    file = proto.file_metadata if proto.is_set("file_metadata") else pb.FileMetadata()
    return Document(
        file_id=file.file_id,
        name=file.name,
        status=DocumentStatus(int(proto.status)),
        error_message=proto.error_message,
        fields=tuple(sorted(proto.fields.items())),
        size_bytes=file.size_bytes,
        content_type=file.content_type,
        hash=file.hash,
        created_at=read_time(file, "created_at"),
        expires_at=read_time(file, "expires_at"),
        last_indexed_at=read_time(proto, "last_indexed_at"),
        chunk_count=proto.chunk_count,
        chunks_processed_count=proto.chunks_processed_count,
        upload_status=file.upload_status,
        upload_error_message=file.upload_error_message,
        processing_status=file.processing_status,
        file_path=file.file_path,
        proto=proto,
    )


for _class in (Collection, Document, DocumentStatus):
    _class.__module__ = "xai.v1"
