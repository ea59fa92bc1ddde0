# Do not edit: produced by "nox -s generate" from
# tests/services/aio/prompt_ide/test_compat_results.py
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import attrs
import grpc
import pytest

import xai
from tests.services.interop.compat import COMPLETION, LOGPROBS, CompatScript, chunk
from tests.services.sync.helpers import collect
from tests.services.sync.rpc.reply_helpers import given_up, step
from tests.support import SECRET_KEY
from xai import Client, Stream
from xai.prompt_ide.compat_types import (
    ChatCompletion,
    ChatCompletionChunk,
    Choice,
    ChoiceDelta,
    ChoiceLogprobs,
    ChoiceMessage,
    ChunkChoice,
    CompletionUsage,
    MessageParam,
    TokenLogprob,
    TopLogprob,
)

if TYPE_CHECKING:
    from tests.services.interop.server import GrpcioServer

HI: Sequence[MessageParam] = [{"role": "user", "content": "Hi"}]
HE, HO = list("Hé".encode()), list(b"Ho")
READ_LOGPROBS = ChoiceLogprobs(
    content=[
        TokenLogprob(
            token="Hé",
            logprob=-0.25,
            bytes=HE,
            top_logprobs=[TopLogprob("Hé", -0.25, HE), TopLogprob("Ho", -1.5, HO)],
        ),
        TokenLogprob(token="y", logprob=-0.5, bytes=[ord("y")], top_logprobs=[]),
    ]
)


@pytest.fixture
def script(grpcio_server: "GrpcioServer") -> CompatScript:
    """The service, which always has an answer."""
    return CompatScript(grpcio_server)


@pytest.fixture
def remote(grpcio_server: "GrpcioServer") -> Iterator[Client]:
    """A client of the server made with grpcio; the hook that runs the test enters it."""
    client = Client(SECRET_KEY, api_host=grpcio_server.host)
    yield client
    client.close()


def chunks_of(remote: Client) -> Stream[ChatCompletionChunk]:
    """Ask for a streamed completion."""
    return remote.compat.chat.completions.create(messages=HI, stream=True)


def test_every_field_of_a_completion_is_read(script: CompatScript, remote: Client) -> None:
    """Each field has the name it has in the OpenAI client, and its value."""
    found = remote.compat.chat.completions.create(messages=HI)
    assert found == ChatCompletion(
        id="completion-1",
        choices=[
            Choice(
                finish_reason="stop",
                index=0,
                message=ChoiceMessage(content="Héy", role="assistant"),
                logprobs=READ_LOGPROBS,
            ),
            Choice(
                finish_reason="length",
                index=1,
                message=ChoiceMessage(content="", role="assistant"),
                logprobs=None,
            ),
        ],
        created=2**32 - 1,
        model="grok-interop",
        object="chat.completion",
        system_fingerprint="fp-1",
        usage=CompletionUsage(completion_tokens=3, prompt_tokens=5, total_tokens=8),
    )
    assert found.choices[0].message.content == COMPLETION["choices"][0]["message"]["content"]
    for stream in (False, None):
        again = remote.compat.chat.completions.create(messages=HI, stream=stream)
        assert again == found
    assert len(script.completion.calls) == 3
    assert script.chunks.calls == []


def test_empty_completion_is_read(script: CompatScript, remote: Client) -> None:
    """What the server left out is empty; nothing is an error or None that must not be."""
    script.completion.says({})
    script.completion.says({"choices": [{}]})
    remote.compat.chat.completions.create(messages=HI)
    assert remote.compat.chat.completions.create(messages=HI) == ChatCompletion(
        *("", [], 0, "", "", ""), CompletionUsage(0, 0, 0)
    )
    found = remote.compat.chat.completions.create(messages=HI)
    assert found.choices == [Choice("", 0, ChoiceMessage("", ""), None)]


def test_every_field_of_a_chunk_is_read(script: CompatScript, remote: Client) -> None:
    """Chunks come one by one; the finish reason is None until there is one."""
    script.chunks.says(chunk("Hé", logprobs=LOGPROBS), chunk("y", "stop", index=1), {})
    collect(chunks_of(remote))
    first, second, third = collect(chunks_of(remote))
    assert first == ChatCompletionChunk(
        id="completion-2",
        choices=[ChunkChoice(ChoiceDelta("Hé", "assistant"), None, 0, READ_LOGPROBS)],
        created=1_700_000_000,
        model="grok-interop",
        object="chat.completion.chunk",
        system_fingerprint="fp-2",
    )
    assert second == attrs.evolve(
        first, choices=[ChunkChoice(ChoiceDelta("y", "assistant"), "stop", 1, None)]
    )
    assert third == ChatCompletionChunk("", [], 0, "", "", "")


def test_nothing_is_sent_before_the_first_chunk(script: CompatScript, remote: Client) -> None:
    """The call is made by the first iteration; a closed stream makes none."""
    stream = chunks_of(remote)
    stream.close()
    assert collect(stream) == []
    assert script.chunks.calls == []


def test_stream_is_left_by_its_block(script: CompatScript, remote: Client) -> None:
    """Leaving the block, or closing, cancels the RPC; closing twice is once."""
    for close in (True, False):
        script.chunks.says(chunk("a"), hold=True)
        if close:
            # The first plan was made by the fixture.
            collect(chunks_of(remote))
        stream = chunks_of(remote)
        if close:
            assert step(stream).choices[0].delta.content == "a"
            stream.close()
            stream.close()
        else:
            with stream as chunks:
                assert step(chunks).id == "completion-2"
        assert given_up(script.chunks.calls[-1])
        assert collect(stream) == []


def test_failed_call_is_raised(script: CompatScript, remote: Client) -> None:
    """Both ways of asking raise the library's errors, a stream after what came before."""
    refused = (grpc.StatusCode.INVALID_ARGUMENT, "no such model")
    script.completion.says(status=refused)
    script.chunks.says(chunk("a"), status=refused)
    remote.compat.chat.completions.create(messages=HI)
    with pytest.raises(xai.InvalidArgumentError, match="no such model"):
        remote.compat.chat.completions.create(messages=HI)
    collect(chunks_of(remote))
    stream = chunks_of(remote)
    assert step(stream).choices[0].delta.content == "a"
    with pytest.raises(xai.InvalidArgumentError, match="no such model"):
        step(stream)
    assert collect(stream) == []


def test_garbage_is_an_error(script: CompatScript, remote: Client) -> None:
    """What can't be read is the server's failure, in both ways of asking."""
    script.completion.says(b"\x12\xff\xff")
    script.chunks.says(b"\x12\xff\xff")
    remote.compat.chat.completions.create(messages=HI)
    with pytest.raises(xai.InternalServerError):
        remote.compat.chat.completions.create(messages=HI)
    collect(chunks_of(remote))
    with pytest.raises(xai.InternalServerError):
        collect(chunks_of(remote))


def test_streams_go_on_side_by_side(script: CompatScript, remote: Client) -> None:
    """Each stream has its own chunks."""
    streams = [chunks_of(remote) for _ in range(4)]
    texts = [step(stream).choices[0].delta.content for stream in streams]
    for stream in streams:
        texts += [item.choices[0].delta.content for item in collect(stream)]
    assert texts == ["Hel"] * 4 + ["lo"] * 4
    assert len(script.chunks.calls) == 4
