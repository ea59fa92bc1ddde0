# Do not edit: produced by "nox -s generate" from
# tests/services/aio/v1/bulk/test_via_batch.py
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.sync.v1.bulk.test_checkpoints import City
from xai import APIError, CancelledError, Client, PermissionDeniedError, StatusCode
from xai.proto.xai_api import batch as batch_pb
from xai.sync.v1.bulk import batch_run
from xai.testing import ControlledRetries, LocalServer
from xai.v1 import ChatTask, ParseError, Response
from xai.v1.bulk import CheckpointError, Progress

MODEL = "grok-local"
CREATE = batch_pb.BATCH_MGMT_CREATE_BATCH.path
ADD = batch_pb.BATCH_MGMT_ADD_BATCH_REQUESTS.path
GET = batch_pb.BATCH_MGMT_GET_BATCH.path
REQUESTS = batch_pb.BATCH_MGMT_LIST_BATCH_REQUEST_METADATA.path
RESULTS = batch_pb.BATCH_MGMT_LIST_BATCH_RESULTS.path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the checkpoint is."""
    return tmp_path / "done.jsonl"


@pytest.fixture(autouse=True)
def waits(local_client: Client) -> Iterator[ControlledRetries]:
    """Let no time pass between looks at a batch."""
    with ControlledRetries(local_client) as retries:
        yield retries


def question() -> ChatTask[object, Response]:
    """Return a task whose replies are short, and always the same."""
    return ChatTask(MODEL, "Continue {item}", max_tokens=2, temperature=0.0, seed=1)


def sent(server: LocalServer) -> list[str]:
    """Return what was added to batches, in order."""
    return [
        request.completion_request.messages[0].content[0].text.removeprefix("Continue ")
        for call in server.calls
        if isinstance(call.request, batch_pb.AddBatchRequestsRequest) and call.messages_sent
        for request in call.request.batch_requests
    ]


def count(server: LocalServer, method: str) -> int:
    """Return how often a method was called."""
    return sum(call.method == method for call in server.calls)


def test_batch_gives_what_calls_give(server: LocalServer, local_client: Client) -> None:
    """The same values, errors and usages; a request that can't be made fails alone."""
    task: ChatTask[dict[str, str], Response] = ChatTask(
        MODEL, "Continue {a}", max_tokens=2, temperature=0.0, seed=1
    )
    items = [{"a": "x"}, {"b": "y"}, {"a": "z"}]
    by_calls = [result for result in local_client.v1.bulk.map(task, items, ordered=True)]
    server.clear_calls()
    told: list[Progress] = []
    run = local_client.v1.bulk.map(task, items, ordered=True, via="batch", on_progress=told.append)
    assert run.batch_id is None
    by_batch = [result for result in run]
    for one, other in zip(by_calls, by_batch, strict=True):
        assert (one.key, one.item, one.usage) == (other.key, other.item, other.usage)
        assert (one.value and one.value.content) == (other.value and other.value.content)
        assert str(one.error) == str(other.error)
    assert {call.method for call in server.calls} == {CREATE, ADD, GET, RESULTS}
    assert count(server, ADD) == 1
    assert run.batch_id == local_client.v1.batch.list().items[0].batch_id
    # Told while it waits as well.
    assert [each.done for each in told] == sorted(each.done for each in told)
    assert (told[0].running, told[-1].running, told[-1].done) == (2, 0, 3)
    assert len(told) > 3
    assert told[-1].cost_usd > 0.0


def test_values_have_their_shape(local_client: Client, path: Path) -> None:
    """As with ``parse``: what is no such value is an error, and is asked for again."""
    bulk = local_client.v1.bulk
    task: ChatTask[object, City] = ChatTask(MODEL, "Describe {item}", shape=City)
    (found,) = [r for r in bulk.map(task, ["Bern"], via="batch", checkpoint=path)]
    assert isinstance(found.value, City)
    (again,) = [r for r in bulk.map(task, ["Bern"], via="batch", checkpoint=path)]
    assert (again.value, again.restored, again.usage) == (found.value, True, found.usage)
    short: ChatTask[object, City] = ChatTask(MODEL, "Describe {item}", shape=City, max_tokens=1)
    (failed,) = [r for r in bulk.map(short, ["Bern"], via="batch")]
    assert isinstance(failed.error, ParseError)


def test_failed_requests_are_sent_again_by_the_next_run(
    server: LocalServer, local_client: Client, path: Path
) -> None:
    """In a batch of their own, since the first one is over."""
    task: ChatTask[object, Response] = ChatTask("no-such-model", "Continue {item}")
    for number in (1, 2):
        run = local_client.v1.bulk.map(task, ["a"], via="batch", checkpoint=path)
        (result,) = [each for each in run]
        assert isinstance(result.error, APIError)
        assert (count(server, CREATE), sent(server)) == (number, ["a"] * number)


def test_run_that_ended_anywhere_goes_on_with_its_batch(
    server: LocalServer, local_client: Client, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No item is sent twice, whichever call the run came to, and all are there in the end."""
    bulk = local_client.v1.bulk
    monkeypatch.setattr(batch_run, "_TOGETHER", 2)
    items = [f"item {number}" for number in range(5)]
    denied = StatusCode.PERMISSION_DENIED
    # The call that fails, before or after it was served.
    for method, served in ((CREATE, None), (ADD, None), (ADD, 1), (REQUESTS, None), (RESULTS, 0)):
        server.fail(denied, "not now", method=method, after_messages=served)
        with pytest.raises(PermissionDeniedError, match="not now"):
            next(bulk.map(question(), items, via="batch", checkpoint=path))
    with pytest.raises(CheckpointError, match="paid for twice"):
        next(bulk.map(question(), items, checkpoint=path))
    items.append("one more")
    found = [r for r in bulk.map(question(), items, via="batch", checkpoint=path)]
    assert sorted(result.key for result in found if result.error is None) == list(range(6))
    assert sent(server) == items
    # The first one was never created.
    assert len(local_client.v1.batch.list().items) == 1
    again = [r for r in bulk.map(question(), items, checkpoint=path)]
    assert all(result.restored for result in again)
    assert sent(server) == items


def test_batch_that_is_gone_or_cancelled(
    server: LocalServer, local_client: Client, path: Path
) -> None:
    """What nothing came of is an error, and the next run makes a new batch."""
    server.fail(StatusCode.PERMISSION_DENIED, method=GET)
    with pytest.raises(PermissionDeniedError):
        next(local_client.v1.bulk.map(question(), ["a"], via="batch", checkpoint=path))
    (batch,) = local_client.v1.batch.list().items
    local_client.v1.batch.cancel(batch.batch_id)
    with pytest.raises(CheckpointError, match="the items have changed"):
        next(local_client.v1.bulk.map(question(), ["b"], via="batch", checkpoint=path))
    run = local_client.v1.bulk.map(question(), ["a", "b"], via="batch", checkpoint=path)
    failed = [result for result in run]
    assert [result.key for result in failed] == [0, 1]
    assert all(isinstance(result.error, CancelledError) for result in failed)
    assert sent(server) == ["a"]
    # The ID is of a batch that the server does not know.
    with path.open("a") as file:
        file.write(json.dumps({"batch": "batch-of-old", "done": False}) + "\n")
    run = local_client.v1.bulk.map(question(), ["a", "b"], via="batch", checkpoint=path)
    assert sorted([result.key for result in run if result.value]) == [0, 1]
    assert sent(server) == ["a", "a", "b"]


def test_item_too_large_fails_alone(server: LocalServer, local_client: Client) -> None:
    """It is not sent; the others are. Names are needed once."""
    items = ["x" * (64 * 2**20), "y"]
    run = local_client.v1.bulk.map(question(), items, via="batch", ordered=True)
    large, small = [result for result in run]
    assert "more than" in str(large.error)
    assert small.value
    assert sent(server) == ["y"]
    same = local_client.v1.bulk.map(question(), ["a", "b"], via="batch", key=lambda _: "same")
    with pytest.raises(ValueError, match="two items are 'same'"):
        next(same)
