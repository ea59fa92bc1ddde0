import json
import pickle
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.services.interop.reference import ReferenceServer, answer, output
from tests.support import SECRET_KEY
from xai import (
    AsyncClient,
    FailedPreconditionError,
    InternalServerError,
    InvalidArgumentError,
    NotFoundError,
    RateLimitError,
    ServiceUnavailableError,
    StatusCode,
    v1,
)
from xai.options import RetryPolicy
from xai.proto import xai_api as pb
from xai.proto.xai_api import batch as batch_pb
from xai.testing import ControlledRetries, LocalServer
from xai.v1 import AddedRequests, AsyncBatchResult, Batch, BatchRequestState, BatchTimeoutError

ADD = batch_pb.BATCH_MGMT_ADD_BATCH_REQUESTS
GET = batch_pb.BATCH_MGMT_GET_BATCH
TIME = {"seconds": 1_700_000_000}
BATCH: dict[str, Any] = {
    "batch_id": "b-1",
    "name": "mine",
    "create_time": TIME,
    "expire_time": TIME,
    "create_api_key_id": "k-1",
    "cancel_time": TIME,
    "cancel_by_xai_message": "too many",
    "input_file_id": "f-1",
    "state": {
        "num_requests": 15,
        "num_pending": 1,
        "num_success": 2,
        "num_error": 4,
        "num_cancelled": 8,
    },
    "cost_breakdown": {
        "total_cost_usd_ticks": 25_000_000_000,
        "endpoint_costs": [
            {"endpoint": "/v1/chat", "cost_usd_ticks": 25_000_000_000, "request_count": 2}
        ],
        "calculation_time": TIME,
    },
}


def chat(client: AsyncClient, name: str | None = None, said: str = "Does it work?") -> Any:  # noqa: ANN401  # of either twin
    """Return a chat that is to be a request of a batch."""
    return client.v1.chat.create(
        "grok-local", messages=[v1.user(said)], temperature=0.0, batch_request_id=name
    )


def names_in(folder: Path) -> list[str]:
    """Return the names of what is in a folder."""
    return [path.name for path in folder.iterdir()]


async def started(client: AsyncClient, *chats: Any) -> str:  # noqa: ANN401  # of either twin
    """Return the ID of a batch with some requests."""
    batch = await client.v1.batch.create("mine")
    await client.v1.batch.add(batch.batch_id, chats)
    return batch.batch_id


# What is sent, and how replies are read.


async def test_batch_is_read_whole(reference_server: ReferenceServer, client: AsyncClient) -> None:
    """Every field is there, with costs in US dollars; creating, getting and cancelling agree."""
    create = reference_server.script("BatchMgmt/CreateBatch")
    get = reference_server.script("BatchMgmt/GetBatch")
    cancel = reference_server.script("BatchMgmt/CancelBatch")
    for script in (create, get, cancel):
        script.says(BATCH)
    batch = await client.v1.batch.create("mine", input_file_id="f-1")
    assert await client.v1.batch.get("b-1") == batch
    assert await client.v1.batch.cancel("b-1") == batch
    assert create.seen == [{"name": "mine", "input_file_id": "f-1"}]
    assert get.seen == cancel.seen == [{"batch_id": "b-1"}]
    assert (batch.batch_id, batch.name, batch.create_api_key_id) == ("b-1", "mine", "k-1")
    assert (batch.input_file_id, batch.cancel_reason) == ("f-1", "too many")
    for time in (batch.create_time, batch.expire_time, batch.cancel_time):
        assert time is not None
        assert time.isoformat() == "2023-11-14T22:13:20+00:00"
    assert batch.state == v1.BatchState(15, 1, 2, 4, 8)
    assert not batch.done
    assert batch.cost_usd == 2.5
    assert batch.costs is not None
    (part,) = batch.costs.endpoints
    assert (part.endpoint, part.cost_usd, part.request_count) == ("/v1/chat", 2.5, 2)
    assert batch.to_dict()["batch_id"] == "b-1"


async def test_batch_without_anything_is_empty(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """What the server does not say is None, and the batch is not taken for done."""
    script = reference_server.script("BatchMgmt/CreateBatch")
    script.says({"batch_id": "b-1"})
    batch = await client.v1.batch.create("mine")
    assert script.seen == [{"name": "mine"}]
    assert (batch.create_time, batch.cancel_time, batch.cancel_reason) == (None, None, None)
    assert (batch.state, batch.costs, batch.cost_usd, batch.input_file_id) == (None,) * 4
    assert not batch.done


async def test_requests_are_sent_as_they_are(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """A chat without the number of choices, a message as it is; an ID only where there is one."""
    script = reference_server.script("BatchMgmt/AddBatchRequests")
    script.says({})
    image = pb.GenerateImageRequest(prompt="a river", model="i", n=1)
    video = pb.GenerateVideoRequest(prompt="a river", model="v")
    more = pb.ExtendVideoRequest(prompt="more", model="v")
    added = await client.v1.batch.add(
        "b-1",
        [
            chat(client, "r-1"),
            chat(client),
            batch_pb.BatchRequest(batch_request_id="r-3", image_request=image),
            batch_pb.BatchRequest(video_request=video),
            batch_pb.BatchRequest(video_extension_request=more),
        ],
    )
    assert added == AddedRequests("b-1", 5, 5)
    message = {"role": "ROLE_USER", "content": [{"text": "Does it work?"}]}
    completion = {"model": "grok-local", "messages": [message], "temperature": 0.0}
    assert script.seen == [
        {
            "batch_id": "b-1",
            "batch_requests": [
                {"batch_request_id": "r-1", "completion_request": completion},
                {"completion_request": completion},
                {
                    "batch_request_id": "r-3",
                    "image_request": {"prompt": "a river", "model": "i", "n": 1},
                },
                {"video_request": {"prompt": "a river", "model": "v"}},
                {"video_extension_request": {"prompt": "more", "model": "v"}},
            ],
        }
    ]


async def test_lists_are_asked_for_page_by_page(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """Every parameter of the three lists is sent, and a page goes on with the next one."""
    batches = reference_server.script("BatchMgmt/ListBatches")
    requests = reference_server.script("BatchMgmt/ListBatchRequestMetadata")
    results = reference_server.script("BatchMgmt/ListBatchResults")
    batches.says({"batches": [BATCH], "pagination_token": "t-2"})
    batches.says({"batches": [{"batch_id": "b-2"}]})
    info = {
        "batch_request_id": "r-1",
        "endpoint": "/v1/chat",
        "model": "m",
        "state": 99,
        "create_time": TIME,
        "finish_time": TIME,
    }
    requests.says({"batch_request_metadata": [info], "pagination_token": "t-2"})
    requests.says({"batch_request_metadata": [{"batch_request_id": "r-2"}]})
    results.says({"results": [{"batch_request_id": "r-1"}], "pagination_token": "t-2"})
    results.says({"results": [{"batch_request_id": "r-2"}]})
    batch = client.v1.batch
    page = await batch.list(limit=3, pagination_token="t-1")
    assert [each.batch_id async for each in page] == ["b-1", "b-2"]
    found = await batch.requests(
        "b-1", status=("pending", BatchRequestState.FAILED), pagination_token="t-1"
    )
    first, second = [each async for each in found]
    assert (first.batch_request_id, first.endpoint, first.model) == ("r-1", "/v1/chat", "m")
    assert (int(first.state), first.state.wire_name) == (99, "STATE_99")
    assert first.create_time == first.finish_time
    assert (second.state, second.create_time, second.finish_time) == (
        *(BatchRequestState.UNKNOWN, None, None),
    )
    came = await batch.results("b-1", limit=150, pagination_token="t-1")
    assert [each.batch_request_id async for each in came] == ["r-1", "r-2"]
    first_token, next_token = {"pagination_token": "t-1"}, {"pagination_token": "t-2"}
    assert batches.seen == [{"limit": 3, **first_token}, {"limit": 2, **next_token}]
    states = {"batch_id": "b-1", "status": ["STATE_PENDING", "STATE_FAILED"], "limit": 100}
    assert requests.seen == [{**states, **first_token}, {**states, **next_token}]
    of_batch = {"batch_id": "b-1"}
    assert results.seen == [
        {**of_batch, "limit": 100, **first_token},
        {**of_batch, "limit": 100, **next_token},
    ]


async def test_results_are_of_their_kinds(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """A failed request is an error with status and details, never an empty response."""
    completion = answer(output("one"), output("two", 1))
    results = [
        {"batch_request_id": "chat", "response": {"completion_response": completion}},
        {"batch_request_id": "image", "response": {"image_response": {}}},
        {"batch_request_id": "video", "response": {"video_response": {}}},
        {"batch_request_id": "error", "error": {"code": 8, "message": "busy"}},
        {"batch_request_id": "newer error", "error": {"code": 99, "message": "new"}},
        {"batch_request_id": "newer", "response": {}},
        {"batch_request_id": "nothing"},
    ]
    reference_server.script("BatchMgmt/ListBatchResults").says({"results": results})
    page = await client.v1.batch.results("b-1")
    found = {each.batch_request_id: each for each in page.items}
    kinds = [each.kind for each in page.items]
    assert kinds == ["chat", "image", "video", "error", "error", "unknown", "pending"]
    assert found["chat"].chat.content == "one"
    assert [choice.content for choice in found["chat"].choices] == ["one", "two"]
    assert (found["chat"].ok, found["error"].ok, found["nothing"].ok) == (True, False, False)
    failed = found["error"].error
    assert isinstance(failed, RateLimitError)
    assert (failed.code, failed.message) == (StatusCode.RESOURCE_EXHAUSTED, "busy")
    with pytest.raises(RateLimitError, match="busy"):
        found["error"].check("chat")
    newer = found["newer error"].error
    assert newer is not None
    assert (newer.code, newer.message) == (StatusCode.UNKNOWN, "new")
    for name in ("image", "newer", "nothing"):
        with pytest.raises(ValueError, match=f"'{name}' is of the kind"):
            found[name].check("chat")


async def test_request_comes_with_its_result(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """Both are there; without a result it is pending."""
    script = reference_server.script("BatchMgmt/GetBatchRequestResult")
    request = {"batch_request_id": "r-1", "completion_request": {"model": "m"}}
    result = {
        "batch_request_id": "r-1",
        "response": {"completion_response": answer(output("Hi"))},
    }
    script.says({"request": request, "result": result})
    script.says({"request": request})
    found = await client.v1.batch.result("b-1", "r-1")
    assert (found.kind, found.chat.content) == ("chat", "Hi")
    assert found.request is not None
    assert found.request.completion_request.model == "m"
    assert found.to_dict()["batch_request_id"] == "r-1"
    found = await client.v1.batch.result("b-1", "r-1")
    assert (found.batch_request_id, found.kind, found.error) == ("r-1", "pending", None)
    assert script.seen == [{"batch_id": "b-1", "batch_request_id": "r-1"}] * 2


# A batch from its beginning to its end, with the local server.


async def test_batch_is_processed(server: LocalServer, local_client: AsyncClient) -> None:
    """Results are those of single calls, a failed request is an error, and costs add up."""
    batch = local_client.v1.batch
    good = [chat(local_client, f"r-{n}", f"Say {n}") for n in range(3)]
    bad = local_client.v1.chat.create("nothing", messages=[v1.user("Hi")], batch_request_id="bad")
    batch_id = await started(local_client, *good, bad)
    assert (await batch.result(batch_id, "r-0")).kind == "pending"
    seen: list[Batch] = []
    done = await batch.wait(batch_id, interval=0.01, on_progress=seen.append)
    assert done.state == v1.BatchState(4, 0, 3, 1)
    assert seen[-1] is done
    assert seen[0].state is not None
    assert done.done
    found = {each.batch_request_id: each async for each in await batch.results(batch_id)}
    single = [await each.sample() for each in good]
    assert [found[f"r-{n}"].chat.content for n in range(3)] == [each.content for each in single]
    assert isinstance(found["bad"].error, NotFoundError)
    assert done.cost_usd == pytest.approx(sum(each.cost_usd or 0 for each in single))
    assert done.costs is not None
    assert [part.request_count for part in done.costs.endpoints] == [3]
    page = await batch.requests(batch_id, status="failed")
    assert [each.batch_request_id for each in page.items] == ["bad"]
    assert page.items[0].finish_time is not None
    assert page.items[0].endpoint == "/v1/chat/completions"
    # The ID is all that another process needs.
    async with AsyncClient(SECRET_KEY, api_host=server.host) as other:
        one = await other.v1.batch.result(batch_id, "r-1")
        assert one.chat.content == single[1].content
        assert one.request is not None
        assert one.request.completion_request.model == "grok-local"


async def test_images_are_made(local_client: AsyncClient) -> None:
    """They are those of single calls; one that was withheld is no image, and no error."""
    batch = local_client.v1.batch
    image = local_client.v1.image
    batch_id = await started(
        local_client,
        image.prepare("a river", "image-local", batch_request_id="one", image_format="base64"),
        image.prepare("gore", "image-local", batch_request_id="none"),
        image.prepare("a river", "nothing", batch_request_id="bad"),
    )
    done = await batch.wait(batch_id, interval=0.01)
    found = {each.batch_request_id: each async for each in await batch.results(batch_id)}
    single = await image.sample("a river", "image-local", image_format="base64")
    assert found["one"].kind == "image"
    assert found["one"].image.base64 == single.base64
    assert found["one"].image is found["one"].images[0]
    assert done.cost_usd == single.cost_usd
    assert not found["none"].image.respect_moderation
    assert isinstance(found["bad"].error, NotFoundError)
    with pytest.raises(NotFoundError):
        found["bad"].check("image")
    assert pickle.loads(pickle.dumps(found["one"])).image.base64 == single.base64  # noqa: S301  # made right here


async def test_videos_are_made(local_client: AsyncClient) -> None:
    """They are made and extended, and one that could not be made is an error."""
    batch, video = local_client.v1.batch, local_client.v1.video
    batch_id = await started(
        local_client,
        video.prepare("a river", "video-local", batch_request_id="one", duration=2),
        video.prepare("violence", "video-local", batch_request_id="bad", duration=1),
    )
    done = await batch.wait(batch_id, interval=0.01)
    assert done.state == v1.BatchState(2, 0, 1, 1)
    found = {each.batch_request_id: each async for each in await batch.results(batch_id)}
    one = found["one"]
    assert (one.kind, one.video.duration, one.video.model) == ("video", 2, "video-local")
    assert one.video.url is not None
    assert one.video.request_id == "one"
    assert done.cost_usd == one.video.usage.cost_usd
    assert isinstance(found["bad"].error, FailedPreconditionError)
    with pytest.raises(FailedPreconditionError, match="rules"):
        found["bad"].check("video")
    more = video.prepare_extension("more", "video-local", one.video.url, duration=2)
    longer = await started(local_client, more)
    await batch.wait(longer, interval=0.01)
    (extended,) = (await batch.results(longer)).items
    assert extended.video.duration == 4


async def test_failed_video_of_a_response_is_an_error(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """A response that says why there is no video is never read as one."""
    video = {"error": {"code": "moderated", "message": "no"}, "model": "v"}
    result = {"batch_request_id": "r-1", "response": {"video_response": video}}
    reference_server.script("BatchMgmt/ListBatchResults").says({"results": [result]})
    (found,) = (await client.v1.batch.results("b-1")).items
    with pytest.raises(v1.VideoFailedError, match=r"^no$") as caught:
        assert found.video.url
    assert (caught.value.code, caught.value.request_id) == ("moderated", "r-1")


async def test_many_requests_and_results_are_paged(local_client: AsyncClient) -> None:
    """More than a page of requests and results come, each of them once."""
    batch = local_client.v1.batch
    chats = [local_client.v1.chat.create("nothing", messages=[v1.user("Hi")]) for _ in range(130)]
    batch_id = await started(local_client, *chats)
    await batch.wait(batch_id, interval=0.01)
    names = [each.batch_request_id async for each in await batch.requests(batch_id)]
    came = [each.batch_request_id async for each in await batch.results(batch_id)]
    assert len(set(names)) == 130
    assert names == came
    assert len([each async for each in await batch.results(batch_id, limit=105)]) == 105
    for _ in range(2):
        await batch.create("another")
    assert [each.name async for each in await batch.list()] == ["another", "another", "mine"]


async def test_batch_is_cancelled() -> None:
    """What is pending is cancelled, and no more can be added; cancelling again changes nothing."""
    with LocalServer(api_keys={SECRET_KEY: ["*"]}, token_delay=60.0) as server:
        async with AsyncClient(SECRET_KEY, api_host=server.host) as client:
            batch = client.v1.batch
            batch_id = await started(client, chat(client, "r-1"), chat(client, "r-2"))
            # From now on the server is at work on the first of them.
            assert (await batch.get(batch_id)).state == v1.BatchState(2, 2)
            cancelled = await batch.cancel(batch_id)
            assert cancelled.state == v1.BatchState(2, 0, 0, 0, 2)
            assert cancelled.cancel_time is not None
            assert (await batch.cancel(batch_id)).cancel_time == cancelled.cancel_time
            assert (await batch.wait(batch_id)).state == cancelled.state
            assert [each async for each in await batch.results(batch_id)] == []
            states = [each.state.name async for each in await batch.requests(batch_id)]
            assert states == ["CANCELLED", "CANCELLED"]
            with pytest.raises(FailedPreconditionError, match="was cancelled"):
                await batch.add(batch_id, [chat(client, "r-3")])


async def test_requests_are_split_below_the_limit_of_messages(server: LocalServer) -> None:
    """An error tells which were added; one that fits into no call is refused before all."""
    async with AsyncClient(
        SECRET_KEY, api_host=server.host, max_message_bytes=50_000, retry=RetryPolicy.none()
    ) as client:
        batch_id = (await client.v1.batch.create("mine")).batch_id
        chats = [chat(client, f"r-{n}", "a " * 10_000) for n in range(5)]
        server.fail(StatusCode.UNAVAILABLE, "busy", method=ADD)
        with pytest.raises(ServiceUnavailableError) as caught:
            await client.v1.batch.add(batch_id, chats)
        assert caught.value.partial == AddedRequests(batch_id, 0, 5)
        server.clear_calls()
        server.reply(ADD, ADD.reply())
        server.fail(StatusCode.UNAVAILABLE, "busy", method=ADD)
        with pytest.raises(ServiceUnavailableError) as caught:
            await client.v1.batch.add(batch_id, chats)
        assert caught.value.partial == AddedRequests(batch_id, 2, 5)
        server.clear_calls()
        assert await client.v1.batch.add(batch_id, chats) == AddedRequests(batch_id, 5, 5)
        sent = [len(call.request.batch_requests) for call in server.calls]  # type: ignore[attr-defined]  # of the call
        assert sent == [2, 2, 1]
        server.clear_calls()
        with pytest.raises(ValueError, match=r"^requests\[1\] has \d+ bytes"):
            await client.v1.batch.add(batch_id, [chats[0], chat(client, "r-9", "a" * 60_000)])
        assert server.calls == []


async def test_server_refuses_what_makes_no_sense(local_client: AsyncClient) -> None:
    """Unknown batches, requests and files are not found; an ID is new to the batch."""
    batch = local_client.v1.batch
    batch_id = await started(local_client, chat(local_client, "r-1"))
    for call in (batch.get, batch.cancel, batch.results, batch.requests):
        with pytest.raises(NotFoundError, match="nothing"):
            await call("nothing")
    with pytest.raises(NotFoundError, match="nothing"):
        await batch.result(batch_id, "nothing")
    with pytest.raises(NotFoundError, match="no file 'f-1'"):
        await batch.create("mine", input_file_id="f-1")
    with pytest.raises(InvalidArgumentError, match="'r-1'"):
        await batch.add(batch_id, [chat(local_client, "r-2"), chat(local_client, "r-1")])
    assert len((await batch.requests(batch_id)).items) == 1


# Waiting.


async def test_wait_ends_with_its_time(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """The error has the ID and the batch as it was seen last; the wait can be repeated."""
    script = reference_server.script("BatchMgmt/GetBatch")
    script.says({"batch_id": "b-1", "state": {"num_requests": 1, "num_pending": 1}})
    with (
        ControlledRetries(client),
        pytest.raises(BatchTimeoutError, match="b-1 is not done after 60 s") as caught,
    ):
        await client.v1.batch.wait("b-1", timeout=timedelta(minutes=1), interval=7)
    assert caught.value.batch_id == "b-1"
    assert caught.value.batch is not None
    assert caught.value.batch.state == v1.BatchState(1, 1)
    assert isinstance(caught.value, TimeoutError)
    assert len(script.calls) == 9
    script._plans.clear()
    script.says({"batch_id": "b-1", "state": {"num_requests": 1, "num_success": 1}})
    assert (await client.v1.batch.wait("b-1")).done


async def test_batch_from_a_file_is_done_when_the_file_was_read(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """Neither without a state nor without requests is such a batch taken for done."""
    script = reference_server.script("BatchMgmt/GetBatch")
    file = {"batch_id": "b-1", "input_file_id": "f-1"}
    script.says(file)
    script.says({**file, "state": {}})
    script.says({**file, "state": {"num_requests": 2, "num_success": 1, "num_error": 1}})
    with ControlledRetries(client):
        batch = await client.v1.batch.wait("b-1")
    assert len(script.calls) == 3
    assert batch.done


async def test_error_of_the_callback_ends_the_wait(
    server: LocalServer, local_client: AsyncClient
) -> None:
    """It stays what it is, and the batch goes on."""
    batch_id = await started(local_client, chat(local_client, "r-1"))

    def fail(batch: Batch) -> None:
        raise LookupError(batch.batch_id)

    with pytest.raises(LookupError, match=batch_id):
        await local_client.v1.batch.wait(batch_id, on_progress=fail)
    server.fail(StatusCode.INTERNAL, "broken", method=GET)
    with pytest.raises(InternalServerError, match="broken"):
        await local_client.v1.batch.wait(batch_id)
    assert (await local_client.v1.batch.wait(batch_id, interval=0.01)).done


# Input files.


async def test_input_file_is_written_whole_or_not_at_all(
    client: AsyncClient, tmp_path: Path
) -> None:
    """A line for each request; after an error the file that was there stays, and nothing else."""
    path = tmp_path / "input.jsonl"
    batch = client.v1.batch
    assert await batch.write_input(path, [chat(client, "r-1"), chat(client, "r-2", "Ünï\n?")]) == 2
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert lines[1] == {
        "custom_id": "r-2",
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": {
            "model": "grok-local",
            "messages": [{"role": "user", "content": "Ünï\n?"}],
            "temperature": 0.0,
        },
    }
    with pytest.raises(ValueError, match=r"^requests\[0\] must have an ID"):
        await batch.write_input(path, [chat(client)])
    assert len(path.read_text("utf-8").splitlines()) == 2
    with pytest.raises(FileNotFoundError):
        await batch.write_input(tmp_path / "missing" / "a.jsonl", [chat(client, "r-1")])
    with pytest.raises(TypeError, match=r"^path must be a str or a path, not int"):
        await batch.write_input(5, [chat(client, "r-1")])  # type: ignore[arg-type]  # the point of the test
    path.unlink()
    path.mkdir()
    with pytest.raises(OSError, match="input"):
        await batch.write_input(path, [chat(client, "r-1")])
    assert names_in(tmp_path) == ["input.jsonl"]


async def test_batch_is_filled_from_a_file(local_client: AsyncClient, tmp_path: Path) -> None:
    """What was written and uploaded is processed like what is added, and nothing can be added."""
    client, path = local_client.v1, tmp_path / "input.jsonl"
    requests = [
        chat(local_client, "chat"),
        client.image.prepare("a river", "image-local", batch_request_id="image"),
    ]
    await client.batch.write_input(path, requests)
    file = await client.files.upload(path)
    batch = await client.batch.create("mine", input_file_id=file.id)
    assert batch.input_file_id == file.id
    assert not batch.done
    with pytest.raises(FailedPreconditionError, match="sealed"):
        await client.batch.add(batch.batch_id, [chat(local_client, "more")])
    assert (await client.batch.wait(batch.batch_id, interval=0.01)).state == v1.BatchState(2, 0, 2)
    page = await client.batch.results(batch.batch_id)
    kinds = {each.batch_request_id: each.kind for each in page.items}
    assert kinds == {"chat": "chat", "image": "image"}
    single = await requests[0].sample()
    assert (await client.batch.result(batch.batch_id, "chat")).chat.content == single.content
    bad = await client.files.upload(b"nonsense", filename="bad.jsonl")
    with pytest.raises(InvalidArgumentError, match="line 1 of the input file is no request"):
        await client.batch.create("mine", input_file_id=bad.id)


async def test_results_are_values(local_client: AsyncClient) -> None:
    """They show what they are, and nothing of what was said."""
    batch_id = await started(local_client, chat(local_client, "r-1"))
    await local_client.v1.batch.wait(batch_id, interval=0.01)
    result = await local_client.v1.batch.result(batch_id, "r-1")
    assert isinstance(result, AsyncBatchResult)
    with pytest.raises(AttributeError):
        result.kind = "image"  # type: ignore[misc]  # the point of the test
    assert result.chat.content not in repr(result)
