"""Requests about collections and documents, made of checked arguments; pure."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeAlias

from xai._validation import check_str, check_strings
from xai.proto.collections import collections as pb
from xai.proto.rag.types import HnswMetric, IndexConfiguration
from xai.proto.shared.shared import Ordering
from xai.v1.chat.enums import optional_member
from xai.v1.collections.chunks import AnyChunkConfiguration, chunk_message
from xai.v1.collections.fields import (
    AnyFieldDefinition,
    AnyFieldUpdate,
    field_messages,
    update_messages,
)
from xai.v1.validation import non_empty, optional_non_empty, optional_str

Order: TypeAlias = Literal["asc", "desc"]
CollectionSortBy: TypeAlias = Literal["name", "age"]
"""What collections are sorted by; the age is the time since they were created."""
DocumentSortBy: TypeAlias = Literal["name", "age", "size"]
"""What documents are sorted by; the age is the time since they were added."""
HNSWMetric: TypeAlias = Literal["cosine", "euclidean", "inner_product"]
"""How the distance of two vectors in an index is measured."""

_ORDERS: Final = {"asc": Ordering.ORDERING_ASCENDING, "desc": Ordering.ORDERING_DESCENDING}
_COLLECTION_SORTS: Final = {
    "name": pb.CollectionsSortBy.COLLECTIONS_SORT_BY_NAME,
    "age": pb.CollectionsSortBy.COLLECTIONS_SORT_BY_AGE,
}
_DOCUMENT_SORTS: Final = {
    "name": pb.DocumentsSortBy.DOCUMENTS_SORT_BY_NAME,
    "age": pb.DocumentsSortBy.DOCUMENTS_SORT_BY_AGE,
    "size": pb.DocumentsSortBy.DOCUMENTS_SORT_BY_SIZE,
}
_METRICS: Final = {
    "cosine": HnswMetric.HNSW_METRIC_COSINE,
    "euclidean": HnswMetric.HNSW_METRIC_EUCLIDEAN,
    "inner_product": HnswMetric.HNSW_METRIC_INNER_PRODUCT,
}


def create_request(
    name: str,
    *,
    model_name: str | None,
    chunk_configuration: AnyChunkConfiguration | None,
    metric_space: HNSWMetric | None,
    field_definitions: Sequence[AnyFieldDefinition] | None,
    description: str | None,
    team_id: str | None,
) -> pb.CreateCollectionRequest:
    """Return the request that creates a collection; raise for a bad argument, which is named."""
    model = optional_non_empty("model_name", model_name)
    return pb.CreateCollectionRequest(
        team_id=optional_non_empty("team_id", team_id),
        collection_name=non_empty("name", name),
        index_configuration=None if model is None else IndexConfiguration(model_name=model),
        chunk_configuration=(
            None
            if chunk_configuration is None
            else chunk_message("chunk_configuration", chunk_configuration)
        ),
        metric_space=optional_member("metric_space", metric_space, _METRICS, HnswMetric),
        field_definitions=(
            []
            if field_definitions is None
            else field_messages("field_definitions", field_definitions)
        ),
        collection_description=optional_str("description", description),
    )


def update_request(
    collection_id: str,
    *,
    name: str | None,
    chunk_configuration: AnyChunkConfiguration | None,
    field_definitions: Sequence[AnyFieldUpdate] | None,
    description: str | None,
    team_id: str | None,
) -> pb.UpdateCollectionRequest:
    """Return the request that changes a collection; raise for a bad argument, which is named."""
    if all(each is None for each in (name, chunk_configuration, field_definitions, description)):
        raise ValueError(
            "an update needs one of name, chunk_configuration, field_definitions and description"
        )
    return pb.UpdateCollectionRequest(
        team_id=optional_non_empty("team_id", team_id),
        collection_id=non_empty("collection_id", collection_id),
        collection_name=optional_non_empty("name", name),
        chunk_configuration=(
            None
            if chunk_configuration is None
            else chunk_message("chunk_configuration", chunk_configuration)
        ),
        field_definition_updates=(
            []
            if field_definitions is None
            else update_messages("field_definitions", field_definitions)
        ),
        collection_description=optional_str("description", description),
    )


def list_collections_request(
    *,
    order: Order | None,
    sort_by: CollectionSortBy | None,
    filter: str | None,  # noqa: A002  # the API's word
    team_id: str | None,
) -> pb.ListCollectionsRequest:
    """Return the request for the first page of collections, without a limit."""
    return pb.ListCollectionsRequest(
        team_id=optional_non_empty("team_id", team_id),
        order=optional_member("order", order, _ORDERS, Ordering),
        sort_by=optional_member("sort_by", sort_by, _COLLECTION_SORTS, pb.CollectionsSortBy),
        filter=optional_non_empty("filter", filter),
    )


def list_documents_request(
    collection_id: str,
    *,
    order: Order | None,
    sort_by: DocumentSortBy | None,
    name: str | None,
    filter: str | None,  # noqa: A002  # the API's word
    team_id: str | None,
) -> pb.ListDocumentsRequest:
    """Return the request for the first page of documents, without a limit."""
    return pb.ListDocumentsRequest(
        team_id=optional_non_empty("team_id", team_id),
        collection_id=non_empty("collection_id", collection_id),
        order=optional_member("order", order, _ORDERS, Ordering),
        sort_by=optional_member("sort_by", sort_by, _DOCUMENT_SORTS, pb.DocumentsSortBy),
        name=optional_non_empty("name", name),
        filter=optional_non_empty("filter", filter),
    )


def add_request(
    collection_id: str, file_id: str, fields: Mapping[str, str] | None, team_id: str | None
) -> pb.AddDocumentToCollectionRequest:
    """Return the request that attaches a file; raise for a bad argument, which is named."""
    return pb.AddDocumentToCollectionRequest(
        file_id=non_empty("file_id", file_id),
        team_id=optional_non_empty("team_id", team_id),
        collection_id=non_empty("collection_id", collection_id),
        fields=check_fields("fields", fields),
    )


def update_document_request(
    collection_id: str,
    file_id: str,
    *,
    name: str | None,
    data: bytes | bytearray | memoryview | None,
    content_type: str | None,
    fields: Mapping[str, str] | None,
    team_id: str | None,
) -> pb.UpdateDocumentRequest:
    """Return the request that changes a document; raise for a bad argument, which is named."""
    if all(each is None for each in (name, data, content_type, fields)):
        raise ValueError("an update needs one of name, data, content_type and fields")
    if data is not None and not isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError(f"data must be bytes, not {type(data).__name__}")
    if fields is not None and not check_fields("fields", fields):
        raise ValueError("fields must not be empty: an update has no way to remove all values")
    return pb.UpdateDocumentRequest(
        team_id=optional_non_empty("team_id", team_id),
        collection_id=non_empty("collection_id", collection_id),
        file_id=non_empty("file_id", file_id),
        name=optional_non_empty("name", name),
        data=None if data is None else bytes(data),
        content_type=optional_non_empty("content_type", content_type),
        fields=check_fields("fields", fields),
    )


def check_fields(argument: str, fields: Mapping[str, str] | None) -> dict[str, str]:
    """Return the values of fields as a dict of their own, empty for None.

    Raises:
        TypeError: It is not a mapping of str to str.
        ValueError: A key is empty.
    """
    if fields is None:
        return {}
    if not isinstance(fields, Mapping):
        raise TypeError(f"{argument} must be a mapping of str to str, not {type(fields).__name__}")
    for key, value in fields.items():
        non_empty(f"{argument}: a key", key)
        check_str(f"{argument}[{key!r}]", value)
    return dict(fields)


def check_file_ids(argument: str, file_ids: Sequence[str]) -> list[str]:
    """Return the IDs of files as a list of their own.

    Raises:
        TypeError: It is not a sequence of str.
        ValueError: There are none, one is empty, or one is there twice.
    """
    found = check_strings(argument, file_ids)
    if not found:
        raise ValueError(f"{argument} must not be empty")
    for index, file_id in enumerate(found):
        non_empty(f"{argument}[{index}]", file_id)
    if len(set(found)) != len(found):
        twice = next(each for index, each in enumerate(found) if each in found[:index])
        raise ValueError(f"{argument} has {twice!r} twice")
    return found
