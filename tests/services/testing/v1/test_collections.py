"""The local server's collections: keys, fields, chunks, indexing, filters, pages and searches."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from xai import (
    AlreadyExistsError,
    AuthenticationError,
    InvalidArgumentError,
    NotFoundError,
    PermissionDeniedError,
    StatusCode,
    v1,
)
from xai.testing import LocalServer
from xai.v1 import Client, Collection, DocumentStatus, IndexingFailedError

RIVER = "The bridge over the river was closed for repairs in spring."
CATS = "Cats drink milk and sleep all day."
BREAD = "Bakers bake bread at night."


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A local server."""
    with LocalServer() as server:
        yield server


@pytest.fixture
def client(server: LocalServer) -> Iterator[Client]:
    """A client with both of its keys."""
    with server.v1_client() as client:
        yield client


def upload(client: Client, name: str, content: str | bytes) -> str:
    """Upload a file; return its ID."""
    data = content.encode() if isinstance(content, str) else content
    return client.files.upload(data, filename=name).id


def fill(
    client: Client,
    texts: Mapping[str, str | bytes],
    **options: Any,  # noqa: ANN401  # of all kinds
) -> tuple[Collection, list[str]]:
    """Create a collection of texts, and wait until they are indexed."""
    made = client.collections.create("Notes", **options)
    ids = [upload(client, name, text) for name, text in texts.items()]
    for file_id in ids:
        client.collections.add_existing_document(collection_id=made.collection_id, file_id=file_id)
    client.collections.wait_for_indexing(
        collection_id=made.collection_id, file_ids=ids, interval=0.001
    )
    return made, ids


def contents(client: Client, made: Collection, query: str, **options: Any) -> list[str]:  # noqa: ANN401  # of all kinds
    """Search, and return the chunks that were found."""
    found = client.documents.search(query, collection_ids=[made.collection_id], **options)
    return [match.chunk_content for match in found]


def test_each_key_is_for_its_own_services(server: LocalServer, client: Client) -> None:
    """A management key lists collections and no models; an API key does the opposite."""
    assert client.collections.list().items == ()
    key = server.management_api_key
    assert key is not None
    wrong = server.v1_client(management_api_key=server.api_key)
    with wrong, pytest.raises(AuthenticationError):
        wrong.collections.list()
    with server.v1_client(api_key=key) as other:
        with pytest.raises(AuthenticationError):
            other.models.list_language_models()
        assert other.collections.list().items == ()
    with pytest.raises(ValueError, match="must not be an API key as well"):
        LocalServer(api_keys={"a": []}, management_api_keys=["a"])
    bare = LocalServer(management_api_keys=[])
    assert bare.management_api_key is None
    with pytest.raises(PermissionDeniedError, match="t-1"):
        client.collections.list(team_id="t-1")
    assert client.collections.list(team_id=client.auth.get_api_key_info().team_id).items == ()


def test_collection_is_kept_as_it_was_created(client: Client) -> None:
    """And changed, all of it or nothing, until it is deleted."""
    fields = [v1.FieldDefinition("title", required=True), v1.FieldDefinition("isbn", unique=True)]
    chunks = v1.ChunkConfiguration("tokens", 9, 2, encoding_name="o200k_base")
    made = client.collections.create(
        "Notes",
        chunk_configuration=chunks,
        field_definitions=fields,
        description="Mine.",
        model_name="m",
    )
    identity: dict[str, Any] = {"collection_id": made.collection_id}
    assert client.collections.get(**identity) == made
    assert (made.chunk_configuration, list(made.field_definitions)) == (chunks, fields)
    assert (made.collection_description, made.model_name) == ("Mine.", "m")
    changes: list[v1.AddField | v1.DeleteField]
    changes = [v1.DeleteField("isbn"), v1.AddField(v1.FieldDefinition("author"))]
    changed = client.collections.update(**identity, name="Books", field_definitions=changes)
    assert (changed.collection_name, changed.chunk_configuration) == ("Books", chunks)
    assert [each.key for each in changed.field_definitions] == ["title", "author"]
    with pytest.raises(InvalidArgumentError, match="no field 'isbn' to delete"):
        client.collections.update(
            **identity, name="Other", field_definitions=[v1.DeleteField("isbn")]
        )
    with pytest.raises(InvalidArgumentError, match="a field 'title' already"):
        client.collections.update(**identity, field_definitions=[v1.AddField(fields[0])])
    assert client.collections.get(**identity) == changed
    client.collections.delete(**identity)
    for method in (client.collections.get, client.collections.delete):
        with pytest.raises(NotFoundError, match=made.collection_id):
            method(**identity)


def test_fields_have_rules(client: Client) -> None:
    """What is required must be there, what is unique only once; a document is there only once."""
    fields = [v1.FieldDefinition("title", required=True), v1.FieldDefinition("isbn", unique=True)]
    made = client.collections.create("Books", field_definitions=fields)
    add, identity = client.collections.add_existing_document, made.collection_id
    one, other = (upload(client, name, CATS) for name in ("a.txt", "b.txt"))
    with pytest.raises(InvalidArgumentError, match="'title' is required"):
        add(collection_id=identity, file_id=one)
    add(collection_id=identity, file_id=one, fields={"title": "A", "isbn": "1"})
    with pytest.raises(AlreadyExistsError, match="'isbn' is unique"):
        add(collection_id=identity, file_id=other, fields={"title": "A", "isbn": "1"})
    with pytest.raises(AlreadyExistsError, match="in the collection already"):
        add(collection_id=identity, file_id=one, fields={"title": "A"})
    with pytest.raises(NotFoundError, match="no file 'x'"):
        add(collection_id=identity, file_id="x", fields={"title": "A"})
    add(collection_id=identity, file_id=other, fields={"title": "B", "isbn": "2"})
    update = client.collections.update_document
    with pytest.raises(AlreadyExistsError, match="'isbn' is unique"):
        update(collection_id=identity, file_id=other, fields={"isbn": "1"})
    document = update(collection_id=identity, file_id=other, fields={"isbn": "3"})
    assert document.fields == {"title": "B", "isbn": "3"}
    client.collections.update(collection_id=identity, field_definitions=[v1.DeleteField("isbn")])
    found = client.collections.get_document(collection_id=identity, file_id=other)
    assert found.fields == {"title": "B"}
    assert client.collections.get(collection_id=identity).documents_count == 2


def test_indexing_takes_its_stages(server: LocalServer, client: Client) -> None:
    """A document is found once it is processed, after states in their order; nothing before."""
    made = client.collections.create("Notes")
    file_id = upload(client, "a.txt", RIVER)
    identity: dict[str, Any] = {"collection_id": made.collection_id, "file_id": file_id}
    server.stall(method="IndexDocument")
    client.collections.add_existing_document(**identity)
    first = client.collections.get_document(**identity)
    assert (first.status, first.chunk_count) == (DocumentStatus.PROCESSING, None)
    assert contents(client, made, "bridge") == []
    assert client.collections.generate_description(collection_id=made.collection_id) == ""
    server.release()
    seen: list[DocumentStatus] = []
    (last,) = client.collections.wait_for_indexing(
        collection_id=made.collection_id,
        file_ids=[file_id],
        interval=0.001,
        on_status=lambda each: seen.append(each.status),
    )
    order = [1, 4, 5, 6, 2]
    places = [order.index(int(each)) for each in seen]
    assert places == sorted(set(places))
    assert (last.indexed, last.chunk_count, last.chunks_processed_count) == (True, 1, 1)
    assert last.last_indexed_at is not None
    assert contents(client, made, "bridge") == [RIVER]
    description = client.collections.generate_description(collection_id=made.collection_id)
    assert description.startswith("Documents about ")


@pytest.mark.parametrize(
    ("content", "reason"), [(b"\xff\x00", "is not text"), (b"a\0b", "it has NULs")]
)
def test_what_is_no_text_is_not_indexed(client: Client, content: bytes, reason: str) -> None:
    """The document has the reason, and new content is indexed."""
    with pytest.raises(IndexingFailedError, match=reason) as caught:
        fill(client, {"a.bin": content})
    error = caught.value
    identity: dict[str, Any] = {"collection_id": error.collection_id, "file_id": error.file_id}
    found = client.collections.get_document(**identity)
    assert found.status is DocumentStatus.FAILED
    assert reason in str(found.error_message)
    changed = client.collections.update_document(**identity, data=CATS.encode(), name="b.txt")
    assert (changed.name, changed.size_bytes) == ("b.txt", len(CATS))
    assert client.files.content(error.file_id) == CATS.encode()
    client.collections.wait_for_indexing(
        collection_id=error.collection_id, file_ids=[error.file_id], interval=0.001
    )
    results = client.documents.search("milk", collection_ids=[error.collection_id])
    assert [match.chunk_content for match in results] == [CATS]


def test_indexing_fails_on_demand(server: LocalServer, client: Client) -> None:
    """A fault of the method that looks like one, with its text; indexing again succeeds."""
    server.fail(StatusCode.INTERNAL, "the disk is full", method="IndexDocument")
    with pytest.raises(IndexingFailedError, match="the disk is full") as caught:
        fill(client, {"a.txt": CATS})
    error = caught.value
    client.collections.reindex_document(collection_id=error.collection_id, file_id=error.file_id)
    client.collections.wait_for_indexing(
        collection_id=error.collection_id, file_ids=[error.file_id], interval=0.001
    )


def test_chunks_follow_the_configuration(client: Client) -> None:
    """Overlap, white space, names and fields; a new configuration holds once indexed again."""
    made = client.collections.create(
        "Notes",
        chunk_configuration=v1.ChunkConfiguration("chars", 30, 5, strip_whitespace=True),
        field_definitions=[v1.FieldDefinition("title", inject_into_chunk=True)],
    )
    identity: dict[str, Any] = {
        "collection_id": made.collection_id,
        "file_id": upload(client, "a.txt", RIVER),
    }
    client.collections.add_existing_document(**identity, fields={"title": "Bridge"})
    wait: dict[str, Any] = {
        "collection_id": made.collection_id,
        "file_ids": [identity["file_id"]],
        "interval": 0.001,
    }
    client.collections.wait_for_indexing(**wait)
    parts = [RIVER[:30], RIVER[25:55], RIVER[50:]]
    assert sorted(contents(client, made, "bridge", retrieval_mode="keyword")) == sorted(
        f"Bridge\n{part.strip()}" for part in parts
    )
    client.collections.update(
        collection_id=made.collection_id,
        chunk_configuration=v1.ChunkConfiguration("bytes", 500, inject_name_into_chunks=True),
        field_definitions=[v1.DeleteField("title")],
    )
    assert len(contents(client, made, "bridge")) == 3
    client.collections.reindex_document(**identity)
    client.collections.wait_for_indexing(**wait)
    assert contents(client, made, "bridge") == [f"a.txt\n{RIVER}"]


def test_searches_find_what_they_are_to(client: Client) -> None:
    """By words what has them, by meaning everything, with the scores of the metric."""
    texts: dict[str, str | bytes] = {"river.txt": RIVER, "cats.txt": CATS, "bread.txt": BREAD}
    made, ids = fill(client, texts, metric_space="euclidean")
    search = client.documents.search
    where: dict[str, Any] = {"collection_ids": [made.collection_id]}
    (match,) = search("some milk", **where, retrieval_mode="keyword", limit=1)
    assert (match.file_id, match.collection_ids) == (ids[1], (made.collection_id,))
    by_meaning = search("kitten milk", **where, retrieval_mode="semantic")
    assert by_meaning[0].file_id == ids[1]
    scores = [each.score for each in by_meaning]
    assert len(scores) == 3
    assert scores == sorted(scores), "of a distance the lowest is best"
    both = search("bread at night", **where)
    assert both[0].file_id == ids[2]
    assert both[0].score == pytest.approx(0.5 / 61 + 0.5 / 61)
    fused = v1.ReciprocalRankFusion(k=1, embedding_weight=0, text_weight=1)
    by_words = search("bread", **where, retrieval_mode=v1.HybridRetrieval(reranker=fused))
    assert [(each.file_id, each.score) for each in by_words] == [(ids[2], 0.5)]
    model = v1.RerankerModel(instructions="river bridge")
    for mode in (
        v1.HybridRetrieval(search_multiplier=3, reranker=model),
        v1.SemanticRetrieval(reranker=model),
    ):
        assert search("spring", **where, retrieval_mode=mode)[0].file_id == ids[0]
    assert contents(client, made, "zebra", retrieval_mode="keyword") == []
    client.collections.remove_document(collection_id=made.collection_id, file_id=ids[1])
    assert CATS not in contents(client, made, "milk", retrieval_mode="semantic")
    with pytest.raises(NotFoundError, match="no document"):
        client.collections.get_document(collection_id=made.collection_id, file_id=ids[1])
    with pytest.raises(NotFoundError, match="no collection 'x'"):
        search("a", collection_ids=[made.collection_id, "x"])
    # A document of two collections is found once.
    other = client.collections.create("Other")
    client.collections.add_existing_document(collection_id=other.collection_id, file_id=ids[0])
    client.collections.wait_for_indexing(
        collection_id=other.collection_id, file_ids=[ids[0]], interval=0.001
    )
    wide = search("bridge", collection_ids=[other.collection_id, made.collection_id])
    assert wide[0].collection_ids == (other.collection_id, made.collection_id)


def test_lists_are_filtered_sorted_and_cut_into_pages(client: Client) -> None:
    """A token is good for the list it came from."""
    for name in ("b", "c", "a"):
        client.collections.create(name)
    collections = client.collections
    assert [each.collection_name for each in collections.list()] == ["c", "b", "a"]
    by_age = collections.list(sort_by="age", order="asc")
    assert [each.collection_name for each in by_age] == ["b", "c", "a"]
    found = collections.list(filter="collection_name:!b AND documents_count:<1", order="asc")
    assert [each.collection_name for each in found] == ["a", "c"]
    page = collections.list(limit=2, order="asc")
    token = page.next_page_token
    assert token is not None
    rest = collections.list(pagination_token=token, order="asc")
    assert [each.collection_name for each in rest] == ["c"]
    for other in (token[::-1], "x"):
        with pytest.raises(InvalidArgumentError, match="pagination_token"):
            collections.list(pagination_token=other)
    with pytest.raises(InvalidArgumentError, match="another order"):
        collections.list(pagination_token=token, order="desc")
    with pytest.raises(InvalidArgumentError, match="expected AND"):
        collections.list(filter="collection_name:a OR collection_name:b")
    texts: dict[str, str | bytes] = {"b.txt": "a" * 9, "c.txt": "b" * 5, "a.txt": "c" * 7}
    made, _ = fill(client, texts)
    documents, identity = collections.list_documents, made.collection_id
    for sort_by, names in (("name", "abc"), ("size", "cab"), ("age", "bca")):
        listed = documents(collection_id=identity, sort_by=sort_by, order="asc")  # type: ignore[arg-type]  # of the table
        assert [each.name[0] for each in listed] == list(names)
    assert [each.name for each in documents(collection_id=identity, name="a.txt")] == ["a.txt"]
    text = "status:DOCUMENT_STATUS_PROCESSED AND size_bytes:>5 AND name:!a*"
    assert [each.name for each in documents(collection_id=identity, filter=text)] == ["b.txt"]


def test_chats_search_collections_and_attachments(client: Client) -> None:
    """Calls, outputs as far as they are asked for, citations, usage and cost; streamed as well."""
    made, (river, _) = fill(client, {"river.txt": RIVER, "cats.txt": CATS})
    notes = v1.file(data=b"My bridge notes: it opens in May.", filename="notes.txt")
    tools = [
        v1.collections_search([made.collection_id], limit=1),
        v1.attachment_search(),
        v1.web_search(),
    ]
    messages = [v1.user("When was the bridge closed?", notes)]
    plain = client.chat.create("grok-local", messages=messages, tools=tools).sample()
    url = f"collections://{made.collection_id}/files/{river}"
    assert [call.function.name for call in plain.tool_calls] == [
        "collections_search",
        "attachment_search",
    ]
    assert [output.message.content for output in plain.tool_outputs] == ["", ""]
    assert plain.citations == [url, "attachment://notes.txt"]
    assert plain.inline_citations == []
    assert plain.content
    assert plain.server_side_tool_usage == {
        "SERVER_SIDE_TOOL_COLLECTIONS_SEARCH": 1,
        "SERVER_SIDE_TOOL_ATTACHMENT_SEARCH": 1,
    }
    assert plain.cost_usd is not None
    assert plain.cost_usd > 0.05
    chat = client.chat.create(
        "grok-local",
        messages=messages,
        tools=tools,
        include=[
            "collections_search_call_output",
            "attachment_search_call_output",
            "inline_citations",
        ],
        store_messages=True,
    )
    full = chat.sample()
    collection_output, attachment_output = full.tool_outputs
    assert RIVER in collection_output.message.content
    assert "it opens in May" in attachment_output.message.content
    first = full.inline_citations[0]
    assert full.content[first.start_index : first.end_index] == f"[[1]]({url})"
    assert first.collections_citation.chunk_content == RIVER
    assert full.content.startswith(plain.content)
    streamed = chat.stream().until_done()
    assert (streamed.content, streamed.citations) == (full.content, full.citations)
    assert len(streamed.tool_calls) == len(full.tool_calls) == 2
    assert [output.message.content for output in streamed.tool_outputs] == [
        output.message.content for output in full.tool_outputs
    ]
    assert len(streamed.inline_citations) == len(full.inline_citations)
    # The conversation goes on from what was stored, found things included.
    after = client.chat.create(
        "grok-local", messages=[v1.user("Why?")], previous_response_id=full.id
    ).sample()
    assert after.usage.cached_prompt_text_tokens > 0


def test_chats_search_only_where_it_helps(client: Client) -> None:
    """Nothing is called for a greeting or when tools are off; always when one is required."""
    made, _ = fill(client, {"river.txt": RIVER})
    tools = [v1.collections_search([made.collection_id])]

    def names(question: str, **settings: Any) -> list[str]:  # noqa: ANN401  # of all kinds
        chat = client.chat.create(
            "grok-local", messages=[v1.user(question)], tools=tools, **settings
        )
        return [call.function.name for call in chat.sample().tool_calls]

    assert names("Hello!") == []
    assert names("Is the bridge closed?", tool_choice="none") == []
    assert names("Is the bridge closed?", max_turns=1) == ["collections_search"]
    assert names("Hello!", tool_choice="required") == ["collections_search"]
    tools = [v1.collections_search(["x"])]
    with pytest.raises(NotFoundError, match="no collection 'x'"):
        names("Hello!")
