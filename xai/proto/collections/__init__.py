# Generated from the package collections (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The messages and enums of the package collections, each loaded when it is first used."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xai.proto.collections.collections import (
        AddDocumentToCollectionRequest,
        BatchGetDocumentsRequest,
        BatchGetDocumentsResponse,
        CollectionMetadata,
        CollectionsSortBy,
        CreateCollectionRequest,
        DeleteCollectionRequest,
        DocumentMetadata,
        DocumentsSortBy,
        DocumentStatus,
        FieldDefinition,
        FieldDefinitionOperation,
        FieldDefinitionUpdate,
        FileMetadata,
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
else:

    def __getattr__(name):
        """Load a message or an enum when it is first used (PEP 562)."""
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(f"{__name__}.{home}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """List the messages and enums, loaded or not."""
    return sorted({*globals(), *__all__})


_HOMES = {
    "AddDocumentToCollectionRequest": "collections",
    "BatchGetDocumentsRequest": "collections",
    "BatchGetDocumentsResponse": "collections",
    "CollectionMetadata": "collections",
    "CollectionsSortBy": "collections",
    "CreateCollectionRequest": "collections",
    "DeleteCollectionRequest": "collections",
    "DocumentMetadata": "collections",
    "DocumentStatus": "collections",
    "DocumentsSortBy": "collections",
    "FieldDefinition": "collections",
    "FieldDefinitionOperation": "collections",
    "FieldDefinitionUpdate": "collections",
    "FileMetadata": "collections",
    "GenerateCollectionDescriptionRequest": "collections",
    "GenerateCollectionDescriptionResponse": "collections",
    "GetCollectionMetadataRequest": "collections",
    "GetDocumentMetadataRequest": "collections",
    "ListCollectionsRequest": "collections",
    "ListCollectionsResponse": "collections",
    "ListDocumentsRequest": "collections",
    "ListDocumentsResponse": "collections",
    "ReIndexDocumentRequest": "collections",
    "RemoveDocumentFromCollectionRequest": "collections",
    "UpdateCollectionRequest": "collections",
    "UpdateDocumentRequest": "collections",
}

__all__ = [
    "AddDocumentToCollectionRequest",
    "BatchGetDocumentsRequest",
    "BatchGetDocumentsResponse",
    "CollectionMetadata",
    "CollectionsSortBy",
    "CreateCollectionRequest",
    "DeleteCollectionRequest",
    "DocumentMetadata",
    "DocumentStatus",
    "DocumentsSortBy",
    "FieldDefinition",
    "FieldDefinitionOperation",
    "FieldDefinitionUpdate",
    "FileMetadata",
    "GenerateCollectionDescriptionRequest",
    "GenerateCollectionDescriptionResponse",
    "GetCollectionMetadataRequest",
    "GetDocumentMetadataRequest",
    "ListCollectionsRequest",
    "ListCollectionsResponse",
    "ListDocumentsRequest",
    "ListDocumentsResponse",
    "ReIndexDocumentRequest",
    "RemoveDocumentFromCollectionRequest",
    "UpdateCollectionRequest",
    "UpdateDocumentRequest",
]
