"""The reference clients with the local server: collections, documents and searches."""

from collections.abc import Iterator
from datetime import timedelta

import grpc
import pytest

from tests.reference import documents_pb2
from tests.services.interop.reference_client import Reference, ReferenceClient, refused, tools
from tests.support import SECRET_KEY
from xai.testing import LocalServer

SOON = {
    "wait_for_indexing": True,
    "poll_interval": timedelta(milliseconds=1),
    "timeout": timedelta(seconds=60),
}
RIVER = b"The bridge over the river was closed for repairs in spring."
CATS = b"Cats drink milk and sleep all day."
TITLE = {"key": "title", "required": True, "inject_into_chunk": True, "unique": False}


@pytest.fixture
def reference(server: LocalServer, kind: type[ReferenceClient]) -> Iterator[ReferenceClient]:
    """A client of the server, with both of its keys."""
    options = {
        "management_api_key": server.management_api_key,
        "management_api_host": server.host,
    }
    with kind(server.host, SECRET_KEY, **options) as reference:
        yield reference


def test_collections(reference: ReferenceClient) -> None:
    """They are created, found, changed, listed by pages and deleted."""
    collections = reference.client.collections
    made = reference.wait(
        collections.create(
            "Notes",
            model_name="m",
            chunk_configuration={
                "chars_configuration": {"max_chunk_size_chars": 50, "chunk_overlap_chars": 5},
                "strip_whitespace": True,
            },
            metric_space="cosine",
            field_definitions=[TITLE],
            description="Mine.",
        )
    )
    assert made.index_configuration.model_name == "m"
    assert made.chunk_configuration.chars_configuration.max_chunk_size_chars == 50
    assert made.field_definitions[0].inject_into_chunk
    assert (made.collection_description, made.documents_count) == ("Mine.", 0)
    assert made.created_at.seconds > 0
    identity = made.collection_id
    assert reference.wait(collections.get(identity)) == made
    changed = reference.wait(
        collections.update(
            identity,
            name="Books",
            field_definitions=[
                {"key": "title", "operation": "delete"},
                {"field_definition": {**TITLE, "key": "author"}, "operation": "add"},
            ],
        )
    )
    assert changed.collection_name == "Books"
    assert [field.key for field in changed.field_definitions] == ["author"]
    other = reference.wait(collections.create("Other"))
    first = reference.wait(collections.list(limit=1, order="asc", sort_by="age"))
    assert [each.collection_id for each in first.collections] == [identity]
    token = first.pagination_token
    last = reference.wait(
        collections.list(limit=1, order="asc", sort_by="age", pagination_token=token)
    )
    assert [each.collection_id for each in last.collections] == [other.collection_id]
    assert not last.HasField("pagination_token")
    found = reference.wait(collections.list(filter='collection_name:"Books"'))
    assert len(found.collections) == 1
    reference.wait(collections.delete(identity))
    code, text = refused(reference, lambda: collections.get(identity))
    assert (code, identity in text) == (grpc.StatusCode.NOT_FOUND, True)


def test_documents_are_uploaded_and_found(reference: ReferenceClient) -> None:
    """By every mode of retrieval; described, changed, indexed again and removed."""
    collections = reference.client.collections
    made = reference.wait(collections.create("Notes", field_definitions=[TITLE]))
    identity = made.collection_id
    river = reference.wait(
        collections.upload_document(identity, "river.txt", RIVER, {"title": "River"}, **SOON)
    )
    assert river.status == 2
    assert (river.file_metadata.name, river.file_metadata.size_bytes) == ("river.txt", len(RIVER))
    assert (river.fields["title"], river.chunk_count) == ("River", 1)
    cats = reference.wait(
        collections.upload_document(identity, "cats.txt", CATS, {"title": "Cats"})
    )
    assert cats.status == 1
    ids = [river.file_metadata.file_id, cats.file_metadata.file_id]

    def indexed() -> bool:
        batch = reference.wait(collections.batch_get_documents(identity, ids))
        return all(document.status == 2 for document in batch.documents)

    while not indexed():
        pass
    rrf = documents_pb2.ReciprocalRankFusion(k=5, embedding_weight=0.2, text_weight=0.8)
    modes: list[Reference] = [
        None,
        "hybrid",
        "semantic",
        "keyword",
        documents_pb2.HybridRetrieval(search_multiplier=2, reciprocal_rank_fusion=rrf),
        documents_pb2.KeywordRetrieval(reranker=documents_pb2.RerankerModel(instructions="milk")),
    ]
    for mode in modes:
        found = reference.wait(
            collections.search("who drinks milk", [identity], 1, retrieval_mode=mode)
        )
        (match,) = found.matches
        assert (match.file_id, match.collection_ids) == (ids[1], [identity])
        assert match.chunk_content == f"Cats\n{CATS.decode()}"
    listed = reference.wait(
        collections.list_documents(identity, sort_by="size", order="desc", filter="name:*.txt")
    )
    assert [each.file_metadata.file_id for each in listed.documents] == ids
    description = reference.wait(collections.generate_description(identity))
    assert description.startswith("Documents about ")
    changed = reference.wait(
        collections.update_document(identity, ids[1], name="dogs.txt", data=b"Dogs bark.")
    )
    assert changed.file_metadata.name == "dogs.txt"
    reference.wait(collections.reindex_document(identity, ids[0]))
    assert reference.wait(collections.get_document(ids[0], identity)).status == 1
    reference.wait(collections.remove_document(identity, ids[0]))
    code, _ = refused(reference, lambda: collections.get_document(ids[0], identity))
    assert code is grpc.StatusCode.NOT_FOUND
    reference.wait(collections.add_existing_document(identity, ids[0], {"title": "Again"}))
    code, text = refused(reference, lambda: collections.add_existing_document(identity, ids[0]))
    assert (code, "already" in text) == (grpc.StatusCode.ALREADY_EXISTS, True)


def test_failed_indexing_has_its_reason(reference: ReferenceClient) -> None:
    """As the reference's error."""
    collections = reference.client.collections
    made = reference.wait(collections.create("Notes"))
    with pytest.raises(ValueError, match="is not text"):
        reference.wait(
            collections.upload_document(made.collection_id, "a.bin", b"\xff\x00", **SOON)
        )


def test_chat_searches_a_collection(reference: ReferenceClient) -> None:
    """The call, its output and the citations are where the reference looks for them."""
    collections = reference.client.collections
    made = reference.wait(collections.create("Notes"))
    identity = made.collection_id
    document = reference.wait(collections.upload_document(identity, "river.txt", RIVER, **SOON))
    asked = reference.ask(
        "When was the bridge closed?",
        tools=[tools.collections_search([identity])],
        include=["collections_search_call_output", "inline_citations"],
    )
    response = reference.wait(asked.sample())
    (call,) = response.tool_calls
    assert tools.get_tool_call_type(call) == "collections_search_tool"
    assert RIVER.decode() in response.tool_outputs[0].message.content
    assert list(response.citations) == [
        f"collections://{identity}/files/{document.file_metadata.file_id}"
    ]
    (citation,) = response.inline_citations
    assert citation.collections_citation.chunk_content == RIVER.decode()
    assert response.content
    assert response.server_side_tool_usage == {"SERVER_SIDE_TOOL_COLLECTIONS_SEARCH": 1}
