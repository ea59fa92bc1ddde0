"""Deferred completions of the local server."""

import uuid
from collections.abc import Iterator

import pytest

import xai
from tests.support import NOT_SLOW, run_child
from xai import Client, v1
from xai.proto.xai_api.chat import CHAT_GET_DEFERRED_COMPLETION, CHAT_START_DEFERRED_COMPLETION
from xai.sync.v1.chat.chat import Chat
from xai.testing import LocalServer

MODEL = "grok-local"


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A local server with two keys."""
    with LocalServer(api_keys={"one": ["*"], "two": ["*"]}) as server:
        yield server


@pytest.fixture
def client(server: LocalServer) -> Iterator[Client]:
    """A client of it with the first key."""
    with server.client() as client:
        yield client


def story(client: Client, **options: object) -> Chat:
    """Return a chat whose answer is long."""
    messages = [v1.user("Tell me a long story.")]
    return client.v1.chat.create(MODEL, messages=messages, **options)  # type: ignore[arg-type]  # any options


def test_job_is_pending_and_then_done(client: Client) -> None:
    """The first look never finds an answer; in the end it is that of the same seed."""
    chat = story(client, seed=1)
    job = chat.start_deferred()
    uuid.UUID(job.request_id)
    assert job.get() is None
    response = job.wait(timeout=60, interval=0.01)
    assert response.content == chat.sample().content
    assert response.finish_reason == v1.FinishReason.STOP
    again = job.get()
    assert again is not None
    assert (again.id, again.content) == (response.id, response.content)


def test_job_takes_time() -> None:
    """While the model is slow the answer stays pending, and waiting has a limit."""
    with LocalServer(token_delay=3600.0) as server, server.client() as client:
        job = story(client).start_deferred()
        assert [job.get() for _ in range(5)] == [None] * 5
        with pytest.raises(v1.DeferredTimeoutError):
            job.wait(timeout=0.05, interval=0.01)


def test_deferring_asks_until_it_is_done(server: LocalServer, client: Client) -> None:
    """``defer`` starts once and looks twice or more, and several answers come together."""
    response = story(client).defer(interval=0.01)
    assert response.content
    starts = [call for call in server.calls if call.method == CHAT_START_DEFERRED_COMPLETION.path]
    looks = [call for call in server.calls if call.method == CHAT_GET_DEFERRED_COMPLETION.path]
    assert len(starts) == 1
    assert len(looks) >= 2
    chat = story(client, seed=2, temperature=1.2)
    several = chat.defer_batch(3, interval=0.01)
    assert [one.content for one in several] == [one.content for one in chat.sample_batch(3)]


def test_unknown_job_is_not_found(client: Client) -> None:
    """An ID that nobody got is NOT_FOUND."""
    with pytest.raises(xai.NotFoundError, match="'request-1'"):
        client.v1.chat.deferred("request-1").get()


def test_job_belongs_to_its_key(server: LocalServer, client: Client) -> None:
    """Another key doesn't see it, and the own key does from another client."""
    job = story(client).start_deferred()
    with server.client(api_key="two") as other, pytest.raises(xai.NotFoundError):
        other.v1.chat.deferred(job.request_id).get()
    with server.client() as same:
        assert same.v1.chat.deferred(job.request_id).wait(interval=0.01).content


def test_job_can_call_tools_and_keep_to_a_format(client: Client) -> None:
    """A deferred response may be a call of a tool, or JSON."""
    tools = [v1.tool("story", "Tells a story", {"type": "object"})]
    response = story(client, tools=tools).defer(interval=0.01)
    assert [call.function.name for call in response.tool_calls] == ["story"]
    assert story(client, response_format={"const": 1}).defer(interval=0.01).content == "1"


def test_job_is_stored_if_asked(client: Client) -> None:
    """A deferred response is kept as any other."""
    response = story(client, store_messages=True).defer(interval=0.01)
    assert client.v1.chat.get_stored_completion(response.id).content == response.content


def test_mistake_shows_at_the_start(client: Client) -> None:
    """What can't be answered is refused at once, not in the background."""
    with pytest.raises(xai.UnimplementedError, match="response_format"):
        story(client, response_format={"not": {}}).start_deferred()


def test_jobs_of_a_stopped_server_have_failed() -> None:
    """Stopping ends the work; started again, the server says that it came to nothing."""
    server = LocalServer(token_delay=3600.0)
    with server, server.client() as client:
        job = story(client).start_deferred()
        assert job.get() is None
    with server, server.client() as client, pytest.raises(v1.DeferredFailedError):
        client.v1.chat.deferred(job.request_id).wait(timeout=60, interval=0.01)


CLOSING = """
import gc, logging, warnings
logging.basicConfig()
warnings.simplefilter("error")
from xai import v1
from xai.testing import LocalServer
for jobs in (1, 20):
    server = LocalServer(token_delay=3600.0)
    with server, server.client() as client:
        chat = client.v1.chat.create("grok-local", messages=[v1.user("Hello!")])
        for _ in range(jobs):
            chat.start_deferred()
    del server, client, chat
    gc.collect()
print("ended")
"""


@pytest.mark.parametrize("debug", [False, True])
def test_closing_leaves_nothing_of_running_jobs(*, debug: bool) -> None:
    """A server that stops while it works says nothing of tasks or of what was never awaited."""
    # What Python says where nobody can catch it goes to stderr, which has to be empty.
    options = ("-W", "error", *(("-X", "dev") if debug else ()))
    assert run_child(NOT_SLOW + CLOSING, python_args=options).stdout == "ended\n"


CANCELLED = """
import asyncio, gc, warnings
warnings.simplefilter("error")
from xai.proto.xai_api.chat import GetChatCompletionResponse
from xai.testing.control.accounts import Account
from xai.testing.v1.deferred import Jobs

async def work():
    return GetChatCompletionResponse()

async def main():
    Jobs().start(Account(frozenset()), work)

# The loop ends before the task had its first turn.
asyncio.run(main())
gc.collect()
print("ended")
"""


def test_job_that_never_began_leaves_nothing() -> None:
    """A job that is cancelled before it runs leaves no coroutine that was never awaited."""
    assert run_child(CANCELLED).stdout == "ended\n"
