"""What the server tells about collections and documents, as values."""

import pickle
from datetime import datetime, timezone
from typing import Any

import attrs
import grpc
import pytest

from tests.services.interop.reference import ReferenceServer
from xai import NotFoundError, v1
from xai.v1 import AsyncClient, DocumentStatus

MOMENT = {"seconds": 1_700_000_000}
TIME = datetime(2023, 11, 14, 22, 13, 20, tzinfo=timezone.utc)
COLLECTION: dict[str, Any] = {
    "collection_id": "c-1",
    "collection_name": "Notes",
    "created_at": MOMENT,
    "index_configuration": {"model_name": "m"},
    "chunk_configuration": {
        "bytes_configuration": {"max_chunk_size_bytes": 9, "chunk_overlap_bytes": 2},
        "strip_whitespace": True,
    },
    "documents_count": 2,
    "field_definitions": [{"key": "title", "required": True, "description": "d"}],
    "collection_description": "Mine.",
    "total_file_size": 2**40,
}
FILE: dict[str, Any] = {
    "file_id": "f-1",
    "name": "a.txt",
    "size_bytes": 2**40,
    "content_type": "text/plain",
    "created_at": MOMENT,
    "hash": "h",
    "upload_status": "u",
    "processing_status": "p",
    "file_path": "a/a.txt",
}
DOCUMENT: dict[str, Any] = {
    "file_metadata": FILE,
    "fields": {"title": "A"},
    "status": "DOCUMENT_STATUS_PROCESSED",
    "last_indexed_at": MOMENT,
    "chunk_count": 0,
    "chunks_processed_count": 3,
}


def document(file_id: str, status: object, **more: object) -> dict[str, Any]:
    """Return a document, by its fields."""
    return {"file_metadata": {"file_id": file_id}, "status": status, **more}


async def test_collection(reference_server: ReferenceServer, client: AsyncClient) -> None:
    """Every field is there; what is missing is None or empty, and nothing can be changed."""
    reference_server.script("Collections/CreateCollection").says(COLLECTION)
    found = await client.collections.create("Notes")
    assert (found.collection_id, found.collection_name) == ("c-1", "Notes")
    assert (found.collection_description, found.created_at) == ("Mine.", TIME)
    assert (found.model_name, found.documents_count, found.total_file_size) == ("m", 2, 2**40)
    assert found.chunk_configuration == v1.ChunkConfiguration("bytes", 9, 2, strip_whitespace=True)
    assert found.field_definitions == (v1.FieldDefinition("title", required=True, description="d"),)
    assert found.to_dict()["total_file_size"] == 2**40
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301  # our own
    assert len({found, found}) == 1
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        found.collection_name = "b"  # type: ignore[misc]  # the point of the test
    script = reference_server.script("Collections/GetCollectionMetadata")
    script.says({"chunk_configuration": {"strip_whitespace": True}})
    found = await client.collections.get(collection_id="c")
    assert (found.collection_description, found.created_at, found.model_name) == (None, None, "")
    assert (found.chunk_configuration, found.field_definitions) == (None, ())


async def test_document(reference_server: ReferenceServer, client: AsyncClient) -> None:
    """File and indexing in one value; a status without a name is kept."""
    script = reference_server.script("Collections/GetDocumentMetadata")
    script.says(DOCUMENT)
    script.says(document("f", 9, error_message="e"))
    found = await client.collections.get_document(collection_id="c", file_id="f-1")
    assert (found.file_id, found.name, found.size_bytes) == ("f-1", "a.txt", 2**40)
    assert (found.content_type, found.hash, found.file_path) == ("text/plain", "h", "a/a.txt")
    assert (found.upload_status, found.processing_status) == ("u", "p")
    assert (found.created_at, found.expires_at, found.last_indexed_at) == (TIME, None, TIME)
    assert (found.status, found.indexed) == (DocumentStatus.PROCESSED, True)
    assert found.status.wire_name == "DOCUMENT_STATUS_PROCESSED"
    assert (found.chunk_count, found.chunks_processed_count) == (0, 3)
    assert (found.fields, found.error_message) == ({"title": "A"}, None)
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301  # our own
    assert hash(found) == hash(attrs.evolve(found))
    assert attrs.evolve(found, fields=()) != found
    found = await client.collections.get_document(collection_id="c", file_id="f")
    assert (int(found.status), found.status.wire_name) == (9, "DOCUMENT_STATUS_9")
    assert (found.indexed, found.error_message, found.chunk_count) == (False, "e", None)


async def test_matches_are_a_sequence(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """Best first, as they came."""
    matches = [
        {"file_id": "f", "chunk_id": "k", "chunk_content": "t", "score": 0.5},
        {"file_id": "g", "collection_ids": ["c", "d"]},
    ]
    script = reference_server.script("Documents/Search")
    script.says({"matches": matches})
    script.says({})
    found = await client.documents.search("q", collection_ids=["c"])
    assert len(found) == len(found.matches) == 2
    assert (found[0].chunk_id, found[0].chunk_content, found[0].score) == ("k", "t", 0.5)
    assert [match.collection_ids for match in found] == [(), ("c", "d")]
    assert found[1:] == found.matches[1:]
    assert found.to_dict()["matches"] == [match.to_dict() for match in found]
    assert list(await client.documents.search("q", collection_ids=["c"])) == []


async def test_description_may_be_empty(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """It is when nothing is indexed yet."""
    script = reference_server.script("Collections/GenerateCollectionDescription")
    script.says({"collection_description": "About rivers."})
    script.says({})
    describe = client.collections.generate_description
    assert await describe(collection_id="c") == "About rivers."
    assert await describe(collection_id="c") == ""


async def test_lists_go_on_with_the_next_page(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """The other parameters stay, and a limit holds for all pages together."""
    script = reference_server.script("Collections/ListCollections")
    script.says({"collections": [COLLECTION] * 2, "pagination_token": "t"})
    script.says({"collections": [COLLECTION]})
    page = await client.collections.list(order="asc", filter="a:b", team_id="t-1")
    assert (len(page.items), page.next_page_token) == (2, "t")
    assert len([each async for each in page]) == 3
    first, second = script.seen
    assert second == {**first, "pagination_token": "t"}
    script = reference_server.script("Collections/ListDocuments")
    script.says({"documents": [DOCUMENT] * 2, "pagination_token": "t"})
    script.says({"documents": [DOCUMENT] * 2, "pagination_token": "u"})
    documents = await client.collections.list_documents(collection_id="c", limit=3, name="a")
    assert len([each async for each in documents]) == 3
    assert [request["limit"] for request in script.seen] == [3, 1]
    assert {request["name"] for request in script.seen} == {"a"}


async def test_documents_come_in_the_order_of_their_ids(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """Those that the server doesn't know are left out."""
    script = reference_server.script("Collections/BatchGetDocuments")
    script.says({"documents": [document("g", 1), document("f", 2)]})
    found = await client.collections.batch_get_documents(
        collection_id="c", file_ids=["f", "x", "g"]
    )
    assert [each.file_id for each in found] == ["f", "g"]


async def test_what_is_not_there_is_an_error(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """A deletion isn't made twice, and neither returns anything."""
    script = reference_server.script("Collections/DeleteCollection")
    script.says({})
    script.says(status=(grpc.StatusCode.NOT_FOUND, "no such collection"))
    await client.collections.delete(collection_id="c")
    with pytest.raises(NotFoundError, match="no such collection"):
        await client.collections.delete(collection_id="c")
    assert len(script.calls) == 2
