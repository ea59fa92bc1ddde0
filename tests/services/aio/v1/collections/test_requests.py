"""Requests about collections: the same bytes as those of xai_sdk for the same arguments."""

import inspect
from typing import Any

import pytest

from tests.reference import documents_pb2
from tests.services.interop.reference import ReferenceServer
from tests.services.interop.reference_client import ReferenceClient
from tests.support import SECRET_KEY
from xai import v1
from xai.v1 import AsyncClient

CHARS = {"chars_configuration": {"max_chunk_size_chars": 9, "chunk_overlap_chars": 2}}
TOKENS = {
    "tokens_configuration": {
        "max_chunk_size_tokens": 9,
        "chunk_overlap_tokens": 0,
        "encoding_name": "o200k_base",
    },
    "strip_whitespace": True,
}
BYTES = {
    "bytes_configuration": {"max_chunk_size_bytes": 9, "chunk_overlap_bytes": 8},
    "inject_name_into_chunks": True,
}
TITLE = {"key": "title", "required": True, "inject_into_chunk": True, "unique": False}
ISBN = {
    "key": "isbn",
    "required": False,
    "inject_into_chunk": False,
    "unique": True,
    "description": "Ten digits.",
}
OF_BOTH = {"collection_id": "c", "file_id": "f"}

#: A method; what it is given here, besides what both are given; and what it is given there.
CALLS: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ("create", {"name": "n"}, {}, {}),
    ("create", {"name": "n", "chunk_configuration": CHARS, "metric_space": "cosine"}, {}, {}),
    ("create", {"name": "n", "chunk_configuration": TOKENS, "metric_space": "euclidean"}, {}, {}),
    (
        "create",
        {"name": "n", "description": "d", "model_name": "m", "metric_space": "inner_product"},
        {
            "chunk_configuration": v1.ChunkConfiguration(
                "bytes", 9, 8, inject_name_into_chunks=True
            ),
            "field_definitions": [
                v1.FieldDefinition("title", required=True, inject_into_chunk=True),
                v1.FieldDefinition("isbn", unique=True, description="Ten digits."),
            ],
        },
        {"chunk_configuration": BYTES, "field_definitions": [TITLE, ISBN]},
    ),
    ("create", {"name": "n", "field_definitions": [TITLE, ISBN]}, {}, {}),
    ("get", {"collection_id": "c"}, {}, {}),
    ("delete", {"collection_id": "c"}, {}, {}),
    ("generate_description", {"collection_id": "c"}, {}, {}),
    ("list", {"limit": 5, "pagination_token": "t"}, {}, {}),
    ("list", {"limit": 5, "order": "asc", "sort_by": "age", "filter": "a:b"}, {}, {}),
    ("list", {"limit": 5, "order": "desc", "sort_by": "name"}, {}, {}),
    ("update", {"collection_id": "c", "name": "n", "description": ""}, {}, {}),
    (
        "update",
        {"collection_id": "c"},
        {
            "chunk_configuration": v1.ChunkConfiguration(
                "tokens", 9, encoding_name="o200k_base", strip_whitespace=True
            ),
            "field_definitions": [
                v1.AddField(v1.FieldDefinition("isbn", unique=True, description="Ten digits.")),
                v1.DeleteField("title"),
            ],
        },
        {
            "chunk_configuration": TOKENS,
            "field_definitions": [
                {"field_definition": ISBN, "operation": "add"},
                {"key": "title", "operation": "delete"},
            ],
        },
    ),
    (
        "update",
        {
            "collection_id": "c",
            "field_definitions": [
                {"field_definition": TITLE, "operation": "add"},
                {"key": "isbn", "operation": "delete"},
            ],
        },
        {},
        {},
    ),
    ("add_existing_document", {**OF_BOTH, "fields": {"a": "1", "b": ""}}, {}, {}),
    ("list_documents", {"collection_id": "c", "limit": 7, "pagination_token": "t"}, {}, {}),
    (
        "list_documents",
        {"collection_id": "c", "limit": 7, "order": "asc", "sort_by": "size", "filter": "a:b"},
        {},
        {},
    ),
    ("list_documents", {"collection_id": "c", "limit": 7, "sort_by": "age"}, {}, {}),
    ("list_documents", {"collection_id": "c", "limit": 7, "sort_by": "name"}, {}, {}),
    ("get_document", OF_BOTH, {}, {}),
    ("batch_get_documents", {"collection_id": "c", "file_ids": ["f", "g"]}, {}, {}),
    (
        "update_document",
        {**OF_BOTH, "name": "n", "data": b"\0", "content_type": "a/b", "fields": {"a": "1"}},
        {},
        {},
    ),
    ("update_document", {**OF_BOTH, "fields": {"a": "1"}}, {}, {}),
    ("remove_document", OF_BOTH, {}, {}),
    ("reindex_document", OF_BOTH, {}, {}),
    ("search", {"query": "q", "collection_ids": ["c", "d"]}, {}, {}),
    ("search", {"query": "q", "collection_ids": ["c"], "limit": 3, "instructions": "i"}, {}, {}),
    ("search", {"query": "q", "collection_ids": ["c"], "retrieval_mode": "hybrid"}, {}, {}),
    ("search", {"query": "q", "collection_ids": ["c"], "retrieval_mode": "semantic"}, {}, {}),
    ("search", {"query": "q", "collection_ids": ["c"], "retrieval_mode": "keyword"}, {}, {}),
    (
        "search",
        {"query": "q", "collection_ids": ["c"]},
        {
            "retrieval_mode": v1.HybridRetrieval(
                search_multiplier=100,
                reranker=v1.ReciprocalRankFusion(k=30, embedding_weight=1, text_weight=0.25),
            )
        },
        {
            "retrieval_mode": documents_pb2.HybridRetrieval(
                search_multiplier=100,
                reciprocal_rank_fusion=documents_pb2.ReciprocalRankFusion(
                    k=30, embedding_weight=1.0, text_weight=0.25
                ),
            )
        },
    ),
    (
        "search",
        {"query": "q", "collection_ids": ["c"]},
        {
            "retrieval_mode": v1.HybridRetrieval(
                reranker=v1.RerankerModel(model="m", instructions="i")
            )
        },
        {
            "retrieval_mode": documents_pb2.HybridRetrieval(
                reranker_model=documents_pb2.RerankerModel(model="m", instructions="i")
            )
        },
    ),
    (
        "search",
        {"query": "q", "collection_ids": ["c"]},
        {"retrieval_mode": v1.SemanticRetrieval(reranker=v1.RerankerModel(model="m"))},
        {
            "retrieval_mode": documents_pb2.SemanticRetrieval(
                reranker=documents_pb2.RerankerModel(model="m")
            )
        },
    ),
    (
        "search",
        {"query": "q", "collection_ids": ["c"]},
        {"retrieval_mode": v1.KeywordRetrieval(reranker=v1.RerankerModel())},
        {"retrieval_mode": documents_pb2.KeywordRetrieval(reranker=documents_pb2.RerankerModel())},
    ),
]
#: What only the wire had.
OURS = {"team_id"}
#: The RPC of each method.
PATHS = {
    "create": "Collections/CreateCollection",
    "list": "Collections/ListCollections",
    "get": "Collections/GetCollectionMetadata",
    "update": "Collections/UpdateCollection",
    "delete": "Collections/DeleteCollection",
    "generate_description": "Collections/GenerateCollectionDescription",
    "add_existing_document": "Collections/AddDocumentToCollection",
    "list_documents": "Collections/ListDocuments",
    "get_document": "Collections/GetDocumentMetadata",
    "batch_get_documents": "Collections/BatchGetDocuments",
    "update_document": "Collections/UpdateDocument",
    "remove_document": "Collections/RemoveDocumentFromCollection",
    "reindex_document": "Collections/ReIndexDocument",
    "search": "Documents/Search",
}


async def test_requests_are_those_of_xai_sdk(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """Every parameter of every method, in the types of either package; each host gets its key."""
    scripts = {name: reference_server.script(path) for name, path in PATHS.items()}
    for script in scripts.values():
        script.says({})
    host = reference_server.host
    options = {"management_api_key": "management-key", "management_api_host": host}
    with ReferenceClient(host, SECRET_KEY, **options) as theirs:
        for name, both, here, there in CALLS:
            await getattr(client.collections, name)(**both, **here)
            getattr(theirs.client.collections, name)(**both, **there)
            ours, reference = scripts[name].requests[-2:]
            assert ours == reference, (name, both, here)
            key = SECRET_KEY if name == "search" else "management-key"
            for call in scripts[name].calls[-2:]:
                assert ("authorization", f"Bearer {key}") in call.metadata
                assert all(SECRET_KEY not in str(value) for _, value in call.metadata) or (
                    name == "search"
                )


def test_every_parameter_of_xai_sdk_is_compared() -> None:
    """The table above has each of them, and each of ours but the team."""
    with ReferenceClient("localhost:1", SECRET_KEY, management_api_key="m") as reference:
        for name in PATHS:
            theirs = set(inspect.signature(getattr(reference.client.collections, name)).parameters)
            given: set[str] = set()
            for method, both, here, _ in CALLS:
                given |= {*both, *here} if method == name else set()
            assert theirs <= given, name


async def test_team_and_name_are_sent(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """What xai_sdk has no parameter for; a description is made for whichever team has it."""
    for name, path in PATHS.items():
        if name in ("search", "generate_description"):
            continue
        script = reference_server.script(path)
        script.says({})
        both = next(both for method, both, _, _ in CALLS if method == name)
        if name == "update":
            both = {"collection_id": "c", "name": "n"}
        await getattr(client.collections, name)(**both, team_id="t-1")
        assert script.requests[-1].team_id == "t-1"
    script = reference_server.script("Collections/ListDocuments")
    script.says({})
    await client.collections.list_documents(collection_id="c", name="a.txt")
    assert script.requests[-1].name == "a.txt"


async def test_documents_are_searched_without_a_management_key(
    reference_server: ReferenceServer,
) -> None:
    """`documents.search` and `collections.search` are the same call."""
    script = reference_server.script("Documents/Search")
    script.says({"matches": [{"file_id": "f", "chunk_content": "text", "score": 0.5}]})
    async with AsyncClient(SECRET_KEY, api_host=reference_server.host) as client:
        for service in (client.documents, client.collections):
            (match,) = await service.search("q", collection_ids=["c"], retrieval_mode="keyword")
            assert (match.file_id, match.chunk_content, match.score) == ("f", "text", 0.5)
    one, other = script.requests
    assert one == other


@pytest.mark.parametrize("name", sorted(set(PATHS) - {"search"}))
async def test_nothing_is_sent_without_a_management_key(
    reference_server: ReferenceServer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The error says which argument and which variable it misses."""
    monkeypatch.delenv("XAI_MANAGEMENT_KEY", raising=False)
    host = reference_server.host
    both = next(both for method, both, _, _ in CALLS if method == name)
    if name == "update":
        both = {"collection_id": "c", "name": "n"}
    async with AsyncClient(SECRET_KEY, api_host=host, management_api_host=host) as client:
        with pytest.raises(ValueError, match=r"management_api_key.* XAI_MANAGEMENT_KEY"):
            await getattr(client.collections, name)(**both)
    assert reference_server.calls == []
