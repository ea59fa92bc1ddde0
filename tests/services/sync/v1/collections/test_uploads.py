# Do not edit: produced by "nox -s generate" from
# tests/services/aio/v1/collections/test_uploads.py
"""Documents that are uploaded, attached and indexed; and what is left when that goes wrong."""

import io
import pickle
from pathlib import Path
from typing import Any

import pytest

from tests.support import SECRET_KEY
from xai import (
    APIConnectionError,
    APIError,
    InternalServerError,
    InvalidArgumentError,
    NotFoundError,
    RetryPolicy,
    StatusCode,
    v1,
)
from xai.testing import LocalServer
from xai.v1 import (
    Client,
    Document,
    DocumentStatus,
    DocumentUpload,
    IndexingFailedError,
    IndexingTimeoutError,
)

RIVER = "The bridge over the river was closed for repairs in spring."
QUICK: dict[str, Any] = {"wait_for_indexing": True, "interval": 0.001}
UPLOAD, ADD, LOOK = "UploadFile", "AddDocumentToCollection", "GetDocumentMetadata"


def create(client: Client, **options: Any) -> dict[str, Any]:  # noqa: ANN401  # of all kinds
    """Create a collection, and return which it is."""
    made = client.collections.create("Notes", **options)
    return {"collection_id": made.collection_id}


def file_ids(client: Client) -> list[str]:
    """Return the IDs of the files on the server, in the order in which they came."""
    return [file.id for file in client.files.list()]


def test_document_is_found_once_it_is_uploaded(local_client: Client, tmp_path: Path) -> None:
    """From whatever files are uploaded from, under its own name or another, told of on the way."""
    where = create(local_client, field_definitions=[v1.FieldDefinition("title", required=True)])
    path = tmp_path / "river.txt"
    path.write_text(RIVER, "utf-8")
    progress: list[tuple[int, int | None]] = []
    statuses: list[DocumentStatus] = []
    upload = local_client.collections.upload_document
    document = upload(
        path,
        **where,
        **QUICK,
        fields={"title": "A"},
        expires_after=3600,
        on_progress=lambda sent, total: progress.append((sent, total)),
        on_status=lambda each: statuses.append(each.status),
    )
    assert (document.name, document.fields, document.indexed) == ("river.txt", {"title": "A"}, True)
    assert document.expires_at is not None
    assert progress == [(len(RIVER), len(RIVER))]
    assert (statuses[0], statuses[-1]) == (DocumentStatus.PROCESSING, DocumentStatus.PROCESSED)
    for source in (RIVER.encode(), io.BytesIO(RIVER.encode()), [RIVER.encode()]):
        other = upload(source, **where, name="b.txt", fields={"title": "B"})
        assert (other.name, other.status) == ("b.txt", DocumentStatus.PROCESSING)
    found = local_client.documents.search("bridge", collection_ids=[where["collection_id"]])
    assert found[0].file_id == document.file_id
    assert len(file_ids(local_client)) == 4


def test_nothing_is_uploaded_without_a_management_key(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor for an argument that makes no sense: there is no file left that nobody asked for."""
    monkeypatch.delenv("XAI_MANAGEMENT_KEY", raising=False)
    with Client(SECRET_KEY, api_host=server.host) as client:
        with pytest.raises(ValueError, match="management_api_key"):
            client.collections.upload_document(b"a", collection_id="c", name="a.txt")
        with pytest.raises(ValueError, match="management_api_key"):
            client.collections.upload_documents([b"a"], collection_id="c")
    assert server.calls == []


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"collection_id": ""}, "collection_id must not be empty"),
        ({"team_id": ""}, "team_id must not be empty"),
        ({"name": "a;b"}, "name must have no control"),
        ({"fields": {"a": 1}}, r"fields\['a'\] must be a str, not int"),
        ({"expires_after": 60}, "expires_after must be from 3600"),
        ({"timeout": 5}, "timeout makes no sense without wait_for_indexing"),
        ({"on_status": print}, "on_status makes no sense without wait_for_indexing"),
        ({"wait_for_indexing": 1}, "wait_for_indexing must be a bool, not int"),
        ({"wait_for_indexing": True, "timeout": 0}, "timeout must be more than 0"),
        ({"wait_for_indexing": True, "on_status": 5}, "on_status must be callable"),
        ({"on_progress": 5}, "on_progress must be a plain function"),
        ({"name": None}, "name is required"),
    ],
)
def test_wrong_argument_is_named_before_anything_is_sent(
    server: LocalServer, local_client: Client, arguments: dict[str, Any], text: str
) -> None:
    """With what was expected."""
    given = {"collection_id": "c", "name": "a.txt", **arguments}
    with pytest.raises((TypeError, ValueError), match=f"^{text}"):
        local_client.collections.upload_document(b"a", **given)
    assert server.calls == []


def test_later_failures_have_the_id_of_the_file(server: LocalServer, local_client: Client) -> None:
    """Of each step: the file can be attached once more, waited for, or deleted."""
    where = create(local_client)
    client = local_client.with_options(retry=RetryPolicy.none())
    upload = client.collections.upload_document

    def fails(kind: type[BaseException], **options: Any) -> Any:  # noqa: ANN401  # of that kind
        with pytest.raises(kind) as caught:
            upload(RIVER.encode(), **where, name="a.txt", **options)
        error: Any = caught.value
        assert error.file_id == file_ids(client)[-1]
        assert error.file_ids == (error.file_id,)
        return error

    server.fail(StatusCode.INVALID_ARGUMENT, "no", method=ADD)
    error = fails(InvalidArgumentError)
    assert error.file_id in " ".join(error.__notes__)
    server.drop_connection(method=ADD)
    error = fails(APIConnectionError)
    client.collections.add_existing_document(**where, file_id=error.file_id)
    server.fail(StatusCode.INTERNAL, "no", method=LOOK)
    fails(APIError)
    server.fail(StatusCode.INTERNAL, "no", method=LOOK)
    fails(APIError, **QUICK)
    server.fail(StatusCode.INTERNAL, "no text", method="IndexDocument")
    assert "no text" in str(fails(IndexingFailedError, **QUICK))
    server.stall(method="IndexDocument")
    error = fails(IndexingTimeoutError, **QUICK, timeout=0.05)
    server.release()
    (document,) = client.collections.wait_for_indexing(
        **where, file_ids=error.file_ids, interval=0.001
    )
    assert document.indexed

    def interrupt(_: Document) -> None:
        raise KeyboardInterrupt

    fails(KeyboardInterrupt, **QUICK, on_status=interrupt)
    with pytest.raises(NotFoundError, match="no collection 'x'") as caught:
        upload(b"a", collection_id="x", name="a.txt")
    assert caught.value.file_id == file_ids(client)[-1]


def test_lost_connection_while_waiting_is_made_anew(
    server: LocalServer, local_client: Client
) -> None:
    """Asking changes nothing, so it is tried again."""
    where = create(local_client)
    server.drop_connection(method=LOOK)
    document = local_client.collections.upload_document(
        RIVER.encode(), **where, **QUICK, name="a.txt"
    )
    assert document.indexed


def test_many_documents_keep_their_order(
    server: LocalServer, local_client: Client, tmp_path: Path
) -> None:
    """Each with its own outcome; those that are indexed are asked for together."""
    where = create(local_client, field_definitions=[v1.FieldDefinition("t", unique=True)])
    path = tmp_path / "c.txt"
    path.write_text(RIVER, "utf-8")
    sources: list[Any] = [
        DocumentUpload(b"one", name="a.txt", fields={"t": "1"}),
        tmp_path / "none.txt",
        path,
        DocumentUpload(b"\xff\x00", name="d.bin"),
        DocumentUpload(b"two", name="e.txt", expires_after=3600),
    ]
    told: dict[int, Any] = {}

    def complete(place: int, item: object, outcome: object) -> None:
        assert item is sources[place]
        assert place not in told
        told[place] = outcome

    found = local_client.collections.upload_documents(
        sources, **where, **QUICK, concurrency=2, on_complete=complete
    )
    assert found == [told[place] for place in range(5)]
    one, missing, three, broken, five = found
    assert isinstance(one, Document)
    assert (one.name, one.fields, one.indexed) == ("a.txt", {"t": "1"}, True)
    assert isinstance(missing, FileNotFoundError)
    assert isinstance(three, Document)
    assert three.name == "c.txt"
    assert isinstance(broken, IndexingFailedError)
    assert broken.documents[0].name == "d.bin"
    assert isinstance(five, Document)
    assert five.expires_at is not None
    methods = [call.method.rpartition("/")[2] for call in server.calls]
    assert methods.count(UPLOAD) == methods.count(ADD) == 4
    assert "BatchGetDocuments" in methods
    assert local_client.collections.upload_documents([], **where, **QUICK) == []
    twice = local_client.collections.upload_documents(
        [DocumentUpload(b"x", name="x", fields={"t": "1"}), DocumentUpload(b"y", name="y")], **where
    )
    refused = twice[0]
    assert isinstance(refused, APIError)
    assert refused.file_id in file_ids(local_client)
    assert pickle.loads(pickle.dumps(refused)).file_id == refused.file_id  # noqa: S301  # our own
    assert isinstance(twice[1], Document)


def test_many_documents_that_are_late_or_lost(server: LocalServer, local_client: Client) -> None:
    """Each has an error of its own; what a callback raises has the IDs of all."""
    where = create(local_client)
    client = local_client.with_options(retry=RetryPolicy.none())
    sources = [DocumentUpload(RIVER.encode(), name=name) for name in ("a.txt", "b.txt", "c.txt")]
    upload = client.collections.upload_documents
    server.fail(StatusCode.INTERNAL, "no", method="BatchGetDocuments")
    lost: list[Any] = upload(sources, **where, **QUICK)
    assert len({error.file_id for error in lost}) == 3
    assert {(type(error), len(error.__notes__)) for error in lost} == {(InternalServerError, 2)}
    server.stall(3, method="IndexDocument")
    late: list[Any] = upload(sources, **where, **QUICK, timeout=0.05)
    errors = [each for each in late if isinstance(each, IndexingTimeoutError)]
    assert len(errors) == 3
    assert all(len(error.file_ids) == 1 for error in errors)
    server.release()

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        upload(sources, **where, **QUICK, on_complete=fail)
    assert set(caught.value.__dict__["file_ids"]) == set(file_ids(client)[-3:])


def test_failure_that_a_callback_raises_has_the_ids_of_all(
    local_client: Client,
) -> None:
    """The document that failed comes first, and a note names the others."""
    where = create(local_client)
    sources = [
        DocumentUpload(b"\xff\xfe\x00", name="a.bin"),
        DocumentUpload(RIVER.encode(), name="b.txt"),
    ]

    def fail(place: int, _: object, outcome: object) -> None:
        if place == 0 and isinstance(outcome, Exception):
            raise outcome

    with pytest.raises(IndexingFailedError) as caught:
        # One after the other, so that the files are listed in this order.
        local_client.collections.upload_documents(
            sources, **where, **QUICK, concurrency=1, on_complete=fail
        )
    error = caught.value
    failed, other = file_ids(local_client)
    assert (error.file_id, error.file_ids) == (failed, (failed, other))
    assert [other in note for note in error.__dict__["__notes__"]] == [True]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ({}, "source must be a path, bytes"),
        (5, "source must be a path, bytes"),
        ("", "source must not be an empty path"),
        (b"a", "name is required"),
        (["a"], "name is required"),
    ],
)
def test_wrong_source_of_a_document_is_named_before_anything_is_sent(
    server: LocalServer,
    local_client: Client,
    source: Any,  # noqa: ANN401  # what is refused
    text: str,
) -> None:
    """By the argument that it is here."""
    with pytest.raises((TypeError, ValueError), match=f"^{text}"):
        local_client.collections.upload_document(source, collection_id="c")
    assert server.calls == []


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"sources": b"a"}, "sources must be an iterable of files"),
        ({"concurrency": 0}, "concurrency must be from 1 to 100, not 0"),
        ({"on_complete": 5}, "on_complete must be callable"),
        ({"timeout": 5}, "timeout makes no sense without wait_for_indexing"),
        ({"collection_id": ""}, "collection_id must not be empty"),
    ],
)
def test_wrong_argument_of_many_is_named_before_anything_is_sent(
    server: LocalServer, local_client: Client, arguments: dict[str, Any], text: str
) -> None:
    """With what was expected."""
    given = {"sources": [DocumentUpload(b"a", name="a")], "collection_id": "c", **arguments}
    with pytest.raises((TypeError, ValueError), match=f"^{text}"):
        local_client.collections.upload_documents(**given)
    assert server.calls == []
