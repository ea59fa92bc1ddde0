from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import attrs
import grpc
import pytest

import xai
from tests.services.aio.helpers import collect
from tests.services.aio.rpc.reply_helpers import given_up, step
from tests.services.interop.compat import COMPLETION, LOGPROBS, CompatScript, chunk
from tests.support import SECRET_KEY
from xai import AsyncClient, AsyncStream
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
def remote(grpcio_server: "GrpcioServer") -> Iterator[AsyncClient]:
    """A client of the server made with grpcio; the hook that runs the test enters it."""
    client = AsyncClient(SECRET_KEY, api_host=grpcio_server.host)
    yield client
    # twin: sync client.close()
    assert "closed" in repr(client)


async def chunks_of(remote: AsyncClient) -> AsyncStream[ChatCompletionChunk]:
    """Ask for a streamed completion."""
    return await remote.compat.chat.completions.create(messages=HI, stream=True)


async def test_every_field_of_a_completion_is_read(
    script: CompatScript, remote: AsyncClient
) -> None:
    """Each field has the name it has in the OpenAI client, and its value."""
    found = await remote.compat.chat.completions.create(messages=HI)
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
        again = await remote.compat.chat.completions.create(messages=HI, stream=stream)
        assert again == found
    assert len(script.completion.calls) == 3
    assert script.chunks.calls == []


async def test_empty_completion_is_read(script: CompatScript, remote: AsyncClient) -> None:
    """What the server left out is empty; nothing is an error or None that must not be."""
    script.completion.says({})
    script.completion.says({"choices": [{}]})
    await remote.compat.chat.completions.create(messages=HI)
    assert await remote.compat.chat.completions.create(messages=HI) == ChatCompletion(
        *("", [], 0, "", "", ""), CompletionUsage(0, 0, 0)
    )
    found = await remote.compat.chat.completions.create(messages=HI)
    assert found.choices == [Choice("", 0, ChoiceMessage("", ""), None)]


async def test_every_field_of_a_chunk_is_read(script: CompatScript, remote: AsyncClient) -> None:
    """Chunks come one by one; the finish reason is None until there is one."""
    script.chunks.says(chunk("Hé", logprobs=LOGPROBS), chunk("y", "stop", index=1), {})
    await collect(await chunks_of(remote))
    first, second, third = await collect(await chunks_of(remote))
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


async def test_nothing_is_sent_before_the_first_chunk(
    script: CompatScript, remote: AsyncClient
) -> None:
    """The call is made by the first iteration; a closed stream makes none."""
    stream = await chunks_of(remote)
    await stream.close()
    assert await collect(stream) == []
    assert script.chunks.calls == []


async def test_stream_is_left_by_its_block(script: CompatScript, remote: AsyncClient) -> None:
    """Leaving the block, or closing, cancels the RPC; closing twice is once."""
    for close in (True, False):
        script.chunks.says(chunk("a"), hold=True)
        if close:
            # The first plan was made by the fixture.
            await collect(await chunks_of(remote))
        stream = await chunks_of(remote)
        if close:
            assert (await step(stream)).choices[0].delta.content == "a"
            await stream.close()
            await stream.close()
        else:
            async with stream as chunks:
                assert (await step(chunks)).id == "completion-2"
        assert await given_up(script.chunks.calls[-1])
        assert await collect(stream) == []


async def test_failed_call_is_raised(script: CompatScript, remote: AsyncClient) -> None:
    """Both ways of asking raise the library's errors, a stream after what came before."""
    refused = (grpc.StatusCode.INVALID_ARGUMENT, "no such model")
    script.completion.says(status=refused)
    script.chunks.says(chunk("a"), status=refused)
    await remote.compat.chat.completions.create(messages=HI)
    with pytest.raises(xai.InvalidArgumentError, match="no such model"):
        await remote.compat.chat.completions.create(messages=HI)
    await collect(await chunks_of(remote))
    stream = await chunks_of(remote)
    assert (await step(stream)).choices[0].delta.content == "a"
    with pytest.raises(xai.InvalidArgumentError, match="no such model"):
        await step(stream)
    assert await collect(stream) == []


async def test_garbage_is_an_error(script: CompatScript, remote: AsyncClient) -> None:
    """What can't be read is the server's failure, in both ways of asking."""
    script.completion.says(b"\x12\xff\xff")
    script.chunks.says(b"\x12\xff\xff")
    await remote.compat.chat.completions.create(messages=HI)
    with pytest.raises(xai.InternalServerError):
        await remote.compat.chat.completions.create(messages=HI)
    await collect(await chunks_of(remote))
    with pytest.raises(xai.InternalServerError):
        await collect(await chunks_of(remote))


async def test_streams_go_on_side_by_side(script: CompatScript, remote: AsyncClient) -> None:
    """Each stream has its own chunks."""
    streams = [await chunks_of(remote) for _ in range(4)]
    texts = [(await step(stream)).choices[0].delta.content for stream in streams]
    for stream in streams:
        texts += [item.choices[0].delta.content for item in await collect(stream)]
    assert texts == ["Hel"] * 4 + ["lo"] * 4
    assert len(script.chunks.calls) == 4
