"""Batches of the local server: whose they are, how long they are kept, and what a stop does."""

from collections.abc import Iterator

import pytest
from grpclib.exceptions import GRPCError

import xai
from xai import NotFoundError, v1
from xai.proto import xai_api as pb
from xai.proto.xai_api.batch import BatchRequest
from xai.testing import LocalServer
from xai.testing.control.accounts import Account
from xai.testing.v1.batch_file import read_lines
from xai.testing.v1.batch_store import LIFETIME, BatchStore, StoredBatch


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A local server with two keys."""
    with LocalServer(api_keys={"one": ["*"], "two": ["*"]}) as server:
        yield server


def started(client: xai.Client, count: int = 1) -> str:
    """Return the ID of a batch with some requests."""
    batch_id = client.v1.batch.create("mine").batch_id
    chats = [
        client.v1.chat.create("grok-local", messages=[v1.user("Hi")], batch_request_id=f"r-{n}")
        for n in range(count)
    ]
    client.v1.batch.add(batch_id, chats)
    return batch_id


def test_batches_are_those_of_their_key(server: LocalServer) -> None:
    """Another key neither sees nor changes them, and what is processed is spent by their own."""
    with server.client(api_key="one") as client, server.client(api_key="two") as other:
        batch_id = started(client)
        assert client.v1.batch.wait(batch_id, interval=0.01).create_api_key_id == "key-000001"
        for call in (other.v1.batch.get, other.v1.batch.cancel, other.v1.batch.results):
            with pytest.raises(NotFoundError):
                call(batch_id)
        assert other.v1.batch.list().items == ()
        assert client.sampler.get_token_budget().tokens_spent > 0
        assert other.sampler.get_token_budget().tokens_spent == 0


def test_batch_goes_on_after_the_server_was_stopped(server: LocalServer) -> None:
    """What was pending is processed after the next start, when somebody looks."""
    with server.client(api_key="one") as client:
        batch_id = started(client, 3)
    server.stop()
    server.start()
    with server.client(api_key="one") as client:
        done = client.v1.batch.wait(batch_id, interval=0.01)
    assert done.state == v1.BatchState(3, 0, 3)


def test_stop_ends_what_is_processed() -> None:
    """A server with much to do stops at once, and nothing is left of it."""
    with LocalServer(token_delay=60.0) as server, server.client() as client:
        batch_id = started(client)
        assert client.v1.batch.get(batch_id).state == v1.BatchState(1, 1)


def test_results_that_were_added_later_follow(server: LocalServer) -> None:
    """A batch that was done takes more requests, and is done again."""
    with server.client(api_key="one") as client:
        batch = client.v1.batch
        batch_id = started(client)
        assert batch.wait(batch_id, interval=0.01).done
        chat = client.v1.chat.create("grok-local", messages=[v1.user("Hi")])
        batch.add(batch_id, [chat])
        assert not batch.get(batch_id).done
        assert batch.wait(batch_id, interval=0.01).state == v1.BatchState(2, 0, 2)


def test_expired_batch_is_forgotten() -> None:
    """After its time it is as if there had never been one."""
    store, account = BatchStore(), Account(frozenset())
    old, young = StoredBatch("old", "key"), StoredBatch("young", "key")
    old.created -= LIFETIME
    for batch in (old, young):
        store.put(account, batch)
    assert [batch.name for batch in store.all(account)] == ["young"]
    assert store.get(account, young.batch_id) is young
    with pytest.raises(GRPCError):
        store.get(account, old.batch_id)


def test_requests_are_added_together_or_not_at_all() -> None:
    """One that is empty keeps the others out; IDs are made where there is none."""
    batch = StoredBatch("mine", "key")
    good = BatchRequest(completion_request=pb.GetCompletionsRequest(model="m"))
    with pytest.raises(GRPCError):
        batch.add([good, BatchRequest()])
    assert batch.entries == {}
    batch.add([good, BatchRequest().parse(bytes(good))])
    assert len(batch.entries) == 2


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "the input file has no requests"),
        (b"\xff", "the input file has no requests"),
        (b"{}\n", "line 1 of the input file is no request"),
        (b"[]\n", "line 1 of the input file is no request"),
        (b'{"custom_id": "a", "url": "/v1/other", "body": {}}\n', "line 1 .* is no request"),
        (b'{"custom_id": "a", "url": "/v1/chat/completions", "body": {}}\n', "line 1 .*messages"),
    ],
)
def test_line_that_is_no_request_is_named(content: bytes, text: str) -> None:
    """By its number in the file."""
    with pytest.raises(GRPCError, match=text):
        read_lines(content)
