"""Requests of v1 that the local server refuses, by the field."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import xai
from xai import Client, v1
from xai.proto.xai_api.chat import (
    AgentCount,
    CompactContextRequest,
    Content,
    GetCompletionsRequest,
    Guideline,
    GuidelineBehavior,
    GuidelineCategory,
    Message,
    MessageRole,
    PolicyGuideline,
    ToolCall,
)
from xai.proto.xai_api.image import ImageUrlContent
from xai.testing import LocalServer

MODEL = "grok-local"
NAN = float("nan")


@pytest.fixture
def client() -> Iterator[Client]:
    """A client of a local server with its defaults."""
    with LocalServer() as server, server.client() as client:
        yield client


def guideline(category: GuidelineCategory) -> Guideline:
    """Return a guideline."""
    behavior = GuidelineBehavior.GUIDELINE_BEHAVIOR_DECLINE
    return Guideline(policy=PolicyGuideline(category=category, behavior=behavior))


def request(**fields: Any) -> GetCompletionsRequest:  # noqa: ANN401 - any fields
    """Return a request that nothing is wrong with but the given fields."""
    whole: dict[str, Any] = {"model": MODEL, "messages": [v1.user("Hello!")], **fields}
    return GetCompletionsRequest(**whole)


def said(*contents: Content, role: MessageRole = MessageRole.ROLE_USER, **fields: Any) -> Any:  # noqa: ANN401 - any fields
    """Return the field of messages with one that is fine and one more."""
    return {"messages": [v1.user("a"), Message(role=role, content=list(contents), **fields)]}


VIOLENCE = GuidelineCategory.GUIDELINE_CATEGORY_VIOLENCE
BAD: list[tuple[dict[str, Any], str]] = [
    ({"temperature": -0.1}, "temperature must be from 0 to 2, got -0.1"),
    ({"temperature": 2.5}, "temperature must be from 0 to 2"),
    ({"temperature": NAN}, "temperature must be from 0 to 2"),
    ({"top_p": 1.5}, "top_p must be from 0 to 1"),
    ({"top_p": -1.0}, "top_p must be from 0 to 1"),
    ({"frequency_penalty": 2.5}, "frequency_penalty must be from -2 to 2"),
    ({"presence_penalty": -3.0}, "presence_penalty must be from -2 to 2"),
    ({"presence_penalty": float("inf")}, "presence_penalty must be from -2 to 2"),
    ({"n": 0}, "n must be from 1 to 128, got 0"),
    ({"n": 129}, "n must be from 1 to 128"),
    ({"max_tokens": 0}, "max_tokens must be from 1 to"),
    ({"max_tokens": -5}, "max_tokens must be from 1 to"),
    ({"logprobs": True, "top_logprobs": 9}, "top_logprobs must be from 0 to 8"),
    ({"logprobs": True, "top_logprobs": -1}, "top_logprobs must be from 0 to 8"),
    ({"top_logprobs": 2}, "top_logprobs makes no sense without logprobs"),
    ({"stop": ["a"] * 9}, "stop has more than 8 strings"),
    ({"stop": ["a", ""]}, "stop[1] is empty"),
    ({"messages": []}, "messages is empty"),
    (said(role=MessageRole.INVALID_ROLE), "messages[1].role"),
    (said(role=MessageRole.try_value(99)), "messages[1].role"),
    (said(v1.text("a"), name="a b"), "messages[1].name must be letters"),
    (said(v1.text("a"), name="a" * 65), "messages[1].name must be letters"),
    (said(v1.text("a"), Content()), "messages[1].content[1] is neither text"),
    (said(Content(image_url=ImageUrlContent())), "messages[1].content[0].image_url must be"),
    (
        said(Content(image_url=ImageUrlContent(image_url="ftp://a/b"))),
        "messages[1].content[0].image_url must be",
    ),
    (said(tool_calls=[ToolCall()]), "messages[1].tool_calls[0] has no function"),
    (said(encrypted_content="bm9uZQ=="), "messages[1].encrypted_content: this server"),
    (said(encrypted_content="\u00e4"), "messages[1].encrypted_content: this server"),
    ({"guidelines": [guideline(VIOLENCE)] * 2}, "guidelines has two for the same category"),
    ({"guidelines": [Guideline()]}, "guidelines[0] is empty"),
    ({"guidelines": [Guideline(policy=PolicyGuideline())]}, "guidelines[0].policy.category"),
    (
        {"guidelines": [Guideline(policy=PolicyGuideline(category=VIOLENCE))]},
        "guidelines[0].policy.behavior",
    ),
    ({"guidelines": [guideline(VIOLENCE)], "stop": ["a"]}, "guidelines makes no sense together"),
    (
        {"guidelines": [guideline(VIOLENCE)], "agent_count": AgentCount.AGENT_COUNT_4},
        "guidelines makes no sense together",
    ),
]


@pytest.mark.parametrize(("fields", "named"), BAD, ids=lambda value: repr(value)[:70])
def test_bad_field_is_named(client: Client, fields: dict[str, Any], named: str) -> None:
    """A field that makes no sense is INVALID_ARGUMENT with its name, whatever the method."""
    chat = client.stubs.v1.chat
    calls: list[Callable[[], object]] = [
        lambda: chat.get_completion(request(**fields)),
        lambda: list(chat.get_completion_chunk(request(**fields))),
        lambda: chat.start_deferred_completion(request(**fields)),
    ]
    for call in calls:
        with pytest.raises(xai.InvalidArgumentError) as caught:
            call()
        # A deferred completion refuses every guideline.
        texts = [named, "guidelines makes no sense with a deferred"]
        assert any(str(caught.value).startswith(text) for text in texts)


def test_guidelines_are_refused_later(client: Client) -> None:
    """Guidelines are taken, but not with an answer that is deferred."""
    fine = request(guidelines=[guideline(VIOLENCE)])
    assert client.stubs.v1.chat.get_completion(fine).outputs
    with pytest.raises(xai.InvalidArgumentError, match="guidelines makes no sense with a deferred"):
        client.stubs.v1.chat.start_deferred_completion(fine)


def test_limits_themselves_are_allowed(client: Client) -> None:
    """The largest and the smallest values of each setting are no mistakes."""
    for fields in (
        {"temperature": 0.0, "top_p": 0.0, "n": 1, "max_tokens": 1, "top_logprobs": 0},
        {"temperature": 2.0, "top_p": 1.0, "n": 128, "max_tokens": 2, "logprobs": True},
        {"frequency_penalty": -2.0, "presence_penalty": -2.0, "max_tokens": 2**31 - 1},
        {"frequency_penalty": 2.0, "presence_penalty": 2.0, "seed": -(2**31)},
        {"logprobs": True, "top_logprobs": 8, "stop": ["a"] * 8, "seed": 2**31 - 1},
        {"messages": [Message(role=MessageRole.ROLE_USER)]},
    ):
        assert client.stubs.v1.chat.get_completion(request(**fields)).outputs


@pytest.mark.parametrize("streamed", [False, True])
def test_unknown_model_is_not_found(client: Client, *, streamed: bool) -> None:
    """A model that the server doesn't have is NOT_FOUND, with its name."""
    chat = client.v1.chat.create("grok-unknown", messages=[v1.user("Hello!")])
    with pytest.raises(xai.NotFoundError, match="'grok-unknown'"):
        chat.stream().until_done() if streamed else chat.sample()
    with pytest.raises(xai.NotFoundError, match="'grok-unknown'"):
        client.v1.chat.compact_context("grok-unknown", [v1.user("Hello!")])


def test_prompt_that_is_too_long_is_refused(client: Client) -> None:
    """A prompt of more tokens than the model reads is INVALID_ARGUMENT, with both numbers."""
    limit = client.v1.models.get_language_model(MODEL).max_prompt_length
    chat = client.v1.chat.create(MODEL, messages=[v1.user("it " * limit)])
    with pytest.raises(xai.InvalidArgumentError, match=rf"\d+ tokens; the model reads {limit}"):
        chat.sample()


def test_empty_compaction_is_refused(client: Client) -> None:
    """Nothing can't be made shorter."""
    with pytest.raises(xai.InvalidArgumentError, match=r"^input is empty"):
        client.stubs.v1.chat.compact_context(CompactContextRequest(model=MODEL))


def test_compaction_names_its_field(client: Client) -> None:
    """A bad message of a compaction is named by the field that it is in."""
    message = Message(role=MessageRole.ROLE_USER, content=[Content()])
    with pytest.raises(xai.InvalidArgumentError, match=r"^input\[0\]\.content\[0\]"):
        client.v1.chat.compact_context(MODEL, [message])


def test_spent_budget_ends_calls() -> None:
    """When a key has spent its tokens, every method that needs some is RESOURCE_EXHAUSTED."""
    never = xai.RetryPolicy(max_attempts=1)
    with LocalServer(token_limit=5) as server, server.client(retry=never) as client:
        chat = client.v1.chat.create(MODEL, messages=[v1.user("Hello!")])
        assert chat.sample().content
        for call in (chat.sample, chat.stream().until_done, chat.defer, chat.compact):
            with pytest.raises(xai.RateLimitError, match="5 tokens is spent"):
                call()


def test_settings_are_told_back(client: Client) -> None:
    """The answer says with which settings it was made, those by default included."""
    tools = [v1.tool("f", "F", {"type": "object"})]
    settings = client.v1.chat.create(
        *(MODEL,),
        messages=[v1.user("Hello!")],
        tools=tools,
        user="u",
        temperature=0.5,
        max_tokens=9,
        tool_choice="none",
        include=["verbose_streaming"],
        service_tier="priority",
    ).sample()
    found = settings.request_settings
    assert found is not None
    assert (found.temperature, found.max_tokens, found.user) == (0.5, 9, "u")
    assert found.tools == tools
    assert found.parallel_tool_calls is True
    assert found.top_p == pytest.approx(0.95)
    assert settings.service_tier == v1.ServiceTier.PRIORITY


def test_verbose_stream_has_a_chunk_for_each_token(client: Client) -> None:
    """With the option also tokens without a text of their own come as chunks."""
    tools = [v1.tool("look", "Look", {"type": "object"})]
    create = client.v1.chat.create
    counts = []
    for include in ([], ["verbose_streaming"]):
        chat = create(MODEL, messages=[v1.user("Look!")], tools=tools, include=include)  # type: ignore[arg-type]  # literals
        with chat.stream() as stream:
            counts.append(len(list(stream)))
            tokens = stream.response.usage.completion_tokens
    assert counts == [1, tokens + 1]
