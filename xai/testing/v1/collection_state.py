"""The collections that the local server keeps; all of them belong to its one team."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Final, cast

from grpclib.const import Status
from grpclib.exceptions import GRPCError

from xai.proto.base import which_one_of
from xai.proto.collections import collections as pb
from xai.proto.rag.types import (
    CharsConfiguration,
    ChunkConfiguration,
    HnswMetric,
    IndexConfiguration,
)
from xai.testing.engine.bounded import BoundedStore
from xai.testing.engine.chunking import ChunkSizes, Unit
from xai.testing.engine.embedder import EMBEDDER
from xai.testing.engine.retrieval import Metric
from xai.testing.v1.indexing import IndexedDocument, IndexSettings

_MAX_COLLECTIONS: Final = 1_000
_UNITS: Final[Mapping[str, Unit]] = {
    "chars_configuration": "chars",
    "tokens_configuration": "tokens",
    "bytes_configuration": "bytes",
}
_METRICS: Final[Mapping[int, Metric]] = {
    HnswMetric.HNSW_METRIC_UNKNOWN: "cosine",
    HnswMetric.HNSW_METRIC_COSINE: "cosine",
    HnswMetric.HNSW_METRIC_EUCLIDEAN: "euclidean",
    HnswMetric.HNSW_METRIC_INNER_PRODUCT: "inner_product",
}


class StoredCollection:
    """A collection and its documents.

    Args:
        request: What it was created with.

    Attributes:
        documents: The documents by their IDs, in the order in which they were attached.

    Raises:
        GRPCError: The request makes no sense.
    """

    def __init__(self, request: pb.CreateCollectionRequest) -> None:
        self.collection_id = f"collection_{uuid.uuid4()}"
        self.created_at = datetime.now(timezone.utc)
        self.documents: dict[str, IndexedDocument] = {}
        self.name = _checked_name(request.collection_name)
        self.description = request.collection_description
        self.model_name = EMBEDDER
        if request.index_configuration is not None and request.index_configuration.model_name:
            self.model_name = request.index_configuration.model_name
        metric = request.metric_space or HnswMetric.HNSW_METRIC_UNKNOWN
        _require(int(metric) in _METRICS, f"metric_space is none there is: {int(metric)}.")
        self.metric = _METRICS[metric]
        self.chunks = ChunkConfiguration(
            chars_configuration=CharsConfiguration(
                max_chunk_size_chars=1000, chunk_overlap_chars=100
            )
        )
        if request.chunk_configuration is not None:
            self.chunks = _checked_chunks(request.chunk_configuration)
        self.fields = {each.key: each for each in request.field_definitions}
        distinct = len(self.fields) == len(request.field_definitions)
        _require(distinct and "" not in self.fields, "field_definitions: keys must be distinct.")

    def update(self, request: pb.UpdateCollectionRequest) -> None:
        """Change what is given, all of it or nothing.

        Raises:
            GRPCError: The request makes no sense.
        """
        name, fields, deleted = self.name, dict(self.fields), []
        if request.collection_name is not None:
            name = _checked_name(request.collection_name)
        chunks = self.chunks
        if request.chunk_configuration is not None:
            chunks = _checked_chunks(request.chunk_configuration)
        for each in request.field_definition_updates:
            field = each.field_definition
            if each.operation == pb.FieldDefinitionOperation.FIELD_DEFINITION_DELETE:
                _require(field.key in fields, f"There is no field {field.key!r} to delete.")
                del fields[field.key]
                deleted.append(field.key)
            else:
                _require(field.key != "", "A field must have a key.")
                _require(field.key not in fields, f"There is a field {field.key!r} already.")
                missing = field.required and self.documents
                text = f"The new field {field.key!r} can't be required: there are documents."
                _require(not missing, text)
                fields[field.key] = field
        self.name, self.chunks, self.fields = name, chunks, fields
        if request.collection_description is not None:
            self.description = request.collection_description
        for document in self.documents.values():
            for key in deleted:
                document.fields.pop(key, None)

    def document(self, file_id: str) -> IndexedDocument:
        """Return a document.

        Raises:
            GRPCError: There is none with this ID.
        """
        found = self.documents.get(file_id)
        if found is None:
            text = f"There is no document {file_id!r} in the collection {self.collection_id!r}."
            raise GRPCError(Status.NOT_FOUND, text)
        return found

    def check_fields(self, fields: Mapping[str, str], besides: str = "") -> None:
        """Check the values of a document's fields.

        Args:
            fields: The values.
            besides: The ID of the document that they are for, if there is one.

        Raises:
            GRPCError: A required field is missing, or a unique value is taken.
        """
        for key, definition in self.fields.items():
            _require(not definition.required or key in fields, f"fields: {key!r} is required.")
            if not definition.unique or key not in fields:
                continue
            for file_id, document in self.documents.items():
                if file_id != besides and document.fields.get(key) == fields[key]:
                    text = f"fields: {key!r} is unique, and {file_id!r} has {fields[key]!r}."
                    raise GRPCError(Status.ALREADY_EXISTS, text)

    def index_settings(self) -> IndexSettings:
        """Return how documents are indexed from now on."""
        kind, strategy = which_one_of(self.chunks, "config")
        unit = _UNITS[kind]
        size = getattr(strategy, f"max_chunk_size_{unit}")
        overlap = getattr(strategy, f"chunk_overlap_{unit}")
        return IndexSettings(
            ChunkSizes(unit, size, overlap),
            strip_whitespace=self.chunks.strip_whitespace,
            inject_name=self.chunks.inject_name_into_chunks,
            injected_fields=[k for k, field in self.fields.items() if field.inject_into_chunk],
        )

    def metadata(self) -> pb.CollectionMetadata:
        """Return the message that describes the collection."""
        return pb.CollectionMetadata(
            collection_id=self.collection_id,
            collection_name=self.name,
            created_at=self.created_at,
            index_configuration=IndexConfiguration(model_name=self.model_name),
            chunk_configuration=self.chunks,
            documents_count=len(self.documents),
            field_definitions=list(self.fields.values()),
            collection_description=self.description,
            total_file_size=sum(len(each.file.content) for each in self.documents.values()),
        )


class CollectionStore:
    """All collections of a server, of which the oldest are dropped at a limit."""

    def __init__(self) -> None:
        self._collections: BoundedStore[StoredCollection] = BoundedStore(
            "collection", max_count=_MAX_COLLECTIONS
        )

    def __iter__(self) -> Iterator[StoredCollection]:
        """Iterate over the collections, the oldest first."""
        return iter(self._collections)

    def create(self, request: pb.CreateCollectionRequest) -> StoredCollection:
        """Create a collection.

        Raises:
            GRPCError: The request makes no sense.
        """
        collection = StoredCollection(request)
        self._collections.put(collection.collection_id, collection)
        return collection

    def get(self, collection_id: str) -> StoredCollection:
        """Return a collection.

        Raises:
            GRPCError: There is none with this ID.
        """
        try:
            return self._collections.get(collection_id)
        except LookupError as error:
            raise GRPCError(Status.NOT_FOUND, str(error.args[0])) from error

    def several(self, collection_ids: Sequence[str]) -> list[StoredCollection]:
        """Return several collections, each once.

        Raises:
            GRPCError: There is none with one of the IDs.
        """
        return [self.get(each) for each in dict.fromkeys(collection_ids)]

    def delete(self, collection_id: str) -> None:
        """Delete a collection.

        Raises:
            GRPCError: There is none with this ID.
        """
        self.get(collection_id)
        self._collections.pop(collection_id)


def _checked_name(name: str) -> str:
    _require(name.strip() != "", "collection_name is empty.")
    return name


def _checked_chunks(config: ChunkConfiguration) -> ChunkConfiguration:
    kind, strategy = which_one_of(config, "config")
    _require(bool(kind), "chunk_configuration has no strategy.")
    unit = _UNITS[kind]
    size = cast("int", getattr(strategy, f"max_chunk_size_{unit}"))
    overlap = cast("int", getattr(strategy, f"chunk_overlap_{unit}"))
    _require(size > 0, f"{kind}.max_chunk_size_{unit} must be more than 0, got {size}.")
    in_range = 0 <= overlap < size
    _require(in_range, f"{kind}.chunk_overlap_{unit} must be from 0 to less than {size}.")
    if unit == "tokens":
        _require(strategy.encoding_name != "", f"{kind}.encoding_name is empty.")
    return config


def _require(condition: bool, text: str) -> None:  # noqa: FBT001  # what is required
    if not condition:
        raise GRPCError(Status.INVALID_ARGUMENT, text)
