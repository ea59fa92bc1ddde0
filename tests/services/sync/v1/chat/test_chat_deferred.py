# Do not edit: produced by "nox -s generate" from
# tests/services/aio/v1/chat/test_chat_deferred.py
from datetime import timedelta
from typing import Any

import grpc
import pytest

from tests.services.interop.reference import ReferenceServer, answer, output
from tests.services.interop.scripted import Scripted
from tests.support import growing
from xai import Client, DeadlineExceededError, InternalServerError, NotFoundError, StatusCode, v1
from xai.runtime.retry.throttle import Clock
from xai.sync.v1.chat.chat import Chat
from xai.testing import LocalServer

PENDING = {"status": "PENDING"}


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
    clock = client._caller().context.retry_state.clock = Jumping()
    return clock


def start(server: ReferenceServer) -> Scripted:
    """Let a server begin to work on whatever is asked, and return how it is asked for it."""
    server.script("Chat/StartDeferredCompletion").says({"request_id": "d-1"})
    return server.script("Chat/GetDeferredCompletion")


def done(*outputs: dict[str, Any]) -> dict[str, Any]:
    """Return the reply that has the answer."""
    return {"status": "DONE", "response": answer(*outputs)}


def create(client: Client, **settings: Any) -> Chat:  # noqa: ANN401  # of all kinds
    """Return a chat in which something was said."""
    return client.v1.chat.create("m", messages=[v1.user("Hi")], **settings)


def test_defer_asks_until_the_answer_is_there(
    reference_server: ReferenceServer, client: Client
) -> None:
    """It asks at once, then ever more seldom up to about once a second, and appends the answer."""
    script = start(reference_server)
    for _ in range(8):
        script.says(PENDING)
    script.says(done(output("Hello")), trailers=(("request-id", "q-1"),))
    clock = jump(client)
    chat = create(client, auto_append=True)
    response = chat.defer()
    assert response.content == "Hello"
    assert ("request-id", "q-1") in response.metadata
    # Each is up to a fifth shorter, at random.
    whole = [0.1, 0.15, 0.225, 0.3375, 0.50625, 0.759375, 1.0, 1.0]
    assert clock.waits == pytest.approx([0.9 * wait for wait in whole], rel=0.112)
    assert max(clock.waits) <= 1.0
    assert {request.request_id for request in script.requests} == {"d-1"}
    assert reference_server.requests("/xai_api.Chat/StartDeferredCompletion")[0].n == 1
    assert len(chat.messages) == 2


def test_given_interval_stays(reference_server: ReferenceServer, client: Client) -> None:
    """Numbers and timedeltas are taken, for the interval and for the time in all."""
    script = start(reference_server)
    clock = jump(client)
    for interval in (5, timedelta(seconds=5)):
        script.says(PENDING)
        script.says(PENDING)
        script.says(done(output("Hello")))
        create(client).defer(interval=interval, timeout=timedelta(minutes=1))
        script._plans.clear()
    assert clock.waits == [5, 5, 5, 5]


def test_time_runs_out(reference_server: ReferenceServer, client: Client) -> None:
    """A DeferredTimeoutError names the request; waiting can go on by its ID."""
    script = start(reference_server)
    script.says(PENDING)
    clock = jump(client)
    with pytest.raises(v1.DeferredTimeoutError, match="d-1 is not done after 600 s") as caught:
        create(client).defer()
    assert isinstance(caught.value, TimeoutError)
    assert caught.value.request_id == "d-1"
    assert sum(clock.waits) == pytest.approx(600, abs=5)
    script._plans.clear()
    script.says(done(output("Hello")))
    resumed = client.v1.chat.deferred(caught.value.request_id)
    assert resumed.wait().content == "Hello"


def test_time_in_all_limits_a_question_that_hangs(
    reference_server: ReferenceServer, client: Client
) -> None:
    """A poll that gets no answer ends with the time, as a DeferredTimeoutError."""
    script = start(reference_server)
    script.says(PENDING, hold=True)
    for limit in growing(0.3):
        with pytest.raises(v1.DeferredTimeoutError, match=f"after {limit:g} s"):
            create(client).defer(timeout=limit)
        if script.calls:
            break
    script.release()
    assert script.calls[0].seconds is not None
    assert script.calls[0].seconds <= limit


def test_limit_of_the_client_holds_for_each_question(
    reference_server: ReferenceServer, client: Client
) -> None:
    """A poll that takes longer than a call may is a DeadlineExceededError."""
    script = start(reference_server)
    script.says(PENDING, hold=True)
    with pytest.raises(DeadlineExceededError):
        create(client).with_options(timeout=0.2).defer(timeout=30)
    script.release()


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ({"status": "EXPIRED"}, v1.DeferredExpiredError),
        ({"status": "FAILED"}, v1.DeferredFailedError),
        ({"status": "DONE"}, v1.DeferredFailedError),
    ],
)
def test_answer_that_never_comes_is_an_error_of_its_own(
    reference_server: ReferenceServer,
    client: Client,
    reply: dict[str, Any],
    error: type[v1.DeferredFailedError],
) -> None:
    """Expired and failed requests are told apart, and the error has the ID."""
    start(reference_server).says(reply)
    with pytest.raises(error, match="d-1") as caught:
        create(client).defer()
    assert caught.value.request_id == "d-1"


def test_status_without_a_name_counts_as_pending(
    reference_server: ReferenceServer, client: Client
) -> None:
    """A number of a newer server does not end the waiting."""
    script = start(reference_server)
    script.says({"status": 17})
    script.says({})
    script.says(done(output("Hello")))
    jump(client)
    assert create(client).defer().content == "Hello"
    assert len(script.calls) == 3


def test_steps_of_tools_are_read_as_one_answer(
    reference_server: ReferenceServer, client: Client
) -> None:
    """With tools that the server runs, the answer is that of the last step."""
    start(reference_server).says(done(output(""), output("Done", 1)))
    assert create(client).defer().content == "Done"
    start(reference_server).says(done(output("", role="ROLE_TOOL"), output("Done")))
    response = create(client, tools=[v1.web_search()]).defer()
    assert (response.index, response.content) == (None, "Done")


def test_defer_batch_returns_the_alternatives(
    reference_server: ReferenceServer, client: Client
) -> None:
    """The number is sent with the start, and each answer reads its own output."""
    start(reference_server).says(done(output("a"), output("b", 1)))
    found = create(client).defer_batch(2)
    assert [response.content for response in found] == ["a", "b"]
    assert reference_server.requests("/xai_api.Chat/StartDeferredCompletion")[0].n == 2


def test_request_without_an_id_has_failed(
    reference_server: ReferenceServer, client: Client
) -> None:
    """An answer nobody can ask for is the server's failure, not a wrong argument."""
    reference_server.script("Chat/StartDeferredCompletion").says({})
    for begin in (create(client).defer, create(client).start_deferred):
        with pytest.raises(v1.DeferredFailedError, match="gave it no ID") as caught:
            begin()
        assert caught.value.request_id == ""
    assert len(reference_server.calls) == 2


def test_request_is_started_and_asked_for_by_hand(
    reference_server: ReferenceServer, client: Client
) -> None:
    """`get` is None while the server works; `get_batch` has all answers then."""
    script = start(reference_server)
    script.says(PENDING)
    script.says(PENDING)
    script.says(done(output("a"), output("b", 1)))
    deferred = create(client).start_deferred(2)
    assert (deferred.request_id, repr(deferred)[-5:]) == ("d-1", " d-1>")
    assert deferred.get() is None
    assert deferred.get_batch() is None
    first = deferred.get()
    assert first is not None
    assert first.content == "a"
    assert [response.content for response in deferred.get_batch() or ()] == ["a", "b"]
    assert [response.content for response in deferred.wait_batch()] == ["a", "b"]


def test_failed_poll_is_raised(reference_server: ReferenceServer, client: Client) -> None:
    """An error of a poll that no retry helps with ends the waiting."""
    start(reference_server).says(status=(grpc.StatusCode.NOT_FOUND, "no such request"))
    with pytest.raises(NotFoundError, match="no such request"):
        create(client).defer()


def test_failed_poll_is_tried_again(reference_server: ReferenceServer, client: Client) -> None:
    """A passing failure of a poll does not lose the answer."""
    script = start(reference_server)
    script.says(status=(grpc.StatusCode.UNAVAILABLE, "later"))
    script.says(done(output("Hello")))
    assert create(client).defer().content == "Hello"


@pytest.mark.parametrize("argument", ["timeout", "interval"])
@pytest.mark.parametrize("value", [0, -1, True, "5", float("nan"), timedelta(0)])
def test_bad_times_are_named(
    reference_server: ReferenceServer,
    client: Client,
    argument: str,
    value: Any,  # noqa: ANN401  # the point of the test
) -> None:
    """Nothing is sent when a time is not a number of seconds above 0."""
    chat = create(client)
    with pytest.raises((TypeError, ValueError), match=f"^{argument} must be "):
        chat.defer(**{argument: value})
    with pytest.raises((TypeError, ValueError), match=f"^{argument} must be "):
        client.v1.chat.deferred("d-1").wait(**{argument: value})
    assert reference_server.calls == []


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"request_id": ""}, "request_id must not be empty"),
        ({"request_id": 5}, "request_id must be a str, not int"),
        ({"request_id": "d", "n": 0}, "n must be from 1 to 128, not 0"),
        ({"request_id": "d", "tools": ["web_search"]}, "tools.0. must be a Tool, not str"),
    ],
)
def test_bad_resumption_is_refused(client: Client, arguments: dict[str, Any], text: str) -> None:
    """`deferred` names the argument."""
    with pytest.raises((TypeError, ValueError), match=f"^{text}$"):
        client.v1.chat.deferred(**arguments)


def test_what_ends_a_wait_says_how_to_go_on(server: LocalServer, local_client: Client) -> None:
    """A failed poll has the job as its `partial`, and a note names the request."""
    chat = local_client.v1.chat.create("grok-local", messages=[v1.user("Hello")])
    job = chat.start_deferred()
    server.fail(StatusCode.INTERNAL, method="GetDeferredCompletion")
    with pytest.raises(InternalServerError) as caught:
        job.wait()
    assert caught.value.partial is job
    assert job.request_id in "".join(getattr(caught.value, "__notes__", ()))
    assert job.wait().content
    wrongs: list[dict[str, Any]] = [{"timeout": 10**400}, {"interval": 10**400}]
    for wrong in wrongs:
        with pytest.raises(ValueError, match=f"{next(iter(wrong))} is more seconds than a float"):
            job.wait(**wrong)
