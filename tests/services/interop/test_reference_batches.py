"""Batches of the reference clients with the local server."""

from functools import partial
from typing import Any

import grpc
import pytest

from tests.reference import load
from tests.services.interop.reference_client import (
    ANSWER,
    MODEL,
    QUESTION,
    Reference,
    ReferenceClient,
    chat,
    chat_pb2,
    refused,
)

batch_pb2: Any = load("proto")[0].batch_pb2


def finished(reference: ReferenceClient, batch_id: str) -> Reference:
    """Ask for a batch until nothing of it is pending."""
    while True:
        batch = reference.wait(reference.client.batch.get(batch_id=batch_id))
        if not batch.state.num_pending:
            return batch


def asked(reference: ReferenceClient, name: str | None, **settings: object) -> Reference:
    """Return a chat that is to be a request of a batch."""
    chats = reference.client.chat
    settings = {"model": MODEL, "temperature": 0.0, **settings}
    return chats.create(batch_request_id=name, messages=[chat.user(QUESTION)], **settings)


def test_batch(reference: ReferenceClient) -> None:
    """Pending at first, then done: results, errors, the states of the requests and the cost."""
    batches = reference.client.batch
    batch = reference.wait(batches.create(batch_name="mine"))
    assert (batch.name, batch.state.num_requests) == ("mine", 0)
    assert batch.expire_time.seconds > batch.create_time.seconds > 0
    assert batch.create_api_key_id
    requests = [asked(reference, "r-1"), asked(reference, None), asked(reference, "bad", model="x")]
    raw = batch_pb2.BatchRequest(batch_request_id="")
    raw.completion_request.CopyFrom(requests[0].proto)
    reference.wait(batches.add(batch_id=batch.batch_id, batch_requests=[*requests, raw]))
    first = reference.wait(batches.get(batch_id=batch.batch_id))
    assert (first.state.num_requests, first.state.num_pending) == (4, 4)
    done = finished(reference, batch.batch_id)
    assert (done.state.num_success, done.state.num_error) == (3, 1)
    assert done.cost_breakdown.total_cost_usd_ticks > 0
    (part,) = done.cost_breakdown.endpoint_costs
    assert (part.endpoint, part.request_count) == ("/v1/chat/completions", 3)
    listed = reference.wait(batches.list_batch_results(batch_id=batch.batch_id))
    assert [one.response.content for one in listed.succeeded] == [ANSWER] * 3
    (failed,) = listed.failed
    assert failed.batch_request_id == "bad"
    assert "'x' does not exist" in failed.error_message
    assert failed.proto.error.code == grpc.StatusCode.NOT_FOUND.value[0]
    assert len({one.batch_request_id for one in listed.results}) == 4
    found = reference.wait(batches.list_batch_requests(batch_id=batch.batch_id))
    states = {one.batch_request_id: one.state for one in found.batch_request_metadata}
    assert (states["r-1"], states["bad"]) == (2, 4)
    assert all(one.finish_time.seconds for one in found.batch_request_metadata)


def test_pages(reference: ReferenceClient) -> None:
    """A page has as many entries as are asked for, and the token of the next one."""
    batches = reference.client.batch
    ids = [reference.wait(batches.create(batch_name=f"{n}")).batch_id for n in range(5)]
    requests = [asked(reference, f"r-{n}", max_tokens=1) for n in range(5)]
    reference.wait(batches.add(batch_id=ids[0], batch_requests=requests))
    finished(reference, ids[0])
    kinds: list[tuple[Reference, str]] = [
        (batches.list, "batches"),
        (partial(batches.list_batch_requests, ids[0]), "batch_request_metadata"),
        (partial(batches.list_batch_results, ids[0]), "results"),
    ]
    for fetch, field in kinds:
        sizes, token = [], None
        for _ in range(3):
            page = reference.wait(fetch(limit=2, pagination_token=token))
            sizes.append(len(getattr(page, field)))
            token = page.pagination_token
        assert (sizes, token or None) == ([2, 2, 1], None)


def test_cancel(reference: ReferenceClient) -> None:
    """What is pending is cancelled; a cancelled batch and an unknown one take no requests."""
    batches = reference.client.batch
    batch = reference.wait(batches.create(batch_name="mine"))
    many = [asked(reference, None) for _ in range(200)]
    reference.wait(batches.add(batch_id=batch.batch_id, batch_requests=many))
    cancelled = reference.wait(batches.cancel(batch_id=batch.batch_id))
    assert cancelled.cancel_time.seconds
    state = cancelled.state
    assert state.num_cancelled > 0
    assert state.num_cancelled + state.num_success == 200
    for batch_id, status in (
        (batch.batch_id, grpc.StatusCode.FAILED_PRECONDITION),
        ("nothing", grpc.StatusCode.NOT_FOUND),
    ):
        code, _ = refused(reference, partial(batches.add, batch_id, [asked(reference, None)]))
        assert code is status


@pytest.mark.parametrize(
    ("limit", "token", "text"),
    [(101, None, "limit must be from 0 to 100"), (1, "nothing", "pagination_token is none of")],
)
def test_page_that_makes_no_sense(
    reference: ReferenceClient, limit: int, token: str | None, text: str
) -> None:
    """The field is named."""
    batches = reference.client.batch
    code, found = refused(reference, lambda: batches.list(limit=limit, pagination_token=token))
    assert (code, text in found) == (grpc.StatusCode.INVALID_ARGUMENT, True)


def test_request_with_its_result(reference: ReferenceClient) -> None:
    """The stub has the one method that the client lacks."""
    batches = reference.client.batch
    batch = reference.wait(batches.create(batch_name="mine"))
    request = asked(reference, "r-1")
    reference.wait(batches.add(batch_id=batch.batch_id, batch_requests=[request]))
    finished(reference, batch.batch_id)
    wanted = batch_pb2.GetBatchRequestResultRequest(batch_id=batch.batch_id, batch_request_id="r-1")
    reply = reference.wait(batches._stub.GetBatchRequestResult(wanted))
    assert reply.request.completion_request == request.proto
    completion: Any = reply.result.response.completion_response
    assert isinstance(completion, chat_pb2.GetChatCompletionResponse)
    assert completion.outputs[0].message.content == ANSWER
