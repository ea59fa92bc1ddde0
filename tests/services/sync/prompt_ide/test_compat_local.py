# Do not edit: produced by "nox -s generate" from
# tests/services/aio/prompt_ide/test_compat_local.py
import json
from collections.abc import Sequence

import pytest

import xai
from tests.services.sync.helpers import QUESTION, collect, wait_for_call
from xai import Client
from xai.prompt_ide.compat_types import MessageParam
from xai.testing import LocalServer

ASK: Sequence[MessageParam] = [{"role": "user", "content": QUESTION}]
CHUNKS = "GetCompletionChunk"


def test_streamed_and_whole_are_the_same(client: Client) -> None:
    """With one seed both ways have the same text, and the chunks one ID."""
    create = client.compat.chat.completions.create
    whole = create(messages=ASK, seed=5, max_tokens=40)
    chunks = collect(create(messages=ASK, seed=5, max_tokens=40, stream=True))
    assert whole.object == "chat.completion"
    assert whole.model == "grok-local"
    assert whole.choices[0].message.role == "assistant"
    assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}
    assert len({chunk.id for chunk in chunks}) == 1
    text = "".join(chunk.choices[0].delta.content for chunk in chunks if chunk.choices)
    assert text == whole.choices[0].message.content
    assert text
    reasons = [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices]
    assert reasons[-1] == whole.choices[0].finish_reason
    assert set(reasons[:-1]) <= {None}


def test_choices_stops_and_usage(client: Client) -> None:
    """Several choices, a stop string and a limit are obeyed, and the tokens counted."""
    create = client.compat.chat.completions.create
    many = create(messages=ASK, n=3, max_tokens=5)
    assert [choice.index for choice in many.choices] == [0, 1, 2]
    used = many.usage
    assert used.total_tokens == used.prompt_tokens + used.completion_tokens
    assert 0 < used.completion_tokens <= 15
    greedy = create(messages=ASK, temperature=0)
    text = greedy.choices[0].message.content
    word = text.split()[1]
    stopped = create(messages=ASK, temperature=0, stop=word)
    assert word not in stopped.choices[0].message.content
    assert text.startswith(stopped.choices[0].message.content)
    nothing = create(messages=ASK, max_tokens=0)
    assert nothing.choices[0].message.content == ""
    assert nothing.choices[0].finish_reason == "length"


def test_logprobs_come_when_asked_for(client: Client) -> None:
    """Each token has its log probability and as many likely others as were asked for."""
    create = client.compat.chat.completions.create
    assert create(messages=ASK, max_tokens=3).choices[0].logprobs is None
    found = create(messages=ASK, max_tokens=3, temperature=0.0, logprobs=True, top_logprobs=2)
    logprobs = found.choices[0].logprobs
    assert logprobs is not None
    assert len(logprobs.content) == 3
    for item in logprobs.content:
        assert bytes(item.bytes).decode()
        assert item.logprob <= 0.0
        assert len(item.top_logprobs) == 2
        assert item.top_logprobs[0].logprob >= item.top_logprobs[1].logprob


def test_json_is_json(client: Client) -> None:
    """With ``json_object`` the text is one."""
    found = client.compat.chat.completions.create(
        messages=ASK, response_format={"type": "json_object"}, max_tokens=200
    )
    assert isinstance(json.loads(found.choices[0].message.content), dict)


def test_parts_are_understood(client: Client) -> None:
    """A conversation of all kinds of parts is answered."""
    messages: Sequence[MessageParam] = [
        {"role": "system", "content": "Be brief."},
        {
            "role": "user",
            "name": "tim",
            "content": [
                {"type": "text", "text": "Look at this:"},
                {"type": "text_file", "text": "a file"},
                {"type": "image_url", "image_url": {"url": "https://x.ai/a.png", "detail": "low"}},
            ],
        },
    ]
    found = client.compat.chat.completions.create(messages=messages)
    assert found.choices[0].message.content


def test_stream_that_is_left_is_cancelled(server: LocalServer, client: Client) -> None:
    """The server sees the reset, and the connection stays."""
    server.stall(method=CHUNKS, after_messages=2)
    with client.compat.chat.completions.create(messages=ASK, stream=True) as stream:
        for _ in stream:
            break
    assert wait_for_call(server, CHUNKS, "cancelled").reset_code == 8
    client.compat.chat.completions.create(messages=ASK, max_tokens=1)
    assert server.connections == 1


def test_refusals_are_the_servers(client: Client) -> None:
    """What only the server can judge is an error of the call."""
    create = client.compat.chat.completions.create
    with pytest.raises(xai.InvalidArgumentError):
        create(messages=ASK, n=0)
    with pytest.raises(xai.APIError):
        create(messages=ASK, model="no such model")
    with pytest.raises(xai.InvalidArgumentError):
        collect(create(messages=[], stream=True))
