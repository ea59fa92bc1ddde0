"""Types of the arguments of collections, and the messages that they stand for."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final, Literal, TypeAlias, TypedDict

from xai.xai_sdk.v1.proto.messages import Message, accept
from xai.xai_sdk.v1.proto.modules import load
from xai.xai_sdk.v1.validators import (
    BytesConfiguration,
    CharsConfiguration,
    ChunkConfiguration,
    FieldDefinition,
    TokensConfiguration,
    checked,
)

__all__ = [
    "DEFAULT_INDEXING_POLL_INTERVAL",
    "DEFAULT_INDEXING_TIMEOUT",
    "BytesConfiguration",
    "CharsConfiguration",
    "ChunkConfiguration",
    "CollectionSortBy",
    "DocumentRetrievalMode",
    "DocumentSortBy",
    "FieldDefinition",
    "FieldDefinitionAdd",
    "FieldDefinitionDelete",
    "FieldDefinitionUpdate",
    "HNSWMetric",
    "Order",
    "TokensConfiguration",
]

collections_pb2 = load("collections_pb2")
shared_pb2 = load("shared_pb2")
types_pb2 = load("types_pb2")

Order: TypeAlias = Literal["asc", "desc"]
CollectionSortBy: TypeAlias = Literal["name", "age"]
DocumentSortBy: TypeAlias = Literal["name", "age", "size"]
HNSWMetric: TypeAlias = Literal["cosine", "euclidean", "inner_product"]
DocumentRetrievalMode: TypeAlias = Literal["hybrid", "semantic", "keyword"]

DEFAULT_INDEXING_POLL_INTERVAL: Final = timedelta(seconds=10)
DEFAULT_INDEXING_TIMEOUT: Final = timedelta(minutes=2)

#: The names of numbers, by argument.
_NUMBERS: Final[dict[str, dict[str, int]]] = {
    "order": {
        "asc": shared_pb2.ORDERING_ASCENDING,
        "desc": shared_pb2.ORDERING_DESCENDING,
    },
    "sort_by of collections": {
        "name": collections_pb2.COLLECTIONS_SORT_BY_NAME,
        "age": collections_pb2.COLLECTIONS_SORT_BY_AGE,
    },
    "sort_by of documents": {
        "name": collections_pb2.DOCUMENTS_SORT_BY_NAME,
        "age": collections_pb2.DOCUMENTS_SORT_BY_AGE,
        "size": collections_pb2.DOCUMENTS_SORT_BY_SIZE,
    },
    "metric_space": {
        "cosine": types_pb2.HNSW_METRIC_COSINE,
        "euclidean": types_pb2.HNSW_METRIC_EUCLIDEAN,
        "inner_product": types_pb2.HNSW_METRIC_INNER_PRODUCT,
    },
}
_STRATEGIES: Final = ("chars_configuration", "tokens_configuration", "bytes_configuration")


class FieldDefinitionAdd(TypedDict):
    """Adds a field."""

    field_definition: FieldDefinition
    operation: Literal["add"]


class FieldDefinitionDelete(TypedDict):
    """Removes a field, and its values from all documents."""

    key: str
    operation: Literal["delete"]


FieldDefinitionUpdate: TypeAlias = FieldDefinitionAdd | FieldDefinitionDelete


def number(argument: str, value: object) -> object:
    """Return the number that a name stands for.

    Args:
        argument: The argument.
        value: A name, a number, or None.

    Raises:
        ValueError: There is no such name.
    """
    if not isinstance(value, str):
        return value
    numbers = _NUMBERS[argument]
    if value not in numbers:
        raise ValueError(f"Invalid {argument}: {value}. Must be one of: {list(numbers)}")
    return numbers[value]


def chunks_message(value: object) -> object:
    """Return the message for a chunk configuration.

    Raises:
        ValidationError: The dictionary is not valid.
        ValueError: It has not exactly one way to cut documents.
    """
    if not isinstance(value, Mapping):
        return None if value is None else accept(types_pb2.ChunkConfiguration, value)
    found = checked("chunks", value)
    assert isinstance(found, Mapping)  # noqa: S101  # what came in is one
    given = [name for name in _STRATEGIES if found.get(name)]
    if len(given) != 1:
        raise ValueError(f"exactly one of {', '.join(_STRATEGIES)} must be given, not {given}")
    return types_pb2.ChunkConfiguration(**found)


def field_messages(values: Sequence[object] | None) -> object:
    """Return the messages for field definitions.

    Raises:
        ValidationError: A dictionary is not valid.
    """
    return None if values is None else [_field(value) for value in values]


def _field(value: object) -> object:
    if not isinstance(value, Mapping):
        return accept(collections_pb2.FieldDefinition, value)
    found = checked("field", value)
    assert isinstance(found, Mapping)  # noqa: S101  # what came in is one
    return collections_pb2.FieldDefinition(**found)


def update_messages(values: Sequence[object] | None) -> object:
    """Return the messages for changes of field definitions.

    Raises:
        ValidationError: A dictionary is not valid.
        ValueError: There is no such operation.
    """
    return None if values is None else [_update(value) for value in values]


def _update(value: object) -> object:
    if not isinstance(value, Mapping):
        return accept(collections_pb2.FieldDefinitionUpdate, value)
    operation = value.get("operation")
    if operation == "add":
        return collections_pb2.FieldDefinitionUpdate(
            field_definition=_field(value.get("field_definition") or {}),
            operation=collections_pb2.FIELD_DEFINITION_ADD,
        )
    if operation == "delete":
        return collections_pb2.FieldDefinitionUpdate(
            field_definition=collections_pb2.FieldDefinition(key=value["key"]),
            operation=collections_pb2.FIELD_DEFINITION_DELETE,
        )
    raise ValueError(f"Unknown operation: {operation!r}. Expected 'add' or 'delete'.")


def search_message(
    query: str,
    collection_ids: Sequence[str],
    limit: int | None,
    instructions: str | None,
    retrieval_mode: object,
) -> Message:
    """Return the request for a search of documents.

    Args:
        query: What to search for.
        collection_ids: The collections to search.
        limit: The most results.
        instructions: How to search and to rank.
        retrieval_mode: How documents are found.

    Raises:
        ValueError: There is no such mode.
    """
    # Not at the start: tools are a module of chats.
    from xai.xai_sdk.v1.tools import retrieval

    documents_pb2 = load("documents_pb2")
    found: Message = documents_pb2.SearchRequest(
        query=query,
        source=documents_pb2.DocumentsSource(collection_ids=collection_ids),
        limit=limit,
        instructions=instructions,
        **retrieval(retrieval_mode),
    )
    return found
