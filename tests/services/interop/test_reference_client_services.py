"""The reference clients with the local server: what takes time or is kept, models, tokens, key."""

from datetime import timedelta

import grpc
import pytest

from tests.services.interop.reference_client import (
    ANSWER,
    MODEL,
    QUESTION,
    ReferenceClient,
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


def test_defer(server: LocalServer, reference: ReferenceClient) -> None:
    """An answer is waited for by asking again, and is the one that would have come at once."""
    asked = reference.ask(QUESTION)
    response = reference.wait(asked.defer(interval=SOON))
    assert response.content == reference.wait(asked.sample()).content == ANSWER
    first, *polls, last = methods(server)
    assert (first, last) == ("StartDeferredCompletion", "GetCompletion")
    assert len(polls) > 1
    assert set(polls) == {"GetDeferredCompletion"}


@batches
def test_defer_batch(reference: ReferenceClient) -> None:
    """Several answers are waited for together."""
    asked = reference.ask("Once upon a time", temperature=1.5, seed=1)
    deferred = reference.wait(asked.defer_batch(3, interval=SOON))
    at_once = reference.wait(asked.sample_batch(3))
    assert [one.content for one in deferred] == [one.content for one in at_once]


def test_defer_gives_up(reference: ReferenceClient) -> None:
    """An answer that is not there within the client's time is its TimeoutError."""
    with pytest.raises(TimeoutError):
        reference.wait(reference.ask(QUESTION).defer(timeout=timedelta(microseconds=1)))


@batches
def test_stored_completions(reference: ReferenceClient) -> None:
    """Stored answers are found by their ID until they are deleted."""
    stored = reference.client.chat
    asked = reference.ask("Once upon a time", store_messages=True, temperature=1.0, seed=1)
    responses = reference.wait(asked.sample_batch(2))
    found = reference.wait(stored.get_stored_completion(responses[0].id))
    assert [one.content for one in found] == [one.content for one in responses]
    assert found[0].proto == responses[0].proto
    assert reference.wait(stored.delete_stored_completion(found[0].id)) == found[0].id
    for method in (stored.get_stored_completion, stored.delete_stored_completion):
        code, text = refused(reference, lambda method=method: method(found[0].id))
        assert (code, found[0].id in text) == (grpc.StatusCode.NOT_FOUND, True)
    unkept = reference.wait(reference.ask(QUESTION).sample())
    code, _ = refused(reference, lambda: stored.get_stored_completion(unkept.id))
    assert code is grpc.StatusCode.NOT_FOUND


def test_stored_completion_is_gone_on_from(reference: ReferenceClient) -> None:
    """What a stored answer was about is part of the next question, and cheaper."""
    settings = {"store_messages": True}
    first = reference.wait(reference.ask(QUESTION, **settings).sample())
    alone = reference.wait(reference.ask("Why?", **settings).sample())
    after = reference.wait(
        reference.ask("Why?", previous_response_id=first.id, **settings).sample()
    )
    assert after.usage.prompt_tokens > alone.usage.prompt_tokens
    assert alone.usage.cached_prompt_text_tokens == 0 < after.usage.cached_prompt_text_tokens
    assert after.request_settings.previous_response_id == first.id


def test_compact(reference: ReferenceClient) -> None:
    """A conversation is replaced by a shorter one that nobody can read, and goes on from there."""
    tale = "It was long ago. It was far away. It was dark. Nobody knew why it was so."
    asked = reference.ask(*[tale] * 6, QUESTION)
    before = reference.wait(asked.sample()).usage.prompt_tokens
    compact = reference.wait(asked.compact())
    assert compact.dropped_message_count == 7
    assert compact.usage.prompt_tokens > 0
    assert "long ago" not in compact.encrypted_content
    (message,) = asked.messages
    assert message.encrypted_content == compact.encrypted_content
    after = reference.wait(asked.sample())
    assert after.content == ANSWER
    assert 5 < after.usage.prompt_tokens < before
    asked.append(after).append(chat.user("Are you sure?"))
    assert reference.wait(asked.sample()).content


def test_compact_context(reference: ReferenceClient) -> None:
    """A shortened list of messages goes into any chat of this server, and of no other."""
    messages = [chat.user(QUESTION), chat.assistant(ANSWER)]
    compact = reference.wait(reference.client.chat.compact_context(MODEL, messages))
    asked = reference.ask()
    asked.append(compact).append(chat.user("Are you sure?"))
    assert reference.wait(asked.sample()).content
    other = chat_pb2.CompactContextResponse(encrypted_content="bm90IG91cnM=")
    strange = reference.ask().append(chat.CompactContextResponse(other))
    code, text = refused(reference, strange.sample)
    assert (code, "encrypted_content" in text) == (grpc.StatusCode.INVALID_ARGUMENT, True)


# Models, tokens and the key.


@pytest.mark.parametrize("family", ["language", "embedding", "image_generation"])
def test_models(reference: ReferenceClient, family: str) -> None:
    """The models of each kind are listed, and found by their names and aliases."""
    models = reference.client.models
    found = reference.wait(getattr(models, f"list_{family}_models")())
    get = getattr(models, f"get_{family}_model")
    assert len(found) > 0
    for model in found:
        for name in (model.name, *model.aliases):
            assert reference.wait(get(name)) == model
    code, text = refused(reference, lambda: get("nothing"))
    assert (code, "'nothing'" in text) == (grpc.StatusCode.NOT_FOUND, True)


def test_language_model_has_prices(reference: ReferenceClient) -> None:
    """A model says what it reads, how much of it, and what that costs."""
    model = reference.wait(reference.client.models.get_language_model(MODEL))
    response = reference.wait(reference.ask(QUESTION).sample())
    usage = response.usage
    ticks = (
        usage.prompt_tokens * model.prompt_text_token_price
        + usage.completion_tokens * model.completion_text_token_price
    )
    assert response.cost_usd == pytest.approx(ticks * 1e-10)
    assert model.max_prompt_length > 1000
    assert model.system_fingerprint == response.system_fingerprint


@pytest.mark.parametrize("text", [QUESTION, "naïve 🙂\n\ttabs", ""])
def test_tokens(reference: ReferenceClient, text: str) -> None:
    """The tokens of a text join to it."""
    tokens = reference.wait(reference.client.tokenize.tokenize_text(text, MODEL))
    assert b"".join(token.token_bytes for token in tokens) == text.encode()
    assert all(token.string_token for token in tokens)


def test_key(reference: ReferenceClient) -> None:
    """A key is described, and not given away."""
    found = reference.wait(reference.client.auth.get_api_key_info())
    assert found.redacted_api_key.endswith(SECRET_KEY[-4:])
    assert SECRET_KEY not in str(found)
    assert list(found.acls) == ["*"]
    assert not any([found.api_key_blocked, found.team_blocked, found.disabled])
    assert all([found.api_key_id, found.user_id, found.team_id, found.create_time.seconds])
