# Do not edit: produced by "nox -s generate" from
# tests/services/aio/v1/collections/test_indexing.py
"""Waiting until documents are indexed."""

import math
from datetime import timedelta
from typing import Any

import grpc
import pytest

from tests.services.interop.reference import ReferenceServer
from tests.services.interop.scripted import Scripted
from xai import APIError, NotFoundError, ServiceUnavailableError
from xai.runtime.retry.throttle import Clock
from xai.v1 import Client, Document, DocumentStatus, IndexingFailedError, IndexingTimeoutError

ONE: dict[str, Any] = {"collection_id": "c", "file_ids": ["f"]}
MANY: dict[str, Any] = {"collection_id": "c", "file_ids": ["f", "g", "h"]}
DONE, FAILED = "DOCUMENT_STATUS_PROCESSED", "DOCUMENT_STATUS_FAILED"


class Jumping(Clock):
    """A clock on which every wait is over at once, and remembered."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def now(self) -> float:
        """Return the time, with the waits that were skipped."""
        return super().now() + sum(self.waits)

    def skip(self, seconds: float) -> None:
        """Let a wait be over."""
        self.waits.append(seconds)


def jump(client: Client) -> Jumping:
    """Give a client a clock on which it need not wait."""
    clock = client._management_caller().context.retry_state.clock = Jumping()
    return clock


def document(file_id: str, status: object, **more: object) -> dict[str, Any]:
    """Return a document, by its fields."""
    return {"file_metadata": {"file_id": file_id}, "status": status, **more}


def single(server: ReferenceServer, *statuses: object) -> Scripted:
    """Script what is said of a single document."""
    script = server.script("Collections/GetDocumentMetadata")
    for status in statuses:
        script.says(document("f", status))
    return script


def test_document_is_polled_until_it_is_indexed(
    reference_server: ReferenceServer, client: Client
) -> None:
    """At once, then ever more seldom; a status that nobody knows is waited for as well."""
    script = single(reference_server, 1, 1, 4, 5, 0, 9, 6, *[6] * 8, DONE)
    clock, told = jump(client), list[Document]()
    (found,) = client.collections.wait_for_indexing(**ONE, team_id="t", on_status=told.append)
    assert found.indexed
    assert [int(each.status) for each in told] == [1, 4, 5, 0, 9, 6, 2]
    assert told[-1] == found
    assert clock.waits[0] < 0.11
    assert 3.9 < max(clock.waits) <= 5
    assert [request.file_id for request in script.requests] == ["f"] * 16
    assert {request.team_id for request in script.requests} == {"t"}


def test_many_documents_are_asked_for_at_once(
    reference_server: ReferenceServer, client: Client
) -> None:
    """Those that are done no longer, and by itself one that is not listed."""
    script = reference_server.script("Collections/BatchGetDocuments")
    script.says({"documents": [document("g", DONE)]})
    script.says({"documents": [document("h", 4), document("f", 5)]})
    script.says({"documents": [document("f", DONE), document("h", 4)]})
    last = single(reference_server)
    for said in (document("f", 4), document("h", 4), document("h", DONE)):
        last.says(said)
    clock = jump(client)
    found = client.collections.wait_for_indexing(**MANY, interval=7)
    assert [each.file_id for each in found] == ["f", "g", "h"]
    assert {each.status for each in found} == {DocumentStatus.PROCESSED}
    assert [list(r.file_ids) for r in script.requests] == [["f", "g", "h"], ["f", "h"], ["f", "h"]]
    assert [request.file_id for request in last.requests] == ["f", "h", "h"]
    assert clock.waits == [7, 7, 7]


def test_failed_documents_are_named(reference_server: ReferenceServer, client: Client) -> None:
    """When all others are done, with the server's reason."""
    script = reference_server.script("Collections/BatchGetDocuments")
    failed = document("g", FAILED, error_message="no text")
    script.says({"documents": [document("f", 1), failed, document("h", FAILED)]})
    last = single(reference_server, 1, DONE)
    jump(client)
    text = r"g of the collection c .*: no text\n.*no reason"
    with pytest.raises(IndexingFailedError, match=text) as caught:
        client.collections.wait_for_indexing(**MANY)
    error = caught.value
    assert (error.collection_id, error.file_ids, error.file_id) == ("c", ("g", "h"), "g")
    assert [each.error_message for each in error.documents] == ["no text", None]
    assert len(last.calls) == 2


def test_timeout_names_what_is_left(reference_server: ReferenceServer, client: Client) -> None:
    """The documents go on being indexed, and can be waited for again."""
    single(reference_server, 5)
    script = reference_server.script("Collections/BatchGetDocuments")
    script.says({"documents": [document("f", DONE), document("g", 4), document("h", 4)]})
    jump(client)
    text = "the document f was not indexed in the collection c within 3 s; wait"
    for timeout in (3, timedelta(seconds=3)):
        with pytest.raises(IndexingTimeoutError, match=text):
            client.collections.wait_for_indexing(**ONE, timeout=timeout)
    text = r"2 documents \(g, h\) were not indexed in the collection c within 3 s"
    with pytest.raises(TimeoutError, match=text) as caught:
        client.collections.wait_for_indexing(**MANY, timeout=3)
    error = caught.value
    assert isinstance(error, IndexingTimeoutError)
    assert error.file_ids == tuple(each.file_id for each in error.documents) == ("g", "h")


@pytest.mark.parametrize("unknown", [["nothing"], ["nothing", "f"], ["nothing", "nowhere"]])
def test_a_document_that_is_not_there_is_no_wait(local_client: Client, unknown: list[str]) -> None:
    """It is an error at once, whether it is waited for alone or with others."""
    made = local_client.collections.create("c")
    with pytest.raises(NotFoundError, match="nothing"):
        local_client.collections.wait_for_indexing(
            file_ids=unknown, collection_id=made.collection_id
        )


def test_poll_that_is_refused_for_a_moment_is_repeated(
    reference_server: ReferenceServer, client: Client
) -> None:
    """As every call that changes nothing; another failure ends the waiting."""
    script = single(reference_server, 1)
    script.says(status=(grpc.StatusCode.UNAVAILABLE, "later"))
    script.says(document("f", DONE))
    jump(client)
    (found,) = client.collections.wait_for_indexing(**ONE)
    assert found.indexed
    assert len(script.calls) == 3
    script = single(reference_server)
    script.says(status=(grpc.StatusCode.UNAVAILABLE, "later"))
    with pytest.raises(ServiceUnavailableError):
        client.collections.wait_for_indexing(**ONE)
    script = single(reference_server)
    script.says(status=(grpc.StatusCode.INTERNAL, "broken"))
    before = len(script.calls)
    with pytest.raises(APIError, match="broken"):
        client.collections.wait_for_indexing(**ONE)
    assert len(script.calls) == before + 1


def test_error_of_a_callback_stays_itself(
    reference_server: ReferenceServer, client: Client
) -> None:
    """It ends the waiting."""
    single(reference_server, 1)

    def fail(_: Document) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        client.collections.wait_for_indexing(**ONE, on_status=fail)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"timeout": 0}, "timeout must be more than 0 seconds, not 0"),
        ({"timeout": "5"}, "timeout must be a number of seconds or a timedelta, not str"),
        ({"interval": math.inf}, "interval must be finite"),
        ({"on_status": 5}, "on_status must be callable, not int"),
        ({"file_ids": []}, "file_ids must not be empty"),
        ({"collection_id": ""}, "collection_id must not be empty"),
        ({"team_id": ""}, "team_id must not be empty"),
    ],
)
def test_wrong_argument_is_named_before_anything_is_sent(
    reference_server: ReferenceServer, client: Client, arguments: dict[str, Any], text: str
) -> None:
    """With what was expected."""
    with pytest.raises((TypeError, ValueError), match=f"^{text}"):
        client.collections.wait_for_indexing(**{**ONE, **arguments})
    assert reference_server.calls == []
