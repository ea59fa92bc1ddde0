"""What is said about collections: nothing in this file may be an error, or of an unknown type.

It is checked by test_programs.py, never run.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

from typing_extensions import assert_type

from xai import v1
from xai.v1 import AsyncClient, Client, Collection, Document, SearchMatch, SearchResults


def collections(client: Client) -> None:
    """Create, change and list them."""
    param: v1.ChunkConfigurationParam = {
        "chars_configuration": {"max_chunk_size_chars": 9, "chunk_overlap_chars": 2},
        "strip_whitespace": True,
    }
    made = client.collections.create("n", chunk_configuration=param, metric_space="cosine")
    assert_type(made, Collection)
    assert_type(made.created_at, datetime | None)
    assert_type(made.chunk_configuration, v1.ChunkConfiguration | None)
    assert_type(made.field_definitions, tuple[v1.FieldDefinition, ...])
    client.collections.create(
        "n",
        chunk_configuration=v1.ChunkConfiguration("tokens", 9, encoding_name="x"),
        field_definitions=[v1.FieldDefinition("a", unique=True), {"key": "b"}],
    )
    client.collections.update(
        collection_id="c",
        field_definitions=[
            v1.AddField(v1.FieldDefinition("a")),
            v1.DeleteField("b"),
            {"field_definition": {"key": "c"}, "operation": "add"},
            {"key": "d", "operation": "delete"},
        ],
    )
    page = client.collections.list(limit=5, order="asc", sort_by="age")
    assert_type(page.items, tuple[Collection, ...])
    assert_type([each.collection_id for each in page], list[str])
    assert_type(client.collections.generate_description(collection_id="c"), str)


def progress(sent: int, total: int | None) -> None:
    """Do nothing."""


def documents(client: Client, path: Path, data: bytes) -> None:
    """Upload, wait for and find them."""
    client.collections.upload_document(BytesIO(data), collection_id="c")
    client.collections.upload_document([data], collection_id="c", name="a")
    document = client.collections.upload_document(
        path,
        collection_id="c",
        wait_for_indexing=True,
        timeout=timedelta(seconds=5),
        on_status=lambda each: each.status.wire_name,
        on_progress=progress,
    )
    assert_type(document, Document)
    assert_type(document.fields, Mapping[str, str])
    assert_type(document.status, v1.DocumentStatus)
    sources: list[Path | bytes | v1.DocumentUpload[bytes]] = [
        path,
        data,
        v1.DocumentUpload(data, name="a", fields={"b": "c"}),
    ]
    found = client.collections.upload_documents(sources, collection_id="c", concurrency=5)
    assert_type(found, list[Document | Exception])
    listed = client.collections.list_documents(collection_id="c", sort_by="size", name="a")
    assert_type([each.name for each in listed], list[str])
    assert_type(
        client.collections.wait_for_indexing(collection_id="c", file_ids=["f"]), list[Document]
    )
    results = client.documents.search(
        "q",
        collection_ids=["c"],
        retrieval_mode=v1.HybridRetrieval(reranker=v1.ReciprocalRankFusion(k=5)),
    )
    assert_type(results, SearchResults)
    assert_type(results[0], SearchMatch)
    assert_type(results[0].collection_ids, tuple[str, ...])
    v1.collections_search(["c"], retrieval_mode=v1.KeywordRetrieval())


def errors(error: v1.IndexingFailedError | v1.IndexingTimeoutError) -> None:
    """What they know."""
    assert_type(error.file_ids, tuple[str, ...])
    assert_type(error.documents, tuple[Document, ...])


async def asynchronous(client: AsyncClient) -> None:
    """The same, awaited."""
    assert_type(await client.collections.create("n"), Collection)
    assert_type(
        [each.file_id async for each in await client.collections.list_documents(collection_id="c")],
        list[str],
    )
    assert_type(await client.collections.upload_document(b"a", collection_id="c"), Document)
    assert_type(await client.documents.search("q", collection_ids=["c"]), SearchResults)
