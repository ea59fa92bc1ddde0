"""The reference clients with the local server: answers, settings and errors."""

from typing import Any

import grpc
import pytest

import xai
from tests.services.interop.reference_client import (
    ANSWER,
    MODEL,
    QUESTION,
    Reference,
    ReferenceClient,
    batches,
    chat,
    chat_pb2,
    methods,
    received,
    refused,
    search,
    sent,
    tools,
    weather,
)
from tests.support import SECRET_KEY
from xai.testing import LocalServer

#: The base64 form of a GIF of one pixel.
PIXEL = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


# Answers.


def test_sample(server: LocalServer, reference: ReferenceClient) -> None:
    """An answer comes whole: its text, how it ended, what it cost, and that of the call it was."""
    asked = reference.ask(QUESTION)
    response = reference.wait(asked.sample())
    assert (response.content, response.role) == (ANSWER, "ROLE_ASSISTANT")
    assert response.finish_reason == "REASON_STOP"
    usage = response.usage
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens > 5
    assert response.cost_usd > 0
    assert response.id
    assert response.system_fingerprint
    assert response.proto.model == MODEL
    assert response.created.year > 2000
    assert methods(server) == ["GetCompletion"]
    assert received(server) == sent(asked)
    (call,) = server.calls
    assert call.timeout is not None
    assert any(key == "xai-sdk-version" for key, _ in call.metadata)


def test_plaintext_channel(server: LocalServer, kind: type[ReferenceClient]) -> None:
    """A client that puts the key into plaintext calls itself is served like others."""
    with kind(f"127.0.0.1:{server.port}", SECRET_KEY, use_insecure_channel=True) as reference:
        assert reference.wait(reference.ask(QUESTION).sample()).content == ANSWER
        seen = reference.watch(reference.ask(QUESTION).stream(), lambda _, chunk: chunk.content)
    assert "".join(seen) == ANSWER


def test_stream(server: LocalServer, reference: ReferenceClient) -> None:
    """A streamed answer grows by its chunks, and ends as the whole one."""
    asked = reference.ask(QUESTION, logprobs=True, service_tier="priority")
    steps = reference.watch(
        asked.stream(), lambda so_far, chunk: (so_far, so_far.content, chunk.content)
    )
    assert len(steps) > 3
    text = ""
    for _, so_far, piece in steps:
        text += piece
        assert so_far == text
    assert received(server) == sent(asked)
    assert methods(server) == ["GetCompletionChunk"]
    response, whole = steps[-1][0], reference.wait(asked.sample())
    assert response.content == whole.content == ANSWER
    for name in ("role", "finish_reason", "usage", "system_fingerprint", "service_tier"):
        assert getattr(response, name) == getattr(whole, name)


@batches
def test_sample_batch(server: LocalServer, reference: ReferenceClient) -> None:
    """Several answers come at once, not all of them the same."""
    asked = reference.ask("Once upon a time", temperature=1.5, seed=1)
    responses = reference.wait(asked.sample_batch(4))
    assert len(responses) == 4
    assert len({response.content for response in responses}) > 1
    for index, response in enumerate(responses):
        assert (response.role, response.proto.outputs[index].index) == ("ROLE_ASSISTANT", index)
    assert received(server) == sent(asked, 4)


@batches
def test_stream_batch(server: LocalServer, reference: ReferenceClient) -> None:
    """Several streamed answers grow side by side, and end as the whole ones."""
    asked = reference.ask("Once upon a time", temperature=1.5, seed=1, max_tokens=30)

    def look(so_far: Reference, chunks: Reference) -> list[tuple[str, str, str]]:
        return [
            (one.content, chunk.content, one.finish_reason)
            for one, chunk in zip(so_far, chunks, strict=True)
        ]

    steps = reference.watch(asked.stream_batch(3), look)
    texts = ["", "", ""]
    for step in steps:
        texts = [text + piece for text, (_, piece, _) in zip(texts, step, strict=True)]
        assert texts == [so_far for so_far, _, _ in step]
    assert received(server) == sent(asked, 3)
    whole = reference.wait(asked.sample_batch(3))
    assert texts == [response.content for response in whole]
    assert [reason for _, _, reason in steps[-1]] == [one.finish_reason for one in whole]
    # None waits for another: the second begins before the first has ended.
    begins = next(place for place, step in enumerate(steps) if step[1][1])
    ends = max(place for place, step in enumerate(steps) if step[0][1])
    assert begins < ends


def test_conversation(server: LocalServer, reference: ReferenceClient) -> None:
    """A conversation of several turns goes along whole with each question, answers included."""
    asked = reference.ask(chat.system("You are brief."), QUESTION)
    first = reference.wait(asked.sample())
    asked.append(first).append(chat.user("Are you sure?"))
    steps = reference.watch(asked.stream(), lambda so_far, _: so_far)
    asked.append(steps[-1]).append(chat.user("Thank you."))
    last = reference.wait(asked.sample())
    assert last.content
    assert last.usage.prompt_tokens > first.usage.prompt_tokens
    said = [(message.role, message.content[0].text) for message in received(server).messages]
    assert said == [
        (chat_pb2.ROLE_SYSTEM, "You are brief."),
        (chat_pb2.ROLE_USER, QUESTION),
        (chat_pb2.ROLE_ASSISTANT, ANSWER),
        (chat_pb2.ROLE_USER, "Are you sure?"),
        (chat_pb2.ROLE_ASSISTANT, steps[-1].content),
        (chat_pb2.ROLE_USER, "Thank you."),
    ]


@pytest.mark.parametrize("url", ["https://example.com/a.png", f"data:image/gif;base64,{PIXEL}"])
def test_images(server: LocalServer, reference: ReferenceClient, url: str) -> None:
    """An image in a message, by address or by its data, is part of the prompt."""
    asked = reference.ask(chat.user("What is this?", chat.image(url, detail="high"), "Tell me."))
    response = reference.wait(asked.sample())
    assert response.content
    assert response.usage.prompt_image_tokens > 0
    assert received(server) == sent(asked)


def test_file(reference: ReferenceClient) -> None:
    """A text file in a message is read with it."""
    data = b"a text of several words"
    alone, along = (
        reference.wait(reference.ask(chat.user("Read.", *more)).sample()).usage.prompt_tokens
        for more in ((), (chat.file(data=data, filename="a.txt", mime_type="text/plain"),))
    )
    assert along > alone + 4


# Settings.

SETTINGS = {
    "user": "someone",
    "safety_identifier": "0a1b2c",
    "max_tokens": 5,
    "seed": 7,
    "stop": ["never", "ever"],
    "temperature": 0.5,
    "top_p": 0.5,
    "logprobs": True,
    "parallel_tool_calls": False,
    "response_format": "text",
    "frequency_penalty": 0.5,
    "presence_penalty": -0.5,
    "reasoning_effort": "high",
    "search_parameters": search.SearchParameters(
        mode="on",
        sources=[search.web_source(country="DE"), search.x_source(included_x_handles=["xai"])],
        max_search_results=3,
    ),
    "store_messages": True,
    "use_encrypted_content": True,
    "max_turns": 3,
    "include": [
        "web_search_call_output",
        "x_search_call_output",
        "code_execution_call_output",
        "collections_search_call_output",
        "attachment_search_call_output",
        "mcp_call_output",
        "inline_citations",
        "verbose_streaming",
    ],
    "service_tier": "priority",
    "tools": [weather(), tools.web_search(), tools.x_search(), tools.code_execution()],
    "tool_choice": "none",
    "agent_count": 4,
}
#: Some of those, and some of their own, as they are told from settings that were not made.
ZEROS = {
    "seed": 0,
    "temperature": 0.0,
    "top_p": 0.0,
    "frequency_penalty": 0.0,
    "presence_penalty": 0.0,
    "parallel_tool_calls": False,
    "reasoning_effort": "none",
    "max_turns": 0,
}
GUIDELINES = [{"type": "policy", "category": "violence", "behavior": "decline"}]


@pytest.mark.parametrize(
    "settings",
    [
        *(pytest.param({name: value}, id=name) for name, value in SETTINGS.items()),
        pytest.param({"guidelines": GUIDELINES}, id="guidelines"),
        pytest.param({"logprobs": True, "top_logprobs": 8}, id="top_logprobs"),
        pytest.param(SETTINGS, id="all"),
        pytest.param(ZEROS, id="zeros"),
    ],
)
def test_settings_arrive(
    server: LocalServer, reference: ReferenceClient, settings: dict[str, object]
) -> None:
    """Each setting is accepted, and nothing of the request is lost or changed on its way."""
    asked = reference.ask(QUESTION, **settings)
    assert reference.wait(asked.sample()).content
    assert received(server) == sent(asked)
    pieces = reference.watch(asked.stream(), lambda _, chunk: chunk.content)
    assert "".join(pieces)
    assert received(server) == sent(asked)


def test_settings_are_obeyed(reference: ReferenceClient) -> None:
    """Limits, stops and temperatures mean what they say, and the settings come back."""
    for temperature, count in ((0.0, 1), (1.5, 4)):
        tales = [
            reference.ask("Once upon a time", temperature=temperature, seed=seed)
            for seed in (10, 20, 30, 40)
        ]
        assert len({reference.wait(tale.sample()).content for tale in tales}) == count
    cut = reference.wait(reference.ask(QUESTION, max_tokens=2).sample())
    assert (cut.content, cut.finish_reason) == ("Yes,", "REASON_MAX_LEN")
    assert cut.usage.completion_tokens == 2
    stopped = reference.wait(reference.ask(QUESTION, stop=[" does"]).sample())
    assert (stopped.content, stopped.finish_reason) == ("Yes, it", "REASON_STOP")
    settings = {"logprobs": True, "top_logprobs": 3, "user": "someone", "service_tier": "priority"}
    response = reference.wait(reference.ask(QUESTION, **settings).sample())
    tokens = response.logprobs.content
    assert "".join(token.token for token in tokens).startswith(ANSWER)
    assert all(token.logprob <= 0 and 1 <= len(token.top_logprobs) <= 3 for token in tokens)
    assert response.service_tier == "priority"
    assert response.request_settings.user == "someone"
    assert response.request_settings.temperature == 0


@batches
@pytest.mark.parametrize("seed", range(5))
def test_answers_are_those_of_our_client(
    server: LocalServer, reference: ReferenceClient, seed: int
) -> None:
    """The same request has the same answer through this client and ours: whole, streamed, many."""
    settings = {"seed": seed, "temperature": 1.2, "max_tokens": 40}
    theirs = reference.ask(chat.system("Be brief."), "Once upon a time", **settings)
    with server.client(api_key=SECRET_KEY) as client:
        ours = client.v1.chat.create(
            model=MODEL,
            messages=[xai.v1.system("Be brief."), xai.v1.user("Once upon a time")],
            seed=seed,
            temperature=1.2,
            max_tokens=40,
        )
        text = ours.sample().content
        assert text
        assert received(server) == sent(theirs)
        texts = [response.content for response in ours.sample_batch(3)]
        pieces = [chunk.content for _, chunk in ours.stream()]
    assert reference.wait(theirs.sample()).content == text
    assert [one.content for one in reference.wait(theirs.sample_batch(3))] == texts
    assert reference.watch(theirs.stream(), lambda _, chunk: chunk.content) == pieces


# Errors.


@pytest.mark.parametrize(
    ("key", "code", "text"),
    [
        ("other", grpc.StatusCode.UNAUTHENTICATED, "Incorrect API key"),
        ("reader", grpc.StatusCode.PERMISSION_DENIED, "missing ACLs"),
    ],
)
def test_keys_are_checked(
    server: LocalServer, kind: type[ReferenceClient], key: str, code: grpc.StatusCode, text: str
) -> None:
    """A key that is unknown, or may not chat, is refused, streamed or not."""
    with kind(server.host, key) as reference:
        asked = reference.ask(QUESTION)
        with pytest.raises(grpc.RpcError) as caught:
            reference.watch(asked.stream(), lambda *_: None)
        error: Any = caught.value
        for found in (refused(reference, asked.sample), (error.code(), error.details())):
            assert (found[0], text in found[1]) == (code, True)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"temperature": 2.5}, "temperature"),
        ({"top_p": 1.5}, "top_p"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"frequency_penalty": 3.0}, "frequency_penalty"),
        ({"presence_penalty": -3.0}, "presence_penalty"),
        ({"stop": [str(number) for number in range(9)]}, "stop"),
        ({"logprobs": True, "top_logprobs": 9}, "top_logprobs"),
        ({"top_logprobs": 2}, "top_logprobs"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tools": [weather(), weather()]}, "tools[1]"),
        ({"response_format": "json_schema"}, "response_format"),
        ({"guidelines": GUIDELINES * 2}, "guidelines"),
        ({"guidelines": GUIDELINES, "stop": ["."]}, "guidelines"),
    ],
)
def test_bad_settings_are_refused(
    reference: ReferenceClient, settings: dict[str, object], named: str
) -> None:
    """A setting that makes no sense is refused by its name, by each of the methods."""
    asked = reference.ask(QUESTION, **settings)
    for method in (asked.sample, asked.defer):
        code, text = refused(reference, method)
        assert (code, named in text) == (grpc.StatusCode.INVALID_ARGUMENT, True)
    with pytest.raises(grpc.RpcError) as caught:
        reference.watch(asked.stream(), lambda *_: None)
    error: Any = caught.value
    assert (error.code(), named in error.details()) == (grpc.StatusCode.INVALID_ARGUMENT, True)


def test_unknown_model_is_not_found(reference: ReferenceClient) -> None:
    """A model that the server does not have is not found: to chat, to shorten, to cut texts."""
    asked = reference.ask(QUESTION, model="grok-0")
    client = reference.client
    for call in (
        asked.sample,
        asked.defer,
        asked.compact,
        lambda: client.tokenize.tokenize_text(QUESTION, "grok-0"),
    ):
        code, text = refused(reference, call)
        assert (code, "grok-0" in text) == (grpc.StatusCode.NOT_FOUND, True)


def test_failures_are_tried_again(server: LocalServer, reference: ReferenceClient) -> None:
    """Failures on purpose look real: the client tries again, and says how often it did."""
    for asked in (reference.ask(QUESTION), reference.ask("Are you sure?")):
        server.fail(xai.StatusCode.UNAVAILABLE, times=2)
        assert reference.wait(asked.sample()).content
        assert ("grpc-previous-rpc-attempts", "2") in server.calls[-1].headers
    assert methods(server) == ["GetCompletion"] * 6


def test_failure_in_a_stream(server: LocalServer, reference: ReferenceClient) -> None:
    """A stream that fails half-way has given out what came before."""
    server.fail(xai.StatusCode.DATA_LOSS, "half", after_messages=3)
    pieces: list[str] = []
    with pytest.raises(grpc.RpcError) as caught:
        reference.watch(
            reference.ask(QUESTION).stream(), lambda _, chunk: pieces.append(chunk.content)
        )
    error: Any = caught.value
    assert (error.code(), error.details()) == (grpc.StatusCode.DATA_LOSS, "half")
    assert "".join(pieces) == "Yes, it"
