# Do not edit: produced by "nox -s generate" from
# tests/services/aio/v1/bulk/test_map.py
import gc
import pickle
from collections.abc import Iterator

import pytest

import xai
from tests.services.sync.helpers import wait_for_call
from tests.support import SECRET_KEY
from tests.twin_helpers import Background, wait_for_nothing
from xai import PermissionDeniedError, RateLimitError, StatusCode
from xai.options import RetryPolicy
from xai.proto.xai_api.chat import CHAT_GET_COMPLETION, GetCompletionsRequest
from xai.proto.xai_api.tokenize import TOKENIZE_TOKENIZE_TEXT as TOKENIZE_TEXT
from xai.testing import ControlledRetries, LocalServer
from xai.v1 import ChatTask, Client, Response, user
from xai.v1.bulk import Progress, Result, TooManyErrorsError

MODEL = "grok-local"
CHAT = CHAT_GET_COMPLETION.path


def question(seed: int | None = None) -> ChatTask[object, Response]:
    """Return a task whose replies are short."""
    return ChatTask(MODEL, "Continue {item}", max_tokens=2, seed=seed)


def count_tokens(client: Client, item: object) -> int:
    """Return how many tokens an item has; a function as users write it."""
    if item == "bad":
        raise LookupError("no such item")
    return len(client.tokenize.tokenize_text(str(item), model=MODEL))


def asked(server: LocalServer) -> list[str]:
    """Return what the chats began with, sorted: they come in any order."""
    requests = [call.request for call in server.calls if call.method == CHAT]
    return sorted(
        request.messages[0].content[0].text
        for request in requests
        if isinstance(request, GetCompletionsRequest)
    )


def test_results_have_the_value_and_what_it_took(server: LocalServer, client: Client) -> None:
    """The item, its position, the response, its usage, the attempts and the time."""
    run = client.bulk.map(question(), ["a", "b", "c"], ordered=True)
    found = [result for result in run]
    assert [(result.key, result.item) for result in found] == [(0, "a"), (1, "b"), (2, "c")]
    for result in found:
        assert isinstance(result.value, Response)
        assert result.value.usage == result.usage
        assert (result.error, result.attempts, result.restored) == (None, 1, False)
        assert result.seconds > 0.0
        assert result.unwrap() is result.value
    assert asked(server) == ["Continue a", "Continue b", "Continue c"]
    usages = [result.usage for result in found if result.usage is not None]
    progress = run.progress
    assert (progress.done, progress.total, progress.errors, progress.running) == (3, 3, 0, 0)
    assert progress.tokens == sum(usage.total_tokens for usage in usages)
    assert progress.cost_usd == pytest.approx(sum(usage.cost_usd or 0.0 for usage in usages))
    assert (progress.eta, run.stopped) == (0.0, None)


def test_function_does_whatever_a_client_can(client: Client) -> None:
    """Embeddings, say, of batches of texts; keys are those of ``key``."""

    def embed(client: Client, item: list[str]) -> list[int]:
        found = client.embedder.embed(item, model="embedder-local-16")
        return [len(embedding.vector) for embedding in found]

    items = [["a"], ["b", "c"]]
    run = client.bulk.map(embed, items, key=lambda item: item[0], concurrency=2)
    found = {result.key: result.value for result in run}
    assert found == {"a": [16], "b": [16, 16]}


def test_failure_of_an_item_is_its_result(server: LocalServer, client: Client) -> None:
    """Errors of the task and of its calls are values, and the rest goes on."""
    server.fail(StatusCode.PERMISSION_DENIED, "not you", method=TOKENIZE_TEXT)
    run = client.bulk.map(count_tokens, ["refused", "bad", "good"], ordered=True, concurrency=1)
    refused, bad, good = [result for result in run]
    assert isinstance(refused.error, PermissionDeniedError)
    assert refused.attempts == 1
    assert isinstance(bad.error, LookupError)
    assert (good.error, good.value) == (None, count_tokens(client, "good"))
    assert run.progress.errors == 2
    with pytest.raises(LookupError, match="no such item"):
        bad.unwrap()


def test_too_many_errors_end_the_run(client: Client) -> None:
    """One more than allowed is raised, with the item's error as its cause."""
    run = client.bulk.map(count_tokens, iter(["bad", "good", "bad"]), max_errors=1, concurrency=1)
    assert isinstance(next(run).error, LookupError)
    assert next(run).value
    with pytest.raises(TooManyErrorsError, match="max_errors is 1") as caught:
        next(run)
    assert isinstance(caught.value.__cause__, LookupError)
    assert caught.value.result is not None
    assert caught.value.result.key == 2
    with pytest.raises(StopIteration):
        next(run)


def test_items_are_taken_when_there_is_room(client: Client) -> None:
    """Of an endless source no more is taken than is under way, and nothing before the start."""
    taken: list[int] = []

    def numbers() -> Iterator[int]:
        while True:
            taken.append(len(taken))
            yield taken[-1]

    with client.bulk.map(count_tokens, numbers(), concurrency=3) as run:
        assert not taken
        for count in range(1, 6):
            next(run)
            assert len(taken) <= count + 3
    length = len(taken)
    with pytest.raises(StopIteration):
        next(run)
    assert len(taken) == length


def test_order_is_kept_when_the_first_is_late(server: LocalServer, client: Client) -> None:
    """Results wait for those before them, and no more items are taken than there is room for."""
    server.stall(method=TOKENIZE_TEXT)
    taken = iter(range(100))
    run = client.bulk.map(count_tokens, taken, ordered=True, concurrency=4)
    first = Background(lambda: next(run))
    wait_for_call(server, TOKENIZE_TEXT, "ok", count=3)
    server.release()
    assert first.result().key == 0
    assert [next(run).key for _ in range(3)] == [1, 2, 3]
    run.close()
    assert next(taken) <= 8


def test_leaving_a_run_cancels_what_is_under_way(server: LocalServer, client: Client) -> None:
    """By `close`, and by forgetting the run: the server sees the calls end."""
    for leave in ("close", "forget"):
        server.stall(method=TOKENIZE_TEXT, times=2)
        run = client.bulk.map(count_tokens, ["a", "b", "c"], concurrency=3)
        assert next(run).value
        if leave == "close":
            run.close()
            run.close()
        del run
        gc.collect()
        wait_for_call(server, TOKENIZE_TEXT, "cancelled", count=2 if leave == "close" else 4)
        server.release()


def test_retries_are_those_of_the_run(server: LocalServer, client: Client) -> None:
    """``retry`` replaces the client's policy; the attempts are counted."""
    server.fail(StatusCode.UNAVAILABLE, method=TOKENIZE_TEXT)
    policy = RetryPolicy(initial_backoff=0.001)
    (result,) = [result for result in client.bulk.map(count_tokens, ["a"], retry=policy)]
    assert (result.error, result.attempts) == (None, 2)
    server.fail(StatusCode.RESOURCE_EXHAUSTED, method=TOKENIZE_TEXT)
    none = RetryPolicy.none()
    (result,) = [result for result in client.bulk.map(count_tokens, ["a"], retry=none)]
    assert isinstance(result.error, RateLimitError)


def test_wait_that_the_server_names_holds_all_workers(server: LocalServer, client: Client) -> None:
    """While one call waits as it was told, no other one begins, whoever's it is."""
    pushback = (("grpc-retry-pushback-ms", "3600000"),)
    server.fail(StatusCode.RESOURCE_EXHAUSTED, method=TOKENIZE_TEXT, trailers=pushback)
    run = client.bulk.map(count_tokens, range(50), concurrency=1, retry=RetryPolicy.none())
    assert isinstance(next(run).error, RateLimitError)
    other = client.bulk.map(count_tokens, range(50), concurrency=2)
    waiting = Background(lambda: next(other))
    # What is no part of a run is not held.
    assert client.tokenize.tokenize_text("free", model=MODEL)
    assert len([call for call in server.calls if call.method == TOKENIZE_TEXT.path]) == 2
    other.close()
    with pytest.raises(RuntimeError, match=r"closed|given up"):
        waiting.result()
    run.close()


def test_budget_is_not_passed(client: Client) -> None:
    """No item begins that could pass it; the run says why it ended, and is closed."""
    (first,) = [result for result in client.bulk.map(question(seed=1), ["item"])]
    assert first.usage is not None
    price = first.usage.cost_usd
    assert price
    run = client.bulk.map(question(seed=1), iter(["item"] * 50), budget_usd=price * 4.5)
    found = [result for result in run]
    assert 2 <= len(found) <= 4
    assert run.stopped == "budget"
    assert run.progress.cost_usd <= price * 4.5


def test_budget_needs_costs(client: Client) -> None:
    """What costs nobody knows is no work with a budget."""
    run = client.bulk.map(count_tokens, ["a", "b"], budget_usd=1.0)
    with pytest.raises(ValueError, match="budget_usd can't be kept"):
        _ = [result for result in run]


def test_progress_is_told_to_whatever_was_passed(client: Client) -> None:
    """A function gets the figures; bars of tqdm and rich go on by one."""

    class Bar:
        def __init__(self) -> None:
            self.steps = 0
            self.text = ""

        def set_postfix_str(self, text: str, *, refresh: bool) -> None:
            assert not refresh
            self.text = text

        def update(self, amount: int) -> None:
            self.steps += amount

    class Bars:
        def __init__(self) -> None:
            self.calls: list[tuple[object, ...]] = []

        def add_task(self, description: str, *, total: float | None) -> int:
            self.calls.append((description, total))
            return 7

        def update(self, task: int, *, advance: int, description: str) -> None:
            self.calls.append((task, advance, description))

    told: list[Progress] = []
    bar, bars = Bar(), Bars()
    for on_progress in (told.append, bar, bars):
        run = client.bulk.map(count_tokens, ["a", "bad"], on_progress=on_progress, concurrency=1)
        _ = [result for result in run]
    assert [(each.done, each.errors, each.total) for each in told] == [(1, 0, 2), (2, 1, 2)]
    assert told[0].rate > 0.0
    assert (bar.steps, bar.text) == (2, "0 tokens, $0.0000, 1 failed")
    assert bars.calls[0] == ("items", 2)
    assert bars.calls[2] == (7, 1, "items (0 tokens, $0.0000, 1 failed)")


def test_task_of_the_other_kind_is_refused(client: Client) -> None:
    """A function that has to be awaited, or has not, ends the run: no item can be done with it."""
    made: list[object] = [wait_for_nothing()]
    run = client.bulk.map(lambda _client, _item: made[0], ["a"])  # type: ignore[arg-type, return-value, var-annotated, unused-ignore]  # the point of the test
    with pytest.raises(TypeError, match="task must be a"):
        next(run)


def test_prompt_of_fields_and_functions(server: LocalServer, client: Client) -> None:
    """Fields of mappings are filled in; a function returns a text or messages."""
    fields: ChatTask[dict[str, str], Response] = ChatTask(MODEL, "{a} {{{b}}}", max_tokens=1)
    made: ChatTask[str, Response] = ChatTask(MODEL, lambda item: [user(f"<{item}>")], max_tokens=1)
    items = [{"a": "x", "b": "y"}, {"a": "x"}]
    results = [result for result in client.bulk.map(fields, items, ordered=True)]
    assert results[0].value is not None
    assert "wants {b}, but the item has 'a'" in str(results[1].error)
    _ = [result for result in client.bulk.map(made, ["i"])]
    assert asked(server) == ["<i>", "x {y}"]


def test_closed_client_ends_the_run(client: Client) -> None:
    """It is no error of each of the items that are left."""
    run = client.bulk.map(count_tokens, iter(int, 1), concurrency=1)
    next(run)
    client.close()
    with pytest.raises(RuntimeError, match="the client is closed"):
        next(run)


def test_waits_are_by_the_clock_of_retries(server: LocalServer) -> None:
    """A wait that the server named is over with the retry that it was named for."""
    pushback = (("grpc-retry-pushback-ms", "60000"),)
    server.fail(StatusCode.RESOURCE_EXHAUSTED, method=TOKENIZE_TEXT, trailers=pushback)
    with xai.Client(SECRET_KEY, api_host=server.host) as client:
        with ControlledRetries(client) as retries:
            run = client.v1.bulk.map(
                lambda v1, item: v1.tokenize.tokenize_text(str(item), model=MODEL),
                range(5),
                concurrency=1,
            )
            found = [result for result in run]
    assert [result.attempts for result in found] == [2, 1, 1, 1, 1]
    assert retries.waits == [60.0]


def test_result_and_task_can_be_pickled() -> None:
    """They go to other processes and come back equal."""
    task = question(seed=5)
    assert pickle.loads(pickle.dumps(task)) == task  # noqa: S301  # made here
    result: Result[str, int] = Result(key="k", item="i", value=1)
    assert pickle.loads(pickle.dumps(result)) == result  # noqa: S301  # made here
