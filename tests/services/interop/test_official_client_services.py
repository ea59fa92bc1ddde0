"""The official clients with the local server: what takes time or is kept, models, tokens, key."""

from datetime import timedelta

import grpc
import pytest

from tests.services.interop.official_client import (
    ANSWER,
    MODEL,
    QUESTION,
    OfficialClient,
    batches,
    chat,
    chat_pb2,
    methods,
    refused,
)
from tests.support import SECRET_KEY
from xai.testing import LocalServer

SOON = timedelta(milliseconds=5)

# Answers that take time, or are kept.


def test_defer(server: LocalServer, official: OfficialClient) -> None:
    """An answer is waited for by asking again, and is the one that would have come at once."""
    asked = official.ask(QUESTION)
    response = official.wait(asked.defer(interval=SOON))
    assert response.content == official.wait(asked.sample()).content == ANSWER
    first, *polls, last = methods(server)
    assert (first, last) == ("StartDeferredCompletion", "GetCompletion")
    assert len(polls) > 1
    assert set(polls) == {"GetDeferredCompletion"}


@batches
def test_defer_batch(official: OfficialClient) -> None:
    """Several answers are waited for together."""
    asked = official.ask("Once upon a time", temperature=1.5, seed=1)
    deferred = official.wait(asked.defer_batch(3, interval=SOON))
    at_once = official.wait(asked.sample_batch(3))
    assert [one.content for one in deferred] == [one.content for one in at_once]


def test_defer_gives_up(official: OfficialClient) -> None:
    """An answer that is not there within the client's time is its TimeoutError."""
    with pytest.raises(TimeoutError):
        official.wait(official.ask(QUESTION).defer(timeout=timedelta(microseconds=1)))


@batches
def test_stored_completions(official: OfficialClient) -> None:
    """Stored answers are found by their ID until they are deleted."""
    stored = official.client.chat
    asked = official.ask("Once upon a time", store_messages=True, temperature=1.0, seed=1)
    responses = official.wait(asked.sample_batch(2))
    found = official.wait(stored.get_stored_completion(responses[0].id))
    assert [one.content for one in found] == [one.content for one in responses]
    assert found[0].proto == responses[0].proto
    assert official.wait(stored.delete_stored_completion(found[0].id)) == found[0].id
    for method in (stored.get_stored_completion, stored.delete_stored_completion):
        code, text = refused(official, lambda method=method: method(found[0].id))
        assert (code, found[0].id in text) == (grpc.StatusCode.NOT_FOUND, True)
    unkept = official.wait(official.ask(QUESTION).sample())
    code, _ = refused(official, lambda: stored.get_stored_completion(unkept.id))
    assert code is grpc.StatusCode.NOT_FOUND


def test_stored_completion_is_gone_on_from(official: OfficialClient) -> None:
    """What a stored answer was about is part of the next question, and cheaper."""
    settings = {"store_messages": True}
    first = official.wait(official.ask(QUESTION, **settings).sample())
    alone = official.wait(official.ask("Why?", **settings).sample())
    after = official.wait(official.ask("Why?", previous_response_id=first.id, **settings).sample())
    assert after.usage.prompt_tokens > alone.usage.prompt_tokens
    assert alone.usage.cached_prompt_text_tokens == 0 < after.usage.cached_prompt_text_tokens
    assert after.request_settings.previous_response_id == first.id


def test_compact(official: OfficialClient) -> None:
    """A conversation is replaced by a shorter one that nobody can read, and goes on from there."""
    tale = "It was long ago. It was far away. It was dark. Nobody knew why it was so."
    asked = official.ask(*[tale] * 6, QUESTION)
    before = official.wait(asked.sample()).usage.prompt_tokens
    compact = official.wait(asked.compact())
    assert compact.dropped_message_count == 7
    assert compact.usage.prompt_tokens > 0
    assert "long ago" not in compact.encrypted_content
    (message,) = asked.messages
    assert message.encrypted_content == compact.encrypted_content
    after = official.wait(asked.sample())
    assert after.content == ANSWER
    assert 5 < after.usage.prompt_tokens < before
    asked.append(after).append(chat.user("Are you sure?"))
    assert official.wait(asked.sample()).content


def test_compact_context(official: OfficialClient) -> None:
    """A shortened list of messages goes into any chat of this server, and of no other."""
    messages = [chat.user(QUESTION), chat.assistant(ANSWER)]
    compact = official.wait(official.client.chat.compact_context(MODEL, messages))
    asked = official.ask()
    asked.append(compact).append(chat.user("Are you sure?"))
    assert official.wait(asked.sample()).content
    other = chat_pb2.CompactContextResponse(encrypted_content="bm90IG91cnM=")
    strange = official.ask().append(chat.CompactContextResponse(other))
    code, text = refused(official, strange.sample)
    assert (code, "encrypted_content" in text) == (grpc.StatusCode.INVALID_ARGUMENT, True)


# Models, tokens and the key.


@pytest.mark.parametrize("family", ["language", "embedding", "image_generation"])
def test_models(official: OfficialClient, family: str) -> None:
    """The models of each kind are listed, and found by their names and aliases."""
    models = official.client.models
    found = official.wait(getattr(models, f"list_{family}_models")())
    get = getattr(models, f"get_{family}_model")
    assert len(found) > 0
    for model in found:
        for name in (model.name, *model.aliases):
            assert official.wait(get(name)) == model
    code, text = refused(official, lambda: get("nothing"))
    assert (code, "'nothing'" in text) == (grpc.StatusCode.NOT_FOUND, True)


def test_language_model_has_prices(official: OfficialClient) -> None:
    """A model says what it reads, how much of it, and what that costs."""
    model = official.wait(official.client.models.get_language_model(MODEL))
    response = official.wait(official.ask(QUESTION).sample())
    usage = response.usage
    ticks = (
        usage.prompt_tokens * model.prompt_text_token_price
        + usage.completion_tokens * model.completion_text_token_price
    )
    assert response.cost_usd == pytest.approx(ticks * 1e-10)
    assert model.max_prompt_length > 1000
    assert model.system_fingerprint == response.system_fingerprint


@pytest.mark.parametrize("text", [QUESTION, "naïve 🙂\n\ttabs", ""])
def test_tokens(official: OfficialClient, text: str) -> None:
    """The tokens of a text join to it."""
    tokens = official.wait(official.client.tokenize.tokenize_text(text, MODEL))
    assert b"".join(token.token_bytes for token in tokens) == text.encode()
    assert all(token.string_token for token in tokens)


def test_key(official: OfficialClient) -> None:
    """A key is described, and not given away."""
    found = official.wait(official.client.auth.get_api_key_info())
    assert found.redacted_api_key.endswith(SECRET_KEY[-4:])
    assert SECRET_KEY not in str(found)
    assert list(found.acls) == ["*"]
    assert not any([found.api_key_blocked, found.team_blocked, found.disabled])
    assert all([found.api_key_id, found.user_id, found.team_id, found.create_time.seconds])
