# Do not edit: produced by "nox -s generate" from
# tests/services/aio/v1/chat/test_run_stream.py
from typing import Any

import grpc
import pytest

from tests.services.interop.reference import ReferenceServer, piece
from tests.services.interop.scripted import Scripted
from tests.services.sync.helpers import collect, happens
from tests.services.sync.v1.chat.run_helpers import CHUNKS, asking_piece, call, said, unanswered
from tests.twin_helpers import Background
from xai import Client, RateLimitError, Stream, v1
from xai.sync.v1.chat.chat import Chat
from xai.v1 import ChunkStep, ModelStep, Step, ToolStep
from xai.v1.chat.response import Response

USER = ("ROLE_USER", "What is 2 + 3?", None)


@pytest.fixture
def script(reference_server: ReferenceServer) -> Scripted:
    """The method that answers in pieces."""
    return reference_server.script(CHUNKS)


def create(client: Client, **settings: Any) -> Chat:  # noqa: ANN401  # of all kinds
    """Return a chat in which something was said."""
    return client.v1.chat.create("grok-4.3", **settings).append(v1.user(USER[1]))


def add(a: int, b: int = 1) -> int:
    """Add two numbers."""
    return a + b


def fail() -> str:
    """Fail."""
    raise OSError("no disk")


def kinds(steps: list[Step]) -> list[str]:
    """Return what the steps are, and in which turn."""
    return [f"{type(step).__name__.removesuffix('Step')}{step.turn}" for step in steps]


def test_steps_come_one_by_one(script: Scripted, client: Client) -> None:
    """The stream has each chunk, each complete response and each call, in order, then a result."""
    calls = call("add", {"a": 2, "b": 3}, "c1"), call("add", {"a": 7}, "c2")
    script.says(piece("Let "), piece("me"), asking_piece(*calls))
    script.says(piece("It is "), piece("5"))
    chat = create(client, auto_append=True)
    stream = chat.run_stream(tools=[add])
    with pytest.raises(RuntimeError, match="no result before the end"):
        _ = stream.result
    assert script.calls == []
    steps = collect(stream)
    assert kinds(steps) == [
        *("Chunk1", "Chunk1", "Chunk1", "Model1", "Tool1", "Tool1"),
        *("Chunk2", "Chunk2", "Model2"),
    ]
    result = stream.result
    assert (result.response.content, result.turns) == ("It is 5", 2)
    assert list(result.steps) == [step for step in steps if not isinstance(step, ChunkStep)]
    assert said(chat.messages) == [
        USER,
        ("ROLE_ASSISTANT", "Let me", None),
        ("ROLE_TOOL", "5", "c1"),
        ("ROLE_TOOL", "8", "c2"),
        ("ROLE_ASSISTANT", "It is 5", None),
    ]
    assert [step.chunk.content for step in steps if isinstance(step, ChunkStep)] == [
        *("Let ", "me", "", "It is ", "5")
    ]
    assert collect(stream) == []
    assert stream.until_done().response is result.response


def test_rest_of_a_run_is_read_at_once(script: Scripted, client: Client) -> None:
    """What is left of a run can be read at once, and the observer sees all of it."""
    script.says(asking_piece(call("add", {"a": 2})))
    script.says(piece("3"))
    steps: list[Step] = []
    stream = create(client).run_stream(tools=[add], on_step=steps.append)
    protocol: Stream[Step] = stream
    first = protocol.__next__()
    assert isinstance(first, ChunkStep)
    assert isinstance(first.response, Response)
    result = stream.until_done()
    assert result.response.content == "3"
    assert kinds(steps) == ["Chunk1", "Model1", "Tool1", "Chunk2", "Model2"]
    assert "turn 2, whole" in repr(stream)


def test_usage_of_streams_is_added_up(script: Scripted, client: Client) -> None:
    """The tokens of all turns are added up, each turn counted once."""

    def spent(chunk: dict[str, Any], tokens: int) -> dict[str, Any]:
        return {**chunk, "usage": {"prompt_tokens": tokens}}

    script.says(spent(asking_piece(call("add", {"a": 2})), 10))
    script.says(spent(piece("3"), 20), spent(piece("!"), 20))
    result = create(client).run_stream(tools=[add]).until_done()
    assert (result.usage.prompt_tokens, result.cost_usd) == (30, None)


@pytest.mark.parametrize("read", range(1, 7))
def test_early_close_leaves_a_valid_history(script: Scripted, client: Client, read: int) -> None:
    """Wherever a run is left, each call in the history has a result, and a chat can go on."""
    calls = call("add", {"a": 2}, "c1"), call("add", {"a": 7}, "c2")
    script.says(piece("Hm"), asking_piece(*calls))
    script.says(piece("It is "), piece("5"))
    chat = create(client)
    steps: list[Step] = []
    with chat.run_stream(tools=[add]) as stream:
        for _ in range(read):
            steps += (stream.__next__(),)
    assert collect(stream) == []
    assert unanswered(chat.messages) == []
    done = sum(isinstance(step, ToolStep) for step in steps)
    answered = any(isinstance(step, ModelStep) for step in steps)
    results = [part[1:] for part in said(chat.messages) if part[0] == "ROLE_TOOL"]
    wanted = [("3", "c1"), ("8", "c2")][:done] + [("not run", "c1"), ("not run", "c2")][done:]
    assert results == (wanted if answered else [])
    with pytest.raises(RuntimeError, match="no result before the end"):
        stream.until_done()


def test_early_close_cancels_the_call(script: Scripted, client: Client) -> None:
    """Leaving amid an answer cancels the call, and nothing of the answer is appended."""
    script.says(piece("Hm"), hold=True)
    chat = create(client)
    stream = chat.run_stream(tools=[add])
    assert isinstance(stream.__next__(), ChunkStep)
    stream.close()
    stream.close()
    assert happens(script.calls[0].ended)
    assert not script.calls[0].answered
    assert said(chat.messages) == [USER]
    assert "not at its end" in repr(stream)


def test_failure_amid_an_answer_passes_through(script: Scripted, client: Client) -> None:
    """The error has the partial answer; the run is over, and its answer never taken for whole."""
    script.says(asking_piece(call("add", {"a": 2})))
    script.says(piece("It "), status=(grpc.StatusCode.RESOURCE_EXHAUSTED, "slowly"))
    chat = create(client)
    stream = chat.run_stream(tools=[add])
    with pytest.raises(RateLimitError) as caught:
        collect(stream)
    partial = caught.value.partial
    assert isinstance(partial, Response)
    assert partial.content == "It "
    assert collect(stream) == []
    with pytest.raises(RuntimeError, match="no result"):
        _ = stream.result
    assert said(chat.messages)[-1] == ("ROLE_TOOL", "3", "c1")


def test_error_of_a_function_is_raised_by_the_stream(script: Scripted, client: Client) -> None:
    """An error that is to be raised ends the stream; the calls after it are not made."""
    script.says(asking_piece(call("fail", "", "c1"), call("add", {"a": 2}, "c2")))
    chat = create(client)
    stream = chat.run_stream(tools=[add, fail], on_tool_error="raise")
    with pytest.raises(v1.ToolError, match="fail: no disk") as caught:
        collect(stream)
    assert isinstance(caught.value.__cause__, OSError)
    assert collect(stream) == []
    results = [part[1:] for part in said(chat.messages)[2:]]
    assert results == [("error: OSError: no disk", "c1"), ("not run", "c2")]


def test_turn_limit_ends_a_stream(script: Scripted, client: Client) -> None:
    """The stream raises when the model has had its turns; the history is valid."""
    script.says(asking_piece(call("add", {"a": 2})))
    chat = create(client)
    stream = chat.run_stream(tools=[add], max_turns=2)
    with pytest.raises(v1.TurnLimitError) as caught:
        stream.until_done()
    assert [step.turn for step in caught.value.steps] == [1, 1, 2, 2]
    assert len(script.calls) == 2
    assert unanswered(chat.messages) == []


def test_close_by_another_ends_whoever_reads(script: Scripted, client: Client) -> None:
    """Whoever waits for the run when it is closed gets an error, never half an answer as whole."""
    script.says(piece("Hm"), hold=True)
    chat = create(client)
    stream = chat.run_stream(tools=[add])
    reading = Background(stream.until_done)
    assert happens(script.held)
    stream.close()
    with pytest.raises(RuntimeError, match=r"was closed while|no result before the end"):
        reading.result()
    assert said(chat.messages) == [USER]
    with pytest.raises(RuntimeError, match="no result before the end"):
        _ = stream.result
