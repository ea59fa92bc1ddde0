# Do not edit: produced by "nox -s generate" from
# tests/services/aio/v1/test_options.py
import grpc
import pytest

from tests.services.interop.reference import ReferenceServer, answer, output, piece
from tests.support import growing
from xai import Client, DeadlineExceededError, RetryEvent, RetryPolicy, ServiceUnavailableError, v1

LATER = (grpc.StatusCode.UNAVAILABLE, "later")


def test_view_of_a_chat_has_its_own_time_limit(
    reference_server: ReferenceServer, client: Client
) -> None:
    """The limit of `with_options` holds for calls and streams of the view."""
    calls = reference_server.script("Chat/GetCompletion")
    chunks = reference_server.script("Chat/GetCompletionChunk")
    calls.says(hold=True)
    chunks.says(piece("a"), hold=True)
    chat = client.v1.chat.create("m", messages=[v1.user("Hi")])
    for limit in growing(0.2):
        with pytest.raises(DeadlineExceededError):
            chat.with_options(timeout=limit).sample()
        with pytest.raises(DeadlineExceededError):
            chat.with_options(timeout=limit).stream().until_done()
        if calls.calls and chunks.calls:
            break
    seconds = [script.calls[0].seconds for script in (calls, chunks)]
    assert all(found is not None and found <= limit for found in seconds)


def test_view_of_a_chat_has_its_own_retries(
    reference_server: ReferenceServer, client: Client
) -> None:
    """A policy of one attempt tries once; the chat itself tries again, and the hook sees it."""
    script = reference_server.script("Chat/GetCompletion")
    script.says(status=LATER)
    script.says(status=LATER)
    script.says(answer(output("Hello")))
    chat = client.v1.chat.create("m", messages=[v1.user("Hi")])
    with pytest.raises(ServiceUnavailableError):
        chat.with_options(retry=RetryPolicy.none()).sample()
    assert len(script.calls) == 1
    events: list[RetryEvent] = []
    watched = chat.with_options(retry=RetryPolicy(on_retry=events.append))
    assert watched.sample().content == "Hello"
    assert [event.method for event in events] == ["/xai_api.Chat/GetCompletion"]
    assert len(script.calls) == 3


def test_view_of_a_chat_sends_its_metadata(
    reference_server: ReferenceServer, client: Client
) -> None:
    """Pairs of the client, of the view and of a view of the view are sent, in this order."""
    script = reference_server.script("Chat/GetCompletion")
    script.says(answer(output("Hello")))
    chats = client.with_options(metadata=[("x-a", "1")]).v1.chat
    chat = chats.create("m", messages=[v1.user("Hi")])
    view = chat.with_options(metadata=[("x-a", "2")]).with_options(metadata=[("x-b", "3")])
    view.sample()
    sent = [(key, value) for key, value in script.calls[0].metadata if key.startswith("x-")]
    assert sent == [("x-a", "1"), ("x-a", "2"), ("x-b", "3")]


def test_view_of_a_chat_is_the_same_conversation(
    reference_server: ReferenceServer, client: Client
) -> None:
    """What the view appends is in the chat, and the other way round."""
    reference_server.script("Chat/GetCompletion").says(answer(output("Hello")))
    chat = client.v1.chat.create("m", auto_append=True)
    view = chat.with_options(timeout=30)
    view.ask("Hi")
    chat.append(v1.user("More"))
    view.sample()
    assert view.messages is chat.messages
    assert len(chat.messages) == 4


def test_options_of_the_client_hold_for_every_service(
    reference_server: ReferenceServer, client: Client
) -> None:
    """``client.with_options(...).v1`` limits all calls, and the client itself stays as it was."""
    script = reference_server.script("Models/ListLanguageModels")
    script.says(hold=True)
    view = client.with_options(timeout=0.2)
    with pytest.raises(DeadlineExceededError):
        view.v1.models.list_language_models()
    script._plans.clear()
    script.says({})
    assert client.v1.models.list_language_models() == []
    assert view.v1 is view.v1
    assert view.v1 is not client.v1
    assert view.v1.chat is view.v1.chat


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"timeout": "1"}, "timeout must be a number of seconds or None, not str"),
        ({"timeout": -1}, "timeout must be 0 or more seconds, not -1"),
        ({"retry": 3}, "retry must be a RetryPolicy, not int"),
        ({"metadata": [("X-A", "1")]}, "metadata.0.: the key may hold only"),
    ],
)
def test_bad_options_are_refused_at_once(
    client: Client, options: dict[str, object], text: str
) -> None:
    """The option is named."""
    chat = client.v1.chat.create("m")
    with pytest.raises((TypeError, ValueError), match=f"^{text}"):
        chat.with_options(**options)  # type: ignore[arg-type]  # the point of the test
