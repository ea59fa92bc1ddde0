"""Stored completions and compaction of the local server, v1."""

from collections.abc import Iterator

import pytest

import xai
from xai import Client, v1
from xai.proto.xai_api.chat import DeleteStoredCompletionRequest
from xai.testing import LocalServer

MODEL = "grok-local"
#: The model goes on with what followed when it last read the same.
LESSON = "Zyx?\nAssistant: Halmbury is green."


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


def stored(client: Client, text: str = "Hello!", **options: object) -> v1.Response:
    """Return an answer that the server keeps."""
    chat = client.v1.chat.create(
        MODEL,
        messages=[v1.user(text)],
        store_messages=True,
        **options,  # type: ignore[arg-type]  # any options
    )
    return chat.sample()


# Stored answers.


def test_stored_answer_is_found(client: Client) -> None:
    """What comes back is the answer as it was, usage included."""
    response = stored(client, seed=1)
    found = client.v1.chat.get_stored_completion(response.id)
    assert found.proto == response.proto
    assert found.content == response.content != ""


def test_streamed_answer_is_stored_whole(client: Client) -> None:
    """A stream that was read to its end is kept in one piece, with all its choices."""
    chat = client.v1.chat.create(
        MODEL, messages=[v1.user("Tell me a story.")], store_messages=True, temperature=1.3, seed=1
    )
    with chat.stream_batch(3) as stream:
        streamed = stream.until_done()
    found = client.v1.chat.get_stored_choices(streamed[0].id)
    assert [one.content for one in found] == [one.content for one in streamed]
    assert [one.index for one in found] == [0, 1, 2]
    assert found[0].usage == streamed[0].usage


def test_answer_is_kept_only_if_asked(client: Client) -> None:
    """Without the setting nothing is kept."""
    response = client.v1.chat.create(MODEL, messages=[v1.user("Hello!")]).sample()
    with pytest.raises(xai.NotFoundError, match=response.id):
        client.v1.chat.get_stored_completion(response.id)


def test_deleted_answer_is_gone(client: Client) -> None:
    """After the deletion every use of the ID is NOT_FOUND, a second deletion too."""
    response = stored(client)
    assert client.v1.chat.delete_stored_completion(response.id) == response.id
    with pytest.raises(xai.NotFoundError):
        client.v1.chat.get_stored_completion(response.id)
    with pytest.raises(xai.NotFoundError):
        client.v1.chat.delete_stored_completion(response.id)
    with pytest.raises(xai.NotFoundError):
        stored(client, previous_response_id=response.id)


def test_answer_belongs_to_its_key(server: LocalServer, client: Client) -> None:
    """Another key neither reads nor deletes it, nor goes on from it."""
    response = stored(client)
    with server.client(api_key="two") as other:
        for use in (
            lambda: other.v1.chat.get_stored_completion(response.id),
            lambda: other.v1.chat.delete_stored_completion(response.id),
            lambda: stored(other, previous_response_id=response.id),
        ):
            with pytest.raises(xai.NotFoundError, match=response.id):
                use()
    assert client.v1.chat.get_stored_completion(response.id).id == response.id


def test_empty_id_is_not_found(client: Client) -> None:
    """No answer has an empty ID."""
    with pytest.raises(xai.NotFoundError):
        client.stubs.v1.chat.delete_stored_completion(DeleteStoredCompletionRequest())


# Going on.


def test_conversation_goes_on_from_a_stored_answer(client: Client) -> None:
    """What was said before is read, as if it had been sent again, but is cheaper."""
    first = stored(client, LESSON, temperature=0.0)
    second = stored(client, "Zyx?", previous_response_id=first.id, temperature=0.0)
    assert second.content == "Halmbury is green."
    again = client.v1.chat.create(MODEL, messages=[v1.user(LESSON)], temperature=0.0)
    again.append(first).append(v1.user("Zyx?"))
    whole = again.sample()
    assert whole.content == second.content
    assert whole.usage.prompt_tokens == second.usage.prompt_tokens
    assert whole.usage.cached_prompt_text_tokens == 0
    assert 0 < second.usage.cached_prompt_text_tokens < second.usage.prompt_text_tokens
    assert second.cost_usd is not None
    assert whole.cost_usd is not None
    assert second.cost_usd < whole.cost_usd
    price = client.v1.models.get_language_model(MODEL)
    saved = price.prompt_text_token_price - price.cached_prompt_token_price
    assert whole.usage.cost_in_usd_ticks is not None
    assert second.usage.cost_in_usd_ticks == (
        whole.usage.cost_in_usd_ticks - second.usage.cached_prompt_text_tokens * saved
    )


def test_chain_outlives_its_links(client: Client) -> None:
    """A stored answer has the whole conversation: earlier ones may be deleted."""
    first = stored(client, LESSON)
    second = stored(client, "And now?", previous_response_id=first.id)
    client.v1.chat.delete_stored_completion(first.id)
    third = stored(client, "Zyx?", previous_response_id=second.id, temperature=0.0)
    assert third.content == "Halmbury is green."


def test_results_of_tools_follow_a_stored_call(client: Client) -> None:
    """The result of a tool can be all that is sent after a stored call of it."""
    tools = [v1.tool("weather", "Tells the weather", {"type": "object"})]
    first = stored(client, "The weather?", tools=tools)
    (call,) = first.tool_calls
    chat = client.v1.chat.create(
        MODEL,
        messages=[v1.tool_result("x\nAssistant: Rain.\nTool: x", call.id)],
        previous_response_id=first.id,
        tools=tools,
        temperature=0.0,
    )
    assert chat.sample().content == "Rain."


def test_mistake_is_named_by_the_place_in_the_request(client: Client) -> None:
    """The messages of the stored conversation don't count in the place of a mistake."""
    first = stored(client)
    bad = v1.user(v1.image("data:text/plain,a"))
    chat = client.v1.chat.create(MODEL, messages=[bad], previous_response_id=first.id)
    with pytest.raises(xai.InvalidArgumentError, match=r"^messages\[0\]"):
        chat.sample()


# Compaction.


def test_compaction_is_shorter_and_can_be_gone_on_from(client: Client) -> None:
    """The end of the conversation is read from the compaction, and the beginning is shorter."""
    chat = client.v1.chat.create(MODEL, temperature=0.0)
    for _ in range(5):
        chat.append(v1.user("One thing. And another thing. And a third thing. And so on and on."))
    chat.append(v1.user(LESSON))
    before = chat.copy().append(v1.user("Zyx?")).sample()
    compaction = chat.compact()
    assert compaction.dropped_message_count == 6
    assert "Halmbury" not in compaction.encrypted_content
    (message,) = chat.messages
    assert message.encrypted_content == compaction.encrypted_content
    after = chat.append(v1.user("Zyx?")).sample()
    assert after.content == before.content == "Halmbury is green."
    assert after.usage.prompt_tokens < before.usage.prompt_tokens * 0.7


def test_compaction_is_paid(client: Client) -> None:
    """What is read and what is left are counted and have a price."""
    usage = client.v1.chat.compact_context(MODEL, [v1.user("One. Two."), v1.user("Three.")]).usage
    price = client.v1.models.get_language_model(MODEL)
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    assert usage.cost_in_usd_ticks == (
        usage.prompt_tokens * price.prompt_text_token_price
        + usage.completion_tokens * price.completion_text_token_price
    )


def test_compaction_can_be_compacted(client: Client) -> None:
    """A conversation that was made shorter before can be made shorter again."""
    chat = client.v1.chat.create(MODEL, messages=[v1.user(LESSON)], temperature=0.0)
    chat.compact()
    chat.append(v1.user("And more."))
    chat.compact()
    assert len(chat.messages) == 1
    assert chat.append(v1.user("Zyx?")).sample().content == "Halmbury is green."


def test_compaction_of_another_server_is_refused(client: Client) -> None:
    """Only the server that made it can read it; a changed one is refused as well."""
    with LocalServer() as other, other.client() as elsewhere:
        foreign = elsewhere.v1.chat.compact_context(MODEL, [v1.user("Hello!")])
    own = client.v1.chat.compact_context(MODEL, [v1.user("Hello!")]).as_message()
    chat = client.v1.chat.create(MODEL, messages=[own, v1.user("And?")])
    assert chat.sample().content
    own.encrypted_content = own.encrypted_content[:-8] + "AAAAAAA="
    for message in (foreign.as_message(), own):
        chat = client.v1.chat.create(MODEL, messages=[message, v1.user("And?")])
        with pytest.raises(xai.InvalidArgumentError, match=r"^messages\[0\]\.encrypted_content"):
            chat.sample()
