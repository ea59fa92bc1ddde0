"""What models of the local server think before they respond."""

from collections.abc import Iterator
from typing import Any

import pytest

import xai
from xai import v1
from xai.testing import LocalServer


@pytest.fixture
def client() -> Iterator[xai.Client]:
    """A client of a local server."""
    with LocalServer() as server, server.client() as client:
        yield client


def ask(client: xai.Client, model: str = "grok-local", **settings: Any) -> v1.Chat:  # noqa: ANN401  # of all kinds
    """Return a chat with a question that the model answers surely."""
    messages = [v1.user("Does it work?")]
    settings = {"temperature": 0.0, **settings}
    return client.v1.chat.create(model, messages=messages, **settings)


@pytest.mark.parametrize(
    ("model", "effort", "sentences"),
    [
        ("grok-local", None, 0),
        ("grok-4-fast-non-reasoning", None, 0),
        ("grok-4-fast-reasoning", None, 2),
        ("grok-3-mini", None, 2),
        ("grok-3-mini", "none", 0),
        ("grok-local", "low", 1),
        ("grok-local", "xhigh", 4),
    ],
)
def test_reasoning_models_reason(
    client: xai.Client,
    model: str,
    effort: Any,  # noqa: ANN401  # of a literal
    sentences: int,
) -> None:
    """By their name or when asked to; the response itself is the same, and costs more."""
    found = ask(client, model, reasoning_effort=effort).sample()
    plain = ask(client).sample()
    assert found.content == plain.content
    assert found.reasoning_content.count(".") == sentences
    assert ("Does it work?" in found.reasoning_content) is (sentences > 0)
    usage = found.usage
    assert (usage.reasoning_tokens > 0) is (sentences > 0)
    assert usage.completion_tokens == plain.usage.completion_tokens
    spent = usage.prompt_tokens + usage.completion_tokens + usage.reasoning_tokens
    assert usage.total_tokens == spent
    assert usage.cost_usd is not None
    assert plain.usage.cost_usd is not None
    assert (usage.cost_usd > plain.usage.cost_usd) is (sentences > 0)


def test_reasoning_is_streamed_before_the_text(client: xai.Client) -> None:
    """Its parts join to what a whole response has, for every choice."""
    chat = ask(client, reasoning_effort="high")
    whole = chat.sample()
    seen = [
        (bool(choice.reasoning_content), bool(choice.content))
        for _, chunk in chat.stream()
        for choice in chunk.choices
    ]
    assert seen[:3] == [(True, False)] * 3
    assert not any(reasoned for reasoned, _ in seen[3:])
    streamed = chat.stream().until_done()
    assert streamed.reasoning_content == whole.reasoning_content
    assert (streamed.content, streamed.usage) == (whole.content, whole.usage)
    for each in chat.stream_batch(2).until_done():
        assert each.reasoning_content == whole.reasoning_content


def test_encrypted_reasoning_goes_back_to_the_server(client: xai.Client) -> None:
    """Only the server can read it, and a later request may have it."""
    chat = ask(client, reasoning_effort="low", use_encrypted_content=True)
    for response in (chat.sample(), chat.stream().until_done()):
        assert response.encrypted_content
        assert "Does it work" not in response.encrypted_content
    longer = chat.copy().append(response).append(v1.user("Sure?")).sample()
    other = ask(client, reasoning_effort="low")
    shorter = other.append(other.sample()).append(v1.user("Sure?")).sample()
    assert longer.content
    assert longer.usage.prompt_tokens > shorter.usage.prompt_tokens
